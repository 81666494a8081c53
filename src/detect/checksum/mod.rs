//! Check digits. Each function names the standard it follows; none knows where the value stood.

mod hash;
mod health;
mod iban;
pub(crate) mod national;
mod wallet;

pub(crate) use health::{dea, nhs, npi};
pub(crate) use iban::{iban, iban_length};
pub(crate) use wallet::{base58check, base58check_ripple, bech32, bitcoin_private_key, erc55};

/// ISO/IEC 7812-1, annex B (Luhn): from the right, every second digit doubled, digit sums added, a multiple of ten.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits.iter().rev().enumerate().map(|(i, &d)| luhn_term(i, d)).sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

fn luhn_term(place: usize, digit: u8) -> u32 {
    let doubled = u32::from(digit) * 2;
    match place % 2 {
        0 => u32::from(digit),
        _ if doubled > 9 => doubled - 9,
        _ => doubled,
    }
}

/// ISO 7064 MOD 97-10: letters count as 10 to 35; the whole number leaves the remainder 1. Other characters are skipped.
pub(crate) fn mod97(text: &str) -> bool {
    mod97_remainder(text.chars()) == Some(1)
}

/// `None` when there is nothing to count.
fn mod97_remainder(chars: impl Iterator<Item = char>) -> Option<u32> {
    chars.filter_map(|c| c.to_digit(36)).fold(None, |rest, value| {
        let scale = if value < 10 { 10 } else { 100 };
        Some((rest.unwrap_or(0) * scale + value) % 97)
    })
}

/// American Bankers Association routing number: weights 3, 7, 1 over nine digits, a multiple of ten.
pub(crate) fn aba(digits: &[u8]) -> bool {
    let sum: u32 =
        digits.iter().zip([3, 7, 1].iter().cycle()).map(|(&d, weight)| u32::from(d) * weight).sum();
    // The first two digits are a Federal Reserve district, or mark thrifts (21 to 32), electronic (61 to 72) or cheques (80).
    let district = digits.iter().take(2).fold(0, |n, &d| n * 10 + d);
    digits.len() == 9
        && sum.is_multiple_of(10)
        && matches!(district, 1..=12 | 21..=32 | 61..=72 | 80)
}

/// ISO 3779 and 49 CFR 565.15: the ninth character of a North American vehicle number, modulo 11.
pub(crate) fn vin(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let values: Option<u32> = text
        .bytes()
        .zip(WEIGHTS)
        .map(|(b, weight)| Some(vin_value(b.to_ascii_uppercase())? * weight))
        .sum();
    let check = text
        .as_bytes()
        .get(8)
        .map(|b| if b.eq_ignore_ascii_case(&b'X') { 10 } else { u32::from(b.wrapping_sub(b'0')) });
    text.len() == 17 && values.map(|sum| sum % 11) == check
}

fn vin_value(b: u8) -> Option<u32> {
    let value = match b {
        b'0'..=b'9' => b - b'0',
        b'A'..=b'H' => b - b'A' + 1,
        b'J'..=b'R' if b != b'O' && b != b'Q' => b - b'J' + 1,
        b'S'..=b'Z' => b - b'S' + 2,
        _ => return None,
    };
    Some(u32::from(value))
}

/// Verhoeff, "Error detecting decimal codes" (1969): the dihedral group D5 with a permutation per place.
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    let check =
        digits.iter().rev().enumerate().fold(0, |check, (i, &d)| dihedral(check, permuted(i, d)));
    !digits.is_empty() && check == 0
}

/// Multiplication in D5, with rotations 0 to 4 and reflections 5 to 9.
fn dihedral(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (5 + a - b) % 5,
    }
}

/// Verhoeff's permutation, applied `place` times.
fn permuted(place: usize, digit: u8) -> u8 {
    const ONCE: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    (0..place % 8).fold(digit, |d, _| ONCE[usize::from(d)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::seen::Digits;

    #[test]
    fn luhn_accepts_the_standards_example_and_refuses_a_neighbour() {
        assert!(luhn(&Digits::of("79927398713")));
        assert!(!luhn(&Digits::of("79927398710")));
        assert!(!luhn(&[]));
    }

    #[test]
    fn aba_and_vin_accept_known_examples() {
        assert!(aba(&Digits::of("021000021")) && !aba(&Digits::of("021000022")));
        assert!(vin("1M8GDM9AXKP042788") && !vin("1M8GDM9A1KP042788") && !vin("é"));
    }

    #[test]
    fn verhoeff_accepts_the_known_example() {
        assert!(verhoeff(&Digits::of("2363")));
        assert!(!verhoeff(&Digits::of("2364")));
    }
}
