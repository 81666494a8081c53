//! Moves the offsets of citations in an answer that came whole.

use super::{
    Documents, Endpoint,
    endpoint::Dialect,
    offsets::{Edge, Moved, Offset, Part},
    place::Place,
    splice,
};
use crate::{
    json::{self, Kind, Step, Token},
    redact::{Context, Moves, Restorer},
};
use bytes::Bytes;
use memchr::memmem::Finder;
use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

/// What every citation has. Made once: to prepare a search takes longer than to search a short body.
static START_INDEX: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"start_index\""));
static START_CHAR_INDEX: LazyLock<Finder<'static>> =
    LazyLock::new(|| Finder::new("\"start_char_index\""));

/// The answer with its offsets as they are once its texts are restored. Broken JSON stays as it is.
pub(super) fn move_offsets<'b>(
    endpoint: Endpoint,
    body: &'b [u8],
    restorer: &Restorer,
    documents: &Documents,
    context: &mut dyn FnMut(&[Step<'_>]) -> Option<Context>,
) -> Cow<'b, [u8]> {
    let holds = |name: &Finder<'_>| name.find(body).is_some();
    let cites = match endpoint.dialect() {
        Dialect::Chat | Dialect::Responses => holds(&START_INDEX),
        Dialect::Messages => !documents.is_empty() && holds(&START_CHAR_INDEX),
        Dialect::Unlisted => false,
    };
    let Some(text) = std::str::from_utf8(body).ok().filter(|_| cites) else {
        return Cow::Borrowed(body);
    };
    let mut found = Found::of(endpoint.dialect());
    let walked =
        json::walk(body, json::MAX_DEPTH, &mut |path, token| found.token(path, token, context));
    let moves: BTreeMap<Part, _> = found
        .texts
        .into_iter()
        .map(|(part, (text, context))| {
            let (_, moves) = restorer.restore_tracked(&text, context);
            (part, Moved::by(std::iter::once(moves)))
        })
        .collect();
    let moved = |(part, offset): &(Part, Offset)| match found.documents.get(part) {
        Some(number) => offset.in_document(documents, *number),
        None => offset.moved(moves.get(part)?),
    };
    let edits: Vec<_> = found.offsets.iter().filter_map(moved).collect();
    if walked.is_err() || edits.is_empty() {
        return Cow::Borrowed(body);
    }
    Cow::Owned(splice::apply(text, edits).into_bytes())
}

/// The answer with its offsets moved from the texts that it had to those that it has now. Both are the same JSON but for
/// strings.
pub(super) fn follow(endpoint: Endpoint, old: &[u8], new: Bytes) -> Bytes {
    let (Some(text), Some(mut was)) = (std::str::from_utf8(&new).ok(), Found::read(endpoint, old))
    else {
        return new;
    };
    let Some(is) = Found::read(endpoint, &new).filter(|found| !found.offsets.is_empty()) else {
        return new;
    };
    let moves: BTreeMap<Part, _> = is
        .texts
        .iter()
        .filter_map(|(part, (text, _))| {
            let (before, _) = was.texts.remove(part)?;
            Some((*part, Moved::by(std::iter::once(Moves::between(&before, text)))))
        })
        .collect();
    let edits: Vec<_> =
        is.offsets.iter().filter_map(|(part, offset)| offset.moved(moves.get(part)?)).collect();
    if edits.is_empty() { new } else { splice::apply(text, edits).into() }
}

struct Found<'a> {
    dialect: Dialect,
    texts: BTreeMap<Part, (Cow<'a, str>, Context)>,
    /// The documents that citations name.
    documents: BTreeMap<Part, u64>,
    offsets: Vec<(Part, Offset)>,
}

impl<'a> Found<'a> {
    fn of(dialect: Dialect) -> Self {
        Self { dialect, texts: BTreeMap::new(), documents: BTreeMap::new(), offsets: Vec::new() }
    }

    /// `None` for broken JSON.
    fn read(endpoint: Endpoint, body: &'a [u8]) -> Option<Self> {
        let mut found = Self::of(endpoint.dialect());
        let prose = &mut |_: &[Step<'_>]| Some(Context::Prose);
        json::walk(body, json::MAX_DEPTH, &mut |path, token| found.token(path, token, prose))
            .ok()?;
        Some(found)
    }

    fn token(
        &mut self,
        path: &[Step<'a>],
        token: &Token<'a>,
        context: &mut dyn FnMut(&[Step<'_>]) -> Option<Context>,
    ) {
        let Some(place) = Place::new(path) else { return };
        let Some((part, rest)) = self.part(place.parts(), path) else { return };
        match (rest, token.kind()) {
            (["document_index"], Kind::Number) => {
                self.documents.extend(token.raw().parse().ok().map(|number| (part, number)));
            }
            ([name @ ("start_char_index" | "end_char_index")], Kind::Number) => {
                let offset = Edge::of(name).and_then(|edge| Offset::read(edge, token));
                self.offsets.extend(offset.map(|offset| (part, offset)));
            }
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
            (Dialect::Messages, ["content", "*", "citations", "*", rest @ ..]) => {
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
