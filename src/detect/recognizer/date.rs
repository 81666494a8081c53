//! Calendar dates, and dates that the text calls somebody's birth.
//!
//! Every form stands twice: as a date, and as a birth date that counts only with a word for it.

use super::words;
use crate::detect::{
    EntityType,
    groups::Groups,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix},
};

macro_rules! spoken_day {
    () => {
        "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth\
         |seventeenth|eighteenth|nineteenth|twentieth|thirtieth|thirty[ -]first\
         |twenty[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
    };
}

macro_rules! spoken_month {
    () => {
        "january|february|march|april|may|june|july|august|september|october|november|december"
    };
}

/// `2024-11-24`, `2024/11/24`, `2024.11.24`, with a time behind.
const YEAR_FIRST: &str = r"(?-u:\b)(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:Z| ?[+-][0-9]{2}:?[0-9]{2})?)?(?-u:\b)";
/// `24/11/2024`, `11-24-24`, `24.11.2024`.
const YEAR_LAST: &str = r"(?-u:\b)[0-9]{1,2}[-/.] ?[0-9]{1,2}[-/.] ?(?:[0-9]{4}|[0-9]{2})(?: [0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?(?-u:\b)";
/// `1961年5月2日`, `1961년 5월 2일`.
const CJK: &str = r"(?:19|20)[0-9]{2} ?(?:年|년) ?[0-9]{1,2} ?(?:月|월) ?[0-9]{1,2} ?(?:日|일)";
/// `19610502`, `02051961`.
const COMPACT: &str = r"(?-u:\b)[0-9]{8}(?-u:\b)";
/// `24 November 2024`, `Nov 24th, 2024`, `24. November`, `noviembre de 2012`, `29 de junio de 2012`.
const MONTH: &str = concat!(
    r"(?i)(?:(?-u:\b)[0-9]{1,2}(?:st|nd|rd|th|º|er)?(?:\.? | de | of | di |-|/)(?:of |the |de )?)?(?-u:\b)",
    r"(?:jan(?:uary|uar|vier|eiro)?|feb(?:ruary|ruar|brero|braio)?|mar(?:ch|zo|ço|s)?|märz|apr(?:il|ile)?|may|mai|mayo|maio|jun(?:e|i|io|ho)?|jul(?:y|i|io|ho)?",
    r"|aug(?:ust)?|sep(?:t|tember|tembre|tiembre)?|oct(?:ober|obre|ubre)?|okt(?:ober)?|nov(?:ember|embre|iembre|embro)?|dec(?:ember)?|dez(?:ember|embro)?|dic(?:iembre|embre)?",
    r"|enero|febrero|abril|agosto|setembro|outubro|fevereiro|février|avril|juin|juillet|août|décembre|gennaio|maggio|giugno|luglio|settembre|ottobre|januari|februari|maart|mei|augustus|marzo)",
    r"(?:(?-u:\b)\.?,?(?:(?: |-| the )[0-9]{1,2}(?:st|nd|rd|th)?(?-u:\b))?(?:,? ?(?: |-|/|'| de | del | del año | de l'année | of )(?:19|20)[0-9]{2}(?-u:\b))?)",
);

/// `third of May nineteen eighty-four`, `March twelfth, two thousand and three`, as people say them.
const SPOKEN: &str = concat!(
    r"(?i-u:\b(?:(?:",
    spoken_day!(),
    r"),? (?:day )?(?:of )?(?:",
    spoken_month!(),
    r")|(?:",
    spoken_month!(),
    r") (?:the )?(?:",
    spoken_day!(),
    r")),? (?:in )?(?:the year )?(?:nineteen|twenty|two thousand)(?:[ -](?:and[ -])?(?:",
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?",
    r"|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|hundred",
    r"|(?:oh[ -])?(?:one|two|three|four|five|six|seven|eight|nine)))?\b)",
);

/// Names of birth dates.
const NAMES: &str = r"(?i-u:\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|birthday|bday|born(?: on)?|d\.d\.n\.?|ddn|geb\.|geburtsdatum|f\. ?nac\.?|fecha de nacimiento|data di nascita|data de nascimento|geboortedatum))";

