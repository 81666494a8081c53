//! Which stand-in belongs to which original.

use super::{Numbering, Restorer, Template, restore, shape};
use crate::{detect::EntityType, sensitive::Sensitive};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    hash::{BuildHasher, RandomState},
};

/// Stand-in → original, for one request or one session.
///
/// The same value of the same type has one stand-in; distinct values have distinct ones, told apart also when bent (see
/// [`Restorer`]). Placeholders are numbered per template, by first appearance, from 1 or [further on](Self::number_above), or
/// [otherwise](Self::number_by).
///
/// Text of the input that looks like a placeholder [reserves](Self::reserve_literals) it: it is not handed out, so it can
/// never be restored. Stand-ins that were already handed out stay live: a session's own redacted text may be sent again.
#[derive(Clone, Default)]
pub struct Mapping {
    /// All numbers are above this one.
    pub(super) floor: u32,
    pub(super) families: Vec<Family>,
    pub(super) entries: Vec<Entry>,
    /// Marks of look-alikes in the input.
    pub(super) reserved: HashSet<u64>,
    /// Marks that nothing in this request reserves from now on.
    spared: HashSet<u64>,
    /// Marks of the words of the inputs of this request; only filled when some operator needs them.
    words: HashSet<u64>,
    /// Of how many entries the words are noted.
    noted: usize,
    /// Marks of what was handed out.
    used: HashSet<u64>,
    numbering: Numbering,
    index: Index,
}

/// Where a stand-in comes from: a template, or an operator that makes no numbers.
#[derive(Clone)]
pub(super) struct Family {
    pub(super) name: Box<str>,
    /// The last number that was tried.
    pub(super) last: u32,
}

/// One stand-in.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) stand_in: String,
    pub(super) family: usize,
    pub(super) entity_type: EntityType,
    pub(super) original: Sensitive,
}

/// The type of entries that a caller gave without one.
const GIVEN: EntityType = EntityType::builtin("GIVEN");

impl Mapping {
    /// An empty mapping.
    pub fn new() -> Self {
        Self::default()
    }

    /// True when nothing can be restored.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many stand-ins there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How placeholders are numbered from now on. A value that has one keeps it.
    pub fn number_by(&mut self, numbering: Numbering) {
        self.numbering = numbering;
    }

    /// Numbers that are handed out from now on are above `floor`, unless there is another one already: for a mapping under a
    /// name that another one may have had before. What that one gave out is none of what this one gives out then, and is
    /// not restored to other values.
    pub fn number_above(&mut self, floor: u32) {
        if self.floor == 0 {
            self.floor = floor;
            for family in &mut self.families {
                family.last = family.last.max(floor);
            }
        }
    }

    /// True if nothing was ever handed out or reserved.
    pub fn is_fresh(&self) -> bool {
        self.floor == 0 && self.families.is_empty() && self.reserved.is_empty()
    }

    /// Makes sure that nothing in `text` is ever taken for a stand-in that is handed out from now on.
    ///
    /// All texts of a request must be reserved before the first of them is redacted.
    pub fn reserve_literals(&mut self, text: &str) {
        let mut reserve = |mark| {
            if !self.spared.contains(&mark) {
                self.reserved.insert(mark);
            }
        };
        shape::look_alikes(text, &mut reserve);
        for reading in restore::readings(text) {
            shape::look_alikes(&reading, &mut reserve);
        }
    }

    /// Look-alikes of these marks are stand-ins: they reserve nothing from now on.
    pub(super) fn spare(&mut self, marks: HashSet<u64>) {
        self.spared = marks;
    }

    pub(super) fn reserve_marks(&mut self, marks: &[u64]) {
        self.reserved.extend(marks.iter().filter(|mark| !self.spared.contains(mark)));
    }

    /// Notes the words of a text, so that no surrogate made from now on occurs in it.
    pub(super) fn note_words(&mut self, text: &str) {
        shape::words(text, &mut |mark| {
            self.words.insert(mark);
        });
    }

    /// All stand-ins with their originals, in the order they were handed out.
    pub fn pairs(&self) -> Vec<(String, Sensitive)> {
        let pair = |entry: &Entry| (entry.stand_in.clone(), entry.original.clone());
        self.entries.iter().map(pair).collect()
    }

