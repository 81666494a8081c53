//! OpenAI chat requests, answers and stream chunks as plain typed values, for a facade that speaks another protocol.
//!
//! The REST facade does not come through here: it hands on bytes. Reading is lenient, as providers differ: fields that
//! are missing, null or unknown are no fault. Values that may be private are [`Sensitive`], so `Debug` hides them.

mod read;
mod request;

pub use read::{ChunkReader, answer};
pub use request::{ChatMessage, ChatRequest, ChatTool, ChatToolCall, ToolChoice, number};

use crate::sensitive::Sensitive;

/// One chunk of a streamed answer, or a whole answer seen as a single chunk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatChunk {
    /// The provider's id of the answer.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// When, in seconds since 1970.
    pub created: Option<i64>,
    /// What is new, by choice.
    pub choices: Vec<ChoiceDelta>,
    /// Token counts; in a stream in the last chunk at most.
    pub usage: Option<Usage>,
    /// The provider gave up; the rest is empty then.
    pub error: Option<ProviderError>,
}

/// What is new in one choice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChoiceDelta {
    /// Which choice, from 0.
    pub index: u32,
    /// `assistant`, in the first chunk.
    pub role: Option<String>,
    /// More of the text.
    pub content: Option<Sensitive>,
    /// More of the refusal.
    pub refusal: Option<Sensitive>,
    /// More of the reasoning that some providers show (`reasoning_content` or `reasoning`).
    pub reasoning: Option<Sensitive>,
    /// More of the tool calls.
    pub tool_calls: Vec<ToolCallDelta>,
    /// Why the choice ended; `None` while it goes on.
    pub finish_reason: Option<String>,
}

/// What is new in one tool call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolCallDelta {
    /// Which call of the choice, from 0.
    pub index: u32,
    /// The call's id, in its first chunk.
    pub id: Option<String>,
    /// `function` or `custom`, in the first chunk.
    pub kind: Option<String>,
    /// The tool's name, in the first chunk.
    pub name: Option<String>,
    /// More of the arguments: a piece of JSON text (of a custom tool's input: any text).
    pub arguments: Option<Sensitive>,
}

/// Token counts of one exchange, as the provider tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
    /// Both together.
    pub total_tokens: u64,
    /// Of the prompt: read from the provider's cache.
    pub cached_tokens: u64,
    /// Of the answer: spent on reasoning.
    pub reasoning_tokens: u64,
}

/// An error as an OpenAI-compatible provider tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderError {
    /// What went wrong; may quote the request.
    pub message: Sensitive,
    /// Such as `invalid_request_error`.
    pub kind: Option<String>,
    /// The field at fault.
    pub param: Option<String>,
    /// Such as `context_length_exceeded`.
    pub code: Option<String>,
}

#[cfg(test)]
mod tests;
