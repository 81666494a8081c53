//! What can be wrong with a provider's bytes, and how to tell a client that a stream broke.

use serde_json::json;

/// Why an answer cannot be read. Displays without any part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not the JSON that was due.
    #[error("it is not well-formed JSON")]
    Malformed,
    /// An event without end.
    #[error("it holds an event of more than {} bytes", super::sse::MAX_EVENT_BYTES)]
    TooLarge,
    /// More choices and tool calls side by side than anyone asks for.
    #[error("it interleaves more than {} texts", super::MAX_OPEN_TEXTS)]
    TooManyTexts,
    /// The stream ended inside an event.
    #[error("it ended inside an event")]
    Truncated,
    /// Text with stand-ins in a form that they cannot be put back into.
    #[error("it is neither JSON nor text and holds stand-ins for private values")]
    Unrestorable,
}

/// The event that tells a client of an OpenAI stream that nothing good follows; its SDKs raise it as an API error.
///
/// `kind` and `code` are those of the error table, such as `server_error` and `upstream_timeout`.
pub fn error_event(message: &str, kind: &str, param: Option<&str>, code: Option<&str>) -> Vec<u8> {
    let body = json!({
        "error": { "message": message, "type": kind, "param": param, "code": code }
    });
    format!("data: {body}\n\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_event_has_all_four_members_and_stays_one_line() {
        let event =
            error_event("two\nlines \"quoted\"", "server_error", None, Some("upstream_timeout"));
        let expected = "data: {\"error\":{\"code\":\"upstream_timeout\",\"message\":\"two\\nlines \\\"quoted\\\"\",\
                        \"param\":null,\"type\":\"server_error\"}}\n\n";
        assert_eq!(String::from_utf8(event).unwrap(), expected);
    }
}
