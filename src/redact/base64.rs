//! Text in base64, alone or in a data URL: read, and written again in the same spelling.

/// The letters of RFC 4648, section 4; the last two differ in section 5.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Ends the head of a data URL that is in base64 (RFC 2397).
const MARK: &str = ";base64,";

/// So many letters tell text from what is none.
const SAMPLE: usize = 64;

/// A text that was read out of base64, and how that was written.
#[derive(Debug)]
pub(super) struct Coded {
    pub(super) text: String,
    /// What stands before the base64: nothing, or the head of a data URL.
    head: String,
    is_for_urls: bool,
    is_padded: bool,
}

impl Coded {
    /// `None` if it is no base64 of text in UTF-8.
    pub(super) fn read(written: &str) -> Option<Self> {
        let (head, data) = split(written);
        let bytes = decode(data)?;
        let text = String::from_utf8(bytes).ok().filter(|text| is_text(text))?;
        Some(Self {
            text,
            head: head.to_owned(),
            is_for_urls: data.contains(['-', '_']),
            is_padded: data.ends_with('=') || data.len() % 4 == 0,
        })
    }

    /// Another text, written in the same way.
    pub(super) fn write(&self, text: &[u8]) -> String {
        let mut out = String::with_capacity(self.head.len() + text.len().div_ceil(3) * 4);
        out.push_str(&self.head);
        for group in text.chunks(3) {
            let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
            let bits = at(0) << 16 | at(1) << 8 | at(2);
            for position in 0..=group.len() {
                // Six bits are less than 64.
                let letter = LETTERS[(bits >> (18 - 6 * position) & 63) as usize];
                out.push(match letter {
                    b'+' if self.is_for_urls => '-',
                    b'/' if self.is_for_urls => '_',
                    other => char::from(other),
                });
            }
            if self.is_padded {
                out.extend(std::iter::repeat_n('=', 3 - group.len()));
            }
        }
        out
    }
}

/// True if a string begins as text in base64 does, alone or in a data URL. Whether all of it is text shows only when it is
/// read.
pub fn begins_as_coded_text(written: &str) -> bool {
    let (_, data) = split(written);
    let sample = data.get(..SAMPLE).unwrap_or(data);
    let Some(bytes) = decode(sample).filter(|bytes| !bytes.is_empty()) else { return false };
    match std::str::from_utf8(&bytes) {
        Ok(text) => is_text(text),
        // A character that the sample cuts is no fault.
        Err(error) if error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).is_ok_and(is_text)
        }
        Err(_) => false,
    }
}

/// The head of a data URL, and the rest.
fn split(written: &str) -> (&str, &str) {
    let is_url = written.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    match written.find(MARK).filter(|_| is_url) {
        Some(at) => written.split_at(at + MARK.len()),
        None => ("", written),
    }
}

/// Characters, and none that only a program would write. A PDF may consist of such; still its parts are found by their
/// offsets, so nothing can be replaced in it.
fn is_text(text: &str) -> bool {
    let is_plain =
        |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}');
    !text.is_empty() && !text.starts_with("%PDF-") && text.chars().all(is_plain)
}

/// Both alphabets, with padding at the end or none.
fn decode(data: &str) -> Option<Vec<u8>> {
    let data = data.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(data.len() / 4 * 3 + 2);
    for group in data.chunks(4) {
        if group.len() == 1 {
            return None;
        }
        let mut bits = 0u32;
        for letter in group {
            bits = bits << 6 | value(*letter)?;
        }
        bits <<= 6 * (4 - group.len());
        let count = group.len() - 1;
        bytes.extend_from_slice(bits.to_be_bytes().get(1..=count)?);
    }
    Some(bytes)
}

fn value(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_in_the_same_way() {
        for written in [
            "aGkgYW5uQGV4YW1wbGUub3Jn",
            "aGkgYW5uQGV4YW1wbGUub3JnIQ==",
            "aGkgYW5uQGV4YW1wbGUub3JnIQ",
            "data:text/plain;charset=utf-8;base64,w6nDqcOpw6k_Pj4_",
            "DATA:text/csv;base64,w6nDqcOpw6k/Pj4/",
        ] {
            let coded = Coded::read(written).unwrap();
            assert_eq!(coded.write(coded.text.as_bytes()), written);
            assert!(begins_as_coded_text(written), "{written}");
        }
        let coded = Coded::read("aGkgYW5uQGV4YW1wbGUub3Jn").unwrap();
        assert_eq!(coded.text, "hi ann@example.org");
        assert_eq!(coded.write(b"hi [EMAIL_1]"), "aGkgW0VNQUlMXzFd");
        assert_eq!(coded.write(b"hi"), "aGk=");
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
        let coded =
            Coded { text: text.clone(), head: String::new(), is_for_urls: false, is_padded: true };
        for start in 0..3 {
            let mut bytes = b"xyz"[..start].to_vec();
            bytes.extend(text.as_bytes());
            assert!(begins_as_coded_text(&coded.write(&bytes)), "{start}");
        }
    }
}
