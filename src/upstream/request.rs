//! From a [`Prompt`] to the request that goes out.

use super::{
    config::Upstream,
    connect::Uses,
    failure::{self, Attempt},
    measure,
};
use crate::{
    call::{Error, Prompt},
    wire::headers,
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, Uri,
    header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, EXPECT, HOST},
    uri::PathAndQuery,
};
use http_body_util::Full;
use hyper::body::Incoming;

/// Sends the prompt and waits for the head of the answer.
///
/// Once more if a connection from the pool turns out to be dead: the upstream closed it while it was idle, so it most
/// likely never saw the request. A fresh connection that breaks is not tried again, since a request that makes the
/// upstream fall over should do so once.
pub(super) async fn send(
    upstream: &Upstream,
    prompt: &Prompt,
) -> Result<Response<Incoming>, Error> {
    match attempt(upstream, prompt).await? {
        Attempt::Answered(response) => Ok(response),
        Attempt::Stale(_) => {
            measure::retried(&upstream.name);
            match attempt(upstream, prompt).await? {
                Attempt::Answered(response) => Ok(response),
                Attempt::Stale(error) => Err(Error::UpstreamUnreachable(Box::new(error))),
            }
        }
    }
}

async fn attempt(upstream: &Upstream, prompt: &Prompt) -> Result<Attempt, Error> {
    match upstream.client.request(build(upstream, prompt)?).await {
        Ok(response) => {
            response.extensions().get::<Uses>().map(Uses::note);
            Ok(Attempt::Answered(response))
        }
        Err(error) => failure::judge(error),
    }
}

fn build(upstream: &Upstream, prompt: &Prompt) -> Result<Request<Full<Bytes>>, Error> {
    let mut request = Request::new(Full::new(prompt.body.as_bytes().clone()));
    *request.method_mut() = prompt.method.clone();
    *request.uri_mut() = uri(upstream, prompt.target.as_bytes())?;
    *request.headers_mut() = outgoing_headers(upstream, prompt);
    Ok(request)
}

fn uri(upstream: &Upstream, target: &Bytes) -> Result<Uri, Error> {
    let whole = if upstream.prefix.is_empty() {
        target.clone()
    } else {
        [upstream.prefix.as_bytes(), target].concat().into()
    };
    if !target.starts_with(b"/") {
        return Err(malformed_target());
    }
    let path = PathAndQuery::from_maybe_shared(whole).map_err(|_| malformed_target())?;
    let builder =
        Uri::builder().scheme(upstream.scheme.clone()).authority(upstream.authority.clone());
    builder.path_and_query(path).build().map_err(|_| malformed_target())
}

fn malformed_target() -> Error {
    Error::Invalid {
        param: None,
        message: "the path or the query string is not well formed".into(),
    }
}

/// Host and content length are left out: the client sets them from the URL and the body.
fn outgoing_headers(upstream: &Upstream, prompt: &Prompt) -> HeaderMap {
    let mut map = prompt.headers.clone();
    headers::strip_hop_by_hop(&mut map);
    headers::strip_own(&mut map);
    for name in [HOST, CONTENT_LENGTH, EXPECT] {
        map.remove(name);
    }
    // Nothing here decompresses, and the guard must read the answer.
    map.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Some((name, value)) = &upstream.key {
        for carrier in [
            AUTHORIZATION,
            HeaderName::from_static("x-api-key"),
            HeaderName::from_static("api-key"),
        ] {
            map.remove(carrier);
        }
        map.insert(name.clone(), value.clone());
    }
    if let Some(value) = trace_header(prompt) {
        map.insert(HeaderName::from_static("traceparent"), value);
    }
    map
}

fn trace_header(prompt: &Prompt) -> Option<HeaderValue> {
    HeaderValue::from_str(prompt.traceparent.as_deref()?).ok()
}
