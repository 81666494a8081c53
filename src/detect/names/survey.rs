//! What the end of a line, or of an address, says of its beginning.
//!
//! An `@` makes a handle or an address of everything up to the last white space before it, and how a line is cased is only known at
//! its end. Read once over all tokens, this takes a bit for each stretch and a byte for each line; then the tokens can be looked
//! at a few thousand at a time, however long a line is.

use super::{
    analysis::Line,
    token::{Shape, Token},
};

/// One token in so many is a sign of code in a line of code.
const SHARE_OF_SIGNS: usize = 6;

/// Room for so many lines is kept for the next text.
const KEPT: usize = 1 << 12;

/// A token between its neighbours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near<'a> {
    pub(super) before: Option<&'a Token>,
    pub(super) token: &'a Token,
    pub(super) next: Option<&'a Token>,
}

/// The stretches and lines of a text.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// A bit for each stretch that white space, quotes and brackets leave whole: part of no name.
    opaque: Vec<u64>,
    stretches: usize,
    lines: Vec<Line>,
    stretch: Stretch,
    line: Counts,
}

/// What was seen of a stretch.
#[derive(Debug, Default)]
struct Stretch {
    is_opaque: bool,
    marks: usize,
    signs: usize,
}

/// What was seen of a line.
#[derive(Debug, Default)]
struct Counts {
    tokens: usize,
    /// Marks that are part of no name.
    signs: usize,
    words: usize,
    lower: usize,
    upper: usize,
}

impl Survey {
    /// Reads the tokens of `text`, all of which are at hand.
    pub(super) fn read_all(&mut self, text: &str, tokens: &[Token]) {
        self.begin();
        let mut before = None;
        for (at, token) in tokens.iter().enumerate() {
            self.note(text, &Near { before, token, next: tokens.get(at + 1) });
            before = Some(token);
        }
        self.end();
    }

    fn begin(&mut self) {
        // What a long text took is not kept.
        self.opaque.clear();
        self.opaque.shrink_to(KEPT);
        self.lines.clear();
        self.lines.shrink_to(KEPT);
        self.stretches = 0;
    }

    fn end(&mut self) {
        self.end_stretch();
        self.end_line();
    }

    /// Reads the tokens of `text` as they come.
    pub(super) fn read(&mut self, text: &str, tokens: impl Iterator<Item = Token>) {
        self.begin();
        let mut tokens = tokens.peekable();
        let mut before = None;
        while let Some(token) = tokens.next() {
            let near = Near { before: before.as_ref(), token: &token, next: tokens.peek() };
            self.note(text, &near);
            before = Some(token);
        }
        self.end();
    }

    /// True when the stretch of that number is an address, a path or a handle. The first, number 0, begins with the text.
    pub(super) fn is_opaque(&self, stretch: usize) -> bool {
        self.opaque.get(stretch / 64).is_some_and(|bits| bits >> (stretch % 64) & 1 == 1)
    }

    /// How the line of that number is cased, from 0 on.
    pub(super) fn line(&self, nth: usize) -> Line {
        self.lines.get(nth).copied().unwrap_or_default()
    }

    fn note(&mut self, text: &str, near: &Near<'_>) {
        let token = near.token;
        if near.begins_stretch(text) {
            self.end_stretch();
        }
        if token.shape == Shape::Break {
            self.end_line();
            return;
        }
        self.line.note(token);
        if token.shape == Shape::Mark {
            self.stretch.marks += 1;
            self.stretch.signs += usize::from(near.is_sign(text));
            self.stretch.is_opaque |= near.tells_address(text);
        }
    }

    fn end_stretch(&mut self) {
        let Stretch { is_opaque, marks, signs } = std::mem::take(&mut self.stretch);
        self.line.signs += if is_opaque { marks } else { signs };
        if self.stretches.is_multiple_of(64) {
            self.opaque.push(0);
        }
        if let Some(bits) = self.opaque.last_mut() {
            *bits |= u64::from(is_opaque) << (self.stretches % 64);
        }
        self.stretches += 1;
    }

    fn end_line(&mut self) {
        self.lines.push(std::mem::take(&mut self.line).style());
    }
}

impl Counts {
    fn note(&mut self, token: &Token) {
        self.tokens += 1;
        if token.is_word() && token.end - token.start > 1 {
            self.words += 1;
            self.lower += usize::from(token.shape == Shape::Lower);
            self.upper += usize::from(token.shape == Shape::Upper);
        }
    }

    fn style(&self) -> Line {
        let Self { tokens, signs, words, lower, upper } = *self;
        if signs > 1 && signs * SHARE_OF_SIGNS >= tokens {
            Line::Code
        } else if words == lower && words > 0 {
            Line::Lower
        } else if words > 2 && upper * 4 > words * 3 {
            Line::Upper
        } else if words > 2 && lower * 3 < words {
            Line::Title
        } else {
            Line::Sentence
        }
    }
}

impl Near<'_> {
    /// True where an address of the network before it would end: at white space, quotes, brackets.
    pub(super) fn begins_stretch(&self, text: &str) -> bool {
        let token = self.token;
        !token.glued
            || token.shape == Shape::Break
            || token.shape == Shape::Mark
                && token.slice(text).starts_with([
                    '"', '\'', '<', '>', '(', ')', '[', ']', '{', '}', ',', ';', '|', '“', '”',
                    '’', '«', '»', '`',
                ])
    }

    /// True for a mark that makes an address, a path or a handle of the stretch it is in.
    fn tells_address(&self, text: &str) -> bool {
        match self.token.slice(text) {
            "@" => true,
            "/" => self.follows(text, ":") || self.follows(text, "/"),
            "." => self.follows(text, "www"),
            ":" => self.follows(text, ":"),
            _ => false,
        }
    }

    fn follows(&self, text: &str, mark: &str) -> bool {
        self.token.glued && self.before.is_some_and(|before| before.slice(text) == mark)
    }

    /// True for a mark that is part of no name by itself.
    pub(super) fn is_sign(&self, text: &str) -> bool {
        match self.token.slice(text) {
            "#" => self.opens_tag(),
            "-" | "–" | "—" => self.stands_apart(),
            "[" | "]" | "{" | "}" | "<" | ">" | "`" | "=" | "|" | ";" | "*" | "\\" => true,
            mark => is_picture(mark),
        }
    }

    /// `#Leeds`: the mark of a hash tag parts the names on its two sides; that of `Apt. # 5` does not.
    fn opens_tag(&self) -> bool {
        self.next.is_some_and(|next| next.glued && next.is_word())
    }

    /// `Leeds - York`: a dash between spaces parts two names; that of `Stratford-upon-Avon` does not.
    fn stands_apart(&self) -> bool {
        !self.token.glued && self.next.is_none_or(|next| !next.glued)
    }
}

/// Arrows, signs and emoji: no name goes on over them.
fn is_picture(mark: &str) -> bool {
    mark.chars().all(|c| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f000}'..='\u{1faff}'))
}
