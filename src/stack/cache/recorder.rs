//! Keeps a copy of a body that passes through.

use super::{answer::Answer, shelf::Shelf};
use crate::{
    call::{Completion, CompletionBody, Error},
    store::Key,
    wire::Collected,
};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};

/// A stream of a body's chunks.
pub(super) type Chunks = BoxStream<'static, Result<Bytes, Error>>;

/// Lets a stream pass and keeps it once it has ended well.
pub(super) fn record(mut head: Completion, chunks: Chunks, key: Key, shelf: Shelf) -> Completion {
    let copy = Some(Answer::new(&head, Bytes::new(), true));
    let recorder = Recorder { copy, body: Vec::new(), key, shelf };
    head.body = CompletionBody::Stream(stream::unfold((chunks, recorder), pass).boxed());
    head
}

type Passing = (Chunks, Recorder);

async fn pass((mut chunks, mut recorder): Passing) -> Option<(Result<Bytes, Error>, Passing)> {
    let Some(chunk) = chunks.next().await else {
        recorder.finish();
        return None;
    };
    match &chunk {
        Ok(bytes) => recorder.push(bytes),
        Err(_) => recorder.copy = None,
    }
    Some((chunk, (chunks, recorder)))
}

/// The copy so far; `None` once it is no longer wanted.
struct Recorder {
    copy: Option<Answer>,
    body: Vec<u8>,
    key: Key,
    shelf: Shelf,
}

impl Recorder {
    fn push(&mut self, chunk: &Bytes) {
        if self.copy.is_none() {
            return;
        }
        if self.body.len() + chunk.len() > self.shelf.max_entry_bytes() {
            (self.copy, self.body) = (None, Vec::new());
            return;
        }
        self.body.extend_from_slice(chunk);
    }

    /// The answer, if all of it was seen.
    fn complete(&mut self) -> Option<Answer> {
        let mut answer = self.copy.take()?;
        answer.body = std::mem::take(&mut self.body).into();
        answer.is_complete().then_some(answer)
    }

    fn finish(&mut self) {
        if let Some(answer) = self.complete() {
            self.shelf.put(&self.key, &answer);
        }
    }
}

impl Drop for Recorder {
    /// A client may hang up at the last event, before the end of the stream is seen. What it got was complete.
    fn drop(&mut self) {
        self.finish();
    }
}

/// Collects a body that is no stream of events, up to a size; beyond it, gives back a stream of the same bytes.
pub(super) async fn collect(mut chunks: Chunks, max_bytes: usize) -> Result<CompletionBody, Error> {
    let mut body = Collected::new(max_bytes);
    while let Some(chunk) = chunks.next().await {
        if let Err(chunk) = body.push(chunk?) {
            let seen = [Ok(body.into_bytes()), Ok(chunk)];
            return Ok(CompletionBody::Stream(stream::iter(seen).chain(chunks).boxed()));
        }
    }
    Ok(CompletionBody::Whole(body.into_bytes()))
}
