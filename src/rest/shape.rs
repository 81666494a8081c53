//! In whose words an error is told: each provider's SDKs read their own.

use super::row::Row;
use crate::wire::Endpoint;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

/// Whose errors a path answers with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// OpenAI's, and that of the guard's own API.
    #[default]
    OpenAi,
    /// OpenAI's; in a stream, an event of a response.
    Responses,
    /// Anthropic's.
    Anthropic,
}

/// An error as the facade knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) row: Row,
    pub(super) message: &'a str,
    pub(super) param: Option<&'a str>,
}

const ANTHROPIC_REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

impl Shape {
    /// By the path as it came, whether it means anything or not.
    pub(super) fn of_path(path: &str) -> Self {
        let mut segments = path.split('/').skip_while(|segment| *segment != "v1").skip(1);
        match segments.next() {
            Some("messages") if !path.starts_with("/guard/") => Self::Anthropic,
            _ => Self::OpenAi,
        }
    }

    /// By what the path means; by the path alone where nobody knows.
    pub(super) fn of(endpoint: Endpoint, path: &str) -> Self {
        match endpoint {
            Endpoint::Messages | Endpoint::CountTokens => Self::Anthropic,
            Endpoint::Responses
            | Endpoint::StoredResponse
            | Endpoint::CancelResponse
            | Endpoint::ResponseInputItems => Self::Responses,
            Endpoint::ChatCompletions
            | Endpoint::Completions
            | Endpoint::Embeddings
            | Endpoint::Moderations
            | Endpoint::Models => Self::OpenAi,
            Endpoint::Unlisted | Endpoint::Unread => Self::of_path(path),
        }
    }

    /// The body of an answer.
    pub(super) fn body(self, told: Told<'_>, request_id: &str) -> String {
        match self {
            Self::OpenAi | Self::Responses => json(&OpenAi { error: openai(told) }),
            Self::Anthropic => json(&anthropic(told, request_id)),
        }
    }

    /// The header by which this provider's SDKs know the request, beside ours.
    pub(super) fn id_header(self, request_id: &str) -> Option<(HeaderName, HeaderValue)> {
        let value = HeaderValue::from_str(request_id).ok()?;
        match self {
            Self::OpenAi | Self::Responses => None,
            Self::Anthropic => Some((ANTHROPIC_REQUEST_ID, value)),
        }
    }

    /// The event of a stream that has begun. `number` is the one of the next event, where events have numbers.
    pub(super) fn event(self, told: Told<'_>, request_id: &str, number: u64) -> Vec<u8> {
        let (name, data) = match self {
            Self::OpenAi => ("", json(&OpenAi { error: openai(told) })),
            Self::Responses => {
                let Told { row: Row { code, .. }, message, param } = told;
                let error = openai(told);
                let event = ResponseError { kind: "error", code, message, param, error, number };
                ("event: error\n", json(&event))
            }
            Self::Anthropic => ("event: error\n", json(&anthropic(told, request_id))),
        };
        format!("{name}data: {data}\n\n").into_bytes()
    }
}

/// Strings and numbers cannot fail to serialize; an empty object would still be JSON.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_else(|_| "{}".to_owned())
}

/// OpenAI's error body; its schema wants all four keys.
#[derive(Serialize)]
struct OpenAi<'a> {
    error: Described<'a>,
}

#[derive(Serialize)]
struct Described<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    error_type: &'static str,
    param: Option<&'a str>,
    code: Option<&'static str>,
}

/// The `error` event of a response. The members of its schema stand beside an `error`, which is what makes the SDKs
/// raise it.
#[derive(Serialize)]
struct ResponseError<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    code: Option<&'static str>,
    message: &'a str,
    param: Option<&'a str>,
    error: Described<'a>,
    #[serde(rename = "sequence_number")]
    number: u64,
}

fn openai(Told { row, message, param }: Told<'_>) -> Described<'_> {
    Described { message, error_type: row.error_type, param, code: row.code }
}

/// Anthropic's error body. `param` and `code` are ours, where there is something to say.
#[derive(Serialize)]
struct Anthropic<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: Reason<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
struct Reason<'a> {
    #[serde(rename = "type")]
    error_type: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

fn anthropic<'a>(told: Told<'a>, request_id: &'a str) -> Anthropic<'a> {
    let Told { row, message, param } = told;
    let error = Reason { error_type: anthropic_type(row), message, param, code: row.code };
    Anthropic { kind: "error", error, request_id }
}

fn anthropic_type(row: Row) -> &'static str {
    match row.status {
        StatusCode::BAD_REQUEST
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => "invalid_request_error",
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::FORBIDDEN => "permission_error",
        StatusCode::NOT_FOUND => "not_found_error",
        StatusCode::PAYLOAD_TOO_LARGE => "request_too_large",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => "timeout_error",
        StatusCode::SERVICE_UNAVAILABLE if row.code == Some("overloaded") => "overloaded_error",
        _ => "api_error",
    }
}

