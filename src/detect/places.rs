//! Where in a text some pattern may match.
//!
//! An automaton that looks for all patterns at once has a state for every way in which they may have begun together: those of
//! ordinary prose take 11 MiB, more than caches hold, and each is waited for. Here a table of the first three bytes of all
//! patterns rules most places out, one of the first four most of the rest; what is left is tried from one place on, with few states.

use regex_automata::{
    nfa::thompson::{NFA, State},
    util::{look::Look, primitives::StateID},
};
use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
    rc::Rc,
};

/// Bytes that begin patterns alike are one class. The lowest bit of a class is [`APART`] when its bytes are not of a word, as an
/// ASCII word boundary counts them.
const CLASSES: usize = 1 << CLASS_BITS;
const CLASS_BITS: u32 = 6;
const APART: u8 = 1;
/// What stands behind the end of a text, as well.
const SPACE: u8 = APART;

static CLASS_OF: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0u8;
    loop {
        classes[byte as usize] = match byte {
            b'a'..=b'z' => (byte - b'a') * 2,
            b'A'..=b'F' => 26 * 2,
            b'G'..=b'M' => 27 * 2,
            b'N'..=b'S' => 28 * 2,
            b'T'..=b'Z' => 29 * 2,
            b'0'..=b'9' => 30 * 2,
            b'_' => 31 * 2,
            b' ' => SPACE,
            b'\n' => 2 + APART,
            0..b' ' | 0x7F => 2 * 2 + APART,
            b'@' => 3 * 2 + APART,
            b'+' | b'(' => 4 * 2 + APART,
            b':' => 5 * 2 + APART,
            b'/' => 6 * 2 + APART,
            b'-' => 7 * 2 + APART,
            b'.' => 8 * 2 + APART,
            b',' => 9 * 2 + APART,
            b';' | b'|' => 10 * 2 + APART,
            b'"' => 11 * 2 + APART,
            b'\'' => 12 * 2 + APART,
            b'#' | b'$' => 13 * 2 + APART,
            b'=' => 14 * 2 + APART,
            b'<' | b'[' | b'{' => 15 * 2 + APART,
            0x80..0xC0 => 16 * 2 + APART,
            0xC3 => 17 * 2 + APART,
            0xC0..0xE0 => 18 * 2 + APART,
            0xE0.. => 19 * 2 + APART,
            _ => 20 * 2 + APART,
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

fn class_of(byte: u8) -> u8 {
    CLASS_OF[usize::from(byte)]
}

fn is_word(class: u8) -> bool {
    class & APART == 0
}

/// A set of classes: one bit each.
type Set = u64;

const WORDS: Set = 0x5555_5555_5555_5555;

/// Tells at which places no pattern can match.
#[derive(Debug)]
pub(super) struct Places {
    /// For each [pair](pair) of classes the classes that may stand behind.
    third: Box<[Set; PAIRS as usize]>,
    /// For each pair, where those of its triples begin in `fourth`.
    triples: Box<[u32; PAIRS as usize]>,
    /// For each triple that there is, in order, the classes that may stand behind.
    fourth: Vec<Set>,
}

const PAIRS: u32 = 2 << (2 * CLASS_BITS);

impl Places {
    /// For all patterns of `nfa`.
    pub(super) fn of(nfa: &NFA) -> Self {
        let mut places = Self {
            third: Box::new([0; PAIRS as usize]),
            triples: Box::new([0; PAIRS as usize]),
            fourth: Vec::new(),
        };
        let mut ways = Ways { nfa, known: HashMap::new() };
        ways.each_triple(&mut |_, pair, three, _| places.third[pair as usize] |= 1 << three);
        let mut count = 0;
        for (third, triples) in places.third.iter().zip(&mut *places.triples) {
            *triples = count;
            count += third.count_ones();
        }
        places.fourth.resize(count as usize, 0);
        ways.each_triple(&mut |ways, pair, three, next| {
            let nth = places.triple(pair, three);
            let four = ways.steps(next, is_word(three));
            places.fourth[nth] |= four.iter().fold(0, |set, step| set | step.set);
        });
        places
    }

    /// Which of all triples this is. It must be one of them.
    fn triple(&self, pair: u32, three: u8) -> usize {
        let before = self.third[pair as usize] & ((1 << three) - 1);
        (self.triples[pair as usize] + before.count_ones()) as usize
    }

    /// The first place from `at` on at which a pattern may match. `ahead` holds what was seen of the same text before, from no
    /// later place on.
    pub(super) fn next(&self, bytes: &[u8], at: usize, ahead: &mut Ahead) -> Option<usize> {
        loop {
            for &place in ahead.places.get(ahead.nth..ahead.count).unwrap_or_default() {
                ahead.nth += 1;
                let place = ahead.start + place_of(place);
                if place >= at {
                    return Some(place);
                }
            }
            let start = ahead.end.max(at);
            if start >= bytes.len() {
                return None;
            }
            self.look_ahead(bytes, start, ahead);
        }
    }

    /// Fills `ahead` with the places of the stretch that begins at `start`, which lies in the text.
    fn look_ahead(&self, bytes: &[u8], start: usize, ahead: &mut Ahead) {
        let class = |at: usize| bytes.get(at).map_or(SPACE, |&byte| class_of(byte));
        let before = start.checked_sub(1).map_or(SPACE, class);
        let mut pair = pair(before, class(start), class(start + 1));
        let thirds = bytes.get(start + 2..).unwrap_or_default();
        let thirds = thirds.get(..STRETCH).unwrap_or(thirds);
        (ahead.start, ahead.nth) = (start, 0);
        // Every byte of every text comes by here: a place is written down in any case, and stays if it is one, without a branch
        // that nobody could predict.
        let mut count = 0;
        for (place, &byte) in (0..).zip(thirds) {
            let three = class_of(byte);
            let triple = pair << CLASS_BITS | u32::from(three);
            ahead.places[count % ROOM] = place << TRIPLE_BITS | triple;
            count += usize::from(self.third[pair as usize] >> three & 1 == 1);
            pair = triple % PAIRS;
        }
        let mut kept = 0;
        for nth in 0..count {
            let place = ahead.places[nth % ROOM];
            let (pair, three) = (pair_of(place), class(start + place_of(place) + 2));
            let four = class(start + place_of(place) + 3);
            ahead.places[kept % ROOM] = place;
            kept += usize::from(self.fourth[self.triple(pair, three)] >> four & 1 == 1);
        }
        ahead.count = kept;
        ahead.end = start + thirds.len();
        if thirds.len() < STRETCH {
            // No more than two places are left. They are tried: hardly any text comes that far.
            ahead.end = bytes.len();
            for place in (0..).take(bytes.len() - start).skip(thirds.len()) {
                ahead.places[ahead.count % ROOM] = place << TRIPLE_BITS;
                ahead.count += 1;
            }
        }
    }
}

/// So many places are looked at together, and there is room for the last two of a text beside them.
const STRETCH: usize = ROOM - 2;
const ROOM: usize = 256;
/// Bits of a pair of classes and a third one.
const TRIPLE_BITS: u32 = 3 * CLASS_BITS + 1;

/// The places of a stretch of a text at which a pattern may match.
#[derive(Debug)]
pub(super) struct Ahead {
    /// Each as how far from the start, with the first classes below: [a pair](pair) and a third one.
    places: [u32; ROOM],
    count: usize,
    /// The next one.
    nth: usize,
    start: usize,
    end: usize,
}

impl Ahead {
    pub(super) fn new() -> Self {
        Self { places: [0; ROOM], count: 0, nth: 0, start: 0, end: 0 }
    }

    /// For a new text.
    pub(super) fn clear(&mut self) {
        (self.count, self.nth, self.start, self.end) = (0, 0, 0, 0);
    }
}

fn place_of(place: u32) -> usize {
    (place >> TRIPLE_BITS) as usize
}

fn pair_of(place: u32) -> u32 {
    place >> CLASS_BITS & (PAIRS - 1)
}

/// Two classes at a place, and whether what stands before is of a word.
fn pair(before: u8, one: u8, two: u8) -> u32 {
    let [before, one, two] = [before, one, two].map(u32::from);
    (before << (2 * CLASS_BITS) | one << CLASS_BITS | two) % PAIRS
}

/// What may be read next.
#[derive(Clone, Copy, Debug)]
struct Step {
    set: Set,
    /// Where that leads; `None` behind the end of a pattern.
    next: Option<StateID>,
}

/// The ways through an automaton.
struct Ways<'n> {
    nfa: &'n NFA,
    known: HashMap<(StateID, bool), Rc<[Step]>>,
}

impl Ways<'_> {
    /// Calls `visit` with the beginnings of all patterns: a pair of classes, a third one, and where that leads.
    fn each_triple(&mut self, visit: &mut impl FnMut(&mut Self, u32, u8, Option<StateID>)) {
        let start = Some(self.nfa.start_anchored());
        for before in [0, SPACE] {
            self.each(start, is_word(before), &mut |ways, one, next| {
                ways.each(next, is_word(one), &mut |ways, two, next| {
                    let pair = pair(before, one, two);
                    ways.each(next, is_word(two), &mut |ways, three, next| {
                        visit(ways, pair, three, next);
                    });
                });
            });
        }
    }

    /// Calls `visit` with each class that may be read from `state` on, and with where that leads.
    fn each(
        &mut self,
        state: Option<StateID>,
        behind_word: bool,
        visit: &mut dyn FnMut(&mut Self, u8, Option<StateID>),
    ) {
        for step in &*self.steps(state, behind_word) {
            for class in (0..).take(CLASSES).filter(|class| step.set >> class & 1 == 1) {
                visit(self, class, step.next);
            }
        }
    }

    /// All steps from `state` on, which is behind a word or is not. Behind the end of a pattern anything may follow.
    fn steps(&mut self, state: Option<StateID>, behind_word: bool) -> Rc<[Step]> {
        let Some(state) = state else { return Rc::new([Step { set: Set::MAX, next: None }]) };
        let new = || steps(self.nfa, state, behind_word).into();
        Rc::clone(self.known.entry((state, behind_word)).or_insert_with(new))
    }
}

