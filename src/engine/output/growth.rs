//! Where a text that is still growing may be cut: no value goes on over such a place.
//!
//! A value of the common kind (an address, a key, a number) has no white space in it, or goes on over it only in groups
//! that have digits or are short and upper case (`DE89 3704`, `415 555 0132`, `AB 12 34`). A name or a street goes on over
//! words that begin with an upper-case letter. Whatever the pieces, the places are those of the text.

use crate::policy::{Output, Policy};

/// Types whose values are words in a row.
const PHRASES: [&str; 6] =
    ["PERSON", "ORGANIZATION", "LOCATION", "STREET_ADDRESS", "DATE_TIME", "DENIED"];
/// The type of literals.
const CANARY: &str = "CANARY";
/// The most characters of a group of upper-case letters, such as the country of an IBAN, or of an abbreviation.
const SHORT: usize = 4;

/// What a policy looks for, as far as that decides how values grow.
#[derive(Clone, Debug, Default)]
pub(super) struct Growth {
    /// Words in a row.
    phrases: bool,
    /// Texts that may have any form.
    literals: Vec<String>,
}

impl Growth {
    pub(super) fn of(policy: &Policy) -> Self {
        let guarded = policy.rules().iter().filter(|(_, rule)| rule.output != Output::Pass);
        let mut types = guarded.map(|(entity_type, _)| entity_type);
        let phrases = types
            .any(|t| PHRASES.contains(&t.as_str()) || policy.is_own(t) && t.as_str() != CANARY);
        Self { phrases, literals: policy.canaries().to_vec() }
    }

    /// True if a value may go on behind this word and the white space after it.
    pub(super) fn goes_on(&self, word: &str, space: char) -> bool {
        let Some(last) = word.chars().next_back() else { return false };
        let short = word.chars().count() <= SHORT;
        let ends = matches!(last, '.' | '!' | '?' | ';') && !(self.phrases && short);
        let ends =
            ends || last == ',' && !self.phrases || matches!(space, '\n' | '\r') && !self.phrases;
        !ends && (is_group(word, short) || self.phrases && is_name(word))
    }

    /// True if the text ends in what may become a literal.
    pub(super) fn may_become_literal(&self, text: &str) -> bool {
        let text = text.as_bytes();
        self.literals.iter().any(|literal| {
            let literal = literal.as_bytes();
            let longest = text.len().min(literal.len() - 1);
            (1..=longest).any(|length| text.ends_with(&literal[..length]))
        })
    }
}

fn is_group(word: &str, short: bool) -> bool {
    let upper = || word.bytes().all(|b| !b.is_ascii_lowercase()) && word.is_ascii();
    word.bytes().any(|b| b.is_ascii_digit()) || short && upper()
}

/// True if some part of it begins with an upper-case letter or a figure: a mark may stand in front (`<b>Mary`, `name=Mary`).
fn is_name(word: &str) -> bool {
    let mut parts = word.split(|c: char| !c.is_alphanumeric());
    parts.any(|part| part.chars().next().is_some_and(|c| !c.is_lowercase()))
}

/// True for characters of scripts that are written without spaces: each is a word.
pub(super) fn stands_alone(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..)
}
