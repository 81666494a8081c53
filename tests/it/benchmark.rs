//! The public benchmark of leaks and fidelity, `pii-leak-benchmark`, against the running binary. It brings its own model,
//! at a port that the server is told. `docs/COMPATIBILITY.md` tells its results.

use crate::support::{Server, folder::Folder, port::free_port};
use serde_json::Value;
use std::{fs, process::Command};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A server whose model is the benchmark's own, and where that will listen.
fn before_the_benchmark(arguments: &[&str]) -> (Server, String) {
    let port = free_port();
    let builder = Server::builder().argument("--upstream");
    let builder = builder.argument(format!("openai=http://127.0.0.1:{port}"));
    let builder = arguments.iter().fold(builder, |builder, argument| builder.argument(*argument));
    (builder.spawn(), port.to_string())
}

/// Runs one command of the benchmark, and reads the report that it writes.
fn report(command: &str, flags: &[&str], settings: &[(&str, &str)], report: &str) -> Value {
    let program = format!("{ROOT}/target/python/bin/{command}");
    let output = Command::new(&program)
        .args(flags)
        .args(settings.iter().flat_map(|(name, value)| [name, value]))
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; run `make test-tools` first"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&fs::read(report).unwrap()).unwrap()
}

#[test]
fn first_profile_is_clean_with_and_without_credentials() {
    let (server, port) = before_the_benchmark(&[]);
    let (folder, target) = (Folder::new(), format!("{}/v1", server.url()));
    for profile in ["pii-v1", "pii-secrets-v1"] {
        let path = folder.path("v1.json");
        let settings = [
            ("--profile", profile),
            ("--target-base-url", &target),
            ("--capture-port", &port),
            ("--iterations", "10"),
            ("--json-out", &path),
        ];
        let report = report("pii-leak-benchmark", &["selfcheck"], &settings, &path);
        assert_eq!(report["passed"], true, "{report}");
        let boundary = &report["checks"]["configured_upstream_boundary"];
        assert_eq!(boundary["leaked_entity_types"], Value::Array(Vec::new()), "{boundary}");
    }
}

/// The second profile also lets the model write values of its own, which must not come out: the policy for that.
const RESTORE_ALL: [&str; 4] = [
    "--policies",
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/policies/restore_all.yaml"),
    "--policy",
    "restore_all",
];

#[test]
fn second_profile_restores_every_value_sends_none_and_lets_none_out() {
    let (server, port) = before_the_benchmark(&RESTORE_ALL);
    let (folder, target) = (Folder::new(), format!("{}/v1/chat/completions", server.url()));
    let (out, path) = (folder.path(""), folder.path("guard.json"));
    let settings = [
        ("--only", "guard"),
        ("--out", &out),
        ("--gateway-url", &target),
        ("--upstream-port", &port),
        ("--seed", "a1b2c3d4e5f60001"),
    ];
    let flags = ["--validate", "--exhaustive-splits"];
    let report = report("pii-leak-benchmark-v2", &flags, &settings, &path);
    assert_eq!(report["metrics"]["fidelity_rate"], 1.0);
    assert_eq!(report["metrics"]["leak_rate"]["overall"], 0.0, "{}", report["metrics"]["by_axis"]);
    assert_eq!(report["metrics"]["delta_frag"], 0.0);
    assert_eq!(report["outcome"], "pass");
    assert_eq!(report["metrics"]["cases_applicable"], 32);
    assert_eq!(report["metrics"]["cases_echo_observable"], 32);
    let boundary = &report["checks"]["configured_upstream_boundary"];
    assert_eq!(boundary["leaked_entity_types"], Value::Array(Vec::new()), "{boundary}");
}
