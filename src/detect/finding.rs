//! What a recognizer reports.

use super::{EntityType, Span, names};
use std::borrow::Cow;

/// How sure a recognizer is, from 0.0 (a guess) to 1.0 (certain).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(f32);

impl Score {
    /// The lowest score: every finding reaches it.
    pub const MIN: Self = Self(0.0);
    /// The highest score.
    pub const MAX: Self = Self(1.0);

    /// Clamps `value` into 0.0 to 1.0; not-a-number becomes 0.0. Usable in constants.
    pub const fn new(value: f32) -> Self {
        if value >= 1.0 {
            Self(1.0)
        } else if value > 0.0 {
            Self(value)
        } else {
            Self(0.0)
        }
    }

    /// The number, 0.0 to 1.0.
    pub const fn get(self) -> f32 {
        self.0
    }
}

/// One entity seen at one place. Holds no text of the input, so it may be logged.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is, for example `EMAIL_ADDRESS`.
    pub entity_type: EntityType,
    /// Where it is, in UTF-8 bytes of the scanned text.
    pub span: Span,
    /// How sure the recognizer is.
    pub score: Score,
    /// Name of the recognizer that found it, for example `credit_card`.
    pub recognizer: Cow<'static, str>,
}

impl Finding {
    /// True if it was found as names are: by how words look and what stands around them, so in prose alone.
    pub fn is_name(&self) -> bool {
        self.recognizer == names::RECOGNIZER
    }
}
