//! A possible finding, before the selection and the overlap rule had their say.

use super::{EntityType, Finding, Score};
use std::borrow::Cow;

/// What a recognizer proposes. Offsets are bytes of the text that was given to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) entity_type: EntityType,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) score: Score,
    pub(crate) recognizer: Cow<'static, str>,
    /// Found by a model: likely, but nobody has checked its form.
    pub(crate) of_model: bool,
}

impl Candidate {
    /// What a model has found.
    pub(crate) fn of_model(finding: Finding) -> Self {
        Self {
            entity_type: finding.entity_type,
            start: finding.span.start(),
            end: finding.span.end(),
            score: finding.score,
            recognizer: finding.recognizer,
            of_model: true,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }
}
