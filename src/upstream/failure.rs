//! What an error of the HTTP client means for the caller.

use super::connect::{ConnectTimedOut, Uses};
use crate::call::Error;
use http::{Extensions, Response};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use std::{error::Error as StdError, io};

/// What came of one try.
pub(super) enum Attempt {
    /// The head of an answer.
    Answered(Response<Incoming>),
    /// A connection from the pool that was dead already.
    Stale(legacy::Error),
}

/// Sorts an error that came instead of a head.
pub(super) fn judge(error: legacy::Error) -> Result<Attempt, Error> {
    if is_reused(&error) && was_lost(&error) {
        return Ok(Attempt::Stale(error));
    }
    if find::<ConnectTimedOut>(&error).is_some() {
        return Err(Error::UpstreamTimeout);
    }
    if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse) {
        return Err(bad("its head is not well-formed HTTP"));
    }
    Err(Error::UpstreamUnreachable(Box::new(error)))
}

/// An [`Error::UpstreamBadAnswer`].
pub(super) fn bad(reason: &str) -> Error {
    Error::UpstreamBadAnswer { reason: reason.into() }
}

fn is_reused(error: &legacy::Error) -> bool {
    let mut extras = Extensions::new();
    if let Some(connected) = error.connect_info() {
        connected.get_extras(&mut extras);
    }
    extras.get::<Uses>().is_some_and(|uses| uses.before_now() > 0)
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
