//! In what form text stands in an answer.

use crate::{redact::Context, wire::Expected};

/// How to put values back at a place of a message; `None` for what is signed or opaque.
///
/// The input of a tool is an object, so its strings are texts like any other. The text is JSON text if the request asked
/// for it, by `output_config.format`.
pub(in crate::wire) fn context(place: &[&str], expected: Expected) -> Option<Context> {
    match place {
        ["content", "*", rest @ ..] => in_block(rest, expected),
        _ => Some(Context::Prose),
    }
}

/// How to put values back at a place of a block.
pub(in crate::wire) fn in_block(place: &[&str], expected: Expected) -> Option<Context> {
    match place {
        ["input", ..] => Some(Context::Prose),
        // Also the content of a compaction, which is the only block that has a text there.
        ["thinking" | "signature" | "data" | "content"]
        | [.., "encrypted_content" | "encrypted_index" | "encrypted_stdout"] => None,
        ["text"] if expected.json_content => Some(Context::JsonText),
        _ => Some(Context::Prose),
    }
}
