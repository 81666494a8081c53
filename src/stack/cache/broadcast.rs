//! One stream for all who ask for it while it comes.
//!
//! Whoever wants the next chunk first reads it for all; there is no task in between. What has been read is kept as long as
//! somebody may still need it: until the stream is longer than an entry of the cache may be, everybody from the first chunk
//! on; then those who are on board.
//!
//! ## A reader goes away
//! The others read on. With the last one the upstream request is cancelled.
//! ## The stream breaks
//! It breaks for all.

use super::{
    flight::{Flight, Landing, Others},
    recorder::Chunks,
};
use crate::call::{CacheOutcome, Completion, CompletionBody, Error};
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt};
use http::{HeaderMap, StatusCode};
use std::{
    collections::{HashMap, VecDeque},
    fmt, mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Wake, Waker},
};

/// Who lags further behind than this is let go.
const MOST_BEHIND: usize = 8 << 20;

/// A stream that others may join.
#[derive(Clone)]
pub(super) struct Broadcasted(Weak<Broadcast>);

impl fmt::Debug for Broadcasted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Broadcasted(…)")
    }
}

struct Broadcast {
    status: StatusCode,
    headers: HeaderMap,
    state: Mutex<State>,
    bell: Arc<Bell>,
}

struct State {
    /// `None` once it is over.
    source: Option<Chunks>,
    /// It ended as it should not have.
    broken: bool,
    /// The chunks from number `first` on.
    chunks: VecDeque<Bytes>,
    first: usize,
    n_bytes: usize,
    /// How many bytes may be kept for those who are still to come.
    max_bytes: usize,
    /// As long as it is here, others find the stream.
    flight: Option<Flight>,
    /// The next chunk of each reader.
    readers: HashMap<u64, usize>,
    n_joined: u64,
}

/// Wakes all readers who wait.
#[derive(Default)]
struct Bell(Mutex<HashMap<u64, Waker>>);

/// Shares a stream with those who ask for the same until it is over.
pub(super) fn share(completion: Completion, flight: Flight, max_bytes: usize) -> Landing {
    let Completion { status, headers, body, cache } = completion;
    let chunks = match body {
        CompletionBody::Stream(chunks) => chunks,
        whole @ CompletionBody::Whole(_) => {
            return Landing::alone(Ok(Completion { status, headers, body: whole, cache }));
        }
    };
    let state = State {
        source: Some(chunks),
        broken: false,
        chunks: VecDeque::new(),
        first: 0,
        n_bytes: 0,
        max_bytes,
        flight: None,
        readers: HashMap::new(),
        n_joined: 0,
    };
    let broadcast =
        Arc::new(Broadcast { status, headers, state: Mutex::new(state), bell: Arc::default() });
    let shared = Broadcasted(Arc::downgrade(&broadcast));
    // Who finds it finds it locked, until it has a reader and its flight: without these it would seem to be over.
    let mut state = broadcast.lock();
    let reader = Reader::aboard(&broadcast, &mut state);
    flight.announce(shared.clone());
    state.flight = Some(flight);
    drop(state);
    let body = reader.boxed();
    let headers = broadcast.headers.clone();
    let first = Completion { status, headers, body: CompletionBody::Stream(body), cache };
    Landing::new(first, Others::Streaming(shared))
}

impl Broadcasted {
    /// The stream from its first chunk on; `None` if that is gone.
    pub(super) fn join(&self) -> Option<Completion> {
        let broadcast = self.0.upgrade()?;
        let mut state = broadcast.lock();
        // Without it the stream is over, or its beginning is gone. It stays until the reader is aboard, whom all is kept for then.
        let reader = state.flight.is_some().then(|| Reader::aboard(&broadcast, &mut state));
        drop(state);
        Some(Completion {
            status: broadcast.status,
            headers: broadcast.headers.clone(),
            body: CompletionBody::Stream(reader?.boxed()),
            cache: CacheOutcome::Hit,
        })
    }
}

