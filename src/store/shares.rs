//! Entries in this process, of many owners who share a bounded room.
//!
//! When it is full, whoever has most of it gives up what was not used for longest: an owner of much pushes out what is
//! the own, and an owner of little keeps it.

use super::{Entry, Error, Expected, Key, Version};
use bytes::Bytes;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// What an entry costs besides its value: key, version, times and the bookkeeping around them.
const OVERHEAD_BYTES: u64 = 512;

/// Entries of many owners.
pub(super) struct Shares {
    max_bytes: u64,
    room: Mutex<Room>,
}

/// All that is kept, and the orders in which it goes.
#[derive(Default)]
struct Room {
    entries: HashMap<Key, Held>,
    owners: HashMap<u64, Owner>,
    /// The owners by what they have.
    by_size: BTreeSet<(u64, u64)>,
    /// The entries by their end.
    by_end: BTreeSet<(Instant, Key)>,
    bytes: u64,
    /// Counts the uses of all entries, to tell which was earlier.
    uses: u64,
}

struct Held {
    entry: Entry,
    ends: Instant,
    used: u64,
}

#[derive(Default)]
struct Owner {
    bytes: u64,
    /// The entries, the one first that was not used for longest.
    by_use: BTreeMap<u64, Key>,
}

impl Shares {
    /// Room for `max_bytes` of values and what surrounds them.
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { max_bytes, room: Mutex::default() }
    }

    /// The entry, if there is one and its time is not over. With `refresh` its time begins anew.
    pub(super) fn get(&self, key: &Key, refresh: Option<Duration>) -> Option<Entry> {
        let (mut room, now) = (self.room(), Instant::now());
        let mut held = room.take(key).filter(|held| held.ends > now)?;
        if let Some(ttl) = refresh {
            held.ends = now + ttl;
        }
        let entry = held.entry.clone();
        room.put(*key, held.entry, held.ends);
        (held.ends > now).then_some(entry)
    }

    /// Puts a value, whatever was there.
    ///
    /// # Errors
    /// [`Error::Random`] if no version can be drawn.
    pub(super) fn put(&self, key: Key, value: Bytes, ttl: Duration) -> Result<Version, Error> {
        let version = Version::draw()?;
        self.fill(&mut self.room(), key, Entry { version, value }, ttl);
        Ok(version)
    }

    /// Puts a value if what is there is as `expected`; `None` if it is not.
    ///
    /// # Errors
    /// [`Error::Random`] if no version can be drawn.
    pub(super) fn put_if(
        &self,
        key: Key,
        expected: Expected,
        value: Bytes,
        ttl: Duration,
    ) -> Result<Option<Version>, Error> {
        let version = Version::draw()?;
        let mut room = self.room();
        let current = room.entries.get(&key).filter(|held| held.ends > Instant::now());
        if !expected.is_met_by(current.map(|held| held.entry.version)) {
            return Ok(None);
        }
        self.fill(&mut room, key, Entry { version, value }, ttl);
        Ok(Some(version))
    }

    /// Removes the entry, if there is one.
    pub(super) fn delete(&self, key: &Key) {
        self.room().take(key);
    }

    /// Reports how much is in use, under the name of its holder.
    pub(super) fn note_size(&self, holder: &'static str) {
        let mut room = self.room();
        room.drop_ended();
        metrics::gauge!("prompt_guard_store_entries", "holder" => holder)
            .set(room.entries.len() as f64);
        metrics::gauge!("prompt_guard_store_bytes", "holder" => holder).set(room.bytes as f64);
    }

    fn fill(&self, room: &mut Room, key: Key, entry: Entry, ttl: Duration) {
        room.take(&key);
        room.drop_ended();
        if size(&entry) > self.max_bytes {
            // It would push out all others and then itself.
            metrics::counter!("prompt_guard_store_evictions_total").increment(1);
            return;
        }
        room.put(key, entry, Instant::now() + ttl);
        while room.bytes > self.max_bytes
            && let Some(least) = room.least_needed(&key)
        {
            room.take(&least);
            metrics::counter!("prompt_guard_store_evictions_total").increment(1);
        }
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        // Nothing panics while it is locked.
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    fn put(&mut self, key: Key, entry: Entry, ends: Instant) {
        self.uses += 1;
        let (used, bytes) = (self.uses, size(&entry));
        self.by_end.insert((ends, key));
        self.change(key.owner(), |owner| {
            owner.bytes += bytes;
            owner.by_use.insert(used, key);
        });
        self.bytes += bytes;
        self.entries.insert(key, Held { entry, ends, used });
    }

    fn take(&mut self, key: &Key) -> Option<Held> {
        let held = self.entries.remove(key)?;
        let bytes = size(&held.entry);
        self.by_end.remove(&(held.ends, *key));
        self.change(key.owner(), |owner| {
            owner.bytes -= bytes;
            owner.by_use.remove(&held.used);
        });
        self.bytes -= bytes;
        Some(held)
    }

    /// Changes what an owner has, who is forgotten with the last of it.
    fn change(&mut self, name: u64, change: impl FnOnce(&mut Owner)) {
        let owner = self.owners.entry(name).or_default();
        self.by_size.remove(&(owner.bytes, name));
        change(owner);
        if owner.by_use.is_empty() {
            self.owners.remove(&name);
        } else {
            self.by_size.insert((owner.bytes, name));
        }
    }

    fn drop_ended(&mut self) {
        let now = Instant::now();
        while let Some(&(_, key)) = self.by_end.first().filter(|(ends, _)| *ends <= now) {
            self.take(&key);
        }
    }

    /// What goes next, which is never what is just being put.
    fn least_needed(&self, new: &Key) -> Option<Key> {
        let owners = self.by_size.iter().rev().filter_map(|(_, name)| self.owners.get(name));
        let mut entries = owners.filter_map(|owner| owner.by_use.values().next());
        entries.find(|key| *key != new).copied()
    }
}

