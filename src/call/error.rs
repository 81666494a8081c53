//! Why a call failed, in words that both facades translate.

use crate::detect::{EntityType, Unread};
use std::{sync::Arc, time::Duration};

/// Why a call failed.
///
/// Messages go to the caller: they say what to do and hold no input text, no key and no address. The cause, where
/// there is one, is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is malformed.
    #[error("{message}")]
    Invalid {
        /// The field at fault, such as `messages[0].content`.
        param: Option<String>,
        /// What is wrong and what would be right.
        message: String,
    },
    /// The policy forbids sending this.
    #[error(
        "blocked by policy {policy}: the request holds {entity_type}; remove it or use another policy"
    )]
    Blocked {
        /// Which policy.
        policy: Arc<str>,
        /// The type that must not be sent.
        entity_type: EntityType,
    },
    /// The policy forbids telling what the model wrote.
    #[error(
        "blocked by policy {policy}: the answer holds {entity_type} that the model wrote; change the request or use another policy"
    )]
    Withheld {
        /// Which policy.
        policy: Arc<str>,
        /// The type that must not be told.
        entity_type: EntityType,
    },
    /// No key, or a wrong one.
    #[error("{message}")]
    Unauthenticated {
        /// What is missing.
        message: String,
    },
    /// The setting does not allow this.
    #[error("{message}")]
    Forbidden {
        /// What is refused, and the setting that allows it.
        message: String,
        /// A stable code, such as `unguarded_endpoint`.
        code: &'static str,
    },
    /// No such path, policy, session or upstream.
    #[error("{message}")]
    NotFound {
        /// What is unknown, and where to find what is known.
        message: String,
        /// The field at fault.
        param: Option<&'static str>,
    },
    /// The body is over the limit.
    #[error("the request body is larger than {limit_bytes} bytes (server.max_body_bytes)")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The caller, or all callers together, are over a limit.
    #[error("rate limit reached; try again in {} s", whole_seconds(*retry_after))]
    RateLimited {
        /// When to try again.
        retry_after: Duration,
        /// Calls allowed in the window that ran out.
        limit: u64,
    },
    /// The server is full.
    #[error("the server is overloaded; try again")]
    Overloaded,
    /// The server stops, and the time that calls under way get has run out.
    #[error("the server stops before the answer has ended; try again")]
    Stopping,
    /// The state store is needed and does not answer.
    #[error("the state store is unavailable; calls that need a session cannot be served")]
    StateUnavailable(#[source] Cause),
    /// A model that the policy names could not read the request, which is not sent half read.
    #[error(transparent)]
    DetectionUnavailable(#[from] Unread),
    /// Only an answer from the cache was wanted, and there is none.
    #[error(
        "the cache has no answer to this request, and cache-control: only-if-cached lets nobody else be asked; leave that out"
    )]
    NotCached,
    /// The upstream could not be reached.
    #[error("the upstream cannot be reached")]
    UpstreamUnreachable(#[source] Cause),
    /// The upstream's answer cannot be read.
    #[error("the upstream's answer could not be read: {reason}")]
    UpstreamBadAnswer {
        /// What is wrong with it; never a part of it.
        reason: String,
    },
    /// The upstream took too long, or the caller's deadline passed.
    #[error("the upstream took too long")]
    UpstreamTimeout,
    /// The upstream failed again and again, and is left alone for a while.
    #[error(
        "the upstream has failed again and again and is not asked for now; try again in {} s",
        whole_seconds(*retry_after)
    )]
    UpstreamUnavailable {
        /// When it will be asked again.
        retry_after: Duration,
    },
    /// A fault of ours.
    #[error("internal error")]
    Internal(#[source] Cause),
}

/// A time to wait in whole seconds, as headers and messages tell it. Rounded up: who comes back at the full second before would be
/// too early.
pub fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// What lies behind an [`Error`]; for the log only.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What a facade needs to know of an [`Error`]: one row of the error table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// See [`Error::Invalid`].
    Invalid,
    /// See [`Error::Blocked`] and [`Error::Withheld`].
    Blocked,
    /// See [`Error::Unauthenticated`].
    Unauthenticated,
    /// See [`Error::Forbidden`].
    Forbidden,
    /// See [`Error::NotFound`].
    NotFound,
    /// See [`Error::TooLarge`].
    TooLarge,
    /// See [`Error::RateLimited`].
    RateLimited,
    /// See [`Error::Overloaded`] and [`Error::Stopping`].
    Overloaded,
    /// See [`Error::StateUnavailable`].
    StateUnavailable,
    /// See [`Error::DetectionUnavailable`].
    DetectionUnavailable,
    /// See [`Error::NotCached`].
    NotCached,
    /// See [`Error::UpstreamUnreachable`].
    UpstreamUnreachable,
    /// See [`Error::UpstreamBadAnswer`].
    UpstreamBadAnswer,
    /// See [`Error::UpstreamTimeout`].
    UpstreamTimeout,
    /// See [`Error::UpstreamUnavailable`].
    UpstreamUnavailable,
    /// See [`Error::Internal`].
    Internal,
}

impl Kind {
    /// All kinds, for tables and tests.
    pub const ALL: [Self; 16] = [
        Self::Invalid,
        Self::Blocked,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::TooLarge,
        Self::RateLimited,
        Self::Overloaded,
        Self::StateUnavailable,
        Self::DetectionUnavailable,
        Self::NotCached,
        Self::UpstreamUnreachable,
        Self::UpstreamBadAnswer,
        Self::UpstreamTimeout,
        Self::UpstreamUnavailable,
        Self::Internal,
    ];

    /// A stable label for metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Blocked => "blocked",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::StateUnavailable => "state_unavailable",
            Self::DetectionUnavailable => "detection_unavailable",
            Self::NotCached => "not_cached",
            Self::UpstreamUnreachable => "upstream_unreachable",
            Self::UpstreamBadAnswer => "upstream_bad_answer",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::UpstreamUnavailable => "upstream_unavailable",
            Self::Internal => "internal",
        }
    }
}

impl Error {
    /// The kind, for the facades to map.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Invalid { .. } => Kind::Invalid,
            Self::Blocked { .. } | Self::Withheld { .. } => Kind::Blocked,
            Self::Unauthenticated { .. } => Kind::Unauthenticated,
            Self::Forbidden { .. } => Kind::Forbidden,
            Self::NotFound { .. } => Kind::NotFound,
            Self::TooLarge { .. } => Kind::TooLarge,
            Self::RateLimited { .. } => Kind::RateLimited,
            Self::Overloaded | Self::Stopping => Kind::Overloaded,
            Self::StateUnavailable(_) => Kind::StateUnavailable,
            Self::DetectionUnavailable(_) => Kind::DetectionUnavailable,
            Self::NotCached => Kind::NotCached,
            Self::UpstreamUnreachable(_) => Kind::UpstreamUnreachable,
            Self::UpstreamBadAnswer { .. } => Kind::UpstreamBadAnswer,
            Self::UpstreamTimeout => Kind::UpstreamTimeout,
            Self::UpstreamUnavailable { .. } => Kind::UpstreamUnavailable,
            Self::Internal(_) => Kind::Internal,
        }
    }
}
