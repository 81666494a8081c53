//! Takes stream events apart.

use super::answer;
use crate::{
    json::{self, Kind, Step, Token},
    policy::Carrier,
    redact::Context,
    wire::{
        Error, Expected, carrier,
        endpoint::Dialect,
        offsets::{Edge, Into, Offset, Part},
        place::Place,
        produced::is_produced,
        splice::{Edit, value_edit},
        stream::{Ended, Field, Key, Piece, View},
        ways::{OF_A_DELTA, Ways},
    },
};
use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

/// Takes an event apart. A string `delta` goes on with a text, `….done` of the same family ends it and says all of it
/// once more, and items, parts and whole responses say what is known so far.
pub(in crate::wire) fn view(data: &str, expected: Expected) -> Result<View<'_>, Error> {
    let mut reading = Reading { data, expected, ..Reading::default() };
    json::walk(data.as_bytes(), json::MAX_DEPTH, &mut |path, token| reading.token(path, token))
        .map_err(|_| Error::Malformed)?;
    if reading.ways.is_too_much() {
        return Err(Error::TooManyTexts);
    }
    Ok(reading.finish())
}

#[derive(Default)]
struct Reading<'a> {
    data: &'a str,
    expected: Expected,
    /// The event's `type`.
    kind: Cow<'a, str>,
    output_index: u64,
    /// Of the content, the summary or the command.
    index: u64,
    strings: Vec<Found<'a>>,
    /// To the members of the delta.
    ways: Ways<OF_A_DELTA>,
    /// With the part that they point into; `None` for the text that is being said.
    offsets: Vec<(Option<Part>, Offset)>,
    /// Items of the event that are reasoning, by their number there.
    reasoning: Vec<u64>,
    asks_json: bool,
    blanks: Vec<Edit>,
}

/// A string of an event whose meaning may hang on what stands behind it.
struct Found<'a> {
    role: Role,
    produced: bool,
    carrier: Option<Carrier>,
    raw: &'a str,
    start: usize,
}

enum Role {
    /// `delta`, or a member of it.
    Delta(Option<Field>),
    /// A member of `delta` that is not known, by the hash of the way to it.
    Member(u64),
    /// A text of its own, and in which form it is whatever the event says.
    Whole(Context),
    /// `text` of the event itself.
    OwnText,
    /// The text of a part of an item.
    PartText(Part),
}

