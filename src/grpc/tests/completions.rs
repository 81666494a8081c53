//! ProxyCompletion: what the upstream is asked, and its answers, whole and streamed.

use super::*;
use crate::call::{CacheOutcome, Complete, Completed, CompletionBody, Facts, Task};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use proto::{
    ChatMessage, ContentPart, ProxyCompletionRequest, ProxyCompletionResponse, chat_message::Body,
    content_part::Part,
};
use serde_json::{Value, json};
use std::time::Duration;
use tonic::{Code, Request};

fn said(role: &str, text: &str) -> ChatMessage {
    ChatMessage { role: role.into(), body: Some(Body::Content(text.into())), ..Default::default() }
}

fn request(stream: bool) -> ProxyCompletionRequest {
    ProxyCompletionRequest {
        model: "m-1".into(),
        messages: vec![said("user", "hello")],
        stream,
        ..Default::default()
    }
}

fn completed(status: u16, content_type: &str, body: CompletionBody) -> Reply {
    let mut headers = http::HeaderMap::new();
    headers.insert("content-type", content_type.parse().unwrap());
    headers.insert("retry-after", "7".parse().unwrap());
    Reply::Completed(Completed {
        status: http::StatusCode::from_u16(status).unwrap(),
        headers,
        body,
        facts: Facts {
            policy: "default_pii".into(),
            findings: [(EntityType::builtin("EMAIL_ADDRESS"), 2)].into(),
            cache: CacheOutcome::Miss,
            unscanned: vec!["image"],
        },
    })
}

fn whole(status: u16, body: &'static str) -> Stack {
    let body = move || CompletionBody::Whole(Bytes::from_static(body.as_bytes()));
    recording(move || Ok(completed(status, "application/json", body()))).0
}

/// A stack that answers with events, cut after every `size` bytes.
fn events(text: &'static str, size: usize) -> Stack {
    let chunks = move || text.as_bytes().chunks(size).map(|chunk| Ok(Bytes::from_static(chunk)));
    let body = move || CompletionBody::Stream(stream::iter(chunks()).boxed());
    recording(move || Ok(completed(200, "text/event-stream; charset=utf-8", body()))).0
}

async fn collect(
    stack: Stack,
    stream: bool,
) -> Result<Vec<ProxyCompletionResponse>, (usize, Status)> {
    let mut messages = match direct(stack).proxy_completion(request(stream)).await {
        Ok(response) => response.into_inner(),
        Err(status) => return Err((0, status)),
    };
    let mut collected = Vec::new();
    loop {
        match messages.message().await {
            Ok(Some(message)) => collected.push(message),
            Ok(None) => return Ok(collected),
            Err(status) => return Err((collected.len(), status)),
        }
    }
}

/// The body that a request becomes, or the field that is refused.
async fn body(request: ProxyCompletionRequest) -> Result<Value, String> {
    let (stack, calls) = recording(|| {
        let body = CompletionBody::Whole(Bytes::from_static(b"{}"));
        Ok(completed(200, "application/json", body))
    });
    if let Err(status) = direct(stack).proxy_completion(request).await {
        assert_eq!(status.code(), Code::InvalidArgument, "{}", status.message());
        return Err(field(&status));
    }
    let calls = calls.lock().unwrap();
    let Task::Complete(Complete { body, .. }) = &calls[0].task else { panic!("not a completion") };
    Ok(serde_json::from_slice(&body.0).unwrap())
}

#[tokio::test]
async fn a_plain_chat_is_asked_as_openai_asks() {
    assert_eq!(
        body(request(false)).await.unwrap(),
        json!({"model": "m-1", "messages": [{"role": "user", "content": "hello"}]})
    );
    let streamed = body(request(true)).await.unwrap();
    assert_eq!(
        (&streamed["stream"], &streamed["stream_options"]),
        (&json!(true), &json!({"include_usage": true}))
    );
    let bare = ProxyCompletionRequest { include_usage: Some(false), ..request(true) };
    assert_eq!(body(bare).await.unwrap().get("stream_options"), None);
}

