//! Germany, Austria, Switzerland, France, the Low Countries, Britain and Ireland.

use super::{alone, bare, digits, id, text};
use crate::detect::{
    checksum::{luhn, national as check},
    pattern::{Accepted, Recognizer},
    seen::Seen,
};

const DE_TAX: &[&str] = &[
    "steuer id",
    "steuerid",
    "steuernummer",
    "steueridentifikationsnummer",
    "identifikationsnummer",
    "idnr",
    "steuer",
    "tin",
    "tax id",
    "tax",
];
const DE_CARD: &[&str] = &[
    "personalausweis",
    "personalausweisnummer",
    "ausweis",
    "ausweisnummer",
    "ausweisnr",
    "perso",
    "id card",
    "identity card",
    "aufenthaltstitel",
];
const DE_PENSION: &[&str] = &[
    "rentenversicherung",
    "rentenversicherungsnummer",
    "sozialversicherung",
    "sozialversicherungsnummer",
    "sv nummer",
    "rvnr",
    "svnr",
    "versicherungsnummer",
];
const AT: &[&str] = &[
    "svnr",
    "sv nummer",
    "sozialversicherungsnummer",
    "versicherungsnummer",
    "sozialversicherung",
    "e card",
    "social security",
    "insurance number",
];
const CH: &[&str] = &["ahv", "avs", "ahvn 13", "ahv nr", "ahv nummer", "oasi", "social security"];
const FR: &[&str] = &[
    "nir",
    "insee",
    "sécurité sociale",
    "securite sociale",
    "numéro de sécu",
    "sécu",
    "n ss",
    "social security",
    "carte vitale",
];
const FR_TAX: &[&str] =
    &["spi", "numéro fiscal", "numero fiscal", "fiscal", "référence fiscale", "tax id", "tin"];
