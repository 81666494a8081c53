//! Tells values from one another however they are written: in capitals or not, percent-encoded, with other separators.
//!
//! Of a text only letters and digits count, and where its words begin. A set of values is compared by digests, so that a
//! long text costs the same for one of them and for many.

use crate::percent;
use std::collections::HashSet;

/// Shorter ones are in half of all words.
const LEAST: usize = 4;

/// Of longer ones only the beginning is compared, so that a text costs a bounded number of steps for each of its words.
const MOST: usize = 256;

/// So many digits or more are nobody's year, price or door.
const TELLING_DIGITS: usize = 7;

/// Values to be recognised in texts.
#[derive(Debug, Default)]
pub struct Alike {
    digests: HashSet<u64>,
    longest: usize,
}

impl Alike {
    /// Adds a value.
    pub fn add(&mut self, value: &str) {
        self.insert(&Folded::of(value));
    }

    /// Adds a value, if it cannot stand in a text by chance: several words, or letters and digits together, or many digits.
    pub fn add_telling(&mut self, value: &str) {
        let folded = Folded::of(value);
        let digits = folded.letters.iter().filter(|(letter, _)| letter.is_numeric()).count();
        let n_words = folded.letters.iter().filter(|(_, begins)| *begins).count();
        let has_letters = digits < folded.letters.len();
        if digits >= TELLING_DIGITS || has_letters && (n_words > 1 || digits > 0) {
            self.insert(&folded);
        }
    }

    fn insert(&mut self, folded: &Folded) {
        if !folded.letters.is_empty() {
            self.longest = self.longest.max(folded.letters.len()).min(MOST);
            let compared = folded.letters.iter().take(MOST);
            self.digests.insert(compared.fold(SEED, |d, (c, _)| digest(d, *c)));
        }
    }

    /// True if `text` is one of the values, or some of its words are one of four letters and digits or more.
    pub fn occurs_in(&self, text: &str) -> bool {
        let letters = Folded::of(text).letters;
        let ends = |at: usize| letters.get(at + 1).is_none_or(|(_, begins)| *begins);
        let begins = letters.iter().enumerate().filter(|(_, (_, begins))| *begins);
        begins.map(|(at, _)| at).any(|from| {
            let mut sum = SEED;
            letters.iter().enumerate().skip(from).take(self.longest).any(|(at, (letter, _))| {
                sum = digest(sum, *letter);
                let is_whole = from == 0 && at + 1 == letters.len();
                let is_cut = at + 1 - from == MOST;
                (is_cut || ends(at))
                    && (is_whole || at + 1 - from >= LEAST)
                    && self.digests.contains(&sum)
            })
        })
    }
}

/// The letters and digits of a text, and whether each begins a word.
struct Folded {
    letters: Vec<(char, bool)>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let decoded = percent_decoded(text);
        let (mut letters, mut begins) = (Vec::with_capacity(decoded.len()), true);
        for c in decoded.chars().map(narrow) {
            if !c.is_alphanumeric() {
                begins = true;
                continue;
            }
            for lower in c.to_lowercase() {
                letters.push((lower, begins));
                begins = false;
            }
        }
        Self { letters }
    }
}

/// Full-width letters and digits as what they stand for.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Also what is encoded twice.
fn percent_decoded(text: &str) -> String {
    const TIMES: usize = 3;
    let mut decoded = text.to_owned();
    for _ in 0..TIMES {
        if !decoded.contains('%') {
            break;
        }
        decoded = String::from_utf8_lossy(&percent::decoded(decoded.as_bytes())).into_owned();
    }
    decoded
}

/// That of no letters. FNV-1a: whoever makes two values look alike is refused more, and finds out nothing.
const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn digest(sum: u64, letter: char) -> u64 {
    (sum ^ u64::from(u32::from(letter))).wrapping_mul(0x0100_0000_01b3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_however_it_is_written() {
        for (value, text, expected) in [
            ("ann.smith@example.org", "to Ann.Smith@Example.org!", true),
            ("ann.smith@example.org", "?to=ann.smith%40example.org", true),
            ("ann.smith@example.org", "?to=ann%252Esmith%2540example.org", true),
            ("ann.smith@example.org", "joann.smith@example.org", false),
            ("ann.smith@example.org", "ann.smith@example.organic", false),
            ("4111 1111 1111 1111", "is 4111111111111111.", true),
            ("4111111111111111", "is 4111-1111-1111-1111.", true),
            ("4111111111111111", "is ４１１１ 1111 1111 1111.", true),
            ("Jane Doe", "JANE DOE", true),
            ("Jane Doe", "Jane", false),
            ("Al", "Al wrote", false),
            ("Al", "AL", true),
            ("", "", false),
        ] {
            let mut alike = Alike::default();
            alike.add(value);
            assert_eq!(alike.occurs_in(text), expected, "{value} in {text}");
        }
    }

    #[test]
    fn of_a_long_value_the_beginning_tells() {
        let mut alike = Alike::default();
        alike.add(&"a1".repeat(MOST));
        assert!(alike.occurs_in(&format!("x {} y", "a1".repeat(MOST))));
        assert!(!alike.occurs_in(&format!("x {} y", "a1".repeat(MOST / 2 - 1))));
    }

    #[test]
    fn a_common_word_is_not_telling() {
        for (value, expected) in [
            ("Will", false),
            ("Will Doe", true),
            ("hunter2", true),
            ("2024", false),
            ("05/27", false),
            ("536-90-4399", true),
        ] {
            let mut alike = Alike::default();
            alike.add_telling(value);
            assert_eq!(alike.occurs_in(value), expected, "{value}");
        }
    }
}
