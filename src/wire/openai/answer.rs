//! In what form text stands in an answer, whole or as a stream chunk.

use crate::{redact::Context, wire::Expected};

/// How to put values back at a place of an answer.
///
/// Tool arguments are JSON text by the API's word. The content is JSON text if the request asked for it, by
/// `response_format`; whether it looks like JSON is not asked, since prose may quote some.
pub(in crate::wire) fn context(place: &[&str], expected: Expected) -> Context {
    match place {
        ["choices", "*", "message" | "delta", rest @ ..] => in_message(rest, expected),
        ["choices", "*", "text"] if expected.json_content => Context::JsonText,
        _ => Context::Prose,
    }
}

fn in_message(place: &[&str], expected: Expected) -> Context {
    match place {
        ["tool_calls", "*", "function", "arguments"] | ["function_call", "arguments"] => {
            Context::JsonText
        }
        ["content"] | ["content", "*", "text"] if expected.json_content => Context::JsonText,
        _ => Context::Prose,
    }
}
