//! Finds the names of people, places and organisations.
//!
//! Pure: everything it knows is compiled in. It knows nothing of other recognizers, of policies or of overlap with them.
//! Start at [`find`], which looks at one text, and [`propagate`], which carries what was found in one text of a request
//! to all others.
//!
//! A text is cut into tokens ([`token`]), of which a lexicon ([`lexicon`]) says what kind of word each is ([`analysis`]).
//! Around the tokens that may be names, hashed features ([`feature`]) look up weights ([`model`]) for a linear chain of tags
//! ([`chain`]). `examples/train_names` makes lexicon and weights; it uses the same modules, which is why they are public.

pub mod analysis;
mod beginnings;
mod boundary;
pub mod chain;
mod comma;
mod eponym;
pub mod feature;
mod field;
mod hashtag;
mod honour;
mod label;
pub mod language;
pub mod lexicon;
pub mod model;
mod postcode;
mod product;
mod propagate;
mod signature;
mod state;
mod survey;
pub mod tagger;
mod technical;
pub mod token;
mod told;

#[cfg(test)]
mod tests;

pub use propagate::propagate;

use lexicon::{Entry, Lexicon};
use std::{cell::RefCell, sync::LazyLock};
use tagger::{Scratch, Tagger};

/// The name of the recognizer in findings.
pub const RECOGNIZER: &str = "names";

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// A human being.
    Person,
    /// A place: city, country, region, street address.
    Location,
    /// A company, institution, agency, team or party.
    Organization,
}

/// A stretch of text that is probably a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// What it names.
    pub kind: NameKind,
    /// Offset of its first byte, on a `char` boundary.
    pub start: usize,
    /// Offset one past its last byte, on a `char` boundary.
    pub end: usize,
    /// How probable it is, from 0.0 to 1.0.
    pub score: f32,
}

static LEXICON: Lexicon<'static> = Lexicon::new(include_bytes!("lexicon.bin"));
static TAGGER: LazyLock<Tagger<'static>> =
    LazyLock::new(|| Tagger::new(LEXICON, include_bytes!("weights.bin")));

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The people in `text` whom nothing but the name of a field tells, as `surname: Long` does: sorted, disjoint.
pub fn in_fields(text: &str) -> Vec<Candidate> {
    field::find(text)
}

/// True if a field called `name` holds a name of somebody, or a part of one. `name` is in small letters, with single spaces.
pub(super) fn is_field_of_names(name: &str) -> bool {
    field::holds_names(name)
}

/// True for an everyday word of some language, in either case.
pub fn is_everyday(word: &str) -> bool {
    LEXICON.get(token::hash(word)).has(Entry::COMMON | Entry::KNOWN | Entry::FUNCTION)
}

/// True for the name of a town, in either case.
pub fn is_town(word: &str) -> bool {
    LEXICON.get(token::hash(word)).has(Entry::CITY | Entry::TOWN)
}

/// Appends the names in `text` to `out`: sorted, disjoint, on `char` boundaries. Time is linear in the length of `text`.
pub fn find(text: &str, out: &mut Vec<Candidate>) {
    let first = out.len();
    SCRATCH.with_borrow_mut(|scratch| TAGGER.find(text, scratch, out));
    field::add(field::find(text), out, first);
    field::add(signature::find(text).collect(), out, first);
    comma::join(text, out, first);
}
