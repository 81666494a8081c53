//! Puts originals back, in a whole text or in a stream.
//!
//! One pass from the left, the longest stand-in at each place; what was put back is never looked at again.
//! What counts as a stand-in, and how far it may be bent, is told in `shape`; how it is found in `table`:
//! - `[EMAIL_1]` also as `[email_1]`, `\[EMAIL\_1\]`, `[ EMAIL 1 ]`, `[EMAIL-1]`, `[Email1]`; never with other digits;
//! - the same in the spelling of its surroundings (`%5BEMAIL_1%5D`, `&#91;EMAIL_1&#93;`, `［EMAIL_1］`, `[ＥＭＡＩＬ_１]`; see `spelled`);
//! - without brackets only in exactly its spelling (`EMAIL_1`, `EMAIL\_1`), and not where it is part of a longer word, of a
//!   variable (`$EMAIL_1`, `{EMAIL_1}`, `x.EMAIL_1`), on the left of `=`, `(` or `[`, or cut off;
//! - everything else exactly as it was given out, not as part of a longer word.

mod nesting;
mod spelled;
mod table;

pub(super) use nesting::Nesting;
pub(super) use spelled::readings;

use super::{Moves, shape};
use crate::{json, sensitive::Sensitive};
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
        self.matches(text).map(|found| found.range)
    }

    /// The originals that are put back.
    pub fn originals(&self) -> impl Iterator<Item = &str> {
        self.0.originals.iter().map(|original| original.expose().as_str())
    }

    /// What goes where in a whole text, from the left.
    pub(super) fn replacements(&self, text: &str, context: Context) -> Vec<(Range<usize>, String)> {
        let (mut writer, mut done) = (Writer::new(&self.0, context), 0);
        let replace = |found: Match<'_>| {
            writer.pass_over(&text[done..found.range.start]);
            done = found.range.end;
            let mut written = String::with_capacity(found.original.len());
            writer.write(&found, &mut written);
            (found.range, written)
        };
        self.matches(text).map(replace).collect()
    }

    /// The stand-ins in a whole text, from the left, with their originals.
    fn matches<'r>(&'r self, text: &'r str) -> impl Iterator<Item = Match<'r>> {
        let mut window = self.0.may_occur_in(text).then(|| Window::of(text, None, false));
        std::iter::from_fn(move || {
            let window = window.as_mut()?;
            match self.0.next(*window) {
                Next::Match(found) => {
                    window.from = found.range.end;
                    Some(found)
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
        let mut window = Window::of(text, self.before, more);
        let table = Arc::clone(&self.restorer.0);
        let held_from = loop {
            match table.next(window) {
                Next::Match(found) => {
                    self.keep(&text[window.from..found.range.start], out);
                    self.insert(&text[found.range.clone()], &found, out);
                    window.from = found.range.end;
                }
                Next::Hold(at) => break at,
                Next::End => break text.len(),
            }
        };
        self.keep(&text[window.from..held_from], out);
        self.before = text[..held_from].chars().next_back().map(shape::beside).or(self.before);
        held_from
    }

    fn keep(&mut self, text: &str, out: &mut String) {
        out.push_str(text);
        self.writer.pass_over(text);
        if let Some(moves) = &mut self.moves {
            moves.keep(text);
        }
    }

    fn insert(&mut self, stand_in: &str, found: &Match<'_>, out: &mut String) {
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

    fn write(&mut self, found: &Match<'_>, out: &mut String) {
        let least = match self.context {
            Context::Prose => 0,
            Context::JsonText => 1,
        };
        let depth = self.nesting.as_ref().map_or(least, |nesting| nesting.depth().max(least));
        let written = found.spelling.write(found.original);
        encode(&written, depth, out);
        if let Some(nesting) = &mut self.nesting {
            nesting.pass();
        }
    }
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