impl<'a> Reading<'a> {
    fn token(&mut self, path: &[Step<'a>], token: &Token<'a>) {
        match path {
            [Step::Key(name)] => self.top(name, path, token),
            [Step::Key(outer), way @ ..] if outer == "delta" => self.in_delta(way, path, token),
            _ => self.deep(path, token),
        }
    }

    fn top(&mut self, name: &str, path: &[Step<'_>], token: &Token<'a>) {
        match (token.kind(), name) {
            (Kind::Key, "logprobs") => self.logprobs(token),
            (Kind::Number, "output_index") => self.output_index = number(token),
            (Kind::Number, "content_index" | "summary_index" | "command_index") => {
                self.index = number(token);
            }
            (Kind::String, "type") => self.kind = token.decode(),
            (Kind::String, "obfuscation") => {
                self.blanks.push(Edit { range: token.range(), json: "".into() });
            }
            (Kind::String, "item_id" | "partial_image_b64") => {}
            (Kind::String, "delta") => self.string(Role::Delta(None), path, token),
            (Kind::String, "text") => self.string(Role::OwnText, path, token),
            (Kind::String, "arguments") => self.string(Role::Whole(Context::JsonText), path, token),
            (Kind::String, _) => self.string(Role::Whole(Context::Prose), path, token),
            (Kind::Key | Kind::Number | Kind::Literal, _) => {}
        }
    }

    fn logprobs(&mut self, key: &Token<'_>) {
        self.blanks.extend(value_edit(self.data, key.range().end, "[]"));
    }

    fn in_delta(&mut self, way: &[Step<'a>], path: &[Step<'a>], token: &Token<'a>) {
        if token.kind() != Kind::String {
            return;
        }
        match way {
            [Step::Key(name)] if name == "stdout" => {
                self.string(Role::Delta(Some(Field::ShellStdout)), path, token);
            }
            [Step::Key(name)] if name == "stderr" => {
                self.string(Role::Delta(Some(Field::ShellStderr)), path, token);
            }
            // Each is hashed anew.
            _ if self.ways.takes(way, size_of::<Step<'_>>()) => {
                self.string(Role::Member(hash(way)), path, token);
            }
            _ => {}
        }
    }

    fn deep(&mut self, path: &[Step<'a>], token: &Token<'a>) {
        let Some(place) = Place::new(path) else {
            return self.string(Role::Whole(Context::Prose), path, token);
        };
        match (place.parts(), token.kind()) {
            (["logprobs", ..] | [.., "logprobs", "*", _] | [.., "logprobs", "*", _, "*", _], _) => {
            }
            (["part", "logprobs"] | [.., "content", "*", "logprobs"], Kind::Key) => {
                self.logprobs(token);
            }
            (["response", "text", "format", "type"], Kind::String) => {
                self.asks_json = token.decode().starts_with("json");
            }
            (["item", "type"] | ["response", "output", "*", "type"], Kind::String)
                if token.raw() == "reasoning" =>
            {
                self.reasoning.push(index(path, 2));
            }
            (["annotation", rest @ ..], Kind::Number) => self.offset(None, rest, token),
            (parts, Kind::Number) => {
                if let Some((part, rest)) = part(parts, path) {
                    self.offset(Some(part), rest, token);
                }
            }
            (parts, Kind::String) => self.deep_string(parts, path, token),
            (_, Kind::Key | Kind::Literal) => {}
        }
    }

    fn deep_string(&mut self, parts: &[&str], path: &[Step<'a>], token: &Token<'a>) {
        if let Some((part, ["text"])) = part(parts, path) {
            return self.string(Role::PartText(part), path, token);
        }
        let context = match parts {
            ["item", rest @ ..] => answer::in_item(rest, self.expected),
            ["response", rest @ ..] => answer::context(rest, self.expected),
            _ => Some(Context::Prose),
        };
        if let Some(context) = context {
            self.string(Role::Whole(context), path, token);
        }
    }

    fn offset(&mut self, into: Option<Part>, place: &[&str], token: &Token<'a>) {
        let place = place.strip_prefix(&["annotations", "*"]).unwrap_or(place);
        let [name] = place else { return };
        if let Some(edge) = Edge::of(name) {
            self.offsets.extend(Offset::read(edge, token).map(|offset| (into, offset)));
        }
    }

    fn string(&mut self, role: Role, path: &[Step<'_>], token: &Token<'a>) {
        if token.kind() == Kind::String {
            let produced = is_produced(Dialect::Responses, path);
            let (raw, start) = (token.raw(), token.range().start);
            let carrier = carrier::at(Dialect::Responses, path);
            self.strings.push(Found { role, produced, carrier, raw, start });
        }
    }

    fn finish(mut self) -> View<'a> {
        let pieces = std::mem::take(&mut self.strings);
        let pieces = pieces.into_iter().filter_map(|found| self.piece(found)).collect();
        // An annotation that comes alone is one of the text that is being said.
        let said = Into::Text(self.key(Field::OutputText));
        let offsets = std::mem::take(&mut self.offsets).into_iter();
        let offsets = offsets.map(|(part, offset)| (part.map_or(said, Into::Part), offset));
        View {
            pieces,
            ended: self.ended(),
            blanks: std::mem::take(&mut self.blanks),
            offsets: offsets.collect(),
            asks_json: self.asks_json,
        }
    }

    fn piece(&self, found: Found<'a>) -> Option<Piece<'a>> {
        let Found { role, produced, mut carrier, raw, start } = found;
        let (key, part, context) = match role {
            Role::Whole(context) => (None, None, context),
            Role::Delta(field) => {
                let field = field.or_else(|| field_of(&self.kind))?;
                carrier = carrier::of_field(field);
                (Some(self.key(field)), None, self.spoken(field))
            }
            Role::Member(way) => {
                let item = way.wrapping_add(self.index);
                let key = Key { group: self.output_index, field: Field::Member, item };
                (Some(key).filter(|_| produced), None, Context::Prose)
            }
            Role::OwnText => {
                let field = field_of(&self.kind);
                carrier = field.and_then(carrier::of_field);
                (None, None, field.map_or(Context::Prose, |field| self.spoken(field)))
            }
            Role::PartText(part) => {
                let prose = self.reasoning.contains(&part.item) || self.kind.contains("summary");
                let field = if prose { Field::ReasoningText } else { Field::OutputText };
                carrier = carrier::of_field(field);
                (None, Some(part), self.spoken(field))
            }
        };
        let one_way = self.expected.keeps(carrier);
        Some(Piece { key, produced, one_way, part, context, raw, start })
    }

    fn key(&self, field: Field) -> Key {
        Key { group: self.output_index, field, item: self.index }
    }

    fn spoken(&self, field: Field) -> Context {
        let is_json = matches!(field, Field::CallArguments | Field::McpArguments)
            || field == Field::OutputText && (self.expected.json_content || self.asks_json);
        if is_json { Context::JsonText } else { Context::Prose }
    }

    fn ended(&self) -> Ended {
        match &*self.kind {
            "response.completed" | "response.incomplete" | "response.failed" | "error" => {
                Ended::All
            }
            "response.output_item.done" => Ended::Groups(vec![self.output_index]),
            "response.shell_call_output_content.done" => {
                Ended::Texts(vec![self.key(Field::ShellStdout), self.key(Field::ShellStderr)])
            }
            kind if kind.ends_with(".done") => {
                Ended::Texts(field_of(kind).map(|field| self.key(field)).into_iter().collect())
            }
            _ => Ended::Texts(Vec::new()),
        }
    }
}

/// Which text of an item an event goes on with or ends; `None` for audio, which is no text.
fn field_of(kind: &str) -> Option<Field> {
    let family = kind.strip_prefix("response.").unwrap_or(kind);
    let (family, _stage) = family.rsplit_once('.').unwrap_or((family, ""));
    let field = match family {
        "output_text" => Field::OutputText,
        "refusal" => Field::OutputRefusal,
        "reasoning_text" => Field::ReasoningText,
        "reasoning_summary_text" => Field::ReasoningSummary,
        "function_call_arguments" => Field::CallArguments,
        "mcp_call_arguments" => Field::McpArguments,
        "custom_tool_call_input" => Field::CallInput,
        "code_interpreter_call_code" => Field::Code,
        "shell_call_command" => Field::Command,
        "audio.transcript" => Field::Transcript,
        "audio" => return None,
        _ => Field::Unknown,
    };
    Some(field)
}

/// The part that a place is in, and the rest of the way to it.
fn part<'p, 's>(parts: &'p [&'s str], path: &[Step<'_>]) -> Option<(Part, &'p [&'s str])> {
    match parts {
        ["part", rest @ ..] => Some((Part { item: 0, part: 0 }, rest)),
        ["item", "content", "*", rest @ ..] => Some((Part { item: 0, part: index(path, 2) }, rest)),
        ["response", "output", "*", "content", "*", rest @ ..] => {
            Some((Part { item: index(path, 2), part: index(path, 4) }, rest))
        }
        _ => None,
    }
}

fn index(path: &[Step<'_>], depth: usize) -> u64 {
    match path.get(depth) {
        Some(Step::Index(index)) => *index as u64,
        Some(Step::Key(_)) | None => 0,
    }
}

fn hash(way: &[Step<'_>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    way.hash(&mut hasher);
    hasher.finish()
}

fn number(token: &Token<'_>) -> u64 {
    token.raw().parse().unwrap_or(0)
}
