//! People by rule: a title, a first name that is in the list, or a phrase that announces a name.

use super::{
    Candidate, NameKind,
    token::{Kind, Token},
};
use std::{collections::HashSet, sync::LazyLock};

static FIRST_NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("first-names.txt").lines().collect());

const TITLES: &[&str] = &[
    "Mr",
    "Mrs",
    "Ms",
    "Miss",
    "Mx",
    "Dr",
    "Prof",
    "Professor",
    "Herr",
    "Frau",
    "Mme",
    "Señor",
    "Señora",
    "Sr",
    "Sra",
];
const ANNOUNCERS: &[&str] = &[
    "name is",
    "i am",
    "i'm",
    "named",
    "dear",
    "hi",
    "hello",
    "hey",
    "regards,",
    "thanks,",
    "sincerely,",
    "called",
    "name:",
    "patient:",
    "sincerely",
    "regards",
];
const LONGEST: usize = 4;

/// Appends the people among `tokens`.
pub(super) fn find(text: &str, tokens: &[Token], out: &mut Vec<Candidate>) {
    let mut at = 0;
    while at < tokens.len() {
        let length = name_length(text, tokens, at);
        let score = if length == 0 { 0.0 } else { score(text, tokens, at, length) };
        if let (true, Some(first), Some(last)) =
            (score > 0.0, tokens.get(at), tokens.get(at + length.max(1) - 1))
        {
            out.push(Candidate {
                kind: NameKind::Person,
                start: first.start,
                end: last.end,
                score,
            });
        }
        at += length.max(1);
    }
}

fn slice<'t>(text: &'t str, token: Option<&Token>) -> &'t str {
    token.and_then(|t| text.get(t.start..t.end)).unwrap_or_default()
}

/// How many capitalised words, initials and hyphens follow one another from `at`.
fn name_length(text: &str, tokens: &[Token], at: usize) -> usize {
    let mut length = 0;
    while length < LONGEST && tokens.get(at + length).is_some_and(|t| t.kind == Kind::Word) {
        let word = slice(text, tokens.get(at + length));
        let is_initial = word.chars().count() == 1;
        if !word.starts_with(char::is_uppercase) || TITLES.contains(&word) {
            break;
        }
        length += 1;
        let next = tokens.get(at + length).filter(|t| t.glued);
        if (is_initial && slice(text, next) == ".") || slice(text, next) == "-" {
            length += 1;
        }
    }
    length
}

fn score(text: &str, tokens: &[Token], at: usize, length: usize) -> f32 {
    let first = slice(text, tokens.get(at)).to_lowercase();
    let known = FIRST_NAMES.contains(first.as_str());
    match (known, announced(text, tokens, at), length) {
        (true, true, _) => 0.95,
        (true, false, 2..) => 0.85,
        (false, true, _) => 0.6,
        (true, false, _) => 0.5,
        (false, false, _) => 0.0,
    }
}

/// True after a title, or after words such as "my name is".
fn announced(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(name) = tokens.get(at) else { return false };
    let before = text.get(..name.start).unwrap_or_default().trim_end();
    let tail: String = before.chars().rev().take(12).collect();
    let tail: String = tail.chars().rev().collect();
    let tail = tail.trim_end_matches('.');
    TITLES.iter().any(|t| ends_with_word(tail, t))
        || ANNOUNCERS.iter().any(|a| ends_with_word(&tail.to_lowercase(), a))
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|before| !before.ends_with(char::is_alphanumeric))
}
