//! United States: social security and taxpayer numbers, driver licences.

use super::words;
use crate::detect::{
    EntityType,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Digits, Seen},
};

const ITIN: &[&str] = &["itin", "individual taxpayer", "taxpayer", "tax id", "tin"];
#[rustfmt::skip]
const EIN: &[&str] = &[
    "ein", "fein", "employer id", "employer identification", "federal id", "tax id", "taxpayer id",
    "tax identification", "irs",
];

/// Of numbers that cannot have been given out.
const UNASSIGNED: f32 = 0.3;

pub(super) static US: Recognizer = Recognizer {
    name: "us",
    description: "US social security, individual taxpayer and employer numbers, and driver licences named as such",
    patterns: &[
        // The written form is unmistakable.
        Pattern::new(EntityType::US_SSN, 0.95, r"(?:(?-u:\b)|_)[0-9]{3}-[0-9]{2}-[0-9]{4}(?:(?-u:\b)|_)")
            .check(social)
            .context(1.0, words::SSN),
        Pattern::new(
            EntityType::US_SSN,
            0.6,
            r"(?:XXX|xxx|\*{3}|###|•••)-(?:XX|xx|\*{2}|##|••)-[0-9]{4}(?-u:\b)",
        )
        .check(free)
        .context(0.9, words::SSN),
        Pattern::new(EntityType::US_SSN, 0.3, r"(?-u:\b)[0-9]{3}(?:[ ._/]| - )[0-9]{2}(?:[ ._/]| - )[0-9]{4}(?-u:\b)")
            .check(plausible)
            .context(0.9, words::SSN)
            .weak(),
        Pattern::new(EntityType::US_SSN, 0.1, r"(?-u:\b)[0-9]{9}(?-u:\b)")
            .check(plausible)
            .context(0.75, words::SSN)
            .weak(),
        Pattern::new(
            EntityType::US_SSN,
            0.8,
            r"(?i-u:\b(?:last (?:four|4)(?: digits)?(?: of)?(?: (?:my|the|his|her|their))? (?:ssn|social(?: security)?(?: number)?)|(?:ssn|social(?: security)?(?: number)?)[,:]? (?:is |that )?(?:ending|ends)(?: in| with)?|(?:ssn|social(?: security)?(?: number)?)[,:(]{0,2} ?\(?last (?:four|4)(?: digits)?\)?))",
        )
        .check(last_four),
        Pattern::new(EntityType::US_SSN, 0.85, r"(?i-u:\bss ?#)").check(named_social),
        Pattern::new(
            EntityType::US_ITIN,
            0.97,
            r"(?-u:\b)9[0-9]{2}-(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])-[0-9]{4}(?-u:\b)",
        )
        .check(hyphenated)
        .context(1.0, ITIN),
        Pattern::new(
            EntityType::US_ITIN,
            0.2,
            r"(?-u:\b)9[0-9]{2} ?(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9]) ?[0-9]{4}(?-u:\b)",
        )
        .check(free)
        .context(0.8, ITIN)
        .weak(),
        Pattern::new(EntityType::US_EIN, 0.3, r"(?-u:\b)[0-9]{2}-[0-9]{7}(?-u:\b)")
            .check(free)
            .context(0.8, EIN)
            .weak(),
        Pattern::new(
            EntityType::US_DRIVER_LICENSE,
            0.8,
            r"(?i-u:\b(?:driver'?s?'?[ _-]?licen[sc]es?|driving[ _-]?licen[sc]es?|licen[sc]e(?:[ _-]?(?:number|no\b)| ?#)|(?:dl|d\.l\.|lic)\b|f(?:ü|ue)hrerschein(?:nummer|-?nr)?|permis de conduire|rijbewijs(?:nummer)?|permiso de conducir|patente di guida|carta de condu(?:ç|c)(?:ã|a)o|prawo jazdy))",
        )
        .check(driver_license),
    ],
};

fn free(seen: &Seen<'_>) -> Option<Accepted> {
    seen.stands_alone().then(|| seen.accept())?
}

/// Not a piece of a longer hyphenated number; a word in front, as in `ssn-514-69-0360`, makes it none.
fn hyphenated(seen: &Seen<'_>) -> Option<Accepted> {
    let seen = seen.without_underscores();
    let left = seen.is_free_left("-.+")
        || seen.is_behind_a_hyphenated_word()
        || seen.is_behind_an_underscored_word();
    let right = seen.is_free_right("-") || seen.after() == Some('_');
    (left && right).then(|| seen.accept())?
}

/// A hyphenated number; one that cannot have been given out counts only with a word for it.
fn social(seen: &Seen<'_>) -> Option<Accepted> {
    let accepted = hyphenated(seen)?;
    Some(if is_assigned(&seen.digits()) { accepted } else { accepted.with_score(UNASSIGNED) })
}

/// `ss# 219441882`
fn named_social(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (9, 9), digits: 9, letters: false, marks: "- " })?;
    is_assigned(&Digits::of(seen.all.get(found.start..found.end)?)).then_some(found)
}

/// The last four digits, which banks and clinics ask for.
fn last_four(seen: &Seen<'_>) -> Option<Accepted> {
    named::value(seen, &Shape { length: (4, 4), digits: 4, letters: false, marks: "" })
}

/// A number that may have been given out: without hyphens nothing else tells it.
fn plausible(seen: &Seen<'_>) -> Option<Accepted> {
    let left = seen.is_free_left("-./\\:+@#$%&~") || is_behind_word(seen.left());
    // `SSN 536904399/spouse`
    let right = seen.is_free_right("-./\\:+@%&~")
        || seen.after() == Some('/') && seen.right().get(1..)?.starts_with(char::is_alphabetic);
    (is_assigned(&seen.digits()) && left && right).then(|| seen.accept())?
}

/// `SSN#536904399`, `ssn:536904399`
fn is_behind_word(left: &str) -> bool {
    let named = left.strip_suffix(['#', ':']).unwrap_or_default();
    let word = named.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    words::SSN.iter().any(|ssn| ssn.eq_ignore_ascii_case(word))
}

/// Social Security Administration: no area is 000 or 666, no group 00, no serial number 0000.
fn is_assigned(digits: &[u8]) -> bool {
    let part =
        |from: usize, to: usize| digits[from..to].iter().fold(0u32, |n, &d| n * 10 + u32::from(d));
    digits.len() == 9 && !matches!(part(0, 3), 0 | 666) && part(3, 5) != 0 && part(5, 9) != 0
}

/// `DL` alone says little, so the value must look like a licence of some state: a few letters and at least five digits.
fn driver_license(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (6, 18), digits: 5, letters: true, marks: "- " })?;
    let short = seen.text().len() <= 4;
    let value = seen.all.get(found.start..found.end)?;
    let letter_first = value.starts_with(|c: char| c.is_ascii_uppercase());
    (!short || letter_first).then_some(found)
}
