//! Metrics of one exchange with an upstream. Labels are configured names and fixed words, so their number is bounded.

use crate::call::Error;
use http::StatusCode;
use metrics::{counter, histogram};
use std::{sync::Arc, time::Instant};

/// Measures one exchange until its body ends; whoever drops it earlier has cancelled.
#[derive(Debug)]
pub(super) struct Measure {
    upstream: Arc<str>,
    started: Instant,
    outcome: &'static str,
    status: Option<StatusCode>,
}

impl Measure {
    pub(super) fn start(upstream: Arc<str>) -> Self {
        Self { upstream, started: Instant::now(), outcome: "cancelled", status: None }
    }

    /// The head of the answer is here.
    pub(super) fn head(&mut self, status: StatusCode) {
        self.status = Some(status);
        let name = Arc::clone(&self.upstream);
        histogram!("prompt_guard_upstream_head_seconds", "upstream" => name)
            .record(self.started.elapsed().as_secs_f64());
    }

    /// The body is complete.
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
        let name = Arc::clone(&self.upstream);
        histogram!("prompt_guard_upstream_duration_seconds", "upstream" => name)
            .record(self.started.elapsed().as_secs_f64());
        let name = Arc::clone(&self.upstream);
        counter!("prompt_guard_upstream_requests_total", "upstream" => name, "outcome" => self.outcome)
            .increment(1);
    }
}

/// A request was sent again on a fresh connection.
pub(super) fn retried(upstream: &Arc<str>) {
    counter!("prompt_guard_upstream_retries_total", "upstream" => Arc::clone(upstream))
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
