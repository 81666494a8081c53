//! Errors as answers: a row of the table, told in the shape that the caller's SDK reads.

use super::{
    headers,
    row::{Row, row},
    shape::{Shape, Told},
};
use crate::call::{Error, whole_seconds};
use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use std::time::Duration;

/// Why a request gets an error answer: a fault of the stack, or one that the facade itself saw.
#[derive(Debug)]
pub(super) struct Failure {
    row: Row,
    message: Box<str>,
    param: Option<Box<str>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    /// A request that is malformed at `param`.
    pub(super) fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Error::Invalid { param: Some(param.into()), message: message.into() }.into()
    }

    /// No such path here.
    pub(super) fn unknown_path() -> Self {
        let message =
            "no such path; see GET /guard/v1/policies, POST /v1/chat/completions".to_owned();
        Error::NotFound { message, param: None }.into()
    }

    /// A path of a provider that the guard cannot read.
    pub(super) fn unguarded(family: &str) -> Self {
        let message = format!(
            "this path of {family} is not guarded, so requests to it are refused; the setting server.unknown_endpoints \
             decides on this"
        );
        Error::Forbidden { message, code: "unguarded_endpoint" }.into()
    }

    /// A web page calls that may not.
    pub(super) fn foreign_origin() -> Self {
        let message = "web pages of this origin may not call; the setting server.cors.allowed_origins names those that may"
            .to_owned();
        Error::Forbidden { message, code: "origin_not_allowed" }.into()
    }

    /// A known path that does not have this method.
    pub(super) fn method_not_allowed(method: &Method, allow: &'static str) -> Self {
        // A method name of the caller's own making is not repeated.
        let known =
            [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let name = if known.contains(method) { method.as_str() } else { "this method" };
        let row = Row {
            status: StatusCode::METHOD_NOT_ALLOWED,
            error_type: "invalid_request_error",
            code: Some("method_not_allowed"),
        };
        let mut failure =
            Self::new(row, format!("the path does not allow {name}; it allows {allow}"));
        failure.set("allow", allow);
        failure
    }

    /// The body comes in a content coding that cannot be read.
    pub(super) fn unknown_coding() -> Self {
        let row = Row {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            error_type: "invalid_request_error",
            code: Some("unsupported_content_encoding"),
        };
        let message = "the content-encoding of the request body cannot be read; send it as it is, or in one of gzip, br, \
                       zstd and deflate";
        let mut failure = Self::new(row, message.to_owned());
        failure.param = Some("content-encoding".into());
        failure.set("accept-encoding", "gzip, br, zstd, deflate");
        failure
    }

    /// The body did not arrive in time.
    pub(super) fn slow_body() -> Self {
        let row = Row {
            status: StatusCode::REQUEST_TIMEOUT,
            error_type: "invalid_request_error",
            code: Some("request_timeout"),
        };
        Self::new(row, "the request body did not arrive in time".to_owned())
    }

    /// Nothing more of the body has come for too long.
    pub(super) fn stalled_body(idle: Duration) -> Self {
        let message = format!(
            "no more of the request body came for {} ms; send it without pauses, or raise the setting server.upload_idle_ms",
            idle.as_millis()
        );
        Self { message: message.into(), ..Self::slow_body() }
    }

    /// The code behind the request panicked. What it said is not told: it may hold input.
    /// The panic itself is logged by the hook of `telemetry`.
    pub(super) fn panicked() -> Self {
        Error::Internal("a panic".into()).into()
    }

    /// The stack answered something else than was asked: a fault of ours.
    pub(super) fn wrong_reply() -> Self {
        tracing::error!("the stack answered another task than it was given");
        Error::Internal("the stack answered another task".into()).into()
    }

    fn new(row: Row, message: String) -> Self {
        Self { row, message: message.into(), param: None, headers: Vec::new() }
    }

    /// The answer, in the words of the path's provider.
    pub(super) fn respond(self, shape: Shape, request_id: &str) -> Response {
        let body = Body::from(shape.body(self.told(), request_id));
        let mut response = (self.row.status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, headers::JSON);
        response.headers_mut().extend(shape.id_header(request_id));
        response.headers_mut().extend(self.headers);
        response
    }

    /// What there is to say.
    pub(super) fn told(&self) -> Told<'_> {
        Told { row: self.row, message: &self.message, param: self.param.as_deref() }
    }
}

