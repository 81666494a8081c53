//! In what form text stands in an answer.

use crate::{
    json::{self, Kind},
    redact::Context,
    wire::{Expected, place::Place},
};

/// How to put values back at a place of an answer: a response, or a list of its input items. `None` for what is opaque.
///
/// Arguments of functions and of MCP tools are JSON text by the API's word. The text of a message is JSON text if the
/// request asked for it, by `text.format`.
pub(in crate::wire) fn context(place: &[&str], expected: Expected) -> Option<Context> {
    match place {
        ["output" | "data" | "input" | "instructions", "*", rest @ ..] => in_item(rest, expected),
        _ => Some(Context::Prose),
    }
}

/// How to put values back at a place of an item.
pub(in crate::wire) fn in_item(place: &[&str], expected: Expected) -> Option<Context> {
    match place {
        ["arguments"] => Some(Context::JsonText),
        ["content", "*", "text"] if expected.json_content => Some(Context::JsonText),
        ["result"] | [.., "encrypted_content"] => None,
        _ => Some(Context::Prose),
    }
}

/// What a whole answer says about itself beside its texts.
#[derive(Debug, Default)]
pub(in crate::wire) struct Outline {
    /// It was asked for a JSON document.
    pub(in crate::wire) json_content: bool,
    /// Which of its items are reasoning: that is prose whatever the answer is.
    reasoning: Vec<usize>,
}

impl Outline {
    /// Reads a whole answer; of broken JSON, as far as it goes.
    pub(in crate::wire) fn read(body: &[u8]) -> Self {
        let mut outline = Self::default();
        let _as_far_as_it_goes = json::walk(body, json::MAX_DEPTH, &mut |path, token| {
            let near = path.len() <= 3 && token.kind() == Kind::String;
            let Some(place) = Place::new(path).filter(|_| near) else { return };
            match place.parts() {
                ["text", "format", "type"] => {
                    outline.json_content = token.decode().starts_with("json");
                }
                ["output" | "data", "*", "type"] if token.raw() == "reasoning" => {
                    outline.reasoning.extend(item_of(path));
                }
                _ => {}
            }
        });
        outline
    }

    /// True for a place inside of reasoning.
    pub(in crate::wire) fn is_reasoning(&self, path: &[json::Step<'_>]) -> bool {
        !self.reasoning.is_empty() && item_of(path).is_some_and(|at| self.reasoning.contains(&at))
    }
}

fn item_of(path: &[json::Step<'_>]) -> Option<usize> {
    match path {
        [json::Step::Key(list), json::Step::Index(at), ..]
            if list == "output" || list == "data" =>
        {
            Some(*at)
        }
        _ => None,
    }
}
