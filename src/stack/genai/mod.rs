//! Observes what a provider does for a request, from when it is asked to the end of its answer: one span and the figures of
//! OpenTelemetry's conventions for generative AI.
//!
//! The conventions are still called "development", so their names stand in `span` and `meters` and nowhere else. They are
//! those of semantic conventions 1.41, which instrumentations and dashboards in use know; the first release of the
//! conventions on their own calls the metrics `gen_ai.client.inference.*`.
//!
//! Below the cache, so that a hit counts for nothing, and below the guard, so that nothing private can be told. Text is not
//! told either: names and ids, only if they look like ones, and only if nothing private is found in them, since a provider
//! may take any name and send it back.

mod meters;
mod names;
mod span;

use crate::{
    call::{Completion, CompletionBody, Discretion, Error, Prompt},
    wire::{Endpoint, Telling, Told},
};
use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    future::{BoxFuture, FutureExt},
};
use http::StatusCode;
use meters::{Asked, Meters, Series};
use names::Models;
use std::{
    borrow::Cow,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt};
use tracing::{Instrument, Span};

/// Applies [`GenAi`]; all services of one layer share their figures.
#[derive(Clone, Debug)]
pub struct GenAiLayer {
    meters: Arc<Meters>,
}

impl GenAiLayer {
    /// Tells the models that the configuration names apart, and some more.
    pub fn new<'n>(models: impl Iterator<Item = &'n str>) -> Self {
        Self { meters: Arc::new(Meters::new(Models::of(models))) }
    }
}

impl<S> Layer<S> for GenAiLayer {
    type Service = GenAi<S>;

    fn layer(&self, inner: S) -> GenAi<S> {
        GenAi { inner, meters: Arc::clone(&self.meters) }
    }
}

/// Observes each request to a provider. Of the request it changes the trace context: the provider's work is below its span.
#[derive(Clone, Debug)]
pub struct GenAi<S> {
    inner: S,
    meters: Arc<Meters>,
}

impl<S> Service<Prompt> for GenAi<S>
where
    S: Service<Prompt, Response = Completion, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Completion;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Completion, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut prompt: Prompt) -> Self::Future {
        let inner = self.inner.clone();
        let operation = Operation::begin(&prompt, Arc::clone(&self.meters));
        prompt.traceparent = span::outgoing(&operation.span, prompt.traceparent.take());
        let span = operation.span.clone();
        let endpoint = prompt.endpoint;
        async move {
            match inner.oneshot(prompt).await {
                Ok(completion) => Ok(operation.follow(completion, endpoint)),
                Err(error) => {
                    operation.fail(&error);
                    Err(error)
                }
            }
        }
        .instrument(span)
        .boxed()
    }
}

/// One request under observation. Dropped without an end, it was given up by who asked.
#[derive(Debug)]
struct Operation {
    meters: Arc<Meters>,
    span: Span,
    asked: Asked,
    discretion: Discretion,
    began: Instant,
    ended: bool,
}

/// What the conventions call an error's type: a status, a kind of our errors, or a word of this module.
type Failure = Cow<'static, str>;

impl Operation {
    fn begin(prompt: &Prompt, meters: Arc<Meters>) -> Self {
        let asked = Asked::read(prompt, &meters.models);
        let span = span::begin(prompt, &asked);
        let discretion = prompt.discretion.clone();
        Self { meters, span, asked, discretion, began: Instant::now(), ended: false }
    }

    /// Notes what an answer tells of itself; of a stream, goes on observing to its end.
    fn follow(mut self, mut completion: Completion, endpoint: Endpoint) -> Completion {
        match completion.body {
            CompletionBody::Whole(ref body) => {
                let told = Telling::whole(endpoint, body);
                self.finish(failure(completion.status, &told), &told);
            }
            CompletionBody::Stream(stream) => {
                let (telling, status) = (Telling::new(endpoint), completion.status);
                let observed = Observed { stream, operation: self, telling, status, events: None };
                completion.body = CompletionBody::Stream(observed.boxed());
            }
        }
        completion
    }

    fn fail(mut self, error: &Error) {
        self.finish(Some(error.kind().label().into()), &Told::default());
    }

    fn finish(&mut self, failure: Option<Failure>, told: &Told) {
        if mem::replace(&mut self.ended, true) {
            return;
        }
        let model = self.answered(told.model.as_deref());
        span::end(&self.span, failure.as_deref(), told, model.as_deref(), &self.discretion);
        let series = self.meters.series(&self.asked, model.as_deref(), failure.is_none());
        series.used(&told.usage);
        self.meters.ended(&series, failure, self.began.elapsed());
    }

    /// The model that answered, as it may be told.
    fn answered(&self, model: Option<&str>) -> Option<String> {
        model.map(|model| self.meters.models.told(model.to_owned(), &self.discretion))
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.finish(Some("cancelled".into()), &Told::default());
    }
}

/// Why an answer is none, if it is none.
fn failure(status: StatusCode, told: &Told) -> Option<Failure> {
    if !status.is_success() {
        return Some(status.as_str().to_owned().into());
    }
    told.failed.then_some("provider_error".into())
}

/// A stream whose end is the end of its operation.
struct Observed<T> {
    stream: T,
    operation: Operation,
    telling: Telling,
    status: StatusCode,
    events: Option<Events>,
}

/// The events of a stream so far.
struct Events {
    series: Arc<Series>,
    last: Instant,
}

impl<T> Observed<T> {
    fn hear(&mut self, bytes: &[u8]) {
        let n_events = self.telling.push(bytes);
        if n_events == 0 {
            return;
        }
        let now = Instant::now();
        let Operation { meters, span, asked, began, .. } = &self.operation;
        let n_later = match &self.events {
            None => {
                let model = self.operation.answered(self.telling.model());
                let series = meters.series(asked, model.as_deref(), self.status.is_success());
                series.first(now - *began);
                span::first(span, now - *began);
                self.events = Some(Events { series, last: now });
                n_events - 1
            }
            Some(_) => n_events,
        };
        if let Some(Events { series, last }) = &mut self.events {
            // Events that came together: the later ones took no time of their own.
            (0..n_later).for_each(|_| series.between(now - mem::replace(last, now)));
        }
    }

    /// The stream is over. `cut` says how it is called if more should have come.
    fn end(&mut self, cut: &'static str) {
        if self.operation.ended {
            return;
        }
        let told = self.telling.told();
        let cut = (!self.telling.has_ended()).then_some(cut.into());
        self.operation.finish(failure(self.status, &told).or(cut), &told);
    }
}

impl<T> Stream for Observed<T>
where
    T: Stream<Item = Result<Bytes, Error>> + Unpin,
{
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.stream.poll_next_unpin(context);
        match &polled {
            Poll::Ready(Some(Ok(bytes))) => self.hear(bytes),
            Poll::Ready(Some(Err(error))) => {
                let told = self.telling.told();
                self.operation.finish(Some(error.kind().label().into()), &told);
            }
            Poll::Ready(None) => self.end("incomplete"),
            Poll::Pending => (),
        }
        polled
    }
}

impl<T> Drop for Observed<T> {
    fn drop(&mut self) {
        self.end("cancelled");
    }
}
