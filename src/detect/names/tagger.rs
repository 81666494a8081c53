//! From text to names: analysis, scores, the best chain, and how sure it is.

use super::{
    Candidate, NameKind,
    analysis::{Analysis, Line},
    boundary,
    chain::{Chain, Scores},
    eponym,
    feature::Features,
    hashtag, honour, label,
    lexicon::Lexicon,
    model::{Model, TAGS},
    postcode, product, state,
    token::Token,
};
use std::ops::Range;

/// How much "outside" is put back in the second look, which finds the less probable names.
const DISCOUNT: f32 = 2.0;
/// Names below are not reported: the lowest threshold that makes sense is above.
const LEAST: f32 = 0.05;
/// What a score is multiplied by in lines of source code, where most capitals are types and constants.
const IN_CODE: f32 = 0.75;
/// So many tokens of a text are looked at, and tagged, before the next.
const AT_ONCE: usize = 4096;
/// Longer windows are tagged in parts of so many tokens. Only a list of names without anything else is that long.
const PART: usize = 2048;
/// How far a part reaches into the one before and the one behind: what is further away has no say in a tag.
const OVERLAP: usize = 128;
/// Score of a tag that cannot be.
const NEVER: f32 = -1.0e4;

/// A lexicon with the weights that were trained with it.
#[derive(Clone, Debug)]
pub struct Tagger<'b> {
    lexicon: Lexicon<'b>,
    model: Model<'b>,
}

/// Memory of a [`Tagger`], to be used again for the next text.
#[derive(Debug, Default)]
pub struct Scratch {
    analysis: Analysis,
    features: Features,
    scores: Vec<Scores>,
    chain: Chain,
    tags: Vec<usize>,
    eager: Vec<usize>,
    marginals: Vec<Scores>,
    part: Option<Part>,
    /// Where the last name of the text ends.
    named: usize,
}

/// The part of a window that is tagged next, by the tokens at hand.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// The first token that is looked at.
    from: usize,
    /// Names that begin before are not its own.
    own: usize,
}

impl Scratch {
    /// Forgets the tokens that have been tagged.
    fn forget(&mut self) {
        let gone = self.analysis.forget(self.part.map(|part| part.from));
        if let Some(part) = &mut self.part {
            part.from -= gone;
            part.own -= gone;
        }
    }
}

impl<'b> Tagger<'b> {
    /// A tagger from a lexicon and what [`model::pack`](super::model::pack) has written.
    pub fn new(lexicon: Lexicon<'b>, weights: &'b [u8]) -> Self {
        Self { lexicon, model: Model::new(weights) }
    }

    /// Appends the names in `text` to `out`: sorted and disjoint. Linear in the length of `text`.
    pub fn find(&self, text: &str, scratch: &mut Scratch, out: &mut Vec<Candidate>) {
        self.find_by(AT_ONCE, text, scratch, out);
    }

    /// The same by so many tokens at once.
    pub(super) fn find_by(
        &self,
        at_once: usize,
        text: &str,
        scratch: &mut Scratch,
        out: &mut Vec<Candidate>,
    ) {
        let found_before = out.len();
        let mut rest = scratch.analysis.begin(text, at_once);
        (scratch.part, scratch.named) = (None, 0);
        loop {
            let is_last = scratch.analysis.read_on(text, &self.lexicon, &mut rest, at_once);
            self.tag_windows(text, is_last, scratch, out);
            if is_last {
                break;
            }
            scratch.forget();
        }
        hashtag::widen(text, out, found_before);
    }

