//! Africa, Australia and New Zealand.

use super::{NUMBER, any, bare, code, digits, id, text};
use crate::detect::{checksum::national as check, pattern::Recognizer, seen::Seen};

const TFN: &[&str] = &["tfn", "tax file", "tax file number", "ato"];
const ABN: &[&str] = &["abn", "australian business", "business number"];
const ACN: &[&str] = &["acn", "australian company", "company number"];
const MEDICARE: &[&str] = &["medicare", "medicare card", "medicare number"];
const IRD: &[&str] = &["ird", "inland revenue", "ird number"];
const NHI: &[&str] = &["nhi", "national health index"];
#[rustfmt::skip]
const ZA: &[&str] = &[
    "id number", "identity number", "id no", "rsa id", "sa id", "south african", "identiteitsnommer",
];
const NG: &[&str] = &["nin", "bvn", "national identification", "bank verification", "nimc"];
const KE: &[&str] = &["huduma", "huduma namba", "kra", "kra pin", "maisha"];
const EG: &[&str] = &["egyptian", "national id", "الرقم القومي", "رقم قومي"];
const GH: &[&str] = &["ghana card", "ghana"];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "au_tfn",
        description: "Australian tax file number (ATO)",
        patterns: &[bare(TFN)
            .check(|s| digits(s, &["999 999 999", "999-999-999", "999999999"], check::au_tfn))],
    },
    &Recognizer {
        name: "au_abn",
        description: "Australian business number (Australian Business Register)",
        patterns: &[
            id(0.5, NUMBER, ABN).check(|s| digits(s, &["99 999 999 999"], check::au_abn)),
            bare(ABN).check(|s| digits(s, &["99999999999"], check::au_abn)),
        ],
    },
    &Recognizer {
        name: "au_acn",
        description: "Australian company number (ASIC)",
        patterns: &[bare(ACN).check(|s| digits(s, &["999 999 999", "999999999"], check::au_acn))],
    },
    &Recognizer {
        name: "au_medicare",
        description: "Australian Medicare card (Services Australia)",
        patterns: &[bare(MEDICARE).check(|s| {
            digits(
                s,
                &[
                    "9999 99999 9",
                    "9999-99999-9",
                    "9999999999",
                    "99999999999",
                    "9999 99999 9/9",
                    "9999 99999 9 9",
                ],
                check::au_medicare,
            )
        })],
    },
    &Recognizer {
        name: "nz_ird",
        description: "New Zealand tax number (Inland Revenue)",
        patterns: &[bare(IRD).check(|s| {
            digits(
                s,
                &[
                    "99-999-999",
                    "999-999-999",
                    "99 999 999",
                    "999 999 999",
                    "99999999",
                    "999999999",
                ],
                check::nz_ird,
            )
        })],
    },
    &Recognizer {
        name: "nz_nhi",
        description: "New Zealand national health index (HISO 10046), old and new form",
        patterns: &[code(0.1, NHI).check(|s| text(s, &["AAA9999", "AAA99AA"], any_text))],
    },
    &Recognizer {
        name: "za_id",
        description: "South African identity number (Department of Home Affairs)",
        patterns: &[id(0.3, NUMBER, ZA).check(|s| {
            digits(s, &["9999999999999", "999999 9999 999", "999999 9999 99 9"], check::za_id)
        })],
    },
    &Recognizer {
        name: "ng_nin_bvn",
        description: "Nigerian identification (NIMC) and bank verification numbers (NIBSS)",
        patterns: &[bare(NG).check(|s| {
            any(s, &["99999999999", "9999 999 9999", "9999-999-9999"]).filter(|_| !is_mobile(s))
        })],
    },
    &Recognizer {
        name: "ke_kra_pin",
        description: "Kenyan taxpayer number (Kenya Revenue Authority)",
        patterns: &[code(0.4, KE).check(|s| text(s, &["A999999999A"], kenyan))],
    },
    &Recognizer {
        name: "eg_national_id",
        description: "Egyptian national number (Civil Status): century, day, governorate, serial",
        patterns: &[bare(EG).check(|s| digits(s, &["99999999999999"], egyptian))],
    },
    &Recognizer {
        name: "gh_card",
        description: "Ghana card (National Identification Authority)",
        patterns: &[id(0.9, r"(?-u:\b)GHA-[0-9]{9}-[0-9](?-u:\b)", GH)
            .check(|s| any(s, &["GHA-999999999-9"]))],
    },
];

/// A Nigerian mobile number, with a word for one right in front: `phone: 08031234567, bvn: …`.
fn is_mobile(seen: &Seen<'_>) -> bool {
    const WORDS: [&str; 6] = ["phone", "tel", "mobile", "whatsapp", "gsm", "cell"];
    let starts = seen.text().starts_with("07")
        || seen.text().starts_with("08")
        || seen.text().starts_with("09");
    let left = seen.left().trim_end_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    let last: Vec<&str> = left.rsplit(|c: char| !c.is_alphanumeric()).take(2).collect();
    starts && last.iter().any(|word| WORDS.contains(word))
}

fn any_text(_: &str) -> bool {
    true
}

fn kenyan(text: &str) -> bool {
    text.starts_with(['A', 'P'])
}

/// A century, year, month and day.
fn egyptian(d: &[u8]) -> bool {
    matches!(d.first(), Some(2 | 3)) && check::month_day(d, 3)
}
