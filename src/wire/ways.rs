//! Bounds how much of the ways to the strings of one event is read.

use crate::json::Step;

/// The limit where only what is below a delta counts, in bytes.
pub(super) const OF_A_DELTA: usize = 1 << 20;

/// How much the ways to the strings of one event have taken, up to a limit in bytes. A small event can have a long way and
/// repeat it for each of its strings, so that their product is far more than the event.
#[derive(Default)]
pub(super) struct Ways<const LIMIT: usize>(usize);

impl<const LIMIT: usize> Ways<LIMIT> {
    /// Counts one more way, of which so many bytes are kept or read for each step beside its name. True if it may be read.
    pub(super) fn takes(&mut self, way: &[Step<'_>], step_bytes: usize) -> bool {
        if !self.is_too_much() {
            let names = way.iter().map(|step| match step {
                Step::Key(name) => name.len(),
                Step::Index(_) => 0,
            });
            self.0 += step_bytes * way.len() + names.sum::<usize>();
        }
        !self.is_too_much()
    }

    /// True if not all were read.
    pub(super) fn is_too_much(&self) -> bool {
        self.0 > LIMIT
    }
}
