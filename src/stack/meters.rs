//! The figures of calls, limits, cache and guard.

use crate::{
    call::{CacheOutcome, Call, Facade, Task},
    detect::EntityType,
    meter::Known,
};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::time::Duration;

/// Which calls are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub(super) facade: &'static str,
    pub(super) task: &'static str,
    /// The provider's endpoint of a completion, else `guard`.
    pub(super) surface: &'static str,
}

impl Kind {
    pub(super) fn of(call: &Call) -> Self {
        let facade = match call.facade {
            Facade::Rest => "rest",
            Facade::Grpc => "grpc",
        };
        let (task, surface) = match &call.task {
            Task::Complete(complete) => ("complete", complete.endpoint.label()),
            Task::Scan(_) => ("scan", "guard"),
            Task::Redact(_) => ("redact", "guard"),
            Task::Restore(_) => ("restore", "guard"),
            Task::ListPolicies => ("list_policies", "guard"),
            Task::DeleteSession(_) => ("delete_session", "guard"),
            Task::ReadQuota => ("read_quota", "guard"),
        };
        Self { facade, task, surface }
    }
}

/// What is measured of calls.
#[derive(Debug)]
pub(super) struct CallMeters {
    ended: Known<(Kind, &'static str), Counter>,
    duration: Known<Kind, Histogram>,
    first: Known<&'static str, Histogram>,
    active: [Gauge; 2],
    pub(super) streams: Gauge,
}

impl Default for CallMeters {
    fn default() -> Self {
        Self {
            ended: Known::default(),
            duration: Known::default(),
            first: Known::default(),
            active: ["rest", "grpc"]
                .map(|facade| gauge!("prompt_guard_active_calls", "facade" => facade)),
            streams: gauge!("prompt_guard_active_streams"),
        }
    }
}

impl CallMeters {
    pub(super) fn active(&self, kind: Kind) -> &Gauge {
        let [rest, grpc] = &self.active;
        if kind.facade == "rest" { rest } else { grpc }
    }

    pub(super) fn ended(&self, kind: Kind, outcome: &'static str, took: Duration) {
        let Kind { facade, task, surface } = kind;
        let count = |_: &_| counter!("prompt_guard_calls_total", "facade" => facade, "task" => task, "surface" => surface, "outcome" => outcome);
        self.ended.of(&(kind, outcome), count).increment(1);
        let duration = |_: &_| histogram!("prompt_guard_call_duration_seconds", "facade" => facade, "task" => task, "surface" => surface);
        self.duration.of(&kind, duration).record(took.as_secs_f64());
    }

    pub(super) fn first_token(&self, kind: Kind, after: Duration) {
        let make = |surface: &&'static str| histogram!("prompt_guard_time_to_first_token_seconds", "surface" => *surface);
        self.first.of(&kind.surface, make).record(after.as_secs_f64());
    }
}

/// Decisions of the limits.
#[derive(Debug)]
pub(super) struct LimitMeters {
    allowed: Counter,
    limited: Counter,
}

impl Default for LimitMeters {
    fn default() -> Self {
        let decided =
            |outcome| counter!("prompt_guard_rate_limit_decisions_total", "outcome" => outcome);
        Self { allowed: decided("allowed"), limited: decided("limited") }
    }
}

impl LimitMeters {
    pub(super) fn decided(&self, allowed: bool) {
        if allowed { &self.allowed } else { &self.limited }.increment(1);
    }
}

/// Where completions came from.
#[derive(Debug)]
pub(super) struct CacheMeters {
    hit: Counter,
    miss: Counter,
    bypass: Counter,
}

impl Default for CacheMeters {
    fn default() -> Self {
        let came = |outcome: CacheOutcome| counter!("prompt_guard_cache_lookups_total", "outcome" => outcome.label());
        Self {
            hit: came(CacheOutcome::Hit),
            miss: came(CacheOutcome::Miss),
            bypass: came(CacheOutcome::Bypass),
        }
    }
}

impl CacheMeters {
    pub(super) fn came(&self, outcome: CacheOutcome) {
        match outcome {
            CacheOutcome::Hit => &self.hit,
            CacheOutcome::Miss => &self.miss,
            CacheOutcome::Bypass => &self.bypass,
        }
        .increment(1);
    }
}

/// Counts what was found in what a model wrote.
pub(super) fn found_in_output<'a>(findings: impl IntoIterator<Item = (&'a EntityType, &'a usize)>) {
    for (entity_type, count) in findings {
        counted(entity_type, "output").increment(*count as u64);
    }
}

fn counted(entity_type: &EntityType, direction: &'static str) -> Counter {
    let entity_type = entity_type.as_str().to_owned();
    counter!("prompt_guard_findings_total", "entity_type" => entity_type, "direction" => direction)
}

/// What is measured at the guard.
#[derive(Debug)]
pub(super) struct GuardMeters {
    findings: Known<EntityType, Counter>,
    verdicts: Known<&'static str, Counter>,
    redact: Histogram,
    added: Histogram,
    bytes: Counter,
}

impl Default for GuardMeters {
    fn default() -> Self {
        Self {
            findings: Known::default(),
            verdicts: Known::default(),
            redact: histogram!("prompt_guard_redact_duration_seconds"),
            added: histogram!("prompt_guard_added_duration_seconds"),
            bytes: counter!("prompt_guard_request_bytes_total"),
        }
    }
}

impl GuardMeters {
    pub(super) fn found<'a>(
        &self,
        findings: impl IntoIterator<Item = (&'a EntityType, &'a usize)>,
    ) {
        let make = |entity_type: &EntityType| counted(entity_type, "input");
        for (entity_type, count) in findings {
            self.findings.of(entity_type, make).increment(*count as u64);
        }
    }

    pub(super) fn verdict(&self, verdict: &'static str) {
        let make =
            |verdict: &&'static str| counter!("prompt_guard_verdicts_total", "verdict" => *verdict);
        self.verdicts.of(&verdict, make).increment(1);
    }

    pub(super) fn redacted(&self, bytes: usize, took: Duration) {
        self.redact.record(took.as_secs_f64());
        self.bytes.increment(bytes as u64);
    }

    pub(super) fn added(&self, took: Duration) {
        self.added.record(took.as_secs_f64());
    }
}
