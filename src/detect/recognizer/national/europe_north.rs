//! The Nordic and Baltic countries.

use super::{NUMBER, bare, digits, id, text};
use crate::detect::{checksum::national as check, pattern::Recognizer};

#[rustfmt::skip]
const SE: &[&str] = &[
    "personnummer", "personnr", "pnr", "samordningsnummer", "person nummer", "personal number",
    "personal identity number",
];
#[rustfmt::skip]
const FI: &[&str] = &[
    "hetu", "henkilötunnus", "henkilotunnus", "sotu", "personbeteckning", "personal identity code",
];
#[rustfmt::skip]
const NO: &[&str] = &[
    "fødselsnummer", "fodselsnummer", "personnummer", "fnr", "d nummer", "fødselsnr", "birth number",
    "national identity",
];
#[rustfmt::skip]
const DK: &[&str] = &[
    "cpr", "cpr nr", "cpr nummer", "cprnummer", "personnummer", "civil registration",
];
const IS: &[&str] = &["kennitala", "kt"];
#[rustfmt::skip]
const BALTIC: &[&str] = &[
    "isikukood", "asmens kodas", "personas kods", "personal code", "national id", "personal identification code",
];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "se_personal_number",
        description: "Swedish personal identity and coordination numbers (Skatteverket)",
        patterns: &[
            id(0.6, NUMBER, SE)
                .check(|s| digits(s, &["999999-9999", "99999999-9999"], check::se_pnr)),
            bare(SE).check(|s| {
                digits(
                    s,
                    &["9999999999", "999999999999", "999999 9999", "99999999 9999"],
                    check::se_pnr,
                )
            }),
        ],
    },
    &Recognizer {
        name: "fi_personal_identity_code",
        description: "Finnish personal identity code (DVV, with the marks of 2023)",
        patterns: &[id(0.9, r"(?-u:\b)[0-9]{6}[-+A-Z][0-9]{3}[0-9A-Z](?-u:\b)", FI)
            .check(|s| text(s, &["999999-999*", "999999+999*", "999999A999*"], check::fi_hetu))],
    },
    &Recognizer {
        name: "no_birth_number",
        description: "Norwegian birth and D numbers (Skatteetaten)",
        patterns: &[
            id(0.7, NUMBER, NO).check(|s| digits(s, &["999999 99999"], check::no_fnr)),
            id(0.3, NUMBER, NO).check(|s| digits(s, &["99999999999"], check::no_fnr)),
        ],
    },
    &Recognizer {
        name: "dk_cpr",
        description: "Danish civil registration number (CPR-kontoret; without check digit since 2007)",
        patterns: &[bare(DK)
            .check(|s| digits(s, &["999999-9999", "999999 9999", "9999999999"], check::dk_cpr))],
    },
    &Recognizer {
        name: "is_kennitala",
        description: "Icelandic identification number (Þjóðskrá)",
        patterns: &[bare(IS).check(|s| digits(s, &["999999-9999", "9999999999"], icelandic))],
    },
    &Recognizer {
        name: "baltic_personal_code",
        description: "Estonian and Lithuanian personal codes, Latvian ones of the form DDMMYY-NNNNN",
        patterns: &[
            bare(BALTIC).check(|s| digits(s, &["99999999999"], check::ee_lt_code)),
            bare(BALTIC).check(|s| digits(s, &["999999-99999"], latvian)),
        ],
    },
];

/// A day, a check digit in the ninth place (weights 3 2 7 6 5 4 3 2, modulo 11), and the century.
fn icelandic(d: &[u8]) -> bool {
    let sum: u32 =
        d.iter().zip([3, 2, 7, 6, 5, 4, 3, 2]).map(|(&d, weight)| u32::from(d) * weight).sum();
    let check = u32::from(d.get(8).copied().unwrap_or_default());
    check::day_month(d, 0) && (11 - sum % 11) % 11 == check && matches!(d.last(), Some(0 | 8 | 9))
}

/// Codes given from 2017 on begin with 32 and hold no date.
fn latvian(d: &[u8]) -> bool {
    check::number(d, 0, 2) == 32 || check::day_month(d, 0)
}
