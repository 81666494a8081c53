//! What each place of a request holds. What is not listed is text.

use crate::wire::place::Holds;

/// Member names of the API, left unscanned wherever they stand; any other name is guarded, since the keys of a tool's
/// arguments, of metadata or of a schema can be private. Sorted.
const MEMBERS: [&str; 77] = [
    "additionalProperties",
    "allowed_tools",
    "annotations",
    "arguments",
    "array",
    "audio",
    "cache_control",
    "choices",
    "content",
    "custom",
    "default",
    "definition",
    "description",
    "detail",
    "dimensions",
    "effort",
    "encoding_format",
    "enum",
    "examples",
    "file",
    "file_data",
    "file_id",
    "filename",
    "format",
    "frequency_penalty",
    "function",
    "function_call",
    "functions",
    "grammar",
    "id",
    "image_url",
    "include_usage",
    "input",
    "input_audio",
    "items",
    "json_schema",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "name",
    "parallel_tool_calls",
    "parameters",
    "prediction",
    "presence_penalty",
    "prompt",
    "prompt_cache_key",
    "properties",
    "reasoning_content",
    "reasoning_effort",
    "refusal",
    "required",
    "response_format",
    "role",
    "safety_identifier",
    "schema",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "strict",
    "suffix",
    "temperature",
    "text",
    "tool_call_id",
    "tool_calls",
    "tool_choice",
    "tools",
    "top_p",
    "type",
    "url",
];

/// True for the name of a member that the API defines.
pub(in crate::wire) fn is_member(name: &str) -> bool {
    MEMBERS.binary_search(&name).is_ok()
}

/// What a place of a request to any of them holds.
pub(in crate::wire) fn holds(place: &[&str]) -> Holds {
    match place {
        ["messages", "*", rest @ ..] => in_message(rest),
        ["tools", "*", rest @ ..] | ["tool_choice", rest @ ..] => in_tool(rest),
        ["functions", "*", "name"] | ["function_call", "name"] => Holds::Name,
        ["model"] | ["response_format", "json_schema", "name"] => Holds::Name,
        ["audio", "voice" | "format"]
        | [
            "encoding_format" | "function_call" | "reasoning_effort" | "service_tier" | "verbosity",
        ]
        | ["modalities", "*"]
        | ["prediction" | "response_format", "type"]
        | ["prompt_cache_retention" | "truncation"]
        | ["reasoning", "effort" | "summary"]
        | ["web_search_options", "search_context_size"]
        | ["web_search_options", "user_location", "type"] => Holds::Word,
        ["logit_bias", _] => Holds::Number,
        ["input", "*", "type"] => Holds::Word,
        ["input", "*", "image"] | ["input", "*", "image_url", "url"] => Holds::Media("image"),
        [name] if is_numeric_parameter(name) => Holds::Number,
        _ => Holds::Text,
    }
}

fn in_message(place: &[&str]) -> Holds {
    match place {
        ["role"] => Holds::Word,
        ["tool_call_id"] | ["reasoning_details", "*", "id"] => Holds::Id,
        ["audio", "id"] => Holds::Stored("audio"),
        ["tool_calls", "*", rest @ ..] => in_tool_call(rest),
        ["function_call", "name"] => Holds::Name,
        ["content", "*", rest @ ..] => in_part(rest),
        ["reasoning_details", "*", "type" | "format"] => Holds::Word,
        ["reasoning_details", "*", "data" | "signature"]
        | [.., "encrypted_content" | "thought_signature"] => Holds::Opaque,
        _ => Holds::Text,
    }
}

fn in_tool_call(place: &[&str]) -> Holds {
    match place {
        ["id"] => Holds::Id,
        ["type"] => Holds::Word,
        ["function" | "custom", "name"] => Holds::Name,
        [.., "thought_signature"] => Holds::Opaque,
        ["index"] => Holds::Number,
        _ => Holds::Text,
    }
}

