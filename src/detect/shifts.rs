//! The way from a changed text back to the one it was made from.

use super::rising::Rising;

/// Where the bytes of a changed text come from.
///
/// Between two steps both texts run side by side. What is left out counts to what stands before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shifts {
    /// From `.0` in the changed text on, the source is at `.1`, byte by byte, up to the next step.
    steps: Rising,
}

impl Shifts {
    /// Notes that from `changed` on the source goes on at `source`. Both rise from call to call.
    pub(crate) fn step(&mut self, changed: usize, source: usize) {
        self.steps.push((changed, source));
    }

    /// The place in the source that `changed` stands for.
    pub(crate) fn back(&self, changed: usize) -> usize {
        match self.steps.last_passed(|(at, _)| at <= changed) {
            Some((at, source)) => source + (changed - at),
            None => changed,
        }
    }

    /// Forgets all steps, but keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.steps.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_between_steps_run_side_by_side() {
        let mut shifts = Shifts::default();
        shifts.step(2, 5);
        shifts.step(4, 9);
        assert_eq!([0, 1, 2, 3, 4, 6].map(|at| shifts.back(at)), [0, 1, 5, 6, 9, 11]);
    }

    #[test]
    fn of_two_steps_at_one_place_the_later_counts() {
        let mut shifts = Shifts::default();
        shifts.step(2, 3);
        shifts.step(2, 4);
        assert_eq!(shifts.back(2), 4);
    }
}
