//! An upstream's answer, restored already, as typed messages: whole, or event by event.

use super::{
    answer,
    events::EventReader,
    fault::{Fault, UpstreamFault},
    proto::{self, ProxyCompletionResponse},
    question::count,
};
use crate::{
    call::{CacheOutcome, Completed, CompletionBody, Error, Facts},
    wire::Collected,
};
use bytes::{Bytes, BytesMut};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use http::{HeaderMap, header};
use std::{collections::VecDeque, time::Duration};

/// What is read of an upstream's error answer.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// How long to wait for the connection's end after the answer's: the cache keeps only what it saw to the end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// The messages of an answer.
pub(super) type Messages = BoxStream<'static, Result<ProxyCompletionResponse, Fault>>;

/// Turns an answer into messages: a single one with the facts in it, or for a stream the facts and then the rest.
///
/// # Errors
///
/// When the upstream answered with an error, or with what cannot be read.
pub(super) async fn messages(
    completed: Completed,
    request_id: &str,
    limit_bytes: usize,
) -> Result<Messages, Fault> {
    let Completed { status, headers, body, facts } = completed;
    if status.is_client_error() || status.is_server_error() {
        return Err(Fault::Upstream(upstream_fault(status.as_u16(), &headers, body).await));
    }
    if !status.is_success() {
        return Err(Fault::bad_answer(format!("its status is {}", status.as_u16())));
    }
    let facts = facts_of(facts, request_id);
    if is_event_stream(&headers) {
        let first = ProxyCompletionResponse { facts: Some(facts), ..Default::default() };
        let rest = events(chunks(body), limit_bytes);
        return Ok(stream::once(std::future::ready(Ok(first))).chain(rest).boxed());
    }
    let mut message = answer::message(&whole(body, limit_bytes).await?)?;
    message.facts = Some(facts);
    Ok(stream::once(std::future::ready(Ok(message))).boxed())
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next());
    media_type.is_some_and(|value| value.trim().eq_ignore_ascii_case("text/event-stream"))
}

async fn upstream_fault(status: u16, headers: &HeaderMap, body: CompletionBody) -> UpstreamFault {
    let mut read = BytesMut::new();
    let mut chunks = chunks(body);
    // What cannot be read to its end is told as far as it came.
    while let Some(Ok(chunk)) = chunks.next().await {
        let room = MAX_ERROR_BYTES.saturating_sub(read.len());
        read.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if read.len() >= MAX_ERROR_BYTES {
            break;
        }
    }
    UpstreamFault { retry_after: retry_after(headers), ..UpstreamFault::read(status, &read) }
}

/// In seconds. The other form, a date, is not worth a clock here.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn whole(body: CompletionBody, limit_bytes: usize) -> Result<Bytes, Fault> {
    let mut chunks = match body {
        CompletionBody::Whole(bytes) if bytes.len() <= limit_bytes => return Ok(bytes),
        CompletionBody::Whole(_) => return Err(Fault::AnswerTooLarge { limit_bytes }),
        CompletionBody::Stream(chunks) => chunks,
    };
    let mut read = Collected::new(limit_bytes);
    while let Some(chunk) = chunks.try_next().await? {
        read.push(chunk).map_err(|_| Fault::AnswerTooLarge { limit_bytes })?;
    }
    Ok(read.into_bytes())
}

fn chunks(body: CompletionBody) -> BoxStream<'static, Result<Bytes, Error>> {
    match body {
        CompletionBody::Whole(bytes) => stream::once(std::future::ready(Ok(bytes))).boxed(),
        CompletionBody::Stream(chunks) => chunks,
    }
}

/// A stream of events that is being read. Dropping it drops the body, which cancels the upstream's request.
struct Reading {
    chunks: BoxStream<'static, Result<Bytes, Error>>,
    reader: EventReader,
    progress: Progress,
}

/// What the events said so far.
#[derive(Default)]
struct Progress {
    /// Messages to be sent, and at their end the fault that ends the stream. Faults wait in line, so that what came
    /// before them is not lost when all came in one chunk.
    ready: VecDeque<Result<ProxyCompletionResponse, Fault>>,
    /// A choice gave the reason why it ended.
    finished: bool,
    /// The closing event came, or a fault.
    done: bool,
}

impl Progress {
    fn take(&mut self, data: &[u8]) {
        if self.done || data.is_empty() {
            return;
        }
        if data == b"[DONE]" {
            self.done = true;
            return;
        }
        let message = answer::message(data);
        self.done = message.is_err();
        if let Ok(message) = &message {
            self.finished |= message.choices.iter().any(|choice| !choice.finish_reason.is_empty());
        }
        self.ready.push_back(message);
    }

    fn fail(&mut self, fault: Fault) {
        self.done = true;
        self.ready.push_back(Err(fault));
    }
}

fn events(
    chunks: BoxStream<'static, Result<Bytes, Error>>,
    limit_bytes: usize,
) -> impl futures_util::Stream<Item = Result<ProxyCompletionResponse, Fault>> {
    let reading =
        Reading { chunks, reader: EventReader::new(limit_bytes), progress: Progress::default() };
    stream::try_unfold(reading, |mut reading| async move {
        let message = reading.next().await?;
        Ok(message.map(|message| (message, reading)))
    })
}

impl Reading {
    /// The next message, or `None` at the answer's end.
    async fn next(&mut self) -> Result<Option<ProxyCompletionResponse>, Fault> {
        loop {
            if let Some(message) = self.progress.ready.pop_front() {
                return message.map(Some);
            }
            if self.progress.done {
                self.drain().await;
                return Ok(None);
            }
            match self.chunks.try_next().await? {
                Some(chunk) => {
                    let progress = &mut self.progress;
                    if let Err(fault) = self.reader.push(&chunk, |data| progress.take(&data)) {
                        progress.fail(fault);
                    }
                }
                None => self.end(),
            }
        }
    }

    /// The body has ended. Without a closing event it is complete only if some choice said that it is.
    fn end(&mut self) {
        if let Some(data) = self.reader.finish() {
            self.progress.take(&data);
        }
        if !self.progress.done && !self.progress.finished {
            self.progress.fail(Fault::bad_answer("its stream ended before the answer did"));
        }
        self.progress.done = true;
    }

    async fn drain(&mut self) {
        let rest = async { while let Some(Ok(_)) = self.chunks.next().await {} };
        // Whether the end came in time changes nothing for the caller.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, rest).await;
    }
}

fn facts_of(facts: Facts, request_id: &str) -> proto::Facts {
    let findings = facts.findings.iter();
    proto::Facts {
        request_id: request_id.to_owned(),
        policy: facts.policy.to_string(),
        findings: findings.map(|(of, n)| (of.as_str().to_owned(), count(*n as u64))).collect(),
        cache: cache_outcome(facts.cache).into(),
        unscanned: facts.unscanned.into_iter().map(str::to_owned).collect(),
    }
}

fn cache_outcome(outcome: CacheOutcome) -> proto::CacheOutcome {
    match outcome {
        CacheOutcome::Hit => proto::CacheOutcome::Hit,
        CacheOutcome::Miss => proto::CacheOutcome::Miss,
        CacheOutcome::Bypass => proto::CacheOutcome::Bypass,
    }
}
