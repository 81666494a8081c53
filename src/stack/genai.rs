//! OpenTelemetry's conventions for generative AI, in the one place that knows their names: they are still called
//! "development" and may change.
//!
//! Everything here reads what is below the guard: a redacted request and an answer with placeholders in it.

use super::traceparent;
use crate::{
    call::{Completion, CompletionBody, Prompt},
    wire::Endpoint,
};
use serde::Deserialize;
use std::borrow::Cow;
use tracing::{Span, field::Empty, info_span};

/// The span around what the provider does for one request; none unless the call's trace is recorded: it costs a look
/// through the body.
pub(super) fn inference(prompt: &Prompt) -> Span {
    if !traceparent::is_recorded() {
        return Span::none();
    }
    let request: Request<'_> = serde_json::from_slice(prompt.body.as_bytes()).unwrap_or_default();
    let (operation, provider) = (operation(prompt.endpoint), provider(prompt.endpoint));
    let model = request.model.as_deref().unwrap_or_default();
    info_span!(
        "inference",
        otel.name = format!("{operation} {model}").trim_end(),
        otel.kind = "client",
        gen_ai.operation.name = operation,
        gen_ai.provider.name = provider,
        gen_ai.request.model = model,
        gen_ai.request.stream = prompt.streamed,
        gen_ai.request.max_tokens = request.max_tokens,
        gen_ai.request.temperature = request.temperature,
        gen_ai.request.top_p = request.top_p,
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        error.type = Empty,
        guard.upstream = prompt.upstream.as_deref(),
    )
}

/// Notes what the answer says of itself, if it came whole.
pub(super) fn answered(span: &Span, completion: &Completion) {
    if span.is_none() {
        return;
    }
    if !completion.status.is_success() {
        span.record("error.type", completion.status.as_str());
    }
    let CompletionBody::Whole(body) = &completion.body else { return };
    let Ok(answer) = serde_json::from_slice::<Answer<'_>>(body) else { return };
    span.record("gen_ai.response.id", answer.id.as_deref());
    span.record("gen_ai.response.model", answer.model.as_deref());
    if let Some(usage) = answer.usage {
        span.record("gen_ai.usage.input_tokens", usage.input_tokens.or(usage.prompt_tokens));
        span.record("gen_ai.usage.output_tokens", usage.output_tokens.or(usage.completion_tokens));
    }
}

/// What is read of a request.
#[derive(Default, Deserialize)]
struct Request<'a> {
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default)]
    max_tokens: Option<i64>,
    #[serde(default)]
    temperature: Option<f64>,
    #[serde(default)]
    top_p: Option<f64>,
}

/// What is read of an answer.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default)]
    usage: Option<Usage>,
}

/// Tokens, by the names of either provider.
#[derive(Deserialize)]
struct Usage {
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    prompt_tokens: Option<i64>,
    completion_tokens: Option<i64>,
}

/// Endpoints without a name of the conventions keep our own.
fn operation(endpoint: Endpoint) -> &'static str {
    match endpoint.label() {
        "chat_completions" | "responses" | "messages" => "chat",
        "completions" => "text_completion",
        "embeddings" => "embeddings",
        other => other,
    }
}

fn provider(endpoint: Endpoint) -> &'static str {
    match endpoint.label() {
        "messages" | "count_tokens" => "anthropic",
        _ => "openai",
    }
}
