//! Where answers are kept: near, in this process, and in the shared store if there is one.

use super::{CacheConfig, answer::Answer, aside::Aside};
use crate::store::{Key, Memory, Secret, Store};
use bytes::Bytes;
use std::time::Duration;

/// How long an answer from the shared store may be given from this process without asking there again.
const NEAR_TTL: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub(super) struct Shelf {
    near: Memory,
    near_ttl: Duration,
    shared: Option<Aside>,
    max_entry_bytes: usize,
}

impl Shelf {
    pub(super) fn new(config: &CacheConfig, store: &Store, secret: &Secret) -> Self {
        let shared = store
            .is_shared()
            .then(|| Aside::new(store.clone(), secret, config.ttl, config.max_entry_bytes));
        let near_ttl = if shared.is_some() { config.ttl.min(NEAR_TTL) } else { config.ttl };
        Self {
            near: Memory::new(config.max_bytes),
            near_ttl,
            shared,
            max_entry_bytes: config.max_entry_bytes,
        }
    }

    pub(super) fn note_size(&self) {
        self.near.note_size("cache");
    }

    /// How large the body of an answer may be.
    pub(super) fn max_entry_bytes(&self) -> usize {
        self.max_entry_bytes
    }

    /// The answer kept in this process, if it is no older than `max_age`.
    pub(super) fn near(&self, key: &Key, max_age: Option<u32>) -> Option<Answer> {
        let answer = Answer::decode(self.near.get(key)?.value)?;
        answer.is_of_age(max_age).then_some(answer)
    }

    /// The answer, wherever it is kept, if it is no older than `max_age`. A store that is down is a miss.
    pub(super) async fn get(&self, key: &Key, max_age: Option<u32>) -> Option<Answer> {
        if let Some(answer) = self.near(key, max_age) {
            return Some(answer);
        }
        let encoded = self.shared.as_ref()?.get(key).await?;
        let answer = Answer::decode(encoded.clone())?;
        self.put_near(key, encoded);
        answer.is_of_age(max_age).then_some(answer)
    }

    /// Keeps an answer: near at once, and in the shared store as soon as that takes it.
    pub(super) fn put(&self, key: &Key, answer: &Answer) {
        let encoded = answer.encode();
        self.put_near(key, encoded.clone());
        if let Some(shared) = &self.shared {
            shared.put(*key, encoded);
        }
    }

    /// Writes to the shared store what is put, until `stop` ends and all is written.
    pub(super) async fn write(&self, stop: impl Future<Output = ()>) {
        if let Some(shared) = &self.shared {
            shared.write(stop).await;
        }
    }

    fn put_near(&self, key: &Key, encoded: Bytes) {
        // The only error is a system without random bytes for a version.
        let _ = self.near.put(*key, encoded, self.near_ttl);
    }
}
