//! Runs all patterns of all recognizers over a text in one pass.
//!
//! [`Places`] tell where a pattern may begin. There an anchored automaton, built lazily as text is read (a full DFA would not fit
//! in memory), reports *every* pattern that matches, each with its longest match.
//!
//! So a pattern whose check refuses a match never hides another one, and neither does a longer match of an unwanted
//! type. Then the search goes on one character behind that place, or behind a certain finding there. Patterns are bounded (see [`pattern`](super::pattern)), so a place
//! costs bounded time and the whole is linear in the text.

use super::{
    Candidate, EntityType, Score, Selection,
    context::{Around, ContextWords, Nearby},
    overlap,
    pattern::{Accepted, Check, Pattern, Recognizer},
    places::{Ahead, Places},
    seen::Seen,
};
use regex_automata::{
    Anchored, Input, MatchKind,
    hybrid::{BuildError, LazyStateID, dfa},
    nfa::thompson,
};
use std::sync::{Mutex, PoisonError};

/// With less than the states for ordinary text need the automaton is thrown away and built again all the time.
const CACHE_CAPACITY: usize = 24 << 20;
/// How many idle scratch spaces are kept: more threads than that scan at once only in a burst.
const IDLE_SCRATCH: usize = 32;

/// The compiled patterns. Built once, shared by all analyzers.
#[derive(Debug)]
pub(crate) struct Engine {
    places: Places,
    each: dfa::DFA,
    /// Per regex of the automata, the rules of the patterns that share it, by type.
    rules_of: Vec<Vec<Group>>,
    rules: Vec<Rule>,
    /// The entity types of the rules.
    types: Vec<EntityType>,
    words: ContextWords,
    idle: Mutex<Vec<Scratch>>,
}

/// The rules of one entity type that share a regex: first those that are judged wherever they match, then those that may need
/// words near ([`Pattern::is_weak`]), the highest score first.
#[derive(Debug)]
struct Group {
    nth_type: usize,
    rules: Vec<usize>,
}

/// A pattern as the engine uses it.
#[derive(Debug)]
struct Rule {
    entity_type: EntityType,
    recognizer: &'static str,
    score: f32,
    /// Group of context words, and the score with one of them near.
    context: Option<(usize, f32)>,
    /// See [`Pattern::of_one_date`].
    is_of_one_date: bool,
    check: Check,
    /// See [`Pattern::is_weak`].
    is_weak: bool,
}

/// What one scan needs and the next can use again.
#[derive(Debug)]
struct Scratch {
    ahead: Ahead,
    each: dfa::Cache,
    /// What matches at the current place.
    matched: Matched,
    resume: Resume,
    nearby: Nearby,
    around: Around,
    wanted: Wanted,
}

/// Per rule, the end of its last accepted match: it may not match again inside it.
#[derive(Debug)]
struct Resume {
    ends: Vec<usize>,
    /// The rules with an end: few of them, so that a new scan need not clear all.
    rules: Vec<usize>,
}

/// What the selection of this scan says of each entity type, asked once per type that is seen.
#[derive(Debug, Default)]
struct Wanted(Vec<Option<Option<Score>>>);

/// The regexes that match at one place, with their longest ends.
#[derive(Debug)]
struct Matched {
    /// Per regex, its end; 0 when it does not match here.
    ends: Vec<usize>,
    patterns: Vec<usize>,
}

