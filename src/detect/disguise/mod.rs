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
    rising::Rising,
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
    let mut piece = Piece::default();
    for disguise in &DISGUISES {
        (disguise.each_edit)(text, &mut |edit| {
            if edit.start >= piece.done + 2 * REACH {
                piece.find(text, disguise, &mut search, out);
            }
            piece.write_out(text, edit);
        });
        piece.find(text, disguise, &mut search, out);
    }
    encoded::find(text, search, out);
}

/// A way to hide a value.
struct Disguise {
    /// Calls its second argument with the places to write out, in order, disjoint, on `char` boundaries.
    each_edit: fn(&str, &mut dyn FnMut(Edit)),
    /// Tells whether a candidate between `.0` and `.1` is worth keeping that has the given edit.
    counts: fn(&Candidate, (usize, usize)) -> bool,
}

const DISGUISES: [Disguise; 3] = [
    Disguise { each_edit: escape::each_edit, counts: |_, _| true },
    Disguise { each_edit: spaced::each_edit, counts: straddles },
    Disguise { each_edit: broken::each_edit, counts: goes_on },
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

/// A part of a text with some edits done. Filled again and again.
#[derive(Default)]
struct Piece {
    text: String,
    /// From this piece to the text.
    shifts: Shifts,
    /// Where the edits are in this piece.
    edits: Rising,
    /// Where the last edit ends in the text.
    done: usize,
    /// The piece begins or ends within the text: what touches that end may be cut off.
    cut: (bool, bool),
}

impl Piece {
    /// True when there are edits in it.
    fn is_begun(&self) -> bool {
        self.done > 0
    }

    /// Adds what stands before `edit`, and what it stands for.
    fn write_out(&mut self, text: &str, edit: Edit) {
        if !self.is_begun() {
            let before = word_suffix(text.get(..edit.start).unwrap_or_default());
            self.done = edit.start - before.len();
            self.cut.0 = self.done > 0;
            self.shifts.step(0, self.done);
        }
        self.text.push_str(text.get(self.done..edit.start).unwrap_or_default());
        let start = self.text.len();
        self.text.extend(edit.with);
        self.edits.push((start, self.text.len()));
        self.shifts.step(self.text.len(), edit.end);
        self.done = edit.end;
    }

    /// Searches what was written out, if anything was, and begins anew.
    fn find(
        &mut self,
        text: &str,
        disguise: &Disguise,
        search: &mut impl FnMut(&str, &mut Vec<Candidate>),
        out: &mut Vec<Candidate>,
    ) {
        if !self.is_begun() {
            return;
        }
        self.end(text);
        let from = out.len();
        search(&self.text, out);
        let mut found = out.split_off(from);
        found.retain(|c| self.is_whole(c) && self.has_edit(c, disguise.counts));
        out.extend(found.into_iter().map(|c| Candidate {
            start: self.shifts.back(c.start),
            end: self.shifts.back(c.end),
            ..c
        }));
        self.clear();
    }

    /// Adds what stands behind the last edit.
    fn end(&mut self, text: &str) {
        let rest = text.get(self.done..).unwrap_or_default();
        let behind = word_prefix(rest);
        self.cut.1 = behind.len() < rest.len();
        self.text.push_str(behind);
    }

    fn clear(&mut self) {
        self.text.clear();
        self.shifts.clear();
        self.edits.clear();
        self.done = 0;
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
        self.edits
            .behind(|(_, end)| end < candidate.start)
            .take_while(|&(start, _)| start <= candidate.end)
            .any(|edit| counts(candidate, edit))
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
