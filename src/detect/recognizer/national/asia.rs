//! Asia, from Israel to Japan.

use super::{NUMBER, any, bare, code, digits, id, licence, text};
use crate::detect::{checksum::national as check, pattern::Recognizer};

const AADHAAR: &[&str] = &["aadhaar", "aadhar", "adhaar", "adhar", "uidai", "uid", "आधार"];
const PAN: &[&str] = &["pan", "pan card", "permanent account", "income tax", "tax"];
const VOTER: &[&str] = &["voter", "voter id", "epic", "election", "electoral"];
const GSTIN: &[&str] = &["gst", "gstin", "gst number"];
const NRIC: &[&str] = &["nric", "fin", "ic", "identity card", "singpass"];
#[rustfmt::skip]
const MYKAD: &[&str] = &[
    "mykad", "nric", "ic", "kad pengenalan", "ic no", "no kp", "identity card",
];
const NIK: &[&str] = &["nik", "ktp", "nomor induk kependudukan", "no ktp", "e ktp"];
#[rustfmt::skip]
const THAI: &[&str] = &[
    "thai", "citizen id", "national id", "บัตรประชาชน", "เลขประจำตัวประชาชน", "id card",
];
#[rustfmt::skip]
const PH: &[&str] = &[
    "philsys", "psn", "pcn", "philid", "sss", "umid", "tin", "gsis", "philhealth", "pag ibig",
];
const VN: &[&str] = &["cccd", "cmnd", "căn cước", "căn cước công dân", "chứng minh nhân dân"];
const KR: &[&str] =
    &["rrn", "주민등록번호", "주민번호", "주민", "resident registration", "외국인등록번호"];