#[tokio::test]
async fn everything_typed_has_its_place_in_the_body() {
    use proto::{function_tool::Schema, tool::Tool as Any, tool_call::Call as Called};
    let call = |id: &str, call| proto::ToolCall { id: id.into(), call: Some(call) };
    let function = proto::FunctionCall { name: "f".into(), arguments: "{\"a\":1}".into() };
    let custom = proto::CustomToolCall { name: "g".into(), input: "x".into() };
    let image = proto::ImageUrl { url: "https://example.org/a.png".into(), detail: "low".into() };
    let part = |part| ContentPart { part: Some(part) };
    let parts = vec![part(Part::Text("look".into())), part(Part::ImageUrl(image))];
    let messages = vec![
        said("system", "be brief"),
        ChatMessage {
            role: "user".into(),
            body: Some(Body::Parts(proto::ContentParts { parts })),
            name: "ann".into(),
            ..Default::default()
        },
        ChatMessage {
            role: "assistant".into(),
            tool_calls: vec![
                call("c-1", Called::Function(function)),
                call("c-2", Called::Custom(custom)),
            ],
            ..Default::default()
        },
        ChatMessage { tool_call_id: "c-1".into(), ..said("tool", "done") },
    ];
    let tool = proto::FunctionTool {
        name: "f".into(),
        description: "does f".into(),
        schema: Some(Schema::ParametersJson(r#"{"type":"object","z":1,"a":2}"#.into())),
        strict: Some(true),
    };
    let schema = proto::JsonSchema {
        name: "s".into(),
        definition: Some(proto::json_schema::Definition::SchemaJson("{}".into())),
        ..Default::default()
    };
    let top_k = prost_types::Value { kind: Some(prost_types::value::Kind::NumberValue(40.0)) };
    let asked = body(ProxyCompletionRequest {
        messages,
        tools: vec![proto::Tool { tool: Some(Any::Function(tool)) }],
        tool_choice: Some(proto::ToolChoice {
            choice: Some(proto::tool_choice::Choice::Function("f".into())),
        }),
        response_format: Some(proto::ResponseFormat {
            r#type: proto::ResponseFormatType::JsonSchema.into(),
            json_schema: Some(schema),
        }),
        temperature: Some(0.7),
        max_tokens: Some(16),
        stop: vec!["end".into()],
        seed: Some(-1),
        n: Some(2),
        parallel_tool_calls: Some(false),
        user: "u-1".into(),
        extra: Some(prost_types::Struct { fields: [("top_k".to_owned(), top_k)].into() }),
        ..request(false)
    });
    let expected = json!({
        "model": "m-1",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "name": "ann", "content": [
                {"type": "text", "text": "look"},
                {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
            ]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c-1", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}},
                {"id": "c-2", "type": "custom", "custom": {"name": "g", "input": "x"}},
            ]},
            {"role": "tool", "content": "done", "tool_call_id": "c-1"},
        ],
        "tools": [{"type": "function", "function": {
            "name": "f", "description": "does f", "parameters": {"type": "object", "z": 1, "a": 2}, "strict": true,
        }}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {}}},
        "temperature": 0.7, "max_tokens": 16, "stop": ["end"], "seed": -1, "n": 2,
        "parallel_tool_calls": false, "user": "u-1", "top_k": 40,
    });
    assert_eq!(asked.await.unwrap(), expected);
}

