//! What tokens have beside their form: checksums, fixed parts, and that they look drawn by lot.
//!
//! A right checksum makes a token certain. A wrong one says that it opens nothing as it is written: where it looks drawn by lot
//! it may still be somebody's key that was cut or retyped, and is told of; else it is weak, as a filler in its place is.

use super::random;
use crate::{base64, detect::checksum};

/// The score of a token whose form is enough, and of one that its checksum proves.
const FORM: f32 = 0.95;
const PROVEN: f32 = 1.0;
/// Of one whose checksum is wrong, though it looks drawn by lot: cut, retyped, or made up by somebody who needed an example.
const DOUBTED: f32 = 0.6;
/// Of what has all signs of a key and opens nothing as it is: a wrong checksum, a published example, a filler, a key that is
/// itself encrypted, one that its issuer has withdrawn or that is made to be published. Policies replace it,
/// `Selection::replacing_score`; others need not be told.
pub(super) const WEAK: f32 = 0.3;

/// The form is enough.
pub(super) fn form(_: &str) -> Option<f32> {
    Some(FORM)
}

/// The issuer takes such keys no more.
pub(super) fn withdrawn(_: &str) -> Option<f32> {
    Some(WEAK)
}

/// Letters and digits, or letters in no order, as one in some dozens has them by chance: for short prefixes.
pub(super) fn mixed(token: &str) -> Option<f32> {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let letters = token.bytes().filter(u8::is_ascii_alphabetic).count();
    let by_lot = digits == 0 && random::has_letters_by_lot(token);
    (digits >= 1 && letters >= 2 || by_lot).then_some(FORM)
}

/// One of the identifiers of keys: all capitals, and digits in most.
pub(super) fn aws(token: &str) -> Option<f32> {
    if token.starts_with("AKIA") || token.starts_with("ASIA") { Some(FORM) } else { mixed(token) }
}

/// With the marks of Base64url, which certificates do not have.
pub(super) fn url_safe(token: &str) -> Option<f32> {
    mixed(token).filter(|_| token.contains(['-', '_']))
}

/// Has the issuer's mark in its middle, or looks drawn by lot and not made up from the alphabet.
pub(super) fn groq(token: &str) -> Option<f32> {
    let marked = token.contains("WGdyb3FY");
    if marked {
        Some(PROVEN)
    } else {
        random(token).filter(|_| !random::is_made_of_sequences(token))
    }
}

/// Base58 with the checksum of Bitcoin.
pub(super) fn bitcoin(token: &str) -> Option<f32> {
    checksum::bitcoin_private_key(token).then_some(PROVEN)
}

/// Google's begin with the same six characters.
pub(super) fn google(token: &str) -> Option<f32> {
    let score = if token.starts_with("AIzaSy") { FORM } else { WEAK };
    mixed(token).map(|_| score)
}

/// Drawn by lot: for prefixes that words have as well.
pub(super) fn random(token: &str) -> Option<f32> {
    let digits = token.bytes().any(|b| b.is_ascii_digit());
    (random::is_random(token) || !digits && random::has_letters_by_lot(token)).then_some(0.9)
}

/// The first 30 characters behind the prefix, then their CRC-32 in six characters of base 62.
pub(super) fn github(token: &str) -> Option<f32> {
    let body = token.get(4..)?;
    let score = if has_crc62(body) { PROVEN } else { doubted(body) };
    mixed(token).map(|_| score)
}

/// As GitHub's.
pub(super) fn npm(token: &str) -> Option<f32> {
    github(token)
}

/// Ends with the CRC-32 of all that stands before it, in seven characters of base 36.
pub(super) fn gitlab(token: &str) -> Option<f32> {
    let (body, sum) = token.split_at_checked(token.len().checked_sub(7)?)?;
    let proven = base(crc32(body.as_bytes()), 36, 7) == sum;
    Some(if proven { PROVEN } else { doubted(body) })
}

/// The score of a token that its checksum does not prove, by all of it that tells nothing else.
fn doubted(body: &str) -> f32 {
    let by_lot = random(body).is_some() && !random::is_made_of_sequences(body);
    if by_lot && !random::is_repetition(body) { DOUBTED } else { WEAK }
}

/// Keys that are of this century hold the issuer's name in Base64; the oldest ones do not.
pub(super) fn openai(token: &str) -> Option<f32> {
    let score = if token.contains("T3BlbkFJ") { PROVEN } else { 0.9 };
    mixed(token).map(|_| score)
}

/// 93 characters and `AA`.
pub(super) fn anthropic(token: &str) -> Option<f32> {
    token.ends_with("AA").then_some(PROVEN)
}

