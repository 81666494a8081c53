//! Rewrites places of a text and leaves the rest as it is.

use std::ops::Range;

/// Places of one text and what comes there instead. Disjoint; in any order until applied.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub(super) fn push(&mut self, range: Range<usize>, text: String) {
        self.0.push((range, text));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The edits from the left.
    pub(super) fn in_order(mut self) -> Vec<(Range<usize>, String)> {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        self.0
    }

    pub(super) fn apply(self, to: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(to.len() + 16 * self.0.len());
        let mut done = 0;
        for (range, text) in self.in_order() {
            out.extend_from_slice(&to[done..range.start]);
            out.extend_from_slice(text.as_bytes());
            done = range.end;
        }
        out.extend_from_slice(&to[done..]);
        out
    }
}
