//! Moves the offsets of citations in an answer that came whole.

use super::{
    Endpoint,
    endpoint::Dialect,
    offsets::{Edge, Offset, Part},
    place::Place,
    splice,
};
use crate::{
    json::{self, Kind, Step, Token},
    redact::{Context, Restorer},
};
use std::{borrow::Cow, collections::BTreeMap};

/// The answer with its offsets as they are once its texts are restored. Broken JSON stays as it is.
pub(super) fn move_offsets<'b>(
    endpoint: Endpoint,
    body: &'b [u8],
    restorer: &Restorer,
    context: &mut dyn FnMut(&[Step<'_>]) -> Option<Context>,
) -> Cow<'b, [u8]> {
    let cites = memchr::memmem::find(body, b"\"start_index\"").is_some();
    let Some(text) = std::str::from_utf8(body).ok().filter(|_| cites) else {
        return Cow::Borrowed(body);
    };
    let mut found =
        Found { dialect: endpoint.dialect(), texts: BTreeMap::new(), offsets: Vec::new() };
    let walked =
        json::walk(body, json::MAX_DEPTH, &mut |path, token| found.token(path, token, context));
    let moves: BTreeMap<Part, _> = found
        .texts
        .into_iter()
        .map(|(part, (text, context))| (part, restorer.restore_tracked(&text, context).1))
        .collect();
    let edits: Vec<_> =
        found.offsets.iter().filter_map(|(part, offset)| offset.moved(moves.get(part)?)).collect();
    if walked.is_err() || edits.is_empty() {
        return Cow::Borrowed(body);
    }
    Cow::Owned(splice::apply(text, edits).into_bytes())
}

struct Found<'a> {
    dialect: Dialect,
    texts: BTreeMap<Part, (Cow<'a, str>, Context)>,
    offsets: Vec<(Part, Offset)>,
}

impl<'a> Found<'a> {
    fn token(
        &mut self,
        path: &[Step<'a>],
        token: &Token<'a>,
        context: &mut dyn FnMut(&[Step<'_>]) -> Option<Context>,
    ) {
        let Some(place) = Place::new(path) else { return };
        let Some((part, rest)) = self.part(place.parts(), path) else { return };
        match (rest, token.kind()) {
            (["text" | "content"], Kind::String) => {
                let context = context(path).unwrap_or_default();
                self.texts.insert(part, (token.decode(), context));
            }
            (["annotations", "*", name] | ["annotations", "*", _, name], Kind::Number) => {
                let offset = Edge::of(name).and_then(|edge| Offset::read(edge, token));
                self.offsets.extend(offset.map(|offset| (part, offset)));
            }
            _ => {}
        }
    }

    fn part<'p, 's>(
        &self,
        place: &'p [&'s str],
        path: &[Step<'_>],
    ) -> Option<(Part, &'p [&'s str])> {
        match (self.dialect, place) {
            (Dialect::Chat, ["choices", "*", "message", rest @ ..]) => {
                Some((Part { item: index(path, 1), part: 0 }, rest))
            }
            (Dialect::Responses, ["output" | "data", "*", "content", "*", rest @ ..]) => {
                Some((Part { item: index(path, 1), part: index(path, 3) }, rest))
            }
            _ => None,
        }
    }
}

fn index(path: &[Step<'_>], depth: usize) -> u64 {
    match path.get(depth) {
        Some(Step::Index(index)) => *index as u64,
        Some(Step::Key(_)) | None => 0,
    }
}
