//! What a provider has signed can only be sent as it is: it must hold nothing that is replaced elsewhere.

use crate::support::{Behaviour, EMAIL, Server, Upstream};
use serde_json::{Value, json};

const MESSAGES: &str = "/v1/messages";
const SIGNATURE: &str = "EqQBCkYIARgCKkDn0abc";

fn history(user: &str, blocks: &Value) -> Value {
    json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": user},
        {"role": "assistant", "content": blocks}, {"role": "user", "content": "go on"}]})
}

fn thinking(text: &str) -> Value {
    json!([{"type": "thinking", "thinking": text, "signature": SIGNATURE}])
}

/// A value is the same in capitals, percent-encoded and with other separators.
#[tokio::test]
async fn a_signed_text_with_a_value_that_is_replaced_elsewhere_is_refused_in_every_spelling() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for (user, signed) in [
        (format!("mail {EMAIL}"), EMAIL.to_owned()),
        (format!("mail {EMAIL}"), "Canary.Jane@Example.org".to_owned()),
        (format!("mail {EMAIL}"), "canary.jane%40example.org".to_owned()),
        ("card 4111 1111 1111 1111".to_owned(), "4111111111111111".to_owned()),
        ("card 4111111111111111".to_owned(), "4111-1111-1111-1111".to_owned()),
        ("password: hK7wRt5LmvQz93xB".to_owned(), "they gave me hK7wRt5LmvQz93xB".to_owned()),
    ] {
        for policy in ["default_pii", "pci_dss"] {
            if policy == "pci_dss" && !user.starts_with("card") {
                continue;
            }
            let body = history(&user, &thinking(&format!("The user said {signed}.")));
            let answer =
                server.post(MESSAGES, &[("x-guard-policy", policy)], body.to_string()).await;
            assert_eq!(
                (answer.status, answer.param().as_deref()),
                (400, Some("messages")),
                "{policy} {body}"
            );
        }
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn a_signed_text_with_a_value_that_is_replaced_in_a_header_or_the_query_is_refused() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let body = history("hi", &thinking(&format!("So it is {EMAIL}."))).to_string();
    let header = server.post(MESSAGES, &[("x-title", EMAIL)], body.clone()).await;
    assert_eq!((header.status, header.param().as_deref()), (400, Some("messages")));
    let query = server.post("/v1/messages?for=canary.jane%40example.org", &[], body).await;
    assert_eq!((query.status, query.param().as_deref()), (400, Some("messages")));
    assert!(upstream.requests().is_empty());
}

/// What the model knows of itself is not what the caller has sent.
#[tokio::test]
async fn a_signed_text_with_other_values_passes_and_is_told() {
    let upstream = Upstream::spawn(Behaviour::Fixed(200, "application/json", "{}".into())).await;
    let server = Server::before(&upstream);
    let body = history(
        &format!("mail {EMAIL}, Will"),
        &thinking("I will tell [EMAIL_1] of ann@example.net."),
    );
    let answer = server.post(MESSAGES, &[], body.to_string()).await;
    assert_eq!((answer.status, answer.header("x-guard-unscanned")), (200, "signed_text"));
}

/// A name alone makes nothing signed.
#[tokio::test]
async fn data_and_signatures_are_guarded_in_blocks_that_define_none() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let key = "AKIAQYLPMN5HHHFPZAM2";
    let token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    let blocks = json!([{"type": "text", "text": "x", "data": key},
        {"type": "text", "text": "x", "signature": token},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x", "data": key}]}]);
    let body = history("hi", &blocks).to_string();
    assert_eq!(server.post(MESSAGES, &[], body).await.status, 200);
    let sent = upstream.only().everything();
    assert!(!sent.contains(key) && !sent.contains(token), "{sent}");
}
