//! Africa, Australia and New Zealand.

use super::{alone, bare, digits, id};
use crate::detect::{
    checksum::national as check,
    pattern::{Accepted, Recognizer},
    seen::Seen,
};

const TFN: &[&str] = &["tfn", "tax file", "tax file number", "ato"];
const ABN: &[&str] = &["abn", "australian business", "business number"];
const ACN: &[&str] = &["acn", "australian company", "company number"];
const MEDICARE: &[&str] = &["medicare", "medicare card", "medicare number"];
const IRD: &[&str] = &["ird", "inland revenue", "ird number"];
const NHI: &[&str] = &["nhi", "national health index"];
const ZA: &[&str] = &[
    "id number",
    "identity number",
    "id no",
    "rsa id",
    "sa id",
    "south african",
    "identiteitsnommer",
];
const NG: &[&str] = &["nin", "bvn", "national identification", "bank verification", "nimc"];
const KE: &[&str] = &["huduma", "huduma namba", "kra", "kra pin", "maisha"];
const EG: &[&str] = &["egyptian", "national id", "الرقم القومي", "رقم قومي"];
const GH: &[&str] = &["ghana card", "ghana"];
const MA: &[&str] = &["cin", "cnie", "carte nationale", "بطاقة التعريف"];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "au_tfn",
        description: "Australian tax file number (ATO)",
        patterns: &[bare(r"(?-u:\b)[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}(?-u:\b)", TFN)
            .check(|seen| digits(seen, check::au_tfn))],
    },
    &Recognizer {
        name: "au_abn",
        description: "Australian business number (Australian Business Register)",
        patterns: &[
            id(0.5, r"(?-u:\b)[1-9][0-9] [0-9]{3} [0-9]{3} [0-9]{3}(?-u:\b)", ABN)
                .check(|seen| digits(seen, check::au_abn)),
            bare(r"(?-u:\b)[1-9][0-9]{10}(?-u:\b)", ABN).check(|seen| digits(seen, check::au_abn)),
        ],
    },
    &Recognizer {
        name: "au_acn",
        description: "Australian company number (ASIC)",
        patterns: &[bare(r"(?-u:\b)[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?-u:\b)", ACN)
            .check(|seen| digits(seen, check::au_acn))],
    },
    &Recognizer {
        name: "au_medicare",
        description: "Australian Medicare card (Services Australia)",
        patterns: &[bare(
            r"(?-u:\b)[2-6][0-9]{3}[ -]?[0-9]{5}[ -]?[0-9](?:[ /-]?[0-9])?(?-u:\b)",
            MEDICARE,
        )
        .check(|seen| digits(seen, check::au_medicare))],
    },
    &Recognizer {
        name: "nz_ird",
        description: "New Zealand tax number (Inland Revenue)",
        patterns: &[bare(r"(?-u:\b)[0-9]{2,3}[ -]?[0-9]{3}[ -]?[0-9]{3}(?-u:\b)", IRD)
            .check(|seen| digits(seen, check::nz_ird))],
    },
    &Recognizer {
        name: "nz_nhi",
        description: "New Zealand national health index (HISO 10046), old and new form",
        patterns: &[id(
            0.1,
            r"(?-u:\b)[A-HJ-NP-Z]{3}(?:[0-9]{4}|[0-9]{2}[A-HJ-NP-Z]{2})(?-u:\b)",
            NHI,
        )],
    },
    &Recognizer {
        name: "za_id",
        description: "South African identity number (Department of Home Affairs)",
        patterns: &[id(
            0.3,
            r"(?-u:\b)[0-9]{2}[01][0-9][0-3][0-9] ?[0-9]{4} ?[0-2][0-9] ?[0-9](?-u:\b)",
            ZA,
        )
        .check(|seen| digits(seen, check::za_id))],
    },
    &Recognizer {
        name: "ng_nin_bvn",
        description: "Nigerian identification (NIMC) and bank verification numbers (NIBSS)",
        patterns: &[bare(r"(?-u:\b)[1-9][0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}(?-u:\b)", NG)],
    },
    &Recognizer {
        name: "ke_kra_pin",
        description: "Kenyan taxpayer number (Kenya Revenue Authority)",
        patterns: &[id(0.4, r"(?-u:\b)[AP][0-9]{9}[A-Z](?-u:\b)", KE)],
    },
    &Recognizer {
        name: "eg_national_id",
        description: "Egyptian national number (Civil Status): century, day, governorate, serial",
        patterns: &[
            bare(r"(?-u:\b)[23][0-9]{2}[01][0-9][0-3][0-9][0-3][0-9]{6}(?-u:\b)", EG).check(eg)
        ],
    },
    &Recognizer {
        name: "gh_card",
        description: "Ghana card (National Identification Authority)",
        patterns: &[id(0.9, r"(?-u:\b)GHA-[0-9]{9}-[0-9](?-u:\b)", GH)],
    },
    &Recognizer {
        name: "ma_cin",
        description: "Moroccan identity card (DGSN)",
        patterns: &[id(0.1, r"(?-u:\b)[A-Z]{1,2}[0-9]{5,6}(?-u:\b)", MA)],
    },
];

fn eg(seen: &Seen<'_>) -> Option<Accepted> {
    alone(seen).filter(|_| check::month_day(&seen.digits(), 3))
}
