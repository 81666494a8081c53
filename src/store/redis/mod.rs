//! State in Redis. Nothing else in this crate knows that it is Redis.
//!
//! A call waits for it no longer than [`RedisConfig::timeout`]. After a failure it is left alone for a moment
//! ([`RedisConfig::pause`]), in which calls learn at once that it is down. An entry is its version, then its value.

mod link;

use super::{
    ConfigError, Decision, Entry, Error, Expected, Health, Key, Limit, Seldom, Version,
    breaker::Breaker, gcra::decide,
};
use crate::sensitive::Sensitive;
use bytes::Bytes;
use link::{Connection, Link};
use redis::{
    Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, Script, ScriptInvocation, cmd,
};
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

/// Where Redis (6.2 or later, or Valkey) is and how long to wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisConfig {
    /// `redis://[[user]:password@]host[:port][/db]`, or `unix:///path`.
    pub url: Sensitive,
    /// How long one operation may take, connecting included. Default 250 ms.
    pub timeout: Duration,
    /// How long nobody asks after a failure. Default 1 s.
    pub pause: Duration,
}

impl RedisConfig {
    /// This URL and the default times.
    pub fn new(url: impl Into<String>) -> Self {
        let (timeout, pause) = (Duration::from_millis(250), Duration::from_secs(1));
        Self { url: Sensitive::new(url), timeout, pause }
    }
}

/// State in Redis.
#[derive(Debug)]
pub struct Redis {
    link: Link,
    breaker: Breaker,
    timeout: Duration,
    complaints: Seldom,
}

/// Pause between two log lines about a store that keeps failing.
const COMPLAINT_PAUSE: Duration = Duration::from_secs(10);

static LIMITS: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("limits.lua")));
static PUT_IF: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("put_if.lua")));

impl Redis {
    /// Checks the configuration; does not connect yet.
    ///
    /// # Errors
    /// If the URL cannot be read or a time is zero.
    pub fn new(config: &RedisConfig) -> Result<Self, ConfigError> {
        let times = [("redis.timeout_ms", config.timeout), ("redis.pause_ms", config.pause)];
        if let Some((setting, _)) = times.into_iter().find(|(_, time)| time.is_zero()) {
            return Err(ConfigError::Zero { setting });
        }
        Ok(Self {
            link: Link::new(config)?,
            breaker: Breaker::new(config.pause),
            timeout: config.timeout,
            complaints: Seldom::new(COMPLAINT_PAUSE),
        })
    }

    pub(super) async fn get(
        &self,
        key: &Key,
        refresh: Option<Duration>,
    ) -> Result<Option<Entry>, Error> {
        let mut command = match refresh {
            None => cmd("GET"),
            Some(_) => cmd("GETEX"),
        };
        command.arg(key.shared_name());
        if let Some(ttl) = refresh {
            command.arg("PX").arg(millis(ttl));
        }
        let stored: Option<Vec<u8>> = self.ask("get", Request::Command(command)).await?;
        stored.map(unpack).transpose()
    }

    pub(super) async fn put(
        &self,
        key: &Key,
        value: &[u8],
        ttl: Duration,
    ) -> Result<Version, Error> {
        let version = Version::draw()?;
        let mut command = cmd("SET");
        command.arg(key.shared_name()).arg(pack(version, value)).arg("PX").arg(millis(ttl));
        let () = self.ask("put", Request::Command(command)).await?;
        Ok(version)
    }

    pub(super) async fn put_if(
        &self,
        key: &Key,
        expected: Expected,
        value: &[u8],
        ttl: Duration,
    ) -> Result<Option<Version>, Error> {
        let version = Version::draw()?;
        let expected = match &expected {
            Expected::Absent => &[][..],
            Expected::Version(Version(bytes)) => bytes,
        };
        let mut call = PUT_IF.prepare_invoke();
        call.key(key.shared_name()).arg(expected).arg(pack(version, value)).arg(millis(ttl));
        let written: bool = self.ask("put_if", Request::Script(call)).await?;
        Ok(written.then_some(version))
    }

    pub(super) async fn delete(&self, key: &Key) -> Result<(), Error> {
        let mut command = cmd("UNLINK");
        command.arg(key.shared_name());
        self.ask("delete", Request::Command(command)).await
    }

    pub(super) async fn take(&self, limits: &[Limit], cost: u32) -> Result<Decision, Error> {
        self.take_at(0, limits, cost).await
    }

    /// As `take`, at a given time; at 0, Redis's own clock, which is the same for all replicas.
    async fn take_at(&self, now: u64, limits: &[Limit], cost: u32) -> Result<Decision, Error> {
        if limits.is_empty() {
            return Ok(decide(true, &[], &[], cost));
        }
        let mut call = LIMITS.prepare_invoke();
        call.arg(now);
        for Limit { key, rate } in limits {
            call.key(key.shared_name()).arg(rate.cost_us(cost)).arg(rate.full_us());
        }
        let answer: Vec<u64> = self.ask("take", Request::Script(call)).await?;
        match answer.split_first() {
            Some((allowed, backlogs)) if backlogs.len() == limits.len() => {
                Ok(decide(*allowed == 1, limits, backlogs, cost))
            }
            Some(_) | None => Err(Error::Foreign),
        }
    }

