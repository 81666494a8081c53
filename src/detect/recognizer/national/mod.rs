//! Numbers by which states know people and firms: identity cards, population registers, taxes, social security.
//!
//! One recognizer per number, in a file per part of the world. All report `NATIONAL_ID`; the recognizer tells which.
//!
//! A row of digits is no such number by itself, not even with a right check digit: one of ten order numbers has that.
//! So bare digits count only near a word that names them, in English or in the country's language. By themselves count
//! forms that nothing else has: letters at fixed places with a check character, or marks at fixed places with one.
//!
//! The patterns are few and loose, and shared by many numbers: what tells the numbers apart are their layouts. Were each
//! written as a pattern of its own, the automaton would have a state for every set of numbers that some digits may still become.

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

/// Digits, with single marks between.
const NUMBER: &str = r"(?-u:\b)[0-9](?:[ ./-]?[0-9]){7,17}(?-u:\b)";
/// Capitals and digits.
const CODE: &str = r"(?-u:\b)[A-Z0-9]{7,18}(?-u:\b)";
/// Digits, and a letter apart.
const LETTER_BEHIND: &str = r"(?-u:\b)[0-9](?:\.?[0-9]){6,7}[ -]?[A-Zk](?-u:\b)";
/// One to three letters, and digits apart, with a letter or digit apart from those.
const LETTER_IN_FRONT: &str =
    r"(?-u:\b)[A-Z]{1,3}[ -][0-9](?:\.?[0-9]){5,8}(?:[ -]?[A-Z0-9])?(?-u:\b)";

/// A number that counts only near one of `words`.
const fn bare(words: &'static [&'static str]) -> Pattern {
    id(0.2, NUMBER, words)
}

/// A code that counts only near one of `words`.
const fn code(score: f32, words: &'static [&'static str]) -> Pattern {
    id(score, CODE, words)
}

/// A driver licence that counts `score` by itself.
const fn licence(score: f32, regex: &'static str, words: &'static [&'static str]) -> Pattern {
    Pattern::new(EntityType::US_DRIVER_LICENSE, score, regex).context(0.95, words).weak()
}

/// What counts `score` by itself.
const fn id(score: f32, regex: &'static str, words: &'static [&'static str]) -> Pattern {
    Pattern::new(EntityType::NATIONAL_ID, score, regex).context(0.95, words).weak()
}

/// The part of a match that has one of `layouts` and passes `valid`: 9 stands for a digit, A for a capital, * for either.
///
/// It is no part of a longer token and no argument of a call: `sin(130692544)`. `id:123` is fine: what stands in front is
/// often a name.
fn laid_out(
    seen: &Seen<'_>,
    layouts: &[&str],
    valid: impl Fn(&Seen<'_>) -> bool,
) -> Option<Accepted> {
    let found = layouts
        .iter()
        .map(|layout| (layout, Seen { end: seen.start + layout.len(), ..*seen }))
        .find(|(layout, found)| {
            ends_there(found) && has_layout(found.text(), layout) && valid(found)
        })
        .map(|(_, found)| found)?;
    let apart = found.is_free_left("-./\\+@$%&~#(") && found.is_free_right("-./\\+@%&~:");
    apart.then(|| found.accept())?
}

/// No letter or digit follows. Most layouts fail here: they are too short.
fn ends_there(found: &Seen<'_>) -> bool {
    !found.all.as_bytes().get(found.end).is_some_and(u8::is_ascii_alphanumeric)
}

fn has_layout(text: &str, layout: &str) -> bool {
    text.len() == layout.len()
        && text.bytes().zip(layout.bytes()).all(|(b, want)| match want {
            b'9' => b.is_ascii_digit(),
            b'A' => b.is_ascii_uppercase(),
            b'*' => b.is_ascii_uppercase() || b.is_ascii_digit(),
            _ => b == want,
        })
}

/// Takes what has one of `layouts` and digits that pass `valid`.
fn digits(seen: &Seen<'_>, layouts: &[&str], valid: fn(&[u8]) -> bool) -> Option<Accepted> {
    laid_out(seen, layouts, |found| valid(&found.digits()))
}

/// Takes what has one of `layouts` and a text that passes `valid`.
fn text(seen: &Seen<'_>, layouts: &[&str], valid: fn(&str) -> bool) -> Option<Accepted> {
    laid_out(seen, layouts, |found| valid(found.text()))
}

/// Takes what has one of `layouts`: the number has no check digit.
fn any(seen: &Seen<'_>, layouts: &[&str]) -> Option<Accepted> {
    laid_out(seen, layouts, |_| true)
}
