//! Entries in this process: bounded in bytes, each with its own end.

use super::{Entry, Error, Key, Version};
use bytes::Bytes;
use moka::{Expiry, notification::RemovalCause, policy::EvictionPolicy, sync::Cache};
use std::{fmt, time::Duration};
use tokio::time::Instant;

/// What an entry costs besides its value: key, version, times and the bookkeeping around them.
const OVERHEAD_BYTES: usize = 256;

/// Entries in this process. When it is full, what was not used for longest goes first.
#[derive(Clone)]
pub struct Memory {
    entries: Cache<Key, Held>,
}

#[derive(Clone, Debug)]
struct Held {
    entry: Entry,
    ttl: Duration,
    /// Decides; `moka` itself, whose clock no test can turn, only frees the memory.
    ends: Instant,
}

impl Memory {
    /// Room for `max_bytes` of values and what surrounds them.
    pub fn new(max_bytes: u64) -> Self {
        let entries = Cache::builder()
            .max_capacity(max_bytes)
            .eviction_policy(EvictionPolicy::lru())
            .weigher(|_: &Key, held: &Held| weight(held))
            .expire_after(ByEntry)
            .eviction_listener(|_, _, cause| {
                if cause == RemovalCause::Size {
                    metrics::counter!("prompt_guard_store_evictions_total").increment(1);
                }
            })
            .build();
        Self { entries }
    }

    /// The entry, if there is one and its time is not over.
    pub fn get(&self, key: &Key) -> Option<Entry> {
        self.entries.get(key).filter(Held::is_alive).map(|held| held.entry)
    }

    /// Puts a value, whatever was there.
    ///
    /// # Errors
    /// [`Error::Random`] if no version can be drawn.
    pub fn put(&self, key: Key, value: Bytes, ttl: Duration) -> Result<Version, Error> {
        let version = Version::draw()?;
        self.entries.insert(key, Held::new(Entry { version, value }, ttl));
        Ok(version)
    }

    /// About how many bytes are in use.
    pub fn used_bytes(&self) -> u64 {
        self.entries.weighted_size()
    }

    /// Reports how much is in use, under the name of its holder.
    pub fn note_size(&self, holder: &'static str) {
        let entries = self.entries.entry_count();
        metrics::gauge!("prompt_guard_store_entries", "holder" => holder).set(entries as f64);
        metrics::gauge!("prompt_guard_store_bytes", "holder" => holder)
            .set(self.used_bytes() as f64);
    }

    #[cfg(test)]
    pub(crate) fn settle(&self) {
        self.entries.run_pending_tasks();
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} entries)", self.entries.entry_count())
    }
}

impl Held {
    fn new(entry: Entry, ttl: Duration) -> Self {
        Self { entry, ttl, ends: Instant::now() + ttl }
    }

    fn is_alive(&self) -> bool {
        Instant::now() < self.ends
    }
}

fn weight(held: &Held) -> u32 {
    u32::try_from(held.entry.value.len() + OVERHEAD_BYTES).unwrap_or(u32::MAX)
}

struct ByEntry;

impl Expiry<Key, Held> for ByEntry {
    fn expire_after_create(&self, _: &Key, held: &Held, _: std::time::Instant) -> Option<Duration> {
        Some(held.ttl)
    }

    fn expire_after_update(
        &self,
        _: &Key,
        held: &Held,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(held.ttl)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Namer, Secret, Space};
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn key(name: &str) -> Key {
        Namer::new(&Secret::new([1; 32])).key(Space::Completion, &[name.as_bytes()])
    }

    fn value(memory: &Memory, name: &str) -> Option<Bytes> {
        memory.get(&key(name)).map(|entry| entry.value)
    }

    #[tokio::test(start_paused = true)]
    async fn entry_ends_after_its_time() {
        let memory = Memory::new(1 << 20);
        memory.put(key("a"), Bytes::from_static(b"1"), HOUR).unwrap();
        tokio::time::advance(HOUR / 2).await;
        assert_eq!(value(&memory, "a").as_deref(), Some(&b"1"[..]));
        tokio::time::advance(HOUR / 2).await;
        assert_eq!(value(&memory, "a"), None);
    }

    #[tokio::test]
    async fn bytes_are_bounded_and_the_newest_stay() {
        let memory = Memory::new(100_000);
        for n in 0..1000 {
            memory.put(key(&n.to_string()), Bytes::from(vec![0; 1000]), HOUR).unwrap();
        }
        memory.settle();
        assert!(memory.used_bytes() <= 100_000);
        assert!(value(&memory, "999").is_some());
        assert!(value(&memory, "0").is_none());
    }
}
