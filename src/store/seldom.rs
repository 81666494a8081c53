//! Keeps a fault that comes with every call from filling the log.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};
use tokio::time::Instant;

/// Says yes once in a while, and then how often it said no since.
#[derive(Debug)]
pub struct Seldom {
    origin: Instant,
    pause_ms: u64,
    /// When to say yes again, in milliseconds since the origin.
    next_ms: AtomicU64,
    passed_over: AtomicU64,
}

impl Seldom {
    /// Says yes at most once in `pause`.
    pub fn new(pause: Duration) -> Self {
        Self {
            origin: Instant::now(),
            pause_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX / 2),
            next_ms: AtomicU64::new(0),
            passed_over: AtomicU64::new(0),
        }
    }

    /// `Some(n)` if it is time: `n` questions were answered no since the last time.
    pub fn now(&self) -> Option<u64> {
        let now = u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX / 2);
        let next = self.next_ms.load(Relaxed);
        let mine = now >= next
            && self.next_ms.compare_exchange(next, now + self.pause_ms, Relaxed, Relaxed).is_ok();
        if mine {
            return Some(self.passed_over.swap(0, Relaxed));
        }
        self.passed_over.fetch_add(1, Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn says_yes_once_in_a_pause_and_counts_the_rest() {
        let seldom = Seldom::new(Duration::from_secs(10));
        assert_eq!([seldom.now(), seldom.now(), seldom.now()], [Some(0), None, None]);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!([seldom.now(), seldom.now()], [Some(2), None]);
    }
}
