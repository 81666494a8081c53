//! Passes over the parts of a text in which none of a few words can stand, much faster than tokens can be made of them.

use super::token::{self, Token, Tokens};
use std::ops::Range;

/// How words of at least three bytes begin, whatever their case: a bit for the low bits of each row of three letters. It may
/// say yes too often, never no. Without a word it takes no memory: most requests name nobody.
#[derive(Debug, Default)]
pub(super) struct Beginnings(Vec<u64>);

impl Beginnings {
    /// Adds a word.
    pub(super) fn note(&mut self, word: &str) {
        let mut letters = word.chars().map(token::fold);
        let three = [letters.next(), letters.next(), letters.next()].map(|letter| {
            // Letters beyond ASCII are never looked for: a chunk that holds one is taken anyway.
            u8::try_from(letter.unwrap_or_default()).unwrap_or_default()
        });
        self.0.resize((1 << (3 * LOW)) / 64, 0);
        let (at, bit) = place(three);
        self.0[at] |= bit;
    }

    /// The tokens of `text` among which all are that may be one of the words, as they are in the whole text but for the white space
    /// before them.
    pub(super) fn tokens(&self, text: &str) -> impl Iterator<Item = Token> {
        self.chunks(text).flat_map(|chunk| {
            let tokens = Tokens::of(text.get(chunk.clone()).unwrap_or_default());
            tokens.map(move |token| token.moved(chunk.start))
        })
    }

    fn may_begin(&self, rest: &[u8]) -> bool {
        rest.first_chunk().is_some_and(|three| {
            let (at, bit) = place(*three);
            self.0.get(at).is_some_and(|bits| bits & bit != 0)
        })
    }

    /// The stretches of `text` between white space in which one of the words may stand. Tokens end at white space, so that each
    /// of them can be read by itself.
    fn chunks(&self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let chunk = self.next_chunk(text.as_bytes(), at)?;
            at = chunk.end;
            Some(chunk)
        })
    }

    /// The first chunk behind `start`, which is no place within one.
    fn next_chunk(&self, bytes: &[u8], mut start: usize) -> Option<Range<usize>> {
        let mut is_wanted = false;
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            let rest = &bytes[at..];
            at += 1;
            match KINDS[usize::from(byte)] {
                Byte::Space if is_wanted => return Some(start..at - 1),
                Byte::Space => start = at,
                Byte::Small | Byte::Capital => {
                    is_wanted = is_wanted || self.may_begin(rest);
                    // Nothing begins within a word but at a capital, where the parts of hash tags do.
                    at += rest[1..].iter().take_while(|byte| is_small(**byte)).count();
                }
                Byte::Other => {}
                Byte::Foreign => is_wanted = true,
            }
        }
        is_wanted.then_some(start..bytes.len())
    }
}

fn is_small(byte: u8) -> bool {
    KINDS[usize::from(byte)] == Byte::Small
}

/// Low bits of a letter that are told apart: small and large ones have the same.
const LOW: usize = 5;

/// Where the bit of three letters stands.
fn place(letters: [u8; 3]) -> (usize, u64) {
    let low = |letter: u8| usize::from(letter) % (1 << LOW);
    let [a, b, c] = letters.map(low);
    let nth = (a << LOW | b) << LOW | c;
    (nth / 64, 1 << (nth % 64))
}

/// What a byte is to [`Beginnings::next_chunk`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Byte {
    /// ASCII white space.
    Space,
    /// A small letter, digit or underscore: within a word.
    Small,
    Capital,
    /// Another character of ASCII.
    Other,
    /// Part of a character beyond ASCII, which may be a letter or white space.
    Foreign,
}

const KINDS: [Byte; 256] = {
    let mut kinds = [Byte::Foreign; 256];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte as usize] = match byte {
            b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r' => Byte::Space,
            b'A'..=b'Z' => Byte::Capital,
            b'a'..=b'z' | b'0'..=b'9' | b'_' => Byte::Small,
            _ => Byte::Other,
        };
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunks(words: &[&str], text: &'static str) -> Vec<&'static str> {
        let mut beginnings = Beginnings::default();
        words.iter().for_each(|word| beginnings.note(word));
        beginnings.chunks(text).map(|chunk| &text[chunk]).collect()
    }

    #[test]
    fn only_what_begins_like_a_word_is_looked_at_whatever_its_case() {
        let text = "Mara went to see\tMARCO's (mandarin) trees, Omar and #TheMarket.";
        assert_eq!(chunks(&["Mara"], text), ["Mara", "MARCO's", "#TheMarket."]);
        assert_eq!(chunks(&[], text), [""; 0]);
    }

    #[test]
    fn letters_beyond_ascii_are_always_looked_at() {
        assert_eq!(chunks(&["Élodie"], "a élodie b Zo\u{eb} c"), ["élodie", "Zo\u{eb}"]);
    }

    proptest! {
        #[test]
        fn no_word_is_passed_over_and_each_is_read_as_in_the_whole(
            text in "[aAbBcİK'’#_1éÉ .\n\u{a0}-]{0,60}",
            nth in any::<prop::sample::Index>(),
        ) {
            let whole: Vec<Token> = Tokens::of(&text).collect();
            let is_looked_for = |token: &&Token| token.is_word() && token.end - token.start >= 3;
            let words: Vec<&Token> = whole.iter().filter(is_looked_for).collect();
            prop_assume!(!words.is_empty());
            let word = nth.get(&words);
            let mut beginnings = Beginnings::default();
            beginnings.note(word.slice(&text));
            let seen: Vec<(usize, usize)> = beginnings
                .tokens(&text)
                .filter(|token| token.id == word.id && token.is_word())
                .map(|token| (token.start, token.end))
                .collect();
            let wanted: Vec<(usize, usize)> = words
                .iter()
                .filter(|token| token.id == word.id)
                .map(|token| (token.start, token.end))
                .collect();
            prop_assert_eq!(seen, wanted);
        }
    }
}
