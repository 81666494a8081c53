//! A model that records every byte it gets, and answers what a test asks for.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

/// How the model answers.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Answers what the user wrote; a stream comes in pieces of so many characters.
    Echo { chunk: usize },
    /// Answers this status, content type and body.
    Fixed(u16, &'static str, String),
    /// Streams these bytes, then breaks the connection.
    DieAfter(Vec<u8>),
    /// Takes the request and never answers.
    Hang,
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub method: String,
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Recorded {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// All that arrived as one text, to look for what must not be there.
    pub fn everything(&self) -> String {
        format!(
            "{} {}\n{:?}\n{}",
            self.method,
            self.target,
            self.headers,
            String::from_utf8_lossy(&self.body)
        )
    }
}

/// A running model; stops when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    pub address: SocketAddr,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Upstream {
    pub async fn echo() -> Self {
        Self::spawn(Behaviour::Echo { chunk: 3 }).await
    }

    #[expect(clippy::disallowed_methods, reason = "the task ends with the test's runtime")]
    pub async fn spawn(behaviour: Behaviour) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let recorded = Arc::<Mutex<Vec<Recorded>>>::default();
        let router = Router::new().fallback(answer).with_state((behaviour, Arc::clone(&recorded)));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, recorded, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn requests(&self) -> Vec<Recorded> {
        self.recorded.lock().unwrap().clone()
    }

    /// The one request that arrived.
    #[track_caller]
    pub fn only(&self) -> Recorded {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "one request should have arrived");
        requests.into_iter().next().unwrap()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Shared = (Behaviour, Arc<Mutex<Vec<Recorded>>>);

async fn answer(State((behaviour, recorded)): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    recorded.lock().unwrap().push(Recorded {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: head.headers,
        body: body.clone(),
    });
    match behaviour {
        Behaviour::Echo { chunk } => echo(head.uri.path(), &body, chunk),
        Behaviour::Fixed(status, content_type, body) => {
            (StatusCode::from_u16(status).unwrap(), [(CONTENT_TYPE, content_type)], body)
                .into_response()
        }
        Behaviour::DieAfter(bytes) => {
            let said = stream::iter([Ok(Bytes::from(bytes))]);
            // Later, or the server under it would throw away what it has not sent yet.
            let died = stream::once(async {
                tokio::time::sleep(Duration::from_millis(200)).await;
                Err(std::io::Error::other("died"))
            });
            ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(said.chain(died)))
                .into_response()
        }
        Behaviour::Hang => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

fn echo(path: &str, body: &[u8], chunk: usize) -> Response {
    let request: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let streamed = request["stream"] == json!(true);
    match path {
        "/v1/chat/completions" if streamed => events(chat_events(&request, chunk)),
        "/v1/chat/completions" => axum::Json(chat(&request)).into_response(),
        "/v1/completions" => axum::Json(json!({"id": "cmpl-1", "object": "text_completion", "created": 1, "model": request["model"],
            "choices": [{"index": 0, "text": said(&request), "logprobs": null, "finish_reason": "stop"}]}))
        .into_response(),
        "/v1/embeddings" => axum::Json(json!({"object": "list", "model": request["model"],
            "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}], "usage": {"prompt_tokens": 1, "total_tokens": 1}}))
        .into_response(),
        "/v1/models" => axum::Json(json!({"object": "list", "data": [{"id": "echo", "object": "model", "created": 1, "owned_by": "tests"}]}))
            .into_response(),
        _ => (StatusCode::NOT_FOUND, axum::Json(json!({"error": {"message": "no such path", "type": "invalid_request_error", "param": null, "code": null}})))
            .into_response(),
    }
}

/// What the user wrote: the last message's text, or the prompt.
fn said(request: &Value) -> String {
    let content = match request["messages"].as_array().and_then(|messages| messages.last()) {
        Some(message) => &message["content"],
        None => &request["prompt"],
    };
    match content {
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str().or(part.as_str()))
            .collect::<Vec<_>>()
            .join(" "),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

fn choices(request: &Value) -> u64 {
    request["n"].as_u64().unwrap_or(1)
}

/// Tools in the request make the model call the first one with what the user wrote.
fn tool_name(request: &Value) -> Option<&str> {
    request["tools"][0]["function"]["name"].as_str()
}

fn arguments(request: &Value) -> String {
    json!({"text": said(request)}).to_string()
}

fn chat(request: &Value) -> Value {
    let message = match tool_name(request) {
        Some(name) => json!({"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments(request)}}]}),
        None => json!({"role": "assistant", "content": said(request), "refusal": null}),
    };
    let finish = if tool_name(request).is_some() { "tool_calls" } else { "stop" };
    let choices: Vec<Value> = (0..choices(request))
        .map(|index| json!({"index": index, "message": message, "logprobs": null, "finish_reason": finish}))
        .collect();
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": request["model"], "choices": choices,
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}})
}

fn chat_events(request: &Value, chunk: usize) -> Vec<String> {
    let tool = tool_name(request);
    let text = if tool.is_some() { arguments(request) } else { said(request) };
    let event = |index: u64, delta: Value, finish: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": request["model"],
            "choices": [{"index": index, "delta": delta, "finish_reason": finish}]})
        .to_string()
    };
    let all = 0..choices(request);
    let mut events: Vec<String> = all
        .clone()
        .map(|index| match tool {
            Some(name) => event(index, json!({"role": "assistant", "tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                "function": {"name": name, "arguments": ""}}]}), Value::Null),
            None => event(index, json!({"role": "assistant", "content": ""}), Value::Null),
        })
        .collect();
    for piece in text.chars().collect::<Vec<_>>().chunks(chunk) {
        let piece: String = piece.iter().collect();
        for index in all.clone() {
            let delta = match tool {
                Some(_) => json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}),
                None => json!({"content": piece}),
            };
            events.push(event(index, delta, Value::Null));
        }
    }
    let finish = if tool.is_some() { "tool_calls" } else { "stop" };
    events.extend(all.map(|index| event(index, json!({}), json!(finish))));
    events.push("[DONE]".to_owned());
    events
}

fn events(events: Vec<String>) -> Response {
    let pieces = events
        .into_iter()
        .map(|data| Ok::<_, std::io::Error>(Bytes::from(format!("data: {data}\n\n"))));
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(stream::iter(pieces))).into_response()
}
