//! Words near a match that tell what it is.
//!
//! The surroundings of a match, a bounded piece on each side, are brought into one plain form:
//! lower case, words separated by single spaces, `camelCase` and `snake_case` taken apart. An automaton over all context
//! words of all patterns then tells, per group of words, how far the nearest one is.

use super::{
    dates,
    seen::{REACH, Seen, is_word, prefix},
};
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, Match, MatchKind};

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
    /// Finds the same words, also within others.
    inner: AhoCorasick,
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

/// The groups of which a word stands in one part of a text. Reused from part to part.
#[derive(Debug, Default)]
pub(crate) struct Around {
    part: Option<usize>,
    /// How many places in it were asked about, and the last of them.
    places: usize,
    last: Option<usize>,
    groups: Vec<bool>,
    is_any: bool,
    /// The part is not read, or the match reaches further than it does.
    may_be_any: bool,
    plain: String,
}

/// The length of a part, in bytes.
const PART: usize = 512;
/// A part is read for so many places in it. Ordinary text has fewer: it is cheaper to check them than to read what is near.
const WORTH: usize = 4;
/// The groups near longer matches are not looked at.
const LONGEST: usize = 64;

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
        let inner = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(words.iter().map(|word| word.trim()))?;
        Ok(Self { automaton, inner, group_of, groups: groups.len() })
    }

    /// The groups of which [`score`](Self::score) may find a word near `seen`, or near any part of it; `None` when there are none.
    ///
    /// A text is read once for all places in it, a part at a time, together with what is near the part; where there are few,
    /// all groups may be near. Words count here also where they are parts of others, since [`score`](Self::score) may see of those no more than its reach.
    pub(crate) fn around<'a>(&self, around: &'a mut Around, seen: &Seen<'_>) -> Option<&'a Around> {
        let part = seen.start / PART;
        if around.part != Some(part) {
            around.part = Some(part);
            around.places = 0;
            around.last = None;
        }
        if around.last != Some(seen.start) {
            around.last = Some(seen.start);
            around.places += 1;
            if around.places == WORTH {
                self.read_part(around, seen.all, part);
            }
        }
        around.may_be_any = around.places < WORTH || seen.end - seen.start > LONGEST;
        (around.is_any || around.may_be_any).then_some(around)
    }

    fn read_part(&self, around: &mut Around, text: &str, part: usize) {
        around.groups.clear();
        around.groups.resize(self.groups, false);
        around.plain.clear();
        append_plain(&mut around.plain, near_part(text, part));
        for found in self.inner.find_overlapping_iter(&around.plain) {
            around.groups[self.group_of[found.pattern().as_usize()]] = true;
        }
        around.is_any = around.groups.contains(&true);
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
        let (left, right) = sides(seen);
        nearby.fill(left);
        let len = nearby.plain.len();
        self.note(nearby, |_, end| len - end);
        nearby.fill(right);
        self.note(nearby, |start, _| start + usize::from(BEHIND));
    }

    /// Tells whether all words of `group` near `seen`, which is a date, are nearer to another one.
    pub(crate) fn tell_of_another_date(&self, seen: &Seen<'_>, group: usize) -> bool {
        let (left, right) = sides(seen);
        let [left, right] = [left, right].map(|side| {
            let mut plain = String::from(" ");
            append_plain(&mut plain, side);
            plain
        });
        let words = |plain| {
            let of_group = |found: &Match| self.group_of[found.pattern().as_usize()] == group;
            self.automaton.find_overlapping_iter(plain).filter(of_group)
        };
        let in_front = words(&left).map(|word| word.end()).max();
        let behind = words(&right).min_by_key(Match::start);
        let is_of_front = |end: usize| left.get(end..).is_some_and(dates::are_told);
        let is_of_behind = |word: Match| {
            let between = right.get(..word.start()).unwrap_or_default();
            let after = right.get(word.end()..).unwrap_or_default();
            dates::are_in(between) || dates::follow(after)
        };
        in_front.is_none_or(is_of_front) && behind.is_none_or(is_of_behind)
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

/// What stands in front of `seen` and behind it and may tell of it.
fn sides<'t>(seen: &Seen<'t>) -> (&'t str, &'t str) {
    let left = seen.left().rsplit("\n\n").next().unwrap_or_default();
    let right = seen.right().split('\n').next().unwrap_or_default();
    let right = right.split(". ").next().unwrap_or_default();
    // In a row of a table the row above says nothing of this one, nor does the cell behind.
    match right.split_once('|') {
        Some((cell, _)) => (left.rsplit('\n').next().unwrap_or_default(), cell),
        None => (left, right),
    }
}

