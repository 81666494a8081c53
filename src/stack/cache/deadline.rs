//! What others may wait for, too, ends for each caller at the caller's own deadline.

use super::recorder::Chunks;
use crate::call::{Completion, CompletionBody, Error};
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt};
use std::{
    pin::Pin,
    task::{Context, Poll},
};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

/// Waits no longer than the caller does.
///
/// # Errors
/// [`Error::UpstreamTimeout`] when the deadline passes.
pub(super) async fn by_deadline<T>(
    deadline: Option<std::time::Instant>,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    match deadline {
        None => Ok(work.await),
        Some(deadline) => {
            let result = timeout_at(Instant::from_std(deadline), work).await;
            result.map_err(|_elapsed| Error::UpstreamTimeout)
        }
    }
}

/// An answer whose stream ends with [`Error::UpstreamTimeout`] when the deadline passes.
pub(super) fn bounded(completion: Completion, deadline: Option<std::time::Instant>) -> Completion {
    match (completion.body, deadline) {
        (CompletionBody::Stream(chunks), Some(deadline)) => {
            let alarm = Box::pin(sleep_until(Instant::from_std(deadline)));
            let bounded = Bounded { chunks: Some(chunks), alarm };
            Completion { body: CompletionBody::Stream(bounded.boxed()), ..completion }
        }
        (body, _) => Completion { body, ..completion },
    }
}

struct Bounded {
    /// `None` once the deadline has passed: let go at once, so that others need not keep what this one has not read.
    chunks: Option<Chunks>,
    alarm: Pin<Box<Sleep>>,
}

impl Stream for Bounded {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(chunks) = &mut self.chunks else { return Poll::Ready(None) };
        let polled = chunks.poll_next_unpin(context);
        // An end that is there is not taken for a late one.
        if matches!(polled, Poll::Ready(None)) || self.alarm.as_mut().poll(context).is_pending() {
            return polled;
        }
        self.chunks = None;
        Poll::Ready(Some(Err(Error::UpstreamTimeout)))
    }
}
