//! North, Central and South America. The United States have a family of their own.

use super::{alone, bare, digits, id, text};
use crate::detect::{
    checksum::{luhn, national as check},
    pattern::{Accepted, Recognizer},
    seen::Seen,
};

const SIN: &[&str] =
    &["sin", "nas", "social insurance", "assurance sociale", "canada revenue", "cra"];
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
const EC: &[&str] = &["cédula", "cedula", "ci", "ruc"];
const UY: &[&str] = &["cédula", "cedula", "ci", "c i", "documento"];
const VE: &[&str] = &["cédula", "cedula", "ci", "rif"];
const PE: &[&str] = &["ruc"];

pub(super) static ALL: &[&Recognizer] = &[
    &Recognizer {
        name: "ca_sin",
        description: "Canadian social insurance number (Service Canada)",
        patterns: &[
            id(0.3, r"(?-u:\b)[1-79][0-9]{2}[ -][0-9]{3}[ -][0-9]{3}(?-u:\b)", SIN)
                .check(|seen| digits(seen, check::ca_sin)),
            bare(r"(?-u:\b)[1-79][0-9]{8}(?-u:\b)", SIN).check(|seen| digits(seen, check::ca_sin)),
        ],
    },
    &Recognizer {
        name: "br_cpf",
        description: "Brazilian taxpayer number of people (Receita Federal, CPF)",
        patterns: &[
            id(0.9, r"(?-u:\b)[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?-u:\b)", CPF)
                .check(|seen| digits(seen, check::br_cpf)),
            bare(r"(?-u:\b)[0-9]{9}-?[0-9]{2}(?-u:\b)", CPF).check(|seen| digits(seen, check::br_cpf)),
        ],
    },
    &Recognizer {
        name: "br_cnpj",
        description: "Brazilian taxpayer number of firms (Receita Federal, CNPJ)",
        patterns: &[
            id(0.9, r"(?-u:\b)[0-9]{2}\.[0-9]{3}\.[0-9]{3}/[0-9]{4}-[0-9]{2}(?-u:\b)", CNPJ)
                .check(|seen| digits(seen, check::br_cnpj)),
            bare(r"(?-u:\b)[0-9]{14}(?-u:\b)", CNPJ).check(|seen| digits(seen, check::br_cnpj)),
        ],
    },
    &Recognizer {
        name: "br_pis",
        description: "Brazilian social integration number (Caixa, PIS/PASEP/NIS)",
        patterns: &[bare(r"(?-u:\b)[0-9]{3}\.?[0-9]{5}\.?[0-9]{2}[.-]?[0-9](?-u:\b)", PIS)
            .check(|seen| digits(seen, check::br_pis))],
    },
    &Recognizer {
        name: "mx_curp",
        description: "Mexican population register code (RENAPO, CURP)",
        patterns: &[id(
            0.9,
            r"(?-u:\b)[A-Z][AEIOUX][A-Z]{2}[0-9]{2}[01][0-9][0-3][0-9][HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[A-Z0-9][0-9](?-u:\b)",
            CURP,
        )
        .check(curp)],
    },
    &Recognizer {
        name: "mx_rfc",
        description: "Mexican taxpayer register code (SAT, RFC): letters, a day, three characters",
        patterns: &[id(
            0.45,
            r"(?-u:\b)[A-Z&]{3,4}-?[0-9]{2}[01][0-9][0-3][0-9]-?[A-V1-9][A-Z1-9][0-9A](?-u:\b)",
            RFC,
        )
        .check(rfc)],
    },
    &Recognizer {
        name: "mx_nss",
        description: "Mexican social security number (IMSS, Luhn)",
        patterns: &[bare(r"(?-u:\b)[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9](?-u:\b)", MX_NSS)
            .check(|seen| digits(seen, luhn))],
    },
    &Recognizer {
        name: "cl_rut",
        description: "Chilean identity and tax number (Registro Civil, RUN/RUT)",
        patterns: &[
            id(0.85, r"(?-u:\b)[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9Kk](?-u:\b)", RUT)
                .check(|seen| text(seen, check::cl_rut)),
            bare(r"(?-u:\b)[0-9]{7,8}-?[0-9Kk](?-u:\b)", RUT).check(|seen| text(seen, check::cl_rut)),
        ],
    },
    &Recognizer {
        name: "ar_cuit",
        description: "Argentine tax and labour numbers (ARCA, CUIT; ANSES, CUIL)",
        patterns: &[
            id(0.7, r"(?-u:\b)(?:2[034567]|3[034])-[0-9]{8}-[0-9](?-u:\b)", CUIT)
                .check(|seen| digits(seen, check::ar_cuit)),
            bare(r"(?-u:\b)(?:2[034567]|3[034]) ?[0-9]{8} ?[0-9](?-u:\b)", CUIT)
                .check(|seen| digits(seen, check::ar_cuit)),
        ],
    },
    &Recognizer {
        name: "ar_dni",
        description: "Argentine identity document (RENAPER), in its written form",
        patterns: &[bare(r"(?-u:\b)[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}(?-u:\b)", AR_DNI)],
    },
    &Recognizer {
        name: "co_cedula",
        description: "Colombian citizen card (Registraduría) and NIT (DIAN), in their written forms",
        patterns: &[bare(r"(?-u:\b)(?:1\.)?[0-9]{1,3}\.[0-9]{3}\.[0-9]{3}(?:-[0-9])?(?-u:\b)", CO)],
    },
    &Recognizer {
        name: "ec_cedula",
        description: "Ecuadorian identity card (Registro Civil, Luhn)",
        patterns: &[bare(r"(?-u:\b)[0-3][0-9]{8}-?[0-9](?-u:\b)", EC).check(|seen| digits(seen, check::ec_cedula))],
    },
    &Recognizer {
        name: "uy_cedula",
        description: "Uruguayan identity card (DNIC)",
        patterns: &[
            id(0.7, r"(?-u:\b)[1-9]\.[0-9]{3}\.[0-9]{3}-[0-9](?-u:\b)", UY)
                .check(|seen| digits(seen, check::uy_ci)),
            bare(r"(?-u:\b)[1-9][0-9]{6}-?[0-9](?-u:\b)", UY).check(|seen| digits(seen, check::uy_ci)),
        ],
    },
    &Recognizer {
        name: "ve_cedula",
        description: "Venezuelan identity card (SAIME) and RIF (SENIAT)",
        patterns: &[bare(r"(?-u:\b)[VEJGP]-?[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}(?:-?[0-9])?(?-u:\b)", VE)],
    },
    &Recognizer {
        name: "do_cedula",
        description: "Dominican identity card (Junta Central Electoral, Luhn)",
        patterns: &[id(0.5, r"(?-u:\b)[0-9]{3}-[0-9]{7}-[0-9](?-u:\b)", VE).check(|seen| digits(seen, luhn))],
    },
    &Recognizer {
        name: "pe_ruc",
        description: "Peruvian taxpayer number (SUNAT, RUC)",
        patterns: &[bare(r"(?-u:\b)(?:10|15|17|20)[0-9]{9}(?-u:\b)", PE).check(|seen| digits(seen, pe_ruc))],
    },
];

/// Weights 5 4 3 2 7 … 2 modulo 11.
fn pe_ruc(d: &[u8]) -> bool {
    let sum: u32 =
        d.iter().zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|(&d, w)| u32::from(d) * w).sum();
    d.len() == 11 && d.get(10).is_some_and(|&check| (11 - sum % 11) % 10 == u32::from(check))
}

fn curp(seen: &Seen<'_>) -> Option<Accepted> {
    text(seen, check::mx_curp).filter(|_| check::month_day(&seen.digits(), 2))
}

/// Four letters are a person's: more certain than the three of a firm, which look like many codes.
fn rfc(seen: &Seen<'_>) -> Option<Accepted> {
    let letters = seen.text().bytes().take_while(|b| !b.is_ascii_digit() && *b != b'-').count();
    let accepted = alone(seen).filter(|_| check::month_day(&seen.digits(), 2))?;
    Some(if letters == 4 { accepted } else { accepted.with_score(0.1) })
}
