//! Germany, Austria, Switzerland, France, the Low Countries, Britain and Ireland.

use super::{CODE, NUMBER, bare, code, digits, id, licence, text};
use crate::detect::{
    checksum::{luhn, national as check},
    pattern::Recognizer,
    seen::Digits,
};

#[rustfmt::skip]
const DE_TAX: &[&str] = &[
    "steuer id", "steuerid", "steuernummer", "steueridentifikationsnummer", "identifikationsnummer", "idnr", "id nr", "steuer",
    "tin", "tax id", "tax",
];
#[rustfmt::skip]
const DE_CARD: &[&str] = &[
    "personalausweis", "personalausweisnummer", "ausweis", "ausweisnummer", "ausweisnr", "perso", "id card",
    "identity card", "aufenthaltstitel",
];
#[rustfmt::skip]
const DE_PENSION: &[&str] = &[
    "rentenversicherung", "rentenversicherungsnummer", "sozialversicherung", "sozialversicherungsnummer", "sv nummer",
    "rvnr", "svnr", "versicherungsnummer",
];
#[rustfmt::skip]
const AT: &[&str] = &[
    "svnr", "sv nummer", "sozialversicherungsnummer", "versicherungsnummer", "sozialversicherung", "e card",
    "social security", "insurance number",
];
const AT_UID: &[&str] =
    &["uid", "uid nr", "uid nummer", "umsatzsteuer", "ust id", "ust idnr", "vat"];
const CH: &[&str] = &["ahv", "avs", "ahvn 13", "ahv nr", "ahv nummer", "oasi", "social security"];
#[rustfmt::skip]
const FR: &[&str] = &[
    "nir", "insee", "sécurité sociale", "securite sociale", "numéro de sécu", "sécu", "n ss", "social security",
    "carte vitale",
];
#[rustfmt::skip]
const FR_TAX: &[&str] = &[
    "spi", "numéro fiscal", "numero fiscal", "fiscal", "référence fiscale", "tax id", "tin",
];
#[rustfmt::skip]
const NL: &[&str] = &[
    "bsn", "burgerservicenummer", "sofinummer", "sofi", "burger service nummer", "citizen service number",
];
#[rustfmt::skip]
const BE: &[&str] = &[
    "rijksregister", "rijksregisternummer", "rrn", "insz", "niss", "registre national", "numéro national",
    "numéro de registre national", "national number", "nationaal nummer", "national register",
];
const LU: &[&str] = &["matricule", "luxembourg", "sozialversicherungsnummer", "national id"];
const IE: &[&str] = &["pps", "ppsn", "pps number", "personal public service", "rsi"];
const DVLA: &[&str] = &["driving licence", "driver", "dvla", "licence"];
#[rustfmt::skip]
const UTR: &[&str] = &[
    "utr", "unique taxpayer reference", "self assessment", "hmrc", "tax reference",
];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "de_tax_id",
        description: "German tax identification number (Bundeszentralamt für Steuern, § 139b AO)",
        patterns: &[
            bare(DE_TAX).check(|s| digits(s, &["99999999999", "99 999 999 999"], check::de_tax_id))
        ],
    },
    &Recognizer {
        name: "de_id_card",
        description: "German identity card (PAuswV, ICAO Doc 9303 check digit when written)",
        patterns: &[code(0.1, DE_CARD)
            .check(|s| text(s, &["A********", "A*********", "A*********D"], de_card))],
    },
    &Recognizer {
        name: "de_pension_number",
        description: "German pension insurance number (Deutsche Rentenversicherung, VKVV § 2)",
        patterns: &[
            code(0.7, DE_PENSION).check(|s| text(s, &["99999999A999"], check::de_pension)),
            id(0.7, r"(?-u:\b)[0-9]{2} [0-9]{6} [A-Z] [0-9]{2} ?[0-9](?-u:\b)", DE_PENSION)
                .check(|s| text(s, &["99 999999 A 999", "99 999999 A 99 9"], check::de_pension)),
        ],
    },
    &Recognizer {
        name: "at_svnr",
        description: "Austrian social insurance number (Dachverband der Sozialversicherungsträger)",
        patterns: &[bare(AT).check(|s| {
            digits(s, &["9999999999", "9999 999999", "9999-999999", "9999/999999"], check::at_svnr)
        })],
    },
    &Recognizer {
        name: "at_uid",
        description: "Austrian VAT number (Bundesministerium für Finanzen): ATU, seven digits, a check digit",
        patterns: &[id(0.8, r"(?-u:\b)ATU ?[0-9]{4} ?[0-9]{4}(?-u:\b)", AT_UID)
            .check(|s| text(s, &["AAA99999999", "AAA 9999 9999", "AAA 99999999"], austrian_vat))],
    },
    &Recognizer {
        name: "ch_ahv",
        description: "Swiss AHV number (Zentrale Ausgleichsstelle, EAN-13)",
        patterns: &[
            id(0.9, NUMBER, CH).check(|s| digits(s, &["999.9999.9999.99"], check::ch_ahv)),
            bare(CH).check(|s| digits(s, &["9999999999999", "999 9999 9999 99"], check::ch_ahv)),
        ],
    },
    &Recognizer {
        name: "fr_nir",
        description: "French social security number (INSEE, NIR)",
        patterns: &[
            id(0.9, NUMBER, FR).check(|s| {
                text(
                    s,
                    &["9 99 99 99 999 999 99", "9.99.99.99.999.999.99", "9-99-99-99-999-999-99"],
                    check::fr_nir,
                )
            }),
            id(0.3, NUMBER, FR)
                .check(|s| text(s, &["999999999999999", "9999999999999 99"], check::fr_nir)),
            code(0.3, FR).check(|s| text(s, &["999999A99999999"], check::fr_nir)),
        ],
    },
    &Recognizer {
        name: "fr_spi",
        description: "French tax number (DGFiP, numéro SPI)",
        patterns: &[bare(FR_TAX)
            .check(|s| digits(s, &["9999999999999", "99 99 999 999 999"], check::fr_spi))],
    },
    &Recognizer {
        name: "nl_bsn",
        description: "Dutch citizen service number (Rijksdienst voor Identiteitsgegevens)",
        patterns: &[bare(NL).check(|s| {
            digits(s, &["999999999", "9999 99 999", "9999.99.999", "999 999 999"], check::nl_bsn)
        })],
    },
    &Recognizer {
        name: "be_national_number",
        description: "Belgian national register number (FOD Binnenlandse Zaken)",
        patterns: &[
            id(0.85, NUMBER, BE).check(|s| {
                digits(s, &["99.99.99-999.99", "99.99.99 999.99", "99.99.99-999-99"], check::be_nrn)
            }),
            bare(BE).check(|s| {
                digits(
                    s,
                    &[
                        "99999999999",
                        "999999-999-99",
                        "999999-999.99",
                        "999999 999 99",
                        "999999-99999",
                    ],
                    check::be_nrn,
                )
            }),
        ],
    },
    &Recognizer {
        name: "lu_matricule",
        description: "Luxembourg national identification number (CTIE): a date, Luhn over the first twelve digits",
        patterns: &[bare(LU).check(|s| digits(s, &["9999999999999"], luxembourgish))],
    },
    &Recognizer {
        name: "ie_pps",
        description: "Irish personal public service number (Department of Social Protection)",
        patterns: &[code(0.3, IE).check(|s| text(s, &["9999999A", "9999999AA"], check::ie_pps))],
    },
    &Recognizer {
        name: "uk_utr",
        description: "British unique taxpayer reference (HMRC)",
        patterns: &[bare(UTR).check(|s| digits(s, &["9999999999", "99999 99999"], check::uk_utr))],
    },
    &Recognizer {
        name: "uk_driving_licence",
        description: "British driver number (DVLA): five of the surname, the birth date with the sex in the month",
        patterns: &[
            licence(0.8, CODE, DVLA).check(|s| text(s, &["*****999999A**AA"], british_driver))
        ],
    },
];

