//! Plain HTTP and gRPC for tests: a request in, the whole answer out, nothing read into it.

use super::Server;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::{client::legacy, rt::TokioExecutor};
use prompt_guard::grpc::proto::{
    ChatMessage, ProxyCompletionRequest, ProxyCompletionResponse, chat_message::Body,
    guard_client::GuardClient,
};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tonic::transport::{Channel, Endpoint};

/// How long any single thing may take before its test fails. Long, since the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the model said to a chat.
    #[track_caller]
    pub(crate) fn said(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    }

    /// What the model said to a streamed chat.
    #[track_caller]
    pub(crate) fn streamed(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text());
        said(&self.body, 0)
    }

    /// Status, `error.type` and `error.code` of an error, after a look at its shape.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, String, Option<String>) {
        let body = self.json();
        let error = error_of(&body);
        let code = error["code"].as_str().map(str::to_owned);
        (self.status, error["type"].as_str().unwrap().to_owned(), code)
    }

    /// `error.param`.
    pub(crate) fn param(&self) -> Option<String> {
        self.json()["error"]["param"].as_str().map(str::to_owned)
    }
}

/// The error object of a body or an event, which must have all four keys of OpenAI's.
#[track_caller]
pub(crate) fn error_of(body: &Value) -> &Value {
    let error = &body["error"];
    for key in ["message", "type", "param", "code"] {
        assert!(error.get(key).is_some(), "the error has no {key}: {body}");
    }
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    error
}

/// The data of all events of a stream.
pub(crate) fn events(stream: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(stream);
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|data| serde_json::from_str(data).ok()).collect()
}

/// What one choice of a streamed chat says.
pub(crate) fn said(stream: &[u8], index: u64) -> String {
    gathered(stream, index, |delta| &delta["content"])
}

/// The arguments of the first tool call of one choice of a streamed chat.
pub(crate) fn arguments(stream: &[u8], index: u64) -> String {
    gathered(stream, index, |delta| &delta["tool_calls"][0]["function"]["arguments"])
}

fn gathered(stream: &[u8], index: u64, part: impl Fn(&Value) -> &Value) -> String {
    let events = events(stream);
    let choices = events.iter().filter_map(|event| event["choices"].as_array()).flatten();
    let ours = choices.filter(|choice| choice["index"] == json!(index));
    ours.filter_map(|choice| part(&choice["delta"]).as_str()).collect()
}

type Http = legacy::Client<legacy::connect::HttpConnector, Full<Bytes>>;

fn http() -> Http {
    legacy::Client::builder(TokioExecutor::new()).build_http()
}

/// A request that is not sent yet.
pub(crate) fn request(
    method: Method,
    uri: String,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::new(body.into())).unwrap()
}

/// A whole answer to any request.
pub(crate) async fn exchange(request: Request<Full<Bytes>>) -> Answer {
    whole(timeout(PATIENCE, http().request(request)).await.unwrap().unwrap()).await
}

/// The rest of an answer.
pub(crate) async fn whole(response: Response<Incoming>) -> Answer {
    let (head, body) = response.into_parts();
    let body = timeout(PATIENCE, body.collect()).await.unwrap().unwrap().to_bytes();
    Answer { status: head.status.as_u16(), headers: head.headers, body }
}

