//! Which texts of a document are parts of one text, such as the content of a message: a value may lie over two of them.

use crate::json::{Kind, Step, Token};

/// Where a text stands among the parts of one message: which list of parts it is in, and the how manieth it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    list: usize,
    nth: usize,
}

impl Part {
    /// The one behind it.
    pub(super) fn next(self) -> Self {
        Self { nth: self.nth + 1, ..self }
    }
}

/// Follows the lists of parts of a text: `[{"type": "text", "text": "…"}, …]`.
#[derive(Default)]
pub(super) struct Parts {
    list: usize,
    /// How deep the texts of the list lie that is open, 0 for none.
    depth: usize,
}

impl Parts {
    /// Looks at every token; gives the part that it is the text of, if it is one.
    pub(super) fn see(&mut self, path: &[Step<'_>], token: &Token<'_>) -> Option<Part> {
        // A token above the elements of the list ends it.
        if path.len() + 1 < self.depth {
            self.depth = 0;
        }
        let [.., Step::Index(nth), Step::Key(name)] = path else { return None };
        if token.kind() != Kind::String || name != "text" {
            return None;
        }
        if self.depth != path.len() {
            (self.list, self.depth) = (self.list + 1, path.len());
        }
        Some(Part { list: self.list, nth: *nth })
    }
}