fn steps(nfa: &NFA, state: StateID, behind_word: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut seen = HashSet::new();
    let mut open = vec![(state, Set::MAX)];
    while let Some((state, among)) = open.pop() {
        if !seen.insert((state, among)) {
            continue;
        }
        let mut take = |bytes: RangeInclusive<u8>, next: StateID| {
            let set = among & bytes.fold(0, |set, byte| set | 1 << class_of(byte));
            steps.extend((set != 0).then_some(Step { set, next: Some(next) }));
        };
        match nfa.state(state) {
            State::ByteRange { trans } => take(trans.start..=trans.end, trans.next),
            State::Sparse(sparse) => {
                sparse.transitions.iter().for_each(|t| take(t.start..=t.end, t.next));
            }
            State::Dense(dense) => {
                (0..).zip(&*dense.transitions).for_each(|(byte, next)| take(byte..=byte, *next));
            }
            State::Look { look, next } => open.push((*next, among & allowed(*look, behind_word))),
            State::Union { alternates } => open.extend(alternates.iter().map(|&id| (id, among))),
            State::BinaryUnion { alt1, alt2 } => open.extend([(*alt1, among), (*alt2, among)]),
            State::Capture { next, .. } => open.push((*next, among)),
            State::Fail => {}
            State::Match { .. } => steps.push(Step { set: among, next: None }),
        }
    }
    steps
}

/// The classes that may follow where `look` holds. What is not told here may be anything.
fn allowed(look: Look, behind_word: bool) -> Set {
    match (look, behind_word) {
        (Look::WordAscii, true) | (Look::WordAsciiNegate, false) => !WORDS,
        (Look::WordAscii, false) | (Look::WordAsciiNegate, true) => WORDS,
        _ => Set::MAX,
    }
}