impl Engine {
    /// Compiles the patterns.
    ///
    /// # Errors
    /// When a pattern is not valid or too large. Both are faults of this crate and found by any test.
    pub(crate) fn new(recognizers: &[&'static Recognizer]) -> Result<Self, Box<BuildError>> {
        let patterns: Vec<&'static Pattern> = recognizers.iter().flat_map(|r| r.patterns).collect();
        let types = distinct(patterns.iter().map(|p| &p.entity_type));
        let regexes = distinct(patterns.iter().map(|p| &p.regex));
        let rules_of = regexes.iter().map(|r| groups_of(r, &patterns, &types)).collect();
        let (words, groups) = context_groups(&patterns);
        let names = recognizers.iter().flat_map(|r| r.patterns.iter().map(|_| r.name));
        let rules = names
            .zip(&patterns)
            .zip(groups)
            .map(|((name, p), group)| Rule::new(name, p, group))
            .collect();
        let cache = dfa::DFA::config().cache_capacity(CACHE_CAPACITY);
        let each = dfa::Builder::new()
            .thompson(nfa_config())
            .configure(cache.match_kind(MatchKind::All))
            .build_many(&regexes)?;
        let places = Places::of(each.get_nfa());
        let idle = Mutex::new(Vec::new());
        Ok(Self { places, each, rules_of, rules, types, words, idle })
    }

    /// Appends what the patterns find in `text` and `selection` admits, in no particular order.
    pub(crate) fn scan(&self, text: &str, selection: &Selection, out: &mut Vec<Candidate>) {
        self.each_place(text, |scratch, place| {
            self.judge_all(scratch, text, place, selection, out)
        });
    }

    /// How much there is to do for `text`: places, patterns to be checked there, and bytes they match.
    #[cfg(test)]
    pub(crate) fn work(&self, text: &str) -> usize {
        let mut work = 0;
        self.each_place(text, |scratch, place| {
            let Matched { patterns, ends } = &scratch.matched;
            work += 1 + patterns.iter().map(|&p| ends[p] - place).sum::<usize>();
            place
        });
        work
    }

    /// The places that are visited, and those at which a pattern matches when each is tried.
    #[cfg(test)]
    pub(crate) fn places(&self, text: &str) -> [Vec<usize>; 2] {
        let mut visited = Vec::new();
        self.each_place(text, |_, place| {
            visited.push(place);
            place
        });
        let Scratch { each, matched, .. } = &mut self.take_scratch();
        let chars = text.char_indices().map(|(at, _)| at);
        [visited, chars.filter(|&at| self.match_each(each, matched, text, at)).collect()]
    }

    /// Calls `visit` at every place at which some pattern matches, with those that do. It tells up to where there is nothing
    /// more to look for.
    fn each_place(&self, text: &str, mut visit: impl FnMut(&mut Scratch, usize) -> usize) {
        let mut scratch = self.take_scratch();
        let mut at = 0;
        loop {
            let Scratch { ahead, each, matched, .. } = &mut scratch;
            let Some(place) = self.places.next(text.as_bytes(), at, ahead) else { break };
            at = next_char(text, place);
            if self.match_each(each, matched, text, place) {
                at = at.max(visit(&mut scratch, place));
            }
        }
        self.give_back(scratch);
    }

    /// Fills `matched` with the patterns that match at `place`, and tells whether there are any.
    fn match_each(
        &self,
        cache: &mut dfa::Cache,
        matched: &mut Matched,
        text: &str,
        place: usize,
    ) -> bool {
        matched.clear();
        let input = Input::new(text).range(place..).anchored(Anchored::Yes);
        let Ok(mut state) = self.each.start_state_forward(cache, &input) else {
            return false;
        };
        // A match shows one byte late: the state behind byte `at` tells of matches that end before it.
        for (at, &byte) in text.as_bytes().iter().enumerate().skip(place) {
            let Ok(next) = self.each.next_state(cache, state, byte) else { break };
            state = next;
            if state.is_tagged() {
                if state.is_match() {
                    self.note_matches(cache, matched, state, at);
                } else if state.is_dead() {
                    return matched.is_any();
                }
            }
        }
        if let Ok(last) = self.each.next_eoi_state(cache, state)
            && last.is_match()
        {
            self.note_matches(cache, matched, last, text.len());
        }
        matched.is_any()
    }

    fn note_matches(
        &self,
        cache: &dfa::Cache,
        matched: &mut Matched,
        state: LazyStateID,
        end: usize,
    ) {
        for nth in 0..self.each.match_len(cache, state) {
            let pattern = self.each.match_pattern(cache, state, nth).as_usize();
            matched.note(pattern, end);
        }
    }

    /// Appends what is found at `place`, and tells where the longest certain one ends: within it nothing else is looked for.
    fn judge_all(
        &self,
        scratch: &mut Scratch,
        text: &str,
        place: usize,
        selection: &Selection,
        out: &mut Vec<Candidate>,
    ) -> usize {
        let Scratch { matched, resume, nearby, around, wanted, .. } = scratch;
        let mut done = place;
        for (groups, end) in matched.each(&self.rules_of) {
            let seen = Seen { all: text, start: place, end };
            for Group { nth_type, rules } in groups {
                let Some(least) = wanted.least(*nth_type, &self.types, selection) else { continue };
                for &nth in rules {
                    let rule = &self.rules[nth];
                    if rule.is_weak && Score::new(rule.score) < least {
                        // Most places have no word near that any rule counts; those behind are such rules, too.
                        let Some(near) = self.words.around(around, &seen) else { break };
                        if !rule.context.is_some_and(|(group, _)| near.holds(group)) {
                            continue;
                        }
                    }
                    if place < resume.ends[nth] {
                        continue;
                    }
                    let Some(candidate) = self.judge(rule, text, &seen, least, nearby) else {
                        continue;
                    };
                    resume.note(nth, candidate.end);
                    if candidate.start <= place && is_final(&candidate) {
                        done = done.max(candidate.end);
                    }
                    out.push(candidate);
                }
            }
        }
        done
    }

    fn judge(
        &self,
        rule: &Rule,
        text: &str,
        seen: &Seen<'_>,
        least: Score,
        nearby: &mut Nearby,
    ) -> Option<Candidate> {
        let accepted = (rule.check)(seen)?;
        debug_assert!(!rule.is_weak || keeps_promise(rule, seen, &accepted), "{}", rule.recognizer);
        let accepted = self.weigh(rule, text, accepted, nearby);
        let score = Score::new(accepted.score.unwrap_or(rule.score));
        (score >= least).then(|| Candidate {
            entity_type: rule.entity_type.clone(),
            start: accepted.start,
            end: accepted.end,
            score,
            recognizer: rule.recognizer.into(),
            of_model: false,
        })
    }

    /// Raises the score of a match where words near it say more than the match itself.
    fn weigh(&self, rule: &Rule, text: &str, accepted: Accepted, nearby: &mut Nearby) -> Accepted {
        let own = accepted.score.unwrap_or(rule.score);
        let context = rule.context.filter(|&(_, score)| score > own && own < overlap::CERTAIN);
        let raised = context.and_then(|(group, score)| {
            let (start, end) = accepted.confirmed.unwrap_or((accepted.start, accepted.end));
            let seen = Seen { all: text, start, end };
            let raised =
                self.words.score(nearby, &seen, group, score).filter(|score| *score > own)?;
            if rule.is_of_one_date && self.words.tell_of_another_date(&seen, group) {
                return None;
            }
            Some(Accepted { start, end, score: Some(raised), confirmed: None })
        });
        raised.unwrap_or(accepted)
    }

    fn take_scratch(&self) -> Scratch {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = idle.unwrap_or_else(|| Scratch::new(self));
        scratch.ahead.clear();
        scratch.resume.clear();
        scratch.nearby.clear();
        scratch.around.clear();
        scratch.wanted.reset(self.types.len());
        scratch
    }

    fn give_back(&self, scratch: Scratch) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_SCRATCH {
            idle.push(scratch);
        }
    }
}

