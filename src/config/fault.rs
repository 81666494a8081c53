//! What is wrong with a configuration.

use std::fmt;

/// One thing that is wrong: where, what, and what to do. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    place: String,
    problem: String,
    remedy: String,
}

impl Fault {
    /// Says what is wrong. The three read as one sentence: `place problem; remedy`.
    pub fn new(
        place: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { place: place.into(), problem: problem.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; {}", self.place, self.problem, self.remedy)
    }
}
