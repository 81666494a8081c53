//! Replaces parts of a JSON text in place.

use crate::json;
use std::{borrow::Cow, ops::Range};

/// One part and what takes its place, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) json: Cow<'static, str>,
}

/// The text with the edits. One that is inside of another is left out with what it would change.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.range.start);
    let mut out = String::with_capacity(text.len() + 64);
    let mut copied = 0;
    for edit in edits {
        if edit.range.start < copied {
            continue;
        }
        out.push_str(&text[copied..edit.range.start]);
        out.push_str(&edit.json);
        copied = edit.range.end;
    }
    out.push_str(&text[copied..]);
    out
}

/// How a string that stands at `start`, written as `raw` and meaning `old`, comes to mean `new`: only what differs is
/// written anew, so that the rest keeps its spelling. `None` if nothing differs.
pub(super) fn string_edit(start: usize, raw: &str, old: &str, new: &str) -> Option<Edit> {
    if old == new {
        return None;
    }
    let before = common_prefix(old, new);
    let after = common_suffix(&old[before..], &new[before..]);
    let mut places = json::Offsets::new(raw);
    let from = places.raw(before);
    let to = places.raw(old.len() - after);
    let mut json = String::new();
    json::encode_into(&new[before..new.len() - after], &mut json);
    Some(Edit { range: start + from..start + to, json: json.into() })
}

fn common_prefix(one: &str, other: &str) -> usize {
    let pairs = one.chars().zip(other.chars());
    pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

fn common_suffix(one: &str, other: &str) -> usize {
    let pairs = one.chars().rev().zip(other.chars().rev());
    pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

/// How the value of the member whose key ends at `key_end` comes to be `json`; `None` if it is.
pub(super) fn value_edit(text: &str, key_end: usize, json: &'static str) -> Option<Edit> {
    let range = value_after(text, key_end);
    (text.get(range.clone()) != Some(json)).then(|| Edit { range, json: json.into() })
}

/// Where the value of a member stands whose key ends at `key_end`, the closing quote not counted. What it is in a text that is
/// no JSON does not matter, as nothing is written then.
fn value_after(text: &str, key_end: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let colon = memchr::memchr(b':', &bytes[key_end..]).map_or(bytes.len(), |at| key_end + at + 1);
    let start = colon + bytes[colon..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    let (mut depth, mut at) = (0_usize, start);
    while let Some(b) = bytes.get(at) {
        match b {
            b'"' => at = string_end(bytes, at),
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    // A string that does not end is past the end.
    start..start + text[start..at.min(bytes.len())].trim_end().len()
}

/// Index of the quote that closes the string opened at `open`.
fn string_end(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(b) = bytes.get(at) {
        match b {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_end() {
        for (text, value) in [
            (r#"{"k":null}"#, "null"),
            (r#"{"k" : 12 , "b":1}"#, "12"),
            (r#"{"k":{"a":["}",{"b":"\"]"}]},"b":1}"#, r#"{"a":["}",{"b":"\"]"}]}"#),
            (r#"{"k":"a,\\"}"#, r#""a,\\""#),
            (r#"{"k":"ab"#, r#""ab"#),
            (r#"{"k":"ä\"#, r#""ä\"#),
            (r#"{"k":[{"#, "[{"),
            (r#"{"k"  "#, ""),
        ] {
            assert_eq!(&text[value_after(text, 3)], value);
        }
    }

    #[test]
    fn only_what_differs_is_written_anew() {
        for (raw, old, new, expected) in [
            (
                r"gr\u00fc\u00df\/[E]\ud83d",
                "grüß/[E]\u{fffd}",
                "grüß/a\"b\u{fffd}",
                r#"gr\u00fc\u00df\/a\"b\ud83d"#,
            ),
            ("abc", "abc", "abc[", "abc["),
            ("abc[", "abc[", "abc", "abc"),
            (r"\u005bx", "[x", "", ""),
            ("", "", "a\nb", r"a\nb"),
            ("aaa", "aaa", "aa", "aa"),
        ] {
            let edit = string_edit(0, raw, old, new).unwrap();
            assert_eq!(apply(raw, vec![edit]), expected, "{raw}");
        }
        assert_eq!(string_edit(0, "a", "a", "a"), None);
    }
}
