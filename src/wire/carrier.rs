//! What a place of an answer is for, as far as a policy may leave stand-ins in it.

use super::{endpoint::Dialect, stream::Field};
use crate::{json::Step, policy::Carrier};

/// What the place of a whole answer, or of an event, is for; `None` for texts, and what is like them.
pub(super) fn at(dialect: Dialect, path: &[Step<'_>]) -> Option<Carrier> {
    let mut names = path.iter().filter_map(|step| match step {
        Step::Key(name) => Some(&**name),
        Step::Index(_) => None,
    });
    match dialect {
        Dialect::Chat => names.find_map(in_chat),
        Dialect::Messages => names.find_map(in_message),
        Dialect::Unlisted => None,
        Dialect::Responses => in_response(names.skip_while(|name| *name == "response")),
    }
}

fn in_chat(name: &str) -> Option<Carrier> {
    match name {
        "arguments" | "input" => Some(Carrier::ToolArguments),
        "reasoning" | "reasoning_content" | "reasoning_details" => Some(Carrier::Reasoning),
        _ => None,
    }
}

fn in_message(name: &str) -> Option<Carrier> {
    match name {
        "input" | "partial_json" => Some(Carrier::ToolArguments),
        "stop_sequence" => Some(Carrier::StopSequence),
        _ => None,
    }
}

fn in_response<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<Carrier> {
    let own = |name: &str| match name {
        "arguments" | "input" | "code" | "action" => Some(Carrier::ToolArguments),
        "summary" => Some(Carrier::Reasoning),
        _ => None,
    };
    match names.next()? {
        "instructions" => Some(Carrier::Instructions),
        "metadata" => Some(Carrier::Metadata),
        "tools" => Some(Carrier::Tools),
        "user" | "safety_identifier" => Some(Carrier::User),
        "output" | "item" => names.find_map(own),
        first => own(first),
    }
}

/// What a text of a stream is for.
pub(super) fn of_field(field: Field) -> Option<Carrier> {
    match field {
        Field::Reasoning
        | Field::ReasoningContent
        | Field::ReasoningText
        | Field::ReasoningSummary => Some(Carrier::Reasoning),
        Field::FunctionArguments
        | Field::ToolArguments
        | Field::ToolInput
        | Field::CallArguments
        | Field::McpArguments
        | Field::CallInput
        | Field::Code
        | Field::Command
        | Field::BlockInput => Some(Carrier::ToolArguments),
        Field::Text
        | Field::Content
        | Field::Refusal
        | Field::OutputText
        | Field::OutputRefusal
        | Field::ShellStdout
        | Field::ShellStderr
        | Field::Transcript
        | Field::Unknown
        | Field::BlockText
        | Field::Member => None,
    }
}
