//! State in Redis. Nothing else in this crate knows that it is Redis.
//!
//! A call waits for it no longer than [`RedisConfig::timeout`]. After a failure it is left alone for a moment
//! ([`RedisConfig::pause`]), in which calls learn at once that it is down. An entry is its version, then its value.

mod config;
mod dial;
mod exchange;
mod link;

pub use config::{RedisConfig, RedisTls};

use super::{
    ConfigError, Decision, Entry, Error, Expected, Health, Key, Limit, Seldom, Version,
    breaker::Breaker, gcra::decide,
};
use crate::meter::Known;
use bytes::Bytes;
use config::Target;
use dial::Dialer;
use exchange::{Failure, Request, Stored};
use link::Link;
use metrics::Histogram;
use redis::{FromRedisValue, cmd};
use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

/// State in Redis.
#[derive(Debug)]
pub struct Redis {
    link: Link,
    breaker: Breaker,
    timeout: Duration,
    complaints: Seldom,
    took: Known<&'static str, Histogram>,
}

/// Pause between two log lines about a store that keeps failing.
const COMPLAINT_PAUSE: Duration = Duration::from_secs(10);

static LIMITS: LazyLock<Stored> = LazyLock::new(|| Stored::new(include_str!("limits.lua")));
static PUT_IF: LazyLock<Stored> = LazyLock::new(|| Stored::new(include_str!("put_if.lua")));

impl Redis {
    /// Checks the configuration; does not connect yet.
    ///
    /// # Errors
    /// If the URL or a certificate cannot be read, or a time is zero.
    pub fn new(config: &RedisConfig) -> Result<Self, ConfigError> {
        let times = [("redis.timeout_ms", config.timeout), ("redis.pause_ms", config.pause)];
        if let Some((setting, _)) = times.into_iter().find(|(_, time)| time.is_zero()) {
            return Err(ConfigError::Zero { setting });
        }
        let mut target = Target::of(config)?;
        let dialer = Dialer::new(config, &target)?;
        Ok(Self {
            link: Link::new(dialer, target.places.remove(0)),
            breaker: Breaker::new(config.pause),
            timeout: config.timeout,
            complaints: Seldom::new(COMPLAINT_PAUSE),
            took: Known::default(),
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
        let stored: Option<Vec<u8>> = self.ask("get", &Request::command(command)).await?;
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
        let () = self.ask("put", &Request::command(command)).await?;
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
        let request = Request::script(&PUT_IF, &[key.shared_name()], |call| {
            call.arg(expected).arg(pack(version, value)).arg(millis(ttl));
        });
        let written: bool = self.ask("put_if", &request).await?;
        Ok(written.then_some(version))
    }

    pub(super) async fn delete(&self, key: &Key) -> Result<(), Error> {
        let mut command = cmd("UNLINK");
        command.arg(key.shared_name());
        self.ask("delete", &Request::command(command)).await
    }

    pub(super) async fn take(&self, limits: &[Limit], cost: u32) -> Result<Decision, Error> {
        self.take_at(0, limits, cost).await
    }

    /// As `take`, at a given time; at 0, Redis's own clock, which is the same for all replicas.
    async fn take_at(&self, now: u64, limits: &[Limit], cost: u32) -> Result<Decision, Error> {
        if limits.is_empty() {
            return Ok(decide(true, &[], &[], cost));
        }
        let keys: Vec<String> = limits.iter().map(|limit| limit.key.shared_name()).collect();
        let request = Request::script(&LIMITS, &keys, |call| {
            call.arg(now);
            for Limit { rate, .. } in limits {
                call.arg(rate.cost_us(cost)).arg(rate.full_us());
            }
        });
        let answer: Vec<u64> = self.ask("take", &request).await?;
        match answer.split_first() {
            Some((allowed, backlogs)) if backlogs.len() == limits.len() => {
                Ok(decide(*allowed == 1, limits, backlogs, cost))
            }
            Some(_) | None => Err(Error::Foreign),
        }
    }

    pub(super) async fn health(&self) -> Health {
        let answers = self.ask::<()>("ping", &Request::command(cmd("PING"))).await.is_ok();
        metrics::gauge!("prompt_guard_store_up").set(if answers { 1.0 } else { 0.0 });
        if answers { Health::Up } else { Health::Down }
    }

    async fn ask<T: FromRedisValue>(
        &self,
        operation: &'static str,
        request: &Request,
    ) -> Result<T, Error> {
        let result = if self.breaker.admits() {
            let began = Instant::now();
            let answer = tokio::time::timeout(self.timeout, self.link.exchange(request)).await;
            let make = |operation: &&'static str| metrics::histogram!("prompt_guard_store_operation_seconds", "operation" => *operation);
            self.took.of(&operation, make).record(began.elapsed().as_secs_f64());
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
