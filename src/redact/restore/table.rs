//! Recognises stand-ins in text.

use super::{
    follows::{Follows, ends_line},
    spelled::{self, Spelling, Symbol},
};
use crate::{
    redact::shape::{self, Read, Reader},
    sensitive::Sensitive,
};
use std::ops::Range;

/// What is looked at: `text` from `from` on. `before` is what stands before `text`, as [`shape::beside`] tells it; `more` tells that text may follow.
#[derive(Clone, Copy)]
pub(super) struct Window<'t> {
    pub(super) text: &'t str,
    pub(super) from: usize,
    pub(super) before: Option<u8>,
    pub(super) more: bool,
    /// Brackets may be spelled otherwise. Told once for a text, since it is looked for in all of it.
    pub(super) spelled: bool,
}

impl<'t> Window<'t> {
    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// What stands before `at`, as [`shape::beside`] tells it, or [`shape::EMPHASIS`].
    pub(super) fn before(&self, at: usize) -> Option<u8> {
        let outside = self.text[..at].trim_end_matches('_').len();
        if outside == at {
            return self.directly_before(at);
        }
        match self.directly_before(outside) {
            Some(shape::OTHER_LETTER) => Some(b'_'),
            Some(b) if shape::is_word(b) => Some(b'_'),
            Some(b) if part_of_name(b) => Some(b),
            Some(_) | None => Some(shape::EMPHASIS),
        }
    }

    fn directly_before(&self, at: usize) -> Option<u8> {
        let mut back = self.text[..at].chars().rev();
        let Some(last) = back.next() else { return self.before };
        let before = back.next().map(shape::beside).or(self.before);
        let escaped = before == Some(b'\\') && ends_line(last);
        Some(shape::beside(if escaped { '\n' } else { last }))
    }

    /// How many backslashes stand before `at`, not counting more than matter.
    fn escapes_before(&self, at: usize) -> usize {
        let back = self.bytes()[self.from..at].iter().rev();
        back.take(shape::MAX_ESCAPES).take_while(|b| **b == b'\\').count()
    }
}

/// A stand-in in a text.
pub(super) struct Match<'r> {
    pub(super) range: Range<usize>,
    pub(super) original: &'r str,
    pub(super) spelling: Spelling,
}

/// What comes next in a window.
pub(super) enum Next<'r> {
    Match(Match<'r>),
    /// What begins here may become a stand-in.
    Hold(usize),
    /// No stand-in any more.
    End,
}

/// What begins at one place.
#[derive(Clone, Copy, Default)]
struct Outcome {
    /// End of the longest stand-in, and which original it stands for.
    found: Option<(usize, usize)>,
    spelling: Spelling,
    /// More text could change that.
    open: bool,
}

/// All live stand-ins, ready to be recognised.
pub(super) struct Table {
    pub(super) originals: Vec<Sensitive>,
    /// Some original is written otherwise inside of a JSON string.
    pub(super) escaping: bool,
    /// Sorted by key.
    loose: Vec<Known>,
    /// Sorted by key.
    exact: Vec<Known>,
    starts: Starts,
    /// No text of fewer bytes holds a stand-in.
    shortest: usize,
}

/// One thing to recognise.
struct Known {
    key: Box<[u8]>,
    original: usize,
    /// A placeholder without its brackets.
    bare: bool,
}

