//! When a request may be sent again, and how long to wait before it.

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

/// How often and when a request is sent again to the upstream that did not take it.
///
/// Only what the upstream has not worked on is sent again: a request that it refused with one of `statuses`, or one
/// for which no connection came about. The SDKs of the providers do the same, so the default is to leave it to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    /// Further attempts for one request. At most 10. Default 0.
    pub attempts: u32,
    /// Statuses by which an upstream says that it did not work on a request. Default 429, 503 and Anthropic's 529.
    pub statuses: Vec<u16>,
    /// The longest wait before an attempt. An upstream that asks for a longer one gets no other attempt. Default 5 s.
    pub max_wait: Duration,
    /// Attempts beside the first ones, as a percentage of these, so that retries cannot multiply the load on an
    /// upstream that is in trouble already. A reserve of ten is there from the start. Default 20.
    pub budget_percent: u32,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            attempts: 0,
            statuses: vec![429, 503, 529],
            max_wait: Duration::from_secs(5),
            budget_percent: 20,
        }
    }
}

/// The wait before the second attempt; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);

impl RetryConfig {
    /// How long to wait before attempt number `done + 1`, if it may come at all: `asked` is what the upstream asks for.
    pub(super) fn wait(&self, done: u32, asked: Option<Duration>) -> Option<Duration> {
        match asked {
            Some(asked) if asked > self.max_wait => None,
            // A little later than asked for: others were told the same moment.
            Some(asked) => Some(asked + FIRST_WAIT.mul_f64(chance() / 2.0)),
            None => {
                let full = FIRST_WAIT.saturating_mul(1 << done.saturating_sub(1).min(16));
                Some(full.min(self.max_wait).mul_f64(0.5 + chance() / 2.0))
            }
        }
    }
}

/// From 0 to 1, not the same for two replicas. Nothing secret hangs on it.
fn chance() -> f64 {
    // Without randomness waits are the longest ones.
    getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX))
}

/// When the upstream asks to be asked again: `retry-after-ms`, or `retry-after` in seconds or as a date.
pub(super) fn asked_for(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim().to_owned());
    if let Some(ms) = text("retry-after-ms").and_then(|ms| ms.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(ms / 1000.0).ok();
    }
    let text = text(RETRY_AFTER.as_str())?;
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => {
            let date = httpdate::parse_http_date(&text).ok()?;
            Some(date.duration_since(now).unwrap_or_default())
        }
    }
}

/// True if an answer says itself that it will not be another one next time.
pub(super) fn is_final(headers: &HeaderMap) -> bool {
    headers.get("x-should-retry").is_some_and(|value| value == "false")
}

/// Statuses by which a gateway or an upstream says that the upstream is in trouble, whoever asks for whatever. A 500
/// is not among them: it may be the request's own fault.
pub(super) fn is_trouble(status: StatusCode) -> bool {
    matches!(status.as_u16(), 502 | 503 | 504 | 529)
}

/// The attempts beside the first ones that are left, in thousandths.
#[derive(Debug)]
pub(super) struct Budget {
    left: AtomicU32,
    deposit: u32,
}

const ONE: u32 = 1000;
const RESERVE: u32 = 10 * ONE;

impl Budget {
    pub(super) fn new(percent: u32) -> Self {
        Self { left: AtomicU32::new(RESERVE), deposit: percent.saturating_mul(ONE / 100) }
    }

    /// A first attempt was made.
    pub(super) fn deposit(&self) {
        let more = |left: u32| Some(left.saturating_add(self.deposit).min(RESERVE));
        // Never fails, since there is always more.
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// Takes what another attempt costs, if it is there.
    pub(super) fn take(&self) -> bool {
        let less = |left: u32| left.checked_sub(ONE);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    #[track_caller]
    fn check_asked(name: &'static str, value: &str, expected: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value).unwrap());
        let now = httpdate::parse_http_date("Tue, 24 Nov 2026 12:00:00 GMT").unwrap();
        assert_eq!(asked_for(&headers, now), expected.map(Duration::from_millis), "{value}");
    }

    #[test]
    fn waits_are_asked_for_in_three_ways() {
        check_asked("retry-after", "2", Some(2000));
        check_asked("retry-after", "0.5", Some(500));
        check_asked("retry-after", "Tue, 24 Nov 2026 12:00:07 GMT", Some(7000));
        check_asked("retry-after", "Tue, 24 Nov 2026 11:00:00 GMT", Some(0));
        check_asked("retry-after-ms", "1500", Some(1500));
        for nonsense in ["", "soon", "-1", "NaN", "inf", "1e300"] {
            check_asked("retry-after", nonsense, None);
        }
    }

    #[test]
    fn waits_double_up_to_the_limit_and_vary_by_half() {
        let config = RetryConfig { max_wait: Duration::from_secs(3), ..RetryConfig::default() };
        for (done, full_ms) in [(1, 250), (2, 500), (3, 1000), (5, 3000), (u32::MAX, 3000)] {
            let wait = config.wait(done, None).unwrap();
            let full = Duration::from_millis(full_ms);
            assert!(wait >= full / 2 && wait <= full, "{done}: {wait:?}");
        }
    }

    #[test]
    fn what_the_upstream_asks_for_is_kept_or_not_waited_for() {
        let config = RetryConfig::default();
        let asked = Duration::from_secs(2);
        assert!(config.wait(1, Some(asked)).unwrap() >= asked);
        assert_eq!(config.wait(1, Some(Duration::from_secs(6))), None);
    }

    #[test]
    fn a_budget_runs_out_and_fills_with_first_attempts() {
        let budget = Budget::new(20);
        assert_eq!((0..20).filter(|_| budget.take()).count(), 10);
        (0..5).for_each(|_| budget.deposit());
        assert!(budget.take() && !budget.take());
        (0..1000).for_each(|_| budget.deposit());
        assert_eq!(
            (0..20).filter(|_| budget.take()).count(),
            10,
            "it holds no more than the reserve"
        );
    }
}
