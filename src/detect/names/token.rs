//! Splits text into the words, numbers and marks that the tagger looks at.
//!
//! Knows nothing of names. One pass, each byte is looked at a fixed number of times.

/// What a [`Token`] is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, perhaps with an inner apostrophe: `Anna`, `O'Brien`.
    Word,
    /// Begins with a digit, or mixes letters with digits or underscores: `42`, `0xff`, `user_id`.
    Code,
    /// One or more line breaks.
    Break,
    /// A single other character.
    Mark,
}

/// One token: half-open byte range of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Offset of the first byte.
    pub(super) start: usize,
    /// Offset one past the last byte.
    pub(super) end: usize,
    /// What it is made of.
    pub(super) kind: Kind,
    /// True when no white space stands before it.
    pub(super) glued: bool,
}

/// Fills `out` with the tokens of `text`, in order. White space other than line breaks is left out.
pub(super) fn tokenize(text: &str, out: &mut Vec<Token>) {
    out.clear();
    let mut at = 0;
    let mut glued = false;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let start = at;
        let kind = if c == '\n' || c == '\r' {
            at += run(text, at, |c| c.is_whitespace());
            Kind::Break
        } else if c.is_whitespace() {
            at += c.len_utf8();
            glued = false;
            continue;
        } else if is_word(c) {
            let (end, kind) = word(text, at);
            at = end;
            kind
        } else {
            at += c.len_utf8();
            Kind::Mark
        };
        out.push(Token { start, end: at, kind, glued });
        glued = true;
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_joining(c)
}

/// Combining marks: they belong to the letter before them.
fn is_joining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn run(text: &str, at: usize, accept: impl Fn(char) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find(|c| !accept(c)).unwrap_or(rest.len())
}

/// End and kind of the word that begins at `at`.
fn word(text: &str, at: usize) -> (usize, Kind) {
    let mut end = at + run(text, at, is_word);
    let is_letters = |from: usize, to: usize| {
        text.get(from..to)
            .is_some_and(|w| !w.is_empty() && w.chars().all(|c| c.is_alphabetic() || is_joining(c)))
    };
    if !is_letters(at, end) {
        return (end, Kind::Code);
    }
    let rest = text.get(end..).unwrap_or_default();
    if let Some(apostrophe) = rest.chars().next().filter(|c| matches!(c, '\'' | '’')) {
        let after = end + apostrophe.len_utf8();
        let tail = after + run(text, after, is_word);
        if is_letters(after, tail)
            && joins(
                text.get(at..end).unwrap_or_default(),
                text.get(after..tail).unwrap_or_default(),
            )
        {
            end = tail;
        }
    }
    (end, Kind::Word)
}

/// True for `O'Brien` and `D'Angelo`; false for `Ana's`, `don't`, `l'hôpital` and `d'Alba`.
fn joins(head: &str, tail: &str) -> bool {
    head.starts_with(char::is_uppercase)
        && tail.starts_with(char::is_uppercase)
        && head.chars().count() <= 3
        || matches!(head, "O" | "o") && tail.chars().count() > 2
}
