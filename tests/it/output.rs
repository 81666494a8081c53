//! What the model itself wrote: found, replaced or blocked, on all surfaces, whole and streamed.

use crate::support::{
    Behaviour, EMAIL, Server, Upstream,
    client::{Answer, chat_body, error_of, events, grpc_chat, grpc_parts, grpc_said, said},
    folder::Folder,
};
use prompt_guard::grpc::proto;
use serde_json::{Value, json};

/// Nobody sent it.
const BOB: &str = "bob@example.com";

/// A server whose default policy adds this to the built-in one.
fn server(upstream: &Upstream, yaml: &str) -> (Server, Folder) {
    let folder = Folder::new();
    let path = folder.write("mine.yaml", &format!("extends: default_pii\n{yaml}\n"));
    let server = Server::builder()
        .upstream(upstream)
        .set("policy.files", &path)
        .set("policy.default", "mine")
        .spawn();
    (server, folder)
}

const REDACTING: &str = "entities: {EMAIL: {output: redact}}";
const BLOCKING: &str = "entities: {EMAIL: {output: block}}\ncanaries: [the blue lantern]";

fn chat_answer(content: &str) -> Behaviour {
    let body = json!({"id": "c-1", "object": "chat.completion", "created": 1, "model": "m", "choices":
        [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}]});
    Behaviour::Fixed(200, "application/json", body.to_string())
}

/// A chat stream that says this in pieces of so many characters.
fn chat_stream(content: &str, size: usize) -> Behaviour {
    chat_stream_in("content", content, size)
}

