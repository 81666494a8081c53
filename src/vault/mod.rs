//! Keeps the mapping of a session between calls, sealed.
//!
//! A store, and whoever reads its memory or its traffic, sees a keyed hash as the name and a sealed box as the
//! value (XChaCha20-Poly1305). The box opens only for the caller and the session it was made for: another caller's
//! session is not found, and boxes cannot be swapped. Whoever loses the secret loses the sessions.
//!
//! Mappings grow, and two calls of one session may do so at once, on two replicas. [`Vault::update`] lets one win
//! and the other begin again with what the first one wrote: no placeholder is given to two values.

mod seal;

pub use crate::store::{Expected, Version};

use crate::{
    call::{self, CallerId, SessionId},
    redact::Mapping,
    store::{self, Key, Namer, Secret, Space, Store},
};
use bytes::Bytes;
use seal::{Form, Sealer};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// How sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultConfig {
    /// How long a session lives after its last use. Default 1 h.
    pub ttl: Duration,
    /// Largest mapping of one session, about the bytes of its values and placeholders. Default 1 MiB.
    pub max_session_bytes: usize,
}

impl Default for VaultConfig {
    fn default() -> Self {
        Self { ttl: Duration::from_secs(3600), max_session_bytes: 1 << 20 }
    }
}

/// Why a session cannot be had. Messages hold no id, no key and no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The entry does not open.
    #[error("a stored session does not open: it was sealed with another secret, or is damaged")]
    Sealed,
    /// The entry opens, and what is in it is not in a form that this program writes.
    #[error("a stored session is in a foreign form")]
    Foreign,
    /// The mapping has outgrown [`VaultConfig::max_session_bytes`].
    #[error("the session holds more than {max_bytes} bytes; begin another one")]
    Full {
        /// The limit.
        max_bytes: usize,
    },
    /// Too many calls write to the session at once.
    #[error("too many calls extend one session at the same time")]
    Contended,
    /// The system has no random bytes to give.
    #[error("the system gives no random bytes")]
    Random,
}

impl From<Error> for call::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(_) | Error::Sealed | Error::Foreign | Error::Contended => {
                Self::StateUnavailable(error.into())
            }
            Error::Full { .. } => {
                Self::Invalid { param: Some("session".into()), message: error.to_string() }
            }
            Error::Random => Self::Internal(error.into()),
        }
    }
}

/// What became of a mapping that was to be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is kept, as this version.
    As(Version),
    /// Another call wrote or deleted the session since it was loaded: load it again.
    Conflict,
}

/// What to do if there is no such session, or no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Begin it with an empty mapping.
    Begin,
    /// Leave it.
    Leave,
}

/// Mappings by caller and session. Cheap to clone; clones share what they keep.
#[derive(Clone, Debug)]
pub struct Vault {
    store: Store,
    namer: Namer,
    sealer: Sealer,
    config: VaultConfig,
    /// How long a session lives at most after a call by which it is kept; the earliest end counts.
    life: Option<Duration>,
}

/// How often to begin again before giving up. Each time another call has got through.
const MOST_TRIES: u32 = 16;

/// 64 signs, so that each takes 6 bits of a random byte and none is likelier than another.
const ID_SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 192 bits: nobody guesses one, and no two are alike.
const ID_LENGTH: usize = 32;

impl Vault {
    /// Keeps mappings in `store`, named and sealed with keys derived from `secret`.
    pub fn new(config: VaultConfig, store: Store, secret: &Secret) -> Self {
        Self { store, namer: Namer::new(secret), sealer: Sealer::new(secret), config, life: None }
    }

    /// The same vault; what is kept through it ends after `life` at the latest, however often it is used.
    #[must_use]
    pub fn ending_after(&self, life: Option<Duration>) -> Self {
        Self { life, ..self.clone() }
    }

