//! What a place in a body is known to hold, and whether what stands there looks the part.
//!
//! A name alone is not trusted: `"role": "ann@example.org"` is guarded like any other text.

use crate::{
    json::{Kind, Step, Token},
    redact::{Base64, Treatment, head_of_data_url, is_all_base64},
};

/// Deeper places than this are nowhere structural.
const MAX_PARTS: usize = 12;

/// The way to a place, spelled for `match`: the names of members, and [`ELEMENT`] for any element of an array.
pub(super) struct Place<'p> {
    parts: [&'p str; MAX_PARTS],
    length: usize,
}

/// Stands for any index.
pub(super) const ELEMENT: &str = "*";

impl<'p> Place<'p> {
    /// `None` if the path is deeper than any that is known.
    pub(super) fn new(path: &'p [Step<'_>]) -> Option<Self> {
        let mut parts = [""; MAX_PARTS];
        if path.len() > MAX_PARTS {
            return None;
        }
        for (part, step) in parts.iter_mut().zip(path) {
            *part = match step {
                Step::Index(_) => ELEMENT,
                Step::Key(name) if name == ELEMENT => "(a member named like the mark of elements)",
                Step::Key(name) => name,
            };
        }
        Some(Self { parts, length: path.len() })
    }

    pub(super) fn parts(&self) -> &[&'p str] {
        &self.parts[..self.length]
    }
}

/// What a place is known to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Anything, as far as we know.
    Text,
    /// A word of the API: `user`, `json_schema`.
    Word,
    /// The name of a model or of a function.
    Name,
    /// An id that the provider or the client made up.
    Id,
    /// Something encrypted or signed, in base64.
    Opaque,
    /// A number, or a token id written as a string.
    Number,
    /// Base64 or a data URL of this kind of media, or of text; another URL leads to such media.
    Media(&'static str),
    /// The id of content of this kind that the provider keeps.
    Stored(&'static str),
    /// Such an id, if the API means by that name what others mean. So it is looked at as well.
    Reference(&'static str),
    /// The URL of an image or a file.
    Link,
    /// Base64 or text, as another member says. Base64 that is long, or begins as an image or a PDF, is told from text.
    Source,
}

impl Holds {
    /// How to treat a token that stands at such a place.
    pub(super) fn treatment(self, token: &Token<'_>) -> Treatment {
        match token.kind() {
            Kind::Key | Kind::String => self.of_text(&token.decode()),
            Kind::Number if self == Self::Number && !is_identifier_long(token) => Treatment::Leave,
            Kind::Number => Treatment::Guard,
            Kind::Literal => Treatment::Leave,
        }
    }

    fn of_text(self, text: &str) -> Treatment {
        let looks_right = match self {
            Self::Text => return unknown_media(text).unwrap_or(Treatment::Guard),
            Self::Media(kind) => return media(kind, text).unwrap_or(Treatment::Guard),
            Self::Link => return media(kind_of_link(text), text).unwrap_or(Treatment::Guard),
            Self::Stored(kind) if is_id(text) => return Treatment::Unscannable(kind),
            Self::Stored(kind) | Self::Reference(kind) => return Treatment::Unclear(kind),
            Self::Source => return source(text).unwrap_or(Treatment::Guard),
            Self::Word => is_word(text),
            Self::Name => is_name(text),
            Self::Id => is_id(text),
            Self::Opaque => is_opaque(text),
            Self::Number => is_short_number(text),
        };
        if looks_right { Treatment::Leave } else { Treatment::Guard }
    }
}

/// No parameter needs so many digits before the point: `"seed": 4111111111111111` may be a card. Behind the point they are only
/// exactness (`0.30000000000000004`).
fn is_identifier_long(token: &Token<'_>) -> bool {
    let number = token.raw();
    // A growing exponent moves the point; a shrinking one is mostly what rounding left over (`5.551115123125783e-17`).
    let shrinks = number.get(1..).is_some_and(|rest| rest.contains('-'));
    let counted = if number.contains(['e', 'E']) && !shrinks {
        number
    } else {
        number.split('.').next().unwrap_or(number)
    };
    counted.bytes().filter(u8::is_ascii_digit).count() >= 12
}

pub(super) fn is_word(text: &str) -> bool {
    let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= 64
        && n_digits <= 4
        && has_letter(text)
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.'))
}

pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 128
        && has_letter(text)
        && longest_digit_run(text) < 9
        && text.bytes().all(|b| is_name_byte(b) || matches!(b, b'/' | b'+'))
}

/// A UUID, `call_9f…`; not `415-555-0123`, which has no letter.
pub(super) fn is_id(text: &str) -> bool {
    text.len() <= 256 && has_letter(text) && text.bytes().all(is_name_byte)
}

fn is_name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':')
}

