//! Values that are written so that no pattern sees them: `jane%40example.org`, `5 1 4 - 6 9 - 0 3 6 0`, a number that is
//! spelled out in words, goes on in the next line or has markup inside, base64.
//!
//! Each kind of disguise names the places of a text where it may be used; what stands around them is written out plainly
//! and searched again. Only findings count that what was written out belongs to, or may have told of: the rest is found without
//! it. A text without such places costs a fast look over its bytes; one full of them is searched once more per kind.
//!
//! It knows nothing of recognizers: the searches are handed in. Start at [`find`].

use super::{
    Candidate, EntityType,
    fold::Fold,
    rising::Rising,
    seen::{REACH, prefix, suffix},
    shifts::Shifts,
};

mod broken;
mod encoded;
mod escape;
mod linked;
mod markup;
mod spaced;
mod spoken;
mod wrapped;

/// How a text is searched.
pub(super) struct Searches<V, N> {
    /// For values that patterns tell.
    pub(super) values: V,
    /// For names.
    pub(super) names: N,
}

/// Appends what is found in the plain forms of disguised parts of `text`. Offsets are those of `text`. Something that parted two
/// words may have stood at each of `joints`.
pub(super) fn find(
    text: &str,
    joints: impl Iterator<Item = usize>,
    searches: Searches<
        impl FnMut(&str, &mut Vec<Candidate>),
        impl FnMut(&str, &mut Vec<Candidate>),
    >,
    out: &mut Vec<Candidate>,
) {
    let Searches { mut values, mut names } = searches;
    let mut look = Look { text, piece: Piece::default(), out };
    let mut all = |text: &str, out: &mut Vec<Candidate>| {
        values(text, out);
        names(text, out);
    };
    look.at(&ESCAPED, |visit| escape::each_edit(text, visit), &mut all);
    look.at(&SPACED, |visit| spaced::each_edit(text, visit), &mut values);
    look.at(&SPOKEN, |visit| spoken::each_edit(text, visit), &mut values);
    look.at(&BROKEN, |visit| broken::each_edit(text, visit), &mut values);
    let parts = joints.map(|at| Edit { start: at, end: at, with: Some(' ') });
    look.at(&PARTED, |visit| parts.for_each(visit), &mut values);
    let behind = |end| markup::end_of_marks(text, end);
    find_marked(text, |visit| markup::each_edit(text, visit), behind, &mut values, out);
    find_marked(text, |visit| linked::each_edit(text, visit), |_| None, &mut values, out);
    for wrapped::Language { each_edit, end_of_marks } in wrapped::LANGUAGES {
        let behind = |end| end_of_marks(text, end);
        find_marked(text, |visit| each_edit(text, visit), behind, &mut values, out);
    }
    encoded::find(text, values, out);
}

/// True if something may go on from the end of one text into the next.
pub(super) fn may_go_on(left: &str, right: &str) -> bool {
    // A short part between two others tells nothing by itself.
    markup::parts_value(left, right) || left.len().min(right.len()) < markup::NEAR
}

/// Appends the identifiers that lie over places where `text` was put together: `joints`, in order.
pub(super) fn find_joined(
    text: &str,
    joints: &[usize],
    mut values: impl FnMut(&str, &mut Vec<Candidate>),
    out: &mut Vec<Candidate>,
) {
    let each_edit = |visit: &mut dyn FnMut(Edit)| {
        for &at in joints {
            let (before, behind) = text.split_at_checked(at).unwrap_or_default();
            if markup::parts_value(before, behind) {
                visit(Edit { start: at, end: at, with: None });
            }
        }
    };
    let behind = |end| joints.binary_search(&end).is_ok().then_some(end);
    find_marked(text, each_edit, behind, &mut values, out);
}

/// Appends the identifiers that lie over `each_edit`, but for what only two of those that `out` has make together.
fn find_marked(
    text: &str,
    each_edit: impl FnOnce(&mut dyn FnMut(Edit)),
    behind: impl Fn(usize) -> Option<usize>,
    values: &mut impl FnMut(&str, &mut Vec<Candidate>),
    out: &mut Vec<Candidate>,
) {
    let mut found = Vec::new();
    Look { text, piece: Piece::default(), out: &mut found }.at(&MARKED, each_edit, values);
    markup::drop_crossing(text, out, behind, &mut found);
    out.append(&mut found);
}

