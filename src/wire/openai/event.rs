//! Takes stream events apart, and makes those that carry the held rest of a text.

use super::answer;
use crate::{
    json::{self, Kind, Step, Token},
    redact::Context,
    wire::{
        Error, Expected, carrier,
        endpoint::Dialect,
        offsets::{Edge, Into, Offset},
        place::Place,
        produced::is_produced,
        splice::{Edit, value_edit},
        stream::{Ended, Field, Key, Members, Piece, Unlisted, View},
    },
};
use std::collections::BTreeMap;

/// Members of an event that an extra event repeats.
const HEAD: [&str; 7] =
    ["id", "object", "created", "model", "provider", "service_tier", "system_fingerprint"];

/// Takes an event of a chat or completions stream apart.
pub(in crate::wire) fn view<'a>(
    data: &'a str,
    expected: Expected,
    members: &mut Members,
) -> Result<View<'a>, Error> {
    let mut reading = Reading { data, expected, ..Reading::default() };
    json::walk(data.as_bytes(), json::MAX_DEPTH, &mut |path, token| reading.token(path, token))
        .map_err(|_| Error::Malformed)?;
    if reading.unlisted.is_too_much() {
        return Err(Error::TooManyTexts);
    }
    Ok(reading.finish(members))
}

#[derive(Default)]
struct Reading<'a> {
    data: &'a str,
    expected: Expected,
    pieces: Vec<Piece<'a>>,
    /// Members of deltas that no API is known for, with the places of their choices.
    unlisted: Unlisted<'a>,
    /// The number that each choice of the event gives itself if that is not its place there.
    choices: BTreeMap<u64, u64>,
    /// The same of tool calls, by the places of choice and call.
    calls: BTreeMap<(u64, u64), u64>,
    /// Places of choices that end.
    ended: Vec<u64>,
    all_end: bool,
    /// Offsets of citations into what a choice says, by the place of the choice.
    offsets: Vec<(u64, Offset)>,
    blanks: Vec<Edit>,
}

