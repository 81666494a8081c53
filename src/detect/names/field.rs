//! People whom a field names: `"last_name": "Long"`, `Surname: Pine`, `<lastName>Stone</lastName>`, `Patient: Pine, Jane`.
//!
//! What stands behind the name of such a field is a name whatever it means elsewhere, unless it looks like what code, forms and
//! schemas put there: a type, a placeholder, a note, an expression. So a bare value ends where a field ends, its words have capitals
//! or are names and nothing else, and in code it stands in quotes.

use super::{Candidate, LEXICON, NameKind, lexicon::Entry, token};
use crate::detect::seen::{prefix, suffix};
use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memchr3_iter;
use std::{ops::Range, sync::LazyLock};

/// Names of fields that hold a part of somebody's name, or all of it, without marks between their words.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "last name", "lastname", "first name", "firstname", "given name", "givenname", "given names", "family name", "familyname",
    "middle name", "middlename", "maiden name", "maidenname", "full name", "fullname", "surname", "surnames", "forename",
    "forenames", "fname", "lname", "patient name", "patientname", "cardholder name", "cardholdername", "card holder name",
    "account holder", "accountholder", "name on card",
    "nachname", "vorname", "familienname", "geburtsname", "kontoinhaber", "prénom", "prenom", "nom de famille", "nom de jeune fille",
    "apellido", "apellidos", "primer apellido", "segundo apellido", "sobrenome", "cognome", "achternaam", "voornaam", "efternamn",
    "förnamn", "etternavn", "fornavn", "efternavn", "sukunimi", "etunimi", "nazwisko", "imię", "příjmení", "vezetéknév", "keresztnév",
    "фамилия", "Фамилия", "ФАМИЛИЯ", "прізвище", "Прізвище", "PRÉNOM",
];
/// Names of fields that hold a name, which may be that of a company.
#[rustfmt::skip]
const LIKELY: &[&str] = &[
    "customer name", "customername", "client name", "clientname", "contact name", "contactname", "employee name", "employeename",
    "guest name", "guestname", "student name", "studentname", "member name", "membername", "holder name", "holdername",
    "user full name", "beneficiary name", "beneficiaryname", "cn",
];
/// The same where another field beside it is of the kind: `"family"` beside `"given"`, `nom` beside `prénom`.
#[rustfmt::skip]
const PAIRED: &[(&str, &[&str])] = &[
    ("family", &["given"]), ("given", &["family"]), ("last", &["first"]), ("first", &["last"]), ("nom", &["prénom", "prenom"]),
    ("nome", &["cognome", "sobrenome", "apelido"]), ("nombre", &["apellido"]), ("имя", &["фамилия"]), ("Имя", &["фамилия"]), ("jméno", &["příjmení"]),
];
/// Words for people in front of `Pine, Jane`.
#[rustfmt::skip]
const PEOPLE: &[&str] = &[
    "name", "patient", "author", "attendee", "customer", "client", "insured", "employee", "student", "member", "contact", "attn",
    "patientin", "kunde", "kundin", "paciente", "cliente", "applicant", "tenant", "claimant", "defendant", "plaintiff", "subscriber",
    "bcc", "beneficiary", "candidate", "cc", "consultant", "physician", "provider", "passenger", "guest", "owner", "holder", "recipient", "signed", "surgeon",
    "witness",
];
/// Words of nobody but people, in front of a name that is nothing else and may be known to no list: `Candidate: Oluwatobi`.
#[rustfmt::skip]
const HUMANS: &[&str] = &[
    "alumna", "alumno", "applicant", "attendee", "bewerber", "bewerberin", "candidat", "candidate", "candidato", "claimant", "defendant", "employee", "insured",
    "interviewee", "interviewer", "nurse", "paciente", "passenger", "patient", "patientin", "paziente", "patiënt", "physician", "plaintiff", "pupil", "resident",
    "schüler", "schülerin", "spouse", "student", "surgeon", "teacher", "tenant", "trainee", "victim", "élève",
];
/// What stands where a name would.
#[rustfmt::skip]
const NO_NAMES: &[&str] = &[
    "admin", "any", "asc", "blank", "bool", "boolean", "bytes", "char", "character", "column", "customer", "data", "default", "desc",
    "description", "empty", "error", "example", "false", "field", "hidden", "id", "int", "integer", "invalid", "keyword", "label",
    "leer", "min", "missing", "n", "na", "name", "nil", "no", "none", "not", "null", "number", "nvarchar", "object", "option",
    "optional", "other", "patient", "person", "pflichtfeld", "placeholder", "readonly", "redacted", "req", "required", "sample", "same", "see",
    "serial", "str", "string", "strings", "symbol", "tbd", "test", "text", "todo", "true", "type", "unbekannt", "undefined", "unicode", "unique", "unknown",
    "untitled", "user", "username", "value", "values", "varchar", "varchar2", "yes", "your", "enter", "please", "der", "die", "obligatoire",
    "obligatorio", "inconnu", "desconocido", "anonymous", "withheld",
];
/// Words of names that are written small.
#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "af", "al", "av", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la", "le",
    "ten", "ter", "van", "von", "y", "zu", "zum", "zur",
];
/// How words of names begin that have a capital within.
const BEGINNINGS: &[&str] = &[
    "Mc", "Mac", "De", "Di", "Du", "Da", "Del", "La", "Le", "Van", "Von", "Fitz", "O'", "O’", "D'",
    "D’",
];