/// A part of `text` and what is near the matches that begin in it, or a little more.
fn near_part(text: &str, part: usize) -> &str {
    // A character at the end is not cut off that begins before it.
    let end = (part + 1) * PART + LONGEST + REACH + 4;
    let start = prefix(text, (part * PART).saturating_sub(REACH)).len();
    prefix(text, end).get(start..).unwrap_or_default()
}

impl Around {
    /// True if a word of `group` may stand near.
    pub(crate) fn holds(&self, group: usize) -> bool {
        self.may_be_any || self.groups.get(group).is_some_and(|known| *known)
    }

    /// Forgets the last text.
    pub(crate) fn clear(&mut self) {
        self.part = None;
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
    use proptest::prelude::*;

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

    #[track_caller]
    fn check_another(marked: &str, expected: bool) {
        let words = ContextWords::new(&[vec!["born", "dob"]]).unwrap();
        let (left, rest) = marked.split_once('«').unwrap();
        let (inner, right) = rest.split_once('»').unwrap();
        let all = format!("{left}{inner}{right}");
        let seen = Seen { all: &all, start: left.len(), end: left.len() + inner.len() };
        assert_eq!(words.tell_of_another_date(&seen, 0), expected);
    }

    #[test]
    fn a_word_tells_of_the_nearest_date() {
        check_another("born 3 April 1960, admitted «5 May 2020»", true);
        check_another("admitted «5 May 2020», born 3 April 1960", true);
        check_another("seen «5 May 2020» and 6 May 2020, born 3 April 1960", true);
        check_another("born at 3:40 pm on «3 April 1960», admitted 5 May 2020", false);
        check_another("DOB «04/03/1960», DOB 05/06/1961", false);
        check_another("born 1960-04-03 or «1960-04-04»", false);
        check_another("«3 April 1960» is when she was born", false);
    }

    proptest! {
        #[test]
        fn a_part_has_every_word_that_counts_for_a_match_in_it(
            parts in proptest::collection::vec("ssn|Ssn|tax id|taxId|身份证|é| |\\||\n|\\. |x|9|\\PC|[a-zA-Z0-9 ]{40}", 0..60),
            place in 0_usize..1200, len in 0_usize..LONGEST, from in 0_usize..LONGEST, to in 0_usize..LONGEST,
        ) {
            let words = ContextWords::new(&[vec!["ssn", "身份证"], vec!["tax id", "id"]]).unwrap();
            let all = parts.concat();
            let at = |place: usize| all.floor_char_boundary(place);
            let (start, end) = (at(place), at(place + len));
            let inner = (at(place + from.min(to).min(len)), at(place + from.max(to).min(len)));
            let matched = Seen { all: &all, start, end };
            let accepted = Seen { all: &all, start: inner.0, end: inner.1 };
            for group in 0..2 {
                if words.score(&mut Nearby::default(), &accepted, group, 0.6).is_some() {
                    let mut around = Around::default();
                    for _ in 0..WORTH {
                        around.last = None;
                        let near = words.around(&mut around, &matched);
                        prop_assert!(near.is_some_and(|near| near.holds(group)));
                    }
                }
            }
        }
    }
}
