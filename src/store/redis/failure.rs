//! Why a request of Redis has no answer, and where to ask instead.

use super::{super::Error, config::Place};
use redis::{ErrorKind, RedisError, ServerErrorKind};

pub(super) const LOST: &str = "connection lost or not made";

/// Why there is no answer, or not the one that was wanted.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    /// Nothing more can come over this connection, or none was had.
    pub(super) connection_lost: bool,
    /// Another node of a cluster has what was asked for.
    pub(super) redirect: Option<Redirect>,
}

/// Where to ask instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    /// There, from now on.
    Moved(Place),
    /// There, for this request alone, which is to be said with it.
    Ask(Place),
    /// Whoever has the slot by a newer map.
    Unknown,
}

impl Failure {
    fn new(error: Error, connection_lost: bool) -> Self {
        Self { error, connection_lost, redirect: None }
    }

    pub(super) fn timeout() -> Self {
        Self::new(Error::TimedOut, true)
    }

    /// Nobody was asked.
    pub(super) fn paused() -> Self {
        Self::new(Error::Paused, false)
    }

    pub(super) fn foreign() -> Self {
        Self::new(Error::Foreign, false)
    }

    pub(super) fn refused(why: &str) -> Self {
        Self::new(Error::Refused(why.to_owned()), false)
    }

    /// No connection was had.
    pub(super) fn unreachable(why: &'static str) -> Self {
        Self::new(Error::Unreachable(why), true)
    }

    /// Keeps of an error only what cannot quote a key, a value or an address.
    pub(super) fn of(cause: &RedisError, while_connecting: bool) -> Self {
        if cause.is_timeout() {
            return Self::timeout();
        }
        let lost = cause.is_io_error() || cause.is_unrecoverable_error() || is_read_only(cause);
        let error = if cause.is_io_error() {
            Error::Unreachable(LOST)
        } else if cause.kind() == ErrorKind::UnexpectedReturnType {
            Error::Foreign
        } else if cause.kind() == ErrorKind::AuthenticationFailed {
            Error::Refused("user or password is wrong (redis.url, redis.password)".to_owned())
        } else {
            Error::Refused(cause.code().unwrap_or_else(|| cause.category()).to_owned())
        };
        Self { redirect: Redirect::of(cause), ..Self::new(error, lost || while_connecting) }
    }

    /// Adds to what the server refused by whom, and which setting may be meant.
    pub(super) fn refused_by(self, whom: &str) -> Self {
        let Error::Refused(what) = self.error else { return self };
        Self { error: Error::Refused(format!("{what}, {whom}")), ..self }
    }
}

impl Redirect {
    fn of(error: &RedisError) -> Option<Self> {
        let told = error.redirect_node().and_then(|(address, _slot)| place(address));
        match (error.kind(), told) {
            (ErrorKind::Server(ServerErrorKind::Moved), Some(to)) => Some(Self::Moved(to)),
            (ErrorKind::Server(ServerErrorKind::Ask), Some(to)) => Some(Self::Ask(to)),
            // The keys of a script are half on their way.
            (
                ErrorKind::Server(
                    ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::TryAgain,
                ),
                _,
            ) => Some(Self::Unknown),
            _ => None,
        }
    }
}

fn place(address: &str) -> Option<Place> {
    let (host, port) = address.rsplit_once(':')?;
    Some(Place::told(host.trim_matches(['[', ']']), port.parse().ok()?))
}

/// A master that was set down to a replica takes no writes.
pub(super) fn is_read_only(error: &RedisError) -> bool {
    error.kind() == ServerErrorKind::ReadOnly.into()
}
