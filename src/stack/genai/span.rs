//! The span of one operation, by the names of the conventions.

use super::{meters::Asked, names::may_be_told};
use crate::{
    call::{Discretion, Prompt},
    json::Glance,
    stack::traceparent,
    wire::{Endpoint, Told, Usage},
};
use opentelemetry::{Array, StringValue, Value};
use std::{sync::Arc, time::Duration};
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Begins the span; none unless the call's trace is recorded, since it costs a look through the body.
pub(super) fn begin(prompt: &Prompt, asked: &Asked) -> Span {
    if !traceparent::is_recorded() {
        return Span::none();
    }
    let is_read = prompt.endpoint != Endpoint::Unread;
    let read = is_read.then(|| Request::read(Glance::at(prompt.body.as_bytes())));
    let request = read.unwrap_or_default();
    let (operation, model) = (asked.operation, asked.model.as_deref());
    // A caller's word until it is found to be configured.
    let upstream = prompt.upstream.as_deref();
    let upstream = upstream.filter(|name| may_be_told(name, &prompt.discretion));
    info_span!(
        "inference",
        otel.name = format!("{operation} {}", model.unwrap_or_default()).trim_end(),
        otel.kind = "client",
        otel.status_code = Empty,
        gen_ai.operation.name = operation,
        gen_ai.provider.name = asked.provider,
        gen_ai.request.model = model,
        gen_ai.request.stream = prompt.streamed,
        gen_ai.request.choice.count = request.n.filter(|count| *count != 1),
        gen_ai.request.max_tokens = request.max_tokens,
        gen_ai.request.seed = request.seed,
        gen_ai.request.temperature = request.temperature,
        gen_ai.request.top_p = request.top_p,
        gen_ai.request.top_k = request.top_k,
        gen_ai.request.frequency_penalty = request.frequency_penalty,
        gen_ai.request.presence_penalty = request.presence_penalty,
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.response.time_to_first_chunk = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.cache_read.input_tokens = Empty,
        gen_ai.usage.cache_creation.input_tokens = Empty,
        gen_ai.usage.reasoning.output_tokens = Empty,
        error.type = Empty,
        guard.upstream = upstream,
    )
}

/// What the provider is told of the trace.
pub(super) fn outgoing(span: &Span, received: Option<Arc<str>>) -> Option<Arc<str>> {
    span.in_scope(|| traceparent::outgoing(received.as_ref()))
}

/// The first event of a stream is here.
pub(super) fn first(span: &Span, after: Duration) {
    span.record("gen_ai.response.time_to_first_chunk", after.as_secs_f64());
}

/// Notes how it ended, and what the answer told of itself.
pub(super) fn end(
    span: &Span,
    failure: Option<&str>,
    told: &Told,
    model: Option<&str>,
    discretion: &Discretion,
) {
    if span.is_none() {
        return;
    }
    if let Some(failure) = failure {
        span.record("error.type", failure);
        span.record("otel.status_code", "ERROR");
    }
    // Ids have many digits.
    span.record("gen_ai.response.id", told.id.as_deref().filter(|id| discretion.tells(id)));
    span.record("gen_ai.response.model", model);
    if !told.finish_reasons.is_empty() {
        let reasons = told.finish_reasons.iter().cloned().map(StringValue::from).collect();
        span.set_attribute("gen_ai.response.finish_reasons", Value::Array(Array::String(reasons)));
    }
    let Usage { input, output, cache_read, cache_write, reasoning } = told.usage;
    for (name, count) in [
        ("gen_ai.usage.input_tokens", input),
        ("gen_ai.usage.output_tokens", output),
        ("gen_ai.usage.cache_read.input_tokens", cache_read),
        ("gen_ai.usage.cache_creation.input_tokens", cache_write),
        ("gen_ai.usage.reasoning.output_tokens", reasoning),
    ] {
        // Signed, since OpenTelemetry has no other whole numbers.
        span.record(name, count.map(|count| i64::try_from(count).unwrap_or(i64::MAX)));
    }
}

/// What is read of a request: numbers alone.
#[derive(Debug, Default, PartialEq)]
struct Request {
    n: Option<i64>,
    max_tokens: Option<i64>,
    seed: Option<i64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<i64>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
}

impl Request {
    /// A member that is no such number tells nothing, and takes nothing from the others.
    fn read(body: Glance<'_>) -> Self {
        let mut read = Self::default();
        for (name, value) in body.members() {
            match name {
                b"n" => read.n = value.integer(),
                b"max_tokens" | b"max_completion_tokens" | b"max_output_tokens" => {
                    read.max_tokens = value.integer().or(read.max_tokens);
                }
                b"seed" => read.seed = value.integer(),
                b"temperature" => read.temperature = value.float(),
                b"top_p" => read.top_p = value.float(),
                b"top_k" => read.top_k = value.integer(),
                b"frequency_penalty" => read.frequency_penalty = value.float(),
                b"presence_penalty" => read.presence_penalty = value.float(),
                _ => {}
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_member_takes_nothing_from_the_others() {
        let body = br#"{"max_tokens":9,"max_completion_tokens":null,"temperature":0.5,"seed":-7,
            "top_p":"high","top_k":1.5,"n":[2],"messages":[{"n":3}],"presence_penalty":-1}"#;
        let expected = Request {
            max_tokens: Some(9),
            temperature: Some(0.5),
            seed: Some(-7),
            presence_penalty: Some(-1.0),
            ..Request::default()
        };
        assert_eq!(Request::read(Glance::at(body)), expected);
    }
}