    /// An id that nobody can guess.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn new_session() -> Result<SessionId, Error> {
        let mut bytes = [0; ID_LENGTH];
        getrandom::fill(&mut bytes).map_err(|_| Error::Random)?;
        let id: String =
            bytes.iter().map(|byte| char::from(ID_SIGNS[usize::from(byte % 64)])).collect();
        Ok(SessionId::parse(&id).expect("it is made of the signs that ids are made of"))
    }

    /// A number that the mapping of a session may be numbered above, whose id another one may have had before. Of six digits, and
    /// so are those of some ten thousand values behind it.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn new_floor() -> Result<u32, Error> {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(|_| Error::Random)?;
        Ok(100_000 + u32::from_le_bytes(bytes) % 890_000)
    }

    /// The mapping of a session and its version; `None` if there is none, or it is another caller's. Its time
    /// begins anew.
    ///
    /// # Errors
    /// If the store does not answer, or what it holds does not open.
    pub async fn load(
        &self,
        caller: &CallerId,
        session: &SessionId,
    ) -> Result<Option<(Mapping, Version)>, Error> {
        let opened = self.open(caller, session).await?;
        opened.map(|opened| Ok((decode(&opened.bytes)?, opened.version))).transpose()
    }

    /// Keeps a mapping if the session is as `expected`.
    ///
    /// # Errors
    /// If the store does not answer: then the mapping may or may not be kept.
    pub async fn save(
        &self,
        caller: &CallerId,
        session: &SessionId,
        mapping: &Mapping,
        expected: Expected,
    ) -> Result<Saved, Error> {
        let end = self.end_of(None);
        self.put(caller, session, &Zeroizing::new(mapping.encode()), end, expected).await
    }

    /// Lets `work` read and extend the mapping of a session, and keeps what it gives back, all or nothing: no other
    /// call comes in between. `work` may be called again, each time with the mapping as another call has left it.
    ///
    /// `None` if there is no session and it is not to begin. If `work` fails, nothing is kept.
    ///
    /// # Errors
    /// Those of `work`; and if the store does not answer, what it holds does not open, or other calls keep getting
    /// through first.
    pub async fn update<T, E, F>(
        &self,
        caller: &CallerId,
        session: &SessionId,
        missing: Missing,
        mut work: impl FnMut(Mapping) -> F,
    ) -> Result<Option<T>, E>
    where
        E: From<Error>,
        F: Future<Output = Result<(T, Mapping), E>>,
    {
        for _ in 0..MOST_TRIES {
            let opened = self.open(caller, session).await?;
            if opened.is_none() && missing == Missing::Leave {
                return Ok(None);
            }
            let expected =
                opened.as_ref().map_or(Expected::Absent, |it| Expected::Version(it.version));
            let mapping = opened.as_ref().map_or(Ok(Mapping::default()), |it| decode(&it.bytes))?;
            let end = self.end_of(opened.as_ref().and_then(|it| it.end));
            let (result, mapping) = work(mapping).await?;
            let after = Zeroizing::new(mapping.encode());
            // Most calls of a long session bring nothing new: they must not collide with each other.
            let nothing_new = opened.is_some_and(|it| it.bytes == after && it.end == end);
            if nothing_new
                || self.put(caller, session, &after, end, expected).await? != Saved::Conflict
            {
                return Ok(Some(result));
            }
        }
        Err(Error::Contended.into())
    }

    /// Forgets a session; nothing happens if there is none.
    ///
    /// # Errors
    /// If the store does not answer: then the session may or may not be forgotten.
    pub async fn delete(&self, caller: &CallerId, session: &SessionId) -> Result<(), Error> {
        Ok(self.store.delete(&self.key(caller, session)).await?)
    }

    fn key(&self, caller: &CallerId, session: &SessionId) -> Key {
        let parts = [caller.expose().as_bytes(), session.expose().as_bytes()];
        self.namer.owned_key(Space::Session, parts[0], &parts)
    }

    async fn open(&self, caller: &CallerId, session: &SessionId) -> Result<Option<Opened>, Error> {
        let key = self.key(caller, session);
        let Some(entry) = self.store.get(&key, Some(self.config.ttl)).await? else {
            return Ok(None);
        };
        if entry.value.is_empty() {
            return Ok(None);
        }
        let (form, mut bytes) = self.sealer.open(caller, session, &entry.value)?;
        let end = match form {
            Form::Mapping => None,
            Form::Ending => Some(Epoch::split_from(&mut bytes).ok_or(Error::Foreign)?),
        };
        // Being read has given it more time than it may have.
        let left = end.map_or(Duration::MAX, Epoch::remaining);
        if left.is_zero() {
            // Nothing in its place, for no time; unless somebody has begun it anew.
            let seen = Expected::Version(entry.version);
            self.store.put_if(&key, seen, Bytes::new(), Duration::ZERO).await?;
            return Ok(None);
        }
        if left < self.config.ttl {
            self.store.keep(&key, left).await?;
        }
        Ok(Some(Opened { bytes, end, version: entry.version }))
    }

    async fn put(
        &self,
        caller: &CallerId,
        session: &SessionId,
        encoded: &[u8],
        end: Option<Epoch>,
        expected: Expected,
    ) -> Result<Saved, Error> {
        let max_bytes = self.config.max_session_bytes;
        if encoded.len() > max_bytes {
            return Err(Error::Full { max_bytes });
        }
        let sealed = match end {
            None => self.sealer.seal(caller, session, Form::Mapping, encoded)?,
            Some(end) => {
                let ending = Zeroizing::new([&end.0.to_le_bytes()[..], encoded].concat());
                self.sealer.seal(caller, session, Form::Ending, &ending)?
            }
        };
        let ttl = end.map_or(self.config.ttl, |end| end.remaining().min(self.config.ttl));
        let key = self.key(caller, session);
        let version = self.store.put_if(&key, expected, sealed.into(), ttl).await?;
        Ok(version.map_or(Saved::Conflict, Saved::As))
    }

    /// The end of what ends then already, and is kept now.
    fn end_of(&self, already: Option<Epoch>) -> Option<Epoch> {
        let mine = self.life.map(Epoch::after);
        already.into_iter().chain(mine).min()
    }
}

/// A session as it was found.
struct Opened {
    bytes: Zeroizing<Vec<u8>>,
    end: Option<Epoch>,
    version: Version,
}

/// Milliseconds since 1970, by the clocks of the replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Epoch(u64);

impl Epoch {
    const BYTES: usize = size_of::<u64>();

    fn after(time: Duration) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(now.saturating_add(time).as_millis()).unwrap_or(u64::MAX))
    }

    /// Zero if it is over.
    fn remaining(self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(Self::after(Duration::ZERO).0))
    }

    fn split_from(bytes: &mut Zeroizing<Vec<u8>>) -> Option<Self> {
        let end = u64::from_le_bytes(*bytes.first_chunk::<{ Self::BYTES }>()?);
        // In place: another vector would leave a copy in clear behind.
        bytes.drain(..Self::BYTES);
        Some(Self(end))
    }
}

fn decode(bytes: &[u8]) -> Result<Mapping, Error> {
    Mapping::decode(bytes).map_err(|_| Error::Foreign)
}

#[cfg(test)]
mod tests;
