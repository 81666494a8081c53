//! Puts originals back, in a whole text or in a stream.
//!
//! One pass from the left, the longest stand-in at each place; what was put back is never looked at again.
//! What counts as a stand-in, and how far it may be bent, is told in `shape`; how it is found in `table`:
//! - `[EMAIL_1]` also as `[email_1]`, `\[EMAIL\_1\]`, `[ EMAIL 1 ]`, `[EMAIL-1]`, `[Email1]`; never with other digits;
//! - the same in the spelling of its surroundings (`%5BEMAIL_1%5D`, `&#91;EMAIL_1&#93;`, `［EMAIL_1］`, `[ＥＭＡＩＬ_１]`; see `spelled`);
//! - all of them with JSON's escapes in the place of letters and signs (`\u005bEMAIL_1\u005d`; see `escaped`);
//! - without brackets only in exactly its spelling (`EMAIL_1`, `EMAIL\_1`), and not where it is part of a longer word, of a
//!   variable (`$EMAIL_1`, `{EMAIL_1}`, `x.EMAIL_1`), on the left of `=`, `(` or `[`, or cut off; an escape beside it (`EMAIL_1\n`,
//!   `\"EMAIL_1\"`) counts as what it means, and Markdown's `_EMAIL_1_` as nothing (see `follows`);
//! - everything else exactly as it was given out, not as part of a longer word.

mod escaped;
mod follows;
mod nesting;
mod spelled;
mod table;

pub(super) use nesting::Nesting;

use super::Moves;
use crate::{json, sensitive::Sensitive};
use escaped::Unescaped;
use std::{borrow::Cow, fmt, ops::Range, sync::Arc};
use table::{Match, Next, Table, Window};

/// How an original goes into its surroundings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Context {
    /// As it is; but inside of a string where the text begins as a JSON document (with `{"`, `["` or `[{`), whether it goes on
    /// as one or not: its beginning is all that is known of a text that is still coming.
    #[default]
    Prose,
    /// The text is itself JSON, such as the arguments of a tool call: the original goes in as the inside of a JSON string,
    /// and where that string is JSON again, as the inside of a string of that one.
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
        if !self.occurs_in_text(text) {
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
            writer: Writer::new(&self.0, context),
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
        bytes.utf8_chunks().any(|chunk| self.occurs_in_text(chunk.valid()))
    }

    fn occurs_in_text(&self, text: &str) -> bool {
        self.matches(text).next().is_some()
    }

    /// The places of stand-ins in a whole text, from the left.
    pub fn places<'r>(&'r self, text: &'r str) -> impl Iterator<Item = Range<usize>> {
        self.matches(text).map(|found| found.written)
    }

    /// The originals that are put back.
    pub fn originals(&self) -> impl Iterator<Item = &str> {
        self.0.originals.iter().map(|original| original.expose().as_str())
    }

    /// What goes where in a whole text, from the left.
    pub(super) fn replacements(&self, text: &str, context: Context) -> Vec<(Range<usize>, String)> {
        let (mut writer, mut done) = (Writer::new(&self.0, context), 0);
        let replace = |found: Found<'_>| {
            writer.pass_over(&text[done..found.written.start]);
            done = found.written.end;
            let mut inserted = String::with_capacity(found.stand_in.original.len());
            writer.write(&found, &mut inserted);
            (found.written, inserted)
        };
        self.matches(text).map(replace).collect()
    }

    /// The stand-ins in a whole text, from the left, with their originals.
    fn matches<'r>(&'r self, text: &'r str) -> impl Iterator<Item = Found<'r>> {
        let may_occur = self.0.may_occur_in(text);
        let mut reading = may_occur.then(|| Reading::of(Unescaped::of(text, false), None, false));
        std::iter::from_fn(move || match reading.as_mut()?.next(&self.0) {
            Step::Found(found) => Some(found),
            Step::End(..) => None,
        })
    }
}

/// A text being read for stand-ins.
struct Reading<'t> {
    read: Unescaped<'t>,
    from: usize,
    before: Option<u8>,
    more: bool,
    spelled: bool,
}

/// A stand-in, and where it is written.
struct Found<'r> {
    written: Range<usize>,
    /// In how many strings it lies at least.
    depth: usize,
    stand_in: Match<'r>,
}

enum Step<'r> {
    Found(Found<'r>),
    /// Nothing more before this place, as it is meant and as it is written: what is there must wait, or is the end.
    End(usize, usize),
}

impl<'t> Reading<'t> {
    fn of(read: Unescaped<'t>, before: Option<u8>, more: bool) -> Self {
        let spelled = spelled::occurs_in(read.text.as_bytes());
        Self { read, from: 0, before, more, spelled }
    }

