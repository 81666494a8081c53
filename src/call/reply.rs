//! What the stack answers; may hold personal data.

use super::{CompletionBody, SessionId};
use crate::{
    detect::EntityType,
    engine::{PolicySummary, RedactedText, Scanned},
    sensitive::Sensitive,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What the stack answers, one variant for each [`Task`](super::Task).
#[derive(Debug)]
pub enum Reply {
    /// To a scan: one result for each text.
    Scanned(Vec<Scanned>),
    /// To a redaction.
    Redacted(RedactReply),
    /// To a restoration.
    Restored(RestoreReply),
    /// To a completion.
    Completed(Completed),
    /// All policies, by name.
    Policies(Vec<PolicySummary>),
    /// The session is gone (whether or not it existed).
    SessionDeleted,
    /// What is left of the caller's rate limit.
    Quota(Quota),
}

/// Redacted texts and how to get the originals back.
#[derive(Clone, Debug)]
pub struct RedactReply {
    /// One result for each text.
    pub results: Vec<RedactedText>,
    /// The session that holds the mapping, if the caller asked to keep it.
    pub session: Option<SessionId>,
    /// Placeholder and original of everything that was replaced reversibly.
    pub mapping: Vec<(String, Sensitive)>,
}

/// Restored texts.
#[derive(Clone, Debug)]
pub struct RestoreReply {
    /// The texts, in order.
    pub texts: Vec<Sensitive>,
    /// How many placeholders were put back.
    pub restored: u64,
}

/// An upstream's answer with the originals back in it.
#[derive(Debug)]
pub struct Completed {
    /// The upstream's status.
    pub status: http::StatusCode,
    /// The upstream's headers, corrected for what restoring changed.
    pub headers: http::HeaderMap,
    /// The restored body.
    pub body: CompletionBody,
    /// What the guard did.
    pub facts: Facts,
}

/// What the guard did to a completion, for response headers and telemetry. Holds no private value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The policy that applied.
    pub policy: Arc<str>,
    /// How many findings of each type the request had.
    pub findings: BTreeMap<EntityType, usize>,
    /// Where the answer came from.
    pub cache: CacheOutcome,
    /// Kinds of content that could not be read and were passed, such as `image`.
    pub unscanned: Vec<&'static str>,
}

/// Where a completion came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheOutcome {
    /// From the cache.
    Hit,
    /// From the upstream; the cache had nothing.
    Miss,
    /// From the upstream; the cache was not asked.
    Bypass,
}

/// What is left of a caller's rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls allowed in the window that is closest to its limit; `None` without a limit.
    pub limit: Option<u64>,
    /// Calls left in that window.
    pub remaining: u64,
    /// Until the full limit is available again.
    pub reset: Duration,
}

impl CacheOutcome {
    /// A stable word for headers, metrics and traces.
    pub fn label(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        }
    }
}
