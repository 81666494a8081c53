//! Restores a stream of events while it passes.
//!
//! Bytes go through as they came, but for strings that a restored value changes. Of a text that comes in pieces only
//! what may be the beginning of a live stand-in is held, separately for each choice, field and tool call. What an API's
//! events look like is told by [`View`]s, which the folder of that API makes.

mod queue;
mod view;

pub(super) use view::{Ended, Field, Key, Piece, View};

use super::{
    Documents, Endpoint, Error, Expected, MAX_OPEN_TEXTS, anthropic,
    endpoint::Dialect,
    offsets::{Into, Part},
    openai, responses,
    splice::{self, Edit},
    sse::{Frame, Frames, Payload},
};
use crate::{
    json,
    redact::{Context, Moves, Restorer, StreamRestorer},
};
use queue::{Event, Queue};
use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};

/// Restores the bytes of one event stream, cut anywhere.
///
/// With nothing to restore it passes bytes on unread. Else, after each [`push`](Self::push) everything is out that is
/// complete and cannot be part of a stand-in.
///
/// ## Held text
/// When a choice ends, or the stream does, text that is still held goes out in an event of its own before the last one;
/// that of its reasoning already when the answer begins. So does the rest of a block of Anthropic's, before the event
/// that stops it. OpenAI's responses number their events, so there none is made up: an event whose text ends in what may
/// be a stand-in waits for the next one of the text, with all that come after it (see `queue`).
///
/// ## What describes the text
/// Where an event's text is changed, its `logprobs` become null (or empty, where the API wants a list) and its
/// `obfuscation` empty. Offsets of citations move with the text of an OpenAI response.
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
            queue: Queue::default(),
            moves: BTreeMap::new(),
            documents: Documents::default(),
        };
        Self { frames: Frames::default(), events }
    }

    /// The same, with what its citations point into.
    #[must_use]
    pub fn citing(mut self, documents: Documents) -> Self {
        self.events.documents = documents;
        self
    }

    /// Takes the next bytes and appends what can go out.
    ///
    /// # Errors
    /// [`Error`] for an event that cannot be read; what came before it has been appended. Then call
    /// [`flush`](Self::flush) and send an error event.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if self.events.restorer.is_empty() && self.events.documents.is_empty() {
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
    queue: Queue,
    /// Where the places of ended texts went, for offsets that come after them.
    moves: BTreeMap<Key, Moves>,
    documents: Documents,
}

impl Events {
    fn event(&mut self, frame: Frame<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        match frame.payload()? {
            // A comment keeps the connection alive, so it does not wait.
            Payload::None if self.queue.is_empty() || frame.bytes().starts_with(b":") => {
                out.extend_from_slice(frame.bytes());
            }
            Payload::None => self.queue.push(Event::new(frame, "", Vec::new(), Vec::new())),
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
        self.expected.json_content |= view.asks_json;
        for (key, rest) in self.end_reasoning(&view) {
            out.extend_from_slice(self.extra(key, &rest).as_bytes());
        }
        let mut texts = Vec::with_capacity(view.pieces.len());
        for piece in &view.pieces {
            texts.push(self.restore(piece)?);
        }
        if self.endpoint.dialect() == Dialect::Responses {
            self.in_order(frame, data, view, texts, out);
            return Ok(());
        }
        let edits = self.offset_edits(&view, &texts);
        let rests = self.end(&view.ended);
        if self.head.is_empty() && (self.n_holding > 0 || !rests.is_empty()) {
            self.head = self.head(data);
        }
        if !rests.is_empty() {
            self.place(rests, &view, &mut texts, out);
        }
        write(frame, data, view, texts, edits, out);
        Ok(())
    }

    /// Writes a numbered event, or lets it wait for the text that it ends in.
    fn in_order(
        &mut self,
        frame: Frame<'_>,
        data: &str,
        view: View<'_>,
        texts: Vec<Text<'_>>,
        out: &mut Vec<u8>,
    ) {
        for key in view.pieces.iter().filter_map(|piece| piece.key) {
            self.queue.release(key, "");
        }
        let edits = self.offset_edits(&view, &texts);
        for (key, rest) in self.end(&view.ended) {
            self.queue.release(key, &rest);
        }
        self.forget_moves(&view.ended);
        let holds = |piece: &Piece<'_>| {
            piece.key.filter(|k| self.open.get(k).is_some_and(|s| s.held() > 0))
        };
        if self.queue.is_empty() && !view.pieces.iter().any(|piece| holds(piece).is_some()) {
            return write(frame, data, view, texts, edits, out);
        }
        let mut event = Event::new(frame, data, edits, view.blanks);
        for (piece, text) in view.pieces.iter().zip(texts) {
            event.add(piece.start, piece.raw, text, holds(piece));
        }
        self.queue.push(event);
        if self.queue.is_full() {
            self.release_all();
        }
        self.queue.flush(out);
    }

