//! Splits text into the words, numbers and marks that the tagger looks at.
//!
//! Knows nothing of names. One pass: each byte is looked at a fixed number of times.

/// What a [`Token`] is made of, and how its letters are cased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Shape {
    /// Letters, none of them a capital: `anna`, and all letters of scripts without case.
    Lower,
    /// A capital and then small letters: `Anna`.
    Capital,
    /// One capital: `A`.
    Initial,
    /// Two or more capitals: `ANNA`.
    Upper,
    /// Letters of both cases in another order: `McKay`, `iPhone`, `O'Brien`.
    Mixed,
    /// Digits only.
    Digits,
    /// Letters with digits or underscores, also several scripts: `0xff`, `user_id`.
    Code,
    /// One or more line breaks.
    Break,
    /// A single other character.
    Mark,
}

/// One token: a half-open byte range of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset one past the last byte.
    pub end: usize,
    /// [`hash`] of the token in lower case, digits made equal.
    pub id: u64,
    /// What it is made of.
    pub shape: Shape,
    /// True when no white space stands before it.
    pub glued: bool,
    /// True for words such as `Wowww`: the same letter three times in a row.
    pub stretched: bool,
}

impl Token {
    /// True for letters only.
    pub fn is_word(&self) -> bool {
        matches!(
            self.shape,
            Shape::Lower | Shape::Capital | Shape::Initial | Shape::Upper | Shape::Mixed
        )
    }

    /// True for letters that begin with a capital, or hold one.
    pub fn is_capitalised(&self) -> bool {
        matches!(self.shape, Shape::Capital | Shape::Initial | Shape::Upper | Shape::Mixed)
    }

    /// The same token in a text that begins so many bytes earlier.
    pub(super) fn moved(&self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by, ..*self }
    }

    /// The token's text.
    pub fn slice<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;

fn add(hash: u64, c: char) -> u64 {
    (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(5)
}

fn finish(hash: u64) -> u64 {
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

/// Hash of a word as [`Token::id`] has it: small letters, `’` as `'`.
pub fn hash(word: &str) -> u64 {
    finish(word.chars().fold(HASH_START, |h, c| add(h, fold(c))))
}

/// Hash of a phrase, from that of the words before and the next word's [`Token::id`].
pub fn join(hash: u64, id: u64) -> u64 {
    (hash.rotate_left(23) ^ id).wrapping_mul(0xff51_afd7_ed55_8ccd)
}

/// Small letter of `c`; typographic apostrophes become plain.
pub(super) fn fold(c: char) -> char {
    if c.is_ascii() {
        c.to_ascii_lowercase()
    } else if c == '’' {
        '\''
    } else {
        c.to_lowercase().next().unwrap_or(c)
    }
}

/// The tokens of a text, in order. White space other than line breaks is left out.
#[derive(Clone, Debug)]
pub struct Tokens<'t> {
    chars: Cursor<'t>,
    glued: bool,
}

impl<'t> Tokens<'t> {
    /// From the beginning of `text` on.
    pub fn of(text: &'t str) -> Self {
        Self { chars: Cursor { text, at: 0 }, glued: false }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let Self { chars, glued } = self;
        loop {
            // What stands between nearly all words.
            if chars.text.as_bytes().get(chars.at) == Some(&b' ') {
                chars.at += 1;
                *glued = false;
                continue;
            }
            let c = chars.peek()?;
            let start = chars.at;
            let token = if is_word(c) {
                let before = start.checked_sub(1).filter(|_| *glued);
                match before.and_then(|before| chars.text.as_bytes().get(before)) {
                    Some(b'#') if c.is_uppercase() => chars.part(),
                    Some(b'\\') if chars.is_font() => chars.font(),
                    _ => chars.word(*glued),
                }
            } else if c == '\n' || c == '\r' {
                chars.skip(char::is_whitespace);
                chars.mark(start, finish(HASH_START), Shape::Break, *glued)
            } else {
                chars.at += c.len_utf8();
                if c.is_whitespace() {
                    *glued = false;
                    continue;
                }
                chars.mark(start, finish(add(HASH_START, fold(c))), Shape::Mark, *glued)
            };
            *glued = true;
            return Some(token);
        }
    }
}

fn is_word(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || c == '_'
    } else {
        c.is_alphanumeric() || is_joining(c)
    }
}

/// Combining marks: they belong to the letter before them.
fn is_joining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

