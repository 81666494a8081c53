//! Puts originals back, in a whole text or in a stream.
//!
//! One pass from the left, the longest stand-in at each place; what was put back is never looked at again.
//! What counts as a stand-in, and how far it may be bent, is told in `shape`:
//! - `[EMAIL_1]` also as `[email_1]`, `\[EMAIL\_1\]`, `[ EMAIL 1 ]`, `[EMAIL-1]`, `[Email1]`; never with other digits;
//! - without brackets only in exactly its spelling (`EMAIL_1`, `EMAIL\_1`), and not where it is part of a longer word, of a
//!   variable (`$EMAIL_1`, `{EMAIL_1}`, `x.EMAIL_1`), on the left of `=`, `(` or `[`, or cut off;
//! - everything else exactly as it was given out, not as part of a longer word.

use super::{
    Moves,
    shape::{self, Read, Reader},
};
use crate::{json, sensitive::Sensitive};
use std::{borrow::Cow, fmt, ops::Range, sync::Arc};

/// How an original goes into its surroundings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Context {
    /// As it is.
    #[default]
    Prose,
    /// The text is itself JSON, such as the arguments of a tool call: the original goes in as the inside of a JSON string.
    JsonText,
}

/// Puts originals back into texts. Cheap to clone.
#[derive(Clone)]
pub struct Restorer(Arc<Table>);

/// Tells the number of stand-ins alone.
impl fmt::Debug for Restorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Restorer({} stand-ins)", self.0.originals.len())
    }
}

impl Restorer {
    pub(super) fn new<'m>(pairs: impl Iterator<Item = (&'m str, &'m Sensitive)>) -> Self {
        Self(Arc::new(Table::new(pairs)))
    }

    /// True when there is nothing to put back.
    pub fn is_empty(&self) -> bool {
        self.0.originals.is_empty()
    }

    /// Puts the originals back; borrowed when there was none to put back.
    pub fn restore<'t>(&self, text: &'t str, context: Context) -> Cow<'t, str> {
        self.restore_counted(text, context).0
    }

    /// The same, and how many stand-ins were replaced.
    pub fn restore_counted<'t>(&self, text: &'t str, context: Context) -> (Cow<'t, str>, u64) {
        if self.matches(text).next().is_none() {
            return (Cow::Borrowed(text), 0);
        }
        let mut out = String::with_capacity(text.len() + 64);
        let mut stream = self.stream(context);
        stream.push_last(text, &mut out);
        (Cow::Owned(out), stream.restored())
    }

    /// Restores a text that comes in pieces.
    pub fn stream(&self, context: Context) -> StreamRestorer {
        StreamRestorer {
            restorer: self.clone(),
            context,
            held: String::new(),
            before: None,
            restored: 0,
            moves: None,
        }
    }

    /// Restores a whole text, and tells where its places went.
    pub fn restore_tracked(&self, text: &str, context: Context) -> (String, Moves) {
        let mut out = String::with_capacity(text.len() + 64);
        let mut stream = self.stream(context).tracked();
        stream.push_last(text, &mut out);
        (out, stream.moves.unwrap_or_default())
    }

    /// True when bytes of unknown form hold a stand-in.
    pub fn occurs_in(&self, bytes: &[u8]) -> bool {
        bytes.utf8_chunks().any(|chunk| self.matches(chunk.valid()).next().is_some())
    }

    /// The stand-ins in a whole text, from the left, with their originals.
    pub(super) fn matches<'r>(
        &'r self,
        text: &'r str,
    ) -> impl Iterator<Item = (Range<usize>, &'r str)> {
        let mut from = 0;
        std::iter::from_fn(move || {
            match self.0.next(Window { text, from, before: None, more: false }) {
                Next::Match(range, original) => {
                    from = range.end;
                    Some((range, original))
                }
                Next::Hold(_) | Next::End => None,
            }
        })
    }
}

/// Restores a text that comes in pieces: whatever the pieces, the result is that of the whole text.
///
/// It holds back only what may still become a live stand-in, at most the longest of them with its bends. Once
/// [`finish`](Self::finish) is called it may be used for another text.
#[derive(Clone)]
pub struct StreamRestorer {
    restorer: Restorer,
    context: Context,
    held: String,
    /// The last byte of the text before what is held.
    before: Option<u8>,
    restored: u64,
    moves: Option<Moves>,
}