impl Rule {
    fn new(recognizer: &'static str, pattern: &Pattern, group: Option<usize>) -> Self {
        Self {
            entity_type: pattern.entity_type.clone(),
            recognizer,
            score: pattern.score,
            context: group.map(|g| (g, pattern.context.score)),
            is_of_one_date: pattern.context.is_of_one_date,
            check: pattern.check,
            is_weak: pattern.is_weak,
        }
    }
}

impl Scratch {
    fn new(engine: &Engine) -> Self {
        Self {
            ahead: Ahead::new(),
            each: engine.each.create_cache(),
            matched: Matched { ends: vec![0; engine.rules_of.len()], patterns: Vec::new() },
            resume: Resume { ends: vec![0; engine.rules.len()], rules: Vec::new() },
            nearby: Nearby::default(),
            around: Around::default(),
            wanted: Wanted::default(),
        }
    }
}

impl Resume {
    fn clear(&mut self) {
        for rule in self.rules.drain(..) {
            self.ends[rule] = 0;
        }
    }

    fn note(&mut self, rule: usize, end: usize) {
        if self.ends[rule] == 0 {
            self.rules.push(rule);
        }
        self.ends[rule] = end;
    }
}

impl Wanted {
    /// For a new scan over rules of `types` entity types.
    fn reset(&mut self, types: usize) {
        self.0.clear();
        self.0.resize(types, None);
    }

