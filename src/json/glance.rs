//! Finds a member without reading the document: what is not asked for is leapt over.
//!
//! A leap counts brackets and minds quotes, nothing more, so it goes over a megabyte of numbers or of text in a fraction of
//! the time that [`walk`](super::walk) takes, and believes what `walk` would refuse. It is for what is told about a
//! document, never for what is done to it.

use super::{decode, lexer::plain_prefix};
use memchr::{memchr2, memchr3};
use std::{borrow::Cow, str::FromStr};

/// One value of a document.
///
/// # Examples
/// ```
/// use prompt_guard::json::Glance;
///
/// let usage = Glance::at(br#"{"text": "}", "usage": {"tokens": 7}}"#).member("usage");
/// assert_eq!(usage.and_then(|it| it.member("tokens")).and_then(|it| it.number()), Some(7));
/// ```
#[derive(Clone, Copy)]
pub struct Glance<'a>(&'a [u8]);

/// Tells the length alone: the value may be private.
impl std::fmt::Debug for Glance<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Glance({} bytes)", self.0.len())
    }
}

impl<'a> Glance<'a> {
    /// The value that a document is.
    pub fn at(document: &'a [u8]) -> Self {
        Self(document.trim_ascii())
    }

    /// The members of an object, in order, their names as written; none of anything else.
    pub fn members(self) -> impl Iterator<Item = (&'a [u8], Self)> {
        let mut rest = Rest::inside(self.0, b'{');
        std::iter::from_fn(move || {
            let name = rest.value().filter(|name| name.starts_with(b"\""))?;
            Some((inner(name), Self(rest.value()?)))
        })
    }

    /// The first member of this name, which must be written without escapes.
    pub fn member(self, name: &str) -> Option<Self> {
        self.members().find(|(found, _)| *found == name.as_bytes()).map(|(_, value)| value)
    }

    /// The elements of an array, in order; none of anything else.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        let mut rest = Rest::inside(self.0, b'[');
        std::iter::from_fn(move || rest.value().map(Self))
    }

    /// The text of a string.
    pub fn text(self) -> Option<Cow<'a, str>> {
        let is_string = self.0.len() >= 2 && self.0.starts_with(b"\"") && self.0.ends_with(b"\"");
        let text = std::str::from_utf8(inner(self.0)).ok().filter(|_| is_string)?;
        Some(decode(text))
    }

    /// A whole number that is not negative.
    pub fn number(self) -> Option<u64> {
        self.parsed()
    }

    /// A whole number.
    pub fn integer(self) -> Option<i64> {
        self.parsed()
    }

    /// A number, if a float can be as large.
    pub fn float(self) -> Option<f64> {
        self.parsed().filter(|float: &f64| float.is_finite())
    }

    fn parsed<N: FromStr>(self) -> Option<N> {
        std::str::from_utf8(self.0).ok()?.parse().ok()
    }

    /// True for an object.
    pub fn is_object(self) -> bool {
        self.0.starts_with(b"{")
    }
}

/// What is between the quotes.
fn inner(string: &[u8]) -> &[u8] {
    string.get(1..string.len().saturating_sub(1)).unwrap_or_default()
}

/// What is left of an object or array.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn inside(value: &'a [u8], bracket: u8) -> Self {
        Self(value.strip_prefix(&[bracket]).unwrap_or_default())
    }

    /// The next value, which may be the name of a member; `None` at the end, and where no value is.
    fn value(&mut self) -> Option<&'a [u8]> {
        let between = |b: &u8| !matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':');
        let start = self.0.iter().position(between)?;
        let (value, rest) = self.0[start..].split_at(end(&self.0[start..])?);
        self.0 = rest;
        (!value.is_empty()).then_some(value)
    }
}

/// The end of the value that begins here; `None` if it does not end.
fn end(value: &[u8]) -> Option<usize> {
    match value.first()? {
        b'"' => end_of_string(value),
        b'{' => end_of_container(value, b'{', b'}'),
        b'[' => end_of_container(value, b'[', b']'),
        _ => value
            .iter()
            .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')),
    }
}

