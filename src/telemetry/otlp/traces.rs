//! Spans: made by `tracing`, finished by the SDK, sent from here.

use super::{
    Boxed, Exporter, OtlpConfig,
    queue::{Queue, Waiting, queue},
    target::Signal,
};
use crate::telemetry::logs;
use opentelemetry::{Context, global, trace::TracerProvider as _};
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{
        common::tonic::ResourceAttributesWithSchema,
        trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use std::time::Duration;
use tokio::sync::watch;
use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::filter_fn};

/// Puts finished spans into the queue.
#[derive(Debug)]
struct Finished(Queue<SpanData>);

impl SpanProcessor for Finished {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// What makes spans, and what waits to be sent of them. Sets the global W3C propagator as well.
pub(super) fn provider(
    config: &OtlpConfig,
    resource: Resource,
) -> (SdkTracerProvider, Waiting<SpanData>) {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let (queue, waiting) = queue(Signal::Traces, config.queue, config.batch, config.traces_delay);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Finished(queue))
        .with_sampler(config.sampler.clone())
        .with_resource(resource)
        .build();
    (provider, waiting)
}

/// Sends spans until `stop` turns true.
pub(super) async fn send(
    waiting: Waiting<SpanData>,
    exporter: Exporter,
    resource: Resource,
    stop: watch::Receiver<bool>,
) {
    let resource = ResourceAttributesWithSchema::from(&resource);
    let export = |batch: Vec<SpanData>| {
        let items = batch.len() as u64;
        let resource_spans = group_spans_by_resource_and_scope(batch, &resource);
        exporter.export(ExportTraceServiceRequest { resource_spans }, items)
    };
    waiting.drain(stop, export).await;
}

/// The layer that makes our spans OpenTelemetry's. Spans of other crates are left out: nobody can say what they
/// hold, and those of the exporter's own connection would never end.
pub(super) fn layer(provider: &SdkTracerProvider) -> Boxed {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt as _;

    #[tokio::test]
    async fn our_spans_are_exported_and_those_of_others_are_not() {
        let resource = Resource::builder_empty().build();
        let (provider, waiting) = provider(&OtlpConfig::default(), resource);
        let subscriber = tracing_subscriber::registry().with(vec![layer(&provider)]);
        tracing::subscriber::with_default(subscriber, || {
            let _ours = tracing::info_span!("call", task = "scan").entered();
            let _theirs = tracing::info_span!(target: "h2::frame", "secret").entered();
        });
        let (_stop, stopped) = watch::channel(true);
        let names = Arc::<Mutex<Vec<String>>>::default();
        let keep = Arc::clone(&names);
        let export = move |batch: Vec<SpanData>| {
            keep.lock().unwrap().extend(batch.iter().map(|span| span.name.to_string()));
            async {}
        };
        waiting.drain(stopped, export).await;
        assert_eq!(*names.lock().unwrap(), ["call"]);
    }
}