/// Words that mean something else as well.
const WORDS: u32 =
    Entry::COMMON | Entry::KNOWN | Entry::FUNCTION | Entry::FOREIGN | Entry::CALENDAR;

/// Score of names that are nothing but names; these are looked for in the rest of the request.
const SURE: f32 = 0.9;
/// Score of what only the field tells.
const TOLD: f32 = 0.75;

/// The longest name, in bytes, and the most words of it.
const LONGEST: usize = 64;
const MOST_WORDS: usize = 5;
/// The longest label with what closes it and the blanks behind, in bytes.
const LONGEST_LABEL: usize = 48;
/// How far away the other field of [`PAIRED`] may stand, in bytes.
const NEAR: usize = 120;

/// What a label says of its value.
#[derive(Clone, Copy, Debug)]
enum Label {
    /// It is a name.
    Part,
    /// It is one if its words are names of people or unknown, and at least one is known.
    Likely,
    /// It is one if its words are names of people or unknown, and a label of these stands near.
    Paired(&'static [&'static str]),
    /// It may be a surname and a given name.
    People,
}

static LABELS: LazyLock<(AhoCorasick, Vec<Label>)> = LazyLock::new(|| {
    let mut words = Vec::new();
    let parts = PARTS.iter().map(|part| (part, Label::Part));
    for (part, label) in parts.chain(LIKELY.iter().map(|name| (name, Label::Likely))) {
        words.push(((*part).to_owned(), label));
        if part.contains(' ') {
            words.extend(["_", "-"].map(|mark| (part.replace(' ', mark), label)));
        }
    }
    words.extend(PAIRED.iter().map(|(word, near)| ((*word).to_owned(), Label::Paired(near))));
    let humans = HUMANS.iter().filter(|word| !PEOPLE.contains(word));
    words.extend(PEOPLE.iter().chain(humans).map(|word| ((*word).to_owned(), Label::People)));
    let (words, labels): (Vec<String>, Vec<Label>) = words.into_iter().unzip();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(words)
        .expect("some hundred short words");
    (automaton, labels)
});

/// Adds the people of `told`, which are in order of place, to `names`, which from the `first` on are those of the same text, sorted
/// and disjoint, and stay so. What reaches into one of them becomes a part of it.
pub(super) fn add(told: Vec<Candidate>, names: &mut Vec<Candidate>, first: usize) {
    if told.is_empty() {
        return;
    }
    let mut rest = names.split_off(first).into_iter().peekable();
    for mut field in told {
        while let Some(name) = rest.next_if(|name| name.end <= field.start) {
            names.push(name);
        }
        // A name that begins in the label is cut; a person that goes on behind the value stays whole.
        while let Some(name) = rest.next_if(|name| name.start < field.end) {
            if name.kind == NameKind::Person {
                field.end = field.end.max(name.end);
                field.score = field.score.max(name.score);
            }
        }
        match names.last_mut().filter(|last| last.end > field.start) {
            Some(last) => last.end = last.end.max(field.end),
            None => names.push(field),
        }
    }
    names.extend(rest);
}

/// True if `name`, or the end of it, is a label for names by itself or beside another: `first`, `billing last name`.
pub(super) fn holds_names(name: &str) -> bool {
    PARTS.iter().chain(PAIRED.iter().map(|(label, _)| label)).any(|label| {
        name.strip_suffix(label).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
    })
}

/// The people whom fields name, in order of place.
pub(super) fn find(text: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut done = 0;
    // A label stands right in front of its sign: most texts have few of these, and only there it is looked for.
    for sign in memchr3_iter(b':', b'=', b'>', text.as_bytes()) {
        let near = suffix(text.get(done..sign).unwrap_or_default(), LONGEST_LABEL);
        find_before(text, sign - near.len()..sign, &mut found);
        done = sign;
    }
    found
}

