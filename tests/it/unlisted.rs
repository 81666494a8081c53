//! Paths of providers that the guard does not know: refused, scanned or passed, as `server.unknown_endpoints` says.

use crate::support::{
    Behaviour, EMAIL, Server, Upstream,
    client::{chat_body, events},
    server::Builder,
};
use http::Method;
use serde_json::{Value, json};

const SESSION: (&str, &str) = ("x-guard-session", "s-0");
const FILES: &str = "/v1/files";
const THREAD: &str = "/v1/threads/t_1/messages";
/// Private, and no canary: a body that is passed unread holds it.
const OWN: &str = "ann.example@example.org";

fn scanning(upstream: &Upstream) -> Builder {
    Server::builder().upstream(upstream).set("server.unknown_endpoints", "scan")
}

fn passing(upstream: &Upstream) -> Builder {
    Server::builder().upstream(upstream).set("server.unknown_endpoints", "pass")
}

async fn answering(content_type: &'static str, body: impl Into<String>) -> Upstream {
    Upstream::spawn(Behaviour::Fixed(200, content_type, body.into())).await
}

/// Begins the session with a chat, which numbers from 1: the value is `[EMAIL_1]` in all that follows.
async fn begin(server: &Server) {
    let chat = server.post("/v1/chat/completions", &[SESSION], chat_body(EMAIL, json!({}))).await;
    assert_eq!(chat.status, 200, "{}", chat.text());
}

#[tokio::test]
async fn scanned_bodies_are_redacted_whatever_their_members_and_answers_restored() {
    let upstream = answering(
        "application/json",
        r#"{"data":[{"value":"for [EMAIL_1]","arguments":"{\"to\":\"[EMAIL_1]\"}","n":1.50}]}"#,
    )
    .await;
    let server = scanning(&upstream).spawn();
    begin(&server).await;
    let body = format!(
        r#"{{"deep":[{{"a":["mail {EMAIL}"]}}],"{EMAIL}":1,"card":4111111111111111,"note":"{{\"x\":\"{EMAIL}\"}}","n":1.50}}"#
    );
    let path = format!("/v1/threads/{EMAIL}/messages?who={EMAIL}");
    let answer = server.post(&path, &[SESSION, ("x-note", EMAIL)], body).await;
    let expected = json!({"data": [{"value": format!("for {EMAIL}"), "arguments": format!("{{\"to\":\"{EMAIL}\"}}"), "n": 1.5}]});
    assert_eq!((answer.status, answer.json()), (200, expected), "{}", answer.text());
    assert!(answer.text().contains("1.50"), "{}", answer.text());
    assert!(answer.header("x-guard-findings").contains("EMAIL_ADDRESS="));
    let sent = upstream.requests().pop().unwrap();
    assert_eq!(sent.json()["deep"][0]["a"][0], "mail [EMAIL_1]");
    assert!(!sent.everything().contains("4111111111111111"), "{}", sent.everything());
    assert!(!String::from_utf8_lossy(&sent.body).contains("4111"), "{}", sent.everything());
    assert!(sent.everything().contains("1.50"), "{}", sent.everything());
}

#[tokio::test]
async fn scanned_streams_are_restored_where_values_are_cut_over_nested_members() {
    let pieces = ["to [EM", "AIL", "_1", "] and [EMA", "IL_1]."];
    let event = |text: &str| json!({"object": "delta", "delta": {"content": [{"index": 0, "text": {"value": text}}]}});
    let stream: String =
        pieces.iter().map(|text| format!("event: delta\ndata: {}\n\n", event(text))).collect();
    let upstream = Upstream::spawn(Behaviour::Events(stream.into_bytes())).await;
    let server = scanning(&upstream).spawn();
    begin(&server).await;
    let answer = server.post("/v1/threads/runs", &[SESSION], json!({"a": EMAIL}).to_string()).await;
    let said: String = events(&answer.body)
        .iter()
        .filter_map(|event: &Value| event["delta"]["content"][0]["text"]["value"].as_str())
        .collect();
    assert_eq!(said, format!("to {EMAIL} and {EMAIL}."));
    assert_eq!(answer.text().matches("event: delta").count(), pieces.len());
}

