//! Numbers as people write them: groups of digits with marks between them.

/// At most so many groups are looked at; a number has fewer.
pub(crate) const MOST: usize = 24;

/// The groups of digits in a text, by byte range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Groups<'t> {
    text: &'t str,
    ranges: [(usize, usize); MOST],
    len: usize,
}

impl<'t> Groups<'t> {
    /// Splits `text` at everything that is no ASCII digit.
    pub(crate) fn of(text: &'t str) -> Self {
        let mut groups = Self { text, ranges: [(0, 0); MOST], len: 0 };
        for (at, _) in text.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()) {
            if groups.len > 0 && groups.ranges[groups.len - 1].1 == at {
                groups.ranges[groups.len - 1].1 = at + 1;
            } else if groups.len < MOST {
                groups.ranges[groups.len] = (at, at + 1);
                groups.len += 1;
            } else {
                break;
            }
        }
        groups
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The digits of group `nth`; empty when there is none.
    pub(crate) fn get(&self, nth: usize) -> &'t str {
        self.ranges()
            .get(nth)
            .and_then(|&(start, end)| self.text.get(start..end))
            .unwrap_or_default()
    }

    /// What stands between group `nth` and the next.
    pub(crate) fn mark(&self, nth: usize) -> &'t str {
        match self.ranges().get(nth..nth + 2) {
            Some(&[(_, end), (start, _)]) => self.text.get(end..start).unwrap_or_default(),
            _ => "",
        }
    }

    /// Where group `nth` ends in the text.
    pub(crate) fn end(&self, nth: usize) -> usize {
        self.ranges().get(nth).map_or(0, |r| r.1)
    }

    /// The lengths of the first `count` groups.
    pub(crate) fn lengths(&self, count: usize) -> ([usize; MOST], usize) {
        let mut lengths = [0; MOST];
        let count = count.min(self.len);
        for (slot, (start, end)) in lengths.iter_mut().zip(self.ranges().iter().take(count)) {
            *slot = end - start;
        }
        (lengths, count)
    }

    /// True when the same mark stands between all of the first `count` groups.
    pub(crate) fn is_even(&self, count: usize) -> bool {
        (1..count.saturating_sub(1)).all(|nth| self.mark(nth) == self.mark(0))
    }

    fn ranges(&self) -> &[(usize, usize)] {
        &self.ranges[..self.len]
    }
}