    /// The least score the selection wants of the `nth` of `types`; `None` when it does not want it.
    fn least(&mut self, nth: usize, types: &[EntityType], selection: &Selection) -> Option<Score> {
        *self.0[nth].get_or_insert_with(|| selection.min_score(&types[nth]))
    }
}

impl Matched {
    fn clear(&mut self) {
        for pattern in self.patterns.drain(..) {
            self.ends[pattern] = 0;
        }
    }

    fn is_any(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// The rules whose regex matches, each with the end.
    fn each<'a>(
        &'a self,
        rules_of: &'a [Vec<Group>],
    ) -> impl Iterator<Item = (&'a [Group], usize)> + 'a {
        self.patterns.iter().map(move |&p| (rules_of[p].as_slice(), self.ends[p]))
    }

    /// Ends come in rising order, so the last one noted is the longest.
    fn note(&mut self, pattern: usize, end: usize) {
        if self.ends[pattern] == 0 {
            self.patterns.push(pattern);
        }
        self.ends[pattern] = end;
    }
}

/// What [`Pattern::weak`] promises.
fn keeps_promise(rule: &Rule, seen: &Seen<'_>, accepted: &Accepted) -> bool {
    let (start, end) = accepted.confirmed.unwrap_or((accepted.start, accepted.end));
    accepted.score.is_none_or(|score| score <= rule.score)
        && seen.start <= start.min(accepted.start)
        && end.max(accepted.end) <= seen.end
}

/// True if nothing that lies inside could count: it is certain, and no URL, which may hold a secret.
fn is_final(candidate: &Candidate) -> bool {
    candidate.score.get() >= overlap::CERTAIN && candidate.entity_type != EntityType::URL
}

/// What there is of `all`, each once.
fn distinct<'a, T: Clone + PartialEq + 'a>(all: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut distinct: Vec<T> = Vec::new();
    for one in all {
        if !distinct.contains(one) {
            distinct.push(one.clone());
        }
    }
    distinct
}

/// The patterns that have `regex`, by the types they are of.
fn groups_of(regex: &str, patterns: &[&'static Pattern], types: &[EntityType]) -> Vec<Group> {
    let group = |(nth_type, entity_type): (usize, &EntityType)| {
        let of_type = |&nth: &usize| {
            patterns[nth].regex == regex && patterns[nth].entity_type == *entity_type
        };
        let mut rules: Vec<usize> = (0..patterns.len()).filter(of_type).collect();
        rules.sort_by(|&one, &other| {
            let (one, other) = (patterns[one], patterns[other]);
            one.is_weak.cmp(&other.is_weak).then(other.score.total_cmp(&one.score))
        });
        (!rules.is_empty()).then_some(Group { nth_type, rules })
    };
    types.iter().enumerate().filter_map(group).collect()
}

fn nfa_config() -> thompson::Config {
    thompson::NFA::config().nfa_size_limit(Some(64 << 20))
}

/// The words of all patterns, and the group of each pattern. Tables share word lists, so they are told apart by address
/// and content alike.
fn context_groups(patterns: &[&'static Pattern]) -> (ContextWords, Vec<Option<usize>>) {
    let mut lists: Vec<&'static [&'static str]> = Vec::new();
    let mut groups = Vec::with_capacity(patterns.len());
    for words in patterns.iter().map(|p| p.context.words) {
        groups.push((!words.is_empty()).then(|| {
            lists.iter().position(|l| *l == words).unwrap_or_else(|| {
                lists.push(words);
                lists.len() - 1
            })
        }));
    }
    let lists: Vec<Vec<&str>> = lists.into_iter().map(<[_]>::to_vec).collect();
    let words = ContextWords::new(&lists).expect("a few thousand short words fit in an automaton");
    (words, groups)
}

fn next_char(text: &str, at: usize) -> usize {
    let mut next = at + 1;
    while next < text.len() && !text.is_char_boundary(next) {
        next += 1;
    }
    next
}
