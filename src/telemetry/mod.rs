//! Logs, traces and metrics: what operators see.
//!
//! Sets up the global places that the rest of the crate writes to by the `tracing` and `metrics` macros, and hands
//! out what has to be served or stopped. Knows nothing of calls or texts. What keeps private values out: fields and
//! labels are names of ours, counts and times; other crates are logged from `INFO` up only ([`logs`]); and a panic
//! is logged by its place, without its message. Start reading at [`init`]; metrics are kept by [`metrics`], and sent, like traces and
//! logs, by [`otlp`].

pub mod logs;
pub mod metrics;
pub mod otlp;

pub use logs::LogFormat;
pub use metrics::Metrics;
pub use otlp::OtlpConfig;

use otlp::Export;
use std::time::Duration;
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What to log, and where traces, metrics and logs go.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// Form of the log lines. Default pretty.
    pub log_format: LogFormat,
    /// What to log, in the form of `RUST_LOG`, such as `info` or `prompt_guard::upstream=debug`. Default `info`.
    pub log_filter: String,
    /// What is sent to collectors. Default nothing.
    pub otlp: OtlpConfig,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            log_format: LogFormat::Pretty,
            log_filter: "info".to_owned(),
            otlp: OtlpConfig::default(),
        }
    }
}

impl TelemetryConfig {
    /// What [`init`] would find wrong with these settings, without setting up anything.
    pub fn faults(&self) -> Vec<Error> {
        let filter = logs::filter(&self.log_filter).err().map(Error::Filter);
        let level = logs::no_level(&self.log_filter).map(|word| Error::Level(word.to_owned()));
        filter.into_iter().chain(level).chain(self.otlp.check()).collect()
    }
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log filter cannot be read.
    #[error("the log filter cannot be read: {0}; expected something like info,prompt_guard=debug")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// A word of the log filter is no level. As the name of a part it would let through what that part says, and nothing else.
    #[error(
        "`{0}` in the log filter is no level; write off, error, warn, info, debug or trace, or PART=LEVEL"
    )]
    Level(String),
    /// TLS to the collector cannot be set up.
    #[error("the OTLP endpoint cannot be used: {0}")]
    Endpoint(String),
    /// Somebody has set up logs or metrics in this process before.
    #[error("telemetry has been set up before: {0}")]
    Twice(String),
}

/// What was set up; to be kept until the end, and then [shut down](Telemetry::shutdown).
#[derive(Debug)]
pub struct Telemetry {
    metrics: Metrics,
    export: Export,
}

/// Sets up logs (on standard error), metrics and what is sent to collectors for the whole process.
///
/// With a collector it has to be called within a Tokio runtime, which then carries the connections. An unreachable
/// one is no error: what cannot be sent is dropped, and a metric and a log line say so.
///
/// # Errors
/// See [`Error`]. Nothing is half set up but the metrics recorder.
pub fn init(config: &TelemetryConfig) -> Result<Telemetry, Error> {
    let lines = logs::layer(config.log_format, &config.log_filter, std::io::stderr)?;
    let metrics = Metrics::install()?;
    let (export, mut layers) = Export::start(&config.otlp, &config.log_filter, &metrics)?;
    layers.push(lines);
    tracing_subscriber::registry()
        .with(layers)
        .try_init()
        .map_err(|error| Error::Twice(error.to_string()))?;
    logs::hush_panics();
    Ok(Telemetry { metrics, export })
}

impl Telemetry {
    /// The metrics, to be served.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Sends what is still here, for at most `timeout`.
    pub async fn shutdown(self, timeout: Duration) {
        self.export.shutdown(timeout).await;
    }
}

#[cfg(test)]
mod tests;