fn end_of_string(value: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let found = at + quote_or_escape(value.get(at..)?)?;
        if value[found] == b'"' {
            return Some(found + 1);
        }
        at = found + 2;
    }
}

/// Most strings are short, and to begin a search costs more than to look at them.
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    const NEAR: usize = 32;
    let at = plain_prefix(&bytes[..bytes.len().min(NEAR)]);
    match bytes.get(at)? {
        b'"' | b'\\' => Some(at),
        _ => memchr2(b'"', b'\\', &bytes[at..]).map(|further| at + further),
    }
}

/// The same of what stands between strings.
fn quote_or_bracket(open: u8, close: u8, bytes: &[u8]) -> Option<usize> {
    const NEAR: usize = 8;
    let (near, far) = bytes.split_at(bytes.len().min(NEAR));
    let is_one = |b: &u8| *b == b'"' || *b == open || *b == close;
    near.iter()
        .position(is_one)
        .or_else(|| memchr3(b'"', open, close, far).map(|further| near.len() + further))
}

/// Brackets of the other kind come in pairs, so they need not be counted.
fn end_of_container(value: &[u8], open: u8, close: u8) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        let found = at + quote_or_bracket(open, close, value.get(at..)?)?;
        at = match value[found] {
            b'"' => found + end_of_string(&value[found..])?,
            bracket if bracket == open => {
                depth += 1;
                found + 1
            }
            _ => {
                depth -= 1;
                found + 1
            }
        };
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{MAX_DEPTH, Step, walk};
    use proptest::prelude::*;

    #[test]
    fn members_are_found_behind_whatever_looks_like_them() {
        let document =
            br#" { "a" : "\"b\": 1}" , "c":[{"b":2},"]"],"d":-1.5e3 , "b":3,"e":{},"b":4} "#;
        let glance = Glance::at(document);
        let names: Vec<&[u8]> = glance.members().map(|(name, _)| name).collect();
        assert_eq!(names, [&b"a"[..], b"c", b"d", b"b", b"e", b"b"]);
        assert_eq!(glance.member("b").and_then(Glance::number), Some(3));
        assert_eq!(glance.member("a").and_then(Glance::text).as_deref(), Some("\"b\": 1}"));
        let number = glance.member("d").unwrap();
        assert_eq!(
            (number.number(), number.integer(), number.float()),
            (None, None, Some(-1500.0))
        );
        assert_eq!(glance.member("c").unwrap().elements().count(), 2);
        assert!(glance.member("e").unwrap().is_object());
        assert!(glance.member("x").is_none());
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for document in
            ["", "[", "[1]", "7", "\"a\"", "{", "{\"a\"", "{\"a\":", "{\"a\":\"", "{7:1}", "{]}"]
        {
            assert_eq!(Glance::at(document.as_bytes()).members().count(), 0, "{document}");
        }
    }

    fn document() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<u32>().prop_map(Into::into),
            "[\"\\\\{}\\[\\],:aé ]{0,48}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[a-c]{1,2}", inner, 0..4)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn glancing_and_reading_find_the_same(value in document()) {
            let text = value.to_string();
            let mut read = Vec::new();
            walk(text.as_bytes(), MAX_DEPTH, &mut |path, token| {
                if let [Step::Key(name)] = path && token.kind() == crate::json::Kind::Key {
                    read.push(name.to_string());
                }
            })
            .unwrap();
            let names = Glance::at(text.as_bytes()).members();
            let glanced: Vec<String> =
                names.map(|(name, _)| String::from_utf8(name.to_vec()).unwrap()).collect();
            prop_assert_eq!(glanced, read);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in "[\"\\\\{}\\[\\],:a1 ]{0,24}") {
            let glance = Glance::at(bytes.as_bytes());
            for (_, value) in glance.members() {
                let _ = (value.text(), value.number(), value.elements().count());
            }
        }
    }
}
