//! The lexer. It keeps its own stack (the path), so nesting cannot overflow the thread's.

use super::{Error, ErrorKind, decode};
use std::{borrow::Cow, ops::Range};

/// One step of the way from the root to a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step<'a> {
    /// Into the member of this name; escapes are decoded.
    Key(Cow<'a, str>),
    /// Into the element of this index.
    Index(usize),
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The name of a member. The path ends with this very name.
    Key,
    /// A string value.
    String,
    /// A number.
    Number,
    /// `true`, `false` or `null`. Also `NaN`, `Infinity` and `-Infinity`, which are no JSON: Python writes and reads them by default.
    Literal,
}

/// A scalar of the document, as it is written there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    kind: Kind,
    raw: &'a str,
    start: usize,
    /// It is written as it is meant.
    plain: bool,
}

impl<'a> Token<'a> {
    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The bytes as written; of keys and strings what is between the quotes, escapes undecoded.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// Where [`raw`](Self::raw) stands in the document, in bytes.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.raw.len()
    }

    /// The text that is meant; borrowed when there is no escape. Lone surrogates become U+FFFD.
    pub fn decode(&self) -> Cow<'a, str> {
        if self.plain { Cow::Borrowed(self.raw) } else { decode(self.raw) }
    }
}

/// Tells kind and place alone: the token may hold private data.
impl std::fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({:?})", self.kind, self.range())
    }
}

/// Reads one JSON document (RFC 8259, nothing laxer) and shows each scalar with the way to it.
///
/// Members with the same name are all shown. Linear time; memory grows with the nesting alone.
///
/// # Errors
/// The first fault of the document. What was shown before it must be thrown away.
///
/// # Examples
/// ```
/// use prompt_guard::json::{Kind, MAX_DEPTH, walk};
///
/// let mut strings = Vec::new();
/// walk(br#"{"to": ["ann", 7]}"#, MAX_DEPTH, &mut |_, token| {
///     if token.kind() == Kind::String {
///         strings.push(token.decode().into_owned());
///     }
/// })?;
/// assert_eq!(strings, ["ann"]);
/// # Ok::<(), prompt_guard::json::Error>(())
/// ```
pub fn walk<'a>(
    document: &'a [u8],
    max_depth: usize,
    visit: &mut dyn FnMut(&[Step<'a>], &Token<'a>),
) -> Result<(), Error> {
    let text = std::str::from_utf8(document)
        .map_err(|error| Error { offset: error.valid_up_to(), kind: ErrorKind::InvalidUtf8 })?;
    Lexer { text, at: 0, path: Vec::new(), max_depth }.document(visit)
}

type Visit<'v, 'a> = &'v mut dyn FnMut(&[Step<'a>], &Token<'a>);

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// The open containers, outermost first: a key for an object, an index for an array.
    path: Vec<Step<'a>>,
    max_depth: usize,
}

impl<'a> Lexer<'a> {
    fn document(mut self, visit: Visit<'_, 'a>) -> Result<(), Error> {
        self.skip_space();
        loop {
            let scalar_done = self.value(visit)?;
            if scalar_done && self.close(visit)? {
                break;
            }
        }
        self.skip_space();
        if self.at < self.text.len() {
            return self.expected("the end of the document");
        }
        Ok(())
    }

    /// Reads a scalar, an empty container, or the opening of a container up to its first value.
    /// True when a whole value was read.
    fn value(&mut self, visit: Visit<'_, 'a>) -> Result<bool, Error> {
        match self.peek() {
            Some(b'{') => self.open_object(visit).map(|opened| !opened),
            Some(b'[') => self.open_array().map(|opened| !opened),
            Some(b'"') => self.string(visit).map(|()| true),
            Some(b'-' | b'0'..=b'9') => self.number(visit).map(|()| true),
            Some(b't') => self.literal("true", visit).map(|()| true),
            Some(b'f') => self.literal("false", visit).map(|()| true),
            Some(b'n') => self.literal("null", visit).map(|()| true),
            Some(b'N') => self.literal("NaN", visit).map(|()| true),
            Some(b'I') => self.literal("Infinity", visit).map(|()| true),
            Some(_) | None => self.expected("a value"),
        }
    }

    fn open_object(&mut self, visit: Visit<'_, 'a>) -> Result<bool, Error> {
        self.descend(Step::Key(Cow::Borrowed("")))?;
        if self.peek() == Some(b'}') {
            self.ascend();
            return Ok(false);
        }
        self.key(visit)?;
        Ok(true)
    }

    fn open_array(&mut self) -> Result<bool, Error> {
        self.descend(Step::Index(0))?;
        if self.peek() == Some(b']') {
            self.ascend();
            return Ok(false);
        }
        Ok(true)
    }

