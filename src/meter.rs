//! Handles of metrics, asked for once: looking one up by its name and labels costs as much as ten uses of it.
//!
//! Knows no metric: each part of the service names its own.

use arc_swap::ArcSwap;
use rapidhash::fast::RapidHasher;
use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasherDefault, Hash},
    sync::Arc,
};

/// The most series that one metric may have, and so the most handles that are kept of one kind. The largest sets of words of
/// ours, of entity types and of surfaces by outcome, are far smaller; models by operation come near it only where callers and
/// providers use many names, which `stack::genai` limits.
pub(crate) const MAX_SERIES: usize = 1_000;

/// Handles by what they count, each asked for when it is first needed.
///
/// Reading takes no lock; a new one copies the map, which ends once all are known or there are [`MAX_SERIES`].
pub(crate) struct Known<K, V>(ArcSwap<Handles<K, V>>);

/// The hash has no secret: whoever chooses keys that collide makes a look-up compare [`MAX_SERIES`] of them, and no more.
type Handles<K, V> = HashMap<K, V, BuildHasherDefault<RapidHasher<'static>>>;

impl<K: Clone + Eq + Hash, V: Clone> Known<K, V> {
    /// The handle for what is counted; `make` asks for it the first time, and each time if there are too many to keep.
    pub(crate) fn of(&self, key: &K, make: impl Fn(&K) -> V) -> V {
        if let Some(handle) = self.0.load().get(key) {
            return handle.clone();
        }
        let made = make(key);
        if self.0.load().len() >= MAX_SERIES {
            return made;
        }
        self.0.rcu(|known| {
            // Looked at again: others may have added theirs meanwhile.
            if known.len() >= MAX_SERIES {
                return Arc::clone(known);
            }
            let mut known = Handles::clone(known);
            known.insert(key.clone(), made.clone());
            Arc::new(known)
        });
        made
    }
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self(ArcSwap::from_pointee(Handles::default()))
    }
}

impl<K, V> fmt::Debug for Known<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({})", self.0.load().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_handles_take_no_memory() {
        let known = Known::default();
        for n in 0..MAX_SERIES + 5 {
            assert_eq!(known.of(&n, |n| n + 1), n + 1);
        }
        assert_eq!(known.0.load().len(), MAX_SERIES);
    }
}
