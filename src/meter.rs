//! Handles of metrics, asked for once: looking one up by its name and labels costs as much as ten uses of it.
//!
//! Knows no metric: each part of the service names its own.

use arc_swap::ArcSwap;
use std::{collections::HashMap, fmt, hash::Hash};

/// Handles by what they count, each asked for when it is first needed.
///
/// Reading takes no lock; a new one copies the map, which ends once all are known.
pub(crate) struct Known<K, V>(ArcSwap<HashMap<K, V>>);

impl<K: Clone + Eq + Hash, V: Clone> Known<K, V> {
    /// The handle for what is counted; `make` asks for it the first time.
    pub(crate) fn of(&self, key: &K, make: impl Fn(&K) -> V) -> V {
        if let Some(handle) = self.0.load().get(key) {
            return handle.clone();
        }
        let made = make(key);
        self.0.rcu(|known| {
            let mut known = HashMap::clone(known);
            known.insert(key.clone(), made.clone());
            known
        });
        made
    }
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self(ArcSwap::from_pointee(HashMap::new()))
    }
}

impl<K, V> fmt::Debug for Known<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({})", self.0.load().len())
    }
}