#[tokio::test]
async fn what_a_scan_cannot_read_is_refused() {
    let upstream = answering("application/json", "{}").await;
    let server = scanning(&upstream).spawn();
    let form = "--b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nhi\r\n--b--";
    for (content_type, body, param) in [
        ("multipart/form-data; boundary=b", form, Some("content-type")),
        ("text/plain", "hi", Some("content-type")),
        ("application/octet-stream", "{}", Some("content-type")),
        ("application/x-ndjson", "{}\n{}", Some("content-type")),
        ("application/json", "{}\n{}", None),
        ("application/json", "{", None),
    ] {
        let answer = server.post(FILES, &[("content-type", content_type)], body).await;
        assert_eq!(answer.error().0, 400, "{content_type}: {}", answer.text());
        assert_eq!(answer.param().as_deref(), param, "{content_type}");
    }
    assert!(upstream.requests().is_empty());
    assert_eq!(server.ask(Method::DELETE, "/v1/files/f_1", &[]).await.status, 200);
    assert_eq!(server.ask(Method::TRACE, FILES, &[]).await.status, 405);
    assert_eq!(upstream.only().method, "DELETE");
}

#[tokio::test]
async fn results_of_a_batch_are_restored_line_by_line_in_its_session() {
    let lines =
        "{\"custom_id\":\"1\",\"result\":{\"text\":\"for [EMAIL_1]\"}}\n{\"custom_id\":\"2\"}\n";
    let upstream = answering("application/x-jsonl", lines).await;
    let server = scanning(&upstream).spawn();
    begin(&server).await;
    let batch = json!({"requests": [{"custom_id": "1", "params": {"messages": [{"role": "user", "content": EMAIL}]}}]});
    let begun = server.post("/v1/messages/batches", &[SESSION], batch.to_string()).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let results = server.ask(Method::GET, "/v1/messages/batches/b_1/results", &[SESSION]).await;
    assert_eq!(results.text(), lines.replace("[EMAIL_1]", EMAIL));
}

