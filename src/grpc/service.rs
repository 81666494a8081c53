//! The methods of `Guard` over the stack.

use super::{
    Stack, chat, completion,
    fault::Fault,
    held::Held,
    origin::Origin,
    proto::{self, guard_server::Guard, scan_stream_response::Outcome},
    question::{self, Ask, Question},
    unreadable,
};
use crate::{
    call::{Body, CacheWish, Call, Complete, Error, Reply, Task},
    sensitive::Sensitive,
    wire::Endpoint,
};
use bytes::Bytes;
use futures_util::{
    FutureExt, StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use prost::Message;
use std::{future::Future, panic::AssertUnwindSafe, time::Instant};
use tonic::{Request, Response, Status, Streaming};
use tower::ServiceExt;

/// Where the provider's chat endpoint is.
const CHAT_PATH: &str = "/v1/chat/completions";

/// The facade: translates, and knows nothing of what the stack does.
#[derive(Clone, Debug)]
pub(super) struct Facade {
    stack: Stack,
    limit_bytes: usize,
}

impl Facade {
    pub(super) fn new(stack: Stack, limit_bytes: usize) -> Self {
        Self { stack, limit_bytes }
    }

    /// A call with one answer.
    async fn unary<Q: Ask>(&self, request: Request<Q>) -> Result<Response<Q::Answer>, Status> {
        let (origin, _held, request) = open(request)?;
        let answer = contained(self.answer(&origin, request)).await;
        answer
            .map(|answer| origin.respond(answer))
            .map_err(|fault| fault.status(&origin.request_id))
    }

    async fn answer<Q: Ask>(&self, origin: &Origin, request: Q) -> Result<Q::Answer, Fault> {
        let Question { policy, task, tell } = request.ask(origin)?;
        let reply = self.send(origin.call(policy, task)).await?;
        self.within_limit(tell(reply)?)
    }

    /// Puts a call to the stack. When the deadline passes first, what is under way is dropped.
    async fn send(&self, call: Call) -> Result<Reply, Fault> {
        let deadline = call.deadline;
        Ok(until(deadline, self.stack.clone().oneshot(call)).await??)
    }

    fn within_limit<M: Message>(&self, message: M) -> Result<M, Fault> {
        if message.encoded_len() > self.limit_bytes {
            return Err(Fault::AnswerTooLarge { limit_bytes: self.limit_bytes });
        }
        Ok(message)
    }

    /// One element of a bulk scan. Its failure is an answer, unless there is no time left for any other.
    async fn element(
        &self,
        origin: &Origin,
        element: proto::ScanStreamRequest,
    ) -> Result<proto::ScanStreamResponse, Fault> {
        let answer = match element.request {
            Some(request) => contained(self.answer(origin, request)).await,
            None => Err(Fault::invalid("request", "request is required: what to scan")),
        };
        let outcome = match answer {
            Ok(response) => Outcome::Response(response),
            Err(Fault::Deadline) => return Err(Fault::Deadline),
            Err(fault) => Outcome::Failure(fault.failure()),
        };
        Ok(proto::ScanStreamResponse { id: element.id, outcome: Some(outcome) })
    }

    async fn complete(
        &self,
        origin: &Origin,
        held: Option<Held>,
        request: proto::ProxyCompletionRequest,
    ) -> Result<completion::Messages, Fault> {
        let call = complete_call(origin, held, request)?;
        let Reply::Completed(completed) = self.send(call).await? else {
            return Err(question::unexpected());
        };
        let messages = completion::messages(completed, &origin.request_id, self.limit_bytes);
        until(origin.deadline, messages).await?
    }
}

fn complete_call(
    origin: &Origin,
    held: Option<Held>,
    request: proto::ProxyCompletionRequest,
) -> Result<Call, Fault> {
    let body = Bytes::from(chat::body(&request)?);
    let body = match held {
        Some(held) => held.keep(body),
        None => body,
    };
    let cache = origin.cache();
    let task = Task::Complete(Complete {
        endpoint: Endpoint::ChatCompletions,
        upstream: origin.upstream(request.upstream),
        method: http::Method::POST,
        path: Sensitive::new(CHAT_PATH),
        query: None,
        headers: origin.upstream_headers(),
        body: Body(body),
        session: origin.session(&request.session)?,
        cache: CacheWish { no_store: request.no_store || cache.no_store, ..cache },
    });
    Ok(origin.call(request.policy, task))
}

/// Takes a request apart and reads who sent it. What its message takes of the room is held as long as that is.
fn open<Q>(request: Request<Q>) -> Result<(Origin, Option<Held>, Q), Status> {
    let (metadata, extensions, message) = request.into_parts();
    Ok((Origin::read(&metadata, &extensions)?, Held::of(&extensions), message))
}

/// Waits no longer than the deadline, and drops the work when it passes.
async fn until<F: Future>(deadline: Option<Instant>, work: F) -> Result<F::Output, Fault> {
    match deadline {
        Some(deadline) => {
            let result = tokio::time::timeout_at(deadline.into(), work).await;
            result.map_err(|_| Fault::Deadline)
        }
        None => Ok(work.await),
    }
}

/// A panic in one request is a fault of that request; what it says stays with the panic hook.
async fn contained<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let panicked = || Fault::Call(Error::Internal("a panic, see its own log line".into()));
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(panicked()))
}

