//! Follows a stream for its end alone.

use super::Telling;
use crate::wire::{Endpoint, endpoint::Dialect};
use memchr::memmem::Finder;
use std::{fmt, sync::LazyLock};

/// What stands in the event that ends a stream, and in hardly any before. A failure ends all of them.
static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks {
    chat: ["[DONE]", FAILURE].map(Finder::new).to_vec(),
    messages: ["message_stop", FAILURE].map(Finder::new).to_vec(),
    responses: ["response.completed", "response.incomplete", "response.failed", FAILURE]
        .map(Finder::new)
        .to_vec(),
});

const FAILURE: &str = "\"error\"";

struct Marks {
    chat: Vec<Finder<'static>>,
    messages: Vec<Finder<'static>>,
    responses: Vec<Finder<'static>>,
}

/// Tells whether a stream has told its end. Only what may do that is read: for all before it costs a search over the bytes. An end
/// whose mark is cut over two pieces is missed.
pub struct Closing {
    telling: Telling,
    marks: &'static [Finder<'static>],
    /// A mark has come; it may have been text.
    is_near: bool,
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing").field("is_near", &self.is_near).finish_non_exhaustive()
    }
}

impl Closing {
    /// Of a stream at its beginning.
    pub fn new(endpoint: Endpoint) -> Self {
        let marks = match endpoint.dialect() {
            Dialect::Chat => MARKS.chat.as_slice(),
            Dialect::Messages => &MARKS.messages,
            Dialect::Responses => &MARKS.responses,
            Dialect::Unlisted => &[],
        };
        Self { telling: Telling::new(endpoint), marks, is_near: false }
    }

    /// Takes the next bytes: whole events, at best.
    pub fn push(&mut self, bytes: &[u8]) {
        self.is_near = self.is_near || self.marks.iter().any(|mark| mark.find(bytes).is_some());
        if self.is_near {
            self.telling.push(bytes);
        }
    }

    /// True once the event has come that ends the stream, or one that reports a failure in its place. Where nobody knows which
    /// that is, never.
    pub fn has_closed(&self) -> bool {
        self.is_near && self.telling.has_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_closed_with_its_last_event_and_not_with_its_words() {
        for (endpoint, before, last) in [
            (
                Endpoint::ChatCompletions,
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"[DONE]\"}}]}\n\n",
                "data: [DONE]\n\n",
            ),
            (
                Endpoint::ChatCompletions,
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\\"error\\\"\"}}]}\n\n",
                "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
            ),
            (
                Endpoint::Messages,
                "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"message_stop\"}}\n\n",
                "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
            ),
            (
                Endpoint::Responses,
                "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\n",
                "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n",
            ),
        ] {
            let mut closing = Closing::new(endpoint);
            closing.push(before.as_bytes());
            assert!(!closing.has_closed(), "{before}");
            closing.push(last.as_bytes());
            assert!(closing.has_closed(), "{last}");
        }
    }

    #[test]
    fn of_an_unlisted_stream_nobody_knows() {
        let mut closing = Closing::new(Endpoint::Unlisted);
        closing.push(b"data: [DONE]\n\n");
        assert!(!closing.has_closed());
    }
}
