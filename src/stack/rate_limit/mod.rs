//! Refuses calls over a limit: of one caller, or of all together.
//!
//! Limits are counted in the store, so that replicas on one Redis count together. While the store is down each
//! replica counts for itself: callers may then make as many calls as there are replicas times their limit, and a
//! metric and the log say so. A limit never fails a call because it cannot be counted.

use super::meters::LimitMeters;
use crate::{
    call::{Call, CallerId, Error, Quota, Reply, Task},
    store::{self, Buckets, Decision, Limit, Namer, Rate, Secret, Seldom, Space, Store},
};
use futures_util::future::{BoxFuture, Either, FutureExt, Ready, ready};
use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tower::{Layer, Service};

/// How many calls may be made. 0 means no limit and is the default of each.
///
/// A limit is a bucket that fills evenly: after a rest it lets its whole content through at once, then one call for
/// each call that has trickled in. [`Task::ReadQuota`] and [`Task::ListPolicies`] do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimitConfig {
    /// Calls of one caller per minute.
    pub per_minute: u32,
    /// Calls of one caller per hour.
    pub per_hour: u32,
    /// Calls one caller may make at once, of the shorter of the two windows that is set; 0 means all of it.
    /// Without `per_minute` and `per_hour` it means nothing.
    pub burst: u32,
    /// Calls of all callers together per second.
    pub global_per_second: u32,
}

/// Applies [`RateLimit`]. Clones, and all services made by them, count together.
#[derive(Clone, Debug)]
pub struct RateLimitLayer {
    quotas: Arc<Quotas>,
}

impl RateLimitLayer {
    /// Counts in `store`, under names that only `secret` can make.
    pub fn new(config: RateLimitConfig, store: Store, secret: &Secret) -> Self {
        Self { quotas: Arc::new(Quotas::new(config, store, secret)) }
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RateLimit { inner, quotas: self.quotas.clone() }
    }
}

/// Fails a call over a limit with [`Error::RateLimited`], never makes it wait for its turn, and answers
/// [`Task::ReadQuota`].
#[derive(Clone, Debug)]
pub struct RateLimit<S> {
    inner: S,
    quotas: Arc<Quotas>,
}

impl<S> Service<Call> for RateLimit<S>
where
    S: Service<Call, Response = Reply, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Reply;
    type Error = Error;
    /// Only a call that must ask a shared store pays for a box.
    type Future = Either<S::Future, Answer>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let limits = match Use::of(&call.task) {
            Use::Free => return Either::Left(self.inner.call(call)),
            Use::Look => return Either::Right(self.quotas.clone().look(&call.caller)),
            Use::Count => self.quotas.all(&call.caller),
        };
        if limits.is_empty() {
            return Either::Left(self.inner.call(call));
        }
        let Some(buckets) = self.quotas.store.buckets() else {
            return Either::Right(Either::Right(self.ask_then_call(limits, call)));
        };
        match self.quotas.verdict(&buckets.take(&limits, 1)) {
            Ok(()) => Either::Left(self.inner.call(call)),
            Err(error) => Either::Right(Either::Left(ready(Err(error)))),
        }
    }
}

/// An answer of this layer's own: known at once, or after asking a shared store.
type Answer = Either<Ready<Result<Reply, Error>>, BoxFuture<'static, Result<Reply, Error>>>;

impl<S> RateLimit<S>
where
    S: Service<Call, Response = Reply, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    fn ask_then_call(
        &mut self,
        limits: Vec<Limit>,
        call: Call,
    ) -> BoxFuture<'static, Result<Reply, Error>> {
        // `poll_ready` readied this instance, not its clones: move this one, leave a clone.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let quotas = self.quotas.clone();
        async move {
            quotas.verdict(&quotas.take(&limits, 1).await)?;
            inner.call(call).await
        }
        .boxed()
    }
}

/// What a task means for the limits.
enum Use {
    Free,
    Look,
    Count,
}

impl Use {
    fn of(task: &Task) -> Self {
        match task {
            Task::ReadQuota => Self::Look,
            Task::ListPolicies => Self::Free,
            Task::Scan(_)
            | Task::Redact(_)
            | Task::Restore(_)
            | Task::Complete(_)
            | Task::DeleteSession(_) => Self::Count,
        }
    }
}

