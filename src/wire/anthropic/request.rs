//! What each place of a request holds, and which requests lean on another one. What is not listed is text. What is signed is
//! told in `sealed`.

use crate::{
    json::{Kind, Token},
    wire::{endpoint::Needs, place::Holds, sealed::is_sealed},
};

/// Member names of the API. Sorted.
const MEMBERS: &[&str] = &[
    "additionalProperties",
    "allowed_domains",
    "authorization_token",
    "blocked_domains",
    "budget_tokens",
    "cache_control",
    "caller",
    "citations",
    "cited_text",
    "clear_at_least",
    "container",
    "content",
    "context",
    "context_management",
    "data",
    "description",
    "disable_parallel_tool_use",
    "display",
    "display_height_px",
    "display_number",
    "display_width_px",
    "document_index",
    "document_title",
    "edits",
    "effort",
    "enabled",
    "encrypted_content",
    "encrypted_index",
    "encrypted_stdout",
    "end_block_index",
    "end_char_index",
    "end_page_number",
    "enum",
    "error_code",
    "exclude_tools",
    "file_id",
    "format",
    "id",
    "index",
    "inference_geo",
    "input",
    "input_examples",
    "input_schema",
    "is_error",
    "items",
    "keep",
    "max_characters",
    "max_content_tokens",
    "max_tokens",
    "max_uses",
    "mcp_servers",
    "media_type",
    "messages",
    "metadata",
    "model",
    "name",
    "output_config",
    "output_format",
    "page_age",
    "properties",
    "required",
    "retrieved_at",
    "return_code",
    "role",
    "schema",
    "search_result_index",
    "server_name",
    "service_tier",
    "signature",
    "skill_id",
    "skills",
    "source",
    "start_block_index",
    "start_char_index",
    "start_page_number",
    "stderr",
    "stdout",
    "stop_sequences",
    "stream",
    "strict",
    "system",
    "temperature",
    "text",
    "thinking",
    "title",
    "tool_choice",
    "tool_id",
    "tool_name",
    "tool_use_id",
    "tools",
    "top_k",
    "top_p",
    "ttl",
    "type",
    "url",
    "user_id",
];

/// True for the name of a member that the API defines.
pub(in crate::wire) fn is_member(name: &str) -> bool {
    MEMBERS.binary_search(&name).is_ok()
}

/// What a place of a request holds.
pub(in crate::wire) fn holds(place: &[&str]) -> Holds {
    match place {
        ["messages", "*", "role"] => Holds::Word,
        // As far as the type of the block defines it: see `sealed`.
        ["messages", "*", "content", "*", member]
        | ["messages", "*", "content", "*", "content", member]
        | ["messages", "*", "content", "*", "content", "*", member]
            if is_sealed(member) =>
        {
            Holds::Opaque
        }
        ["messages", "*", "content", "*", rest @ ..] | ["system", "*", rest @ ..] => in_block(rest),
        ["tools", "*", rest @ ..] | ["tool_choice", rest @ ..] => in_tool(rest),
        ["mcp_servers", "*", rest @ ..] => in_server(rest),
        ["context_management", "edits", "*", rest @ ..] => in_edit(rest),
        ["cache_control", "type" | "ttl"]
        | ["service_tier" | "inference_geo" | "speed"]
        | ["thinking", "type" | "display"]
        | ["output_config", "effort"]
        | ["output_config", "format", "type"]
        | ["output_format", "type"]
        | ["container", "skills", "*", "type"] => Holds::Word,
        ["model"] | ["container", "skills", "*", "skill_id" | "version"] => Holds::Name,
        ["container"] | ["container", "id"] | ["diagnostics", "previous_message_id"] => Holds::Id,
        ["max_tokens" | "temperature" | "top_k" | "top_p"] | ["thinking", "budget_tokens"] => {
            Holds::Number
        }
        _ => Holds::Text,
    }
}

/// A block, or one inside of it: results and documents hold blocks again.
fn in_block(place: &[&str]) -> Holds {
    match place {
        ["input", ..] => Holds::Text,
        ["content", "*", rest @ ..]
        | ["source", "content", "*", rest @ ..]
        | ["content", rest @ ..]
            if !rest.is_empty() =>
        {
            in_block(rest)
        }
        ["type" | "error_code"]
        | ["cache_control", "type" | "ttl"]
        | ["source", "type"]
        | ["caller", "type"] => Holds::Word,
        ["source", "media_type"] | ["name" | "tool_name" | "toolset_name" | "server_name"] => {
            Holds::Name
        }
        ["id" | "tool_use_id"] | ["caller", "tool_id"] => Holds::Id,
        ["source", "url"] => Holds::Link,
        // Of whatever kind the block is.
        ["file_id"] | ["source", .., "file_id"] => Holds::Stored("file"),
        ["source", "data"] => Holds::Source,
        ["return_code" | "num_lines" | "start_line" | "total_lines"] => Holds::Number,
        ["citations", "*", rest @ ..] => in_citation(rest),
        _ => Holds::Text,
    }
}

