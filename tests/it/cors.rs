//! Web pages of other origins: by default none may call; which may, a setting says.

use crate::support::{Behaviour, EMAIL, Server, Upstream, client::chat_body};
use http::Method;
use serde_json::json;

const CHAT: &str = "/v1/chat/completions";
const PAGE: (&str, &str) = ("origin", "https://app.example.org");
const STRANGER: (&str, &str) = ("origin", "https://evil.example");

const ASKS: [(&str, &str); 2] = [
    ("access-control-request-method", "POST"),
    ("access-control-request-headers", "authorization,content-type,x-stainless-os"),
];

/// A model that lets pages of all origins read its answers.
async fn open_model() -> Upstream {
    let headers = vec![
        ("content-type", "application/json"),
        ("access-control-allow-origin", "*"),
        ("access-control-allow-credentials", "true"),
    ];
    Upstream::spawn(Behaviour::With(200, headers, "{}".to_owned())).await
}

fn hi() -> String {
    chat_body(&format!("hi {EMAIL}"), json!({}))
}

#[tokio::test]
async fn without_the_setting_no_page_may_read_an_answer_whatever_the_upstream_says() {
    let upstream = open_model().await;
    let server = Server::before(&upstream);
    let answer = server.post(CHAT, &[PAGE], hi()).await;
    let preflight = server.ask(Method::OPTIONS, CHAT, &[PAGE, ASKS[0], ASKS[1]]).await;
    assert_eq!((answer.status, preflight.status), (200, 204));
    for name in answer.headers.keys().chain(preflight.headers.keys()) {
        assert!(!name.as_str().starts_with("access-control-"), "{name}");
    }
    // What the upstream makes of origins is its own business.
    assert_eq!(upstream.only().headers["origin"], PAGE.1);
}

#[tokio::test]
async fn a_page_that_may_call_is_told_so_by_every_answer() {
    let upstream = open_model().await;
    let server = Server::builder()
        .upstream(&upstream)
        .set("server.cors.allowed_origins", "https://app.example.org, http://localhost:*")
        .set("server.cors.max_age_ms", 5000)
        .spawn();
    let preflight = server.ask(Method::OPTIONS, CHAT, &[PAGE, ASKS[0], ASKS[1]]).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-headers"), ASKS[1].1);
    assert_eq!(preflight.header("access-control-max-age"), "5");
    assert!(preflight.header("access-control-allow-methods").contains("POST"));

    let good = server.post(CHAT, &[PAGE], hi()).await;
    let bad = server.post(CHAT, &[PAGE], "{").await;
    let nowhere = server.post("/v1/files", &[PAGE], hi()).await;
    let unknown = server.ask(Method::OPTIONS, "/v1/files", &[PAGE, ASKS[0]]).await;
    for (answer, status) in [(good, 200), (bad, 400), (nowhere, 403), (unknown, 204)] {
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), PAGE.1, "{status}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{status}");
        assert!(answer.headers.get_all("vary").iter().any(|value| value == "origin"), "{status}");
    }
    // It has been judged; the upstream sees a call like any other.
    assert!(!upstream.only().headers.contains_key("origin"));
}

#[tokio::test]
async fn a_page_that_may_not_call_is_told_nothing() {
    let upstream = open_model().await;
    let server = Server::builder()
        .upstream(&upstream)
        .set("server.cors.allowed_origins", "https://app.example.org")
        .set("server.cors.allowed_headers", "authorization, content-type")
        .set("server.cors.allow_credentials", "true")
        .spawn();
    let answer = server.post(CHAT, &[STRANGER], hi()).await;
    let preflight = server.ask(Method::OPTIONS, CHAT, &[STRANGER, ASKS[0]]).await;
    for answer in [answer, preflight] {
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
    let own = server.ask(Method::OPTIONS, CHAT, &[PAGE, ASKS[0], ASKS[1]]).await;
    assert_eq!(own.header("access-control-allow-headers"), "authorization, content-type");
    assert_eq!(own.header("access-control-allow-credentials"), "true");
}

#[tokio::test]
async fn what_is_for_operators_is_for_no_page_of_another_origin() {
    let server = Server::builder().set("server.cors.allowed_origins", "*").spawn();
    for path in ["/metrics", "/livez", "/"] {
        let answer = server.ask(Method::GET, path, &[PAGE]).await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
    }
    let policies = server.ask(Method::GET, "/guard/v1/policies", &[PAGE]).await;
    assert_eq!(policies.header("access-control-allow-origin"), "*");
}