/// The cause is left behind: the stack has logged it.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut failure = Self::new(row(error.kind()), error.to_string());
        match error {
            Error::Invalid { param, .. } => failure.param = param.map(Into::into),
            Error::NotFound { param, .. } => failure.param = param.map(Into::into),
            Error::Forbidden { code, .. } => failure.row.code = Some(code),
            Error::Blocked { .. } | Error::Withheld { .. } => {
                failure.set("x-should-retry", "false")
            }
            Error::Unauthenticated { .. } => failure.set("www-authenticate", "Bearer"),
            Error::RateLimited { retry_after, limit } => failure.set_rate_limit(retry_after, limit),
            Error::Overloaded
            | Error::Stopping
            | Error::StateUnavailable(_)
            | Error::DetectionUnavailable(_) => failure.set("retry-after", "1"),
            Error::UpstreamUnavailable { retry_after } => failure.set_retry_after(retry_after),
            Error::TooLarge { .. }
            | Error::NotCached
            | Error::UpstreamUnreachable(_)
            | Error::UpstreamBadAnswer { .. }
            | Error::UpstreamTimeout
            | Error::Internal(_) => {}
        }
        failure
    }
}

impl Failure {
    fn set(&mut self, name: &'static str, value: &'static str) {
        self.headers.push((HeaderName::from_static(name), HeaderValue::from_static(value)));
    }

    /// Whole seconds, rounded up, for all; milliseconds for SDKs.
    fn set_retry_after(&mut self, wait: Duration) {
        self.set_number("retry-after", whole_seconds(wait).into());
        self.set_number("retry-after-ms", wait.as_millis().max(1));
    }

    fn set_number(&mut self, name: &'static str, number: u128) {
        if let Ok(value) = HeaderValue::try_from(number.to_string()) {
            self.headers.push((HeaderName::from_static(name), value));
        }
    }

