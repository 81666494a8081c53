//! Where the characters of a text go when originals are put back into it.

use std::ops::Range;

/// The most replacements that are told apart. Of more, neighbours are taken for one: a place between them counts as inside of
/// it. So a text without end takes a bounded amount of memory.
const MOST_REPLACED: usize = 1 << 14;

/// Tells for places of a text with stand-ins where they are in the restored text. Both count in Unicode scalars.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Length of the text so far, before and after.
    before: u64,
    after: u64,
    replaced: Vec<Replaced>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Replaced {
    before: Range<u64>,
    after: Range<u64>,
}

impl Moves {
    /// True if nothing was replaced: every place is where it was.
    pub fn is_empty(&self) -> bool {
        self.replaced.is_empty()
    }

    /// Where a piece that starts at `at` starts now. Inside of a stand-in that is the start of the original.
    pub fn start(&self, at: u64) -> u64 {
        self.place(at, |replaced| replaced.after.start)
    }

    /// Where a piece that ends at `at` ends now. Inside of a stand-in that is the end of the original.
    pub fn end(&self, at: u64) -> u64 {
        self.place(at, |replaced| match at == replaced.before.start {
            true => replaced.after.start,
            false => replaced.after.end,
        })
    }

    fn place(&self, at: u64, inside: impl Fn(&Replaced) -> u64) -> u64 {
        let n_before = self.replaced.partition_point(|replaced| replaced.before.start <= at);
        match n_before.checked_sub(1).and_then(|last| self.replaced.get(last)) {
            None => at,
            Some(replaced) if at < replaced.before.end => inside(replaced),
            Some(replaced) => at - replaced.before.end + replaced.after.end,
        }
    }

    /// The moves from one text to another of which no more is known than both: what differs counts as one replacement.
    pub fn between(old: &str, new: &str) -> Self {
        let mut moves = Self::default();
        if old != new {
            let before = common(old.chars(), new.chars());
            let after = common(old[before..].chars().rev(), new[before..].chars().rev());
            moves.keep(&old[..before]);
            moves.replace(&old[before..old.len() - after], &new[before..new.len() - after]);
            moves.keep(&old[old.len() - after..]);
        }
        moves
    }

    /// This piece stays as it is.
    pub fn keep(&mut self, text: &str) {
        let length = n_chars(text);
        self.before += length;
        self.after += length;
    }

    /// This stand-in was replaced by that text.
    pub fn replace(&mut self, stand_in: &str, by: &str) {
        let before = self.before..self.before + n_chars(stand_in);
        let after = self.after..self.after + n_chars(by);
        (self.before, self.after) = (before.end, after.end);
        self.replaced.push(Replaced { before, after });
        if self.replaced.len() > MOST_REPLACED {
            self.join_neighbours();
        }
    }

    fn join_neighbours(&mut self) {
        let joined = self.replaced.chunks(2).map(|pair| match pair {
            [one, other] => Replaced {
                before: one.before.start..other.before.end,
                after: one.after.start..other.after.end,
            },
            rest => rest[0].clone(),
        });
        self.replaced = joined.collect();
    }
}

/// How many bytes both begin with.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

fn n_chars(text: &str) -> u64 {
    text.chars().count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_replacements_places_are_wide_but_right() {
        let mut moves = Moves::default();
        for _ in 0..4 * MOST_REPLACED {
            moves.keep(" ");
            moves.replace("[A_1]", "annabelle");
        }
        assert!(moves.replaced.len() <= MOST_REPLACED);
        for number in (0..4 * MOST_REPLACED as u64).step_by(997) {
            let (before, after) = (number * 6 + 1, number * 10 + 1);
            assert!(moves.start(before) <= after && moves.end(before + 5) >= after + 9, "{number}");
        }
    }

    #[test]
    fn two_texts_tell_the_moves_between_them() {
        let moves = Moves::between("ask bob@example.com now", "ask [EMAIL_REDACTED] now");
        assert_eq!((moves.start(4), moves.end(19), moves.start(20)), (4, 20, 21));
        assert!(Moves::between("é", "é").is_empty());
    }

    #[test]
    fn places_move_with_what_stands_before_them() {
        let mut moves = Moves::default();
        assert_eq!((moves.start(3), moves.end(3)), (3, 3));
        for (kept, stand_in, original) in [("é ", "[A_1]", "annabelle"), (" ", "[B_1]", "b")] {
            moves.keep(kept);
            moves.replace(stand_in, original);
        }
        moves.keep(" end");
        // "é [A_1] [B_1] end" has become "é annabelle b end".
        for (at, start, end) in [
            (0, 0, 0),
            (2, 2, 2),
            (4, 2, 11),
            (7, 11, 11),
            (8, 12, 12),
            (10, 12, 13),
            (13, 13, 13),
            (17, 17, 17),
            (99, 99, 99),
        ] {
            assert_eq!((moves.start(at), moves.end(at)), (start, end), "{at}");
        }
    }
}
