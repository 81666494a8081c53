//! The real SDKs, in Python, against the running binary; the Rust side looks at what reached the model.

use crate::support::{Server, Upstream, server::assert_clean};
use std::process::Command;

/// Runs one file of `tests/python`.
fn pytest(file: &str, server: &Server) {
    pytest_in("tests/python", file, server);
}

/// Runs tests of one folder in the environment that `tests/prepare` makes.
fn pytest_in(folder: &str, tests: &str, server: &Server) {
    let root = env!("CARGO_MANIFEST_DIR");
    let python = format!("{root}/target/python/bin/python");
    let output = Command::new(&python)
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", tests])
        .current_dir(format!("{root}/{folder}"))
        .env("GUARD_ADDRESS", server.address.to_string())
        .env("PROMPT_GUARD_ADDR", server.address.to_string())
        .env("PYTHONPATH", format!("{root}/clients/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap_or_else(|error| panic!("{python}: {error}; run `make test-tools` first"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn openai_sdk_cannot_tell_the_guard_from_the_provider() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    tokio::task::block_in_place(|| pytest("test_openai_sdk.py", &server));
    assert!(upstream.requests().len() > 10);
    assert_clean(&upstream.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_client_made_by_reflection_calls_every_method() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    tokio::task::block_in_place(|| pytest("test_grpc_reflection.py", &server));
    assert_clean(&upstream.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn python_client_passes_its_own_tests() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    tokio::task::block_in_place(|| pytest_in("clients/python", "tests", &server));
    for request in upstream.requests() {
        assert!(!request.everything().contains("ann.smith@example.org"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openai_responses_come_back_whole_and_numbered() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    tokio::task::block_in_place(|| pytest("test_responses.py", &server));
    assert!(upstream.requests().len() > 10);
    assert_clean(&upstream.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn anthropic_sdk_cannot_tell_the_guard_from_the_provider() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    tokio::task::block_in_place(|| pytest("test_anthropic_sdk.py", &server));
    assert!(upstream.requests().len() > 10);
    assert_clean(&upstream.requests());
}
