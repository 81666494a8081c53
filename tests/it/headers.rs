//! What becomes of the headers and the query of a request.

use crate::support::{
    EMAIL, Server, Upstream,
    client::{chat_body, exchange},
};
use serde_json::json;

const CHAT: &str = "/v1/chat/completions";

fn hi() -> String {
    chat_body(&format!("hi {EMAIL}"), json!({}))
}

#[tokio::test]
async fn headers_that_come_twice_go_on_twice() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let headers = [("x-note", "one"), ("x-note", "two canary.second@example.org")];
    assert_eq!(server.post(CHAT, &headers, hi()).await.status, 200);
    let seen = upstream.only();
    let notes: Vec<_> = seen.headers.get_all("x-note").iter().collect();
    assert_eq!(notes.len(), 2);
    assert_eq!(notes[0], "one");
}

#[tokio::test]
async fn a_value_that_is_cut_over_two_lines_of_a_header_is_found() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for [first, second] in [
        ["from canary.second@", "example.org today"],
        ["pay 4111 1111 ", "1111 1111"],
        ["canary.second@exam", "ple.org"],
    ] {
        let headers = [("x-note", first), ("x-other", "between"), ("x-note", second)];
        assert_eq!(server.post(CHAT, &headers, hi()).await.status, 200);
        let seen = upstream.requests().pop().unwrap();
        let notes: Vec<_> = seen.headers.get_all("x-note").iter().collect();
        assert_eq!(notes.len(), 2, "{first}");
        for (note, private) in notes.into_iter().zip([first, second]) {
            let note = note.to_str().unwrap();
            assert!(note.contains('[') && note != private, "{private}: {note}");
        }
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_refused_by_name() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let mut request = server.posting(CHAT, &[], hi());
    let value = http::HeaderValue::from_bytes(b"canary.header@example.org \xff").unwrap();
    request.headers_mut().insert("x-note", value);
    let answer = exchange(request).await;
    assert_eq!(answer.error().0, 400, "{}", answer.text());
    assert_eq!(answer.param().as_deref(), Some("x-note"));
    assert!(!answer.text().contains("canary"), "{}", answer.text());
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn a_header_whose_name_is_private_is_refused_and_a_query_name_is_replaced() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for name in ["x-card-4111-1111-1111-1111", "4111111111111111", "x_078-05-1120"] {
        let answer = server.post(CHAT, &[(name, "a")], hi()).await;
        assert_eq!(answer.error().0, 400, "{name}: {}", answer.text());
        assert_eq!(answer.param().as_deref(), Some("headers"), "{name}");
        assert!(!answer.text().contains("1111") && !answer.text().contains("1120"), "{name}");
    }
    assert!(upstream.requests().is_empty());
    let dated = server.post(CHAT, &[("x-feature-2025-08-07", "a")], hi()).await;
    assert_eq!(dated.status, 200, "{}", dated.text());
    let query = format!("{CHAT}?canary.query@example.org=1&4111111111111111");
    assert_eq!(server.post(&query, &[], hi()).await.status, 200);
}

#[tokio::test]
async fn a_private_key_that_tells_requests_apart_is_refused_and_a_random_one_passes() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let key = "idempotency-key";
    let answer = server.post(CHAT, &[(key, "canary.key@example.org")], hi()).await;
    assert_eq!((answer.status, answer.param().as_deref()), (400, Some(key)), "{}", answer.text());
    assert!(upstream.requests().is_empty());
    let random = "stainless-node-retry-6f1d2c9a-4b7e-4f0a-9d3c-2a8e5b7c1d90";
    assert_eq!(server.post(CHAT, &[(key, random)], hi()).await.status, 200);
    assert_eq!(upstream.only().headers[key], random);
}

#[tokio::test]
async fn a_header_passes_as_it_is_only_in_its_own_form() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let headers = [
        ("user-agent", "app/1.0 4111 1111 1111 1111"),
        ("x-stainless-lang", "python"),
        ("anthropic-beta", "tools-2024-04-04,pdfs-2024-09-25"),
    ];
    assert_eq!(server.post(CHAT, &headers, hi()).await.status, 200);
    let sent = upstream.only().headers;
    assert_eq!(sent["user-agent"], "app/1.0 [CARD_1]");
    for (name, value) in &headers[1..] {
        assert_eq!(sent[*name], *value);
    }
}