    /// Tags all windows but the last if that may go on; of that one, the parts that are there.
    fn tag_windows(
        &self,
        text: &str,
        is_last: bool,
        scratch: &mut Scratch,
        out: &mut Vec<Candidate>,
    ) {
        let complete = scratch.analysis.complete(is_last);
        for nth in 0..scratch.analysis.windows.len() {
            let window = scratch.analysis.windows[nth].clone();
            let whole = Part { from: window.start, own: window.start };
            let mut part = scratch.part.take().unwrap_or(whole);
            while window.end - part.own > PART + OVERLAP {
                let end = part.own + PART;
                self.tag(text, part, end, end + OVERLAP, scratch, out);
                part = Part { from: scratch.features.run_of(part.from, end - OVERLAP), own: end };
            }
            if nth < complete {
                self.tag(text, part, window.end, window.end, scratch, out);
            } else {
                scratch.part = Some(part);
            }
        }
    }

    /// Appends the names of a part that begin before `end`. Tokens up to `to` are looked at.
    fn tag(
        &self,
        text: &str,
        part: Part,
        end: usize,
        to: usize,
        scratch: &mut Scratch,
        out: &mut Vec<Candidate>,
    ) {
        let Part { from, own } = part;
        self.score(text, &(from..to), scratch);
        let Scratch { analysis, scores, chain, tags, eager, marginals, named, .. } = scratch;
        chain.best(scores, &self.model.transitions, DISCOUNT, eager);
        if eager.iter().all(|&t| t == 0) {
            return;
        }
        chain.best(scores, &self.model.transitions, 0.0, tags);
        chain.marginals(scores, &self.model.factors, marginals);
        merge(tags, eager);
        let tokens = &analysis.tokens[from..];
        let people = ranges(tags).into_iter().flat_map(|range| apart(text, tokens, tags, range));
        for range in people {
            let range = unquoted(text, tokens, range);
            let range = label::without(text, analysis, from + range.start..from + range.end);
            let Some(range) = range.map(|range| range.start - from..range.end - from) else {
                continue;
            };
            let place = from + range.start..from + range.end;
            let (first, last) = (&analysis.tokens[place.start], &analysis.tokens[place.end - 1]);
            let begins = from + range.start;
            if begins < own && own < from + range.end && analysis.tokens[own].start < *named {
                // It goes on from the part before.
                if let Some(name) = out.last_mut() {
                    name.end = name.end.max(last.end);
                    *named = name.end;
                }
            }
            if !(own..end).contains(&begins) {
                continue;
            }
            let tag = tags[range.start];
            let mut score = self.calibrate(tag, mean(&marginals[range.clone()], tag));
            if analysis.words[begins].line == Line::Code {
                score *= IN_CODE;
            }
            // Two parts may see the words between them differently.
            if score >= LEAST
                && *named <= first.start
                && !is_no_name(text, analysis, kind(tag), &place)
            {
                *named = last.end;
                out.push(Candidate { kind: kind(tag), start: first.start, end: last.end, score });
                let state = state::behind(text, analysis, &place).filter(|&at| {
                    kind(tag) == NameKind::Location && tags.get(at - from).is_none_or(|t| *t == 0)
                });
                if let Some(state) = state.map(|at| &analysis.tokens[at]) {
                    *named = state.end;
                    let kind = NameKind::Location;
                    out.push(Candidate { kind, start: state.start, end: state.end, score });
                }
            }
        }
    }

    fn score(&self, text: &str, window: &Range<usize>, scratch: &mut Scratch) {
        let Scratch { analysis, features, scores, .. } = scratch;
        features.prepare(analysis, window);
        scores.clear();
        for i in 0..window.len() {
            if analysis.may_be_named(window.start + i) {
                let rows = features.rows(text, analysis, window.start, i);
                let mut of_tags = self.model.scores(&rows);
                if boundary::parts(text, &analysis.tokens, window.start + i) {
                    // No name goes on here.
                    of_tags.iter_mut().skip(2).step_by(2).for_each(|score| *score = NEVER);
                }
                scores.push(of_tags);
            } else {
                let mut fixed = [NEVER; TAGS];
                fixed[0] = 0.0;
                scores.push(fixed);
            }
        }
    }

