//! Keeps events in their order while the text of one of them is not certain.
//!
//! Where events are numbered none may be made up, so there is nothing that the rest of a text could go out in but the
//! last event that said some of it. Such an event waits for the next one of the same text, and all that come after it
//! wait behind it.
//!
//! ## Waiting => ready
//! The next event of the text has come and takes what was held with it; or the text ended, and the rest of it is put
//! behind what the event says.

use super::{
    Key,
    text::{Text, write_edited},
};
use crate::wire::{
    splice::{self, Edit},
    sse::Frame,
};
use std::collections::VecDeque;

/// When this much waits, whoever holds it up is not waited for any longer.
const MAX_BYTES: usize = 1 << 20;

/// Events that wait for the first of them.
#[derive(Default)]
pub(super) struct Queue {
    events: VecDeque<Event>,
    bytes: usize,
}

/// An event that waits for its texts, or for those before it.
pub(super) struct Event {
    frame: Vec<u8>,
    data: String,
    strings: Vec<Waiting>,
    /// To be made in any case.
    edits: Vec<Edit>,
    /// To be made if some string changes.
    blanks: Vec<Edit>,
}

/// A string of a waiting event.
struct Waiting {
    /// The text whose rest belongs behind it.
    open: Option<Key>,
    raw: String,
    start: usize,
    old: String,
    new: Option<String>,
}

impl Event {
    /// An event with the data in it, and what is to be written instead.
    pub(super) fn new(frame: Frame<'_>, data: &str, edits: Vec<Edit>, blanks: Vec<Edit>) -> Self {
        let (frame, data) = (frame.bytes().to_vec(), data.to_owned());
        Self { frame, data, strings: Vec::new(), edits, blanks }
    }

    /// Adds a string; `open` names the text that goes on after it.
    pub(super) fn add(&mut self, start: usize, raw: &str, text: Text<'_>, open: Option<Key>) {
        if open.is_some() || text.new.is_some() {
            let (raw, old) = (raw.to_owned(), text.old.into_owned());
            self.strings.push(Waiting { open, raw, start, old, new: text.new });
        }
    }

    fn waits(&self) -> bool {
        self.strings.iter().any(|string| string.open.is_some())
    }

    fn write(self, out: &mut Vec<u8>) {
        let mut edits = self.edits;
        let n_offsets = edits.len();
        for string in self.strings {
            let Some(new) = string.new else { continue };
            edits.extend(splice::string_edit(string.start, &string.raw, &string.old, &new));
        }
        if edits.len() > n_offsets {
            edits.extend(self.blanks);
        }
        write_edited(Frame::new(&self.frame), &self.data, edits, out);
    }
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// True if too much waits.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > MAX_BYTES
    }

    /// Takes an event that has to wait.
    pub(super) fn push(&mut self, event: Event) {
        self.bytes += event.frame.len();
        self.events.push_back(event);
    }

    /// The event that waits for this text need not wait any longer; `rest` belongs behind what it says.
    pub(super) fn release(&mut self, key: Key, rest: &str) {
        let strings = self.events.iter_mut().flat_map(|event| event.strings.iter_mut());
        for string in strings.filter(|string| string.open == Some(key)) {
            string.open = None;
            if !rest.is_empty() {
                string.new.get_or_insert_with(|| string.old.clone()).push_str(rest);
            }
        }
    }

    /// Writes the events that do not wait, nor stand behind one that does.
    pub(super) fn flush(&mut self, out: &mut Vec<u8>) {
        while self.events.front().is_some_and(|event| !event.waits()) {
            let Some(event) = self.events.pop_front() else { return };
            self.bytes -= event.frame.len();
            event.write(out);
        }
    }
}
