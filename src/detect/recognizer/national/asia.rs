//! Asia, from Israel to Japan.

use super::{alone, bare, digits, id, text};
use crate::detect::{
    checksum::national as check,
    pattern::{Accepted, Recognizer},
    seen::Seen,
};

const AADHAAR: &[&str] = &["aadhaar", "aadhar", "adhaar", "adhar", "uidai", "uid", "आधार"];
const PAN: &[&str] = &["pan", "pan card", "permanent account", "income tax", "tax"];
const VOTER: &[&str] = &["voter", "voter id", "epic", "election", "electoral"];
const GSTIN: &[&str] = &["gst", "gstin", "gst number"];
const NRIC: &[&str] = &["nric", "fin", "ic", "identity card", "singpass"];
const MYKAD: &[&str] =
    &["mykad", "nric", "ic", "kad pengenalan", "ic no", "no kp", "identity card"];
const NIK: &[&str] = &["nik", "ktp", "nomor induk kependudukan", "no ktp", "e ktp"];
const THAI: &[&str] =
    &["thai", "citizen id", "national id", "บัตรประชาชน", "เลขประจำตัวประชาชน", "id card"];
const PH: &[&str] =
    &["philsys", "psn", "pcn", "philid", "sss", "umid", "tin", "gsis", "philhealth", "pag ibig"];
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
const IL: &[&str] =
    &["teudat zehut", "תעודת זהות", "ת ז", "תז", "מספר זהות", "israeli id", "israeli"];