/// What a session keeps together, an unlisted path joins.
#[tokio::test]
async fn a_session_holds_over_scanned_paths() {
    let upstream = answering("application/json", r#"{"said":"[EMAIL_1]"}"#).await;
    let server = scanning(&upstream).spawn();
    begin(&server).await;
    let added = server.post(THREAD, &[SESSION], json!({"content": EMAIL}).to_string()).await;
    let read = server.ask(Method::GET, THREAD, &[SESSION]).await;
    let stranger = server.ask(Method::GET, THREAD, &[]).await;
    assert_eq!((added.json(), read.json()), (json!({"said": EMAIL}), json!({"said": EMAIL})));
    assert_eq!(stranger.json(), json!({"said": "[EMAIL_1]"}));
}

/// Else what another request left upstream would be taken for this one's.
#[tokio::test]
async fn without_a_session_a_placeholder_of_another_request_stands_for_no_value_of_this_one() {
    let upstream = Upstream::echo().await;
    let server = scanning(&upstream).spawn();
    let ask = |text: String| json!({"content": text}).to_string();
    server.post(THREAD, &[], ask(EMAIL.to_owned())).await;
    let left = upstream.only().json()["content"].as_str().unwrap().to_owned();
    assert!(left.starts_with("[EMAIL_k"), "{left}");
    server.post(THREAD, &[], ask(OWN.to_owned())).await;
    let other = upstream.requests()[1].json()["content"].as_str().unwrap().to_owned();
    assert_ne!(left, other);
    server.post(THREAD, &[], ask(EMAIL.to_owned())).await;
    assert_eq!(upstream.requests()[2].json()["content"], left.as_str());
}

#[tokio::test]
async fn passed_bodies_go_unread_both_ways_and_are_counted() {
    let upstream = answering("application/octet-stream", "\u{0}[EMAIL_1]").await;
    let server = passing(&upstream).spawn();
    let content_type = "multipart/form-data; boundary=b";
    let headers = [("content-type", content_type), ("x-note", EMAIL)];
    let body = format!("--b\r\n\r\n{OWN}\r\n--b--");
    let answer = server.post(&format!("{FILES}?who={EMAIL}"), &headers, body.clone()).await;
    assert_eq!((answer.status, answer.text()), (200, "\u{0}[EMAIL_1]".to_owned()));
    assert_eq!(answer.header("x-guard-unscanned"), "body");
    let sent = upstream.only();
    assert_eq!(
        (sent.body.as_ref(), &sent.headers["content-type"]),
        (body.as_bytes(), &content_type.parse().unwrap())
    );
    assert_eq!(sent.headers["x-note"], "[EMAIL_1]");
    assert!(server.metrics().contains("prompt_guard_verdicts_total{verdict=\"unread\"} 1"));
    assert!(server.logs().contains("server.unknown_endpoints is pass"));
    // What the guard knows it guards as ever.
    server.chat(EMAIL).await;
    assert_eq!(upstream.requests()[1].said(), "[EMAIL_1]");
}

#[tokio::test]
async fn a_policy_that_denies_what_cannot_be_read_denies_passed_bodies_too() {
    let upstream = answering("application/json", "{}").await;
    let server = passing(&upstream).set("policy.default", "gdpr_strict").spawn();
    let answer = server.post(FILES, &[], json!({"a": EMAIL}).to_string()).await;
    assert_eq!(answer.error().2.as_deref(), Some("unscannable_content"), "{}", answer.text());
    assert!(upstream.requests().is_empty());
    assert_eq!(server.ask(Method::GET, FILES, &[]).await.status, 200);
}

/// As files come from OpenAI.
#[tokio::test]
async fn a_file_of_no_type_is_restored_as_what_it_is() {
    let lines = "{\"custom_id\":\"1\",\"body\":\"for [EMAIL_1]\"}\n{\"custom_id\":\"2\"}\n";
    let upstream = answering("application/octet-stream", lines).await;
    let server = scanning(&upstream).spawn();
    begin(&server).await;
    let asked = server.post(THREAD, &[SESSION], json!({"content": EMAIL}).to_string()).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    let file = server.ask(Method::GET, "/v1/files/file-AbCdEfGhIjKl/content", &[SESSION]).await;
    assert_eq!((file.status, file.text()), (200, lines.replace("[EMAIL_1]", EMAIL)));
}

/// What looks like a name in an id is none: the path would lead nowhere.
#[tokio::test]
async fn ids_in_paths_stay_but_for_what_identifies() {
    let upstream = answering("application/json", "{}").await;
    let server = scanning(&upstream).spawn();
    let kept = [
        "/v1/models/google/gemma-2-9b-it",
        "/v1/models/ft:gpt-3.5-turbo:my-org:jane-doe:7p4lURel",
        "/v1/fine_tuning/jobs/ftjob-JaneDoeSmithQwertzuiop",
    ];
    for path in kept {
        assert_eq!(server.ask(Method::GET, path, &[]).await.status, 200, "{path}");
        assert_eq!(server.ask(Method::DELETE, path, &[]).await.status, 200, "{path}");
    }
    let sent: Vec<String> = upstream.requests().into_iter().map(|sent| sent.target).collect();
    assert_eq!(sent, kept.into_iter().flat_map(|path| [path; 2]).collect::<Vec<_>>());
    server.ask(Method::GET, &format!("/v1/models/{EMAIL}"), &[]).await;
    server.ask(Method::GET, "/v1/people/Jane%20Doe", &[]).await;
    for sent in &upstream.requests()[6..] {
        assert!(!sent.target.contains("anary") && !sent.target.contains("Doe"), "{}", sent.target);
    }
}
