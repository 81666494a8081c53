//! The Nordic and Baltic countries.

use super::{alone, bare, digits, id, text};
use crate::detect::{
    checksum::national as check,
    pattern::{Accepted, Recognizer},
    seen::Seen,
};

const SE: &[&str] = &[
    "personnummer",
    "personnr",
    "pnr",
    "samordningsnummer",
    "person nummer",
    "personal number",
    "personal identity number",
];
const FI: &[&str] = &[
    "hetu",
    "henkilötunnus",
    "henkilotunnus",
    "sotu",
    "personbeteckning",
    "personal identity code",
];
const NO: &[&str] = &[
    "fødselsnummer",
    "fodselsnummer",
    "personnummer",
    "fnr",
    "d nummer",
    "fødselsnr",
    "birth number",
    "national identity",
];
const DK: &[&str] =
    &["cpr", "cpr nr", "cpr nummer", "cprnummer", "personnummer", "civil registration"];
const IS: &[&str] = &["kennitala", "kt"];
const BALTIC: &[&str] = &[
    "isikukood",
    "asmens kodas",
    "personas kods",
    "personal code",
    "national id",
    "personal identification code",
];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "se_personal_number",
        description: "Swedish personal identity and coordination numbers (Skatteverket)",
        patterns: &[
            id(
                0.6,
                r"(?-u:\b)(?:(?:19|20)[0-9]{2}|[0-9]{2})[01][0-9][0-9]{2}[+-][0-9]{4}(?-u:\b)",
                SE,
            )
            .check(|seen| digits(seen, check::se_pnr)),
            bare(r"(?-u:\b)(?:(?:19|20)[0-9]{2}|[0-9]{2})[01][0-9][0-9]{2} ?[0-9]{4}(?-u:\b)", SE)
                .check(|seen| digits(seen, check::se_pnr)),
        ],
    },
    &Recognizer {
        name: "fi_personal_identity_code",
        description: "Finnish personal identity code (DVV, with the marks of 2023)",
        patterns: &[id(
            0.9,
            r"(?-u:\b)[0-3][0-9][01][0-9]{3}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y](?-u:\b)",
            FI,
        )
        .check(|seen| text(seen, check::fi_hetu))],
    },
    &Recognizer {
        name: "no_birth_number",
        description: "Norwegian birth and D numbers (Skatteetaten)",
        patterns: &[
            id(0.7, r"(?-u:\b)[0-7][0-9][01][0-9]{3} [0-9]{5}(?-u:\b)", NO)
                .check(|seen| digits(seen, check::no_fnr)),
            id(0.3, r"(?-u:\b)[0-7][0-9][01][0-9]{8}(?-u:\b)", NO)
                .check(|seen| digits(seen, check::no_fnr)),
        ],
    },
    &Recognizer {
        name: "dk_cpr",
        description: "Danish civil registration number (CPR-kontoret; without check digit since 2007)",
        patterns: &[bare(r"(?-u:\b)[0-3][0-9][01][0-9]{3}[ -]?[0-9]{4}(?-u:\b)", DK)
            .check(|seen| digits(seen, check::dk_cpr))],
    },
    &Recognizer {
        name: "is_kennitala",
        description: "Icelandic identification number (Þjóðskrá)",
        patterns: &[bare(r"(?-u:\b)[0-7][0-9][01][0-9]{3}-?[0-9]{3}[089](?-u:\b)", IS)],
    },
    &Recognizer {
        name: "baltic_personal_code",
        description: "Estonian and Lithuanian personal codes, Latvian ones of the form DDMMYY-NNNNN",
        patterns: &[
            bare(r"(?-u:\b)[1-6][0-9]{10}(?-u:\b)", BALTIC)
                .check(|seen| digits(seen, check::ee_lt_code)),
            bare(r"(?-u:\b)[0-3][0-9]{5}-[0-9]{5}(?-u:\b)", BALTIC).check(latvian),
        ],
    },
];

/// Latvian codes given from 2017 on begin with 32 and hold no date.
fn latvian(seen: &Seen<'_>) -> Option<Accepted> {
    let d = seen.digits();
    let (day, month) = (check::number(&d, 0, 2), check::number(&d, 2, 4));
    alone(seen).filter(|_| day == 32 || check::is_day(month, day))
}
