//! Members of events that no API is known for. A model's text may come in them as well, cut over events.

use crate::{
    json::{self, Kind, Step, Token},
    wire::{
        produced::is_of_the_api,
        ways::{OF_A_DELTA, Ways},
    },
};
use std::collections::{BTreeMap, HashMap};

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

/// The unlisted members of one delta, at any depth, until all is known that tells them apart.
#[derive(Default)]
pub(in crate::wire) struct Unlisted<'a> {
    /// The place of a piece, and the way to it from the delta.
    texts: Vec<(usize, Vec<Step<'a>>)>,
    /// By the way to an object: its members that say which one it is, in JSON.
    marks: HashMap<Vec<Step<'a>>, Marks>,
}

/// The `type` and the `index` of an object.
type Marks = [Option<String>; 2];

impl<'a> Unlisted<'a> {
    /// Takes note of a token that tells objects of a delta apart: `"index": 1`, `"type": "reasoning.text"`.
    pub(in crate::wire) fn mark(
        &mut self,
        way: &[Step<'a>],
        token: &Token<'a>,
        ways: &mut Ways<OF_A_DELTA>,
    ) {
        let [outer @ .., Step::Key(name)] = way else { return };
        let (at, mark) = match (&**name, token.kind()) {
            ("type", Kind::String) => (0, format!("\"type\":\"{}\",", token.raw())),
            ("index", Kind::Number) => (1, format!("\"index\":{},", token.raw())),
            _ => return,
        };
        if ways.takes(outer, size_of::<Step<'_>>()) {
            self.marks.entry(outer.to_vec()).or_default()[at] = Some(mark);
        }
    }

    /// Adds a text of the delta, unless a member on its way is a word of the API.
    pub(in crate::wire) fn text(
        &mut self,
        piece: usize,
        way: &[Step<'a>],
        ways: &mut Ways<OF_A_DELTA>,
    ) {
        let is_word = |step: &Step<'_>| matches!(step, Step::Key(name) if is_of_the_api(name));
        if !way.iter().any(is_word) && ways.takes(way, size_of::<Step<'_>>()) {
            self.texts.push((piece, way.to_vec()));
        }
    }

    /// The places of the pieces, and the numbers of their members.
    pub(in crate::wire) fn numbers(self, members: &mut Members) -> Vec<(usize, u64)> {
        let named = self.texts.iter().filter_map(|(piece, way)| Some((*piece, self.around(way)?)));
        named.map(|(piece, (before, behind))| (piece, members.number(before, behind))).collect()
    }

    /// What a delta with this text alone writes around it. `None` for an element that does not say which one it is: written
    /// alone, it would be the first.
    fn around(&self, way: &[Step<'a>]) -> Option<(String, String)> {
        let (mut before, mut behind) = (String::new(), Vec::new());
        for (at, step) in way.iter().enumerate() {
            match step {
                Step::Key(name) => {
                    if at > 0 {
                        before.push('{');
                        behind.push('}');
                    }
                    let marks = self.marks.get(&way[..at]).into_iter().flatten().flatten();
                    before.extend(marks.map(String::as_str));
                    before.push('"');
                    json::encode_into(name, &mut before);
                    before.push_str("\":");
                }
                Step::Index(index) => {
                    let marks = self.marks.get(&way[..=at]);
                    if *index > 0 && !marks.is_some_and(|[_, index]| index.is_some()) {
                        return None;
                    }
                    before.push('[');
                    behind.push(']');
                }
            }
        }
        Some((before, behind.into_iter().rev().collect()))
    }
}
