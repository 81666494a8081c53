//! Restores a stream of events while it passes.
//!
//! Bytes go through as they came, but for strings that a restored value changes. Of a text that comes in pieces only
//! what may be the beginning of a live stand-in is held, separately for each choice, field and tool call. What an API's
//! events look like is told by [`View`]s, which the folder of that API makes.

mod citations;
mod flow;
mod members;
mod queue;
mod text;
mod view;

pub(super) use members::{Members, Unlisted};
pub(super) use view::{Ended, Field, Key, Piece, View};

use super::{
    Documents, Endpoint, Error, Expected, MAX_OPEN_TEXTS, anthropic,
    endpoint::Dialect,
    offsets::Moved,
    openai, responses,
    sse::{Frame, Frames, Payload},
    unlisted,
};
use crate::{
    engine::{Counts, OutputGuard},
    json,
    redact::{Mapping, Restorer},
};
use flow::Flow;
use queue::{Event, Queue};
use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};
use text::{Text, write};

/// Restores the bytes of one event stream, cut anywhere.
///
/// With nothing to restore it passes bytes on unread. Else, after each [`push`](Self::push) everything is out that is
/// complete and cannot be part of a stand-in.
///
/// ## Held text
/// When a choice ends, or the stream does, text that is still held goes out in an event of its own before the last one;
/// what is held of its reasoning to be judged already when the answer begins. So does the rest of a block of Anthropic's, before the event
/// that stops it. OpenAI's responses number their events, so there none is made up: an event whose text ends in what may
/// be a stand-in waits for the next one of the text, with all that come after it (see `queue`).
///
/// ## What describes the text
/// Where an event's text is changed, its `logprobs` become null (or empty, where the API wants a list) and its
/// `obfuscation` empty. Offsets of citations move with the text that they point into.
///
/// ## What the model wrote of its own
/// With a [guard](Self::guarded) texts are judged before they are restored, and held as long as that takes.
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
            nothing: Mapping::new().restorer(),
            open: BTreeMap::new(),
            members: Members::default(),
            n_holding: 0,
            head: String::new(),
            scratch: String::new(),
            queue: Queue::default(),
            moves: BTreeMap::new(),
            documents: Documents::default(),
            output: None,
            counts: Counts::new(),
        };
        Self { frames: Frames::default(), events }
    }

    /// The same, with what its citations point into.
    #[must_use]
    pub fn citing(mut self, documents: Documents) -> Self {
        self.events.documents = documents;
        self
    }

    /// The same, with what looks at what the model wrote.
    #[must_use]
    pub fn guarded(mut self, output: Option<OutputGuard>) -> Self {
        self.events.output = output;
        self
    }

    /// What was found in what the model wrote, since this was last asked.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.events.counts)
    }

    /// Takes the next bytes and appends what can go out.
    ///
    /// # Errors
    /// [`Error`] for an event that cannot be read; what came before it has been appended. Then call
    /// [`flush`](Self::flush) and send an error event.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if self.events.is_idle() {
            out.extend_from_slice(bytes);
            return Ok(());
        }
        let Self { frames, events } = self;
        frames.push(bytes, &mut |frame| events.event(frame, out))
    }

    /// Appends all that is left: the stream has ended.
    ///
    /// # Errors
    /// [`Error::Truncated`] if it ended inside an event that cannot be read, [`Error::Blocked`] by what is left.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let rest = self.frames.take_rest();
        let result = self.events.event(Frame::new(&rest), out);
        if result.is_ok() && !rest.is_empty() && self.events.n_holding > 0 {
            out.extend_from_slice(b"\n\n");
        }
        result.map_err(|error| match error {
            Error::Blocked(_) => error,
            Error::Malformed
            | Error::TooLarge
            | Error::TooManyTexts
            | Error::Truncated
            | Error::Unrestorable => Error::Truncated,
        })?;
        self.events.end_all(out)
    }

    /// Appends held text, and forgets an event that is not complete: the stream broke, and an error event follows. Not to
    /// be called after [`Error::Blocked`]: what is held may be what is not to go out.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        self.frames.take_rest();
        let mut rest = Vec::new();
        // An error is being told already; what is blocked as well is left out.
        if self.events.end_all(&mut rest).is_ok() {
            out.append(&mut rest);
        }
    }
}

struct Events {
    endpoint: Endpoint,
    expected: Expected,
    restorer: Restorer,
    /// Puts nothing back.
    nothing: Restorer,
    /// Texts that have begun and not ended.
    open: BTreeMap<Key, Flow>,
    members: Members,
    /// How many of them hold text.
    n_holding: usize,
    /// What an extra event repeats of the first event that left text held: the members that are the same in all.
    head: String,
    scratch: String,
    queue: Queue,
    /// Where the places of ended texts went, for offsets that come after them.
    moves: BTreeMap<Key, Moved>,
    documents: Documents,
    output: Option<OutputGuard>,
    counts: Counts,
}

impl Events {
    fn is_idle(&self) -> bool {
        self.restorer.is_empty() && self.documents.is_empty() && self.output.is_none()
    }

