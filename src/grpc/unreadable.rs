//! What tonic says of requests that it cannot read, in the words of the error table.
//!
//! tonic ends a call with OUT_OF_RANGE when a message is over the limit, and with INTERNAL when it is no message of the
//! contract (bytes that do not decode, text that is not UTF-8, a missing message). Both are faults of the request:
//! RESOURCE_EXHAUSTED and INVALID_ARGUMENT say so. Our own statuses are told apart by their details, which tonic's lack.

use super::{
    GrpcConfig,
    fault::Fault,
    held::{Held, Received},
    origin,
};
use crate::call::{self, Error};
use futures_util::future::{BoxFuture, FutureExt as _};
use http::{Request, Response};
use std::{
    convert::Infallible,
    task::{Context, Poll},
};
use tonic::body::Body;
use tonic::{Code, Status, server::NamedService};
use tower::Service;

/// Corrects the head of the answers of a tonic service, whose requests take room as they come.
#[derive(Clone, Debug)]
pub(super) struct Corrected<S> {
    inner: S,
    config: GrpcConfig,
}

impl<S> Corrected<S> {
    pub(super) fn new(inner: S, config: &GrpcConfig) -> Self {
        Self { inner, config: config.clone() }
    }
}

impl<S: NamedService> NamedService for Corrected<S> {
    const NAME: &'static str = S::NAME;
}

impl<S, B: Received> Service<Request<B>> for Corrected<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let GrpcConfig { max_message_bytes: limit_bytes, room, upload_idle } = &self.config;
        let limit_bytes = *limit_bytes;
        let sent_id = call::request_id(request.headers());
        let answer = self.inner.call(Held::watch(request, room, *upload_idle));
        answer
            .map(move |answer| {
                let Ok(response) = answer;
                let Some(fault) =
                    Status::from_header_map(response.headers()).and_then(|s| read(&s, limit_bytes))
                else {
                    return Ok(response);
                };
                Ok(fault.status(&origin::request_id(sent_id)).into_http())
            })
            .boxed()
    }
}

/// The fault behind a status of tonic's own making; `None` when the status is ours or says nothing of the request.
fn read(status: &Status, limit_bytes: usize) -> Option<Fault> {
    if !status.details().is_empty() {
        return None;
    }
    if status.code() == Code::OutOfRange {
        return Some(Fault::Call(Error::TooLarge { limit_bytes }));
    }
    // The words are those of the decoder: names of fields and kinds of faults, nothing of the input.
    let message = || format!("the request message cannot be read: {}", status.message());
    (status.code() == Code::Internal)
        .then(|| Fault::Call(Error::Invalid { param: None, message: message() }))
}

/// The same for a stream of requests, where tonic hands the status to us.
pub(super) fn in_stream(status: Status, limit_bytes: usize, request_id: &str) -> Status {
    read(&status, limit_bytes).map_or(status, |fault| fault.status(request_id))
}
