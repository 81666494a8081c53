//! What tells the placeholders of one template from each other.
//!
//! - **By appearance**: 1, 2, 3, in the order in which values turn up. Says nothing of the value, and two requests that
//!   differ only in private values look the same.
//! - **Keyed**: a short keyed digest of tenant, type and value, such as `k7f3q9`. The same value has it in all requests of
//!   the tenant, on every replica and after a restart. A digest that is taken in a request gets longer.

use super::digest::digest;
use crate::detect::EntityType;
use std::fmt;

/// What tells placeholders from each other.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbering(Option<[u8; 32]>);

/// Letters that look like no digit, and digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// What a digest begins with, so that it is no number.
const MARK: char = 'k';
/// The fewest characters behind the mark: 28 bits, one collision in 20,000 among a hundred values.
const SHORTEST: usize = 6;
/// How many characters a digest grows by, and how long it may get.
const STEP: usize = 3;
const LONGEST: usize = 24;

impl Numbering {
    /// In the order in which values turn up.
    pub const APPEARANCE: Self = Self(None);

    pub(super) fn keyed(key: [u8; 32]) -> Self {
        Self(Some(key))
    }

    /// The digests of a value, the shortest first; `None` if numbers are given by appearance.
    pub(super) fn digests(
        &self,
        entity_type: &EntityType,
        value: &str,
    ) -> Option<impl Iterator<Item = String> + use<>> {
        let mut bytes = [0; LONGEST];
        digest(self.0.as_ref()?, entity_type, value).finalize_xof().fill(&mut bytes);
        let letter = |(at, b): (usize, &u8)| {
            // The first is a digit, by which text that looks like a placeholder is found.
            let among = if at == 0 { 10 } else { ALPHABET.len() };
            char::from(ALPHABET[usize::from(*b) % among])
        };
        let letters: String = bytes.iter().enumerate().map(letter).collect();
        let lengths = (SHORTEST..=LONGEST).step_by(STEP);
        Some(lengths.map(move |length| format!("{MARK}{}", &letters[..length])))
    }
}

/// The key is not told.
impl fmt::Debug for Numbering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Numbering(keyed)" } else { "Numbering(appearance)" })
    }
}

/// True if a word ends in what may be a digest, with or without its template's words around it.
pub(super) fn is_keyed(word: &str) -> bool {
    let tail = word.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    let tail = &word.as_bytes()[word.len() - tail..];
    tail.windows(SHORTEST + 1)
        .any(|digest| matches!(digest, [b'k' | b'K', first, ..] if first.is_ascii_digit()))
}

/// True for a digest as it is given out.
pub(super) fn is_digest(number: &str) -> bool {
    number.len() > SHORTEST
        && number.starts_with(MARK)
        && number[1..].starts_with(|c: char| c.is_ascii_digit())
        && number.bytes().all(|b| ALPHABET.contains(&b))
}
