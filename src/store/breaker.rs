//! Spares callers the wait for a store that is down.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};
use tokio::time::Instant;

/// Closed while the store answers. After a failure it is open for a pause, in which nobody asks; then one caller
/// asks, and the others go without until that one has its answer.
///
/// ## Closed => Open
/// On a failure. All calls fail at once until the pause is over.
/// ## Open => Open
/// The first call after the pause begins another one and asks. If it fails or is dropped, that pause stands.
/// ## Open => Closed
/// On a success.
#[derive(Debug)]
pub(super) struct Breaker {
    origin: Instant,
    pause: Duration,
    /// When the pause ends, in microseconds since the origin; `CLOSED` if there is none.
    open_until: AtomicU64,
}

const CLOSED: u64 = 0;

impl Breaker {
    pub(super) fn new(pause: Duration) -> Self {
        Self { origin: Instant::now(), pause, open_until: AtomicU64::new(CLOSED) }
    }

    /// May this call ask the store?
    pub(super) fn admits(&self) -> bool {
        let open_until = self.open_until.load(Relaxed);
        if open_until == CLOSED {
            return true;
        }
        let now = self.now_us();
        now >= open_until
            && self
                .open_until
                .compare_exchange(open_until, self.pause_from(now), Relaxed, Relaxed)
                .is_ok()
    }

    /// Notes an answer; true if the breaker was open.
    pub(super) fn succeeded(&self) -> bool {
        // A load first: the line stays shared between cores while all is well.
        self.open_until.load(Relaxed) != CLOSED && self.open_until.swap(CLOSED, Relaxed) != CLOSED
    }

    /// Notes a failure.
    pub(super) fn failed(&self) {
        self.open_until.store(self.pause_from(self.now_us()), Relaxed);
    }

    #[cfg(test)]
    pub(super) fn is_closed(&self) -> bool {
        self.open_until.load(Relaxed) == CLOSED
    }

    fn pause_from(&self, now: u64) -> u64 {
        (now + u64::try_from(self.pause.as_micros()).unwrap_or(u64::MAX / 2)).max(CLOSED + 1)
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_one_call_asks_per_pause_until_one_succeeds() {
        let pause = Duration::from_secs(1);
        let breaker = Breaker::new(pause);
        assert!(breaker.admits() && breaker.admits() && breaker.is_closed());
        breaker.failed();
        assert!(!breaker.admits());
        tokio::time::advance(pause).await;
        assert!(breaker.admits(), "one asks");
        assert!(!breaker.admits(), "the others do not");
        tokio::time::advance(pause).await;
        assert!(breaker.admits(), "the one before never answered");
        assert!(breaker.succeeded());
        assert!(!breaker.succeeded());
        assert!(breaker.admits() && breaker.admits());
    }
}
