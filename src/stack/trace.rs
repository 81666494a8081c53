//! One span, one log line and one set of figures for each call, from its arrival to the end of its body.
//!
//! Nothing here can hold a value of the caller: fields are names of ours, counts and times.

use super::traceparent;
use crate::call::{Call, Completed, CompletionBody, Error, Facade, Kind, Reply, Task};
use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    future::{BoxFuture, FutureExt},
};
use metrics::{counter, gauge, histogram};
use std::{
    error::Error as _,
    mem,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::time::Instant;
use tower::{Layer, Service};
use tracing::{Instrument, Span, field::Empty, info, info_span, warn};

/// Applies [`Trace`].
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceLayer;

impl<S> Layer<S> for TraceLayer {
    type Service = Trace<S>;

    fn layer(&self, inner: S) -> Trace<S> {
        Trace { inner }
    }
}

/// Observes each call. Changes nothing of it.
#[derive(Clone, Debug)]
pub struct Trace<S> {
    inner: S,
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
        let observation = Observation::begin(&call);
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
    facade: &'static str,
    task: &'static str,
    began: Instant,
    ended: bool,
}

impl Observation {
    fn begin(call: &Call) -> Self {
        let (facade, task) = (facade_label(call.facade), task_label(&call.task));
        let span = info_span!(
            "call",
            otel.name = task,
            otel.kind = "server",
            request_id = &*call.request_id,
            facade,
            task,
            outcome = Empty,
            guard.policy = Empty,
            guard.findings = Empty,
            guard.cache = Empty,
        );
        if let Some(header) = &call.traceparent {
            traceparent::adopt(&span, header);
        }
        gauge!("prompt_guard_active_calls", "facade" => facade).increment(1.0);
        Self { span, facade, task, began: Instant::now(), ended: false }
    }

    /// Records what the guard did, and goes on observing until the body has ended.
    fn follow(mut self, mut completed: Completed) -> Completed {
        let facts = &completed.facts;
        self.span.record("guard.policy", &*facts.policy);
        self.span.record("guard.findings", facts.findings.values().sum::<usize>());
        self.span.record("guard.cache", facts.cache.label());
        match completed.body {
            CompletionBody::Whole(_) => self.finish("ok"),
            CompletionBody::Stream(stream) => {
                gauge!("prompt_guard_active_streams").increment(1.0);
                completed.body =
                    CompletionBody::Stream(Observed { stream, observation: self }.boxed());
            }
        }
        completed
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
        let Some(cause) = error.source() else { return };
        self.span
            .in_scope(|| warn!(kind = error.kind().label(), cause = %Chain(cause), "call failed"));
    }

    fn finish(&mut self, outcome: &'static str) {
        if mem::replace(&mut self.ended, true) {
            return;
        }
        let seconds = self.began.elapsed().as_secs_f64();
        self.span.record("outcome", outcome);
        counter!("prompt_guard_calls_total", "facade" => self.facade, "task" => self.task, "outcome" => outcome)
            .increment(1);
        histogram!("prompt_guard_call_duration_seconds", "facade" => self.facade, "task" => self.task).record(seconds);
        gauge!("prompt_guard_active_calls", "facade" => self.facade).decrement(1.0);
        self.span.in_scope(|| info!(duration_ms = seconds * 1e3, outcome, "call ended"));
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
}

impl<T> Stream for Observed<T>
where
    T: Stream<Item = Result<Bytes, Error>> + Unpin,
{
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.stream.poll_next_unpin(context);
        match &polled {
            Poll::Ready(None) => self.observation.finish("ok"),
            Poll::Ready(Some(Err(error))) => {
                self.observation.log_cause(error);
                self.observation.finish(error.kind().label());
            }
            Poll::Ready(Some(Ok(_))) | Poll::Pending => (),
        }
        polled
    }
}

impl<T> Drop for Observed<T> {
    fn drop(&mut self) {
        gauge!("prompt_guard_active_streams").decrement(1.0);
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
    ["ok", "cancelled"].into_iter().chain(Kind::ALL.into_iter().map(Kind::label))
}

fn facade_label(facade: Facade) -> &'static str {
    match facade {
        Facade::Rest => "rest",
        Facade::Grpc => "grpc",
    }
}

fn task_label(task: &Task) -> &'static str {
    match task {
        Task::Scan(_) => "scan",
        Task::Redact(_) => "redact",
        Task::Restore(_) => "restore",
        Task::Complete(_) => "complete",
        Task::ListPolicies => "list_policies",
        Task::DeleteSession(_) => "delete_session",
        Task::ReadQuota => "read_quota",
    }
}
