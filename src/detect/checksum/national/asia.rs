//! Asia, from Turkey and Israel to Japan.

use super::{all_alike, at, month_day, number, weighted};
use crate::detect::{
    checksum::{luhn, verhoeff},
    seen::Digits,
};

/// China, GB 11643: ISO/IEC 7064 MOD 11-2, weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2; the check character may be `X`.
pub(crate) fn cn_resident(text: &str) -> bool {
    let d = Digits::of(text);
    let sum = weighted(&d, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let check = (12 - sum % 11) % 11;
    let given = text.bytes().next_back().map(|b| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        _ => 10,
    });
    text.len() == 18
        && d.len() >= 17
        && (1..=8).contains(&at(&d, 0))
        && (1900..2100).contains(&number(&d, 6, 10))
        && month_day(&d, 10)
        && given == Some(check)
}

/// Hong Kong, identity card: letters from 10 on (a space counts 36), weights 9 to 1, a multiple of 11; `A` stands for ten.
pub(crate) fn hk_id(text: &str) -> bool {
    let compact: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = compact.bytes().take_while(u8::is_ascii_uppercase).count();
    let space = if letters == 1 { 36 * 9 } else { 0 };
    let last = compact.len().saturating_sub(1);
    let sum: u32 = compact
        .chars()
        .enumerate()
        .filter_map(|(place, c)| {
            let value = if place == last && c == 'A' { 10 } else { c.to_digit(36)? };
            Some(value * u32::try_from(compact.len() - place).ok()?)
        })
        .sum();
    compact.len() == letters + 7 && (sum + space).is_multiple_of(11)
}

/// Israel: Luhn from the left, over nine digits.
pub(crate) fn il_id(d: &[u8]) -> bool {
    d.len() == 9 && !all_alike(d) && luhn(d)
}

/// India, Aadhaar: does not begin with 0 or 1; Verhoeff.
pub(crate) fn in_aadhaar(d: &[u8]) -> bool {
    d.len() == 12 && at(d, 0) > 1 && !all_alike(d) && verhoeff(d)
}

/// Japan, My Number: weights 6 5 4 3 2 7 6 5 4 3 2, modulo 11.
pub(crate) fn jp_my_number(d: &[u8]) -> bool {
    let rest = weighted(d, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    d.len() == 12 && !all_alike(d) && check == at(d, 11)
}

/// South Korea, resident registration number: weights 2 … 9 2 … 5, modulo 11. Numbers given from October 2020 on have none.
pub(crate) fn kr_rrn(d: &[u8]) -> bool {
    let sum = weighted(d, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    d.len() == 13 && (11 - sum % 11) % 10 == at(d, 12)
}

/// Singapore, NRIC and FIN: weights 2 7 6 5 4 3 2, an offset by prefix, and a row of letters by prefix.
pub(crate) fn sg_nric(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let (Some(prefix), Some(check)) = (upper.chars().next(), upper.chars().next_back()) else {
        return false;
    };
    let (offset, letters): (u32, &str) = match prefix {
        'S' => (0, "JZIHGFEDCBA"),
        'T' => (4, "JZIHGFEDCBA"),
        'F' => (0, "XWUTRQPNMLK"),
        'G' => (4, "XWUTRQPNMLK"),
        'M' => (3, "XWUTRQPNJLK"),
        _ => return false,
    };
    let d = Digits::of(&upper);
    let rest = (weighted(&d, &[2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
    let expected = letters.chars().nth(usize::try_from(rest).unwrap_or(usize::MAX));
    upper.len() == 9 && d.len() == 7 && expected == Some(check)
}

/// Thailand: weights 13 to 2, modulo 11.
pub(crate) fn th_id(d: &[u8]) -> bool {
    let sum = weighted(d, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    d.len() == 13 && (1..=8).contains(&at(d, 0)) && (11 - sum % 11) % 10 == at(d, 12)
}

/// Turkey, T.C. kimlik numarası: seven times the odd places less the even ones; the sum of the first ten.
pub(crate) fn tr_kimlik(d: &[u8]) -> bool {
    let odd = weighted(d, &[7, 0, 7, 0, 7, 0, 7, 0, 7]);
    let even = weighted(d, &[0, 1, 0, 1, 0, 1, 0, 1]);
    let sum: u32 = d.iter().take(10).map(|&d| u32::from(d)).sum();
    // 80 keeps the difference above zero: `even` is at most 36.
    d.len() == 11 && at(d, 0) > 0 && (odd + 80 - even) % 10 == at(d, 9) && sum % 10 == at(d, 10)
}

/// Taiwan: the letter counts as two digits, weights 1 9 8 … 1 1, a multiple of ten.
pub(crate) fn tw_id(text: &str) -> bool {
    // In the order in which the letters were given their numbers, from ten on.
    const LETTERS: &str = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some(letter) = text.chars().next().and_then(|c| LETTERS.find(c.to_ascii_uppercase()))
    else {
        return false;
    };
    let code = u32::try_from(letter).unwrap_or_default() + 10;
    let d = Digits::of(text);
    let sum = code / 10 + code % 10 * 9 + weighted(&d, &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    d.len() == 9 && sum.is_multiple_of(10)
}

/// Emirates ID: begins with 784 and a year; Luhn.
pub(crate) fn ae_id(d: &[u8]) -> bool {
    d.len() == 15 && d.starts_with(&[7, 8, 4]) && (1900..2100).contains(&number(d, 3, 7)) && luhn(d)
}

/// Saudi Arabia: begins with 1 (citizens) or 2 (residents); Luhn.
pub(crate) fn sa_id(d: &[u8]) -> bool {
    d.len() == 10 && matches!(at(d, 0), 1 | 2) && luhn(d)
}
