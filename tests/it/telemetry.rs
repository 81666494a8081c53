//! What collectors are sent, and that a collector can neither hold up nor fail a request.

use crate::support::{
    EMAIL, Server, Upstream,
    client::{chat_body, eventually},
    collector::Collector,
    folder::Folder,
    port::free_port,
    secret_text,
    server::{Builder, assert_no_canary},
};
use futures_util::future::join_all;
use opentelemetry_proto::tonic::{common::v1::KeyValue, common::v1::any_value::Value};
use prompt_guard::telemetry::metrics::ALL;
use serde_json::json;
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Command, Stdio},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn exporting(collector: &Collector, protocol: &str) -> Builder {
    Server::builder()
        .variable("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
        .variable("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
        .variable("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=a%20tenant")
        .variable("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=a-test")
        .variable("OTEL_SERVICE_NAME", "guard-under-test")
        .variable("OTEL_METRIC_EXPORT_INTERVAL", "60000")
}

fn text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    let value = found.value.as_ref()?.value.as_ref()?;
    if let Value::StringValue(text) = value { Some(text) } else { None }
}

fn number(attributes: &[KeyValue], key: &str) -> Option<i64> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    let value = found.value.as_ref()?.value.as_ref()?;
    if let Value::IntValue(number) = value { Some(*number) } else { None }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn all_signals_arrive_by(protocol: &str) {
    let collector = Collector::start().await;
    let upstream = Upstream::echo().await;
    let mut server = exporting(&collector, protocol).upstream(&upstream).spawn();
    let header = format!("00-{TRACE}-b7ad6b7169203331-01");
    let headers = [("traceparent", header.as_str()), ("tracestate", "vendor=kept")];
    for text in [secret_text(), format!("{EMAIL} and again {EMAIL}")] {
        let answer =
            server.post("/v1/chat/completions", &headers, chat_body(&text, json!({}))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let on_metrics = server.metrics();
    assert!(server.stop().await.success());

    // Traces: ours below the caller's, the upstream's below ours.
    let spans = collector.spans();
    let call =
        spans.iter().find(|span| text(&span.attributes, "task") == Some("complete")).unwrap();
    assert_eq!(hex(&call.trace_id), TRACE);
    assert_eq!(hex(&call.parent_span_id), "b7ad6b7169203331");
    assert_eq!(text(&call.attributes, "guard.policy"), Some("default_pii"));
    assert_eq!(text(&call.attributes, "guard.cache"), Some("bypass"));
    assert_eq!(text(&call.attributes, "guard.verdict"), Some("redacted"));
    assert_eq!(
        text(&call.attributes, "guard.entities"),
        Some("CREDIT_CARD=1 EMAIL_ADDRESS=1 IBAN_CODE=1 IP_ADDRESS=1 PHONE_NUMBER=1 US_SSN=1")
    );
    assert_eq!(number(&call.attributes, "guard.findings"), Some(6));
    let inference = spans
        .iter()
        .find(|span| text(&span.attributes, "gen_ai.operation.name").is_some())
        .unwrap();
    assert_eq!(inference.parent_span_id, call.span_id);
    assert_eq!(inference.name, "chat echo");
    assert_eq!(text(&inference.attributes, "gen_ai.request.model"), Some("echo"));
    assert_eq!(text(&inference.attributes, "gen_ai.provider.name"), Some("openai"));
    let sent = &upstream.requests()[0].headers;
    let outgoing = format!("00-{TRACE}-{}-01", hex(&inference.span_id));
    assert_eq!(sent["traceparent"], outgoing.as_str());
    assert_eq!(sent["tracestate"], "vendor=kept");

    // Logs: each with its trace.
    let records = collector.records();
    let ended = records.iter().find(|record| hex(&record.trace_id) == TRACE).unwrap();
    assert_eq!(ended.span_id, call.span_id);
    assert!(text(&ended.attributes, "request_id").is_some(), "{ended:?}");

    // Metrics: the same as are served.
    let names: BTreeSet<String> = collector.metrics().into_iter().map(|it| it.name).collect();
    for line in on_metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        let metric = ALL.iter().find(|metric| metric.name == name);
        let sent = metric.and_then(|metric| metric.convention).map_or(name, |(name, _)| name);
        assert!(names.contains(sent), "{name} is served and not sent");
    }

    let everything = collector.received();
    for text in ["guard-under-test", "a-test", env!("CARGO_PKG_VERSION")] {
        assert!(everything.contains(text), "{text}");
    }
    assert!(collector.headers().iter().all(|headers| headers["x-tenant"] == "a tenant"));
    assert_no_canary("what the collector got", &everything);
}

#[tokio::test]
async fn all_signals_arrive_by_grpc() {
    all_signals_arrive_by("grpc").await;
}

#[tokio::test]
async fn all_signals_arrive_by_http() {
    all_signals_arrive_by("http/protobuf").await;
}

#[tokio::test]
async fn standard_variables_turn_signals_off() {
    let collector = Collector::start().await;
    let upstream = Upstream::echo().await;
    let mut server = exporting(&collector, "grpc")
        .variable("OTEL_TRACES_SAMPLER", "always_off")
        .variable("OTEL_METRICS_EXPORTER", "none")
        .upstream(&upstream)
        .spawn();
    server.chat("nothing private").await;
    assert!(server.stop().await.success());
    assert!(collector.spans().is_empty() && collector.metrics().is_empty());
    assert!(!collector.records().is_empty());
}

#[tokio::test]
async fn a_disabled_sdk_sends_nothing() {
    let collector = Collector::start().await;
    let upstream = Upstream::echo().await;
    let mut server = exporting(&collector, "grpc")
        .variable("OTEL_SDK_DISABLED", "true")
        .upstream(&upstream)
        .spawn();
    server.chat("nothing private").await;
    assert!(server.stop().await.success());
    assert_eq!(collector.received(), "");
}

/// The value of a series on `/metrics`.
fn value(metrics: &str, series: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series));
    line.map_or(0.0, |value| value.trim().parse().unwrap())
}

