//! The surfaces of providers that the guard can read, and what it must know of their bodies.

mod ids;
mod path;
mod reading;

pub use ids::is_id;
pub use path::Unmatched;
pub use reading::{Expected, Invalid, Needs};

use super::{
    Documents, Sealed, anthropic, openai,
    place::{Holds, Place},
    responses, unlisted,
};
use crate::{
    json::{self, Kind, Step, Token},
    redact::{Context, Restorer, Treatment},
};

/// A path of a provider's API that the guard can read.
///
/// A new surface is a variant here, a row in the table of paths (`path.rs`), and a file beside this one that says where its text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// OpenAI `POST /v1/chat/completions`.
    ChatCompletions,
    /// OpenAI `POST /v1/completions`.
    Completions,
    /// OpenAI `POST /v1/embeddings`.
    Embeddings,
    /// OpenAI `POST /v1/moderations`.
    Moderations,
    /// OpenAI `GET /v1/models` and `GET /v1/models/{id}`; no body.
    Models,
    /// OpenAI `POST /v1/responses`.
    Responses,
    /// OpenAI `GET` and `DELETE /v1/responses/{id}`; no body.
    StoredResponse,
    /// OpenAI `POST /v1/responses/{id}/cancel`; no body.
    CancelResponse,
    /// OpenAI `GET /v1/responses/{id}/input_items`; no body.
    ResponseInputItems,
    /// Anthropic `POST /v1/messages`.
    Messages,
    /// Anthropic `POST /v1/messages/count_tokens`.
    CountTokens,
    /// Any other path, where the operator wants what can be read to be guarded: all strings of JSON.
    Unlisted,
    /// Any other path, where the operator wants bodies to pass unread, both ways.
    Unread,
}

/// What the requests to an endpoint carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A JSON document.
    Json,
    /// A JSON document, or nothing.
    MaybeJson,
    /// Nothing.
    Nothing,
    /// Anything; nobody looks.
    Unread,
}

