//! Members of events that no API is known for. A model's text may come in them as well, cut over events.

use crate::{
    json::{self, Kind, Step, Token},
    wire::{
        produced::is_of_the_api,
        ways::{OF_A_DELTA, Ways},
    },
};
use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

/// When their names are longer together they are no names.
const MAX_BYTES: usize = 1 << 16;

/// The unlisted members of a stream, numbered as they first come.
#[derive(Default)]
pub(in crate::wire) struct Members {
    numbers: BTreeMap<String, u64>,
    /// By their numbers: what a delta writes before the text, and behind it.
    around: Vec<(String, String)>,
    bytes: usize,
}

impl Members {
    fn number(&mut self, before: String, behind: String) -> u64 {
        if let Some(number) = self.numbers.get(&before) {
            return *number;
        }
        let number = self.around.len() as u64;
        self.bytes += before.len() + behind.len();
        self.around.push((before.clone(), behind));
        self.numbers.insert(before, number);
        number
    }

    /// The inside of a delta in which the member says this, in JSON.
    pub(in crate::wire) fn saying(&self, number: u64, json: &str) -> String {
        let around = usize::try_from(number).ok().and_then(|number| self.around.get(number));
        around.map(|(before, behind)| format!("{before}\"{json}\"{behind}")).unwrap_or_default()
    }

    /// True if there are more than any API would have.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > MAX_BYTES
    }
}

/// The unlisted members of the deltas of one event, at any depth, until all is known that tells them apart.
#[derive(Default)]
pub(in crate::wire) struct Unlisted<'a> {
    texts: Vec<Text>,
    /// Most deltas have but one: that needs no room of its own.
    first_mark: Option<Mark<'a>>,
    more_marks: Vec<Mark<'a>>,
    /// The steps of all ways that are kept, one way behind the other.
    steps: Vec<Step<'a>>,
    ways: Ways<OF_A_DELTA>,
}

/// A text of a delta.
struct Text {
    /// Its place among the pieces of the event.
    piece: usize,
    /// Whose delta it is.
    group: u64,
    way: Range<usize>,
}

/// A member of an object of a delta that says which one it is.
struct Mark<'a> {
    group: u64,
    /// To the object.
    way: Range<usize>,
    name: MarkName,
    /// As it is written.
    raw: &'a str,
}

#[derive(Clone, Copy)]
enum MarkName {
    Type,
    Index,
}

/// What an object says of itself, as it is written.
#[derive(Clone, Copy, Default)]
struct Marks<'a> {
    kind: Option<&'a str>,
    index: Option<&'a str>,
}

/// By whose delta it is, and by the way from there to the object.
type AllMarks<'u, 'a> = HashMap<(u64, &'u [Step<'a>]), Marks<'a>>;

impl<'a> Unlisted<'a> {
    /// Takes note of a token of a delta, by the way from there: of a text that is this piece of the event, unless a member on
    /// its way is a word of the API, and of what tells objects apart: `"index": 1`, `"type": "reasoning.text"`.
    pub(in crate::wire) fn token(
        &mut self,
        group: u64,
        way: &[Step<'a>],
        token: &Token<'a>,
        piece: usize,
    ) {
        self.mark(group, way, token);
        let is_word = |step: &Step<'_>| matches!(step, Step::Key(name) if is_of_the_api(name));
        if token.kind() == Kind::String && !way.iter().any(is_word) && self.takes(way) {
            let way = self.keep(way);
            self.texts.push(Text { piece, group, way });
        }
    }

    fn mark(&mut self, group: u64, way: &[Step<'a>], token: &Token<'a>) {
        let [outer @ .., Step::Key(name)] = way else { return };
        let name = match (&**name, token.kind()) {
            ("type", Kind::String) => MarkName::Type,
            ("index", Kind::Number) => MarkName::Index,
            _ => return,
        };
        if self.takes(way) {
            let mark = Mark { group, way: self.keep(outer), name, raw: token.raw() };
            match &self.first_mark {
                None => self.first_mark = Some(mark),
                Some(_) => self.more_marks.push(mark),
            }
        }
    }

    fn takes(&mut self, way: &[Step<'_>]) -> bool {
        self.ways.takes(way, size_of::<Step<'_>>())
    }

    fn keep(&mut self, way: &[Step<'a>]) -> Range<usize> {
        let start = self.steps.len();
        self.steps.extend_from_slice(way);
        start..self.steps.len()
    }

    /// True if not all was taken note of.
    pub(in crate::wire) fn is_too_much(&self) -> bool {
        self.ways.is_too_much()
    }

    /// The places of the pieces, and whose member with which number each is.
    pub(in crate::wire) fn numbers(&self, members: &mut Members) -> Vec<(usize, u64, u64)> {
        if self.texts.is_empty() {
            return Vec::new();
        }
        let marks = self.marks();
        let named = self.texts.iter().filter_map(|text| {
            let around = around(text.group, self.steps.get(text.way.clone())?, &marks);
            around.map(|(before, behind)| (text, before, behind))
        });
        named
            .map(|(text, before, behind)| (text.piece, text.group, members.number(before, behind)))
            .collect()
    }

    fn marks(&self) -> AllMarks<'_, 'a> {
        let mut all = AllMarks::new();
        for mark in self.first_mark.iter().chain(&self.more_marks) {
            let way = self.steps.get(mark.way.clone()).unwrap_or_default();
            let marks = all.entry((mark.group, way)).or_default();
            match mark.name {
                MarkName::Type => marks.kind = Some(mark.raw),
                MarkName::Index => marks.index = Some(mark.raw),
            }
        }
        all
    }
}

/// What a delta with this text alone writes around it. `None` for an element that does not say which one it is: written
/// alone, it would be the first.
fn around(group: u64, way: &[Step<'_>], marks: &AllMarks<'_, '_>) -> Option<(String, String)> {
    let marks = |length: usize| marks.get(&(group, &way[..length])).copied().unwrap_or_default();
    let (mut before, mut behind) = (String::new(), Vec::new());
    for (at, step) in way.iter().enumerate() {
        match step {
            Step::Key(name) => {
                if at > 0 {
                    before.push('{');
                    behind.push('}');
                }
                let Marks { kind, index } = marks(at);
                before.extend(kind.map(|raw| format!("\"type\":\"{raw}\",")));
                before.extend(index.map(|raw| format!("\"index\":{raw},")));
                before.push('"');
                json::encode_into(name, &mut before);
                before.push_str("\":");
            }
            Step::Index(index) => {
                if *index > 0 && marks(at + 1).index.is_none() {
                    return None;
                }
                before.push('[');
                behind.push(']');
            }
        }
    }
    Some((before, behind.into_iter().rev().collect()))
}
