//! A text cut into tokens, with what the lexicon says of each, and the stretches that may hold names.

use super::{
    language::{self, Language},
    lexicon::{Entry, Lexicon},
    survey::{Near, Survey},
    technical::{self, Marked},
    token::{self, Shape, Token, Tokens},
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
/// So many tokens on each side of a window are looked at: two by its features, and as many again that these depend on.
const AROUND: usize = 4;
/// Words of the longest phrase of the lexicon.
const LONGEST_PHRASE: usize = 5;

/// The tokens of a text, or of a part of it. Made once and used for one text after another, so that its memory is used again.
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
    survey: Survey,
    progress: Progress,
}

/// Slots of [`Analysis::memo`].
const MEMO: usize = 8192;

/// How far the tokens at hand were looked at, by their places.
#[derive(Debug, Default)]
struct Progress {
    /// The lexicon was asked for those before.
    looked_up: usize,
    /// The next one may begin a sentence.
    is_fresh: bool,
    /// Addresses, dates and lines are marked in those before.
    marked: usize,
    /// In the text: the stretch and the line of the last one that was marked.
    stretch: usize,
    line: usize,
    /// The line is a request of a manual page.
    in_request: bool,
    /// The phrases that begin before are marked.
    phrased: usize,
    /// Those before have their windows.
    seen: usize,
    /// No later window reaches back further.
    taken: usize,
}

impl Analysis {
    /// Analyses `text` as a whole.
    pub fn read(&mut self, text: &str, lexicon: &Lexicon<'_>) {
        let mut rest = self.begin(text, usize::MAX);
        self.read_on(text, lexicon, &mut rest, usize::MAX);
    }

