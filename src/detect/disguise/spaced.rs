//! Values with a space between all characters: `4 1 1 1  1 1 1 1`, `1 2 3 - 4 5 - 6 7 8 9`, `j a n e @ e x a m p l e . o r g`.

use super::Edit;

/// Fewer characters in a row are no value.
const FEWEST: usize = 7;
/// Wider gaps part two runs.
const WIDEST: usize = 3;
/// Four characters in a row take seven bytes, and a look reads four of them.
const STRIDE: usize = 4;
/// A text is passed over by so many bytes at once.
const BLOCK: usize = 64;
/// A run has five characters at least with a space on both sides. It reaches into two blocks at most, so that one has three.
const FEWEST_IN_BLOCK: u8 = 3;

/// The single spaces in runs of single characters; of a wider gap one space is left.
pub(super) fn each_edit(text: &str, visit: &mut dyn FnMut(Edit)) {
    let bytes = text.as_bytes();
    let mut done = 0;
    for block in (0..bytes.len()).step_by(BLOCK) {
        let end = bytes.len().min(block + BLOCK);
        if !may_hold_run(bytes.get(block..bytes.len().min(end + 2)).unwrap_or_default()) {
            continue;
        }
        let windows = bytes.get(block..end).unwrap_or_default().as_chunks::<STRIDE>().0;
        for (nth, window) in windows.iter().enumerate() {
            let at = block + nth * STRIDE;
            if at < done || !is_spaced(*window) {
                continue;
            }
            let run = Run::around(bytes, done, at);
            if run.characters >= FEWEST && run.has_digit_or_at(bytes) {
                run.each_edit(bytes, visit);
            }
            done = run.end.max(at + 1);
        }
    }
}

/// Counts the bytes with a space on both sides, without a branch for each of them: hardly any block of prose has three.
fn may_hold_run(block: &[u8]) -> bool {
    // Slices of one length: several bytes at once are compared.
    let len = block.len().saturating_sub(2);
    let from = |at: usize| block.get(at..at + len).unwrap_or_default().iter();
    let alone = from(0).zip(from(1)).zip(from(2)).map(|((left, middle), right)| {
        u8::from((*left == b' ') & (*middle != b' ') & (*right == b' '))
    });
    alone.sum::<u8>() >= FEWEST_IN_BLOCK
}

/// Two spaces with one character between them. Looks at all bytes at once.
fn is_spaced(window: [u8; STRIDE]) -> bool {
    const FIRST: u32 = u32::from_ne_bytes([0xFF, 0, 0xFF, 0]);
    let other = u32::from_ne_bytes(window) ^ u32::from_ne_bytes([b' '; STRIDE]);
    other != 0 && (other & FIRST == 0 || other & !FIRST == 0)
}

/// A row of single ASCII characters with gaps between.
struct Run {
    start: usize,
    end: usize,
    characters: usize,
}

impl Run {
    /// The run that the bytes at `at` are in, from `from` on. Empty when there is none.
    fn around(bytes: &[u8], from: usize, at: usize) -> Self {
        let mut start = at;
        while start < bytes.len() && !is_alone(bytes, start) && start < at + STRIDE {
            start += 1;
        }
        while let Some(before) = last_alone(bytes, from, start) {
            start = before;
        }
        let mut run = Self { start, end: start, characters: 0 };
        let mut next = Some(start).filter(|&at| is_alone(bytes, at));
        while let Some(at) = next {
            run.characters += 1;
            run.end = at + 1;
            next = next_alone(bytes, at + 1);
        }
        run
    }

    /// Numbers have digits, addresses an `@`; anything else would be words.
    fn has_digit_or_at(&self, bytes: &[u8]) -> bool {
        let inside = bytes.get(self.start..self.end).unwrap_or_default();
        inside.iter().any(|&b| b.is_ascii_digit() || b == b'@')
    }

    fn each_edit(&self, bytes: &[u8], visit: &mut dyn FnMut(Edit)) {
        let mut at = self.start + 1;
        while let Some(next) = next_alone(bytes, at).filter(|&next| next < self.end) {
            let wide = next - at > 1;
            visit(Edit { start: at, end: next, with: wide.then_some(' ') });
            at = next + 1;
        }
    }
}

/// A character with spaces, or the ends of the text, around it; brackets, quotes and punctuation may stand between.
fn is_alone(bytes: &[u8], at: usize) -> bool {
    let gap = |b: Option<&u8>| b.is_none_or(|b| b.is_ascii_whitespace());
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let behind = bytes.get(at + 1);
    let opened = before.is_some_and(|b| b"(<[\"'=:".contains(b));
    let closed = behind.is_some_and(|b| b")>]\"'.,;!?".contains(b)) && gap(bytes.get(at + 2));
    bytes.get(at).is_some_and(u8::is_ascii_graphic)
        && (gap(before) || opened)
        && (gap(behind) || closed)
}

/// The character alone behind the spaces at `at`.
fn next_alone(bytes: &[u8], at: usize) -> Option<usize> {
    (at + 1..=at + WIDEST)
        .find(|&next| bytes.get(next) != Some(&b' '))
        .filter(|&next| bytes.get(at) == Some(&b' ') && is_alone(bytes, next))
}

/// The character alone in front of the spaces before `at`, not before `from`.
fn last_alone(bytes: &[u8], from: usize, at: usize) -> Option<usize> {
    let before = (2..=1 + WIDEST)
        .filter_map(|back| at.checked_sub(back))
        .find(|&before| bytes.get(before) != Some(&b' '))?;
    let spaced = at > 0 && bytes.get(at - 1) == Some(&b' ');
    (before >= from && spaced && is_alone(bytes, before)).then_some(before)
}
