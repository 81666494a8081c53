//! The error table of REST: what each kind of error shows.

use crate::call::Kind;
use http::StatusCode;

/// One row of the error table, as REST shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// HTTP status.
    pub status: StatusCode,
    /// `error.type` of the body.
    pub error_type: &'static str,
    /// `error.code` of the body; an [`Error::Forbidden`](crate::call::Error::Forbidden) brings its own.
    pub code: Option<&'static str>,
}

/// The row of a kind. No `_` arm: a new kind does not compile until it has a row here, and a code in `grpc`.
pub fn row(kind: Kind) -> Row {
    let (status, error_type, code) = match kind {
        Kind::Invalid => (StatusCode::BAD_REQUEST, "invalid_request_error", None),
        Kind::Blocked => {
            (StatusCode::BAD_REQUEST, "invalid_request_error", Some("content_blocked"))
        }
        Kind::Unauthenticated => {
            (StatusCode::UNAUTHORIZED, "authentication_error", Some("invalid_api_key"))
        }
        Kind::Forbidden => (StatusCode::FORBIDDEN, "permission_error", Some("forbidden")),
        Kind::NotFound => (StatusCode::NOT_FOUND, "not_found_error", Some("not_found")),
        Kind::TooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", Some("request_too_large"))
        }
        Kind::RateLimited => {
            (StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", Some("rate_limit_exceeded"))
        }
        Kind::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "server_error", Some("overloaded")),
        Kind::StateUnavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, "server_error", Some("state_unavailable"))
        }
        Kind::DetectionUnavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, "server_error", Some("detection_unavailable"))
        }
        Kind::NotCached => (StatusCode::GATEWAY_TIMEOUT, "server_error", Some("not_cached")),
        Kind::UpstreamUnreachable => {
            (StatusCode::BAD_GATEWAY, "server_error", Some("upstream_unreachable"))
        }
        Kind::UpstreamBadAnswer => {
            (StatusCode::BAD_GATEWAY, "server_error", Some("upstream_bad_answer"))
        }
        Kind::UpstreamTimeout => {
            (StatusCode::GATEWAY_TIMEOUT, "server_error", Some("upstream_timeout"))
        }
        Kind::UpstreamUnavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, "server_error", Some("upstream_unavailable"))
        }
        Kind::Internal => {
            (StatusCode::INTERNAL_SERVER_ERROR, "server_error", Some("internal_error"))
        }
    };
    Row { status, error_type, code }
}
