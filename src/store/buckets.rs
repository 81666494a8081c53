//! Rate limits that are counted in this process.

use super::{
    Decision, Key, Limit,
    gcra::{backlog_us, decide},
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::time::Instant;

/// Shards, so that callers on several cores seldom wait for each other.
const SHARDS: usize = 16;

/// Most buckets of a shard; 16 times this are about 20 MB. Callers choose their own names in some settings, so
/// their number must not be the limit of our memory.
const MOST_IN_SHARD: usize = 16 * 1024;

/// Buckets by key. A full bucket is the same as none, and is dropped.
#[derive(Debug)]
pub struct Buckets {
    origin: Instant,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    /// When the backlog of each bucket ends, in microseconds since the origin.
    ends: HashMap<Key, u64>,
    /// At which size to look for full buckets again.
    sweep_at: usize,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { origin: Instant::now(), shards: Default::default() }
    }
}

impl Buckets {
    /// Takes `cost` calls of every limit, or of none. A cost of 0 only looks.
    pub fn take(&self, limits: &[Limit], cost: u32) -> Decision {
        self.take_at(self.now_us(), limits, cost)
    }

    pub(super) fn take_at(&self, now: u64, limits: &[Limit], cost: u32) -> Decision {
        let mut shards = self.lock(limits);
        let mut backlogs: Vec<u64> = limits
            .iter()
            .map(|limit| backlog_us(shards.of(&limit.key).end(&limit.key), now, &limit.rate))
            .collect();
        let mut both = limits.iter().zip(&backlogs);
        let allowed = both.all(|(limit, &backlog)| limit.rate.wait_us(backlog, cost) == 0);
        if allowed && cost > 0 {
            for (limit, backlog) in limits.iter().zip(&mut backlogs) {
                *backlog += limit.rate.cost_us(cost);
                shards.of(&limit.key).set(limit.key, now + *backlog, now);
            }
        }
        decide(allowed, limits, &backlogs, cost)
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX / 2)
    }

    /// Locks the shards of all limits, always in the order of the shards, so that two calls never wait for each
    /// other in a ring.
    fn lock(&self, limits: &[Limit]) -> Locked<'_> {
        let mut locked = Locked([const { None }; SHARDS]);
        let wanted = limits.iter().fold(0_u16, |mask, limit| mask | 1 << shard_of(&limit.key));
        for (index, shard) in self.shards.iter().enumerate() {
            if wanted & (1 << index) != 0 {
                // A panic cannot leave a shard half changed: each change is one insertion.
                locked.0[index] = Some(shard.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
        locked
    }
}

fn shard_of(key: &Key) -> usize {
    usize::from(key.hash()[0]) % SHARDS
}

struct Locked<'a>([Option<MutexGuard<'a, Shard>>; SHARDS]);

impl Locked<'_> {
    fn of(&mut self, key: &Key) -> &mut Shard {
        self.0[shard_of(key)].as_mut().expect("`lock` took the shard of every limit")
    }
}

impl Shard {
    fn end(&self, key: &Key) -> u64 {
        self.ends.get(key).copied().unwrap_or_default()
    }

    fn set(&mut self, key: Key, end: u64, now: u64) {
        if self.ends.len() >= self.sweep_at {
            self.sweep(now);
        }
        self.ends.insert(key, end);
    }

    /// Drops full buckets and, if too many are left, the half that would be full first: their callers lose the
    /// least. The next sweep comes when the shard has doubled, so its cost is shared by as many calls.
    fn sweep(&mut self, now: u64) {
        self.ends.retain(|_, end| *end > now);
        if self.ends.len() >= MOST_IN_SHARD {
            let mut ends: Vec<u64> = self.ends.values().copied().collect();
            let middle = ends.len() / 2;
            let median = *ends.select_nth_unstable(middle).1;
            self.ends.retain(|_, end| *end > median);
            self.ends.shrink_to(MOST_IN_SHARD);
        }
        self.sweep_at = (self.ends.len() * 2).clamp(256, MOST_IN_SHARD);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Namer, Rate, Secret, Space};
    use super::*;
    use std::time::Duration;

    fn limit(name: &str, calls: u32, seconds: u64, capacity: u32) -> Limit {
        let key = Namer::new(&Secret::new([1; 32])).key(Space::Limit, &[name.as_bytes()]);
        Limit { key, rate: Rate { calls, window: Duration::from_secs(seconds), capacity } }
    }

    #[tokio::test(start_paused = true)]
    async fn full_bucket_lets_its_capacity_through_and_then_one_per_interval() {
        let buckets = Buckets::default();
        let limits = [limit("ann", 60, 60, 3)];
        for remaining in [2, 1, 0] {
            let decision = buckets.take(&limits, 1);
            assert_eq!(
                (decision.allowed, decision.remaining, decision.limit),
                (true, remaining, 60)
            );
        }
        let refused = buckets.take(&limits, 1);
        assert!(!refused.allowed);
        assert_eq!(refused.retry_after, Duration::from_secs(1));
        assert_eq!(refused.reset, Duration::from_secs(3));

        tokio::time::advance(Duration::from_millis(999)).await;
        assert!(!buckets.take(&limits, 1).allowed);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(buckets.take(&limits, 1).allowed);
        assert!(!buckets.take(&limits, 1).allowed);
    }

    #[tokio::test(start_paused = true)]
    async fn refusal_by_one_limit_charges_none() {
        let buckets = Buckets::default();
        let (wide, narrow) = (limit("hour", 100, 3600, 100), limit("minute", 1, 60, 1));
        assert!(buckets.take(&[wide, narrow], 1).allowed);
        let refused = buckets.take(&[wide, narrow], 1);
        assert_eq!((refused.allowed, refused.limit), (false, 1));
        assert_eq!(buckets.take(&[wide], 0).remaining, 99);
    }

    #[tokio::test(start_paused = true)]
    async fn looking_takes_nothing_and_tells_the_tightest() {
        let buckets = Buckets::default();
        let limits = [limit("hour", 100, 3600, 100), limit("minute", 5, 60, 5)];
        for _ in 0..3 {
            let look = buckets.take(&limits, 0);
            assert_eq!((look.allowed, look.limit, look.remaining), (true, 5, 5));
        }
        assert!(buckets.shards.iter().all(|shard| shard.lock().unwrap().ends.is_empty()));
    }

    #[test]
    fn cost_over_capacity_is_refused_and_no_limits_allow_everything() {
        let buckets = Buckets::default();
        assert!(!buckets.take(&[limit("ann", 5, 60, 5)], 6).allowed);
        assert!(buckets.take(&[limit("ann", 5, 60, 5)], 5).allowed);
        assert!(buckets.take(&[], 1).allowed);
    }

    #[test]
    fn number_of_buckets_is_bounded_and_the_emptiest_stay() {
        let mut shard = Shard::default();
        let namer = Namer::new(&Secret::new([1; 32]));
        let key = |n: u64| namer.key(Space::Limit, &[&n.to_le_bytes()]);
        for n in 0..100_000 {
            shard.set(key(n), 1_000 + n, 0);
        }
        assert!(shard.ends.len() <= MOST_IN_SHARD);
        assert_eq!(shard.end(&key(99_999)), 100_999);
        shard.sweep(u64::MAX);
        assert!(shard.ends.is_empty());
    }
}