/// `sk-` of one of the many that took the prefix over, but none of the issuers' whose keys are known better.
pub(super) fn model_provider(token: &str) -> Option<f32> {
    const KNOWN: &[&str] = &["sk-ant-", "sk-or-", "sk-lf-", "sk-helicone-"];
    let known = KNOWN.iter().any(|prefix| token.starts_with(prefix));
    let words = token.split(['-', '_']).filter(|part| part.len() > 12 && random::is_random(part));
    (!known && words.count() > 0 && mixed(token).is_some()).then_some(0.9)
}

/// A service token: long, or short with a digit, which members of programs have less often.
pub(super) fn vault(token: &str) -> Option<f32> {
    if token.len() >= 90 { Some(FORM) } else { mixed(token) }
}

/// The same of a length that Vault does not give out.
pub(super) fn vault_odd(token: &str) -> Option<f32> {
    mixed(token).map(|_| WEAK)
}

/// Behind the header two parts, each of them text in Base64.
pub(super) fn teamcity(token: &str) -> Option<f32> {
    let is_text = |part: &str| {
        base64::decode(part).is_some_and(|bytes| bytes.iter().all(u8::is_ascii_graphic))
    };
    Some(if token.split('.').skip(1).all(is_text) { FORM } else { WEAK })
}

/// `s.` is also how a member of `s` is written.
pub(super) fn vault_legacy(token: &str) -> Option<f32> {
    let body = token.get(2..)?;
    let upper = body.bytes().any(|b| b.is_ascii_uppercase());
    let lower = body.bytes().any(|b| b.is_ascii_lowercase());
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    (upper && lower && digits >= 1 && random::is_random(body)).then_some(0.85)
}

/// Base32 of two bytes that tell the kind, the key and its CRC-16.
pub(super) fn nats(token: &str) -> Option<f32> {
    let bytes = base32(token)?;
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(2)?)?;
    (crc16(body).to_le_bytes() == sum).then_some(PROVEN)
}

/// From this length on a prefix is so rare that behind it even `CCCC…` may be somebody's.
const LONG_PREFIX: usize = 8;
/// Longer tokens may say `example` by chance or in a part that tells nothing.
const LONG: usize = 64;

/// The score of a token, less where what its form leaves `open` is a sample: behind a prefix it may be a key nevertheless,
/// without one it is none.
pub(super) fn weigh<'t>(
    score: f32,
    prefix: &str,
    open: impl Iterator<Item = &'t str>,
) -> Option<f32> {
    let longest = open.max_by_key(|part| part.len()).unwrap_or_default();
    let repeated = if prefix.len() < LONG_PREFIX {
        random::is_repetition(longest)
    } else {
        random::is_blank(longest)
    };
    let named = longest.len() < LONG && random::says_sample(longest);
    match repeated || named || random::is_sequence(longest) {
        false => Some(score),
        true => (!prefix.is_empty()).then_some(score.min(WEAK)),
    }
}

fn has_crc62(body: &str) -> bool {
    let (entropy, sum) = body.split_at_checked(body.len().saturating_sub(6)).unwrap_or_default();
    base(crc32(entropy.as_bytes()), 62, 6) == sum
}

/// CRC-32 as in gzip, bit by bit: tokens are short.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
        }
    }
    !crc
}

/// CRC-16 as in XMODEM.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = 0u16;
    for byte in bytes {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            crc = crc << 1 ^ if crc >> 15 == 1 { 0x1021 } else { 0 };
        }
    }
    crc
}

/// `number` with digits `0-9A-Za-z` (or `0-9a-z` up to base 36), padded with zeros to `width`.
pub(super) fn base(mut number: u32, base: u32, width: usize) -> String {
    let alphabet: &[u8] = if base <= 36 {
        b"0123456789abcdefghijklmnopqrstuvwxyz"
    } else {
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    };
    let mut digits = vec![b'0'; width];
    for digit in digits.iter_mut().rev() {
        *digit = alphabet[(number % base) as usize];
        number /= base;
    }
    digits.into_iter().map(char::from).collect()
}

/// The bytes of unpadded Base32.
fn base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0u32, 0);
    for b in text.bytes() {
        let value = match b {
            b'A'..=b'Z' => b - b'A',
            b'2'..=b'7' => b - b'2' + 26,
            _ => return None,
        };
        held = (held << 5 | u32::from(value)) & 0xFFFF;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xFF) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_the_standards_examples() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(base(61, 62, 3), "00z");
        assert_eq!(base32("MZXW6YTB"), Some(b"fooba".to_vec()));
    }

    #[test]
    fn a_right_checksum_is_certain_and_a_wrong_one_is_not() {
        let body = "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0";
        let right = format!("ghp_{body}{}", base(crc32(body.as_bytes()), 62, 6));
        assert_eq!(github(&right), Some(PROVEN));
        assert_eq!(github(&format!("ghp_{body}abcdef")), Some(DOUBTED));
        assert_eq!(github(&format!("ghp_{}", "abc123".repeat(6))), Some(WEAK));
    }
}
