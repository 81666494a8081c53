//! Text in base64, alone or in a data URL: read, and written again in the same spelling.

use crate::{
    base64::{Spelling, decode},
    encoding::Encoding,
};
use std::borrow::Cow;

/// So many letters tell text from what is none.
const SAMPLE: usize = 64;

/// So many letters are looked at together.
const BLOCK: usize = 64;

/// Lines of base64 are not shorter: 64 letters in PEM, 76 in MIME.
const LEAST_WIDTH: usize = 48;

/// Base64 as somebody wrote it: alone or in a data URL, in one line or in several.
#[derive(Debug)]
pub struct Base64<'a> {
    /// What stands before it: the head of a data URL with its mark. Empty if it stands alone.
    pub head: &'a str,
    /// The base64 in one line, of letters of either alphabet.
    pub data: Cow<'a, str>,
    lines: Lines<'a>,
}

/// The letters of a line, and what stands between two. `None` for one line.
type Wrap<'a> = Option<(usize, &'a str)>;

/// How base64 is broken into lines.
#[derive(Clone, Copy, Debug, Default)]
struct Lines<'a> {
    wrap: Wrap<'a>,
    /// White space at the end.
    end: &'a str,
}

impl<'a> Base64<'a> {
    /// `None` if there is anything else in it: other letters, or lines that nobody would break so.
    pub fn of(written: &'a str) -> Option<Self> {
        let head = head_of_data_url(written).unwrap_or_default();
        let rest = written.get(head.len()..)?;
        let text = rest.trim_ascii_end();
        let end = rest.get(text.len()..)?;
        let (data, wrap) = match first_other(text.as_bytes()) {
            None => (text.into(), None),
            Some(b'\r' | b'\n') => plain(text, !head.is_empty())?,
            Some(b'%') if !head.is_empty() => plain(text, true)?,
            Some(_) => return None,
        };
        Some(Self { head, data, lines: Lines { wrap, end } })
    }

    /// True if it begins as text does. Whether all of it is text shows only when it is read.
    ///
    /// Short data must be text in UTF-8, and that of images and sound always, unless it is called text: too much of it reads as
    /// some in Latin-1.
    pub fn begins_as_text(&self) -> bool {
        let sample = self.data.get(..SAMPLE).unwrap_or(&self.data);
        let Some(mut bytes) = decode(sample) else { return false };
        let valid = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.len(),
            // A character that the sample cuts is no fault.
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) if !self.may_be_odd() => return false,
            Err(_) => bytes.len(),
        };
        bytes.truncate(valid);
        let (text, encoding) = Encoding::read(bytes);
        is_text(&text, encoding)
    }

    /// True if it may be text in another encoding than UTF-8.
    fn may_be_odd(&self) -> bool {
        let media_type = self.head.trim_ascii_start().get("data:".len()..).unwrap_or_default();
        let is_of = |kind: &str| {
            let start = media_type.trim_ascii_start().get(..kind.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(kind))
        };
        let is_media = ["image/", "audio/", "video/"].into_iter().any(is_of);
        is_of("text/") || !is_media && self.data.len() >= SAMPLE
    }
}

/// A text that was read out of base64, and how that was written.
#[derive(Debug)]
pub(super) struct Coded {
    pub(super) text: String,
    encoding: Encoding,
    head: String,
    wrap: Option<(usize, String)>,
    end: String,
    spelling: Spelling,
}

impl Coded {
    /// `None` if it is no base64 of text, or of one that could not be written again byte for byte.
    pub(super) fn read(written: &str) -> Option<Self> {
        let Base64 { head, data, lines } = Base64::of(written)?;
        let (text, encoding) = Encoding::read(decode(&data)?);
        let is_exact =
            || encoding == Encoding::Utf8 || decode(&data) == Some(encoding.write(&text));
        (is_text(&text, encoding) && is_exact()).then(|| Self {
            text,
            encoding,
            head: head.to_owned(),
            wrap: lines.wrap.map(|(width, between)| (width, between.to_owned())),
            end: lines.end.to_owned(),
            spelling: Spelling::of(&data),
        })
    }

    /// Another text, written in the same way.
    pub(super) fn write(&self, text: &str) -> String {
        if self.encoding == Encoding::Utf8 {
            return self.write_bytes(text.as_bytes());
        }
        self.write_bytes(&self.encoding.write(text))
    }

