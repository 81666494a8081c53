//! What a request's body says that matters for where it goes: its model, and whether it leans on one upstream.

use crate::{
    json::{self, Kind, Step},
    wire::Endpoint,
};
use bytes::Bytes;
use std::ops::Range;

/// What was read of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// The model.
    pub(super) model: Option<String>,
    /// Where its name stands, between the quotes; more than once if the member is there more than once.
    places: Vec<Range<usize>>,
    /// Members that lean on what one upstream keeps.
    leans: bool,
    /// The answer is not kept upstream.
    unstored: bool,
}

impl Asked {
    /// Reads the members next to the root. A body that is no JSON asks for nothing.
    pub(super) fn read(body: &[u8]) -> Self {
        let mut asked = Self::default();
        let read = json::walk(body, json::MAX_DEPTH, &mut |path, token| {
            let [Step::Key(name), rest @ ..] = path else { return };
            match (name.as_ref(), token.kind()) {
                // Of a member that stands twice the last counts, as for all JSON readers in use.
                ("model", Kind::String) if rest.is_empty() => {
                    asked.model = Some(token.decode().into_owned());
                    asked.places.push(token.range());
                }
                ("store", Kind::Literal) => asked.unstored = token.raw() == "false",
                ("previous_response_id" | "conversation" | "background", Kind::String) => {
                    asked.leans = true;
                }
                ("background", Kind::Literal) => asked.leans |= token.raw() == "true",
                _ => {}
            }
        });
        if read.is_ok() { asked } else { Self::default() }
    }

    /// The body with another model in it.
    pub(super) fn renamed(&self, body: &Bytes, model: &str) -> Bytes {
        if self.model.as_deref() == Some(model) {
            return body.clone();
        }
        let mut renamed = Vec::with_capacity(body.len() + model.len());
        let mut name = String::new();
        json::encode_into(model, &mut name);
        let mut copied = 0;
        for place in &self.places {
            renamed.extend_from_slice(&body[copied..place.start]);
            renamed.extend_from_slice(name.as_bytes());
            copied = place.end;
        }
        renamed.extend_from_slice(&body[copied..]);
        renamed.into()
    }

    /// Whether it takes more than the endpoint to know [`may_go_elsewhere`](Self::may_go_elsewhere).
    pub(super) fn decides(endpoint: Endpoint) -> bool {
        endpoint == Endpoint::Responses
    }

    /// Whether another upstream can answer in the place of the one that was asked: not where one keeps what the
    /// request leans on, or what a later one will.
    pub(super) fn may_go_elsewhere(&self, endpoint: Endpoint) -> bool {
        match endpoint {
            Endpoint::ChatCompletions
            | Endpoint::Completions
            | Endpoint::Embeddings
            | Endpoint::Moderations
            | Endpoint::Messages
            | Endpoint::CountTokens => true,
            Endpoint::Responses => self.unstored && !self.leans,
            Endpoint::Models
            | Endpoint::StoredResponse
            | Endpoint::CancelResponse
            | Endpoint::ResponseInputItems
            | Endpoint::Unlisted
            | Endpoint::Unread => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_that_next_to_the_root() {
        let body = br#"{"metadata":{"model":"x"},"model":"a","tools":[{"model":"y"}],"model":"gpt-\u0034"}"#;
        let asked = Asked::read(body);
        assert_eq!(asked.model.as_deref(), Some("gpt-4"));
        let renamed = asked.renamed(&Bytes::from_static(body), "a\"b");
        assert_eq!(
            renamed,
            &br#"{"metadata":{"model":"x"},"model":"a\"b","tools":[{"model":"y"}],"model":"a\"b"}"#
                [..]
        );
    }

    #[test]
    fn without_a_model_nothing_is_renamed() {
        for body in [&b""[..], b"{\"model\": 7}", b"[1", b"{\"model\":\"a\""] {
            let asked = Asked::read(body);
            assert_eq!(asked, Asked::default());
            assert_eq!(asked.renamed(&Bytes::from_static(body), "m"), body);
        }
    }

    #[test]
    fn what_leans_on_an_upstream_stays_there() {
        let elsewhere =
            |endpoint, body: &str| Asked::read(body.as_bytes()).may_go_elsewhere(endpoint);
        assert!(elsewhere(Endpoint::ChatCompletions, "{}"));
        assert!(!elsewhere(Endpoint::StoredResponse, ""));
        assert!(!elsewhere(Endpoint::Responses, "{}"));
        assert!(elsewhere(Endpoint::Responses, r#"{"store":false,"background":false}"#));
        assert!(!elsewhere(Endpoint::Responses, r#"{"store":false,"conversation":{"id":"c"}}"#));
        assert!(!elsewhere(Endpoint::Responses, r#"{"store":false,"previous_response_id":"r"}"#));
    }
}