fn is_opaque(text: &str) -> bool {
    is_no_word(text) && is_all_base64(text)
}

/// As long as keys and files in base64 are, and no number.
fn is_no_word(base64: &str) -> bool {
    base64.len() >= 16 && has_letter(base64)
}

fn is_short_number(text: &str) -> bool {
    text.len() <= 8 && text.bytes().all(|b| b.is_ascii_digit())
}

/// How to treat media of this kind, in base64 or a data URL; `None` for what is neither.
fn media(kind: &'static str, text: &str) -> Option<Treatment> {
    let base64 = Base64::of(text);
    if let Some(head) = head_of_data_url(text) {
        return Some(of_data_url(kind, head, base64.as_ref()));
    }
    if is_url(text) {
        return Some(Treatment::Referenced(kind));
    }
    match base64.filter(|base64| is_no_word(&base64.data)) {
        Some(base64) => Some(of_base64(kind, &base64)),
        // One word is the name of something elsewhere.
        None => (is_broken_base64(text) || is_one_word(text)).then_some(Treatment::Unclear(kind)),
    }
}

/// A URL of whatever scheme but `data`, or one without. Some providers fetch it although there are spaces in it.
fn is_url(text: &str) -> bool {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    let text = text.trim_start();
    text.starts_with("//") || text.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme))
}

/// A data URL of text that is not in base64 can be read.
fn is_one_word(text: &str) -> bool {
    let text = text.trim_ascii();
    let is_text = ["data:text/", "data:,"]
        .iter()
        .any(|head| text.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)));
    !text.is_empty() && !text.contains(char::is_whitespace) && !is_text
}

/// What a URL leads to, as far as its path tells.
fn kind_of_link(url: &str) -> &'static str {
    const IMAGES: [&str; 8] = [".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".webp"];
    let path = url.split(['?', '#']).next().unwrap_or(url).trim_end().to_ascii_lowercase();
    if IMAGES.iter().any(|ending| path.ends_with(ending)) { "image" } else { "file" }
}

/// Text in the head, or in what should be base64, is still text.
fn of_data_url(kind: &'static str, head: &str, base64: Option<&Base64<'_>>) -> Treatment {
    base64
        .filter(|_| is_plain_head(head))
        .map_or(Treatment::Unclear(kind), |base64| of_base64(kind, base64))
}

/// In base64 text may be found, whatever it is called, or it cannot be read.
fn of_base64(kind: &'static str, base64: &Base64<'_>) -> Treatment {
    if base64.begins_as_text() { Treatment::Coded(kind) } else { Treatment::Unscannable(kind) }
}

/// How to treat what may be base64 as well as text.
fn source(text: &str) -> Option<Treatment> {
    /// A text has a space somewhere before.
    const LONG: usize = 64;
    let base64 = Base64::of(text);
    if let Some(head) = head_of_data_url(text) {
        return Some(of_data_url("file", head, base64.as_ref()));
    }
    let Some(base64) = base64.filter(|base64| is_no_word(&base64.data)) else {
        return is_broken_base64(text).then_some(Treatment::Unclear("file"));
    };
    let data = &base64.data;
    match source_kind(data) {
        Some(kind) => Some(Treatment::Unscannable(kind)),
        None if base64.begins_as_text() => Some(Treatment::Coded("file")),
        None if data.len() >= LONG => Some(Treatment::Unscannable("file")),
        // It may be a word, or the bytes of some other encoding of text.
        None => (data.len() % 4 == 0).then_some(Treatment::Unclear("file")),
    }
}

