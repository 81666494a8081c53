//! Places as people and other programs count them.

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Unicode scalar values before it.
    pub(super) offset: usize,
    /// From 1.
    pub(super) line: usize,
    /// In Unicode scalar values, from 1.
    pub(super) column: usize,
}

/// Turns byte offsets, given in rising order, into places. Reads the text once.
#[derive(Debug)]
pub(super) struct Places<'t> {
    text: &'t str,
    at: usize,
    here: Place,
}

impl<'t> Places<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, at: 0, here: Place { offset: 0, line: 1, column: 1 } }
    }

    /// The place of byte `to`, which is not before the last one asked for.
    pub(super) fn advance(&mut self, to: usize) -> Place {
        let passed = self.text.get(self.at..to).unwrap_or_default();
        let scalars = passed.chars().count();
        let line_start = passed.rfind('\n');
        self.here.offset += scalars;
        self.here.line += passed.bytes().filter(|b| *b == b'\n').count();
        self.here.column = match line_start {
            Some(at) => passed[at..].chars().count(),
            None => self.here.column + scalars,
        };
        self.at = to.max(self.at);
        self.here
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_lines_and_columns_are_counted() {
        let text = "aä\n€x\n\ny";
        let mut places = Places::of(text);
        let mut at = |needle: char| {
            let place = places.advance(text.find(needle).unwrap());
            (place.offset, place.line, place.column)
        };
        assert_eq!(at('a'), (0, 1, 1));
        assert_eq!(at('€'), (3, 2, 1));
        assert_eq!(at('x'), (4, 2, 2));
        assert_eq!(at('y'), (7, 4, 1));
        assert_eq!(at('y'), (7, 4, 1));
    }
}
