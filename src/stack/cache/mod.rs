//! Answers a repeated prompt without asking the upstream.
//!
//! This layer stands below the guard: it sees placeholders, never what they stand for. Two prompts that differ only
//! in private values are one prompt here; they share an entry, and the guard gives each caller its own values back.
//!
//! What is kept (`rules` has the details):
//! - only complete answers with status 200, and no streams that were cut off or reported an error;
//! - by default only those that the caller wants to be the same each time: embeddings, and completions with
//!   temperature 0 or a seed ([`CacheMode`]);
//! - never an answer that is also stored upstream or made from the live web, and nothing under `no-store`.
//!
//! A caller may want none from the cache, none that is older than so much, or none but from there ([`CacheWish`](crate::call::CacheWish)).
//!
//! With a shared store answers are kept there too, sealed, and near for a minute; a store that is down is a miss, and so is what
//! does not open. Nobody waits for the writes ([`CacheLayer::write_aside`]).
//! Prompts that ask at the same time for the same answer ask the upstream once; who asks for a stream that is under way gets
//! it from its beginning. Each waits until the own deadline; the upstream request ends with the last of them.

mod answer;
mod aside;
mod broadcast;
mod deadline;
mod flight;
mod recorder;
mod rules;
mod shelf;

use super::meters::CacheMeters;
use crate::{
    call::{CacheOutcome, Completion, CompletionBody, Error, Prompt},
    store::{Key, Namer, Secret, Store},
};
use answer::Answer;
use bytes::Bytes;
use deadline::{bounded, by_deadline};
use flight::{Flight, Flights, Landing, Others, Seat};
use futures_util::future::{BoxFuture, Either, FutureExt, MapOk, TryFutureExt, ready};
use shelf::Shelf;
use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tower::{Layer, Service, ServiceExt, util::Oneshot};
use tracing::Instrument;

const EVENT_STREAM: &[u8] = b"text/event-stream";

/// Which completions may be answered from the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// None.
    Off,
    /// Embeddings, and completions with temperature 0 or a seed. The default: the caller asked for the same
    /// answer each time, so nobody is surprised to get it.
    #[default]
    Deterministic,
    /// All completions: a caller who asks again gets the old answer even where another was hoped for.
    All,
}

/// Who shares an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheScope {
    /// All callers who send the same credentials to the upstream (or none, where the guard has its own).
    #[default]
    Credential,
    /// Each caller alone.
    Caller,
}

/// What is cached, for how long, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheConfig {
    /// Which completions. Default [`CacheMode::Deterministic`].
    pub mode: CacheMode,
    /// Who shares an entry. Default [`CacheScope::Credential`].
    pub scope: CacheScope,
    /// How long an entry lives. Default 1 h; with a shared store an entry may be given up to a minute longer.
    pub ttl: Duration,
    /// Most memory for entries in this process. Default 16 MiB.
    pub max_bytes: u64,
    /// Largest body that is kept. Default 1 MiB.
    pub max_entry_bytes: usize,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            mode: CacheMode::default(),
            scope: CacheScope::default(),
            ttl: Duration::from_secs(3600),
            max_bytes: 16 << 20,
            max_entry_bytes: 1 << 20,
        }
    }
}

/// Applies [`Cache`]. Clones, and all services made by them, share their entries.
#[derive(Clone, Debug)]
pub struct CacheLayer {
    shared: Arc<Shared>,
}

impl CacheLayer {
    /// Keeps entries in this process and, if `store` is shared, there too, under names and in boxes that only `secret` can make.
    pub fn new(config: CacheConfig, store: &Store, secret: &Secret) -> Self {
        let (shelf, namer) = (Shelf::new(&config, store, secret), Namer::new(secret));
        let (flights, meters) = (Flights::default(), CacheMeters::default());
        Self { shared: Arc::new(Shared { config, shelf, namer, flights, meters }) }
    }

    /// Reports how much is kept in this process.
    pub fn note_size(&self) {
        self.shared.shelf.note_size();
    }

    /// Writes to the shared store what is to be kept there, until `stop` ends and all is written. Without somebody who does,
    /// answers are kept in this process alone.
    pub async fn write_aside(&self, stop: impl Future<Output = ()>) {
        self.shared.shelf.write(stop).await;
    }
}

impl<S> Layer<S> for CacheLayer {
    type Service = Cache<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Cache { inner, shared: self.shared.clone() }
    }
}

/// Answers from the cache what may be, and keeps what may be kept.
#[derive(Clone, Debug)]
pub struct Cache<S> {
    inner: S,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: CacheConfig,
    shelf: Shelf,
    namer: Namer,
    flights: Flights,
    meters: CacheMeters,
}

impl<S> Service<Prompt> for Cache<S>
where
    S: Service<Prompt, Response = Completion, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Completion;
    type Error = Error;
    /// A prompt that passes by the cache pays for no box.
    type Future = Either<
        MapOk<Oneshot<S, Prompt>, fn(Completion) -> Completion>,
        BoxFuture<'static, Result<Completion, Error>>,
    >;

    // Always ready: a hit must not wait for, nor take the place of, a call to the upstream. The inner service is
    // readied by `oneshot` when it is needed.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, prompt: Prompt) -> Self::Future {
        let inner = self.inner.clone();
        match rules::key(&prompt, &self.shared.config, &self.shared.namer) {
            None if prompt.cache.only_if_cached => {
                Either::Right(ready(Err(Error::NotCached)).boxed())
            }
            None => {
                self.shared.meters.came(CacheOutcome::Bypass);
                Either::Left(inner.oneshot(prompt).map_ok(bypassed))
            }
            Some(key) => {
                let shared = Arc::clone(&self.shared);
                let count = move |completion: &Completion| shared.meters.came(completion.cache);
                let answer = self.shared.clone().answer(key, inner, prompt);
                Either::Right(answer.inspect_ok(count).boxed())
            }
        }
    }
}