impl Table {
    pub(super) fn new<'m>(pairs: impl Iterator<Item = (&'m str, &'m Sensitive)>) -> Self {
        let (mut originals, mut loose, mut exact, mut bare) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (original, (stand_in, value)) in pairs.enumerate() {
            originals.push(value.clone());
            match shape::loose_key(stand_in) {
                Some(key) => loose.push(Known::new(key, original, false)),
                None => exact.push(Known::new(stand_in.to_owned(), original, false)),
            }
            if let Some(word) = shape::bare_word(stand_in) {
                bare.push(Known::new(word.to_owned(), original, true));
                bare.push(Known::new(word.replace('_', "\\_"), original, true));
                bare.push(Known::new(word.replace('_', "\\\\_"), original, true));
            }
        }
        exact.append(&mut bare);
        let (loose, exact) = (sorted(loose), sorted(exact));
        let starts = Starts::of(loose.iter().chain(&exact));
        let shortest = loose.iter().chain(&exact).map(Known::least).min().unwrap_or_default();
        let escaping = originals.iter().any(|original| needs_escapes(original.expose()));
        Self { originals, escaping, loose, exact, starts, shortest }
    }

    /// False for a whole text that is too short, or has no byte that a stand-in begins with, however it is spelled: most names and
    /// values of an answer. To look at the bytes of a short one takes less than to begin the searches that follow.
    pub(super) fn may_occur_in(&self, text: &str) -> bool {
        text.len() >= self.shortest
            && (text.len() > SHORT || text.bytes().any(|b| self.starts.may_be_at(b)))
    }

    pub(super) fn next(&self, window: Window<'_>) -> Next<'_> {
        let mut at = window.from;
        let spelled = window.spelled && !self.loose.is_empty();
        while let Some(start) = self.starts.find(window.bytes(), at, spelled) {
            match self.at(window, start) {
                Next::End => at = start + 1,
                next @ (Next::Match(..) | Next::Hold(_)) => return next,
            }
        }
        Next::End
    }

    /// What begins at `at`, or with backslashes before it. The earliest beginning counts, then the longest stand-in.
    fn at(&self, window: Window<'_>, at: usize) -> Next<'_> {
        for escapes in (0..=window.escapes_before(at)).rev() {
            let mut outcome = self.loose_at(window, at, escapes);
            if escapes == 0 {
                outcome = outcome.or(self.exact_at(window, at));
                outcome = outcome.or(self.spelled_at(window, at));
                if window.spelled && outcome.found.is_none() {
                    outcome = outcome.or(self.wide_at(window, at));
                }
            }
            let start = at - escapes;
            if outcome.open && window.more {
                return Next::Hold(start);
            }
            if let Some((end, original)) = outcome.found {
                return Next::Match(Match {
                    range: start..end,
                    original: self.originals[original].expose(),
                    spelling: outcome.spelling,
                });
            }
        }
        Next::End
    }

    fn loose_at(&self, window: Window<'_>, at: usize, escapes: usize) -> Outcome {
        let bytes = window.bytes();
        let mut narrow = Narrow::new(&self.loose);
        let reader = Reader::open(bytes[at], escapes);
        let Some(mut reader) = reader.filter(|_| narrow.step(bytes[at])) else {
            return Outcome::default();
        };
        for (end, &b) in bytes.iter().enumerate().skip(at + 1) {
            match narrow.read(&mut reader, b) {
                Some(true) => {
                    let found = narrow.complete().map(|known| (end + 1, known.original));
                    return Outcome { found, ..Outcome::default() };
                }
                Some(false) => {}
                None => return Outcome::default(),
            }
        }
        Outcome { open: true, ..Outcome::default() }
    }

    /// What begins with a bracket that is not itself.
    fn spelled_at(&self, window: Window<'_>, at: usize) -> Outcome {
        let bytes = window.bytes();
        let spelling = Spelling::beginning(bytes[at]);
        if spelling == Spelling::Plain {
            return Outcome::default();
        }
        let (bracket, length) = match spelling.symbol(&bytes[at..]) {
            Symbol::Byte(byte, length) => (byte, length),
            Symbol::Cut => return Outcome { open: true, ..Outcome::default() },
            Symbol::Never => return Outcome::default(),
        };
        let mut narrow = Narrow::new(&self.loose);
        match Reader::open(bracket, 0).filter(|_| narrow.step(bracket)) {
            Some(reader) => narrow.spelled(reader, spelling, bytes, at + length),
            None => Outcome::default(),
        }
    }

    /// What begins with a bracket that is itself, around letters or digits that are not.
    fn wide_at(&self, window: Window<'_>, at: usize) -> Outcome {
        let bracket = window.bytes()[at];
        let mut narrow = Narrow::new(&self.loose);
        match Reader::open(bracket, 0).filter(|_| narrow.step(bracket)) {
            Some(reader) => narrow.spelled(reader, Spelling::Wide, window.bytes(), at + 1),
            None => Outcome::default(),
        }
    }

    fn exact_at(&self, window: Window<'_>, at: usize) -> Outcome {
        let bytes = window.bytes();
        let before = window.before(at);
        let mut narrow = Narrow::new(&self.exact);
        let mut outcome = Outcome::default();
        if !shape::edges_fit(&bytes[at..=at], before, None) {
            return outcome;
        }
        for (place, &b) in bytes.iter().enumerate().skip(at) {
            if !narrow.step(b) {
                return outcome;
            }
            if let Some(known) = narrow.complete().filter(|known| known.may_begin(before)) {
                // A key is whole characters, so one begins behind it.
                let follows = window.text.get(place + 1..).unwrap_or_default();
                let follows = Follows::of(follows, known.bare);
                outcome.open = follows.may_change();
                if known.may_end(before, &follows, narrow.goes_on()) {
                    outcome.found = Some((place + 1, known.original));
                }
            }
            if !narrow.goes_on() {
                return outcome;
            }
        }
        Outcome { open: true, ..outcome }
    }
}

impl Outcome {
    fn or(self, other: Self) -> Self {
        let best = if other.found > self.found { other } else { self };
        Self { open: self.open || other.open, ..best }
    }
}

impl Known {
    fn new(key: String, original: usize, bare: bool) -> Self {
        Self { key: key.into_bytes().into(), original, bare }
    }

    /// The fewest bytes that it is written in: separators may be left out.
    fn least(&self) -> usize {
        self.key.iter().filter(|b| **b != b'_').count()
    }

    /// True when what stands before it leaves it a thing of its own.
    fn may_begin(&self, before: Option<u8>) -> bool {
        shape::edges_fit(&self.key, before, None)
            && (!self.bare || !before.is_some_and(part_of_name))
    }

    /// The same of what follows. `longer` tells that another stand-in begins with it.
    fn may_end(&self, before: Option<u8>, follows: &Follows<'_>, longer: bool) -> bool {
        shape::edges_fit(&self.key, None, follows.next())
            && (!self.bare || follows.let_bare_end(before, longer))
    }
}

fn needs_escapes(text: &str) -> bool {
    text.bytes().any(|b| matches!(b, b'"' | b'\\' | 0..0x20))
}

/// Sorts by key; of equal keys the first counts.
fn sorted(mut known: Vec<Known>) -> Vec<Known> {
    known.sort_by(|a, b| a.key.cmp(&b.key));
    known.dedup_by(|later, earlier| later.key == earlier.key);
    known
}

/// What before a bare word makes it part of a variable, a path or an address.
fn part_of_name(before: u8) -> bool {
    matches!(before, shape::OTHER_LETTER | b'$' | b'{' | b'.' | b'@' | b'#' | b'\\' | b'%' | b'&')
}

/// The keys that still fit, while bytes come in.
struct Narrow<'t> {
    fitting: &'t [Known],
    depth: usize,
}

