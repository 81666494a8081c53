//! Looks at a text of the model that comes in pieces.
//!
//! ## Held => judged
//! At a place over which no value goes on (see `growth`) what is held is judged, together with what came shortly before it,
//! and let go. At the latest that is so when [`MOST_HELD`] characters are held; then the first half of them goes.
//! ## Judged => out
//! What is found is replaced. Of a value whose beginning is out already, the rest is.
//!
//! Where text is cut is told by the text alone, never by the pieces: whatever these are, the result is the same.

use super::{
    OutputGuard,
    decoded::{Decoded, escape_length},
    growth::stands_alone,
};
use crate::{
    detect::{Finding, Text},
    engine::{Blocked, Counts},
    redact::{Context, Moves, Surroundings},
};
use std::{fmt, ops::Range};

/// The most characters that are held back.
pub(super) const MOST_HELD: usize = 128;
/// How many bytes of what is out are looked at again with what comes next, since words before a value tell what it is.
const REACH: usize = 256;

/// Judges a text that comes in pieces.
#[derive(Clone)]
pub struct OutputStream {
    guard: OutputGuard,
    /// Those of what is held.
    surroundings: Surroundings,
    /// What is held is JSON, as far as its beginning tells.
    json: bool,
    /// The end of what is out, as the model wrote it.
    before: String,
    held: String,
    scan: Scan,
    /// The value that was last replaced went up to the end of what is out.
    replacing: bool,
    counts: Counts,
    moves: Option<Moves>,
}

/// How far what is held has been looked through for a place to cut it.
#[derive(Clone, Copy, Debug, Default)]
struct Scan {
    at: usize,
    n_chars: usize,
    /// Where the current word begins.
    word: usize,
}

/// Up to where text is judged, and how much of it is seen.
struct Cut {
    end: usize,
    seen: usize,
}

impl fmt::Debug for OutputStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputStream({} bytes held)", self.held.len())
    }
}

impl OutputStream {
    pub(super) fn new(guard: OutputGuard, context: Context) -> Self {
        Self {
            guard,
            surroundings: Surroundings::of(context),
            json: false,
            before: String::new(),
            held: String::new(),
            scan: Scan::default(),
            replacing: false,
            counts: Counts::new(),
            moves: None,
        }
    }

    /// The same, which also notes where places go.
    #[must_use]
    pub fn tracked(self) -> Self {
        Self { moves: Some(Moves::default()), ..self }
    }

    /// Takes the next piece, and appends to `out` what is judged by now.
    ///
    /// # Errors
    /// When the policy blocks what the text holds. Nothing more of it must go out.
    pub fn push(&mut self, piece: &str, out: &mut String) -> Result<(), Blocked> {
        self.held.push_str(piece);
        while let Some(cut) = self.next_cut() {
            self.judge(cut, out)?;
        }
        Ok(())
    }

    /// Judges what is still held: the text has ended.
    ///
    /// # Errors
    /// When the policy blocks what it holds.
    pub fn finish(&mut self, out: &mut String) -> Result<(), Blocked> {
        let end = self.held.len();
        self.look_ahead();
        self.judge(Cut { end, seen: end }, out)
    }

    /// How many bytes are held back.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// What was found since this was last asked.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    /// Where the places of the text so far went, if that is noted.
    pub fn moves(&self) -> Option<&Moves> {
        self.moves.as_ref()
    }

    /// Before a text is told, there are but blanks and a bracket: they are read alike.
    fn look_ahead(&mut self) {
        self.json = self.surroundings.is_json(&self.held).unwrap_or(false);
    }

    /// The next place to cut; `None` if there is none in what is here.
    fn next_cut(&mut self) -> Option<Cut> {
        self.look_ahead();
        while let Some(c) = self.held[self.scan.at..].chars().next() {
            let (meant, length) = self.unit(c)?;
            let from = self.scan.at;
            self.scan.at += length;
            self.scan.n_chars += self.held[from..self.scan.at].chars().count();
            if self.ends_at(from, meant) {
                return Some(Cut { end: self.scan.at, seen: self.scan.at });
            }
            if self.scan.n_chars >= MOST_HELD {
                return Some(self.forced());
            }
        }
        None
    }

    /// A character as it is meant, and how many bytes it is written with; `None` if more text must tell.
    fn unit(&self, c: char) -> Option<(char, usize)> {
        if c != '\\' || !self.json {
            return Some((c, c.len_utf8()));
        }
        let rest = &self.held.as_bytes()[self.scan.at..];
        let length = match escape_length(rest) {
            Some(length) => length,
            // A broken escape is passed as it is.
            None if rest.len() < 6 && rest.get(1).is_none_or(|b| *b == b'u') => return None,
            None => 1,
        };
        Some((if matches!(rest.get(1), Some(b'n' | b'r' | b't')) { '\n' } else { c }, length))
    }

