//! Logs, traces and metrics: what operators see.
//!
//! Sets up the global places that the rest of the crate writes to by the `tracing` and `metrics` macros, and hands
//! out what has to be served or stopped. Knows nothing of calls or texts. What keeps private values out: fields and
//! labels are names of ours, counts and times; other crates are logged from `INFO` up only ([`logs`]); and a panic
//! is logged by its place, without its message. Start reading at [`init`].

pub mod logs;
pub mod metrics;
mod process;
mod traces;

pub use logs::LogFormat;
pub use metrics::Metrics;

use opentelemetry_sdk::trace::SdkTracerProvider;
use std::time::Duration;
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What to log, and where traces go.
#[derive(Clone, Debug, PartialEq)]
pub struct TelemetryConfig {
    /// Form of the log lines. Default pretty.
    pub log_format: LogFormat,
    /// What to log, in the form of `RUST_LOG`, such as `info` or `prompt_guard::upstream=debug`. Default `info`.
    pub log_filter: String,
    /// OTLP collector for traces, by gRPC, such as `http://collector:4317`. Default none: no traces.
    pub otlp_endpoint: Option<String>,
    /// Which share of traces to record where the caller has not decided, 0.0 to 1.0. Default 1.0.
    pub sample_ratio: f64,
    /// `service.name` of the traces. Default `prompt-guard`.
    pub service_name: String,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            log_format: LogFormat::Pretty,
            log_filter: "info".to_owned(),
            otlp_endpoint: None,
            sample_ratio: 1.0,
            service_name: "prompt-guard".to_owned(),
        }
    }
}

impl TelemetryConfig {
    /// What [`init`] would find wrong with these settings, without setting up anything.
    pub fn faults(&self) -> Vec<Error> {
        let filter = logs::filter(&self.log_filter).err().map(Error::Filter);
        let endpoint = self.otlp_endpoint.as_deref().and_then(|it| traces::check(it).err());
        filter.into_iter().chain(endpoint).collect()
    }
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log filter cannot be read.
    #[error("the log filter cannot be read: {0}; expected something like info,prompt_guard=debug")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The collector's address cannot be used.
    #[error("the OTLP endpoint cannot be used: {0}; expected something like http://collector:4317")]
    Endpoint(String),
    /// Somebody has set up logs or metrics in this process before.
    #[error("telemetry has been set up before: {0}")]
    Twice(String),
}

/// What was set up; to be kept until the end, and then [shut down](Telemetry::shutdown).
#[derive(Debug)]
pub struct Telemetry {
    metrics: Metrics,
    provider: Option<SdkTracerProvider>,
}

/// Sets up logs (on standard error), traces and metrics for the whole process.
///
/// With an OTLP endpoint it has to be called within a Tokio runtime, which then carries the connection. An
/// unreachable collector is no error: spans are dropped, and a metric and a log line say so.
///
/// # Errors
/// See [`Error`]. Nothing is half set up but the metrics recorder.
pub fn init(config: &TelemetryConfig) -> Result<Telemetry, Error> {
    let log_layer = logs::layer(config.log_format, &config.log_filter, std::io::stderr)?;
    let provider = traces::provider(config)?;
    let trace_layer = provider.as_ref().map(traces::layer);
    let metrics = Metrics::install()?;
    tracing_subscriber::registry()
        .with(log_layer)
        .with(trace_layer)
        .try_init()
        .map_err(|error| Error::Twice(error.to_string()))?;
    logs::hush_panics();
    Ok(Telemetry { metrics, provider })
}

impl Telemetry {
    /// The metrics, to be served and looked after.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Sends the spans that are still here, for at most `timeout`.
    ///
    /// Blocks; in a runtime call it by `spawn_blocking`, since the runtime has to carry what is sent.
    pub fn shutdown(self, timeout: Duration) {
        let Some(provider) = self.provider else { return };
        if let Err(error) = provider.shutdown_with_timeout(timeout) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

#[cfg(test)]
mod tests;
