//! Judges what the model wrote and puts originals back, in an answer that is whole or streams.

use super::compute::compute;
use crate::{
    call::{CallerId, Error},
    encoding::Encoding,
    engine::{Blocked, Counts, OutputGuard},
    redact::Restorer,
    stack::meters::found_in_output,
    wire::{self, BodyForm, Documents, Endpoint, EventStream, Expected, judge_body, restore_body},
};
use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    stream::{BoxStream, Fuse},
};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

/// What is needed to read an answer: where it comes from, what the request said about it, what may be put back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) endpoint: Endpoint,
    pub(super) expected: Expected,
    pub(super) restorer: Restorer,
    /// What citations point into.
    pub(super) documents: Documents,
    /// What looks at what the model wrote, if the policy asks for it.
    pub(super) output: Option<OutputGuard>,
}

impl Answer {
    /// True if an answer passes as it came.
    pub(super) fn is_idle(&self) -> bool {
        let has_nothing =
            self.restorer.is_empty() && self.documents.is_empty() && self.output.is_none();
        has_nothing || self.endpoint == Endpoint::Unread
    }

    /// Restores an answer that came whole.
    pub(super) async fn whole(
        self,
        caller: &CallerId,
        headers: &http::HeaderMap,
        body: Bytes,
    ) -> Result<Bytes, Error> {
        let form = BodyForm::by_type(headers);
        compute(caller, body.len(), move || self.told(form, body)).await?.map_err(unreadable)
    }

    /// `form` is what the media type tells of it. What came in UTF-16 goes out in it.
    fn told(&self, form: Option<BodyForm>, body: Bytes) -> Result<Bytes, wire::Error> {
        let Some((text, encoding)) = in_utf_16(&body) else {
            return self.told_in_utf_8(form, body);
        };
        let told = self.told_in_utf_8(form, text.into())?;
        let told = std::str::from_utf8(&told).map_err(|_| wire::Error::Malformed)?;
        Ok(encoding.write(told).into())
    }

    fn told_in_utf_8(&self, form: Option<BodyForm>, body: Bytes) -> Result<Bytes, wire::Error> {
        let Self { endpoint, expected, restorer, documents, output } = self;
        let mut counts = Counts::new();
        let form = form.unwrap_or_else(|| BodyForm::by_look(&body));
        let judged = match output {
            None => Ok(body),
            Some(output) => judge_body(*endpoint, form, body, output, &mut counts),
        };
        found_in_output(&counts);
        restore_body(*endpoint, *expected, form, judged?, restorer, documents)
    }

    /// Restores an event stream as it comes.
    pub(super) fn stream(
        self,
        chunks: BoxStream<'static, Result<Bytes, Error>>,
    ) -> BoxStream<'static, Result<Bytes, Error>> {
        let events = EventStream::new(self.endpoint, self.expected, self.restorer)
            .citing(self.documents)
            .guarded(self.output);
        Restoring { chunks: chunks.fuse(), events, failure: None, ended: false }.boxed()
    }
}

/// A stream of events with the originals back in it.
///
/// ## Chunk => chunk
/// What is certain goes out at once; a chunk of which nothing is certain yet goes out with the next.
/// ## Chunk => (chunk, failure)
/// An event that cannot be read, or an upstream that breaks off: what was held goes out first, then the error. What the
/// policy does not let out: the error alone, and nothing that was held.
/// ## End => (chunk, end)
/// What was held goes out as text.
struct Restoring {
    chunks: Fuse<BoxStream<'static, Result<Bytes, Error>>>,
    events: EventStream,
    failure: Option<Error>,
    ended: bool,
}

impl Stream for Restoring {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.ended {
                return Poll::Ready(self.failure.take().map(Err));
            }
            let mut out = Vec::new();
            match ready!(self.chunks.poll_next_unpin(context)) {
                Some(Ok(chunk)) => {
                    out.reserve(chunk.len());
                    let pushed = self.events.push(&chunk, &mut out);
                    found_in_output(&self.events.take_counts());
                    if let Err(error) = pushed {
                        self.fail(unreadable(error), &mut out);
                    }
                }
                Some(Err(error)) => self.fail(error, &mut out),
                None => self.end(&mut out),
            }
            if !out.is_empty() {
                return Poll::Ready(Some(Ok(out.into())));
            }
        }
    }
}

impl Restoring {
    fn fail(&mut self, error: Error, out: &mut Vec<u8>) {
        if !matches!(error, Error::Withheld { .. }) {
            self.events.flush(out);
        }
        self.failure = Some(error);
        self.ended = true;
        // Nothing more is wanted of the upstream.
        self.chunks = futures_util::stream::empty().boxed().fuse();
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.ended = true;
        self.failure = self.events.finish(out).err().map(unreadable);
        found_in_output(&self.events.take_counts());
    }
}

/// The text of a body that is one in UTF-16, if it can be written again as it came.
fn in_utf_16(body: &Bytes) -> Option<(String, Encoding)> {
    // All others are known by so much.
    let begins_so = matches!(**body, [0, ..] | [_, 0, ..] | [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    if !begins_so || Encoding::utf_16(body).is_none() {
        return None;
    }
    let (text, encoding) = Encoding::read(body.to_vec());
    (encoding.is_plausible(&text) && encoding.write(&text) == *body).then_some((text, encoding))
}

fn unreadable(error: wire::Error) -> Error {
    match error {
        wire::Error::Blocked(Blocked { policy, entity_type }) => {
            Error::Withheld { policy, entity_type }
        }
        wire::Error::Malformed
        | wire::Error::TooLarge
        | wire::Error::TooManyTexts
        | wire::Error::Truncated
        | wire::Error::Unrestorable => Error::UpstreamBadAnswer { reason: error.to_string() },
    }
}