const JP: &[&str] = &["my number", "マイナンバー", "個人番号", "個人 番号", "mynumber"];
const CN: &[&str] = &[
    "身份证",
    "身份证号",
    "身份证号码",
    "居民身份证",
    "公民身份号码",
    "identity card",
    "resident id",
];
const HK: &[&str] = &["hkid", "香港身份證", "身份證", "identity card"];
const TW: &[&str] = &["身分證", "身分證字號", "國民身分證", "national id"];
#[rustfmt::skip]
const IL: &[&str] = &[
    "teudat zehut", "תעודת זהות", "ת ז", "תז", "מספר זהות", "israeli id", "israeli",
];
const AE: &[&str] = &["emirates id", "eid", "emirates", "الهوية"];
const SA: &[&str] = &["iqama", "saudi", "national id", "هوية", "إقامة", "الهوية الوطنية"];
const PK: &[&str] = &["cnic", "nicop", "nadra"];
const DRIVING: &[&str] = &["driving licence", "driving license", "dl", "licence", "license"];
const LK: &[&str] = &["nic", "national identity", "identity card"];
const KZ: &[&str] = &["iin", "иин", "жсн"];
const IR: &[&str] = &["کد ملی", "کدملی", "code melli", "iranian"];
const BD: &[&str] = &["nid", "smart card", "national id"];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "in_aadhaar",
        description: "Indian Aadhaar number (UIDAI, Verhoeff)",
        patterns: &[bare(AADHAAR).check(|s| {
            digits(s, &["9999 9999 9999", "9999-9999-9999", "999999999999"], check::in_aadhaar)
        })],
    },
    &Recognizer {
        name: "in_pan",
        description: "Indian permanent account number (Income Tax Department)",
        patterns: &[code(0.6, PAN).check(|s| text(s, &["AAAAA9999A"], indian_pan))],
    },
    &Recognizer {
        name: "in_voter",
        description: "Indian voter card (Election Commission, EPIC)",
        patterns: &[code(0.1, VOTER).check(|s| text(s, &["AAA9999999"], any_text))],
    },
    &Recognizer {
        name: "in_gstin",
        description: "Indian goods and services tax number (GSTN): state, PAN, entity, Z, check character",
        patterns: &[code(0.8, GSTIN).check(|s| text(s, &["99AAAAA9999A*A*"], indian_gstin))],
    },
    &Recognizer {
        name: "sg_nric_fin",
        description: "Singapore NRIC and FIN (Immigration and Checkpoints Authority)",
        patterns: &[code(0.75, NRIC).check(|s| text(s, &["A9999999A"], check::sg_nric))],
    },
    &Recognizer {
        name: "my_nric",
        description: "Malaysian MyKad number (Jabatan Pendaftaran Negara): a day and a birth place",
        patterns: &[
            id(0.6, NUMBER, MYKAD).check(|s| digits(s, &["999999-99-9999"], dated_digits)),
            bare(MYKAD).check(|s| digits(s, &["999999999999", "999999 99 9999"], dated_digits)),
        ],
    },
    &Recognizer {
        name: "id_nik",
        description: "Indonesian population number (Dukcapil, NIK): district, day (women's plus 40), serial",
        patterns: &[bare(NIK).check(|s| digits(s, &["9999999999999999"], indonesian))],
    },
    &Recognizer {
        name: "th_tnin",
        description: "Thai national number (Department of Provincial Administration)",
        patterns: &[
            id(0.85, NUMBER, THAI)
                .check(|s| digits(s, &["9-9999-99999-99-9", "9 9999 99999 99 9"], check::th_id)),
            bare(THAI).check(|s| digits(s, &["9999999999999"], check::th_id)),
        ],
    },
    &Recognizer {
        name: "ph_id",
        description: "Philippine PhilSys, SSS and TIN numbers in their written forms",
        patterns: &[bare(PH).check(|s| {
            any(
                s,
                &[
                    "9999-9999-9999-9999",
                    "9999-9999999-9",
                    "99-9999999-9",
                    "99-999999999-9",
                    "999-999-999",
                    "999-999-999-999",
                    "999-999-999-99999",
                ],
            )
        })],
    },
    &Recognizer {
        name: "vn_cccd",
        description: "Vietnamese citizen card (Ministry of Public Security, Circular 59/2021)",
        patterns: &[bare(VN).check(|s| any(s, &["999999999999"]))],
    },
    &Recognizer {
        name: "kr_rrn",
        description: "South Korean resident and foreigner registration numbers (Ministry of the Interior and Safety)",
        patterns: &[
            id(0.9, NUMBER, KR).check(|s| digits(s, &["999999-9999999"], check::kr_rrn)),
            id(0.6, NUMBER, KR).check(|s| digits(s, &["999999-9999999"], dated_digits)),
            bare(KR).check(|s| digits(s, &["9999999999999", "999999 9999999"], dated_digits)),
        ],
    },
    &Recognizer {
        name: "jp_my_number",
        description: "Japanese individual number (Digital Agency, My Number)",
        patterns: &[bare(JP).check(|s| {
            digits(s, &["9999 9999 9999", "9999-9999-9999", "999999999999"], check::jp_my_number)
        })],
    },
    &Recognizer {
        name: "cn_resident_id",
        description: "Chinese resident identity number (GB 11643)",
        patterns: &[
            id(0.87, NUMBER, CN).check(|s| text(s, &["999999999999999999"], check::cn_resident)),
            code(0.87, CN).check(|s| text(s, &["99999999999999999A"], chinese)),
        ],
    },
    &Recognizer {
        name: "hk_id",
        description: "Hong Kong identity card (Immigration Department)",
        patterns: &[
            id(0.85, r"(?-u:\b)[A-Z]{1,2}[0-9]{6}\([0-9A]\)", HK)
                .check(|s| text(s, &["A999999(*)", "AA999999(*)"], check::hk_id)),
            code(0.1, HK).check(|s| text(s, &["A999999*", "AA999999*"], check::hk_id)),
        ],
    },
    &Recognizer {
        name: "tw_id",
        description: "Taiwanese national and resident numbers (Ministry of the Interior)",
        patterns: &[code(0.5, TW).check(|s| text(s, &["A999999999"], check::tw_id))],
    },
    &Recognizer {
        name: "il_id",
        description: "Israeli identity number (Population and Immigration Authority, Luhn)",
        patterns: &[bare(IL).check(|s| digits(s, &["999999999", "99999999-9"], check::il_id))],
    },
    &Recognizer {
        name: "ae_emirates_id",
        description: "Emirates ID (Federal Authority for Identity and Citizenship)",
        patterns: &[
            id(0.9, NUMBER, AE)
                .check(|s| digits(s, &["999-9999-9999999-9", "999 9999 9999999 9"], check::ae_id)),
            id(0.4, NUMBER, AE).check(|s| digits(s, &["999999999999999"], check::ae_id)),
        ],
    },
    &Recognizer {
        name: "sa_id",
        description: "Saudi national and resident numbers (Ministry of Interior, Luhn)",
        patterns: &[bare(SA).check(|s| digits(s, &["9999999999"], check::sa_id))],
    },
    &Recognizer {
        name: "pk_cnic",
        description: "Pakistani identity card (NADRA)",
        patterns: &[
            id(0.6, NUMBER, PK).check(|s| any(s, &["99999-9999999-9"])),
            bare(PK).check(|s| any(s, &["9999999999999"])),
        ],
    },
    &Recognizer {
        name: "bd_nid",
        description: "Bangladeshi national identity number (Election Commission), 10, 13 or 17 digits",
        patterns: &[
            bare(BD).check(|s| any(s, &["9999999999", "9999999999999", "99999999999999999"]))
        ],
    },
    &Recognizer {
        name: "in_driving_licence",
        description: "Indian driving licence (Sarathi): state, office, year, serial",
        patterns: &[licence(
            0.2,
            r"(?-u:\b)[A-Z]{2}[ -]?[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{7}(?-u:\b)",
            DRIVING,
        )
        .check(|s| {
            any(
                s,
                &[
                    "AA9999999999999",
                    "AA99 99999999999",
                    "AA-99-9999-9999999",
                    "AA-9999999999999",
                    "AA99-99999999999",
                ],
            )
        })],
    },
    &Recognizer {
        name: "lk_nic",
        description: "Sri Lankan identity card (Department for Registration of Persons)",
        patterns: &[code(0.2, LK).check(|s| text(s, &["999999999A"], sri_lankan))],
    },
    &Recognizer {
        name: "kz_iin",
        description: "Kazakh individual number (IIN): a day, century and sex, serial",
        patterns: &[bare(KZ).check(|s| digits(s, &["999999999999"], dated_digits))],
    },
    &Recognizer {
        name: "ir_national_code",
        description: "Iranian national code: weights 10 to 2, modulo 11",
        patterns: &[bare(IR).check(|s| digits(s, &["9999999999", "999-999999-9"], iranian))],
    },
];

