//! What follows a stand-in, and whether it ends there.

use super::super::shape;

/// Those before a quote behind a backslash, in strings four deep. More are no escape.
const MAX_BACKSLASHES: usize = 15;
/// Markdown's emphasis, the strongest. More are a word.
const MAX_UNDERSCORES: usize = 3;

/// The text behind a stand-in.
///
/// Behind a bare word, backslashes say nothing themselves: `\"`, `\n` and `\\"` are a quote and the end of a line in a string,
/// however deep it lies, so the word ends as it would end before what they mean. Nor does the `_` of Markdown's emphasis, which
/// has no word on its other side.
pub(super) struct Follows<'t> {
    /// What is behind all that says nothing.
    rest: &'t str,
    bare: bool,
    is_escaped: bool,
    is_emphasis: bool,
}

impl<'t> Follows<'t> {
    /// `bare` tells that it is a placeholder without its brackets.
    pub(super) fn of(text: &'t str, bare: bool) -> Self {
        let backslashes = if bare { MAX_BACKSLASHES } else { 0 };
        let word = behind(text, b'\\', backslashes);
        let emphasis = behind(word, b'_', MAX_UNDERSCORES);
        let is_emphasis = emphasis.len() < word.len();
        let rest = if is_emphasis { behind(emphasis, b'\\', backslashes) } else { word };
        Self {
            rest,
            bare,
            is_escaped: text.len() - rest.len() > word.len() - emphasis.len(),
            is_emphasis,
        }
    }

    /// True if more text could change what is said of it.
    pub(super) fn may_change(&self) -> bool {
        self.rest.is_empty() || self.bare && self.rest == " "
    }

    /// What stands beside the stand-in, as [`shape::beside`] tells it, or [`shape::EMPHASIS`].
    pub(super) fn next(&self) -> Option<u8> {
        let next = self.rest.chars().next().map(|next| {
            shape::beside(if self.is_escaped && ends_line(next) { '\n' } else { next })
        });
        let is_word = next.is_some_and(|b| b == shape::OTHER_LETTER || shape::is_word(b));
        match self.is_emphasis {
            false => next,
            true => Some(if is_word { b'_' } else { shape::EMPHASIS }),
        }
    }

    /// True when a bare word is neither cut off, nor the name of a variable or a function, nor part of an address.
    pub(super) fn let_bare_end(&self, before: Option<u8>, longer: bool) -> bool {
        let in_brackets = before == Some(b'[');
        match self.rest.as_bytes() {
            // `[EMAIL_1` may be cut off as well; `[EMAIL_1, PHONE_1]` is a list.
            [] => !in_brackets && (!longer || self.is_escaped || self.is_emphasis),
            [b'=' | b'(' | b'[' | b'@' | b'\\', ..] | [b' ', b'=', ..] => false,
            [first, ..] => {
                self.next() != Some(shape::OTHER_LETTER) && (!in_brackets || *first == b',')
            }
        }
    }
}

/// What JSON and programs write behind a backslash for the end of a line and the like: no letters of a word.
pub(super) fn ends_line(letter: char) -> bool {
    matches!(letter, 'n' | 'r' | 't' | 'b' | 'f')
}

/// The text without so many of these at its beginning.
fn behind(text: &str, sign: u8, at_most: usize) -> &str {
    let n = text.bytes().take(at_most).take_while(|b| *b == sign).count();
    &text[n..]
}
