//! What can be wrong with a provider's bytes.

use crate::engine::Blocked;

/// Why an answer cannot be read. Displays without any part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not the JSON that was due.
    #[error("it is not well-formed JSON")]
    Malformed,
    /// An event without end.
    #[error("it holds an event of more than {} bytes", super::sse::MAX_EVENT_BYTES)]
    TooLarge,
    /// More choices and tool calls side by side than anyone asks for.
    #[error("it interleaves more than {} texts", super::MAX_OPEN_TEXTS)]
    TooManyTexts,
    /// The stream ended inside an event.
    #[error("it ended inside an event")]
    Truncated,
    /// Text with stand-ins in a form that they cannot be put back into.
    #[error("it is neither JSON nor text and holds stand-ins for private values")]
    Unrestorable,
    /// The model wrote what the policy does not let out.
    #[error(transparent)]
    Blocked(#[from] Blocked),
}
