//! Which paths the guard can read, and what it must know of their bodies.

mod ids;

pub use ids::is_id;

use super::{
    Documents, Sealed, anthropic, openai,
    place::{Holds, Place},
    responses, unlisted,
};
use crate::{
    json::{self, Kind, Step, Token},
    policy::{Carrier, OneWay},
    redact::{Context, Restorer, Treatment},
};
use http::Method;

/// A path of a provider's API that the guard can read.
///
/// A new surface is a variant here, a row in `ROUTES`, and a file beside this one that says where its text is.
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

/// Why a request has no [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// The guard does not know the path.
    Path,
    /// The path is known, but not with this method.
    Method {
        /// The methods that are, as an `Allow` header lists them.
        allow: &'static str,
    },
}

/// What a request says about its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// It asks for a stream of events.
    pub streamed: bool,
    /// It asks for a JSON document as the text of the answer (`response_format`, `text.format`, `output_config.format`).
    pub json_content: bool,
    /// It cannot be answered rightly with a mapping of its own.
    pub needs: Option<Needs>,
    /// Where nothing is put back, by the policy.
    pub one_way: OneWay,
}

impl Expected {
    /// True if stand-ins stay at a place of this kind.
    pub(super) fn keeps(&self, carrier: Option<Carrier>) -> bool {
        carrier.is_some_and(|carrier| self.one_way.holds(carrier))
    }
}

/// Why a request must name a session: stand-ins in it, or in its answer, mean what another request made them mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The member that says so, such as `previous_response_id`.
    pub param: &'static str,
    /// The other request came earlier, so the session must be there. Else it is one that will ask for the answer later.
    pub earlier: bool,
}

/// A fault in a request that the guard cannot work around. Any other is left to the provider to judge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// The member at fault.
    pub param: Option<&'static str>,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Pattern of a path and what it means. `{id}` is one segment, `{name}` one or more: they may hold a `/`, as in
/// `org/model`. The first that fits counts.
const ROUTES: [(&str, Endpoint); 12] = [
    ("/v1/chat/completions", Endpoint::ChatCompletions),
    ("/v1/completions", Endpoint::Completions),
    ("/v1/embeddings", Endpoint::Embeddings),
    ("/v1/moderations", Endpoint::Moderations),
    ("/v1/models", Endpoint::Models),
    ("/v1/models/{name}", Endpoint::Models),
    ("/v1/responses", Endpoint::Responses),
    ("/v1/responses/{id}", Endpoint::StoredResponse),
    ("/v1/responses/{id}/cancel", Endpoint::CancelResponse),
    ("/v1/responses/{id}/input_items", Endpoint::ResponseInputItems),
    ("/v1/messages", Endpoint::Messages),
    ("/v1/messages/count_tokens", Endpoint::CountTokens),
];

/// The methods of paths that are not listed.
const UNLISTED_METHODS: [Method; 6] =
    [Method::DELETE, Method::GET, Method::HEAD, Method::PATCH, Method::POST, Method::PUT];
const UNLISTED_ALLOW: &str = "DELETE, GET, HEAD, PATCH, POST, PUT";

/// Paths beside `/v1/responses/{id}` that are no ids.
const NO_IDS: [&str; 2] = ["input_tokens", "compact"];

impl Endpoint {
    /// What a request means, by its method and its path without query, upstream prefix and host.
    ///
    /// # Errors
    /// [`Unmatched`] if the guard cannot read it. A path with `.` or `..` segments, also percent-encoded, is unknown:
    /// a server behind might take it for another one.
    pub fn find(method: &Method, path: &str) -> Result<Self, Unmatched> {
        let route = ROUTES.iter().find(|(pattern, _)| fits(pattern, path));
        let (_, endpoint) = route.ok_or(Unmatched::Path)?;
        endpoint.instead(method)
    }

    /// The same for a path that is not listed, where the operator wants this endpoint to take its place.
    ///
    /// # Errors
    /// [`Unmatched::Method`] for a method that is none of HTTP's own for documents.
    pub fn instead(self, method: &Method) -> Result<Self, Unmatched> {
        if self.methods().contains(method) {
            Ok(self)
        } else {
            Err(Unmatched::Method { allow: self.allow() })
        }
    }

