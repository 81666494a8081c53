//! The text as the patterns see it, and the way back to the original.
//!
//! Two things differ from the original:
//! * The label stands in front, as `customer ssn: `, so that names and context words work in labels as they do in prose.
//! * Look-alikes are folded to ASCII: full-width letters and digits, the digits of other scripts, dashes, white space. Characters
//!   that show nothing (zero-width ones, soft hyphens, variation selectors) are left out.
//!
//! A text without a label in which there is nothing to fold is seen as it is, without a copy.

use super::{Text, context, seen};
use std::borrow::Cow;

/// A text as the patterns see it.
#[derive(Debug)]
pub(crate) struct View<'t> {
    text: Cow<'t, str>,
    /// Length of the label in front.
    label: usize,
    /// From `.0` in the view on, the original is at `.1`, byte by byte, up to the next shift. Sorted.
    shifts: Vec<(usize, usize)>,
    original_len: usize,
}

impl<'t> View<'t> {
    pub(crate) fn of(text: &Text<'t>) -> Self {
        let label = text.label.map(plain_label).unwrap_or_default();
        let mut view = Self {
            text: Cow::Borrowed(text.text),
            label: label.len(),
            shifts: Vec::new(),
            original_len: text.text.len(),
        };
        if let Some(first) = first_to_fold(text.text) {
            view.fold(label, text.text, first);
        } else if !label.is_empty() {
            view.text = Cow::Owned(label + text.text);
        }
        view
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The span of the original that `start..end` of the view stands for; `None` when it begins in the label.
    pub(crate) fn original(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let start = start.checked_sub(self.label)?;
        let end = end.checked_sub(self.label)?;
        Some((self.back(start), self.back(end).min(self.original_len)))
    }

    fn back(&self, at: usize) -> usize {
        match self.shifts.partition_point(|&(view, _)| view <= at).checked_sub(1) {
            Some(nth) => self.shifts[nth].1 + (at - self.shifts[nth].0),
            None => at,
        }
    }

    /// Copies `text` with everything from `first` on folded.
    fn fold(&mut self, label: String, text: &str, first: usize) {
        let mut folded = label;
        folded.reserve(text.len());
        folded.push_str(text.get(..first).unwrap_or_default());
        for (at, c) in text.char_indices().skip_while(|&(at, _)| at < first) {
            match Fold::of(c) {
                Fold::Keep => folded.push(c),
                Fold::Drop => self.shift(folded.len(), at + c.len_utf8()),
                Fold::To(ascii) => {
                    folded.push(ascii);
                    self.shift(folded.len(), at + c.len_utf8());
                }
            }
        }
        self.text = Cow::Owned(folded);
    }

    fn shift(&mut self, view: usize, original: usize) {
        let view = view - self.label;
        match self.shifts.last_mut() {
            Some(last) if last.0 == view => last.1 = original,
            _ => self.shifts.push((view, original)),
        }
    }
}

/// What becomes of a character.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fold {
    Keep,
    Drop,
    To(char),
}

impl Fold {
    fn of(c: char) -> Self {
        match c {
            '\0'..='\x7f' => Self::Keep,
            '\u{AD}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' => Self::Drop,
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
                Self::To(' ')
            }
            '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{FE63}' => Self::To('-'),
            '\u{2018}' | '\u{2019}' => Self::To('\''),
            '\u{FF01}'..='\u{FF5E}' => full_width(c),
            // Most letters: no digits of another script among them.
            '\u{80}'..='\u{65F}' | '\u{3001}'..='\u{FDFF}' => Self::Keep,
            _ => digit(c),
        }
    }
}

/// The full-width forms stand in ASCII's order.
fn full_width(c: char) -> Fold {
    char::from_u32(u32::from(c) - 0xFF00 + 0x20).map_or(Fold::Keep, Fold::To)
}

/// Decimal digits of other scripts stand in blocks of ten.
fn digit(c: char) -> Fold {
    const ZEROS: &[char] = &[
        '\u{660}',
        '\u{6F0}',
        '\u{7C0}',
        '\u{966}',
        '\u{9E6}',
        '\u{A66}',
        '\u{AE6}',
        '\u{B66}',
        '\u{BE6}',
        '\u{C66}',
        '\u{CE6}',
        '\u{D66}',
        '\u{E50}',
        '\u{ED0}',
        '\u{F20}',
        '\u{1040}',
        '\u{17E0}',
        '\u{1810}',
        '\u{1D7CE}',
        '\u{1D7D8}',
        '\u{1D7E2}',
        '\u{1D7EC}',
        '\u{1D7F6}',
    ];
    let value = ZEROS
        .iter()
        .find_map(|&zero| u32::from(c).checked_sub(u32::from(zero)).filter(|v| *v < 10));
    value.and_then(|v| char::from_digit(v, 10)).map_or(Fold::Keep, Fold::To)
}

/// Where the first character that is not kept stands. Fast for ASCII, and for text with accents alone.
fn first_to_fold(text: &str) -> Option<usize> {
    if text.is_ascii() {
        return None;
    }
    text.char_indices().find(|&(_, c)| Fold::of(c) != Fold::Keep).map(|(at, _)| at)
}

/// The end of a label, in plain words.
fn plain_label(label: &str) -> String {
    let mut plain = String::new();
    context::append_plain(&mut plain, seen::suffix(label, seen::REACH));
    let words = plain.trim();
    if words.is_empty() { String::new() } else { format!("{words}: ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: Option<&str>, text: &str, view: &str, part: &str, original: &str) {
        let seen = View::of(&Text { label, text });
        assert_eq!(seen.text(), view);
        let start = view.find(part).unwrap();
        let (from, to) = seen.original(start, start + part.len()).unwrap();
        assert_eq!(&text[from..to], original);
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(View::of(&Text::from("plain été")).text, Cow::Borrowed(_)));
    }

    #[test]
    fn look_alikes_are_folded_and_found_again() {
        check(None, "a\u{a0}\u{ff11}\u{ff12}é3", "a 12é3", "12", "\u{ff11}\u{ff12}");
        check(None, "x 1\u{200b}2\u{200b}\u{200b} y", "x 12 y", "12", "1\u{200b}2\u{200b}\u{200b}");
        check(None, "a\u{200b}b", "ab", "b", "b");
        check(None, "1\u{2011}2", "1-2", "1-2", "1\u{2011}2");
    }

    #[test]
    fn a_label_stands_in_front_and_is_no_finding() {
        check(
            Some("customerSsn"),
            "078051120",
            "customer ssn: 078051120",
            "078051120",
            "078051120",
        );
        check(Some("ssn"), "\u{ff11}23", "ssn: 123", "23", "23");
        assert_eq!(View::of(&Text { label: Some("ssn"), text: "1" }).original(0, 6), None);
    }
}
