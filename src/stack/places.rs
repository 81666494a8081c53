//! Places for upstream requests, of which no caller gets all: one whose answers take long would keep all others out.
//!
//! The more places are taken, the fewer one caller may hold. So nothing is kept back from a caller who is alone but the last
//! eighth, and of several who want all there is, each gets about the same.

use crate::call::CallerId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// For each place that is free, a caller may hold so many.
const FOR_EACH_FREE: usize = 7;

/// All there are. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Places {
    all: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    by_all: usize,
    /// No caller who has none.
    by: HashMap<CallerId, usize>,
}

impl Places {
    pub(super) fn new(all: usize) -> Self {
        Self { all, taken: Arc::default() }
    }

    pub(super) fn all(&self) -> usize {
        self.all
    }

    pub(super) fn taken(&self) -> usize {
        lock(&self.taken).by_all
    }

    /// A place for a request of this caller; `None` if none is free, or if others need those that are.
    pub(super) fn take(&self, caller: &CallerId) -> Option<Place> {
        let mut taken = lock(&self.taken);
        let free = self.all.saturating_sub(taken.by_all);
        let held = taken.by.get(caller).copied().unwrap_or(0);
        if held >= free.saturating_mul(FOR_EACH_FREE) {
            return None;
        }
        taken.by_all += 1;
        taken.by.insert(caller.clone(), held + 1);
        Some(Place { taken: Arc::clone(&self.taken), caller: caller.clone() })
    }
}

/// One of them. It is given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    taken: Arc<Mutex<Taken>>,
    caller: CallerId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.by_all -= 1;
        if let Some(held) = taken.by.get_mut(&self.caller) {
            *held -= 1;
            if *held == 0 {
                taken.by.remove(&self.caller);
            }
        }
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    // Nothing panics while it is locked.
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many places as this caller gets by now.
    fn take_all(places: &Places, caller: &str) -> Vec<Place> {
        let caller = CallerId::new(caller);
        std::iter::from_fn(|| places.take(&caller)).collect()
    }

    #[test]
    fn a_caller_who_is_alone_gets_all_but_the_last_eighth() {
        for (all, expected) in [(0, 0), (1, 1), (4, 4), (8, 7), (64, 56), (1024, 896)] {
            assert_eq!(take_all(&Places::new(all), "ann").len(), expected, "of {all}");
        }
    }

    #[test]
    fn who_comes_late_gets_places_and_those_who_want_all_get_about_the_same() {
        let places = Places::new(64);
        let mut anns = take_all(&places, "ann");
        let mut bobs = take_all(&places, "bob");
        assert_eq!((anns.len(), bobs.len()), (56, 7));
        // Answers end, and both ask for more.
        for _ in 0..64 {
            anns.pop();
            anns.extend(take_all(&places, "ann"));
            bobs.extend(take_all(&places, "bob"));
        }
        assert_eq!((anns.len(), bobs.len()), (32, 28), "ann asks first");
        assert_eq!(take_all(&places, "cy").len(), 4);
    }

    #[test]
    fn what_is_given_back_is_free_again_and_nobody_is_remembered() {
        let places = Places::new(8);
        drop(take_all(&places, "ann"));
        assert_eq!(places.taken(), 0);
        assert!(lock(&places.taken).by.is_empty());
        assert_eq!(take_all(&places, "bob").len(), 7);
    }
}
