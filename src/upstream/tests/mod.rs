//! Against a scripted server on 127.0.0.1 that speaks raw HTTP/1.1, so that it can misbehave at will.
#![expect(
    clippy::disallowed_methods,
    reason = "the scripted server is a task that ends with the test"
)]

mod answers;
mod choosing;
mod recovery;

use super::*;
use crate::{
    call::{CacheWish, CallerId, CompletionBody, Discretion, Kind},
    redact::Redacted,
    sensitive::Sensitive,
    wire::Endpoint,
};
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tower::ServiceExt;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
const STREAM: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// What the server does once it has read a request.
enum Act {
    Send(String),
    /// Send, then close.
    Cut(&'static str),
    /// Send, then whatever comes by the channel; close when the channel closes or the peer is gone.
    Feed(&'static str, mpsc::UnboundedReceiver<&'static str>),
    Hang,
    Close,
}

fn say(answer: &str) -> Act {
    Act::Send(answer.to_owned())
}

struct Fake {
    address: SocketAddr,
    /// The requests as they came, and `"gone"` when the peer left a feed.
    seen: mpsc::UnboundedReceiver<String>,
}

impl Fake {
    /// One inner list for each connection that it accepts, in order.
    async fn start(connections: Vec<Vec<Act>>) -> Self {
        Self::start_at("127.0.0.1:0", connections).await.expect("a free port")
    }

    async fn start_at(at: &str, connections: Vec<Vec<Act>>) -> Option<Self> {
        let listener = TcpListener::bind(at).await.ok()?;
        let address = listener.local_addr().unwrap();
        let (tell, seen) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for acts in connections {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(play(stream, acts, tell.clone()));
            }
        });
        Some(Self { address, seen })
    }

    fn upstreams(&self) -> Upstreams {
        self.upstreams_with(|_| {})
    }

    fn upstreams_with(&self, change: impl FnOnce(&mut UpstreamConfig)) -> Upstreams {
        let mut config = UpstreamConfig::new("fake", format!("http://{}", self.address));
        change(&mut config);
        Upstreams::new(&[config], None).unwrap()
    }

    async fn next_request(&mut self) -> String {
        self.seen.recv().await.unwrap()
    }
}