    /// True where no event may be made up: they are numbered, or of a form that nobody knows.
    fn waits_in_order(&self) -> bool {
        matches!(self.endpoint.dialect(), Dialect::Responses | Dialect::Unlisted)
    }

    fn event(&mut self, frame: Frame<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        match frame.payload()? {
            // A comment keeps the connection alive, so it does not wait.
            Payload::None if self.queue.is_empty() || frame.bytes().starts_with(b":") => {
                out.extend_from_slice(frame.bytes());
            }
            Payload::None => self.queue.push(Event::new(frame, "", Vec::new(), Vec::new())),
            Payload::Done => {
                self.end_all(out)?;
                out.extend_from_slice(frame.bytes());
            }
            Payload::Data(data) => self.data(frame, &data, out)?,
        }
        Ok(())
    }

    fn data(&mut self, frame: Frame<'_>, data: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        let view = self.view(data)?;
        self.expected.json_content |= view.asks_json;
        for (key, rest) in self.settle_reasoning(&view)? {
            out.extend_from_slice(self.extra(key, &rest).as_bytes());
        }
        let mut texts = Vec::with_capacity(view.pieces.len());
        for piece in &view.pieces {
            texts.push(self.restore(piece)?);
        }
        if self.waits_in_order() {
            return self.in_order(frame, data, view, texts, out);
        }
        let edits = self.offset_edits(&view, &texts);
        let rests = self.end(&view.ended)?;
        self.forget_moves(&view.ended);
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
    ) -> Result<(), Error> {
        for key in view.pieces.iter().filter_map(|piece| piece.key) {
            self.queue.release(key, "");
        }
        let edits = self.offset_edits(&view, &texts);
        for (key, rest) in self.end(&view.ended)? {
            self.queue.release(key, &rest);
        }
        self.forget_moves(&view.ended);
        let holds =
            |piece: &Piece<'_>| piece.key.filter(|key| self.open.get(key).is_some_and(Flow::holds));
        if self.queue.is_empty() && !view.pieces.iter().any(|piece| holds(piece).is_some()) {
            write(frame, data, view, texts, edits, out);
            return Ok(());
        }
        let mut event = Event::new(frame, data, edits, view.blanks);
        for (piece, text) in view.pieces.iter().zip(texts) {
            event.add(piece.start, piece.raw, text, holds(piece));
        }
        self.queue.push(event);
        if self.queue.is_full() {
            self.release_all()?;
        }
        self.queue.flush(out);
        Ok(())
    }

