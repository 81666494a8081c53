//! The words of the stack: what comes in, what goes out, what can go wrong.
//!
//! Neutral to the protocol: both facades translate to and from these types, and know nothing else of the stack.
//! Above the guard layer live [`Call`] and [`Reply`], which may hold personal data; below it only [`Prompt`] and
//! [`Completion`], which cannot.

mod caching;
mod caller;
mod error;
mod head;
mod prompt;
mod reply;
mod request_ids;
pub mod trace_context;

pub use crate::engine::PolicySummary;
pub use caching::CacheWish;
pub use caller::CallerId;
pub use error::{Cause, Error, Kind, whole_seconds};
#[cfg(test)]
pub(crate) use head::tests::header_map;
pub use head::{Head, is_name, request_id};
pub use prompt::{Completion, CompletionBody, Discretion, Prompt};
pub use reply::{CacheOutcome, Completed, Facts, Quota, RedactReply, Reply, RestoreReply};
pub use request_ids::new_request_id;

use crate::{engine::Narrowing, sensitive::Sensitive, wire::Endpoint};
use bytes::Bytes;
use std::{fmt, sync::Arc, time::Instant};

/// The most texts that one scan, redaction or restoration may hold; both facades refuse more.
pub const MAX_TEXTS: usize = 10_000;

/// Names a mapping that is kept in the vault between calls. Unguessable: whoever has it may restore.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionId(Arc<str>);

impl SessionId {
    /// The form of an id, to end the sentence "… must be".
    pub const FORM: &str = "1 to 128 characters of A-Za-z0-9_-";

    /// Reads an id that a caller sent, or `None` unless it is of this [`FORM`](Self::FORM).
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        well_formed.then(|| Self(text.into()))
    }

    /// The id itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}

/// Which facade a call came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Facade {
    /// JSON over HTTP.
    Rest,
    /// gRPC.
    Grpc,
}

/// One request, whichever facade it came in by.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who calls.
    pub caller: CallerId,
    /// Which facade it came in by.
    pub facade: Facade,
    /// Identifies the request in logs, traces and answers.
    pub request_id: Arc<str>,
    /// Which policy to apply; `None` means the configured default.
    pub policy: Option<String>,
    /// When the caller gives up.
    pub deadline: Option<Instant>,
    /// The caller's W3C trace context (`traceparent`), already checked for its form.
    pub traceparent: Option<Arc<str>>,
    /// What is asked for.
    pub task: Task,
}

/// What a call asks for.
#[derive(Clone, Debug)]
pub enum Task {
    /// Look only.
    Scan(Scan),
    /// Replace findings in texts.
    Redact(Redact),
    /// Put originals back into texts.
    Restore(Restore),
    /// Send a guarded request to an upstream and restore its answer.
    Complete(Complete),
    /// Say which policies there are.
    ListPolicies,
    /// Forget the mapping of a session.
    DeleteSession(SessionId),
    /// Say how much of the caller's rate limit is left, without using any.
    ReadQuota,
}

/// Texts to look at.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The texts, judged together.
    pub texts: Vec<Sensitive>,
    /// What the caller narrows the policy to.
    pub narrowing: Narrowing,
}

/// Texts to redact with one mapping.
#[derive(Clone, Debug)]
pub struct Redact {
    /// The texts, in order.
    pub texts: Vec<Sensitive>,
    /// Continue this session; `None` starts with an empty mapping.
    pub session: Option<SessionId>,
    /// Keep the mapping in the vault and answer its session id.
    pub keep_mapping: bool,
}

/// Texts to restore.
#[derive(Clone, Debug)]
pub struct Restore {
    /// The texts, in order.
    pub texts: Vec<Sensitive>,
    /// Restore from this session's mapping.
    pub session: Option<SessionId>,
    /// Placeholder and original, as a `Redact` returned them.
    pub mapping: Vec<(String, Sensitive)>,
}

/// A provider request to guard and forward.
#[derive(Clone, Debug)]
pub struct Complete {
    /// What the path means.
    pub endpoint: Endpoint,
    /// The named upstream; `None` means the default one.
    pub upstream: Option<String>,
    /// Request method.
    pub method: http::Method,
    /// Path as the provider sees it, such as `/v1/chat/completions`.
    pub path: Sensitive,
    /// Query string as it came, without `?`.
    pub query: Option<Sensitive>,
    /// Headers as they came, without hop-by-hop ones and the guard's own.
    pub headers: http::HeaderMap,
    /// The body as it came.
    pub body: Body,
    /// Use and extend the mapping of this session.
    pub session: Option<SessionId>,
    /// What the caller wants of the cache.
    pub cache: CacheWish,
}

/// A request body as it came; `Debug` tells the length alone.
#[derive(Clone, Default)]
pub struct Body(pub Bytes);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}
