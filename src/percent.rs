//! Percent-encoding (RFC 3986, section 2.1): bytes to text, and back.
//!
//! Knows nothing of what the text is. Readers that must find their places again go byte by byte with [`byte`].

use std::fmt::Write as _;

/// The byte that `%` and two hexadecimal digits at the start of `text` stand for.
pub(crate) fn byte(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |letter: u8| char::from(letter).to_digit(16);
    u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
}

/// The bytes that `text` stands for; a `%` without two digits behind it stands for itself.
pub(crate) fn decoded(text: &[u8]) -> Vec<u8> {
    let (mut decoded, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((&first, behind)) = rest.split_first() {
        let meant = byte(rest);
        decoded.push(meant.unwrap_or(first));
        rest = if meant.is_some() { &rest[3..] } else { behind };
    }
    decoded
}

/// `text` with all bytes encoded but those that section 2.3 calls unreserved.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        for (text, expected) in
            [("a%40b", "a@b"), ("%4", "%4"), ("%", "%"), ("%+1", "%+1"), ("%zz%2540", "%zz%40")]
        {
            assert_eq!(decoded(text.as_bytes()), expected.as_bytes(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn decoding_gives_what_was_encoded(text in any::<String>()) {
            let written = encoded(&text);
            prop_assert!(written.bytes().all(|b| b == b'%' || b.is_ascii_alphanumeric() || b"-._~".contains(&b)));
            prop_assert_eq!(decoded(written.as_bytes()), text.as_bytes());
        }
    }
}