    /// The path itself, if it is one of the known ones without a part of the caller's choice.
    pub fn literal(path: &str) -> Option<&'static str> {
        ROUTES.iter().map(|(known, _)| *known).find(|known| *known == path && !known.contains('{'))
    }

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

    /// Reads what a request body says about its answer, and refuses what cannot be guarded.
    ///
    /// # Errors
    /// [`Invalid`] for a body that is no JSON, and for token ids in the place of text.
    pub fn read(self, body: &[u8]) -> Result<Expected, Invalid> {
        let is_json = match self.content() {
            Content::Json => true,
            Content::MaybeJson => !body.is_empty(),
            Content::Nothing | Content::Unread => false,
        };
        if !is_json {
            return Ok(Expected { needs: self.stored(), ..Expected::default() });
        }
        let mut reading = Reading {
            endpoint: self,
            expected: Expected::default(),
            ids: None,
            item: responses::request::Item::default(),
        };
        json::walk(body, json::MAX_DEPTH, &mut |path, token| {
            // Only what stands near the root matters here.
            let Some(place) = path.get(..path.len().min(5)).and_then(Place::new) else { return };
            reading.token(place.parts(), token);
            reading.item(path, token);
        })
        .map_err(not_json)?;
        reading.end();
        reading.ids.map_or(Ok(reading.expected), |param| Err(unreadable_ids(param)))
    }

    fn stored(self) -> Option<Needs> {
        let is_stored =
            matches!(self, Self::StoredResponse | Self::CancelResponse | Self::ResponseInputItems);
        is_stored.then_some(Needs { param: "response_id", earlier: true })
    }

    fn methods(self) -> &'static [Method] {
        match self {
            Self::StoredResponse => &[Method::GET, Method::HEAD, Method::DELETE],
            Self::CancelResponse => &[Method::POST],
            Self::Models | Self::ResponseInputItems => &[Method::GET, Method::HEAD],
            Self::Unlisted | Self::Unread => &UNLISTED_METHODS,
            Self::ChatCompletions
            | Self::Completions
            | Self::Embeddings
            | Self::Moderations
            | Self::Responses
            | Self::Messages
            | Self::CountTokens => &[Method::POST],
        }
    }

    fn allow(self) -> &'static str {
        match self.methods() {
            [Method::POST] => "POST",
            [_, _] => "GET, HEAD",
            [_, _, _, _, ..] => UNLISTED_ALLOW,
            _ => "GET, HEAD, DELETE",
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

/// A request body being read.
struct Reading {
    endpoint: Endpoint,
    expected: Expected,
    /// The member that holds token ids.
    ids: Option<&'static str>,
    /// The input item that is being read.
    item: responses::request::Item,
}

impl Reading {
    fn token(&mut self, place: &[&str], token: &Token<'_>) {
        match (place, token.kind()) {
            (["stream"], Kind::Literal) => self.expected.streamed = token.raw() == "true",
            (
                ["response_format" | "output_format", "type"]
                | ["text" | "output_config", "format", "type"],
                Kind::String,
            ) => self.expected.json_content = token.decode().starts_with("json"),
            (["prompt", "*"] | ["prompt", "*", "*"], Kind::Number) => self.ids("prompt"),
            (["input", "*"] | ["input", "*", "*"], Kind::Number) => self.ids("input"),
            _ => self.needs(place, token),
        }
    }

    fn ids(&mut self, param: &'static str) {
        if matches!(self.endpoint, Endpoint::Completions | Endpoint::Embeddings) {
            self.ids = Some(param);
        }
    }

    fn needs(&mut self, place: &[&str], token: &Token<'_>) {
        let needs = match self.endpoint.dialect() {
            Dialect::Chat | Dialect::Unlisted => return,
            Dialect::Responses => responses::request::needs(place, token),
            Dialect::Messages => anthropic::request::needs(place, token),
        };
        self.need(needs);
    }

    fn item(&mut self, path: &[Step<'_>], token: &Token<'_>) {
        if self.endpoint == Endpoint::Responses {
            let needs = self.item.token(path, token);
            self.need(needs);
        }
    }

    fn end(&mut self) {
        let needs = self.item.end();
        self.need(needs);
    }

    /// What leans on an earlier request asks for more.
    fn need(&mut self, needs: Option<Needs>) {
        if needs.is_some_and(|needs| needs.earlier) || self.expected.needs.is_none() {
            self.expected.needs = needs.or(self.expected.needs);
        }
    }
}

fn not_json(error: json::Error) -> Invalid {
    Invalid { param: None, message: format!("the body is not valid JSON: {error}") }
}

fn unreadable_ids(param: &'static str) -> Invalid {
    let message = format!(
        "{param} holds token ids, in which private data cannot be found; send text instead (LangChain's embeddings: \
         check_embedding_ctx_length=False)"
    );
    Invalid { param: Some(param), message }
}

fn fits(pattern: &str, path: &str) -> bool {
    let Some((before, after)) = pattern.split_once('{') else { return pattern == path };
    let (kind, after) = after.split_once('}').unwrap_or((after, ""));
    let inner = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    inner.is_some_and(|inner| match kind {
        "id" => !NO_IDS.contains(&inner) && is_plain(inner) && inner.bytes().all(is_id_byte),
        _ => is_plain(inner),
    })
}

fn is_id_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

fn is_plain(tail: &str) -> bool {
    !tail.is_empty()
        && tail.split('/').all(|segment| {
            let dots = segment.to_ascii_lowercase().replace("%2e", ".");
            !segment.is_empty() && dots != "." && dots != ".."
        })
        && !tail.to_ascii_lowercase().contains("%2f..")
}

#[cfg(test)]
mod tests;
