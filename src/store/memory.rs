//! Entries in this process: bounded in bytes, each with its own end.

use super::{Entry, Error, Expected, Key, Version};
use bytes::Bytes;
use moka::{
    Expiry,
    notification::RemovalCause,
    ops::compute::{CompResult, Op},
    policy::EvictionPolicy,
    sync::Cache,
};
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

    /// The entry, if there is one and its time is not over. With `refresh` its time begins anew.
    pub fn get(&self, key: &Key, refresh: Option<Duration>) -> Option<Entry> {
        let held = self.entries.get(key).filter(Held::is_alive)?;
        let Some(ttl) = refresh else { return Some(held.entry) };
        // In one step, so that neither a deleted entry nor an older one comes back.
        let refreshed = self.entries.entry(*key).and_compute_with(|current| {
            match current.map(moka::Entry::into_value).filter(Held::is_alive) {
                Some(held) => Op::Put(Held::new(held.entry, ttl)),
                None => Op::Nop,
            }
        });
        refreshed.into_entry().map(moka::Entry::into_value).filter(Held::is_alive).map(|h| h.entry)
    }

    /// Lets the time of an entry begin anew, if there is one; it may be shorter than what is left.
    pub fn keep(&self, key: Key, ttl: Duration) {
        self.get(&key, Some(ttl));
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

    /// Puts a value if what is there is as `expected`; `None` if it is not.
    ///
    /// # Errors
    /// [`Error::Random`] if no version can be drawn.
    pub fn put_if(
        &self,
        key: Key,
        expected: Expected,
        value: Bytes,
        ttl: Duration,
    ) -> Result<Option<Version>, Error> {
        let version = Version::draw()?;
        let result = self.entries.entry(key).and_compute_with(|current| {
            let current = current.map(moka::Entry::into_value).filter(Held::is_alive);
            if expected.is_met_by(current.map(|held| held.entry.version)) {
                Op::Put(Held::new(Entry { version, value }, ttl))
            } else {
                Op::Nop
            }
        });
        let stored = matches!(result, CompResult::Inserted(_) | CompResult::ReplacedWith(_));
        Ok(stored.then_some(version))
    }

    /// Removes the entry, if there is one.
    pub fn delete(&self, key: &Key) {
        self.entries.invalidate(key);
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
        Namer::new(&Secret::new([1; 32])).key(Space::Session, &[name.as_bytes()])
    }

    fn value(memory: &Memory, name: &str) -> Option<Bytes> {
        memory.get(&key(name), None).map(|entry| entry.value)
    }

    #[tokio::test(start_paused = true)]
    async fn entry_ends_after_its_time_and_use_can_begin_it_anew() {
        let memory = Memory::new(1 << 20);
        memory.put(key("a"), Bytes::from_static(b"1"), HOUR).unwrap();
        memory.put(key("b"), Bytes::from_static(b"2"), HOUR).unwrap();
        tokio::time::advance(HOUR / 2).await;
        assert!(memory.get(&key("b"), Some(HOUR)).is_some());
        tokio::time::advance(HOUR / 2).await;
        assert_eq!(value(&memory, "a"), None);
        assert_eq!(value(&memory, "b").as_deref(), Some(&b"2"[..]));
        tokio::time::advance(HOUR / 2).await;
        assert_eq!(value(&memory, "b"), None);
        assert!(memory.get(&key("b"), Some(HOUR)).is_none(), "the dead stay dead");
    }

    #[tokio::test(start_paused = true)]
    async fn of_two_writers_who_saw_the_same_one_wins() {
        let memory = Memory::new(1 << 20);
        let put =
            |expected, value| memory.put_if(key("a"), expected, Bytes::from_static(value), HOUR);
        let first = put(Expected::Absent, b"1").unwrap().expect("nothing was there");
        assert_eq!(put(Expected::Absent, b"x").unwrap(), None);
        let second = put(Expected::Version(first), b"2").unwrap().expect("nobody wrote since");
        assert_eq!(put(Expected::Version(first), b"x").unwrap(), None);
        assert_eq!(value(&memory, "a").as_deref(), Some(&b"2"[..]));

        memory.delete(&key("a"));
        assert_eq!(put(Expected::Version(second), b"x").unwrap(), None, "deleted since");
        assert!(put(Expected::Absent, b"3").unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn entry_past_its_time_counts_as_absent_for_writers() {
        let memory = Memory::new(1 << 20);
        let version = memory.put(key("a"), Bytes::from_static(b"1"), HOUR).unwrap();
        tokio::time::advance(HOUR).await;
        let put = |expected| memory.put_if(key("a"), expected, Bytes::new(), HOUR).unwrap();
        assert_eq!(put(Expected::Version(version)), None);
        assert!(put(Expected::Absent).is_some());
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
