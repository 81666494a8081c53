//! What each place of a request holds, and which requests lean on another one. What is not listed is text.

use crate::{
    json::{Kind, Step, Token},
    wire::{
        endpoint::Needs,
        place::{ELEMENT, Holds},
    },
};

/// Member names that only this API defines. Sorted.
const MEMBERS: &[&str] = &[
    "acknowledged_safety_checks",
    "action",
    "allowed_tools",
    "approval_request_id",
    "approve",
    "background",
    "call_id",
    "caller",
    "code",
    "commands",
    "compact_threshold",
    "connector_id",
    "container",
    "container_id",
    "context_management",
    "conversation",
    "diff",
    "encrypted_content",
    "end_index",
    "env",
    "environment",
    "execution",
    "exit_code",
    "file_ids",
    "file_url",
    "filters",
    "headers",
    "include",
    "include_obfuscation",
    "index",
    "input_schema",
    "instructions",
    "keys",
    "logs",
    "max_num_results",
    "max_output_length",
    "max_output_tokens",
    "max_tool_calls",
    "mode",
    "namespace",
    "operation",
    "outcome",
    "output",
    "outputs",
    "path",
    "pending_safety_checks",
    "phase",
    "previous_response_id",
    "prompt",
    "queries",
    "query",
    "ranking_options",
    "reasoning",
    "require_approval",
    "result",
    "results",
    "score",
    "search_context_size",
    "server_label",
    "server_url",
    "size",
    "start_index",
    "status",
    "stderr",
    "stdout",
    "summary",
    "timeout_ms",
    "title",
    "top_logprobs",
    "truncation",
    "user_location",
    "variables",
    "vector_store_ids",
    "verbosity",
    "version",
];

/// True for the name of a member that only this API defines.
pub(in crate::wire) fn is_member(name: &str) -> bool {
    MEMBERS.binary_search(&name).is_ok()
}

/// What a place of a request holds.
pub(in crate::wire) fn holds(place: &[&str]) -> Holds {
    match place {
        ["input", "*", rest @ ..] => in_item(rest),
        ["prompt", "variables", _, rest @ ..] => in_variable(rest),
        ["tools", "*", rest @ ..] | ["tool_choice", rest @ ..] => in_tool(rest),
        ["model"] | ["text", "format", "name"] | ["context_management", "*", "type"] => Holds::Name,
        ["previous_response_id" | "conversation"] | ["conversation" | "prompt", "id"] => Holds::Id,
        ["include", "*"]
        | ["prompt_cache_retention" | "service_tier" | "truncation"]
        | ["reasoning", "context" | "effort" | "generate_summary" | "mode" | "summary"]
        | ["text", "verbosity"]
        | ["text", "format", "type"] => Holds::Word,
        [
            "max_output_tokens" | "max_tool_calls" | "seed" | "temperature" | "top_logprobs"
            | "top_p",
        ]
        | ["context_management", "*", "compact_threshold"] => Holds::Number,
        _ => Holds::Text,
    }
}

/// A variable of a stored prompt, which is a text or built like a part.
fn in_variable(place: &[&str]) -> Holds {
    let holds = in_part(place);
    if matches!(holds, Holds::Media(_) | Holds::Stored(_)) { holds } else { Holds::Text }
}

fn in_item(place: &[&str]) -> Holds {
    match place {
        ["arguments" | "input", ..] | ["action", "env", ..] => Holds::Text,
        ["type" | "role" | "status" | "phase" | "execution"]
        | ["action" | "operation" | "caller", "type"]
        | ["action", "button"]
        | ["output", "*", "outcome", "type"]
        | ["outputs", "*", "type"] => Holds::Word,
        ["id" | "call_id" | "approval_request_id" | "container_id"]
        | ["caller", "caller_id"]
        | ["acknowledged_safety_checks" | "pending_safety_checks", "*", "id"]
        | ["results", "*", "file_id"] => Holds::Id,
        ["name" | "namespace" | "server_label"] => Holds::Name,
        [.., "encrypted_content"] => Holds::Opaque,
        ["result"] => Holds::Media("image"),
        ["action", "x" | "y" | "scroll_x" | "scroll_y" | "timeout_ms" | "max_output_length"]
        | ["action", "path", "*", "x" | "y"]
        | ["max_output_length"]
        | ["output", "*", "outcome", "exit_code"]
        | ["results", "*", "score"] => Holds::Number,
        ["content" | "output" | "summary", ELEMENT, rest @ ..] | ["output", rest @ ..] => {
            in_part(rest)
        }
        ["tools", "*", rest @ ..] => in_tool(rest),
        _ => Holds::Text,
    }
}