    /// What clients of each kind look for: SDKs `retry-after-ms`, all others `Retry-After`; the limit itself in the
    /// IETF draft's old and new form and in OpenAI's.
    fn set_rate_limit(&mut self, retry_after: Duration, limit: u64) {
        self.set_retry_after(retry_after);
        let wait_ms = retry_after.as_millis().max(1);
        let wait_s = whole_seconds(retry_after);
        let headers = [
            ("ratelimit", format!("\"calls\";r=0;t={wait_s}")),
            ("ratelimit-policy", format!("\"calls\";q={limit}")),
            ("ratelimit-limit", limit.to_string()),
            ("ratelimit-remaining", "0".to_owned()),
            ("ratelimit-reset", wait_s.to_string()),
            ("x-ratelimit-limit-requests", limit.to_string()),
            ("x-ratelimit-remaining-requests", "0".to_owned()),
            ("x-ratelimit-reset-requests", format!("{wait_ms}ms")),
        ];
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                self.headers.push((HeaderName::from_static(name), value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        call::Kind,
        detect::{EntityType, Unread},
    };

    fn sample(kind: Kind) -> Error {
        let message = "m".to_owned();
        match kind {
            Kind::Invalid => Error::Invalid { param: Some("texts[0]".into()), message },
            Kind::Blocked => Error::Blocked {
                policy: "pci_dss".into(),
                entity_type: EntityType::builtin("CREDIT_CARD"),
            },
            Kind::Unauthenticated => Error::Unauthenticated { message },
            Kind::Forbidden => Error::Forbidden { message, code: "unguarded_endpoint" },
            Kind::NotFound => Error::NotFound { message, param: Some("policy") },
            Kind::TooLarge => Error::TooLarge { limit_bytes: 10 },
            Kind::RateLimited => {
                Error::RateLimited { retry_after: Duration::from_millis(1500), limit: 60 }
            }
            Kind::Overloaded => Error::Overloaded,
            Kind::StateUnavailable => Error::StateUnavailable("c".into()),
            Kind::DetectionUnavailable => {
                Error::DetectionUnavailable(Unread { model: "ner".into(), reason: "r".into() })
            }
            Kind::NotCached => Error::NotCached,
            Kind::UpstreamUnreachable => Error::UpstreamUnreachable("c".into()),
            Kind::UpstreamBadAnswer => Error::UpstreamBadAnswer { reason: "no JSON".into() },
            Kind::UpstreamTimeout => Error::UpstreamTimeout,
            Kind::UpstreamUnavailable => {
                Error::UpstreamUnavailable { retry_after: Duration::from_millis(1500) }
            }
            Kind::Internal => Error::Internal("c".into()),
        }
    }

    fn header(failure: &Failure, name: &str) -> Option<String> {
        let found = failure.headers.iter().find(|(known, _)| known == name)?;
        found.1.to_str().ok().map(str::to_owned)
    }

    #[test]
    fn every_kind_has_its_status_type_and_code() {
        let expected = [
            (400, "invalid_request_error", "null"),
            (400, "invalid_request_error", "\"content_blocked\""),
            (401, "authentication_error", "\"invalid_api_key\""),
            (403, "permission_error", "\"unguarded_endpoint\""),
            (404, "not_found_error", "\"not_found\""),
            (413, "invalid_request_error", "\"request_too_large\""),
            (429, "rate_limit_error", "\"rate_limit_exceeded\""),
            (503, "server_error", "\"overloaded\""),
            (503, "server_error", "\"state_unavailable\""),
            (503, "server_error", "\"detection_unavailable\""),
            (504, "server_error", "\"not_cached\""),
            (502, "server_error", "\"upstream_unreachable\""),
            (502, "server_error", "\"upstream_bad_answer\""),
            (504, "server_error", "\"upstream_timeout\""),
            (503, "server_error", "\"upstream_unavailable\""),
            (500, "server_error", "\"internal_error\""),
        ];
        for (kind, (status, error_type, code)) in Kind::ALL.into_iter().zip(expected) {
            let failure = Failure::from(sample(kind));
            assert_eq!(failure.row.status.as_u16(), status, "{kind:?}");
            let json = Shape::OpenAi.body(failure.told(), "");
            assert!(json.contains(&format!("\"type\":\"{error_type}\"")), "{kind:?}: {json}");
            assert!(json.ends_with(&format!("\"code\":{code}}}}}")), "{kind:?}: {json}");
            assert!(json.contains("\"param\":"), "{kind:?}: {json}");
        }
    }

    #[test]
    fn only_what_may_succeed_later_invites_a_retry() {
        for kind in Kind::ALL {
            let failure = Failure::from(sample(kind));
            let waits = matches!(
                kind,
                Kind::RateLimited
                    | Kind::Overloaded
                    | Kind::StateUnavailable
                    | Kind::DetectionUnavailable
                    | Kind::UpstreamUnavailable
            );
            assert_eq!(header(&failure, "retry-after").is_some(), waits, "{kind:?}");
            let blocked = kind == Kind::Blocked;
            assert_eq!(header(&failure, "x-should-retry").is_some(), blocked, "{kind:?}");
        }
    }

    #[test]
    fn waiting_times_are_rounded_up() {
        let failure = Failure::from(sample(Kind::RateLimited));
        assert_eq!(header(&failure, "retry-after").as_deref(), Some("2"));
        assert!(failure.message.ends_with(" in 2 s"), "{}", failure.message);
        assert_eq!(header(&failure, "retry-after-ms").as_deref(), Some("1500"));
        assert_eq!(header(&failure, "ratelimit").as_deref(), Some("\"calls\";r=0;t=2"));
        assert_eq!(header(&failure, "x-ratelimit-limit-requests").as_deref(), Some("60"));
    }

    #[test]
    fn causes_are_not_told() {
        let failure = Failure::from(Error::Internal("db at 10.0.0.7".into()));
        assert!(!failure.message.contains("10.0.0.7"));
    }
}
