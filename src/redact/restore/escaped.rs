//! Reads the escapes of JSON as what they mean: `\u003cEMAIL_1\u003e` is `<EMAIL_1>`, `[Stra\u00dfe_1]` is `[Straße_1]`.
//!
//! Encoders of JSON write letters, brackets and signs so as they please, and so do programs in a text. What stands in a
//! string in a string has more backslashes, which are read as well. Only `\uXXXX` is: after other backslashes stands what is
//! meant, and `\n` may as well be the end of a path.

use std::{borrow::Cow, ops::Range};

/// The most backslashes of one escape: those of a string in strings, four deep. What is before them stands for itself.
const MAX_BACKSLASHES: usize = 8;

/// A text as it is meant, and where its parts are written.
pub(super) struct Unescaped<'t> {
    pub(super) text: Cow<'t, str>,
    escapes: Vec<Escape>,
    /// Where an escape begins that is cut off, or the end of what is written.
    pub(super) known: usize,
}

/// One that was read: where it ends in the text, as meant and as written, and in how many strings it lies at least.
struct Escape {
    meant: Range<usize>,
    written_end: usize,
    depth: usize,
}

impl<'t> Unescaped<'t> {
    /// `more` tells that text may follow: then what may become an escape at the end is left out.
    pub(super) fn of(written: &'t str, more: bool) -> Self {
        let known = if more { known_end(written) } else { written.len() };
        let written = &written[..known];
        if memchr::memchr(b'\\', written.as_bytes()).is_none() {
            return Self { text: Cow::Borrowed(written), escapes: Vec::new(), known };
        }
        let (mut text, mut escapes, mut copied, mut at) = (String::new(), Vec::new(), 0, 0);
        while let Some(found) = memchr::memmem::find(&written.as_bytes()[at..], b"\\u") {
            let slash = at + found;
            at = slash + 2;
            let Some((meant, written_end)) = escape(written, slash) else { continue };
            let n_backslashes = backslashes_before(&written[copied..=slash]);
            text.push_str(&written[copied..slash + 1 - n_backslashes]);
            let from = text.len();
            text.push(meant);
            // Each string that it lies in doubles the backslashes.
            let depth = n_backslashes.trailing_zeros() as usize + 1;
            escapes.push(Escape { meant: from..text.len(), written_end, depth });
            (copied, at) = (written_end, written_end);
        }
        if escapes.is_empty() {
            return Self { text: Cow::Borrowed(written), escapes, known };
        }
        text.push_str(&written[copied..]);
        Self { text: Cow::Owned(text), escapes, known }
    }

    /// Where a place of the text is written.
    pub(super) fn written(&self, at: usize) -> usize {
        let n_before = self.escapes.partition_point(|escape| escape.meant.end <= at);
        match n_before.checked_sub(1) {
            None => at,
            Some(last) => self.escapes[last].written_end + (at - self.escapes[last].meant.end),
        }
    }

    /// In how many strings a part of the text lies at least, as its first escape tells.
    pub(super) fn depth(&self, part: &Range<usize>) -> usize {
        let n_before = self.escapes.partition_point(|escape| escape.meant.end <= part.start);
        let first = self.escapes.get(n_before).filter(|escape| escape.meant.start < part.end);
        first.map_or(0, |escape| escape.depth)
    }
}

/// What the escape means whose last backslash is at `slash`, and where it ends.
fn escape(text: &str, slash: usize) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let (high, end) = (unit(slash + 2)?, slash + 6);
    if let Some(meant) = char::from_u32(high) {
        return Some((meant, end));
    }
    let backslashes = text[end..].bytes().take_while(|b| *b == b'\\').count();
    let next = end + backslashes;
    let low = text[next..].starts_with('u').then(|| unit(next + 1)).flatten();
    let pair = low.filter(|low| backslashes > 0 && (0xDC00..0xE000).contains(low));
    match pair.filter(|_| high < 0xDC00) {
        Some(low) => {
            let meant = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            Some((char::from_u32(meant)?, next + 5))
        }
        None => Some((char::REPLACEMENT_CHARACTER, end)),
    }
}

/// How many backslashes the text ends with, not counting more than one escape has.
fn backslashes_before(text: &str) -> usize {
    text.bytes().rev().take(MAX_BACKSLASHES).take_while(|b| *b == b'\\').count()
}

/// Where what may become an escape begins at the end of the text; its length if there is nothing of the kind.
fn known_end(text: &str) -> usize {
    let cut = cut_at(text);
    // The first half of a pair says nothing without the second.
    let half = text[..cut].len().checked_sub(6).filter(|at| {
        let half = text.get(*at..cut).and_then(|half| half.strip_prefix("\\u"));
        half.and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .is_some_and(|unit| (0xD800..0xDC00).contains(&unit))
    });
    half.map_or(cut, |at| at + 1 - backslashes_before(&text[..=at]))
}

fn cut_at(text: &str) -> usize {
    let digits = text.bytes().rev().take(3).take_while(u8::is_ascii_hexdigit).count();
    let before = &text[..text.len() - digits];
    let before = before.strip_suffix('u').or((digits == 0).then_some(before));
    match before.map(|before| (before.len(), backslashes_before(before))) {
        Some((end, backslashes)) if backslashes > 0 => end - backslashes,
        Some(_) | None => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_however_deep_and_found_again() {
        for (written, meant, depth) in [
            (r"a \u003cb\u003E", "a <b>", 1),
            (r"\\u005bb", "[b", 2),
            (r"\\\\u005b", "[", 3),
            (r"\\\u005b", "[", 1),
            (r"Stra\u00dfe", "Straße", 1),
            (r"\ud83d\ude00!", "😀!", 1),
            (r"\ud83d!\ude00", "\u{fffd}!\u{fffd}", 1),
            (r"C:\user \n \u12 \u12g4 u0041", r"C:\user \n \u12 \u12g4 u0041", 0),
        ] {
            let read = Unescaped::of(written, false);
            assert_eq!(read.text, meant, "{written}");
            assert_eq!(read.depth(&(0..read.text.len())), depth, "{written}");
            assert_eq!(read.written(read.text.len()), written.len(), "{written}");
        }
        let read = Unescaped::of(r"a\u003cb\u003ec", false);
        let places: Vec<_> = (0..=5).map(|at| read.written(at)).collect();
        assert_eq!(places, [0, 1, 7, 8, 14, 15]);
        assert_eq!(read.depth(&(2..3)), 0, "no escape in it");
    }

    #[test]
    fn what_may_become_an_escape_is_left_out_of_a_text_that_goes_on() {
        for (written, known) in [
            ("abc", 3),
            (r"abc\", 3),
            (r"abc\\\", 3),
            (r"abc\u", 3),
            (r"abc\u0", 3),
            (r"abc\\u00f", 3),
            (r"abc\u00ff", 9),
            (r"abc\ud83d", 3),
            (r"abc\ud83d\", 3),
            (r"abc\ud83d\ude0", 3),
            (r"abc\ud83d\ude00", 15),
            (r"\n", 2),
            ("cafu", 4),
            ("\\\\\\\\\\\\\\\\\\\\", 2),
        ] {
            assert_eq!(Unescaped::of(written, true).known, known, "{written}");
        }
    }
}