/// The same of the labels in `near`.
fn find_before(text: &str, near: Range<usize>, found: &mut Vec<Candidate>) {
    let (automaton, labels) = &*LABELS;
    let start = near.start;
    for label in automaton.find_iter(text.get(near).unwrap_or_default()) {
        let (pattern, end) = (label.pattern(), start + label.end());
        let start = start + label.start();
        let free = found.last().is_none_or(|last| last.end <= start);
        if free && begins_field(text, start) {
            let kind = labels[pattern.as_usize()];
            match kind {
                Label::People => listed(text, start, end, found),
                Label::Part | Label::Likely | Label::Paired(_) => {
                    found.extend(named(text, start, end, kind));
                }
            }
        }
    }
}

/// True unless the label is the end of another word: `customerLastName` and `patient_surname` are names of fields, `rename` is none.
fn begins_field(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|left| left.chars().next_back());
    let is_camel = || text.as_bytes().get(at).is_some_and(u8::is_ascii_uppercase);
    before.is_none_or(|c| !c.is_alphanumeric() || c.is_lowercase() && is_camel())
}

/// The name behind the label at `start..end`.
fn named(text: &str, start: usize, end: usize, label: Label) -> Option<Candidate> {
    let window = prefix(text.get(end..)?, 2 * LONGEST);
    let is_element = text.get(..start)?.ends_with(['<', ':']);
    let (at, form) = assigned(window, is_element)?;
    let value = window.get(at..)?;
    let len = form.end(value)?;
    let at = end + at;
    let value = value.get(..len)?;
    let is_told = match label {
        Label::Part | Label::People => true,
        Label::Likely => is_of_names(value) && words(value).any(|word| is(word, Entry::PERSON)),
        Label::Paired(others) => {
            let near = [suffix(text.get(..start)?, NEAR), prefix(text.get(at..)?, NEAR)];
            let near = near.map(str::to_lowercase);
            is_of_names(value)
                && others.iter().any(|other| near.iter().any(|part| part.contains(other)))
        }
    };
    if !is_told {
        return None;
    }
    // A text that is nothing but a field is a member of a document, and as good as quoted.
    let whole = start == 0 && at + len == text.len();
    is_name(value, form != Form::Bare || whole).then(|| candidate(at, value))
}

/// Appends the names that are listed behind the label at `start..end`: `Pine, Jane; Long, Amy`.
fn listed(text: &str, start: usize, end: usize, found: &mut Vec<Candidate>) {
    let behind = text.get(end..).unwrap_or_default();
    let end = end + usize::from(behind.starts_with(['s', 'S']));
    let window = prefix(text.get(end..).unwrap_or_default(), 2 * LONGEST);
    let is_element = text.get(..start).is_some_and(|left| left.ends_with(['<', ':']));
    let Some((at, form)) = assigned(window, is_element) else { return };
    let mut at = end + at;
    if form == Form::Bare
        && let Some(name) = alone(text, &text[start..end], at)
    {
        found.push(name);
        return;
    }
    while let Some(rest) = text.get(at..)
        && let Some(len) = listed_len(rest)
    {
        found.push(candidate(at, &rest[..len]));
        let Some(next) = rest[len..].strip_prefix("; ") else { break };
        at = text.len() - next.len();
    }
}

/// One or two words between a label and the next one: `Candidate: Tesfaye  Role: SRE`.
fn alone(text: &str, label: &str, at: usize) -> Option<Candidate> {
    let value = prefix(text.get(at..)?, 2 * LONGEST);
    let value = value.get(..bare_end(value)?)?;
    let behind = text.get(at + value.len()..)?;
    let next = behind.trim_start();
    // A label follows, or nothing.
    let is_apart =
        behind.starts_with("  ") || behind.starts_with(['\t', '\n', '\r', '|', ';', ',']);
    let label_len = next.find(|c: char| !(c.is_alphabetic() || c == ' ')).unwrap_or(0);
    let is_field = next.is_empty()
        || is_apart && next.get(label_len..)?.starts_with(':') && (1..24).contains(&label_len);
    let count = words(value).count();
    if !is_field || !(1..=2).contains(&count) || !is_name(value, false) {
        return None;
    }
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    let is_human = HUMANS.iter().any(|human| label.to_lowercase() == *human);
    let is_given = |word: &str| is(word, Entry::GIVEN | Entry::GIVEN_RARE) && !is(word, WORDS);
    let is_unknown =
        |word: &str| !is(word, u32::MAX) && word.chars().any(char::is_lowercase) && word.len() > 2;
    let fits = |word: &str| {
        is_given(word)
            || is_human && (is_unknown(word) || is(word, Entry::PERSON) && !is(word, WORDS))
    };
    words(value).all(|word| is_capital(word) && fits(word)).then(|| candidate(at, value))
}

