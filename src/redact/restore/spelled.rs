//! Placeholders in the spelling of what they stand in: percent-encoded in a URL, escaped in HTML, full-width in East Asian
//! text.
//!
//! `%5BEMAIL_1%5D`, `&#91;EMAIL_1&#93;` and `［EMAIL_1］` are all `[EMAIL_1]`. The original goes back in the same spelling.
//! The brackets tell that a text is spelled so; a separator or a digit inside of them may be, too. Full-width letters and digits
//! may also stand in brackets that are themselves: `[ＥＭＡＩＬ_１]`, and so may the hyphens and dashes of typography: `[PERSON‑1]`.

use std::borrow::Cow;

/// How a stand-in is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Spelling {
    #[default]
    Plain,
    /// `%5B`, as in URLs.
    Percent,
    /// `&#91;`, as in HTML.
    Html,
    /// `［`, as in Chinese and Japanese text.
    Wide,
}

/// One byte of the plain form, read from another spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// This byte, written with so many.
    Byte(u8, usize),
    /// More text could make it one.
    Cut,
    /// Nothing that a placeholder holds.
    Never,
}

/// The brackets of the plain forms.
const OPENING: &[u8] = b"[<{(";

impl Spelling {
    /// Those in which brackets are not themselves.
    const BENT: [Self; 3] = [Self::Percent, Self::Html, Self::Wide];

    /// The spelling whose brackets begin with this byte.
    pub(super) fn beginning(with: u8) -> Self {
        match with {
            b'%' => Self::Percent,
            b'&' => Self::Html,
            0xE3 | 0xEF => Self::Wide,
            _ => Self::Plain,
        }
    }

    /// Reads the next byte of the plain form. `bytes` is not empty.
    pub(super) fn symbol(self, bytes: &[u8]) -> Symbol {
        match self {
            Self::Percent => percent(bytes),
            Self::Html => html(bytes),
            Self::Wide => wide(bytes),
            Self::Plain => bytes.first().map_or(Symbol::Cut, |b| Symbol::Byte(*b, 1)),
        }
    }

    /// The text in plain form; `None` unless some bracket of it is spelled so, or a letter or digit full-width.
    fn plain(self, text: &str) -> Option<String> {
        let bytes = text.as_bytes();
        let (mut plain, mut at, mut opened) = (Vec::with_capacity(bytes.len()), 0, false);
        while let Some(b) = bytes.get(at) {
            let (byte, length) = match self.symbol(&bytes[at..]) {
                Symbol::Byte(byte, length) => (byte, length),
                Symbol::Cut | Symbol::Never => (*b, 1),
            };
            let tells = |byte: u8| {
                let is_told = byte.is_ascii_alphanumeric() || byte == b'-';
                OPENING.contains(&byte) || self == Self::Wide && is_told
            };
            opened |= length > 1 && tells(byte);
            plain.push(byte);
            at += length;
        }
        opened.then(|| String::from_utf8_lossy(&plain).into_owned())
    }

    /// An original as this spelling writes it.
    pub(super) fn write(self, original: &str) -> Cow<'_, str> {
        match self {
            Self::Plain | Self::Wide => Cow::Borrowed(original),
            Self::Percent => Cow::Owned(crate::percent::encoded(original)),
            Self::Html => Cow::Owned(html_escaped(original)),
        }
    }
}

/// True for a byte without which no text has a bracket that is spelled otherwise: what [`occurs_in`] looks for.
pub(super) fn may_tell(b: u8) -> bool {
    matches!(b, b'%' | b'&' | 0xE2 | 0xE3 | 0xEF)
}

/// True if some bracket of `text` may be spelled otherwise.
pub(super) fn occurs_in(text: &[u8]) -> bool {
    memchr::memchr2(b'%', b'&', text).is_some()
        || memchr::memchr2(0xE3, 0xEF, text).is_some()
        || memchr::memchr_iter(0xE2, text).any(|at| is_hyphen(&text[..at], &text[at..]))
}

/// A hyphen or dash between a letter and a digit, or what may become that. In prose there are many between words.
fn is_hyphen(before: &[u8], from: &[u8]) -> bool {
    let is_told = before.last().is_none_or(u8::is_ascii_alphabetic)
        && from.get(3).is_none_or(u8::is_ascii_digit);
    is_told && matches!(wide(from), Symbol::Byte(b'-', _))
}

/// What `text` says in plain form, for each spelling that some bracket of it has.
pub(super) fn readings(text: &str) -> impl Iterator<Item = String> {
    let spellings = occurs_in(text.as_bytes()).then_some(Spelling::BENT).into_iter().flatten();
    spellings.filter_map(|spelling| spelling.plain(text))
}

