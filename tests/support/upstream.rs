//! A model that records every byte it gets, and answers what a test asks for.

use super::{
    server::assert_clean,
    wishes::{self, Cut},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, future, stream};
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG},
};
use http_body_util::BodyExt;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::{Value, json};
use std::{
    io::{self, Write as _},
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

/// How the model answers.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// Answers what the user wrote; a stream comes in pieces of so many characters. See `wishes` for what a request can ask.
    Echo { chunk: usize },
    /// Answers this status, content type and body.
    Fixed(u16, &'static str, String),
    /// The same with more headers.
    With(u16, Vec<(&'static str, &'static str)>, String),
    /// The same in a content coding, which nobody has asked for.
    Encoded(&'static str),
    /// Answers so many requests with this status and these headers, and echoes the others.
    Busy(usize, u16, Vec<(&'static str, &'static str)>),
    /// Streams these bytes as events, and ends well.
    Events(Vec<u8>),
    /// Streams these bytes, then breaks the connection.
    DieAfter(Vec<u8>),
    /// Takes the request and never answers.
    Hang,
    /// Streams what the test sends; for one request.
    Paced(Pace),
}

/// The other end of what a paced model says.
#[derive(Clone, Debug)]
pub(crate) struct Pace(Arc<Mutex<Option<mpsc::Receiver<Bytes>>>>);

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) version: http::Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Recorded {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The last message of a chat.
    pub(crate) fn said(&self) -> String {
        said(&self.json())
    }

    /// All that arrived as one text, to look for what must not be there.
    pub(crate) fn everything(&self) -> String {
        format!(
            "{} {}\n{:?}\n{}",
            self.method,
            self.target,
            self.headers,
            String::from_utf8_lossy(&self.body)
        )
    }
}

/// A running model; stops when it is dropped, and fails the test if it has seen a canary.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    shared: Shared,
    task: tokio::task::JoinHandle<()>,
}

impl Upstream {
    pub(crate) async fn echo() -> Self {
        Self::spawn(Behaviour::Echo { chunk: 3 }).await
    }

    /// A model whose one answer is a stream of what is sent. The sender knows when nobody reads any more.
    pub(crate) async fn paced() -> (Self, mpsc::Sender<Bytes>) {
        let (send, receive) = mpsc::channel(1);
        let pace = Pace(Arc::new(Mutex::new(Some(receive))));
        (Self::spawn(Behaviour::Paced(pace)).await, send)
    }

    #[expect(clippy::disallowed_methods, reason = "the task ends with the test's runtime")]
    pub(crate) async fn spawn(behaviour: Behaviour) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Shared {
            behaviour,
            recorded: Arc::default(),
            arrived: Arc::new(watch::Sender::new(0)),
            abandoned: Arc::new(watch::Sender::new(0)),
        };
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shared, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.shared.recorded.lock().unwrap().clone()
    }

    /// The one request that arrived.
    #[track_caller]
    pub(crate) fn only(&self) -> Recorded {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "one request should have arrived");
        requests.into_iter().next().unwrap()
    }

    /// Waits until so many requests have arrived.
    pub(crate) async fn arrived(&self, count: usize) {
        let mut arrived = self.shared.arrived.subscribe();
        arrived.wait_for(|arrived| *arrived >= count).await.unwrap();
    }

    /// Waits until so many requests that hang have been given up.
    pub(crate) async fn abandoned(&self, count: usize) {
        let mut abandoned = self.shared.abandoned.subscribe();
        abandoned.wait_for(|abandoned| *abandoned >= count).await.unwrap();
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
        if !std::thread::panicking() {
            assert_clean(&self.requests());
        }
    }
}

#[derive(Clone, Debug)]
struct Shared {
    behaviour: Behaviour,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    arrived: Arc<watch::Sender<usize>>,
    abandoned: Arc<watch::Sender<usize>>,
}