#[derive(Clone, Debug)]
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    /// What is no word, from `start` to here.
    fn mark(&self, start: usize, id: u64, shape: Shape, glued: bool) -> Token {
        Token { start, end: self.at, id, shape, glued, stretched: false }
    }

    fn peek(&self) -> Option<char> {
        match self.text.as_bytes().get(self.at) {
            Some(&b) if b < 0x80 => Some(char::from(b)),
            _ => self.text.get(self.at..).and_then(|rest| rest.chars().next()),
        }
    }

    fn skip(&mut self, accept: impl Fn(char) -> bool) {
        while let Some(c) = self.peek().filter(|&c| accept(c)) {
            self.at += c.len_utf8();
        }
    }

    /// Reads the word that begins here, with an inner apostrophe if it belongs to a name.
    fn word(&mut self, glued: bool) -> Token {
        match self.plain_word(glued) {
            Some(token) => {
                self.at = token.end;
                token
            }
            None => self.any_word(glued),
        }
    }

    /// The word that begins here if it has small letters of ASCII alone, behind a capital perhaps, and ends with them: what
    /// [`any_word`](Self::any_word) reads, the quick way. Nearly all words of most texts are such.
    fn plain_word(&self, glued: bool) -> Option<Token> {
        let bytes = self.text.as_bytes().get(self.at..)?;
        let begins_with_capital = bytes.first()?.is_ascii_uppercase();
        let (mut hash, mut length, mut stretched) = (HASH_START, 0, false);
        // The last letter, and how many of it stand in a row.
        let (mut last, mut row) = (0, 1);
        for &byte in bytes {
            if !byte.is_ascii_lowercase() && (length > 0 || !begins_with_capital) {
                break;
            }
            let small = byte.to_ascii_lowercase();
            hash = add(hash, char::from(small));
            row = if small == last { row.min(2) + 1 } else { 1 };
            stretched |= row == 3;
            last = small;
            length += 1;
        }
        let goes_on =
            |next: &u8| next.is_ascii_alphanumeric() || matches!(next, b'_' | b'\'' | 0x80..);
        if length == 0 || bytes.get(length).is_some_and(goes_on) {
            return None;
        }
        let shape = match (begins_with_capital, length) {
            (false, _) => Shape::Lower,
            (true, 1) => Shape::Initial,
            (true, _) => Shape::Capital,
        };
        let (start, end) = (self.at, self.at + length);
        Some(Token { start, end, id: finish(hash), shape, glued, stretched })
    }

    fn any_word(&mut self, glued: bool) -> Token {
        let start = self.at;
        let mut seen = Seen::default();
        self.letters(&mut seen);
        if seen.is_letters() && matches!(self.peek(), Some('\'' | '’')) {
            self.second_half(start, &mut seen);
        }
        self.token(start, glued, &seen)
    }

    /// Reads the first word of a hash tag such as `#ShaneWatson`: up to the next capital.
    fn part(&mut self) -> Token {
        let start = self.at;
        let mut seen = Seen::default();
        while let Some(c) = self
            .peek()
            .filter(|&c| is_word(c) && !(seen.letters > seen.capitals && c.is_uppercase()))
        {
            seen.note(c);
            self.at += c.len_utf8();
        }
        self.token(start, true, &seen)
    }

    /// True for what troff changes the font by in front of a word: the `fB` of `\fBname`.
    fn is_font(&self) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        matches!(rest, [b'f', b'B' | b'C' | b'I' | b'P' | b'R', next, ..] if next.is_ascii_alphanumeric())
    }

    /// Reads those two letters.
    fn font(&mut self) -> Token {
        let start = self.at;
        let mut seen = Seen::default();
        for _ in 0..2 {
            if let Some(c) = self.peek() {
                seen.note(c);
                self.at += c.len_utf8();
            }
        }
        self.token(start, true, &seen)
    }

    /// The word from `start` to here.
    fn token(&self, start: usize, glued: bool, seen: &Seen) -> Token {
        Token {
            start,
            end: self.at,
            id: finish(seen.hash),
            shape: seen.shape(),
            glued,
            stretched: seen.stretched,
        }
    }

    fn letters(&mut self, seen: &mut Seen) {
        loop {
            self.at += seen.note_plain(self.text.as_bytes().get(self.at..).unwrap_or_default());
            let Some(c) = self.peek().filter(|&c| is_word(c)) else { return };
            seen.note(c);
            self.at += c.len_utf8();
        }
    }

    /// `O'Brien` and `D'Angelo` are one word; `Ana's`, `don't`, `l'hôpital` and `d'Alba` are two.
    fn second_half(&mut self, start: usize, seen: &mut Seen) {
        let (end, whole) = (self.at, *seen);
        let head_is_short = seen.letters <= 3 && seen.first_is_capital;
        let is_o = seen.letters == 1
            && self.text.get(start..end).is_some_and(|w| w.eq_ignore_ascii_case("o"));
        let Some(apostrophe) = self.peek() else { return };
        self.at += apostrophe.len_utf8();
        let tail_is_capital = self.peek().is_some_and(char::is_uppercase);
        let mut tail = Seen { hash: add(seen.hash, '\''), ..*seen };
        self.letters(&mut tail);
        if tail.is_letters()
            && (head_is_short && tail_is_capital && tail.letters > whole.letters
                || is_o && tail.letters > 3)
        {
            *seen = tail;
        } else {
            self.at = end;
        }
    }
}