const AE: &[&str] = &["emirates id", "eid", "emirates", "الهوية"];
const SA: &[&str] = &["iqama", "saudi", "national id", "هوية", "إقامة", "الهوية الوطنية"];
const PK: &[&str] = &["cnic", "nicop", "nadra"];
const BD: &[&str] = &["nid", "smart card", "national id"];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "in_aadhaar",
        description: "Indian Aadhaar number (UIDAI, Verhoeff)",
        patterns: &[bare(r"(?-u:\b)[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}(?-u:\b)", AADHAAR)
            .check(|seen| digits(seen, check::in_aadhaar))],
    },
    &Recognizer {
        name: "in_pan",
        description: "Indian permanent account number (Income Tax Department)",
        patterns: &[id(0.6, r"(?-u:\b)[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z](?-u:\b)", PAN)],
    },
    &Recognizer {
        name: "in_voter",
        description: "Indian voter card (Election Commission, EPIC)",
        patterns: &[id(0.1, r"(?-u:\b)[A-Z]{3}[0-9]{7}(?-u:\b)", VOTER)],
    },
    &Recognizer {
        name: "in_gstin",
        description: "Indian goods and services tax number (GSTN): state, PAN, entity, Z, check character",
        patterns: &[id(
            0.8,
            r"(?-u:\b)[0-3][0-9][A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z](?-u:\b)",
            GSTIN,
        )],
    },
    &Recognizer {
        name: "sg_nric_fin",
        description: "Singapore NRIC and FIN (Immigration and Checkpoints Authority)",
        patterns: &[id(0.75, r"(?-u:\b)[STFGMstfgm][0-9]{7}[A-Za-z](?-u:\b)", NRIC)
            .check(|seen| text(seen, check::sg_nric))],
    },
    &Recognizer {
        name: "my_nric",
        description: "Malaysian MyKad number (Jabatan Pendaftaran Negara): a day and a birth place",
        patterns: &[
            id(0.6, r"(?-u:\b)[0-9]{2}[01][0-9][0-3][0-9]-[0-9]{2}-[0-9]{4}(?-u:\b)", MYKAD)
                .check(dated_first),
            bare(r"(?-u:\b)[0-9]{2}[01][0-9][0-3][0-9] ?[0-9]{2} ?[0-9]{4}(?-u:\b)", MYKAD)
                .check(dated_first),
        ],
    },
    &Recognizer {
        name: "id_nik",
        description: "Indonesian population number (Dukcapil, NIK): district, day (women's plus 40), serial",
        patterns: &[bare(r"(?-u:\b)[1-9][0-9]{5}[0-7][0-9][01][0-9]{7}(?-u:\b)", NIK).check(nik)],
    },
    &Recognizer {
        name: "th_tnin",
        description: "Thai national number (Department of Provincial Administration)",
        patterns: &[
            id(0.85, r"(?-u:\b)[1-8][ -][0-9]{4}[ -][0-9]{5}[ -][0-9]{2}[ -][0-9](?-u:\b)", THAI)
                .check(|seen| digits(seen, check::th_id)),
            bare(r"(?-u:\b)[1-8][0-9]{12}(?-u:\b)", THAI).check(|seen| digits(seen, check::th_id)),
        ],
    },
    &Recognizer {
        name: "ph_id",
        description: "Philippine PhilSys, SSS and TIN numbers in their written forms",
        patterns: &[bare(
            r"(?-u:\b)(?:[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{4}|[0-9]{4}-[0-9]{7}-[0-9]|[0-9]{2}-[0-9]{7}-[0-9]|[0-9]{2}-[0-9]{9}-[0-9]|[0-9]{3}-[0-9]{3}-[0-9]{3}(?:-[0-9]{3,5})?)(?-u:\b)",
            PH,
        )],
    },
    &Recognizer {
        name: "vn_cccd",
        description: "Vietnamese citizen card (Ministry of Public Security, Circular 59/2021)",
        patterns: &[bare(r"(?-u:\b)0[0-9]{2}[0-9][0-9]{8}(?-u:\b)", VN)],
    },
    &Recognizer {
        name: "kr_rrn",
        description: "South Korean resident and foreigner registration numbers (Ministry of the Interior and Safety)",
        patterns: &[
            id(0.6, r"(?-u:\b)[0-9]{2}[01][0-9][0-3][0-9]-[1-8][0-9]{6}(?-u:\b)", KR).check(kr),
            bare(r"(?-u:\b)[0-9]{2}[01][0-9][0-3][0-9] ?[1-8][0-9]{6}(?-u:\b)", KR)
                .check(dated_first),
        ],
    },
    &Recognizer {
        name: "jp_my_number",
        description: "Japanese individual number (Digital Agency, My Number)",
        patterns: &[bare(r"(?-u:\b)[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}(?-u:\b)", JP)
            .check(|seen| digits(seen, check::jp_my_number))],
    },
    &Recognizer {
        name: "cn_resident_id",
        description: "Chinese resident identity number (GB 11643)",
        patterns: &[id(
            0.87,
            r"(?-u:\b)[1-8][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9Xx](?-u:\b)",
            CN,
        )
        .check(|seen| text(seen, check::cn_resident))],
    },
    &Recognizer {
        name: "hk_id",
        description: "Hong Kong identity card (Immigration Department)",
        patterns: &[
            id(0.85, r"(?-u:\b)[A-Z]{1,2}[0-9]{6}\([0-9A]\)", HK)
                .check(|seen| text(seen, check::hk_id)),
            id(0.1, r"(?-u:\b)[A-Z]{1,2}[0-9]{6}[0-9A](?-u:\b)", HK)
                .check(|seen| text(seen, check::hk_id)),
        ],
    },
    &Recognizer {
        name: "tw_id",
        description: "Taiwanese national and resident numbers (Ministry of the Interior)",
        patterns: &[id(0.5, r"(?-u:\b)[A-Z][1289][0-9]{8}(?-u:\b)", TW)
            .check(|seen| text(seen, check::tw_id))],
    },
    &Recognizer {
        name: "il_id",
        description: "Israeli identity number (Population and Immigration Authority, Luhn)",
        patterns: &[
            bare(r"(?-u:\b)[0-9]{8}-?[0-9](?-u:\b)", IL).check(|seen| digits(seen, check::il_id))
        ],
    },
    &Recognizer {
        name: "ae_emirates_id",
        description: "Emirates ID (Federal Authority for Identity and Citizenship)",
        patterns: &[
            id(0.9, r"(?-u:\b)784[ -][0-9]{4}[ -][0-9]{7}[ -][0-9](?-u:\b)", AE)
                .check(|seen| digits(seen, check::ae_id)),
            id(0.4, r"(?-u:\b)784[0-9]{12}(?-u:\b)", AE).check(|seen| digits(seen, check::ae_id)),
        ],
    },
    &Recognizer {
        name: "sa_id",
        description: "Saudi national and resident numbers (Ministry of Interior, Luhn)",
        patterns: &[
            bare(r"(?-u:\b)[12][0-9]{9}(?-u:\b)", SA).check(|seen| digits(seen, check::sa_id))
        ],
    },
    &Recognizer {
        name: "pk_cnic",
        description: "Pakistani identity card (NADRA)",
        patterns: &[
            id(0.7, r"(?-u:\b)[1-7][0-9]{4}-[0-9]{7}-[0-9](?-u:\b)", PK),
            bare(r"(?-u:\b)[1-7][0-9]{12}(?-u:\b)", PK),
        ],
    },
    &Recognizer {
        name: "bd_nid",
        description: "Bangladeshi national identity number (Election Commission), 10, 13 or 17 digits",
        patterns: &[bare(r"(?-u:\b)[0-9]{10}(?:[0-9]{3}){0,1}(?:[0-9]{4}){0,1}(?-u:\b)", BD)],
    },
    &Recognizer {
        name: "in_driving_licence",
        description: "Indian driving licence (Sarathi): state, office, year, serial",
        patterns: &[id(
            0.2,
            r"(?-u:\b)[A-Z]{2}[ -]?[0-9]{2}[ -]?(?:19|20)[0-9]{2}[ -]?[0-9]{7}(?-u:\b)",
            &["driving licence", "driving license", "dl", "licence", "license"],
        )],
    },
    &Recognizer {
        name: "lk_nic",
        description: "Sri Lankan identity card (Department for Registration of Persons)",
        patterns: &[id(
            0.2,
            r"(?-u:\b)[0-9]{9}[VXvx](?-u:\b)",
            &["nic", "national identity", "identity card"],
        )],
    },
    &Recognizer {
        name: "kz_iin",
        description: "Kazakh individual number (IIN): a day, century and sex, serial",
        patterns: &[bare(
            r"(?-u:\b)[0-9]{2}[01][0-9][0-3][0-9][0-6][0-9]{5}(?-u:\b)",
            &["iin", "иин", "жсн"],
        )
        .check(dated_first)],
    },
    &Recognizer {
        name: "ir_national_code",
        description: "Iranian national code: weights 10 to 2, modulo 11",
        patterns: &[bare(
            r"(?-u:\b)[0-9]{3}-?[0-9]{6}-?[0-9](?-u:\b)",
            &["کد ملی", "کدملی", "code melli", "iranian"],
        )
        .check(|seen| digits(seen, iranian))],
    },
];

/// Year, month and day come first.
fn dated_first(seen: &Seen<'_>) -> Option<Accepted> {
    alone(seen).filter(|_| check::month_day(&seen.digits(), 2))
}

/// A right check digit makes it certain; numbers given since October 2020 have none.
fn kr(seen: &Seen<'_>) -> Option<Accepted> {
    let valid = check::kr_rrn(&seen.digits());
    dated_first(seen).map(|accepted| if valid { accepted.with_score(0.9) } else { accepted })
}

fn nik(seen: &Seen<'_>) -> Option<Accepted> {
    let d = seen.digits();
    let (day, month) = (check::number(&d, 6, 8) % 40, check::number(&d, 8, 10));
    alone(seen).filter(|_| check::is_day(month, day))
}

fn iranian(d: &[u8]) -> bool {
    let sum: u32 = d.iter().zip((2..=10).rev()).map(|(&d, weight)| u32::from(d) * weight).sum();
    let rest = sum % 11;
    let expected = if rest < 2 { rest } else { 11 - rest };
    d.len() == 10 && d.get(9).is_some_and(|&check| u32::from(check) == expected)
}
