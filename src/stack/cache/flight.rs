//! One question at a time: whoever asks what is being asked already waits for that answer.
//!
//! There is no task in between: the question is asked by whoever waits for it, and goes on as long as somebody does. One who
//! goes away, or whose deadline passes, leaves it to the next; with the last one the upstream request is cancelled.

use super::{answer::Answer, broadcast::Broadcasted};
use crate::{
    call::{Completion, Error},
    store::Key,
};
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// A question under way, for all who wait for its end. One of them asks it, who has it locked; the others wait in line.
pub(super) struct Question(Arc<tokio::sync::Mutex<Asked>>);

enum Asked {
    Asking(BoxFuture<'static, Landing>),
    Landed(Landing),
}

impl Question {
    fn new(asking: BoxFuture<'static, Landing>) -> Self {
        Self(Arc::new(tokio::sync::Mutex::new(Asked::Asking(asking))))
    }

    /// Its end. Who gives up waiting hands on to the next in line.
    pub(super) async fn landing(self) -> Landing {
        let mut asked = self.0.lock().await;
        let landing = match &mut *asked {
            Asked::Landed(landing) => return landing.clone(),
            Asked::Asking(asking) => asking.await,
        };
        *asked = Asked::Landed(landing.clone());
        landing
    }
}

/// Questions that are being asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    /// Each with its number: one that was given up may leave after another of its key has begun.
    under_way: HashMap<Key, (u64, UnderWay)>,
    n_begun: u64,
}

#[derive(Debug)]
enum UnderWay {
    Asking(Weak<tokio::sync::Mutex<Asked>>),
    Streaming(Broadcasted),
}

/// What a question gets.
pub(super) enum Seat {
    /// Wait with those who ask it, who may be nobody else.
    Asking(Question),
    /// The answer streams already.
    Streaming(Broadcasted),
}

/// How a question ended: one who waited gets the answer itself, the others what is good for all.
#[derive(Clone, Debug)]
pub(super) struct Landing {
    first: Arc<Mutex<Option<Result<Completion, Error>>>>,
    others: Others,
}

/// What there is for those who come second.
#[derive(Clone, Debug)]
pub(super) enum Others {
    /// An answer that is good for all.
    Answered(Arc<Answer>),
    /// A stream that has begun and may be joined.
    Streaming(Broadcasted),
    /// Nothing, or an error. Whoever waited asks alone: a queue of them would let each wait for the failures of all before.
    Alone,
}

/// A place in the table, left when this is dropped.
pub(super) struct Flight {
    key: Key,
    number: u64,
    flights: Flights,
}

impl Flights {
    /// Joins a question under way, or begins it as `ask` says.
    pub(super) fn board<F>(&self, key: Key, ask: impl FnOnce(Flight) -> F) -> Seat
    where
        F: Future<Output = Landing> + Send + 'static,
    {
        let mut table = self.lock();
        if let Some(seat) = table.under_way.get(&key).and_then(|(_, it)| it.seat()) {
            return seat;
        }
        let number = table.n_begun;
        table.n_begun += 1;
        let asking = ask(Flight { key, number, flights: self.clone() });
        // A panic is the failure of one, and no reason to end the calls of all who wait.
        let contained = AssertUnwindSafe(asking).catch_unwind().map(|landing| {
            let panicked = |_| Landing::alone(Err(Error::Internal("asking panicked".into())));
            landing.unwrap_or_else(panicked)
        });
        let question = Question::new(contained.boxed());
        let asking = UnderWay::Asking(Arc::downgrade(&question.0));
        table.under_way.insert(key, (number, asking));
        Seat::Asking(question)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // A panic cannot leave the table half changed: each change is one insertion or removal.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// `None` if everybody has gone.
    fn seat(&self) -> Option<Seat> {
        match self {
            Self::Asking(question) => question.upgrade().map(Question).map(Seat::Asking),
            Self::Streaming(stream) => Some(Seat::Streaming(stream.clone())),
        }
    }
}

impl Flight {
    /// The stream has begun. The flight is over when that is.
    pub(super) fn announce(&self, stream: Broadcasted) {
        let streaming = (self.number, UnderWay::Streaming(stream));
        self.flights.lock().under_way.insert(self.key, streaming);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut table = self.flights.lock();
        if table.under_way.get(&self.key).is_some_and(|(number, _)| *number == self.number) {
            table.under_way.remove(&self.key);
        }
    }
}

impl Landing {
    pub(super) fn new(first: Completion, others: Others) -> Self {
        Self { first: Arc::new(Mutex::new(Some(Ok(first)))), others }
    }

    pub(super) fn alone(first: Result<Completion, Error>) -> Self {
        Self { first: Arc::new(Mutex::new(Some(first))), others: Others::Alone }
    }

    /// The answer itself for who comes first, for the others what is good for all.
    pub(super) fn leave(self) -> Result<Result<Completion, Error>, Others> {
        // A panic cannot happen while it is locked.
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        first.ok_or(self.others)
    }
}