/// Counts when it is dropped: the server drops a request's future when its peer goes away.
struct Abandoned(Arc<watch::Sender<usize>>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.send_modify(|abandoned| *abandoned += 1);
    }
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    shared.recorded.lock().unwrap().push(Recorded {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        version: head.version,
        headers: head.headers,
        body: body.clone(),
    });
    let mut nth = 0;
    shared.arrived.send_modify(|arrived| {
        *arrived += 1;
        nth = *arrived;
    });
    let request = serde_json::from_slice(&body).unwrap_or(Value::Null);
    match shared.behaviour {
        Behaviour::Encoded(coding) => encoded(echo(head.uri.path(), &request, 3), coding).await,
        Behaviour::Busy(times, status, headers) if nth <= times => {
            with(status, &headers, "{\"error\": {\"message\": \"busy\"}}".to_owned())
        }
        Behaviour::Busy(..) => echo(head.uri.path(), &request, 3),
        Behaviour::Echo { chunk } => match wishes::hangs(&request) {
            true => hang(&request, Abandoned(shared.abandoned)).await,
            false => echo(head.uri.path(), &request, chunk),
        },
        Behaviour::Fixed(status, content_type, body) => {
            (StatusCode::from_u16(status).unwrap(), [(CONTENT_TYPE, content_type)], body)
                .into_response()
        }
        Behaviour::With(status, headers, body) => with(status, &headers, body),
        Behaviour::Events(bytes) => event_stream(Body::from(bytes)),
        Behaviour::DieAfter(bytes) => event_stream(dying(bytes)),
        Behaviour::Hang => {
            let _abandoned = Abandoned(shared.abandoned);
            future::pending().await
        }
        Behaviour::Paced(Pace(pace)) => {
            let pace = pace.lock().unwrap().take().expect("a paced model answers once");
            event_stream(Body::from_stream(ReceiverStream::new(pace).map(Ok::<_, io::Error>)))
        }
    }
}

fn with(status: u16, headers: &[(&'static str, &'static str)], body: String) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

/// The same answer in a content coding.
async fn encoded(response: Response, coding: &'static str) -> Response {
    let (mut head, body) = response.into_parts();
    let body = encode(coding, &body.collect().await.unwrap().to_bytes());
    head.headers.remove(CONTENT_LENGTH);
    head.headers.insert(CONTENT_ENCODING, coding.parse().unwrap());
    head.headers.insert(ETAG, "\"v1\"".parse().unwrap());
    Response::from_parts(head, Body::from(body))
}

/// These bytes in a content coding.
pub(crate) fn encode(coding: &str, bytes: &[u8]) -> Vec<u8> {
    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };
    match coding {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "br" => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            encoder.write_all(bytes).unwrap();
            encoder.into_inner()
        }
        "zstd" => compress_to_vec(bytes, CompressionLevel::Fastest),
        _ => panic!("no such coding: {coding}"),
    }
}

