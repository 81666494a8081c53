//! From answers and stream events to typed values.

use super::{ChatChunk, ChoiceDelta, ProviderError, ToolCallDelta, Usage};
use crate::{
    sensitive::Sensitive,
    wire::{
        Error,
        sse::{Frames, Payload},
    },
};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads a whole answer; every choice is one delta that holds all of it.
///
/// # Errors
/// [`Error::Malformed`] if it is no JSON object of the form.
pub fn answer(body: &[u8]) -> Result<ChatChunk, Error> {
    let wire: WireChunk = serde_json::from_slice(body).map_err(|_| Error::Malformed)?;
    Ok(wire.into())
}

/// Reads the bytes of an event stream, cut anywhere.
#[derive(Debug, Default)]
pub struct ChunkReader {
    frames: Frames,
    done: bool,
}

impl ChunkReader {
    /// A reader at the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and appends the chunks that are complete with them.
    ///
    /// # Errors
    /// [`Error::Malformed`] for an event that is no JSON, [`Error::TooLarge`] for one without end. What was complete
    /// before it has been appended.
    pub fn push(&mut self, bytes: &[u8], chunks: &mut Vec<ChatChunk>) -> Result<(), Error> {
        let Self { frames, done } = self;
        frames.push(bytes, &mut |frame| {
            match frame.payload()? {
                Payload::None => {}
                Payload::Done => *done = true,
                Payload::Data(data) => chunks.push(answer(data.as_bytes())?),
            }
            Ok(())
        })
    }

    /// True once `[DONE]` has come: nothing follows.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Says whether the stream ended between two events.
    ///
    /// # Errors
    /// [`Error::Truncated`] if it ended inside one.
    pub fn finish(self) -> Result<(), Error> {
        if self.frames.is_between_events() { Ok(()) } else { Err(Error::Truncated) }
    }
}

/// Null counts as absent, everywhere.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Deserialize)]
struct WireChunk {
    id: Option<String>,
    model: Option<String>,
    /// Some providers send a floating-point number.
    created: Option<f64>,
    #[serde(default, deserialize_with = "or_default")]
    choices: Vec<WireChoice>,
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct WireChoice {
    index: Option<u32>,
    delta: Option<WireDelta>,
    message: Option<WireDelta>,
    text: Option<String>,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct WireDelta {
    role: Option<String>,
    content: Option<WireContent>,
    refusal: Option<String>,
    reasoning_content: Option<String>,
    reasoning: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    tool_calls: Vec<WireToolCall>,
    function_call: Option<WireFunction>,
}

/// Text, or the text parts that some providers send.
#[derive(Deserialize)]
#[serde(untagged)]
enum WireContent {
    Text(String),
    Parts(Vec<WirePart>),
}

#[derive(Deserialize)]
struct WirePart {
    text: Option<String>,
}

#[derive(Deserialize)]
struct WireToolCall {
    index: Option<u32>,
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    function: Option<WireFunction>,
    custom: Option<WireFunction>,
}

#[derive(Deserialize)]
struct WireFunction {
    name: Option<String>,
    #[serde(alias = "input")]
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct WireUsage {
    #[serde(default, deserialize_with = "or_default")]
    prompt_tokens: u64,
    #[serde(default, deserialize_with = "or_default")]
    completion_tokens: u64,
    #[serde(default, deserialize_with = "or_default")]
    total_tokens: u64,
    #[serde(default, deserialize_with = "or_default")]
    prompt_tokens_details: WireDetails,
    #[serde(default, deserialize_with = "or_default")]
    completion_tokens_details: WireDetails,
}

#[derive(Default, Deserialize)]
struct WireDetails {
    #[serde(default, deserialize_with = "or_default")]
    cached_tokens: u64,
    #[serde(default, deserialize_with = "or_default")]
    reasoning_tokens: u64,
}

impl From<WireChunk> for ChatChunk {
    fn from(wire: WireChunk) -> Self {
        let numbered = (0..).zip(wire.choices);
        Self {
            id: wire.id,
            model: wire.model,
            #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
            created: wire.created.map(|seconds| seconds as i64),
            choices: numbered.map(|(place, choice)| choice.into_delta(place)).collect(),
            usage: wire.usage.map(Usage::from),
            error: wire.error.as_ref().and_then(provider_error),
        }
    }
}

impl WireChoice {
    fn into_delta(self, place: u32) -> ChoiceDelta {
        let delta = self.delta.or(self.message).unwrap_or_default();
        let called = delta.function_call.map(WireToolCall::legacy);
        let calls = delta.tool_calls.into_iter().chain(called);
        ChoiceDelta {
            index: self.index.unwrap_or(place),
            role: delta.role,
            content: delta.content.map(WireContent::into_text).or(self.text).map(Sensitive::new),
            refusal: delta.refusal.map(Sensitive::new),
            reasoning: delta.reasoning_content.or(delta.reasoning).map(Sensitive::new),
            tool_calls: (0..).zip(calls).map(|(place, call)| call.into_delta(place)).collect(),
            finish_reason: self.finish_reason,
        }
    }
}

impl WireContent {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => parts.into_iter().filter_map(|part| part.text).collect(),
        }
    }
}

impl WireToolCall {
    /// The single function call of the API before tools.
    fn legacy(function: WireFunction) -> Self {
        Self { index: None, id: None, kind: None, function: Some(function), custom: None }
    }

    fn into_delta(self, place: u32) -> ToolCallDelta {
        let function = self.function.or(self.custom);
        let (name, arguments) =
            function.map_or((None, None), |function| (function.name, function.arguments));
        ToolCallDelta {
            index: self.index.unwrap_or(place),
            id: self.id,
            kind: self.kind,
            name,
            arguments: arguments.map(Sensitive::new),
        }
    }
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        Self {
            prompt_tokens: wire.prompt_tokens,
            completion_tokens: wire.completion_tokens,
            total_tokens: wire.total_tokens,
            cached_tokens: wire.prompt_tokens_details.cached_tokens,
            reasoning_tokens: wire.completion_tokens_details.reasoning_tokens,
        }
    }
}

/// Providers send an object, or a bare string; `code` may be a number.
fn provider_error(value: &Value) -> Option<ProviderError> {
    let text = |key: &str| match value.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    if value.is_null() {
        return None;
    }
    let message = text("message").or_else(|| value.as_str().map(str::to_owned));
    Some(ProviderError {
        message: Sensitive::new(message.unwrap_or_else(|| "the provider reports an error".into())),
        kind: text("type"),
        param: text("param"),
        code: text("code"),
    })
}
