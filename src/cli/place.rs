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

/// Turns byte offsets into places, those of findings in their order. Reads the text once, and once more where findings overlap.
#[derive(Debug)]
pub(super) struct Places<'t> {
    text: &'t str,
    at: usize,
    here: Place,
    /// The place asked for before: the start of a finding that holds the next one.
    before: (usize, Place),
}

impl<'t> Places<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let here = Place { offset: 0, line: 1, column: 1 };
        Self { text, at: 0, here, before: (0, here) }
    }

    /// The place of byte `to`, which is not before the last but one asked for.
    pub(super) fn advance(&mut self, to: usize) -> Place {
        if to < self.at {
            (self.at, self.here) = self.before;
        } else {
            self.before = (self.at, self.here);
        }
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

    #[test]
    fn a_place_inside_of_the_last_finding_is_right() {
        let mut places = Places::of("aä\nb\nc");
        let at = |place: Place| (place.offset, place.line, place.column);
        let asked = [0, 7, 1, 3, 4, 5].map(|to| at(places.advance(to)));
        assert_eq!(asked, [(0, 1, 1), (6, 3, 2), (1, 1, 2), (2, 1, 3), (3, 2, 1), (4, 2, 2)]);
    }
}
