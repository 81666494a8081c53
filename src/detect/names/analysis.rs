//! A text cut into tokens, with what the lexicon says of each, and the stretches that may hold names.

use super::{
    language::{self, Language},
    lexicon::{Entry, Lexicon},
    token::{self, Shape, Token},
};
use std::ops::Range;

/// What is known of one token, beside its shape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Word {
    /// What the lexicon says of the word.
    pub entry: Entry,
    /// What the lexicon says of the phrase that it is part of.
    pub phrase: Phrase,
    /// How the line that it stands in is cased.
    pub line: Line,
    /// First in a sentence, item, quotation or line.
    pub starts_sentence: bool,
    /// Part of an address of the network, a path or a handle: never a name.
    pub opaque: bool,
}

/// Phrases of the lexicon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phrase {
    /// Flags of the phrase, 0 when there is none.
    pub flags: u32,
    /// True for all words of it but the first.
    pub inside: bool,
}

/// How the words of a line are cased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Line {
    /// As sentences are.
    #[default]
    Sentence,
    /// No capital at all.
    Lower,
    /// Most words have a capital, as in headings.
    Title,
    /// Capitals only.
    Upper,
    /// Brackets, signs and semicolons: source code, mostly.
    Code,
}

/// Names are looked for at most this many tokens around a token that looks like one.
const REACH: usize = 3;
/// One token in so many is a sign of code in a line of code.
const SHARE_OF_SIGNS: usize = 6;
/// Words of the longest phrase of the lexicon.
const LONGEST_PHRASE: usize = 5;

/// The tokens of a text. Made once and used for one text after another, so that its memory is used again.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The tokens.
    pub tokens: Vec<Token>,
    /// What is known of each of them.
    pub words: Vec<Word>,
    /// The language of the text.
    pub language: Language,
    /// Stretches of tokens that may hold names: sorted, disjoint, with at least one token between them.
    pub windows: Vec<Range<usize>>,
    /// What was looked up lately, by the low bits of the hash: most words of a text are few, and the lexicon is large.
    memo: Vec<(u64, Entry)>,
}

/// Slots of [`Analysis::memo`].
const MEMO: usize = 8192;

impl Analysis {
    /// Analyses `text`.
    pub fn read(&mut self, text: &str, lexicon: &Lexicon<'_>) {
        token::tokenize(text, &mut self.tokens);
        self.words.clear();
        self.words.resize(self.tokens.len(), Word::default());
        self.look_up(lexicon);
        self.mark_opaque(text);
        self.mark_dates();
        self.mark_lines();
        self.mark_phrases(lexicon);
        self.language = self.guess_language(text);
        self.find_windows();
    }

    fn look_up(&mut self, lexicon: &Lexicon<'_>) {
        self.memo.resize(MEMO, (0, Entry::default()));
        let mut fresh = true;
        for (token, word) in self.tokens.iter().zip(&mut self.words) {
            word.starts_sentence = fresh;
            if token.is_word() {
                word.entry = recall(&mut self.memo, token.id, lexicon);
                fresh = false;
            } else if token.shape != Shape::Digits {
                fresh = true;
            }
        }
    }

    /// Commas, hyphens, apostrophes and the like do not begin a sentence; nor does the dot after a title or initial.
    fn continues(&self, text: &str, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else { return false };
        match token.slice(text) {
            "." => at > 0 && self.is_abbreviation(at - 1),
            mark => matches!(
                mark,
                "," | "-" | "'" | "’" | "&" | "/" | "(" | "%" | "$" | "#" | "@" | "+"
            ),
        }
    }

    fn is_abbreviation(&self, at: usize) -> bool {
        let title = self.words.get(at).is_some_and(|w| w.entry.has(Entry::TITLE));
        title || self.tokens.get(at).is_some_and(|t| t.shape == Shape::Initial)
    }

    /// Marks addresses and handles, and mends the sentence starts after marks that end no sentence.
    fn mark_opaque(&mut self, text: &str) {
        let mut chunk = 0;
        for at in 0..self.tokens.len() {
            let is_mark = self.tokens[at].shape == Shape::Mark;
            if self.ends_chunk(text, at) {
                chunk = at;
            }
            let continues = is_mark && self.continues(text, at);
            if let Some(next) = self.words.get_mut(at + 1).filter(|_| continues) {
                next.starts_sentence = false;
            }
            if self.words[at].opaque || !is_mark {
                continue;
            }
            match self.tokens[at].slice(text) {
                "@" => self.mark_chunk(text, chunk, at),
                "/" if self.follows(text, at, ":") || self.follows(text, at, "/") => {
                    self.mark_chunk(text, chunk, at)
                }
                "." if self.follows(text, at, "www") => self.mark_chunk(text, chunk, at),
                ":" if self.follows(text, at, ":") => self.mark_chunk(text, chunk, at),
                "." => self.mark_field(at),
                "(" => self.mark_call(at),
                "#" => self.words[at].opaque = self.opens_tag(at),
                "-" | "–" | "—" => self.words[at].opaque = self.stands_apart(at),
                mark if is_picture(mark) => self.words[at].opaque = true,
                "[" | "]" | "{" | "}" | "<" | ">" | "`" | "=" | "|" | ";" | "*" | "\\" => {
                    self.words[at].opaque = true;
                }
                _ => {}
            }
        }
    }

