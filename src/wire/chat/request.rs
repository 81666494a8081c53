//! From typed values to the JSON body of `POST /v1/chat/completions`.

use crate::sensitive::Sensitive;
use serde_json::{Map, Number, Value, json};

/// A chat request.
#[derive(Clone, Default)]
pub struct ChatRequest {
    /// The model's name.
    pub model: String,
    /// The conversation, oldest first.
    pub messages: Vec<ChatMessage>,
    /// Tools that the model may call.
    pub tools: Vec<ChatTool>,
    /// Whether it may, must or must not.
    pub tool_choice: Option<ToolChoice>,
    /// Answer in chunks.
    pub stream: bool,
    /// All other fields, such as `temperature` or `response_format`; a field set above wins.
    pub params: Map<String, Value>,
}

impl std::fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatRequest")
            .field("model", &self.model)
            .field("messages", &self.messages.len())
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

/// One message of a conversation.
#[derive(Clone, Debug, Default)]
pub struct ChatMessage {
    /// `system`, `developer`, `user`, `assistant` or `tool`.
    pub role: String,
    /// The text; `None` is sent as null, as for an assistant that only called tools.
    pub content: Option<Sensitive>,
    /// Content parts as the provider's API has them (text, images, …), instead of `content`. JSON text of an array.
    pub parts: Option<Sensitive>,
    /// Name of the participant.
    pub name: Option<Sensitive>,
    /// The tools that an assistant called.
    pub tool_calls: Vec<ChatToolCall>,
    /// In a `tool` message: the call that it answers.
    pub tool_call_id: Option<String>,
    /// An assistant's refusal.
    pub refusal: Option<Sensitive>,
}

/// A call that an assistant made.
#[derive(Clone, Debug)]
pub struct ChatToolCall {
    /// The call's id.
    pub id: String,
    /// The function's name.
    pub name: String,
    /// The arguments, as JSON text.
    pub arguments: Sensitive,
}

/// A function that the model may call.
#[derive(Clone, Debug, Default)]
pub struct ChatTool {
    /// Its name.
    pub name: String,
    /// What it does, for the model.
    pub description: Option<String>,
    /// JSON schema of its parameters.
    pub parameters: Option<Value>,
    /// Hold the model to the schema.
    pub strict: Option<bool>,
}

/// Whether the model calls tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// As it likes.
    Auto,
    /// Never.
    None,
    /// At least one.
    Required,
    /// This function.
    Function(String),
}

impl ChatRequest {
    /// The body to send. A message's `parts` that are no JSON are sent as text, for the provider to judge.
    pub fn to_json(&self) -> Vec<u8> {
        let mut body = Map::new();
        body.insert("model".into(), self.model.as_str().into());
        body.insert("messages".into(), self.messages.iter().map(ChatMessage::to_value).collect());
        if !self.tools.is_empty() {
            body.insert("tools".into(), self.tools.iter().map(ChatTool::to_value).collect());
        }
        if let Some(choice) = &self.tool_choice {
            body.insert("tool_choice".into(), choice.to_value());
        }
        if self.stream {
            body.insert("stream".into(), true.into());
        }
        for (key, value) in &self.params {
            body.entry(key.as_str()).or_insert_with(|| value.clone());
        }
        Value::Object(body).to_string().into_bytes()
    }
}

impl ChatMessage {
    /// A message with text.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self { role: role.into(), content: Some(Sensitive::new(content.into())), ..Self::default() }
    }

    fn to_value(&self) -> Value {
        let mut message = Map::new();
        message.insert("role".into(), self.role.as_str().into());
        message.insert("content".into(), self.content_value());
        insert_text(&mut message, "name", self.name.as_ref());
        insert_text(&mut message, "refusal", self.refusal.as_ref());
        if !self.tool_calls.is_empty() {
            let calls = self.tool_calls.iter().map(ChatToolCall::to_value).collect();
            message.insert("tool_calls".into(), calls);
        }
        if let Some(id) = &self.tool_call_id {
            message.insert("tool_call_id".into(), id.as_str().into());
        }
        message.into()
    }

    fn content_value(&self) -> Value {
        match (&self.parts, &self.content) {
            (Some(parts), _) => serde_json::from_str(parts.expose())
                .unwrap_or_else(|_| parts.expose().as_str().into()),
            (None, Some(text)) => text.expose().as_str().into(),
            (None, None) => Value::Null,
        }
    }
}

impl ChatToolCall {
    fn to_value(&self) -> Value {
        json!({
            "id": self.id,
            "type": "function",
            "function": { "name": self.name, "arguments": self.arguments.expose() },
        })
    }
}

impl ChatTool {
    fn to_value(&self) -> Value {
        let mut function = Map::new();
        function.insert("name".into(), self.name.as_str().into());
        if let Some(description) = &self.description {
            function.insert("description".into(), description.as_str().into());
        }
        if let Some(parameters) = &self.parameters {
            function.insert("parameters".into(), parameters.clone());
        }
        if let Some(strict) = self.strict {
            function.insert("strict".into(), strict.into());
        }
        json!({ "type": "function", "function": function })
    }
}

impl ToolChoice {
    fn to_value(&self) -> Value {
        match self {
            Self::Auto => "auto".into(),
            Self::None => "none".into(),
            Self::Required => "required".into(),
            Self::Function(name) => json!({ "type": "function", "function": { "name": name } }),
        }
    }
}

fn insert_text(object: &mut Map<String, Value>, key: &str, text: Option<&Sensitive>) {
    if let Some(text) = text {
        object.insert(key.into(), text.expose().as_str().into());
    }
}

/// A number as JSON has it: a whole one without a decimal point, since providers refuse `"max_tokens": 16.0`, and
/// protocols that know only floating point deliver it so. `None` for infinities and NaN.
pub fn number(value: f64) -> Option<Number> {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
    if value.fract() == 0.0 && value.abs() <= LARGEST_EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}
