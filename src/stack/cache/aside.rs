//! The shared store: reads from it, and writes beside the calls whose answers they keep, so that nobody waits for them.
//!
//! Entries are sealed for their key: whoever can write to the store could else put words into the mouth of a model.
//! So many wait at most and so many bytes, and so many are under way; what comes on top is dropped and counted. A write that is lost costs an
//! upstream request at another replica, no more.

use crate::{
    stack::room::{Room, Share},
    store::{Key, Sealer, Secret, Seldom, Store},
};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use metrics::{Counter, counter};
use std::{mem, panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};
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
    sealer: Sealer,
    ttl: Duration,
    room: Room,
    waiting: mpsc::Sender<Write>,
    /// Locked by who writes.
    queue: Arc<Mutex<mpsc::Receiver<Write>>>,
    dropped: Counter,
    refused: Counter,
    complaints: Arc<Seldom>,
}

/// The form of a box. What was kept without one begins with another number, and is not taken for one.
const FORM: u8 = 16;

/// Pause between two log lines about entries that do not open.
const COMPLAINT_PAUSE: Duration = Duration::from_secs(10);

impl Aside {
    pub(super) fn new(
        store: Store,
        secret: &Secret,
        ttl: Duration,
        max_entry_bytes: usize,
    ) -> Self {
        let room = Room::new(WAITING_BYTES.max(max_entry_bytes.saturating_mul(2)));
        let (waiting, queue) = mpsc::channel(WAITING);
        let dropped = counter!("prompt_guard_cache_writes_dropped_total");
        Self {
            store,
            sealer: Sealer::new(secret, "prompt-guard 2026 sealing of completions v1"),
            ttl,
            room,
            waiting,
            queue: Arc::new(Mutex::new(queue)),
            dropped,
            refused: counter!("prompt_guard_cache_entries_refused_total"),
            complaints: Arc::new(Seldom::new(COMPLAINT_PAUSE)),
        }
    }

    /// What is kept under a key. `None` also if the store is down, or if somebody has changed what is there.
    pub(super) async fn get(&self, key: &Key) -> Option<Bytes> {
        let sealed = self.store.get(key, None).await.ok()??.value;
        let plain = self.sealer.open(FORM, key.hash(), &sealed);
        if plain.is_none() && sealed.first() == Some(&FORM) {
            self.refused.increment(1);
            if let Some(before) = self.complaints.now() {
                tracing::warn!(
                    unreported = before,
                    "an entry of the cache in the shared store does not open: somebody has changed it, or keys.secret differs; the upstream is asked"
                );
            }
        }
        plain.map(|mut plain| mem::take(&mut *plain).into())
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
                        // The only error is a system without random bytes.
                        if let Ok(sealed) = self.sealer.seal(FORM, key.hash(), &value) {
                            let putting = self.store.put(&key, sealed.into(), self.ttl);
                            let _ = AssertUnwindSafe(putting).catch_unwind().await;
                        }
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
    use crate::store::{Namer, Space};
    use std::future;

    #[tokio::test]
    async fn what_waits_at_a_stop_is_written_and_what_was_too_much_is_not() {
        let store = Store::memory(1 << 20);
        let secret = Secret::new([1; 32]);
        let aside = Aside::new(store.clone(), &secret, Duration::from_secs(60), 1 << 20);
        let namer = Namer::new(&secret);
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
    async fn an_entry_that_was_changed_cut_moved_or_made_by_somebody_else_is_a_miss() {
        let (store, secret) = (Store::memory(1 << 20), Secret::new([1; 32]));
        let ttl = Duration::from_secs(60);
        let of = |secret| Aside::new(store.clone(), secret, ttl, 1 << 20);
        let aside = of(&secret);
        let keys =
            [&b"a"[..], b"b"].map(|name| Namer::new(&secret).key(Space::Completion, &[name]));
        let answer = Bytes::from_static(b"pay to account AAAA");
        aside.put(keys[0], answer.clone());
        aside.write(future::ready(())).await;
        assert_eq!(aside.get(&keys[0]).await, Some(answer.clone()));
        let sealed = store.get(&keys[0], None).await.unwrap().unwrap().value;
        assert!(!sealed.windows(4).any(|part| part == b"AAAA"));
        let mut damaged: Vec<Bytes> = (0..sealed.len()).map(|at| sealed.slice(..at)).collect();
        damaged.extend((0..sealed.len()).map(|at| {
            let mut changed = sealed.to_vec();
            changed[at] ^= 1;
            changed.into()
        }));
        damaged.push(answer);
        for entry in damaged {
            store.put(&keys[0], entry, ttl).await.unwrap();
            assert_eq!(aside.get(&keys[0]).await, None);
        }
        store.put(&keys[1], sealed.clone(), ttl).await.unwrap();
        assert_eq!(aside.get(&keys[1]).await, None, "of another request");
        store.put(&keys[0], sealed, ttl).await.unwrap();
        assert_eq!(of(&Secret::new([2; 32])).get(&keys[0]).await, None, "another secret");
        assert!(aside.get(&keys[0]).await.is_some());
    }

    #[tokio::test]
    async fn no_more_bytes_wait_than_may() {
        let secret = Secret::new([1; 32]);
        let aside = Aside::new(Store::memory(1 << 20), &secret, Duration::from_secs(60), 1 << 20);
        let key = Namer::new(&secret).key(Space::Completion, &[]);
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
