//! What replicas may share: bytes under a key for a time, and rate limits.
//!
//! One interface, [`Store`], over this process or over Redis; `redis` is the only place that knows Redis. The store
//! knows nothing of what it holds: names come to it as keyed hashes ([`Namer`]), values as bytes.
//! Start reading at [`Store`], then `gcra`, which both kinds of store count limits by.

mod breaker;
mod buckets;
mod error;
mod gcra;
mod key;
mod memory;
mod redis;
mod sealer;
mod seldom;
mod shares;

pub use buckets::Buckets;
pub use error::{ConfigError, Error};
pub use gcra::{Decision, Limit, Rate};
pub use key::{Key, Namer, Secret, SecretError, Space};
pub use memory::Memory;
pub use redis::{Redis, RedisConfig, RedisKind, RedisTls};
pub use sealer::{NoRandom, Sealer};
pub use seldom::Seldom;

use bytes::Bytes;
use shares::Shares;
use std::{sync::Arc, time::Duration};

/// Where state lives. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub enum Store {
    /// In this process: bounded, lost at its end.
    Local(Arc<Local>),
    /// In Redis: shared by all replicas.
    Redis(Arc<Redis>),
}

/// State in this process.
#[derive(Debug)]
pub struct Local {
    shares: Shares,
    buckets: Buckets,
}

/// A value and the version it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which write made it.
    pub version: Version,
    /// The value.
    pub value: Bytes,
}

/// Tells one write of an entry from all others.
///
/// Random, not counted: an entry that was deleted and made anew never has the version of the old one, so a writer
/// who has not noticed cannot overwrite it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version([u8; Version::LEN]);

/// What a writer believes to be in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// No entry.
    Absent,
    /// The entry of this write.
    Version(Version),
}

/// Whether the store answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Up,
    /// It does not; what that means for calls is said at each user of the store.
    Down,
}

impl Store {
    /// State in this process, `max_bytes` of entries at most; beyond it, what was not used for longest is dropped.
    /// Rate limits take up to 20 MB more, if very many callers are near their limits at once.
    pub fn memory(max_bytes: u64) -> Self {
        Self::Local(Arc::new(Local { shares: Shares::new(max_bytes), buckets: Buckets::default() }))
    }

    /// State in Redis. Connects when first asked, and again after every failure: the service starts without it.
    ///
    /// # Errors
    /// If the configuration cannot be used.
    pub fn redis(config: &RedisConfig) -> Result<Self, ConfigError> {
        Ok(Self::Redis(Arc::new(Redis::new(config)?)))
    }

    /// True if other replicas see the same state.
    pub fn is_shared(&self) -> bool {
        match self {
            Self::Local(_) => false,
            Self::Redis(_) => true,
        }
    }

    /// The entry, if there is one. With `refresh` its time begins anew.
    ///
    /// # Errors
    /// If the store does not answer. A local one always does.
    pub async fn get(&self, key: &Key, refresh: Option<Duration>) -> Result<Option<Entry>, Error> {
        match self {
            Self::Local(local) => Ok(local.shares.get(key, refresh)),
            Self::Redis(redis) => redis.get(key, refresh).await,
        }
    }

    /// Lets the time of an entry begin anew, if there is one; it may be shorter than what is left.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn keep(&self, key: &Key, ttl: Duration) -> Result<(), Error> {
        match self {
            Self::Local(local) => {
                local.shares.get(key, Some(ttl));
                Ok(())
            }
            Self::Redis(redis) => redis.keep(key, ttl).await,
        }
    }

    /// Puts a value for a time, whatever was there.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn put(&self, key: &Key, value: Bytes, ttl: Duration) -> Result<Version, Error> {
        match self {
            Self::Local(local) => local.shares.put(*key, value, ttl),
            Self::Redis(redis) => redis.put(key, &value, ttl).await,
        }
    }

    /// Puts a value if what is there is as `expected`; `None` if somebody else wrote or deleted it since.
    ///
    /// # Errors
    /// If the store does not answer: then the value may or may not have been written.
    pub async fn put_if(
        &self,
        key: &Key,
        expected: Expected,
        value: Bytes,
        ttl: Duration,
    ) -> Result<Option<Version>, Error> {
        match self {
            Self::Local(local) => local.shares.put_if(*key, expected, value, ttl),
            Self::Redis(redis) => redis.put_if(key, expected, &value, ttl).await,
        }
    }

    /// Removes the entry, if there is one.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn delete(&self, key: &Key) -> Result<(), Error> {
        match self {
            Self::Local(local) => {
                local.shares.delete(key);
                Ok(())
            }
            Self::Redis(redis) => redis.delete(key).await,
        }
    }

    /// Takes `cost` calls of every limit, or of none if one has not enough. A cost of 0 only looks.
    ///
    /// # Errors
    /// If the store does not answer: then the calls may or may not have been counted.
    pub async fn take(&self, limits: &[Limit], cost: u32) -> Result<Decision, Error> {
        match self {
            Self::Local(local) => Ok(local.buckets.take(limits, cost)),
            Self::Redis(redis) => redis.take(limits, cost).await,
        }
    }

    /// The buckets of a local store, which answer at once.
    pub fn buckets(&self) -> Option<&Buckets> {
        match self {
            Self::Local(local) => Some(&local.buckets),
            Self::Redis(_) => None,
        }
    }

    /// Reports how much of this process's memory is in use; of a shared store its own monitoring tells.
    pub fn note_size(&self) {
        match self {
            Self::Local(local) => local.shares.note_size("sessions"),
            Self::Redis(_) => (),
        }
    }

    /// Whether the store answers now; takes no longer than its time limit.
    pub async fn health(&self) -> Health {
        match self {
            Self::Local(_) => {
                metrics::gauge!("prompt_guard_store_up").set(1.0);
                Health::Up
            }
            Self::Redis(redis) => redis.health().await,
        }
    }
}

impl Version {
    const LEN: usize = 8;

    fn draw() -> Result<Self, Error> {
        let mut bytes = [0; Self::LEN];
        getrandom::fill(&mut bytes).map_err(|_| Error::Random)?;
        Ok(Self(bytes))
    }
}

impl Expected {
    fn is_met_by(self, current: Option<Version>) -> bool {
        match self {
            Self::Absent => current.is_none(),
            Self::Version(version) => current == Some(version),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_the_store_takes_little_of_a_calls_future() {
        const LITTLE: usize = 1024;
        let (store, secret) = (Store::memory(1 << 10), Secret::new([7; 32]));
        let key = Namer::new(&secret).key(Space::Session, &[b"k"]);
        let (value, ttl) = (Bytes::new(), Duration::from_secs(1));
        assert!(size_of_val(&store.get(&key, None)) < LITTLE);
        assert!(size_of_val(&store.put_if(&key, Expected::Absent, value, ttl)) < LITTLE);
        assert!(size_of_val(&store.take(&[], 1)) < LITTLE);
        assert!(size_of_val(&store.health()) < LITTLE);
    }
}
