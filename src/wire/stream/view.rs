//! An event, taken apart: what the folder of each API makes of its events.

use crate::{
    redact::Context,
    wire::{
        offsets::{Into, Offset, Part},
        splice::Edit,
    },
};

/// One event, taken apart.
#[derive(Default)]
pub(in crate::wire) struct View<'a> {
    /// All strings that may hold a stand-in, in order.
    pub(in crate::wire) pieces: Vec<Piece<'a>>,
    /// Which texts end with this event.
    pub(in crate::wire) ended: Ended,
    /// What to write instead of members that describe the text, if the text is changed: token probabilities, which
    /// cannot be told for a restored value, and the padding that hides its length.
    pub(in crate::wire) blanks: Vec<Edit>,
    pub(in crate::wire) offsets: Vec<(Into, Offset)>,
    /// It tells that the answer is a JSON document.
    pub(in crate::wire) asks_json: bool,
}

/// A string of an event.
pub(in crate::wire) struct Piece<'a> {
    /// The text that it is a piece of; `None` if it is a text of its own.
    pub(in crate::wire) key: Option<Key>,
    /// The model wrote it, and not the API or the caller.
    pub(in crate::wire) produced: bool,
    /// Nothing is put back into it.
    pub(in crate::wire) one_way: bool,
    /// The part that it is the whole text of.
    pub(in crate::wire) part: Option<Part>,
    pub(in crate::wire) context: Context,
    /// As written between the quotes.
    pub(in crate::wire) raw: &'a str,
    /// Where that stands in the data.
    pub(in crate::wire) start: usize,
}

/// Which texts end.
pub(in crate::wire) enum Ended {
    /// Those of these groups.
    Groups(Vec<u64>),
    /// These.
    Texts(Vec<Key>),
    All,
}

impl Default for Ended {
    fn default() -> Self {
        Self::Texts(Vec::new())
    }
}

/// Names one text of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::wire) struct Key {
    /// What ends together: the choice, the item, the block.
    pub(in crate::wire) group: u64,
    pub(in crate::wire) field: Field,
    /// The tool call of the choice, the part of the item, the number of the member.
    pub(in crate::wire) item: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::wire) enum Field {
    Reasoning,
    ReasoningContent,
    Text,
    Content,
    Refusal,
    FunctionArguments,
    ToolArguments,
    ToolInput,
    OutputText,
    OutputRefusal,
    ReasoningText,
    ReasoningSummary,
    CallArguments,
    McpArguments,
    CallInput,
    Code,
    Command,
    ShellStdout,
    ShellStderr,
    Transcript,
    /// Of an event that came into the API after this was written.
    Unknown,
    BlockText,
    BlockInput,
    /// A member of a delta that no API is known for, by its number in [`Members`](super::Members).
    Member,
}

impl Field {
    /// The one that sorts before all others.
    pub(super) const FIRST: Self = Self::Reasoning;

    /// These sort before all others.
    pub(super) fn is_reasoning(self) -> bool {
        self <= Self::ReasoningContent
    }

    /// True for what a choice says after its reasoning. Members that are not known may come beside either.
    pub(super) fn is_answer(self) -> bool {
        !self.is_reasoning() && self != Self::Member
    }
}
