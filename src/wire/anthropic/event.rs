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
        stream::{Ended, Field, Key, Members, Piece, Unlisted, View},
    },
};
use std::borrow::Cow;

/// Takes an event apart. A block begins, goes on by deltas of its text or of its input's JSON, and stops.
pub(in crate::wire) fn view<'a>(
    data: &'a str,
    expected: Expected,
    members: &mut Members,
) -> Result<View<'a>, Error> {
    let mut reading = Reading { expected, ..Reading::default() };
    json::walk(data.as_bytes(), json::MAX_DEPTH, &mut |path, token| reading.token(path, token))
        .map_err(|_| Error::Malformed)?;
    if reading.unlisted.is_too_much() {
        return Err(Error::TooManyTexts);
    }
    Ok(reading.finish(members))
}

#[derive(Default)]
struct Reading<'a> {
    expected: Expected,
    /// The event's `type`.
    kind: Cow<'a, str>,
    /// The number of the block.
    index: u64,
    pieces: Vec<Piece<'a>>,
    /// Members of the delta that no API is known for.
    unlisted: Unlisted<'a>,
    /// The document that is cited, and where.
    document: u64,
    offsets: Vec<Offset>,
}

impl<'a> Reading<'a> {
    fn token(&mut self, path: &[Step<'a>], token: &Token<'a>) {
        let Some(place) = Place::new(path) else {
            return self.piece(None, path, Context::Prose, token);
        };
        match (place.parts(), token.kind()) {
            (["type"], Kind::String) => self.kind = token.decode(),
            (["delta", "type"], Kind::String) | (["delta", _, .., "index"], Kind::Number) => {
                self.unlisted(path, token);
            }
            (["index"], Kind::Number) => self.index = token.raw().parse().unwrap_or(0),
            (["delta", "citation", "document_index"], Kind::Number) => {
                self.document = token.raw().parse().unwrap_or(0);
            }
            (["delta", "citation", name], Kind::Number) => {
                let offset = Edge::of(name).and_then(|edge| Offset::read(edge, token));
                self.offsets.extend(offset);
            }
            (parts, Kind::String) => self.string(parts, path, token),
            (_, Kind::Key | Kind::Number | Kind::Literal) => {}
        }
    }

    fn string(&mut self, place: &[&str], path: &[Step<'a>], token: &Token<'a>) {
        let (field, context) = match place {
            ["delta", "partial_json"] => (Some(Field::BlockInput), Some(Context::JsonText)),
            ["delta" | "content_block", "text"] => (Some(Field::BlockText), self.text()),
            // Signed as a whole, so nothing of them may change.
            ["delta", "thinking" | "signature" | "content"] => (None, None),
            ["content_block", rest @ ..] => (None, answer::in_block(rest, self.expected)),
            ["message", rest @ ..] => (None, answer::context(rest, self.expected)),
            [.., "encrypted_content" | "encrypted_index" | "encrypted_stdout"] => (None, None),
            _ => (None, Some(Context::Prose)),
        };
        if let Some(context) = context {
            if field.is_none() {
                self.unlisted(path, token);
            }
            self.piece(field, path, context, token);
        }
    }

    /// Takes note of a member of a delta, at any depth, that is not listed, and of what tells it from others.
    fn unlisted(&mut self, path: &[Step<'a>], token: &Token<'a>) {
        let [Step::Key(delta), way @ ..] = path else { return };
        // What is cited comes whole.
        let is_cited = matches!(way.first(), Some(Step::Key(name)) if name == "citation");
        if delta == "delta" && !is_cited {
            self.unlisted.token(0, way, token, self.pieces.len());
        }
    }

    fn text(&self) -> Option<Context> {
        Some(if self.expected.json_content { Context::JsonText } else { Context::Prose })
    }

    fn piece(
        &mut self,
        field: Option<Field>,
        path: &[Step<'_>],
        context: Context,
        token: &Token<'a>,
    ) {
        if token.kind() == Kind::String {
            let key = field.map(|field| Key { group: 0, field, item: 0 });
            let produced = field.is_some() || is_produced(Dialect::Messages, path);
            let one_way = self.expected.keeps(carrier::at(Dialect::Messages, path));
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

    /// Only now the number of the block is known, which may stand behind its text.
    fn finish(mut self, members: &mut Members) -> View<'a> {
        if self.kind == "content_block_delta" {
            self.name(members);
        }
        for key in self.pieces.iter_mut().filter_map(|piece| piece.key.as_mut()) {
            key.group = self.index;
        }
        let ended = match &*self.kind {
            "content_block_stop" => Ended::Groups(vec![self.index]),
            "message_delta" | "message_stop" | "error" => Ended::All,
            _ => Ended::Groups(Vec::new()),
        };
        let into = Into::Document(self.document);
        let offsets = self.offsets.into_iter().map(|offset| (into, offset)).collect();
        View { pieces: self.pieces, ended, offsets, ..View::default() }
    }

    /// Makes texts of the members that are not known, as far as they are in this event.
    fn name(&mut self, members: &mut Members) {
        for (at, group, item) in self.unlisted.numbers(members) {
            let piece = &mut self.pieces[at];
            (piece.key, piece.produced) = (Some(Key { group, field: Field::Member, item }), true);
        }
    }
}

/// An event that carries the held rest of one text.
pub(in crate::wire) fn extra(key: Key, members: &Members, text: &str) -> String {
    let mut json = String::new();
    json::encode_into(text, &mut json);
    let delta = if key.field == Field::Member {
        members.saying(key.item, &json)
    } else if key.field == Field::BlockInput {
        format!("\"type\":\"input_json_delta\",\"partial_json\":\"{json}\"")
    } else {
        format!("\"type\":\"text_delta\",\"text\":\"{json}\"")
    };
    format!(
        "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":{},\"delta\":\
         {{{delta}}}}}\n\n",
        key.group
    )
}