impl fmt::Debug for StreamRestorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamRestorer({} bytes held)", self.held.len())
    }
}

impl StreamRestorer {
    /// Takes the next piece, and appends to `out` what is certain by now.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        if self.held.is_empty() {
            let done = self.run(piece, true, out);
            self.held.push_str(&piece[done..]);
            return;
        }
        self.held.push_str(piece);
        let mut text = std::mem::take(&mut self.held);
        let done = self.run(&text, true, out);
        text.drain(..done);
        self.held = text;
    }

    /// Appends what is still held: the text has ended.
    pub fn finish(&mut self, out: &mut String) {
        let text = std::mem::take(&mut self.held);
        self.push_last(&text, out);
    }

    /// The same restorer, which also notes where places go. Not to be used for a second text.
    #[must_use]
    pub fn tracked(self) -> Self {
        Self { moves: Some(Moves::default()), ..self }
    }

    /// Where the places of the text so far went, if that is noted.
    pub fn moves(&self) -> Option<&Moves> {
        self.moves.as_ref()
    }

    /// How many bytes are held back.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// How many stand-ins were replaced so far.
    pub fn restored(&self) -> u64 {
        self.restored
    }

    fn push_last(&mut self, text: &str, out: &mut String) {
        self.run(text, false, out);
        self.before = None;
    }

    /// Restores `text` up to what must be held; tells where that begins.
    fn run(&mut self, text: &str, more: bool, out: &mut String) -> usize {
        let mut done = 0;
        let table = Arc::clone(&self.restorer.0);
        let held_from = loop {
            match table.next(Window { text, from: done, before: self.before, more }) {
                Next::Match(range, original) => {
                    self.keep(&text[done..range.start], out);
                    self.insert(&text[range.clone()], original, out);
                    done = range.end;
                }
                Next::Hold(at) => break at,
                Next::End => break text.len(),
            }
        };
        self.keep(&text[done..held_from], out);
        self.before = text.as_bytes()[..held_from].last().copied().or(self.before);
        held_from
    }

    fn keep(&mut self, text: &str, out: &mut String) {
        out.push_str(text);
        if let Some(moves) = &mut self.moves {
            moves.keep(text);
        }
    }

    fn insert(&mut self, stand_in: &str, original: &str, out: &mut String) {
        self.restored += 1;
        let from = out.len();
        insert(original, self.context, out);
        if let Some(moves) = &mut self.moves {
            moves.replace(stand_in, &out[from..]);
        }
    }
}

/// Appends an original in the form that its surroundings need.
pub(super) fn insert(original: &str, context: Context, out: &mut String) {
    match context {
        Context::Prose => out.push_str(original),
        Context::JsonText => json::encode_into(original, out),
    }
}

/// What is looked at: `text` from `from` on. `before` is the byte before `text`; `more` tells that text may follow.
#[derive(Clone, Copy)]
struct Window<'t> {
    text: &'t str,
    from: usize,
    before: Option<u8>,
    more: bool,
}

impl<'t> Window<'t> {
    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    fn before(&self, at: usize) -> Option<u8> {
        match at.checked_sub(1) {
            Some(at) => self.bytes().get(at).copied(),
            None => self.before,
        }
    }

    /// How many backslashes stand before `at`, not counting more than matter.
    fn escapes_before(&self, at: usize) -> usize {
        let back = self.bytes()[self.from..at].iter().rev();
        back.take(shape::MAX_ESCAPES).take_while(|b| **b == b'\\').count()
    }
}

/// What comes next in a window.
enum Next<'r> {
    /// A stand-in, with its original.
    Match(Range<usize>, &'r str),
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
    /// More text could change that.
    open: bool,
}

/// All live stand-ins, ready to be recognised.
struct Table {
    originals: Vec<Sensitive>,
    /// Sorted by key.
    loose: Vec<Known>,
    /// Sorted by key.
    exact: Vec<Known>,
    starts: Starts,
}

/// One thing to recognise.
struct Known {
    key: Box<[u8]>,
    original: usize,
    /// A placeholder without its brackets.
    bare: bool,
}