const DATE: f32 = 0.85;
const BORN: f32 = 0.95;
/// Without a word for it no birth date.
const NOT_BORN: f32 = 0.05;

pub(super) static DATES: Recognizer = Recognizer {
    name: "date",
    description: "calendar dates in numbers and with month names; birth dates by the words near them",
    patterns: &[
        Pattern::new(EntityType::DATE_TIME, DATE, YEAR_FIRST).check(year_first),
        Pattern::new(EntityType::DATE_TIME, DATE, YEAR_LAST).check(year_last),
        Pattern::new(EntityType::DATE_TIME, DATE, MONTH).check(month),
        Pattern::new(EntityType::DATE_OF_BIRTH, NOT_BORN, YEAR_FIRST)
            .check(year_first)
            .context(BORN, words::BIRTH)
            .of_one_date()
            .weak(),
        Pattern::new(EntityType::DATE_OF_BIRTH, NOT_BORN, YEAR_LAST)
            .check(born_year_last)
            .context(BORN, words::BIRTH)
            .of_one_date()
            .weak(),
        Pattern::new(EntityType::DATE_OF_BIRTH, NOT_BORN, MONTH)
            .check(month)
            .context(BORN, words::BIRTH)
            .of_one_date()
            .weak(),
        Pattern::new(EntityType::DATE_TIME, DATE, SPOKEN),
        Pattern::new(EntityType::DATE_OF_BIRTH, NOT_BORN, SPOKEN)
            .context(BORN, words::BIRTH)
            .of_one_date()
            .weak(),
        Pattern::new(EntityType::DATE_TIME, DATE, CJK),
        Pattern::new(EntityType::DATE_OF_BIRTH, NOT_BORN, CJK)
            .context(BORN, words::BIRTH)
            .of_one_date()
            .weak(),
        Pattern::new(EntityType::DATE_OF_BIRTH, NOT_BORN, COMPACT)
            .check(compact)
            .context(BORN, words::BIRTH)
            .of_one_date()
            .weak(),
        Pattern::new(EntityType::DATE_OF_BIRTH, 0.85, NAMES).check(named_date),
    ],
};

fn year_first(seen: &Seen<'_>) -> Option<Accepted> {
    let groups = Groups::of(seen.text());
    let fits = is_month(groups.get(1)) && is_day(groups.get(2)) && groups.mark(0) == groups.mark(1);
    (fits && alone(seen)).then(|| seen.accept())?
}

fn year_last(seen: &Seen<'_>) -> Option<Accepted> {
    let groups = Groups::of(seen.text());
    let (first, second, year) = (groups.get(0), groups.get(1), groups.get(2));
    let day_month = (is_day(first) && is_month(second)) || (is_month(first) && is_day(second));
    let mark = groups.mark(0);
    let long_year = year.len() == 4 && matches!(year.parse::<u16>(), Ok(1880..=2100));
    // Versions have dots between short numbers.
    let short_year = year.len() == 2 && (mark == "/" || first.len() == 2);
    let fits = day_month && mark == groups.mark(1) && (long_year || short_year);
    let score = match (long_year, mark) {
        (true, _) => DATE,
        (false, ".") => 0.2,
        (false, _) => 0.6,
    };
    (fits && alone(seen)).then(|| seen.accept())?.map(|a| a.with_score(score))
}

/// A month counts with a day or a year beside it: "may" and "march" are words too.
fn month(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text();
    // Most are the words alone.
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let trimmed = text.trim_end_matches([' ', ',', '.', '-', '/', '\'']);
    let found = Seen { end: seen.start + trimmed.len(), ..*seen };
    let groups = Groups::of(found.text());
    let days = (0..groups.len())
        .filter(|&nth| groups.get(nth).len() <= 2)
        .all(|nth| is_day(groups.get(nth)));
    let whole = groups.len() > 0 && days && found.is_free_left("-./_") && found.is_free_right("-_");
    let cut_number = prefix(found.all.get(found.end..)?, 2).starts_with(['%', ':', '°']);
    (whole && !cut_number).then(|| found.accept())?
}

fn born_year_last(seen: &Seen<'_>) -> Option<Accepted> {
    year_last(seen).map(|a| a.with_score(NOT_BORN))
}

