//! The way to the upstreams: which one is asked, by which path and with whose key, what happens when it fails, and what
//! stands between. The settings are those of `docs/UPSTREAMS.md`.

use crate::support::{
    Behaviour, EMAIL, Server, Upstream,
    client::{chat_body, eventually, grpc_chat, grpc_parts},
    folder::Folder,
    upstream::encode,
};
use serde_json::json;

const CHAT: &str = "/v1/chat/completions";

/// A server with the settings of one example of the page, its upstream's origin replaced by that of `upstream`.
fn configured(upstream: &Upstream, example: &str, folder: &Folder) -> Server {
    let page = include_str!("../../docs/UPSTREAMS.md");
    let heading = format!("\n### {example}\n");
    let (_, section) = page.split_once(&heading).unwrap_or_else(|| panic!("no {example}"));
    let (_, rest) = section.split_once("```yaml\n").unwrap();
    let (yaml, _) = rest.split_once("```").unwrap();
    let (before, after) = yaml.split_once("base_url: ").unwrap();
    let (scheme, origin) = after.split_once("://").unwrap();
    assert!(matches!(scheme, "http" | "https"));
    let end = origin.find(['/', '\n']).unwrap();
    let key_file = folder.write("key", "key-of-ours\n");
    let yaml = format!("{before}base_url: {}{}", upstream.url(), &origin[end..]);
    let yaml = yaml.replace("/run/secrets/llm-key", &key_file);
    Server::builder().argument("--config").argument(folder.write("guard.yaml", &yaml)).spawn()
}

/// What an example sends for a chat: the target, the key's header, and the model.
async fn check_example(example: &str, target: &str, key: (&str, &str), model: &str) {
    let (upstream, folder) = (
        Upstream::spawn(Behaviour::Fixed(200, "application/json", "{}".into())).await,
        Folder::new(),
    );
    let server = configured(&upstream, example, &folder);
    let callers = [("authorization", "Bearer key-of-caller")];
    let body = chat_body(&format!("hi {EMAIL}"), json!({"model": "gpt-4o"}));
    let answer = server.post(CHAT, &callers, body).await;
    assert_eq!(answer.status, 200, "{example}: {}", answer.text());
    let request = upstream.only();
    assert_eq!(request.target, target, "{example}");
    let keys = ["authorization", "api-key", "x-api-key"].map(|name| {
        (name, request.headers.get(name).map(|value| value.to_str().unwrap().to_owned()))
    });
    for (name, value) in keys {
        let expected = (name == key.0).then(|| key.1.to_owned());
        assert_eq!(value, expected, "{example}: {name}");
    }
    assert_eq!(request.json()["model"], model, "{example}");
    assert_eq!(request.said(), "hi [EMAIL_1]", "{example}");
}

const OURS: (&str, &str) = ("authorization", "Bearer key-of-ours");
const CALLERS: (&str, &str) = ("authorization", "Bearer key-of-caller");

#[tokio::test]
async fn the_documented_examples_send_what_each_provider_expects() {
    check_example("OpenAI", CHAT, CALLERS, "gpt-4o").await;
    check_example(
        "Azure OpenAI, by deployment",
        "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        ("api-key", "key-of-ours"),
        "gpt-4o",
    )
    .await;
    check_example(
        "Azure OpenAI, v1",
        "/openai/v1/chat/completions",
        ("api-key", "key-of-ours"),
        "gpt-4o",
    )
    .await;
    check_example("Ollama", CHAT, CALLERS, "llama3.2").await;
    check_example("vLLM", CHAT, OURS, "gpt-4o").await;
    check_example("OpenRouter", "/api/v1/chat/completions", OURS, "openai/gpt-4o").await;
    check_example("Mistral", CHAT, OURS, "mistral-large-latest").await;
    check_example("Groq", "/openai/v1/chat/completions", OURS, "gpt-4o").await;
    check_example("Gemini", "/v1beta/openai/chat/completions", OURS, "gemini-2.5-flash").await;
}

#[test]
fn every_example_is_a_configuration_without_faults() {
    let folder = Folder::new();
    let key = folder.write("key", "key-of-ours");
    let page = include_str!("../../docs/UPSTREAMS.md").replace("/run/secrets/llm-key", &key);
    let examples: Vec<&str> =
        page.split("```yaml\n").skip(1).filter_map(|it| it.split("```").next()).collect();
    assert!(examples.len() >= 11);
    for example in examples {
        let told = check_config(&folder.write("guard.yaml", example));
        assert!(told.status.success(), "{example}\n{told:?}");
    }
}

