//! Base64 (RFC 4648) in one line: letters to bytes, and back.
//!
//! Knows nothing of what the bytes are.

/// The letters of section 4; the last two differ in section 5.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a letter of either alphabet stands for: a number below 64.
pub(crate) fn six_bits(letter: u8) -> Option<u32> {
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

/// The bytes that letters of both alphabets stand for, with padding at the end or none. `None` for anything else.
pub(crate) fn decode(data: &str) -> Option<Vec<u8>> {
    let data = data.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(data.len() / 4 * 3 + 2);
    for group in data.chunks(4) {
        if group.len() == 1 {
            return None;
        }
        let mut bits = 0u32;
        for letter in group {
            bits = bits << 6 | six_bits(*letter)?;
        }
        bits <<= 6 * (4 - group.len());
        let count = group.len() - 1;
        bytes.extend_from_slice(bits.to_be_bytes().get(1..=count)?);
    }
    Some(bytes)
}

/// Which alphabet is written, and whether it is filled up to whole groups of four letters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelling {
    is_for_urls: bool,
    is_padded: bool,
}

impl Spelling {
    /// RFC 4648, section 5, not filled up.
    pub(crate) const FOR_URLS: Self = Self { is_for_urls: true, is_padded: false };

    /// How this is written, as far as it shows.
    pub(crate) fn of(data: &str) -> Self {
        Self {
            is_for_urls: memchr::memchr2(b'-', b'_', data.as_bytes()).is_some(),
            is_padded: data.ends_with('=') || data.len().is_multiple_of(4),
        }
    }

    /// Appends these bytes.
    pub(crate) fn write(self, bytes: &[u8], out: &mut String) {
        for group in bytes.chunks(3) {
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_samples_of_rfc_4648_are_read_and_written() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(decode(coded).unwrap(), plain.as_bytes());
            let mut written = String::new();
            Spelling::of(coded).write(plain.as_bytes(), &mut written);
            assert_eq!(written, coded);
        }
        for wrong in ["A", "AAAAA", "Zm 9v", "Zm=9", "é"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(bytes: Vec<u8>, is_for_urls: bool, is_padded: bool) {
            let mut written = String::new();
            Spelling { is_for_urls, is_padded }.write(&bytes, &mut written);
            prop_assert_eq!(decode(&written), Some(bytes));
        }
    }
}
