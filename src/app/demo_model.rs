//! The built-in demo model: an OpenAI-compatible server that answers with what it saw.
//!
//! It stands in for a real provider, over a real socket, so that the demo shows what would leave the building.

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::sleep;

/// The model's name.
pub(super) const MODEL: &str = "demo";

/// Pause between two events of a stream, so that one sees it stream.
const PACE: Duration = Duration::from_millis(15);

/// The last user message that the model saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen(Arc<Mutex<String>>);

impl Seen {
    pub(super) fn last(&self) -> String {
        self.0.lock().map(|seen| seen.clone()).unwrap_or_default()
    }

    fn set(&self, text: &str) {
        if let Ok(mut seen) = self.0.lock() {
            text.clone_into(&mut seen);
        }
    }
}

/// The model's routes.
pub(super) fn router(seen: Seen) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/completions", post(completions))
        .route("/v1/embeddings", post(embeddings))
        .route("/v1/models", get(models))
        .with_state(seen)
}

async fn chat(State(seen): State<Seen>, Json(request): Json<Value>) -> Response {
    let prompt = last_message(&request);
    seen.set(&prompt);
    let answer = format!("I am a demo model. You wrote: {prompt}");
    if request["stream"] == json!(true) {
        streamed(&request, &answer)
    } else {
        Json(whole(&request, &answer)).into_response()
    }
}

/// The text of the last message, whether it is a string or a list of parts.
fn last_message(request: &Value) -> String {
    let content = &request["messages"]
        .as_array()
        .and_then(|messages| messages.last())
        .unwrap_or(&Value::Null)["content"];
    match content {
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join(" ")
        }
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn whole(request: &Value, answer: &str) -> Value {
    let choices: Vec<Value> = (0..choices(request))
        .map(|index| json!({"index": index, "message": {"role": "assistant", "content": answer, "refusal": null}, "logprobs": null, "finish_reason": "stop"}))
        .collect();
    json!({"id": "chatcmpl-demo", "object": "chat.completion", "created": 0, "model": request["model"], "choices": choices, "usage": usage(answer)})
}

fn streamed(request: &Value, answer: &str) -> Response {
    let model = request["model"].clone();
    let event = move |delta: Value, finish: Value| {
        let chunk = json!({"id": "chatcmpl-demo", "object": "chat.completion.chunk", "created": 0, "model": model,
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]});
        format!("data: {chunk}\n\n")
    };
    let mut events = vec![event(json!({"role": "assistant", "content": ""}), Value::Null)];
    events.extend(
        pieces(answer).into_iter().map(|piece| event(json!({"content": piece}), Value::Null)),
    );
    events.push(event(json!({}), json!("stop")));
    events.push("data: [DONE]\n\n".to_owned());
    let paced = stream::iter(events).then(|event| async move {
        sleep(PACE).await;
        Ok::<_, Infallible>(Bytes::from(event))
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(paced)).into_response()
}

/// Small pieces that cut placeholders, as a model's tokens do.
fn pieces(answer: &str) -> Vec<String> {
    answer.chars().collect::<Vec<_>>().chunks(4).map(|piece| piece.iter().collect()).collect()
}

fn choices(request: &Value) -> u64 {
    request["n"].as_u64().unwrap_or(1).clamp(1, 8)
}

fn usage(answer: &str) -> Value {
    let words = answer.split_whitespace().count();
    json!({"prompt_tokens": words, "completion_tokens": words, "total_tokens": 2 * words})
}

async fn completions(State(seen): State<Seen>, Json(request): Json<Value>) -> Json<Value> {
    let prompt = request["prompt"].as_str().unwrap_or_default();
    seen.set(prompt);
    Json(
        json!({"id": "cmpl-demo", "object": "text_completion", "created": 0, "model": request["model"],
        "choices": [{"index": 0, "text": format!("You wrote: {prompt}"), "logprobs": null, "finish_reason": "stop"}], "usage": usage(prompt)}),
    )
}

/// A vector that depends on the input's length alone: the demo model understands nothing.
async fn embeddings(Json(request): Json<Value>) -> Json<Value> {
    let inputs = match &request["input"] {
        Value::Array(inputs) => inputs.clone(),
        one @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_)) => vec![one.clone()],
    };
    let data: Vec<Value> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let length = f64::from(u32::try_from(input.to_string().len()).unwrap_or(u32::MAX));
            json!({"object": "embedding", "index": index, "embedding": [length.sin(), length.cos()]})
        })
        .collect();
    Json(
        json!({"object": "list", "model": request["model"], "data": data, "usage": {"prompt_tokens": 0, "total_tokens": 0}}),
    )
}

async fn models() -> Json<Value> {
    Json(
        json!({"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "prompt-guard"}]}),
    )
}
