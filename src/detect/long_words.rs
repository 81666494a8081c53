//! The long words of a text, and nothing else of it.
//!
//! Of every so many bytes only one has to be looked at to see that no word is that long: most text is passed over so.

/// The bytes that words are made of.
pub(super) struct Letters([bool; 256]);

impl Letters {
    /// ASCII letters, digits and `marks`.
    pub(super) const fn and(marks: &[u8]) -> Self {
        let mut table = [false; 256];
        let mut byte = 0u8;
        while byte < 128 {
            table[byte as usize] = byte.is_ascii_alphanumeric();
            byte += 1;
        }
        let mut rest = marks;
        while let [first, others @ ..] = rest {
            table[*first as usize] = true;
            rest = others;
        }
        Self(table)
    }

    pub(super) fn hold(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

/// Calls `visit` with the beginning and the end of each run of at least `LEAST` bytes of `letters`, in order.
pub(super) fn each<const LEAST: usize>(
    text: &str,
    letters: &Letters,
    mut visit: impl FnMut(usize, usize),
) {
    let bytes = text.as_bytes();
    let mut from = 0;
    // A word that begins at `from` or later and is long enough covers the last byte of this window, so it is read from there.
    while let Some(window) = bytes.get(from..from + LEAST) {
        if let Some(gap) = window.iter().rposition(|b| !letters.hold(*b)) {
            from += gap + 1;
            continue;
        }
        let rest = bytes.get(from..).unwrap_or_default();
        let end = from + rest.iter().position(|b| !letters.hold(*b)).unwrap_or(rest.len());
        visit(from, end);
        from = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        static LETTERS: Letters = Letters::and(b"-.");
        let mut words = Vec::new();
        each::<16>(text, &LETTERS, |start, end| words.push(&text[start..end]));
        assert_eq!(words, expected);
    }

    #[test]
    fn all_long_words_are_seen_and_no_short_ones() {
        check("", &[]);
        check("fifteen-letters", &[]);
        check("sixteen-letters.", &["sixteen-letters."]);
        check("a bc sixteen-letters1 d", &["sixteen-letters1"]);
        check(
            "twenty-letters-word-1 twenty-letters-word-2",
            &["twenty-letters-word-1", "twenty-letters-word-2"],
        );
        for before in 0..40 {
            check(&format!("{} abcdefghij0123456 x", "é ".repeat(before)), &["abcdefghij0123456"]);
        }
    }
}
