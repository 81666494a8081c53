//! Recognizers that a policy defines: patterns, deny lists, context words and a named check.
//!
//! Their patterns are not ours, so each is searched by itself in bounded pieces of text: a pattern that is unbounded or
//! matches everywhere makes the scan slower by a constant factor, never quadratic.

use super::{
    Candidate, EntityType, RecognizerInfo, Score, Selection, checksum,
    context::{ContextWords, Nearby},
    seen::Seen,
};
use regex_automata::{
    Input,
    meta::{BuildError, Regex},
};

/// The longest match of a custom pattern, in bytes.
const LONGEST: usize = 1024;
/// How much text one search may read.
const PIECE: usize = 8 * LONGEST;
/// Context words raise a score by this much, and at least to [`LIKELY`].
const RAISE: f32 = 0.35;
const LIKELY: f32 = 0.6;

/// A recognizer of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomRecognizer {
    /// The name that findings carry.
    pub name: String,
    /// What it finds.
    pub entity_type: EntityType,
    /// Regular expressions with the score of a match. A match is at most 1024 bytes long.
    pub patterns: Vec<(String, Score)>,
    /// Words and phrases that are always findings (score 1.0): whole words, upper and lower case alike.
    pub deny_list: Vec<String>,
    /// Words near a match (or in the label) that raise its score by 0.35, and at least to 0.6.
    pub context: Vec<String>,
    /// Refuses matches of `patterns`.
    pub validator: Option<Validator>,
}

/// A named check of a match's digits or letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validator {
    /// ISO/IEC 7812-1 check digit over the digits.
    Luhn,
    /// ISO 13616: length per country and remainder modulo 97.
    Iban,
    /// ISO 7064 MOD 97-10 over digits and letters.
    Mod97,
    /// Verhoeff's dihedral check digit.
    Verhoeff,
}

impl Validator {
    /// All names that [`parse`](Self::parse) knows.
    pub const NAMES: &'static [&'static str] = &["luhn", "iban", "mod97", "verhoeff"];

    /// The validator of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "luhn" => Some(Self::Luhn),
            "iban" => Some(Self::Iban),
            "mod97" => Some(Self::Mod97),
            "verhoeff" => Some(Self::Verhoeff),
            _ => None,
        }
    }

    fn accepts(self, text: &str) -> bool {
        match self {
            Self::Luhn => checksum::luhn(&super::seen::Digits::of(text)),
            Self::Iban => checksum::iban(text),
            Self::Mod97 => checksum::mod97(text),
            Self::Verhoeff => checksum::verhoeff(&super::seen::Digits::of(text)),
        }
    }
}

/// Why a custom recognizer cannot be used. Never shows the input of a scan; it does show what the policy says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CustomError {
    /// Neither patterns nor a deny list.
    #[error("recognizer `{0}` has neither patterns nor a deny list")]
    Empty(String),
    /// A pattern is no regular expression, or too large.
    #[error("recognizer `{name}`: pattern `{pattern}`: {source}")]
    Pattern {
        /// Name of the recognizer.
        name: String,
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        source: Box<BuildError>,
    },
    /// A pattern that matches the empty text.
    #[error("recognizer `{name}`: pattern `{pattern}` matches the empty text")]
    MatchesEmpty {
        /// Name of the recognizer.
        name: String,
        /// The pattern.
        pattern: String,
    },
    /// Too many context words.
    #[error("recognizer `{0}`: too many context words")]
    Context(String),
}

/// The custom recognizers of one analyzer, compiled.
#[derive(Debug)]
pub(crate) struct CustomRules {
    recognizers: Vec<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    name: String,
    entity_type: EntityType,
    patterns: Vec<(Regex, Score)>,
    deny_list: Option<Regex>,
    context: Option<ContextWords>,
    validator: Option<Validator>,
}

impl CustomRules {
    pub(crate) fn new(recognizers: Vec<CustomRecognizer>) -> Result<Self, CustomError> {
        let recognizers = recognizers.into_iter().map(Compiled::new).collect::<Result<_, _>>()?;
        Ok(Self { recognizers })
    }

    pub(crate) fn infos(&self) -> impl Iterator<Item = RecognizerInfo> {
        self.recognizers.iter().map(|r| RecognizerInfo {
            name: r.name.clone().into(),
            entity_types: vec![r.entity_type.clone()],
            description: "defined by the policy".into(),
        })
    }

    pub(crate) fn scan(&self, text: &str, selection: &Selection, out: &mut Vec<Candidate>) {
        for recognizer in &self.recognizers {
            if let Some(least) = selection.min_score(&recognizer.entity_type) {
                recognizer.scan(text, least, out);
            }
        }
    }
}