/// The only letter that a check character can be is an `X`.
fn chinese(text: &str) -> bool {
    text.ends_with('X') && check::cn_resident(text)
}

/// The fourth letter tells what the holder is: P for a person.
fn indian_pan(text: &str) -> bool {
    text.as_bytes().get(3).is_some_and(|b| b"ABCFGHJLPT".contains(b))
}

/// A state, a PAN, a number among the holder's, and a `Z`.
fn indian_gstin(text: &str) -> bool {
    text.get(2..12).is_some_and(indian_pan) && text.as_bytes().get(13) == Some(&b'Z')
}

fn any_text(_: &str) -> bool {
    true
}

/// Year, month and day come first.
fn dated_digits(d: &[u8]) -> bool {
    check::month_day(d, 2)
}

/// A district, a day with 40 added for women, a serial number.
fn indonesian(d: &[u8]) -> bool {
    check::is_day(check::number(d, 8, 10), check::number(d, 6, 8) % 40)
}

fn sri_lankan(text: &str) -> bool {
    text.ends_with(['V', 'X'])
}

/// Weights 10 to 2, modulo 11.
fn iranian(d: &[u8]) -> bool {
    let sum: u32 = d.iter().zip((2..=10).rev()).map(|(&d, weight)| u32::from(d) * weight).sum();
    let rest = sum % 11;
    let expected = if rest < 2 { rest } else { 11 - rest };
    d.get(9).is_some_and(|&check| u32::from(check) == expected)
}
