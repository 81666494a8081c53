//! How old somebody is. Ages over 89 are identifiers by HIPAA; younger ones are found with a score that only a policy of one's own asks for.

use crate::detect::{
    EntityType,
    groups::Groups,
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

pub(super) static AGE: Recognizer = Recognizer {
    name: "age",
    description: "ages over 89 in years (younger ones with a score of 0.3)",
    patterns: &[
        Pattern::new(
            EntityType::AGE,
            0.85,
            r"(?-u:\b)[0-9]{1,3}(?i-u:(?:[ -]years?[ -]olds?| ?(?:y/o|yo|y\.o\.?|yrs?\.?[ -]old)| years? of age| jahre alt| jahre|-j(?:ä|a)hrig[a-z]{0,2}| ans| a(?:ñ|n)os(?: de edad)?| anni| anos(?: de idade)?| jaar(?: oud)?))(?-u:\b)",
        )
        .check(years),
        Pattern::new(
            EntityType::AGE,
            0.85,
            r"(?i-u:\b(?:aged?|alter|edad|(?:â|a)ge|et(?:à|a)|idade|leeftijd)(?: is| was| of|:|=| :)? ?)[0-9]{1,3}(?-u:\b)",
        )
        .check(named),
    ],
};

/// `years` alone also tell how long something lasts: `100 years`, `dans 95 ans`.
fn years(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text().to_lowercase();
    let lasting =
        ["jahre", "ans", "anni", "jaar", "años", "anos"].iter().any(|w| text.ends_with(w));
    let old = text.contains("edad") || text.contains("idade");
    let of = ["de ", "age of ", "con ", "tiene ", "tem ", "ha ", "a ", "âgé de ", "âgée de "];
    let said = of.iter().any(|word| seen.left().to_lowercase().ends_with(word));
    let apart = seen.is_free_left("-./\\+$#:");
    (apart && (!lasting || old || said)).then(|| scored(seen, seen.accept()?))?
}

fn named(seen: &Seen<'_>) -> Option<Accepted> {
    let number = seen.text().find(|c: char| c.is_ascii_digit())?;
    let apart = seen.is_free_right("-./\\+%:") && !seen.left().ends_with(['_', '-', '.', '/']);
    apart.then(|| scored(seen, seen.accept_span(seen.start + number, seen.end)?))?
}

/// Nobody was ever older than 122.
fn scored(seen: &Seen<'_>, found: Accepted) -> Option<Accepted> {
    let years: u16 = Groups::of(seen.text()).get(0).parse().ok()?;
    match years {
        1..=89 => Some(found.with_score(0.3)),
        90..=125 => Some(found),
        _ => None,
    }
}
