//! Markdown's emphasis by underscores: `_4111 1111 1111 1111_`, `__Jane Doe__`.
//!
//! For patterns and checks a `_` is part of a word, as it is in code, so that `id_4111` holds no number. A pair of them around
//! some words is no part of these: it is blanked before anything is looked for. Stars and tildes are marks for all checks anyway.

use memchr::{memchr, memchr_iter};
use std::ops::Range;

/// More text between two marks is no emphasis but chance, in bytes.
const LONGEST: usize = 240;
/// More underscores in a row are a line or a field to be filled in.
const MOST: usize = 3;

/// What may stand in front of the opening mark, beside white space. Quotes do not: what they hold is a value as it stands. What
/// values are made of does not either: a key in base64url holds `-_` and `_-`.
const BEFORE: &str = "([{>*~|";
/// What may stand behind the closing mark, beside white space and the end of a sentence.
const BEHIND: &str = ")]}<*~|";
/// What may stand there before white space or the end of the text.
const ENDS: &str = ",;:!?.…";

/// `text` with blanks for the underscores that mark emphasis; `None` when there are none.
pub(super) fn blanked(text: &str) -> Option<String> {
    let mut bytes: Option<Vec<u8>> = None;
    let mut open: Option<Range<usize>> = None;
    for run in runs(text) {
        if opens(text, &run) {
            open = Some(run);
        } else if closes(text, &run)
            && let Some(open) = open.take_if(|open| open.len() == run.len())
            && text.get(open.end..run.start).is_some_and(is_emphasised)
        {
            let bytes = bytes.get_or_insert_with(|| text.as_bytes().to_vec());
            bytes[open].fill(b' ');
            bytes[run].fill(b' ');
        }
    }
    bytes.map(|bytes| String::from_utf8(bytes).expect("one ASCII character stands for another"))
}

/// The runs of underscores.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut places = memchr_iter(b'_', text.as_bytes()).peekable();
    std::iter::from_fn(move || {
        let start = places.next()?;
        let mut end = start + 1;
        while places.next_if_eq(&end).is_some() {
            end += 1;
        }
        Some(start..end)
    })
}

fn opens(text: &str, run: &Range<usize>) -> bool {
    let before = text.get(..run.start).and_then(|before| before.chars().next_back());
    let next = text.get(run.end..).and_then(|behind| behind.chars().next());
    run.len() <= MOST
        && before.is_none_or(|c| c.is_whitespace() || BEFORE.contains(c))
        && next.is_some_and(|c| c.is_alphanumeric() || "+(*~@[".contains(c))
}

fn closes(text: &str, run: &Range<usize>) -> bool {
    let last = text.get(..run.start).and_then(|before| before.chars().next_back());
    let behind = text.get(run.end..).and_then(|behind| behind.chars().next());
    let further = text.get(run.end..).and_then(|behind| behind.chars().nth(1));
    let ends = |c| ENDS.contains(c) && further.is_none_or(char::is_whitespace);
    run.len() <= MOST
        && behind.is_none_or(|c| c.is_whitespace() || BEHIND.contains(c) || ends(c))
        && last.is_some_and(|c| !c.is_whitespace())
}

/// Within one line, and more than a bare word: those are names in code (`__init__`).
fn is_emphasised(inside: &str) -> bool {
    inside.len() <= LONGEST
        && memchr(b'\n', inside.as_bytes()).is_none()
        && inside.bytes().any(|b| b.is_ascii_digit() || b"@ .".contains(&b) || b >= 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_around_words_are_blanked() {
        for (text, expected) in [
            ("SSN _536-90-4399_.", "SSN  536-90-4399 ."),
            ("__+1 415 555 0132__", "  +1 415 555 0132  "),
            ("**_Jane Doe_**, (_a@b.de_)", "** Jane Doe **, ( a@b.de )"),
            ("a _ghp_a1b2_ b", "a  ghp_a1b2  b"),
            ("_open _1 2_", "_open  1 2 "),
        ] {
            assert_eq!(blanked(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn underscores_of_names_and_values_stay() {
        let texts = [
            "snake_case_4111111111111111_x",
            "def __init__(self, _id1):",
            "key=_a1_ and \"_a1_\" and https://a.example/_a1_/b",
            "_a1__ __b2_",
            "key Ab3-_E2xVSpkLLOXoyq9_-wXyZ1234",
            "{ _id: 1, key: Ab3dEfGh1jKlMn0pQrStUv_-WxYz12 }",
            "_x 1, a.eyJ9_.b3",
            "_a1\nb2_",
            "____1____",
            "_ 1 _",
            "_1",
        ];
        for text in texts {
            assert_eq!(blanked(text), None, "{text}");
        }
    }
}
