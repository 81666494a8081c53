//! Counts the calls that are under way on a connection, so that a stop waits for those and for nothing else.

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

/// The calls of one connection, and whether the service is to stop.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    under_way: Arc<AtomicUsize>,
    /// Of all connections.
    stops: Arc<AtomicBool>,
}

impl Calls {
    pub(super) fn new(stops: Arc<AtomicBool>) -> Self {
        Self { under_way: Arc::default(), stops }
    }

    pub(super) fn begin(&self) -> UnderWay {
        self.under_way.fetch_add(1, Relaxed);
        UnderWay(Arc::clone(&self.under_way))
    }

    pub(super) fn are_under_way(&self) -> bool {
        self.under_way.load(Relaxed) > 0
    }

    /// Nothing is left to wait for but what the other end might still send.
    pub(super) fn are_over(&self) -> bool {
        self.stops.load(Relaxed) && !self.are_under_way()
    }
}

/// One call that is under way until this is dropped.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl UnderWay {
    /// The same answer, with which the call ends. One of known length is handed over at once; then it is the socket that waits.
    pub(super) fn until_end_of(self, body: Body) -> Body {
        use http_body::Body as _;
        if body.size_hint().exact().is_some() {
            return body;
        }
        Body::new(Answering { body, _call: self })
    }
}

struct Answering {
    body: Body,
    _call: UnderWay,
}

impl http_body::Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