fn bypassed(completion: Completion) -> Completion {
    Completion { cache: CacheOutcome::Bypass, ..completion }
}

impl Shared {
    async fn answer<S>(
        self: Arc<Self>,
        key: Key,
        inner: S,
        prompt: Prompt,
    ) -> Result<Completion, Error>
    where
        S: Service<Prompt, Response = Completion, Error = Error> + Clone + Send + 'static,
        S::Future: Send,
    {
        let wish = prompt.cache;
        // An answer that is under way was not asked for anew.
        let anew = wish.max_age == Some(0);
        if !anew && let Some(answer) = self.shelf.get(&key, wish.max_age).await {
            return Ok(answer.replay());
        }
        if wish.only_if_cached {
            self.meters.came(CacheOutcome::Miss);
            return Err(Error::NotCached);
        }
        if anew {
            return Ok(self.ask(key, inner, prompt).await?.0);
        }
        self.answer_once(key, inner, prompt).await
    }

    /// Asks together with all who ask the same.
    async fn answer_once<S>(
        self: Arc<Self>,
        key: Key,
        inner: S,
        prompt: Prompt,
    ) -> Result<Completion, Error>
    where
        S: Service<Prompt, Response = Completion, Error = Error> + Clone + Send + 'static,
        S::Future: Send,
    {
        let deadline = prompt.deadline;
        let seat = self.flights.board(key, |flight| {
            let prompt = Prompt { shared: true, ..prompt.clone() };
            Arc::clone(&self).fly(flight, key, inner.clone(), prompt).in_current_span()
        });
        let others = match seat {
            Seat::Streaming(stream) => Others::Streaming(stream),
            Seat::Asking(question) => {
                match by_deadline(deadline, question.landing()).await?.leave() {
                    Ok(first) => return first.map(|completion| bounded(completion, deadline)),
                    Err(others) => others,
                }
            }
        };
        match others {
            Others::Answered(answer) => return Ok((*answer).clone().replay()),
            Others::Streaming(stream) => {
                if let Some(joined) = stream.join() {
                    return Ok(bounded(joined, deadline));
                }
                // It is over, or too long to be kept from its beginning on.
            }
            Others::Alone => (),
        }
        Ok(self.ask(key, inner, prompt).await?.0)
    }

    /// Asks for all who wait.
    async fn fly<S>(self: Arc<Self>, flight: Flight, key: Key, inner: S, prompt: Prompt) -> Landing
    where
        S: Service<Prompt, Response = Completion, Error = Error>,
    {
        // The one before may have landed between our look at the shelf and our boarding.
        if let Some(answer) = self.shelf.near(&key, prompt.cache.max_age) {
            return Landing::new(answer.clone().replay(), Others::Answered(Arc::new(answer)));
        }
        match self.ask(key, inner, prompt).await {
            Ok((completion, Fresh::Whole(answer))) => {
                Landing::new(completion, Others::Answered(Arc::new(answer)))
            }
            Ok((completion, Fresh::Stream)) => {
                broadcast::share(completion, flight, self.shelf.max_entry_bytes())
            }
            Ok((completion, Fresh::Private)) => Landing::alone(Ok(completion)),
            Err(error) => Landing::alone(Err(error)),
        }
    }

    async fn ask<S>(&self, key: Key, inner: S, prompt: Prompt) -> Result<(Completion, Fresh), Error>
    where
        S: Service<Prompt, Response = Completion, Error = Error>,
    {
        let streamed = prompt.streamed;
        let completion = inner.oneshot(prompt).await?;
        self.keep(key, completion, streamed).await
    }

    /// Keeps a fresh answer if it may be kept, and tells whether others may have it.
    async fn keep(
        &self,
        key: Key,
        completion: Completion,
        streamed: bool,
    ) -> Result<(Completion, Fresh), Error> {
        let mut completion = Completion { cache: CacheOutcome::Miss, ..completion };
        if !rules::head_allows(&completion) {
            return Ok((completion, Fresh::Private));
        }
        let max_bytes = self.shelf.max_entry_bytes();
        let body = mem::replace(&mut completion.body, CompletionBody::Whole(Bytes::new()));
        completion.body = match body {
            CompletionBody::Stream(chunks) if streamed => {
                let recorded = recorder::record(completion, chunks, key, self.shelf.clone());
                return Ok((recorded, Fresh::Stream));
            }
            CompletionBody::Stream(chunks) => recorder::collect(chunks, max_bytes).await?,
            whole @ CompletionBody::Whole(_) => whole,
        };
        let Some(answer) = whole_answer(&completion, max_bytes) else {
            return Ok((completion, Fresh::Private));
        };
        self.shelf.put(&key, &answer);
        Ok((completion, Fresh::Whole(answer)))
    }
}

/// What others may have of an answer that has just come.
enum Fresh {
    /// All of it.
    Whole(Answer),
    /// It streams, and they may read on with the one who asked.
    Stream,
    /// Nothing.
    Private,
}

/// The answer as it would be kept, if it is worth keeping.
fn whole_answer(completion: &Completion, max_bytes: usize) -> Option<Answer> {
    let CompletionBody::Whole(body) = &completion.body else { return None };
    let answer = Answer::new(completion, body.clone(), false);
    (body.len() <= max_bytes && answer.is_complete()).then_some(answer)
}

#[cfg(test)]
mod tests;
