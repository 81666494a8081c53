//! The bodies and stream events of the LLM providers: where their text is, and how to rewrite it in place.
//!
//! Pure state machines over bytes; knows nothing of sockets, policies or the stack. Start at [`Endpoint`].

pub mod chat;
mod endpoint;
mod error;
pub mod headers;
mod sse;

pub use endpoint::{Endpoint, Unmatched};
pub use error::{Error, error_event};

/// How many texts of one stream may be open at a time: choices times fields and tool calls.
const MAX_OPEN_TEXTS: usize = 4096;
