//! One span, one log line and one set of figures for each call, from its arrival to the end of its body.
//!
//! Nothing here tells a value of the caller: fields are names of ours, counts and times. The last event of a stream is kept until the
//! next one comes or the body ends, as the bytes that are being sent anyway: at the drop it says whether the stream was over.

use super::{
    meters::{CallMeters, Kind},
    traceparent,
};
use crate::{
    call::{self, Call, Completed, CompletionBody, Error, Facts, Reply, Task},
    wire::{Closing, Endpoint},
};
use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    future::{BoxFuture, FutureExt},
};
use std::{
    error::Error as _,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::time::Instant;
use tower::{Layer, Service};
use tracing::{Instrument, Span, field::Empty, info, info_span, warn};

/// Applies [`Trace`].
#[derive(Clone, Debug, Default)]
pub struct TraceLayer {
    meters: Arc<CallMeters>,
}

impl<S> Layer<S> for TraceLayer {
    type Service = Trace<S>;

    fn layer(&self, inner: S) -> Trace<S> {
        Trace { inner, meters: Arc::clone(&self.meters) }
    }
}

/// Observes each call. Changes nothing of it.
#[derive(Clone, Debug)]
pub struct Trace<S> {
    inner: S,
    meters: Arc<CallMeters>,
}

impl<S> Service<Call> for Trace<S>
where
    S: Service<Call, Response = Reply, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Reply;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Reply, Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        // `poll_ready` readied this instance, not its clones: take it, leave a clone.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let observation = Observation::begin(&call, Arc::clone(&self.meters));
        let span = observation.span.clone();
        async move {
            match inner.call(call).await {
                Ok(Reply::Completed(completed)) => {
                    Ok(Reply::Completed(observation.follow(completed)))
                }
                Ok(reply) => {
                    observation.end("ok");
                    Ok(reply)
                }
                Err(error) => {
                    observation.fail(&error);
                    Err(error)
                }
            }
        }
        .instrument(span)
        .boxed()
    }
}

/// One call under observation. Dropped without an end, it counts as cancelled by the caller.
#[derive(Debug)]
struct Observation {
    span: Span,
    meters: Arc<CallMeters>,
    kind: Kind,
    /// What is completed, if anything is.
    endpoint: Endpoint,
    began: Instant,
    ended: bool,
}

impl Observation {
    fn begin(call: &Call, meters: Arc<CallMeters>) -> Self {
        let kind = Kind::of(call);
        let span = info_span!(
            "call",
            otel.name = kind.task,
            otel.kind = "server",
            otel.status_code = Empty,
            request_id = &*call.request_id,
            facade = kind.facade,
            task = kind.task,
            surface = kind.surface,
            outcome = Empty,
            guard.policy = Empty,
            guard.verdict = Empty,
            guard.findings = Empty,
            guard.entities = Empty,
            guard.cache = Empty,
            guard.redact_ms = Empty,
            guard.upstream_ms = Empty,
            guard.added_ms = Empty,
        );
        if let Some(header) = &call.traceparent {
            traceparent::adopt(&span, header);
        }
        meters.active(kind).increment(1.0);
        let endpoint = match &call.task {
            Task::Complete(complete) => complete.endpoint,
            Task::Scan(_)
            | Task::Redact(_)
            | Task::Restore(_)
            | Task::ListPolicies
            | Task::DeleteSession(_)
            | Task::ReadQuota => Endpoint::Unread,
        };
        Self { span, meters, kind, endpoint, began: Instant::now(), ended: false }
    }

    /// Records what the guard did, and goes on observing until the body has ended.
    fn follow(mut self, mut completed: Completed) -> Completed {
        self.note(&completed.facts);
        match completed.body {
            CompletionBody::Whole(_) => self.finish("ok"),
            CompletionBody::Stream(stream) => {
                self.meters.streams.increment(1.0);
                let closing = Some(Closing::new(self.endpoint));
                let observed = Observed { stream, observation: self, closing, begun: false };
                completed.body = CompletionBody::Stream(observed.boxed());
            }
        }
        completed
    }

