//! Finds tokens by reading the long words of a text, and nothing else of it.
//!
//! Keys are long, and long words are found some ten times faster than by an automaton over the forms of all kinds. It costs
//! nothing for each kind more.

use super::{check, issuers, jwt, keyed};
use crate::detect::{
    long_words::{self, Letters},
    seen::suffix,
};

/// The fewest bytes of a word that is looked at.
const LEAST: usize = 16;
/// How many times a form is looked for inside of a word, behind its marks.
const MOST_STARTS: usize = 8;
/// How far to the left of a word the pieces in front of it may begin, in bytes.
const PIECES: usize = LEAST * 6;
/// How far to the left a name is looked for, in bytes.
pub(super) const NAME_REACH: usize = 96;

/// A token in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: &'static str,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) score: f32,
}

/// Calls `found` for every token, in order of place.
pub(super) fn find(text: &str, mut found: impl FnMut(Token)) {
    let mut done = 0;
    long_words::each::<LEAST>(text, &WORD, |start, end| {
        let token = (start >= done).then(|| in_word(text, start, end)).flatten();
        if let Some(token) = token {
            done = token.end;
            found(token);
        }
    });
}

/// Letters, digits, and the marks that tokens have between them.
static WORD: Letters = Letters::and(b"_-.!$");

/// The token in the word `start..end`, which may go on behind it.
fn in_word(text: &str, start: usize, end: usize) -> Option<Token> {
    let start = begin(text, start, end);
    let word = text.get(start..end)?;
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 && !word.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let of_pieces = || {
        let first = first_piece(text, start)?;
        prefixed(text, first, false)
            .or_else(|| (digits > 1).then(|| keyed::find(text, first))?)
            .filter(|token| token.end > start)
    };
    if is_inside_base64(text, start) {
        return of_pieces();
    }
    jwt::find(text, start)
        .or_else(|| prefixed(text, start, digits > 1))
        .or_else(|| in_front(text, start).find_map(|start| prefixed(text, start, true)))
        .or_else(of_pieces)
        .or_else(|| behind_marks(word).find_map(|at| prefixed(text, start + at, false)))
        .or_else(|| (digits > 1).then(|| keyed::find(text, start))?)
}

fn prefixed(text: &str, start: usize, whole: bool) -> Option<Token> {
    let (kind, len, score) = issuers::token(text.get(start..)?, whole)?;
    let end = start + len + padding(text, start, start + len);
    let open = kind.is_published && !is_called_secret(text, start);
    let score = if open { score.min(check::WEAK) } else { score };
    Some(Token { kind: kind.name, start, end, score })
}

/// True when the words in front, in the same line, say that this is a key to be kept.
fn is_called_secret(text: &str, start: usize) -> bool {
    const WORDS: [&str; 5] = ["key", "token", "secret", "credential", "passw"];
    let left = suffix(text.get(..start).unwrap_or_default(), NAME_REACH);
    let line = left.rsplit('\n').next().unwrap_or(left).to_ascii_lowercase();
    WORDS.iter().any(|word| line.contains(word))
}

/// How many of the signs that fill up Base64 stand behind `start..end`, if they end it. Behind `name=="` a value begins, unless the
/// same quote stands before the name.
fn padding(text: &str, start: usize, end: usize) -> usize {
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    let len = rest.iter().take_while(|b| **b == b'=').count();
    let before = start.checked_sub(1).and_then(|at| text.as_bytes().get(at));
    let goes_on =
        |b: &u8| b.is_ascii_alphanumeric() || *b == b'$' || b"\"'".contains(b) && before != Some(b);
    if len <= 2 && !rest.get(len).is_some_and(goes_on) { len } else { 0 }
}

/// Where the word begins without the marks in front of it, and without the `n` of an escaped line break.
fn begin(text: &str, start: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let escaped = start > 0 && bytes[start - 1] == b'\\' && b"nrt".contains(&bytes[start]);
    let from = start + usize::from(escaped);
    let word = bytes.get(from..end).unwrap_or_default();
    from + word.iter().position(|b| !b"-.$!".contains(b)).unwrap_or_default()
}

/// Where the text may begin that a mark joins to this word: `123456789:AA…`, `0/1234:…`.
fn in_front(text: &str, start: usize) -> impl Iterator<Item = usize> {
    let left = suffix(text.get(..start).unwrap_or_default(), LEAST * 2);
    let joined = left.strip_suffix([':', '|', '~', '/']).unwrap_or_default();
    let short = joined.bytes().rev().take_while(|b| WORD.hold(*b)).count();
    let long = joined.bytes().rev().take_while(|b| WORD.hold(*b) || b"/:*".contains(b)).count();
    [short, long].into_iter().filter(|len| *len > 0).map(move |len| start - 1 - len)
}

/// Where the Base64 begins that goes on in this word behind a `+` or `/`: pieces that are too short to be looked at by themselves.
fn first_piece(text: &str, start: usize) -> Option<usize> {
    let left = suffix(text.get(..start).unwrap_or_default(), PIECES);
    let run = left.bytes().rev().take_while(|b| WORD.hold(*b) || b"+/".contains(b)).count();
    // What is longer has its beginning elsewhere.
    (left.ends_with(['+', '/']) && (run < left.len() || run == start)).then(|| start - run)
}

/// Places in `word` at which a token may begin: behind its marks.
fn behind_marks(word: &str) -> impl Iterator<Item = usize> {
    let marks = word.bytes().enumerate().filter(|(_, b)| b"-.$!".contains(b));
    marks.map(|(at, _)| at + 1).take(MOST_STARTS)
}

/// In the middle of a long run of Base64 any prefix comes up by chance.
fn is_inside_base64(text: &str, start: usize) -> bool {
    let left = suffix(text.get(..start).unwrap_or_default(), 24).as_bytes();
    let run =
        left.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || b"+/".contains(b)).count();
    let joined = left.last().is_some_and(|b| b"+/".contains(b));
    joined && (run >= 24 || left.last() == Some(&b'+') && run > 8)
}