fn check_config(file: &str) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_prompt-guard"))
        .args(["check-config", "--config", file])
        .output()
        .unwrap()
}

#[tokio::test]
async fn anthropic_gets_its_key_in_its_own_header() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let server = configured(&upstream, "Anthropic", &folder);
    let body = json!({"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": EMAIL}]});
    let answer = server.post("/v1/messages", &[("x-api-key", "of-caller")], body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let request = upstream.only();
    assert_eq!(request.headers["x-api-key"], "key-of-ours");
    assert_eq!(request.target, "/v1/messages");
}

#[tokio::test]
async fn the_model_chooses_the_upstream_unless_the_call_names_one() {
    let (one, two) = (Upstream::echo().await, Upstream::echo().await);
    let server = Server::builder()
        .set("upstreams.one.base_url", one.url())
        .set("upstreams.two.base_url", two.url())
        .set("upstreams.two.models", "claude-*,echo-2")
        .set("upstream.default", "one")
        .spawn();
    for (model, headers, path, expected) in [
        ("claude-4", &[][..], CHAT, (0, 1)),
        ("echo-2", &[], CHAT, (0, 2)),
        ("echo-23", &[], CHAT, (1, 2)),
        ("claude-4", &[("x-guard-upstream", "one")], CHAT, (2, 2)),
        ("claude-4", &[], "/one/v1/chat/completions", (3, 2)),
    ] {
        let answer = server.post(path, headers, chat_body("hi", json!({"model": model}))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let arrived = (one.requests().len(), two.requests().len());
        assert_eq!(arrived, expected, "{model} {headers:?} {path}");
    }
    let mut grpc = server.grpc().await;
    let request = prompt_guard::grpc::proto::ProxyCompletionRequest {
        model: "claude-5".to_owned(),
        ..grpc_chat("hi")
    };
    grpc_parts(&mut grpc, request).await.1.unwrap();
    assert_eq!(two.requests().len(), 3);
}

#[tokio::test]
async fn compressed_answers_are_restored_and_handed_on_as_they_were() {
    let text = format!("hi {EMAIL}");
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let upstream = Upstream::spawn(Behaviour::Encoded(coding)).await;
        let server = Server::before(&upstream);
        let answer = server.chat(&text).await;
        assert_eq!(answer.said(), text, "{coding}");
        assert_eq!(answer.header("content-encoding"), "", "{coding}");
        assert_eq!(answer.header("etag"), "W/\"v1\"", "{coding}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "{coding}");
        let streamed = server.chat_with(&[], &text, json!({"stream": true})).await;
        assert_eq!(streamed.streamed(), text, "{coding}");
        assert_eq!(upstream.requests()[0].headers["accept-encoding"], "identity");
    }
}

#[tokio::test]
async fn compressed_requests_are_guarded_and_sent_on_as_they_were() {
    let upstream = Upstream::echo().await;
    let server =
        Server::builder().upstream(&upstream).set("server.max_body_bytes", 100_000).spawn();
    let text = format!("hi {EMAIL}");
    let body = chat_body(&text, json!({}));
    for (nth, coding) in ["gzip", "deflate", "br", "zstd"].into_iter().enumerate() {
        let headers = [("content-encoding", coding)];
        let answer = server.post(CHAT, &headers, encode(coding, body.as_bytes())).await;
        assert_eq!(answer.said(), text, "{coding}");
        assert_eq!(upstream.requests()[nth].headers.get("content-encoding"), None, "{coding}");
    }
    let bomb = encode("gzip", chat_body(&"a ".repeat(1 << 20), json!({})).as_bytes());
    assert!(bomb.len() < 100_000);
    let answer = server.post(CHAT, &[("content-encoding", "gzip")], bomb).await;
    assert_eq!(answer.error().0, 413);
    let answer = server.post(CHAT, &[("content-encoding", "compress")], body).await;
    let expected =
        (415, "invalid_request_error".to_owned(), Some("unsupported_content_encoding".to_owned()));
    assert_eq!(answer.error(), expected);
    assert_eq!(answer.header("accept-encoding"), "gzip, br, zstd, deflate");
}

#[tokio::test]
async fn refused_requests_are_sent_again_where_that_is_configured() {
    let upstream = Upstream::spawn(Behaviour::Busy(2, 429, vec![("retry-after-ms", "1")])).await;
    let server = Server::builder().upstream(&upstream).set("upstreams.openai.retries", 2).spawn();
    let text = format!("hi {EMAIL}");
    assert_eq!(server.chat(&text).await.said(), text);
    let requests = upstream.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.body == requests[0].body));
    let metrics = server.metrics();
    for line in [
        "prompt_guard_upstream_retries_total{upstream=\"openai\",reason=\"status\"} 2",
        "prompt_guard_upstream_requests_total{upstream=\"openai\",outcome=\"4xx\"} 2",
        "prompt_guard_upstream_requests_total{upstream=\"openai\",outcome=\"2xx\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
}

