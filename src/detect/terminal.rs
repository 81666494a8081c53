//! Codes that colour the text of a terminal (ECMA-48, "select graphic rendition"): `ESC [ 3 2 m`.
//!
//! They show nothing, and stand right in front of what they colour: logs and the output of commands are full of them. Copied,
//! the escape itself often comes written out (`\e[32m`, `\x1b[32m`, `\033[32m`, `\u001b[32m`, `^[[32m`) or is lost (`[32m`).

use memchr::memchr_iter;
use std::ops::Range;

/// The escape in front of the bracket, as it is and as it is written out.
const ESCAPES: &[&str] =
    &["\x1b", "\\e", "\\x1b", "\\x1B", "\\033", "\\u001b", "\\u001B", "\\u{1b}", "\\E", "^["];
/// Longer than any parameters that are in use, in bytes.
const LONGEST: usize = 24;

/// The codes of `text`, in order.
pub(super) fn codes(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    memchr_iter(b'[', bytes).filter_map(move |bracket| {
        let parameters = bytes.get(bracket + 1..)?;
        let len = parameters
            .iter()
            .take(LONGEST)
            .position(|b| !(b.is_ascii_digit() || *b == b';'))
            .filter(|&len| matches!(parameters.get(len), Some(b'm' | b'K')))?;
        let end = bracket + 1 + len + 1;
        let before = text.get(..bracket)?;
        let Some(escape) = ESCAPES.iter().find(|escape| before.ends_with(**escape)) else {
            return is_code_without_escape(before, parameters, len).then_some(bracket..end);
        };
        let start = bracket - escape.len();
        // More than one backslash: the text was quoted again.
        let more = bytes[..start].iter().rev().take(3).take_while(|b| **b == b'\\').count();
        Some(start - more..end)
    })
}

/// `text` without the codes that it ends with.
pub(super) fn without_last(text: &str) -> &str {
    let mut end = text.len();
    let codes: Vec<Range<usize>> = codes(text).collect();
    for code in codes.into_iter().rev() {
        if code.end < end {
            break;
        }
        end = code.start;
    }
    text.get(..end).unwrap_or_default()
}

/// `[32m` in front of something, `[0m` also right behind it. `[5m]` is a time, and `x[10m` has nothing to do with colours.
fn is_code_without_escape(before: &str, parameters: &[u8], len: usize) -> bool {
    let stands_free = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let is_colour = len > 0 && parameters[len] == b'm' && parameters.get(len + 1) != Some(&b']');
    is_colour && (stands_free || closes(parameters, len))
}

/// `[0m` and `[39m` end a colour, right behind what was coloured.
fn closes(parameters: &[u8], len: usize) -> bool {
    matches!(&parameters[..len], b"0" | b"00" | b"39" | b"49" | b"22")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str) -> String {
        let (mut out, mut done) = (String::new(), 0);
        for code in codes(text) {
            out.push_str(&text[done..code.start]);
            done = code.end;
        }
        out + &text[done..]
    }

    #[test]
    fn codes_are_read_however_their_escape_is_written() {
        for text in [
            "user \x1b[36mana\x1b[0m",
            "user \x1b[1;38;5;208mana\x1b[m",
            "user \\e[36mana\\e[0m",
            "user \\x1b[36mana\\x1B[0m",
            "user \\\\033[36mana\\\\033[0m",
            "user \\u001b[36mana\\u001b[39m\x1b[K",
            "user ^[[36mana^[[0m",
            "user [36mana[0m",
        ] {
            assert_eq!(without(text), "user ana", "{text:?}");
        }
    }

    #[test]
    fn codes_at_the_end_are_taken_off() {
        assert_eq!(without_last("a\x1b[0mb\x1b[0m\\e[m"), "a\x1b[0mb");
        assert_eq!(without_last("a"), "a");
    }

    #[test]
    fn other_brackets_stay() {
        for text in ["rate(x[5m])", "[12 minutes]", "a[3]", "[m]", "x[10m", "see [1;2] m"] {
            assert_eq!(without(text), text);
        }
    }
}
