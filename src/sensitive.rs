//! A wrapper for values that may hold personal data or secrets.
//!
//! Knows nothing of what it holds. Its whole purpose is that such a value cannot slip into a log, a trace
//! or an error message by a `{:?}`, and does not stay in memory after use.

use std::fmt;
use zeroize::Zeroize;

/// A value that may hold personal data.
///
/// `Debug` tells the type alone, there is no `Display`, and the memory is wiped on drop.
/// Whoever needs the value says so with [`expose`](Sensitive::expose), which is easy to find in a review.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sensitive<T: Zeroize = String>(T);

impl<T: Zeroize> Sensitive<T> {
    /// Takes a value under protection.
    pub fn new(value: impl Into<T>) -> Self {
        Self(value.into())
    }

    /// The value itself.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(…)")
    }
}

impl<T: Zeroize> Drop for Sensitive<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_value() {
        let value: Sensitive = Sensitive::new("ann@example.org");
        assert_eq!(format!("{value:?}"), "Sensitive(…)");
    }
}