    fn write_bytes(&self, text: &[u8]) -> String {
        let mut out = String::with_capacity(self.head.len() + text.len().div_ceil(3) * 4);
        out.push_str(&self.head);
        match &self.wrap {
            None => self.spelling.write(text, &mut out),
            // Whole groups of four letters, as the width is.
            Some((width, between)) => {
                for (at, line) in text.chunks(width / 4 * 3).enumerate() {
                    if at > 0 {
                        out.push_str(between);
                    }
                    self.spelling.write(line, &mut out);
                }
            }
        }
        out.push_str(&self.end);
        out
    }
}

/// The head of a data URL that is in base64 (RFC 2397), from its scheme to its mark: `DATA:text/plain; charset=utf-8;base64,`.
/// It may hold anything but a comma.
pub fn head_of_data_url(written: &str) -> Option<&str> {
    let url = written.trim_ascii_start();
    if !url.get(..5)?.eq_ignore_ascii_case("data:") {
        return None;
    }
    let mut commas = written.match_indices(',').map(|(at, _)| at);
    // A comma may stand in quotes before the one that ends the head.
    let end = commas.find(|at| written.get(..*at).is_some_and(ends_in_mark))?;
    written.get(..=end)
}

fn ends_in_mark(head: &str) -> bool {
    let head = head.trim_ascii_end();
    let Some(before) = head.len().checked_sub("base64".len()) else { return false };
    head.is_char_boundary(before)
        && head[before..].eq_ignore_ascii_case("base64")
        && head[..before].trim_ascii_end().ends_with(';')
}

/// The letters of what may be base64 in lines or with escapes, and how it was broken; `None` if anything else is in it.
fn plain(text: &str, is_url: bool) -> Option<(Cow<'_, str>, Wrap<'_>)> {
    let (data, wrap) = unwrap_lines(text)?;
    let data = if is_url { without_escapes(data) } else { data };
    is_all_base64(&data).then_some((data, wrap))
}

/// The text in one line, and how it was broken: into lines of one width, but for the last.
fn unwrap_lines(text: &str) -> Option<(Cow<'_, str>, Wrap<'_>)> {
    let first_end = memchr::memchr2(b'\r', b'\n', text.as_bytes());
    let Some(width) = first_end else { return Some((text.into(), None)) };
    let between = if text[width..].starts_with("\r\n") { "\r\n" } else { &text[width..=width] };
    let mut data = String::with_capacity(text.len());
    let mut is_last = false;
    for line in text.split(between) {
        if is_last || line.len() > width {
            return None;
        }
        is_last = line.len() < width;
        data.push_str(line);
    }
    let is_usual = width >= LEAST_WIDTH && width % 4 == 0;
    is_usual.then(|| (data.into(), Some((width, between))))
}

/// A URL may escape the letters that mean something in URLs.
fn without_escapes(data: Cow<'_, str>) -> Cow<'_, str> {
    if !data.contains('%') {
        return data;
    }
    let mut plain = data.into_owned();
    for (escape, letter) in
        [("%3D", "="), ("%3d", "="), ("%2B", "+"), ("%2b", "+"), ("%2F", "/"), ("%2f", "/")]
    {
        plain = plain.replace(escape, letter);
    }
    plain.into()
}

/// True for nothing but letters of either alphabet, and padding.
pub fn is_all_base64(text: &str) -> bool {
    first_other(text.as_bytes()).is_none()
}

/// The first byte that is no letter of base64. Media are megabytes of such letters.
fn first_other(bytes: &[u8]) -> Option<u8> {
    // Without a way out, so that many bytes are looked at by one instruction.
    let is_clean = |block: &&[u8]| block.iter().fold(true, |clean, &b| clean & is_base64_byte(b));
    let block = bytes.chunks(BLOCK).find(|block| !is_clean(block))?;
    block.iter().copied().find(|&b| !is_base64_byte(b))
}

/// Letters of either alphabet, and padding.
fn is_base64_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() | matches!(b, b'+' | b'/' | b'-' | b'_' | b'=')
}

