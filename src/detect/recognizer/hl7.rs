//! Messages of hospitals: the segments of HL7 version 2 on the patient and the next of kin, where every value has its place.
//!
//! `PID|1||44829130^^^HOSP^MR||PENNINGTON^HAROLD||19530203|M`: fields are parted by `|`, their components by `^`, repetitions by `~`.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix},
};

/// The beginning of the segment: the number of the set, and its mark.
const SEGMENT: &str = r"(?-u:\b)PID\|[0-9]{0,4}\|";
/// The same of the next of kin.
const KIN: &str = r"(?-u:\b)NK1\|[0-9]{0,4}\|";

pub(super) static HL7: Recognizer = Recognizer {
    name: "hl7",
    description: "numbers, names, birth dates and addresses of patients in HL7 version 2 (segments PID and NK1)",
    patterns: &[
        Pattern::new(EntityType::MEDICAL_RECORD, 0.9, SEGMENT).check(|s| number(s, 2)),
        Pattern::new(EntityType::MEDICAL_RECORD, 0.9, SEGMENT).check(|s| number(s, 3)),
        Pattern::new(EntityType::MEDICAL_RECORD, 0.9, SEGMENT).check(|s| number(s, 4)),
        Pattern::new(EntityType::PERSON, 0.9, SEGMENT).check(|s| field(s, 5)),
        Pattern::new(EntityType::DATE_OF_BIRTH, 0.95, SEGMENT).check(|s| number(s, 7)),
        Pattern::new(EntityType::STREET_ADDRESS, 0.9, SEGMENT).check(|s| field(s, 11)),
        Pattern::new(EntityType::PERSON, 0.9, KIN).check(|s| field(s, 2)),
        Pattern::new(EntityType::STREET_ADDRESS, 0.9, KIN).check(|s| field(s, 4)),
        Pattern::new(EntityType::ACCOUNT_ID, 0.9, SEGMENT).check(|s| number(s, 18)),
        Pattern::new(EntityType::US_SSN, 0.9, SEGMENT).check(|s| number(s, 19)),
    ],
};

/// A longer segment is not read to its end, in bytes.
const LONGEST: usize = 1024;

/// The first component of a field, if there are digits in it.
fn number(seen: &Seen<'_>, nth: usize) -> Option<Accepted> {
    let (start, field) = nth_field(seen, nth)?;
    let value = field.split(['^', '~', '&']).next()?;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 3 && value.len() <= 64).then(|| seen.accept_span(start, start + value.len()))?
}

/// A whole field, if there are letters in it.
fn field(seen: &Seen<'_>, nth: usize) -> Option<Accepted> {
    let (start, field) = nth_field(seen, nth)?;
    let value = field.trim_end_matches('^');
    value.contains(char::is_alphabetic).then(|| seen.accept_span(start, start + value.len()))?
}

/// A field with its place. The first is the number of the set.
fn nth_field<'t>(seen: &Seen<'t>, nth: usize) -> Option<(usize, &'t str)> {
    let segment = prefix(seen.all.get(seen.end..)?, LONGEST);
    let segment = segment.get(..segment.find(['\n', '\r']).unwrap_or(segment.len()))?;
    let mut start = seen.end;
    for (place, field) in segment.split('|').enumerate() {
        if place + 2 == nth {
            return Some((start, field));
        }
        start += field.len() + 1;
    }
    None
}
