//! Bounds how many upstream requests are under way at once.
//!
//! tower's concurrency limit gives its permit back when the head of the answer is there; a model streams for minutes
//! after that. Here the permit lives as long as the body.

use crate::call::{Completion, CompletionBody, Error, Prompt};
use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    future::{BoxFuture, FutureExt, ready},
};
use metrics::gauge;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service, ServiceExt};

/// Applies [`InFlight`]; all services of one layer share its permits.
#[derive(Clone, Debug)]
pub struct InFlightLayer {
    permits: Arc<Semaphore>,
    limit: usize,
}

impl InFlightLayer {
    /// Lets `limit` upstream requests be under way at once.
    pub fn new(limit: usize) -> Self {
        let limit = limit.min(Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(limit)), limit }
    }

    /// Reports how many requests are under way, and how many may be.
    pub fn note(&self) {
        let free = self.permits.available_permits();
        gauge!("prompt_guard_in_flight_requests").set(self.limit.saturating_sub(free) as f64);
        gauge!("prompt_guard_in_flight_limit").set(self.limit as f64);
    }
}

impl<S> Layer<S> for InFlightLayer {
    type Service = InFlight<S>;

    fn layer(&self, inner: S) -> InFlight<S> {
        InFlight { inner, permits: Arc::clone(&self.permits) }
    }
}

/// Refuses a prompt with [`Error::Overloaded`] when all permits are taken; never makes it wait, since a caller that
/// waits behind long answers would only time out later.
#[derive(Clone, Debug)]
pub struct InFlight<S> {
    inner: S,
    permits: Arc<Semaphore>,
}

impl<S> Service<Prompt> for InFlight<S>
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

    fn call(&mut self, prompt: Prompt) -> Self::Future {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return ready(Err(Error::Overloaded)).boxed();
        };
        let inner = self.inner.clone();
        async move {
            let mut completion = inner.oneshot(prompt).await?;
            if let CompletionBody::Stream(stream) = completion.body {
                completion.body =
                    CompletionBody::Stream(Permitted { stream, _permit: permit }.boxed());
            }
            Ok(completion)
        }
        .boxed()
    }
}

/// A body that gives its permit back when it is dropped.
struct Permitted<T> {
    stream: T,
    _permit: OwnedSemaphorePermit,
}

impl<T> Stream for Permitted<T>
where
    T: Stream<Item = Result<Bytes, Error>> + Unpin,
{
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next_unpin(context)
    }
}
