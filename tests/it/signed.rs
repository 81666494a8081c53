//! What a provider has signed can only be sent as it is: it must hold nothing that is replaced elsewhere.

use crate::support::{Behaviour, EMAIL, Server, Upstream, folder::Folder};
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

/// It was sent as it is in an earlier turn, or the model wrote the same of its own.
#[tokio::test]
async fn a_refused_signed_text_is_named_with_what_may_have_happened_and_what_to_do() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for (user, signed) in [
        ("Call 4155550132 now. It is my phone number: 4155550132", "They want 4155550132 called."),
        ("Write to Tom Baker", "I might write \"Baker street\"."),
    ] {
        let body = history(user, &thinking(signed)).to_string();
        let answer = server.post(MESSAGES, &[], body).await;
        assert_eq!(answer.status, 400, "{signed}: {}", answer.text());
        let text = answer.text();
        for part in [
            "messages.1.content.0 is a signed block",
            "not found yet",
            "leave it out",
            "signed: pass",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("4155550132") && !text.contains("Baker"), "{text}");
    }
    assert!(upstream.requests().is_empty());
}

/// What is part of a value in one block makes nothing private of what another has found by itself.
#[tokio::test]
async fn every_signed_text_with_a_known_value_is_named_and_no_other() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let block = |text: &str| json!({"type": "thinking", "thinking": text, "signature": SIGNATURE});
    let blocks = json!([
        block("I might write \"Baker street\"."),
        block("Mail ann@example.net first."),
        block("Call 4155550132.")
    ]);
    let body = history("Write to Tom Baker. It is my phone number: 4155550132", &blocks);
    let answer = server.post(MESSAGES, &[], body.to_string()).await;
    assert_eq!(answer.status, 400);
    let named = "messages.1.content.0, messages.1.content.2 are signed blocks";
    assert!(answer.text().contains(named), "{}", answer.text());
}

#[tokio::test]
async fn a_policy_may_let_signed_texts_pass_but_for_what_it_blocks() {
    let upstream = Upstream::spawn(Behaviour::Fixed(200, "application/json", "{}".into())).await;
    let folder = Folder::new();
    let path = folder.write(
        "mine.yaml",
        "extends: default_pii\nsigned: pass\nentities: {CREDIT_CARD: {action: block}}\n",
    );
    let server = Server::builder()
        .upstream(&upstream)
        .set("policy.files", &path)
        .set("policy.default", "mine")
        .spawn();
    let signed = "They want 4155550132 called.";
    let body = history("It is my phone number: 4155550132", &thinking(signed)).to_string();
    let answer = server.post(MESSAGES, &[], body).await;
    assert_eq!((answer.status, answer.header("x-guard-unscanned")), (200, "signed_private"));
    let sent = upstream.only().json();
    assert_eq!(sent["messages"][0]["content"], "It is my phone number: [PHONE_1]");
    assert_eq!(sent["messages"][1]["content"][0]["thinking"], signed);
    let body = history("hi", &thinking("Pay by 4111 1111 1111 1111.")).to_string();
    assert_eq!(server.post(MESSAGES, &[], body).await.status, 400);
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn details_of_reasoning_without_their_type_are_guarded() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let key = "AKIAQYLPMN5HHHFPZAM2";
    let token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    let body = json!({"model": "m", "messages": [{"role": "assistant", "content": "x",
        "reasoning_details": [{"data": key}, {"signature": token},
            {"type": "reasoning.encrypted", "data": SIGNATURE}]}]});
    assert_eq!(server.post("/v1/chat/completions", &[], body.to_string()).await.status, 200);
    let sent = upstream.only().everything();
    assert!(!sent.contains(key) && !sent.contains(token) && sent.contains(SIGNATURE), "{sent}");
}
