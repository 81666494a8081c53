//! What lives below the guard layer: nothing here can hold an original.

use super::{CacheOutcome, CacheWish, CallerId, Error};
use crate::{redact::Redacted, wire::Endpoint};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use std::{fmt, sync::Arc, time::Instant};

/// A redacted provider request on its way to the upstream.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Who calls; scopes the cache and tells upstream credentials apart.
    pub caller: CallerId,
    /// Identifies the request.
    pub request_id: Arc<str>,
    /// What the path means.
    pub endpoint: Endpoint,
    /// The named upstream; `None` means the default one.
    pub upstream: Option<String>,
    /// Request method.
    pub method: http::Method,
    /// Redacted path and query, such as `/v1/models?limit=2`.
    pub target: Redacted,
    /// Headers for the upstream, guarded and without hop-by-hop ones.
    pub headers: http::HeaderMap,
    /// Redacted body.
    pub body: Redacted,
    /// The caller asked for a stream of events.
    pub streamed: bool,
    /// Digest of the policy that redacted it: another policy, another cache entry.
    pub policy_version: Arc<str>,
    /// What the caller and the policy want of the cache.
    pub cache: CacheWish,
    /// When the caller gives up.
    pub deadline: Option<Instant>,
    /// Others may wait for the same answer: it goes on after the deadline, until it is dropped.
    pub shared: bool,
    /// W3C trace context for the upstream.
    pub traceparent: Option<Arc<str>>,
    /// What may be told of names that callers choose.
    pub discretion: Discretion,
}

/// Says whether a short text, such as the name of a model, may stand in metrics and traces.
///
/// By default none may.
#[derive(Clone, Default)]
pub struct Discretion(Option<Arc<Judge>>);

type Judge = dyn Fn(&str) -> bool + Send + Sync;

impl Discretion {
    /// Tells what `is_clean` finds nothing private in.
    pub fn new(is_clean: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(is_clean)))
    }

    /// Whether `text` may be told.
    pub fn tells(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|is_clean| is_clean(text))
    }
}

impl fmt::Debug for Discretion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Discretion(…)")
    }
}

/// What the upstream answered, placeholders still in it.
#[derive(Debug)]
pub struct Completion {
    /// The upstream's status.
    pub status: http::StatusCode,
    /// The upstream's headers, without hop-by-hop ones.
    pub headers: http::HeaderMap,
    /// The upstream's body.
    pub body: CompletionBody,
    /// Where the answer came from.
    pub cache: CacheOutcome,
}

/// The body of a [`Completion`]. Dropping a stream cancels the upstream request.
pub enum CompletionBody {
    /// All of it.
    Whole(Bytes),
    /// Chunk by chunk, as the upstream sends.
    Stream(BoxStream<'static, Result<Bytes, Error>>),
}

impl fmt::Debug for CompletionBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}
