//! Canaries in every place of a request, looked for in every place where they must not be.
//!
//! What the model got is searched when the [`Upstream`] is dropped, logs and metrics when the [`Server`] is.

use crate::support::{
    CANARIES, MARK, Server, Upstream,
    client::{chat_body, grpc_chat, grpc_parts, grpc_said},
    collector::Collector,
    redis::RedisServer,
    secret_text,
    server::assert_no_canary,
};
use http::Method;
use prompt_guard::grpc::proto;
use serde_json::{Value, json};

/// A chat with a canary of its own in every place that a chat has, and in some that it has not.
///
/// Written out, since no builder of JSON makes duplicate keys, needless escapes or numbers of any length.
const CHAT: &str = r#"{
  "model": "echo", "canary.key@example.org": 1, "\u0063anary.escaped-key@example.org": {"deep": [[["canary.deep@example.org"]]]},
  "messages": [
    {"role": "system", "content": "canary.system@example.org", "name": "canary.name@example.org"},
    {"role": "user", "content": "first canary.double1@example.org", "content": "canary.double2@example.org"},
    {"role": "user", "content": [{"type": "text", "text": "canary.part@example.org"}, {"type": "canary.type@example.org"},
      {"type": "image_url", "image_url": {"url": "canary.image@example.org", "detail": "canary.detail@example.org"}},
      {"type": "file", "file": {"filename": "canary.file@example.org", "file_id": "canary.file-id@example.org"}}]},
    {"role": "assistant", "content": null, "refusal": "canary.refusal@example.org", "tool_calls": [{"id": "canary.call-id@example.org", "type": "function",
      "function": {"name": "canary.function@example.org", "arguments": "{\"to\": \"canary.argument\\u0040example.org\", \"in\": \"{\\\"mail\\\":\\\"\\\\u0063anary.nested@example.org\\\"}\"}"}}],
      "function_call": {"name": "f", "arguments": "canary.old-argument\u0040example.org"}},
    {"role": "tool", "tool_call_id": "canary.tool-id@example.org", "content": "{\"found\": \"canary.result@example.org\", \"card\": 4111111111111111}"},
    {"role": "canary.role@example.org", "content": "c\u0061nary.escape@example.org"},
    {"role": "user", "content": "PLACE"}],
  "tools": [{"type": "function", "function": {"name": "t", "description": "canary.description@example.org", "parameters": {
      "type": "object", "title": "canary.title@example.org", "properties": {"canary.property@example.org": {"type": "string", "enum": ["canary.enum@example.org"],
      "default": "canary.default@example.org", "examples": ["canary.example@example.org"], "const": "canary.const@example.org", "pattern": "canary.pattern@example.org"}},
      "required": ["canary.required@example.org"]}}}],
  "tool_choice": "canary.choice@example.org",
  "metadata": {"canary.meta-key@example.org": "canary.meta@example.org", "card": "4111 1111 1111 1111", "ssn": "078-05-1120"},
  "user": "canary.user@example.org", "stop": ["canary.stop@example.org"], "prediction": {"type": "content", "content": "canary.prediction@example.org"},
  "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"description": "canary.schema@example.org"}}},
  "unknown": {"number": 4111111111111111, "list": [4111111111111111, "GB82 WEST 1234 5698 7654 32"]},
  "safety_identifier": "canary.safety@example.org", "prompt_cache_key": "canary.cache-key@example.org", "service_tier": "canary.tier@example.org",
  "reasoning_effort": "canary.effort@example.org", "temperature": 0, "stream": STREAM
}"#;

fn chat(stream: bool) -> String {
    CHAT.replace("PLACE", &secret_text()).replace("STREAM", if stream { "true" } else { "false" })
}

type Headers = &'static [(&'static str, &'static str)];

