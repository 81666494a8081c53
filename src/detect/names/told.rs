//! What a text itself says of a name of one word: `the band Lorna.`, `Odette is a nonprofit in …`, `Nutting is a hamlet in …`.
//!
//! Strict, since policies hide people where they may leave organisations in place: `at our startup Anna is …` tells nothing.

use super::NameKind;
use crate::detect::seen::{prefix, suffix};

/// Read so many bytes beside a name at most.
const REACH: usize = 96;
/// Words that say so of the name behind them.
const BEFORE: [&str; 8] =
    ["band", "chain", "firm", "label", "quartet", "retailer", "startup", "trio"];
#[rustfmt::skip]
const ORGANISATIONS: [&str; 22] = [
    "agency", "airline", "band", "bank", "brewery", "broadcaster", "carmaker", "chain", "charity", "company", "duo", "label",
    "manufacturer", "nonprofit", "publisher", "quartet", "quintet", "retailer", "startup", "subsidiary", "supermarket", "trio",
];
#[rustfmt::skip]
const PLACES: [&str; 20] = [
    "borough", "city", "commune", "community", "county", "district", "hamlet", "island", "municipality", "neighborhood", "neighbourhood",
    "parish", "province", "resort", "river", "settlement", "suburb", "town", "township", "village",
];

/// The kind that the words beside the name at `start..end` say it is of.
pub(super) fn kind(text: &str, start: usize, end: usize) -> Option<NameKind> {
    named_before(text, start, end).or_else(|| defined(text, end))
}

/// `the band Lorna.`, `a firm called Tobias`, `the trio "Harriet"`.
fn named_before(text: &str, start: usize, end: usize) -> Option<NameKind> {
    const QUOTES: [char; 6] = ['"', '“', '”', '\'', '‘', '’'];
    let left = suffix(text.get(..start)?, REACH);
    let right = prefix(text.get(end..)?, REACH);
    let is_quoted = left.ends_with(QUOTES) && right.starts_with(QUOTES);
    let left = left.trim_end_matches(QUOTES).trim_end_matches(' ');
    let called = left.strip_suffix(" called").or(left.strip_suffix(" named"));
    let word = called.unwrap_or(left).rsplit(|c: char| !c.is_alphanumeric()).next()?;
    let ends_sentence = right.is_empty() || right.starts_with(['.', '!', '?', ')']);
    let is_its_name = is_quoted || called.is_some() || ends_sentence;
    (is_its_name && BEFORE.contains(&word)).then_some(NameKind::Organization)
}

/// `… is a small brewery in Ghent`: the noun before what tells more of it.
fn defined(text: &str, end: usize) -> Option<NameKind> {
    const VERBS: [&str; 8] = [
        " is a ",
        " is an ",
        " was a ",
        " was an ",
        " are a ",
        " are an ",
        " were a ",
        " were an ",
    ];
    const MORE: [&str; 14] = [
        "and", "at", "based", "by", "for", "founded", "from", "in", "located", "near", "of", "on",
        "that", "which",
    ];
    let right = prefix(text.get(end..)?, REACH);
    let rest = VERBS.iter().find_map(|verb| right.strip_prefix(verb))?;
    let phrase = rest.split(['.', ',', ';', ':', '(', '\n']).next()?;
    let noun = phrase.split(' ').take_while(|word| !MORE.contains(word)).last()?;
    if ORGANISATIONS.contains(&noun) {
        Some(NameKind::Organization)
    } else {
        PLACES.contains(&noun).then_some(NameKind::Location)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, expected: Option<NameKind>) {
        let start = text.find(name).unwrap();
        assert_eq!(kind(text, start, start + name.len()), expected, "{text}");
    }

    #[test]
    fn a_noun_beside_a_name_tells_its_kind() {
        const ORG: Option<NameKind> = Some(NameKind::Organization);
        const LOC: Option<NameKind> = Some(NameKind::Location);
        check("She sings in the band Lorna.", "Lorna", ORG);
        check("a band called \"Harriet\" which broke up", "Harriet", ORG);
        check("a firm named Tobias in Ghent", "Tobias", ORG);
        check("Odette is a nonprofit based in Ghent", "Odette", ORG);
        check("Amos are a five-piece band", "Amos", ORG);
        check("Nutting is a small hamlet in Vermont.", "Nutting", LOC);
    }

    #[test]
    fn other_words_tell_nothing() {
        check("the band John left", "John", None);
        check("At our startup Maria was fired.", "Maria", None);
        check("In the trio Anna is the youngest.", "Anna", None);
        check("the trio Anna, Ben and Tom", "Anna", None);
        check("Anna is a firm and fair teacher", "Anna", None);
        check("With her band, Lorna toured", "Lorna", None);
        check("Lorna is a singer in a band", "Lorna", None);
        check("Lorna is a town planner", "Lorna", None);
        check("the company Anna founded", "Anna", None);
        check("Lorna", "Lorna", None);
        check("é Lorna is a", "Lorna", None);
    }
}