#[tokio::test]
async fn by_default_nothing_is_sent_again() {
    let upstream = Upstream::spawn(Behaviour::Busy(1, 503, vec![("retry-after", "0")])).await;
    let answer = Server::before(&upstream).chat("hi").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "0"));
    upstream.only();
}

/// The wait takes half a minute; a caller that leaves ends it at once, or the server would still be full.
#[tokio::test]
async fn a_caller_that_leaves_during_the_wait_ends_it() {
    let upstream = Upstream::spawn(Behaviour::Busy(1, 503, vec![("retry-after", "600")])).await;
    let server = Server::builder()
        .upstream(&upstream)
        .set("upstreams.openai.retries", 1)
        .set("upstreams.openai.retry_max_wait_ms", 3_600_000)
        .set("server.max_in_flight", 1)
        .spawn();
    let waiting = server.open(CHAT, &[], chat_body("hi", json!({})));
    let refused = async {
        upstream.arrived(1).await;
        server.chat("hi").await.error().0
    };
    tokio::select! {
        _ = waiting => panic!("the wait is not over"),
        status = refused => assert_eq!(status, 503),
    }
    eventually("the server is free again", async || server.chat("hi").await.status == 200).await;
    let cancelled = "prompt_guard_calls_total{facade=\"rest\",task=\"complete\",surface=\"chat_completions\",outcome=\"cancelled\"} 1";
    let metrics = server.metrics();
    assert!(metrics.contains(cancelled), "{metrics}");
}