    fn window(&self) -> Window<'_> {
        let Self { read, from, before, more, spelled } = self;
        Window { text: &read.text, from: *from, before: *before, more: *more, spelled: *spelled }
    }

    fn next<'r>(&mut self, table: &'r Table) -> Step<'r> {
        match table.next(self.window()) {
            Next::Match(stand_in) => {
                let (range, read) = (&stand_in.range, &self.read);
                self.from = range.end;
                let written = read.written(range.start)..read.written(range.end);
                Step::Found(Found { written, depth: read.depth(range), stand_in })
            }
            Next::Hold(at) => Step::End(at, self.read.written(at)),
            Next::End => Step::End(self.read.text.len(), self.read.known),
        }
    }
}

/// Restores a text that comes in pieces: whatever the pieces, the result is that of the whole text.
///
/// It holds back only what may still become a live stand-in, at most the longest of them with its bends. Once
/// [`finish`](Self::finish) is called it may be used for another text.
#[derive(Clone)]
pub struct StreamRestorer {
    restorer: Restorer,
    writer: Writer,
    held: String,
    /// What stands before what is held, as [`shape::beside`] tells it.
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
        self.writer = Writer::new(&self.restorer.0, self.writer.context);
    }

    /// Restores `text` up to what must be held; tells where that begins.
    fn run(&mut self, text: &str, more: bool, out: &mut String) -> usize {
        let table = Arc::clone(&self.restorer.0);
        if table.originals.is_empty() {
            self.keep(text, out);
            return text.len();
        }
        let mut reading = Reading::of(Unescaped::of(text, more), self.before, more);
        let mut done = 0;
        let (held_from, written) = loop {
            match reading.next(&table) {
                Step::Found(found) => {
                    self.keep(&text[done..found.written.start], out);
                    self.insert(&text[found.written.clone()], &found, out);
                    done = found.written.end;
                }
                Step::End(at, written) => break (at, written),
            }
        };
        self.keep(&text[done..written], out);
        self.before = reading.window().before(held_from);
        written
    }

    fn keep(&mut self, text: &str, out: &mut String) {
        out.push_str(text);
        self.writer.pass_over(text);
        if let Some(moves) = &mut self.moves {
            moves.keep(text);
        }
    }

    fn insert(&mut self, stand_in: &str, found: &Found<'_>, out: &mut String) {
        self.restored += 1;
        let from = out.len();
        self.writer.write(found, out);
        if let Some(moves) = &mut self.moves {
            moves.replace(stand_in, &out[from..]);
        }
    }
}

/// Writes originals in the form that their surroundings need.
#[derive(Clone)]
struct Writer {
    context: Context,
    /// Followed only where it matters: some original is written otherwise inside of a string, and the text may be JSON.
    nesting: Option<Nesting>,
}

impl Writer {
    fn new(table: &Table, context: Context) -> Self {
        Self { context, nesting: table.escaping.then(|| Nesting::of(context)) }
    }

    /// Goes on behind text that stays.
    fn pass_over(&mut self, text: &str) {
        if let Some(nesting) = &mut self.nesting {
            nesting.read(text);
            if nesting.is_over() {
                self.nesting = None;
            }
        }
    }

    fn write(&mut self, found: &Found<'_>, out: &mut String) {
        let least = match self.context {
            Context::Prose => found.depth,
            Context::JsonText => found.depth.max(1),
        };
        let depth = self.nesting.as_ref().map_or(least, |nesting| nesting.depth().max(least));
        let written = found.stand_in.spelling.write(found.stand_in.original);
        encode(&written, depth, out);
        if let Some(nesting) = &mut self.nesting {
            nesting.pass();
        }
    }
}

/// What `text` says in plain form, for each spelling that it has.
pub(super) fn readings(text: &str) -> impl Iterator<Item = String> {
    let read = Unescaped::of(text, false).text;
    let spelled: Vec<String> = spelled::readings(&read).collect();
    let unescaped = match read {
        Cow::Borrowed(_) => None,
        Cow::Owned(read) => Some(read),
    };
    spelled.into_iter().chain(unescaped).chain(behind_escapes(text))
}

/// The text with spaces for the letters of `\n` and the like, behind which a word begins.
fn behind_escapes(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_escaped =
        |at: usize| bytes.get(at + 1).is_some_and(|b| follows::ends_line(char::from(*b)));
    memchr::memchr_iter(b'\\', bytes).find(|at| is_escaped(*at))?;
    let mut before = ' ';
    let read = |c: char| {
        let is_escaped = std::mem::replace(&mut before, c) == '\\' && follows::ends_line(c);
        if is_escaped { ' ' } else { c }
    };
    Some(text.chars().map(read).collect())
}

/// Appends `text` as the inside of a string, that as the inside of another one, and so on.
pub(super) fn encode(text: &str, depth: usize, out: &mut String) {
    match depth {
        0 => out.push_str(text),
        1 => json::encode_into(text, out),
        _ => {
            let mut inner = String::with_capacity(text.len() + 8);
            json::encode_into(text, &mut inner);
            encode(&inner, depth - 1, out);
        }
    }
}