impl Server {
    /// Posts JSON and reads the whole answer.
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        exchange(self.posting(path, headers, body)).await
    }

    /// Posts JSON and reads the head of the answer.
    pub(crate) async fn open(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Incoming> {
        let request = self.posting(path, headers, body);
        timeout(PATIENCE, http().request(request)).await.unwrap().unwrap()
    }

    /// The request of `post`.
    pub(crate) fn posting(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Request<Full<Bytes>> {
        let mut request =
            request(Method::POST, format!("{}{path}", self.url()), headers, body.into());
        let json = http::HeaderValue::from_static("application/json");
        request.headers_mut().entry(CONTENT_TYPE).or_insert(json);
        request
    }

    /// Asks without a body.
    pub(crate) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        exchange(request(method, format!("{}{path}", self.url()), headers, Bytes::new())).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[]).await
    }

    /// Asks the model one thing.
    pub(crate) async fn chat(&self, text: &str) -> Answer {
        self.chat_with(&[], text, json!({})).await
    }

    /// Asks the model one thing, with headers and more members of the body.
    pub(crate) async fn chat_with(
        &self,
        headers: &[(&str, &str)],
        text: &str,
        more: Value,
    ) -> Answer {
        self.post("/v1/chat/completions", headers, chat_body(text, more)).await
    }

    /// Sends bytes as they are and reads until the server closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // A server that has seen enough may reset the connection; what it said before counts.
        let _ = timeout(PATIENCE, socket.read_to_end(&mut answer)).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A gRPC client.
    pub(crate) async fn grpc(&self) -> GuardClient<Channel> {
        grpc_at(self.address).await
    }
}

/// A gRPC client of an address.
pub(crate) async fn grpc_at(address: SocketAddr) -> GuardClient<Channel> {
    let endpoint = Endpoint::try_from(format!("http://{address}")).unwrap();
    GuardClient::new(endpoint.connect().await.unwrap())
}

/// The body of a chat with one message.
pub(crate) fn chat_body(text: &str, more: Value) -> String {
    let mut body = json!({"model": "echo", "messages": [{"role": "user", "content": text}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body.to_string()
}

/// The same chat by gRPC.
pub(crate) fn grpc_chat(text: &str) -> ProxyCompletionRequest {
    ProxyCompletionRequest {
        model: "echo".to_owned(),
        messages: vec![message(text)],
        ..ProxyCompletionRequest::default()
    }
}

/// A user's message.
pub(crate) fn message(text: &str) -> ChatMessage {
    ChatMessage {
        role: "user".to_owned(),
        body: Some(Body::Content(text.to_owned())),
        ..ChatMessage::default()
    }
}

/// All parts of a completion by gRPC, and how it ended.
pub(crate) async fn grpc_parts(
    client: &mut GuardClient<Channel>,
    request: ProxyCompletionRequest,
) -> (Vec<ProxyCompletionResponse>, Result<(), tonic::Status>) {
    let mut parts = Vec::new();
    let reading = async {
        let mut stream = client.proxy_completion(request).await?.into_inner();
        while let Some(part) = stream.message().await? {
            parts.push(part);
        }
        Ok(())
    };
    let ended = timeout(PATIENCE, reading).await.unwrap();
    (parts, ended)
}

/// What the first choice of a completion by gRPC says.
pub(crate) fn grpc_said(parts: &[ProxyCompletionResponse]) -> String {
    let choices = parts.iter().flat_map(|part| &part.choices).filter(|choice| choice.index == 0);
    choices.filter_map(|choice| Some(choice.delta.as_ref()?.content.as_str())).collect()
}

/// A body that is read piece by piece.
#[derive(Debug)]
pub(crate) struct Reading {
    body: Incoming,
    seen: Vec<u8>,
}

impl Reading {
    pub(crate) fn of(response: Response<Incoming>) -> Self {
        Self { body: response.into_body(), seen: Vec::new() }
    }

    /// Reads on until `text` has come.
    pub(crate) async fn until(&mut self, text: &str) {
        let reading = async {
            while memchr::memmem::find(&self.seen, text.as_bytes()).is_none() {
                let frame = self.body.frame().await.expect("the body ends too early").unwrap();
                self.seen.extend_from_slice(&frame.into_data().unwrap_or_default());
            }
        };
        let came = timeout(PATIENCE, reading).await;
        assert!(came.is_ok(), "{text} does not come after {}", self.text());
    }

    /// All that has been read.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Reads to the end, and gives all of the body.
    pub(crate) async fn rest(mut self) -> Vec<u8> {
        let rest = timeout(PATIENCE, self.body.collect()).await.unwrap().unwrap().to_bytes();
        self.seen.extend_from_slice(&rest);
        self.seen
    }
}

/// Tries until it holds; for what another process does in its own time.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let trying = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(timeout(PATIENCE, trying).await.is_ok(), "{what}");
}
