//! What a check sees of a match: its text and its surroundings.

use super::pattern::Accepted;

/// The longest part of a text that a check may read beside its match, in bytes, so that no input makes it slow.
pub(crate) const REACH: usize = 64;

/// A match of a pattern, in its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'t> {
    /// The whole text. Checks read at most a bounded part of it around the match.
    pub(crate) all: &'t str,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'t> Seen<'t> {
    /// The matched text.
    pub(crate) fn text(&self) -> &'t str {
        self.all.get(self.start..self.end).unwrap_or_default()
    }

    /// Takes the match as it is.
    pub(crate) fn accept(&self) -> Option<Accepted> {
        Some(Accepted { start: self.start, end: self.end, score: None, confirmed: None })
    }

    /// Takes `start..end` of the text instead; `None` when that is no valid, non-empty slice.
    pub(crate) fn accept_span(&self, start: usize, end: usize) -> Option<Accepted> {
        let slice = self.all.get(start..end)?;
        (!slice.is_empty()).then_some(Accepted { start, end, score: None, confirmed: None })
    }

    /// The character in front of the match.
    pub(crate) fn before(&self) -> Option<char> {
        self.all.get(..self.start)?.chars().next_back()
    }

    /// The character behind the match.
    pub(crate) fn after(&self) -> Option<char> {
        self.all.get(self.end..)?.chars().next()
    }

    /// Up to [`REACH`] bytes in front of the match, cut at a character boundary.
    pub(crate) fn left(&self) -> &'t str {
        suffix(self.all.get(..self.start).unwrap_or_default(), REACH)
    }

    /// Up to [`REACH`] bytes behind the match, cut at a character boundary.
    pub(crate) fn right(&self) -> &'t str {
        prefix(self.all.get(self.end..).unwrap_or_default(), REACH)
    }

    /// Where the run of what `fits` behind the match ends, `most` bytes behind it at the latest.
    pub(crate) fn run(&self, most: usize, fits: impl Fn(char) -> bool) -> usize {
        let rest = prefix(self.all.get(self.end..).unwrap_or_default(), most);
        self.end + rest.find(|c| !fits(c)).unwrap_or(rest.len())
    }

    /// True when no Latin word, digit or `_` touches the match on either side.
    pub(crate) fn is_whole_word(&self) -> bool {
        !self.is_touched_left() && !self.is_touched_right()
    }

    /// True when a Latin word, a digit or `_` stands right in front of the match.
    pub(crate) fn is_touched_left(&self) -> bool {
        self.before().is_some_and(is_latin) && is_of_latin(self.left().chars().rev())
    }

    /// True when one stands right behind it.
    pub(crate) fn is_touched_right(&self) -> bool {
        self.after().is_some_and(is_latin) && is_of_latin(self.right().chars())
    }

    /// True when the match is not part of a longer token: no Latin word touches it, nor one behind a joining mark
    /// (`-`, `.`, `/`, `:`, `=`, `+`, `@`, `#`…), as in `build-4111`, `v1.2.3`, `a/123`.
    pub(crate) fn stands_alone(&self) -> bool {
        self.is_free_left("-./\\:+@#$%&~") && self.is_free_right("-./\\:+@%&~")
    }

    /// True when on the left there is neither a Latin word nor one of `joints` with such a word behind it.
    pub(crate) fn is_free_left(&self, joints: &str) -> bool {
        let mut back = self.left().chars().rev();
        match back.next() {
            None => true,
            Some(c) if is_latin(c) => !self.is_touched_left(),
            Some(c) if joints.contains(c) => !back.next().is_some_and(is_latin),
            Some(_) => true,
        }
    }

    /// True behind a hyphen that joins the match to a letter, as in `card-4111…`. Behind a digit it may be the rest of a
    /// longer number.
    pub(crate) fn is_behind_a_hyphenated_word(&self) -> bool {
        let mut back = self.left().chars().rev();
        back.next() == Some('-') && back.next().is_some_and(char::is_alphabetic)
    }

    /// The same on the right as [`is_free_left`](Self::is_free_left).
    pub(crate) fn is_free_right(&self, joints: &str) -> bool {
        let mut ahead = self.right().chars();
        match ahead.next() {
            None => true,
            Some(c) if is_latin(c) => !self.is_touched_right(),
            // `\n`, `\"` and the like end a value in text that stands as a string in other text.
            Some('\\') if matches!(ahead.as_str().as_bytes(), [b'n' | b'r' | b't' | b'u', ..]) => {
                true
            }
            // `&name=` begins the next parameter, and `&nbsp;` is a character.
            Some('&') if begins_parameter(ahead.as_str()) => true,
            Some(c) if joints.contains(c) => !ahead.next().is_some_and(is_latin),
            Some(_) => true,
        }
    }

    /// True behind a `_` that joins the match to a letter, as in `ssn_514…`.
    pub(crate) fn is_behind_an_underscored_word(&self) -> bool {
        let mut back = self.left().chars().rev();
        back.next() == Some('_') && back.next().is_some_and(char::is_alphabetic)
    }

    /// The match without a `_` at its ends, which stands for a word boundary there.
    pub(crate) fn without_underscores(&self) -> Self {
        let text = self.text();
        let start = self.start + (text.len() - text.trim_start_matches('_').len());
        let end = self.end - (text.len() - text.trim_end_matches('_').len());
        Self { start, end: end.max(start), ..*self }
    }

    /// The ASCII digits of the match; at most 64 are kept.
    pub(crate) fn digits(&self) -> Digits {
        Digits::of(self.text())
    }
}

/// `text` begins with a name and `=` or `;`.
fn begins_parameter(text: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-[]".contains(c);
    let behind = text.trim_start_matches(is_name);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && behind.starts_with(['=', ';'])
}

/// The first `len` bytes of `text` or less, cut at a character boundary.
pub(crate) fn prefix(text: &str, len: usize) -> &str {
    let mut to = len.min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    text.get(..to).unwrap_or_default()
}

/// The last `len` bytes of `text` or less, cut at a character boundary.
pub(crate) fn suffix(text: &str, len: usize) -> &str {
    let mut from = text.len().saturating_sub(len);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..).unwrap_or_default()
}

/// A letter or digit of a script that writes words with spaces between them, or `_`.
///
/// Ideographs, kana, and the letters of Thailand, Laos, Burma and Cambodia do not count.
pub(crate) fn is_word(c: char) -> bool {
    c == '_' || (c.is_alphanumeric() && (c.is_ascii() || !is_unspaced(c)))
}

fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// A Latin letter, a digit or `_`, with which a value of such letters and digits would go on.
///
/// Other letters do not count: in `电话是13800138000`, `карта4111…` and `בכרטיס4111…` the number stands alone.
pub(crate) fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '_'
        || matches!(c, '\u{80}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}') && c.is_alphanumeric()
}

/// False where the word that `chars` begins with has letters of another script: then those that look Latin are none.
fn is_of_latin(chars: impl Iterator<Item = char>) -> bool {
    chars.take_while(|c| c.is_alphabetic()).all(is_latin)
}

/// The digits of a text, as numbers 0 to 9, on the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digits {
    values: [u8; 64],
    len: usize,
}

impl Digits {
    /// Keeps the ASCII digits of `text`, at most 64.
    pub(crate) fn of(text: &str) -> Self {
        let mut digits = Self { values: [0; 64], len: 0 };
        for (slot, b) in digits.values.iter_mut().zip(text.bytes().filter(u8::is_ascii_digit)) {
            *slot = b - b'0';
            digits.len += 1;
        }
        digits
    }
}

impl std::ops::Deref for Digits {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.values[..self.len]
    }
}
