//! What an error of the HTTP client means for the caller.

use super::connect::{ConnectTimedOut, Past};
use crate::call::Error;
use http::{Extensions, Response};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use std::{error::Error as StdError, io, ops::RangeInclusive, time::Duration};
use tokio::time::Instant;

/// What came of one try.
pub(super) enum Sent {
    /// The head of an answer.
    Answered(Response<Incoming>),
    /// A connection from the pool that was dead already.
    Stale(legacy::Error),
    /// The upstream said that it has not looked at the request.
    Refused(legacy::Error),
}

/// Why no head came.
pub(super) struct Lost {
    pub(super) error: Error,
    /// Nobody has looked at the request: no connection came about, or the upstream said so.
    pub(super) unsent: bool,
}

impl From<Error> for Lost {
    fn from(error: Error) -> Self {
        Self { error, unsent: false }
    }
}

/// A connection that was dead already tells so in the time that a packet takes there and back, which is less than it took to
/// open. But not that exactly, and never later than this. What is lost later may have been worked on.
const STALE_WITHIN: RangeInclusive<Duration> =
    Duration::from_millis(10)..=Duration::from_millis(250);

/// Sorts an error that came instead of a head, of a request that went out at `began` or later.
pub(super) fn judge(error: legacy::Error, began: Instant) -> Result<Sent, Lost> {
    if was_dead(&error, began) && was_lost(&error) {
        return Ok(Sent::Stale(error));
    }
    if was_refused(&error) {
        return Ok(Sent::Refused(error));
    }
    let unsent = error.is_connect();
    let error = if find::<ConnectTimedOut>(&error).is_some() {
        Error::UpstreamTimeout
    } else if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse) {
        bad("its head is not well-formed HTTP")
    } else {
        Error::UpstreamUnreachable(Box::new(error))
    };
    Err(Lost { error, unsent })
}

/// An [`Error::UpstreamBadAnswer`].
pub(super) fn bad(reason: &str) -> Error {
    Error::UpstreamBadAnswer { reason: reason.into() }
}

/// The peer closed it before the request was there, as far as time tells: it is from the pool, and brought nothing since.
fn was_dead(error: &legacy::Error, began: Instant) -> bool {
    let mut extras = Extensions::new();
    if let Some(connected) = error.connect_info() {
        connected.get_extras(&mut extras);
    }
    let within = extras.get::<Past>().and_then(|past| past.was_dead_if_lost_within(began));
    within.is_some_and(|it| began.elapsed() <= it.clamp(*STALE_WITHIN.start(), *STALE_WITHIN.end()))
}

/// By HTTP/2 an upstream tells which requests it has not looked at (RFC 9113, section 8.7): those that it refuses, and those behind the
/// last one that it names when it closes a connection.
fn was_refused(error: &legacy::Error) -> bool {
    find::<h2::Error>(error).is_some_and(|error| {
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        // It comes to streams behind that one alone.
        error.is_remote() && (refused || error.is_go_away())
    })
}

/// The peer closed, rather than answered something wrong.
fn was_lost(error: &legacy::Error) -> bool {
    let closed = find::<hyper::Error>(error).is_some_and(|error| {
        error.is_incomplete_message() || error.is_closed() || error.is_canceled()
    });
    closed || find::<io::Error>(error).is_some_and(|error| is_loss(error.kind()))
}

fn is_loss(kind: io::ErrorKind) -> bool {
    [
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::BrokenPipe,
        io::ErrorKind::NotConnected,
        io::ErrorKind::UnexpectedEof,
    ]
    .contains(&kind)
}

/// The first error of type `E` in the chain of causes.
fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
