//! A name written `Pine, Jane`, where the tagger sees one half of it, or two people: in a list parted by semicolons, in a cell of a
//! table, in a field, at the head of a line.
//!
//! `we met Long, Amy and Tom` names three, so what stands before the surname and behind the given name has to show that there is
//! one person.

use super::{
    Candidate, NameKind,
    field::{is, words},
    lexicon::Entry,
};
use crate::detect::seen::{prefix, suffix};

/// The longest half of a name, in bytes.
const LONGEST: usize = 40;
/// The most words of a half.
const MOST_WORDS: usize = 3;
const COMMA: &str = ", ";
/// What stands in front of a name in lists, cells and fields.
const SIGNS: [char; 14] = ['\n', '\t', '"', ';', ':', '|', '>', '/', '•', '*', '[', '{', '“', '('];
/// What one name is followed by in mail and in records, whatever stands before it.
const WORDS_BEHIND: [&str; 4] = [" wrote:", " DOB", " dob", " MRN"];
/// Surnames with a small word: `de Vries, Anna`.
const PARTICLES: [&str; 12] =
    ["da", "dal", "de", "del", "della", "den", "der", "di", "du", "la", "van", "von"];

/// Makes one person of the surname and the given name, for the names from the `first` on: sorted and disjoint.
pub(super) fn join(text: &str, names: &mut Vec<Candidate>, first: usize) {
    let mut kept = first;
    for at in first..names.len() {
        let mut name = names[at];
        let before = (kept > first).then(|| names[kept - 1]);
        if let Some(start) = surname(text, &name, before) {
            (name.start, name.kind) = (start, NameKind::Person);
            if let Some(before) = before.filter(|before| before.end > start) {
                name.score = name.score.max(before.score);
                kept -= 1;
            }
        }
        let free = names.get(at + 1).map_or(text.len(), |next| next.start);
        if let Some(end) = given_behind(text, &name).filter(|end| *end <= free) {
            name.end = end;
        }
        names[kept] = name;
        kept += 1;
    }
    names.truncate(kept);
}

/// Where the surname in front of the given name `given` begins. `before` is the name in front of it.
fn surname(text: &str, given: &Candidate, before: Option<Candidate>) -> Option<usize> {
    let left = text.get(..given.start)?.strip_suffix(COMMA)?;
    let value = text.get(given.start..given.end)?;
    let rest = text.get(given.end..)?;
    let before = before.filter(|before| before.end == left.len());
    let is_person = |name: &Candidate| name.kind == NameKind::Person;
    if !is_given(value) {
        return None;
    }
    if let Some(before) = before.filter(|_| WORDS_BEHIND.iter().any(|word| rest.starts_with(word)))
    {
        return is_surname(text.get(before.start..before.end)?).then_some(before.start);
    }
    let (sign, start) = item(left)?;
    let is_quoted = matches!(sign, Some('"' | '“'));
    let is_told = is_person(given) || is_quoted && before.as_ref().is_some_and(is_person);
    let is_free = before.is_none_or(|before| before.start == start);
    (is_told && is_free && ends(rest, sign) && is_surname(left.get(start..)?)).then_some(start)
}

/// Where the given name ends that the surname `name` goes on with, in a list or a cell.
fn given_behind(text: &str, name: &Candidate) -> Option<usize> {
    let rest = text.get(name.end..)?.strip_prefix(COMMA)?;
    let rest = prefix(rest, LONGEST);
    let value = rest.split([';', '"', '”', '\n', ',', '<']).next()?;
    let behind = rest.get(value.len()..)?;
    let (sign, start) = item(text.get(..name.end)?)?;
    let is_listed = behind.starts_with([';', '"', '”']) || sign == Some(';');
    let fits = name.kind == NameKind::Person
        && start == name.start
        && is_listed
        && ends(behind, sign)
        && is_surname(text.get(start..name.end)?)
        && is_given(value)
        && words(value).all(|word| !is(word, Entry::CITY | Entry::ORG_WORD | Entry::TITLE))
        && words(value).next().is_some_and(|word| !is(word, Entry::COMMON));
    fits.then_some(name.end + COMMA.len() + value.len())
}

/// The sign in front of the item that `left` ends with, and where that begins; no sign at the beginning of the text.
fn item(left: &str) -> Option<(Option<char>, usize)> {
    let line = suffix(left, LONGEST);
    let cut = line.rfind(SIGNS);
    let sign = cut.and_then(|cut| line.get(cut..)).and_then(|rest| rest.chars().next());
    if sign.is_none() && line.len() < left.len() {
        return None;
    }
    let raw = line.get(cut.unwrap_or(0) + sign.map_or(0, char::len_utf8)..)?;
    let is_cell = matches!(sign, Some('"' | '“' | '(' | '/'));
    (!is_cell || !raw.starts_with(' ')).then(|| (sign, left.len() - raw.trim_start().len()))
}

