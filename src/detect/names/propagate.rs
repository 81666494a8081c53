//! Carries what was found in one place of a request to its other places.

use super::{
    Candidate, LEXICON, NameKind,
    beginnings::Beginnings,
    eponym, hashtag, honour,
    lexicon::Entry,
    token::{self, Token, Tokens},
    told,
};
use std::{
    cell::LazyCell,
    collections::{HashMap, HashSet},
};

/// Names are carried on from this score.
const SURE: f32 = 0.8;
/// What a score loses when it is carried to another place.
const LOSS: f32 = 0.9;
/// A name gives way to a kind that the same words have with so many times its weight elsewhere.
const MAJORITY: f32 = 1.3;
/// Shorter words are initials and particles.
const SHORTEST: usize = 3;
/// Words that mean something else when written small.
const WORDS: u32 = Entry::COMMON
    | Entry::KNOWN
    | Entry::FUNCTION
    | Entry::FOREIGN
    | Entry::CALENDAR
    | Entry::ORG_WORD
    | Entry::PLACE_WORD
    | Entry::TITLE;

/// Finds again, in all texts of one request, the names that [`find`](super::find) was sure of in one of them: people also by a
/// part of their name, written small or as a possessive; other names of one word as they were written.
///
/// `found[i]` belongs to `texts[i]` and stays sorted and disjoint. Time is linear in the length of all texts.
pub fn propagate(texts: &[&str], found: &mut [Vec<Candidate>]) {
    let mut known = Known::default();
    for (text, names) in texts.iter().zip(found.iter()) {
        for name in names {
            known.note(text, name);
        }
    }
    if known.parts.is_empty() && known.told.is_empty() {
        return;
    }
    let mut alone = HashSet::new();
    let mut doubtful = Vec::with_capacity(texts.len());
    for (text, names) in texts.iter().zip(found.iter_mut()) {
        known.vote(text, names);
        doubtful.push(known.add_missing(text, names, &mut alone));
    }
    for ((text, names), doubtful) in texts.iter().zip(found).zip(doubtful) {
        add(text, names, doubtful.into_iter().filter(|it| alone.contains(&it.0)).map(|it| it.1));
    }
}

/// Adds names where none of `names` is.
fn add(text: &str, names: &mut Vec<Candidate>, more: impl IntoIterator<Item = Candidate>) {
    let before = names.len();
    names.extend(more);
    if names.len() > before {
        names.sort_by_key(|n| n.start);
        hashtag::widen(text, names, 0);
    }
}

/// The names of a request.
#[derive(Default)]
struct Known {
    /// By word: what it is part of, and how sure that is.
    parts: HashMap<u64, (NameKind, f32)>,
    /// How the words of `parts` begin: spares most of a text the cut into tokens.
    beginnings: Beginnings,
    /// A bit for the low bits of each word of `parts`: spares most tokens the look into the map.
    hints: Hints,
    /// By whole name: the sum of the scores for each kind.
    wholes: HashMap<u64, [f32; 3]>,
    /// By whole name: the kind that the words beside it say.
    told: HashMap<u64, NameKind>,
    /// The last words of the names of people.
    surnames: HashSet<u64>,
}

/// A small set of hashes that may hold more than was put in.
struct Hints([u64; 64]);

impl Default for Hints {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Hints {
    fn note(&mut self, id: u64) {
        let (word, bit) = Self::place(id);
        self.0[word] |= bit;
    }

    fn may_know(&self, id: u64) -> bool {
        let (word, bit) = Self::place(id);
        self.0[word] & bit != 0
    }

    fn place(id: u64) -> (usize, u64) {
        (usize::try_from(id >> 6 & 63).unwrap_or_default(), 1 << (id & 63))
    }
}

impl Known {
    fn note(&mut self, text: &str, name: &Candidate) {
        let slice = text.get(name.start..name.end).unwrap_or_default();
        self.wholes.entry(token::hash(slice)).or_default()[name.kind as usize] += name.score;
        let is_one_word = Tokens::of(slice).nth(1).is_none();
        let told = told::kind(text, name.start, name.end).filter(|_| is_one_word);
        if let Some(kind) = told {
            self.told.entry(token::hash(slice)).or_insert(kind);
        }
        if name.score < SURE {
            return;
        }
        if name.kind == NameKind::Person
            && let Some(last) = Tokens::of(slice).skip(1).last()
        {
            // `Diego Lagos … Lagos`: the surname alone is the person, also where a town is called so.
            self.wholes.entry(token::hash(last.slice(slice))).or_default()[0] += name.score;
            self.surnames.insert(last.id);
        }
        for token in Tokens::of(slice).filter(|t| t.is_word() && t.end - t.start >= SHORTEST) {
            let entry = LEXICON.get(token.id);
            let may_stand_alone = name.kind == NameKind::Person
                && !entry.has(Entry::FUNCTION | Entry::FOREIGN | Entry::TITLE | Entry::PLACE_WORD)
                || is_one_word && !entry.has(WORDS) && token.is_capitalised();
            if may_stand_alone {
                self.beginnings.note(token.slice(slice));
                self.hints.note(token.id);
                let part = self.parts.entry(token.id).or_insert((name.kind, name.score));
                if part.1 < name.score {
                    *part = (name.kind, name.score);
                }
            }
        }
    }