    /// A mapping to restore from, as [`pairs`](Self::pairs) gave it. Of equal stand-ins the first counts.
    ///
    /// Left out are empty stand-ins, and those that no redaction makes and that could make restoring slow: over 256 bytes,
    /// with their first byte repeated.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, Sensitive)>) -> Self {
        let mut mapping = Self::new();
        for (stand_in, original) in pairs {
            if is_sane(&stand_in) && !mapping.holds(&stand_in) {
                let family = mapping.family("");
                mapping.push(Entry { stand_in, family, entity_type: GIVEN, original });
            }
        }
        mapping
    }

    /// Which of such pairs says otherwise than one before it: the same stand-in, as it is recognised, for another original.
    pub fn contradiction(pairs: &[(String, Sensitive)]) -> Option<usize> {
        let mut known: HashMap<u64, &Sensitive> = HashMap::new();
        pairs.iter().position(|(stand_in, original)| {
            let earlier = known.entry(identity(stand_in)).or_insert(original);
            earlier.expose() != original.expose()
        })
    }

    /// What puts the originals back.
    pub fn restorer(&self) -> Restorer {
        Restorer::new(self.entries.iter().map(|entry| (entry.stand_in.as_str(), &entry.original)))
    }

    /// The placeholder of a value.
    pub(super) fn placeholder(
        &mut self,
        template: &Template,
        entity_type: &EntityType,
        value: &str,
    ) -> String {
        let family = self.family(template.as_str());
        if let Some(known) = self.find(family, entity_type, value) {
            return known;
        }
        let digests = self.numbering.digests(entity_type, value).into_iter().flatten();
        let keyed =
            digests.map(|digest| template.render(&digest)).find(|keyed| self.is_free(keyed));
        let stand_in = keyed.unwrap_or_else(|| self.next_free(family, template));
        self.add(family, entity_type, value, stand_in)
    }

    /// A surrogate's words must occur in no other stand-in or original, or two neighbours could look like a third.
    fn note_entries(&mut self) {
        for entry in &self.entries[self.noted..] {
            let mut note = |mark| {
                self.words.insert(mark);
            };
            shape::words(&entry.stand_in, &mut note);
            shape::words(entry.original.expose(), &mut note);
        }
        self.noted = self.entries.len();
    }

    fn next_free(&mut self, family: usize, template: &Template) -> String {
        loop {
            // Four thousand million taken numbers do not fit into memory.
            self.families[family].last = self.families[family].last.wrapping_add(1);
            let stand_in = template.render(&self.families[family].last.to_string());
            if self.is_free(&stand_in) {
                return stand_in;
            }
        }
    }

    /// The stand-in of a value by an operator that makes no numbers: the one it has, or the first free candidate.
    pub(super) fn stand_in(
        &mut self,
        operator: &'static str,
        entity_type: &EntityType,
        value: &str,
        mut candidates: impl Iterator<Item = String>,
    ) -> Option<String> {
        let family = self.family(operator);
        if let Some(known) = self.find(family, entity_type, value) {
            return Some(known);
        }
        self.note_entries();
        let stand_in = candidates.find(|candidate| {
            self.is_free(candidate) && !self.may_occur(candidate) && candidate != value
        })?;
        Some(self.add(family, entity_type, value, stand_in))
    }

    fn family(&mut self, name: &str) -> usize {
        if let Some(known) = self.families.iter().position(|family| &*family.name == name) {
            return known;
        }
        self.families.push(Family { name: name.into(), last: self.floor });
        self.families.len() - 1
    }

    fn find(&self, family: usize, entity_type: &EntityType, value: &str) -> Option<String> {
        let same = |entry: &Entry| {
            entry.family == family
                && entry.entity_type == *entity_type
                && entry.original.expose() == value
        };
        let at = self
            .index
            .find(&(family, entity_type.as_str(), value), |at| same(&self.entries[at]))?;
        Some(self.entries[at].stand_in.clone())
    }

    fn add(
        &mut self,
        family: usize,
        entity_type: &EntityType,
        value: &str,
        stand_in: String,
    ) -> String {
        let entity_type = entity_type.clone();
        let original = Sensitive::new(value);
        self.push(Entry { stand_in: stand_in.clone(), family, entity_type, original });
        stand_in
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.used.insert(identity(&entry.stand_in));
        let key = (entry.family, entry.entity_type.as_str(), entry.original.expose().as_str());
        self.index.insert(&key, self.entries.len());
        self.entries.push(entry);
    }

    /// True when nothing else has this stand-in, in any spelling, and nothing in the input looks like it.
    fn is_free(&self, stand_in: &str) -> bool {
        let words = [shape::bare_word(stand_in), shape::core_word(stand_in)];
        let literal = words.into_iter().flatten().any(|word| self.is_reserved(word));
        let identity = identity(stand_in);
        !literal && !self.used.contains(&identity) && !self.reserved.contains(&identity)
    }

    fn is_reserved(&self, word: &str) -> bool {
        self.reserved.contains(&shape::mark(word.as_bytes()))
    }

    /// True unless one of its words is in no input and no other stand-in.
    fn may_occur(&self, stand_in: &str) -> bool {
        let mut all_known = true;
        shape::words(stand_in, &mut |mark| all_known &= self.words.contains(&mark));
        all_known
    }

    /// True when `stand_in` was handed out by this mapping.
    pub(super) fn holds(&self, stand_in: &str) -> bool {
        self.used.contains(&identity(stand_in))
    }
}

/// Recognising takes time with the length of a stand-in for each place where it may begin.
fn is_sane(stand_in: &str) -> bool {
    const LONG: usize = 256;
    match stand_in.as_bytes() {
        [] => false,
        [first, rest @ ..] => rest.len() < LONG || !rest.contains(first),
    }
}

/// Tells the number of stand-ins alone.
impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mapping({} stand-ins)", self.entries.len())
    }
}

/// The mark that two stand-ins share when one could be taken for the other.
fn identity(stand_in: &str) -> u64 {
    match shape::loose_key(stand_in) {
        Some(key) => shape::mark(key.as_bytes()),
        None => shape::mark(stand_in.as_bytes()),
    }
}

/// Finds entries by value without a second copy of the value. Keyed by a random hash: no input can make it slow.
#[derive(Clone, Default)]
struct Index {
    hasher: RandomState,
    places: HashMap<u64, usize>,
}

type IndexKey<'k> = (usize, &'k str, &'k str);

impl Index {
    fn find(&self, key: &IndexKey<'_>, same: impl Fn(usize) -> bool) -> Option<usize> {
        let mut hash = self.hasher.hash_one(key);
        loop {
            let at = *self.places.get(&hash)?;
            if same(at) {
                return Some(at);
            }
            hash = hash.wrapping_add(1);
        }
    }

    fn insert(&mut self, key: &IndexKey<'_>, at: usize) {
        let mut hash = self.hasher.hash_one(key);
        while self.places.contains_key(&hash) {
            hash = hash.wrapping_add(1);
        }
        self.places.insert(hash, at);
    }
}
