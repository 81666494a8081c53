//! Redacts what a request names in its first line: path and query.

use super::{Keys, Mapping, Operators, Redacted, splice::Edits, text::Redactor};
use crate::{
    detect::{Finding, Text},
    percent,
};
use std::{fmt, ops::Range};

/// Path and query of a request with the places of their texts: each segment, and each name and value, percent-decoded.
pub struct Target {
    written: String,
    pieces: Vec<Piece>,
}

/// Tells the number of texts alone.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({} texts)", self.pieces.len())
    }
}

struct Piece {
    range: Range<usize>,
    /// It is no prose.
    is_id: bool,
    decoded: Option<Decoded>,
    label: Option<String>,
}

/// What a percent-encoded piece means, and where each byte of it is written.
struct Decoded {
    text: String,
    /// For each byte of `text`, and its end: the place in the written piece.
    places: Vec<usize>,
}

impl Target {
    /// Finds the texts of a path (such as `/v1/models`) and a query (without `?`). Any text is read: what is not valid
    /// percent-encoding or UTF-8 stands for itself.
    pub fn parse(path: &str, query: Option<&str>) -> Self {
        Self::parse_with_ids(path, query, |_, _| false)
    }

    /// The same where `is_id` tells which segments are ids ([`is_id`](Self::is_id)): it is given what stands before each.
    pub fn parse_with_ids(
        path: &str,
        query: Option<&str>,
        is_id: impl Fn(&str, &str) -> bool,
    ) -> Self {
        let mut target = Self { written: path.to_owned(), pieces: Vec::new() };
        for segment in split(path, 0, '/') {
            let is_id =
                !segment.is_empty() && is_id(&path[..segment.start], &path[segment.clone()]);
            target.add(segment, false, None);
            if let Some(piece) = target.pieces.last_mut().filter(|_| is_id) {
                piece.is_id = true;
            }
        }
        target.add_query(query);
        target
    }

    /// The same for a path that is a literal of the program's own, and so needs no look: most requests have one.
    pub fn of_literal(path: &'static str, query: Option<&str>) -> Self {
        let mut target = Self { written: path.to_owned(), pieces: Vec::new() };
        target.add_query(query);
        target
    }

    fn add_query(&mut self, query: Option<&str>) {
        let Some(query) = query else { return };
        let start = self.written.len() + 1;
        self.written.extend(["?", query]);
        for parameter in split(query, start, '&') {
            self.add_parameter(parameter);
        }
    }

    fn add_parameter(&mut self, range: Range<usize>) {
        let Some(equals) = self.written[range.clone()].find('=') else {
            return self.add(range, true, None);
        };
        let name = range.start..range.start + equals;
        let label = match decode(&self.written[name.clone()], true) {
            Some(decoded) => decoded.text,
            None => self.written[name.clone()].to_owned(),
        };
        self.add(name.clone(), true, None);
        self.add(name.end + 1..range.end, true, Some(label));
    }

    fn add(&mut self, range: Range<usize>, plus_is_space: bool, label: Option<String>) {
        if !range.is_empty() {
            let decoded = decode(&self.written[range.clone()], plus_is_space);
            self.pieces.push(Piece { range, is_id: false, decoded, label });
        }
    }

    /// The texts to guard, in order. A value's label is its name.
    pub fn texts(&self) -> Vec<Text<'_>> {
        self.pieces
            .iter()
            .map(|piece| Text { label: piece.label.as_deref(), text: piece.text(&self.written) })
            .collect()
    }

    /// True if a text, by its place among [`texts`](Self::texts), is an id: what looks like a name in it is none.
    pub fn is_id(&self, nth: usize) -> bool {
        self.pieces.get(nth).is_some_and(|piece| piece.is_id)
    }

    /// Replaces findings, given for each of [`texts`](Self::texts) in the same order. The result is path and query,
    /// percent-encoded where something was replaced, and otherwise as it came.
    pub fn redact(
        &self,
        findings: &[Vec<Finding>],
        operators: &Operators,
        keys: &Keys,
        mapping: &mut Mapping,
    ) -> Redacted {
        let mut redactor = Redactor { operators, keys, mapping };
        let given = || self.pieces.iter().zip(findings);
        given().for_each(|(piece, findings)| redactor.reserve(piece.text(&self.written), findings));
        let mut edits = Edits::default();
        for (piece, findings) in given().filter(|(_, findings)| !findings.is_empty()) {
            for (_, replacement) in redactor.replacements(piece.text(&self.written), findings) {
                if let Some(stand_in) = replacement.stand_in {
                    edits.push(piece.written(replacement.range), percent::encoded(&stand_in));
                }
            }
        }
        Redacted::vouch(edits.apply(self.written.as_bytes()))
    }
}

impl Piece {
    fn text<'a>(&'a self, written: &'a str) -> &'a str {
        match &self.decoded {
            Some(decoded) => &decoded.text,
            None => &written[self.range.clone()],
        }
    }

    /// Where a place of the text stands in the whole.
    fn written(&self, range: Range<usize>) -> Range<usize> {
        let place = |at: usize| match &self.decoded {
            Some(decoded) => decoded.places[at],
            None => at,
        };
        self.range.start + place(range.start)..self.range.start + place(range.end)
    }
}

/// The places of the parts of `text`, which begins at `start`.
fn split(text: &str, mut start: usize, separator: char) -> Vec<Range<usize>> {
    let place = |part: &str| {
        let place = start..start + part.len();
        start = place.end + 1;
        place
    };
    text.split(separator).map(place).collect()
}

/// `None` when the text stands for itself. Bytes that are no UTF-8 count as U+FFFD.
fn decode(written: &str, plus_is_space: bool) -> Option<Decoded> {
    let plain = |c: char| c != '%' && !(plus_is_space && c == '+');
    if written.chars().all(plain) {
        return None;
    }
    let mut bytes = Vec::with_capacity(written.len());
    let mut starts = Vec::with_capacity(written.len() + 1);
    let mut at = 0;
    while let Some(&b) = written.as_bytes().get(at) {
        let meant = percent::byte(&written.as_bytes()[at..]);
        starts.push(at);
        at += if meant.is_some() { 3 } else { 1 };
        bytes.push(meant.unwrap_or(if b == b'+' && plus_is_space { b' ' } else { b }));
    }
    starts.push(at);
    Some(readable(&bytes, &starts))
}

fn readable(bytes: &[u8], starts: &[usize]) -> Decoded {
    let mut decoded = Decoded { text: String::with_capacity(bytes.len()), places: Vec::new() };
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        decoded.text.push_str(chunk.valid());
        decoded.places.extend_from_slice(&starts[at..at + chunk.valid().len()]);
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            decoded.text.push(char::REPLACEMENT_CHARACTER);
            decoded.places.extend([starts[at]; char::REPLACEMENT_CHARACTER.len_utf8()]);
            at += chunk.invalid().len();
        }
    }
    decoded.places.push(starts[at]);
    decoded
}
