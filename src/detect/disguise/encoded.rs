//! Values in base64 or hexadecimal. What is found in the decoded text makes the whole word a finding.

use super::Candidate;
use crate::{
    base64,
    detect::{
        long_words::{self, Letters},
        seen::is_word,
    },
    encoding::{Encoding, FEW_CONTROLS},
};

/// Shorter words hold no value that would be found.
const SHORTEST: usize = 15;

/// Appends a candidate for each encoded word in whose text `search` finds something.
pub(super) fn find(
    text: &str,
    mut search: impl FnMut(&str, &mut Vec<Candidate>),
    out: &mut Vec<Candidate>,
) {
    let mut found = Vec::new();
    each_word(text, |start, end| {
        let Some(plain) = text.get(start..end).and_then(decode) else { return false };
        found.clear();
        search(&plain, &mut found);
        let best = found.drain(..).max_by(|a, b| a.score.get().total_cmp(&b.score.get()));
        let end = end + padding(text, end);
        out.extend(best.map(|candidate| Candidate { start, end, ..candidate }));
        true
    });
}

/// The letters of base64 and of its form for addresses.
static CODE: Letters = Letters::and(b"+/-_");

/// Calls `visit` for each long word that stands apart, and for the parts of it between slashes if the whole is nothing.
fn each_word(text: &str, mut visit: impl FnMut(usize, usize) -> bool) {
    long_words::each::<SHORTEST>(text, &CODE, |start, end| {
        if is_apart(text, start, end) && !visit(start, end) {
            visit_parts(text.as_bytes(), start, end, &mut visit);
        }
    });
}

fn visit_parts(
    bytes: &[u8],
    start: usize,
    end: usize,
    visit: &mut impl FnMut(usize, usize) -> bool,
) {
    let mut at = start;
    for part in bytes.get(start..end).unwrap_or_default().split(|&b| b == b'/') {
        if part.len() >= SHORTEST && part.len() < end - start {
            visit(at, at + part.len());
        }
        at += part.len() + 1;
    }
}

/// No letter of another alphabet touches it.
fn is_apart(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|t| t.chars().next_back());
    let behind = text.get(end..).and_then(|t| t.chars().next());
    !before.is_some_and(is_word) && !behind.is_some_and(is_word)
}

/// How many `=` follow.
fn padding(text: &str, end: usize) -> usize {
    text.as_bytes()
        .get(end..)
        .unwrap_or_default()
        .iter()
        .take(2)
        .take_while(|&&b| b == b'=')
        .count()
}

/// The text that `word` stands for; `None` when it does not stand for any.
fn decode(word: &str) -> Option<String> {
    let bytes = word.as_bytes();
    let hexadecimal = bytes.len().is_multiple_of(2) && bytes.iter().all(u8::is_ascii_hexdigit);
    let hexadecimal = hexadecimal.then(|| text_in_hexadecimal(bytes));
    hexadecimal.flatten().or_else(|| text_in_base64(bytes))
}

fn text_in_hexadecimal(word: &[u8]) -> Option<String> {
    let mut text = Bytes::of(word.len() / 2);
    for pair in word.chunks(2) {
        text.push(u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?)?;
    }
    text.read()
}

/// Letters of both cases: names and digests are most of all words, and few of them have such.
fn text_in_base64(word: &[u8]) -> Option<String> {
    let head = word.get(..SHORTEST).unwrap_or(word);
    let is_mixed =
        head.iter().any(u8::is_ascii_lowercase) && head.iter().any(u8::is_ascii_uppercase);
    if word.len() % 4 == 1 || !is_mixed {
        return None;
    }
    let mut text = Bytes::of(word.len() * 3 / 4);
    for group in word.chunks(4) {
        let mut bits = 0u32;
        for &letter in group {
            bits = bits << 6 | base64::six_bits(letter)?;
        }
        let [_, first, second, third] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        for byte in [first, second, third].into_iter().take(group.len() - 1) {
            text.push(byte)?;
        }
    }
    text.read()
}

/// Bytes that may be a text, most likely in UTF-8: else in UTF-16, or with letters of Latin-1, or cut within a character.
struct Bytes {
    head: [u8; HEAD],
    n_read: usize,
    n_all: usize,
    /// Empty unless the head may be that of a text.
    bytes: Vec<u8>,
    n_controls: usize,
    is_wide: bool,
}

/// So many bytes tell text from most of what is none.
const HEAD: usize = 9;

impl Bytes {
    /// So many are to come.
    fn of(n_all: usize) -> Self {
        let bytes = Vec::new();
        Self { head: [0; HEAD], n_read: 0, n_all, bytes, n_controls: 0, is_wide: false }
    }

    /// `None` once it can be no text.
    fn push(&mut self, byte: u8) -> Option<()> {
        self.n_controls += usize::from(!is_readable(byte));
        if let Some(place) = self.head.get_mut(self.n_read) {
            *place = byte;
            self.n_read += 1;
            return if self.n_read == HEAD.min(self.n_all) { self.judge_head() } else { Some(()) };
        }
        self.bytes.push(byte);
        let few = FEW_CONTROLS + self.bytes.len() / 64;
        (self.is_wide || self.n_controls <= few).then_some(())
    }

    fn judge_head(&mut self) -> Option<()> {
        let head = self.head.get(..self.n_read)?;
        self.is_wide = head.get(..8).and_then(Encoding::utf_16).is_some();
        let n_ascii = head.iter().filter(|b| b.is_ascii() && is_readable(**b)).count();
        let is_plain = || {
            // A character may be cut at the end.
            let is_cut = |error: std::str::Utf8Error| error.error_len().is_none();
            self.n_controls == 0 && str::from_utf8(head).map_or_else(is_cut, |_| true)
        };
        if !self.is_wide && n_ascii + FEW_CONTROLS < head.len() && !is_plain() {
            return None;
        }
        self.bytes.reserve(self.n_all);
        self.bytes.extend_from_slice(head);
        Some(())
    }

    fn read(mut self) -> Option<String> {
        if self.is_wide {
            self.bytes.truncate(self.bytes.len() / 2 * 2);
        }
        let (text, encoding) = Encoding::read(self.bytes);
        encoding.is_plausible(&text).then_some(text)
    }
}

/// No control character.
fn is_readable(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r')
}
