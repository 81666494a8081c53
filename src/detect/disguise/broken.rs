//! Numbers that go on in the next line: `card 4111 1111⏎1111 1111`, `541-555-⏎0123`.

use super::Edit;
use crate::detect::seen::{prefix, suffix};
use memchr::memchr_iter;

/// How much of each line is looked at.
const NEAR: usize = 48;

/// Line breaks between two groups of digits, as one space; none is left behind a hyphen.
pub(super) fn each_edit(text: &str, visit: &mut dyn FnMut(Edit)) {
    for at in memchr_iter(b'\n', text.as_bytes()) {
        // Most lines begin with a letter.
        let next = text.as_bytes().get(at + 1);
        if !next.is_some_and(|b| b.is_ascii_digit() || matches!(b, b' ' | b'\t' | b'>')) {
            continue;
        }
        let (Some(before), Some(behind)) = (text.get(..at), text.get(at + 1..)) else { continue };
        let left = before.trim_end_matches([' ', '\t', '\r']);
        let right = behind.trim_start_matches([' ', '\t', '>']);
        let gap = (before.len() - left.len()).max(behind.len() - right.len());
        if gap <= 8 && goes_on(left, right) {
            visit(Edit {
                start: left.len(),
                end: text.len() - right.len(),
                with: (!left.ends_with('-')).then_some(' '),
            });
        }
    }
}

/// Two groups of digits, or the end of one that goes on, stand before the break and another group behind it. Columns of figures
/// look the same; unlike in those there is a letter near in one of the lines.
fn goes_on(left: &str, right: &str) -> bool {
    let hyphen = left.ends_with('-') && !left.ends_with("--");
    let open = hyphen || left.ends_with(')');
    let digit = left.ends_with(is_digit);
    if !(open || digit) || !right.starts_with(is_digit) {
        return false;
    }
    let left = suffix(left, NEAR).rsplit('\n').next().unwrap_or_default();
    let right = prefix(right, NEAR).split('\n').next().unwrap_or_default();
    let before = left.trim_end_matches(is_digit).strip_suffix([' ', '-', '.']);
    let grouped = before.is_some_and(|b| b.ends_with(|c| is_digit(c) || c == ')'));
    let worded = |line: &str| line.contains(char::is_alphabetic);
    (open || grouped) && (worded(left) || worded(right))
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}
