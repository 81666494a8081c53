//! The inside of JSON strings: what escapes mean, and where a decoded place stands in the written form.

use std::borrow::Cow;

/// Decodes what stands between the quotes of a valid JSON string. Lone surrogates become U+FFFD.
pub fn decode(raw: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', raw.as_bytes()) else {
        return Cow::Borrowed(raw);
    };
    let mut text = String::with_capacity(raw.len());
    text.push_str(&raw[..first]);
    let mut rest = &raw[first..];
    while !rest.is_empty() {
        let (c, length) = unit(rest);
        text.push(c);
        rest = &rest[length..];
        let plain = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        text.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    Cow::Owned(text)
}

/// The first character of `raw`, and how many bytes it is written with. `raw` is not empty.
fn unit(raw: &str) -> (char, usize) {
    if !raw.starts_with('\\') {
        let c = raw.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
        return (c, c.len_utf8().min(raw.len()));
    }
    let c = match raw.as_bytes().get(1) {
        Some(b'u') => return unicode_escape(raw),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(&b) if b.is_ascii() => char::from(b),
        // Cannot come out of the lexer; whoever passes it anyway gets the backslash back.
        Some(_) | None => return ('\\', 1),
    };
    (c, 2)
}

fn unicode_escape(raw: &str) -> (char, usize) {
    let Some(first) = code_unit(raw) else { return ('\\', 1) };
    if (0xD800..0xDC00).contains(&first)
        && let Some(second) = raw.get(6..).and_then(code_unit)
        && (0xDC00..0xE000).contains(&second)
    {
        let c = char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        return (c.unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

/// Reads `\uXXXX` at the start of `raw`.
fn code_unit(raw: &str) -> Option<u32> {
    let digits = raw.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

/// Finds where places of a decoded string stand in its written form.
///
/// A cursor: places must be asked for in rising order, and all questions together cost one pass.
#[derive(Debug)]
pub struct Offsets<'a> {
    raw: &'a str,
    at_raw: usize,
    at_decoded: usize,
}

impl<'a> Offsets<'a> {
    /// Starts at the front of `raw`, which is what stands between the quotes.
    pub fn new(raw: &'a str) -> Self {
        Self { raw, at_raw: 0, at_decoded: 0 }
    }

    /// Where byte `decoded` of the decoded text stands in `raw`. A place inside of a character counts as its end,
    /// and a place past the end as the end.
    pub fn raw(&mut self, decoded: usize) -> usize {
        while self.at_decoded < decoded && self.at_raw < self.raw.len() {
            let rest = &self.raw[self.at_raw..];
            let wanted = decoded - self.at_decoded;
            let plain = memchr::memchr(b'\\', &rest.as_bytes()[..wanted.min(rest.len())]);
            let (length, written) = match plain {
                Some(0) => {
                    let (c, written) = unit(rest);
                    (c.len_utf8(), written)
                }
                Some(plain) => (plain, plain),
                None => (wanted.min(rest.len()), wanted.min(rest.len())),
            };
            self.at_decoded += length;
            self.at_raw += written;
        }
        while !self.raw.is_char_boundary(self.at_raw) {
            self.at_raw += 1;
            self.at_decoded += 1;
        }
        self.at_raw
    }
}

/// Appends `text` as the inside of a JSON string. Escapes what must be, and nothing else:
/// U+2028 and U+2029 are valid in JSON strings and stay.
pub fn encode_into(text: &str, out: &mut String) {
    let mut done = 0;
    for (at, b) in text.bytes().enumerate() {
        if !matches!(b, b'"' | b'\\' | 0..0x20) {
            continue;
        }
        out.push_str(&text[done..at]);
        escape_into(b, out);
        done = at + 1;
    }
    out.push_str(&text[done..]);
}

fn escape_into(b: u8, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match b {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        0x8 => out.push_str("\\b"),
        0xc => out.push_str("\\f"),
        other => {
            out.push_str("\\u00");
            out.push(char::from(HEX[usize::from(other >> 4)]));
            out.push(char::from(HEX[usize::from(other & 15)]));
        }
    }
}
