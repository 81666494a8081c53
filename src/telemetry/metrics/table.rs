//! All metrics by name.
//!
//! A test holds the names in the source against this table. Labels are words of ours, configured names, entity types and some
//! names of models that have answered; `registry` bounds how many series they make.

/// What a metric does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only goes up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts values by size.
    Histogram,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, with the unit at its end.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
    /// What it tells, for people, with the values of its labels.
    pub help: &'static str,
    /// Of a histogram: the upper bounds of its buckets but the last, which has none.
    pub bounds: &'static [f64],
    /// The name that OpenTelemetry's conventions have for it, and the unit that is no part of that.
    pub convention: Option<(&'static str, &'static str)>,
}

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, help, bounds: &[], convention: None }
}

const fn level(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, help, bounds: &[], convention: None }
}

const fn histogram(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, help, bounds: &SECONDS, convention: None }
}

/// A histogram of the conventions, with the bounds that they ask for.
const fn conventional(
    (name, unit): (&'static str, &'static str),
    prometheus: &'static str,
    bounds: &'static [f64],
    help: &'static str,
) -> Metric {
    let convention = Some((name, unit));
    Metric { name: prometheus, kind: Kind::Histogram, help, bounds, convention }
}

/// All metrics, by subject.
pub const ALL: &[Metric] = &[
    level("prompt_guard_build_info", "Always 1; label: version"),
    // Calls, from arrival to the end of the body.
    counter(
        "prompt_guard_calls_total",
        "Calls that ended; labels: facade (rest, grpc), task, surface (the provider's \
         endpoint, or guard), outcome (ok, cancelled, or a kind of error)",
    ),
    histogram(
        "prompt_guard_call_duration_seconds",
        "From arrival to the end of the body; labels: facade, task, surface",
    ),
    histogram(
        "prompt_guard_time_to_first_token_seconds",
        "Streamed answers: from arrival to the first piece that the caller gets; label: surface",
    ),
    level(
        "prompt_guard_active_connections",
        "Connections that are open; label: listener (main, grpc, admin)",
    ),
    level("prompt_guard_active_calls", "Calls under way; label: facade"),
    level("prompt_guard_active_streams", "Answers that are being streamed"),
    counter(
        "prompt_guard_http_responses_total",
        "Answers of the REST facade, also those that never became a call; labels: route (host_refused: called by a name that server.hosts does not have, by gRPC too; head_refused: a head that means two things or asks for what is not known), status (2xx to 5xx)",
    ),
    // The guard.
    histogram(
        "prompt_guard_redact_duration_seconds",
        "Provider requests: time to read, find and replace, session included",
    ),
    histogram(
        "prompt_guard_added_duration_seconds",
        "Provider requests: time in the guard until the head of the answer, apart from the cache and the upstream",
    ),
    counter("prompt_guard_request_bytes_total", "Bytes of provider requests that were looked at"),
    counter(
        "prompt_guard_verdicts_total",
        "Provider requests by what the guard made of them; label: verdict (clean, redacted, blocked, unread)",
    ),
    counter(
        "prompt_guard_findings_total",
        "What was found in provider requests and in what models wrote; labels: entity_type, direction (input, output)",
    ),
    counter(
        "prompt_guard_model_texts_total",
        "Texts that models of the operator's own were given; labels: model, outcome (read, late, full, failed)",
    ),
    histogram(
        "prompt_guard_model_duration_seconds",
        "Time that such a text took, waiting included; label: model",
    ),
    // State.
    counter(
        "prompt_guard_cache_lookups_total",
        "Completions looked up; label: outcome (hit, miss, bypass)",
    ),
    counter(
        "prompt_guard_cache_writes_dropped_total",
        "Completions that were not written to the shared store, since too many waited for it",
    ),
    counter(
        "prompt_guard_cache_entries_refused_total",
        "Entries of the cache in the shared store that did not open: changed by somebody, or sealed with another secret",
    ),
    counter(
        "prompt_guard_rate_limit_decisions_total",
        "Calls held against the limits; label: outcome (allowed, limited)",
    ),
    counter(
        "prompt_guard_rate_limit_fallback_total",
        "Decisions by local limits alone, since the store was down",
    ),
    level("prompt_guard_store_up", "1 while the shared store answers; 1 without one"),
    histogram(
        "prompt_guard_store_operation_seconds",
        "Operations of the shared store that were tried; label: operation",
    ),
    level(
        "prompt_guard_store_entries",
        "Entries in the process's memory; label: holder (sessions, cache)",
    ),
    level("prompt_guard_store_bytes", "Memory of these entries; label: holder (sessions, cache)"),
    counter(
        "prompt_guard_store_errors_total",
        "Failed operations of the shared store; labels: operation, reason",
    ),
    counter(
        "prompt_guard_store_evictions_total",
        "Entries that the store in the process dropped for lack of room",
    ),
    // Room that is left.
    level("prompt_guard_in_flight_requests", "Upstream requests under way"),
    level("prompt_guard_in_flight_limit", "How many may be"),
    level(
        "prompt_guard_inputs_waiting",
        "Inputs that wait for their turn to be scanned; label: resource (core: large ones; model: those of policies with models)",
    ),
    level("prompt_guard_runtime_tasks", "Tasks of the runtime that have not ended"),
    level("prompt_guard_runtime_queue_tasks", "Tasks that wait for a thread of the runtime"),
    // Upstreams.
    histogram(
        "prompt_guard_upstream_head_seconds",
        "Until the head of the upstream's answer; label: upstream",
    ),
    histogram(
        "prompt_guard_upstream_duration_seconds",
        "Until the end of the upstream's answer; label: upstream",
    ),
    counter(
        "prompt_guard_upstream_requests_total",
        "Requests sent to upstreams, each attempt; labels: upstream, outcome (2xx to 5xx, cancelled, or a kind of error)",
    ),
    counter(
        "prompt_guard_upstream_retries_total",
        "Requests sent again to the same upstream; labels: upstream, reason (stale, refused, connect, status)",
    ),
    counter(
        "prompt_guard_upstream_retries_refused_total",
        "Requests that were not sent again for lack of a budget; label: upstream",
    ),
    counter(
        "prompt_guard_upstream_failovers_total",
        "Requests that another upstream answered in its place; labels: upstream, fallback",
    ),
    level(
        "prompt_guard_upstream_breaker_state",
        "0 while the upstream is asked, 1 while it is tried again, 2 while it is left alone; label: upstream",
    ),
    counter(
        "prompt_guard_upstream_breaker_opened_total",
        "Times that an upstream began to be left alone; label: upstream",
    ),
    // What providers do, by OpenTelemetry's conventions.
    conventional(
        ("gen_ai.client.operation.duration", "s"),
        "gen_ai_client_operation_duration_seconds",
        &OPERATION_SECONDS,
        "From when a provider is asked to the end of its answer; labels: gen_ai_operation_name, gen_ai_provider_name, \
         gen_ai_request_model, gen_ai_response_model, error_type (a status, provider_error, incomplete, cancelled, or a \
         kind of error)",
    ),
    conventional(
        ("gen_ai.client.token.usage", "{token}"),
        "gen_ai_client_token_usage",
        &TOKENS,
        "Tokens of one answer, where the provider tells them; labels: as above, and gen_ai_token_type (input, output)",
    ),
    conventional(
        ("gen_ai.client.operation.time_to_first_chunk", "s"),
        "gen_ai_client_operation_time_to_first_chunk_seconds",
        &SECONDS,
        "Streamed answers: from when a provider is asked to its first event; labels: gen_ai_operation_name, \
         gen_ai_provider_name, gen_ai_request_model, gen_ai_response_model",
    ),
    conventional(
        ("gen_ai.client.operation.time_per_output_chunk", "s"),
        "gen_ai_client_operation_time_per_output_chunk_seconds",
        &SECONDS,
        "Streamed answers: between two events; labels: gen_ai_operation_name, gen_ai_provider_name, \
         gen_ai_request_model, gen_ai_response_model",
    ),
    // Telemetry itself.
    counter(
        "prompt_guard_telemetry_items_total",
        "Spans, log records and metrics for the collector; labels: signal (traces, logs, metrics), outcome (sent, \
         failed, dropped)",
    ),
    level(
        "prompt_guard_telemetry_queue_items",
        "Spans and log records that wait for the collector; label: signal (traces, logs)",
    ),
    counter(
        "prompt_guard_metrics_refused_total",
        "Series that were not recorded: unknown, or one of too many of one metric",
    ),
];

/// Upper bounds of our histograms, in seconds: 0.1 ms to 60 s. The guard's own work is at the lower end, the
/// upstreams' at the upper one.
const SECONDS: [f64; 19] = [
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0,
    10.0, 20.0, 30.0, 60.0,
];

/// What the conventions ask for of the durations of operations, in seconds.
const OPERATION_SECONDS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/// What the conventions ask for of numbers of tokens: powers of four.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
