//! Numbers and codes that the tagger takes for places: post codes are some of them, and most are numbers of orders, ports, parts.
//!
//! What is dropped here is no name, so no policy hides it for one. A post code beside a place that the lexicon does not know, and
//! without a word for it, is left in place: alone it leads to no one.

use super::{
    analysis::Analysis,
    lexicon::Entry,
    token::{Shape, Token},
};
use std::ops::Range;

/// Tokens looked at on each side.
const REACH: usize = 3;

/// Words for post codes, small, in the languages of the tagger.
#[rustfmt::skip]
const WORDS: [&str; 12] = [
    "cap", "cep", "cp", "eircode", "plz", "postal", "postcode", "postleitzahl", "postnr", "zip", "zipcode", "zone",
];

/// True for a place that is nothing but a number or a code, where nothing near says that it is a post code.
pub(super) fn is_mere_number(text: &str, analysis: &Analysis, place: &Range<usize>) -> bool {
    let tokens = &analysis.tokens[place.clone()];
    let is_number =
        |token: &Token| matches!(token.shape, Shape::Digits | Shape::Code | Shape::Mark);
    if !tokens.iter().all(is_number) || has_form(text, tokens) {
        return false;
    }
    let before = place.start.saturating_sub(REACH)..place.start;
    let behind = place.end..analysis.tokens.len().min(place.end + REACH);
    let tells = |at: usize| {
        const PLACE: u32 = Entry::CITY | Entry::TOWN | Entry::REGION;
        let (token, word) = (&analysis.tokens[at], &analysis.words[at]);
        token.is_capitalised() && (word.entry.has(PLACE) || word.phrase.flags & PLACE != 0)
            || is_word_for_it(token.slice(text))
    };
    !before.chain(behind).any(tells)
}

fn is_word_for_it(word: &str) -> bool {
    WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// British, Irish and Canadian codes have letters and digits on both sides of a space, and look like nothing else: `SW1A 2AA`.
fn has_form(text: &str, tokens: &[Token]) -> bool {
    let [outward, inward] = tokens else { return false };
    let is_mixed = |token: &Token| {
        let word = token.slice(text);
        word.len() <= 4
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
            && word.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    };
    is_mixed(outward) && is_mixed(inward) && !inward.glued
}
