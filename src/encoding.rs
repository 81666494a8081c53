//! Bytes to text and back: how the bytes of a text are written, so that a copy is written alike.

/// What a text was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
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

/// So many control characters a text has at times: a zero at its end, those between the parts of a login.
pub(crate) const FEW_CONTROLS: usize = 2;

/// Control characters of usual texts.
fn is_usual(control: char) -> bool {
    matches!(control, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}')
}

impl Encoding {
    /// The text of some bytes. UTF-16 is told by its byte order mark, or by every other byte of its beginning being zero.
    pub(crate) fn read(bytes: Vec<u8>) -> (String, Self) {
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

    /// True if a text that was read so is one: control characters, and bytes that are no UTF-8, are few in a text, and many in
    /// what only programs read.
    pub(crate) fn is_plausible(self, text: &str) -> bool {
        let (mut n, mut n_controls, mut n_odd) = (0_usize, 0_usize, 0_usize);
        for c in text.chars() {
            let is_odd = self.byte(c).is_some();
            n += 1;
            n_odd += usize::from(is_odd);
            n_controls += usize::from(!is_odd && c.is_control() && !is_usual(c));
        }
        n > 0 && n_controls <= FEW_CONTROLS + n / 64 && n_odd + n_controls <= 1 + n / 5
    }

    /// UTF-16, if some bytes begin as such.
    pub(crate) fn utf_16(bytes: &[u8]) -> Option<Self> {
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
    pub(crate) fn write(self, text: &str) -> Vec<u8> {
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
        let code = match self {
            Self::Latin1 => u32::from(c),
            Self::Mixed => u32::from(c).checked_sub(NOBODYS)?,
            Self::Utf8 | Self::Utf16 { .. } => return None,
        };
        u8::try_from(code).ok().filter(|byte| !byte.is_ascii())
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

    #[test]
    fn what_only_programs_read_is_no_text() {
        let is_text = |bytes: &[u8]| {
            let (text, encoding) = Encoding::read(bytes.to_vec());
            encoding.is_plausible(&text)
        };
        for text in ["ann\0", "\0user\0password", "Grüße,\r\n\tJörg", "日本語"] {
            assert!(is_text(text.as_bytes()), "{text}");
            assert!(is_text(&Encoding::Utf16 { big_endian: false, marked: true }.write(text)));
        }
        assert!(is_text(b"J\xFCrgen \x93M\xFCller\x94"));
        assert!(is_text(&"für Müller: grü".as_bytes()[..17]));
        let program: Vec<u8> = (0..=255).collect();
        for bytes in
            [&program[..], &program[..64], &program[160..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b""]
        {
            assert!(!is_text(bytes), "{bytes:?}");
        }
    }
}
