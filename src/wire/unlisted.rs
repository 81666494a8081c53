//! Answers in words that nobody here knows: of paths that are not listed, where the operator wants them scanned.
//!
//! Any string may be text. In a stream one that stands at the same place of the next event of its kind is taken to go
//! on with it, as all APIs do that are known; where that is wrong, a stand-in that was cut stays in the answer.

use super::{
    Error,
    endpoint::Dialect,
    place::{ELEMENT, Holds},
    produced::is_produced,
    stream::{Ended, Field, Key, Piece, View},
    ways::Ways,
};
use crate::{
    json::{self, Kind, Step, Token},
    redact::Context,
};
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher as _},
};

/// What a place of a request holds: where all APIs that are known lead to media elsewhere, it is no text.
pub(super) fn holds(place: &[&str]) -> Holds {
    match place {
        [.., "image_url"] | [.., "image_url", "url"] => Holds::Media("image"),
        [.., "file_url"] => Holds::Media("file"),
        [.., "source", "url"] => Holds::Link,
        [.., "file_id" | "input_file_id"] | [.., "file_ids" | "vector_store_ids", ELEMENT] => {
            Holds::Reference("file")
        }
        _ => Holds::Text,
    }
}

/// How to put values back at a place. Members of these names hold JSON in all APIs that have them.
pub(super) fn context(path: &[Step<'_>]) -> Context {
    match path.last() {
        Some(Step::Key(name)) if matches!(&**name, "arguments" | "partial_json") => {
            Context::JsonText
        }
        Some(Step::Key(_) | Step::Index(_)) | None => Context::Prose,
    }
}

/// Takes an event apart.
pub(super) fn view(data: &str) -> Result<View<'_>, Error> {
    let mut reading = Reading::default();
    json::walk(data.as_bytes(), json::MAX_DEPTH, &mut |path, token| reading.token(path, token))
        .map_err(|_| Error::Malformed)?;
    if reading.ways.is_too_much() {
        return Err(Error::TooManyTexts);
    }
    Ok(reading.finish())
}

/// What the ways to the strings of one event may take, in bytes. All strings count, and only hashes are kept.
const MAX_READ: usize = 32 << 20;

/// A step of a way, without its name: a copy of that for each string could take more than the event.
#[derive(Clone, Copy)]
enum Part {
    Index(u64),
    Key(u64),
}

impl Part {
    fn of(step: &Step<'_>) -> Self {
        let hash = further(ROOT, step);
        match step {
            Step::Index(_) => Self::Index(hash),
            Step::Key(_) => Self::Key(hash),
        }
    }

    fn hash(self) -> u64 {
        let (Self::Index(hash) | Self::Key(hash)) = self;
        hash
    }
}

#[derive(Default)]
struct Reading<'a> {
    strings: Vec<(Vec<Part>, Piece<'a>)>,
    ways: Ways<MAX_READ>,
    /// What tells objects of the same place apart, by the hash of the way to them.
    marks: BTreeMap<u64, u64>,
}

impl<'a> Reading<'a> {
    fn token(&mut self, path: &[Step<'a>], token: &Token<'a>) {
        let is_string = token.kind() == Kind::String;
        let mark = match path {
            [outer @ .., Step::Key(name)] if is_mark(name, token) => Some((outer, name)),
            _ => None,
        };
        if !is_string && mark.is_none() {
            return;
        }
        if !self.ways.takes(path, size_of::<Part>()) {
            return;
        }
        let parts: Vec<Part> = path.iter().map(Part::of).collect();
        if let Some((outer, name)) = mark {
            // The sum, since members may come in any order.
            let mark = self.marks.entry(way(&parts[..outer.len()])).or_default();
            *mark = mark.wrapping_add(further(ROOT, (&**name, token.raw())));
        }
        if is_string {
            let piece = Piece {
                key: None,
                produced: is_produced(Dialect::Unlisted, path),
                one_way: false,
                part: None,
                context: context(path),
                raw: token.raw(),
                start: token.range().start,
            };
            self.strings.push((parts, piece));
        }
    }

    /// Only now all marks are known, which may stand behind the texts.
    fn finish(self) -> View<'a> {
        let Self { strings, marks, .. } = self;
        let named = strings.into_iter().map(|(path, piece)| {
            let key = Key { group: text(&path, &marks), field: Field::Unknown, item: 0 };
            // A name, an id or a word of the API never comes in pieces, and may be the same in all events.
            Piece { key: Some(key).filter(|_| piece.produced), ..piece }
        });
        View { pieces: named.collect(), ended: Ended::default(), ..View::default() }
    }
}

/// True for what tells one text of a stream from another: `"index": 1`, `"output_index": 0`, `"type": "text_delta"`.
fn is_mark(name: &str, token: &Token<'_>) -> bool {
    match token.kind() {
        Kind::Number => name.ends_with("index"),
        Kind::String => name == "type",
        Kind::Key | Kind::Literal => false,
    }
}

/// The root, as a way.
const ROOT: u64 = 0;

/// The way one step further. Ways are told apart by hashes, since each string of an event has one.
fn further(way: u64, step: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (way, step).hash(&mut hasher);
    hasher.finish()
}

