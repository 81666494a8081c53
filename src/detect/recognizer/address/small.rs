//! Addresses in small letters, as chats have them: `12 maple street springfield il 62704`, `i live at 9 elm rd`.
//!
//! So written nearly everything is an address that has a number and the word `road` near each other. So it counts only with a
//! unit, a state or a post code behind it, or with words in front that say that somebody lives there.

use super::words;
use crate::detect::{
    pattern::Accepted,
    seen::{Seen, is_word, prefix, suffix},
};

/// Words for a street that are little else.
pub(super) const TYPES: &str = r"(?-u:\b)(?:street|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|parkway|pkwy|drive|dr|court|ct|circle|cir|terrace|place|pl)(?-u:\b)";

/// How far the name and the number stand in front, in bytes.
const BEFORE: usize = 40;
/// How far the town and its post code stand behind.
const BEHIND: usize = 64;

/// What was matched is the word for a street.
pub(super) fn street(seen: &Seen<'_>) -> Option<Accepted> {
    let start = start(seen)?;
    let mut end = seen.end;
    let rest = prefix(seen.all.get(seen.end..)?, BEHIND).split('\n').next()?;
    let unit = unit(rest);
    end += unit;
    let place = place(rest.get(unit..)?);
    end += place;
    let told = is_home(seen.all.get(..start)?);
    (unit > 0 || place > 0 || told).then(|| seen.accept_span(start, end))?
}

/// Where the house number begins: in front of one to three words that may name a street.
fn start(seen: &Seen<'_>) -> Option<usize> {
    let line = suffix(seen.all.get(..seen.start)?, BEFORE).rsplit('\n').next()?;
    let mut at = line.len();
    for nth in 0..4 {
        let before = line.get(..at)?.strip_suffix(' ')?;
        let word = before.rsplit(' ').next()?;
        let from = before.len() - word.len();
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let is_house = (1..=5).contains(&digits)
            && !word.starts_with('0')
            && matches!(word.get(digits..)?.as_bytes(), [] | [b'a'..=b'd']);
        if is_house {
            let place = seen.start - (line.len() - from);
            return (nth > 0).then_some(place);
        }
        if !names_street(word) {
            return None;
        }
        at = from;
    }
    None
}

/// A word in small letters that no sentence is made of, an ordinal, a direction.
fn names_street(word: &str) -> bool {
    #[rustfmt::skip]
    const OTHERS: &[&str] = &[
        "cars", "days", "down", "every", "feet", "ft", "hours", "houses", "into", "km", "lanes", "meters", "metres", "miles", "minutes", "more", "off",
        "onto", "other", "over", "people", "per", "same", "than", "times", "up", "ways", "years",
    ];
    let small = word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    let direction = matches!(word, "n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw");
    let plain = small && !words::is_particle(word) && !words::is_sentence(word);
    direction || words::is_ordinal(word) || plain && !OTHERS.contains(&word)
}

/// The length of ` apt 3`, `, unit 8`, ` #4b` at the beginning of `rest`, or 0.
fn unit(rest: &str) -> usize {
    let open = rest.trim_start_matches([',', '.']).trim_start_matches(' ');
    let names = ["apartment ", "apt. ", "apt ", "unit ", "suite ", "ste ", "#"];
    let Some(number) = names.iter().find_map(|name| open.strip_prefix(name)) else { return 0 };
    let number = number.trim_start_matches('#');
    let len = number.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(number.len());
    let fits = (1..=5).contains(&len) && number.bytes().take(len).any(|b| b.is_ascii_digit());
    if fits { rest.len() - number.len() + len } else { 0 }
}

/// The length of ` springfield il 62704` at the beginning of `rest`, or 0: up to three words, a state, a post code. Without the
/// code a state must be no word and end the line.
fn place(rest: &str) -> usize {
    #[rustfmt::skip]
    const WORDS: &[&str] = &["al", "as", "co", "de", "hi", "id", "in", "la", "ma", "me", "oh", "ok", "or", "pa"];
    let mut at = 0;
    let mut is_state = false;
    for _ in 0..5 {
        let Some(tail) = rest.get(at..) else { break };
        let word = tail.trim_start_matches([',', ' ']);
        let gap = tail.len() - word.len();
        let len = word.find(|c| !is_word(c)).unwrap_or(word.len());
        let word = word.get(..len).unwrap_or_default();
        if gap == 0 || gap > 2 || len == 0 {
            break;
        }
        let is_code = len == 5 && word.bytes().all(|b| b.is_ascii_digit());
        at += gap + len;
        if is_code {
            return if is_state { at } else { 0 };
        }
        is_state = words::is_us_state(&word.to_ascii_uppercase());
        let ends = rest.get(at..).is_some_and(|r| r.is_empty() || r.starts_with(['.', '!', '?']));
        if is_state && ends && !WORDS.contains(&word) {
            return at;
        }
        if !word.bytes().all(|b| b.is_ascii_alphabetic()) {
            break;
        }
    }
    0
}

/// `i live at`, `my address is`, `ship it to`.
fn is_home(left: &str) -> bool {
    let line = suffix(left, BEFORE).rsplit(['\n', '.', '!', '?']).next().unwrap_or_default();
    let line = line.trim_end_matches([' ', ':']).to_lowercase();
    let verbs = [
        "address", "deliver", "drop", "i'm at", "im at", "live", "mail it", "moved", "pick me",
        "place is", "send", "ship", "staying",
    ];
    ["address", " at", " from", " is", " to"].iter().any(|last| line.ends_with(last))
        && verbs.iter().any(|verb| line.contains(verb))
}
