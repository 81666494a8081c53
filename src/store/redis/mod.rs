//! State in Redis. Nothing else in this crate knows that it is Redis.
//!
//! A call waits for it no longer than [`RedisConfig::timeout`]. After a failure it is left alone for a moment
//! ([`RedisConfig::pause`]), in which calls learn at once that it is down. An entry is its version, then its value.

mod cluster;
mod config;
mod dial;
mod exchange;
mod failure;
mod link;
mod sentinel;
mod slot;

pub use config::{RedisConfig, RedisKind, RedisTls};

use super::{
    ConfigError, Decision, Entry, Error, Expected, Health, Key, Limit, Seldom, Version,
    gcra::decide,
};
use crate::{meter::Known, sensitive::Sensitive};
use bytes::Bytes;
use cluster::Cluster;
use config::Target;
use dial::Dialer;
use exchange::{Request, Stored};
use failure::Failure;
use link::{Link, Times};
use metrics::Histogram;
use redis::{FromRedisValue, RedisConnectionInfo, cmd};
use sentinel::Sentinels;
use slot::slot_of;
use std::{sync::LazyLock, time::Duration};
use tokio::time::Instant;

/// State in Redis.
#[derive(Debug)]
pub struct Redis {
    nodes: Nodes,
    timeout: Duration,
    complaints: Seldom,
    took: Known<&'static str, Histogram>,
}

/// Who answers.
#[derive(Debug)]
enum Nodes {
    /// One for all keys.
    One(Box<Link>),
    /// Each for some slots.
    Cluster(Box<Cluster>),
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
        Ok(Self {
            nodes: Nodes::of(config)?,
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
        let stored: Option<Vec<u8>> = self.ask("get", key, &Request::command(command)).await?;
        stored.map(unpack).transpose()
    }

    pub(super) async fn keep(&self, key: &Key, ttl: Duration) -> Result<(), Error> {
        let mut command = cmd("PEXPIRE");
        command.arg(key.shared_name()).arg(millis(ttl));
        self.ask("keep", key, &Request::command(command)).await
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
        let () = self.ask("put", key, &Request::command(command)).await?;
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
        let written: bool = self.ask("put_if", key, &request).await?;
        Ok(written.then_some(version))
    }

    pub(super) async fn delete(&self, key: &Key) -> Result<(), Error> {
        let mut command = cmd("UNLINK");
        command.arg(key.shared_name());
        self.ask("delete", key, &Request::command(command)).await
    }

    pub(super) async fn take(&self, limits: &[Limit], cost: u32) -> Result<Decision, Error> {
        self.take_at(0, limits, cost).await
    }

    /// As `take`, at a given time; at 0, Redis's own clock, which is the same for all replicas.
    async fn take_at(&self, now: u64, limits: &[Limit], cost: u32) -> Result<Decision, Error> {
        let Some(Limit { key, .. }) = limits.first() else {
            return Ok(decide(true, &[], &[], cost));
        };
        let keys: Vec<String> = limits.iter().map(|limit| limit.key.shared_name()).collect();
        let request = Request::script(&LIMITS, &keys, |call| {
            call.arg(now);
            for Limit { rate, .. } in limits {
                call.arg(rate.cost_us(cost)).arg(rate.full_us());
            }
        });
        let answer: Vec<u64> = self.ask("take", key, &request).await?;
        match answer.split_first() {
            Some((allowed, backlogs)) if backlogs.len() == limits.len() => {
                Ok(decide(*allowed == 1, limits, backlogs, cost))
            }
            Some(_) | None => Err(Error::Foreign),
        }
    }

    pub(super) async fn health(&self) -> Health {
        let request = Request::command(cmd("PING"));
        let deadline = Instant::now() + self.timeout;
        let answer = Box::pin(async {
            match &self.nodes {
                Nodes::One(link) => link.exchange(&request, false, deadline).await,
                Nodes::Cluster(cluster) => cluster.ping(&request, deadline).await,
            }
        });
        let answers = self.observe("ping", answer).await.is_ok();
        metrics::gauge!("prompt_guard_store_up").set(if answers { 1.0 } else { 0.0 });
        if answers { Health::Up } else { Health::Down }
    }

    /// Sends a request to whom the key belongs.
    async fn ask<T: FromRedisValue>(
        &self,
        operation: &'static str,
        key: &Key,
        request: &Request,
    ) -> Result<T, Error> {
        let deadline = Instant::now() + self.timeout;
        // In a box: it is 12 KB, and would be part of every call's future, with a store in this process too.
        let answer = Box::pin(async {
            match &self.nodes {
                Nodes::One(link) => {
                    link.exchange(request, false, deadline).await.map_err(|failure| {
                        match failure.redirect {
                            Some(_) => failure.refused_by("it is a Cluster (redis.mode)"),
                            None => failure,
                        }
                    })
                }
                Nodes::Cluster(cluster) => {
                    cluster.exchange(slot_of(&key.shared_name()), request, deadline).await
                }
            }
        });
        self.observe(operation, answer).await
    }

    /// Waits for an answer, and tells metrics and log what came of it.
    async fn observe<T>(
        &self,
        operation: &'static str,
        answer: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Error> {
        let began = Instant::now();
        let result = answer.await.map_err(|failure| failure.error);
        if !matches!(result, Err(Error::Paused)) {
            let make = |operation: &&'static str| metrics::histogram!("prompt_guard_store_operation_seconds", "operation" => *operation);
            self.took.of(&operation, make).record(began.elapsed().as_secs_f64());
        }
        let Err(error) = &result else { return result };
        let labels = [("operation", operation), ("reason", error.label())];
        metrics::counter!("prompt_guard_store_errors_total", &labels).increment(1);
        if *error != Error::Paused
            && let Some(before) = self.complaints.now()
        {
            tracing::warn!(error = %error, unreported = before, "the state store failed");
        }
        result
    }

    #[cfg(test)]
    fn is_paused(&self) -> bool {
        matches!(&self.nodes, Nodes::One(link) if link.is_paused())
    }
}

impl Nodes {
    fn of(config: &RedisConfig) -> Result<Self, ConfigError> {
        let target = Target::of(config)?;
        let dialer = Dialer::new(config, &target)?;
        let mut places = target.places;
        let times = Times { timeout: config.timeout, pause: config.pause };
        Ok(match &config.kind {
            RedisKind::Single => {
                let place = places.swap_remove(0);
                Self::One(Box::new(Link::to_place(dialer, place, times)))
            }
            RedisKind::Sentinel { master, user, password } => {
                let login = sentinel_login(user.as_deref(), password.as_ref());
                let sentinels =
                    Sentinels { places, dialer: dialer.with_login(login), master: master.clone() };
                Self::One(Box::new(Link::to_master(dialer, sentinels, times)))
            }
            RedisKind::Cluster => Self::Cluster(Box::new(Cluster::new(dialer, places, times))),
        })
    }
}

fn sentinel_login(user: Option<&str>, password: Option<&Sensitive>) -> RedisConnectionInfo {
    let mut login = RedisConnectionInfo::default();
    if let Some(user) = user {
        login = login.set_username(user);
    }
    if let Some(password) = password {
        login = login.set_password(password.expose());
    }
    login
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
