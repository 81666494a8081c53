//! The long words of a text, and nothing else of it.
//!
//! Most text is passed over without a look at single bytes: of each stretch a mask tells which bytes may be of a word, and whether
//! enough of them stand side by side. No branch of it depends on where words begin and end, which nobody could predict.

/// The bytes that words are made of.
pub(super) struct Letters([bool; 256]);

impl Letters {
    /// ASCII letters, digits and `marks`, none of which is below [`LOWEST`].
    pub(super) const fn and(marks: &[u8]) -> Self {
        let mut table = [false; 256];
        let mut byte = 0u8;
        while byte < 128 {
            table[byte as usize] = byte.is_ascii_alphanumeric();
            byte += 1;
        }
        let mut rest = marks;
        while let [first, others @ ..] = rest {
            assert!(first.is_ascii() && *first >= LOWEST);
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
    const { assert!(LEAST >= RUN) };
    let bytes = text.as_bytes();
    // Words that begin before are told.
    let mut told = 0;
    let mut before = 0;
    let mut at = 0;
    while let Some(stretch) = bytes.get(at..).and_then(|rest| rest.first_chunk::<STRETCH>()) {
        let mask = before | (mask(stretch) << CARRIED);
        if has_run(mask) {
            told = each_from::<LEAST>(bytes, at, at + STRETCH, told, letters, &mut visit);
        }
        before = mask >> STRETCH;
        at += STRETCH;
    }
    each_from::<LEAST>(bytes, at, bytes.len(), told, letters, &mut visit);
}

/// The lowest byte of a word.
const LOWEST: u8 = b'!';
/// So many bytes are looked at together,
const STRETCH: usize = 48;
/// and as many before them again: all that a run may have before them that did not show there.
const CARRIED: usize = 64 - STRETCH;
/// A stretch with no run of so many bytes that may be of a word has no long word.
const RUN: usize = 15;

/// Has a bit for each byte that may be of a word: it is ASCII, and at least [`LOWEST`].
fn mask(stretch: &[u8; STRETCH]) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGH: u64 = ONES << 7;
    const TO_HIGH: u64 = ONES * (0x80 - LOWEST as u64);
    // Brings the lowest bits of eight bytes together in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = stretch.as_chunks::<8>();
    eights.iter().rev().fold(0, |mask, eight| {
        let eight = u64::from_le_bytes(*eight);
        let may_be = ((eight & !HIGH) + TO_HIGH) & !eight & HIGH;
        (mask << 8) | ((may_be >> 7).wrapping_mul(GATHER) >> 56)
    })
}

/// Tells whether there are [`RUN`] bits side by side.
fn has_run(mask: u64) -> bool {
    let two = mask & (mask >> 1);
    let four = two & (two >> 2);
    let eight = four & (four >> 4);
    eight & (eight >> (RUN - 8)) != 0
}

/// Visits the words that reach into the stretch from `at` on or begin in it before `end`, and are not `told`. Returns behind
/// what it is done.
fn each_from<const LEAST: usize>(
    bytes: &[u8],
    at: usize,
    end: usize,
    told: usize,
    letters: &Letters,
    visit: &mut impl FnMut(usize, usize),
) -> usize {
    // What begins earlier was seen there.
    let mut from = at.saturating_sub(CARRIED).max(told);
    while let Some(window) = bytes.get(from..from + LEAST).filter(|_| from < end) {
        if let Some(gap) = window.iter().rposition(|b| !letters.hold(*b)) {
            from += gap + 1;
            continue;
        }
        let rest = bytes.get(from..).unwrap_or_default();
        let end = from + rest.iter().position(|b| !letters.hold(*b)).unwrap_or(rest.len());
        visit(from, end);
        from = end + 1;
    }
    from
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

    proptest::proptest! {
        #[test]
        fn it_sees_what_a_search_for_gaps_sees(text in "[a-zé =!/.-]{0,24}([a-z0-9.-]{10,40}[ é\n\"a-z.]{1,20}){0,12}") {
            static LETTERS: Letters = Letters::and(b"-.!");
            let mut words = Vec::new();
            each::<15>(&text, &LETTERS, |start, end| words.push(&text[start..end]));
            let apart = text.split(|c| !u8::try_from(c).is_ok_and(|b| LETTERS.hold(b)));
            let long: Vec<&str> = apart.filter(|word| word.len() >= 15).collect();
            proptest::prop_assert_eq!(words, long);
        }
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