const NL: &[&str] = &[
    "bsn",
    "burgerservicenummer",
    "sofinummer",
    "sofi",
    "burger service nummer",
    "citizen service number",
];
const BE: &[&str] = &[
    "rijksregister",
    "rijksregisternummer",
    "rrn",
    "insz",
    "niss",
    "registre national",
    "numéro national",
    "numéro de registre national",
    "national number",
    "nationaal nummer",
    "national register",
];
const LU: &[&str] = &["matricule", "luxembourg", "sozialversicherungsnummer", "national id"];
const IE: &[&str] = &["pps", "ppsn", "pps number", "personal public service", "rsi"];
const UTR: &[&str] =
    &["utr", "unique taxpayer reference", "self assessment", "hmrc", "tax reference"];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "de_tax_id",
        description: "German tax identification number (Bundeszentralamt für Steuern, § 139b AO)",
        patterns: &[bare(r"(?-u:\b)[1-9][0-9](?: ?[0-9]{3}){3}(?-u:\b)", DE_TAX)
            .check(|seen| digits(seen, check::de_tax_id))],
    },
    &Recognizer {
        name: "de_id_card",
        description: "German identity card (PAuswV, ICAO Doc 9303 check digit when written)",
        patterns: &[id(
            0.1,
            r"(?-u:\b)[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}[0-9]?D?(?-u:\b)",
            DE_CARD,
        )
        .check(de_card)],
    },
    &Recognizer {
        name: "de_pension_number",
        description: "German pension insurance number (Deutsche Rentenversicherung, VKVV § 2)",
        patterns: &[id(
            0.7,
            r"(?-u:\b)[0-9]{2} ?[0-9]{6} ?[A-Z] ?[0-9]{2} ?[0-9](?-u:\b)",
            DE_PENSION,
        )
        .check(|seen| text(seen, check::de_pension))],
    },
    &Recognizer {
        name: "at_svnr",
        description: "Austrian social insurance number (Dachverband der Sozialversicherungsträger)",
        patterns: &[bare(r"(?-u:\b)[1-9][0-9]{3}[ /-]?[0-9]{6}(?-u:\b)", AT)
            .check(|seen| digits(seen, check::at_svnr))],
    },
    &Recognizer {
        name: "ch_ahv",
        description: "Swiss AHV number (Zentrale Ausgleichsstelle, EAN-13)",
        patterns: &[
            id(0.9, r"(?-u:\b)756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}(?-u:\b)", CH)
                .check(|seen| digits(seen, check::ch_ahv)),
            id(0.3, r"(?-u:\b)756 ?[0-9]{4} ?[0-9]{4} ?[0-9]{2}(?-u:\b)", CH)
                .check(|seen| digits(seen, check::ch_ahv)),
        ],
    },
    &Recognizer {
        name: "fr_nir",
        description: "French social security number (INSEE, NIR)",
        patterns: &[
            id(0.9, r"(?-u:\b)[12][ .-][0-9]{2}[ .-][0-9]{2}[ .-][0-9][0-9AB][ .-][0-9]{3}[ .-][0-9]{3}[ .-][0-9]{2}(?-u:\b)", FR)
                .check(|seen| text(seen, check::fr_nir)),
            id(0.3, r"(?-u:\b)[12][0-9]{5}[0-9][0-9AB][0-9]{6} ?[0-9]{2}(?-u:\b)", FR)
                .check(|seen| text(seen, check::fr_nir)),
        ],
    },
    &Recognizer {
        name: "fr_spi",
        description: "French tax number (DGFiP, numéro SPI)",
        patterns: &[bare(r"(?-u:\b)[0-3][0-9] ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?-u:\b)", FR_TAX)
            .check(|seen| digits(seen, check::fr_spi))],
    },
    &Recognizer {
        name: "nl_bsn",
        description: "Dutch citizen service number (Rijksdienst voor Identiteitsgegevens)",
        patterns: &[bare(r"(?-u:\b)[0-9]{4}[ .]?[0-9]{2}[ .]?[0-9]{3}(?-u:\b)", NL)
            .check(|seen| digits(seen, check::nl_bsn))],
    },
    &Recognizer {
        name: "be_national_number",
        description: "Belgian national register number (FOD Binnenlandse Zaken)",
        patterns: &[
            id(0.85, r"(?-u:\b)[0-9]{2}\.[0-9]{2}\.[0-9]{2}[ -][0-9]{3}[.-][0-9]{2}(?-u:\b)", BE)
                .check(|seen| digits(seen, check::be_nrn)),
            bare(r"(?-u:\b)[0-9]{6}[ -]?[0-9]{3}[ .-]?[0-9]{2}(?-u:\b)", BE)
                .check(|seen| digits(seen, check::be_nrn)),
        ],
    },
    &Recognizer {
        name: "lu_matricule",
        description: "Luxembourg national identification number (CTIE): a date, Luhn over the first twelve digits",
        patterns: &[bare(r"(?-u:\b)(?:19|20)[0-9]{11}(?-u:\b)", LU).check(lu)],
    },
    &Recognizer {
        name: "ie_pps",
        description: "Irish personal public service number (Department of Social Protection)",
        patterns: &[id(0.3, r"(?-u:\b)[0-9]{7}[A-Wa-w][A-IWa-iw]?(?-u:\b)", IE)
            .check(|seen| text(seen, check::ie_pps))],
    },
    &Recognizer {
        name: "uk_utr",
        description: "British unique taxpayer reference (HMRC)",
        patterns: &[bare(r"(?-u:\b)[0-9]{5} ?[0-9]{5}K?(?-u:\b)", UTR)
            .check(|seen| digits(seen, check::uk_utr))],
    },
    &Recognizer {
        name: "uk_driving_licence",
        description: "British driver number (DVLA): five of the surname, the birth date with the sex in the month",
        patterns: &[id(
            0.8,
            r"(?-u:\b)[A-Z]{1,5}9{0,4}[0-9][0156][0-9][0-3][0-9][0-9][A-Z][A-Z9][A-Z0-9][A-Z]{2}(?-u:\b)",
            &["driving licence", "driver", "dvla", "licence"],
        )
        .check(uk_driver)],
    },
];

/// Serial numbers begin with the authority's letter; they hold digits, and with the check digit they pass it.
fn de_card(seen: &Seen<'_>) -> Option<Accepted> {
    let number = seen.text().trim_end_matches('D');
    let enough = number.bytes().filter(u8::is_ascii_digit).count() >= 3;
    alone(seen).filter(|_| enough && (number.len() == 9 || check::icao(number)))
}

fn lu(seen: &Seen<'_>) -> Option<Accepted> {
    let d = seen.digits();
    alone(seen).filter(|_| check::month_day(&d, 4) && luhn(&d[..12]))
}

/// Sixteen characters: a surname is filled up with nines.
fn uk_driver(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text();
    let d: Vec<u8> = text.bytes().skip(5).take(6).map(|b| b.wrapping_sub(b'0')).collect();
    let month = check::number(&d, 1, 3) % 50;
    let fits = text.len() == 16 && check::is_day(month, check::number(&d, 3, 5));
    alone(seen).filter(|_| fits)
}
