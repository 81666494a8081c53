//! Metrics of what is sent to upstreams. Labels are configured names and fixed words, so their number is bounded.

use crate::{call::Error, meter::Known};
use http::StatusCode;
use metrics::{Counter, Histogram, counter, histogram};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The figures of one upstream that each request adds to.
#[derive(Debug)]
pub(super) struct Meters {
    head: Histogram,
    duration: Histogram,
    requests: Known<&'static str, Counter>,
    upstream: Arc<str>,
}

impl Meters {
    pub(super) fn new(upstream: &Arc<str>) -> Self {
        let name = || Arc::clone(upstream);
        Self {
            head: histogram!("prompt_guard_upstream_head_seconds", "upstream" => name()),
            duration: histogram!("prompt_guard_upstream_duration_seconds", "upstream" => name()),
            requests: Known::default(),
            upstream: name(),
        }
    }

    fn ended(&self, outcome: &'static str, took: Duration) {
        self.duration.record(took.as_secs_f64());
        let make = |outcome: &&'static str| {
            let name = Arc::clone(&self.upstream);
            counter!("prompt_guard_upstream_requests_total", "upstream" => name, "outcome" => *outcome)
        };
        self.requests.of(&outcome, make).increment(1);
    }
}

/// Measures one attempt until its body ends; whoever drops it earlier has cancelled.
#[derive(Debug)]
pub(super) struct Measure {
    meters: Arc<Meters>,
    started: Instant,
    outcome: &'static str,
    status: Option<StatusCode>,
}

impl Measure {
    pub(super) fn start(meters: Arc<Meters>) -> Self {
        Self { meters, started: Instant::now(), outcome: "cancelled", status: None }
    }

    /// The head of the answer is here.
    pub(super) fn head(&mut self, status: StatusCode) {
        self.status = Some(status);
        self.meters.head.record(self.started.elapsed().as_secs_f64());
    }

    /// The body is complete, or nobody wants it.
    pub(super) fn done(&mut self) {
        self.outcome = self.status.map_or("cancelled", class);
    }

    /// The exchange failed.
    pub(super) fn failed(&mut self, error: &Error) {
        self.outcome = error.kind().label();
    }

    /// [`failed`](Self::failed), handing the error on.
    pub(super) fn failing(&mut self, error: Error) -> Error {
        self.failed(&error);
        error
    }
}

impl Drop for Measure {
    fn drop(&mut self) {
        self.meters.ended(self.outcome, self.started.elapsed());
    }
}

/// Why a request was sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The connection was dead already.
    Stale,
    /// It said that it has not looked at the request.
    Refused,
    /// No connection came about.
    Connect,
    /// The upstream refused to work on it.
    Status,
}

/// A request is sent again to the same upstream.
pub(super) fn retried(upstream: &Arc<str>, reason: Reason) {
    let reason = match reason {
        Reason::Stale => "stale",
        Reason::Refused => "refused",
        Reason::Connect => "connect",
        Reason::Status => "status",
    };
    let name = Arc::clone(upstream);
    counter!("prompt_guard_upstream_retries_total", "upstream" => name, "reason" => reason)
        .increment(1);
}

/// A retry was due and there was no budget for it.
pub(super) fn out_of_budget(upstream: &Arc<str>) {
    let name = Arc::clone(upstream);
    counter!("prompt_guard_upstream_retries_refused_total", "upstream" => name).increment(1);
}

/// Another upstream answered in the place of one that failed.
pub(super) fn failed_over(upstream: &Arc<str>, fallback: &Arc<str>) {
    let (name, fallback) = (Arc::clone(upstream), Arc::clone(fallback));
    counter!("prompt_guard_upstream_failovers_total", "upstream" => name, "fallback" => fallback)
        .increment(1);
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    }
}