    pub(super) async fn health(&self) -> Health {
        let answers = self.ask::<()>("ping", Request::Command(cmd("PING"))).await.is_ok();
        metrics::gauge!("prompt_guard_store_up").set(if answers { 1.0 } else { 0.0 });
        if answers { Health::Up } else { Health::Down }
    }

    async fn ask<T: FromRedisValue>(
        &self,
        operation: &'static str,
        request: Request<'_>,
    ) -> Result<T, Error> {
        let result = if self.breaker.admits() {
            let began = Instant::now();
            let answer = tokio::time::timeout(self.timeout, self.exchange(request)).await;
            metrics::histogram!("prompt_guard_store_operation_seconds", "operation" => operation)
                .record(began.elapsed().as_secs_f64());
            self.note(answer.unwrap_or_else(|_elapsed| Err(Failure::timeout())))
        } else {
            Err(Error::Paused)
        };
        if let Err(error) = &result {
            let labels = [("operation", operation), ("reason", error.label())];
            metrics::counter!("prompt_guard_store_errors_total", &labels).increment(1);
        }
        result
    }

    /// Sends a request, and once more if the connection turns out to be gone: an idle one is cut by what stands
    /// between, or by a restart, and only the next request notices. What was done before the answer was lost is done
    /// twice then: one call is counted as two, a versioned write reports a conflict. Nobody is misled by that.
    async fn exchange<T: FromRedisValue>(&self, request: Request<'_>) -> Result<T, Failure> {
        let connection = self.connection().await?;
        match request.send(&connection).await {
            Err(error) if error.is_connection_dropped() && !error.is_timeout() => {
                self.link.forget(connection);
                let fresh = self.connection().await?;
                request.send(&fresh).await.map_err(|error| Failure::of(&error, false))
            }
            result => result.map_err(|error| Failure::of(&error, false)),
        }
    }

    async fn connection(&self) -> Result<Arc<Connection>, Failure> {
        self.link.connection().await.map_err(|error| Failure::of(&error, true))
    }

    /// Draws the consequences of an answer, or of none.
    fn note<T>(&self, answer: Result<T, Failure>) -> Result<T, Error> {
        let Failure { error, connection_lost } = match answer {
            Ok(value) => {
                if self.breaker.succeeded() {
                    metrics::gauge!("prompt_guard_store_up").set(1.0);
                    tracing::info!("the state store answers again");
                }
                return Ok(value);
            }
            Err(failure) => failure,
        };
        if connection_lost {
            self.link.forget_any();
            self.breaker.failed();
            metrics::gauge!("prompt_guard_store_up").set(0.0);
        }
        if let Some(before) = self.complaints.now() {
            tracing::warn!(error = %error, unreported = before, "the state store failed");
        }
        Err(error)
    }

    #[cfg(test)]
    fn is_paused(&self) -> bool {
        !self.breaker.is_closed()
    }
}

enum Request<'a> {
    Command(Cmd),
    /// Sent by its digest; sent whole if Redis does not know it, as after a restart.
    Script(ScriptInvocation<'a>),
}

impl Request<'_> {
    async fn send<T: FromRedisValue>(&self, connection: &Connection) -> RedisResult<T> {
        let mut connection = connection.clone();
        match self {
            Self::Command(command) => command.query_async(&mut connection).await,
            Self::Script(call) => call.invoke_async(&mut connection).await,
        }
    }
}

struct Failure {
    error: Error,
    /// Nothing more can come over this connection, or none was had.
    connection_lost: bool,
}

impl Failure {
    fn timeout() -> Self {
        Self { error: Error::TimedOut, connection_lost: true }
    }

    /// Keeps of an error only what cannot quote a key, a value or an address.
    fn of(error: &RedisError, while_connecting: bool) -> Self {
        if error.is_timeout() {
            return Self::timeout();
        }
        let lost = error.is_io_error() || error.is_unrecoverable_error();
        let error = if error.is_connection_refusal() {
            Error::Unreachable("connection refused")
        } else if error.is_io_error() {
            Error::Unreachable("connection lost or not made")
        } else if error.kind() == ErrorKind::UnexpectedReturnType {
            Error::Foreign
        } else {
            Error::Refused(error.code().unwrap_or_else(|| error.category()).to_owned())
        };
        Self { error, connection_lost: lost || while_connecting }
    }
}

fn pack(version: Version, value: &[u8]) -> Vec<u8> {
    [&version.0[..], value].concat()
}

fn unpack(stored: Vec<u8>) -> Result<Entry, Error> {
    let (version, _) = stored.split_first_chunk().ok_or(Error::Foreign)?;
    let version = Version(*version);
    Ok(Entry { version, value: Bytes::from(stored).slice(Version::LEN..) })
}

/// Redis takes whole milliseconds, at least one.
fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX >> 16).max(1)
}

#[cfg(test)]
mod tests;