fn event_stream(body: Body) -> Response {
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// These bytes, sent before the body fails.
fn dying(bytes: Vec<u8>) -> Body {
    let pieces = [Ok(Bytes::from(bytes)), Err(io::Error::other("died"))];
    Body::from_stream(stream::iter(pieces).then(|piece| async {
        // Lets what came before be written; an error drops what is not.
        tokio::task::yield_now().await;
        piece
    }))
}

/// Never answers, or begins a stream that never ends.
async fn hang(request: &Value, abandoned: Abandoned) -> Response {
    if request["stream"] != json!(true) {
        let _abandoned = abandoned;
        return future::pending().await;
    }
    let begin = stream::once(async { Ok::<_, io::Error>(Bytes::from(": it begins\n\n")) });
    let rest = stream::once(async move {
        let _abandoned = abandoned;
        future::pending().await
    });
    event_stream(Body::from_stream(begin.chain(rest)))
}

fn echo(path: &str, request: &Value, chunk: usize) -> Response {
    let streamed = request["stream"] == json!(true);
    let cut = Cut::of(request, chunk);
    if let Some(status) = wishes::status(request) {
        return failure(path, status);
    }
    if let Some(answer) = super::surfaces::answer(path, request, &cut) {
        return answer;
    }
    match path {
        "/v1/chat/completions" if streamed => events(chat_events(request, &cut)),
        "/v1/chat/completions" => axum::Json(chat(request)).into_response(),
        "/v1/completions" => axum::Json(json!({"id": "cmpl-1", "object": "text_completion", "created": 1, "model": request["model"],
            "choices": [{"index": 0, "text": said(request), "logprobs": null, "finish_reason": "stop"}]}))
        .into_response(),
        "/v1/embeddings" => axum::Json(embeddings(request)).into_response(),
        "/v1/models" => axum::Json(json!({"object": "list", "data": [{"id": "echo", "object": "model", "created": 1, "owned_by": "tests"}]}))
            .into_response(),
        _ => (StatusCode::NOT_FOUND, axum::Json(json!({"error": {"message": "no such path", "type": "invalid_request_error", "param": null, "code": null}})))
            .into_response(),
    }
}

/// A failure in the shape of the provider that the path belongs to.
fn failure(path: &str, status: u16) -> Response {
    let kind = match status {
        401 => "authentication_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    let error = json!({"message": "as asked", "type": kind, "param": null, "code": null});
    let body = match path.starts_with("/v1/messages") {
        true => {
            json!({"type": "error", "error": {"type": kind, "message": "as asked"}, "request_id": "req_1"})
        }
        false => json!({"error": error}),
    };
    let mut response = (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response();
    if status == 429 {
        response.headers_mut().insert("retry-after", "1".parse().unwrap());
    }
    response
}

/// One vector for each input; in base64 where the SDK asks for that.
fn embeddings(request: &Value) -> Value {
    let vector = match request["encoding_format"] == json!("base64") {
        true => json!("AAAAPwAAgL4="),
        false => json!([0.5, -0.25]),
    };
    let count = request["input"].as_array().map_or(1, Vec::len);
    let data: Vec<Value> = (0..count)
        .map(|index| json!({"object": "embedding", "index": index, "embedding": vector}))
        .collect();
    json!({"object": "list", "model": request["model"], "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}})
}

/// What the user wrote: the last message's text, or the prompt.
fn said(request: &Value) -> String {
    let content = match last_message(request) {
        Some(message) => &message["content"],
        None => &request["prompt"],
    };
    match content.as_array() {
        Some(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str().or(part.as_str()))
            .collect::<Vec<_>>()
            .join(" "),
        None => content.as_str().unwrap_or_default().to_owned(),
    }
}

fn last_message(request: &Value) -> Option<&Value> {
    request["messages"].as_array().and_then(|messages| messages.last())
}

fn choices(request: &Value) -> u64 {
    request["n"].as_u64().unwrap_or(1)
}

/// Tools in the request make the model call the first one with what the user wrote, until it has the tool's result.
fn tool(request: &Value) -> Option<&Value> {
    let answered = last_message(request).is_some_and(|message| message["role"] == "tool");
    request["tools"].get(0).filter(|_| !answered).map(|tool| &tool["function"])
}

/// What the answer holds: a tool's arguments, a JSON document if one is asked for, or the text.
fn answer_text(request: &Value) -> String {
    let text = said(request);
    if let Some(tool) = tool(request) {
        return wishes::arguments(&tool["parameters"], &text).to_string();
    }
    match request["response_format"]["type"].as_str() {
        Some("json_schema") => {
            wishes::shaped(&request["response_format"]["json_schema"]["schema"], &text).to_string()
        }
        Some("json_object") => json!({"text": text}).to_string(),
        _ => text,
    }
}

fn chat(request: &Value) -> Value {
    let text = answer_text(request);
    let message = match tool(request) {
        Some(tool) => json!({"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": tool["name"], "arguments": text}}]}),
        None => json!({"role": "assistant", "content": text, "refusal": null}),
    };
    let finish = if tool(request).is_some() { "tool_calls" } else { "stop" };
    let choices: Vec<Value> = (0..choices(request))
        .map(|index| json!({"index": index, "message": message, "logprobs": null, "finish_reason": finish}))
        .collect();
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": request["model"], "choices": choices,
        "usage": usage(request)})
}

/// As many cached tokens as the cache's key has bytes: a key that was changed on the way shows.
fn usage(request: &Value) -> Value {
    let cached = request["prompt_cache_key"].as_str().map_or(0, str::len);
    json!({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "prompt_tokens_details": {"cached_tokens": cached}})
}

fn chat_events(request: &Value, cut: &Cut) -> Vec<String> {
    let tool = tool(request);
    let text = answer_text(request);
    let event = |index: u64, delta: Value, finish: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": request["model"],
            "choices": [{"index": index, "delta": delta, "finish_reason": finish}]})
        .to_string()
    };
    let all = 0..choices(request);
    let mut events: Vec<String> = all
        .clone()
        .map(|index| match tool {
            Some(tool) => event(index, json!({"role": "assistant", "tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                "function": {"name": tool["name"], "arguments": ""}}]}), Value::Null),
            None => event(index, json!({"role": "assistant", "content": ""}), Value::Null),
        })
        .collect();
    for piece in cut.pieces(&text) {
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
    if request["stream_options"]["include_usage"] == json!(true) {
        let last = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": request["model"],
            "choices": [], "usage": usage(request)});
        events.push(last.to_string());
    }
    events.push("[DONE]".to_owned());
    events
}

fn events(events: Vec<String>) -> Response {
    let pieces =
        events.into_iter().map(|data| Ok::<_, io::Error>(Bytes::from(format!("data: {data}\n\n"))));
    event_stream(Body::from_stream(stream::iter(pieces)))
}
