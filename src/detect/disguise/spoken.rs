//! Numbers that are spelled out digit by digit, as people say them and programs that listen write them:
//! `four one five, five five five, two six seven one`, `five one four dash six nine dash oh three six zero`, `double seven`.
//!
//! Words of ten and more (`fifty-five`) are no digits.

use super::Edit;

/// Fewer digits in a row are no number of somebody.
const FEWEST: usize = 7;
/// Seven of the shortest words take 20 bytes, so that all looks of one step fall into every run.
const STEP: usize = 12;
/// The marks that may stand between two words, in bytes.
const WIDEST: usize = 3;
/// The longest word.
const LONGEST: usize = 6;

/// What a word of such a number says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Digit(char),
    /// The next digit so many times.
    Times(usize),
    /// Groups are apart.
    Dash,
}

const WORDS: [(&str, Said); 15] = [
    ("zero", Said::Digit('0')),
    ("oh", Said::Digit('0')),
    ("one", Said::Digit('1')),
    ("two", Said::Digit('2')),
    ("three", Said::Digit('3')),
    ("four", Said::Digit('4')),
    ("five", Said::Digit('5')),
    ("six", Said::Digit('6')),
    ("seven", Said::Digit('7')),
    ("eight", Said::Digit('8')),
    ("nine", Said::Digit('9')),
    ("double", Said::Times(2)),
    ("triple", Said::Times(3)),
    ("dash", Said::Dash),
    ("hyphen", Said::Dash),
];

/// For each letter, and for what is none, those that may stand behind it in such a number.
const PAIRS: [u32; 27] = {
    let mut pairs = [0u32; 27];
    let mut nth = 0;
    while nth < WORDS.len() {
        let word = WORDS[nth].0.as_bytes();
        let mut last = OTHER;
        let mut at = 0;
        while at < word.len() {
            let letter = letter(word[at]);
            pairs[last] |= 1 << letter;
            last = letter;
            at += 1;
        }
        pairs[last] |= 1 << OTHER;
        nth += 1;
    }
    pairs[OTHER] |= 1 << OTHER;
    pairs
};
const OTHER: usize = 26;

const fn letter(byte: u8) -> usize {
    let lower = byte | 0x20;
    if lower.is_ascii_lowercase() { (lower - b'a') as usize } else { OTHER }
}

/// The words of runs of digits, as digits; a comma or a dash between them as a mark.
pub(super) fn each_edit(text: &str, visit: &mut dyn FnMut(Edit)) {
    let bytes = text.as_bytes();
    let may_be = |at: usize| {
        let (first, second) = (bytes[at], bytes.get(at + 1).copied().unwrap_or_default());
        PAIRS[letter(first)] >> letter(second) & 1 == 1
    };
    let mut at = STEP / 2;
    let mut done = 0;
    while at < bytes.len() {
        // All pairs in a run are such; prose has one in four, and hardly ever seven in a row.
        if at >= done && may_be(at) && (at - STEP / 2..at).rev().all(may_be) {
            done = run(bytes, done, at, visit).max(done);
        }
        at += STEP;
    }
}

/// Visits the run around `at`, if there is one, from `from` on. Tells where it ends.
fn run(bytes: &[u8], from: usize, at: usize, visit: &mut dyn FnMut(Edit)) -> usize {
    let Some(mut first) = word_around(bytes, from, at) else { return at };
    while let Some(before) = word_before(bytes, from, first.start) {
        first = before;
    }
    let mut words = vec![first];
    while let Some(next) = words.last().and_then(|last| word_behind(bytes, last.end)) {
        words.push(next);
    }
    // A number begins and ends with a digit, and a word for how often stands before one.
    while words.last().is_some_and(|word| !matches!(word.said, Said::Digit(_))) {
        words.pop();
    }
    while words.first().is_some_and(|word| word.said == Said::Dash) {
        words.remove(0);
    }
    let digits = words.iter().filter(|word| matches!(word.said, Said::Digit(_))).count();
    let end = words.last().map_or(at, |last| last.end);
    if digits >= FEWEST {
        write_out(bytes, &words, visit);
    }
    end
}

/// A word at `start..end`.
#[derive(Clone, Copy, Debug)]
struct Word {
    start: usize,
    end: usize,
    said: Said,
}

/// The word that begins at `start`, if it is one of [`WORDS`].
fn word_at(bytes: &[u8], start: usize) -> Option<Word> {
    let near = bytes.get(start..bytes.len().min(start + LONGEST + 1))?;
    let len = near.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let word = near.get(..len)?;
    let (_, said) = WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known.as_bytes()))?;
    let apart = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric() && b.is_ascii());
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    (apart(before) && apart(bytes.get(start + len))).then_some(Word {
        start,
        end: start + len,
        said: *said,
    })
}

/// The word that `at` is in or behind.
fn word_around(bytes: &[u8], from: usize, at: usize) -> Option<Word> {
    let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let start = if is_letter(at) {
        (0..LONGEST)
            .map_while(|back| at.checked_sub(back))
            .take_while(|&at| is_letter(at))
            .last()?
    } else {
        (at..=at + WIDEST).find(|&at| is_letter(at))?
    };
    word_at(bytes, start).filter(|word| word.start >= from)
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b'-' | b'.')
}

fn word_behind(bytes: &[u8], end: usize) -> Option<Word> {
    let marks = bytes.get(end..)?.iter().take(WIDEST + 1).take_while(|b| is_mark(**b)).count();
    (1..=WIDEST).contains(&marks).then(|| word_at(bytes, end + marks))?
}

fn word_before(bytes: &[u8], from: usize, start: usize) -> Option<Word> {
    let left = bytes.get(from..start)?;
    let marks = left.iter().rev().take(WIDEST + 1).take_while(|b| is_mark(**b)).count();
    let left = left.get(..left.len() - marks)?;
    let len = left.iter().rev().take(LONGEST + 1).take_while(|b| b.is_ascii_alphabetic()).count();
    (1..=WIDEST).contains(&marks).then(|| word_at(bytes, from + left.len() - len))?
}

/// Each word as its digit, together with the marks in front of it.
fn write_out(bytes: &[u8], words: &[Word], visit: &mut dyn FnMut(Edit)) {
    let mut done = words.first().map_or(0, |first| first.start);
    let mut times = None;
    let mut is_apart = false;
    let mut dash = false;
    for (nth, word) in words.iter().enumerate() {
        let marks = bytes.get(done..word.start).unwrap_or_default();
        is_apart |= nth > 0 && marks.contains(&b',');
        match word.said {
            Said::Dash => dash = true,
            Said::Times(count) => times = Some((count, word.start)),
            Said::Digit(digit) => {
                let (count, from) = times.take().unwrap_or((1, word.start));
                if dash || is_apart {
                    let mark = if dash { '-' } else { ' ' };
                    visit(Edit { start: done, end: from, with: Some(mark) });
                    done = from;
                }
                // Each digit needs a place of its own: the word for how often has more letters than that.
                for end in from + 1..from + count {
                    visit(Edit { start: done, end, with: Some(digit) });
                    done = end;
                }
                visit(Edit { start: done, end: word.end, with: Some(digit) });
                done = word.end;
                (dash, is_apart) = (false, false);
            }
        }
    }
}