    /// Takes what is held for text, whatever it may become.
    fn release_all(&mut self) -> Result<(), Error> {
        for (key, rest) in self.end(&Ended::All)? {
            self.queue.release(key, &rest);
        }
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

    fn view<'a>(&mut self, data: &'a str) -> Result<View<'a>, Error> {
        let members = &mut self.members;
        let view = match self.endpoint.dialect() {
            Dialect::Chat => openai::event::view(data, self.expected, members),
            Dialect::Responses => responses::event::view(data, self.expected),
            Dialect::Messages => anthropic::event::view(data, self.expected, members),
            Dialect::Unlisted => unlisted::view(data),
        }?;
        if members.is_full() { Err(Error::TooManyTexts) } else { Ok(view) }
    }

    fn head(&self, data: &str) -> String {
        match self.endpoint.dialect() {
            Dialect::Chat => openai::event::head(data),
            Dialect::Responses | Dialect::Messages | Dialect::Unlisted => String::new(),
        }
    }

    fn extra(&self, key: Key, text: &str) -> String {
        match self.endpoint.dialect() {
            Dialect::Chat | Dialect::Responses | Dialect::Unlisted => {
                openai::event::extra(&self.head, key, &self.members, text)
            }
            Dialect::Messages => anthropic::event::extra(key, &self.members, text),
        }
    }

    /// What a string of an event is to say, as far as that is certain.
    fn restore<'a>(&mut self, piece: &Piece<'a>) -> Result<Text<'a>, Error> {
        let old = json::decode(piece.raw);
        let new = match piece.key {
            None if piece.produced && self.output.is_some() => self.whole_piece(piece, &old)?,
            None if piece.one_way => None,
            None => match self.restorer.restore(&old, piece.context) {
                Cow::Borrowed(_) => None,
                Cow::Owned(new) => Some(new),
            },
            Some(key) => self.push_piece(key, piece, &old)?,
        };
        Ok(Text { old, new })
    }

    /// A text of the model that is here as a whole. Judged as a stream of one piece, it says what its pieces said.
    fn whole_piece(&mut self, piece: &Piece<'_>, old: &str) -> Result<Option<String>, Error> {
        // It was counted when it came in pieces, or is not one of those that do.
        let (new, _) = self.flow(piece).whole(old)?;
        Ok((new != old).then_some(new))
    }

    fn flow(&self, piece: &Piece<'_>) -> Flow {
        let output = self.output.as_ref().filter(|_| piece.produced);
        Flow::new(self.put_back(piece), output, piece.context)
    }

    fn put_back(&self, piece: &Piece<'_>) -> &Restorer {
        if piece.one_way { &self.nothing } else { &self.restorer }
    }

    fn push_piece(
        &mut self,
        key: Key,
        piece: &Piece<'_>,
        old: &str,
    ) -> Result<Option<String>, Error> {
        let mut new = std::mem::take(&mut self.scratch);
        new.clear();
        let flow = self.open(key, piece)?;
        let held_before = flow.holds();
        let pushed = flow.push(old, &mut new);
        let (holds, counts) = (flow.holds(), flow.take_counts());
        self.count(counts);
        pushed?;
        self.n_holding = self.n_holding - usize::from(held_before) + usize::from(holds);
        let changed = (new != old).then(|| new.clone());
        self.scratch = new;
        Ok(changed)
    }

    fn open(&mut self, key: Key, piece: &Piece<'_>) -> Result<&mut Flow, Error> {
        if self.open.len() >= MAX_OPEN_TEXTS && self.endpoint.dialect() == Dialect::Unlisted {
            // Nobody can tell there when a text ends.
            self.open.retain(|_, flow| flow.holds());
        }
        let n_open = self.open.len();
        match self.open.entry(key) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(_) if n_open >= MAX_OPEN_TEXTS => Err(Error::TooManyTexts),
            Entry::Vacant(entry) => {
                let restorer = if piece.one_way { &self.nothing } else { &self.restorer };
                let flow = Flow::new(restorer, self.output.as_ref(), piece.context);
                let cited = matches!(key.field, Field::OutputText | Field::Content);
                Ok(entry.insert(if cited { flow.tracked() } else { flow }))
            }
        }
    }

    /// Closes texts, and gives what was held of them.
    fn end(&mut self, ended: &Ended) -> Result<Vec<(Key, String)>, Error> {
        let keys: Vec<Key> = match ended {
            Ended::All => self.open.keys().copied().collect(),
            Ended::Groups(groups) => groups.iter().flat_map(|group| self.keys_of(*group)).collect(),
            Ended::Texts(keys) => keys.clone(),
        };
        self.close_all(keys)
    }

    fn close_all(&mut self, keys: Vec<Key>) -> Result<Vec<(Key, String)>, Error> {
        let mut rests = Vec::new();
        for key in keys {
            rests.extend(self.close(key)?.map(|rest| (key, rest)));
        }
        Ok(rests)
    }

    /// Judges what is held of the reasoning of choices that go on to say something: shown after the answer it would be out of
    /// place. What may be the beginning of a stand-in waits nevertheless, since some models come back to their reasoning.
    fn settle_reasoning(&mut self, view: &View<'_>) -> Result<Vec<(Key, String)>, Error> {
        if self.n_holding == 0 {
            return Ok(Vec::new());
        }
        let said = view.pieces.iter().filter(|piece| !piece.raw.is_empty());
        let groups = said.filter_map(|piece| piece.key).filter(|key| key.field.is_answer());
        let keys: Vec<Key> = groups
            .flat_map(|key| self.keys_of(key.group).take_while(|key| key.field.is_reasoning()))
            .collect();
        let mut settled = Vec::new();
        for key in keys {
            let rest = self.settle(key)?;
            settled.extend((!rest.is_empty()).then_some((key, rest)));
        }
        Ok(settled)
    }

    fn settle(&mut self, key: Key) -> Result<String, Error> {
        let mut rest = String::new();
        let Some(flow) = self.open.get_mut(&key).filter(|flow| flow.holds()) else {
            return Ok(rest);
        };
        let settled = flow.settle(&mut rest);
        let (holds, counts) = (flow.holds(), flow.take_counts());
        self.count(counts);
        settled?;
        self.n_holding -= usize::from(!holds);
        Ok(rest)
    }

    fn keys_of(&self, group: u64) -> impl Iterator<Item = Key> {
        let from = Key { group, field: Field::FIRST, item: 0 };
        self.open.range(from..).map(|(key, _)| *key).take_while(move |key| key.group == group)
    }

    fn close(&mut self, key: Key) -> Result<Option<String>, Error> {
        let Some(mut flow) = self.open.remove(&key) else { return Ok(None) };
        let mut rest = String::new();
        if flow.holds() {
            self.n_holding -= 1;
            let finished = flow.finish(&mut rest);
            self.count(flow.take_counts());
            finished?;
        }
        let moved = flow.moved();
        if !moved.is_empty() {
            self.moves.insert(key, moved);
        }
        Ok(Some(rest).filter(|rest| !rest.is_empty()))
    }

    fn count(&mut self, counts: Counts) {
        for (entity_type, n_findings) in counts {
            *self.counts.entry(entity_type).or_default() += n_findings;
        }
    }

    fn end_all(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.waits_in_order() {
            self.release_all()?;
            self.queue.flush(out);
            return Ok(());
        }
        for (key, rest) in self.end(&Ended::All)? {
            out.extend_from_slice(self.extra(key, &rest).as_bytes());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
