//! What was found in texts seen before, so that a chat that sends its history again is not read anew each turn.
//!
//! Exact: the key is a keyed 256-bit digest of the whole text, and what is kept is what reading gives, before names are
//! carried through the request and overlaps are resolved. Private: digests cannot be compared with texts without the key,
//! which is drawn at random and never leaves the process; places and types are kept, no text.

use super::{Candidate, Text, names};
use std::{
    collections::{HashMap, hash_map::RandomState},
    fmt,
    hash::BuildHasher,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

/// To look a text up takes some 5,000 instructions, which is what reading takes for 20 bytes of it. Most short texts come once, and
/// each that is kept takes the place of another one.
const SHORTEST: usize = 128;
/// Locks are held for one look-up, so a few of them keep threads apart.
const SHARDS: usize = 16;
/// What one generation of one shard may take, in bytes: all together at most 4 MiB.
const GENERATION: usize = (4 << 20) / SHARDS / 2;
/// About what an entry costs beside its findings: key, pointers, room in the table.
const OVERHEAD: usize = 160;

/// Remembers what an analyzer found. One memory serves one analyzer with one selection.
pub struct Memory {
    /// Shorter texts are not kept, in bytes.
    shortest: usize,
    key: [u8; blake3::KEY_LEN],
    shards: [Mutex<Shard>; SHARDS],
}

/// What reading one text gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) names: Vec<names::Candidate>,
    pub(super) candidates: Vec<Candidate>,
}

type Digest = [u8; blake3::OUT_LEN];

/// Two generations: when the young one is full it becomes the old one, and what was old is forgotten. What is asked for
/// again becomes young again.
#[derive(Default)]
struct Shard {
    young: HashMap<Digest, Arc<Found>>,
    old: HashMap<Digest, Arc<Found>>,
    /// Of the young generation.
    bytes: usize,
}

impl Memory {
    /// A memory for an analyzer that takes its time for short texts too.
    pub fn of_short_texts() -> Self {
        Self { shortest: 0, ..Self::default() }
    }

    /// What `read` finds in `text`, remembered if it was read before. What `read` calls less than the whole is not kept.
    pub(super) fn recall<E>(
        &self,
        text: &Text<'_>,
        read: impl FnOnce() -> Result<(Found, bool), E>,
    ) -> Result<Found, E> {
        if text.text.len() < self.shortest {
            return read().map(|(found, _)| found);
        }
        let digest = self.digest(text);
        let shard = &self.shards[usize::from(digest[0]) % SHARDS];
        if let Some(known) = lock(shard).get(&digest) {
            return Ok(Found::clone(&known));
        }
        let (found, is_whole) = read()?;
        let found = Arc::new(found);
        if is_whole {
            lock(shard).put(digest, Arc::clone(&found));
        }
        // What is too large to be kept is not copied.
        Ok(Arc::unwrap_or_clone(found))
    }

    fn digest(&self, text: &Text<'_>) -> Digest {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        let label = text.label.unwrap_or_default();
        // The length tells where the label ends.
        hasher.update(&label.len().to_le_bytes());
        hasher.update(label.as_bytes());
        hasher.update(text.text.as_bytes());
        hasher.finalize().into()
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self { shortest: SHORTEST, key: random_key(), shards: Default::default() }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory(…)")
    }
}

impl Shard {
    fn get(&mut self, digest: &Digest) -> Option<Arc<Found>> {
        if let Some(found) = self.young.get(digest) {
            return Some(Arc::clone(found));
        }
        let found = self.old.remove(digest)?;
        self.put(*digest, Arc::clone(&found));
        Some(found)
    }

    fn put(&mut self, digest: Digest, found: Arc<Found>) {
        let bytes = found.bytes();
        if bytes > GENERATION {
            return;
        }
        if self.bytes + bytes > GENERATION {
            self.old = mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += bytes;
        self.young.insert(digest, found);
    }
}

impl Found {
    fn bytes(&self) -> usize {
        OVERHEAD
            + self.names.capacity() * size_of::<names::Candidate>()
            + self.candidates.capacity() * size_of::<Candidate>()
    }
}

fn lock(shard: &Mutex<Shard>) -> std::sync::MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Drawn from the system's randomness, by way of the standard library's hash keys.
fn random_key() -> [u8; blake3::KEY_LEN] {
    let mut hasher = blake3::Hasher::new_derive_key("prompt-guard 2026 memory of findings");
    for nth in 0..4_u64 {
        hasher.update(&RandomState::new().hash_one(nth).to_le_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn text(nth: usize) -> String {
        format!("{nth} {}", "words ".repeat(SHORTEST / 6 + 1))
    }

    /// How often `text` had to be read.
    fn reads(memory: &Memory, text: Text<'_>) -> usize {
        reads_giving(memory, text, Ok((Found::default(), true)))
    }

    fn reads_giving(memory: &Memory, text: Text<'_>, given: Result<(Found, bool), ()>) -> usize {
        let reads = Cell::new(0);
        let _ = memory.recall(&text, || {
            reads.set(reads.get() + 1);
            given
        });
        reads.get()
    }

    #[test]
    fn what_was_read_in_part_or_not_at_all_is_read_again() {
        let memory = Memory::default();
        let text = text(1);
        let text = Text::from(text.as_str());
        assert_eq!(reads_giving(&memory, text, Ok((Found::default(), false))), 1);
        assert_eq!(reads_giving(&memory, text, Err(())), 1);
        assert_eq!(reads(&memory, text), 1);
        assert_eq!(reads(&memory, text), 0);
    }

    #[test]
    fn short_texts_are_kept_where_they_take_their_time() {
        let (usual, slow) = (Memory::default(), Memory::of_short_texts());
        for (memory, again) in [(usual, 1), (slow, 0)] {
            assert_eq!(reads(&memory, Text::from("short")), 1);
            assert_eq!(reads(&memory, Text::from("short")), again);
        }
    }

    #[test]
    fn a_text_is_read_once_and_another_one_by_itself() {
        let memory = Memory::default();
        let (one, other) = (text(1), text(2));
        assert_eq!(reads(&memory, Text::from(one.as_str())), 1);
        assert_eq!(reads(&memory, Text::from(one.as_str())), 0);
        assert_eq!(reads(&memory, Text::from(other.as_str())), 1);
    }

    #[test]
    fn the_label_counts() {
        let memory = Memory::default();
        let text = text(1);
        assert_eq!(reads(&memory, Text { label: Some("ssn"), text: &text }), 1);
        assert_eq!(reads(&memory, Text { label: None, text: &text }), 1);
    }

    #[test]
    fn what_is_not_asked_for_is_forgotten_and_the_bound_holds() {
        let memory = Memory::default();
        let kept = text(0);
        reads(&memory, Text::from(kept.as_str()));
        for nth in 1..30_000 {
            reads(&memory, Text::from(text(nth).as_str()));
            if nth % 1_000 == 0 {
                assert_eq!(reads(&memory, Text::from(kept.as_str())), 0, "asked for all the time");
            }
        }
        let entries = memory.shards.iter().map(|s| {
            let shard = lock(s);
            shard.young.len() + shard.old.len()
        });
        assert!(entries.sum::<usize>() * OVERHEAD <= 4 << 20);
        assert_eq!(reads(&memory, Text::from(text(1).as_str())), 1, "long ago");
    }
}
