//! Why a call is answered with a status instead of a message, and which status.

use super::proto;
use crate::call::{Error, Kind, whole_seconds};
use std::{collections::HashMap, time::Duration};
use tonic::{Code, Status, metadata::MetadataValue};
use tonic_types::{ErrorDetails, StatusExt};

/// Marks our own faults in `google.rpc.ErrorInfo`.
const DOMAIN: &str = "promptguard.v1";

/// When to come back to a server that is full, or whose store is down: long enough to matter, short enough not to hurt.
const RETRY_SOON: Duration = Duration::from_secs(1);

/// The longest upstream message that is repeated: all details travel in one header, and peers limit headers to 8 KiB.
const MAX_UPSTREAM_TEXT: usize = 1024;

/// Why a call ends without its answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// The stack refused it, or the facade did in the stack's words.
    Call(Error),
    /// The caller's deadline passed.
    Deadline,
    /// The answer is over the limit for messages.
    AnswerTooLarge { limit_bytes: usize },
    /// The upstream answered with an error of its own.
    Upstream(UpstreamFault),
}

/// An upstream's error answer. Its texts come from the upstream: they go to the caller and never to a log.
#[derive(Clone, Default)]
pub(super) struct UpstreamFault {
    /// The HTTP status.
    pub(super) status: u16,
    /// The upstream's words.
    pub(super) message: String,
    /// `error.type` of the body.
    pub(super) error_type: String,
    /// `error.code` of the body.
    pub(super) code: String,
    /// `error.param` of the body.
    pub(super) param: String,
    /// When the upstream asks to be asked again.
    pub(super) retry_after: Option<Duration>,
}

impl std::fmt::Debug for UpstreamFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UpstreamFault({})", self.status)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// The gRPC code of each kind.
///
/// No `_` arm: a new kind does not compile until it has a code here, and one in `rest`.
pub(crate) fn code(kind: Kind) -> Code {
    match kind {
        Kind::Invalid => Code::InvalidArgument,
        Kind::Blocked => Code::FailedPrecondition,
        Kind::Unauthenticated => Code::Unauthenticated,
        Kind::Forbidden => Code::PermissionDenied,
        Kind::NotFound | Kind::NotCached => Code::NotFound,
        Kind::TooLarge | Kind::RateLimited => Code::ResourceExhausted,
        Kind::Overloaded | Kind::StateUnavailable | Kind::DetectionUnavailable => Code::Unavailable,
        Kind::UpstreamUnreachable | Kind::UpstreamBadAnswer | Kind::UpstreamUnavailable => {
            Code::Unavailable
        }
        Kind::UpstreamTimeout => Code::DeadlineExceeded,
        Kind::Internal => Code::Internal,
    }
}

/// The stable word for each kind: that of the REST facade, in capitals.
fn reason(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "INVALID_REQUEST",
        Kind::Blocked => "CONTENT_BLOCKED",
        Kind::Unauthenticated => "INVALID_API_KEY",
        Kind::Forbidden => "FORBIDDEN",
        Kind::NotFound => "NOT_FOUND",
        Kind::TooLarge => "REQUEST_TOO_LARGE",
        Kind::RateLimited => "RATE_LIMIT_EXCEEDED",
        Kind::Overloaded => "OVERLOADED",
        Kind::StateUnavailable => "STATE_UNAVAILABLE",
        Kind::DetectionUnavailable => "DETECTION_UNAVAILABLE",
        Kind::NotCached => "NOT_CACHED",
        Kind::UpstreamUnreachable => "UPSTREAM_UNREACHABLE",
        Kind::UpstreamBadAnswer => "UPSTREAM_BAD_ANSWER",
        Kind::UpstreamTimeout => "UPSTREAM_TIMEOUT",
        Kind::UpstreamUnavailable => "UPSTREAM_UNAVAILABLE",
        Kind::Internal => "INTERNAL_ERROR",
    }
}

