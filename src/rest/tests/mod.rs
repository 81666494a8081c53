//! The whole facade in front of a stack of the test's own making.

mod native;

use super::*;
use crate::{
    call::{CacheOutcome, Completed, CompletionBody, Error, Facts, Kind},
    detect::EntityType,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

type Headers<'a> = &'a [(&'a str, &'a str)];
type Seen = Arc<Mutex<Vec<Call>>>;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// Up to the first error, if there is one.
    body: String,
    broken: bool,
}

/// The facade over a stack that answers by `reply`, and what the stack was asked.
fn facade(
    reply: impl Fn(Call) -> Result<Reply, Error> + Send + Sync + 'static,
) -> (axum::Router, Seen) {
    facade_with(RestConfig { max_body_bytes: 100, ..RestConfig::default() }, reply)
}

fn facade_with(
    config: RestConfig,
    reply: impl Fn(Call) -> Result<Reply, Error> + Send + Sync + 'static,
) -> (axum::Router, Seen) {
    let seen = Seen::default();
    let (recorder, reply) = (seen.clone(), Arc::new(reply));
    let stack = tower::service_fn(move |call: Call| {
        recorder.lock().unwrap().push(call.clone());
        let reply = reply.clone();
        async move { reply(call) }
    });
    let readiness = Readiness::default();
    readiness.set(State::Ready);
    let metrics = MetricsText::new(|| "prompt_guard_up 1\n".to_owned());
    let rest = Rest::new(config, Stack::new(stack), readiness, metrics);
    (rest.router(Serves::All), seen)
}

fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

async fn send(router: &axum::Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let (mut bytes, mut broken) = (Vec::new(), false);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(_) => broken = true,
        }
    }
    Answer {
        status: head.status,
        headers: head.headers,
        body: String::from_utf8(bytes).unwrap(),
        broken,
    }
}

/// Sends one request and says what came back.
async fn ask(
    router: &axum::Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Answer {
    send(router, request(method, path, headers, body)).await
}

fn completed(content_type: &'static str, body: CompletionBody) -> Result<Reply, Error> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    headers.insert("x-request-id", HeaderValue::from_static("up-1"));
    headers.insert("transfer-encoding", HeaderValue::from_static("chunked"));
    headers.insert("openai-processing-ms", HeaderValue::from_static("5"));
    let facts = Facts {
        policy: "default_pii".into(),
        findings: [(EntityType::builtin("EMAIL_ADDRESS"), 2)].into(),
        cache: CacheOutcome::Miss,
        unscanned: vec![],
    };
    Ok(Reply::Completed(Completed { status: StatusCode::OK, headers, body, facts }))
}

fn streamed(content_type: &'static str, chunks: Vec<Result<Bytes, Error>>) -> Result<Reply, Error> {
    completed(content_type, CompletionBody::Stream(stream::iter(chunks).boxed()))
}

fn whole(_: Call) -> Result<Reply, Error> {
    completed("application/json", CompletionBody::Whole(Bytes::from_static(b"{\"ok\":1}")))
}

/// `error.code` of a JSON error body, after checking its form.
#[track_caller]
fn code(answer: &Answer) -> String {
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let error = body["error"].as_object().unwrap();
    let mut keys: Vec<&str> = error.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["code", "message", "param", "type"]);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(answer.headers.contains_key("x-request-id"));
    error["code"].as_str().unwrap_or("null").to_owned()
}

#[tokio::test]
async fn a_completion_goes_down_as_it_came_and_comes_back_with_our_headers() {
    let (router, seen) = facade(whole);
    let headers = [
        ("content-type", "application/json"),
        ("authorization", "Bearer k"),
        ("x-guard-policy", "pci_dss"),
        ("x-user-id", "ann"),
        ("x-extra", "kept"),
        ("x-forwarded-for", "192.0.2.7"),
    ];
    let answer =
        ask(&router, "POST", "/openai/v1/chat/completions?beta=1", &headers, "{ \"a\" : 1 }").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "{\"ok\":1}"));
    for (name, value) in [
        ("x-guard-policy", "default_pii"),
        ("x-guard-findings", "EMAIL_ADDRESS=2"),
        ("x-guard-cache", "miss"),
        ("x-upstream-request-id", "up-1"),
        ("openai-processing-ms", "5"),
        ("content-length", "8"),
    ] {
        assert_eq!(answer.headers[name], value, "{name}");
    }
    assert!(answer.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
    assert!(!answer.headers.contains_key("transfer-encoding"));

    let call = seen.lock().unwrap().pop().unwrap();
    assert_eq!(call.policy.as_deref(), Some("pci_dss"));
    assert!(call.caller.expose().ends_with("/user:ann"), "ann, under her credential");
    let Task::Complete(complete) = call.task else { panic!("not a completion") };
    assert_eq!(complete.upstream.as_deref(), Some("openai"));
    assert_eq!(complete.path.expose(), "/v1/chat/completions");
    assert_eq!(complete.query.unwrap().expose(), "beta=1");
    assert_eq!(complete.body.0, "{ \"a\" : 1 }");
    let mut names: Vec<&str> = complete.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["authorization", "content-type", "x-extra"]);
}