/// A collector that nobody hears from: `accepting` takes connections and never answers, otherwise nobody is there.
async fn requests_go_on_without_a_collector(accepting: bool) {
    let address = format!("127.0.0.1:{}", free_port());
    let _open = accepting.then(|| TcpListener::bind(&address).unwrap());
    let endpoint = format!("http://{address}");
    let upstream = Upstream::echo().await;
    let server = Server::builder()
        .upstream(&upstream)
        .variable("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .variable("OTEL_EXPORTER_OTLP_TIMEOUT", "100")
        .variable("OTEL_BSP_MAX_QUEUE_SIZE", "4")
        .variable("OTEL_BSP_SCHEDULE_DELAY", "60000")
        .variable("OTEL_BLRP_SCHEDULE_DELAY", "20")
        .spawn();
    eventually("what cannot be sent is counted", || async {
        // All at once: the queue fills while one batch waits, however slow the machine is.
        let answers = join_all((0..20).map(|_| server.chat("nothing private"))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        let metrics = server.metrics();
        let count = |outcome| {
            let series = format!(
                "prompt_guard_telemetry_items_total{{signal=\"traces\",outcome=\"{outcome}\"}}"
            );
            value(&metrics, &series)
        };
        // Where nobody is, a batch fails before the queue can fill.
        count("failed") > 0.0 && (!accepting || count("dropped") > 0.0)
    })
    .await;
}

#[tokio::test]
async fn requests_go_on_while_nobody_collects() {
    requests_go_on_without_a_collector(false).await;
}

#[tokio::test]
async fn requests_go_on_while_the_collector_hangs() {
    requests_go_on_without_a_collector(true).await;
}

/// `openssl s_server` shows what it decrypts, which is enough to see that TLS with a given root works.
#[tokio::test]
async fn telemetry_goes_over_tls_to_a_collector_with_a_given_root() {
    let folder = Folder::new();
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path(name));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args([
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=collector",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let port = free_port();
    let mut receiver = Command::new("openssl")
        .args(["s_server", "-quiet", "-accept", &format!("127.0.0.1:{port}"), "-cert"])
        .arg(&certificate)
        .arg("-key")
        .arg(&key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let upstream = Upstream::echo().await;
    let server = Server::builder()
        .upstream(&upstream)
        .variable("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", format!("https://127.0.0.1:{port}/v1/logs"))
        .variable("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf")
        .variable("OTEL_EXPORTER_OTLP_CERTIFICATE", &*certificate)
        .variable("OTEL_BLRP_SCHEDULE_DELAY", "20")
        .spawn();
    server.chat("nothing private").await;
    let lines = BufReader::new(receiver.stdout.take().unwrap());
    let heard = tokio::task::spawn_blocking(move || {
        let mut pieces = lines.split(b'\n').map_while(Result::ok);
        pieces.any(|piece| piece.starts_with(b"POST /v1/logs HTTP/1.1"))
    });
    assert!(heard.await.unwrap(), "no request arrived by TLS");
    receiver.kill().unwrap();
    receiver.wait().unwrap();
}