    fn calibrate(&self, tag: usize, probability: f32) -> f32 {
        let [slope, offset] = self.model.calibration[(tag - 1) / 2];
        let p = probability.clamp(1.0e-6, 1.0 - 1.0e-6);
        let logit = (p / (1.0 - p)).ln();
        1.0 / (1.0 + (-(slope * logit + offset)).exp())
    }
}

/// Adds the names of `eager` that touch no name of `tags`.
fn merge(tags: &mut [usize], eager: &[usize]) {
    for range in ranges(eager) {
        let free = tags[range.clone()].iter().all(|&t| t == 0)
            && tags.get(range.end).is_none_or(|t| *t == 0 || t % 2 == 1);
        if free {
            tags[range.clone()].copy_from_slice(&eager[range]);
        }
    }
}

/// The names of a sequence of tags.
pub fn ranges(tags: &[usize]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (i, &tag) in tags.iter().enumerate().filter(|(_, t)| **t != 0) {
        match out.last_mut() {
            Some(last) if tag % 2 == 0 && last.end == i => last.end = i + 1,
            _ => out.push(i..i + 1),
        }
    }
    out
}

/// The people of a row of cells: `Jane,Doe` are two. Behind the comma of one name stands a space.
fn apart(text: &str, tokens: &[Token], tags: &[usize], range: Range<usize>) -> Vec<Range<usize>> {
    let is_cut = |at: usize| {
        tokens[at].slice(text) == ","
            && at > range.start
            && tokens.get(at + 1).is_some_and(|next| at + 1 < range.end && next.glued)
    };
    let mut parts = Vec::with_capacity(1);
    let mut start = range.start;
    if kind(tags[range.start]) == NameKind::Person {
        for at in range.clone().filter(|&at| is_cut(at)) {
            parts.push(start..at);
            start = at + 1;
        }
    }
    parts.push(start..range.end);
    parts
}

/// Without the quotes around: only one within a name, as in `"Doc" Adams`, is a part of it.
fn unquoted(text: &str, tokens: &[Token], range: Range<usize>) -> Range<usize> {
    let is_quote =
        |at: usize| matches!(tokens[at].slice(text), "\"" | "'" | "“" | "”" | "„" | "«" | "»");
    let quotes = range.clone().filter(|&at| is_quote(at)).count();
    if quotes % 2 == 0 || range.len() < 2 {
        return range;
    }
    if is_quote(range.start) {
        range.start + 1..range.end
    } else if is_quote(range.end - 1) {
        range.start..range.end - 1
    } else {
        range
    }
}

/// True for what the weights take for a name of that kind and a rule knows better.
fn is_no_name(text: &str, analysis: &Analysis, kind: NameKind, name: &Range<usize>) -> bool {
    let (start, end) = (analysis.tokens[name.start].start, analysis.tokens[name.end - 1].end);
    let is_so = match kind {
        NameKind::Person => {
            honour::is_named_there(text, start, end)
                || eponym::is_one(text, start, end)
                || eponym::is_pair(text, start, end)
        }
        NameKind::Location => {
            postcode::is_mere_number(text, analysis, name)
                || product::is_heading(analysis, name)
                || product::is_zone(text, start, end)
                || eponym::is_one(text, start, end)
        }
        NameKind::Organization => {
            product::is_heading(analysis, name)
                || product::is_zone(text, start, end)
                || eponym::is_pair(text, start, end)
        }
    };
    is_so || product::is_one(analysis, name) || product::is_keyword(text, analysis, name)
}

/// Mean probability that the tokens are part of a name of the kind of `tag`.
fn mean(marginals: &[Scores], tag: usize) -> f32 {
    let first = tag - (tag + 1) % 2;
    let sum: f32 = marginals.iter().map(|m| m[first] + m[first + 1]).sum();
    sum / marginals.len().max(1) as f32
}

fn kind(tag: usize) -> NameKind {
    match tag {
        1 | 2 => NameKind::Person,
        3 | 4 => NameKind::Location,
        _ => NameKind::Organization,
    }
}
