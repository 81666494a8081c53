//! Central and eastern Europe, and Turkey.

use super::{bare, digits, id};
use crate::detect::{
    checksum::national as check,
    pattern::{Accepted, Recognizer},
    seen::Seen,
};

const PESEL: &[&str] = &["pesel", "numer pesel", "nr pesel"];
const NIP: &[&str] = &["nip", "nr nip", "vat", "podatkowy", "tax id"];
const PL_CARD: &[&str] =
    &["dowód", "dowód osobisty", "dowodu", "dowodu osobistego", "identity card", "id card"];
const CZ: &[&str] = &["rodné číslo", "rodne cislo", "rodného čísla", "rč", "r č", "birth number"];
const RO: &[&str] = &["cnp", "cod numeric personal", "personal numeric code"];
const BG: &[&str] = &["egn", "егн", "единен граждански номер"];
const HR: &[&str] = &["oib", "osobni identifikacijski broj"];
const JMBG: &[&str] = &["jmbg", "emšo", "emso", "matični broj", "jedinstveni matični broj", "јмбг"];
const HU: &[&str] = &["taj", "taj szám", "tajszám", "társadalombiztosítási"];
const SNILS: &[&str] = &["снилс", "snils"];
const INN: &[&str] = &["инн", "inn"];
const UA: &[&str] = &["рнокпп", "іпн", "ипн", "ідентифікаційний", "rnokpp", "itn"];
const TR: &[&str] = &[
    "tc",
    "t c",
    "tckn",
    "kimlik",
    "kimlik no",
    "tc kimlik",
    "kimlik numarası",
    "identity number",
    "turkish id",
];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "pl_pesel",
        description: "Polish population register number (Ministerstwo Cyfryzacji, PESEL)",
        patterns: &[bare(r"(?-u:\b)[0-9]{2}[0-389][0-9][0-3][0-9]{6}(?-u:\b)", PESEL)
            .check(|seen| digits(seen, check::pl_pesel))],
    },
    &Recognizer {
        name: "pl_nip",
        description: "Polish tax number (Krajowa Administracja Skarbowa, NIP)",
        patterns: &[bare(
            r"(?-u:\b)[1-9][0-9]{2}[ -]?[0-9]{2,3}[ -]?[0-9]{2}[ -]?[0-9]{2,3}(?-u:\b)",
            NIP,
        )
        .check(|seen| digits(seen, check::pl_nip))],
    },
    &Recognizer {
        name: "pl_id_card",
        description: "Polish identity card (three letters, six digits; weights 7 3 1)",
        patterns: &[id(0.1, r"(?-u:\b)[A-Z]{3} ?[0-9]{6}(?-u:\b)", PL_CARD).check(pl_card)],
    },
    &Recognizer {
        name: "cz_birth_number",
        description: "Czech and Slovak birth number (Act 133/2000 Coll.)",
        patterns: &[
            id(0.6, r"(?-u:\b)[0-9]{2}[0-8][0-9][0-3][0-9]/[0-9]{4}(?-u:\b)", CZ)
                .check(|seen| digits(seen, check::cz_birth_number)),
            bare(r"(?-u:\b)[0-9]{2}[0-8][0-9][0-3][0-9]{5}(?-u:\b)", CZ)
                .check(|seen| digits(seen, check::cz_birth_number)),
        ],
    },
    &Recognizer {
        name: "ro_cnp",
        description: "Romanian personal numeric code (Legea 105/1996, CNP)",
        patterns: &[bare(r"(?-u:\b)[1-8][0-9]{2}[01][0-9][0-3][0-9]{7}(?-u:\b)", RO)
            .check(|seen| digits(seen, check::ro_cnp))],
    },
    &Recognizer {
        name: "bg_egn",
        description: "Bulgarian civil number (GRAO, EGN)",
        patterns: &[bare(r"(?-u:\b)[0-9]{2}[0-5][0-9][0-3][0-9]{5}(?-u:\b)", BG)
            .check(|seen| digits(seen, check::bg_egn))],
    },
    &Recognizer {
        name: "hr_oib",
        description: "Croatian personal identification number (Porezna uprava, OIB)",
        patterns: &[
            bare(r"(?-u:\b)[0-9]{11}(?-u:\b)", HR).check(|seen| digits(seen, check::hr_oib))
        ],
    },
    &Recognizer {
        name: "jmbg",
        description: "Unique citizen number of the former Yugoslav republics (JMBG, EMŠO)",
        patterns: &[bare(r"(?-u:\b)[0-3][0-9][01][0-9]{10}(?-u:\b)", JMBG)
            .check(|seen| digits(seen, check::jmbg))],
    },
    &Recognizer {
        name: "hu_taj",
        description: "Hungarian social security number (NEAK, TAJ)",
        patterns: &[bare(r"(?-u:\b)[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}(?-u:\b)", HU)
            .check(|seen| digits(seen, check::hu_taj))],
    },
    &Recognizer {
        name: "ru_snils",
        description: "Russian insurance account number (Social Fund, SNILS)",
        patterns: &[
            id(0.7, r"(?-u:\b)[0-9]{3}-[0-9]{3}-[0-9]{3} [0-9]{2}(?-u:\b)", SNILS)
                .check(|seen| digits(seen, check::ru_snils)),
            bare(r"(?-u:\b)[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{2}(?-u:\b)", SNILS)
                .check(|seen| digits(seen, check::ru_snils)),
        ],
    },
    &Recognizer {
        name: "ru_inn",
        description: "Russian taxpayer number (Federal Tax Service, INN)",
        patterns: &[bare(r"(?-u:\b)[0-9]{10}(?:[0-9]{2})?(?-u:\b)", INN)
            .check(|seen| digits(seen, check::ru_inn))],
    },
    &Recognizer {
        name: "ua_tax_number",
        description: "Ukrainian taxpayer card number (State Tax Service, RNOKPP)",
        patterns: &[
            bare(r"(?-u:\b)[0-9]{10}(?-u:\b)", UA).check(|seen| digits(seen, check::ua_tax))
        ],
    },
    &Recognizer {
        name: "tr_kimlik",
        description: "Turkish identity number (Nüfus ve Vatandaşlık İşleri)",
        patterns: &[bare(r"(?-u:\b)[1-9][0-9]{10}(?-u:\b)", TR)
            .check(|seen| digits(seen, check::tr_kimlik))],
    },
];

/// The first digit checks the letters and the other five: weights 7 3 1 and 7 3 1 7 3, letters from 10 on.
fn pl_card(seen: &Seen<'_>) -> Option<Accepted> {
    let values: Vec<u32> = seen.text().chars().filter_map(|c| c.to_digit(36)).collect();
    let weights = [7, 3, 1, 0, 7, 3, 1, 7, 3];
    let sum: u32 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    super::alone(seen).filter(|_| values.get(3) == Some(&(sum % 10)))
}