    /// True if text may be cut behind this character, which begins at `from`.
    fn ends_at(&mut self, from: usize, c: char) -> bool {
        let word = &self.held[self.scan.word..from];
        let growth = &self.guard.0.growth;
        let (ends, new_word) = match c {
            '"' if self.json => (true, true),
            c if c.is_whitespace() => (!growth.goes_on(word, c), true),
            c => (stands_alone(c) && !growth.goes_on(word, c), stands_alone(c)),
        };
        if new_word {
            self.scan.word = self.scan.at;
        }
        ends && !self.may_become_literal()
    }

    fn may_become_literal(&self) -> bool {
        let growth = &self.guard.0.growth;
        growth.may_become_literal(&self.held[..self.scan.at])
    }

    /// Half of what is held goes, but no part of an escape.
    fn forced(&self) -> Cut {
        let seen = self.scan.at;
        let half = self.held.char_indices().nth(MOST_HELD / 2).map_or(seen, |(at, _)| at);
        let mut end = half.min(seen);
        if self.json {
            let escape = self.held[..end].rfind('\\').filter(|at| end - at < 6 && *at > 0);
            end = escape.unwrap_or(end);
        }
        Cut { end, seen }
    }

    fn judge(&mut self, cut: Cut, out: &mut String) -> Result<(), Blocked> {
        let found = self.found(cut.seen);
        let end = whole_values(&found, cut);
        let guard = self.guard.clone();
        let mut done = 0;
        for (range, finding, value) in found.iter().filter(|(range, ..)| range.start < end) {
            let (start, stop) = (range.start.max(done), range.end.min(end).max(done));
            guard.count(&finding.entity_type, &mut self.counts)?;
            if !guard.replaces(&finding.entity_type) {
                continue;
            }
            // Of two in one number the first has taken all of it.
            if start == stop {
                continue;
            }
            let goes_on = self.replacing && start == 0;
            done = match goes_on {
                true => self.leave_out(stop),
                false => {
                    self.replace(done, start..stop, end, &guard.replacement(finding, value), out)
                }
            };
        }
        self.replacing = done == end && end > 0 && done > 0;
        self.keep(done..end, out);
        self.let_go(end);
        Ok(())
    }

    /// What is found in the first `seen` bytes that are held, each with its place there and its value.
    fn found(&self, seen: usize) -> Vec<(Range<usize>, Finding, String)> {
        let n_before = self.before.len();
        let window = [&self.before, &self.held[..seen]].concat();
        let decoded = if self.json { Decoded::json(&window) } else { Decoded::plain(&window) };
        let found = self.guard.found(&[Text::from(decoded.text())]).remove(0);
        let placed = found.into_iter().filter_map(|finding| {
            let range = decoded.original(finding.span.start()..finding.span.end());
            let value = finding.span.slice(decoded.text()).to_owned();
            let inside = range.start.max(n_before) - n_before..range.end.checked_sub(n_before)?;
            (inside.start < inside.end).then_some((inside, finding, value))
        });
        placed.collect()
    }

    fn keep(&mut self, range: Range<usize>, out: &mut String) {
        let text = &self.held[range];
        out.push_str(text);
        self.surroundings.pass_over(text);
        if let Some(moves) = &mut self.moves {
            moves.keep(text);
        }
    }

    /// Drops the rest of a value that was replaced; tells where it ends.
    fn leave_out(&mut self, end: usize) -> usize {
        let text = &self.held[..end];
        self.surroundings.pass_over(text);
        if let Some(moves) = &mut self.moves {
            moves.replace(text, "");
        }
        end
    }

    /// Writes what stays from `done` on, and what comes in the place of a value; tells where that ends, at most at `end`.
    fn replace(
        &mut self,
        done: usize,
        range: Range<usize>,
        end: usize,
        by: &str,
        out: &mut String,
    ) -> usize {
        let edit = self.surroundings.edit(&self.held[..end], done, range, by);
        let kept = &self.held[done..edit.range.start];
        out.push_str(kept);
        out.push_str(&edit.written);
        if let Some(moves) = &mut self.moves {
            moves.keep(kept);
            moves.replace(&self.held[edit.range.clone()], &edit.written);
        }
        edit.range.end
    }

    /// What is out is looked at again with what comes next.
    fn let_go(&mut self, end: usize) {
        self.before.push_str(&self.held[..end]);
        self.held.drain(..end);
        let mut from = self.before.len().saturating_sub(REACH);
        while !self.before.is_char_boundary(from) {
            from += 1;
        }
        self.before.drain(..from);
        // What a forced cut has left is looked through anew: where it may be cut is told by what begins there.
        self.scan = Scan::default();
    }
}

/// The place to cut, moved so that no value is cut: behind one that has ended, or before one that may go on.
fn whole_values(found: &[(Range<usize>, Finding, String)], cut: Cut) -> usize {
    let over = found.iter().find(|(range, ..)| range.start < cut.end && cut.end < range.end);
    match over {
        None => cut.end,
        Some((range, ..)) if range.end < cut.seen || range.start == 0 => range.end,
        Some((range, ..)) => range.start,
    }
}
