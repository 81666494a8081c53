//! Traces, metrics and logs to an OTLP collector, by gRPC or by HTTP, as the standard `OTEL_*` variables say.
//!
//! Nothing here can hold up a request: spans and log records go into bounded queues that drop what does not fit, and
//! tasks of their own send them. A collector that is down or slow costs what is in the queue, and a counter and one log
//! line say so.

mod logs;
mod queue;
mod sender;
mod series;
mod settings;
mod target;
mod traces;

pub use settings::{Fault, Given, OtlpConfig};
pub use target::{Files, Protocol, Signal, Target};

use super::{Error, metrics::Metrics};
use metrics::{Counter, counter};
use opentelemetry::KeyValue as Attribute;
use opentelemetry_proto::{
    tonic::{
        common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
        resource::v1::Resource as OtlpResource,
    },
    transform::common::tonic::ResourceAttributesWithSchema,
};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use prost::Message;
use sender::{Failure, Sender, Taken};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::watch, task::JoinSet};
use tracing_subscriber::Layer;

/// A layer of any kind.
pub(super) type Boxed = Box<dyn Layer<tracing_subscriber::Registry> + Send + Sync>;

/// What is under way to collectors; to be kept until the end.
#[derive(Debug)]
pub(super) struct Export {
    provider: Option<SdkTracerProvider>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl OtlpConfig {
    /// What [`Export::start`] would find wrong.
    pub(super) fn check(&self) -> Vec<Error> {
        let targets = [&self.traces, &self.metrics, &self.logs].into_iter().flatten();
        targets.filter_map(|target| Sender::new(target.clone()).err()).collect()
    }
}

impl Export {
    /// Starts what the configuration asks for; log records are made of what `log_filter` lets through. Also returns the
    /// layers that feed it.
    ///
    /// With any target it has to be called within a Tokio runtime.
    ///
    /// # Errors
    /// If TLS or the filter cannot be set up. A collector that cannot be reached is no error.
    pub(super) fn start(
        config: &OtlpConfig,
        log_filter: &str,
        metrics: &Metrics,
    ) -> Result<(Self, Vec<Boxed>), Error> {
        let resource = resource(config);
        let (stop, stopped) = watch::channel(false);
        let mut this = Self { provider: None, stop, tasks: JoinSet::new() };
        let mut layers = Vec::new();
        if let Some(exporter) = exporter(config.traces.as_ref())? {
            let (provider, waiting) = traces::provider(config, resource.clone());
            layers.push(traces::layer(&provider));
            this.provider = Some(provider);
            this.tasks.spawn(traces::send(waiting, exporter, resource.clone(), stopped.clone()));
        }
        let resource = described(&resource);
        if let Some(exporter) = exporter(config.logs.as_ref())? {
            let (records, waiting) = logs::records(config);
            layers.push(records.with_filter(super::logs::wanted(log_filter)?).boxed());
            this.tasks.spawn(logs::send(waiting, exporter, resource.clone(), stopped.clone()));
        }
        if let Some(exporter) = exporter(config.metrics.as_ref())? {
            let interval = config.metrics_interval;
            this.tasks.spawn(series::send(metrics.clone(), exporter, resource, interval, stopped));
        }
        Ok((this, layers))
    }

    /// Sends what is still here, for at most `timeout`.
    pub(super) async fn shutdown(mut self, timeout: Duration) {
        if let Some(provider) = &self.provider {
            // It has nothing of its own to send: the processor's queue is ours.
            let _ = provider.shutdown();
        }
        let _ = self.stop.send(true);
        let rest = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(timeout, rest).await.is_err() {
            tracing::warn!("the last telemetry could not be sent in time");
        }
    }
}

fn resource(config: &OtlpConfig) -> Resource {
    let given =
        config.resource.iter().map(|(key, value)| Attribute::new(key.clone(), value.clone()));
    Resource::builder_empty()
        .with_attribute(Attribute::new("service.instance.id", instance()))
        .with_attributes(given)
        .with_attribute(Attribute::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_service_name(config.service_name.clone())
        .build()
}

fn described(resource: &Resource) -> OtlpResource {
    let attributes = ResourceAttributesWithSchema::from(resource).attributes.0;
    OtlpResource { attributes, ..OtlpResource::default() }
}

/// Tells replicas apart; a system without random bytes has one replica.
fn instance() -> String {
    let mut bytes = [0; 16];
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn exporter(target: Option<&Target>) -> Result<Option<Exporter>, Error> {
    target.cloned().map(Exporter::new).transpose()
}

/// Sends messages of one signal, counts them, and says once when that begins to fail and once when it works again.
#[derive(Clone, Debug)]
struct Exporter {
    sender: Arc<Sender>,
    sent: Counter,
    failed: Counter,
    failing: Arc<AtomicBool>,
    signal: &'static str,
}

impl Exporter {
    fn new(target: Target) -> Result<Self, Error> {
        let signal = target.signal.label();
        let counted = |outcome| counter!("prompt_guard_telemetry_items_total", "signal" => signal, "outcome" => outcome);
        let (sent, failed) = (counted("sent"), counted("failed"));
        let sender = Arc::new(Sender::new(target)?);
        Ok(Self { sender, sent, failed, failing: Arc::default(), signal })
    }

    async fn export(&self, message: impl Message, items: u64) {
        let result = self.sender.send(&message).await;
        self.note(&result, items);
    }

    fn note(&self, result: &Result<Taken, Failure>, items: u64) {
        let lost = match result {
            Ok(taken) => taken.refused.min(items),
            Err(_) => items,
        };
        self.sent.increment(items - lost);
        self.failed.increment(lost);
        let was_failing = self.failing.swap(result.is_err(), Ordering::Relaxed);
        let signal = self.signal;
        match result {
            Err(error) if !was_failing => {
                tracing::warn!(signal, %error, "the collector does not take telemetry, which is lost");
            }
            Ok(_) if was_failing => tracing::info!(signal, "the collector takes telemetry again"),
            Ok(_) | Err(_) => {}
        }
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope { name: "prompt-guard".to_owned(), ..InstrumentationScope::default() }
}

fn string(key: &str, value: &str) -> KeyValue {
    let value = any_value::Value::StringValue(value.to_owned());
    let value = Some(AnyValue { value: Some(value) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

/// Now, as OTLP tells time.
fn nanos() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