pub(super) fn candidate(start: usize, value: &str) -> Candidate {
    let sure = words(value).all(|word| is(word, Entry::PERSON) && !is(word, WORDS));
    let score = if sure { SURE } else { TOLD };
    Candidate { kind: NameKind::Person, start, end: start + value.len(), score }
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Up to this mark.
    Quoted(char),
    /// Up to the next tag.
    Element,
    /// Up to the end of the field.
    Bare,
}

/// Where the value begins behind a label, and how it is written.
fn assigned(window: &str, is_element: bool) -> Option<(usize, Form)> {
    if let Some(inner) = window.strip_prefix('>').filter(|_| is_element) {
        let value = inner.trim_start();
        return Some((window.len() - value.len(), Form::Element));
    }
    let closed = window.trim_start_matches(['"', '\'', '`', '*', '_', '\\', ')', ']']);
    let open = closed.trim_start_matches(' ');
    let open = open.strip_prefix("value=").map_or(open, |_| &open["value".len()..]);
    let (sign, behind) = [":=", "=>", "==", "=", ":", "："]
        .iter()
        .find_map(|sign| Some((*sign, open.strip_prefix(sign)?)))?;
    let value = behind.trim_start_matches([' ', '\t', '*', '\\', '[']);
    const QUOTES: [(char, char); 6] =
        [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('„', '“'), ('«', '»')];
    let first = value.chars().next()?;
    if let Some((_, close)) = QUOTES.iter().find(|(open, _)| *open == first) {
        let inner = value.get(first.len_utf8()..)?;
        return Some((window.len() - inner.len(), Form::Quoted(*close)));
    }
    // `last_name = Person` is code; `last_name=Pine` stands in links and logs.
    let is_code = sign == ":=" || sign == "==" || sign == "=" && value.len() < behind.len();
    (!is_code && !behind.starts_with(':')).then_some((window.len() - value.len(), Form::Bare))
}

impl Form {
    /// Where the value ends that `value` begins with; `None` where it does not end as a name would.
    fn end(self, value: &str) -> Option<usize> {
        let end = match self {
            Self::Quoted(close) => value.find([close, '\n'])?,
            Self::Element => value.find('<').filter(|at| value[*at..].starts_with("</"))?,
            Self::Bare => bare_end(value)?,
        };
        let inner = value.get(..end)?;
        let inner = inner.trim_end_matches([' ', '\\', '*', '\r', '\n', '_']);
        (!inner.is_empty() && inner.len() <= LONGEST).then_some(inner.len())
    }
}

/// At a comma, the end of the line, a wide gap, or the next field.
fn bare_end(value: &str) -> Option<usize> {
    let ends = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\t' | ';' | ',' | '&' | '|' | '}' | ')' | '<' | '"' | '\'' | '\\'
        )
    };
    let is_end = |&(at, c): &(usize, char)| {
        // `N'Diaye`
        let goes_on =
            c == '\'' && value.get(at + 1..).is_some_and(|v| v.starts_with(char::is_alphabetic));
        ends(c) && !goes_on
    };
    let mut end = value.char_indices().find(is_end).map_or(value.len(), |(at, _)| at);
    if value.get(end..)?.starts_with('<')
        && !value.get(end..)?.starts_with("</")
        && !value.get(end..)?.starts_with("<br")
    {
        return None;
    }
    if let Some(gap) = value.get(..end)?.find("  ") {
        end = gap;
    }
    let begins_next = |next: &aho_corasick::Match| {
        let behind = value.get(next.end()..).unwrap_or_default().trim_start();
        begins_field(value, next.start()) && behind.starts_with([':', '='])
    };
    if let Some(next) = LABELS.0.find(value.get(..end)?).filter(begins_next) {
        end = next.start();
    }
    let inner = value.get(..end)?.trim_end();
    // The end of a sentence.
    let inner = inner
        .strip_suffix('.')
        .filter(|i| i.len() > 2 && !i.ends_with(|c: char| c.is_uppercase()))
        .unwrap_or(inner);
    Some(inner.len())
}