    /// Gives the same words the same kind where the request mostly says so.
    fn vote(&self, text: &str, names: &mut [Candidate]) {
        for name in names {
            let slice = text.get(name.start..name.end).unwrap_or_default();
            let id = token::hash(slice);
            if let Some(kind) = self.told(id) {
                name.kind = kind;
                continue;
            }
            let Some(sums) = self.wholes.get(&id) else { continue };
            for kind in [NameKind::Person, NameKind::Location, NameKind::Organization] {
                if sums[kind as usize] > MAJORITY * sums[name.kind as usize] {
                    name.kind = kind;
                }
            }
        }
    }

    /// The kind that the request says of a name in so many words, unless somebody has it for a surname.
    fn told(&self, id: u64) -> Option<NameKind> {
        self.told.get(&id).copied().filter(|_| !self.surnames.contains(&id))
    }

    /// Adds the known words that no name of `names` covers, neighbours as one name. `alone` learns the surnames that stand alone
    /// within a sentence; told are those at the beginning of one, with their words: `Baker` is the baker Mr Baker there only if
    /// it stands alone somewhere.
    fn add_missing(
        &self,
        text: &str,
        names: &mut Vec<Candidate>,
        alone: &mut HashSet<u64>,
    ) -> Vec<(u64, Candidate)> {
        let mut added: Vec<Candidate> = Vec::new();
        let mut doubtful: Vec<(u64, Candidate)> = Vec::new();
        let mut covered = names.iter().map(|n| (n.start, n.end)).peekable();
        // Where the last token stands that was added.
        let mut last_end = None;
        let all_small = LazyCell::new(|| !text.chars().any(char::is_uppercase));
        for token in self.beginnings.tokens(text) {
            while covered.next_if(|&(_, end)| end <= token.start).is_some() {}
            let is_free = covered.peek().is_none_or(|&(start, _)| token.end <= start);
            let Some((kind, score)) = self.part(&token).filter(|_| is_free) else { continue };
            if honour::is_named_there(text, token.start, token.end)
                || eponym::is_one(text, token.start, token.end)
            {
                continue;
            }
            let entry = LEXICON.get(token.id);
            let name = Candidate { kind, start: token.start, end: token.end, score: score * LOSS };
            if !is_name(text, &token, kind, entry, &all_small) {
                if token.is_capitalised() && self.surnames.contains(&token.id) {
                    doubtful.push((token.id, name));
                }
                continue;
            }
            let follows = last_end.is_some_and(|end| are_neighbours(text, end, token.start));
            match added.last_mut().filter(|last| follows && last.kind == kind) {
                Some(last) => last.end = token.end,
                None => added.push(name),
            }
            if entry.has(WORDS) {
                alone.insert(token.id);
            }
            last_end = Some(token.end);
        }
        add(text, names, added);
        doubtful
    }

    /// What a word is part of.
    fn part(&self, token: &Token) -> Option<(NameKind, f32)> {
        if !token.is_word() || !self.hints.may_know(token.id) {
            return None;
        }
        let (kind, score) = self.parts.get(&token.id).copied()?;
        Some((self.told(token.id).unwrap_or(kind), score))
    }
}

/// True where a word that is part of a name is one. Written small among capitals it is more likely a word than a careless name,
/// unless it is a name and nothing else: who was introduced as Mr Surfing does not make all surfing his.
fn is_name(
    text: &str,
    token: &Token,
    kind: NameKind,
    entry: Entry,
    all_small: &LazyCell<bool, impl FnOnce() -> bool>,
) -> bool {
    if token.is_capitalised() {
        return !entry.has(WORDS) || !starts_sentence(text, token);
    }
    kind == NameKind::Person && !entry.has(WORDS) && (entry.has(Entry::PERSON) || **all_small)
}

/// True if no token lies between these places, which are the end and the start of one.
fn are_neighbours(text: &str, end: usize, start: usize) -> bool {
    let gap = text.get(end..start).unwrap_or_default();
    gap.chars().all(|c| c.is_whitespace() && !matches!(c, '\n' | '\r'))
}

/// True after the end of a sentence, and at the start of a line or text.
fn starts_sentence(text: &str, token: &Token) -> bool {
    let before = text.as_bytes().get(..token.start).unwrap_or_default();
    let gap = before.iter().rev().take(8).position(|b| !matches!(b, b' ' | b'\t'));
    gap.and_then(|g| before.get(before.len() - 1 - g))
        .is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b',' | b'\''))
}