fn percent(bytes: &[u8]) -> Symbol {
    match bytes {
        [b'%', high, low, ..] => match (hex(*high), hex(*low)) {
            (Some(high), Some(low)) => Symbol::Byte(high << 4 | low, 3),
            _ => Symbol::Never,
        },
        [b'%'] => Symbol::Cut,
        [b'%', high] => hex(*high).map_or(Symbol::Never, |_| Symbol::Cut),
        [b'+', ..] => Symbol::Byte(b' ', 1),
        [b, ..] => Symbol::Byte(*b, 1),
        [] => Symbol::Cut,
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The ways to write what placeholders are made of.
const ENTITIES: &[(&[u8], u8)] = &[
    (b"&#91;", b'['),
    (b"&#93;", b']'),
    (b"&#x5b;", b'['),
    (b"&#x5d;", b']'),
    (b"&lbrack;", b'['),
    (b"&rbrack;", b']'),
    (b"&lsqb;", b'['),
    (b"&rsqb;", b']'),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&#60;", b'<'),
    (b"&#62;", b'>'),
    (b"&#x3c;", b'<'),
    (b"&#x3e;", b'>'),
    (b"&lbrace;", b'{'),
    (b"&rbrace;", b'}'),
    (b"&lcub;", b'{'),
    (b"&rcub;", b'}'),
    (b"&#123;", b'{'),
    (b"&#125;", b'}'),
    (b"&#40;", b'('),
    (b"&#41;", b')'),
    (b"&#95;", b'_'),
    (b"&#x5f;", b'_'),
    (b"&lowbar;", b'_'),
    (b"&#45;", b'-'),
    (b"&nbsp;", b' '),
    (b"&#32;", b' '),
];

fn html(bytes: &[u8]) -> Symbol {
    let Some(first) = bytes.first().filter(|b| **b != b'&') else { return entity(bytes) };
    Symbol::Byte(*first, 1)
}

fn entity(bytes: &[u8]) -> Symbol {
    let mut cut = false;
    for (written, byte) in ENTITIES {
        let known = written.len().min(bytes.len());
        if bytes[..known].eq_ignore_ascii_case(&written[..known]) {
            if known == written.len() {
                return Symbol::Byte(*byte, known);
            }
            cut = true;
        }
    }
    if cut { Symbol::Cut } else { Symbol::Never }
}

fn wide(bytes: &[u8]) -> Symbol {
    let byte = match bytes {
        [0xEF, 0xBC, last @ 0x81..=0xBF, ..] => last - 0x60,
        [0xEF, 0xBD, last @ 0x80..=0x9E, ..] => last - 0x20,
        [0xE3, 0x80, 0x90 | 0x94, ..] => b'[',
        [0xE3, 0x80, 0x91 | 0x95, ..] => b']',
        [0xE3, 0x80, 0x80, ..] => b' ',
        // Hyphens up to the dash between numbers, and minus.
        [0xE2, 0x80, 0x90..=0x93, ..] | [0xE2, 0x88, 0x92, ..] => b'-',
        [b, ..] => return Symbol::Byte(*b, 1),
        [] => return Symbol::Cut,
    };
    Symbol::Byte(byte, 3)
}

fn html_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_cuts_are_told_from_faults() {
        for (spelling, text, expected) in [
            (Spelling::Percent, "%5b", Symbol::Byte(b'[', 3)),
            (Spelling::Percent, "%5", Symbol::Cut),
            (Spelling::Percent, "%zz", Symbol::Never),
            (Spelling::Percent, "+", Symbol::Byte(b' ', 1)),
            (Spelling::Html, "&#91;", Symbol::Byte(b'[', 5)),
            (Spelling::Html, "&LBRACK;x", Symbol::Byte(b'[', 8)),
            (Spelling::Html, "&l", Symbol::Cut),
            (Spelling::Html, "&amp;", Symbol::Never),
            (Spelling::Wide, "［", Symbol::Byte(b'[', 3)),
            (Spelling::Wide, "】", Symbol::Byte(b']', 3)),
            (Spelling::Wide, "Ａ", Symbol::Byte(b'A', 3)),
            (Spelling::Wide, "ｚ", Symbol::Byte(b'z', 3)),
            (Spelling::Wide, "１", Symbol::Byte(b'1', 3)),
            (Spelling::Wide, "＿", Symbol::Byte(b'_', 3)),
            (Spelling::Wide, "\u{2011}", Symbol::Byte(b'-', 3)),
        ] {
            assert_eq!(spelling.symbol(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_text_has_the_readings_that_its_brackets_tell() {
        let of = |text| readings(text).collect::<Vec<_>>();
        assert_eq!(of("50% of R&D in 日本語"), Vec::<String>::new());
        assert_eq!(of("?to=%5BEMAIL_1%5D"), ["?to=[EMAIL_1]"]);
        assert_eq!(of("&lt;Kunde 7&gt;"), ["<Kunde 7>"]);
        assert_eq!(of("［ＥＭＡＩＬ＿１］"), ["[EMAIL_1]"]);
        assert_eq!(of("[EMAIL_１]"), ["[EMAIL_1]"]);
        assert_eq!(of("[EMAIL\u{2011}1]"), ["[EMAIL-1]"]);
        assert_eq!(of("so\u{2013}called, 1\u{2013}2 “x”"), Vec::<String>::new());
        assert_eq!(of("日本語，と　（）"), ["日本語,と ()"]);
    }
}