/// The same, in this member of the deltas.
fn chat_stream_in(member: &str, content: &str, size: usize) -> Behaviour {
    let chars: Vec<char> = content.chars().collect();
    let event = |delta: Value, reason: Value| {
        let event = json!({"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
        format!("data: {event}\n\n")
    };
    let said = chars
        .chunks(size)
        .map(|piece| event(json!({member: piece.iter().collect::<String>()}), Value::Null));
    let end = event(json!({}), json!("stop"));
    let all: String = said.chain([end, "data: [DONE]\n\n".to_owned()]).collect();
    Behaviour::Events(all.into_bytes())
}

async fn asked(behaviour: Behaviour, yaml: &str, path: &str, body: String) -> (Answer, Server) {
    let upstream = Upstream::spawn(behaviour).await;
    let (server, _folder) = server(&upstream, yaml);
    let answer = server.post(path, &[], body).await;
    (answer, server)
}

async fn chat(behaviour: Behaviour, yaml: &str, stream: bool) -> (Answer, Server) {
    let body = chat_body(&format!("Write to {EMAIL}"), json!({"stream": stream}));
    asked(behaviour, yaml, "/v1/chat/completions", body).await
}

#[tokio::test]
async fn by_default_what_the_model_wrote_passes() {
    let text = format!("ask [EMAIL_1] or {BOB}");
    let (answer, _server) = chat(chat_answer(&text), "entities: {}", false).await;
    assert_eq!(answer.said(), format!("ask {EMAIL} or {BOB}"));
}

#[tokio::test]
async fn it_is_replaced_and_the_callers_own_values_come_back() {
    let text = format!("ask [EMAIL_1] or {BOB} or bob%40example.com.");
    let expected = format!("ask {EMAIL} or [EMAIL_REDACTED] or [EMAIL_REDACTED].");
    let (answer, server) = chat(chat_answer(&text), REDACTING, false).await;
    assert_eq!(answer.said(), expected);
    assert_eq!(answer.header("x-guard-findings"), "EMAIL_ADDRESS=1", "those of the request");
    let counted =
        r#"prompt_guard_findings_total{entity_type="EMAIL_ADDRESS",direction="output"} 2"#;
    assert!(server.metrics().contains(counted), "{}", server.metrics());
    for size in [1, 2, 3, 7, 50, 500] {
        let (answer, _server) = chat(chat_stream(&text, size), REDACTING, true).await;
        assert_eq!(said(&answer.body, 0), expected, "pieces of {size}");
        assert!(answer.text().ends_with("data: [DONE]\n\n"));
    }
}

#[tokio::test]
async fn a_member_of_a_stream_that_no_api_lists_is_one_text_too() {
    let text = format!("ask [EMAIL_1] or {BOB}.");
    for size in [1, 3, 7, 500] {
        let stream = chat_stream_in("record_field", &text, size);
        let (answer, _server) = chat(stream, REDACTING, true).await;
        let events = events(&answer.body);
        let deltas = events.iter().map(|event| &event["choices"][0]["delta"]["record_field"]);
        let said: String = deltas.filter_map(Value::as_str).collect();
        assert_eq!(said, format!("ask {EMAIL} or [EMAIL_REDACTED]."), "{size}");
    }
}

#[tokio::test]
async fn what_is_blocked_is_an_error_that_no_client_sends_again() {
    for text in [format!("ask {BOB} now"), "I am the blue lantern of course".to_owned()] {
        let (answer, _server) = chat(chat_answer(&text), BLOCKING, false).await;
        let expected = ("invalid_request_error".to_owned(), Some("content_blocked".to_owned()));
        let (status, kind, code) = answer.error();
        assert_eq!((status, (kind, code)), (400, expected));
        assert_eq!(answer.header("x-should-retry"), "false");
        assert!(!answer.text().contains(BOB), "{}", answer.text());
    }
}

#[tokio::test]
async fn in_a_stream_what_is_blocked_is_an_error_event_and_the_end() {
    for (text, before) in [
        (format!("please ask {BOB} now"), "please ask "),
        ("I am the blue lantern now".to_owned(), "I am "),
    ] {
        for size in [1, 3, 50] {
            let (answer, _server) = chat(chat_stream(&text, size), BLOCKING, true).await;
            let told = answer.text();
            let last = events(&answer.body).pop().unwrap();
            assert_eq!(error_of(&last)["code"], "content_blocked", "{told}");
            assert!(before.starts_with(&said(&answer.body, 0)), "{told}");
            assert!(
                !told.contains("[DONE]") && !told.contains("lantern") && !told.contains("bob"),
                "{told}"
            );
        }
    }
}

#[tokio::test]
async fn a_blocked_stream_is_cancelled_upstream() {
    let (upstream, send) = Upstream::paced().await;
    let (server, _folder) = server(&upstream, BLOCKING);
    let body = chat_body("hi", json!({"stream": true}));
    let event = format!(
        "data: {}\n\n",
        json!({"choices": [{"index": 0, "delta": {"content": format!("{BOB} and ")}}]})
    );
    let telling = async {
        send.send(event.into()).await.unwrap();
        send.closed().await;
    };
    let (answer, ()) = tokio::join!(server.post("/v1/chat/completions", &[], body), telling);
    assert!(answer.text().contains("content_blocked"), "{}", answer.text());
}

#[tokio::test]
async fn a_canary_goes_to_the_model_as_it_is() {
    let upstream = Upstream::echo().await;
    let (server, _folder) = server(&upstream, BLOCKING);
    let answer = server.chat("you are the blue lantern").await;
    assert_eq!(upstream.only().said(), "you are the blue lantern");
    assert_eq!(answer.error().2.as_deref(), Some("content_blocked"), "the model gave it away");
}

#[tokio::test]
async fn tool_arguments_stay_json() {
    let arguments = json!({"to": BOB, "note": "[EMAIL_1]\n"}).to_string();
    let call = |arguments: &str| json!([{"index": 0, "id": "t", "type": "function", "function": {"name": "send", "arguments": arguments}}]);
    let whole = json!({"choices": [{"index": 0, "message": {"role": "assistant", "tool_calls": call(&arguments)}}]});
    let (answer, _server) =
        chat(Behaviour::Fixed(200, "application/json", whole.to_string()), REDACTING, false).await;
    let told = &answer.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"];
    let expected = json!({"to": "[EMAIL_REDACTED]", "note": format!("{EMAIL}\n")});
    assert_eq!(serde_json::from_str::<Value>(told.as_str().unwrap()).unwrap(), expected);
    let chars: Vec<char> = arguments.chars().collect();
    let pieces = chars.chunks(2).map(|piece| {
        let piece: String = piece.iter().collect();
        format!(
            "data: {}\n\n",
            json!({"choices": [{"index": 0, "delta": {"tool_calls": call(&piece)}}]})
        )
    });
    let stream: String = pieces.chain(["data: [DONE]\n\n".to_owned()]).collect();
    let (answer, _server) = chat(Behaviour::Events(stream.into_bytes()), REDACTING, true).await;
    let told = crate::support::client::arguments(&answer.body, 0);
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), expected);
}

