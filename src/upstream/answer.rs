//! From the head of an answer to a [`Completion`].

use super::{check::Upstream, earlier, failure::bad, measure::Measure};
use crate::{
    call::{CacheOutcome, Completion, CompletionBody, Error, Prompt},
    wire::{
        Collected, Endpoint,
        coding::{self, Coding, Decoder},
        headers,
    },
};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use http::{
    HeaderValue, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
    response,
};
use http_body::Body;
use hyper::body::Incoming;
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// Blank lines before the first event are not looked at for longer.
const LONGEST_BEGINNING: usize = 4096;

/// Reads an answer: an event stream is handed on as it comes, anything else is collected. What comes compressed,
/// unasked, is handed on as it was before that. Where a stream was asked for, one that is called plain text or nothing at all
/// is known by how it begins.
///
/// Trailers are dropped: no provider sends any, and the facades have no place for them.
pub(super) async fn read(
    upstream: &Upstream,
    response: Response<Incoming>,
    until: Option<Instant>,
    prompt: &Prompt,
    mut measure: Measure,
) -> Result<Completion, Error> {
    let (head, body) = response.into_parts();
    if leads_past_the_guard(prompt, &head) {
        return Err(measure.failing(bad(
            "it sends the caller elsewhere, where the request would go unguarded; base_url must be where it leads",
        )));
    }
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(
            measure.failing(bad("it speaks another protocol from here on, which nobody asked for"))
        );
    }
    let mut headers = head.headers;
    headers::strip_hop_by_hop(&mut headers);
    // Without a body the header tells of one that is not here, as an answer to HEAD does.
    let coding = if body.is_end_stream() { Ok(None) } else { Coding::of(&headers) };
    let decoder = match coding {
        Ok(coding) => coding.map(Decoder::new),
        Err(unknown) => return Err(measure.failing(bad(&unknown.to_string()))),
    };
    let announced = if decoder.is_some() { 0 } else { body.size_hint().lower() };
    if decoder.is_some() {
        coding::describe_decoded(&mut headers);
    }
    let mut chunks = Chunks::new(body, decoder, upstream.idle_timeout, until, measure);
    let begun = if prompt.streamed && headers::may_be_event_stream(&headers) {
        chunks.beginning().await?
    } else {
        Bytes::new()
    };
    if begins_as_events(&begun) == Some(true) {
        headers.insert(CONTENT_TYPE, EVENT_STREAM);
    }
    let body = if headers::is_event_stream(&headers) {
        headers.remove(CONTENT_LENGTH); // restoring changes it
        let begun = Some(begun).filter(|begun| !begun.is_empty()).map(Ok);
        CompletionBody::Stream(stream::iter(begun).chain(chunks).boxed())
    } else {
        CompletionBody::Whole(collect(chunks, begun, announced, upstream.max_answer_bytes).await?)
    };
    Ok(Completion { status: head.status, headers, body, cache: CacheOutcome::Bypass })
}

/// HTTP clients follow a redirection by themselves, and send the same body again as they have it: with the originals.
fn leads_past_the_guard(prompt: &Prompt, head: &response::Parts) -> bool {
    let has_body = prompt.endpoint != Endpoint::Unread && !prompt.body.as_bytes().is_empty();
    has_body && head.status.is_redirection() && head.headers.contains_key(LOCATION)
}

async fn collect(
    mut chunks: Chunks,
    begun: Bytes,
    announced: u64,
    limit: usize,
) -> Result<Bytes, Error> {
    if announced > limit as u64 {
        return Err(chunks.measure.failing(too_large(limit)));
    }
    let mut whole = Collected::new(limit).announced(announced);
    let mut begun = Some(begun).filter(|begun| !begun.is_empty());
    while let Some(chunk) = match begun.take() {
        Some(begun) => Some(begun),
        None => chunks.next().await.transpose()?,
    } {
        if whole.push(chunk).is_err() {
            return Err(chunks.measure.failing(too_large(limit)));
        }
    }
    Ok(whole.into_bytes())
}

/// True for what a stream of events begins with: a field or a comment. `None` if more is needed to tell.
fn begins_as_events(begun: &[u8]) -> Option<bool> {
    const BEGINNINGS: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let text = begun.strip_prefix(MARK).unwrap_or(begun).trim_ascii_start();
    if BEGINNINGS.iter().any(|beginning| text.starts_with(beginning)) {
        return Some(true);
    }
    let may_become = MARK.starts_with(text) || BEGINNINGS.iter().any(|b| b.starts_with(text));
    (!may_become).then_some(false)
}

