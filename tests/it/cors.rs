//! Web pages of other origins: by default none may call; which may, a setting says.

use crate::support::{
    Behaviour, EMAIL, Server, Upstream,
    client::{chat_body, exchange, request},
};
use bytes::Bytes;
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
async fn without_the_setting_no_page_may_call_whatever_the_upstream_says() {
    let upstream = open_model().await;
    let server = Server::before(&upstream);
    let answer = server.post(CHAT, &[PAGE], hi()).await;
    let preflight = server.ask(Method::OPTIONS, CHAT, &[PAGE, ASKS[0], ASKS[1]]).await;
    assert_eq!((answer.status, preflight.status), (403, 204));
    for name in answer.headers.keys().chain(preflight.headers.keys()) {
        assert!(!name.as_str().starts_with("access-control-"), "{name}");
    }
    assert!(upstream.requests().is_empty());
    let own = server.post(CHAT, &[], hi()).await;
    assert!(own.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
}

/// A browser sends a `no-cors` POST without asking first.
#[tokio::test]
async fn what_a_page_sends_that_may_not_call_is_refused_in_the_words_of_the_path() {
    let upstream = open_model().await;
    let server =
        Server::builder().upstream(&upstream).set("server.hosts", "guard.example.org").spawn();
    for path in [CHAT, "/v1/messages", "/guard/v1/scan"] {
        for origin in [STRANGER.1, "null", "http://"] {
            let answer = server.post(path, &[("origin", origin)], hi()).await;
            assert_eq!(answer.status, 403, "{path} {origin}");
            assert_eq!(answer.json()["error"]["code"], "origin_not_allowed", "{path}");
        }
    }
    assert!(upstream.requests().is_empty());
    // The server's own page, as such and behind a proxy.
    let texts = json!({"texts": ["a"]}).to_string();
    let own = ("origin", "https://guard.example.org");
    for known in [
        ("host", "guard.example.org"),
        ("x-forwarded-host", "Guard.example.org"),
        ("sec-fetch-site", "same-origin"),
    ] {
        let answer = server.post("/guard/v1/scan", &[own, known], texts.clone()).await;
        assert_eq!(answer.status, 200, "{known:?}: {}", answer.text());
    }
    let site = [own, ("sec-fetch-site", "same-site")];
    assert_eq!(server.post("/guard/v1/scan", &site, texts).await.status, 403);
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
    for (method, path) in
        [(Method::OPTIONS, "/metrics"), (Method::POST, "/"), (Method::PUT, "/livez")]
    {
        let answer = server.ask(method, path, &[PAGE, ASKS[0]]).await;
        assert!(
            answer.headers.keys().all(|n| !n.as_str().starts_with("access-control-")),
            "{path}"
        );
    }
    let policies = server.ask(Method::GET, "/guard/v1/policies", &[PAGE]).await;
    assert_eq!(policies.header("access-control-allow-origin"), "*");
}

/// DNS rebinding: the page of a stranger has its own name lead to this machine, and calls what listens there as its own origin.
#[tokio::test]
async fn a_page_whose_name_leads_here_is_refused_on_every_path_and_by_both_protocols() {
    let upstream = open_model().await;
    let server = Server::before(&upstream);
    let (host, origin) = (("host", "evil.example:8000"), ("origin", "http://evil.example:8000"));
    for path in [CHAT, "/v1/messages", "/guard/v1/scan"] {
        let answer = server.post(path, &[host, origin], hi()).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(answer.json()["error"]["code"], "host_not_allowed", "{path}");
    }
    for path in ["/metrics", "/", "/guard/v1/policies"] {
        assert_eq!(server.ask(Method::GET, path, &[host]).await.status, 403, "{path}");
    }
    let grpc = ("content-type", "application/grpc");
    let list = "/promptguard.v1.Guard/ListPolicies";
    let answer = server.post(list, &[host, grpc], Bytes::from_static(&[0; 5])).await;
    assert_eq!(answer.header("grpc-status"), "7", "permission denied");
    assert!(upstream.requests().is_empty());
    let counted = "prompt_guard_http_responses_total{route=\"host_refused\",status=\"4xx\"} 7";
    assert!(server.metrics().contains(counted), "{}", server.metrics());
    let warning = "by a name that server.hosts does not have";
    // What reads the log may be behind.
    while !server.logs().contains(warning) {
        tokio::task::yield_now().await;
    }
    let logs = server.logs();
    assert_eq!(logs.matches(warning).count(), 1, "{logs}");
    assert!(!logs.contains("evil.example"), "{logs}");
}

#[tokio::test]
async fn names_of_the_service_itself_are_those_of_the_setting_and_all_where_others_can_call() {
    let server = Server::builder().set("server.hosts", "guard.example.org").spawn();
    let status = async |server: &Server, name| {
        server.ask(Method::GET, "/guard/v1/policies", &[("host", name)]).await.status
    };
    for name in ["guard.example.org", "localhost:1", "10.0.0.1", "host.docker.internal:8000"] {
        assert_eq!(status(&server, name).await, 200, "{name}");
    }
    assert_eq!(status(&server, "other.example.org").await, 403);

    let open = Server::builder().set("server.admin_listen", "0.0.0.0:0").spawn();
    let [_, admin] = open.listening();
    let probe = format!("http://127.0.0.1:{}/livez", admin.port());
    let probe = request(Method::GET, probe, &[("host", "guard.example.org")], Bytes::new());
    assert_eq!(exchange(probe).await.status, 200);
}