impl<'a> Reading<'a> {
    fn token(&mut self, path: &[Step<'a>], token: &Token<'a>) {
        match path {
            [Step::Key(name)] => self.top(name, path, token),
            [Step::Key(name), ..] if name == "choices" => self.in_choices(path, token),
            _ => self.piece(None, path, Context::Prose, token),
        }
    }

    fn top(&mut self, name: &str, path: &[Step<'_>], token: &Token<'a>) {
        match (token.kind(), name) {
            (Kind::Key, "error") => self.all_end = true,
            (Kind::Literal, "error") => self.all_end = false,
            (Kind::String, "obfuscation") => {
                self.blanks.push(Edit { range: token.range(), json: "".into() });
            }
            (Kind::String, name) if HEAD.contains(&name) => {}
            (Kind::String, _) => self.piece(None, path, Context::Prose, token),
            (Kind::Key | Kind::Number | Kind::Literal, _) => {}
        }
    }

    fn in_choices(&mut self, path: &[Step<'a>], token: &Token<'a>) {
        let Some(place) = Place::new(path) else {
            return self.piece(None, path, Context::Prose, token);
        };
        let at = |depth: usize| index(path, depth);
        match (token.kind(), place.parts()) {
            (_, ["choices", "*", "logprobs", _, ..]) => {}
            (Kind::Key, ["choices", "*", "logprobs"]) => {
                self.blanks.extend(value_edit(self.data, token.range().end, "null"));
            }
            (Kind::Number, ["choices", "*", "index"]) => {
                note(&mut self.choices, at(1), at(1), token);
            }
            (Kind::Number, ["choices", "*", "delta", "tool_calls", "*", "index"]) => {
                note(&mut self.calls, (at(1), at(4)), at(4), token);
                self.unlisted(path, token);
            }
            (Kind::Number, ["choices", "*", "delta", "annotations", "*", rest @ ..]) => {
                let edge = rest.last().and_then(|name| Edge::of(name));
                let offset = edge.and_then(|edge| Offset::read(edge, token));
                self.offsets.extend(offset.map(|offset| (at(1), offset)));
            }
            (Kind::String, ["choices", "*", "finish_reason"]) => {
                if !token.raw().is_empty() {
                    self.ended.push(at(1));
                }
            }
            (Kind::String, parts) => {
                let key = field(parts).map(|field| Key { group: at(1), field, item: at(4) });
                if key.is_none() {
                    self.unlisted(path, token);
                }
                self.piece(key, path, answer::context(parts, self.expected), token);
            }
            (Kind::Number, _) => self.unlisted(path, token),
            (Kind::Key | Kind::Literal, _) => {}
        }
    }

    /// Takes note of a member of a delta, at any depth, that is not listed, and of what tells it from others.
    fn unlisted(&mut self, path: &[Step<'a>], token: &Token<'a>) {
        let [_, _, Step::Key(delta), way @ ..] = path else { return };
        // What is cited comes whole.
        let is_cited = matches!(way.first(), Some(Step::Key(name)) if name == "annotations");
        if delta == "delta" && !is_cited {
            self.unlisted.token(index(path, 1), way, token, self.pieces.len());
        }
    }

    fn piece(&mut self, key: Option<Key>, path: &[Step<'_>], context: Context, token: &Token<'a>) {
        if token.kind() == Kind::String {
            let produced = is_produced(Dialect::Chat, path);
            let one_way = self.expected.keeps(carrier::at(Dialect::Chat, path));
            let start = token.range().start;
            self.pieces.push(Piece {
                key,
                produced,
                one_way,
                part: None,
                context,
                raw: token.raw(),
                start,
            });
        }
    }

    /// Only now all numbers are known, which may stand behind the texts.
    fn finish(mut self, members: &mut Members) -> View<'a> {
        for (piece, group, item) in self.unlisted.numbers(members) {
            self.pieces[piece].key = Some(Key { group, field: Field::Member, item });
        }
        let choice = |place: u64| self.choices.get(&place).copied().unwrap_or(place);
        for key in self.pieces.iter_mut().filter_map(|piece| piece.key.as_mut()) {
            if matches!(key.field, Field::ToolArguments | Field::ToolInput) {
                key.item = self.calls.get(&(key.group, key.item)).copied().unwrap_or(key.item);
            }
            key.group = choice(key.group);
        }
        let said = |group: u64| Key { group, field: Field::Content, item: 0 };
        let offsets = std::mem::take(&mut self.offsets).into_iter();
        let offsets = offsets.map(|(at, offset)| (Into::Text(said(choice(at))), offset)).collect();
        let groups = self.ended.iter().map(|place| choice(*place)).collect();
        let ended = if self.all_end { Ended::All } else { Ended::Groups(groups) };
        View { pieces: self.pieces, ended, blanks: self.blanks, offsets, ..View::default() }
    }
}

fn field(place: &[&str]) -> Option<Field> {
    let field = match place {
        ["choices", "*", "text"] => Field::Text,
        ["choices", "*", "delta", "content"] => Field::Content,
        ["choices", "*", "delta", "refusal"] => Field::Refusal,
        ["choices", "*", "delta", "reasoning"] => Field::Reasoning,
        ["choices", "*", "delta", "reasoning_content"] => Field::ReasoningContent,
        ["choices", "*", "delta", "function_call", "arguments"] => Field::FunctionArguments,
        ["choices", "*", "delta", "tool_calls", "*", "function", "arguments"] => {
            Field::ToolArguments
        }
        ["choices", "*", "delta", "tool_calls", "*", "custom", "input"] => Field::ToolInput,
        _ => return None,
    };
    Some(field)
}

fn index(path: &[Step<'_>], depth: usize) -> u64 {
    match path.get(depth) {
        Some(Step::Index(index)) => *index as u64,
        Some(Step::Key(_)) | None => 0,
    }
}

/// Takes note of the number that something gives itself, unless that is its place, as it mostly is.
fn note<K: Ord>(numbers: &mut BTreeMap<K, u64>, of: K, place: u64, token: &Token<'_>) {
    match token.raw().parse() {
        Ok(number) if number == place => _ = numbers.remove(&of),
        Ok(number) => _ = numbers.insert(of, number),
        Err(_) => {}
    }
}

/// The members that an extra event repeats, as they are written in this one.
pub(in crate::wire) fn head(data: &str) -> String {
    let mut head = String::new();
    let walked = json::walk(data.as_bytes(), json::MAX_DEPTH, &mut |path, token| {
        let [Step::Key(name)] = path else { return };
        if !HEAD.contains(&&**name) {
            return;
        }
        match token.kind() {
            Kind::Key => {}
            Kind::String => head.push_str(&format!("\"{name}\":\"{}\",", token.raw())),
            Kind::Number | Kind::Literal => head.push_str(&format!("\"{name}\":{},", token.raw())),
        }
    });
    debug_assert!(walked.is_ok(), "the event was read before");
    head
}

/// An event that carries the held rest of one text.
pub(in crate::wire) fn extra(head: &str, key: Key, members: &Members, text: &str) -> String {
    let mut json = String::new();
    json::encode_into(text, &mut json);
    let (group, item) = (key.group, key.item);
    let call = |member: &str| format!("\"tool_calls\":[{{\"index\":{item},{member}}}]");
    let delta = match key.field {
        Field::Text => {
            return format!(
                "data: {{{head}\"choices\":[{{\"text\":\"{json}\",\"index\":{group},\"logprobs\":null,\
                 \"finish_reason\":null}}]}}\n\n"
            );
        }
        Field::Content => format!("\"content\":\"{json}\""),
        Field::Refusal => format!("\"refusal\":\"{json}\""),
        Field::Reasoning => format!("\"reasoning\":\"{json}\""),
        Field::ReasoningContent => format!("\"reasoning_content\":\"{json}\""),
        Field::FunctionArguments => format!("\"function_call\":{{\"arguments\":\"{json}\"}}"),
        Field::ToolArguments => call(&format!("\"function\":{{\"arguments\":\"{json}\"}}")),
        Field::ToolInput => call(&format!("\"custom\":{{\"input\":\"{json}\"}}")),
        Field::Member => members.saying(item, &json),
        // Of other APIs, whose events are made elsewhere.
        Field::OutputText
        | Field::OutputRefusal
        | Field::ReasoningText
        | Field::ReasoningSummary
        | Field::CallArguments
        | Field::McpArguments
        | Field::CallInput
        | Field::Code
        | Field::Command
        | Field::ShellStdout
        | Field::ShellStderr
        | Field::Transcript
        | Field::Unknown
        | Field::BlockText
        | Field::BlockInput => return String::new(),
    };
    format!(
        "data: {{{head}\"choices\":[{{\"index\":{group},\"delta\":{{{delta}}},\"finish_reason\":null}}]}}\n\n"
    )
}