    fn note(&self, facts: &Facts) {
        self.span.record("guard.policy", &*facts.policy);
        // Signed, since OpenTelemetry has no other whole numbers.
        let findings = i64::try_from(facts.findings.values().sum::<usize>()).unwrap_or(i64::MAX);
        self.span.record("guard.findings", findings);
        self.span.record("guard.cache", facts.cache.label());
        if !facts.findings.is_empty() && self.span.in_scope(traceparent::is_recorded) {
            let counts =
                facts.findings.iter().map(|(kind, count)| format!("{}={count}", kind.as_str()));
            self.span.record("guard.entities", counts.collect::<Vec<_>>().join(" "));
        }
    }

    fn end(mut self, outcome: &'static str) {
        self.finish(outcome);
    }

    fn fail(mut self, error: &Error) {
        self.log_cause(error);
        self.finish(error.kind().label());
    }

    /// The cause goes to the log here and nowhere else.
    fn log_cause(&self, error: &Error) {
        let cause = match (error.source(), error) {
            (Some(source), _) => Chain(source).to_string(),
            (None, Error::UpstreamBadAnswer { reason }) => reason.clone(),
            (None, _) => return,
        };
        self.span.in_scope(|| warn!(kind = error.kind().label(), cause, "call failed"));
    }

    fn finish(&mut self, outcome: &'static str) {
        if mem::replace(&mut self.ended, true) {
            return;
        }
        let took = self.began.elapsed();
        self.span.record("outcome", outcome);
        if outcome != "ok" && outcome != "cancelled" {
            self.span.record("otel.status_code", "ERROR");
        }
        self.meters.ended(self.kind, outcome, took);
        self.meters.active(self.kind).decrement(1.0);
        self.span.in_scope(|| info!(duration_ms = took.as_secs_f64() * 1e3, outcome, "call ended"));
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.finish("cancelled");
    }
}

/// A body whose end is the end of its call.
struct Observed<T> {
    stream: T,
    observation: Observation,
    /// `None` once it has ended.
    closing: Option<Closing>,
    /// The caller has had something of it.
    begun: bool,
}

impl<T> Stream for Observed<T>
where
    T: Stream<Item = Result<Bytes, Error>> + Unpin,
{
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.stream.poll_next_unpin(context);
        match &polled {
            Poll::Ready(None) => {
                self.closing = None;
                self.observation.finish("ok");
            }
            Poll::Ready(Some(Err(error))) => {
                self.closing = None;
                self.observation.log_cause(error);
                self.observation.finish(error.kind().label());
            }
            Poll::Ready(Some(Ok(bytes))) => self.hear(bytes),
            Poll::Pending => (),
        }
        polled
    }
}

impl<T> Observed<T> {
    fn hear(&mut self, bytes: &Bytes) {
        if let Some(closing) = &mut self.closing {
            closing.push(bytes);
        }
        if !mem::replace(&mut self.begun, true) {
            let Observation { meters, kind, began, .. } = &self.observation;
            meters.first_token(*kind, began.elapsed());
        }
    }
}

impl<T> Drop for Observed<T> {
    fn drop(&mut self) {
        self.observation.meters.streams.decrement(1.0);
        // Who hangs up at the last event, as some SDKs do, has had all of it.
        if self.closing.as_ref().is_some_and(Closing::has_closed) {
            self.observation.finish("ok");
        }
    }
}

/// An error and what lies behind it, in one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(inner) = cause {
            write!(f, ": {inner}")?;
            cause = inner.source();
        }
        Ok(())
    }
}

/// Every outcome that [`Trace`] reports, for the metric's description.
pub fn outcomes() -> impl Iterator<Item = &'static str> {
    ["ok", "cancelled"].into_iter().chain(call::Kind::ALL.into_iter().map(call::Kind::label))
}
