//! Telemetry as the rest of the crate meets it.

use super::{metrics::ALL, *};
use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use std::{
    collections::BTreeSet,
    fs, io,
    path::Path,
    sync::{Arc, Mutex},
};

/// Every name that the source hands to a macro of `metrics`, outside of tests.
fn names_in_source(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names_in_source(&path, names);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices("\"prompt_guard_") {
                let before = text[..at].trim_end();
                if ["counter!(", "gauge!(", "histogram!("].iter().any(|m| before.ends_with(m)) {
                    names.insert(text[at + 1..].split('"').next().unwrap().to_owned());
                }
            }
        }
    }
}

#[test]
fn the_table_holds_the_metrics_of_the_source_and_no_others() {
    let mut names = BTreeSet::new();
    names_in_source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    let known: BTreeSet<String> = ALL.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(known.len(), ALL.len(), "a name is there twice");
    let missing: Vec<_> = names.difference(&known).collect();
    assert!(missing.is_empty(), "not in telemetry::metrics::ALL: {missing:?}");
    let stale: Vec<_> = known.difference(&names).collect();
    assert!(stale.is_empty(), "in telemetry::metrics::ALL and reported by nobody: {stale:?}");
}

#[test]
fn names_tell_kind_and_unit() {
    for metric in ALL {
        let is_counter = metric.kind == metrics::Kind::Counter;
        assert_eq!(metric.name.ends_with("_total"), is_counter, "{}", metric.name);
        let is_histogram = metric.kind == metrics::Kind::Histogram;
        assert_eq!(metric.name.ends_with("_seconds"), is_histogram, "{}", metric.name);
    }
}

#[test]
fn metrics_are_rendered_with_buckets_from_a_tenth_of_a_millisecond_to_a_minute() {
    let metrics = Metrics::install().unwrap();
    ::metrics::histogram!("prompt_guard_call_duration_seconds", "facade" => "test", "task" => "t")
        .record(0.0003);
    metrics.upkeep();
    let text = Metrics::install().unwrap().render();
    for line in [
        r#"prompt_guard_call_duration_seconds_bucket{facade="test",task="t",le="0.0002"} 0"#,
        r#"prompt_guard_call_duration_seconds_bucket{facade="test",task="t",le="0.0005"} 1"#,
        r#"prompt_guard_call_duration_seconds_bucket{facade="test",task="t",le="60"} 1"#,
        "# TYPE prompt_guard_call_duration_seconds histogram",
        "# HELP prompt_guard_call_duration_seconds From arrival to the end of the body; labels: facade, task",
        concat!("prompt_guard_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

#[test]
fn our_spans_are_exported_and_those_of_others_are_not() {
    let kept = Kept::default();
    let provider = traces::provide(&TelemetryConfig::default(), kept.clone());
    let subscriber = tracing_subscriber::registry().with(traces::layer(&provider));
    tracing::subscriber::with_default(subscriber, || {
        let _ours = tracing::info_span!("call", task = "scan").entered();
        let _theirs = tracing::info_span!(target: "h2::frame", "secret").entered();
    });
    provider.force_flush().unwrap();
    let names: Vec<String> =
        kept.0.lock().unwrap().iter().map(|span| span.name.to_string()).collect();
    assert_eq!(names, ["call"]);
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_setting_lets_other_crates_log_below_info() {
    let written = Lines::default();
    let writer = written.clone();
    let layer = logs::layer(LogFormat::Json, "trace", move || writer.clone()).unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        tracing::debug!(target: "h2::frame", "secret");
        tracing::debug!(target: "prompt_guardian", "secret");
        tracing::info!(target: "h2::frame", "told-1");
        tracing::trace!("told-2");
    });
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("told-1") && text.contains("told-2"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

fn with_endpoint(endpoint: &str) -> TelemetryConfig {
    TelemetryConfig { otlp_endpoint: Some(endpoint.to_owned()), ..TelemetryConfig::default() }
}

#[test]
fn endpoints_and_filters_are_checked() {
    for endpoint in ["collector:4317", "https://collector:4317", "ftp://c", "http://a b", ""] {
        let result = traces::provider(&with_endpoint(endpoint));
        assert!(matches!(result, Err(Error::Endpoint(_))), "{endpoint}");
    }
    let config = TelemetryConfig {
        log_filter: "prompt_guard=loud".to_owned(),
        ..TelemetryConfig::default()
    };
    assert!(matches!(init(&config), Err(Error::Filter(_))));
}

#[tokio::test]
async fn an_unreachable_collector_is_no_error() {
    let provider = traces::provider(&with_endpoint("http://127.0.0.1:1")).unwrap();
    assert!(provider.is_some());
}

/// A collector that keeps what it is sent, as far as a test needs one: gRPC without its messages.
async fn collector(received: Arc<Mutex<Vec<u8>>>) -> (String, tokio::task::JoinSet<()>) {
    let keep = move |body: Bytes| {
        received.lock().unwrap().extend_from_slice(&body);
        let mut trailers = http::HeaderMap::new();
        trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
        let frames = [Frame::data(Bytes::from_static(&[0; 5])), Frame::trailers(trailers)];
        let body = StreamBody::new(stream::iter(frames.map(Ok::<_, io::Error>)));
        let content_type = [("content-type", "application/grpc")];
        async move { (content_type, axum::body::Body::new(body)) }
    };
    let router = axum::Router::new().fallback(keep);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (endpoint, tasks)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_reach_a_collector_with_the_name_and_version_of_the_service() {
    let received = Arc::new(Mutex::new(Vec::new()));
    let (endpoint, _tasks) = collector(received.clone()).await;
    let provider = traces::provider(&with_endpoint(&endpoint)).unwrap().unwrap();
    let subscriber = tracing_subscriber::registry().with(traces::layer(&provider));
    tracing::subscriber::with_default(subscriber, || {
        let _span = tracing::info_span!("an-invented-call", task = "scan").entered();
    });
    let telemetry = Telemetry { metrics: Metrics::install().unwrap(), provider: Some(provider) };
    let stopping = move || telemetry.shutdown(Duration::from_secs(5));
    tokio::task::spawn_blocking(stopping).await.unwrap();
    let received = received.lock().unwrap();
    for text in ["an-invented-call", "service.name", "prompt-guard", env!("CARGO_PKG_VERSION")] {
        assert!(memchr::memmem::find(&received, text.as_bytes()).is_some(), "{text}");
    }
}
