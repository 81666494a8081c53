//! Reads an answer for what it tells of itself, whole or as it comes.

use super::Told;
use crate::{
    json::Glance,
    wire::{
        Endpoint, Error, anthropic,
        endpoint::Dialect,
        openai, responses,
        sse::{Frame, Frames, Payload},
    },
};
use std::fmt;

/// Reads the bytes of one event stream, cut anywhere. What is no event tells nothing.
pub struct Telling {
    dialect: Dialect,
    /// `None` once the stream was found to be unreadable.
    frames: Option<Frames>,
    told: Told,
}

impl fmt::Debug for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telling").field("told", &self.told).finish_non_exhaustive()
    }
}

impl Telling {
    /// A stream at its beginning.
    pub fn new(endpoint: Endpoint) -> Self {
        let dialect = endpoint.dialect();
        // Where nobody knows how a stream ends, none is told to have ended too early.
        let told = Told { complete: dialect == Dialect::Unlisted, ..Told::default() };
        Self { dialect, frames: Some(Frames::default()), told }
    }

    /// What an answer tells that came whole; of anything but JSON, nothing.
    pub fn whole(endpoint: Endpoint, body: &[u8]) -> Told {
        let mut told = Told::default();
        hear(endpoint.dialect(), body, &mut told);
        told.complete = true;
        settled(endpoint.dialect(), told)
    }

    /// Takes the next bytes, and gives how many events with something in them are complete with these.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let Self { dialect, frames, told } = self;
        let mut n_events = 0;
        let read = frames.as_mut().map(|frames| {
            frames.push(bytes, &mut |frame| {
                n_events += usize::from(event(*dialect, frame, told)?);
                Ok(())
            })
        });
        if matches!(read, Some(Err(_))) {
            self.frames = None;
        }
        n_events
    }

    /// True once nothing more need come: by the event that says so, or since a choice has ended, behind which some providers send
    /// nothing.
    pub fn has_ended(&self) -> bool {
        self.told.complete || self.told.failed || !self.told.finish_reasons.is_empty()
    }

    /// True once the event has come that ends the stream, or one that reports a failure in its place. Where nobody knows which that is,
    /// never.
    pub fn has_closed(&self) -> bool {
        self.dialect != Dialect::Unlisted && (self.told.complete || self.told.failed)
    }

    /// What the stream has told so far.
    pub fn told(&self) -> Told {
        settled(self.dialect, self.told.clone())
    }

    /// The model that has told its name so far.
    pub fn model(&self) -> Option<&str> {
        self.told.model.as_deref()
    }
}

/// True for an event with something in it.
fn event(dialect: Dialect, frame: Frame<'_>, told: &mut Told) -> Result<bool, Error> {
    match frame.payload()? {
        Payload::None => Ok(false),
        Payload::Done => {
            told.complete = true;
            Ok(false)
        }
        Payload::Data(data) => {
            hear(dialect, data.as_bytes(), told);
            Ok(true)
        }
    }
}

fn hear(dialect: Dialect, data: &[u8], told: &mut Told) {
    let data = Glance::at(data);
    match dialect {
        Dialect::Chat => openai::told::hear(data, told),
        Dialect::Responses => responses::told::hear(data, told),
        Dialect::Messages => anthropic::told::hear(data, told),
        Dialect::Unlisted => {}
    }
}