async fn play(mut stream: TcpStream, acts: Vec<Act>, tell: mpsc::UnboundedSender<String>) {
    for act in acts {
        let Some(request) = read_request(&mut stream).await else { return };
        let _ = tell.send(request);
        match act {
            Act::Send(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            Act::Feed(head, feed) => return play_feed(stream, head, feed, tell).await,
            Act::Hang => std::future::pending().await,
            Act::Cut(answer) => return stream.write_all(answer.as_bytes()).await.unwrap(),
            Act::Close => return,
        }
    }
}

async fn play_feed(
    mut stream: TcpStream,
    head: &str,
    mut feed: mpsc::UnboundedReceiver<&'static str>,
    tell: mpsc::UnboundedSender<String>,
) {
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut byte = [0];
    loop {
        tokio::select! {
            part = feed.recv() => match part {
                Some(part) => stream.write_all(part.as_bytes()).await.unwrap(),
                None => return,
            },
            _ = stream.read(&mut byte) => {
                let _ = tell.send("gone".into());
                return;
            }
        }
    }
}

/// Head and body, or `None` at the end of the connection.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
            if body.len() >= length {
                return Some(String::from_utf8(bytes).unwrap());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn prompt() -> Prompt {
    Prompt {
        caller: CallerId::new("caller"),
        request_id: "r1".into(),
        endpoint: Endpoint::ChatCompletions,
        upstream: None,
        method: Method::POST,
        target: Redacted::for_test("/v1/chat/completions?a=1"),
        headers: HeaderMap::new(),
        body: Redacted::for_test(r#"{"model":"m"}"#),
        streamed: false,
        policy_version: "v".into(),
        cache: CacheWish::default(),
        deadline: None,
        shared: false,
        traceparent: None,
        discretion: Discretion::default(),
    }
}

fn with_headers(pairs: &[(&'static str, &'static str)]) -> Prompt {
    let mut prompt = prompt();
    for (name, value) in pairs {
        prompt.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    prompt
}

async fn kind_of(upstreams: Upstreams) -> Kind {
    upstreams.oneshot(prompt()).await.unwrap_err().kind()
}

fn whole(completion: Completion) -> Bytes {
    match completion.body {
        CompletionBody::Whole(bytes) => bytes,
        CompletionBody::Stream(_) => panic!("a stream"),
    }
}

type Chunks = futures_util::stream::BoxStream<'static, Result<Bytes, Error>>;

fn stream(completion: Completion) -> Chunks {
    match completion.body {
        CompletionBody::Whole(_) => panic!("not a stream"),
        CompletionBody::Stream(stream) => stream,
    }
}

#[tokio::test]
async fn a_prompt_goes_out_and_its_answer_comes_back() {
    let mut fake = Fake::start(vec![vec![say(
        "HTTP/1.1 418 Teapot\r\nx-request-id: u1\r\nconnection: x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\n\
         content-length: 5\r\n\r\nshort",
    )]])
    .await;
    let completion = fake.upstreams().oneshot(prompt()).await.unwrap();
    assert_eq!(completion.status, 418);
    let names: Vec<&str> = completion.headers.keys().map(HeaderName::as_str).collect();
    assert_eq!(names, ["x-request-id", "content-length"]);
    assert_eq!(whole(completion), "short");
    let request = fake.next_request().await;
    assert!(request.starts_with("POST /v1/chat/completions?a=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: {}\r\n", fake.address)), "{request}");
    assert!(request.ends_with("content-length: 13\r\n\r\n{\"model\":\"m\"}"), "{request}");
}

#[tokio::test]
async fn only_headers_for_the_upstream_are_sent() {
    let mut fake = Fake::start(vec![vec![say(OK)]]).await;
    let mut prompt = with_headers(&[
        ("authorization", "Bearer caller-key"),
        ("openai-beta", "a"),
        ("openai-beta", "b"),
        ("x-guard-policy", "p"),
        ("x-user-id", "u"),
        ("host", "elsewhere.example"),
        ("content-length", "999"),
        ("accept-encoding", "gzip, br"),
        ("connection", "x-drop"),
        ("x-drop", "1"),
        ("transfer-encoding", "chunked"),
        ("traceparent", "stale"),
    ]);
    prompt.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    fake.upstreams().oneshot(prompt).await.unwrap();
    let request = fake.next_request().await;
    let mut lines: Vec<&str> =
        request.split("\r\n").skip(1).take_while(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    let host = format!("host: {}", fake.address);
    let mut expected = vec![
        "accept-encoding: identity",
        "authorization: Bearer caller-key",
        "content-length: 13",
        &host,
        "openai-beta: a",
        "openai-beta: b",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ];
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn an_own_key_replaces_every_key_of_the_caller() {
    for (style, expected) in [
        (KeyStyle::Bearer, "authorization: Bearer own"),
        (KeyStyle::XApiKey, "x-api-key: own"),
        (KeyStyle::ApiKey, "api-key: own"),
    ] {
        let mut fake = Fake::start(vec![vec![say(OK)]]).await;
        let key = ApiKey::Own { key: Sensitive::new("own"), style };
        let upstreams = fake.upstreams_with(|config| config.api_key = key);
        let callers = [
            ("authorization", "Bearer c"),
            ("x-api-key", "caller"),
            ("api-key", "caller"),
            ("x-goog-api-key", "caller"),
        ];
        upstreams.oneshot(with_headers(&callers)).await.unwrap();
        let request = fake.next_request().await;
        assert!(request.contains(expected), "{request}");
        assert!(!request.contains("caller") && !request.contains("Bearer c"), "{request}");
    }
}

#[tokio::test]
async fn a_path_before_v1_is_kept_and_a_written_v1_is_not_doubled() {
    let mut fake = Fake::start(vec![vec![say(OK)]]).await;
    let base = format!("http://{}/proxy/openai/v1/", fake.address);
    let upstreams = fake.upstreams_with(|config| config.base_url = base);
    upstreams.oneshot(prompt()).await.unwrap();
    let request = fake.next_request().await;
    assert!(request.starts_with("POST /proxy/openai/v1/chat/completions?a=1 "), "{request}");
}

#[tokio::test]
async fn ipv6_literals_are_reached() {
    let Some(mut fake) = Fake::start_at("[::1]:0", vec![vec![say(OK)]]).await else {
        return; // a machine without IPv6
    };
    fake.upstreams().oneshot(prompt()).await.unwrap();
    assert!(fake.next_request().await.contains("host: [::1]:"));
}

#[tokio::test]
async fn a_refused_connection_is_unreachable() {
    let fake = Fake::start(vec![]).await; // its listener is dropped at once
    tokio::task::yield_now().await;
    assert_eq!(kind_of(fake.upstreams()).await, Kind::UpstreamUnreachable);
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_is_unreachable() {
    let fake = Fake::start(vec![vec![say(OK)]]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
    });
    let upstreams = fake.upstreams_with(|config| config.base_url = base);
    assert_eq!(kind_of(upstreams).await, Kind::UpstreamUnreachable);
}

#[tokio::test]
async fn connections_are_used_again() {
    let mut fake = Fake::start(vec![vec![say(OK), say(OK)]]).await; // a second connection would hang
    let upstreams = fake.upstreams();
    for _ in 0..2 {
        upstreams.clone().oneshot(prompt()).await.unwrap();
        fake.next_request().await;
    }
}

#[tokio::test]
async fn a_connection_that_died_in_the_pool_is_replaced() {
    let mut fake = Fake::start(vec![vec![say(OK), Act::Close], vec![say(OK)]]).await;
    let upstreams = fake.upstreams();
    for _ in 0..2 {
        assert_eq!(whole(upstreams.clone().oneshot(prompt()).await.unwrap()), "{}");
    }
    for _ in 0..3 {
        fake.next_request().await; // the second prompt was sent twice, in vain and in earnest
    }
}

#[tokio::test]
async fn a_connection_that_is_lost_while_the_upstream_may_be_at_work_is_not_replaced() {
    let (feed, parts) = mpsc::unbounded_channel();
    let mut fake = Fake::start(vec![vec![say(OK), Act::Feed("", parts)], vec![say(OK)]]).await;
    let upstreams = fake.upstreams();
    upstreams.clone().oneshot(prompt()).await.unwrap();
    let call = tokio::spawn(kind_of(upstreams));
    for _ in 0..2 {
        fake.next_request().await;
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(300)).await;
    drop(feed);
    assert_eq!(call.await.unwrap(), Kind::UpstreamUnreachable);
    assert!(fake.seen.try_recv().is_err());
}

#[tokio::test]
async fn a_connection_that_has_brought_a_byte_of_an_answer_is_not_replaced() {
    for begun in [
        "H",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n",
    ] {
        let broken = vec![say(OK), Act::Cut(begun)];
        let mut fake = Fake::start(vec![broken, vec![say(OK)]]).await;
        let upstreams = fake.upstreams();
        upstreams.clone().oneshot(prompt()).await.unwrap();
        let call = tokio::spawn(kind_of(upstreams));
        for _ in 0..2 {
            fake.next_request().await;
        }
        assert_eq!(call.await.unwrap(), Kind::UpstreamUnreachable, "{begun}");
        assert!(fake.seen.try_recv().is_err(), "{begun}");
    }
}

#[tokio::test]
async fn a_fresh_connection_that_dies_is_not_tried_again() {
    let mut fake = Fake::start(vec![vec![Act::Close], vec![say(OK)]]).await;
    assert_eq!(kind_of(fake.upstreams()).await, Kind::UpstreamUnreachable);
    fake.next_request().await;
    assert!(fake.seen.try_recv().is_err());
}

#[tokio::test]
async fn http2_is_spoken_without_tls_where_it_is_said() {
    let mut fake = Fake::start(vec![vec![say(OK)]]).await;
    let upstreams = fake.upstreams_with(|config| config.http_version = HttpVersion::Two);
    let call = tokio::spawn(kind_of(upstreams));
    assert!(fake.next_request().await.starts_with("PRI * HTTP/2.0\r\n"));
    call.abort();
}

#[tokio::test]
async fn a_target_that_is_no_path_is_invalid() {
    let fake = Fake::start(vec![]).await;
    for target in ["", "v1/models", "//evil.example/ x", "/v1/a b"] {
        let prompt = Prompt { target: Redacted::for_test(target), ..prompt() };
        let error = fake.upstreams().oneshot(prompt).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{target:?}");
    }
}
