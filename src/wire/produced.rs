//! Which strings of an answer the model wrote, and which the API put beside them.

use super::endpoint::Dialect;
use crate::json::Step;

/// Members that hold words, names and ids of the API, numbers written as text, or what is signed or encoded.
const OF_THE_API: &[&str] = &[
    "approval_request_id",
    "call_id",
    "container_id",
    "data",
    "detail",
    "encrypted_content",
    "encrypted_index",
    "encrypted_stdout",
    "file_id",
    "finish_reason",
    "format",
    "id",
    "item_id",
    "logprobs",
    "media_type",
    "model",
    "name",
    "native_finish_reason",
    "object",
    "partial_image_b64",
    "phase",
    "response_id",
    "role",
    "server_label",
    "signature",
    "status",
    "stop_reason",
    "stop_sequence",
    "tool_use_id",
    "type",
];

/// True for what the model wrote. What an answer repeats of the request (instructions, tools, metadata) is the caller's own.
pub(super) fn is_produced(dialect: Dialect, path: &[Step<'_>]) -> bool {
    let names = || path.iter().filter_map(name);
    let within = match (dialect, names().next(), names().nth(1)) {
        (Dialect::Chat, Some("choices"), _) => path.len() > 2,
        (Dialect::Messages, Some("content" | "content_block"), _) => path.len() > 1,
        (Dialect::Messages, Some("message"), Some("content")) => true,
        (Dialect::Responses, Some("output" | "item" | "part"), _) => path.len() > 1,
        (Dialect::Responses, Some("response"), Some("output")) => true,
        (
            Dialect::Responses,
            Some("text" | "refusal" | "arguments" | "input" | "code" | "delta" | "transcript"),
            _,
        ) => true,
        // Whatever it is, nobody here can tell it from the model's words.
        (Dialect::Unlisted, ..) => return !names().next_back().is_some_and(is_of_the_api),
        _ => false,
    };
    // The input of a tool is an object of the model's own making: its members may have any name.
    within && (is_tool_input(path) || !names().any(is_of_the_api))
}

/// True for the name of a member that no text of a model is in.
pub(super) fn is_of_the_api(name: &str) -> bool {
    OF_THE_API.contains(&name)
}

/// True inside of the input of an Anthropic tool call, whose keys and numbers are the model's too.
pub(super) fn is_tool_input(path: &[Step<'_>]) -> bool {
    let input = path.iter().position(|step| name(step) == Some("input"));
    let of_block =
        |at: usize| matches!(path.get(at.wrapping_sub(2)).and_then(name), Some("content"));
    input.is_some_and(|at| path.len() > at + 1 && at >= 2 && of_block(at))
}

fn name<'p>(step: &'p Step<'_>) -> Option<&'p str> {
    match step {
        Step::Key(name) => Some(name),
        Step::Index(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{self, Kind};

    fn produced(dialect: Dialect, body: &str) -> Vec<String> {
        let mut found = Vec::new();
        json::walk(body.as_bytes(), json::MAX_DEPTH, &mut |path, token| {
            if token.kind() == Kind::String && is_produced(dialect, path) {
                found.push(token.decode().into_owned());
            }
        })
        .unwrap();
        found
    }

    #[test]
    fn texts_are_told_from_what_surrounds_them() {
        let chat = r#"{"id":"-","model":"-","choices":[{"finish_reason":"-","message":{"role":"-","content":"+",
            "tool_calls":[{"id":"-","type":"-","function":{"name":"-","arguments":"+"}}]},"logprobs":{"content":[{"token":"-"}]}}]}"#;
        assert_eq!(produced(Dialect::Chat, chat), ["+", "+"]);
        let response = r#"{"instructions":"-","metadata":{"a":"-"},"output":[{"id":"-","content":[{"type":"-","text":"+"}]},
            {"arguments":"+","call_id":"-"}]}"#;
        assert_eq!(produced(Dialect::Responses, response), ["+", "+"]);
        let message = r#"{"id":"-","content":[{"type":"-","text":"+"},{"type":"-","name":"-","input":{"name":"+","a":["+"]}},
            {"signature":"-"}],"stop_sequence":"-"}"#;
        assert_eq!(produced(Dialect::Messages, message), ["+", "+", "+"]);
    }
}