#[derive(Debug)]
struct Quotas {
    /// What each caller gets, with the name of its window.
    per_caller: Vec<(&'static str, Rate)>,
    /// What all callers get together.
    global: Option<Limit>,
    store: Store,
    /// Counts while the store is down.
    fallback: Buckets,
    namer: Namer,
    complaints: Seldom,
    meters: LimitMeters,
}

/// Pause between two log lines about counting without the store.
const COMPLAINT_PAUSE: Duration = Duration::from_secs(10);

impl Quotas {
    fn new(config: RateLimitConfig, store: Store, secret: &Secret) -> Self {
        let namer = Namer::new(secret);
        let global = (config.global_per_second > 0).then(|| Limit {
            key: namer.key(Space::Limit, &[b"all", b"second"]),
            rate: rate(config.global_per_second, 1, 0),
        });
        Self {
            per_caller: per_caller(&config),
            global,
            store,
            fallback: Buckets::default(),
            namer,
            complaints: Seldom::new(COMPLAINT_PAUSE),
            meters: LimitMeters::default(),
        }
    }

    fn verdict(&self, decision: &Decision) -> Result<(), Error> {
        let &Decision { allowed, retry_after, limit, .. } = decision;
        self.meters.decided(allowed);
        if allowed { Ok(()) } else { Err(Error::RateLimited { retry_after, limit }) }
    }

    /// Every limit that a call of this caller falls under.
    fn all(&self, caller: &CallerId) -> Vec<Limit> {
        self.of(caller).chain(self.global).collect()
    }

    /// The limits of this caller alone.
    fn of<'a>(&'a self, caller: &'a CallerId) -> impl Iterator<Item = Limit> + 'a {
        let name = caller.expose().as_bytes();
        self.per_caller.iter().map(move |&(window, rate)| Limit {
            key: self.namer.key(Space::Limit, &[b"caller", window.as_bytes(), name]),
            rate,
        })
    }

    /// Asks the store, or this process alone while the store is down.
    async fn take(&self, limits: &[Limit], cost: u32) -> Decision {
        match self.store.take(limits, cost).await {
            Ok(decision) => decision,
            Err(error) => {
                self.complain(&error);
                self.fallback.take(limits, cost)
            }
        }
    }

    fn complain(&self, error: &store::Error) {
        metrics::counter!("prompt_guard_rate_limit_fallback_total").increment(1);
        if let Some(before) = self.complaints.now() {
            tracing::warn!(%error, unreported = before, "rate limits are counted by this process alone");
        }
    }

    /// What is left of the caller's limits.
    fn look(self: Arc<Self>, caller: &CallerId) -> Answer {
        let limits: Vec<Limit> = self.of(caller).collect();
        if limits.is_empty() {
            return Either::Left(ready(Ok(Reply::Quota(UNLIMITED))));
        }
        if let Some(buckets) = self.store.buckets() {
            return Either::Left(ready(Ok(quota(&buckets.take(&limits, 0)))));
        }
        Either::Right(async move { Ok(quota(&self.take(&limits, 0).await)) }.boxed())
    }
}

const UNLIMITED: Quota = Quota { limit: None, remaining: u64::MAX, reset: Duration::ZERO };

fn quota(decision: &Decision) -> Reply {
    let &Decision { limit, remaining, reset, .. } = decision;
    Reply::Quota(Quota { limit: Some(limit), remaining, reset })
}

fn per_caller(config: &RateLimitConfig) -> Vec<(&'static str, Rate)> {
    let windows = [("minute", config.per_minute, 60), ("hour", config.per_hour, 3600)];
    let set = windows.into_iter().filter(|&(_, calls, _)| calls > 0);
    // The burst is the shorter window's: the longer one with it would let through less than it says.
    let bursts = [config.burst, 0];
    set.zip(bursts).map(|((name, calls, secs), burst)| (name, rate(calls, secs, burst))).collect()
}

fn rate(calls: u32, window_secs: u64, burst: u32) -> Rate {
    let capacity = if burst == 0 { calls } else { burst };
    Rate { calls, window: Duration::from_secs(window_secs), capacity }
}

#[cfg(test)]
mod tests;
