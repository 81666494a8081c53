//! States of the US behind a town: the `OK` of `Tulsa, OK`, which is an everyday word elsewhere.

use super::{
    analysis::Analysis,
    lexicon::Entry,
    token::{Shape, Token},
};
use std::ops::Range;

/// Codes of the Postal Service (Publication 28, appendix B), sorted.
#[rustfmt::skip]
const STATES: [&str; 52] = [
    "AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN",
    "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VT",
    "WA", "WI", "WV", "WY",
];

/// Where the code of a state stands behind the town that `place` is.
pub(super) fn behind(text: &str, analysis: &Analysis, place: &Range<usize>) -> Option<usize> {
    const TOWN: u32 = Entry::CITY | Entry::TOWN;
    let tokens = &analysis.tokens;
    let (comma, state) = (tokens.get(place.end)?, tokens.get(place.end + 1)?);
    let is_state = comma.glued
        && comma.slice(text) == ","
        && state.shape == Shape::Upper
        && !state.glued
        && STATES.binary_search(&state.slice(text)).is_ok();
    let town = analysis.words.get(place.end.checked_sub(1)?)?;
    let is_town = town.entry.has(TOWN) || town.phrase.flags & TOWN != 0;
    // `I'm from Tulsa, OK?`, `… OK, and OK!`
    let is_asked = |token: &Token| matches!(token.slice(text), "?" | "!");
    let asks = tokens.get(place.end + 2).is_some_and(is_asked);
    (is_state && is_town && !asks).then_some(place.end + 1)
}

#[cfg(test)]
mod tests {
    use super::{super::LEXICON, *};

    /// The state behind the place that begins `text`, which has one word.
    fn state(text: &str) -> Option<&str> {
        let mut analysis = Analysis::default();
        analysis.read(text, &LEXICON);
        behind(text, &analysis, &(0..1)).map(|at| analysis.tokens[at].slice(text))
    }

    #[test]
    fn a_state_stands_behind_a_town() {
        assert_eq!(state("Tulsa, OK now"), Some("OK"));
        assert_eq!(state("Portland, ME 04101"), Some("ME"));
    }

    #[test]
    fn a_word_that_asks_is_no_state() {
        assert_eq!(state("Tulsa, OK?"), None);
        assert_eq!(state("Tulsa, ok now"), None);
        assert_eq!(state("Table, OK now"), None);
    }

    #[test]
    fn codes_are_sorted_for_the_search() {
        assert!(STATES.is_sorted());
    }
}
