//! How a recognizer is written down: a table of patterns, each with an optional check.
//!
//! A family is one file in [`recognizer`](super::recognizer) with a `static` [`Recognizer`]; nothing else has to know it
//! but the list in `recognizer/mod.rs`. Rules for patterns:
//!
//! * **Bounded.** No `*`, `+` or `{n,}`: the engine looks again one character after every match, so an unbounded
//!   pattern would cost quadratic time. What is longer (a URL) is matched by its beginning and extended by its check.
//! * **ASCII classes** (`[0-9]`, not `\d`; `(?-u:\b)`, not `\b`): Unicode classes make the automaton many times larger,
//!   and the Unicode word boundary is not available in it. Look-alikes are folded to ASCII before the engine runs.
//! * **Anchored on the left** where possible, by `(?-u:\b)` or a literal, so that long runs start one attempt, not hundreds.
//! * A pattern reports its *longest* match; the check may shorten, extend (within bounds of its own) or refuse it.

use super::{EntityType, seen::Seen};

/// One family: its name, what it is for, and its patterns.
#[derive(Debug)]
pub(crate) struct Recognizer {
    /// In `snake_case`; findings carry it.
    pub(crate) name: &'static str,
    /// One line for people.
    pub(crate) description: &'static str,
    pub(crate) patterns: &'static [Pattern],
}

/// One written form of one entity type.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) entity_type: EntityType,
    /// See the module's rules.
    pub(crate) regex: &'static str,
    /// Score of a match that passes the check, with nothing around it to confirm it.
    pub(crate) score: f32,
    /// Words that confirm it.
    pub(crate) context: Context,
    pub(crate) check: Check,
    /// The check never gives more than the pattern's score: a match that does not reach the wanted score by that need not be
    /// checked where none of the words stands near.
    pub(crate) is_weak: bool,
}

/// Words that, near a match or in its label, raise its score.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// In lower case; words separated by single spaces; `account_no`, `accountNo` and `ACCOUNT-NO` in a text all read
    /// `account no`. Letters and digits only.
    pub(crate) words: &'static [&'static str],
    /// The score when one of them is near. The nearer, the better: up to 0.05 are taken off with the distance.
    pub(crate) score: f32,
    /// A word tells of one date only, the nearest.
    pub(crate) is_of_one_date: bool,
}

/// Looks at a match. `None` refuses it.
pub(crate) type Check = fn(&Seen<'_>) -> Option<Accepted>;

/// What a check makes of a match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Accepted {
    /// The span to report, in bytes of the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Replaces the pattern's own score.
    pub(crate) score: Option<f32>,
    /// The span to report instead when context words raise the score: with a word for it a longer form may count.
    pub(crate) confirmed: Option<(usize, usize)>,
}

impl Accepted {
    /// Replaces the pattern's score.
    pub(crate) fn with_score(self, score: f32) -> Self {
        Self { score: Some(score), ..self }
    }
}

impl Pattern {
    /// A pattern without context words whose every match counts.
    pub(crate) const fn new(entity_type: EntityType, score: f32, regex: &'static str) -> Self {
        let context = Context { words: &[], score: 0.0, is_of_one_date: false };
        Self { entity_type, regex, score, context, check: accept, is_weak: false }
    }

    /// Adds a check.
    pub(crate) const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    /// Promises that no check gives it more than its own score, nor a span that reaches out of the match: so it need not be checked
    /// where no word for it is near.
    pub(crate) const fn weak(mut self) -> Self {
        self.is_weak = true;
        self
    }

    /// Adds words that raise the score to `score`.
    pub(crate) const fn context(mut self, score: f32, words: &'static [&'static str]) -> Self {
        self.context = Context { words, score, is_of_one_date: false };
        self
    }

    /// Lets each of the words count for the date that is nearest to it only: `born 3 April 1960, admitted 5 May 2020`.
    pub(crate) const fn of_one_date(mut self) -> Self {
        self.context.is_of_one_date = true;
        self
    }
}

/// The check of patterns that have none.
fn accept(seen: &Seen<'_>) -> Option<Accepted> {
    seen.accept()
}