/// The search of a text for one disguise after another.
struct Look<'a> {
    text: &'a str,
    piece: Piece,
    out: &'a mut Vec<Candidate>,
}

impl Look<'_> {
    /// Searches around the edits that `each_edit` calls its argument with: in order, disjoint, on `char` boundaries.
    fn at(
        &mut self,
        disguise: &Disguise,
        each_edit: impl FnOnce(&mut dyn FnMut(Edit)),
        search: &mut impl FnMut(&str, &mut Vec<Candidate>),
    ) {
        let Self { text, piece, out } = self;
        each_edit(&mut |edit| {
            if edit.start >= piece.done + 2 * REACH {
                piece.find(text, disguise, search, out);
            }
            piece.write_out(text, edit);
        });
        piece.find(text, disguise, search, out);
    }
}

/// A way to hide a value.
struct Disguise {
    /// How far in front of a candidate an edit may stand that told what the candidate is, in bytes: a label behind an escaped
    /// line end is only read where that is written out.
    reach: usize,
    /// An edit behind the last character of a candidate is no part of it.
    ends_before_edits: bool,
    /// Tells whether a candidate between `.0` and `.1` is worth keeping that has the given edit.
    counts: fn(&Candidate, (usize, usize)) -> bool,
}

const ESCAPED: Disguise = Disguise { reach: REACH, ends_before_edits: false, counts: tells };
const SPACED: Disguise = Disguise { reach: 0, ends_before_edits: false, counts: straddles };
const SPOKEN: Disguise = Disguise { reach: 0, ends_before_edits: false, counts: is_said };
const BROKEN: Disguise = Disguise { reach: 0, ends_before_edits: false, counts: goes_on };
const MARKED: Disguise = Disguise {
    reach: 0,
    ends_before_edits: true,
    counts: |it, edit| straddles(it, edit) && markup::is_certain(it),
};
const PARTED: Disguise = Disguise { reach: REACH, ends_before_edits: false, counts: |_, _| true };

/// Names are told by themselves: what stands further away was read without the edit, too.
fn tells(candidate: &Candidate, (_, end): (usize, usize)) -> bool {
    candidate.start <= end || !EntityType::NAMED.contains(&candidate.entity_type)
}

fn straddles(candidate: &Candidate, (start, end): (usize, usize)) -> bool {
    candidate.start < start && end < candidate.end
}

/// Numbers that people say digit by digit.
fn is_said(candidate: &Candidate, edit: (usize, usize)) -> bool {
    const KINDS: [EntityType; 9] = [
        EntityType::ABA_ROUTING_NUMBER,
        EntityType::ACCOUNT_ID,
        EntityType::CREDIT_CARD,
        EntityType::HEALTH_PROVIDER_ID,
        EntityType::MEDICAL_RECORD,
        EntityType::NATIONAL_ID,
        EntityType::PHONE_NUMBER,
        EntityType::US_BANK_NUMBER,
        EntityType::US_SSN,
    ];
    straddles(candidate, edit) && KINDS.contains(&candidate.entity_type)
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
        self.text.extend(edit.with.and_then(plain));
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
        found.retain(|c| self.is_whole(c) && self.has_edit(c, disguise));
        out.extend(found.into_iter().map(|c| Candidate {
            start: self.shifts.back(c.start),
            end: self.source_end(&c, disguise),
            ..c
        }));
        self.clear();
    }

    /// Where a candidate ends in the text. What was left out behind it is a part of it, but for marks.
    fn source_end(&self, candidate: &Candidate, disguise: &Disguise) -> usize {
        match candidate.end.checked_sub(1) {
            // Both texts run side by side within a character.
            Some(last) if disguise.ends_before_edits => self.shifts.back(last) + 1,
            Some(_) | None => self.shifts.back(candidate.end),
        }
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

    /// Tells whether one of the edits that touch the candidate, or are near in front of it, counts.
    fn has_edit(&self, candidate: &Candidate, disguise: &Disguise) -> bool {
        self.edits
            .behind(|(_, end)| end + disguise.reach < candidate.start)
            .take_while(|&(start, _)| start <= candidate.end)
            .any(|edit| (disguise.counts)(candidate, edit))
    }
}

/// What a character that was written out is to patterns: as in a text in which it was not.
fn plain(c: char) -> Option<char> {
    match Fold::of(c) {
        Fold::Keep | Fold::LookAlike(_) => Some(c),
        Fold::To(ascii) => Some(ascii),
        Fold::Drop => None,
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
