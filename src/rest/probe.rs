//! Probes: is the process alive, does it want traffic, how is it doing.

use super::{answer, route::Probe};
use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

/// Whether the service wants traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not yet.
    Starting,
    /// Yes.
    Ready,
    /// No longer: it finishes what it has and stops.
    Draining,
}

/// A handle that says what the probes report; all clones are one.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<AtomicU8>);

impl Default for Readiness {
    /// Starting.
    fn default() -> Self {
        Self(Arc::new(AtomicU8::new(0)))
    }
}

impl Readiness {
    /// From now on report `state`.
    pub fn set(&self, state: State) {
        let number = match state {
            State::Starting => 0,
            State::Ready => 1,
            State::Draining => 2,
        };
        self.0.store(number, Ordering::Release);
    }

    /// What is reported now.
    pub fn get(&self) -> State {
        match self.0.load(Ordering::Acquire) {
            0 => State::Starting,
            1 => State::Ready,
            _ => State::Draining,
        }
    }
}

/// Renders the text of `/metrics`.
#[derive(Clone)]
pub struct MetricsText(Arc<dyn Fn() -> String + Send + Sync>);

impl MetricsText {
    /// Renders by `render`, which should be quick: it runs where requests run.
    pub fn new(render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(render))
    }
}

impl Default for MetricsText {
    /// No metrics.
    fn default() -> Self {
        Self::new(String::new)
    }
}

impl fmt::Debug for MetricsText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsText")
    }
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
}

/// Answers a probe.
pub(super) fn answer(probe: Probe, readiness: &Readiness, metrics: &MetricsText) -> Response {
    let mut response = match probe {
        Probe::Health => report(readiness.get(), Some(env!("CARGO_PKG_VERSION"))),
        Probe::Ready => report(readiness.get(), None),
        Probe::Live => answer::json(StatusCode::OK, &Report { status: "alive", version: None }),
        Probe::Metrics => exposition(metrics),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn report(state: State, version: Option<&'static str>) -> Response {
    let (status, word) = match state {
        State::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        State::Ready => (StatusCode::OK, "ready"),
        State::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
    };
    answer::json(status, &Report { status: word, version })
}

fn exposition(metrics: &MetricsText) -> Response {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], Body::from((metrics.0)())).into_response()
}
