//! The W3C `traceparent` header (Trace Context, level 1): `00-<trace id>-<span id>-<flags>`, all lower-case hex.

use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use std::sync::Arc;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Reads a header whose form the facade has checked; `None` for one that is no context after all.
fn parse(header: &str) -> Option<SpanContext> {
    let mut fields = header.split('-').skip(1);
    let (trace, span, flags) = (fields.next()?, fields.next()?, fields.next()?);
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?),
        true,
        TraceState::default(),
    );
    context.is_valid().then_some(context)
}

/// Makes the caller's span the parent of ours.
pub(super) fn adopt(span: &Span, header: &str) {
    if let Some(parent) = parse(header) {
        // Fails only when no trace is exported, and then there is no parent to set.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

/// True while the current span belongs to a trace that is recorded: worth the work of describing it.
pub(super) fn is_recorded() -> bool {
    opentelemetry::Context::current().span().span_context().is_sampled()
}

/// What the upstream is told: our current span when traces are exported, else what the caller sent.
pub(super) fn outgoing(received: Option<&Arc<str>>) -> Option<Arc<str>> {
    let context = Span::current().context();
    let span = context.span();
    let ours = span.span_context();
    if ours.is_valid() {
        return Some(
            format!("00-{}-{}-{:02x}", ours.trace_id(), ours.span_id(), ours.trace_flags().to_u8())
                .into(),
        );
    }
    received.cloned()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn well_formed_header_gives_its_ids() {
        let context = parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        assert_eq!(context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert!(context.is_sampled() && context.is_remote());
    }
}
