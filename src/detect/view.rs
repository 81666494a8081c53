//! The text as the patterns see it, and the way back to the original.
//!
//! Most text is seen as it is, without a copy.

use std::borrow::Cow;

/// A text with look-alike characters folded to ASCII.
#[derive(Debug)]
pub(crate) struct View<'t> {
    text: Cow<'t, str>,
    /// Where view and original drift apart: from `.0` in the view on, the original is at `.1`. Sorted.
    shifts: Vec<(usize, usize)>,
}

impl<'t> View<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), shifts: Vec::new() }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The span of the original that `start..end` of the view stands for.
    pub(crate) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        debug_assert!(self.shifts.is_empty());
        (start, end)
    }
}
