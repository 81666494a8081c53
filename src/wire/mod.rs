//! The bodies and stream events of the LLM providers: where their text is, and how to rewrite it in place.
//!
//! Pure state machines over bytes; knows nothing of sockets, policies or the stack.

pub mod headers;

/// A path of a provider's API that the guard can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// OpenAI `POST /v1/chat/completions`.
    ChatCompletions,
    /// OpenAI `POST /v1/completions`.
    Completions,
    /// OpenAI `POST /v1/embeddings`.
    Embeddings,
    /// OpenAI `GET /v1/models` and `GET /v1/models/{id}`; no body.
    Models,
}
