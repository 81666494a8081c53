//! Writes to the shared store, beside the calls whose answers they keep: nobody waits for them.
//!
//! So many wait at most and so many bytes, and so many are under way; what comes on top is dropped and counted. A write that is lost costs an
//! upstream request at another replica, no more.

use crate::{
    stack::room::{Room, Share},
    store::{Key, Store},
};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use metrics::{Counter, counter};
use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};
use tokio::sync::{Mutex, mpsc};

/// Writes that may wait while the store is slow.
const WAITING: usize = 64;

/// The most memory of those that wait and those that are under way, or twice the largest entry if that is more.
const WAITING_BYTES: usize = 64 << 20;

/// Writes under way at once.
const UNDER_WAY: usize = 8;

#[derive(Debug)]
struct Write {
    key: Key,
    value: Bytes,
    share: Share,
}

/// What is to be written. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    store: Store,
    ttl: Duration,
    room: Room,
    waiting: mpsc::Sender<Write>,
    /// Locked by who writes.
    queue: Arc<Mutex<mpsc::Receiver<Write>>>,
    dropped: Counter,
}

impl Aside {
    pub(super) fn new(store: Store, ttl: Duration, max_entry_bytes: usize) -> Self {
        let room = Room::new(WAITING_BYTES.max(max_entry_bytes.saturating_mul(2)));
        let (waiting, queue) = mpsc::channel(WAITING);
        let dropped = counter!("prompt_guard_cache_writes_dropped_total");
        Self { store, ttl, room, waiting, queue: Arc::new(Mutex::new(queue)), dropped }
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Has it written as soon as it may be.
    pub(super) fn put(&self, key: Key, value: Bytes) {
        let mut share = self.room.share();
        let has_room = share.grow(value.len()).is_ok();
        let write = Write { key, value, share };
        if !has_room || self.waiting.try_send(write).is_err() {
            self.dropped.increment(1);
        }
    }

    /// Writes what comes until `stop` ends, and then what is still there.
    pub(super) async fn write(&self, stop: impl Future<Output = ()>) {
        let mut queue = self.queue.lock().await;
        let mut under_way = FuturesUnordered::new();
        let mut stop = pin!(stop.fuse());
        let mut stopping = false;
        while !(stopping && queue.is_empty() && under_way.is_empty()) {
            tokio::select! {
                Some(Write { key, value, share }) = queue.recv(), if under_way.len() < UNDER_WAY => {
                    // That a store is down is noted there, and is no reason to fail anybody. Nor is a panic, for the other writes.
                    under_way.push(async move {
                        let putting = self.store.put(&key, value, self.ttl);
                        let _ = AssertUnwindSafe(putting).catch_unwind().await;
                        drop(share);
                    });
                }
                Some(()) = under_way.next() => (),
                () = &mut stop, if !stopping => stopping = true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Namer, Secret, Space};
    use std::future;

    #[tokio::test]
    async fn what_waits_at_a_stop_is_written_and_what_was_too_much_is_not() {
        let store = Store::memory(1 << 20);
        let aside = Aside::new(store.clone(), Duration::from_secs(60), 1 << 20);
        let namer = Namer::new(&Secret::new([1; 32]));
        let keys: Vec<Key> =
            (0..=WAITING).map(|n| namer.key(Space::Completion, &[&n.to_le_bytes()])).collect();
        for key in &keys {
            aside.put(*key, Bytes::from_static(b"answer"));
        }
        aside.write(future::ready(())).await;
        let mut kept = Vec::new();
        for key in &keys {
            kept.push(store.get(key, None).await.unwrap().is_some());
        }
        assert_eq!(kept.iter().position(|is_kept| !is_kept), Some(WAITING));
        aside.put(keys[WAITING], Bytes::from_static(b"answer"));
        aside.write(future::ready(())).await;
        assert!(store.get(&keys[WAITING], None).await.unwrap().is_some(), "there is room again");
    }

    #[tokio::test]
    async fn no_more_bytes_wait_than_may() {
        let aside = Aside::new(Store::memory(1 << 20), Duration::from_secs(60), 1 << 20);
        let key = Namer::new(&Secret::new([1; 32])).key(Space::Completion, &[]);
        let half = Bytes::from(vec![0; WAITING_BYTES / 2]);
        let waiting = || WAITING - aside.waiting.capacity();
        for expected in [1, 2, 2] {
            aside.put(key, half.clone());
            assert_eq!(waiting(), expected);
        }
        aside.write(future::ready(())).await;
        aside.put(key, half.clone());
        assert_eq!(waiting(), 1, "there is room again");
    }
}