/// Serial numbers begin with the authority's letter and hold digits, no vowels; with a check digit they pass it.
fn de_card(text: &str) -> bool {
    let number = text.strip_suffix('D').unwrap_or(text);
    let known = number.bytes().all(|b| b"CFGHJKLMNPRTVWXYZ0123456789".contains(&b));
    let enough = number.bytes().filter(u8::is_ascii_digit).count() >= 3;
    known && enough && (number.len() == 9 || check::icao(number))
}

/// Every second digit doubled and its digits added; what is missing from 96 to ten.
fn austrian_vat(text: &str) -> bool {
    let d = Digits::of(text);
    let doubled = |digit: u8| u32::from(digit) * 2 / 10 + u32::from(digit) * 2 % 10;
    let sum: u32 = d
        .iter()
        .take(7)
        .enumerate()
        .map(|(nth, &digit)| if nth % 2 == 1 { doubled(digit) } else { u32::from(digit) })
        .sum();
    d.len() == 8 && (96 - sum) % 10 == u32::from(d[7])
}

/// A day, and Luhn over the first twelve digits.
fn luxembourgish(d: &[u8]) -> bool {
    matches!(check::number(d, 0, 2), 19 | 20)
        && check::month_day(d, 4)
        && luhn(d.get(..12).unwrap_or_default())
}

/// A surname filled up with nines, the birth date with 50 added to the month of women, initials.
fn british_driver(text: &str) -> bool {
    let (name, rest) = text.split_at_checked(5).unwrap_or_default();
    let d = Digits::of(rest.get(..6).unwrap_or_default());
    let letters = name.trim_end_matches('9');
    d.len() == 6
        && !letters.is_empty()
        && letters.bytes().all(|b| b.is_ascii_uppercase())
        && check::is_day(check::number(&d, 1, 3) % 50, check::number(&d, 3, 5))
}
