//! Numbers by which states know people and firms: identity cards, population registers, taxes, social security.
//!
//! One recognizer per number, in a file per part of the world. All report `NATIONAL_ID`; the recognizer tells which.
//!
//! A row of digits is no such number by itself, not even with a right check digit: one of ten order numbers has that.
//! So bare digits count only near a word that names them, in English or in the country's language. By themselves count
//! forms that nothing else has: letters at fixed places with a check character, or marks at fixed places with one.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

mod americas;
mod asia;
mod europe_east;
mod europe_north;
mod europe_south;
mod europe_west;
mod named;
mod south;

/// The recognizers of all parts of the world.
pub(super) static ALL: &[&[&Recognizer]] = &[
    named::ALL,
    europe_west::ALL,
    europe_south::ALL,
    europe_north::ALL,
    europe_east::ALL,
    americas::ALL,
    asia::ALL,
    south::ALL,
];

/// A number in bare digits: with a right check digit and one of `words` near it.
const fn bare(regex: &'static str, words: &'static [&'static str]) -> Pattern {
    id(0.2, regex, words)
}

/// A number that counts `score` by itself.
const fn id(score: f32, regex: &'static str, words: &'static [&'static str]) -> Pattern {
    Pattern::new(EntityType::NATIONAL_ID, score, regex).check(alone).context(0.95, words)
}

/// Takes a match that is no part of a longer token and no argument of a call: `sin(130692544)`. `id:123` is fine: what
/// stands in front is often a name.
fn alone(seen: &Seen<'_>) -> Option<Accepted> {
    (seen.is_free_left("-./\\+@$%&~#(") && seen.is_free_right("-./\\+@%&~:"))
        .then(|| seen.accept())?
}

/// Takes a match that stands alone and whose digits pass `valid`.
fn digits(seen: &Seen<'_>, valid: fn(&[u8]) -> bool) -> Option<Accepted> {
    alone(seen).filter(|_| valid(&seen.digits()))
}

/// Takes a match that stands alone and whose text passes `valid`.
fn text(seen: &Seen<'_>, valid: fn(&str) -> bool) -> Option<Accepted> {
    alone(seen).filter(|_| valid(seen.text()))
}
