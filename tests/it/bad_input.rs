//! What bad input gets: the table of errors over real connections.

use crate::support::{
    EMAIL, Server, Upstream,
    client::{PATIENCE, chat_body, exchange, grpc_chat, grpc_parts, request},
};
use bytes::Bytes;
use http::Method;
use prompt_guard::grpc::proto;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tonic::Code;
use tonic_types::StatusExt as _;

const CHAT: &str = "/v1/chat/completions";
const INVALID: &str = "invalid_request_error";

/// One request and what it must get.
struct Case {
    name: &'static str,
    method: Method,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: Bytes,
    error: (u16, &'static str, Option<&'static str>),
    /// `error.param`, where the table says one.
    param: Option<&'static str>,
}

fn case(
    name: &'static str,
    path: &'static str,
    body: impl Into<Bytes>,
    error: (u16, &'static str, Option<&'static str>),
) -> Case {
    Case { name, method: Method::POST, path, headers: &[], body: body.into(), error, param: None }
}

impl Case {
    fn param(self, param: &'static str) -> Self {
        Self { param: Some(param), ..self }
    }

    fn headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }
}

/// Arrays in arrays, `depth` levels with the object around them.
fn nested(depth: usize) -> String {
    let inner = depth - 1;
    format!(r#"{{"messages":{}{}}}"#, "[".repeat(inner), "]".repeat(inner))
}

/// A text that holds arrays in arrays.
fn deep_text(depth: usize) -> String {
    chat_body(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)), json!({}))
}

const INVALID_REQUEST: (u16, &str, Option<&str>) = (400, INVALID, None);
const NOT_FOUND: (u16, &str, Option<&str>) = (404, "not_found_error", Some("not_found"));
const NOT_ALLOWED: (u16, &str, Option<&str>) = (405, INVALID, Some("method_not_allowed"));
const UNGUARDED: (u16, &str, Option<&str>) = (403, "permission_error", Some("unguarded_endpoint"));

fn hi() -> String {
    chat_body(&format!("hi {EMAIL}"), json!({}))
}

