//! Tells of a stream that was left whether its end had come.

use super::Telling;
use crate::wire::{Endpoint, endpoint::Dialect};
use bytes::Bytes;
use std::{collections::VecDeque, fmt};

/// The most pieces that are kept of an event that comes in several.
const MOST_KEPT: usize = 4;

/// Keeps the last event of a stream, to be read only once somebody asks for its end. It is kept as it came, without a copy, until the
/// next piece comes. An end that is cut over more than four pieces is missed.
pub struct Closing {
    endpoint: Endpoint,
    last: VecDeque<Bytes>,
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closing(…)")
    }
}

impl Closing {
    /// Of a stream at its beginning.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, last: VecDeque::new() }
    }

    /// Takes the next bytes: whole events, at best.
    pub fn push(&mut self, bytes: &Bytes) {
        if bytes.is_empty() || self.endpoint.dialect() == Dialect::Unlisted {
            return;
        }
        let is_new = self.last.back().is_some_and(|before| ends_event(before));
        if is_new {
            self.last.clear();
        } else if self.last.len() == MOST_KEPT {
            self.last.pop_front();
        }
        self.last.push_back(bytes.clone());
    }

    /// True if the last event is the one that ends the stream, or one that reports a failure in its place. Where nobody knows which
    /// that is, never.
    pub fn has_closed(&self) -> bool {
        let mut telling = Telling::new(self.endpoint);
        for piece in &self.last {
            telling.push(piece);
        }
        telling.has_closed()
    }
}

fn ends_event(bytes: &[u8]) -> bool {
    ["\n\n", "\r\n\r\n", "\r\r"].iter().any(|end| bytes.ends_with(end.as_bytes()))
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
            closing.push(&Bytes::from(before));
            assert!(!closing.has_closed(), "{before}");
            closing.push(&Bytes::from(last));
            assert!(closing.has_closed(), "{last}");
            let mut cut = Closing::new(endpoint);
            let whole = [before, last].concat();
            let (head, tail) = whole.split_at(before.len() - 7);
            let (middle, end) = tail.split_at(19);
            for piece in [head, middle, end] {
                assert!(!cut.has_closed(), "{last}");
                cut.push(&Bytes::copy_from_slice(piece.as_bytes()));
            }
            assert!(cut.has_closed(), "{last}");
        }
    }

    #[test]
    fn of_an_unlisted_stream_nobody_knows() {
        let mut closing = Closing::new(Endpoint::Unlisted);
        closing.push(&Bytes::from("data: [DONE]\n\n"));
        assert!(!closing.has_closed());
    }

    #[test]
    fn no_more_is_kept_than_the_last_event() {
        let mut closing = Closing::new(Endpoint::ChatCompletions);
        for _ in 0..3 {
            closing.push(&Bytes::from("data: {}\n\n"));
            assert_eq!(closing.last.len(), 1);
        }
        for _ in 0..2 * MOST_KEPT {
            closing.push(&Bytes::from("data: "));
        }
        assert_eq!(closing.last.len(), MOST_KEPT);
    }
}
