//! Where one signal goes, and how.

use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    uri::{Authority, PathAndQuery},
};
use std::{path::PathBuf, time::Duration};

/// One kind of telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// All series, again and again.
    Metrics,
    /// Log records.
    Logs,
}

impl Signal {
    pub(super) const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    /// As in the names of variables.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
            Self::Logs => "LOGS",
        }
    }

    /// As in labels.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }

    fn http_path(self) -> &'static str {
        match self {
            Self::Traces => "v1/traces",
            Self::Metrics => "v1/metrics",
            Self::Logs => "v1/logs",
        }
    }

    fn grpc_path(self) -> &'static str {
        match self {
            Self::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Self::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Self::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        }
    }
}

/// How messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// gRPC over HTTP/2.
    Grpc,
    /// Protobuf as the body of an HTTP request.
    Http,
}

impl Protocol {
    pub(super) fn default_endpoint(self) -> &'static str {
        match self {
            Self::Grpc => "http://localhost:4317",
            Self::Http => "http://localhost:4318",
        }
    }
}

/// PEM files for TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Roots to trust in place of the system's.
    pub roots: Option<PathBuf>,
    /// What this side shows.
    pub certificate: Option<PathBuf>,
    /// The key to it.
    pub key: Option<PathBuf>,
}

/// Where one signal goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Which one.
    pub signal: Signal,
    /// How it travels.
    pub protocol: Protocol,
    /// The whole address, path included.
    pub uri: Uri,
    /// Sent with each message; their values are not shown.
    pub headers: HeaderMap,
    /// How long one message may take, all attempts included. Default 10 s.
    pub timeout: Duration,
    /// For `https`.
    pub files: Files,
}

impl Target {
    /// A target at `endpoint`. Over HTTP the signal's path is appended, unless the endpoint is the signal's `own`.
    pub(super) fn new(
        signal: Signal,
        protocol: Protocol,
        endpoint: &str,
        own: bool,
    ) -> Result<Self, String> {
        let uri: Uri = endpoint.parse().map_err(|error| format!("is no URL: {error}"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.authority().is_none() {
            return Err("has no http:// or https:// with a host in front".to_owned());
        }
        let names_port = |it: &Authority| it.as_str().rsplit('@').next() != Some(it.host());
        let is_port = |it: &Authority| it.port_u16().is_some_and(|port| port > 0);
        if uri.authority().is_some_and(|it| names_port(it) && !is_port(it)) {
            return Err("has a port that is none".to_owned());
        }
        let path = match (protocol, own) {
            (Protocol::Grpc, _) => signal.grpc_path().to_owned(),
            (Protocol::Http, true) => uri.path().to_owned(),
            (Protocol::Http, false) => {
                format!("{}/{}", uri.path().trim_end_matches('/'), signal.http_path())
            }
        };
        let mut parts = uri.into_parts();
        let path = PathAndQuery::try_from(path).map_err(|error| format!("is no URL: {error}"))?;
        parts.path_and_query = Some(path);
        let uri = Uri::from_parts(parts).map_err(|error| format!("is no URL: {error}"))?;
        let (headers, timeout) = (HeaderMap::new(), Duration::from_secs(10));
        Ok(Self { signal, protocol, uri, headers, timeout, files: Files::default() })
    }

    /// `None` if one of them is no header.
    pub(super) fn add_headers(&mut self, pairs: Vec<(String, String)>) -> Option<()> {
        for (name, value) in pairs {
            let name = HeaderName::try_from(name.to_ascii_lowercase()).ok()?;
            let mut value = HeaderValue::try_from(value).ok()?;
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        Some(())
    }
}
