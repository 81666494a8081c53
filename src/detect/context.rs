//! Words near a match that tell what it is.
//!
//! The surroundings of a match, a bounded piece on each side, are brought into one plain form:
//! lower case, words separated by single spaces, `camelCase` and `snake_case` taken apart. An automaton over all context
//! words of all patterns then tells, per group of words, how far the nearest one is.

use super::seen::{Seen, is_word};
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};

/// A word behind a match says less than one in front of it: "SSN 078…, phone 555…".
const BEHIND: u16 = 24;
/// What the farthest word takes off the score.
const FADE: f32 = 0.05;
/// The distance at which all of [`FADE`] is taken off.
const FAR: f32 = 128.0;

/// The context words of all patterns, by group. Patterns with the same words share a group.
#[derive(Debug)]
pub(crate) struct ContextWords {
    automaton: AhoCorasick,
    /// Per word of the automaton, its group.
    group_of: Vec<usize>,
    groups: usize,
}

/// How far the nearest word of each group is from one match. Reused from match to match.
#[derive(Debug, Default)]
pub(crate) struct Nearby {
    at: Option<(usize, usize)>,
    distances: Vec<u16>,
    plain: String,
}

impl ContextWords {
    /// # Errors
    /// When the words are too many for the automaton.
    pub(crate) fn new<W: AsRef<str>>(groups: &[Vec<W>]) -> Result<Self, BuildError> {
        let mut words = Vec::new();
        let mut group_of = Vec::new();
        for (group, members) in groups.iter().enumerate() {
            for word in members {
                let mut plain = String::from(" ");
                append_plain(&mut plain, word.as_ref());
                words.push(plain);
                group_of.push(group);
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&words)?;
        Ok(Self { automaton, group_of, groups: groups.len() })
    }

    /// The part of `score` that the words of `group` near `seen` leave; `None` when there is none of them.
    pub(crate) fn score(
        &self,
        nearby: &mut Nearby,
        seen: &Seen<'_>,
        group: usize,
        score: f32,
    ) -> Option<f32> {
        if nearby.at != Some((seen.start, seen.end)) {
            self.look_around(nearby, seen);
        }
        let distance = *nearby.distances.get(group).filter(|&&d| d < u16::MAX)?;
        Some(score - FADE * (f32::from(distance) / FAR).min(1.0))
    }

    fn look_around(&self, nearby: &mut Nearby, seen: &Seen<'_>) {
        nearby.reset(self.groups);
        nearby.at = Some((seen.start, seen.end));
        let left = seen.left().rsplit("\n\n").next().unwrap_or_default();
        let right = seen.right().split('\n').next().unwrap_or_default();
        let right = right.split(". ").next().unwrap_or_default();
        // In a row of a table the row above says nothing of this one, nor does the cell behind.
        let (left, right) = match right.split_once('|') {
            Some((cell, _)) => (left.rsplit('\n').next().unwrap_or_default(), cell),
            None => (left, right),
        };

        nearby.fill(left);
        let len = nearby.plain.len();
        self.note(nearby, |_, end| len - end);
        nearby.fill(right);
        self.note(nearby, |start, _| start + usize::from(BEHIND));
    }

    fn note(&self, nearby: &mut Nearby, distance: impl Fn(usize, usize) -> usize) {
        for found in self.automaton.find_overlapping_iter(&nearby.plain) {
            let distance =
                u16::try_from(distance(found.start(), found.end())).unwrap_or(u16::MAX - 1);
            let slot = &mut nearby.distances[self.group_of[found.pattern().as_usize()]];
            *slot = distance.min(*slot);
        }
    }
}

impl Nearby {
    /// Forgets the last text.
    pub(crate) fn clear(&mut self) {
        self.at = None;
    }

    fn reset(&mut self, groups: usize) {
        self.distances.clear();
        self.distances.resize(groups, u16::MAX);
    }

    fn fill(&mut self, text: &str) {
        self.plain.clear();
        self.plain.push(' ');
        append_plain(&mut self.plain, text);
    }
}

/// Appends the words of `text`, each in lower case with one space behind it. `plain` ends with a space before and after.
pub(super) fn append_plain(plain: &mut String, text: &str) {
    let mut last = Kind::Other;
    for c in text.chars() {
        let kind = Kind::of(c);
        let apart = kind == Kind::Other
            || kind == Kind::Ideograph
            || last == Kind::Ideograph
            || (last == Kind::Lower && kind == Kind::Upper)
            || kind.is_digit() != last.is_digit();
        if apart && !plain.ends_with(' ') {
            plain.push(' ');
        }
        match kind {
            Kind::Other => {}
            _ if c.is_ascii() => plain.push(c.to_ascii_lowercase()),
            Kind::Lower | Kind::Upper | Kind::Digit | Kind::Ideograph => {
                plain.extend(c.to_lowercase())
            }
        }
        last = kind;
    }
    if !plain.ends_with(' ') {
        plain.push(' ');
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    /// Scripts without spaces between words: every character counts as a word.
    Ideograph,
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            '0'..='9' => Self::Digit,
            'a'..='z' => Self::Lower,
            'A'..='Z' => Self::Upper,
            '\0'..='\x7f' => Self::Other,
            c if c.is_uppercase() => Self::Upper,
            c if is_word(c) => Self::Lower,
            c if c.is_alphanumeric() => Self::Ideograph,
            _ => Self::Other,
        }
    }

    fn is_digit(self) -> bool {
        self == Self::Digit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_plain(text: &str, expected: &str) {
        let mut plain = String::from(" ");
        append_plain(&mut plain, text);
        assert_eq!(plain, expected);
    }

    #[test]
    fn names_of_fields_fall_apart_into_words() {
        check_plain("customerSsn", " customer ssn ");
        check_plain("ACCOUNT_NO: ", " account no ");
        check_plain("line2--x", " line 2 x ");
        check_plain("", " ");
    }

    #[track_caller]
    fn score(marked: &str) -> Option<f32> {
        let words = ContextWords::new(&[vec!["ssn", "social security"]]).unwrap();
        let (left, rest) = marked.split_once('«').unwrap();
        let (inner, right) = rest.split_once('»').unwrap();
        let all = format!("{left}{inner}{right}");
        let seen = Seen { all: &all, start: left.len(), end: left.len() + inner.len() };
        words.score(&mut Nearby::default(), &seen, 0, 0.6)
    }

    #[test]
    fn a_word_in_front_or_behind_counts() {
        assert_eq!(score("my SSN: «1»"), Some(0.6));
        assert!(score("«1» is my social-security number").unwrap() < 0.6);
        assert_eq!(score("assn: «1»"), None);
        assert_eq!(score("SSN\n\nsomething else «1»"), None);
    }
}