impl Endpoint {
    /// A stable name for metrics and spans.
    pub fn label(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::Completions => "completions",
            Self::Embeddings => "embeddings",
            Self::Moderations => "moderations",
            Self::Models => "models",
            Self::Responses => "responses",
            Self::StoredResponse => "stored_response",
            Self::CancelResponse => "cancel_response",
            Self::ResponseInputItems => "response_input_items",
            Self::Messages => "messages",
            Self::CountTokens => "count_tokens",
            Self::Unlisted => "unlisted",
            Self::Unread => "unread",
        }
    }

    /// What requests carry.
    pub fn content(self) -> Content {
        match self {
            Self::ChatCompletions
            | Self::Completions
            | Self::Embeddings
            | Self::Moderations
            | Self::Responses
            | Self::Messages
            | Self::CountTokens => Content::Json,
            Self::Models
            | Self::StoredResponse
            | Self::CancelResponse
            | Self::ResponseInputItems => Content::Nothing,
            Self::Unlisted => Content::MaybeJson,
            Self::Unread => Content::Unread,
        }
    }

    /// True if texts with stand-ins may stay upstream, or in what only the provider can change, and be leaned on later.
    pub fn leaves_texts(self) -> bool {
        // Whoever goes on with one of these sends all of it again.
        !matches!(
            self,
            Self::ChatCompletions | Self::Completions | Self::Embeddings | Self::Moderations
        )
    }

    /// The member at the root of a request body that holds what is at a place, if the API defines it: other names may be
    /// private.
    pub fn member_at(self, body: &[u8], offset: usize) -> Option<String> {
        let mut member = None;
        let _ = json::walk(body, json::MAX_DEPTH, &mut |path, token| {
            let Some(Step::Key(name)) = path.first() else { return };
            if token.range().start <= offset && offset <= token.range().end && self.is_member(name)
            {
                member = Some(name.clone().into_owned());
            }
        });
        member
    }

    /// How to treat a key, string or number of a request body that stands at `path`.
    ///
    /// Everything is guarded but what is known to be structural by its place and also looks it.
    pub fn classify(self, path: &[Step<'_>], token: &Token<'_>) -> Treatment {
        if token.kind() == Kind::Key && self.is_member(token.raw()) {
            return Treatment::Leave;
        }
        let holds = Place::new(path).map_or(Holds::Text, |place| self.holds(place.parts()));
        holds.treatment(token)
    }

    fn is_member(self, name: &str) -> bool {
        match self.dialect() {
            Dialect::Chat => openai::request::is_member(name),
            Dialect::Responses => {
                openai::request::is_member(name) || responses::request::is_member(name)
            }
            Dialect::Messages => anthropic::request::is_member(name),
            // A body of one of them may lie in it, as in a batch.
            Dialect::Unlisted => {
                openai::request::is_member(name)
                    || responses::request::is_member(name)
                    || anthropic::request::is_member(name)
            }
        }
    }

    fn holds(self, place: &[&str]) -> Holds {
        match self.dialect() {
            Dialect::Chat => openai::request::holds(place),
            Dialect::Responses => responses::request::holds(place),
            Dialect::Messages => anthropic::request::holds(place),
            Dialect::Unlisted => unlisted::holds(place),
        }
    }

    /// What in a request body is signed by the provider, and so can only be sent as it is.
    pub fn sealed(self, body: &[u8]) -> Option<Sealed> {
        match self.dialect() {
            Dialect::Messages => Some(Sealed::in_content(body)),
            Dialect::Chat => Some(Sealed::in_details(body)),
            Dialect::Responses | Dialect::Unlisted => None,
        }
    }

    /// What the citations of an answer point into, from the body as it came and as it is sent.
    pub fn documents(self, came: &[u8], sent: &[u8], restorer: &Restorer) -> Documents {
        match self {
            Self::Messages => Documents::read(came, sent, restorer),
            Self::ChatCompletions
            | Self::Completions
            | Self::Embeddings
            | Self::Moderations
            | Self::Models
            | Self::Responses
            | Self::StoredResponse
            | Self::CancelResponse
            | Self::ResponseInputItems
            | Self::CountTokens
            | Self::Unlisted
            | Self::Unread => Documents::default(),
        }
    }

    /// How to put values back into a string of an answer that stands at `path`; `None` if it must stay as it is.
    pub fn response_context(self, path: &[Step<'_>], expected: Expected) -> Option<Context> {
        let Some(place) = Place::new(path) else { return Some(Context::Prose) };
        match self {
            Self::ChatCompletions | Self::Completions => {
                Some(openai::answer::context(place.parts(), expected))
            }
            Self::Embeddings | Self::Moderations | Self::Models => Some(Context::Prose),
            Self::Responses
            | Self::StoredResponse
            | Self::CancelResponse
            | Self::ResponseInputItems => responses::answer::context(place.parts(), expected),
            Self::Messages | Self::CountTokens => {
                anthropic::answer::context(place.parts(), expected)
            }
            Self::Unlisted | Self::Unread => Some(unlisted::context(path)),
        }
    }

    /// Which API's words bodies and events are written in.
    pub(super) fn dialect(self) -> Dialect {
        match self {
            Self::ChatCompletions
            | Self::Completions
            | Self::Embeddings
            | Self::Moderations
            | Self::Models => Dialect::Chat,
            Self::Responses
            | Self::StoredResponse
            | Self::CancelResponse
            | Self::ResponseInputItems => Dialect::Responses,
            Self::Messages | Self::CountTokens => Dialect::Messages,
            Self::Unlisted | Self::Unread => Dialect::Unlisted,
        }
    }
}

/// The families of endpoints that share their words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// OpenAI's chat completions and what is like them.
    Chat,
    /// OpenAI's responses.
    Responses,
    /// Anthropic's messages.
    Messages,
    /// Words that nobody here knows.
    Unlisted,
}

#[cfg(test)]
mod tests;