impl Compiled {
    fn new(custom: CustomRecognizer) -> Result<Self, CustomError> {
        let CustomRecognizer { name, entity_type, patterns, deny_list, context, validator } =
            custom;
        if patterns.is_empty() && deny_list.is_empty() {
            return Err(CustomError::Empty(name));
        }
        let patterns = patterns
            .into_iter()
            .map(|(pattern, score)| Ok((compile(&name, pattern)?, score)))
            .collect::<Result<_, CustomError>>()?;
        let deny_list = deny_list_pattern(&deny_list).map(|p| compile(&name, p)).transpose()?;
        let context = (!context.is_empty())
            .then(|| ContextWords::new(&[context]).map_err(|_| CustomError::Context(name.clone())))
            .transpose()?;
        Ok(Self { name, entity_type, patterns, deny_list, context, validator })
    }

    fn scan(&self, text: &str, least: Score, out: &mut Vec<Candidate>) {
        let mut nearby = Nearby::default();
        for (regex, score) in &self.patterns {
            for (start, end) in Matches::new(regex, text) {
                let seen = Seen { all: text, start, end };
                if self.validator.is_none_or(|v| v.accepts(seen.text())) {
                    let score = self.score(*score, &seen, &mut nearby);
                    self.push(start, end, score, least, out);
                }
            }
        }
        for (start, end) in self.deny_list.iter().flat_map(|regex| Matches::new(regex, text)) {
            if (Seen { all: text, start, end }).is_whole_word() {
                self.push(start, end, Score::MAX, least, out);
            }
        }
    }

    fn push(&self, start: usize, end: usize, score: Score, least: Score, out: &mut Vec<Candidate>) {
        if score >= least {
            let entity_type = self.entity_type.clone();
            out.push(Candidate {
                entity_type,
                start,
                end,
                score,
                recognizer: self.name.clone().into(),
                of_model: false,
            });
        }
    }

    fn score(&self, own: Score, seen: &Seen<'_>, nearby: &mut Nearby) -> Score {
        let raised = (own.get() + RAISE).clamp(LIKELY, 1.0);
        let near = self.context.as_ref().and_then(|words| words.score(nearby, seen, 0, raised));
        near.map_or(own, |raised| Score::new(raised.max(own.get())))
    }
}

fn compile(name: &str, pattern: String) -> Result<Regex, CustomError> {
    match Regex::new(&pattern) {
        Ok(regex) if regex.is_match("") => {
            Err(CustomError::MatchesEmpty { name: name.to_owned(), pattern })
        }
        Ok(regex) => Ok(regex),
        Err(source) => {
            Err(CustomError::Pattern { name: name.to_owned(), pattern, source: Box::new(source) })
        }
    }
}

/// One pattern for all entries. Blank entries are left out.
fn deny_list_pattern(entries: &[String]) -> Option<String> {
    let mut escaped: Vec<_> =
        entries.iter().map(|e| e.trim()).filter(|e| !e.is_empty()).map(escape).collect();
    // The longest first: the alternation takes the first that fits.
    escaped.sort_by_key(|e| std::cmp::Reverse(e.len()));
    (!escaped.is_empty()).then(|| format!("(?i)(?:{})", escaped.join("|")))
}

/// Escapes what means something in a pattern; white space in an entry stands for any white space.
fn escape(entry: &str) -> String {
    let mut escaped = String::with_capacity(entry.len() + 8);
    for c in entry.chars() {
        match c {
            c if c.is_whitespace() => escaped.push_str(r"\s"),
            c if c.is_ascii_punctuation() => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The matches of a regex, left to right, without overlaps, none longer than [`LONGEST`].
struct Matches<'r, 't> {
    regex: &'r Regex,
    text: &'t str,
    at: usize,
}

impl<'r, 't> Matches<'r, 't> {
    fn new(regex: &'r Regex, text: &'t str) -> Self {
        Self { regex, text, at: 0 }
    }
}

impl Iterator for Matches<'_, '_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        while self.at < self.text.len() {
            let piece_end = floor_char(self.text, self.at + PIECE);
            let found = self.regex.search(&Input::new(self.text).range(self.at..piece_end));
            match found {
                Some(m) if !m.is_empty() && self.fits(m.start(), piece_end) => {
                    self.at = m.end().min(floor_char(self.text, m.start() + LONGEST));
                    return Some((m.start(), self.at));
                }
                // Empty matches find nothing; one that begins near the end of the piece is searched again from its start.
                Some(m) if m.is_empty() => {
                    self.at = floor_char(self.text, m.end() + 1).max(next_char(self.text, m.end()))
                }
                Some(m) => self.at = m.start(),
                None if piece_end == self.text.len() => self.at = piece_end,
                None => self.at = floor_char(self.text, piece_end - LONGEST),
            }
        }
        None
    }
}

impl Matches<'_, '_> {
    /// True when a match that begins at `start` was seen whole.
    fn fits(&self, start: usize, piece_end: usize) -> bool {
        start == self.at || piece_end == self.text.len() || start + LONGEST <= piece_end
    }
}

fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn next_char(text: &str, at: usize) -> usize {
    at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}
