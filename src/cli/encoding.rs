//! How the bytes of a text are written, so that a copy is written alike.

/// What a text was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    /// With or without a byte order mark.
    Utf16 {
        big_endian: bool,
        marked: bool,
    },
    /// UTF-8, but for bytes that are none: each is the Latin-1 letter that it most likely is.
    Latin1,
    /// The same where such letters stand there in UTF-8 as well: the bytes are told apart by letters of nobody.
    Mixed,
}

/// Letters that no text has: a private use area, one for each byte.
const NOBODYS: u32 = 0xF_FF00;

impl Encoding {
    /// The text of some bytes. UTF-16 is told by its byte order mark, or by every other byte of its beginning being zero.
    pub(super) fn read(bytes: Vec<u8>) -> (String, Self) {
        if let Some(encoding) = Self::utf_16(&bytes) {
            return (encoding.of_units(&bytes), encoding);
        }
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => return (text, Self::Utf8),
            Err(error) => error.into_bytes(),
        };
        let is_latin = |c: char| matches!(c, '\u{80}'..='\u{ff}');
        let has_both = bytes.utf8_chunks().any(|chunk| chunk.valid().contains(is_latin));
        let encoding = if has_both { Self::Mixed } else { Self::Latin1 };
        (encoding.of_bytes(&bytes), encoding)
    }

    fn utf_16(bytes: &[u8]) -> Option<Self> {
        const HEAD: usize = 1024;
        const LEAST: usize = 4;
        if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] = bytes {
            return Some(Self::Utf16 { big_endian: bytes[0] == 0xFE, marked: true });
        }
        let (pairs, _) = bytes[..bytes.len().min(HEAD)].as_chunks::<2>();
        let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0).count();
        let (high, low) = (zeros(0), zeros(1));
        let may_be = bytes.len().is_multiple_of(2) && pairs.len() >= LEAST;
        let is_most =
            |zeros: usize, others: usize| may_be && zeros * 2 > pairs.len() && others == 0;
        let big_endian = is_most(high, low);
        (big_endian || is_most(low, high)).then_some(Self::Utf16 { big_endian, marked: false })
    }

    fn of_units(self, bytes: &[u8]) -> String {
        let Self::Utf16 { big_endian, marked } = self else { return String::new() };
        let unit = if big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
        let (pairs, _) = bytes[if marked { 2 } else { 0 }..].as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16_lossy(&units)
    }

    fn of_bytes(self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|byte| self.letter(*byte)));
        }
        text
    }

    fn letter(self, byte: u8) -> char {
        let nobodys = char::from_u32(NOBODYS + u32::from(byte));
        nobodys.filter(|_| self == Self::Mixed).unwrap_or_else(|| char::from(byte))
    }

    /// The bytes of a text, written as it was read.
    pub(super) fn write(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16 { big_endian, marked } => {
                let bytes = |unit: u16| {
                    if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }
                };
                let mark = marked.then_some(0xFEFF);
                mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
            }
            Self::Latin1 | Self::Mixed => {
                let mut bytes = Vec::with_capacity(text.len());
                for c in text.chars() {
                    match self.byte(c) {
                        Some(byte) => bytes.push(byte),
                        None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                    }
                }
                bytes
            }
        }
    }

    /// The one byte that a letter is written with, where it is none in UTF-8.
    fn byte(self, c: char) -> Option<u8> {
        let code = u32::from(c);
        let byte =
            u8::try_from(if self == Self::Mixed { code.checked_sub(NOBODYS)? } else { code });
        byte.ok().filter(|byte| !byte.is_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_as_it_was() {
        let utf_16 =
            |text: &str, big_endian, marked| Encoding::Utf16 { big_endian, marked }.write(text);
        for (bytes, expected) in [
            ("Jos\u{e9}, 日本".as_bytes().to_vec(), "José, 日本"),
            (b"\xEF\xBB\xBFa mark".to_vec(), "\u{feff}a mark"),
            (b"Jos\xE9 M\xFCller".to_vec(), "José Müller"),
            (utf_16("José", false, true), "José"),
            (utf_16("José", true, true), "José"),
            (utf_16("no mark", false, false), "no mark"),
            (utf_16("no mark", true, false), "no mark"),
            (b"x\0y".to_vec(), "x\0y"),
            (Vec::new(), ""),
        ] {
            let (text, encoding) = Encoding::read(bytes.clone());
            assert_eq!(text, expected);
            assert_eq!(encoding.write(&text), bytes, "{text}");
        }
        let mixed = b"Jos\xC3\xA9 and Jos\xE9".to_vec();
        let (text, encoding) = Encoding::read(mixed.clone());
        assert!(text.starts_with("José and Jos"), "{text}");
        assert_eq!(encoding.write(&text), mixed);
    }
}