/// Letters of base64 in lines or pieces that are not all of one length, and too long for words.
fn is_broken_base64(text: &str) -> bool {
    const LONG: usize = 40;
    let mut is_long = false;
    for word in text.split_ascii_whitespace() {
        if !is_all_base64(word) {
            return false;
        }
        is_long |= word.len() >= LONG && has_letter(word);
    }
    is_long
}

/// A media type and parameters in which nothing can be said.
fn is_plain_head(head: &str) -> bool {
    let is_plain = |part: &str| {
        let part = part.trim_ascii();
        let (name, value) = part.split_once('=').unwrap_or(("", part));
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        name.bytes().all(is_name_byte)
            && value.bytes().all(|b| is_name_byte(b) || matches!(b, b'/' | b'+' | b','))
    };
    head.len() <= 128 && head.trim_end_matches(',').split(';').all(is_plain)
}

/// What the media is whose base64 this is.
fn source_kind(base64: &str) -> Option<&'static str> {
    const IMAGES: [&str; 4] = ["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR"];
    if base64.starts_with("JVBERi") {
        Some("file")
    } else {
        IMAGES.iter().any(|magic| base64.starts_with(magic)).then_some("image")
    }
}

/// How to treat a whole string that is media where none is known to stand, such as in a part of a kind that came into the
/// API after this was written. Short ones are no content.
fn unknown_media(text: &str) -> Option<Treatment> {
    const LEAST: usize = 64;
    if text.len() < LEAST {
        return None;
    }
    let Some(head) = head_of_data_url(text) else {
        let kind = source_kind(text)?;
        let base64 = Base64::of(text).filter(|base64| is_no_word(&base64.data))?;
        return Some(of_base64(kind, &base64));
    };
    let media_type = head.trim_ascii_start().get("data:".len()..)?.trim_ascii_start();
    let is_of = |kind: &&str| {
        media_type.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))
    };
    let known = ["image", "audio", "video"].into_iter().find(is_of);
    let base64 = Base64::of(text);
    // A text may begin like a URL and go on with words.
    let is_url = base64.is_some() || is_broken_base64(text.get(head.len()..)?);
    is_url.then(|| of_data_url(known.unwrap_or("file"), head, base64.as_ref()))
}

fn has_letter(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_alphabetic())
}