/// Anthropic counts what its cache was read and written for apart from the rest of the input; the others include it.
fn settled(dialect: Dialect, mut told: Told) -> Told {
    if dialect == Dialect::Messages {
        let cached = [told.usage.cache_read, told.usage.cache_write].into_iter().flatten();
        let cached = cached.fold(0, u64::saturating_add);
        told.usage.input = told.usage.input.map(|input| input.saturating_add(cached));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Usage;

    fn told(finish: &[&str], usage: Usage) -> Told {
        Told {
            id: Some("a-1".to_owned()),
            model: Some("m-1".to_owned()),
            finish_reasons: finish.iter().map(|reason| (*reason).to_owned()).collect(),
            usage,
            failed: false,
            complete: true,
        }
    }

    fn tokens(input: u64, output: u64) -> Usage {
        Usage { input: Some(input), output: Some(output), ..Usage::default() }
    }

    /// A stream tells the same however it is cut.
    #[track_caller]
    fn check(endpoint: Endpoint, events: &[&str], expected: &Told) {
        let stream: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
        for size in 1..=stream.len() {
            let mut telling = Telling::new(endpoint);
            let events = stream.as_bytes().chunks(size).map(|chunk| telling.push(chunk));
            let n_events: usize = events.sum();
            assert_eq!(telling.told(), *expected, "in pieces of {size}");
            assert_eq!(n_events, stream.matches("data: {").count());
            assert!(telling.has_ended());
            assert!(telling.has_closed());
        }
        let mut telling = Telling::new(endpoint);
        let last = stream.trim_end().rfind("data: ").unwrap();
        telling.push(&stream.as_bytes()[..last]);
        assert!(!telling.has_closed(), "the last event is still to come");
    }

    #[test]
    fn chats() {
        let whole = br#"{"id":"a-1","choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":9}"},"finish_reason":"stop"},
            {"finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12,
            "prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":2}},"model":"m-1"}"#;
        let usage = Usage { cache_read: Some(3), reasoning: Some(2), ..tokens(5, 7) };
        assert_eq!(
            Telling::whole(Endpoint::ChatCompletions, whole),
            told(&["stop", "length"], usage)
        );
        let events = [
            r#"{"id":"a-1","model":"m-1","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}],"usage":null}"#,
            r#"{"id":"a-2","model":"m-1","choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":5,"completion_tokens":1}}"#,
            r#"{"id":"a-1","model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#,
            r#"{"id":"a-1","model":"m-1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}"#,
            "[DONE]",
        ];
        check(Endpoint::ChatCompletions, &events, &told(&["stop"], tokens(5, 7)));
    }

    #[test]
    fn messages_count_what_was_cached_to_the_input() {
        let whole = br#"{"id":"a-1","model":"m-1","content":[{"type":"tool_use","input":{"usage":{"input_tokens":1}}}],
            "stop_reason":"end_turn","usage":{"input_tokens":5,"cache_read_input_tokens":30,"cache_creation_input_tokens":200,
            "output_tokens":7}}"#;
        let usage = Usage { cache_read: Some(30), cache_write: Some(200), ..tokens(235, 7) };
        assert_eq!(Telling::whole(Endpoint::Messages, whole), told(&["end_turn"], usage));
        let events = [
            r#"{"type":"message_start","message":{"id":"a-1","model":"m-1","stop_reason":null,"usage":{"input_tokens":5,
                "cache_read_input_tokens":30,"cache_creation_input_tokens":200,"output_tokens":1}}}"#
                .replace('\n', ""),
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"stop_reason"}}"#.into(),
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}"#.into(),
            r#"{"type":"message_stop"}"#.into(),
        ];
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        check(Endpoint::Messages, &events, &told(&["end_turn"], usage));
    }

    #[test]
    fn responses() {
        let answer = r#"{"id":"a-1","model":"m-1","status":"incomplete","error":null,"incomplete_details":{"reason":"max_output_tokens"},
            "output":[{"id":"b-1","status":"completed"}],"usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":3},
            "output_tokens":7,"output_tokens_details":{"reasoning_tokens":2}}}"#
            .replace('\n', "");
        let usage = Usage { cache_read: Some(3), reasoning: Some(2), ..tokens(5, 7) };
        let expected = told(&["max_output_tokens"], usage);
        assert_eq!(Telling::whole(Endpoint::Responses, answer.as_bytes()), expected);
        let begun = r#"{"type":"response.created","response":{"id":"a-1","model":"m-1","status":"in_progress","usage":null}}"#;
        let ended = format!(r#"{{"type":"response.incomplete","response":{answer}}}"#);
        let item =
            r#"{"type":"response.output_item.done","item":{"id":"b-1","status":"completed"}}"#;
        check(Endpoint::Responses, &[begun, item, &ended], &expected);
    }

    #[test]
    fn what_the_provider_reports_in_a_stream_is_a_failure() {
        for (endpoint, event) in [
            (Endpoint::ChatCompletions, r#"{"error":{"message":"x","type":"server_error"}}"#),
            (Endpoint::Messages, r#"{"type":"error","error":{"type":"overloaded_error"}}"#),
            (Endpoint::Responses, r#"{"type":"error","code":"server_error","message":"x"}"#),
            (
                Endpoint::Responses,
                r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"x"}}}"#,
            ),
        ] {
            let mut telling = Telling::new(endpoint);
            telling.push(format!("data: {event}\n\n").as_bytes());
            assert!(telling.told().failed, "{event}");
        }
    }

    #[test]
    fn text_in_the_place_of_a_name_is_not_told() {
        let body = br#"{"id":"+1 415 555 0123","model":"Ann wrote: hello","choices":[{"finish_reason":"Ann Example"}],
            "usage":{"prompt_tokens":-4,"completion_tokens":"7"}}"#;
        let told = Telling::whole(Endpoint::ChatCompletions, body);
        assert_eq!(told, Told { complete: true, ..Told::default() });
        assert_eq!(super::super::asked_model(body), None);
        assert_eq!(super::super::asked_model(br#"{"model":"m-1"}"#).as_deref(), Some("m-1"));
    }

    #[test]
    fn what_cannot_be_read_tells_nothing_and_breaks_nothing() {
        let mut telling = Telling::new(Endpoint::ChatCompletions);
        assert_eq!(telling.push(b"data: \xff\n\ndata: {\"id\":\"a-1\"}\n\n"), 0);
        assert_eq!(telling.push(b"data: {\"id\":\"a-1\"}\n\n"), 0);
        assert_eq!(telling.told(), Told::default());
    }
}
