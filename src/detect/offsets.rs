//! Translates places in a text into the units that callers count in.

use super::Span;
use std::ops::Range;

/// In which unit offsets are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OffsetUnit {
    /// Bytes of UTF-8, as [`Span`] counts.
    Utf8Bytes,
    /// Unicode scalar values: what Python's strings count.
    #[default]
    UnicodeScalars,
    /// UTF-16 code units: what JavaScript's and Java's strings count.
    Utf16Units,
}

/// Translates byte offsets of one text in one pass, as long as they come in ascending order.
///
/// An offset below the one before is right as well. It costs a new start from the beginning, or from the offset before that one if it is
/// not below: so the places of findings in order stay linear, although a signal holds others. An offset past the end
/// of the text, or inside a character, counts as the end of what comes before it.
#[derive(Clone, Debug)]
pub struct OffsetConverter<'t> {
    text: &'t str,
    unit: OffsetUnit,
    byte: usize,
    counted: usize,
    /// Byte and count of the offset before.
    before: (usize, usize),
}

impl<'t> OffsetConverter<'t> {
    /// Stands at the beginning of `text`.
    pub fn new(text: &'t str, unit: OffsetUnit) -> Self {
        Self { text, unit, byte: 0, counted: 0, before: (0, 0) }
    }

    /// The offset, in units, of the place `byte` bytes into the text.
    pub fn offset(&mut self, byte: usize) -> usize {
        let byte = floor_char_boundary(self.text, byte);
        let here = (self.byte, self.counted);
        if byte < self.byte {
            (self.byte, self.counted) = if byte >= self.before.0 { self.before } else { (0, 0) };
        }
        self.before = if byte < here.0 { (self.byte, self.counted) } else { here };
        self.counted += self.unit.length(self.text.get(self.byte..byte).unwrap_or_default());
        self.byte = byte;
        self.counted
    }

    /// Both ends of a span, in units.
    pub fn range(&mut self, span: Span) -> Range<usize> {
        let start = self.offset(span.start());
        start..self.offset(span.end())
    }
}

impl OffsetUnit {
    /// The length of `text` in this unit.
    pub fn length(self, text: &str) -> usize {
        match self {
            Self::Utf8Bytes => text.len(),
            Self::UnicodeScalars => text.chars().count(),
            Self::Utf16Units => text.chars().map(char::len_utf16).sum(),
        }
    }

    /// True when offsets into `text` are the same in this unit as in bytes, so that no text is needed to convert them.
    pub fn is_bytes_in(self, text: &str) -> bool {
        self == Self::Utf8Bytes || text.is_ascii()
    }
}

fn floor_char_boundary(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "aß€𝄞z"; // 1, 2, 3, 4 and 1 bytes

    #[track_caller]
    fn check(unit: OffsetUnit, expected: [usize; 6]) {
        let boundaries = [0, 1, 3, 6, 10, 11];
        let mut converter = OffsetConverter::new(TEXT, unit);
        assert_eq!(boundaries.map(|byte| converter.offset(byte)), expected);
    }

    #[test]
    fn each_unit_counts_its_own_way() {
        check(OffsetUnit::Utf8Bytes, [0, 1, 3, 6, 10, 11]);
        check(OffsetUnit::UnicodeScalars, [0, 1, 2, 3, 4, 5]);
        check(OffsetUnit::Utf16Units, [0, 1, 2, 3, 5, 6]);
    }

    #[test]
    fn going_back_is_right_too() {
        let mut converter = OffsetConverter::new(TEXT, OffsetUnit::UnicodeScalars);
        assert_eq!([11, 3, 10].map(|byte| converter.offset(byte)), [5, 2, 4]);
    }

    #[test]
    fn places_outside_of_the_text_are_drawn_in() {
        let mut converter = OffsetConverter::new(TEXT, OffsetUnit::UnicodeScalars);
        assert_eq!(converter.offset(2), 1); // inside of ß
        assert_eq!(converter.offset(usize::MAX), 5);
    }

    #[test]
    fn a_span_becomes_a_range() {
        let span = Span::of(TEXT, 3, 10).unwrap();
        assert_eq!(OffsetConverter::new(TEXT, OffsetUnit::Utf16Units).range(span), 2..5);
    }

    #[test]
    fn ascii_needs_no_conversion() {
        assert!(OffsetUnit::Utf16Units.is_bytes_in("plain"));
        assert!(!OffsetUnit::UnicodeScalars.is_bytes_in(TEXT));
        assert!(OffsetUnit::Utf8Bytes.is_bytes_in(TEXT));
    }
}