/// The code for an HTTP status, as `google.rpc.Code` lists them; what it does not list goes by its hundreds.
fn code_of_http(status: u16) -> Code {
    match status {
        400 | 422 => Code::InvalidArgument,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::NotFound,
        408 | 504 => Code::DeadlineExceeded,
        409 => Code::Aborted,
        413 | 429 => Code::ResourceExhausted,
        499 => Code::Cancelled,
        500 => Code::Internal,
        501 => Code::Unimplemented,
        402 | 405..=499 => Code::FailedPrecondition,
        _ => Code::Unavailable,
    }
}

impl Fault {
    /// A field of the request is not as it must be.
    pub(super) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Call(Error::Invalid { param: Some(field.into()), message: message.into() })
    }

    /// The upstream's answer makes no sense. `reason` must not quote it.
    pub(super) fn bad_answer(reason: impl Into<String>) -> Self {
        Self::Call(Error::UpstreamBadAnswer { reason: reason.into() })
    }

    /// The status code to answer with.
    pub(super) fn code(&self) -> Code {
        match self {
            Self::Call(error) => code(error.kind()),
            Self::Deadline => Code::DeadlineExceeded,
            Self::AnswerTooLarge { .. } => Code::ResourceExhausted,
            Self::Upstream(fault) => code_of_http(fault.status),
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::Call(Error::Forbidden { code, .. }) => code.to_ascii_uppercase(),
            Self::Call(error) => reason(error.kind()).to_owned(),
            Self::Deadline => "DEADLINE_EXCEEDED".to_owned(),
            Self::AnswerTooLarge { .. } => "ANSWER_TOO_LARGE".to_owned(),
            Self::Upstream(_) => "UPSTREAM_ERROR".to_owned(),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Call(error) => error.to_string(),
            Self::Deadline => "the deadline of the call passed".to_owned(),
            Self::AnswerTooLarge { limit_bytes } => format!(
                "the answer is larger than {limit_bytes} bytes (server.max_body_bytes); ask for less at once"
            ),
            Self::Upstream(fault) => {
                format!(
                    "the upstream answered with status {}; its message is in the details",
                    fault.status
                )
            }
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Call(Error::Invalid { param, .. }) => param.as_deref(),
            Self::Call(Error::NotFound { param, .. }) => *param,
            Self::Upstream(fault) if !fault.param.is_empty() => Some(&fault.param),
            Self::Call(_) | Self::Deadline | Self::AnswerTooLarge { .. } | Self::Upstream(_) => {
                None
            }
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Call(
                Error::RateLimited { retry_after, .. } | Error::UpstreamUnavailable { retry_after },
            ) => Some(*retry_after),
            Self::Call(
                Error::Overloaded
                | Error::Stopping
                | Error::StateUnavailable(_)
                | Error::DetectionUnavailable(_),
            ) => Some(RETRY_SOON),
            Self::Upstream(fault) => fault.retry_after,
            Self::Call(_) | Self::Deadline | Self::AnswerTooLarge { .. } => None,
        }
    }

    /// What else a program may want to know.
    fn facts(&self, request_id: &str) -> HashMap<String, String> {
        let mut facts = HashMap::from([("request_id".to_owned(), request_id.to_owned())]);
        let mut add = |key: &str, value: &str| {
            if !value.is_empty() {
                facts.insert(key.to_owned(), shortened(value));
            }
        };
        match self {
            Self::Call(
                Error::Blocked { policy, entity_type } | Error::Withheld { policy, entity_type },
            ) => {
                add("policy", policy);
                add("entity_type", entity_type.as_str());
            }
            Self::Upstream(fault) => {
                add("http_status", &fault.status.to_string());
                add("upstream_message", &fault.message);
                add("upstream_type", &fault.error_type);
                add("upstream_code", &fault.code);
            }
            Self::Call(_) | Self::Deadline | Self::AnswerTooLarge { .. } => {}
        }
        facts
    }

    /// The status to end a call with.
    pub(super) fn status(&self, request_id: &str) -> Status {
        let message = self.message();
        let mut details = ErrorDetails::new();
        details.set_error_info(self.reason(), DOMAIN, self.facts(request_id));
        if let Some(field) = self.field() {
            details.add_bad_request_violation(shortened(field), message.as_str());
        }
        if let Some(delay) = self.retry_after() {
            details.set_retry_info(Some(delay));
        }
        let mut status = Status::with_error_details(self.code(), message, details);
        if let Ok(id) = MetadataValue::try_from(request_id) {
            status.metadata_mut().insert("x-request-id", id);
        }
        if let Some(delay) = self.retry_after() {
            status.metadata_mut().insert("retry-after", whole_seconds(delay).into());
        }
        status
    }

    /// The same for one element of a stream that goes on.
    pub(super) fn failure(&self) -> proto::Failure {
        proto::Failure {
            code: self.code().into(),
            reason: self.reason(),
            message: self.message(),
            field: self.field().unwrap_or_default().to_owned(),
            retry_after_ms: self
                .retry_after()
                .map_or(0, |delay| u32::try_from(delay.as_millis()).unwrap_or(u32::MAX).max(1)),
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_UPSTREAM_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::EntityType;

    fn status(fault: impl Into<Fault>) -> Status {
        fault.into().status("r-1")
    }

    #[test]
    fn every_kind_has_the_code_of_the_error_table() {
        let expected = [
            Code::InvalidArgument,
            Code::FailedPrecondition,
            Code::Unauthenticated,
            Code::PermissionDenied,
            Code::NotFound,
            Code::ResourceExhausted,
            Code::ResourceExhausted,
            Code::Unavailable,
            Code::Unavailable,
            Code::Unavailable,
            Code::NotFound,
            Code::Unavailable,
            Code::Unavailable,
            Code::DeadlineExceeded,
            Code::Unavailable,
            Code::Internal,
        ];
        assert_eq!(Kind::ALL.map(code), expected);
    }

    #[test]
    fn reasons_are_distinct() {
        let reasons: std::collections::HashSet<_> = Kind::ALL.map(reason).into_iter().collect();
        assert_eq!(reasons.len(), Kind::ALL.len());
    }

    #[test]
    fn an_invalid_field_is_named() {
        let status = Fault::invalid("texts[2]", "must be text").status("r-1");
        let details = status.get_error_details();
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "texts[2]");
        assert_eq!(details.error_info().unwrap().metadata["request_id"], "r-1");
        assert_eq!(status.metadata().get("x-request-id").unwrap(), "r-1");
    }

    #[test]
    fn a_rate_limit_says_when_to_come_back() {
        let status =
            status(Error::RateLimited { retry_after: Duration::from_millis(1500), limit: 60 });
        assert_eq!(
            status.get_error_details().retry_info().unwrap().retry_delay,
            Some(Duration::from_millis(1500))
        );
        assert_eq!(status.metadata().get("retry-after").unwrap(), "2");
    }

    #[test]
    fn a_blocked_call_names_policy_and_type() {
        let entity_type = EntityType::builtin("US_SSN");
        let status = status(Error::Blocked { policy: "pci_dss".into(), entity_type });
        let info = status.get_error_details();
        let info = info.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("CONTENT_BLOCKED", DOMAIN));
        assert_eq!(
            (info.metadata["policy"].as_str(), info.metadata["entity_type"].as_str()),
            ("pci_dss", "US_SSN")
        );
    }

    #[test]
    fn the_upstreams_words_stay_out_of_the_message() {
        let fault = UpstreamFault { status: 429, message: "x".repeat(9000), ..Default::default() };
        let status = status(Fault::Upstream(fault));
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert!(!status.message().contains("xx"));
        assert!(status.details().len() < 4096);
    }

    #[test]
    fn http_statuses_without_a_row_go_by_their_hundreds() {
        assert_eq!(code_of_http(418), Code::FailedPrecondition);
        assert_eq!(code_of_http(503), Code::Unavailable);
        assert_eq!(code_of_http(302), Code::Unavailable);
    }
}
