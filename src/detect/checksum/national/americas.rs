//! North and South America.

use super::{all_alike, at, number, weighted};
use crate::detect::checksum::luhn;

/// Brazil, CPF: two check digits, weights from 10 and 11 down.
pub(crate) fn br_cpf(d: &[u8]) -> bool {
    let first = weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10;
    let second = weighted(d, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10;
    d.len() == 11 && !all_alike(d) && first == at(d, 9) && second == at(d, 10)
}

/// Brazil, CNPJ: two check digits, weights 5 4 3 2 9 … 2 and 6 5 4 3 2 9 … 2.
pub(crate) fn br_cnpj(d: &[u8]) -> bool {
    let first = weighted(d, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10;
    let second = weighted(d, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10;
    d.len() == 14 && !all_alike(d) && first == at(d, 12) && second == at(d, 13)
}

/// Brazil, PIS/NIS: weights 3 2 9 … 2.
pub(crate) fn br_pis(d: &[u8]) -> bool {
    let check = (11 - weighted(d, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10;
    d.len() == 11 && !all_alike(d) && check == at(d, 10)
}

/// Canada, social insurance number: Luhn; no number begins with 8, and those with 0 are for taxes.
pub(crate) fn ca_sin(d: &[u8]) -> bool {
    d.len() == 9 && at(d, 0) != 8 && !all_alike(d) && luhn(d)
}

/// Chile, RUT: weights 2 to 7 from the right, modulo 11, with `K` for ten.
pub(crate) fn cl_rut(text: &str) -> bool {
    let compact: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let Some((check, body)) = compact.split_last() else { return false };
    let sum: u32 = body
        .iter()
        .rev()
        .zip((2..=7).cycle())
        .map(|(b, weight)| u32::from(b.wrapping_sub(b'0')) * weight)
        .sum();
    let expected = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        digit => u8::try_from(digit).unwrap_or_default() + b'0',
    };
    (7..=8).contains(&body.len())
        && body.iter().all(u8::is_ascii_digit)
        && check.eq_ignore_ascii_case(&expected)
}

/// Argentina, CUIT and CUIL: weights 5 4 3 2 7 … 2, modulo 11.
pub(crate) fn ar_cuit(d: &[u8]) -> bool {
    let sum = weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let known = matches!(number(d, 0, 2), 20 | 23..=27 | 30 | 33 | 34);
    d.len() == 11 && known && (11 - sum % 11) % 11 == at(d, 10)
}

/// Mexico, CURP: values of a 37 letter alphabet with `Ñ`, weights 18 to 2, modulo 10.
pub(crate) fn mx_curp(text: &str) -> bool {
    // Behind `N` every letter counts one more, for the `Ñ` between.
    let value = |b: u8| {
        let v = char::from(b).to_digit(36).unwrap_or_default();
        if v > 23 { v + 1 } else { v }
    };
    let sum: u32 =
        text.bytes().take(17).zip((2..=18).rev()).map(|(b, weight)| value(b) * weight).sum();
    let check = text.as_bytes().get(17).map(|b| u32::from(b.wrapping_sub(b'0')));
    text.len() == 18 && check == Some((10 - sum % 10) % 10)
}

/// Uruguay, cédula: weights 2 9 8 7 6 3 4, the check digit fills up to ten.
pub(crate) fn uy_ci(d: &[u8]) -> bool {
    let sum = weighted(d, &[2, 9, 8, 7, 6, 3, 4]);
    d.len() == 8 && !all_alike(d) && (10 - sum % 10) % 10 == at(d, 7)
}

/// Ecuador, cédula: Luhn; a province from 01 to 24 or 30.
pub(crate) fn ec_cedula(d: &[u8]) -> bool {
    d.len() == 10 && matches!(number(d, 0, 2), 1..=24 | 30) && at(d, 2) < 6 && luhn(d)
}
