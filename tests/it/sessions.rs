//! What becomes of texts that outlive their session, whose id is used again.

use crate::{
    replicas::{begun, redact, restore, restored},
    support::{EMAIL, Server, Upstream, client::chat_body},
};
use http::Method;
use serde_json::json;

const OTHER: &str = "canary.other@example.org";
const SESSION: (&str, &str) = ("x-guard-session", "s-1");

/// The only placeholder in a text.
#[track_caller]
fn placeholder(text: &str) -> &str {
    let (start, end) = (text.find("[EMAIL_"), text.find(']'));
    let (Some(start), Some(end)) = (start, end) else { panic!("no placeholder in {text}") };
    &text[start..=end]
}

async fn respond(server: &Server, input: &str) {
    let body = json!({"model": "m", "input": input}).to_string();
    let answer = server.post("/v1/responses", &[SESSION], body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn forget(server: &Server) {
    let answer = server.ask(Method::DELETE, "/guard/v1/sessions/s-1", &[]).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
}

#[tokio::test]
async fn what_an_earlier_session_left_upstream_is_not_taken_for_a_value_of_the_new_one() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    respond(&server, &format!("mail {EMAIL}")).await;
    forget(&server).await;
    respond(&server, &format!("mail {OTHER}")).await;
    let requests = upstream.requests();
    let said: Vec<String> =
        requests.iter().map(|it| String::from_utf8_lossy(&it.body).into()).collect();
    let (old, new) = (placeholder(&said[0]), placeholder(&said[1]));
    assert_ne!(old, new);
    let text = restored(&restore(&server, &format!("{old} {new}"), "s-1").await);
    assert_eq!(text, format!("{old} {OTHER}"));
}

#[tokio::test]
async fn nor_what_an_earlier_redaction_left_with_its_caller() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let (session, old) = begun(&redact(&server, EMAIL, Some("s-1")).await);
    assert_eq!(session, "s-1");
    forget(&server).await;
    let (_, new) = begun(&redact(&server, OTHER, Some("s-1")).await);
    let text = restored(&restore(&server, &format!("{old} {new}"), "s-1").await);
    assert_eq!(text, format!("{old} {OTHER}"));
}

#[tokio::test]
async fn a_session_of_chats_which_send_all_again_is_numbered_from_one() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let chat = chat_body(&format!("mail {EMAIL}"), json!({}));
    assert_eq!(server.post("/v1/chat/completions", &[SESSION], chat).await.status, 200);
    assert!(upstream.only().everything().contains("[EMAIL_1]"));
}
