//! Claims and benefits of health insurers in the US: segments of X12 (005010), where every value has its place.
//!
//! `NM1*IL*1*WHITLOCK*PRESTON*J***MI*W448120937~DMG*D8*19620817*M~`: elements are parted by `*`, segments end with `~`.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix},
};

/// The name of a person (`1`; companies are `2`): the code says whose it is.
const NAME: &str = r"(?-u:\b)NM1\*[0-9A-Z]{2,3}\*1\*[A-Z]";

pub(super) static X12: Recognizer = Recognizer {
    name: "x12",
    description: "names, member numbers and birth dates in X12 messages of health insurers (segments NM1 and DMG)",
    patterns: &[
        Pattern::new(EntityType::PERSON, 0.9, NAME).check(name),
        Pattern::new(EntityType::MEDICAL_RECORD, 0.9, NAME).check(member),
        Pattern::new(EntityType::DATE_OF_BIRTH, 0.95, r"(?-u:\b)DMG\*D8\*[0-9]{8}(?-u:\b)")
            .check(birth),
    ],
};

/// A longer segment is not read to its end, in bytes.
const LONGEST: usize = 256;

/// The elements from the surname on.
fn elements<'t>(seen: &Seen<'t>) -> Option<&'t str> {
    let segment = prefix(seen.all.get(seen.end - 1..)?, LONGEST);
    segment.get(..segment.find(['~', '\n', '\r']).unwrap_or(segment.len()))
}

/// Surname, given name, middle name.
fn name(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let elements = elements(seen)?;
    let len: usize = elements.split('*').take(3).map(|part| part.len() + 1).sum();
    let name = elements.get(..len - 1)?.trim_end_matches('*');
    let fits = |c: char| c.is_alphabetic() || "*-' .".contains(c);
    name.chars().all(fits).then(|| seen.accept_span(start, start + name.len()))?
}

/// Behind `MI`, the number of a member.
fn member(seen: &Seen<'_>) -> Option<Accepted> {
    let elements = elements(seen)?;
    let at = elements.find("*MI*")? + "*MI*".len();
    let number = elements.get(at..)?.split('*').next()?;
    let start = seen.end - 1 + at;
    (number.len() >= 4).then(|| seen.accept_span(start, start + number.len()))?
}

fn birth(seen: &Seen<'_>) -> Option<Accepted> {
    seen.accept_span(seen.end - "19620817".len(), seen.end)
}
