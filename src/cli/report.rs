//! How commands tell of what was found.

use crate::engine::Verdict;

/// Three decimals say all there is to say.
pub(super) fn rounded(score: f32) -> f32 {
    (score * 1000.0).round() / 1000.0
}

/// The name of a verdict, as in the service's answers.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Flag => "flag",
        Verdict::Redact => "redact",
        Verdict::Block => "block",
    }
}