#[tokio::test]
async fn errors_of_the_stack_come_out_in_openais_shape() {
    let (router, _) = facade(|_| {
        Err(Error::Blocked {
            policy: "pci_dss".into(),
            entity_type: EntityType::builtin("CREDIT_CARD"),
        })
    });
    let answer = ask(&router, "POST", "/v1/chat/completions", &[], "{}").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (400, "content_blocked"));
    assert_eq!(answer.headers["x-should-retry"], "false");
}

#[tokio::test]
async fn requests_that_cannot_be_read_never_reach_the_stack() {
    let (router, seen) = facade(whole);
    let long = "x".repeat(101);
    let cases: [(&str, &str, Headers<'_>, &str, u16, &str); 14] = [
        ("POST", "/v1/files", &[], "{}", 403, "unguarded_endpoint"),
        ("GET", "/nothing", &[], "", 404, "not_found"),
        ("GET", "/v1/chat/completions", &[], "", 405, "method_not_allowed"),
        ("BREW", "/v1/chat/completions", &[], "", 405, "method_not_allowed"),
        ("POST", "/v1/chat/completions", &[], "", 400, "null"),
        ("POST", "/v1/chat/completions", &[], &long, 413, "request_too_large"),
        (
            "POST",
            "/v1/chat/completions",
            &[("content-length", "9999999999")],
            "{}",
            413,
            "request_too_large",
        ),
        ("POST", "/v1/chat/completions", &[("content-type", "text/plain")], "{}", 400, "null"),
        ("POST", "/v1/chat/completions", &[("content-encoding", "gzip")], "{}", 400, "null"),
        ("POST", "/v1/chat/completions", &[("x-guard-session", "a b")], "{}", 400, "null"),
        ("POST", "/a/v1/chat/completions", &[("x-guard-upstream", "b")], "{}", 400, "null"),
        ("GET", "/v1/models", &[], "body", 400, "null"),
        ("POST", "/guard/v1/scan", &[], "{", 400, "null"),
        ("DELETE", "/guard/v1/sessions/a%20b", &[], "", 400, "null"),
    ];
    for (method, path, headers, body, status, expected) in cases {
        let answer = send(&router, request(method, path, headers, body.to_owned())).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path} {headers:?}");
        assert_eq!(code(&answer), expected, "{method} {path} {headers:?}");
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_without_a_length_is_bounded_too() {
    let (router, _) = facade(whole);
    let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 64])));
    let answer =
        send(&router, request("POST", "/v1/embeddings", &[], Body::from_stream(endless))).await;
    assert_eq!(answer.status.as_u16(), 413);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for_without_end() {
    let (router, _) = facade(whole);
    let silent = stream::pending::<Result<Bytes, std::io::Error>>();
    let answer =
        send(&router, request("POST", "/v1/embeddings", &[], Body::from_stream(silent))).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (408, "request_timeout"));
}

#[tokio::test]
async fn an_error_in_an_event_stream_becomes_its_last_event() {
    let events = |last: &'static [u8]| {
        move |_| {
            let cut = Error::UpstreamUnreachable("reset".into());
            streamed("text/event-stream", vec![Ok(Bytes::from_static(last)), Err(cut)])
        }
    };
    for (chunk, gap) in [(&b"data: 1\n\n"[..], ""), (b"data: 1\r\n\r\n", ""), (b"data: {", "\n\n")]
    {
        let (router, _) = facade(events(chunk));
        let answer = ask(&router, "POST", "/v1/chat/completions", &[], "{}").await;
        assert!(!answer.broken);
        assert_eq!(answer.headers["cache-control"], "no-cache");
        let start = String::from_utf8(chunk.to_vec()).unwrap() + gap;
        let event = answer.body.strip_prefix(start.as_str()).unwrap();
        let json = event.strip_prefix("data: ").unwrap().strip_suffix("\n\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(body["error"]["code"], "upstream_unreachable");
    }
}

#[tokio::test]
async fn an_error_in_any_other_stream_breaks_the_connection() {
    let (router, _) = facade(|_| {
        let cut = Error::UpstreamUnreachable("reset".into());
        streamed("application/json", vec![Ok(Bytes::from_static(b"{\"a\":")), Err(cut)])
    });
    let answer = ask(&router, "POST", "/v1/chat/completions", &[], "{}").await;
    assert!(answer.broken);
    assert_eq!(answer.body, "{\"a\":");
}