fn in_citation(place: &[&str]) -> Holds {
    match place {
        ["type"] => Holds::Word,
        ["encrypted_index"] => Holds::Opaque,
        ["file_id"] => Holds::Id,
        [name] if name.ends_with("_index") || name.ends_with("_page_number") => Holds::Number,
        _ => Holds::Text,
    }
}

/// Also for `tool_choice`.
fn in_tool(place: &[&str]) -> Holds {
    match place {
        // Their names carry dates: `web_search_20250305`.
        ["type" | "name" | "mcp_server_name"] | ["allowed_callers", "*"] => Holds::Name,
        ["cache_control", "type" | "ttl"] | ["user_location", "type"] => Holds::Word,
        [
            "max_uses" | "max_characters" | "max_content_tokens" | "display_width_px"
            | "display_height_px" | "display_number",
        ] => Holds::Number,
        _ => Holds::Text,
    }
}

fn in_server(place: &[&str]) -> Holds {
    match place {
        ["type"] => Holds::Word,
        ["name"] | ["tool_configuration", "allowed_tools", "*"] => Holds::Name,
        _ => Holds::Text,
    }
}

fn in_edit(place: &[&str]) -> Holds {
    match place {
        ["type"] | [_, "type"] | ["exclude_tools", "*"] => Holds::Name,
        [_, "value"] => Holds::Number,
        _ => Holds::Text,
    }
}

/// Whether a token makes the request lean on another one.
pub(in crate::wire) fn needs(place: &[&str], token: &Token<'_>) -> Option<Needs> {
    let earlier = |param| Some(Needs { param, earlier: true });
    match (place, token.kind()) {
        (["thread"] | ["thread", "id"], Kind::String) => earlier("thread"),
        // What it sums up is not sent again, and with that its stand-ins are not given out again.
        (["messages", "*", "content", "*", "type"], Kind::String)
            if token.decode() == "compaction" =>
        {
            earlier("messages")
        }
        _ => None,
    }
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
            ("max_tokens", Holds::Number),
            ("system", Holds::Text),
            ("system/*/text", Holds::Text),
            ("system/*/cache_control/ttl", Holds::Word),
            ("metadata/user_id", Holds::Text),
            ("stop_sequences/*", Holds::Text),
            ("thinking/type", Holds::Word),
            ("thinking/budget_tokens", Holds::Number),
            ("messages/*/role", Holds::Word),
            ("messages/*/content", Holds::Text),
            ("messages/*/content/*/type", Holds::Word),
            ("messages/*/content/*/text", Holds::Text),
            ("messages/*/content/*/thinking", Holds::Text),
            ("messages/*/content/*/signature", Holds::Opaque),
            ("messages/*/content/*/data", Holds::Opaque),
            ("messages/*/content/*/content/*/content/*/data", Holds::Text),
            ("system/*/signature", Holds::Text),
            ("messages/*/content/*/id", Holds::Id),
            ("messages/*/content/*/name", Holds::Name),
            ("messages/*/content/*/input/type", Holds::Text),
            ("messages/*/content/*/input/content/*/id", Holds::Text),
            ("messages/*/content/*/tool_use_id", Holds::Id),
            ("messages/*/content/*/content", Holds::Text),
            ("messages/*/content/*/content/*/text", Holds::Text),
            ("messages/*/content/*/content/*/source/data", Holds::Source),
            ("messages/*/content/*/content/*/encrypted_content", Holds::Opaque),
            ("messages/*/content/*/content/stdout", Holds::Text),
            ("messages/*/content/*/content/content/source/data", Holds::Source),
            ("messages/*/content/*/source/media_type", Holds::Name),
            ("messages/*/content/*/source/url", Holds::Link),
            ("messages/*/content/*/source/file_id", Holds::Stored("file")),
            ("messages/*/content/*/content/*/source/file_id", Holds::Stored("file")),
            ("messages/*/content/*/file_id", Holds::Stored("file")),
            ("messages/*/content/*/citations/*/file_id", Holds::Id),
            ("messages/*/content/*/source/content", Holds::Text),
            ("messages/*/content/*/source/content/*/text", Holds::Text),
            ("messages/*/content/*/title", Holds::Text),
            ("messages/*/content/*/context", Holds::Text),
            ("messages/*/content/*/citations/*/cited_text", Holds::Text),
            ("messages/*/content/*/citations/*/start_char_index", Holds::Number),
            ("messages/*/content/*/citations/*/encrypted_index", Holds::Opaque),
            ("tools/*/type", Holds::Name),
            ("tools/*/name", Holds::Name),
            ("tools/*/description", Holds::Text),
            ("tools/*/input_schema/properties/name/type", Holds::Text),
            ("tools/*/user_location/city", Holds::Text),
            ("tool_choice/name", Holds::Name),
            ("mcp_servers/*/url", Holds::Text),
            ("context_management/edits/*/type", Holds::Name),
            ("container", Holds::Id),
        ] {
            let parts: Vec<&str> = place.split('/').collect();
            assert_eq!(holds(&parts), expected, "{place}");
        }
    }
}
