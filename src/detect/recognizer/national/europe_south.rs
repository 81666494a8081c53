//! Spain, Portugal, Italy and Greece.

use super::{LETTER_BEHIND, LETTER_IN_FRONT, bare, code, digits, id, text};
use crate::detect::{
    checksum::{luhn, national as check},
    pattern::Recognizer,
    seen::Digits,
};

#[rustfmt::skip]
const ES: &[&str] = &[
    "dni", "nif", "nie", "d n i", "n i f", "n i e", "documento", "documento nacional", "identidad", "identificación",
    "identity", "identity card", "national id",
];
const ES_FIRM: &[&str] = &["cif", "nif", "c i f", "empresa", "sociedad", "vat"];
#[rustfmt::skip]
const PT: &[&str] = &[
    "nif", "contribuinte", "número fiscal", "n fiscal", "contribuintes", "tax number", "vat", "tin",
];
#[rustfmt::skip]
const PT_CARD: &[&str] = &[
    "cartão de cidadão", "cartao de cidadao", "cidadão", "citizen card", "cc", "bilhete de identidade",
];
#[rustfmt::skip]
const IT: &[&str] = &[
    "codice fiscale", "cf", "cod fisc", "c f", "fiscale", "tax code", "fiscal code",
];
const IT_VAT: &[&str] = &["partita iva", "p iva", "piva", "iva", "vat"];
const GR_AMKA: &[&str] = &["amka", "αμκα", "social security"];
const GR_AFM: &[&str] = &["afm", "αφμ", "vat", "tin", "tax id", "tax number"];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "es_nif",
        description: "Spanish DNI and NIE (Ministerio del Interior, Real Decreto 1553/2005)",
        patterns: &[
            code(0.35, ES).check(|s| text(s, &["99999999A", "9999999A"], check::es_nif)),
            code(0.6, ES).check(|s| text(s, &["A9999999A"], spanish_foreigner)),
            id(0.35, LETTER_BEHIND, ES)
                .check(|s| text(s, &["99999999-A", "99999999 A"], check::es_nif)),
            id(0.8, LETTER_BEHIND, ES).check(|s| {
                text(s, &["99.999.999-A", "99.999.999 A", "99.999.999A"], check::es_nif)
            }),
            id(0.6, LETTER_IN_FRONT, ES)
                .check(|s| text(s, &["A-9999999-A", "A 9999999 A", "A-9999999A"], check::es_nif)),
        ],
    },
    &Recognizer {
        name: "es_cif",
        description: "Spanish tax number of firms (Orden EHA/451/2008)",
        patterns: &[
            code(0.1, ES_FIRM).check(|s| text(s, &["A9999999*"], spanish_firm)),
            id(0.1, LETTER_IN_FRONT, ES_FIRM).check(|s| text(s, &["A-99999999"], spanish_firm)),
        ],
    },
    &Recognizer {
        name: "pt_nif",
        description: "Portuguese tax number (Autoridade Tributária)",
        patterns: &[bare(PT).check(|s| digits(s, &["999999999", "999 999 999"], check::pt_nif))],
    },
    &Recognizer {
        name: "pt_citizen_card",
        description: "Portuguese citizen card (Instituto dos Registos e do Notariado)",
        patterns: &[
            code(0.6, PT_CARD).check(|s| text(s, &["999999999AA9"], check::pt_citizen_card)),
            id(0.6, r"(?-u:\b)[0-9]{8} [0-9] [A-Z]{2}[0-9](?-u:\b)", PT_CARD)
                .check(|s| text(s, &["99999999 9 AA9"], check::pt_citizen_card)),
        ],
    },
    &Recognizer {
        name: "it_fiscal_code",
        description: "Italian fiscal code (Agenzia delle Entrate, D.M. 12/03/1974 and its digit substitutes)",
        patterns: &[code(0.92, IT).check(|s| text(s, &["AAAAAA**A**A***A"], italian))],
    },
    &Recognizer {
        name: "it_vat",
        description: "Italian VAT number (Agenzia delle Entrate, Luhn)",
        patterns: &[
            bare(IT_VAT).check(|s| digits(s, &["99999999999"], luhn)),
            code(0.3, IT_VAT).check(|s| text(s, &["AA99999999999"], italian_vat)),
        ],
    },
    &Recognizer {
        name: "gr_amka",
        description: "Greek social security number (IDIKA)",
        patterns: &[bare(GR_AMKA).check(|s| digits(s, &["99999999999"], check::gr_amka))],
    },
    &Recognizer {
        name: "gr_afm",
        description: "Greek tax number (AADE)",
        patterns: &[bare(GR_AFM).check(|s| digits(s, &["999999999"], check::gr_afm))],
    },
];

fn spanish_foreigner(text: &str) -> bool {
    text.starts_with(['X', 'Y', 'Z']) && check::es_nif(text)
}

/// The check character is a digit or a letter: Luhn over the seven digits, counted from the left.
fn spanish_firm(text: &str) -> bool {
    let compact: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let Some((&check, body)) = compact.split_last() else { return false };
    let digits = Digits::of(text);
    let Some(body) = digits.get(..7).filter(|_| body.len() == 8) else { return false };
    let mut whole = body.to_vec();
    let value =
        if check.is_ascii_digit() { check - b'0' } else { check.wrapping_sub(b'A' - 1) % 10 };
    whole.push(value);
    b"ABCDEFGHJNPQRSUVW".contains(&compact[0]) && check <= b'J' && luhn(&whole)
}

/// The letter in the middle is a month's; letters stand for digits only where two people would have the same code.
fn italian(text: &str) -> bool {
    let month = text.as_bytes().get(8).is_some_and(|b| b"ABCDEHLMPRST".contains(b));
    month && Digits::of(text).len() >= 4 && check::it_fiscal_code(text)
}

fn italian_vat(text: &str) -> bool {
    text.starts_with("IT") && luhn(&Digits::of(text))
}