    /// Begins with `text`, of which so many tokens are read at once. What it gives goes to [`read_on`](Self::read_on).
    pub(super) fn begin<'t>(&mut self, text: &'t str, at_once: usize) -> Tokens<'t> {
        self.tokens.clear();
        self.words.clear();
        self.windows.clear();
        self.progress = Progress { is_fresh: true, ..Progress::default() };
        let mut rest = Tokens::of(text);
        self.tokens.reserve(at_once.min(text.len() / 5));
        self.tokens.extend(rest.by_ref().take(at_once));
        let small = |t: &Token| t.shape == Shape::Lower;
        if rest.clone().next().is_none() {
            self.survey.read_all(text, &self.tokens);
            self.language = guess(text, self.tokens.iter().copied().filter(small));
        } else {
            self.survey.read(text, Tokens::of(text));
            self.language = guess(text, Tokens::of(text).filter(small));
        }
        rest
    }

    /// Goes on to the next tokens, `at_once` at most, and tells whether these are the last. Windows that may go on are not to be
    /// relied on before: see [`complete`](Self::complete).
    pub(super) fn read_on(
        &mut self,
        text: &str,
        lexicon: &Lexicon<'_>,
        rest: &mut Tokens<'_>,
        at_once: usize,
    ) -> bool {
        if self.progress.looked_up == self.tokens.len() {
            self.tokens.extend(rest.take(at_once));
        }
        let is_last = rest.clone().next().is_none();
        self.words.resize(self.tokens.len(), Word::default());
        self.look_up(lexicon);
        self.mark(text, is_last);
        self.mark_phrases(lexicon, is_last);
        self.find_windows(is_last);
        is_last
    }

    /// How many of the windows no token to come belongs to.
    pub(super) fn complete(&self, is_last: bool) -> usize {
        let may_go_on = |last: &Range<usize>| self.progress.seen <= last.end + 2 * REACH;
        let open = self.windows.last().is_some_and(|last| !is_last && may_go_on(last));
        self.windows.len() - usize::from(open)
    }

    /// Forgets complete windows, and tokens that nothing to come has to do with. Of the window that may go on, what stands before
    /// `needed` is forgotten as well, if something is. All places at hand change by what it tells.
    pub(super) fn forget(&mut self, needed: Option<usize>) -> usize {
        self.windows.drain(..self.complete(false));
        if let (Some(open), Some(needed)) = (self.windows.first_mut(), needed) {
            open.start = open.start.max(needed);
        }
        let open = self.windows.first().map_or(self.progress.seen, |open| open.start);
        let from = open.min(self.progress.seen.saturating_sub(REACH));
        let from = from.saturating_sub(AROUND);
        self.tokens.drain(..from);
        self.words.drain(..from);
        for window in &mut self.windows {
            *window = window.start - from..window.end - from;
        }
        for place in [
            &mut self.progress.looked_up,
            &mut self.progress.marked,
            &mut self.progress.phrased,
            &mut self.progress.seen,
        ] {
            *place -= from;
        }
        self.progress.taken = self.progress.taken.saturating_sub(from);
        from
    }

    fn look_up(&mut self, lexicon: &Lexicon<'_>) {
        self.memo.resize(MEMO, (0, Entry::default()));
        let from = self.progress.looked_up;
        let mut fresh = self.progress.is_fresh;
        for (token, word) in self.tokens.iter().zip(&mut self.words).skip(from) {
            word.starts_sentence = fresh;
            if token.is_word() {
                word.entry = recall(&mut self.memo, token.id, lexicon);
                fresh = false;
            } else if token.shape != Shape::Digits {
                fresh = true;
            }
        }
        self.progress.is_fresh = fresh;
        self.progress.looked_up = self.tokens.len();
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

    /// Marks lines, dates, addresses and handles, and mends the sentence starts after marks that end no sentence.
    fn mark(&mut self, text: &str, is_last: bool) {
        let end = if is_last { self.tokens.len() } else { self.tokens.len().saturating_sub(1) };
        for at in self.progress.marked..end {
            let near = self.near(at);
            self.progress.stretch += usize::from(near.begins_stretch(text));
            let is_opaque = self.survey.is_opaque(self.progress.stretch);
            if self.tokens[at].shape == Shape::Break {
                self.progress.line += 1;
            } else {
                self.words[at].line = self.survey.line(self.progress.line);
            }
            self.words[at].opaque |= is_opaque || self.is_date(at);
            if self.progress.in_request {
                self.progress.in_request = self.tokens[at].shape != Shape::Break;
                self.words[at].opaque |= technical::is_macro(&self.tokens[at]);
            }
            if self.tokens[at].shape == Shape::Mark {
                self.progress.in_request |= self.technical(text).mark_beside(at);
                self.mark_around(text, at);
            } else if self.tokens[at].shape == Shape::Mixed {
                self.words[at].opaque |= self.technical(text).is_of_program(at);
            }
        }
        self.progress.marked = end.max(self.progress.marked);
    }

    fn technical<'a>(&'a mut self, text: &'a str) -> Marked<'a> {
        Marked { text, tokens: &self.tokens, words: &mut self.words }
    }

    fn near(&self, at: usize) -> Near<'_> {
        let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
        Near { before, token: &self.tokens[at], next: self.tokens.get(at + 1) }
    }

    /// What the mark at `at` says of itself and of the words beside it.
    fn mark_around(&mut self, text: &str, at: usize) {
        let continues = self.continues(text, at);
        if let Some(next) = self.words.get_mut(at + 1).filter(|_| continues) {
            next.starts_sentence = false;
        }
        match self.tokens[at].slice(text) {
            "(" => self.mark_call(at),
            _ if self.words[at].opaque => {}
            "." => self.mark_field(at),
            _ => self.words[at].opaque = self.near(at).is_sign(text),
        }
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

    /// `May 2019`, `Aug 3`: a month before a number names nobody, whatever people are called.
    fn is_date(&self, at: usize) -> bool {
        self.words[at].entry.has(Entry::CALENDAR)
            && self.tokens.get(at + 1).is_some_and(|next| next.shape == Shape::Digits)
    }

    fn mark_phrases(&mut self, lexicon: &Lexicon<'_>, is_last: bool) {
        let end = self.tokens.len();
        let end = if is_last { end } else { (end + 1).saturating_sub(LONGEST_PHRASE) };
        while self.progress.phrased < end {
            let at = self.progress.phrased;
            self.progress.phrased += if self.words[at].entry.has(Entry::STARTS_PHRASE) {
                self.mark_phrase(at, lexicon)
            } else {
                1
            };
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
            let entry = recall(&mut self.memo, hash, lexicon);
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
    fn find_windows(&mut self, is_last: bool) {
        let Progress { marked, phrased, seen, mut taken, .. } = self.progress;
        let count = self.tokens.len();
        // A mark still to come may say something of the token before it.
        let known = marked.saturating_sub(REACH.max(technical::REACH) + 1).min(phrased);
        let end = if is_last { count } else { known };
        for at in seen..end {
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
        (self.progress.seen, self.progress.taken) = (end.max(seen), taken);
    }
}

/// Words looked at for the language of a text.
const TELLING: usize = 300;

fn guess(text: &str, small: impl Iterator<Item = Token>) -> Language {
    language::guess(small.take(TELLING).filter_map(|token| text.get(token.start..token.end)))
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