fn too_large(limit: usize) -> Error {
    bad(&format!("it is larger than {limit} bytes (max_answer_bytes of the upstream)"))
}

/// The body's chunks as they arrive, each at once, under the time limits. Ends after the first error.
struct Chunks {
    body: Option<Incoming>,
    decoder: Option<Decoder>,
    idle: Duration,
    until: Option<Instant>,
    /// Set anew only when there is something to wait for, which costs nothing while chunks keep coming.
    alarm: Pin<Box<Sleep>>,
    waiting: bool,
    measure: Measure,
}

/// What a look at the body gave.
enum Look {
    Data(Bytes),
    /// Nothing yet, with more to be had at once.
    Again,
    End,
}

impl Chunks {
    fn new(
        body: Incoming,
        decoder: Option<Decoder>,
        idle: Duration,
        until: Option<Instant>,
        measure: Measure,
    ) -> Self {
        let alarm = Box::pin(tokio::time::sleep_until(Instant::now() + idle));
        Self { body: Some(body), decoder, idle, until, alarm, waiting: false, measure }
    }

    /// So much of the body that it is certain whether it begins as a stream of events, or all of it.
    async fn beginning(&mut self) -> Result<Bytes, Error> {
        let mut begun = BytesMut::new();
        while begins_as_events(&begun).is_none() && begun.len() < LONGEST_BEGINNING {
            match self.next().await.transpose()? {
                Some(chunk) => begun.extend_from_slice(&chunk),
                None => break,
            }
        }
        Ok(begun.freeze())
    }

    /// What the decoder still holds comes before what the connection has.
    fn look(&mut self, cx: &mut Context<'_>) -> Poll<Result<Look, Error>> {
        if let Some(decoder) = &mut self.decoder
            && let Some(piece) = decoder.read().map_err(broken)?
        {
            return Poll::Ready(Ok(Look::Data(piece)));
        }
        match ready!(self.poll_body(cx))? {
            Look::Data(bytes) => Poll::Ready(Ok(self.undecoded(bytes))),
            Look::Again => Poll::Ready(Ok(Look::Again)),
            Look::End => {
                self.decoder.as_mut().map_or(Ok(()), Decoder::finish).map_err(broken)?;
                Poll::Ready(Ok(Look::End))
            }
        }
    }

    fn undecoded(&mut self, bytes: Bytes) -> Look {
        match &mut self.decoder {
            None => Look::Data(bytes),
            Some(decoder) => {
                decoder.feed(bytes);
                Look::Again
            }
        }
    }

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Look, Error>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(Ok(Look::End)) };
        let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) else {
            ready!(self.poll_alarm(cx));
            return Poll::Ready(Err(Error::UpstreamTimeout));
        };
        self.waiting = false;
        Poll::Ready(match frame {
            Some(Ok(frame)) => Ok(frame.into_data().map_or(Look::Again, Look::Data)),
            Some(Err(_)) => Err(bad("it broke off before its end")),
            None => Ok(Look::End),
        })
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.waiting {
            let at = earlier(self.until, Instant::now() + self.idle);
            self.alarm.as_mut().reset(at);
            self.waiting = true;
        }
        self.alarm.as_mut().poll(cx)
    }

    /// Lets go of the connection: nobody waits for the rest.
    fn close(&mut self) {
        self.body = None;
        self.decoder = None;
    }
}

fn broken(error: coding::Broken) -> Error {
    bad(&error.to_string())
}

impl Stream for Chunks {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // A caller that reads slowly asks seldom, and the alarm is only set while the upstream is waited for.
        if self.body.is_some() && self.until.is_some_and(|until| Instant::now() >= until) {
            self.close();
            return Poll::Ready(Some(Err(self.measure.failing(Error::UpstreamTimeout))));
        }
        while self.body.is_some() {
            match ready!(self.look(cx)) {
                Ok(Look::Data(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                Ok(Look::Again) => {}
                Ok(Look::End) => {
                    self.close();
                    self.measure.done();
                }
                Err(error) => {
                    self.close();
                    return Poll::Ready(Some(Err(self.measure.failing(error))));
                }
            }
        }
        Poll::Ready(None)
    }
}
