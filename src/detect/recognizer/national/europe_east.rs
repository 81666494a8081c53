//! Central and eastern Europe, and Turkey.

use super::{LETTER_IN_FRONT, NUMBER, bare, code, digits, id, text};
use crate::detect::{checksum::national as check, pattern::Recognizer};

const PESEL: &[&str] = &["pesel", "numer pesel", "nr pesel"];
const NIP: &[&str] = &["nip", "nr nip", "vat", "podatkowy", "tax id"];
#[rustfmt::skip]
const PL_CARD: &[&str] = &[
    "dowód", "dowód osobisty", "dowodu", "dowodu osobistego", "identity card", "id card",
];
const CZ: &[&str] = &["rodné číslo", "rodne cislo", "rodného čísla", "rč", "r č", "birth number"];
const RO: &[&str] = &["cnp", "cod numeric personal", "personal numeric code"];
const BG: &[&str] = &["egn", "егн", "единен граждански номер"];
const HR: &[&str] = &["oib", "osobni identifikacijski broj"];
const JMBG: &[&str] = &["jmbg", "emšo", "emso", "matični broj", "jedinstveni matični broj", "јмбг"];
const HU: &[&str] = &["taj", "taj szám", "tajszám", "társadalombiztosítási"];
const SNILS: &[&str] = &["снилс", "snils"];
const INN: &[&str] = &["инн", "inn"];
const UA: &[&str] = &["рнокпп", "іпн", "ипн", "ідентифікаційний", "rnokpp", "itn"];
#[rustfmt::skip]
const TR: &[&str] = &[
    "tc", "t c", "tckn", "kimlik", "kimlik no", "tc kimlik", "kimlik numarası", "identity number", "turkish id",
];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "pl_pesel",
        description: "Polish population register number (Ministerstwo Cyfryzacji, PESEL)",
        patterns: &[bare(PESEL).check(|s| digits(s, &["99999999999"], check::pl_pesel))],
    },
    &Recognizer {
        name: "pl_nip",
        description: "Polish tax number (Krajowa Administracja Skarbowa, NIP)",
        patterns: &[bare(NIP).check(|s| {
            digits(
                s,
                &["9999999999", "999-999-99-99", "999-99-99-999", "999 999 99 99"],
                check::pl_nip,
            )
        })],
    },
    &Recognizer {
        name: "pl_id_card",
        description: "Polish identity card (three letters, six digits; weights 7 3 1)",
        patterns: &[
            code(0.1, PL_CARD).check(|s| text(s, &["AAA999999"], polish_card)),
            id(0.1, LETTER_IN_FRONT, PL_CARD).check(|s| text(s, &["AAA 999999"], polish_card)),
        ],
    },
    &Recognizer {
        name: "cz_birth_number",
        description: "Czech and Slovak birth number (Act 133/2000 Coll.)",
        patterns: &[
            id(0.6, NUMBER, CZ).check(|s| digits(s, &["999999/9999"], check::cz_birth_number)),
            bare(CZ).check(|s| digits(s, &["9999999999", "999999/999"], check::cz_birth_number)),
        ],
    },
    &Recognizer {
        name: "ro_cnp",
        description: "Romanian personal numeric code (Legea 105/1996, CNP)",
        patterns: &[bare(RO).check(|s| digits(s, &["9999999999999"], check::ro_cnp))],
    },
    &Recognizer {
        name: "bg_egn",
        description: "Bulgarian civil number (GRAO, EGN)",
        patterns: &[bare(BG).check(|s| digits(s, &["9999999999"], check::bg_egn))],
    },
    &Recognizer {
        name: "hr_oib",
        description: "Croatian personal identification number (Porezna uprava, OIB)",
        patterns: &[bare(HR).check(|s| digits(s, &["99999999999"], check::hr_oib))],
    },
    &Recognizer {
        name: "jmbg",
        description: "Unique citizen number of the former Yugoslav republics (JMBG, EMŠO)",
        patterns: &[bare(JMBG).check(|s| digits(s, &["9999999999999"], check::jmbg))],
    },
    &Recognizer {
        name: "hu_taj",
        description: "Hungarian social security number (NEAK, TAJ)",
        patterns: &[bare(HU)
            .check(|s| digits(s, &["999999999", "999 999 999", "999-999-999"], check::hu_taj))],
    },
    &Recognizer {
        name: "ru_snils",
        description: "Russian insurance account number (Social Fund, SNILS)",
        patterns: &[
            id(0.7, NUMBER, SNILS).check(|s| digits(s, &["999-999-999 99"], check::ru_snils)),
            bare(SNILS).check(|s| {
                digits(s, &["99999999999", "999-999-999-99", "999 999 999 99"], check::ru_snils)
            }),
        ],
    },
    &Recognizer {
        name: "ru_inn",
        description: "Russian taxpayer number (Federal Tax Service, INN)",
        patterns: &[bare(INN).check(|s| digits(s, &["9999999999", "999999999999"], check::ru_inn))],
    },
    &Recognizer {
        name: "ua_tax_number",
        description: "Ukrainian taxpayer card number (State Tax Service, RNOKPP)",
        patterns: &[bare(UA).check(|s| digits(s, &["9999999999"], check::ua_tax))],
    },
    &Recognizer {
        name: "tr_kimlik",
        description: "Turkish identity number (Nüfus ve Vatandaşlık İşleri)",
        patterns: &[bare(TR).check(|s| digits(s, &["99999999999"], check::tr_kimlik))],
    },
];

/// The first digit checks the letters and the other five: weights 7 3 1 and 7 3 1 7 3, letters from 10 on.
fn polish_card(text: &str) -> bool {
    let values: Vec<u32> = text.chars().filter_map(|c| c.to_digit(36)).collect();
    let weights = [7, 3, 1, 0, 7, 3, 1, 7, 3];
    let sum: u32 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    values.get(3) == Some(&(sum % 10))
}
