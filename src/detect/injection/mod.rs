//! Finds signals of prompt injection and of jailbreaks.
//!
//! Pure: everything it knows is compiled in. It knows nothing of other recognizers, of policies or of overlap with them.
//! Start at [`find`]. Two kinds of evidence are put together:
//!
//! * `rules`: phrases that speak for themselves, such as "ignore all previous instructions", in several languages;
//! * `classifier`: a text is cut into words and marks ([`token`]), hashed features of each ([`feature`]) look up weights
//!   ([`model`]), and the sums over sentences and runs of sentences ([`window`]) give probabilities.
//!
//! What is reported is the sentence that carries the attack. `examples/train_injection` makes the weights; it uses the same
//! modules, which is why they are public.

pub mod classifier;
pub mod feature;
mod markup;
pub mod model;
mod rules;
pub mod token;
pub mod window;

#[cfg(test)]
mod tests;

use classifier::{Classifier, Scratch};
use std::{cell::RefCell, sync::LazyLock};

/// How a signal was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// By a phrase.
    Rule,
    /// By the weights.
    Classifier,
}

/// A sentence that probably carries an attack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signal {
    /// Offset of its first byte, on a `char` boundary.
    pub start: usize,
    /// Offset one past its last byte, on a `char` boundary.
    pub end: usize,
    /// How probable it is, from 0.0 to 1.0.
    pub score: f32,
    /// How it was seen; the stronger one where both did.
    pub evidence: Evidence,
}

static CLASSIFIER: LazyLock<Classifier<'static>> =
    LazyLock::new(|| Classifier::new(include_bytes!("weights.bin")));

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Texts are judged in parts of so many bytes, so that what is known of a part stays in the processor's cache.
const PART: usize = 32 << 10;
/// How far a part reaches into the one before: more than the longest window, so that no attack hides at a border.
const REACH: usize = 4 << 10;

/// The signals in `text` with a score of at least `least`: sorted, disjoint, on `char` boundaries. Time is linear in the length
/// of `text`.
pub fn find(text: &str, least: f32) -> Vec<Signal> {
    let mut found = Vec::new();
    SCRATCH.with_borrow_mut(|scratch| {
        for (offset, part) in parts(text) {
            find_in(part, offset, least, scratch, &mut found);
        }
    });
    merged(found)
}

/// The parts of a text, each with its offset.
fn parts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = boundary(text, start + PART);
        next = (end < text.len()).then(|| boundary(text, end - REACH));
        Some((start, text.get(start..end)?))
    })
}

/// The next place from `at` on where a character begins, or the end.
fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

fn find_in(part: &str, offset: usize, least: f32, scratch: &mut Scratch, found: &mut Vec<Signal>) {
    let mut note = |(start, end): classifier::Place, score, evidence| {
        found.push(Signal { start: offset + start, end: offset + end, score, evidence });
    };
    CLASSIFIER.find(part, least, scratch, |place, score| note(place, score, Evidence::Classifier));
    rules::each(part, |start, end, score| {
        if score >= least {
            note(scratch.sentences_around(start, end), score, Evidence::Rule);
        }
    });
}

/// Signals that overlap become one, with the score and the evidence of the strongest.
fn merged(mut found: Vec<Signal>) -> Vec<Signal> {
    found.sort_by_key(|s| (s.start, s.end));
    let mut merged: Vec<Signal> = Vec::with_capacity(found.len());
    for signal in found {
        match merged.last_mut().filter(|last| signal.start < last.end) {
            None => merged.push(signal),
            Some(last) => {
                last.end = last.end.max(signal.end);
                if signal.score > last.score {
                    (last.score, last.evidence) = (signal.score, signal.evidence);
                }
            }
        }
    }
    merged
}