#[tokio::test]
async fn panics_end_one_request_and_are_answered() {
    let (router, _) = facade(|_| panic!("secret"));
    let answer = ask(&router, "POST", "/v1/chat/completions", &[], "{}").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (500, "internal_error"));
    assert!(!answer.body.contains("secret"));

    let (router, _) = facade(|_| {
        let chunks = stream::once(async { panic!("secret") }).boxed();
        completed("text/event-stream", CompletionBody::Stream(chunks))
    });
    let answer = ask(&router, "POST", "/v1/chat/completions", &[], "{}").await;
    assert!(answer.body.contains("internal_error") && !answer.body.contains("secret"));
}

#[tokio::test]
async fn a_caller_who_leaves_drops_the_upstreams_stream() {
    struct Upstream(Arc<AtomicU64>);
    impl Drop for Upstream {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicU64::new(0));
    let counter = dropped.clone();
    let (router, _) = facade(move |_| {
        let upstream = Upstream(counter.clone());
        let chunks = stream::repeat_with(move || {
            let _held = &upstream;
            Ok(Bytes::from_static(b"data: 1\n\n"))
        });
        completed("text/event-stream", CompletionBody::Stream(chunks.boxed()))
    });
    let ask = request("POST", "/v1/chat/completions", &[], "{}");
    let mut response = router.oneshot(ask).await.unwrap();
    assert!(response.body_mut().frame().await.is_some());
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    drop(response);
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn head_and_options_have_no_body() {
    let (router, seen) = facade(whole);
    let answer = ask(&router, "HEAD", "/v1/models", &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    assert_eq!(seen.lock().unwrap().len(), 1);
    let answer = ask(&router, "OPTIONS", "/v1/chat/completions", &[], "").await;
    assert_eq!(answer.status.as_u16(), 204);
    assert_eq!(answer.headers["allow"], "POST");
}

#[tokio::test]
async fn listeners_serve_their_own_paths_only() {
    let (readiness, metrics) = (Readiness::default(), MetricsText::default());
    let stack = Stack::new(tower::service_fn(|call| async { whole(call) }));
    let rest = Rest::new(RestConfig::default(), stack, readiness, metrics);
    for (serves, path, status) in [
        (Serves::Calls, "/v1/models", 200),
        (Serves::Calls, "/metrics", 404),
        (Serves::Admin, "/metrics", 200),
        (Serves::Admin, "/v1/models", 404),
        (Serves::All, "/metrics", 200),
    ] {
        let answer = ask(&rest.router(serves), "GET", path, &[], "").await;
        assert_eq!(answer.status.as_u16(), status, "{serves:?} {path}");
    }
}

#[tokio::test]
async fn probes_follow_readiness() {
    let readiness = Readiness::default();
    let stack = Stack::new(tower::service_fn(|call| async { whole(call) }));
    let rest = Rest::new(RestConfig::default(), stack, readiness.clone(), MetricsText::default());
    let router = rest.router(Serves::All);
    for (state, word, status) in [
        (State::Starting, "starting", 503),
        (State::Ready, "ready", 200),
        (State::Draining, "draining", 503),
    ] {
        readiness.set(state);
        for path in ["/readyz", "/health"] {
            let answer = ask(&router, "GET", path, &[], "").await;
            assert_eq!(answer.status.as_u16(), status, "{path}");
            assert!(answer.body.contains(&format!("\"status\":\"{word}\"")), "{}", answer.body);
        }
        assert_eq!(ask(&router, "GET", "/livez", &[], "").await.status.as_u16(), 200);
    }
}

#[tokio::test]
async fn callers_without_a_name_are_told_apart_by_key_and_address() {
    let (router, seen) = facade(whole);
    let address = SocketAddr::from(([192, 0, 2, 1], 5000));
    let mut bare = request("GET", "/v1/models", &[], "");
    bare.extensions_mut().insert(address);
    send(&router, bare).await;
    let mut wrapped = request("GET", "/v1/models", &[], "");
    wrapped.extensions_mut().insert(ConnectInfo(address));
    send(&router, wrapped).await;
    ask(&router, "GET", "/v1/models", &[("authorization", "Bearer k")], "").await;
    let seen = seen.lock().unwrap();
    let names: Vec<&str> = seen.iter().map(|call| call.caller.expose()).collect();
    assert_eq!(names[..2], ["address:192.0.2.1", "address:192.0.2.1"]);
    assert!(names[2].starts_with("key:") && !names[2].contains("Bearer"));
}

#[test]
fn every_kind_has_a_row() {
    for kind in Kind::ALL {
        assert!(row(kind).status.is_client_error() || row(kind).status.is_server_error());
    }
}
