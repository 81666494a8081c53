//! One question at a time: whoever asks what is being asked already waits for that answer.

use super::{answer::Answer, broadcast::Shared};
use crate::store::Key;
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// Questions that are being asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<Key, watch::Receiver<Option<Landing>>>>>);

/// How a question ended.
#[derive(Clone, Debug)]
pub(super) enum Landing {
    /// With an answer that is good for all.
    Answered(Arc<Answer>),
    /// With a stream that has begun and may be joined.
    Streaming(Shared),
    /// With one that is not, or with an error. Whoever waited asks alone: a queue of them would let each wait for
    /// the failures of all before.
    Alone,
}

/// What a question gets.
pub(super) enum Seat {
    /// Nobody is asking: ask, and tell how it ended.
    Pilot(Flight),
    /// Somebody is: wait.
    Passenger(watch::Receiver<Option<Landing>>),
}

/// A question that is being asked. Dropped without a landing (its caller went away), it leaves the first of those
/// who waited to ask in its place.
pub(super) struct Flight {
    key: Key,
    flights: Flights,
    landing: watch::Sender<Option<Landing>>,
}

impl Flights {
    pub(super) fn board(&self, key: Key) -> Seat {
        match self.lock().entry(key) {
            Entry::Occupied(flight) => Seat::Passenger(flight.get().clone()),
            Entry::Vacant(vacant) => {
                let (landing, seat) = watch::channel(None);
                vacant.insert(seat);
                Seat::Pilot(Flight { key, flights: self.clone(), landing })
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, watch::Receiver<Option<Landing>>>> {
        // A panic cannot leave the table half changed: each change is one insertion or removal.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// The stream has begun. The flight is over when that is.
    pub(super) fn announce(&self, stream: Shared) {
        self.landing.send_replace(Some(Landing::Streaming(stream)));
    }

    pub(super) fn land(self, landing: Landing) {
        self.landing.send_replace(Some(landing));
    }
}

impl Drop for Flight {
    /// Leaves the table before the sender is dropped: who then wakes without a landing finds the place free.
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
    }
}

/// `None` if the pilot went away without one.
pub(super) async fn landing(mut seat: watch::Receiver<Option<Landing>>) -> Option<Landing> {
    seat.wait_for(Option::is_some).await.ok().and_then(|landing| landing.clone())
}