/// True where the line, the cell, the item or the field ends, as it began.
fn ends(rest: &str, sign: Option<char>) -> bool {
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    match sign {
        Some('"') => rest.starts_with('"'),
        Some('“') => rest.starts_with('”'),
        Some('(') => rest.starts_with(')'),
        Some(_) | None => {
            rest.is_empty()
                || rest.starts_with(['\n', '\r', '\t', ';', '|', '<', '}', ']'])
                || rest.starts_with(" <")
        }
    }
}

/// Words with capitals, which are no given name and nothing else.
fn is_surname(name: &str) -> bool {
    const NEVER: u32 = Entry::FUNCTION | Entry::FOREIGN | Entry::CALENDAR | Entry::TITLE;
    const OTHER: u32 = Entry::CITY
        | Entry::REGION
        | Entry::PLACE_WORD
        | Entry::ORG_WORD
        | Entry::ORG
        | Entry::GIVEN
        | Entry::COMMON;
    let fits = |c: char| c.is_alphabetic() || " -'’".contains(c);
    let is_one = |word: &str| {
        let is_known =
            is(word, Entry::SURNAME) || is(word, Entry::SURNAME_RARE) && !is(word, Entry::GIVEN);
        word.starts_with(char::is_uppercase) && !is(word, NEVER) && (is_known || !is(word, OTHER))
    };
    // `Todd Beckwith, PLLC`
    let is_whole = || name.contains(' ') && name.split(' ').any(|word| is(word, Entry::GIVEN));
    (1..=MOST_WORDS).contains(&words(name).count())
        && name.chars().all(fits)
        && name.chars().nth(1).is_some()
        && words(name).all(|word| is_one(word) || PARTICLES.contains(&word))
        && !is_whole()
}

fn is_given(value: &str) -> bool {
    let fits = |c: char| c.is_alphabetic() || " -'’.".contains(c);
    (1..=MOST_WORDS).contains(&words(value).count())
        && value.chars().all(fits)
        && words(value).all(|word| {
            word.starts_with(char::is_uppercase)
                && !is(word, Entry::CALENDAR | Entry::REGION | Entry::FUNCTION)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names after joining, where the marked ones were found.
    fn joined(marked: &str) -> Vec<String> {
        let (mut text, mut names) = (String::new(), Vec::new());
        for (nth, part) in marked.split(['[', ']']).enumerate() {
            let start = text.len();
            text.push_str(part);
            if nth % 2 == 1 {
                names.push(Candidate {
                    kind: NameKind::Person,
                    start,
                    end: text.len(),
                    score: 0.5,
                });
            }
        }
        join(&text, &mut names, 0);
        names.iter().map(|name| text[name.start..name.end].to_owned()).collect()
    }

    #[test]
    fn a_surname_before_a_comma_belongs_to_the_given_name() {
        assert_eq!(joined("\"Abernethy, [Moira]\",K88201,7"), ["Abernethy, Moira"]);
        assert_eq!(
            joined("cc: [Tan], [Mei Fen]; [O'Neal], [Shaq]"),
            ["Tan, Mei Fen", "O'Neal, Shaq"]
        );
        assert_eq!(joined("[Basu], [Arindam] wrote:"), ["Basu, Arindam"]);
        assert_eq!(joined("R/P [Nguyen], [Thao] DOB 09/17/88"), ["Nguyen, Thao"]);
        assert_eq!(joined("Witness: Oyelaran, [Femi]\n"), ["Oyelaran, Femi"]);
        assert_eq!(joined("1\tde Vries, [Joost]\t4"), ["de Vries, Joost"]);
    }

    #[test]
    fn a_given_name_behind_the_comma_belongs_to_the_surname() {
        assert_eq!(
            joined("Attendees: [Tan], Mei Fen; [Basu], Arindam"),
            ["Tan, Mei Fen", "Basu, Arindam"]
        );
        assert_eq!(joined("\"[Basu], Arindam\",7"), ["Basu, Arindam"]);
    }

    #[test]
    fn other_neighbours_are_people_of_their_own() {
        for (text, names) in [
            ("we met [Long], [Amy] and Tom", vec!["Long", "Amy"]),
            ("[Giulia], [Moira]\n", vec!["Giulia", "Moira"]),
            ("Dear all, [Moira]\n", vec!["Moira"]),
            ("\"Abernethy, [Moira]", vec!["Moira"]),
            ("From London, [Moira]", vec!["Moira"]),
            ("Thanks, [Moira]", vec!["Moira"]),
            ("Ask [Okafor], Support; then call", vec!["Okafor"]),
            ("Names: [Okafor], Manager; [Basu], Nairobi", vec!["Okafor", "Basu"]),
            ("[Todd Beckwith], [Moira Strand]\n", vec!["Todd Beckwith", "Moira Strand"]),
        ] {
            assert_eq!(joined(text), names, "{text}");
        }
    }
}