fn in_part(place: &[&str]) -> Holds {
    match place {
        ["type" | "detail"] | ["input_audio", "format"] => Holds::Word,
        ["annotations", "*", rest @ ..] => in_annotation(rest),
        ["image_url"] | ["image_url", "url"] => Holds::Media("image"),
        ["input_audio", "data"] => Holds::Media("audio"),
        ["file_data" | "file_url"] => Holds::Media("file"),
        // Of whatever kind the part is.
        ["file_id"] => Holds::Stored("file"),
        [.., "file_id"] | [.., "file_ids", "*"] => Holds::Reference("file"),
        _ => Holds::Text,
    }
}

fn in_annotation(place: &[&str]) -> Holds {
    match place {
        ["type"] => Holds::Word,
        ["file_id" | "container_id"] => Holds::Id,
        ["index" | "start_index" | "end_index"] => Holds::Number,
        _ => Holds::Text,
    }
}

/// Also for `tool_choice`, which may be a word and else is built like a tool.
fn in_tool(place: &[&str]) -> Holds {
    match place {
        // Their names carry dates: `web_search_preview_2025_03_11`.
        ["type"] | ["tools", "*", "type"] => Holds::Name,
        []
        | ["mode" | "environment" | "execution" | "require_approval" | "search_context_size"]
        | ["background" | "input_fidelity" | "moderation" | "output_format" | "quality" | "size"]
        | ["container" | "environment" | "user_location" | "network_policy", "type"]
        | ["container" | "environment", "memory_limit"]
        | ["filters", "type"]
        | ["format", "type" | "syntax"] => Holds::Word,
        ["name" | "server_label" | "model"]
        | ["tools", "*", "name" | "server_label"]
        | ["ranking_options", "ranker"] => Holds::Name,
        ["container" | "connector_id"] | ["container" | "environment", "container_id"] => Holds::Id,
        ["container", "file_ids", "*"]
        | ["environment", "file_ids", "*"]
        | ["input_image_mask", "file_id"]
        | ["vector_store_ids", "*"] => Holds::Stored("file"),
        ["input_image_mask", "image_url"] => Holds::Media("image"),
        [
            "display_width" | "display_height" | "max_num_results" | "partial_images"
            | "output_compression",
        ]
        | ["ranking_options", "score_threshold"] => Holds::Number,
        _ => Holds::Text,
    }
}

/// Whether a token makes the request lean on another one: the stand-ins in what is stored upstream were given out by
/// the request that stored it.
pub(in crate::wire) fn needs(place: &[&str], token: &Token<'_>) -> Option<Needs> {
    let earlier = |param| Some(Needs { param, earlier: true });
    match (place, token.kind()) {
        (["previous_response_id"], Kind::String) => earlier("previous_response_id"),
        (["conversation"], Kind::String) | (["conversation", "id"], Kind::String) => {
            earlier("conversation")
        }
        (["input", "*", "type"], Kind::String) => match &*token.decode() {
            "item_reference" | "compaction" => earlier("input"),
            _ => None,
        },
        (["background"], Kind::Literal) if token.raw() == "true" => {
            Some(Needs { param: "background", earlier: false })
        }
        _ => None,
    }
}

/// An input item, as far as it is read: with an id and nothing that says what it is, it stands for one that is stored.
#[derive(Debug, Default)]
pub(in crate::wire) struct Item {
    number: usize,
    has_id: bool,
    is_told: bool,
}