    /// `#Leeds`: the mark of a hash tag parts the names on its two sides; that of `Apt. # 5` does not.
    fn opens_tag(&self, at: usize) -> bool {
        self.tokens.get(at + 1).is_some_and(|t| t.glued && t.is_word())
    }

    /// `Leeds - York`: a dash between spaces parts two names; that of `Stratford-upon-Avon` does not.
    fn stands_apart(&self, at: usize) -> bool {
        !self.tokens[at].glued && self.tokens.get(at + 1).is_none_or(|next| !next.glued)
    }

    fn follows(&self, text: &str, at: usize, mark: &str) -> bool {
        at > 0 && self.tokens[at].glued && self.tokens[at - 1].slice(text) == mark
    }

    /// True where an address of the network would end: white space, quotes, brackets.
    fn ends_chunk(&self, text: &str, at: usize) -> bool {
        let token = &self.tokens[at];
        !token.glued
            || token.shape == Shape::Break
            || token.shape == Shape::Mark
                && token.slice(text).starts_with([
                    '"', '\'', '<', '>', '(', ')', '[', ']', '{', '}', ',', ';', '|', '“', '”',
                    '’', '«', '»', '`',
                ])
    }

    /// `order.len`: what follows a dot without a space and is written small is a field, a method or a domain.
    fn mark_field(&mut self, at: usize) {
        let is_glued = |i: usize| self.tokens.get(i).is_some_and(|t| t.glued);
        let is_small = self.tokens.get(at + 1).is_some_and(|t| t.shape == Shape::Lower);
        if at > 0 && is_glued(at) && is_glued(at + 1) && is_small && self.tokens[at - 1].is_word() {
            self.words[at - 1].opaque |= self.tokens[at - 1].shape == Shape::Lower;
            self.words[at + 1].opaque = true;
        }
    }

    /// `connect(`: a word written small, or in mixed case, right before a bracket is a function.
    fn mark_call(&mut self, at: usize) {
        if at > 0
            && self.tokens[at].glued
            && matches!(self.tokens[at - 1].shape, Shape::Lower | Shape::Mixed)
        {
            self.words[at - 1].opaque = true;
        }
    }

    /// Marks everything from `chunk` to the next end of a chunk. Each token is marked once, as marked ones begin nothing.
    fn mark_chunk(&mut self, text: &str, chunk: usize, at: usize) {
        let end = (at + 1..self.tokens.len()).find(|&i| self.ends_chunk(text, i));
        for word in &mut self.words[chunk..end.unwrap_or(self.tokens.len())] {
            word.opaque = true;
        }
    }

    /// `May 2019`, `Aug 3`: a month before a number names nobody, whatever people are called.
    fn mark_dates(&mut self) {
        for (word, next) in self.words.iter_mut().zip(self.tokens.iter().skip(1)) {
            word.opaque |= word.entry.has(Entry::CALENDAR) && next.shape == Shape::Digits;
        }
    }

    fn mark_lines(&mut self) {
        let mut start = 0;
        while start < self.tokens.len() {
            let end = (start..self.tokens.len())
                .find(|&i| self.tokens[i].shape == Shape::Break)
                .unwrap_or(self.tokens.len());
            let signs = self.words[start..end].iter().zip(&self.tokens[start..end]);
            let signs = signs.filter(|(w, t)| w.opaque && t.shape == Shape::Mark).count();
            let line = if signs > 1 && signs * SHARE_OF_SIGNS >= end - start {
                Line::Code
            } else {
                style(&self.tokens[start..end])
            };
            for word in &mut self.words[start..end] {
                word.line = line;
            }
            start = end + 1;
        }
    }

    fn mark_phrases(&mut self, lexicon: &Lexicon<'_>) {
        let mut at = 0;
        while at < self.words.len() {
            let length = if self.words[at].entry.has(Entry::STARTS_PHRASE) {
                self.mark_phrase(at, lexicon)
            } else {
                1
            };
            at += length;
        }
    }

