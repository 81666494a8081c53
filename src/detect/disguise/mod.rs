//! Values that are written so that no pattern sees them: `jane%40example.org`, `5 1 4 - 6 9 - 0 3 6 0`, a number that goes on in the
//! next line, base64.
//!
//! Each kind of disguise names the places of a text where it may be used; what stands around them is written out plainly
//! and searched again. Only findings count in which something was written out: the rest is found without it. A text without such
//! places costs a fast look over its bytes; one full of them is searched once more per kind.
//!
//! It knows nothing of recognizers: the search is handed in. Start at [`find`].

use super::{
    Candidate, EntityType,
    seen::{REACH, prefix, suffix},
    shifts::Shifts,
};

mod broken;
mod encoded;
mod escape;
mod spaced;

/// Appends what `search` finds in the plain forms of disguised parts of `text`. Offsets are those of `text`.
pub(super) fn find(
    text: &str,
    mut search: impl FnMut(&str, &mut Vec<Candidate>),
    out: &mut Vec<Candidate>,
) {
    let mut edits = Vec::new();
    for disguise in &DISGUISES {
        edits.clear();
        (disguise.edits)(text, &mut edits);
        for near in edits.chunk_by(|a, b| b.start - a.end < 2 * REACH) {
            Piece::of(text, near).find(disguise, &mut search, out);
        }
    }
    encoded::find(text, search, out);
}

/// A way to hide a value.
struct Disguise {
    /// Appends the places to write out, in order, disjoint, on `char` boundaries.
    edits: fn(&str, &mut Vec<Edit>),
    /// Tells whether a candidate between `.0` and `.1` is worth keeping that has the given edit.
    counts: fn(&Candidate, (usize, usize)) -> bool,
}

const DISGUISES: [Disguise; 3] = [
    Disguise { edits: escape::edits, counts: |_, _| true },
    Disguise { edits: spaced::edits, counts: straddles },
    Disguise { edits: broken::edits, counts: goes_on },
];

fn straddles(candidate: &Candidate, (start, end): (usize, usize)) -> bool {
    candidate.start < start && end < candidate.end
}

/// Numbers of these kinds are long enough to be told in two lines, and certain enough not to be two numbers.
fn goes_on(candidate: &Candidate, edit: (usize, usize)) -> bool {
    const KINDS: [EntityType; 5] = [
        EntityType::CREDIT_CARD,
        EntityType::IBAN_CODE,
        EntityType::PHONE_NUMBER,
        EntityType::US_SSN,
        EntityType::NATIONAL_ID,
    ];
    straddles(candidate, edit)
        && KINDS.contains(&candidate.entity_type)
        && candidate.score.get() >= 0.6
}

/// What stands at `start..end` of a text, written out.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Edit {
    start: usize,
    end: usize,
    /// `None` for what only parts the rest.
    with: Option<char>,
}

/// A part of a text with some edits done.
struct Piece {
    text: String,
    /// From this piece to the text.
    shifts: Shifts,
    /// Where the edits are in this piece.
    edits: Vec<(usize, usize)>,
    /// The piece begins or ends within the text: what touches that end may be cut off.
    cut: (bool, bool),
}

impl Piece {
    fn of(text: &str, edits: &[Edit]) -> Self {
        let (first, last) = match edits {
            [first, .., last] => (first.start, last.end),
            [one] => (one.start, one.end),
            [] => (0, 0),
        };
        let from = first - word_suffix(text.get(..first).unwrap_or_default()).len();
        let to = last + word_prefix(text.get(last..).unwrap_or_default()).len();
        let mut piece = Self {
            text: String::with_capacity(to - from),
            shifts: Shifts::default(),
            edits: Vec::with_capacity(edits.len()),
            cut: (from > 0, to < text.len()),
        };
        piece.shifts.step(0, from);
        let mut at = from;
        for edit in edits {
            piece.text.push_str(text.get(at..edit.start).unwrap_or_default());
            let start = piece.text.len();
            piece.text.extend(edit.with);
            piece.edits.push((start, piece.text.len()));
            piece.shifts.step(piece.text.len(), edit.end);
            at = edit.end;
        }
        piece.text.push_str(text.get(at..to).unwrap_or_default());
        piece
    }

    fn find(
        &self,
        disguise: &Disguise,
        search: &mut impl FnMut(&str, &mut Vec<Candidate>),
        out: &mut Vec<Candidate>,
    ) {
        let from = out.len();
        search(&self.text, out);
        let mut found = out.split_off(from);
        found.retain(|c| self.is_whole(c) && self.has_edit(c, disguise.counts));
        out.extend(found.into_iter().map(|c| Candidate {
            start: self.shifts.back(c.start),
            end: self.shifts.back(c.end),
            ..c
        }));
    }

    fn is_whole(&self, candidate: &Candidate) -> bool {
        (candidate.start > 0 || !self.cut.0) && (candidate.end < self.text.len() || !self.cut.1)
    }

    /// Tells whether one of the edits that touch the candidate counts.
    fn has_edit(
        &self,
        candidate: &Candidate,
        counts: fn(&Candidate, (usize, usize)) -> bool,
    ) -> bool {
        let first = self.edits.partition_point(|&(_, end)| end < candidate.start);
        self.edits
            .iter()
            .skip(first)
            .take_while(|&&(start, _)| start <= candidate.end)
            .any(|&edit| counts(candidate, edit))
    }
}

/// The last [`REACH`] bytes or less, from the end of a word on.
fn word_suffix(text: &str) -> &str {
    let near = suffix(text, REACH);
    match near.find(char::is_whitespace) {
        Some(gap) if near.len() < text.len() => near.get(gap..).unwrap_or_default(),
        _ => near,
    }
}

/// The first [`REACH`] bytes or less, up to the beginning of a word.
fn word_prefix(text: &str) -> &str {
    let near = prefix(text, REACH);
    match near.rfind(char::is_whitespace) {
        Some(gap) if near.len() < text.len() => {
            near.get(..gap + 1).filter(|p| near.is_char_boundary(p.len())).unwrap_or(near)
        }
        _ => near,
    }
}

#[cfg(test)]
mod tests;
