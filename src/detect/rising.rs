//! Long lists of places in a few bytes each.

/// Every so many pairs one is kept whole, so that a search reads few of the others.
const STRIDE: usize = 64;

/// Pairs of numbers of which neither falls from one pair to the next.
///
/// A text that is meant to be costly has such a pair for every two of its bytes. Kept as differences, most take two bytes in place
/// of sixteen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rising {
    wholes: Vec<Whole>,
    /// What each pair adds to the one before, without those that are whole: two numbers in the form of [`append`].
    differences: Vec<u8>,
    last: (usize, usize),
    len: usize,
}

/// A pair that is kept whole.
#[derive(Clone, Copy, Debug)]
struct Whole {
    pair: (usize, usize),
    /// Where the differences of those behind it begin.
    behind: usize,
}

impl Rising {
    /// Adds a pair. Numbers that fall are taken for the highest so far.
    pub(crate) fn push(&mut self, pair: (usize, usize)) {
        let pair = (pair.0.max(self.last.0), pair.1.max(self.last.1));
        if self.len.is_multiple_of(STRIDE) {
            self.wholes.push(Whole { pair, behind: self.differences.len() });
        } else {
            append(&mut self.differences, pair.0 - self.last.0);
            append(&mut self.differences, pair.1 - self.last.1);
        }
        self.last = pair;
        self.len += 1;
    }

    /// Forgets all pairs, but keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.wholes.clear();
        self.differences.clear();
        (self.last, self.len) = ((0, 0), 0);
    }

    /// The pairs from the first on that `is_passed` is false for; it is true for those before that one and for no others.
    pub(crate) fn behind(
        &self,
        is_passed: impl Fn((usize, usize)) -> bool,
    ) -> impl Iterator<Item = (usize, usize)> {
        let whole = self.wholes.partition_point(|whole| is_passed(whole.pair)).saturating_sub(1);
        self.from(whole).skip_while(move |pair| is_passed(*pair))
    }

    /// The last pair that `is_passed` is true for, under the same terms.
    pub(crate) fn last_passed(
        &self,
        is_passed: impl Fn((usize, usize)) -> bool,
    ) -> Option<(usize, usize)> {
        let whole = self.wholes.partition_point(|whole| is_passed(whole.pair)).checked_sub(1)?;
        self.from(whole).take(STRIDE).take_while(|pair| is_passed(*pair)).last()
    }

    /// All pairs from that whole one on.
    fn from(&self, whole: usize) -> impl Iterator<Item = (usize, usize)> {
        let first = self.wholes.get(whole);
        let mut at = first.map_or(0, |first| first.behind);
        let mut pair = first.map(|first| first.pair);
        let mut nth = whole * STRIDE;
        std::iter::from_fn(move || {
            let current = pair?;
            nth += 1;
            pair = if nth >= self.len {
                None
            } else if nth.is_multiple_of(STRIDE) {
                self.wholes.get(nth / STRIDE).map(|whole| whole.pair)
            } else {
                Some((
                    current.0 + read(&self.differences, &mut at),
                    current.1 + read(&self.differences, &mut at),
                ))
            };
            Some(current)
        })
    }
}

/// Appends seven bits a byte, the low ones first; all bytes but the last have the high bit set.
fn append(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// The number at `at`, which moves behind it.
fn read(bytes: &[u8], at: &mut usize) -> usize {
    let mut number = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = bytes.get(*at).copied().unwrap_or_default();
        *at += 1;
        number |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pairs_are_what_they_were(
            steps in proptest::collection::vec((0_usize..400, prop_oneof![0_usize..3, 0_usize..1 << 40]), 0..400),
            at in 0_usize..80_000,
        ) {
            let mut list = Rising::default();
            let mut pairs = Vec::new();
            for (a, b) in steps {
                let (x, y) = pairs.last().copied().unwrap_or_default();
                pairs.push((x + a, y + b));
                list.push((x + a, y + b));
            }
            let passed = |pair: (usize, usize)| pair.0 <= at;
            let place = pairs.partition_point(|pair| passed(*pair));
            prop_assert_eq!(list.behind(passed).collect::<Vec<_>>(), &pairs[place..]);
            prop_assert_eq!(list.last_passed(passed), place.checked_sub(1).map(|last| pairs[last]));
            prop_assert_eq!(list.behind(|_| false).collect::<Vec<_>>(), &pairs[..]);
            list.clear();
            prop_assert_eq!(list.behind(|_| false).next(), None);
        }
    }

    #[test]
    fn a_pair_takes_about_two_bytes() {
        let mut list = Rising::default();
        for nth in 0..64_000 {
            list.push((2 * nth, 6 * nth));
        }
        assert!(list.differences.len() <= 2 * 64_000 && list.wholes.len() <= 1_000);
    }
}
