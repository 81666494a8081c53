//! Values that only their name tells: `MRN: 00412345`, `my passport number is X1234567`.
//!
//! The pattern matches the name; [`value`] skips what may stand between name and value and takes the value if it has the
//! expected shape. Reads at most [`WINDOW`] bytes behind the name.

use super::{
    pattern::Accepted,
    seen::{Seen, is_latin, is_word, prefix},
};

/// How far behind its name a value may end.
const WINDOW: usize = 96;
/// The most digits that the number of a row has.
const MOST_ROW_DIGITS: usize = 6;
/// How many words may stand between.
const MOST_FILLERS: usize = 6;

/// Words that may stand between a name and its value.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "a", "are", "as", "assigned", "be", "card", "code", "de", "del", "der", "el", "es", "est", "file", "for", "id",
    "identification", "identifier", "ids", "ist", "is", "it", "its", "la", "lautet", "le", "my", "n", "no", "nos", "nr",
    "nro", "nu", "num", "number", "numbers", "numero", "nummer", "número", "numéro", "nº", "of", "on", "record",
    "reads", "ref", "reference", "s", "the", "to", "uh", "um", "value", "was", "will", "º",
];

/// What a value looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Fewest and most letters and digits together.
    pub(crate) length: (usize, usize),
    /// Fewest digits.
    pub(crate) digits: usize,
    /// May hold letters.
    pub(crate) letters: bool,
    /// Marks that may stand inside.
    pub(crate) marks: &'static str,
}

/// The value behind the name that `seen` matched.
pub(crate) fn value(seen: &Seen<'_>, shape: &Shape) -> Option<Accepted> {
    if seen.before().is_some_and(is_word) { None } else { value_behind(seen, shape) }
}

/// The same for names that are unmistakable even at the end of another word.
pub(crate) fn value_behind(seen: &Seen<'_>, shape: &Shape) -> Option<Accepted> {
    let window = prefix(seen.all.get(seen.end..)?, WINDOW);
    let at = skip_fillers(window)?;
    let len = value_len(window.get(at..)?, shape)?;
    seen.accept_span(seen.end + at, seen.end + at + len)
}

/// The value behind `found` in a list: `NW4K82P19 and BT7L30M55`.
pub(crate) fn next(seen: &Seen<'_>, found: &Accepted, shape: &Shape) -> Option<Accepted> {
    const JOINTS: [&str; 8] = [", and ", " and ", ", ", " & ", " / ", "/", " or ", "; "];
    let rest = prefix(seen.all.get(found.end..)?, WINDOW);
    let value = JOINTS.iter().find_map(|joint| rest.strip_prefix(joint))?;
    let start = found.end + (rest.len() - value.len());
    seen.accept_span(start, start + value_len(value, shape)?)
}

/// `account_id: 882093`: in names of variables and columns an `id` of a few digits is that of a row, which means nothing elsewhere.
pub(crate) fn is_row_id(seen: &Seen<'_>, found: &Accepted) -> bool {
    let value = seen.all.get(found.start..found.end).unwrap_or_default();
    let behind = seen.all.get(seen.end..).unwrap_or_default();
    let is_key = ["_id", "_ID", "Id"].iter().any(|id| {
        behind.strip_prefix(id).is_some_and(|b| !b.starts_with(is_word))
            || seen.text().ends_with(id)
    });
    // `<customer id="8812">`
    let is_key = is_key || seen.text().ends_with(" id") && behind.starts_with("=\"");
    is_key && value.len() <= MOST_ROW_DIGITS && value.bytes().all(|b| b.is_ascii_digit())
}

/// Where the first word that is no filler begins.
fn skip_fillers(window: &str) -> Option<usize> {
    let mut at = key_len(window);
    for nth in 0..=MOST_FILLERS {
        let rest = window.get(at..)?;
        let gap = rest.find(is_word)?;
        let marks = rest.get(..gap)?;
        // The name may not run on into another word, and a sentence or a paragraph ends its reach.
        let runs_on = at == 0 && gap == 0 && !rest.starts_with(|c: char| c.is_ascii_digit());
        if runs_on
            || marks.contains("\n\n")
            || marks.contains(['!', ';', '<', '|'])
            || marks.starts_with(". ") && nth > 1
        {
            return None;
        }
        at += gap;
        let word = rest.get(gap..)?;
        let word = word.get(..word.find(|c| !is_word(c)).unwrap_or(word.len()))?;
        let behind = window.get(at + word.len()..)?;
        // In `A-4421` the `A` is part of the value; in `nhc/4421` the `nhc` is not.
        let joined = word.len() == 1 && behind.starts_with(['-', '/']) && !behind.starts_with("- ");
        // A state or country may issue the number: `license: CA D1234567`.
        let issuer = word.len() == 2
            && word.bytes().all(|b| b.is_ascii_uppercase())
            && behind.starts_with(' ');
        if joined || !(issuer || FILLERS.contains(&word.to_lowercase().as_str())) {
            return Some(at);
        }
        at += word.len();
    }
    None
}

/// How much of `window` goes on with a name that is a key, as in `passportNumber` and `passport_no`.
fn key_len(window: &str) -> usize {
    let len = window.find(|c| !is_word(c)).unwrap_or(window.len());
    let rest = window.get(..len).unwrap_or_default();
    let mut words = rest.trim_start_matches('_');
    while !words.is_empty() {
        let mut letters = words.char_indices().skip(1);
        let end = letters.find(|&(_, c)| c == '_' || c.is_ascii_uppercase());
        let (word, behind) = words.split_at(end.map_or(words.len(), |(at, _)| at));
        // `NO` and `ID` in a key of capitals are words, too.
        let (word, behind) = if rest.contains(|c: char| c.is_ascii_lowercase()) {
            (word, behind)
        } else {
            words.split_at(words.find('_').unwrap_or(words.len()))
        };
        if !FILLERS.contains(&word.to_ascii_lowercase().as_str()) {
            return 0;
        }
        words = behind.trim_start_matches('_');
    }
    // `passports` and `dlno` are no keys but words.
    if rest.starts_with(|c: char| c == '_' || c.is_ascii_uppercase()) { len } else { 0 }
}

/// How long the value at the start of `text` is.
fn value_len(text: &str, shape: &Shape) -> Option<usize> {
    let mut counted = Counted::default();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let joins = shape.marks.contains(c) && next.is_some_and(|n| joins_on(c, n, shape));
        if is_latin(c) && !c.is_ascii_alphanumeric() {
            return None;
        } else if c.is_ascii_alphanumeric() {
            counted.add(c);
        } else if !joins {
            return counted.fits(shape).then_some(at);
        }
    }
    counted.fits(shape).then_some(text.len())
}

/// Behind a space only digits go on; a word there would be the next word of the sentence.
fn joins_on(mark: char, next: char, shape: &Shape) -> bool {
    next.is_ascii_digit() || (mark != ' ' && shape.letters && next.is_ascii_alphanumeric())
}

#[derive(Default)]
struct Counted {
    letters: usize,
    digits: usize,
}

impl Counted {
    fn add(&mut self, c: char) {
        if c.is_ascii_digit() {
            self.digits += 1;
        } else {
            self.letters += 1;
        }
    }

    fn fits(&self, shape: &Shape) -> bool {
        let length = self.letters + self.digits;
        (shape.length.0..=shape.length.1).contains(&length)
            && self.digits >= shape.digits
            && (shape.letters || self.letters == 0)
    }
}