    /// Takes what is held for text, whatever it may become.
    fn release_all(&mut self) {
        for (key, rest) in self.end(&Ended::All) {
            self.queue.release(key, &rest);
        }
    }

    /// Moves offsets with the texts that they point into.
    fn offset_edits(&self, view: &View<'_>, texts: &[Text<'_>]) -> Vec<Edit> {
        if view.offsets.is_empty() {
            return Vec::new();
        }
        let of_part = |part: Part| {
            let at = view.pieces.iter().position(|piece| piece.part == Some(part))?;
            texts.get(at)?.new.as_ref()?;
            let (_, moves) =
                self.restorer.restore_tracked(&texts.get(at)?.old, view.pieces.get(at)?.context);
            Some(moves)
        };
        let of_said = || {
            let key = view.said?;
            let open = self.open.get(&key).and_then(StreamRestorer::moves);
            open.or_else(|| self.moves.get(&key)).cloned()
        };
        let mut known: BTreeMap<Into, Option<Moves>> = BTreeMap::new();
        let moved = view.offsets.iter().filter_map(|(into, offset)| {
            let find = || match *into {
                Into::Part(part) => of_part(part),
                Into::Said => of_said(),
                Into::Document(_) => None,
            };
            match *into {
                Into::Document(number) => offset.in_document(&self.documents, number),
                Into::Part(_) | Into::Said => {
                    offset.moved(known.entry(*into).or_insert_with(find).as_ref()?)
                }
            }
        });
        moved.collect()
    }

    fn forget_moves(&mut self, ended: &Ended) {
        match ended {
            Ended::All => self.moves.clear(),
            Ended::Groups(groups) => self.moves.retain(|key, _| !groups.contains(&key.group)),
            Ended::Texts(_) => {}
        }
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

    fn view<'a>(&self, data: &'a str) -> Result<View<'a>, Error> {
        match self.endpoint.dialect() {
            Dialect::Chat => openai::event::view(data, self.expected),
            Dialect::Responses => responses::event::view(data, self.expected),
            Dialect::Messages => anthropic::event::view(data, self.expected),
        }
    }

    fn head(&self, data: &str) -> String {
        match self.endpoint.dialect() {
            Dialect::Chat => openai::event::head(data),
            Dialect::Responses | Dialect::Messages => String::new(),
        }
    }

    fn extra(&self, key: Key, text: &str) -> String {
        match self.endpoint.dialect() {
            Dialect::Chat | Dialect::Responses => openai::event::extra(&self.head, key, text),
            Dialect::Messages => anthropic::event::extra(key, text),
        }
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
            Entry::Vacant(entry) => {
                let stream = self.restorer.stream(context);
                let cited = key.field == Field::OutputText;
                Ok(entry.insert(if cited { stream.tracked() } else { stream }))
            }
        }
    }

    /// Closes texts, and gives what was held of them.
    fn end(&mut self, ended: &Ended) -> Vec<(Key, String)> {
        let keys: Vec<Key> = match ended {
            Ended::All => self.open.keys().copied().collect(),
            Ended::Groups(groups) => groups.iter().flat_map(|group| self.keys_of(*group)).collect(),
            Ended::Texts(keys) => keys.clone(),
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
        let mut rest = String::new();
        if stream.held() > 0 {
            self.n_holding -= 1;
            stream.finish(&mut rest);
        }
        if let Some(moves) = stream.moves().filter(|moves| !moves.is_empty()) {
            self.moves.insert(key, moves.clone());
        }
        Some(rest).filter(|rest| !rest.is_empty())
    }

    fn end_all(&mut self, out: &mut Vec<u8>) {
        if self.endpoint.dialect() == Dialect::Responses {
            self.release_all();
            return self.queue.flush(out);
        }
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

/// Writes an event with its texts and these edits; what describes the texts is blanked if one has changed.
fn write(
    frame: Frame<'_>,
    data: &str,
    view: View<'_>,
    texts: Vec<Text<'_>>,
    mut edits: Vec<Edit>,
    out: &mut Vec<u8>,
) {
    let n_offsets = edits.len();
    for (piece, text) in view.pieces.iter().zip(texts) {
        let Some(new) = text.new else { continue };
        edits.extend(splice::string_edit(piece.start, piece.raw, &text.old, &new));
    }
    if edits.len() > n_offsets {
        edits.extend(view.blanks);
    }
    queue::write(frame, data, edits, out);
}

#[cfg(test)]
mod tests;
