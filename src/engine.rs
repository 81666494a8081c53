//! The whole product as plain functions: scan, redact, restore. No network, no runtime.

use crate::{
    detect::{EntityType, Finding, Span},
    sensitive::Sensitive,
};

/// What a policy says of one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing found that the policy acts on.
    Allow,
    /// Found something that the policy only reports.
    Flag,
    /// Found something to be replaced.
    Redact,
    /// Found something that must not be sent at all.
    Block,
}

/// A finding with what the policy does to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The finding, with its place in the original text.
    pub finding: Finding,
    /// Name of the operator that applies, for example `replace`.
    pub operator: &'static str,
    /// Place of the stand-in in the redacted text; `None` for a scan.
    pub redacted: Option<Span>,
}

/// What was found in one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanned {
    /// In order of place, without overlaps.
    pub findings: Vec<Judged>,
    /// What the policy says of the text.
    pub verdict: Verdict,
}

/// One text after redaction.
#[derive(Clone, Debug)]
pub struct RedactedText {
    /// The text with stand-ins. Typed as sensitive since `keep` and `flag` leave values in it.
    pub text: Sensitive,
    /// What was found.
    pub scanned: Scanned,
}

/// What a caller may narrow in a scan.
#[derive(Clone, Debug, Default)]
pub struct Narrowing {
    /// Only these types; empty means all types of the policy.
    pub entities: Vec<EntityType>,
    /// Not below this score; `None` means the policy's own thresholds.
    pub min_score: Option<f32>,
}
