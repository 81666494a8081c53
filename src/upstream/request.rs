//! From a [`Prompt`] to the request that goes out.

use super::{
    check::Upstream,
    connect::Past,
    failure::{self, Lost, Sent},
    measure::{self, Reason},
    model::Asked,
    place::MODEL,
};
use crate::{
    call::{Error, Prompt},
    percent,
    wire::headers,
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, Uri,
    header::{ACCEPT_ENCODING, CONTENT_LENGTH, EXPECT, HOST, PROXY_AUTHORIZATION},
    uri::PathAndQuery,
};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::time::Instant;

/// What is to be sent.
#[derive(Debug)]
pub(super) struct Outgoing<'p> {
    pub(super) prompt: &'p Prompt,
    pub(super) asked: &'p Asked,
    /// It goes to another upstream than the caller meant, which must not see what the caller sent for that one alone.
    pub(super) elsewhere: bool,
}

/// Sends the prompt and waits for the head of the answer.
///
/// Once more if the upstream says that it has not looked at the request, as it does by HTTP/2 when it closes a connection that others
/// still send on. And if a connection from the pool turns out at once to be dead: the upstream closed it while it was idle, so it most
/// likely never saw the request. One that is lost later, or behind a byte of an answer, may have worked on it. A fresh connection
/// that breaks is not tried again, since a request that makes the upstream fall over should do so once.
pub(super) async fn send(
    upstream: &Upstream,
    outgoing: &Outgoing<'_>,
) -> Result<Response<Incoming>, Lost> {
    let reason = match send_once(upstream, outgoing).await? {
        Sent::Answered(response) => return Ok(response),
        Sent::Stale(_) => Reason::Stale,
        Sent::Refused(_) => Reason::Refused,
    };
    measure::retried(&upstream.name, reason);
    let lost = |error, unsent| Lost { error: Error::UpstreamUnreachable(Box::new(error)), unsent };
    match send_once(upstream, outgoing).await? {
        Sent::Answered(response) => Ok(response),
        Sent::Stale(error) => Err(lost(error, false)),
        Sent::Refused(error) => Err(lost(error, true)),
    }
}

async fn send_once(upstream: &Upstream, outgoing: &Outgoing<'_>) -> Result<Sent, Lost> {
    let (request, began) = (build(upstream, outgoing)?, Instant::now());
    match upstream.client.request(request).await {
        Ok(response) => {
            response.extensions().get::<Past>().map(Past::answered);
            Ok(Sent::Answered(response))
        }
        Err(error) => failure::judge(error, began),
    }
}

fn build(upstream: &Upstream, outgoing: &Outgoing<'_>) -> Result<Request<Full<Bytes>>, Error> {
    let prompt = outgoing.prompt;
    let mut request = Request::new(Full::new(body(upstream, outgoing)));
    *request.method_mut() = prompt.method.clone();
    *request.uri_mut() = uri(upstream, path(upstream, prompt.target.as_bytes(), outgoing.asked)?)?;
    *request.headers_mut() = outgoing_headers(upstream, outgoing);
    Ok(request)
}

fn body(upstream: &Upstream, outgoing: &Outgoing<'_>) -> Bytes {
    let body = outgoing.prompt.body.as_bytes();
    match &outgoing.asked.model {
        Some(model) => outgoing.asked.renamed(body, upstream.model_name(model)),
        None => body.clone(),
    }
}

fn uri(upstream: &Upstream, path: Bytes) -> Result<Uri, Error> {
    let path = PathAndQuery::from_maybe_shared(path).map_err(|_| malformed_target())?;
    let builder =
        Uri::builder().scheme(upstream.scheme.clone()).authority(upstream.authority.clone());
    builder.path_and_query(path).build().map_err(|_| malformed_target())
}

/// The path and query at this upstream.
fn path(upstream: &Upstream, target: &Bytes, asked: &Asked) -> Result<Bytes, Error> {
    if !target.starts_with(b"/") {
        return Err(malformed_target());
    }
    if upstream.prefix.is_empty() && upstream.api_path == "/v1" && upstream.query.is_empty() {
        return Ok(target.clone());
    }
    let target = std::str::from_utf8(target).map_err(|_| malformed_target())?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut whole = upstream.prefix.clone();
    match path.strip_prefix("/v1") {
        Some(rest) => {
            whole.push_str(&api_path(upstream, asked)?);
            whole.push_str(rest);
        }
        None => whole.push_str(path),
    }
    let mut mark = '?';
    for part in [query.to_owned(), missing(&upstream.query, query)] {
        if !part.is_empty() {
            whole.push(mark);
            whole.push_str(&part);
            mark = '&';
        }
    }
    Ok(whole.into())
}

fn api_path(upstream: &Upstream, asked: &Asked) -> Result<String, Error> {
    if !upstream.api_path.contains(MODEL) {
        return Ok(upstream.api_path.clone());
    }
    let model = asked.model.as_deref().map(|model| upstream.model_name(model)).unwrap_or_default();
    // A segment of dots would lead to another path.
    if matches!(model, "" | "." | "..") {
        return Err(Error::Invalid {
            param: Some("model".into()),
            message:
                "this upstream has one path for each model, and the request names none; add `model`"
                    .into(),
        });
    }
    Ok(upstream.api_path.replace(MODEL, &percent::encoded(model)))
}

/// The pairs of `wanted` whose names `query` does not say itself.
fn missing(wanted: &str, query: &str) -> String {
    let name = |pair: &str| pair.split('=').next().map(str::to_owned);
    let said = |pair: &&str| query.split('&').any(|other| name(other) == name(pair));
    wanted.split('&').filter(|pair| !pair.is_empty() && !said(pair)).collect::<Vec<_>>().join("&")
}

fn malformed_target() -> Error {
    Error::Invalid {
        param: None,
        message: "the path or the query string is not well formed".into(),
    }
}

/// What the client says of the request itself.
const SET_ANEW: [HeaderName; 3] = [HOST, CONTENT_LENGTH, EXPECT];

/// Host and content length are left out: the client sets them from the URL and the body.
fn outgoing_headers(upstream: &Upstream, outgoing: &Outgoing<'_>) -> HeaderMap {
    let mut map = outgoing.prompt.headers.clone();
    headers::strip_own_and(&mut map, |name| SET_ANEW.iter().any(|set_anew| name == set_anew));
    // What comes compressed nevertheless is read, but to compress and to read it costs time on both sides.
    map.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if outgoing.elsewhere {
        headers::strip_account(&mut map);
    }
    if let Some((name, value)) = &upstream.key {
        headers::strip_credentials(&mut map);
        map.insert(name.clone(), value.clone());
    }
    if let Some(key) = &upstream.proxy_key {
        map.insert(PROXY_AUTHORIZATION, key.clone());
    }
    if let Some(value) = trace_header(outgoing.prompt) {
        map.insert(HeaderName::from_static("traceparent"), value);
    }
    map
}

fn trace_header(prompt: &Prompt) -> Option<HeaderValue> {
    HeaderValue::from_str(prompt.traceparent.as_deref()?).ok()
}
