//! Refuses requests whose head others on the way may take for something else, or that ask for what nobody does here.
//!
//! Whether the service may be called by the name in it is another matter: see [`Hosts`](crate::config::Hosts).

use crate::call::Error;
use http::{
    HeaderMap, Request, StatusCode, Version,
    header::{EXPECT, HOST, TRANSFER_ENCODING},
};

/// Why a request is not looked at any further.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) error: Error,
    /// The status, where it is not that of the error.
    pub(super) status: StatusCode,
}

/// What is wrong with the head of a request, if anything is.
pub(super) fn fault<B>(request: &Request<B>) -> Option<Fault> {
    let headers = request.headers();
    hosts(headers, request.version())
        .or_else(|| transfer_encoding(headers))
        .or_else(|| expectation(headers))
}

/// By HTTP/1.1 one name is needed (RFC 9112, section 3.2). Of several, whoever stands before this service may have taken another.
fn hosts(headers: &HeaderMap, version: Version) -> Option<Fault> {
    let message = match headers.get_all(HOST).iter().count() {
        0 if version == Version::HTTP_11 => "the request has no `host` header; send one",
        0 | 1 => return None,
        _ => "the request has several `host` headers; send one",
    };
    Some(wrong("host", message, StatusCode::BAD_REQUEST))
}

/// A body in another coding would be read as if it had none (RFC 9112, section 6.1).
fn transfer_encoding(headers: &HeaderMap) -> Option<Fault> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let known = codings.next()?.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
    let message = "the transfer-encoding is not known; send `chunked` alone, and what is compressed with a content-encoding";
    (!known || codings.next().is_some())
        .then(|| wrong("transfer-encoding", message, StatusCode::NOT_IMPLEMENTED))
}

/// RFC 9110, section 10.1.1.
fn expectation(headers: &HeaderMap) -> Option<Fault> {
    let known = |value: &[u8]| value.trim_ascii().eq_ignore_ascii_case(b"100-continue");
    let all_known = headers.get_all(EXPECT).iter().all(|value| known(value.as_bytes()));
    let message = "the expectation is not known; send `expect: 100-continue` or none";
    (!all_known).then(|| wrong("expect", message, StatusCode::EXPECTATION_FAILED))
}

fn wrong(header: &str, message: &str, status: StatusCode) -> Fault {
    Fault { error: Error::Invalid { param: Some(header.into()), message: message.into() }, status }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(version: Version, headers: &[(&str, &str)], expected: Option<u16>) {
        let mut request = Request::builder().version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let found = fault(&request.body(()).unwrap());
        assert_eq!(found.map(|it| it.status.as_u16()), expected, "{headers:?}");
    }

    #[test]
    fn heads_that_mean_two_things_are_refused() {
        let (one, old, two) = (Version::HTTP_11, Version::HTTP_10, Version::HTTP_2);
        let host = ("host", "x");
        check(one, &[host], None);
        check(one, &[], Some(400));
        check(old, &[], None);
        check(two, &[], None);
        check(two, &[host, host], Some(400));
        check(one, &[host, ("transfer-encoding", "Chunked ")], None);
        check(one, &[host, ("transfer-encoding", "gzip, chunked")], Some(501));
        let twice = ("transfer-encoding", "chunked");
        check(one, &[host, twice, twice], Some(501));
        check(one, &[host, ("expect", "100-Continue")], None);
        check(one, &[host, ("expect", "200-ok")], Some(417));
        check(two, &[("expect", "100-continue"), ("expect", "")], Some(417));
    }
}
