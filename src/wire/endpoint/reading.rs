//! What the body of a request says about its answer, and what of it cannot be guarded.

use super::{Content, Dialect, Endpoint};
use crate::{
    json::{self, Kind, Step, Token},
    policy::{Carrier, OneWay},
    wire::{anthropic, place::Place, responses},
};

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
    pub(in crate::wire) fn keeps(&self, carrier: Option<Carrier>) -> bool {
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

impl Endpoint {
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
