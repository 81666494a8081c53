//! What follows a stand-in, and whether it ends there.

use super::{super::shape, table::ends_line};

/// Those before a quote behind a backslash, in strings four deep. More are no escape.
const MAX_BACKSLASHES: usize = 15;

/// The text behind a stand-in.
///
/// Behind a bare word, backslashes say nothing themselves: `\"`, `\n` and `\\"` are a quote and the end of a line in a string,
/// however deep it lies, so the word ends as it would end before what they mean.
pub(super) struct Follows<'t> {
    text: &'t str,
    /// The same without the backslashes that it begins with.
    rest: &'t str,
}

impl<'t> Follows<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let escapes = text.bytes().take(MAX_BACKSLASHES).take_while(|b| *b == b'\\').count();
        Self { text, rest: &text[escapes..] }
    }

    fn is_escaped(&self) -> bool {
        self.rest.len() < self.text.len()
    }

    /// True if more text could change what is said of it.
    pub(super) fn may_change(&self, bare: bool) -> bool {
        if bare { matches!(self.rest, "" | " ") } else { self.text.is_empty() }
    }

    /// What stands beside the stand-in, as [`shape::beside`] tells it.
    pub(super) fn next(&self, bare: bool) -> Option<u8> {
        let next = if bare { self.rest } else { self.text }.chars().next()?;
        let ends_line = bare && self.is_escaped() && ends_line(next);
        Some(shape::beside(if ends_line { '\n' } else { next }))
    }

    /// True when a bare word is neither cut off, nor the name of a variable or a function, nor part of an address.
    pub(super) fn let_bare_end(&self, before: Option<u8>, longer: bool) -> bool {
        let in_brackets = before == Some(b'[');
        match self.rest.as_bytes() {
            // `[EMAIL_1` may be cut off as well; `[EMAIL_1, PHONE_1]` is a list.
            [] => !in_brackets && (!longer || self.is_escaped()),
            [b'=' | b'(' | b'[' | b'@' | b'\\', ..] | [b' ', b'=', ..] => false,
            [first, ..] => {
                self.next(true) != Some(shape::OTHER_LETTER) && (!in_brackets || *first == b',')
            }
        }
    }
}
