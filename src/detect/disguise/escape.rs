//! Characters that are written as escapes: `%40`, `&#64;`, `\u0040`, `=40`, the `\-` of Markdown, and the `+` that is a blank in
//! the values of forms (`application/x-www-form-urlencoded`, WHATWG URL Standard).

use super::Edit;
use crate::detect::seen::{REACH, prefix};
use memchr::{memchr_iter, memchr3_iter, memmem::Finder};
use std::sync::LazyLock;

static QUOTED_AT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("=40"));

/// Digits of the longest number in braces.
const LONGEST_BRACED: usize = 6;
/// An escape may be escaped again, and once more; with more of them it is a path or a drawing.
const MOST_SLASHES: usize = 4;
/// The longest label behind an escaped line end, or local part of an address.
const LONGEST_LABEL: usize = 40;
/// The longest name or number of an entity, with its `;`.
const LONGEST_NAME: usize = 12;

/// Every escape of a character that values are made of.
pub(super) fn each_edit(text: &str, visit: &mut dyn FnMut(Edit)) {
    let mut done = 0;
    let mut others = in_order(quoted_printable(text), blanks_of_forms(text)).peekable();
    for at in memchr3_iter(b'%', b'&', b'\\', text.as_bytes()) {
        let Some(rest) = text.get(at..).filter(|_| at >= done) else { continue };
        let read = match rest.as_bytes().first() {
            Some(b'%') => percent(rest),
            Some(b'&') => entity(rest),
            _ => backslash(text, at),
        };
        if let Some((with, len)) = read.filter(|&(c, _)| !c.is_control() || c == '\n') {
            while let Some(edit) = others.next_if(|edit| edit.start < at) {
                visit(edit);
            }
            done = at + len;
            visit(Edit { start: at, end: done, with: Some(with) });
        }
    }
    others.for_each(visit);
}

/// Two rows of edits as one.
fn in_order(
    one: impl Iterator<Item = Edit>,
    other: impl Iterator<Item = Edit>,
) -> impl Iterator<Item = Edit> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match other.peek() {
        Some(later) => one.next_if(|edit| edit.start < later.start).or_else(|| other.next()),
        None => one.next(),
    })
}

/// Each `+` in the value of a form: `card=4111+1111+1111+1111`.
fn blanks_of_forms(text: &str) -> impl Iterator<Item = Edit> {
    let bytes = text.as_bytes();
    memchr_iter(b'+', bytes)
        .filter(move |&at| {
            let behind =
                bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphanumeric() || b"%(".contains(b));
            behind && is_in_value(&bytes[at.saturating_sub(REACH)..at])
        })
        .map(|at| Edit { start: at, end: at + 1, with: Some(' ') })
}

/// True if `before` ends in the value of a form, and not at its beginning.
fn is_in_value(before: &[u8]) -> bool {
    let is_of_value = |b: &u8| b.is_ascii_alphanumeric() || b"%+._-*(),@".contains(b);
    let value = before.iter().rev().take_while(|b| is_of_value(b)).count();
    let Some((name, b"=")) = before
        .split_at_checked(before.len() - value)
        .and_then(|(name, _)| name.split_at_checked(name.len().saturating_sub(1)))
    else {
        return false;
    };
    value > 0 && name.last().is_some_and(|b| b.is_ascii_alphanumeric() || b"_]-".contains(b))
}

/// The `@` of an address in a mail as it travels. Other codes of that kind look like any assignment.
fn quoted_printable(text: &str) -> impl Iterator<Item = Edit> {
    let bytes = text.as_bytes();
    let joined = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    QUOTED_AT
        .find_iter(bytes)
        .filter(move |&at| {
            let before = at.checked_sub(1).and_then(|left| bytes.get(left));
            joined(before) && joined(bytes.get(at + 3))
        })
        .map(|at| Edit { start: at, end: at + 3, with: Some('@') })
}

/// `%40`, `%2540`, and the bytes of a longer character, `%C3%A9`. With its length.
fn percent(rest: &str) -> Option<(char, usize)> {
    let mut bytes = [0; 4];
    let mut at = 0;
    for nth in 0..bytes.len() {
        let (byte, len) = percent_byte(rest.get(at..)?)?;
        bytes[nth] = byte;
        at += len;
        if let Ok(read) = str::from_utf8(bytes.get(..=nth)?) {
            return read.chars().next().map(|c| (c, at));
        }
    }
    None
}

/// One byte, perhaps escaped again up to twice.
fn percent_byte(rest: &str) -> Option<(u8, usize)> {
    let digits = rest.strip_prefix('%')?;
    let inner = ["2525", "25"].iter().find_map(|again| {
        let digits = digits.strip_prefix(again)?;
        Some((hex(digits, 2)?, 1 + again.len() + 2))
    });
    let (value, len) = inner.or_else(|| Some((hex(digits, 2)?, 3)))?;
    Some((u8::try_from(value).ok()?, len))
}