const HEADERS: Headers = &[
    ("authorization", "Bearer canary.bearer-key"),
    ("x-user-id", "canary.caller@example.org"),
    ("x-customer", "canary.header@example.org"),
    ("cookie", "mail=canary.cookie@example.org; card=4111 1111 1111 1111"),
    ("user-agent", "canary.agent@example.org"),
    ("referer", "https://example.org/?mail=canary.referer@example.org"),
    ("openai-organization", "canary.organization@example.org"),
    ("x-stainless-lang", "canary.stainless@example.org"),
    ("x-forwarded-for", "203.0.113.77"),
    ("x-request-id", "canary.request-id@example.org"),
    ("tracestate", "mail=canary.trace@example.org"),
];

/// A credential is the one thing that goes to the upstream as it came.
fn private_headers() -> Headers {
    &HEADERS[1..]
}

const QUERY: &str = "?mail=canary.query@example.org&more=canary.percent%40example.org&%63anary.name%40example.org=1";

#[tokio::test]
async fn no_place_of_a_chat_lets_a_value_through_to_the_model() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for stream in [false, true] {
        let path = format!("/v1/chat/completions{QUERY}");
        let answer = server.post(&path, private_headers(), chat(stream)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn an_address_of_an_image_that_holds_a_value_is_refused() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let url = "https://example.org/?mail=canary.image@example.org";
    let parts = json!([{"type": "image_url", "image_url": {"url": url}}]);
    let body = json!({"model": "echo", "messages": [{"role": "user", "content": parts}]});
    let answer = server.post("/v1/chat/completions", &[], body.to_string()).await;
    assert_eq!((answer.status, answer.param().as_deref()), (400, Some("messages")));
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn completions_embeddings_and_paths_let_no_value_through_to_the_model() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let texts = json!([secret_text(), "canary.second@example.org"]);
    let completion = json!({"model": "echo", "prompt": texts, "suffix": "canary.suffix@example.org", "user": "canary.user@example.org"});
    let embedding = json!({"model": "canary.model@example.org", "input": texts, "user": "canary.user@example.org"});
    for (path, body) in [("/v1/completions", completion), ("/v1/embeddings", embedding)] {
        let answer =
            server.post(&format!("{path}{QUERY}"), private_headers(), body.to_string()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    let path = format!("/v1/models/canary.path%40example.org{QUERY}");
    server.ask(Method::GET, &path, private_headers()).await;
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn what_comes_back_to_the_caller_is_whole() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let text = secret_text();
    assert_eq!(server.chat(&text).await.said(), text);
    assert_eq!(server.chat_with(&[], &text, json!({"stream": true})).await.streamed(), text);
    let mut grpc = server.grpc().await;
    for stream in [false, true] {
        let request = proto::ProxyCompletionRequest { stream, ..grpc_chat(&text) };
        let (parts, ended) = grpc_parts(&mut grpc, request).await;
        ended.unwrap();
        assert_eq!(grpc_said(&parts), text, "gRPC, stream: {stream}");
    }
}

#[tokio::test]
async fn no_field_of_a_grpc_completion_lets_a_value_through_to_the_model() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let (parts, ended) = grpc_parts(&mut server.grpc().await, planted()).await;
    ended.unwrap();
    assert!(!parts.is_empty());
    assert_eq!(upstream.requests().len(), 1);
}

/// A completion with canaries in all fields that are text.
fn planted() -> proto::ProxyCompletionRequest {
    use proto::{chat_message::Body, content_part::Part, tool_call::Call};
    let part = |part| proto::ContentPart { part: Some(part) };
    let parts = vec![
        part(Part::Text("canary.part@example.org".into())),
        part(Part::Refusal("canary.part-refusal@example.org".into())),
        part(Part::Other(fields("canary.part-other@example.org"))),
        part(Part::ImageUrl(proto::ImageUrl {
            url: "canary.image@example.org".into(),
            detail: "canary.detail@example.org".into(),
        })),
    ];
    let function = proto::FunctionCall {
        name: "canary.function@example.org".into(),
        arguments: r#"{"to":"canary.argument\u0040example.org"}"#.into(),
    };
    let custom =
        proto::CustomToolCall { name: "c".into(), input: "canary.input@example.org".into() };
    let call = |call| proto::ToolCall { id: "canary.call-id@example.org".into(), call: Some(call) };
    proto::ProxyCompletionRequest {
        model: "canary.model@example.org".into(),
        messages: vec![
            proto::ChatMessage {
                role: "user".into(),
                body: Some(Body::Parts(proto::ContentParts { parts })),
                name: "canary.name@example.org".into(),
                ..Default::default()
            },
            proto::ChatMessage {
                role: "assistant".into(),
                body: Some(Body::Content(secret_text())),
                tool_calls: vec![call(Call::Function(function)), call(Call::Custom(custom))],
                refusal: "canary.refusal@example.org".into(),
                ..Default::default()
            },
            proto::ChatMessage {
                role: "tool".into(),
                body: Some(Body::Content(r#"{"found":"canary.result@example.org"}"#.into())),
                tool_call_id: "canary.tool-id@example.org".into(),
                ..Default::default()
            },
        ],
        tools: vec![proto::Tool {
            tool: Some(proto::tool::Tool::Function(proto::FunctionTool {
                name: "t".into(),
                description: "canary.description@example.org".into(),
                schema: Some(proto::function_tool::Schema::ParametersJson(
                    r#"{"type":"object","properties":{"canary.property@example.org":{"default":"canary.default@example.org","enum":["canary.enum@example.org"]}}}"#
                        .into(),
                )),
                strict: None,
            })),
        }],
        stop: vec!["canary.stop@example.org".into()],
        user: "canary.user@example.org".into(),
        reasoning_effort: "canary.effort@example.org".into(),
        extra: Some(fields("canary.extra@example.org")),
        ..Default::default()
    }
}

/// A struct with the canary as a value and as a key.
fn fields(canary: &str) -> prost_types::Struct {
    let text = |text: &str| prost_types::Value {
        kind: Some(prost_types::value::Kind::StringValue(text.to_owned())),
    };
    prost_types::Struct {
        fields: [
            ("type".to_owned(), text("x_other")),
            ("x_value".to_owned(), text(canary)),
            (format!("x.{canary}"), text("1")),
        ]
        .into(),
    }
}

#[tokio::test]
async fn spans_and_redis_hold_no_value() {
    let redis = RedisServer::start();
    let collector = Collector::start().await;
    let upstream = Upstream::echo().await;
    let mut server = Server::builder()
        .upstream(&upstream)
        .arguments(["--redis-url", &redis.url()])
        .set("telemetry.otlp_endpoint", collector.url())
        .set("rate_limit.per_minute", 1000)
        .spawn();
    let session = [&[("x-guard-session", "s-1")], private_headers()].concat();
    for headers in [private_headers(), &session] {
        for stream in [false, true] {
            let path = format!("/v1/chat/completions{QUERY}");
            let answer = server.post(&path, headers, chat(stream)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }
    let redact = json!({"texts": [secret_text()], "keep_mapping": true}).to_string();
    assert_eq!(server.post("/guard/v1/redact", private_headers(), redact).await.status, 200);
    let (_, ended) = grpc_parts(&mut server.grpc().await, planted()).await;
    ended.unwrap();

    let kept = String::from_utf8_lossy(&redis.dump()).into_owned();
    assert!(kept.matches("pg:").count() >= 4, "sessions, limits and completions are there: {kept}");
    assert_no_canary("Redis", &kept);
    assert!(server.stop().await.success());
    let spans = collector.received();
    assert!(spans.contains("prompt-guard"), "no span arrived");
    assert_no_canary("the spans", &spans);
}

#[tokio::test]
async fn no_error_body_and_no_log_of_an_error_repeats_a_value() {
    let upstream = Upstream::echo().await;
    let server = Server::builder().upstream(&upstream).set("server.max_body_bytes", 4096).spawn();
    let text = secret_text();
    let long = "x".repeat(5000);
    let cases: Vec<(&str, Headers, String)> = vec![
        ("/v1/chat/completions", &[], format!("{{\"messages\": {text}")),
        ("/v1/chat/completions", &[], format!("{} {text}", chat_body("hi", json!({})))),
        ("/v1/chat/completions", &[], chat_body(&format!("{text}{long}"), json!({}))),
        (
            "/v1/chat/completions",
            &[("x-guard-policy", "canary.policy@example.org")],
            chat_body(&text, json!({})),
        ),
        (
            "/v1/chat/completions",
            &[("x-guard-session", "canary.session@example.org")],
            chat_body(&text, json!({})),
        ),
        (
            "/v1/chat/completions",
            &[("x-guard-upstream", "canary.upstream@example.org")],
            chat_body(&text, json!({})),
        ),
        (
            "/v1/chat/completions",
            &[("content-type", "text/canary.type@example.org")],
            chat_body(&text, json!({})),
        ),
        (
            "/v1/chat/completions",
            &[("content-encoding", "canary.coding@example.org")],
            chat_body(&text, json!({})),
        ),
        ("/v1/completions", &[], json!({"prompt": [[1, 2], text]}).to_string()),
        ("/canary.upstream/v1/chat/completions", &[], chat_body(&text, json!({}))),
        ("/v1/canary.path", &[], text.clone()),
        ("/v1/files/canary.file", &[], text.clone()),
        ("/v1/models/../canary.climb", &[], text.clone()),
        ("/guard/v1/scan", &[], json!({"texts": text}).to_string()),
        ("/guard/v1/scan", &[], json!({"texts": ["a"], text.as_str(): 1}).to_string()),
        ("/guard/v1/scan", &[], json!({"texts": ["a"], "entities": [text]}).to_string()),
        ("/guard/v1/scan", &[], json!({"texts": ["a"], "offsets": text}).to_string()),
        ("/guard/v1/redact", &[], json!({"texts": ["a"], "session": text}).to_string()),
        ("/guard/v1/restore", &[], json!({"texts": [text], "session": "none"}).to_string()),
        (
            "/guard/v1/restore",
            &[],
            json!({"texts": ["a"], "mapping": [{"placeholder": "", "original": text}]}).to_string(),
        ),
    ];
    for (path, headers, body) in cases {
        let answer = server.post(path, headers, body).await;
        let place = format!("the error of {path} {headers:?}");
        assert!(
            (400..500).contains(&answer.status),
            "{place}: {} {}",
            answer.status,
            answer.text()
        );
        assert_no_canary(&place, &format!("{:?} {}", answer.headers, answer.text()));
    }
    assert!(upstream.requests().is_empty(), "{:?}", upstream.requests());
}

#[tokio::test]
async fn scan_says_where_values_are_and_never_which() {
    let server = Server::builder().spawn();
    let scan = json!({"texts": [secret_text(), CANARIES.join(" ")]}).to_string();
    let answer = server.post("/guard/v1/scan", &[], scan).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let found = answer.json()["results"][0]["findings"].as_array().map_or(0, Vec::len);
    assert!(found >= CANARIES.len(), "{}", answer.text());
    assert_no_canary("the findings", &answer.text());
}

#[tokio::test]
async fn the_same_value_gets_one_placeholder_wherever_it_stands() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let mail = format!("{MARK}same@example.org");
    let body = json!({"model": "echo", "user": mail, "messages": [{"role": "user", "content": mail}],
        "metadata": {"x": mail, "y": "canary.other@example.org"}});
    let headers = [("x-customer", mail.as_str())];
    let path = format!("/v1/chat/completions?mail={mail}");
    assert_eq!(server.post(&path, &headers, body.to_string()).await.status, 200);
    let seen = upstream.only();
    let body: Value = seen.json();
    let stand_in = body["user"].as_str().unwrap();
    assert_eq!(body["messages"][0]["content"], json!(stand_in));
    assert_eq!(body["metadata"]["x"], json!(stand_in));
    assert_ne!(body["metadata"]["y"], json!(stand_in));
    assert_eq!(seen.headers["x-customer"], stand_in);
}