impl<'t> Narrow<'t> {
    fn new(sorted: &'t [Known]) -> Self {
        Self { fitting: sorted, depth: 0 }
    }

    /// Keeps the keys that go on with `b`; false when there is none.
    fn step(&mut self, b: u8) -> bool {
        let depth = self.depth;
        let from = self.fitting.partition_point(|known| known.key.get(depth) < Some(&b));
        let fitting = &self.fitting[from..];
        let to = fitting.partition_point(|known| known.key.get(depth) == Some(&b));
        self.fitting = &fitting[..to];
        self.depth += 1;
        to > 0
    }

    /// Reads on behind a bracket that is spelled otherwise.
    fn spelled(
        mut self,
        mut reader: Reader,
        spelling: Spelling,
        bytes: &[u8],
        mut at: usize,
    ) -> Outcome {
        while at < bytes.len() {
            let (byte, length) = match spelling.symbol(&bytes[at..]) {
                Symbol::Byte(byte, length) => (byte, length),
                Symbol::Cut => break,
                Symbol::Never => return Outcome::default(),
            };
            at += length;
            match self.read(&mut reader, byte) {
                Some(true) => {
                    let found = self.complete().map(|known| (at, known.original));
                    return Outcome { found, spelling, open: false };
                }
                Some(false) => {}
                None => return Outcome::default(),
            }
        }
        Outcome { open: true, ..Outcome::default() }
    }

    /// Takes a byte from between brackets: true at the closing one, `None` if no key goes on so.
    fn read(&mut self, reader: &mut Reader, byte: u8) -> Option<bool> {
        match reader.read(byte) {
            Read::Letter(letter, new_word) => {
                ((!new_word || self.step(b'_')) && self.step(letter)).then_some(false)
            }
            Read::Filler => (!reader.between_words() || self.may_end_word()).then_some(false),
            Read::Close => Some(true),
            Read::Never => None,
        }
    }

    /// The key that ends here.
    fn complete(&self) -> Option<&'t Known> {
        self.fitting.first().filter(|known| known.key.len() == self.depth)
    }

    /// True when some key is longer.
    fn goes_on(&self) -> bool {
        self.fitting.last().is_some_and(|known| known.key.len() > self.depth)
    }

    /// True when a word of some key ends here.
    fn may_end_word(&self) -> bool {
        let mut next = Self { ..*self };
        self.complete().is_some() || next.step(b'_')
    }
}

/// Texts of so many bytes are short.
const SHORT: usize = 64;

/// The bytes that stand-ins begin with.
struct Starts {
    few: Vec<u8>,
    table: [bool; 256],
}

impl Starts {
    fn of<'k>(known: impl Iterator<Item = &'k Known>) -> Self {
        let (mut few, mut table) = (Vec::new(), [false; 256]);
        for b in known.filter_map(|known| known.key.first()) {
            if !std::mem::replace(&mut table[usize::from(*b)], true) {
                few.push(*b);
            }
        }
        Self { few, table }
    }

    /// True for a byte that a stand-in begins with in some spelling, or that tells of an escape in it.
    fn may_be_at(&self, b: u8) -> bool {
        self.table[usize::from(b)] || b == b'\\' || spelled::may_tell(b)
    }

    /// Where a stand-in may begin, also one that is spelled otherwise.
    fn find(&self, bytes: &[u8], from: usize, spelled: bool) -> Option<usize> {
        let rest = &bytes[from..];
        if spelled {
            let begins =
                |b: &u8| self.table[usize::from(*b)] || Spelling::beginning(*b) != Spelling::Plain;
            return rest.iter().position(begins).map(|at| from + at);
        }
        let at = match *self.few {
            [] => None,
            [a] => memchr::memchr(a, rest),
            [a, b] => memchr::memchr2(a, b, rest),
            [a, b, c] => memchr::memchr3(a, b, c, rest),
            _ => rest.iter().position(|b| self.table[usize::from(*b)]),
        };
        at.map(|at| from + at)
    }
}