#[tokio::test]
async fn a_chat_that_is_wrong_names_the_field() {
    let silent = |role: &str| ChatMessage { role: role.into(), ..Default::default() };
    let with = |message| ProxyCompletionRequest { messages: vec![message], ..request(false) };
    let extra =
        |key: &str| prost_types::Struct { fields: [(key.to_owned(), Default::default())].into() };
    let format = |kind: i32| proto::ResponseFormat { r#type: kind, json_schema: None };
    let wrong = [
        ("model", ProxyCompletionRequest { model: String::new(), ..request(false) }),
        ("messages", ProxyCompletionRequest { messages: vec![], ..request(false) }),
        ("messages[0].role", with(said("", "x"))),
        ("messages[0].role", with(ChatMessage { role: "robot".into(), ..said("user", "x") })),
        ("messages[0].content", with(silent("user"))),
        (
            "tools[0].tool",
            ProxyCompletionRequest { tools: vec![proto::Tool::default()], ..request(false) },
        ),
        (
            "extra.messages",
            ProxyCompletionRequest { extra: Some(extra("messages")), ..request(false) },
        ),
        (
            "temperature",
            ProxyCompletionRequest { temperature: Some(f64::INFINITY), ..request(false) },
        ),
        (
            "response_format.json_schema",
            ProxyCompletionRequest { response_format: Some(format(3)), ..request(false) },
        ),
        (
            "response_format.type",
            ProxyCompletionRequest { response_format: Some(format(9)), ..request(false) },
        ),
        ("session", ProxyCompletionRequest { session: "no spaces".into(), ..request(false) }),
    ];
    for (expected, request) in wrong {
        assert_eq!(body(request).await.unwrap_err(), expected);
    }
}

/// Lists in lists, as deep as said.
fn nested(depth: usize) -> prost_types::Struct {
    use prost_types::{ListValue, Struct, Value, value::Kind};
    let value = (0..depth).fold(Value::default(), |inner, _| Value {
        kind: Some(Kind::ListValue(ListValue { values: vec![inner] })),
    });
    Struct { fields: [("top".to_owned(), value)].into() }
}

#[tokio::test]
async fn nesting_is_taken_to_a_limit() {
    let with = |depth| ProxyCompletionRequest { extra: Some(nested(depth)), ..request(false) };
    assert!(body(with(30)).await.is_ok());
    assert!(body(with(200)).await.is_err());
}

#[tokio::test]
async fn credentials_upstream_and_no_store_reach_the_call() {
    let (stack, calls) = recording(|| {
        let body = CompletionBody::Whole(Bytes::from_static(b"{}"));
        Ok(completed(200, "application/json", body))
    });
    let mut asked =
        Request::new(ProxyCompletionRequest { upstream: "local".into(), ..request(false) });
    asked.metadata_mut().insert("authorization", "Bearer invented".parse().unwrap());
    asked.metadata_mut().insert("cache-control", "No-Store".parse().unwrap());
    direct(stack).proxy_completion(asked).await.unwrap();
    let calls = calls.lock().unwrap();
    let Task::Complete(complete) = &calls[0].task else { panic!("not a completion") };
    assert_eq!(complete.headers["authorization"], "Bearer invented");
    assert_eq!(complete.headers["content-type"], "application/json");
    assert_eq!((complete.upstream.as_deref(), complete.cache.no_store), (Some("local"), true));
    assert_eq!(complete.path.expose(), "/v1/chat/completions");
    assert!(calls[0].caller.expose().starts_with("key:"));
}

#[tokio::test]
async fn a_whole_answer_is_one_message_with_the_facts() {
    let answer = r#"{"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;
    let messages = collect(whole(200, answer), false).await.unwrap();
    assert_eq!(messages.len(), 1);
    let facts = messages[0].facts.as_ref().unwrap();
    assert_eq!((facts.policy.as_str(), facts.findings["EMAIL_ADDRESS"]), ("default_pii", 2));
    assert_eq!(
        (facts.cache(), facts.unscanned.as_slice()),
        (proto::CacheOutcome::Miss, ["image".to_owned()].as_slice())
    );
    assert_eq!(facts.request_id.len(), 32);
    assert_eq!(messages[0].choices[0].delta.as_ref().unwrap().content, "hi");
}

const EVENTS: &str = concat!(
    ": keep-alive\n\n",
    "data: {\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ü1\"}},{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\n\n",
    "data: [DONE]\n\n",
);

#[tokio::test]
async fn a_streamed_answer_is_told_as_it_comes_however_it_is_cut() {
    for size in [1, 2, 3, 7, 50, 10_000] {
        let messages = collect(events(EVENTS, size), true).await.unwrap();
        assert_eq!(messages.len(), 5, "cut by {size}");
        assert!(messages[0].facts.is_some() && messages[0].choices.is_empty());
        assert_eq!(messages[1].choices[0].delta.as_ref().unwrap().role, "assistant");
        let second: Vec<_> = messages[2]
            .choices
            .iter()
            .map(|c| (c.index, c.delta.clone().unwrap().content))
            .collect();
        assert_eq!(second, [(0, "ü1".to_owned()), (1, "b".to_owned())]);
        assert_eq!(messages[3].choices[0].finish_reason, "stop");
        assert_eq!(messages[4].usage.unwrap().total_tokens, 7);
        assert!(messages[1..].iter().all(|message| message.facts.is_none()));
    }
}

#[tokio::test]
async fn an_upstreams_error_keeps_its_words_and_gets_a_code() {
    let answer = r#"{"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#;
    let (_, status) = collect(whole(429, answer), false).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::ResourceExhausted, "UPSTREAM_ERROR")
    );
    let details = status.get_error_details();
    let facts = &details.error_info().unwrap().metadata;
    assert_eq!(
        (facts["upstream_message"].as_str(), facts["http_status"].as_str()),
        ("slow down", "429")
    );
    assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_secs(7)));
    let (_, status) = collect(whole(404, "<html>"), true).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_a_status_after_what_came_before() {
    let one = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
    for (rest, code) in [
        ("data: not json\n\n", Code::Unavailable),
        (
            "data: {\"error\":{\"message\":\"m\",\"type\":\"overloaded_error\"}}\n\n",
            Code::Unavailable,
        ),
        ("data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n", Code::ResourceExhausted),
        ("", Code::Unavailable),
    ] {
        let text: &'static str = format!("{one}{rest}").leak();
        for size in [1, 10_000] {
            let (before, status) = collect(events(text, size), true).await.unwrap_err();
            assert_eq!((before, status.code()), (2, code), "{rest:?} cut by {size}");
        }
    }
}