/// Ends a stream at its first fault, when the deadline passes, or when a message is over the limit.
fn guarded<M: Message + 'static>(
    messages: BoxStream<'static, Result<M, Fault>>,
    origin: Origin,
    facade: Facade,
) -> BoxStream<'static, Result<M, Status>> {
    let first = Some((messages, origin, facade));
    let rest = stream::unfold(first, |state| async {
        let (mut messages, origin, facade) = state?;
        let next = contained(async { until(origin.deadline, messages.try_next()).await? }).await;
        match next
            .and_then(|message| message.map(|message| facade.within_limit(message)).transpose())
        {
            Ok(message) => Some((Ok(message?), Some((messages, origin, facade)))),
            Err(fault) => Some((Err(fault.status(&origin.request_id)), None)),
        }
    });
    rest.boxed()
}

#[tonic::async_trait]
impl Guard for Facade {
    async fn scan(
        &self,
        request: Request<proto::ScanRequest>,
    ) -> Result<Response<proto::ScanResponse>, Status> {
        self.unary(request).await
    }

    async fn redact(
        &self,
        request: Request<proto::RedactRequest>,
    ) -> Result<Response<proto::RedactResponse>, Status> {
        self.unary(request).await
    }

    async fn restore(
        &self,
        request: Request<proto::RestoreRequest>,
    ) -> Result<Response<proto::RestoreResponse>, Status> {
        self.unary(request).await
    }

    async fn list_policies(
        &self,
        request: Request<proto::ListPoliciesRequest>,
    ) -> Result<Response<proto::ListPoliciesResponse>, Status> {
        self.unary(request).await
    }

    async fn delete_session(
        &self,
        request: Request<proto::DeleteSessionRequest>,
    ) -> Result<Response<proto::DeleteSessionResponse>, Status> {
        self.unary(request).await
    }

    type ProxyCompletionStream = BoxStream<'static, Result<proto::ProxyCompletionResponse, Status>>;

    async fn proxy_completion(
        &self,
        request: Request<proto::ProxyCompletionRequest>,
    ) -> Result<Response<Self::ProxyCompletionStream>, Status> {
        let (origin, held, request) = open(request)?;
        let messages = contained(self.complete(&origin, held, request)).await;
        let messages = messages.map_err(|fault| fault.status(&origin.request_id))?;
        Ok(origin.respond(guarded(messages, origin.clone(), self.clone())))
    }

    type ScanStreamStream = BoxStream<'static, Result<proto::ScanStreamResponse, Status>>;

    async fn scan_stream(
        &self,
        request: Request<Streaming<proto::ScanStreamRequest>>,
    ) -> Result<Response<Self::ScanStreamStream>, Status> {
        let (origin, held, elements) = open(request)?;
        Ok(origin.respond(bulk(elements, held, origin.clone(), self.clone())))
    }
}

/// Answers the elements of a bulk scan one after the other: the caller's pace, and ours, holds the other back.
fn bulk(
    elements: Streaming<proto::ScanStreamRequest>,
    held: Option<Held>,
    origin: Origin,
    facade: Facade,
) -> BoxStream<'static, Result<proto::ScanStreamResponse, Status>> {
    let first = Some((elements, held, origin, facade));
    let answers = stream::unfold(first, |state| async {
        let (mut elements, held, origin, facade) = state?;
        let result = match until(origin.deadline, elements.next()).await {
            Ok(None) => return None,
            Ok(Some(Ok(element))) => facade.element(&origin, element).await,
            Ok(Some(Err(status))) => {
                let status = unreadable::in_stream(status, facade.limit_bytes, &origin.request_id);
                return Some((Err(status), None));
            }
            Err(fault) => Err(fault),
        };
        if let Some(held) = &held {
            held.release();
        }
        match result {
            Ok(answer) => Some((Ok(answer), Some((elements, held, origin, facade)))),
            Err(fault) => Some((Err(fault.status(&origin.request_id)), None)),
        }
    });
    answers.boxed()
}
