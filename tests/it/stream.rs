//! Streams: whole for the caller, early, byte for byte, and over when they are over.

use crate::support::{
    Behaviour, EMAIL, Server, Upstream,
    client::{
        PATIENCE, Reading, arguments, chat_body, error_of, events, eventually, grpc_chat,
        grpc_parts, grpc_said, said,
    },
    secret_text,
};
use bytes::Bytes;
use prompt_guard::grpc::proto;
use serde_json::{Value, json};
use tokio::time::timeout;

/// One event of a chat, as a provider writes it.
fn event(content: &str) -> String {
    let delta = json!({"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": null}]});
    format!("data: {delta}\n\n")
}

/// A request that makes `[EMAIL_1]` a live placeholder.
fn request() -> String {
    chat_body(&format!("Write to {EMAIL}"), json!({"stream": true}))
}

/// What a caller gets when the model streams these bytes.
async fn passed(behaviour: Behaviour) -> String {
    let upstream = Upstream::spawn(behaviour).await;
    let server = Server::before(&upstream);
    let answer = server.post("/v1/chat/completions", &[], request()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

#[tokio::test]
async fn chunks_of_any_size_give_the_whole_text() {
    let text = secret_text();
    let body = chat_body(&text, json!({"stream": true}));
    for chunk in [1, 2, 3, 7, 50] {
        let upstream = Upstream::spawn(Behaviour::Echo { chunk }).await;
        let server = Server::before(&upstream);
        let answer = server.post("/v1/chat/completions", &[], body.clone()).await;
        assert_eq!(answer.streamed(), text, "chunks of {chunk}");
    }
}

#[tokio::test]
async fn interleaved_choices_are_restored_apart() {
    let text = secret_text();
    let upstream = Upstream::spawn(Behaviour::Echo { chunk: 2 }).await;
    let server = Server::before(&upstream);
    let answer = server.chat_with(&[], &text, json!({"stream": true, "n": 3})).await;
    for index in 0..3 {
        assert_eq!(said(&answer.body, index), text, "choice {index}");
    }
}

#[tokio::test]
async fn tool_arguments_stay_json_whatever_the_value_holds() {
    let text = format!("{} \"quoted\" \\ and\nmore", secret_text());
    let tools = json!([{"type": "function", "function": {"name": "send", "parameters": {}}}]);
    for chunk in [1, 5] {
        let upstream = Upstream::spawn(Behaviour::Echo { chunk }).await;
        let server = Server::before(&upstream);
        let more = json!({"stream": true, "n": 2, "tools": tools});
        let answer = server.chat_with(&[], &text, more).await;
        for index in 0..2 {
            let arguments: Value = serde_json::from_str(&arguments(&answer.body, index)).unwrap();
            assert_eq!(arguments, json!({"text": text}), "chunks of {chunk}, choice {index}");
        }
    }
}

#[tokio::test]
async fn an_upstream_that_dies_leaves_what_came_and_an_error_event() {
    let sent = format!("{}{}", event("to [EMAIL_1]"), event(" and [EMA"));
    let got = passed(Behaviour::DieAfter(sent.into_bytes())).await;
    assert_eq!(said(got.as_bytes(), 0), format!("to {EMAIL} and [EMA"), "{got}");
    let last = events(got.as_bytes()).pop().unwrap();
    assert_eq!(error_of(&last)["code"], "upstream_bad_answer", "{got}");
    assert!(!got.contains("[DONE]"), "a broken stream must not look complete: {got}");
}

#[tokio::test]
async fn by_grpc_an_upstream_that_dies_leaves_what_came_and_a_status() {
    let sent = format!("{}{}", event("to [EMAIL_1]"), event(" and [EMA"));
    let upstream = Upstream::spawn(Behaviour::DieAfter(sent.into_bytes())).await;
    let server = Server::before(&upstream);
    let request =
        proto::ProxyCompletionRequest { stream: true, ..grpc_chat(&format!("Write to {EMAIL}")) };
    let (parts, ended) = grpc_parts(&mut server.grpc().await, request).await;
    assert_eq!(grpc_said(&parts), format!("to {EMAIL} and [EMA"));
    assert_eq!(ended.unwrap_err().code(), tonic::Code::Unavailable);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_ends_the_stream_with_an_error() {
    let sent = format!("{}data: {{broken\n\n{}", event("to [EMAIL_1]"), event("never seen"));
    let upstream = Upstream::spawn(Behaviour::Events(sent.into_bytes())).await;
    let mut server = Server::before(&upstream);
    let got = server.post("/v1/chat/completions", &[], request()).await.text();
    assert_eq!(said(got.as_bytes(), 0), format!("to {EMAIL}"), "{got}");
    let last = events(got.as_bytes()).pop().unwrap();
    assert_eq!(error_of(&last)["code"], "upstream_bad_answer", "{got}");
    server.stop().await;
    assert!(server.logs().contains("it is not well-formed JSON"), "{}", server.logs());
}

#[tokio::test]
async fn half_a_placeholder_at_the_end_is_text() {
    let sent = format!("{}{}data: [DONE]\n\n", event("see "), event("[EMAIL_"));
    let got = passed(Behaviour::Events(sent.into_bytes())).await;
    assert_eq!(said(got.as_bytes(), 0), "see [EMAIL_", "{got}");
    assert!(got.ends_with("data: [DONE]\n\n"), "the end stays the end: {got}");
}

#[tokio::test]
async fn the_first_event_is_there_before_the_second_is_made() {
    let (upstream, send) = Upstream::paced().await;
    let server = Server::before(&upstream);
    let opening = server.open("/v1/chat/completions", &[], request());
    let telling = async {
        upstream.arrived(1).await;
        send.send(event("one").into()).await.unwrap();
    };
    let (response, ()) = tokio::join!(opening, telling);
    let mut reading = Reading::of(response);
    for text in ["one", "two", "three"] {
        if text != "one" {
            send.send(event(text).into()).await.unwrap();
        }
        reading.until(&event(text)).await;
    }
    drop(send);
    reading.rest().await;
}

#[tokio::test]
async fn only_what_may_become_a_placeholder_waits_for_the_next_event() {
    let (upstream, send) = Upstream::paced().await;
    let server = Server::before(&upstream);
    let opening = server.open("/v1/chat/completions", &[], request());
    let telling = async { send.send(event("mail [EMAIL").into()).await.unwrap() };
    let (response, ()) = tokio::join!(opening, telling);
    let mut reading = Reading::of(response);
    reading.until("mail ").await;
    assert!(!reading.text().contains("[EMAIL"), "{}", reading.text());
    send.send(event("_1] now").into()).await.unwrap();
    reading.until(&format!("{EMAIL} now")).await;
    drop(send);
    reading.rest().await;
}

#[tokio::test]
async fn a_caller_who_leaves_a_stream_ends_it_upstream() {
    let (upstream, send) = Upstream::paced().await;
    let server = Server::before(&upstream);
    let opening = server.open("/v1/chat/completions", &[], request());
    let telling = async { send.send(event("one").into()).await.unwrap() };
    let (response, ()) = tokio::join!(opening, telling);
    let mut reading = Reading::of(response);
    reading.until("one").await;
    drop(reading);
    timeout(PATIENCE, send.closed()).await.expect("the upstream still streams");
}

#[tokio::test]
async fn a_caller_who_hangs_up_at_the_last_event_has_had_all_of_it() {
    let counted =
        |outcome, number| format!(r#"surface="chat_completions",outcome="{outcome}"}} {number}"#);
    let (upstream, send) = Upstream::paced().await;
    let server = Server::before(&upstream);
    let opening = server.open("/v1/chat/completions", &[], request());
    let telling = async { send.send((event("one") + "data: [DONE]\n\n").into()).await.unwrap() };
    let (response, ()) = tokio::join!(opening, telling);
    let mut reading = Reading::of(response);
    reading.until("[DONE]").await;
    drop(reading);
    timeout(PATIENCE, send.closed()).await.expect("the upstream still streams");
    let has_ended = async || server.metrics().contains("prompt_guard_calls_total{");
    eventually("the call is counted", has_ended).await;
    let metrics = server.metrics();
    assert!(metrics.contains(&counted("ok", 1)), "{metrics}");
    assert!(!metrics.contains(&counted("cancelled", 1)), "{metrics}");
}

#[tokio::test]
async fn a_caller_who_leaves_before_the_answer_ends_the_upstreams_request() {
    let upstream = Upstream::spawn(Behaviour::Hang).await;
    let server = Server::before(&upstream);
    for (count, stream) in [(1, false), (2, true)] {
        let body = chat_body("hi", json!({"stream": stream}));
        let waiting = server.open("/v1/chat/completions", &[], body);
        tokio::select! {
            _ = waiting => panic!("the upstream hangs"),
            () = upstream.arrived(count) => (),
        }
        timeout(PATIENCE, upstream.abandoned(count)).await.expect("the upstream still works");
    }
}

#[tokio::test]
async fn a_grpc_caller_who_leaves_a_stream_ends_it_upstream() {
    let (upstream, send) = Upstream::paced().await;
    let server = Server::before(&upstream);
    let mut grpc = server.grpc().await;
    let request = proto::ProxyCompletionRequest { stream: true, ..grpc_chat("hi") };
    let opening = grpc.proxy_completion(request);
    let telling = async { send.send(event("one").into()).await.unwrap() };
    let (stream, ()) = tokio::join!(opening, telling);
    let mut stream = stream.unwrap().into_inner();
    let mut parts = Vec::new();
    while grpc_said(&parts) != "one" {
        parts.extend(timeout(PATIENCE, stream.message()).await.unwrap().unwrap());
    }
    drop(stream);
    timeout(PATIENCE, send.closed()).await.expect("the upstream still streams");
}

/// Comments, event names, ids, line ends, unknown members, spellings of numbers and escapes: all not ours to change.
const ODD: &str = concat!(
    ": a comment\n\n",
    "event: ping\ndata: {\"type\":\"ping\"}\n\n",
    "id: 7\r\nretry: 10\r\ndata: {\"x_new\" : 1.50e0, \"choices\":[{\"delta\":{\"content\":\"caf\\u00e9 \\/ [OTHER_1]\"},\"index\":0,\"p\":-0.0}]}\r\n\r\n",
    "data:{\"choices\":[ ],\"usage\":{\"total\":1E3}}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"split\",\n",
    "data: \"x\":[1,2 ,3]}}]}\n\n",
    "data: [DONE]\n\n",
);

#[tokio::test]
async fn bytes_without_a_placeholder_pass_as_they_came() {
    assert_eq!(passed(Behaviour::Events(ODD.into())).await, ODD);
}

#[tokio::test]
async fn beside_a_placeholder_only_its_own_bytes_change() {
    let odd = ODD.replace("[OTHER_1]", "[EMAIL_1]");
    let expected = ODD.replace("[OTHER_1]", EMAIL);
    assert_eq!(passed(Behaviour::Events(odd.into())).await, expected);
}

#[tokio::test]
async fn restored_text_is_not_restored_again() {
    let upstream = Upstream::spawn(Behaviour::Echo { chunk: 4 }).await;
    let server = Server::before(&upstream);
    let text = format!("[EMAIL_1] was not {EMAIL}, nor [EMAIL_2]");
    assert_eq!(server.chat_with(&[], &text, json!({"stream": true})).await.streamed(), text);
    let seen = upstream.only().said();
    assert!(seen.starts_with("[EMAIL_1] was not [EMAIL_3]"), "{seen}");
}

#[tokio::test]
async fn events_cut_anywhere_between_packets_are_read_alike() {
    let whole = format!("{}{}data: [DONE]\n\n", event("to [EMAIL_1]"), event(" é!"));
    let (upstream, send) = Upstream::paced().await;
    let server = Server::before(&upstream);
    let opening = server.open("/v1/chat/completions", &[], request());
    let telling = async {
        for piece in whole.as_bytes().chunks(5) {
            send.send(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        drop(send);
    };
    let reading = async { Reading::of(opening.await).rest().await };
    let (got, ()) = tokio::join!(reading, telling);
    assert_eq!(said(&got, 0), format!("to {EMAIL} é!"));
}

/// Some servers call their events plain text, or say nothing.
#[tokio::test]
async fn events_are_events_whatever_they_are_called_where_a_stream_was_asked_for() {
    let pieces = ["to [EM", "AIL", "_1", "]"].map(event).concat();
    let upstream = Upstream::spawn(Behaviour::Fixed(200, "text/plain", pieces)).await;
    let server = Server::before(&upstream);
    let answer = server.post("/v1/chat/completions", &[], request()).await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(said(&answer.body, 0), format!("to {EMAIL}"));
}