/// A PDF may consist of characters; still its parts are found by their offsets, so nothing can be replaced in it.
fn is_text(text: &str, encoding: Encoding) -> bool {
    !text.starts_with("%PDF-") && encoding.is_plausible(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins_as_coded_text(written: &str) -> bool {
        Base64::of(written).is_some_and(|base64| base64.begins_as_text())
    }

    #[test]
    fn what_is_read_is_written_in_the_same_way() {
        for written in [
            "aGkgYW5uQGV4YW1wbGUub3Jn",
            "aGkgYW5uQGV4YW1wbGUub3JnIQ==",
            "aGkgYW5uQGV4YW1wbGUub3JnIQ",
            "data:text/plain;charset=utf-8;base64,w6nDqcOpw6k_Pj4_",
            "DATA:text/csv;base64,w6nDqcOpw6k/Pj4/",
            "data:text/plain; charset=utf-8 ; BASE64 ,w6nDqcOpw6k/Pj4/",
            "data:text/plain;charset=\"a,b\";base64,w6nDqcOpw6k/Pj4/",
            "aGkgYW5uQGV4YW1wbGUub3Jn\n",
            "aGkgYW5uQGV4YW1wbGUub3JnIGFuZCBhbm5AZXhhbXBsZS5vcmcsIGFu\r\nbg==\r\n",
        ] {
            let coded = Coded::read(written).unwrap();
            assert_eq!(coded.write(&coded.text), written);
            assert!(begins_as_coded_text(written), "{written}");
        }
        let coded = Coded::read("aGkgYW5uQGV4YW1wbGUub3Jn").unwrap();
        assert_eq!(coded.text, "hi ann@example.org");
        assert_eq!(coded.write("hi [EMAIL_1]"), "aGkgW0VNQUlMXzFd");
        assert_eq!(coded.write("hi"), "aGk=");
    }

    #[test]
    fn text_is_written_in_the_encoding_that_it_was_read_in() {
        let latin_1 = b"J\xFCrgen;4,50 \x80\r\n".to_vec();
        let utf_16 = |mark: &str| -> Vec<u8> {
            format!("{mark}Jürgen, 日本\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect()
        };
        for bytes in [latin_1, utf_16(""), utf_16("\u{feff}"), b"Al\0\xFFJ\xC3\xBCrgen".to_vec()] {
            let mut written = String::from("data:text/csv;base64,");
            Spelling::of("-").write(&bytes, &mut written);
            assert!(begins_as_coded_text(&written), "{written}");
            let coded = Coded::read(&written).unwrap();
            assert!(coded.text.contains("rgen"), "{}", coded.text);
            assert_eq!(coded.write(&coded.text), written);
            let shorter = coded.write(&coded.text.replace("rgen", ""));
            assert!(Coded::read(&shorter).unwrap().text.contains(['ü', 'J']), "{shorter}");
        }
        // Half of a character is no text that could be written again.
        let mut odd = String::from("data:text/csv;base64,");
        Spelling::of("-").write(&utf_16("\u{feff}")[..19], &mut odd);
        assert!(Coded::read(&odd).is_none());
        // A word by itself is rather a word.
        assert!(!begins_as_coded_text("SvxyZ2VuIE38bGxlcg=="));
    }

    #[test]
    fn a_url_may_escape_letters() {
        let coded = Coded::read("data:text/plain;base64,aGkgYW5uQGV4YW1wbGUub3JnIQ%3D%3d").unwrap();
        assert_eq!(coded.text, "hi ann@example.org!");
        assert_eq!(coded.write("hi!!"), "data:text/plain;base64,aGkhIQ==");
        assert!(Coded::read("aGkgYW5uQGV4YW1wbGUub3JnIQ%3D%3D").is_none());
    }

    #[test]
    fn lines_that_nobody_breaks_so_are_no_base64() {
        for written in ["AnnExample\nWroteThis", "aGkg YW5u", "aGkgYW5u\naGkgYW5uaGkg\naGkg"] {
            assert!(Base64::of(written).is_none(), "{written}");
        }
    }

    #[test]
    fn what_is_no_text_is_not_taken_for_some() {
        for written in [
            "",
            "a",
            "not base64 at all",
            "iVBORw0KGgoAAAANSUhEUg==",
            "/9j/4AAQSkZJRgABAQ==",
            "JVBERi0xLjQKJSBhbGwgQVNDSUk=",
            "AAECAwQFBgcICQ==",
            "data:text/plain;base64,",
            "gAAAAABoISQ24OyVRYbkYfukdJoqdzWT",
        ] {
            assert!(Coded::read(written).is_none(), "{written}");
            assert!(!begins_as_coded_text(written), "{written}");
        }
    }

    #[test]
    fn a_sample_may_cut_a_character() {
        let text = "é".repeat(100);
        let coded = Coded::read("aGkgYW5uQGV4YW1wbGUub3Jn").unwrap();
        for start in 0..3 {
            let mut bytes = b"xyz"[..start].to_vec();
            bytes.extend(text.as_bytes());
            assert!(begins_as_coded_text(&coded.write_bytes(&bytes)), "{start}");
        }
    }
}