impl Table {
    fn new<'m>(pairs: impl Iterator<Item = (&'m str, &'m Sensitive)>) -> Self {
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
            }
        }
        exact.append(&mut bare);
        let (loose, exact) = (sorted(loose), sorted(exact));
        let starts = Starts::of(loose.iter().chain(&exact));
        Self { originals, loose, exact, starts }
    }

    fn next(&self, window: Window<'_>) -> Next<'_> {
        let mut at = window.from;
        while let Some(start) = self.starts.find(window.bytes(), at) {
            match self.at(window, start) {
                Next::End => at = start + 1,
                next @ (Next::Match(..) | Next::Hold(_)) => return next,
            }
        }
        let escapes = window.escapes_before(window.text.len());
        if window.more && escapes > 0 && !self.loose.is_empty() {
            return Next::Hold(window.text.len() - escapes);
        }
        Next::End
    }

    /// What begins at `at`, or with backslashes before it. The earliest beginning counts, then the longest stand-in.
    fn at(&self, window: Window<'_>, at: usize) -> Next<'_> {
        for escapes in (0..=window.escapes_before(at)).rev() {
            let mut outcome = self.loose_at(window, at, escapes);
            if escapes == 0 {
                outcome = outcome.or(self.exact_at(window, at));
            }
            let start = at - escapes;
            if outcome.open && window.more {
                return Next::Hold(start);
            }
            if let Some((end, original)) = outcome.found {
                return Next::Match(start..end, self.originals[original].expose());
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
            let viable = match reader.read(b) {
                Read::Letter(letter, new_word) => {
                    (!new_word || narrow.step(b'_')) && narrow.step(letter)
                }
                Read::Filler => !reader.between_words() || narrow.may_end_word(),
                Read::Close => {
                    let found = narrow.complete().map(|known| (end + 1, known.original));
                    return Outcome { found, open: false };
                }
                Read::Never => false,
            };
            if !viable {
                return Outcome::default();
            }
        }
        Outcome { found: None, open: true }
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
                let follows = &bytes[place + 1..];
                outcome.open = follows.is_empty() || known.bare && follows == b" ";
                if known.may_end(before, follows, narrow.goes_on()) {
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
        Self { found: self.found.max(other.found), open: self.open || other.open }
    }
}

impl Known {
    fn new(key: String, original: usize, bare: bool) -> Self {
        Self { key: key.into_bytes().into(), original, bare }
    }

    /// True when what stands before it leaves it a thing of its own.
    fn may_begin(&self, before: Option<u8>) -> bool {
        shape::edges_fit(&self.key, before, None)
            && (!self.bare || !before.is_some_and(part_of_name))
    }

    /// The same of what follows. `longer` tells that another stand-in begins with it.
    fn may_end(&self, before: Option<u8>, follows: &[u8], longer: bool) -> bool {
        shape::edges_fit(&self.key, None, follows.first().copied())
            && (!self.bare || bare_may_end(before, follows, longer))
    }
}

/// Sorts by key; of equal keys the first counts.
fn sorted(mut known: Vec<Known>) -> Vec<Known> {
    known.sort_by(|a, b| a.key.cmp(&b.key));
    known.dedup_by(|later, earlier| later.key == earlier.key);
    known
}

/// What before a bare word makes it part of a variable, a path or an address.
fn part_of_name(before: u8) -> bool {
    matches!(before, b'$' | b'{' | b'.' | b'@' | b'#' | b'\\' | b'%' | b'&')
}

/// True when a bare word is neither cut off, nor the name of a variable or a function, nor part of an address.
fn bare_may_end(before: Option<u8>, follows: &[u8], longer: bool) -> bool {
    match follows {
        // `[EMAIL_1` may be cut off as well; `[EMAIL_1, PHONE_1]` is a list.
        [] => !longer && before != Some(b'['),
        [b'=' | b'(' | b'[' | b'@' | b'\\', ..] | [b' ', b'=', ..] => false,
        [first, ..] => before != Some(b'[') || *first == b',',
    }
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

/// The bytes that stand-ins begin with.
struct Starts {
    few: Vec<u8>,
    table: [bool; 256],
}

impl Starts {
    fn of<'k>(known: impl Iterator<Item = &'k Known>) -> Self {
        let mut table = [false; 256];
        for b in known.filter_map(|known| known.key.first()) {
            table[usize::from(*b)] = true;
        }
        let few = (0..=u8::MAX).filter(|b| table[usize::from(*b)]).collect();
        Self { few, table }
    }

    fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = &bytes[from..];
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
