//! North, Central and South America. The United States have a family of their own.

use super::{LETTER_BEHIND, LETTER_IN_FRONT, NUMBER, any, bare, code, digits, id, text};
use crate::detect::{
    checksum::{luhn, national as check},
    pattern::Recognizer,
    seen::Digits,
};

#[rustfmt::skip]
const SIN: &[&str] = &[
    "sin", "nas", "social insurance", "assurance sociale", "canada revenue", "cra",
];
const CPF: &[&str] = &["cpf", "cadastro de pessoas físicas", "contribuinte", "cpf mf"];
const CNPJ: &[&str] = &["cnpj", "cadastro nacional", "cgc"];
const PIS: &[&str] = &["pis", "pasep", "nis", "nit", "pis pasep"];
const CURP: &[&str] = &["curp", "clave única", "registro de población"];
const RFC: &[&str] = &["rfc", "registro federal", "contribuyentes", "sat"];
const MX_NSS: &[&str] = &["nss", "imss", "seguro social", "seguridad social"];
const RUT: &[&str] = &["rut", "run", "rol único", "cédula", "carnet"];
const CUIT: &[&str] = &["cuit", "cuil", "cuit cuil", "c u i t", "c u i l"];
const AR_DNI: &[&str] = &["dni", "d n i", "documento", "libreta"];
const CO: &[&str] = &["nit", "cédula", "cedula", "cédula de ciudadanía", "c c", "cc"];
const EC: &[&str] = &["cédula", "cedula", "ruc"];
const UY: &[&str] = &["cédula", "cedula"];
const VE: &[&str] = &["cédula", "cedula", "rif"];
const DO: &[&str] = &["cédula", "cedula"];
const PE: &[&str] = &["ruc"];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "ca_sin",
        description: "Canadian social insurance number (Service Canada)",
        patterns: &[id(0.3, NUMBER, SIN)
            .check(|s| digits(s, &["999 999 999", "999-999-999", "999999999"], check::ca_sin))],
    },
    &Recognizer {
        name: "br_cpf",
        description: "Brazilian taxpayer number of people (Receita Federal, CPF)",
        patterns: &[
            id(0.9, NUMBER, CPF).check(|s| digits(s, &["999.999.999-99"], check::br_cpf)),
            bare(CPF).check(|s| digits(s, &["99999999999", "999999999-99"], check::br_cpf)),
        ],
    },
    &Recognizer {
        name: "br_cnpj",
        description: "Brazilian taxpayer number of firms (Receita Federal, CNPJ)",
        patterns: &[
            id(0.9, NUMBER, CNPJ).check(|s| digits(s, &["99.999.999/9999-99"], check::br_cnpj)),
            bare(CNPJ).check(|s| digits(s, &["99999999999999"], check::br_cnpj)),
        ],
    },
    &Recognizer {
        name: "br_pis",
        description: "Brazilian social integration number (Caixa, PIS/PASEP/NIS)",
        patterns: &[bare(PIS).check(|s| {
            digits(s, &["999.99999.99-9", "99999999999", "999.99999.99.9"], check::br_pis)
        })],
    },
    &Recognizer {
        name: "mx_curp",
        description: "Mexican population register code (RENAPO, CURP)",
        patterns: &[code(0.9, CURP).check(|s| text(s, &["AAAA999999AAAAAA*9"], mexican))],
    },
    &Recognizer {
        name: "mx_rfc",
        description: "Mexican taxpayer register code (SAT, RFC): letters, a day, three characters",
        patterns: &[
            code(0.45, RFC).check(|s| text(s, &["AAAA999999***"], dated)),
            code(0.1, RFC).check(|s| text(s, &["AAA999999***"], dated)),
        ],
    },
    &Recognizer {
        name: "mx_nss",
        description: "Mexican social security number (IMSS, Luhn)",
        patterns: &[bare(MX_NSS)
            .check(|s| digits(s, &["99999999999", "99 99 99 9999 9", "99-99-99-9999-9"], luhn))],
    },
    &Recognizer {
        name: "cl_rut",
        description: "Chilean identity and tax number (Registro Civil, RUN/RUT)",
        patterns: &[
            id(0.85, LETTER_BEHIND, RUT).check(|s| {
                text(
                    s,
                    &["99.999.999-A", "9.999.999-A", "99.999.999-k", "9.999.999-k"],
                    check::cl_rut,
                )
            }),
            id(0.85, NUMBER, RUT)
                .check(|s| text(s, &["99.999.999-9", "9.999.999-9"], check::cl_rut)),
            id(0.2, NUMBER, RUT).check(|s| text(s, &["99999999-9", "9999999-9"], check::cl_rut)),
            id(0.2, LETTER_BEHIND, RUT)
                .check(|s| text(s, &["99999999-A", "99999999-k"], check::cl_rut)),
        ],
    },
    &Recognizer {
        name: "ar_cuit",
        description: "Argentine tax and labour numbers (ARCA, CUIT; ANSES, CUIL)",
        patterns: &[
            id(0.7, NUMBER, CUIT).check(|s| digits(s, &["99-99999999-9"], check::ar_cuit)),
            bare(CUIT).check(|s| digits(s, &["99999999999", "99 99999999 9"], check::ar_cuit)),
        ],
    },
    &Recognizer {
        name: "ar_dni",
        description: "Argentine identity document (RENAPER), in its written form",
        patterns: &[bare(AR_DNI).check(|s| any(s, &["99.999.999"]))],
    },
    &Recognizer {
        name: "co_cedula",
        description: "Colombian citizen card (Registraduría) and NIT (DIAN), in their written forms",
        patterns: &[bare(CO).check(|s| any(s, &["99.999.999", "1.999.999.999", "999.999.999-9"]))],
    },
    &Recognizer {
        name: "ec_cedula",
        description: "Ecuadorian identity card (Registro Civil, Luhn)",
        patterns: &[bare(EC).check(|s| digits(s, &["9999999999", "999999999-9"], check::ec_cedula))],
    },
    &Recognizer {
        name: "uy_cedula",
        description: "Uruguayan identity card (DNIC)",
        patterns: &[
            id(0.7, NUMBER, UY).check(|s| digits(s, &["9.999.999-9"], check::uy_ci)),
            bare(UY).check(|s| digits(s, &["99999999", "9999999-9"], check::uy_ci)),
        ],
    },
    &Recognizer {
        name: "ve_cedula",
        description: "Venezuelan identity card (SAIME) and RIF (SENIAT)",
        patterns: &[id(0.2, LETTER_IN_FRONT, VE).check(|s| {
            text(s, &["A-99.999.999", "A-9.999.999", "A-99999999", "A-99999999-9"], venezuelan)
        })],
    },
    &Recognizer {
        name: "do_cedula",
        description: "Dominican identity card (Junta Central Electoral, Luhn)",
        patterns: &[id(0.5, NUMBER, DO).check(|s| digits(s, &["999-9999999-9"], luhn))],
    },
    &Recognizer {
        name: "pe_ruc",
        description: "Peruvian taxpayer number (SUNAT, RUC)",
        patterns: &[bare(PE).check(|s| digits(s, &["99999999999"], pe_ruc))],
    },
];

/// Weights 5 4 3 2 7 … 2, modulo 11.
fn pe_ruc(d: &[u8]) -> bool {
    let sum: u32 =
        d.iter().zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|(&d, w)| u32::from(d) * w).sum();
    matches!(check::number(d, 0, 2), 10 | 15 | 17 | 20)
        && d.get(10).is_some_and(|&check| (11 - sum % 11) % 10 == u32::from(check))
}

/// A CURP holds a day and the sex, and passes its check digit.
fn mexican(text: &str) -> bool {
    let sex = text.as_bytes().get(10);
    matches!(sex, Some(b'H' | b'M' | b'X')) && dated(text) && check::mx_curp(text)
}

/// The digits begin with year, month and day.
fn dated(text: &str) -> bool {
    check::month_day(&Digits::of(text), 2)
}

fn venezuelan(text: &str) -> bool {
    text.starts_with(['V', 'E', 'J', 'G', 'P'])
}
