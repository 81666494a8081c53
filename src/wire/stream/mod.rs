//! Restores a stream of events while it passes.
//!
//! Bytes go through as they came, but for strings that a restored value changes. Of a text that comes in pieces only
//! what may be the beginning of a live stand-in is held, separately for each choice, field and tool call. What an API's
//! events look like is told by [`View`]s, which the folder of that API makes.

use super::{
    Endpoint, Error, Expected, MAX_OPEN_TEXTS, openai,
    splice::{self, Edit},
    sse::{Frame, Frames, Payload},
};
use crate::{
    json,
    redact::{Context, Restorer, StreamRestorer},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};

/// One event, taken apart.
pub(super) struct View<'a> {
    /// All strings that may hold a stand-in, in order.
    pub(super) pieces: Vec<Piece<'a>>,
    /// Which texts end with this event.
    pub(super) ended: Ended,
    /// What to write instead of members that describe the text, if the text is changed: token probabilities, which
    /// cannot be told for a restored value, and the padding that hides its length.
    pub(super) blanks: Vec<Edit>,
}

/// A string of an event.
pub(super) struct Piece<'a> {
    /// The text that it is a piece of; `None` if it is a text of its own.
    pub(super) key: Option<Key>,
    pub(super) context: Context,
    /// As written between the quotes.
    pub(super) raw: &'a str,
    /// Where that stands in the data.
    pub(super) start: usize,
}

/// Which texts end.
pub(super) enum Ended {
    /// Those of these groups.
    Groups(Vec<u64>),
    All,
}

/// Names one text of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// What ends together: the choice.
    pub(super) group: u64,
    pub(super) field: Field,
    /// The tool call of the choice.
    pub(super) item: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Reasoning,
    ReasoningContent,
    Text,
    Content,
    Refusal,
    FunctionArguments,
    ToolArguments,
    ToolInput,
}

impl Field {
    /// The one that sorts before all others.
    const FIRST: Self = Self::Reasoning;

    /// These sort before all others.
    fn is_reasoning(self) -> bool {
        self <= Self::ReasoningContent
    }
}

/// Restores the bytes of one event stream, cut anywhere.
///
/// With nothing to restore it passes bytes on unread. Else, after each [`push`](Self::push) everything is out that is
/// complete and cannot be part of a stand-in.
///
/// ## Held text
/// When a choice ends, or the stream does, text that is still held goes out in an event of its own before the last one;
/// that of its reasoning already when the answer begins.
///
/// ## What describes the text
/// Where an event's text is changed, its `logprobs` become null and its `obfuscation` empty.
pub struct EventStream {
    frames: Frames,
    events: Events,
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("open", &self.events.open.len()).finish_non_exhaustive()
    }
}

impl EventStream {
    /// A stream at its beginning, with what the request said about it.
    pub fn new(endpoint: Endpoint, expected: Expected, restorer: Restorer) -> Self {
        let events = Events {
            endpoint,
            expected,
            restorer,
            open: BTreeMap::new(),
            n_holding: 0,
            head: String::new(),
            scratch: String::new(),
        };
        Self { frames: Frames::default(), events }
    }

    /// Takes the next bytes and appends what can go out.
    ///
    /// # Errors
    /// [`Error`] for an event that cannot be read; what came before it has been appended. Then call
    /// [`flush`](Self::flush) and send an error event.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if self.events.restorer.is_empty() {
            out.extend_from_slice(bytes);
            return Ok(());
        }
        let Self { frames, events } = self;
        frames.push(bytes, &mut |frame| events.event(frame, out))
    }

    /// Appends all that is left: the stream has ended.
    ///
    /// # Errors
    /// [`Error::Truncated`] if it ended inside an event that cannot be read.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let rest = self.frames.take_rest();
        let result = self.events.event(Frame::new(&rest), out);
        if result.is_ok() && !rest.is_empty() && self.events.n_holding > 0 {
            out.extend_from_slice(b"\n\n");
        }
        self.events.end_all(out);
        result.map_err(|_| Error::Truncated)
    }

    /// Appends held text, and forgets an event that is not complete: the stream broke, and an error event follows.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        self.frames.take_rest();
        self.events.end_all(out);
    }
}

struct Events {
    endpoint: Endpoint,
    expected: Expected,
    restorer: Restorer,
    /// Texts that have begun and not ended.
    open: BTreeMap<Key, StreamRestorer>,
    /// How many of them hold text.
    n_holding: usize,
    /// What an extra event repeats of the first event that left text held: the members that are the same in all.
    head: String,
    scratch: String,
}

impl Events {
    fn event(&mut self, frame: Frame<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        match frame.payload()? {
            Payload::None => out.extend_from_slice(frame.bytes()),
            Payload::Done => {
                self.end_all(out);
                out.extend_from_slice(frame.bytes());
            }
            Payload::Data(data) => self.data(frame, &data, out)?,
        }
        Ok(())
    }

    fn data(&mut self, frame: Frame<'_>, data: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        let view = self.view(data)?;
        for (key, rest) in self.end_reasoning(&view) {
            out.extend_from_slice(self.extra(key, &rest).as_bytes());
        }
        let mut texts = Vec::with_capacity(view.pieces.len());
        for piece in &view.pieces {
            texts.push(self.restore(piece)?);
        }
        let rests = self.end(&view.ended);
        if self.head.is_empty() && (self.n_holding > 0 || !rests.is_empty()) {
            self.head = openai::event::head(data);
        }
        if !rests.is_empty() {
            self.place(rests, &view, &mut texts, out);
        }
        write(frame, data, view, texts, out);
        Ok(())
    }