fn in_part(place: &[&str]) -> Holds {
    match place {
        ["type"]
        | ["image_url", "detail"]
        | ["input_audio", "format"]
        | ["cache_control", "type" | "ttl"] => Holds::Word,
        ["image_url"] | ["image_url", "url"] => Holds::Media("image"),
        ["video_url"] | ["video_url", "url"] => Holds::Media("video"),
        ["audio_url"] | ["audio_url", "url"] | ["input_audio", "data"] => Holds::Media("audio"),
        ["file", "file_data" | "file_url"] | ["file_url"] | ["file_url", "url"] => {
            Holds::Media("file")
        }
        // Of whatever kind the part is.
        [.., "file_id"] | [.., "file_ids", "*"] => Holds::Stored("file"),
        _ => Holds::Text,
    }
}

/// Also for `tool_choice`, which may be a word and else is built like a tool.
fn in_tool(place: &[&str]) -> Holds {
    match place {
        [] | ["type"] | ["allowed_tools", "mode"] | ["allowed_tools", "tools", "*", "type"] => {
            Holds::Word
        }
        ["custom", "format", "type"] | ["custom", "format", "grammar", "syntax"] => Holds::Word,
        ["function" | "custom", "name"]
        | ["allowed_tools", "tools", "*", "function" | "custom", "name"] => Holds::Name,
        _ => Holds::Text,
    }
}

fn is_numeric_parameter(name: &str) -> bool {
    matches!(
        name,
        "best_of"
            | "dimensions"
            | "frequency_penalty"
            | "logprobs"
            | "max_completion_tokens"
            | "max_tokens"
            | "min_p"
            | "n"
            | "presence_penalty"
            | "repetition_penalty"
            | "seed"
            | "temperature"
            | "top_k"
            | "top_logprobs"
            | "top_p"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_sorted() {
        assert!(MEMBERS.is_sorted());
    }

    #[test]
    fn places() {
        for (place, expected) in [
            ("model", Holds::Name),
            ("seed", Holds::Number),
            ("logit_bias/50256", Holds::Number),
            ("user", Holds::Text),
            ("stop/*", Holds::Text),
            ("metadata/type", Holds::Text),
            ("prompt", Holds::Text),
            ("suffix", Holds::Text),
            ("input/*", Holds::Text),
            ("input/*/text", Holds::Text),
            ("input/*/type", Holds::Word),
            ("input/*/image_url/url", Holds::Media("image")),
            ("service_tier", Holds::Word),
            ("tool_choice", Holds::Word),
            ("tool_choice/function/name", Holds::Name),
            ("tools/*/type", Holds::Word),
            ("tools/*/function/name", Holds::Name),
            ("tools/*/function/description", Holds::Text),
            ("tools/*/function/parameters/properties/role/enum/*", Holds::Text),
            ("messages/*/role", Holds::Word),
            ("messages/*/name", Holds::Text),
            ("messages/*/content", Holds::Text),
            ("messages/*/content/*/text", Holds::Text),
            ("messages/*/content/*/type", Holds::Word),
            ("messages/*/content/*/image_url/url", Holds::Media("image")),
            ("messages/*/content/*/input_audio/data", Holds::Media("audio")),
            ("messages/*/content/*/file/file_data", Holds::Media("file")),
            ("messages/*/content/*/file/filename", Holds::Text),
            ("messages/*/content/*/file/file_id", Holds::Stored("file")),
            ("messages/*/content/*/hologram/file_id", Holds::Stored("file")),
            ("messages/*/audio/id", Holds::Stored("audio")),
            ("messages/*/tool_calls/*/id", Holds::Id),
            ("messages/*/tool_calls/*/function/name", Holds::Name),
            ("messages/*/tool_calls/*/function/arguments", Holds::Text),
            ("messages/*/tool_call_id", Holds::Id),
            ("messages/*/extra_content/google/thought_signature", Holds::Opaque),
            ("prediction/content", Holds::Text),
            ("web_search_options/user_location/approximate/city", Holds::Text),
        ] {
            let parts: Vec<&str> = place.split('/').collect();
            assert_eq!(holds(&parts), expected, "{place}");
        }
    }
}
