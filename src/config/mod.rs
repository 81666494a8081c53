//! The configuration of the service: what was said on the command line, in the environment and in a file, and what it
//! means.
//!
//! Two steps: `said` collects texts, `meant` checks them. All faults are reported at once. Values come through maps,
//! so tests never touch the process environment.

mod fault;
mod hosts;
mod meant;
mod model;
mod read;
mod said;
pub mod settings;
mod state;
mod upstream;

pub use fault::Fault;
pub use hosts::{Host, Hosts};
pub use said::{Everything, Origin, Said};

use crate::{
    model::ModelsConfig,
    rest::{CorsConfig, UnknownEndpoints},
    stack::{cache::CacheConfig, rate_limit::RateLimitConfig},
    store::{RedisConfig, Secret},
    telemetry::TelemetryConfig,
    upstream::UpstreamConfig,
    vault::VaultConfig,
};
use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

/// Everything that can be configured.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The sockets and what goes through them.
    pub server: ServerConfig,
    /// Which policies there are.
    pub policy: PolicyConfig,
    /// Models of the operator's own, for policies that name them.
    pub models: ModelsConfig,
    /// The upstreams, sorted by name.
    pub upstreams: Vec<UpstreamConfig>,
    /// The upstream for calls that name none; `None` means the first.
    pub default_upstream: Option<String>,
    /// How often a caller may call.
    pub rate_limit: RateLimitConfig,
    /// Which completions are kept.
    pub cache: CacheConfig,
    /// The shared state; `None` keeps state in the process.
    pub redis: Option<RedisConfig>,
    /// From which all keys are derived; `None` means a random one, or with Redis one from its URL and password.
    pub secret: Option<Secret>,
    /// How long an unused session is kept.
    pub vault: VaultConfig,
    /// Logs and traces.
    pub telemetry: TelemetryConfig,
}

/// The sockets and what goes through them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// Where REST and gRPC are served. Default `127.0.0.1:8000`.
    pub listen: SocketAddr,
    /// Where gRPC is served instead. Default: on `listen`.
    pub grpc_listen: Option<SocketAddr>,
    /// Where health and metrics are served instead. Default: on `listen`.
    pub admin_listen: Option<SocketAddr>,
    /// Largest request body. Default 10 MiB.
    pub max_body_bytes: usize,
    /// Memory for all request bodies under way that are larger than 64 KiB, in bytes. Default 512 MiB.
    pub max_buffered_bytes: usize,
    /// Upstream requests under way at once. At least 1. Default 1024.
    pub max_in_flight: usize,
    /// How long calls under way may take to end at a stop. Default 30 s.
    pub drain: Duration,
    /// How long calls are still accepted at a stop, while readiness is off already. Default 0.
    pub drain_delay: Duration,
    /// By which names the service may be called. Default: by any, or where only this machine can call, by its own.
    pub hosts: Hosts,
    /// Which web pages may call. Default: none of another origin.
    pub cors: CorsConfig,
    /// What to do with paths of providers that the guard does not know. Default: refuse them.
    pub unknown_endpoints: UnknownEndpoints,
    /// How long nothing may come of a request body that has not ended. Default 10 s.
    pub upload_idle: Duration,
    /// How long a caller may take nothing of an answer that waits for it. Default 60 s.
    pub download_idle: Duration,
    /// How long a connection may wait for the whole head of its next request. Default 75 s.
    pub keep_alive: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            grpc_listen: None,
            admin_listen: None,
            max_body_bytes: 10 << 20,
            max_buffered_bytes: 512 << 20,
            max_in_flight: 1024,
            drain: Duration::from_secs(30),
            drain_delay: Duration::ZERO,
            hosts: Hosts::default(),
            cors: CorsConfig::default(),
            unknown_endpoints: UnknownEndpoints::default(),
            upload_idle: Duration::from_secs(10),
            download_idle: Duration::from_secs(60),
            keep_alive: Duration::from_secs(75),
        }
    }
}

/// Which policies there are beside the built-in ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyConfig {
    /// The policy for calls that name none. Default `default_pii`.
    pub default: String,
    /// Policy files, or folders of which every `.yaml` and `.yml` is one.
    pub files: Vec<PathBuf>,
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self { default: "default_pii".to_owned(), files: Vec::new() }
    }
}

/// All that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}

impl Config {
    /// Makes a configuration of all that was said. Reads the files that settings name.
    ///
    /// # Errors
    /// All faults at once.
    pub fn from_said(said: Everything) -> Result<Self, Faults> {
        Self::from_said_and(said, Vec::new())
    }

    /// The same, with faults that were found before, such as a file that could not be read.
    ///
    /// # Errors
    /// All faults at once.
    pub fn from_said_and(said: Everything, faults: Vec<Fault>) -> Result<Self, Faults> {
        read::config(said, faults).map_err(Faults)
    }
}

#[cfg(test)]
mod tests;