    /// Puts the rests of texts that end behind their last pieces in this event, or into events of their own before it.
    fn place(
        &self,
        rests: Vec<(Key, String)>,
        view: &View<'_>,
        texts: &mut [Text<'_>],
        out: &mut Vec<u8>,
    ) {
        let keyed = view.pieces.iter().enumerate();
        let last: BTreeMap<Key, usize> =
            keyed.filter_map(|(at, piece)| Some((piece.key?, at))).collect();
        for (key, rest) in rests {
            match last.get(&key) {
                Some(at) => texts[*at].append(&rest),
                None => out.extend_from_slice(self.extra(key, &rest).as_bytes()),
            }
        }
    }

    /// The one place that knows which API's events these are.
    fn view<'a>(&self, data: &'a str) -> Result<View<'a>, Error> {
        match self.endpoint {
            Endpoint::ChatCompletions
            | Endpoint::Completions
            | Endpoint::Embeddings
            | Endpoint::Models => openai::event::view(data, self.expected),
        }
    }

    fn extra(&self, key: Key, text: &str) -> String {
        openai::event::extra(&self.head, key, text)
    }

    /// What a string of an event is to say, as far as that is certain.
    fn restore<'a>(&mut self, piece: &Piece<'a>) -> Result<Text<'a>, Error> {
        let old = json::decode(piece.raw);
        let new = match piece.key {
            None => match self.restorer.restore(&old, piece.context) {
                Cow::Borrowed(_) => None,
                Cow::Owned(new) => Some(new),
            },
            Some(key) => self.push_piece(key, piece.context, &old)?,
        };
        Ok(Text { old, new })
    }

    fn push_piece(
        &mut self,
        key: Key,
        context: Context,
        old: &str,
    ) -> Result<Option<String>, Error> {
        let mut new = std::mem::take(&mut self.scratch);
        new.clear();
        let stream = self.open(key, context)?;
        let held_before = stream.held() > 0;
        stream.push(old, &mut new);
        let holds = stream.held() > 0;
        self.n_holding = self.n_holding - usize::from(held_before) + usize::from(holds);
        let changed = (new != old).then(|| new.clone());
        self.scratch = new;
        Ok(changed)
    }

    fn open(&mut self, key: Key, context: Context) -> Result<&mut StreamRestorer, Error> {
        let n_open = self.open.len();
        match self.open.entry(key) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(_) if n_open >= MAX_OPEN_TEXTS => Err(Error::TooManyTexts),
            Entry::Vacant(entry) => Ok(entry.insert(self.restorer.stream(context))),
        }
    }

    /// Closes texts, and gives what was held of them.
    fn end(&mut self, ended: &Ended) -> Vec<(Key, String)> {
        let keys: Vec<Key> = match ended {
            Ended::All => self.open.keys().copied().collect(),
            Ended::Groups(groups) => groups.iter().flat_map(|group| self.keys_of(*group)).collect(),
        };
        keys.into_iter().filter_map(|key| Some((key, self.close(key)?))).collect()
    }

    /// Closes the reasoning of choices that go on to say something. Shown after the answer it would be out of place, and
    /// no model comes back to it in the middle of a stand-in.
    fn end_reasoning(&mut self, view: &View<'_>) -> Vec<(Key, String)> {
        if self.n_holding == 0 {
            return Vec::new();
        }
        let said = view.pieces.iter().filter(|piece| !piece.raw.is_empty());
        let groups = said.filter_map(|piece| piece.key).filter(|key| !key.field.is_reasoning());
        let keys: Vec<Key> = groups
            .flat_map(|key| self.keys_of(key.group).take_while(|key| key.field.is_reasoning()))
            .collect();
        keys.into_iter().filter_map(|key| Some((key, self.close(key)?))).collect()
    }

    fn keys_of(&self, group: u64) -> impl Iterator<Item = Key> {
        let from = Key { group, field: Field::FIRST, item: 0 };
        self.open.range(from..).map(|(key, _)| *key).take_while(move |key| key.group == group)
    }

    fn close(&mut self, key: Key) -> Option<String> {
        let mut stream = self.open.remove(&key)?;
        if stream.held() == 0 {
            return None;
        }
        self.n_holding -= 1;
        let mut rest = String::new();
        stream.finish(&mut rest);
        Some(rest)
    }

    fn end_all(&mut self, out: &mut Vec<u8>) {
        for (key, rest) in self.end(&Ended::All) {
            out.extend_from_slice(self.extra(key, &rest).as_bytes());
        }
    }
}

/// What a string says, and what it is to say if that differs.
struct Text<'a> {
    old: Cow<'a, str>,
    new: Option<String>,
}

impl Text<'_> {
    fn append(&mut self, rest: &str) {
        let old = &self.old;
        self.new.get_or_insert_with(|| old.clone().into_owned()).push_str(rest);
    }
}

fn write(frame: Frame<'_>, data: &str, view: View<'_>, texts: Vec<Text<'_>>, out: &mut Vec<u8>) {
    let mut edits = Vec::new();
    for (piece, text) in view.pieces.iter().zip(texts) {
        let Some(new) = text.new else { continue };
        edits.extend(splice::string_edit(piece.start, piece.raw, &text.old, &new));
    }
    if edits.is_empty() {
        return out.extend_from_slice(frame.bytes());
    }
    edits.extend(view.blanks);
    frame.write_with(&splice::apply(data, edits), out);
}

#[cfg(test)]
mod tests;
