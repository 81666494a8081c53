//! Numbers and codes that the tagger takes for places: post codes are some of them, and most are numbers of orders, ports, parts,
//! colours.
//!
//! What is dropped here is no name, so no policy hides it for one. A post code beside a place that the lexicon does not know, and
//! without a word for it, is left in place: alone it leads to no one.

use super::{
    analysis::{Analysis, Word},
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

/// Capitals that post is sent to, beside a number.
const POSTS: [&str; 6] = ["APO", "BFPO", "BP", "DPO", "FPO", "PO"];

/// True for a place that is nothing but a number or a code, where nothing near says that it is a post code.
pub(super) fn is_mere_number(text: &str, analysis: &Analysis, place: &Range<usize>) -> bool {
    let tokens = &analysis.tokens[place.clone()];
    let has_digits = tokens.iter().any(|token| matches!(token.shape, Shape::Digits | Shape::Code));
    let is_of_code = |(token, word): (&Token, &Word)| {
        matches!(token.shape, Shape::Digits | Shape::Code | Shape::Mark | Shape::Break)
            || has_digits && is_acronym(token.slice(text), token.shape, word)
    };
    let words = &analysis.words[place.clone()];
    if !tokens.iter().zip(words).all(is_of_code) || has_form(text, tokens) {
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

/// Capitals that are no place, as in `RAL 7016` and `GH-221`.
fn is_acronym(word: &str, shape: Shape, known: &Word) -> bool {
    const PLACE: u32 = Entry::CITY | Entry::TOWN | Entry::REGION | Entry::PLACE_WORD;
    shape == Shape::Upper
        && !known.entry.has(PLACE)
        && known.phrase.flags & PLACE == 0
        && !POSTS.contains(&word)
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

#[cfg(test)]
mod tests {
    use super::{super::LEXICON, *};

    #[track_caller]
    fn check(marked: &str, expected: bool) {
        let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
        let text = marked.replace(['[', ']'], "");
        let mut analysis = Analysis::default();
        analysis.read(&text, &LEXICON);
        let inside = |token: &Token| start <= token.start && token.end <= end;
        let first = analysis.tokens.iter().position(inside).unwrap();
        let count = analysis.tokens.iter().filter(|token| inside(token)).count();
        assert_eq!(is_mere_number(&text, &analysis, &(first..first + count)), expected, "{marked}");
    }

    #[test]
    fn numbers_and_codes_are_no_places_by_themselves() {
        check("listens on [34672] and waits", true);
        check("part [X4-7781] is out of stock", true);
        check("the [44829] samples", true);
        check("painted in [RAL 7016], matt", true);
        check("closes [GH-221]", true);
        check("Ingredients: aqua, [CI 77891]", true);
    }

    #[test]
    fn post_codes_are_told_by_what_stands_beside_them_and_by_their_form() {
        check("Dallas, TX [75202]", false);
        check("[10115] Berlin", false);
        check("zip code [97205]", false);
        check("PLZ [44137]", false);
        check("to [SW1A 2AA] please", false);
        check("[Leeds] again", false);
        check("[BFPO 801] is his address", false);
        check("leave the [US 101] there", false);
    }
}