/// Reads from passing bytes which number the next event has.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    next: u64,
    /// The last bytes of what passed, which may hold the beginning of a number.
    tail: Vec<u8>,
}

const NUMBER: &[u8] = b"\"sequence_number\":";

impl Numbers {
    /// Takes the next bytes.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        if let Some(at) = memchr::memmem::rfind(&self.tail, NUMBER) {
            let digits = self.tail[at + NUMBER.len()..].trim_ascii_start();
            let length = digits.iter().take_while(|b| b.is_ascii_digit()).count();
            let number = std::str::from_utf8(&digits[..length]).ok().and_then(|n| n.parse().ok());
            self.next = self.next.max(number.map_or(0, |number: u64| number.saturating_add(1)));
        }
        let old = self.tail.len().saturating_sub(NUMBER.len() + 24);
        self.tail.drain(..old);
    }

    /// The number of the next event.
    pub(super) fn next(&self) -> u64 {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{call::Kind, rest::row};

    fn told(kind: Kind) -> Told<'static> {
        Told { row: row(kind), message: "m", param: Some("p") }
    }

    #[test]
    fn paths_have_the_shape_of_their_provider() {
        for (path, expected) in [
            ("/v1/messages", Shape::Anthropic),
            ("/anthropic/v1/messages/count_tokens", Shape::Anthropic),
            ("/v1/messages/batches", Shape::Anthropic),
            ("/v1/chat/completions", Shape::OpenAi),
            ("/v1/threads/messages", Shape::OpenAi),
            ("/guard/v1/messages", Shape::OpenAi),
            ("/", Shape::OpenAi),
        ] {
            assert_eq!(Shape::of_path(path), expected, "{path}");
        }
    }

    #[test]
    fn every_kind_has_an_anthropic_type() {
        let expected = [
            "invalid_request_error",
            "invalid_request_error",
            "authentication_error",
            "permission_error",
            "not_found_error",
            "request_too_large",
            "rate_limit_error",
            "overloaded_error",
            "api_error",
            "api_error",
            "timeout_error",
            "api_error",
            "api_error",
            "timeout_error",
            "api_error",
            "api_error",
        ];
        for (kind, expected) in Kind::ALL.into_iter().zip(expected) {
            let body = Shape::Anthropic.body(told(kind), "req_1");
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(body["type"], "error");
            assert_eq!(body["error"]["type"], expected, "{kind:?}");
            assert_eq!(body["request_id"], "req_1");
        }
    }

    #[test]
    fn events_are_told_in_each_shape() {
        let event = |shape: Shape| {
            String::from_utf8(shape.event(told(Kind::UpstreamTimeout), "req_1", 7)).unwrap()
        };
        let error =
            r#"{"message":"m","type":"server_error","param":"p","code":"upstream_timeout"}"#;
        assert_eq!(event(Shape::OpenAi), format!("data: {{\"error\":{error}}}\n\n"));
        assert_eq!(
            event(Shape::Responses),
            format!(
                "event: error\ndata: {{\"type\":\"error\",\"code\":\"upstream_timeout\",\"message\":\"m\",\"param\":\"p\",\
                 \"error\":{error},\"sequence_number\":7}}\n\n"
            )
        );
        assert_eq!(
            event(Shape::Anthropic),
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\",\"message\":\"m\",\"param\":\"p\",\
             \"code\":\"upstream_timeout\"},\"request_id\":\"req_1\"}\n\n"
        );
    }

    #[test]
    fn numbers_are_read_wherever_the_bytes_are_cut() {
        let stream =
            b"data: {\"sequence_number\": 9}\n\ndata: {\"sequence_number\":10,\"a\":1}\n\n";
        for size in 1..stream.len() {
            let mut numbers = Numbers::default();
            assert_eq!(numbers.next(), 0);
            stream.chunks(size).for_each(|bytes| numbers.pass(bytes));
            assert_eq!(numbers.next(), 11, "in pieces of {size}");
        }
    }
}