    /// Marks the longest phrase that begins at `at`, and tells its length.
    fn mark_phrase(&mut self, at: usize, lexicon: &Lexicon<'_>) -> usize {
        let mut hash = self.tokens[at].id;
        let mut best = (1, 0);
        for (length, token) in self.tokens.iter().skip(at).take(LONGEST_PHRASE).enumerate().skip(1)
        {
            if token.shape == Shape::Break {
                break;
            }
            hash = token::join(hash, token.id);
            let entry = lexicon.get(hash);
            if entry.has(Entry::PHRASE) {
                best = (length + 1, entry.flags & !Entry::STARTS_PHRASE);
            }
            if !entry.has(Entry::STARTS_PHRASE) {
                break;
            }
        }
        for (i, word) in self.words[at..at + best.0].iter_mut().enumerate().filter(|_| best.1 != 0)
        {
            word.phrase = Phrase { flags: best.1, inside: i > 0 };
        }
        best.0
    }

    fn guess_language(&self, text: &str) -> Language {
        let small = self.tokens.iter().filter(|t| t.shape == Shape::Lower).take(300);
        language::guess(small.map(|t| t.slice(text)))
    }

    /// True when the token alone is reason to look for a name.
    fn is_candidate(&self, at: usize) -> bool {
        let (token, word) = (&self.tokens[at], &self.words[at]);
        if word.opaque {
            return false;
        }
        if token.is_word() && word.phrase.flags != 0 {
            return true;
        }
        match token.shape {
            Shape::Lower => word.entry.has(Entry::LOWER_NAME),
            Shape::Initial => !word.entry.has(Entry::FUNCTION),
            Shape::Capital | Shape::Upper | Shape::Mixed => {
                !(word.starts_sentence && word.entry.has(Entry::FUNCTION))
            }
            Shape::Digits | Shape::Code | Shape::Break | Shape::Mark => false,
        }
    }

    /// False for tokens that are part of no name, whatever the weights say.
    pub fn may_be_named(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|w| !w.opaque)
    }

    /// True for a token that may be the first or the last of a name near a candidate: no everyday word, no mark.
    fn may_border(&self, at: usize) -> bool {
        let (token, word) = (&self.tokens[at], &self.words[at]);
        match token.shape {
            Shape::Lower => !word.entry.has(Entry::COMMON | Entry::FUNCTION),
            Shape::Break | Shape::Mark => false,
            Shape::Capital
            | Shape::Initial
            | Shape::Upper
            | Shape::Mixed
            | Shape::Digits
            | Shape::Code => !word.opaque,
        }
    }

    /// Windows reach from candidates to what may border a name near them, and to the next token in any case: that may be the dot
    /// of `Ltd.`. Most tokens of a text are in no window and cost nothing more.
    fn find_windows(&mut self) {
        self.windows.clear();
        let count = self.tokens.len();
        let mut taken = 0;
        for at in 0..count {
            if !self.is_candidate(at) {
                continue;
            }
            let start = (at.saturating_sub(REACH).max(taken)..at).find(|&i| self.may_border(i));
            let start = start.unwrap_or(at);
            let behind = at + 1..count.min(at + 1 + REACH);
            let end = behind.rev().find(|&i| self.may_border(i)).map_or(at + 2, |last| last + 1);
            let end = end.min(count);
            match self.windows.last_mut() {
                Some(last) if start <= last.end + REACH => last.end = last.end.max(end),
                _ => self.windows.push(start..end),
            }
            taken = at + 1;
        }
    }
}

/// Arrows, signs and emoji: no name goes on over them.
fn is_picture(mark: &str) -> bool {
    mark.chars().all(|c| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f000}'..='\u{1faff}'))
}

/// The entry of a word, from `memo` if it is there.
fn recall(memo: &mut [(u64, Entry)], id: u64, lexicon: &Lexicon<'_>) -> Entry {
    let slot = usize::try_from(id).unwrap_or_default() % MEMO;
    match memo.get_mut(slot) {
        Some((known, entry)) if *known == id => *entry,
        Some(slot) => {
            *slot = (id, lexicon.get(id));
            slot.1
        }
        None => lexicon.get(id),
    }
}

fn style(line: &[Token]) -> Line {
    let (mut words, mut lower, mut upper) = (0_usize, 0_usize, 0_usize);
    for token in line.iter().filter(|t| t.is_word() && t.end - t.start > 1) {
        words += 1;
        lower += usize::from(token.shape == Shape::Lower);
        upper += usize::from(token.shape == Shape::Upper);
    }
    if words == lower && words > 0 {
        Line::Lower
    } else if words > 2 && upper * 4 > words * 3 {
        Line::Upper
    } else if words > 2 && lower * 3 < words {
        Line::Title
    } else {
        Line::Sentence
    }
}
