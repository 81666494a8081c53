//! Where in a text some pattern matches.
//!
//! Patterns that begin with a digit are tried wherever a number begins; one automaton looks for all others. In it, they would make
//! a new state for every sequence of digits and marks there is: a table of random numbers was read at a quarter of a megabyte a
//! second. Tried from one place on, they have a few thousand states together.

use regex_automata::{
    Anchored, Input,
    hybrid::{BuildError, dfa, regex},
    nfa::thompson,
    util::start,
};

/// Finds places.
#[derive(Debug)]
pub(super) struct Places {
    others: regex::Regex,
}

/// What one search needs and the next can use again.
#[derive(Debug)]
pub(super) struct Scratch {
    others: regex::Cache,
    /// The next place of the others, if it is known; behind all texts when there is none.
    next: Option<usize>,
}

impl Scratch {
    /// Forgets the last text.
    pub(super) fn clear(&mut self) {
        self.next = None;
    }
}

impl Places {
    /// For `regexes`, of which all but those that begin with a number go into the automaton.
    pub(super) fn new(
        regexes: &[&str],
        nfa: &thompson::Config,
        dfa: dfa::Config,
    ) -> Result<Self, Box<BuildError>> {
        let mut others = Vec::new();
        for regex in regexes {
            if !begins_with_number(regex, nfa)? {
                others.push(regex);
            }
        }
        let others = regex::Builder::new().thompson(nfa.clone()).dfa(dfa).build_many(&others)?;
        Ok(Self { others })
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch { others: self.others.create_cache(), next: None }
    }

    /// The first place from `at` on at which a pattern matches. `tries` tells whether one does at a given place.
    pub(super) fn next(
        &self,
        scratch: &mut Scratch,
        text: &str,
        at: usize,
        mut tries: impl FnMut(usize) -> bool,
    ) -> Option<usize> {
        let other = match scratch.next.filter(|&next| next >= at) {
            Some(next) => next,
            None => self.next_of_others(&mut scratch.others, text, at).unwrap_or(usize::MAX),
        };
        scratch.next = Some(other);
        let mut from = at;
        while let Some(number) = next_number(text.as_bytes(), from, other) {
            if tries(number) {
                return Some(number);
            }
            from = number + 1;
        }
        // Should nothing match there after all, the search goes on behind it.
        (other <= text.len()).then(|| {
            tries(other);
            other
        })
    }

    fn next_of_others(&self, cache: &mut regex::Cache, text: &str, at: usize) -> Option<usize> {
        if at > text.len() {
            return None;
        }
        // The search can fail only on quit bytes or a limit on cache clearings, and neither is configured.
        let found = self.others.try_search(cache, &Input::new(text).range(at..)).ok().flatten();
        found.map(|m| m.start())
    }
}

/// True when every match of `regex` begins where [`next_number`] looks.
fn begins_with_number(regex: &str, nfa: &thompson::Config) -> Result<bool, Box<BuildError>> {
    let dfa = dfa::Builder::new().thompson(nfa.clone()).build(regex)?;
    let mut cache = dfa.create_cache();
    let mut goes_on = |before: Option<u8>, bytes: &[u8]| {
        let start = start::Config::new().anchored(Anchored::Yes).look_behind(before);
        let mut state = dfa.start_state(&mut cache, &start).ok()?;
        for &byte in bytes {
            state = dfa.next_state(&mut cache, state, byte).ok()?;
        }
        Some(!state.is_dead())
    };
    // What cannot be told may be anything.
    let mut may = |before, bytes: &[u8]| goes_on(before, bytes).unwrap_or(true);
    Ok((0..=u8::MAX).all(|first| match first {
        b'+' | b'(' => true,
        b'0'..=b'9' => !may(Some(b'a'), &[first]),
        b'_' => (0..=u8::MAX)
            .filter(|second| !second.is_ascii_digit())
            .all(|second| !may(None, &[first, second]) && !may(Some(b'a'), &[first, second])),
        _ => !may(None, &[first]) && !may(Some(b'a'), &[first]),
    }))
}

/// Numbers are looked for in so many bytes at once.
const BLOCK: usize = 32;

/// Where between `from` and `to` a number may begin: at a digit behind no letter, digit or `_`; at the `_` in front of a digit; at a
/// `+` or `(`.
fn next_number(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    let to = to.min(bytes.len());
    let mut at = from;
    while at < to {
        let block = bytes.get(at..to.min(at + BLOCK))?;
        // Without a branch for each byte: several are compared at once.
        let any = block.iter().fold(false, |any, &b| any | is_mark(b) | b.is_ascii_digit());
        let nth = any.then(|| (at..at + block.len()).find(|&at| begins_number(bytes, at)));
        if let Some(found) = nth.flatten() {
            return Some(found);
        }
        at += block.len();
    }
    None
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b'+' | b'(')
}

fn begins_number(bytes: &[u8], at: usize) -> bool {
    let is_digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
    match bytes[at] {
        b'0'..=b'9' => {
            let before = at.checked_sub(1).map(|before| bytes[before]);
            !before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        }
        b'_' => is_digit(bytes.get(at + 1)),
        byte => is_mark(byte),
    }
}
