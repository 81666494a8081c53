//! Spain, Portugal, Italy and Greece.

use super::{bare, digits, id, text};
use crate::detect::{
    checksum::{luhn, national as check},
    pattern::Recognizer,
};

const ES: &[&str] = &[
    "dni",
    "nif",
    "nie",
    "d n i",
    "n i f",
    "n i e",
    "documento",
    "documento nacional",
    "identidad",
    "identificación",
    "identity",
    "identity card",
    "national id",
];
const ES_FIRM: &[&str] = &["cif", "nif", "c i f", "empresa", "sociedad", "vat"];
const PT: &[&str] = &[
    "nif",
    "contribuinte",
    "número fiscal",
    "n fiscal",
    "contribuintes",
    "tax number",
    "vat",
    "tin",
];
const PT_CARD: &[&str] = &[
    "cartão de cidadão",
    "cartao de cidadao",
    "cidadão",
    "citizen card",
    "cc",
    "bilhete de identidade",
];
const IT: &[&str] =
    &["codice fiscale", "cf", "cod fisc", "c f", "fiscale", "tax code", "fiscal code"];
const IT_VAT: &[&str] = &["partita iva", "p iva", "piva", "iva", "vat"];
const GR_AMKA: &[&str] = &["amka", "αμκα", "social security"];
const GR_AFM: &[&str] = &["afm", "αφμ", "vat", "tin", "tax id", "tax number"];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "es_nif",
        description: "Spanish DNI and NIE (Ministerio del Interior, Real Decreto 1553/2005)",
        patterns: &[
            id(0.35, r"(?-u:\b)[0-9]{7,8}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z](?-u:\b)", ES)
                .check(|seen| text(seen, check::es_nif)),
            id(0.8, r"(?-u:\b)[0-9]{2}\.[0-9]{3}\.[0-9]{3}[ -]?[A-HJ-NP-TV-Z](?-u:\b)", ES)
                .check(|seen| text(seen, check::es_nif)),
            id(0.6, r"(?-u:\b)[XYZ][ -]?[0-9]{7}[ -]?[A-HJ-NP-TV-Z](?-u:\b)", ES)
                .check(|seen| text(seen, check::es_nif)),
        ],
    },
    &Recognizer {
        name: "es_cif",
        description: "Spanish tax number of firms (Orden EHA/451/2008)",
        patterns: &[id(0.1, r"(?-u:\b)[ABCDEFGHJNPQRSUVW][ -]?[0-9]{7}[0-9A-J](?-u:\b)", ES_FIRM)],
    },
    &Recognizer {
        name: "pt_nif",
        description: "Portuguese tax number (Autoridade Tributária)",
        patterns: &[bare(r"(?-u:\b)[1-35-9][0-9]{2} ?[0-9]{3} ?[0-9]{3}(?-u:\b)", PT)
            .check(|seen| digits(seen, check::pt_nif))],
    },
    &Recognizer {
        name: "pt_citizen_card",
        description: "Portuguese citizen card (Instituto dos Registos e do Notariado)",
        patterns: &[id(0.6, r"(?-u:\b)[0-9]{8} ?[0-9] ?[A-Z]{2}[0-9](?-u:\b)", PT_CARD)
            .check(|seen| text(seen, check::pt_citizen_card))],
    },
    &Recognizer {
        name: "it_fiscal_code",
        description: "Italian fiscal code (Agenzia delle Entrate, D.M. 12/03/1974 and its digit substitutes)",
        patterns: &[id(
            0.92,
            r"(?-u:\b)(?:[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]|[a-z]{6}[0-9]{2}[a-ehlmprst][0-9]{2}[a-z][0-9]{3}[a-z])(?-u:\b)",
            IT,
        )
        .check(|seen| text(seen, check::it_fiscal_code))],
    },
    &Recognizer {
        name: "it_vat",
        description: "Italian VAT number (Agenzia delle Entrate, Luhn)",
        patterns: &[bare(r"(?-u:\b)(?:IT ?)?[0-9]{11}(?-u:\b)", IT_VAT).check(|seen| digits(seen, luhn))],
    },
    &Recognizer {
        name: "gr_amka",
        description: "Greek social security number (IDIKA)",
        patterns: &[bare(r"(?-u:\b)[0-3][0-9][01][0-9]{8}(?-u:\b)", GR_AMKA)
            .check(|seen| digits(seen, check::gr_amka))],
    },
    &Recognizer {
        name: "gr_afm",
        description: "Greek tax number (AADE)",
        patterns: &[bare(r"(?-u:\b)(?:EL ?)?[0-9]{9}(?-u:\b)", GR_AFM)
            .check(|seen| digits(seen, check::gr_afm))],
    },
];
