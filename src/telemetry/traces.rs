//! Spans to an OTLP collector.

use super::{Error, TelemetryConfig, logs};
use opentelemetry::{KeyValue, global, trace::TracerProvider as _};
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    propagation::TraceContextPropagator,
    resource::EnvResourceDetector,
    trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter},
};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

/// How long one export may take; longer than a collector needs, shorter than anybody waits at shutdown.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// What makes and sends spans, or `None` without an endpoint. Sets the global W3C propagator as well.
///
/// Spans are sent in batches by a thread of the exporter's own. Its queue is bounded, and what does not fit is
/// dropped: no request ever waits for a collector.
pub(super) fn provider(config: &TelemetryConfig) -> Result<Option<SdkTracerProvider>, Error> {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
    check(endpoint)?;
    let exporter = OtlpExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(EXPORT_TIMEOUT)
        .build()
        .map_err(|error| Error::Endpoint(error.to_string()))?;
    Ok(Some(provide(config, Reporting::new(exporter))))
}

/// The provider around any exporter.
pub(super) fn provide(
    config: &TelemetryConfig,
    exporter: impl SpanExporter + 'static,
) -> SdkTracerProvider {
    // The caller's decision first; a share of the rest.
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample_ratio)));
    SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(sampler)
        .with_resource(resource(config))
        .build()
}

fn resource(config: &TelemetryConfig) -> Resource {
    Resource::builder_empty()
        .with_detector(Box::new(EnvResourceDetector::new()))
        .with_service_name(config.service_name.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Tells whether spans can be sent there.
pub(super) fn check(endpoint: &str) -> Result<(), Error> {
    let uri: http::Uri = endpoint
        .parse()
        .map_err(|error: http::uri::InvalidUri| Error::Endpoint(error.to_string()))?;
    match uri.scheme_str() {
        Some("http") => Ok(()),
        Some("https") => {
            Err(Error::Endpoint("TLS to the collector is not built in yet".to_owned()))
        }
        Some(_) | None => Err(Error::Endpoint("it has no http:// in front".to_owned())),
    }
}

/// The layer that makes our spans OpenTelemetry's. Spans of other crates are left out: nobody can say what they
/// hold, and those of the exporter's own connection would never end.
pub(super) fn layer<S>(provider: &SdkTracerProvider) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    // Places in the code, thread names and idle times cost time at each span and tell operators nothing.
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("prompt-guard"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_filter(filter_fn(may_be_exported).with_max_level_hint(LevelFilter::INFO))
        .boxed()
}

/// True for what this crate says, without its details: each event of a span costs time and room at the collector.
fn may_be_exported(metadata: &Metadata<'_>) -> bool {
    logs::is_ours(metadata) && *metadata.level() <= Level::INFO
}

/// Counts exports, and says once when they begin to fail and once when they work again.
#[derive(Debug)]
struct Reporting<E> {
    inner: E,
    failing: AtomicBool,
}

impl<E> Reporting<E> {
    fn new(inner: E) -> Self {
        Self { inner, failing: AtomicBool::new(false) }
    }

    fn report(&self, result: &OTelSdkResult, spans: u64) {
        let outcome = if result.is_ok() { "ok" } else { "error" };
        metrics::counter!("prompt_guard_trace_export_spans_total", "outcome" => outcome)
            .increment(spans);
        let was_failing = self.failing.swap(result.is_err(), Ordering::Relaxed);
        match result {
            Err(error) if !was_failing => {
                tracing::warn!(%error, "traces cannot be sent and are lost")
            }
            Ok(()) if was_failing => tracing::info!("traces are sent again"),
            Ok(()) | Err(_) => {}
        }
    }
}

impl<E: SpanExporter> SpanExporter for Reporting<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len() as u64;
        let result = self.inner.export(batch).await;
        self.report(&result, spans);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
