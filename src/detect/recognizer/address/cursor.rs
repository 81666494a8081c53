//! A place in a text that is read word by word.

use crate::detect::seen::is_word;

/// Copied to look ahead, and put back by assigning the copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// How many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Reads a word: letters and digits, with single `'`, `-`, `.` or `/` between them, and one `.` behind a short word.
    pub(super) fn word(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let mut end = 0;
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let inner = "'-".contains(c)
                && end == at
                && end > 0
                && chars.peek().is_some_and(|&(_, n)| is_word(n));
            if !is_word(c) && !inner {
                break;
            }
            end = at + c.len_utf8();
        }
        self.at += end;
        (end > 0).then(|| rest.get(..end))?
    }

    /// Reads `mark` if it is next.
    pub(super) fn eat(&mut self, mark: &str) -> bool {
        let found = self.rest().starts_with(mark);
        if found {
            self.at += mark.len();
        }
        found
    }

    /// Reads the longest of `marks` characters that are next; tells how many bytes.
    pub(super) fn skip(&mut self, marks: &str) -> usize {
        let rest = self.rest();
        let len = rest.find(|c| !marks.contains(c)).unwrap_or(rest.len());
        self.at += len;
        len
    }

    /// Reads ASCII digits, as many as there are.
    pub(super) fn digits(&mut self) -> &'t str {
        let rest = self.rest();
        let len = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        self.at += len;
        rest.get(..len).unwrap_or_default()
    }

    /// True at the end of a word: no letter or digit is next.
    pub(super) fn is_apart(&self) -> bool {
        !self.rest().starts_with(is_word)
    }
}
