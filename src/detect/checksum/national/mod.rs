//! Check digits of the numbers that states give to people and firms. Digits come as numbers 0 to 9, in the order written.
//! One file per part of the world; what they share is here.

mod americas;
mod asia;
mod europe_east;
mod europe_west;
mod south;

pub(crate) use americas::{
    ar_cuit, br_cnpj, br_cpf, br_pis, ca_sin, cl_rut, ec_cedula, mx_curp, uy_ci,
};
pub(crate) use asia::{
    ae_id, cn_resident, hk_id, il_id, in_aadhaar, jp_my_number, kr_rrn, sa_id, sg_nric, th_id,
    tr_kimlik, tw_id,
};
pub(crate) use europe_east::{
    bg_egn, cz_birth_number, dk_cpr, ee_lt_code, fi_hetu, gr_afm, gr_amka, hr_oib, hu_taj, jmbg,
    no_fnr, pl_nip, pl_pesel, ro_cnp, ru_inn, ru_snils, se_pnr, ua_tax,
};
pub(crate) use europe_west::{
    at_svnr, be_nrn, ch_ahv, de_pension, de_tax_id, es_nif, fr_nir, fr_spi, ie_pps, it_fiscal_code,
    nl_bsn, pt_citizen_card, pt_nif, uk_utr,
};
pub(crate) use south::{au_abn, au_acn, au_medicare, au_tfn, nz_ird, za_id};

/// The sum of digits times weights, as far as both go.
fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&d, weight)| u32::from(d) * weight).sum()
}

/// The digit at `place` as a number; a value that no check digit has where there is none.
fn at(digits: &[u8], place: usize) -> u32 {
    digits.get(place).map_or(u32::MAX, |&d| u32::from(d))
}

/// The digits of `range` read as one decimal number; at most nine of them.
pub(crate) fn number(digits: &[u8], from: usize, to: usize) -> u32 {
    let part = digits.get(from..to).unwrap_or_default();
    part.iter().take(9).fold(0, |n, &d| n * 10 + u32::from(d))
}

/// All digits read as one number; at most nineteen of them.
fn whole(digits: &[u8]) -> u64 {
    digits.iter().take(19).fold(0, |n, &d| n * 10 + u64::from(d))
}

fn all_alike(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair[0] == pair[1])
}

/// Tells whether day and month exist. February has 29 days: the year is often known in two digits only.
pub(crate) fn is_day(month: u32, day: u32) -> bool {
    let last = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

/// Two digits each of day and month, beginning at `place`.
pub(crate) fn day_month(digits: &[u8], place: usize) -> bool {
    is_day(number(digits, place + 2, place + 4), number(digits, place, place + 2))
}

/// Two digits each of month and day, beginning at `place`.
pub(crate) fn month_day(digits: &[u8], place: usize) -> bool {
    is_day(number(digits, place, place + 2), number(digits, place + 2, place + 4))
}

/// ISO/IEC 7064 MOD 11,10 over all digits, the last being the check digit.
fn mod11_10(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, &d| {
        let sum = (product + u32::from(d)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == u32::from(*check)
}

/// ICAO Doc 9303 check digit: weights 7 3 1, letters from 10 on. The last character is the check digit.
pub(crate) fn icao(text: &str) -> bool {
    let Some((body, check)) = text.len().checked_sub(1).and_then(|n| text.split_at_checked(n))
    else {
        return false;
    };
    let sum: u32 = body
        .chars()
        .filter_map(|c| c.to_digit(36))
        .zip([7, 3, 1].iter().cycle())
        .map(|(value, weight)| value * weight)
        .sum();
    check.parse() == Ok(sum % 10)
}

#[cfg(test)]
mod tests;
