//! From text to suspicious sentences, by the weights.

use super::{
    feature,
    model::Model,
    token::{self, Class, Token},
    window::{self, Window},
};
use std::ops::Range;

/// A trained model at work.
#[derive(Clone, Debug)]
pub struct Classifier<'b> {
    model: Model<'b>,
}

/// Memory of a [`Classifier`], to be used again for the next text.
#[derive(Debug, Default)]
pub struct Scratch {
    tokens: Vec<Token>,
    sentences: Vec<Range<usize>>,
    /// Sums of the weights of all tokens before each token.
    sums: Vec<i32>,
    suspects: Vec<(f32, Window)>,
}

/// Offsets of the first byte, and one past the last.
pub type Place = (usize, usize);

impl Scratch {
    /// The sentences of the text read last that `start..end` reaches into.
    pub fn sentences_around(&self, start: usize, end: usize) -> Place {
        let first = self.sentences.partition_point(|s| self.tokens[s.end - 1].end <= start);
        let last = self.sentences.partition_point(|s| self.tokens[s.start].start < end);
        let from = self.sentences.get(first).map_or(start, |s| s.start);
        let to =
            last.checked_sub(1).and_then(|last| self.sentences.get(last)).map_or(from, |s| s.end);
        let (seen, end_seen) = self.seen(from..to).unwrap_or((start, end));
        (seen.min(start), end_seen.max(end))
    }

    /// The place of these tokens without line breaks at the ends; `None` when nothing is left.
    fn seen(&self, tokens: Range<usize>) -> Option<Place> {
        let tokens = self.tokens.get(tokens)?;
        let seen = |t: &&Token| t.class != Class::Break;
        Some((tokens.iter().find(seen)?.start, tokens.iter().rev().find(seen)?.end))
    }
}

impl<'b> Classifier<'b> {
    /// Over what [`model::pack`](super::model::pack) has written.
    pub fn new(weights: &'b [u8]) -> Self {
        Self { model: Model::new(weights) }
    }

    /// Calls `visit` with sentences whose score is at least `least`, in no particular order: of windows that overlap, the one that
    /// looks worst gives the one sentence in it that weighs most. Linear in the length of `text`, besides sorting what is found.
    pub fn find(
        &self,
        text: &str,
        least: f32,
        scratch: &mut Scratch,
        mut visit: impl FnMut(Place, f32),
    ) {
        self.read(text, scratch);
        let mut suspects = std::mem::take(&mut scratch.suspects);
        suspects.clear();
        window::each(&scratch.sentences, |window| {
            let logit = self.logit(&window, scratch);
            if self.model.score(logit) >= least && says_anything(text, &scratch.tokens, &window) {
                suspects.push((logit, window));
            }
        });
        suspects.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut taken = Taken::default();
        for (logit, window) in &suspects {
            if taken.claim(&window.tokens)
                && let Some(place) = worst(window, scratch)
            {
                visit(place, self.model.score(*logit));
            }
        }
        scratch.suspects = suspects;
    }

    /// The highest logit of any window; `None` for a text without a word.
    pub fn highest(&self, text: &str, scratch: &mut Scratch) -> Option<f32> {
        self.read(text, scratch);
        let mut highest: Option<f32> = None;
        window::each(&scratch.sentences, |window| {
            let logit = self.logit(&window, scratch);
            highest = Some(highest.map_or(logit, |h| h.max(logit)));
        });
        highest
    }

    fn read(&self, text: &str, scratch: &mut Scratch) {
        let Scratch { tokens, sentences, sums, .. } = scratch;
        token::tokenize(text, tokens);
        window::sentences(tokens, sentences);
        sums.clear();
        sums.push(0);
        let mut sum = 0_i32;
        for at in 0..tokens.len() {
            feature::rows(tokens, at, |row| sum = sum.wrapping_add(self.model.weight(row)));
            sums.push(sum);
        }
    }

    fn logit(&self, window: &Window, scratch: &Scratch) -> f32 {
        let Range { start, end } = window.tokens;
        let sum = scratch.sums[end].wrapping_sub(scratch.sums[start]);
        self.model.logit(window.scale, sum, end - start)
    }
}

/// Fewer different words give no order: `<pad> <pad> <pad>`, a column of codes, what is written in Base64.
const FEWEST_WORDS: usize = 3;
/// So often the same words come again in lists and tables, and not in what is said.
const MOST_REPEATED: usize = 6;
/// Of longer windows so many tokens are looked at.
const MOST_READ: usize = 96;
/// Longer words are none, and so are longer ones with digits or spaces in them, in bytes.
const LONGEST_WORD: usize = 24;
const LONGEST_DISGUISED: usize = 40;

/// True where a window has words enough to say anything.
fn says_anything(text: &str, tokens: &[Token], window: &Window) -> bool {
    // With so many different ones the words do not come often enough to be those of a list.
    let mut known = [0; MOST_READ / MOST_REPEATED];
    let (mut count, mut words) = (0, 0);
    for token in tokens.get(window.tokens.clone()).unwrap_or_default().iter().take(MOST_READ) {
        if !is_word(text, token) {
            continue;
        }
        words += 1;
        if !known[..count].contains(&token.hash) {
            known[count] = token.hash;
            count += 1;
            if count == known.len() {
                return true;
            }
        }
    }
    count >= FEWEST_WORDS && count * MOST_REPEATED >= words
}

/// A word of two letters and more, or one in disguise (`1gn0r3`), but no number in hexadecimal.
fn is_word(text: &str, token: &Token) -> bool {
    let word = text.get(token.start..token.end).unwrap_or_default();
    let is_hex = || word.bytes().all(|b| b.is_ascii_hexdigit());
    match token.class {
        Class::Ideograph => true,
        Class::Lower | Class::Capital | Class::Camel => (2..=LONGEST_WORD).contains(&word.len()),
        Class::Upper => word.len() <= LONGEST_WORD && !is_hex(),
        Class::Mixed => word.len() < LONGEST_DISGUISED && !is_hex(),
        Class::Digits | Class::Mark | Class::Marks | Class::Break => false,
    }
}

/// The sentence of `window` that weighs most.
fn worst(window: &Window, scratch: &Scratch) -> Option<Place> {
    let Range { start, end } = window.tokens;
    let first = scratch.sentences.partition_point(|s| s.start < start);
    let inside = scratch.sentences[first..].iter().take_while(|s| s.end <= end);
    let weight = |s: &Range<usize>| scratch.sums[s.end].wrapping_sub(scratch.sums[s.start]);
    inside.max_by_key(|s| weight(s)).and_then(|s| scratch.seen(s.clone()))
}

/// Stretches of tokens that were decided on.
#[derive(Default)]
struct Taken(std::collections::BTreeMap<usize, usize>);

impl Taken {
    /// Takes a stretch, unless it overlaps one that was taken before.
    fn claim(&mut self, tokens: &Range<usize>) -> bool {
        let free =
            self.0.range(..tokens.end).next_back().is_none_or(|(_, end)| *end <= tokens.start);
        if free {
            self.0.insert(tokens.start, tokens.end);
        }
        free
    }
}
