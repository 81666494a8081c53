//! Western and southern Europe.

use super::{all_alike, at, day_month, is_day, mod11_10, number, weighted, whole};
use crate::detect::seen::Digits;

/// Austria, Sozialversicherungsnummer: weights 3 7 9 · 5 8 4 2 1 6, the fourth digit is the remainder modulo 11.
pub(crate) fn at_svnr(d: &[u8]) -> bool {
    let sum = weighted(d, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    d.len() == 10 && at(d, 0) > 0 && sum % 11 == at(d, 3) && day_month(d, 4)
}

/// Belgium, rijksregisternummer: 97 minus the first nine digits modulo 97, with a 2 in front for births from 2000 on.
pub(crate) fn be_nrn(d: &[u8]) -> bool {
    let body = u64::from(number(d, 0, 9));
    let check = u64::from(number(d, 9, 11));
    let fits = |n: u64| 97 - n % 97 == check;
    // Foreigners' numbers have 20 or 40 added to the month.
    let month = number(d, 2, 4) % 20;
    d.len() == 11
        && (month == 0 || is_day(month, number(d, 4, 6).max(1)))
        && (fits(body) || fits(2_000_000_000 + body))
}

/// Switzerland, AHV number: EAN-13 that begins with 756.
pub(crate) fn ch_ahv(d: &[u8]) -> bool {
    let sum = weighted(d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
    d.len() == 13 && d.starts_with(&[7, 5, 6]) && sum.is_multiple_of(10)
}

/// Germany, Steuerliche Identifikationsnummer: MOD 11,10; one of the first ten digits stands twice or three times.
pub(crate) fn de_tax_id(d: &[u8]) -> bool {
    let mut counts = [0; 10];
    for &digit in d.iter().take(10) {
        counts[usize::from(digit % 10)] += 1;
    }
    let repeated = counts.iter().filter(|&&n| n > 1).count();
    let most = counts.iter().max();
    d.len() == 11 && at(d, 0) > 0 && repeated == 1 && matches!(most, Some(2 | 3)) && mod11_10(d)
}

/// Germany, pension insurance number: the letter counts as two digits, digit sums with weights 2 1 2 5 7 1 2 1 2 1 2 1.
pub(crate) fn de_pension(text: &str) -> bool {
    let mut values = Vec::with_capacity(13);
    for b in text.bytes().filter(u8::is_ascii_alphanumeric) {
        match b {
            b'0'..=b'9' => values.push(b - b'0'),
            _ => {
                let letter = b.to_ascii_uppercase() - b'A' + 1;
                values.extend([letter / 10, letter % 10]);
            }
        }
    }
    let sum: u32 = values
        .iter()
        .zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(&v, weight)| u32::from(v) * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    values.len() == 13 && day_month(&values, 2) && sum % 10 == at(&values, 12)
}

/// Spain, DNI and NIE: the number modulo 23 chooses the letter; `X`, `Y`, `Z` in front count as 0, 1, 2.
pub(crate) fn es_nif(text: &str) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let compact: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    let Some((letter, body)) = compact.split_last().filter(|_| compact.len() == 9) else {
        return false;
    };
    let number = body.iter().enumerate().try_fold(0usize, |n, (place, &b)| match b {
        b'0'..=b'9' => Some(n * 10 + usize::from(b - b'0')),
        b'X'..=b'Z' if place == 0 => Some(usize::from(b - b'X')),
        _ => None,
    });
    number.is_some_and(|n| LETTERS[n % 23] == *letter)
}

/// France, NIR: 97 minus the number modulo 97; Corsica's `2A` and `2B` count as 19 and 18.
pub(crate) fn fr_nir(text: &str) -> bool {
    let compact: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let upper = compact.to_ascii_uppercase().replacen("2A", "19", 1).replacen("2B", "18", 1);
    let d = Digits::of(&upper);
    let month = number(&d, 3, 5);
    d.len() == 15
        && upper.len() == 15
        && matches!(month, 1..=12 | 20..=42 | 50..=99)
        && 97 - whole(d.get(..13).unwrap_or_default()) % 97 == u64::from(number(&d, 13, 15))
}

/// France, numéro fiscal (SPI): the first ten digits modulo 511 are the last three.
pub(crate) fn fr_spi(d: &[u8]) -> bool {
    let body = whole(d.get(..10).unwrap_or_default());
    d.len() == 13 && at(d, 0) < 4 && body % 511 == u64::from(number(d, 10, 13))
}

/// Ireland, PPS number: weights 8 to 2, and 9 for the second letter, modulo 23 choose the check letter.
pub(crate) fn ie_pps(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let d = Digits::of(&upper);
    let mut letters = upper.bytes().filter(u8::is_ascii_uppercase).map(|b| u32::from(b - b'A') + 1);
    let (check, second) = (letters.next(), letters.next());
    // `W` once stood for the second number of a couple and does not count.
    let second = second.filter(|&s| s != 23).unwrap_or_default();
    let sum = weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) + 9 * second;
    d.len() == 7 && check == Some(if sum.is_multiple_of(23) { 23 } else { sum % 23 })
}

/// Italy, codice fiscale (D.M. 12/03/1974): odd places by a table, even ones by value, modulo 26.
pub(crate) fn it_fiscal_code(text: &str) -> bool {
    const ODD: [u32; 36] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3,
        6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
    ];
    let value = |place: usize, b: u8| {
        let value = char::from(b).to_digit(36).unwrap_or_default();
        match place % 2 {
            0 => ODD[value as usize],
            _ if value >= 10 => value - 10,
            _ => value,
        }
    };
    let Some((check, body)) = text.as_bytes().split_last() else { return false };
    let sum: u32 = body.iter().enumerate().map(|(place, &b)| value(place, b)).sum();
    text.len() == 16 && u32::from(check.to_ascii_uppercase().wrapping_sub(b'A')) == sum % 26
}

/// Netherlands, burgerservicenummer: weights 9 to 2 and -1, a multiple of 11.
pub(crate) fn nl_bsn(d: &[u8]) -> bool {
    let sum = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2]);
    d.len() == 9 && !all_alike(d) && sum % 11 == at(d, 8)
}

/// Portugal, NIF: weights 9 to 2, modulo 11.
pub(crate) fn pt_nif(d: &[u8]) -> bool {
    let sum = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2]);
    let check = if sum % 11 < 2 { 0 } else { 11 - sum % 11 };
    d.len() == 9 && !matches!(at(d, 0), 0 | 4) && !all_alike(d) && check == at(d, 8)
}

/// Portugal, cartão de cidadão: Luhn over letters and digits, letters from 10 on.
pub(crate) fn pt_citizen_card(text: &str) -> bool {
    let values: Vec<u32> = text.chars().filter_map(|c| c.to_digit(36)).collect();
    let sum: u32 = values
        .iter()
        .enumerate()
        .map(|(place, &v)| match (place % 2, v * 2) {
            (0, doubled) if doubled > 9 => doubled - 9,
            (0, doubled) => doubled,
            _ => v,
        })
        .sum();
    values.len() == 12 && sum.is_multiple_of(10)
}

/// United Kingdom, unique taxpayer reference: the first digit checks the others, weights 6 7 8 9 10 5 4 3 2.
pub(crate) fn uk_utr(d: &[u8]) -> bool {
    const CHECKS: [u32; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let sum = weighted(d.get(1..).unwrap_or_default(), &[6, 7, 8, 9, 10, 5, 4, 3, 2]);
    d.len() == 10 && !all_alike(d) && CHECKS[(sum % 11) as usize] == at(d, 0)
}