fn longest_digit_run(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_the_part_is_left_alone() {
        use Treatment::{Coded, Guard, Leave, Referenced, Unclear, Unscannable};
        let media = "data:image/png;base64,iVBORw0KGgo=";
        for (holds, text, expected) in [
            (Holds::Text, "user", Guard),
            (Holds::Word, "json_schema", Leave),
            (Holds::Word, "User", Guard),
            (Holds::Word, "555-0100", Guard),
            (Holds::Word, "a5550100", Guard),
            (Holds::Name, "gpt-4o-2024-08-06", Leave),
            (Holds::Name, "claude-3-5-sonnet-20241022", Leave),
            (Holds::Name, "org/Model-7B.Q4", Leave),
            (Holds::Name, "ann@example.org", Guard),
            (Holds::Name, "Ann Example", Guard),
            (Holds::Name, "x123456789", Guard),
            (Holds::Id, "call_abc123", Leave),
            (Holds::Id, "3fa85f64-5717-4562-b3fc-2c963f66afa6", Leave),
            (Holds::Id, "415-555-0123", Guard),
            (Holds::Opaque, "gAAAAABoISQ24OyVRYbkYfukdJoqdzWT==", Leave),
            (Holds::Opaque, "Ann Example lives here", Guard),
            (Holds::Opaque, "4111111111111111", Guard),
            (Holds::Source, "iVBORw0KGgoAAAANSUhEUg==", Unscannable("image")),
            (Holds::Source, "JVBERi0xLjcKJeLjz9MK", Unscannable("file")),
            (Holds::Source, "JVBERi is how Ann's file begins", Guard),
            (Holds::Source, "AnnExampleWroteThisDocument", Guard),
            (Holds::Source, "aGkgYW5uQGV4YW1wbGUub3Jn", Coded("file")),
            (
                Holds::Media("file"),
                "data:text/csv;base64,bWFpbAphbm5AZXhhbXBsZS5vcmc=",
                Coded("file"),
            ),
            (Holds::Media("image"), "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=", Coded("image")),
            (Holds::Media("file"), "JVBERi0xLjQKJSBhbGwgQVNDSUk=", Unscannable("file")),
            (Holds::Number, "50256", Leave),
            (Holds::Number, "4155550123", Guard),
            (Holds::Media("image"), media, Unscannable("image")),
            (Holds::Media("image"), "https://example.org/ann.png", Referenced("image")),
            (Holds::Media("audio"), " gs://bucket/a call.wav", Referenced("audio")),
            (Holds::Media("image"), "//example.org/ann.png", Referenced("image")),
            (Holds::Media("image"), "Ann wrote https://example.org", Guard),
            (Holds::Media("image"), "ann.png", Unclear("image")),
            (Holds::Link, "https://example.org/ann.PNG?size=2", Referenced("image")),
            (Holds::Link, "https://example.org/ann", Referenced("file")),
            (Holds::Stored("file"), "file-abc123", Unscannable("file")),
            (Holds::Stored("file"), "of Ann Example", Unclear("file")),
            (Holds::Media("image"), "data:text/plain,Ann%20Example", Guard),
            (Holds::Media("image"), "data:image/png,%89PNG", Unclear("image")),
            (Holds::Media("image"), "data:ann@example.org;base64,AAAA", Unclear("image")),
            (
                Holds::Media("file"),
                "data:x/y;name=\"Ann Example.pdf\";base64,AAAA",
                Unclear("file"),
            ),
            (Holds::Media("image"), "data:image/png;base64,call Ann", Unclear("image")),
            (Holds::Media("audio"), "UklGRiQAAABXQVZFZm10IBAAAAABAAEA", Unscannable("audio")),
            (Holds::Media("audio"), "call Ann at 555-0100", Guard),
        ] {
            assert_eq!(holds.of_text(text), expected, "{holds:?} {text}");
        }
    }

    #[test]
    fn media_is_known_in_every_spelling() {
        use Treatment::{Coded, Unclear, Unscannable};
        let base64 = "AAECAwQF".repeat(20);
        let in_lines = |width: usize, between: &str| {
            let lines: Vec<&str> = base64
                .as_bytes()
                .chunks(width)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            lines.join(between)
        };
        let long = "x".repeat(200);
        for (text, expected) in [
            (in_lines(76, "\n"), Unscannable("file")),
            (in_lines(76, "\r\n") + "\r\n", Unscannable("file")),
            (in_lines(75, "\n"), Unclear("file")),
            (in_lines(60, " "), Unclear("file")),
            (format!("{base64}\n"), Unscannable("file")),
            (format!("{base64}AAAAAA%3D%3D"), Unclear("file")),
            (format!("data:x/y;base64,{}\n", in_lines(64, "\n")), Unscannable("file")),
            (format!("DATA:X/Y;BASE64,{base64}"), Unscannable("file")),
            (format!("data:x/y; charset=\"utf-16\"; base64,{base64}"), Unscannable("file")),
            (format!("data:x/y;base64,{base64}AAAAAA%3D%3D"), Unscannable("file")),
            (format!("data:x/y;name={long};base64,{base64}"), Unclear("file")),
            (format!("data:x/y;base64,{base64}%20"), Unclear("file")),
            ("data:text/plain; charset=utf-8;base64,aGkgYW5u".to_owned(), Coded("file")),
            ("data:text/plain;base64,aGkgYW5uIQ%3D%3D".to_owned(), Coded("file")),
        ] {
            assert_eq!(Holds::Media("file").of_text(&text), expected, "{text}");
        }
    }

    #[test]
    fn long_base64_of_a_document_that_is_no_text_is_told() {
        use Treatment::{Guard, Unclear, Unscannable};
        let heic = format!("AAAAJGZ0eXBoZWlj{}", "AAEC".repeat(20));
        for (text, expected) in [
            (heic.clone(), Unscannable("file")),
            (format!("{heic}\n"), Unscannable("file")),
            (format!("UEsDBBQABgAI{}", "AAEC".repeat(20)), Unscannable("file")),
            (format!("data:image/heic;base64,{heic}"), Unscannable("file")),
            // "hi ann@" in UTF-16.
            ("//5oAGkAIABhAG4AbgBAAA==".to_owned(), Unclear("file")),
            ("Ann Example wrote this document".to_owned(), Guard),
            ("4111111111111111".repeat(5), Guard),
            (format!("Ann wrote {heic} {EMAIL}"), Guard),
        ] {
            assert_eq!(Holds::Source.of_text(&text), expected, "{text}");
        }
    }

    const EMAIL: &str = "ann@example.org";

    #[test]
    fn media_is_known_also_where_none_is_expected() {
        let base64 = "AAEC".repeat(20);
        for (text, expected) in [
            (format!("data:image/png;base64,{base64}"), Treatment::Unscannable("image")),
            (format!("data:application/x;base64,{base64}"), Treatment::Unscannable("file")),
            (format!("/9j/{base64}"), Treatment::Unscannable("image")),
            (format!("JVBERi{base64}"), Treatment::Unscannable("file")),
            (base64.clone(), Treatment::Guard),
            (format!("see data:image/png;base64,{base64}"), Treatment::Guard),
            (format!("data:image/png,{base64}"), Treatment::Guard),
            (format!("DATA:Image/PNG; x=\"y\";BASE64,{base64}\n"), Treatment::Unscannable("image")),
            (format!("data: ;base64, is what {EMAIL} wrote {base64}"), Treatment::Guard),
            ("data:image/png;base64,AAEC".to_owned(), Treatment::Guard),
            (format!("data:text/x;base64,{}", "QUJD".repeat(20)), Treatment::Coded("file")),
        ] {
            assert_eq!(Holds::Text.of_text(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_parameter_with_the_digits_of_a_card_is_guarded() {
        for (number, expected) in [
            ("42", Treatment::Leave),
            ("2147483647", Treatment::Leave),
            ("0.30000000000000004", Treatment::Leave),
            ("-1e-05", Treatment::Leave),
            ("5.551115123125783e-17", Treatment::Leave),
            ("4111111111111111e-1", Treatment::Guard),
            ("4111111111111111", Treatment::Guard),
            ("-4111111111111111", Treatment::Guard),
            ("4111111111111111.0", Treatment::Guard),
            ("4.111111111111111e15", Treatment::Guard),
        ] {
            crate::json::walk(number.as_bytes(), 1, &mut |_, token| {
                assert_eq!(Holds::Number.treatment(token), expected, "{number}");
            })
            .unwrap();
        }
    }

    #[test]
    fn a_member_named_like_the_mark_of_elements_is_none() {
        let path = [Step::Key("messages".into()), Step::Key("*".into()), Step::Index(3)];
        let place = Place::new(&path).unwrap();
        assert_eq!(place.parts()[0], "messages");
        assert_ne!(place.parts()[1], ELEMENT);
        assert_eq!(place.parts()[2], ELEMENT);
    }
}
