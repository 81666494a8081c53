//! Leaves an upstream alone that fails again and again.
//!
//! ## Closed => Open
//! So many failures in a row, or such a share of the last 64 requests.
//! ## Open => Half-open
//! The first request after the time is up; it is let through as a probe.
//! ## Half-open => Closed | Open
//! As the probe ends. One without a verdict (its caller went away) is followed by another one at once; one that takes
//! its time, after the same time again.

use metrics::{counter, gauge};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// When an upstream is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerConfig {
    /// Failures in a row; 0 does not count them. Default 10.
    pub failures: u32,
    /// Failures in a hundred, of the last 64 requests and at least 20; 0 does not count them. Default 50.
    pub percent: u32,
    /// How long it is left alone. Default 10 s.
    pub open: Duration,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self { failures: 10, percent: 50, open: Duration::from_secs(10) }
    }
}

/// Fewer requests say nothing about a share.
const ENOUGH: u32 = 20;

#[derive(Debug)]
pub(super) struct Breaker {
    upstream: Arc<str>,
    config: BreakerConfig,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed(Record),
    Open {
        until: Instant,
    },
    HalfOpen {
        /// When another probe may go.
        next: Instant,
    },
}

/// What the last requests came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Record {
    in_a_row: u32,
    /// One bit for each, 1 for a failure.
    recent: u64,
    count: u32,
}

impl Record {
    fn add(&mut self, failed: bool) {
        self.in_a_row = if failed { self.in_a_row.saturating_add(1) } else { 0 };
        self.recent = self.recent << 1 | u64::from(failed);
        self.count = (self.count + 1).min(u64::BITS);
    }

    fn is_too_much(&self, config: &BreakerConfig) -> bool {
        let row = config.failures > 0 && self.in_a_row >= config.failures;
        let share = config.percent > 0
            && self.count >= ENOUGH
            && self.recent.count_ones() * 100 >= config.percent * self.count;
        row || share
    }
}

impl Breaker {
    pub(super) fn new(upstream: Arc<str>, config: BreakerConfig) -> Self {
        let breaker =
            Self { upstream, config, state: Mutex::new(State::Closed(Record::default())) };
        breaker.show(0.0);
        breaker
    }

    /// Lets a request through, or says after which time to come again.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Permit, Duration> {
        let now = Instant::now();
        let mut state = self.lock();
        let is_probe = match *state {
            State::Closed(_) => false,
            State::Open { until: at } | State::HalfOpen { next: at } if now < at => {
                return Err(at - now);
            }
            State::Open { .. } | State::HalfOpen { .. } => true,
        };
        if is_probe {
            *state = State::HalfOpen { next: now + self.config.open };
            self.show(1.0);
        }
        Ok(Permit { breaker: Arc::clone(self), is_probe, has_verdict: false })
    }

    fn judge(&self, failed: bool, is_probe: bool) {
        let mut state = self.lock();
        match &mut *state {
            State::Closed(record) => {
                record.add(failed);
                if record.is_too_much(&self.config) {
                    self.open(&mut state);
                }
            }
            State::HalfOpen { .. } if is_probe && failed => self.open(&mut state),
            State::HalfOpen { .. } if is_probe => {
                *state = State::Closed(Record::default());
                self.show(0.0);
            }
            // Of requests from before it opened.
            State::HalfOpen { .. } | State::Open { .. } => {}
        }
    }

    fn open(&self, state: &mut State) {
        *state = State::Open { until: Instant::now() + self.config.open };
        self.show(2.0);
        let name = Arc::clone(&self.upstream);
        counter!("prompt_guard_upstream_breaker_opened_total", "upstream" => name).increment(1);
    }

    fn let_next_probe(&self) {
        if let State::HalfOpen { next } = &mut *self.lock() {
            *next = Instant::now();
        }
    }

    fn show(&self, state: f64) {
        let name = Arc::clone(&self.upstream);
        gauge!("prompt_guard_upstream_breaker_state", "upstream" => name).set(state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is one assignment: a panic cannot leave it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request that was let through. Dropped without a verdict it counts for nothing.
#[derive(Debug)]
pub(super) struct Permit {
    breaker: Arc<Breaker>,
    is_probe: bool,
    has_verdict: bool,
}

impl Permit {
    /// What came of the request.
    pub(super) fn judge(mut self, failed: bool) {
        self.has_verdict = true;
        self.breaker.judge(failed, self.is_probe);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.is_probe && !self.has_verdict {
            self.breaker.let_next_probe();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    const OPEN: Duration = Duration::from_secs(10);

    fn breaker(failures: u32, percent: u32) -> Arc<Breaker> {
        Arc::new(Breaker::new("u".into(), BreakerConfig { failures, percent, open: OPEN }))
    }

    fn run(breaker: &Arc<Breaker>, outcomes: &[bool]) {
        outcomes.iter().for_each(|failed| breaker.enter().unwrap().judge(*failed));
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it_for_a_time() {
        let breaker = breaker(3, 0);
        run(&breaker, &[true, true, false, true, true, true]);
        assert_eq!(breaker.enter().unwrap_err(), OPEN);
        advance(Duration::from_secs(4)).await;
        assert_eq!(breaker.enter().unwrap_err(), Duration::from_secs(6));
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_of_failures_opens_it() {
        let breaker = breaker(0, 50);
        run(&breaker, &[true; 10]);
        run(&breaker, &[false; 9]);
        run(&breaker, &[false]);
        assert!(breaker.enter().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_failures_among_many_do_not() {
        let breaker = breaker(3, 50);
        for _ in 0..50 {
            run(&breaker, &[true, false, false]);
        }
        assert!(breaker.enter().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_decides() {
        let breaker = breaker(1, 0);
        for probe_fails in [true, false] {
            run(&breaker, &[true]);
            advance(OPEN).await;
            let probe = breaker.enter().unwrap();
            assert!(breaker.enter().is_err(), "only one at a time");
            probe.judge(probe_fails);
            assert_eq!(breaker.enter().is_err(), probe_fails);
            if probe_fails {
                advance(OPEN).await;
                run(&breaker, &[false]);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_without_a_verdict_leaves_its_place() {
        let breaker = breaker(1, 0);
        run(&breaker, &[true]);
        advance(OPEN).await;
        drop(breaker.enter().unwrap());
        let slow = breaker.enter().unwrap();
        assert!(breaker.enter().is_err());
        advance(OPEN).await;
        breaker.enter().unwrap().judge(false);
        drop(slow);
        assert!(breaker.enter().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_failure_of_before_does_not_prolong_it() {
        let breaker = breaker(1, 0);
        let late = breaker.enter().unwrap();
        run(&breaker, &[true]);
        advance(Duration::from_secs(9)).await;
        late.judge(true);
        assert_eq!(breaker.enter().unwrap_err(), Duration::from_secs(1));
    }
}
