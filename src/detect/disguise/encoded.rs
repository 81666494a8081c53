//! Values in base64 or hexadecimal. What is found in the decoded text makes the whole word a finding.

use super::Candidate;
use crate::{
    base64,
    detect::{
        long_words::{self, Letters},
        seen::is_word,
    },
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
    let hexadecimal = hexadecimal.then(|| bytes.chunks(2).map(hex_byte).collect::<Option<_>>());
    hexadecimal.flatten().and_then(readable).or_else(|| text_in_base64(bytes))
}

/// Letters of both cases, of which the first stand for text. Names and digests are most of all words: few of them pass.
fn may_be_base64(word: &[u8]) -> bool {
    let head = word.get(..SHORTEST).unwrap_or(word);
    let lower = head.iter().any(u8::is_ascii_lowercase);
    let upper = head.iter().any(u8::is_ascii_uppercase);
    let mut bytes = [0; 9];
    for (group, bytes) in head.chunks_exact(4).zip(bytes.chunks_exact_mut(3)) {
        let mut bits = 0u32;
        for &letter in group {
            bits = bits << 6 | base64::six_bits(letter).unwrap_or_default();
        }
        bytes.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    // A character may be cut at the end.
    let text = str::from_utf8(&bytes).map_or_else(|e| e.error_len().is_none(), |_| true);
    lower && upper && text && bytes.iter().all(|&b| is_readable(b))
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok().filter(|&b| is_readable(b))
}

/// Stops at the first byte that no text holds.
fn text_in_base64(word: &[u8]) -> Option<String> {
    if word.len() % 4 == 1 || !may_be_base64(word) {
        return None;
    }
    let mut bytes = Vec::with_capacity(word.len() * 3 / 4);
    for group in word.chunks(4) {
        let mut bits = 0u32;
        for &letter in group {
            bits = bits << 6 | base64::six_bits(letter)?;
        }
        let [_, first, second, third] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        for byte in [first, second, third].into_iter().take(group.len() - 1) {
            bytes.push(Some(byte).filter(|&b| is_readable(b))?);
        }
    }
    readable(bytes)
}

/// No control character.
fn is_readable(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r')
}

fn readable(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok()
}
