//! What an operator says of an upstream.

use super::{breaker::BreakerConfig, proxy::ProxyConfig, retry::RetryConfig};
use crate::sensitive::Sensitive;
use std::{path::PathBuf, time::Duration};

/// One upstream: where it is and how long we wait for it.
#[derive(Clone, Debug)]
pub struct UpstreamConfig {
    /// The name in `/{name}/v1/…`, `x-guard-upstream` and metrics: 1 to 64 of `a-z0-9_-`, beginning with a letter.
    pub name: String,
    /// Origin, and a path that goes before `/v1/…`, if any: `https://api.openai.com`. A trailing `/` or `/v1` is ignored.
    pub base_url: String,
    /// More URLs of the same upstream, asked in its place in this order when it fails.
    pub more_base_urls: Vec<String>,
    /// Which of its URLs is asked first. Default: the first.
    pub balance: Balance,
    /// What takes the place of `/v1` in paths; `{model}` in it is the model of the request. Default `/v1`.
    pub api_path: String,
    /// Added to the query string of each request, such as `api-version=2024-10-21`, unless the caller says the same name.
    pub query: String,
    /// Patterns of the models that it is asked for, such as `gpt-*`, where a call names no upstream.
    pub models: Vec<String>,
    /// What models are called here: pattern of the name that the caller uses, and name. The first that fits counts.
    pub model_names: Vec<(String, String)>,
    /// Names of upstreams that are asked in its place when it fails, in this order.
    pub fallbacks: Vec<String>,
    /// Whose key is sent. Default: the caller's.
    pub api_key: ApiKey,
    /// Limit for name resolution, TCP and TLS together. Default 10 s.
    pub connect_timeout: Duration,
    /// Limit from sending until the head of the answer is there. Default 600 s: without streaming a model answers only
    /// when it is done.
    pub first_byte_timeout: Duration,
    /// Longest pause inside an answer. Default 300 s.
    pub idle_timeout: Duration,
    /// Limit for the whole exchange, streams included. Default none.
    pub total_timeout: Option<Duration>,
    /// How long an unused connection is kept. Below what usual servers keep theirs, so that we close first. Default 45 s.
    pub pool_idle_timeout: Duration,
    /// Largest answer that is not an event stream; those are collected whole. Default 64 MiB.
    pub max_answer_bytes: usize,
    /// PEM file with the certificates to trust, instead of the system's.
    pub root_certificates: Option<PathBuf>,
    /// Which HTTP is spoken.
    pub http_version: HttpVersion,
    /// By which proxy it is reached.
    pub proxy: ProxyConfig,
    /// When a request is sent again.
    pub retry: RetryConfig,
    /// When it is left alone.
    pub breaker: BreakerConfig,
}

impl UpstreamConfig {
    /// The models that it names in full, by the names of callers and by its own.
    pub fn named_models(&self) -> impl Iterator<Item = &str> {
        let names = self.model_names.iter().flat_map(|(from, to)| [from, to]);
        self.models.iter().chain(names).map(String::as_str).filter(|name| !name.contains('*'))
    }
}

impl Default for UpstreamConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            base_url: String::new(),
            more_base_urls: Vec::new(),
            balance: Balance::default(),
            api_path: "/v1".to_owned(),
            query: String::new(),
            models: Vec::new(),
            model_names: Vec::new(),
            fallbacks: Vec::new(),
            api_key: ApiKey::default(),
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(600),
            idle_timeout: Duration::from_secs(300),
            total_timeout: None,
            pool_idle_timeout: Duration::from_secs(45),
            max_answer_bytes: 64 << 20,
            root_certificates: None,
            http_version: HttpVersion::default(),
            proxy: ProxyConfig::default(),
            retry: RetryConfig::default(),
            breaker: BreakerConfig::default(),
        }
    }
}

impl UpstreamConfig {
    /// An upstream with the default limits, as `--upstream NAME=BASE_URL` makes it.
    pub fn new(name: impl Into<String>, base_url: impl Into<String>) -> Self {
        Self { name: name.into(), base_url: base_url.into(), ..Self::default() }
    }
}

/// Which of several URLs is asked first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    /// Always the first.
    #[default]
    InOrder,
    /// Each in its turn.
    RoundRobin,
}

/// Whose key an upstream gets.
#[derive(Clone, Debug, Default)]
pub enum ApiKey {
    /// The caller's own, passed through as it came.
    #[default]
    Caller,
    /// This one; the caller's is dropped.
    Own {
        /// The key, without `Bearer`.
        key: Sensitive,
        /// The header it goes into.
        style: KeyStyle,
    },
}

/// The header that carries a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStyle {
    /// `authorization: Bearer …`, as OpenAI and most others read it.
    Bearer,
    /// `x-api-key: …`, as Anthropic reads it.
    XApiKey,
    /// `api-key: …`, as Azure reads it.
    ApiKey,
}

/// Which HTTP an upstream is spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/2 where TLS negotiates it, else HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1.
    One,
    /// HTTP/2, also without TLS ("prior knowledge").
    Two,
}

/// A fault in an [`UpstreamConfig`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct ConfigError {
    /// The field at fault, such as `upstreams.openai.base_url`.
    pub field: String,
    /// What is wrong and what would be right; never a key.
    pub message: String,
}
