//! Check digits of the numbers that states give to people and firms. Digits come as numbers 0 to 9, in the order written.

use super::{luhn, verhoeff};
use crate::detect::seen::Digits;

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

/// Austria, Sozialversicherungsnummer: weights 3 7 9 · 5 8 4 2 1 6, the fourth digit is the remainder modulo 11.
pub(crate) fn at_svnr(d: &[u8]) -> bool {
    let sum = weighted(d, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    d.len() == 10 && at(d, 0) > 0 && sum % 11 == at(d, 3) && day_month(d, 4)
}

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

/// Bulgaria, EGN: weights 2 4 8 5 10 9 7 3 6, modulo 11, modulo 10.
pub(crate) fn bg_egn(d: &[u8]) -> bool {
    let sum = weighted(d, &[2, 4, 8, 5, 10, 9, 7, 3, 6]);
    // 20 is added to the month for births before 1900, 40 from 2000 on.
    let month = number(d, 2, 4) % 20;
    d.len() == 10 && is_day(month, number(d, 4, 6)) && sum % 11 % 10 == at(d, 9)
}

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
    d.len() == 9 && !matches!(at(d, 0), 0 | 8) && !all_alike(d) && luhn(d)
}

/// Switzerland, AHV number: EAN-13 that begins with 756.
pub(crate) fn ch_ahv(d: &[u8]) -> bool {
    let sum = weighted(d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
    d.len() == 13 && d.starts_with(&[7, 5, 6]) && sum.is_multiple_of(10)
}

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

/// Czechia and Slovakia, rodné číslo: ten digits are a multiple of eleven (or leave ten, with 0 as last digit).
pub(crate) fn cz_birth_number(d: &[u8]) -> bool {
    // 50 is added to the month for women, and 20 where the day's numbers ran out.
    let month = number(d, 2, 4) % 50 % 20;
    let n = whole(d);
    let checked = n.is_multiple_of(11) || (n / 10 % 11 == 10 && n.is_multiple_of(10));
    d.len() == 10 && is_day(month, number(d, 4, 6)) && checked
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

/// Denmark, CPR: a day; the check digit is no longer given to all.
pub(crate) fn dk_cpr(d: &[u8]) -> bool {
    d.len() == 10 && day_month(d, 0)
}

/// Estonia and Lithuania: weights 1 … 9 1, then 3 … 9 1 2 3, modulo 11.
pub(crate) fn ee_lt_code(d: &[u8]) -> bool {
    let first = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(d, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
    let check = if first == 10 { second } else { first };
    d.len() == 11 && (1..=6).contains(&at(d, 0)) && month_day(d, 3) && check == at(d, 10)
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

/// Finland, henkilötunnus: day, month, year and individual number modulo 31 choose the last character.
pub(crate) fn fi_hetu(text: &str) -> bool {
    const LETTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let (Some(date), Some(serial), Some(check)) =
        (text.get(..6), text.get(7..10), text.as_bytes().get(10))
    else {
        return false;
    };
    let number: Option<usize> = format!("{date}{serial}").parse().ok();
    let digits = Digits::of(date);
    day_month(&digits, 0) && number.is_some_and(|n| LETTERS[n % 31] == check.to_ascii_uppercase())
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

/// Greece, AMKA: a day, and Luhn.
pub(crate) fn gr_amka(d: &[u8]) -> bool {
    d.len() == 11 && day_month(d, 0) && luhn(d)
}

/// Greece, AFM: powers of two from 256 down, modulo 11, modulo 10.
pub(crate) fn gr_afm(d: &[u8]) -> bool {
    let sum = weighted(d, &[256, 128, 64, 32, 16, 8, 4, 2]);
    d.len() == 9 && !all_alike(d) && sum % 11 % 10 == at(d, 8)
}

/// Croatia, OIB: MOD 11,10.
pub(crate) fn hr_oib(d: &[u8]) -> bool {
    d.len() == 11 && mod11_10(d)
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

/// Hungary, TAJ: weights 3 and 7 in turn, modulo 10.
pub(crate) fn hu_taj(d: &[u8]) -> bool {
    let sum = weighted(d, &[3, 7, 3, 7, 3, 7, 3, 7]);
    d.len() == 9 && !all_alike(d) && sum % 10 == at(d, 8)
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

/// Israel: Luhn from the left, over nine digits.
pub(crate) fn il_id(d: &[u8]) -> bool {
    d.len() == 9 && !all_alike(d) && luhn(d)
}

/// India, Aadhaar: does not begin with 0 or 1; Verhoeff.
pub(crate) fn in_aadhaar(d: &[u8]) -> bool {
    d.len() == 12 && at(d, 0) > 1 && !all_alike(d) && verhoeff(d)
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

/// Netherlands, burgerservicenummer: weights 9 to 2 and -1, a multiple of 11.
pub(crate) fn nl_bsn(d: &[u8]) -> bool {
    let sum = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2]);
    d.len() == 9 && !all_alike(d) && sum % 11 == at(d, 8)
}

/// Norway, fødselsnummer: two check digits modulo 11. D-numbers have 40 added to the day.
pub(crate) fn no_fnr(d: &[u8]) -> bool {
    let first = (11 - weighted(d, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11;
    let second = (11 - weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    d.len() == 11
        && is_day(number(d, 2, 4), number(d, 0, 2) % 40)
        && first == at(d, 9)
        && second == at(d, 10)
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

/// Poland, PESEL: weights 1 3 7 9 …, the check digit fills up to ten. The century is in the month.
pub(crate) fn pl_pesel(d: &[u8]) -> bool {
    let sum = weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    let month = number(d, 2, 4) % 20;
    d.len() == 11 && is_day(month, number(d, 4, 6)) && (10 - sum % 10) % 10 == at(d, 10)
}

/// Poland, NIP: weights 6 5 7 2 3 4 5 6 7, modulo 11.
pub(crate) fn pl_nip(d: &[u8]) -> bool {
    let sum = weighted(d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]);
    d.len() == 10 && !all_alike(d) && sum % 11 == at(d, 9)
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

/// Romania, CNP: weights 2 7 9 1 4 6 3 5 8 2 7 9, modulo 11, where ten counts as one.
pub(crate) fn ro_cnp(d: &[u8]) -> bool {
    let rest = weighted(d, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let check = if rest == 10 { 1 } else { rest };
    d.len() == 13 && (1..=8).contains(&at(d, 0)) && month_day(d, 3) && check == at(d, 12)
}

/// Former Yugoslavia, JMBG: weights 7 6 5 4 3 2 twice, modulo 11.
pub(crate) fn jmbg(d: &[u8]) -> bool {
    let sum = weighted(d, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let check = (11 - sum % 11) % 11;
    d.len() == 13 && day_month(d, 0) && matches!(at(d, 4), 0 | 9) && check == at(d, 12)
}

/// Russia, SNILS: weights 9 to 1, modulo 101, where 100 counts as 0.
pub(crate) fn ru_snils(d: &[u8]) -> bool {
    let sum = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    d.len() == 11 && sum % 101 % 100 == number(d, 9, 11)
}

/// Russia, INN: ten digits for firms with one check digit, twelve for people with two.
pub(crate) fn ru_inn(d: &[u8]) -> bool {
    let check = |weights: &[u32]| weighted(d, weights) % 11 % 10;
    match d.len() {
        10 => check(&[2, 4, 10, 3, 5, 9, 4, 6, 8]) == at(d, 9),
        12 => {
            check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == at(d, 10)
                && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == at(d, 11)
        }
        _ => false,
    }
}

/// Sweden, personnummer: Luhn over the last ten digits. Coordination numbers have 60 added to the day.
pub(crate) fn se_pnr(d: &[u8]) -> bool {
    let Some(short) = d.len().checked_sub(10).and_then(|from| d.get(from..)) else { return false };
    let century = matches!(d.len(), 10) || (d.len() == 12 && matches!(number(d, 0, 2), 18..=20));
    century && is_day(number(short, 2, 4), number(short, 4, 6) % 60) && luhn(short)
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

/// Ukraine, taxpayer number: weights -1 5 7 9 4 6 10 5 7, modulo 11, modulo 10.
pub(crate) fn ua_tax(d: &[u8]) -> bool {
    // Ten is -1 modulo 11.
    let sum = weighted(d, &[10, 5, 7, 9, 4, 6, 10, 5, 7]);
    d.len() == 10 && !all_alike(d) && sum % 11 % 10 == at(d, 9)
}

/// United Kingdom, unique taxpayer reference: the first digit checks the others, weights 6 7 8 9 10 5 4 3 2.
pub(crate) fn uk_utr(d: &[u8]) -> bool {
    const CHECKS: [u32; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let sum = weighted(d.get(1..).unwrap_or_default(), &[6, 7, 8, 9, 10, 5, 4, 3, 2]);
    d.len() == 10 && !all_alike(d) && CHECKS[(sum % 11) as usize] == at(d, 0)
}

/// South Africa: a day, citizenship 0 to 2, Luhn.
pub(crate) fn za_id(d: &[u8]) -> bool {
    d.len() == 13 && month_day(d, 2) && at(d, 10) <= 2 && luhn(d)
}

/// Emirates ID: begins with 784 and a year; Luhn.
pub(crate) fn ae_id(d: &[u8]) -> bool {
    d.len() == 15 && d.starts_with(&[7, 8, 4]) && (1900..2100).contains(&number(d, 3, 7)) && luhn(d)
}

/// Saudi Arabia: begins with 1 (citizens) or 2 (residents); Luhn.
pub(crate) fn sa_id(d: &[u8]) -> bool {
    d.len() == 10 && matches!(at(d, 0), 1 | 2) && luhn(d)
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

#[cfg(test)]
mod tests;