/// The length of `Pine, Jane`, `PINE, JANE A.` at the start of `text`.
fn listed_len(text: &str) -> Option<usize> {
    let line = prefix(text, LONGEST);
    let (surname, rest) = line.split_once(", ")?;
    let len = word_len(rest);
    let given = rest.get(..len)?;
    let is_given = is(given, Entry::GIVEN)
        || is(given, Entry::GIVEN_RARE) && !is(given, Entry::CITY | Entry::REGION | Entry::COMMON);
    let is_surname =
        !is(surname, Entry::GIVEN) || is(surname, Entry::SURNAME | Entry::SURNAME_RARE);
    let fits = word_len(surname) == surname.len()
        && is_given
        && is_surname
        && [surname, given]
            .iter()
            .all(|word| is_name(word, false) && !word.starts_with(char::is_lowercase));
    let ends = !rest.get(len..)?.starts_with(|c: char| c.is_alphanumeric() || "-'’.(".contains(c));
    let initial = rest.get(len..)?.strip_prefix(' ').and_then(|behind| {
        let first = behind.chars().next().filter(|c| c.is_uppercase())?;
        let behind = behind.get(first.len_utf8()..)?;
        let apart = !behind.starts_with(char::is_alphanumeric);
        apart.then_some(1 + first.len_utf8() + usize::from(behind.starts_with('.')))
    });
    let second = || {
        let behind = rest.get(len..)?.strip_prefix(' ')?;
        let len = word_len(behind);
        let word = behind.get(..len)?;
        let is_last = behind.get(len..)?.starts_with([';', '\n']) || len == behind.len();
        let is_part = len > 1 && word.starts_with(char::is_uppercase) && !is(word, Entry::TITLE);
        (is_last && is_part).then_some(1 + len)
    };
    let more = initial.or_else(second).unwrap_or(0);
    (fits && ends).then_some(surname.len() + 2 + len + more)
}

/// The length of the word that `text` begins with, hyphens and apostrophes included.
fn word_len(text: &str) -> usize {
    let part = |c: char| c.is_alphabetic() || "-'’".contains(c);
    text.find(|c| !part(c)).unwrap_or(text.len())
}

/// True if `value` may be a name, written as names are.
fn is_name(value: &str, is_quoted: bool) -> bool {
    let fits = |c: char| c.is_alphabetic() || " -'’.·".contains(c) || is_mark(c);
    let count = words(value).count();
    value.starts_with(char::is_alphabetic)
        && value.chars().all(fits)
        && (1..=MOST_WORDS).contains(&count)
        && value.chars().filter(|c| c.is_alphabetic()).nth(1).is_some()
        && !is_repeated(value)
        && LABELS.0.find(value).is_none_or(|label| !begins_field(value, label.start()))
        && words(value).all(|word| is_word_of_name(word, is_quoted, count))
}

/// Marks over and under letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{900}'..='\u{DFF}' | '\u{E31}'..='\u{E4E}')
}

fn is_repeated(value: &str) -> bool {
    let mut letters = value.chars().map(|c| c.to_ascii_lowercase());
    let first = letters.next();
    letters.all(|c| Some(c) == first)
}

fn is_word_of_name(word: &str, is_quoted: bool, count: usize) -> bool {
    let lower = word.to_lowercase();
    if NO_NAMES.contains(&lower.as_str()) {
        return false;
    }
    if count > 1 && PARTICLES.contains(&word) {
        return true;
    }
    let first = word.chars().next();
    if first.is_some_and(char::is_lowercase) {
        let known = is(word, Entry::PERSON) && !is(word, Entry::FUNCTION);
        return known && (is_quoted || !is(word, WORDS));
    }
    // Types have capitals within: `LastName`. Letters of scripts without case are as good as capitals.
    let mut rest = word.chars().skip(1);
    let is_upper = word.chars().all(|c| !c.is_lowercase());
    is_upper
        || !rest.any(char::is_uppercase)
        || word.contains(['-', '\'', '’'])
        || BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
}

/// True if all words are names of people, whatever else they are, or unknown.
fn is_of_names(value: &str) -> bool {
    words(value)
        .all(|word| (is(word, Entry::PERSON) || !is(word, u32::MAX)) && !is(word, Entry::CALENDAR))
}

pub(super) fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split([' ', '-', '.']).filter(|word| !word.is_empty())
}

/// True if the lexicon says so of the word.
pub(super) fn is(word: &str, flags: u32) -> bool {
    LEXICON.get(token::hash(word)).has(flags)
}