/// The value of `len` hexadecimal digits at the start of `text`.
fn hex(text: &str, len: usize) -> Option<u32> {
    let digits = text.get(..len)?;
    let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u32::from_str_radix(digits, 16).ok())?
}

/// `&#64;`, `&#x40;`, `&commat;`, also with the `&` escaped itself. With its length.
fn entity(rest: &str) -> Option<(char, usize)> {
    let body = rest.strip_prefix("&amp;").or_else(|| rest.strip_prefix('&'))?;
    let (name, _) = prefix(body, LONGEST_NAME).split_once(';')?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let hexadecimal = number.strip_prefix(['x', 'X']);
            let value = match hexadecimal {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(value.ok()?)?
        }
        None => NAMED.iter().find(|(n, _)| *n == name)?.1,
    };
    Some((c, rest.len() - body.len() + name.len() + 1))
}

/// The entities of the characters that stand in values and names.
const NAMED: &[(&str, char)] = &[
    ("commat", '@'),
    ("period", '.'),
    ("nbsp", ' '),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("hyphen", '-'),
    ("dash", '-'),
    ("ndash", '-'),
    ("minus", '-'),
    ("plus", '+'),
    ("lowbar", '_'),
    ("sol", '/'),
    ("colon", ':'),
    ("lpar", '('),
    ("rpar", ')'),
    ("quot", '"'),
    ("apos", '\''),
    ("Agrave", 'À'),
    ("Aacute", 'Á'),
    ("Acirc", 'Â'),
    ("Auml", 'Ä'),
    ("Aring", 'Å'),
    ("Ccedil", 'Ç'),
    ("Egrave", 'È'),
    ("Eacute", 'É'),
    ("Iacute", 'Í'),
    ("Ntilde", 'Ñ'),
    ("Oacute", 'Ó'),
    ("Ouml", 'Ö'),
    ("Oslash", 'Ø'),
    ("Uacute", 'Ú'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("acirc", 'â'),
    ("atilde", 'ã'),
    ("auml", 'ä'),
    ("aring", 'å'),
    ("aelig", 'æ'),
    ("ccedil", 'ç'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ntilde", 'ñ'),
    ("ograve", 'ò'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("otilde", 'õ'),
    ("ouml", 'ö'),
    ("oslash", 'ø'),
    ("ugrave", 'ù'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("yacute", 'ý'),
];

/// `\u0040`, `\u{40}`, `\U00000040`, `\x40`, `\n` in front of a number, `\-` between letters or digits. With its length.
fn backslash(text: &str, at: usize) -> Option<(char, usize)> {
    let rest = text.get(at..)?;
    let slashes = rest.bytes().take(MOST_SLASHES + 1).take_while(|&b| b == b'\\').count();
    if slashes > MOST_SLASHES {
        return None;
    }
    let mut chars = rest.get(slashes..)?.chars();
    let (kind, behind) = (chars.next()?, chars.as_str());
    let (c, len) = match kind {
        'u' if behind.starts_with('{') => braced(behind)?,
        'u' => (char::from_u32(hex(behind, 4)?)?, 4),
        'U' => (char::from_u32(hex(behind, 8)?)?, 8),
        'x' => (char::from_u32(hex(behind, 2)?)?, 2),
        'n' | 'r' | 't' if begins_value(behind) => ('\n', 0),
        '@' | '.' | '-' | '+' | '_' if joins(text, at, behind) => (kind, 0),
        _ => return None,
    };
    Some((c, slashes + 1 + len))
}

fn braced(behind: &str) -> Option<(char, usize)> {
    let near = prefix(behind.get(1..)?, LONGEST_BRACED + 1);
    let (digits, _) = near.split_once('}').filter(|(digits, _)| !digits.is_empty())?;
    Some((char::from_u32(hex(digits, digits.len())?)?, digits.len() + 2))
}

/// A digit, a capital, a further escape, or a word that is a label or the beginning of an address: something that stands at the
/// beginning of a line, and seldom behind the `\n` of a path.
fn begins_value(behind: &str) -> bool {
    match behind.as_bytes() {
        [b'0'..=b'9' | b'A'..=b'Z' | b'+' | b'(' | b'\\', ..] => true,
        [b'a'..=b'z', ..] => {
            let near = prefix(behind, LONGEST_LABEL);
            let word = |b: u8| b.is_ascii_alphanumeric() || b"_-. ".contains(&b);
            let end = near.bytes().position(|b| !word(b));
            end.and_then(|end| near.as_bytes().get(end)).is_some_and(|b| b":=@".contains(b))
        }
        _ => false,
    }
}

fn joins(text: &str, at: usize, behind: &str) -> bool {
    let before = text.as_bytes().get(at.wrapping_sub(1));
    before.is_some_and(|&b| b.is_ascii_alphanumeric() || b == b')')
        && behind.starts_with(|c: char| c.is_ascii_alphanumeric())
}
