//! Southern Africa and Oceania.

use super::{all_alike, at, month_day, weighted, whole};
use crate::detect::checksum::luhn;

/// Australia, business number: one is taken from the first digit, weights 10 1 3 … 19, a multiple of 89.
pub(crate) fn au_abn(d: &[u8]) -> bool {
    let sum = weighted(d, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    d.len() == 11 && at(d, 0) > 0 && sum.checked_sub(10).is_some_and(|s| s.is_multiple_of(89))
}

/// Australia, company number: weights 8 to 1, the check digit fills up to ten.
pub(crate) fn au_acn(d: &[u8]) -> bool {
    let sum = weighted(d, &[8, 7, 6, 5, 4, 3, 2, 1]);
    d.len() == 9 && !all_alike(d) && (10 - sum % 10) % 10 == at(d, 8)
}

/// Australia, Medicare card: begins with 2 to 6; weights 1 3 7 9 1 3 7 9, the ninth digit is the remainder modulo ten.
pub(crate) fn au_medicare(d: &[u8]) -> bool {
    let sum = weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9]);
    matches!(d.len(), 10 | 11) && (2..=6).contains(&at(d, 0)) && sum % 10 == at(d, 8)
}

/// Australia, tax file number: weights 1 4 3 7 5 8 6 9 10, a multiple of eleven.
pub(crate) fn au_tfn(d: &[u8]) -> bool {
    let sum = weighted(d, &[1, 4, 3, 7, 5, 8, 6, 9, 10]);
    d.len() == 9 && !all_alike(d) && sum.is_multiple_of(11)
}

/// New Zealand, IRD number: weights 3 2 7 6 5 4 3 2, or 7 4 3 2 5 2 7 6 where those leave ten, modulo 11.
pub(crate) fn nz_ird(d: &[u8]) -> bool {
    let mut padded = [0; 9];
    for (slot, digit) in padded.iter_mut().rev().zip(d.iter().rev()) {
        *slot = *digit;
    }
    let check = |weights: &[u32]| (11 - weighted(&padded, weights) % 11) % 11;
    let first = check(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let check = if first == 10 { check(&[7, 4, 3, 2, 5, 2, 7, 6]) } else { first };
    (10_000_000..150_000_000).contains(&whole(d))
        && matches!(d.len(), 8 | 9)
        && check == at(&padded, 8)
}

/// South Africa: a day, citizenship 0 to 2, Luhn.
pub(crate) fn za_id(d: &[u8]) -> bool {
    d.len() == 13 && month_day(d, 2) && at(d, 10) <= 2 && luhn(d)
}