/// Bodies that cannot be read.
fn bodies() -> Vec<Case> {
    let long = chat_body(&"x".repeat(70_000), json!({}));
    let unread = [
        ("cut off", &br#"{"model":"m","messages":["#[..]),
        ("a trailing comma", br#"{"model":"m",}"#),
        ("a comment", br#"{"model":"m"/* */}"#),
        ("text behind the document", br#"{"model":"m"} {}"#),
        ("not a number", br#"{"model":"m","seed":nan}"#),
        ("a leading zero", br#"{"model":"m","seed":01}"#),
        ("a raw control character", b"{\"model\":\"a\nb\"}"),
        ("a bad escape", br#"{"model":"\x41"}"#),
        ("invalid UTF-8", b"{\"model\":\"\xff\"}"),
        ("UTF-16", b"{\0\"\0m\0\"\0:\0\"\0m\0\"\0}\0"),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
        ("no JSON at all", b"model=m"),
        ("white space alone", b"  "),
    ];
    let unread =
        unread.map(|(name, body)| case(name, CHAT, Bytes::from_static(body), INVALID_REQUEST));
    let mut cases = vec![
        case("129 levels", CHAT, nested(129), INVALID_REQUEST),
        case("a body over the limit", CHAT, long, (413, INVALID, Some("request_too_large"))),
        case("JSON in a text that is too deep", CHAT, deep_text(130), INVALID_REQUEST)
            .param("messages"),
        case("no body", CHAT, "", INVALID_REQUEST).param("body"),
        case("token ids as a prompt", "/v1/completions", r#"{"prompt":[1,2,3]}"#, INVALID_REQUEST)
            .param("prompt"),
        case("lists of token ids", "/v1/completions", r#"{"prompt":[[1],[2]]}"#, INVALID_REQUEST)
            .param("prompt"),
        case("token ids to embed", "/v1/embeddings", r#"{"input":[[1,2]]}"#, INVALID_REQUEST)
            .param("input"),
        case("gzip", CHAT, hi(), INVALID_REQUEST)
            .headers(&[("content-encoding", "gzip")])
            .param("content-encoding"),
        case("a form", CHAT, hi(), INVALID_REQUEST)
            .headers(&[("content-type", "application/x-www-form-urlencoded")])
            .param("content-type"),
        case("another charset", CHAT, hi(), INVALID_REQUEST)
            .headers(&[("content-type", "application/json; charset=utf-16")])
            .param("content-type"),
        case("a body where none belongs", "/v1/models", "{}", INVALID_REQUEST)
            .method(Method::GET)
            .param("body"),
    ];
    cases.extend(unread);
    cases
}

/// Heads that ask for what is not there.
fn heads() -> Vec<Case> {
    vec![
        case("an unknown policy", CHAT, hi(), NOT_FOUND)
            .headers(&[("x-guard-policy", "nosuch")])
            .param("policy"),
        case("a policy that is no name", CHAT, hi(), INVALID_REQUEST)
            .headers(&[("x-guard-policy", "a b")])
            .param("x-guard-policy"),
        case("an unknown upstream by header", CHAT, hi(), NOT_FOUND)
            .headers(&[("x-guard-upstream", "nosuch")]),
        case("an unknown upstream by path", "/nosuch/v1/chat/completions", hi(), NOT_FOUND),
        case("two upstreams", "/openai/v1/chat/completions", hi(), INVALID_REQUEST)
            .headers(&[("x-guard-upstream", "other")])
            .param("x-guard-upstream"),
        case("a session that is no name", CHAT, hi(), INVALID_REQUEST)
            .headers(&[("x-guard-session", "a.b")])
            .param("x-guard-session"),
        case("two policies", CHAT, hi(), INVALID_REQUEST)
            .headers(&[("x-guard-policy", "pci_dss"), ("x-guard-policy", "secrets")])
            .param("x-guard-policy"),
        case("an empty user", CHAT, hi(), INVALID_REQUEST)
            .headers(&[("x-user-id", "")])
            .param("x-user-id"),
        case("an unknown path", "/v1/nothing", hi(), NOT_FOUND),
        case("no such page", "/nowhere", "", NOT_FOUND).method(Method::GET),
        case("a path of a provider that is not guarded", "/v1/files", hi(), UNGUARDED),
        case("a path that climbs", "/v1/models/%2e%2e/files", "", INVALID_REQUEST)
            .method(Method::GET)
            .param("path"),
        case("GET on a completion", CHAT, "", NOT_ALLOWED).method(Method::GET),
        case("DELETE on a model", "/v1/models/m", "", NOT_ALLOWED).method(Method::DELETE),
        case("PUT on the guard", "/guard/v1/scan", "{}", NOT_ALLOWED).method(Method::PUT),
    ]
}

/// Faults of the guard's own API.
fn native() -> Vec<Case> {
    let scan = |name, body: &'static str| case(name, "/guard/v1/scan", body, INVALID_REQUEST);
    vec![
        scan("no texts", "{}").param("texts"),
        scan("texts that are no list", r#"{"texts":"a"}"#).param("texts"),
        scan("a text that is a number", r#"{"texts":["a",1]}"#).param("texts[1]"),
        scan("a member that is unknown", r#"{"texts":["a"],"nosuch":1}"#),
        scan("a score out of range", r#"{"texts":["a"],"min_score":2}"#).param("min_score"),
        scan("a type that nothing finds", r#"{"texts":["a"],"entities":["EMAIL","EMIAL"]}"#)
            .param("entities[1]"),
        scan("a list as a request", "[]"),
        case(
            "a mapping without a placeholder",
            "/guard/v1/restore",
            r#"{"texts":["a"],"mapping":[{"original":"b"}]}"#,
            INVALID_REQUEST,
        )
        .param("mapping[0].placeholder"),
        case(
            "a placeholder that stands for two values",
            "/guard/v1/restore",
            r#"{"texts":["a"],"mapping":[{"placeholder":"[EMAIL_1]","original":"x"},
                {"placeholder":"[email 1]","original":"y"}]}"#,
            INVALID_REQUEST,
        )
        .param("mapping[1].placeholder"),
        case(
            "a policy unknown to scan",
            "/guard/v1/scan",
            r#"{"texts":["a"],"policy":"nosuch"}"#,
            NOT_FOUND,
        )
        .param("policy"),
        case(
            "a session unknown to restore",
            "/guard/v1/restore",
            r#"{"texts":["a"],"session":"nosuch"}"#,
            NOT_FOUND,
        )
        .param("session"),
    ]
}

#[tokio::test]
async fn each_fault_gets_its_row_of_the_table_and_nothing_goes_on() {
    let upstream = Upstream::echo().await;
    let server = Server::builder().upstream(&upstream).set("server.max_body_bytes", 65536).spawn();
    for case in [bodies(), heads(), native()].into_iter().flatten() {
        let Case { name, method, path, headers, body, error, param } = case;
        let mut request = request(method, format!("{}{path}", server.url()), headers, body);
        let json = http::HeaderValue::from_static("application/json");
        request.headers_mut().entry("content-type").or_insert(json);
        let answer = exchange(request).await;
        let (status, kind, code) = answer.error();
        assert_eq!((status, kind.as_str(), code.as_deref()), error, "{name}: {}", answer.text());
        if param.is_some() {
            assert_eq!(answer.param().as_deref(), param, "{name}: {}", answer.text());
        }
        assert!(answer.header("content-type").starts_with("application/json"), "{name}");
        assert!(!answer.header("x-request-id").is_empty(), "{name}: no request id");
        assert!(upstream.requests().is_empty(), "{name} reached the upstream");
    }
}

/// It may hold a card that was pasted into the wrong field.
#[tokio::test]
async fn the_name_of_an_unknown_policy_is_not_repeated() {
    let server = Server::builder().spawn();
    let body = r#"{"texts":["a"],"policy":"4111111111111111"}"#;
    for (path, headers, body) in [
        (CHAT, &[("x-guard-policy", "4111111111111111")][..], hi()),
        ("/guard/v1/scan", &[][..], body.to_owned()),
    ] {
        let answer = server.post(path, headers, body).await;
        assert_eq!((answer.status, answer.param().as_deref()), (404, Some("policy")));
        assert!(!answer.text().contains("4111111111111111"), "{}", answer.text());
    }
}

/// Brackets are no JSON, so a text of them is a text, and guarded as one.
#[tokio::test]
async fn a_text_that_only_begins_like_deep_json_goes_on_clean() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let brackets = "[".repeat(130);
    let answer = server.chat(&format!("{brackets} {EMAIL}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(upstream.only().said(), format!("{brackets} [EMAIL_1]"));
}

#[tokio::test]
async fn what_only_a_provider_can_judge_goes_on_clean() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let bodies = [
        format!(r#"{{"messages":"{EMAIL}"}}"#),
        format!(r#"{{"model":["{EMAIL}"],"messages":{{"a":"{EMAIL}"}},"stream":"{EMAIL}"}}"#),
        format!(r#"["{EMAIL}"]"#),
        format!(r#""{EMAIL}""#),
        format!(r#"{{"\ud800":"{EMAIL} \udc00"}}"#),
        nested(128),
    ];
    for body in &bodies {
        let answer = server.post(CHAT, &[], body.clone()).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    }
    assert_eq!(upstream.requests().len(), bodies.len());
}

#[tokio::test]
async fn wrong_methods_are_told_the_right_ones() {
    let server = Server::builder().spawn();
    let answer = server.get(CHAT).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    let options = server.ask(Method::OPTIONS, CHAT, &[]).await;
    assert_eq!((options.status, options.header("allow")), (204, "POST"));
    let head = server.ask(Method::HEAD, "/v1/nothing", &[]).await;
    assert_eq!((head.status, head.body.len()), (404, 0));
}

#[tokio::test]
async fn head_answers_as_get_without_the_body() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for path in ["/v1/models", "/livez", "/guard/v1/policies"] {
        let get = server.get(path).await;
        let head = server.ask(Method::HEAD, path, &[]).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

#[tokio::test]
async fn without_an_upstream_the_error_names_the_setting() {
    let server = Server::builder().spawn();
    let answer = server.chat("hi").await;
    assert_eq!(answer.error().0, 404, "{}", answer.text());
    assert!(answer.text().contains("--upstream"), "{}", answer.text());
    let (_, ended) = grpc_parts(&mut server.grpc().await, grpc_chat("hi")).await;
    assert_eq!(ended.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn requests_that_are_no_http_get_400_or_431_and_the_server_goes_on() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let huge = format!("GET /livez HTTP/1.1\r\nhost: g\r\nx-a: {}\r\n\r\n", "a".repeat(1 << 20));
    let many: String = (0..500).map(|n| format!("x-{n}: a\r\n")).collect();
    let many = format!("GET /livez HTTP/1.1\r\nhost: g\r\n{many}\r\n");
    let cases: [(&str, &[u8], &str); 6] = [
        ("a huge header", huge.as_bytes(), "HTTP/1.1 431 "),
        ("too many headers", many.as_bytes(), "HTTP/1.1 431 "),
        ("no HTTP", b"hello there\r\n\r\n", "HTTP/1.1 400 "),
        ("a space in a header's name", b"GET /livez HTTP/1.1\r\nho st: g\r\n\r\n", "HTTP/1.1 400 "),
        ("two lengths", b"POST /v1/embeddings HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}", "HTTP/1.1 400 "),
        ("a length that is none", b"POST /v1/embeddings HTTP/1.1\r\nhost: g\r\ncontent-length: two\r\n\r\n{}", "HTTP/1.1 400 "),
    ];
    for (name, bytes, expected) in cases {
        let answer = server.raw(bytes).await;
        assert!(answer.starts_with(expected), "{name}: {answer}");
    }
    assert_eq!(server.chat("still here?").await.said(), "still here?");
}

#[tokio::test]
async fn a_body_that_ends_early_goes_nowhere() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let head =
        format!("POST {CHAT} HTTP/1.1\r\nhost: g\r\ncontent-length: 999\r\n\r\n{{\"model\":");
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, socket.read_to_end(&mut answer)).await.unwrap();
    assert_eq!(server.chat("hi").await.said(), "hi");
    assert_eq!(upstream.requests().len(), 1);
}

type Edit = fn(&mut proto::ProxyCompletionRequest);

#[tokio::test]
async fn by_grpc_each_fault_gets_its_row_of_the_table_and_nothing_goes_on() {
    let upstream = Upstream::echo().await;
    let server = Server::builder().upstream(&upstream).set("server.max_body_bytes", 65536).spawn();
    let mut grpc = server.grpc().await;
    let cases: [(&str, Edit, Code, &str); 8] = [
        ("an unknown policy", |r| r.policy = "nosuch".into(), Code::NotFound, "policy"),
        ("an unknown upstream", |r| r.upstream = "nosuch".into(), Code::NotFound, ""),
        (
            "a session that is no name",
            |r| r.session = "a.b".into(),
            Code::InvalidArgument,
            "session",
        ),
        ("no messages", |r| r.messages.clear(), Code::InvalidArgument, "messages"),
        ("no model", |r| r.model.clear(), Code::InvalidArgument, "model"),
        (
            "a role that is none",
            |r| r.messages[0].role = "nobody".into(),
            Code::InvalidArgument,
            "messages[0].role",
        ),
        (
            "a message without a role",
            |r| r.messages[0].role.clear(),
            Code::InvalidArgument,
            "messages[0].role",
        ),
        ("a message over the limit", |r| r.user = "x".repeat(70_000), Code::ResourceExhausted, ""),
    ];
    for (name, edit, code, field) in cases {
        let mut request = grpc_chat(&format!("hi {EMAIL}"));
        edit(&mut request);
        let (_, ended) = grpc_parts(&mut grpc, request).await;
        let status = ended.unwrap_err();
        assert_eq!(status.code(), code, "{name}: {}", status.message());
        let details = status.get_error_details();
        let found = details.bad_request().and_then(|bad| bad.field_violations.first());
        let found = found.map_or("", |violation| violation.field.as_str());
        assert!(field.is_empty() || found == field, "{name}: {found} {}", status.message());
        assert!(upstream.requests().is_empty(), "{name} reached the upstream");
    }
}

#[tokio::test]
async fn by_grpc_the_guards_own_calls_name_the_field_at_fault() {
    let server = Server::builder().spawn();
    let mut grpc = server.grpc().await;
    let text = vec!["a".to_owned()];
    let restore = proto::RestoreRequest {
        texts: text.clone(),
        session: "nosuch".into(),
        ..Default::default()
    };
    assert_eq!(grpc.restore(restore).await.unwrap_err().code(), Code::NotFound);
    let entry = |original: &str| proto::MappingEntry {
        placeholder: "[EMAIL_1]".into(),
        original: original.into(),
    };
    let twice = |second: &str| proto::RestoreRequest {
        texts: vec!["[EMAIL_1]".to_owned()],
        mapping: vec![entry("x"), entry(second)],
        ..Default::default()
    };
    assert_eq!(grpc.restore(twice("x")).await.unwrap().into_inner().texts, ["x"]);
    let status = grpc.restore(twice("y")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_error_details();
    assert_eq!(details.bad_request().unwrap().field_violations[0].field, "mapping[1].placeholder");
    let scan =
        proto::ScanRequest { texts: text.clone(), policy: "nosuch".into(), ..Default::default() };
    assert_eq!(grpc.scan(scan).await.unwrap_err().code(), Code::NotFound);
    let scan = proto::ScanRequest { texts: text, min_score: Some(2.0), ..Default::default() };
    let status = grpc.scan(scan).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_error_details();
    assert_eq!(details.bad_request().unwrap().field_violations[0].field, "min_score");
    let scan = proto::ScanRequest {
        texts: vec!["a".to_owned()],
        entities: vec!["EMIAL".to_owned()],
        ..Default::default()
    };
    let status = grpc.scan(scan).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_error_details();
    assert_eq!(details.bad_request().unwrap().field_violations[0].field, "entities[0]");
    let none = proto::ScanRequest::default();
    assert_eq!(grpc.scan(none).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn bytes_that_are_no_message_get_a_status_and_no_500() {
    let server = Server::builder().spawn();
    let headers = [("content-type", "application/grpc"), ("te", "trailers")];
    for body in [&b"\0\0\0\0\x02\xff\xff"[..], b"\x01\0\0\0\x01a", b"\0\xff\xff\xff\xff", b"abc"] {
        let path = "/promptguard.v1.Guard/Scan";
        let answer = server.post(path, &headers, Bytes::from_static(body)).await;
        assert_eq!(answer.status, 200, "{body:?}: gRPC tells its status in a header");
        assert_ne!(answer.header("grpc-status"), "0", "{body:?}");
    }
    assert_eq!(server.get("/livez").await.status, 200);
}
