//! A text with its escapes undone, and the way back to what is written.

use crate::{json, percent};
use std::{borrow::Cow, ops::Range};

/// A decoded text. Place by place it knows where that is written.
pub(super) struct Decoded<'t> {
    text: Cow<'t, str>,
    /// From `.0` in the decoded text on, the written one is at `.1`, byte by byte, up to the next shift. Sorted.
    shifts: Vec<(usize, usize)>,
}

impl<'t> Decoded<'t> {
    /// The text as it stands.
    pub(super) fn plain(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), shifts: Vec::new() }
    }

    /// The text with `%40` and the like as what they mean; `None` if there are none. Only what is ASCII is decoded.
    pub(super) fn percent(text: &'t str) -> Option<Self> {
        memchr::memchr(b'%', text.as_bytes())?;
        let decoded = Self::by(text, '%', |rest| Some((percent(rest)?, 3)));
        (!decoded.shifts.is_empty()).then_some(decoded)
    }

    /// A text that is JSON, with the escapes of its strings undone.
    pub(super) fn json(text: &'t str) -> Self {
        Self::by(text, '\\', |rest| {
            let length = escape_length(rest.as_bytes())?;
            let decoded = json::decode(&rest[..length]);
            decoded.chars().next().map(|c| (c, length))
        })
    }

    /// Reads what begins with `mark` by `unit`, which gives a character and how many bytes it is written with.
    fn by(text: &'t str, mark: char, unit: impl Fn(&str) -> Option<(char, usize)>) -> Self {
        let mut decoded = String::with_capacity(text.len());
        let (mut shifts, mut at) = (Vec::new(), 0);
        while let Some(next) = text[at..].find(mark) {
            decoded.push_str(&text[at..at + next]);
            at += next;
            let (c, length) = unit(&text[at..]).unwrap_or((mark, mark.len_utf8()));
            decoded.push(c);
            at += length;
            if length != c.len_utf8() {
                shifts.push((decoded.len(), at));
            }
        }
        decoded.push_str(&text[at..]);
        Self { text: Cow::Owned(decoded), shifts }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a place of the decoded text is written.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        self.back(range.start)..self.back(range.end)
    }

    fn back(&self, at: usize) -> usize {
        match self.shifts.partition_point(|&(decoded, _)| decoded <= at).checked_sub(1) {
            Some(nth) => self.shifts[nth].1 + (at - self.shifts[nth].0),
            None => at,
        }
    }
}

fn percent(rest: &str) -> Option<char> {
    let byte = percent::byte(rest.as_bytes())?;
    (byte.is_ascii_graphic() || byte == b' ').then_some(char::from(byte))
}

/// How many bytes the escape has that `bytes` begins with; `None` if it is cut off.
pub(super) fn escape_length(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.get(1)? {
        b'u' => 6,
        _ => 2,
    };
    (bytes.len() >= length && bytes[..length].is_ascii()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_again_in_what_is_written() {
        let text = "?to=ann%40example.org&x=%2B1";
        let decoded = Decoded::percent(text).unwrap();
        assert_eq!(decoded.text(), "?to=ann@example.org&x=+1");
        assert_eq!(&text[decoded.original(4..19)], "ann%40example.org");
        assert!(Decoded::percent("100 % of it").is_none());
        let text = r#"{"a":"\u0061\nann@example.org"}"#;
        let decoded = Decoded::json(text);
        assert_eq!(decoded.text(), "{\"a\":\"a\nann@example.org\"}");
        assert_eq!(&text[decoded.original(8..23)], "ann@example.org");
    }
}