#[tokio::test]
async fn a_fault_of_the_stack_in_the_stream_is_told() {
    let body = || {
        let chunks =
            [Ok(Bytes::from_static(b"data: {\"choices\":[]}\n\n")), Err(Error::UpstreamTimeout)];
        CompletionBody::Stream(stream::iter(chunks).boxed())
    };
    let (stack, _) = recording(move || Ok(completed(200, "text/event-stream", body())));
    let (before, status) = collect(stack, true).await.unwrap_err();
    assert_eq!((before, status.code()), (2, Code::DeadlineExceeded));
}

/// A stack whose stream gives one event and then nothing, ever.
fn hanging(signal: Arc<Mutex<Option<DropSignal>>>) -> Stack {
    stack(move |_| {
        let held = signal.lock().unwrap().take();
        let first = stream::iter([Ok(Bytes::from_static(b"data: {\"choices\":[]}\n\n"))]);
        let never = stream::once(async move {
            std::future::pending::<()>().await;
            drop(held);
            Err(Error::Overloaded)
        });
        let body = CompletionBody::Stream(first.chain(never).boxed());
        std::future::ready(Ok(completed(200, "text/event-stream", body)))
    })
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_a_stream_and_drops_the_upstreams_body() {
    let (signal, dropped) = drop_signal();
    let mut asked = Request::new(request(true));
    asked.set_timeout(Duration::from_millis(50));
    let mut messages = direct(hanging(signal)).proxy_completion(asked).await.unwrap().into_inner();
    assert!(messages.message().await.unwrap().is_some());
    assert!(messages.message().await.unwrap().is_some());
    assert_eq!(messages.message().await.unwrap_err().code(), Code::DeadlineExceeded);
    assert!(dropped.await.is_err());
}

#[tokio::test]
async fn a_client_that_goes_away_drops_the_upstreams_body() {
    let (signal, dropped) = drop_signal();
    let server = Server::start(hanging(signal)).await;
    let mut messages = server.client().proxy_completion(request(true)).await.unwrap().into_inner();
    assert!(messages.message().await.unwrap().is_some());
    assert!(messages.message().await.unwrap().is_some());
    drop(messages);
    assert!(dropped.await.is_err());
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused() {
    let large: &'static str = format!("{{\"id\":\"{}\"}}", "x".repeat(LIMIT_BYTES)).leak();
    let (_, status) = collect(whole(200, large), false).await.unwrap_err();
    assert_eq!(reason(&status), "ANSWER_TOO_LARGE");
    let endless: &'static str =
        format!("data: {{\"id\":\"{}\"}}\n\n", "x".repeat(LIMIT_BYTES)).leak();
    assert!(collect(events(endless, 100), true).await.is_err());
}