fn way(parts: &[Part]) -> u64 {
    parts.iter().fold(ROOT, |way, part| further(way, part.hash()))
}

/// Names the text at a place. Of an element that says which one it is, its place in the array does not count.
fn text(path: &[Part], marks: &BTreeMap<u64, u64>) -> u64 {
    let (mut way, mut name) = (ROOT, further(ROOT, marks.get(&ROOT)));
    for part in path {
        way = further(way, part.hash());
        let mark = marks.get(&way);
        name = match part {
            Part::Index(_) if mark.is_some() => further(name, mark),
            Part::Index(hash) | Part::Key(hash) => further(name, (hash, mark)),
        };
    }
    name
}

#[cfg(test)]
mod tests {
    use crate::{
        redact::Mapping,
        sensitive::Sensitive,
        wire::{Endpoint, Error, EventStream, Expected},
    };

    fn restored(stream: &str, size: usize) -> String {
        let original = Sensitive::new("ann \"a\" @example.org");
        let restorer = Mapping::from_pairs([("[EMAIL_1]".to_owned(), original)]).restorer();
        let mut events = EventStream::new(Endpoint::Unlisted, Expected::default(), restorer);
        let mut out = Vec::new();
        for bytes in stream.as_bytes().chunks(size) {
            events.push(bytes, &mut out).unwrap();
        }
        events.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// What all events say at a place.
    fn said(stream: &str, pointer: &str, index: u64) -> String {
        let data = stream.lines().filter_map(|line| line.strip_prefix("data: "));
        let events = data.filter_map(|data| serde_json::from_str::<serde_json::Value>(data).ok());
        events
            .filter(|event| event["index"].as_u64().is_none_or(|own| own == index))
            .filter_map(|event| event.pointer(pointer)?.as_str().map(str::to_owned))
            .collect()
    }

    #[test]
    fn stand_ins_that_are_cut_over_nested_members_are_restored() {
        let stream = "event: x\ndata: {\"a\":[{\"b\":{\"c\":\"to [EM\"}}],\"id\":\"1\"}\n\n\
                      event: x\ndata: {\"a\":[{\"b\":{\"c\":\"AIL_1\"}}],\"id\":\"2\"}\n\n: ping\n\n\
                      event: x\ndata: {\"a\":[{\"b\":{\"c\":\"] [EMA\"}}],\"id\":\"3\"}\n\n";
        for size in 1..stream.len() {
            let out = restored(stream, size);
            assert_eq!(said(&out, "/a/0/b/c", 0), "to ann \"a\" @example.org [EMA", "{size}");
            assert_eq!(out.matches("event: x").count(), 3);
            assert!(out.contains(": ping\n\n"));
        }
    }

    #[test]
    fn texts_that_take_turns_are_told_apart_by_their_numbers_and_kinds() {
        let stream = "data: {\"index\":0,\"type\":\"d\",\"delta\":{\"text\":\"[EMA\"}}\n\n\
                      data: {\"delta\":{\"text\":\"x [EMAIL\"},\"index\":1,\"type\":\"d\"}\n\n\
                      data: {\"type\":\"e\",\"index\":0,\"delta\":{\"text\":\"\"}}\n\n\
                      data: {\"index\":0,\"type\":\"d\",\"delta\":{\"text\":\"IL_1]\"}}\n\n\
                      data: {\"index\":1,\"type\":\"d\",\"delta\":{\"text\":\"_1]\"}}\n\ndata: [DONE]\n\n";
        let out = restored(stream, 1000);
        assert_eq!(said(&out, "/delta/text", 0), "ann \"a\" @example.org");
        assert_eq!(said(&out, "/delta/text", 1), "x ann \"a\" @example.org");
        assert!(out.ends_with("data: [DONE]\n\n"));
    }

    #[test]
    fn arguments_stay_json() {
        let stream = "data: {\"arguments\":\"{\\\"to\\\":\\\"[EMAIL\"}\n\ndata: {\"arguments\":\"_1]\\\"}\"}\n\n";
        let arguments = said(&restored(stream, 5), "/arguments", 0);
        let arguments: serde_json::Value = serde_json::from_str(&arguments).unwrap();
        assert_eq!(arguments["to"], "ann \"a\" @example.org");
    }

    #[test]
    fn an_event_that_repeats_a_long_name_for_each_string_is_too_much() {
        let original = Sensitive::new("ann@example.org");
        let restorer = Mapping::from_pairs([("[EMAIL_1]".to_owned(), original)]).restorer();
        let mut events = EventStream::new(Endpoint::Unlisted, Expected::default(), restorer);
        let name = format!("\\u0061{}", "b".repeat(40_000));
        let event = format!("data: {{\"{name}\":[{}\"\"]}}\n\n", "\"\",".repeat(2_000));
        assert_eq!(events.push(event.as_bytes(), &mut Vec::new()), Err(Error::TooManyTexts));
    }

    #[test]
    fn a_stream_of_ever_new_places_goes_on() {
        let events: String =
            (0..10_000).map(|n| format!("data: {{\"m{n}\":\"[EMAIL_1]\"}}\n\n")).collect();
        assert!(!restored(&events, 1 << 16).contains("EMAIL"));
    }
}
