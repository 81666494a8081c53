//! The providers' surface: a provider request in, the upstream's answer with the originals back in it out.

use super::{
    Rest,
    failure::Failure,
    head, headers,
    route::Provider,
    shape::{Numbers, Shape},
};
use crate::{
    call::{Body as CallBody, Complete, Completed, CompletionBody, Error, Head, Reply, Task},
    sensitive::Sensitive,
    wire::{Content, headers::is_event_stream},
};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::{FutureExt as _, Stream, StreamExt as _, stream, stream::BoxStream};
use http::{Method, Request, header};
use std::{panic::AssertUnwindSafe, sync::Arc};

/// Guards, forwards and answers one provider request.
pub(super) async fn answer(
    rest: &Rest,
    provider: Provider,
    request: Request<Body>,
    request_id: Arc<str>,
) -> Result<Response, Failure> {
    let said = head(&request)?;
    let is_head = request.method() == Method::HEAD;
    let teller = Teller {
        shape: Shape::of(provider.endpoint, &provider.path),
        request_id: Arc::clone(&request_id),
        numbers: Numbers::default(),
    };
    let complete = read(rest, &said, provider, request).await?;
    match rest.call(said, request_id, Task::Complete(complete)).await? {
        Reply::Completed(completed) => Ok(respond(completed, is_head, teller)),
        Reply::Scanned(_)
        | Reply::Redacted(_)
        | Reply::Restored(_)
        | Reply::Policies(_)
        | Reply::SessionDeleted
        | Reply::Quota(_) => Err(Failure::wrong_reply()),
    }
}

async fn read(
    rest: &Rest,
    said: &Head,
    provider: Provider,
    request: Request<Body>,
) -> Result<Complete, Failure> {
    let upstream = upstream(provider.upstream, said.upstream.clone())?;
    let (mut head, body) = request.into_parts();
    let (caller, headers, bodies) = (&said.caller, &head.headers, &rest.0.bodies);
    let bytes = match provider.endpoint.content() {
        Content::Json => bodies.json(caller, headers, body).await?,
        Content::MaybeJson => bodies.maybe_json(caller, headers, body).await?,
        Content::Unread => bodies.all(caller, headers, body).await?,
        Content::Nothing => {
            bodies.none(caller, headers, body).await?;
            Bytes::new()
        }
    };
    headers::keep_forwardable(&mut head.headers);
    Ok(Complete {
        endpoint: provider.endpoint,
        upstream,
        method: head.method,
        path: Sensitive::new(provider.path),
        query: head.uri.query().map(Sensitive::new),
        headers: head.headers,
        body: CallBody(bytes),
        session: said.session.clone(),
        cache: said.cache,
    })
}

/// The upstream of the path or of the header; both must agree.
fn upstream(path: Option<String>, header: Option<String>) -> Result<Option<String>, Failure> {
    match (path, header) {
        (Some(path), Some(header)) if path != header => Err(Failure::invalid(
            "x-guard-upstream",
            "the header x-guard-upstream names another upstream than the path",
        )),
        (path, header) => Ok(path.or(header)),
    }
}

fn respond(completed: Completed, is_head: bool, teller: Teller) -> Response {
    let Completed { status, mut headers, body, facts } = completed;
    headers::keep_passable(&mut headers, is_head);
    headers::add_facts(&mut headers, &facts);
    let body = match body {
        CompletionBody::Whole(bytes) => Body::from(bytes),
        CompletionBody::Stream(chunks) if is_event_stream(&headers) => {
            // Proxies such as nginx hold events back unless they are told not to.
            headers.insert("x-accel-buffering", http::HeaderValue::from_static("no"));
            headers
                .entry(header::CACHE_CONTROL)
                .or_insert(http::HeaderValue::from_static("no-cache"));
            Body::from_stream(events(unpanicking(chunks), teller))
        }
        CompletionBody::Stream(chunks) => Body::from_stream(unpanicking(chunks)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The same stream, which ends with an error where it would have panicked: a panic in the task of a connection would
/// end every request on it.
fn unpanicking(
    chunks: BoxStream<'static, Result<Bytes, Error>>,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    stream::unfold(Some(chunks), |chunks| async move {
        let mut chunks = chunks?;
        match AssertUnwindSafe(chunks.next()).catch_unwind().await {
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(chunks))),
            Ok(Some(Err(error))) => {
                // An error makes hyper drop what it has not written yet; a pause lets it write that first.
                tokio::task::yield_now().await;
                Some((Err(error), None))
            }
            Ok(None) => None,
            Err(_panic) => Some((Err(Error::Internal("a panic in a stream".into())), None)),
        }
    })
}

/// Tells a client in a stream of events that it has failed.
struct Teller {
    shape: Shape,
    request_id: Arc<str>,
    numbers: Numbers,
}

impl Teller {
    fn pass(&mut self, bytes: &[u8]) {
        if self.shape == Shape::Responses {
            self.numbers.pass(bytes);
        }
    }

    fn event(&self, failure: &Failure) -> Vec<u8> {
        self.shape.event(failure.told(), &self.request_id, self.numbers.next())
    }
}

/// Events as they come; an error becomes a last event, since the status has been sent long ago.
fn events(
    chunks: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
    mut teller: Teller,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    let mut between_events = true;
    chunks.map(move |chunk| match chunk {
        Ok(bytes) => {
            if !bytes.is_empty() {
                between_events = bytes.ends_with(b"\n\n") || bytes.ends_with(b"\r\n\r\n");
            }
            teller.pass(&bytes);
            Ok(bytes)
        }
        Err(error) => {
            // An event that was cut must not swallow ours.
            let mut last = if between_events { Vec::new() } else { b"\n\n".to_vec() };
            last.extend(teller.event(&Failure::from(error)));
            Ok(Bytes::from(last))
        }
    })
}