    fn descend(&mut self, step: Step<'a>) -> Result<(), Error> {
        if self.path.len() >= self.max_depth {
            return self.fail(ErrorKind::TooDeep(self.max_depth));
        }
        self.path.push(step);
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    fn ascend(&mut self) {
        self.path.pop();
        self.at += 1;
    }

    /// After a value: closes all containers that end here. True when the outermost one has ended.
    fn close(&mut self, visit: Visit<'_, 'a>) -> Result<bool, Error> {
        loop {
            let in_object = match self.path.last() {
                None => return Ok(true),
                Some(Step::Key(_)) => true,
                Some(Step::Index(_)) => false,
            };
            self.skip_space();
            match (self.peek(), in_object) {
                (Some(b','), _) => return self.next_value(visit).map(|()| false),
                (Some(b'}'), true) | (Some(b']'), false) => self.ascend(),
                (_, true) => return self.expected("`,` or `}`"),
                (_, false) => return self.expected("`,` or `]`"),
            }
        }
    }

    fn next_value(&mut self, visit: Visit<'_, 'a>) -> Result<(), Error> {
        self.at += 1;
        self.skip_space();
        match self.path.last_mut() {
            Some(Step::Index(index)) => *index += 1,
            Some(Step::Key(_)) => self.key(visit)?,
            None => {}
        }
        Ok(())
    }

    fn key(&mut self, visit: Visit<'_, 'a>) -> Result<(), Error> {
        if self.peek() != Some(b'"') {
            return self.expected("a key in quotes");
        }
        let token = self.quoted(Kind::Key)?;
        if let Some(step) = self.path.last_mut() {
            *step = Step::Key(token.decode());
        }
        visit(&self.path, &token);
        self.skip_space();
        if self.peek() != Some(b':') {
            return self.expected("`:`");
        }
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    fn string(&mut self, visit: Visit<'_, 'a>) -> Result<(), Error> {
        let token = self.quoted(Kind::String)?;
        visit(&self.path, &token);
        Ok(())
    }

    /// Reads what stands in quotes.
    fn quoted(&mut self, kind: Kind) -> Result<Token<'a>, Error> {
        let start = self.at + 1;
        let mut plain = true;
        self.at = start;
        loop {
            self.at += plain_prefix(&self.text.as_bytes()[self.at..]);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    self.escape()?;
                }
                Some(_) => return self.fail(ErrorKind::ControlCharacter),
                None => return self.expected("`\"`"),
            }
        }
        let raw = &self.text[start..self.at];
        self.at += 1;
        Ok(Token { kind, raw, start, plain })
    }

    /// Shows what was read from `start` on and can hold no escape.
    fn show(&self, kind: Kind, start: usize, visit: Visit<'_, 'a>) {
        visit(&self.path, &Token { kind, raw: &self.text[start..self.at], start, plain: true });
    }

    fn escape(&mut self) -> Result<(), Error> {
        let rest = &self.text.as_bytes()[self.at + 1..];
        let length = match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if rest.len() > 4 && rest[1..5].iter().all(u8::is_ascii_hexdigit) => 6,
            Some(_) | None => return self.fail(ErrorKind::InvalidEscape),
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self, visit: Visit<'_, 'a>) -> Result<(), Error> {
        let start = self.at;
        self.take(|b| b == b'-', 1);
        match self.peek() {
            Some(b'I') => return self.literal("Infinity", visit),
            Some(b'0') => self.at += 1,
            Some(_) | None => self.digits()?,
        }
        if self.take(|b| b == b'.', 1) > 0 {
            self.digits()?;
        }
        if self.take(|b| matches!(b, b'e' | b'E'), 1) > 0 {
            self.take(|b| matches!(b, b'+' | b'-'), 1);
            self.digits()?;
        }
        self.show(Kind::Number, start, visit);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Error> {
        match self.take(|b| b.is_ascii_digit(), usize::MAX) {
            0 => self.expected("a digit"),
            _ => Ok(()),
        }
    }

    fn literal(&mut self, word: &'static str, visit: Visit<'_, 'a>) -> Result<(), Error> {
        let start = self.at;
        if !self.text.as_bytes()[start..].starts_with(word.as_bytes()) {
            return self.expected("a value");
        }
        self.at += word.len();
        self.show(Kind::Literal, start, visit);
        Ok(())
    }

    /// Passes over at most `most` bytes that `wanted` accepts; tells how many.
    fn take(&mut self, wanted: impl Fn(u8) -> bool, most: usize) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take(most).take_while(|b| wanted(**b)).count();
        self.at += length;
        length
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expected<T>(&self, what: &'static str) -> Result<T, Error> {
        self.fail(ErrorKind::Expected(what))
    }

    fn fail<T>(&self, kind: ErrorKind) -> Result<T, Error> {
        Err(Error { offset: self.at, kind })
    }
}

/// How many bytes from the start need no attention inside a string: no quote, backslash or control character.
///
/// Eight at a time: the lexer spends nearly all its time here.
pub(super) fn plain_prefix(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return index * 8 + (special.trailing_zeros() / 8) as usize;
        }
    }
    let done = words.len() * 8;
    done + rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len())
}

/// Sets the high bit of each byte that is a quote, a backslash or below 0x20. Bits above the lowest one set may be
/// false alarms (a borrow ran over), so only the lowest one counts.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let zero_bytes = |x: u64| x.wrapping_sub(ONES) & !x;
    let quote = zero_bytes(word ^ (ONES * b'"' as u64));
    let backslash = zero_bytes(word ^ (ONES * b'\\' as u64));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & HIGH
}
