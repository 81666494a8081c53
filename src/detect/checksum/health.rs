//! Check digits of health and tax numbers.

use super::luhn;

/// CMS, National Provider Identifier: Luhn over the number with the issuer prefix 80840 of ISO/IEC 7812 in front.
pub(crate) fn npi(digits: &[u8]) -> bool {
    let mut whole = [8, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let is_ten = digits.len() == 10 && matches!(digits.first(), Some(1 | 2));
    for (slot, digit) in whole[5..].iter_mut().zip(digits) {
        *slot = *digit;
    }
    is_ten && luhn(&whole)
}

/// NHS Data Dictionary, NHS NUMBER: weights 10 to 2, remainder modulo 11 taken from 11; 11 counts as 0, 10 is never given.
pub(crate) fn nhs(digits: &[u8]) -> bool {
    let sum: u32 =
        digits.iter().take(9).zip((2..=10).rev()).map(|(&d, weight)| u32::from(d) * weight).sum();
    let check = (11 - sum % 11) % 11;
    digits.len() == 10 && digits.get(9).is_some_and(|&d| u32::from(d) == check)
}

/// DEA registration: the sum of digits 1, 3 and 5 plus twice that of 2, 4 and 6 ends in the seventh.
pub(crate) fn dea(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .take(6)
        .zip([1, 2].iter().cycle())
        .map(|(&d, weight)| u32::from(d) * weight)
        .sum();
    digits.len() == 7 && digits.get(6).is_some_and(|&d| u32::from(d) == sum % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::seen::Digits;

    #[test]
    fn published_examples_are_accepted_and_neighbours_refused() {
        assert!(npi(&Digits::of("1234567893")) && !npi(&Digits::of("1234567894")));
        assert!(nhs(&Digits::of("9434765919")) && !nhs(&Digits::of("9434765918")));
        assert!(dea(&Digits::of("1234563")) && !dea(&Digits::of("1234564")));
    }
}
