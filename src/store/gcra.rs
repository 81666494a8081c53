//! The arithmetic of rate limits: the generic cell rate algorithm, in whole microseconds.
//!
//! A bucket is one number, its *backlog*: how long until it is full again. A call adds one interval to it and is let
//! through if the backlog stays within `capacity` intervals. Both stores keep the moment at which the backlog ends
//! and agree to the microsecond; what a caller is told is computed here for both.

use super::Key;
use std::time::Duration;

/// How many calls a window allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls allowed in a window, in the long run. At least 1.
    pub calls: u32,
    /// How long a window is. Up to a year.
    pub window: Duration,
    /// Calls let through at once after a rest. At least 1.
    pub capacity: u32,
}

/// One bucket to take from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Whose bucket.
    pub key: Key,
    /// How fast it fills and how much it holds. Whoever shares a key must use the same rate.
    pub rate: Rate,
}

/// Whether calls may go on, and what is left after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// May go on: every limit had enough, and was charged. Otherwise none was.
    pub allowed: bool,
    /// Calls per window of the limit that decided: the one with the longest wait, else with the least left.
    pub limit: u64,
    /// Calls left of that limit.
    pub remaining: u64,
    /// When to try again; zero if allowed.
    pub retry_after: Duration,
    /// Until that limit is whole again.
    pub reset: Duration,
}

impl Rate {
    /// How long the bucket takes to regain one call, rounded to the nearest microsecond: a limit of 70,000 calls
    /// per second is off by 2 %, one of 1,000 by nothing.
    pub(super) fn interval_us(&self) -> u64 {
        let calls = u64::from(self.calls.max(1));
        ((micros(self.window) + calls / 2) / calls).max(1)
    }

    /// The backlog of an empty bucket. A year at most.
    pub(super) fn full_us(&self) -> u64 {
        self.interval_us().saturating_mul(u64::from(self.capacity.max(1))).min(YEAR_US)
    }

    /// What calls of this cost add to the backlog.
    pub(super) fn cost_us(&self, cost: u32) -> u64 {
        self.interval_us().saturating_mul(u64::from(cost))
    }

    /// How long a call of `cost` must wait at this backlog; zero if it may go on.
    pub(super) fn wait_us(&self, backlog: u64, cost: u32) -> u64 {
        backlog.saturating_add(self.cost_us(cost)).saturating_sub(self.full_us())
    }
}

/// Backlog of a bucket whose backlog ends at `ends`. Never over the full one: a clock that was set back, or a limit
/// that was lowered, must not shut a caller out for longer than one full bucket.
pub(super) fn backlog_us(ends: u64, now: u64, rate: &Rate) -> u64 {
    ends.saturating_sub(now).min(rate.full_us())
}

/// What to tell of buckets with these backlogs: before the call if it was refused, else after it.
///
/// `limits` must not be empty; if it is, everything is allowed.
pub(super) fn decide(allowed: bool, limits: &[Limit], backlogs: &[u64], cost: u32) -> Decision {
    let views = limits.iter().zip(backlogs).map(|(limit, &backlog)| view(&limit.rate, backlog));
    if allowed {
        let tightest = views.min_by_key(|view| view.remaining);
        return tightest.unwrap_or(UNLIMITED);
    }
    let waits =
        limits.iter().zip(backlogs).map(|(limit, &backlog)| limit.rate.wait_us(backlog, cost));
    let longest = views.zip(waits).max_by_key(|&(_, wait)| wait);
    longest.map_or(UNLIMITED, |(view, wait)| Decision {
        allowed: false,
        retry_after: Duration::from_micros(wait),
        ..view
    })
}

const UNLIMITED: Decision = Decision {
    allowed: true,
    limit: u64::MAX,
    remaining: u64::MAX,
    retry_after: Duration::ZERO,
    reset: Duration::ZERO,
};

fn view(rate: &Rate, backlog: u64) -> Decision {
    Decision {
        allowed: true,
        limit: u64::from(rate.calls),
        remaining: rate.full_us().saturating_sub(backlog) / rate.interval_us(),
        retry_after: Duration::ZERO,
        reset: Duration::from_micros(backlog),
    }
}

/// The longest window: keeps every sum within what a Lua number holds exactly (53 bits).
const YEAR_US: u64 = 366 * 24 * 3600 * 1_000_000;

fn micros(window: Duration) -> u64 {
    u64::try_from(window.as_micros()).map_or(YEAR_US, |us| us.clamp(1, YEAR_US))
}