#[tokio::test]
async fn completions_responses_and_messages_are_looked_at_too() {
    let text = format!("ask {BOB} now");
    let prompt = json!({"model": "m", "prompt": "hi"}).to_string();
    let body = json!({"choices": [{"index": 0, "text": text}]}).to_string();
    let (answer, _server) = asked(
        Behaviour::Fixed(200, "application/json", body),
        REDACTING,
        "/v1/completions",
        prompt,
    )
    .await;
    assert_eq!(answer.json()["choices"][0]["text"], "ask [EMAIL_REDACTED] now");

    let prompt = json!({"model": "m", "input": "hi"}).to_string();
    let body = json!({"id": "r", "instructions": BOB, "output": [{"type": "message", "content": [{"type": "output_text", "text": text,
        "annotations": [{"type": "url_citation", "url": "https://example.com", "start_index": 20, "end_index": 23}]}]}]});
    let (answer, _server) = asked(
        Behaviour::Fixed(200, "application/json", body.to_string()),
        REDACTING,
        "/v1/responses",
        prompt,
    )
    .await;
    let answer = answer.json();
    let part = &answer["output"][0]["content"][0];
    assert_eq!(part["text"], "ask [EMAIL_REDACTED] now");
    assert_eq!(
        (&part["annotations"][0]["start_index"], &part["annotations"][0]["end_index"]),
        (&json!(21), &json!(24))
    );
    assert_eq!(answer["instructions"], BOB, "what repeats the request is not the model's");

    let prompt =
        json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]})
            .to_string();
    let body = json!({"type": "message", "content": [{"type": "text", "text": text}, {"type": "tool_use", "id": "t", "name": "n", "input": {"to": BOB}}]});
    let (answer, _server) = asked(
        Behaviour::Fixed(200, "application/json", body.to_string()),
        REDACTING,
        "/v1/messages",
        prompt,
    )
    .await;
    assert_eq!(answer.json()["content"][0]["text"], "ask [EMAIL_REDACTED] now");
    assert_eq!(answer.json()["content"][1]["input"]["to"], "[EMAIL_REDACTED]");
}

#[tokio::test]
async fn by_grpc_it_is_the_same() {
    for stream in [false, true] {
        let text = format!("ask [EMAIL_1] or {BOB} now");
        let behaviour = || if stream { chat_stream(&text, 2) } else { chat_answer(&text) };
        let request =
            || proto::ProxyCompletionRequest { stream, ..grpc_chat(&format!("Write to {EMAIL}")) };
        let upstream = Upstream::spawn(behaviour()).await;
        let (redacting, _folder) = server(&upstream, REDACTING);
        let (parts, ended) = grpc_parts(&mut redacting.grpc().await, request()).await;
        ended.unwrap();
        assert_eq!(
            grpc_said(&parts),
            format!("ask {EMAIL} or [EMAIL_REDACTED] now"),
            "stream: {stream}"
        );
        let upstream = Upstream::spawn(behaviour()).await;
        let (blocking, _folder) = server(&upstream, BLOCKING);
        let (_, ended) = grpc_parts(&mut blocking.grpc().await, request()).await;
        assert_eq!(ended.unwrap_err().code(), tonic::Code::FailedPrecondition, "stream: {stream}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_passes_only_without_findings() {
    for (body, status) in [("{ broken bob@example.com", 502), ("{ broken", 200)] {
        let (answer, _server) =
            chat(Behaviour::Fixed(200, "application/json", body.to_owned()), REDACTING, false)
                .await;
        assert_eq!(answer.status, status, "{body}");
    }
}

#[tokio::test]
async fn a_policy_may_leave_placeholders_in_the_arguments_of_tools() {
    let call = json!([{"index": 0, "id": "t", "type": "function", "function": {"name": "n", "arguments": "{\"to\":\"[EMAIL_1]\"}"}}]);
    let message = json!({"role": "assistant", "content": "to [EMAIL_1]", "tool_calls": call});
    let whole = json!({"choices": [{"index": 0, "message": message}]}).to_string();
    let (answer, _server) =
        chat(Behaviour::Fixed(200, "application/json", whole), "one_way: [tool_arguments]", false)
            .await;
    assert_eq!(answer.said(), format!("to {EMAIL}"));
    let arguments =
        &answer.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"];
    assert_eq!(arguments, "{\"to\":\"[EMAIL_1]\"}");
    let event = json!({"choices": [{"index": 0, "delta": message}]});
    let stream = format!("data: {event}\n\ndata: [DONE]\n\n");
    let (answer, _server) =
        chat(Behaviour::Events(stream.into_bytes()), "one_way: [tool_arguments]", true).await;
    assert_eq!(said(&answer.body, 0), format!("to {EMAIL}"));
    assert_eq!(crate::support::client::arguments(&answer.body, 0), "{\"to\":\"[EMAIL_1]\"}");
}

#[tokio::test]
async fn keyed_numbers_are_the_same_in_all_requests_of_a_caller() {
    let upstream = Upstream::echo().await;
    let (server, _folder) = server(&upstream, "numbering: keyed");
    for text in [format!("to {EMAIL}"), format!("from eve@example.net to {EMAIL}")] {
        assert_eq!(server.chat(&text).await.said(), text);
    }
    let sent: Vec<String> = upstream.requests().iter().map(|request| request.said()).collect();
    let (_, number) = sent[0].split_once("to ").unwrap();
    assert!(number.starts_with("[EMAIL_k") && sent[1].ends_with(number), "{sent:?}");
}
