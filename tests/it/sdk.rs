//! Real clients, in Python and in Node, against the running binary; the Rust side looks at what reached the model. They
//! choose by the model's name how it streams, fails or hangs: see `support/wishes.rs`.

use crate::support::{Behaviour, Server, Upstream, server::assert_clean};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// One client's tests: a program of `tests/prepare` and its arguments, run in a folder of this repository.
struct Suite {
    program: &'static str,
    arguments: &'static [&'static str],
    folder: &'static str,
    tests: &'static str,
}

const PYTEST: &[&str] = &["-m", "pytest", "-q", "-p", "no:cacheprovider"];

/// A file of `tests/python`: the providers' own SDKs, at their newest.
const fn python(tests: &'static str) -> Suite {
    Suite { program: "python/bin/python", arguments: PYTEST, folder: "tests/python", tests }
}

/// A file of `tests/frameworks`: what is built on the SDKs, with the versions of them that it wants.
const fn framework(tests: &'static str) -> Suite {
    Suite { program: "frameworks/bin/python", arguments: PYTEST, folder: "tests/frameworks", tests }
}

/// A file of `tests/node`.
const fn node(tests: &'static str) -> Suite {
    Suite { program: "node/bin/node", arguments: &["--test"], folder: "tests/node", tests }
}

impl Suite {
    /// Runs it before an echoing model, and fails the test if the model saw a canary.
    async fn passes(self) {
        let upstream = Upstream::echo().await;
        let server = Server::builder().upstream(&upstream).arguments(POLICIES).spawn();
        self.run(&server);
        assert!(!upstream.requests().is_empty());
        assert_clean(&upstream.requests());
    }

    fn run(&self, server: &Server) {
        let program = format!("{ROOT}/target/{}", self.program);
        let mut command = Command::new(&program);
        command
            .args(self.arguments)
            .arg(self.tests)
            .current_dir(format!("{ROOT}/{}", self.folder))
            .env("GUARD_ADDRESS", server.address.to_string())
            .env("PROMPT_GUARD_ADDR", server.address.to_string())
            .env("PYTHONPATH", format!("{ROOT}/clients/python:{ROOT}/tests/python"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // It would fetch a table of prices when it is loaded.
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True");
        let output = tokio::task::block_in_place(|| command.output())
            .unwrap_or_else(|error| panic!("{program}: {error}; run `make test-tools` first"));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The policy of the tests for refusals, beside the built-in ones.
const POLICIES: [&str; 2] =
    ["--policies", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/policies/no_cards.yaml")];

#[tokio::test(flavor = "multi_thread")]
async fn openai_sdk_cannot_tell_the_guard_from_the_provider() {
    python("test_openai_sdk.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_in_a_browser_what_goes_on() {
    python("test_page.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openai_responses_come_back_whole_and_numbered() {
    python("test_responses.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anthropic_sdk_cannot_tell_the_guard_from_the_provider() {
    python("test_anthropic_sdk.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_is_the_exception_that_the_sdk_has_for_it() {
    python("test_errors.py").passes().await;
}

/// The guard's own failures: of its limits, and of upstreams named by what is wrong with them.
async fn fails_as_the_sdk_expects(suite: Suite) {
    let (good, slow) = (Upstream::echo().await, Upstream::spawn(Behaviour::Hang).await);
    let chat = r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"a"}}]}"#;
    let message = r#"event: message_start
data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}"#;
    let response = r#"event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":0,"item_id":"i","output_index":0,"content_index":0,"delta":"a","logprobs":[]}"#;
    let dying = async |event: &str| {
        Upstream::spawn(Behaviour::DieAfter(format!("{event}\n\n").into_bytes())).await
    };
    let breaking = [
        ("openai", dying(chat).await),
        ("anthropic", dying(message).await),
        ("responses", dying(response).await),
    ];
    let mut server = Server::builder()
        .arguments(POLICIES)
        .set("rate_limit.per_minute", 1)
        .set("server.max_body_bytes", 65536)
        .set("upstreams.good.base_url", good.url())
        .set("upstreams.slow.base_url", slow.url())
        .set("upstreams.slow.first_byte_timeout_ms", 100)
        .set("upstreams.slow.breaker_failures", 0)
        .set("upstreams.slow.breaker_percent", 0)
        .set("upstreams.down.base_url", "http://127.0.0.1:1")
        .set("upstreams.down.breaker_failures", 0)
        .set("upstreams.down.breaker_percent", 0);
    for (name, upstream) in &breaking {
        server = server.set(&format!("upstreams.breaking-{name}.base_url"), upstream.url());
    }
    suite.run(&server.spawn());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guards_own_failures_are_the_exceptions_of_the_python_sdks() {
    fails_as_the_sdk_expects(python("test_guard_errors.py")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guards_own_failures_are_the_errors_of_the_node_sdks() {
    fails_as_the_sdk_expects(node("guard_errors.test.mjs")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_client_made_by_reflection_calls_every_method() {
    python("test_grpc_reflection.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_client_passes_its_own_tests() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    Suite { folder: "clients/python", ..python("tests") }.run(&server);
    for request in upstream.requests() {
        assert!(!request.everything().contains("ann.smith@example.org"));
    }
}

/// What a client gives up, the model is told at once; each request of these tests is given up.
async fn gives_up(suite: Suite) {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    suite.run(&server);
    let count = upstream.requests().len();
    assert!(count >= 4);
    upstream.abandoned(count).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_python_client_gives_up_is_given_up_upstream() {
    gives_up(python("test_cancellation.py")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_client_gives_up_is_given_up_upstream() {
    gives_up(node("cancellation.test.mjs")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openai_sdk_of_the_last_generation_works_too() {
    Suite { folder: "tests/python", ..framework("test_openai_sdk.py") }.passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn langchain_works_over_all_three_surfaces() {
    framework("test_langchain.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn llama_index_works() {
    framework("test_llama_index.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn litellm_works() {
    framework("test_litellm.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instructor_gets_its_models_back() {
    framework("test_instructor.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pydantic_ai_runs_its_agents() {
    framework("test_pydantic_ai.py").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openai_sdk_for_node_works() {
    node("openai.test.mjs").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anthropic_sdk_for_node_works() {
    node("anthropic.test.mjs").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vercel_ai_sdk_works_over_all_three_surfaces() {
    node("ai_sdk.test.mjs").passes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_cut_of_a_stream_restores_as_the_whole_does() {
    python("test_chunk_invariance.py").passes().await;
}