impl Broadcast {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while a chunk is read leaves a stream that is not whole, which no client takes for a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll(&self, reader: u64, context: &Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let mut state = self.lock();
        if let Some(known) = state.known(reader) {
            return Poll::Ready(known.transpose());
        }
        self.bell.lock().insert(reader, context.waker().clone());
        let bell = Waker::from(Arc::clone(&self.bell));
        let Some(source) = &mut state.source else { return Poll::Ready(None) };
        let polled = source.poll_next_unpin(&mut Context::from_waker(&bell));
        let polled = std::task::ready!(polled);
        let ended = state.take(polled, reader);
        drop(state);
        // The others: this one comes back by itself.
        self.bell.lock().remove(&reader);
        Arc::clone(&self.bell).wake();
        Poll::Ready(ended)
    }
}

impl State {
    /// What is there for a reader without asking the upstream; `None` if nothing is, `Some(Ok(None))` at the end.
    fn known(&mut self, reader: u64) -> Option<Result<Option<Bytes>, Error>> {
        let next = self.readers.get(&reader).copied().unwrap_or(self.first);
        let Some(at) = next.checked_sub(self.first) else { return Some(Err(Error::Overloaded)) };
        if let Some(chunk) = self.chunks.get(at).cloned() {
            self.readers.insert(reader, next + 1);
            self.forget();
            return Some(Ok(Some(chunk)));
        }
        match (&self.source, self.broken) {
            (Some(_), _) => None,
            (None, false) => Some(Ok(None)),
            (None, true) => {
                Some(Err(Error::UpstreamBadAnswer { reason: "the stream broke off".to_owned() }))
            }
        }
    }

    /// Takes what the upstream had for the reader who asked it.
    fn take(
        &mut self,
        polled: Option<Result<Bytes, Error>>,
        reader: u64,
    ) -> Option<Result<Bytes, Error>> {
        match polled {
            Some(Ok(chunk)) => {
                self.n_bytes += chunk.len();
                self.chunks.push_back(chunk.clone());
                *self.readers.entry(reader).or_default() += 1;
                self.forget();
                Some(Ok(chunk))
            }
            Some(Err(error)) => {
                self.end(true);
                Some(Err(error))
            }
            None => {
                self.end(false);
                None
            }
        }
    }

    fn end(&mut self, broken: bool) {
        (self.source, self.flight, self.broken) = (None, None, broken);
    }

    /// Forgets what nobody needs any more, and what only somebody needs who is too far behind.
    fn forget(&mut self) {
        if self.flight.is_some() && self.n_bytes <= self.max_bytes {
            return;
        }
        self.flight = None;
        let slowest = self.readers.values().copied().min().unwrap_or(self.first);
        while self.first < slowest || self.n_bytes > MOST_BEHIND {
            let Some(chunk) = self.chunks.pop_front() else { return };
            self.n_bytes -= chunk.len();
            self.first += 1;
        }
    }
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Waker>> {
        // A panic cannot leave the table half changed: each change is one insertion or removal.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let waiting = mem::take(&mut *self.lock());
        waiting.into_values().for_each(Waker::wake);
    }
}

/// One who reads.
struct Reader {
    number: u64,
    broadcast: Arc<Broadcast>,
}

impl Reader {
    fn aboard(broadcast: &Arc<Broadcast>, state: &mut State) -> Self {
        let number = state.n_joined;
        state.n_joined += 1;
        let first = state.first;
        state.readers.insert(number, first);
        Self { number, broadcast: Arc::clone(broadcast) }
    }
}

impl Stream for Reader {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.broadcast.poll(self.number, context)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.broadcast.bell.lock().remove(&self.number);
        let mut state = self.broadcast.lock();
        state.readers.remove(&self.number);
        if state.readers.is_empty() {
            // Nobody is left: the upstream request is over, and who comes now asks anew.
            state.end(true);
        } else {
            state.forget();
        }
    }
}
