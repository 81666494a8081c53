//! Bounds how many upstream requests are under way at once, and ends them all when the service can wait for them no longer.
//!
//! tower's concurrency limit gives its permit back when the head of the answer is there; a model streams for minutes
//! after that. Here the place is taken as long as the body lasts. Who gets one: see `places`.
//!
//! What is cut ends with an error, which goes up through the stack as those of upstreams do: what the guard holds back goes out
//! before it, and the facades tell it in the words of each API.

use super::places::{Place, Places};
use crate::call::{Completion, CompletionBody, Error, Prompt};
use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    future::{BoxFuture, FutureExt},
};
use metrics::gauge;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::sync::watch;
use tower::{Layer, Service, ServiceExt};

/// Applies [`InFlight`]; all services of one layer share its places.
#[derive(Clone, Debug)]
pub struct InFlightLayer {
    places: Places,
    cut: Arc<watch::Sender<bool>>,
}

impl InFlightLayer {
    /// Lets `limit` upstream requests be under way at once.
    pub fn new(limit: usize) -> Self {
        Self { places: Places::new(limit), cut: Arc::new(watch::Sender::new(false)) }
    }

    /// Ends what is under way, and what begins from now on, with [`Error::Stopping`].
    pub fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// Reports how many requests are under way, and how many may be.
    pub fn note(&self) {
        gauge!("prompt_guard_in_flight_requests").set(self.places.taken() as f64);
        gauge!("prompt_guard_in_flight_limit").set(self.places.all() as f64);
    }
}

impl<S> Layer<S> for InFlightLayer {
    type Service = InFlight<S>;

    fn layer(&self, inner: S) -> InFlight<S> {
        InFlight { inner, places: self.places.clone(), cut: Arc::clone(&self.cut) }
    }
}

/// Refuses a prompt with [`Error::Overloaded`] when there is no place for it, or none that its caller may have; never makes it wait,
/// since a caller that waits behind long answers would only time out later.
#[derive(Clone, Debug)]
pub struct InFlight<S> {
    inner: S,
    places: Places,
    cut: Arc<watch::Sender<bool>>,
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
        if *self.cut.borrow() {
            return std::future::ready(Err(Error::Stopping)).boxed();
        }
        let Some(place) = self.places.take(&prompt.caller) else {
            return std::future::ready(Err(Error::Overloaded)).boxed();
        };
        let inner = self.inner.clone();
        let cut = told(self.cut.subscribe());
        async move {
            let mut cut = Box::pin(cut);
            let mut completion = tokio::select! {
                // The answer first: one that is there is not cut.
                biased;
                completion = inner.oneshot(prompt) => completion?,
                () = &mut cut => return Err(Error::Stopping),
            };
            if let CompletionBody::Stream(stream) = completion.body {
                let placed = Placed { stream, cut, is_cut: false, _place: place };
                completion.body = CompletionBody::Stream(placed.boxed());
            }
            Ok(completion)
        }
        .boxed()
    }
}

/// Ends when all is to end.
async fn told(mut cut: watch::Receiver<bool>) {
    // Whoever could tell it lives as long as the services of the layer do.
    if cut.wait_for(|cut| *cut).await.is_err() {
        std::future::pending().await
    }
}

/// A body that gives its place back when it is dropped.
///
/// ## Chunk => error
/// All is to end, and nothing is there that could go out before.
struct Placed<T, C> {
    stream: T,
    cut: Pin<Box<C>>,
    is_cut: bool,
    _place: Place,
}

impl<T, C> Stream for Placed<T, C>
where
    T: Stream<Item = Result<Bytes, Error>> + Unpin,
    C: Future<Output = ()>,
{
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_cut {
            return Poll::Ready(None);
        }
        match self.stream.poll_next_unpin(context) {
            Poll::Pending => {
                ready!(self.cut.as_mut().poll(context));
                self.is_cut = true;
                Poll::Ready(Some(Err(Error::Stopping)))
            }
            polled => polled,
        }
    }
}