#[tokio::test]
async fn another_upstream_answers_with_its_own_key_and_model() {
    let down = Upstream::spawn(Behaviour::Busy(usize::MAX, 503, vec![])).await;
    let backup = Upstream::echo().await;
    let server = Server::builder()
        .set("upstreams.main.base_url", down.url())
        .set("upstreams.main.fallbacks", "backup")
        .set("upstreams.main.breaker_failures", 2)
        .set("upstreams.backup.base_url", backup.url())
        .set("upstreams.backup.api_key", "key-of-backup")
        .set("upstreams.backup.model_names", "*=large")
        .set("upstream.default", "main")
        .spawn();
    let text = format!("hi {EMAIL}");
    let callers = [("authorization", "Bearer key-for-main"), ("openai-organization", "org-main")];
    for stream in [false, true, false] {
        let answer = server.chat_with(&callers, &text, json!({"stream": stream})).await;
        let said = if stream { answer.streamed() } else { answer.said() };
        assert_eq!(said, text);
    }
    assert_eq!(down.requests().len(), 2, "then it is left alone");
    for request in backup.requests() {
        assert_eq!(request.json()["model"], "large");
        assert_eq!(request.headers["authorization"], "Bearer key-of-backup");
        assert!(!request.everything().contains("main"), "{}", request.everything());
    }
    let metrics = server.metrics();
    for line in [
        "prompt_guard_upstream_failovers_total{upstream=\"main\",fallback=\"backup\"} 3",
        "prompt_guard_upstream_breaker_state{upstream=\"main\"} 2",
        "prompt_guard_upstream_breaker_state{upstream=\"backup\"} 0",
        "prompt_guard_upstream_breaker_opened_total{upstream=\"main\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
}

#[tokio::test]
async fn an_upstream_that_is_left_alone_is_told_of_by_both_facades() {
    let down = Upstream::spawn(Behaviour::Busy(usize::MAX, 503, vec![])).await;
    let server =
        Server::builder().upstream(&down).set("upstreams.openai.breaker_failures", 1).spawn();
    assert_eq!(server.chat("hi").await.status, 503);
    let answer = server.chat("hi").await;
    let expected = (503, "server_error".to_owned(), Some("upstream_unavailable".to_owned()));
    assert_eq!(answer.error(), expected);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
    let (_, ended) = grpc_parts(&mut server.grpc().await, grpc_chat("hi")).await;
    let fault = ended.unwrap_err();
    assert_eq!(fault.code(), tonic::Code::Unavailable);
    assert!(fault.metadata().contains_key("retry-after"));
    down.only();
}

#[tokio::test]
async fn an_upstream_that_recovers_is_asked_again() {
    let upstream = Upstream::spawn(Behaviour::Busy(2, 503, vec![])).await;
    let server = Server::builder()
        .upstream(&upstream)
        .set("upstreams.openai.breaker_failures", 2)
        .set("upstreams.openai.breaker_open_ms", 1)
        .spawn();
    eventually("it is asked again", async || server.chat("hi").await.status == 200).await;
    let closed = "prompt_guard_upstream_breaker_state{upstream=\"openai\"} 0";
    assert!(server.metrics().contains(closed));
}

#[tokio::test]
async fn an_upstream_of_several_urls_is_asked_at_the_next_when_one_fails() {
    let busy = Upstream::spawn(Behaviour::Busy(usize::MAX, 503, vec![])).await;
    let good = Upstream::echo().await;
    let urls = format!("http://127.0.0.1:1, {}, {}", busy.url(), good.url());
    let server = Server::builder().set("upstreams.main.base_urls", urls).spawn();
    let text = format!("hi {EMAIL}");
    let keys = [("authorization", "Bearer key-for-main")];
    for stream in [false, true] {
        let answer = server.chat_with(&keys, &text, json!({"stream": stream})).await;
        assert_eq!(if stream { answer.streamed() } else { answer.said() }, text);
        assert!(!answer.header("cache-control").contains("no-store"));
    }
    // It is the same upstream: it gets the caller's key.
    assert_eq!(good.requests()[0].headers["authorization"], "Bearer key-for-main");
    assert_eq!(busy.requests().len(), 2);
    // What the next one says counts, also if it is an error of the request's own.
    let refused = server.chat_with(&[], "hi", json!({"model": "status-400"})).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    // What may be stored at the first stays there.
    let stored =
        server.post("/v1/responses", &[], json!({"model": "m", "input": "hi"}).to_string());
    assert_eq!(stored.await.status, 502);
    let metrics = server.metrics();
    for line in [
        "prompt_guard_upstream_failovers_total{upstream=\"main\",fallback=\"main.3\"} 3",
        "prompt_guard_upstream_requests_total{upstream=\"main.2\",outcome=\"5xx\"} 3",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
}

#[tokio::test]
async fn several_urls_may_take_turns() {
    let (one, two) = (Upstream::echo().await, Upstream::echo().await);
    let server = Server::builder()
        .set("upstreams.main.base_urls", format!("{},{}", one.url(), two.url()))
        .set("upstreams.main.balance", "round_robin")
        .spawn();
    for _ in 0..6 {
        assert_eq!(server.chat("hi").await.said(), "hi");
    }
    assert_eq!((one.requests().len(), two.requests().len()), (3, 3));
}

#[test]
fn wrong_settings_are_told_with_what_is_right() {
    let folder = Folder::new();
    let file = "upstreams:\n  a:\n    base_url: http://a.example\n    models: [\"gpt-*\"]\n    fallbacks: [c]\n  b:\n    base_url: http://b.example\n    models: [\"*-mini\"]\n    api_path: v1\n    retries: 11\n    http_version: 3\n";
    let output = check_config(&folder.write("guard.yaml", file));
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    for part in [
        "upstreams.a.fallbacks no upstream is named \"c\"",
        "upstreams.b.models \"*-mini\" and \"gpt-*\" of upstream \"a\" can be the same model",
        "upstreams.b.api_path expected a path",
        "upstreams.b.retries must be at most 10",
        "upstreams.b.http_version",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
}
