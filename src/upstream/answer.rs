//! From the head of an answer to a [`Completion`].

use super::{config::Upstream, earlier, failure::bad, measure::Measure};
use crate::{
    call::{CacheOutcome, Completion, CompletionBody, Error},
    wire::headers,
};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::{
    HeaderMap, Response,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};
use http_body::Body;
use hyper::body::Incoming;
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// Reads an answer: an event stream is handed on as it comes, anything else is collected.
///
/// Trailers are dropped: no provider sends any, and the facades have no place for them.
pub(super) async fn read(
    upstream: &Upstream,
    response: Response<Incoming>,
    until: Option<Instant>,
    mut measure: Measure,
) -> Result<Completion, Error> {
    let (head, body) = response.into_parts();
    let mut headers = head.headers;
    headers::strip_hop_by_hop(&mut headers);
    measure.head(head.status);
    if !body.is_end_stream() && is_encoded(&headers) {
        let error = bad("its content-encoding cannot be read; only identity is understood");
        measure.failed(&error);
        return Err(error);
    }
    let announced = body.size_hint().lower();
    let chunks = Chunks::new(body, upstream.idle_timeout, until, measure);
    let body = if headers::is_event_stream(&headers) {
        headers.remove(CONTENT_LENGTH); // restoring changes it
        CompletionBody::Stream(chunks.boxed())
    } else {
        CompletionBody::Whole(collect(chunks, announced, upstream.max_answer_bytes).await?)
    };
    Ok(Completion { status: head.status, headers, body, cache: CacheOutcome::Bypass })
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|value| {
        let value = value.as_bytes().trim_ascii();
        !value.is_empty() && !value.eq_ignore_ascii_case(b"identity")
    })
}

async fn collect(mut chunks: Chunks, announced: u64, limit: usize) -> Result<Bytes, Error> {
    if announced > limit as u64 {
        return Err(chunks.measure.failing(too_large(limit)));
    }
    let mut whole = Collected::Nothing;
    while let Some(chunk) = chunks.next().await.transpose()? {
        if whole.len() + chunk.len() > limit {
            return Err(chunks.measure.failing(too_large(limit)));
        }
        whole = whole.and(chunk, announced);
    }
    Ok(whole.into_bytes())
}

/// Most answers come in one piece, which then needs no copy.
enum Collected {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Collected {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(bytes) => bytes.len(),
            Self::Many(bytes) => bytes.len(),
        }
    }

    fn and(self, chunk: Bytes, announced: u64) -> Self {
        match self {
            Self::Nothing => Self::One(chunk),
            Self::One(first) => {
                let mut all = BytesMut::with_capacity(usize::try_from(announced).unwrap_or(0));
                all.extend_from_slice(&first);
                all.extend_from_slice(&chunk);
                Self::Many(all)
            }
            Self::Many(mut all) => {
                all.extend_from_slice(&chunk);
                Self::Many(all)
            }
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Many(bytes) => bytes.freeze(),
        }
    }
}

fn too_large(limit: usize) -> Error {
    bad(&format!("it is larger than {limit} bytes (max_answer_bytes of the upstream)"))
}

/// The body's chunks as they arrive, each at once, under the time limits. Ends after the first error.
struct Chunks {
    body: Option<Incoming>,
    idle: Duration,
    until: Option<Instant>,
    /// Set anew only when there is something to wait for, which costs nothing while chunks keep coming.
    alarm: Pin<Box<Sleep>>,
    waiting: bool,
    measure: Measure,
}

impl Chunks {
    fn new(body: Incoming, idle: Duration, until: Option<Instant>, measure: Measure) -> Self {
        let alarm = Box::pin(tokio::time::sleep_until(Instant::now() + idle));
        Self { body: Some(body), idle, until, alarm, waiting: false, measure }
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.waiting {
            let at = earlier(self.until, Instant::now() + self.idle);
            self.alarm.as_mut().reset(at);
            self.waiting = true;
        }
        self.alarm.as_mut().poll(cx)
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<Bytes, Error>>> {
        self.body = None; // drops the connection: nobody waits for the rest
        Poll::Ready(Some(Err(self.measure.failing(error))))
    }

    fn end(&mut self) -> Poll<Option<Result<Bytes, Error>>> {
        self.body = None;
        self.measure.done();
        Poll::Ready(None)
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
            let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) else {
                ready!(self.poll_alarm(cx));
                return self.fail(Error::UpstreamTimeout);
            };
            self.waiting = false;
            match frame {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(_)) => return self.fail(bad("it broke off before its end")),
                None => return self.end(),
            }
        }
    }
}