impl Item {
    /// Takes a token of the body; tells what the item before leans on, if another one begins.
    pub(in crate::wire) fn token(&mut self, path: &[Step<'_>], token: &Token<'_>) -> Option<Needs> {
        let [Step::Key(input), Step::Index(number), Step::Key(member)] = path else { return None };
        if input != "input" || token.kind() != Kind::String {
            return None;
        }
        let needs = if *number == self.number { None } else { self.end() };
        self.number = *number;
        match &**member {
            "id" => self.has_id = true,
            "type" | "role" => self.is_told = true,
            _ => {}
        }
        needs
    }

    /// The item has ended.
    pub(in crate::wire) fn end(&mut self) -> Option<Needs> {
        let item = std::mem::take(self);
        (item.has_id && !item.is_told).then_some(Needs { param: "input", earlier: true })
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
            ("instructions", Holds::Text),
            ("input", Holds::Text),
            ("previous_response_id", Holds::Id),
            ("conversation/id", Holds::Id),
            ("prompt/id", Holds::Id),
            ("prompt/variables/name", Holds::Text),
            ("prompt/variables/name/text", Holds::Text),
            ("prompt/variables/name/type", Holds::Text),
            ("prompt/variables/name/image_url", Holds::Media("image")),
            ("prompt/variables/name/file_id", Holds::Stored("file")),
            ("include/*", Holds::Word),
            ("reasoning/effort", Holds::Word),
            ("text/format/name", Holds::Name),
            ("text/format/schema/properties/type/type", Holds::Text),
            ("metadata/type", Holds::Text),
            ("user", Holds::Text),
            ("max_output_tokens", Holds::Number),
            ("input/*/role", Holds::Word),
            ("input/*/content", Holds::Text),
            ("input/*/content/*/type", Holds::Word),
            ("input/*/content/*/text", Holds::Text),
            ("input/*/content/*/image_url", Holds::Media("image")),
            ("input/*/content/*/file_data", Holds::Media("file")),
            ("input/*/content/*/file_url", Holds::Media("file")),
            ("input/*/content/*/file_id", Holds::Stored("file")),
            ("input/*/output/file_id", Holds::Stored("file")),
            ("input/*/content/*/annotations/*/file_id", Holds::Id),
            ("input/*/content/*/annotations/*/start_index", Holds::Number),
            ("input/*/content/*/annotations/*/title", Holds::Text),
            ("input/*/arguments", Holds::Text),
            ("input/*/call_id", Holds::Id),
            ("input/*/output", Holds::Text),
            ("input/*/output/*/text", Holds::Text),
            ("input/*/output/image_url", Holds::Media("image")),
            ("input/*/output/*/stdout", Holds::Text),
            ("input/*/output/*/outcome/exit_code", Holds::Number),
            ("input/*/input", Holds::Text),
            ("input/*/encrypted_content", Holds::Opaque),
            ("input/*/summary/*/text", Holds::Text),
            ("input/*/summary/*/type", Holds::Word),
            ("input/*/action/command/*", Holds::Text),
            ("input/*/action/query", Holds::Text),
            ("input/*/action/env/type", Holds::Text),
            ("input/*/operation/diff", Holds::Text),
            ("input/*/code", Holds::Text),
            ("input/*/result", Holds::Media("image")),
            ("input/*/results/*/text", Holds::Text),
            ("input/*/tools/*/name", Holds::Name),
            ("tools/*/type", Holds::Name),
            ("tools/*/name", Holds::Name),
            ("tools/*/parameters/properties/name/type", Holds::Text),
            ("tools/*/headers/Authorization", Holds::Text),
            ("tools/*/user_location/city", Holds::Text),
            ("tools/*/vector_store_ids/*", Holds::Stored("file")),
            ("tools/*/container/file_ids/*", Holds::Stored("file")),
            ("tools/*/input_image_mask/image_url", Holds::Media("image")),
            ("tool_choice", Holds::Word),
            ("tool_choice/name", Holds::Name),
        ] {
            let parts: Vec<&str> = place.split('/').collect();
            assert_eq!(holds(&parts), expected, "{place}");
        }
    }
}