/// What a word is made of so far.
#[derive(Clone, Copy)]
struct Seen {
    hash: u64,
    letters: usize,
    digits: usize,
    others: usize,
    capitals: usize,
    first_is_capital: bool,
    last: [char; 2],
    stretched: bool,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            hash: HASH_START,
            letters: 0,
            digits: 0,
            others: 0,
            capitals: 0,
            first_is_capital: false,
            last: ['\0'; 2],
            stretched: false,
        }
    }
}

impl Seen {
    /// Notes the ASCII letters and digits that `bytes` begins with, and tells how many they are. Does what [`note`](Self::note)
    /// does, the quick way: most text is nothing else.
    fn note_plain(&mut self, bytes: &[u8]) -> usize {
        let [mut before, mut last] = self.last;
        let (mut hash, mut stretched) = (self.hash, self.stretched);
        let (mut taken, mut digits) = (0, 0);
        for &byte in bytes {
            let small = if byte.is_ascii_lowercase() {
                char::from(byte)
            } else if byte.is_ascii_uppercase() {
                self.first_is_capital |= self.letters + taken == digits;
                self.capitals += 1;
                char::from(byte.to_ascii_lowercase())
            } else if byte.is_ascii_digit() {
                digits += 1;
                taken += 1;
                hash = add(hash, '0');
                continue;
            } else {
                break;
            };
            hash = add(hash, small);
            stretched |= small == last && small == before;
            (before, last) = (last, small);
            taken += 1;
        }
        self.letters += taken - digits;
        self.digits += digits;
        (self.hash, self.last, self.stretched) = (hash, [before, last], stretched);
        taken
    }

    fn note(&mut self, c: char) {
        if c.is_ascii_digit() {
            self.digits += 1;
            self.hash = add(self.hash, '0');
            return;
        }
        let small = fold(c);
        self.note_letter(small);
        if c == '_' || c.is_numeric() {
            self.others += 1;
        } else if !is_joining(c) {
            let capital = small != c;
            self.first_is_capital |= capital && self.letters == 0;
            self.capitals += usize::from(capital);
            self.letters += 1;
        }
    }

    fn note_letter(&mut self, small: char) {
        self.hash = add(self.hash, small);
        self.stretched |= self.last == [small; 2];
        self.last = [self.last[1], small];
    }

    fn is_letters(&self) -> bool {
        self.digits + self.others == 0
    }

    fn shape(&self) -> Shape {
        match (self.letters, self.capitals) {
            (0, _) if self.others == 0 => Shape::Digits,
            _ if !self.is_letters() => Shape::Code,
            (_, 0) => Shape::Lower,
            (1, _) => Shape::Initial,
            (_, 1) if self.first_is_capital => Shape::Capital,
            (letters, capitals) if letters == capitals => Shape::Upper,
            _ => Shape::Mixed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_plain_word_is_what_is_read_letter_by_letter(
            text in "[A-Za]?[a-c]{0,5}[A-Zb0-9_'’é. ]?[a-cX]{0,3}", glued in any::<bool>(),
        ) {
            let mut cursor = Cursor { text: &text, at: 0 };
            if let Some(token) = cursor.plain_word(glued) {
                prop_assert_eq!(token, cursor.any_word(glued));
                prop_assert_eq!(token.end, cursor.at);
            }
        }
    }
}
