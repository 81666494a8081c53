//! Offsets into a text that stand beside it, as those of citations: they must move with what they point at.
//!
//! They count Unicode scalars, as Python's strings do.

use super::{Documents, splice::Edit, stream::Key};
use crate::{
    json::{Kind, Token},
    redact::Moves,
};
use std::ops::Range;

/// A part of an answer that has a text and offsets into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// Number of the item, or of the choice.
    pub(super) item: u64,
    /// Number of the part in it.
    pub(super) part: u64,
}

/// What an offset points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Into {
    /// The text of a part of the answer.
    Part(Part),
    /// A text of the stream.
    Text(Key),
    /// A document of the request.
    Document(u64),
}

/// Which end of a piece an offset marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Start,
    End,
}

impl Edge {
    /// By the name of the member.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "start_index" | "start_char_index" => Some(Self::Start),
            "end_index" | "end_char_index" => Some(Self::End),
            _ => None,
        }
    }
}

/// Where the places of a text went, step by step: when it was judged, and when it was restored.
#[derive(Clone, Debug, Default)]
pub(super) struct Moved(Vec<Moves>);

impl Moved {
    pub(super) fn by(steps: impl Iterator<Item = Moves>) -> Self {
        Self(steps.filter(|moves| !moves.is_empty()).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn start(&self, at: u64) -> u64 {
        self.0.iter().fold(at, |at, moves| moves.start(at))
    }

    fn end(&self, at: u64) -> u64 {
        self.0.iter().fold(at, |at, moves| moves.end(at))
    }
}

/// A number that is an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    edge: Edge,
    value: u64,
    /// Where it is written.
    range: Range<usize>,
}

impl Offset {
    /// `None` for anything but a whole number.
    pub(super) fn read(edge: Edge, token: &Token<'_>) -> Option<Self> {
        let value = token.raw().parse().ok().filter(|_| token.kind() == Kind::Number)?;
        Some(Self { edge, value, range: token.range() })
    }

    /// How it is written after the text has moved; `None` if that is the same.
    pub(super) fn moved(&self, moves: &Moved) -> Option<Edit> {
        self.changed(match self.edge {
            Edge::Start => moves.start(self.value),
            Edge::End => moves.end(self.value),
        })
    }

    /// How it is written for the caller's document; `None` if that is the same.
    pub(super) fn in_document(&self, documents: &Documents, number: u64) -> Option<Edit> {
        let (start, end) = documents.original(number, self.value, self.value);
        self.changed(match self.edge {
            Edge::Start => start,
            Edge::End => end,
        })
    }

    fn changed(&self, value: u64) -> Option<Edit> {
        let json = || value.to_string().into();
        (value != self.value).then(|| Edit { range: self.range.clone(), json: json() })
    }
}