/// Eight digits that begin or end with a year of somebody alive.
fn compact(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let is_year = |year: &str| matches!(year.parse::<u16>(), Ok(1900..=2035));
    let year_first = is_year(part(0, 4)) && is_month(part(4, 6)) && is_day(part(6, 8));
    let day_month = (is_day(part(0, 2)) && is_month(part(2, 4)))
        || (is_month(part(0, 2)) && is_day(part(2, 4)));
    let fits = year_first || (day_month && is_year(part(4, 8)));
    (fits && alone(seen)).then(|| seen.accept())?
}

fn named_date(seen: &Seen<'_>) -> Option<Accepted> {
    named_six(seen).or_else(|| Some(named_month(seen)?.with_score(BORN)))
}

/// `DOB: 020561`
fn named_six(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (6, 6), digits: 6, letters: false, marks: "" })?;
    let text = seen.all.get(found.start..found.end)?;
    let part = |from: usize| text.get(from..from + 2).unwrap_or_default();
    let fits = (is_day(part(0)) && is_month(part(2)))
        || (is_month(part(0)) && is_day(part(2)))
        || (is_month(part(2)) && is_day(part(4)));
    fits.then_some(found)
}

/// `DOB: 12 Mar 76`, `born 12-Mar-76`, `dob: mar 12 76`, `DOB: 12MAR1976`: years of two digits, and dates without marks.
fn named_month(seen: &Seen<'_>) -> Option<Accepted> {
    if seen.before().is_some_and(is_word) || seen.after().is_some_and(is_word) {
        return None;
    }
    let right = seen.right();
    let value = right.trim_start_matches([' ', ':', '=', '"', '\'', '(', '*', '-', '.', '\t']);
    let start = seen.end + (right.len() - value.len());
    let mut rest = value;
    let first = take(&mut rest, |c| c.is_ascii_digit());
    skip(&mut rest);
    let month = take(&mut rest, char::is_alphabetic);
    skip(&mut rest);
    let day = if first.is_empty() { take(&mut rest, |c| c.is_ascii_digit()) } else { first };
    if first.is_empty() {
        skip(&mut rest);
    }
    let year = take(&mut rest, |c| c.is_ascii_digit());
    let known = month.get(..3).is_some_and(|m| MONTHS.contains(&m.to_ascii_lowercase().as_str()));
    let fits = known
        && month.len() <= 10
        && is_day(day)
        && matches!(year.len(), 2 | 4)
        && !rest.starts_with(|c: char| is_word(c) || c == ':' || c == '-');
    fits.then(|| seen.accept_span(start, start + (value.len() - rest.len())))?
}

/// Beginnings of the names of months.
#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "mai", "jun", "jul", "aug", "sep", "oct", "okt", "nov", "dec", "dez", "dic", "ene", "abr", "ago", "gen", "mag",
    "giu", "lug", "set", "ott", "mei", "avr",
];

/// Reads what `fits` from the beginning of `rest`.
fn take<'t>(rest: &mut &'t str, fits: impl Fn(char) -> bool) -> &'t str {
    let (taken, left) = rest.split_at(rest.find(|c| !fits(c)).unwrap_or(rest.len()));
    *rest = left;
    taken
}

/// Skips the mark between the parts of a date.
fn skip(rest: &mut &str) {
    let marks = [". ", ", ", " '", " ", "-", "/", ".", ","];
    if let Some(behind) = marks.iter().find_map(|mark| rest.strip_prefix(mark)) {
        *rest = behind;
    }
}

fn alone(seen: &Seen<'_>) -> bool {
    // `born:5/10/1963` is a date, `10:05/10/1963` is not.
    let in_time = seen.left().ends_with(':')
        && seen.left().trim_end_matches(':').ends_with(|c: char| c.is_ascii_digit());
    seen.is_free_left("-./_+") && seen.is_free_right("-./_") && !in_time
}

fn is_month(text: &str) -> bool {
    matches!(text.parse::<u8>(), Ok(1..=12))
}

fn is_day(text: &str) -> bool {
    matches!(text.parse::<u8>(), Ok(1..=31))
}