fn size(entry: &Entry) -> u64 {
    entry.value.len() as u64 + OVERHEAD_BYTES
}

impl fmt::Debug for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shares({} entries)", self.room().entries.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Namer, Secret, Space};
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn key_of(owner: &str, name: &str) -> Key {
        let namer = Namer::new(&Secret::new([1; 32]));
        namer.owned_key(Space::Session, owner.as_bytes(), &[name.as_bytes()])
    }

    fn key(name: &str) -> Key {
        key_of("ann", name)
    }

    fn value(shares: &Shares, name: &str) -> Option<Bytes> {
        shares.get(&key(name), None).map(|entry| entry.value)
    }

    #[tokio::test(start_paused = true)]
    async fn entry_ends_after_its_time_and_use_can_begin_it_anew() {
        let shares = Shares::new(1 << 20);
        shares.put(key("a"), Bytes::from_static(b"1"), HOUR).unwrap();
        shares.put(key("b"), Bytes::from_static(b"2"), HOUR).unwrap();
        tokio::time::advance(HOUR / 2).await;
        assert!(shares.get(&key("b"), Some(HOUR)).is_some());
        tokio::time::advance(HOUR / 2).await;
        assert_eq!(value(&shares, "a"), None);
        assert_eq!(value(&shares, "b").as_deref(), Some(&b"2"[..]));
        tokio::time::advance(HOUR / 2).await;
        assert_eq!(value(&shares, "b"), None);
        assert!(shares.get(&key("b"), Some(HOUR)).is_none(), "the dead stay dead");
    }

    #[tokio::test(start_paused = true)]
    async fn of_two_writers_who_saw_the_same_one_wins() {
        let shares = Shares::new(1 << 20);
        let put =
            |expected, value| shares.put_if(key("a"), expected, Bytes::from_static(value), HOUR);
        let first = put(Expected::Absent, b"1").unwrap().expect("nothing was there");
        assert_eq!(put(Expected::Absent, b"x").unwrap(), None);
        let second = put(Expected::Version(first), b"2").unwrap().expect("nobody wrote since");
        assert_eq!(put(Expected::Version(first), b"x").unwrap(), None);
        assert_eq!(value(&shares, "a").as_deref(), Some(&b"2"[..]));

        shares.delete(&key("a"));
        assert_eq!(put(Expected::Version(second), b"x").unwrap(), None, "deleted since");
        assert!(put(Expected::Absent, b"3").unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn entry_past_its_time_counts_as_absent_for_writers() {
        let shares = Shares::new(1 << 20);
        let version = shares.put(key("a"), Bytes::from_static(b"1"), HOUR).unwrap();
        tokio::time::advance(HOUR).await;
        let put = |expected| shares.put_if(key("a"), expected, Bytes::new(), HOUR).unwrap();
        assert_eq!(put(Expected::Version(version)), None);
        assert!(put(Expected::Absent).is_some());
    }

    fn fill(shares: &Shares, owner: &str, n_entries: usize, n_bytes: usize) {
        for n in 0..n_entries {
            let key = key_of(owner, &n.to_string());
            shares.put(key, Bytes::from(vec![0; n_bytes]), HOUR).unwrap();
        }
    }

    /// Which of an owner's entries are left.
    fn left(shares: &Shares, owner: &str, n_entries: usize) -> Vec<usize> {
        let is_there = |n: &usize| shares.get(&key_of(owner, &n.to_string()), None).is_some();
        (0..n_entries).filter(is_there).collect()
    }

    #[tokio::test]
    async fn who_wants_all_pushes_out_what_is_the_own_and_what_was_used_first() {
        let shares = Shares::new(100_000);
        fill(&shares, "ann", 4, 1000);
        fill(&shares, "bob", 1000, 1000);
        assert_eq!(left(&shares, "ann", 4), [0, 1, 2, 3]);
        let bobs = left(&shares, "bob", 1000);
        assert_eq!((bobs.len(), bobs.first(), bobs.last()), (62, Some(&938), Some(&999)));
        assert!(shares.room().bytes <= 100_000);
        // One that comes later gets room from who has most.
        fill(&shares, "cy", 4, 1000);
        assert_eq!(left(&shares, "cy", 4), [0, 1, 2, 3]);
        assert_eq!(left(&shares, "bob", 1000).len(), 58);
    }

    #[tokio::test]
    async fn one_large_entry_that_is_new_is_kept_before_others() {
        let shares = Shares::new(10_000);
        fill(&shares, "ann", 3, 1000);
        fill(&shares, "bob", 1, 8000);
        assert_eq!(left(&shares, "bob", 1), [0]);
        assert!(left(&shares, "ann", 3).len() < 3);
    }

    #[tokio::test]
    async fn entry_that_fits_nowhere_pushes_out_nobody() {
        let shares = Shares::new(10_000);
        fill(&shares, "ann", 3, 1000);
        fill(&shares, "bob", 1, 20_000);
        assert_eq!((left(&shares, "bob", 1), left(&shares, "ann", 3)), (vec![], vec![0, 1, 2]));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_remembered_of_what_has_ended_or_was_deleted() {
        let shares = Shares::new(100_000);
        fill(&shares, "ann", 4, 1000);
        fill(&shares, "bob", 1, 1000);
        tokio::time::advance(HOUR).await;
        fill(&shares, "cy", 1, 1000);
        shares.delete(&key_of("cy", "0"));
        let room = shares.room();
        let sizes = [room.entries.len(), room.owners.len(), room.by_size.len(), room.by_end.len()];
        assert_eq!((sizes, room.bytes), ([0; 4], 0));
    }
}
