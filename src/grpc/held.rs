//! What the messages of a call take of the room for bodies that are under way.

use super::{fault::Fault, origin};
use crate::{
    call::{self, Error},
    stack::room::{Room, Share},
};
use bytes::Bytes;
use http::{Extensions, Request};
use http_body::{Frame, SizeHint};
use std::{
    mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{Status, body::Body};
use tower::BoxError;

/// How long a message may take to come, from its first bytes to its last.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// What one call takes. Goes along in the extensions of its request, the one way through tonic; clones are one.
#[derive(Clone, Debug)]
pub(super) struct Held(Arc<Mutex<Taken>>);

#[derive(Debug)]
struct Taken {
    share: Share,
    /// Bytes that have come since nothing was held.
    n_bytes: usize,
}

impl Held {
    /// Has the body of a request take room as it comes. Who has taken some and sends nothing more for `idle` is given up: others need it.
    pub(super) fn watch<B: Received>(
        request: Request<B>,
        room: &Room,
        idle: Duration,
    ) -> Request<Body> {
        // Who cannot be read is refused.
        let share = match origin::caller(request.headers(), request.extensions()) {
            Some(caller) => room.share_of(&caller),
            None => room.share(),
        };
        let held = Self(Arc::new(Mutex::new(Taken { share, n_bytes: 0 })));
        let sent_id = call::request_id(request.headers());
        let (mut head, body) = request.into_parts();
        head.extensions.insert(held.clone());
        Request::from_parts(
            head,
            Body::new(Watched {
                body,
                held,
                sent_id,
                idle,
                begun: None,
                alarm: None,
                is_set: false,
            }),
        )
    }

    /// What the call of a request takes; `None` where nobody watches.
    pub(super) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Self>().cloned()
    }

    /// A message of a stream has been answered: only what comes from now on is held. The beginning of the next message may have come
    /// with it; that is no more than one frame.
    pub(super) fn release(&self) {
        let mut taken = self.lock();
        drop(taken.share.take());
        taken.n_bytes = 0;
    }

    /// A body that was made of the message, which holds the room from now on, for as long as there is some of it.
    pub(super) fn keep(&self, body: Bytes) -> Bytes {
        self.lock().share.take().keep(body)
    }

    fn grow(&self, bytes: usize) -> Result<(), Error> {
        let mut taken = self.lock();
        taken.n_bytes += bytes;
        let n_bytes = taken.n_bytes;
        taken.share.grow(n_bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of a request as it comes.
pub(super) trait Received:
    http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static
{
}

impl<B> Received for B where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static
{
}

struct Watched<B> {
    body: B,
    held: Held,
    /// The request's id, if the caller gave one.
    sent_id: Option<Arc<str>>,
    idle: Duration,
    /// When the first bytes of what is held came.
    begun: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
    /// While more has to come.
    is_set: bool,
}

impl<B> Watched<B> {
    fn poll_alarm(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        // Between two messages of a stream nobody is waited for.
        let Some(begun) = self.begun.filter(|_| self.held.lock().n_bytes > 0) else {
            (self.begun, self.is_set) = (None, false);
            return Poll::Pending;
        };
        let (idle, end) = (self.idle, begun + MESSAGE_TIMEOUT);
        let until = || (Instant::now() + idle).min(end);
        let is_set = mem::replace(&mut self.is_set, true);
        let alarm = match &mut self.alarm {
            Some(alarm) => {
                if !is_set {
                    alarm.as_mut().reset(until());
                }
                alarm
            }
            None => self.alarm.insert(Box::pin(sleep_until(until()))),
        };
        alarm.as_mut().poll(context).map(|()| Error::Invalid {
            param: None,
            message: if alarm.deadline() < end { paused(idle) } else { late() },
        })
    }

    fn failed(&self, error: Error) -> Status {
        Fault::Call(error).status(&origin::request_id(self.sent_id.clone()))
    }
}

fn paused(idle: Duration) -> String {
    format!(
        "no more of the message came for {} ms; send it without pauses, or raise the setting server.upload_idle_ms",
        idle.as_millis()
    )
}

fn late() -> String {
    format!(
        "the message took longer than {} ms in all; send it faster, or several smaller ones",
        MESSAGE_TIMEOUT.as_millis()
    )
}

impl<B: Received> http_body::Body for Watched<B> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Poll::Ready(polled) = Pin::new(&mut self.body).poll_frame(context) else {
            return self.poll_alarm(context).map(|error| Some(Err(self.failed(error))));
        };
        self.is_set = false;
        if let Some(Ok(frame)) = &polled
            && let Some(data) = frame.data_ref()
        {
            if self.held.lock().n_bytes == 0 {
                self.begun = Some(Instant::now());
            }
            if let Err(error) = self.held.grow(data.len()) {
                return Poll::Ready(Some(Err(self.failed(error))));
            }
        }
        Poll::Ready(polled.map(|it| it.map_err(|error| Status::from_error(error.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
