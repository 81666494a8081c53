//! The texts of a document, and how edits of what they mean are made in what is written.

use super::{
    label::label,
    number,
    parts::{Part, Parts},
};
use crate::{
    json::{self, Error, Kind, Offsets, Step, Token, walk},
    redact::{coded::Coded, judged, splice::Edits, text::Replacement},
};
use bytes::Bytes;
use std::{borrow::Cow, ops::Range};

/// A text, and where it lies.
pub(super) struct Source {
    pub(super) text: Bytes,
    /// The source it lies in, and where the string's content stands there.
    pub(super) inside: Option<(usize, Range<usize>)>,
    /// How it is written there, if it is in base64. Such a text is no JSON, but may hold some.
    pub(super) coded: Option<Coded>,
}

/// Leaves, each with its depth.
pub(super) type Found = Vec<(Leaf, usize)>;

/// One text to guard.
pub(super) struct Leaf {
    pub(super) source: usize,
    /// Where it stands in its source.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    /// What is meant, when it is written otherwise.
    pub(super) decoded: Option<String>,
    pub(super) label: Option<String>,
    pub(super) part: Option<Part>,
}

impl Source {
    /// Turns edits of what a string of this source means into edits of the source.
    pub(super) fn edit(
        &self,
        range: Range<usize>,
        inner: impl IntoIterator<Item = (Range<usize>, String)>,
        edits: &mut Edits,
    ) {
        if self.coded.is_none() {
            return carry_out(self.slice(&range), range.start, inner, edits);
        }
        for (place, text) in inner {
            edits.push(range.start + place.start..range.start + place.end, text);
        }
    }

    pub(super) fn slice(&self, range: &Range<usize>) -> &str {
        // The lexer has read it as UTF-8, and ranges are those of its tokens.
        std::str::from_utf8(&self.text[range.clone()]).unwrap_or_default()
    }
}

impl Leaf {
    /// The leaves of a JSON text that `guarded` lets pass.
    pub(super) fn all(
        text: &[u8],
        source: usize,
        max_depth: usize,
        label: Option<&str>,
        guarded: &mut dyn FnMut(&[Step<'_>], &Token<'_>) -> bool,
    ) -> Result<Found, Error> {
        let (mut found, mut named) = (Vec::new(), number::Named::default());
        let mut parts = Parts::default();
        walk(text, max_depth, &mut |path, token| {
            named.see(token);
            let part = parts.see(path, token);
            if guarded(path, token) {
                let leaf = Self::of(source, path, token, label, &mut named);
                let leaf = leaf.map(|leaf| Self { part, ..leaf });
                found.extend(leaf.map(|leaf| (leaf, path.len())));
            }
        })?;
        Ok(found)
    }

    /// The leaf of a token; `None` when there is nothing to guard in it.
    fn of(
        source: usize,
        path: &[Step<'_>],
        token: &Token<'_>,
        outer: Option<&str>,
        named: &mut number::Named,
    ) -> Option<Self> {
        let above = if token.kind() == Kind::Key { &path[..path.len() - 1] } else { path };
        let decoded = match token.kind() {
            Kind::Literal => return None,
            Kind::Number => number::text(token.raw(), || named.tells(above, outer))?,
            Kind::Key | Kind::String => Some(token.decode()).filter(|text| !text.is_empty())?,
        };
        let decoded = match decoded {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(text),
        };
        let (range, label) = (token.range(), label(above, outer).map(str::to_owned));
        Some(Self { source, range, kind: token.kind(), decoded, label, part: None })
    }

    pub(super) fn is_string(&self) -> bool {
        matches!(self.kind, Kind::Key | Kind::String)
    }

    pub(super) fn text<'a>(&'a self, sources: &'a [Source]) -> &'a str {
        match &self.decoded {
            Some(text) => text,
            None => sources[self.source].slice(&self.range),
        }
    }

    pub(super) fn edit(
        &self,
        sources: &[Source],
        replacements: Vec<(usize, Replacement)>,
        produced: bool,
        edits: &mut Edits,
    ) {
        let changed = replacements.into_iter().filter_map(|(_, r)| Some((r.range, r.stand_in?)));
        if self.is_string() && produced {
            let changed = judged::in_place(self.text(sources), changed);
            return sources[self.source].edit(self.range.clone(), changed, edits);
        }
        if self.is_string() {
            return sources[self.source].edit(self.range.clone(), changed, edits);
        }
        let mut number = Edits::default();
        changed.for_each(|(range, stand_in)| number.push(range, stand_in));
        if !number.is_empty() {
            let text =
                String::from_utf8(number.apply(self.text(sources).as_bytes())).unwrap_or_default();
            edits.push(self.range.clone(), quote(&text));
        }
    }
}

fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    json::encode_into(text, &mut quoted);
    quoted.push('"');
    quoted
}

/// Turns edits of a string's meaning into edits of its written form `raw`, which stands at `start`.
pub(super) fn carry_out(
    raw: &str,
    start: usize,
    inner: impl IntoIterator<Item = (Range<usize>, String)>,
    edits: &mut Edits,
) {
    let mut offsets = Offsets::new(raw);
    for (range, text) in inner {
        let (from, to) = (offsets.raw(range.start), offsets.raw(range.end));
        let mut written = String::with_capacity(text.len());
        json::encode_into(&text, &mut written);
        edits.push(start + from..start + to, written);
    }
}
