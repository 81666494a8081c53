//! The line with the street and the house number.

use super::{cursor::Cursor, words};
use crate::detect::seen::{Seen, is_word, suffix};

/// At most so many words make up the name of a street.
const MOST_WORDS: usize = 6;

/// How sure it is that a street was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Street {
    /// The word for a street says little else.
    Certain,
    /// The word for a street says other things as well.
    Likely,
    /// Only with a town behind it is this a street.
    Weak,
    /// There is a name with a number; what follows must tell.
    Open,
}

/// Reads the street behind a house number.
pub(super) fn behind_house(cursor: &mut Cursor<'_>) -> Option<Street> {
    let mut ahead = *cursor;
    let first = ahead.word()?;
    if words::is_leading(first) {
        return leading(cursor);
    }
    trailing(cursor).or_else(|| numbered(cursor)).or_else(|| nameless(cursor))
}

/// `5500 FM 620`: roads of counties and states have numbers.
fn numbered(cursor: &mut Cursor<'_>) -> Option<Street> {
    let mut ahead = *cursor;
    ahead.word().filter(|word| matches!(*word, "FM" | "CR" | "SR" | "RM"))?;
    let fits = ahead.eat(" ") && (1..=4).contains(&ahead.digits().len()) && ahead.is_apart();
    *cursor = fits.then_some(ahead)?;
    Some(Street::Weak)
}

/// `Askelund 1`: a name without a word for a street.
fn nameless(cursor: &mut Cursor<'_>) -> Option<Street> {
    name(cursor)?;
    let mut ahead = *cursor;
    if ahead.eat(" ") && house(&mut ahead).is_some() {
        *cursor = ahead;
    }
    Some(Street::Open)
}

/// `rue de la Paix`: the name behind the word for a street.
fn leading(cursor: &mut Cursor<'_>) -> Option<Street> {
    cursor.word()?;
    cursor.eat(".");
    name(cursor).map(|()| Street::Certain)
}

/// `Main Street`: the word for a street ends the name.
fn trailing(cursor: &mut Cursor<'_>) -> Option<Street> {
    let mut found = None;
    let mut ahead = *cursor;
    for nth in 0..MOST_WORDS {
        let Some(word) = ahead.word() else { break };
        let kind = words::suffix(word);
        if let Some(certain) = kind.filter(|_| nth > 0) {
            if word.len() <= 4 {
                ahead.eat(".");
            }
            found = Some((ahead, certain));
        } else if !words::may_name_street(word) {
            break;
        } else if word.len() <= 2 {
            ahead.eat(".");
        }
        if !ahead.eat(" ") {
            break;
        }
    }
    let (end, certain) = found?;
    *cursor = end;
    direction(cursor);
    number_behind(cursor);
    Some(if certain { Street::Certain } else { Street::Likely })
}

/// `Ave 3 #08-1147`, `Rural Route 4, …`: streets with numbers, as they have them in Singapore and in the country.
fn number_behind(cursor: &mut Cursor<'_>) {
    let mut ahead = *cursor;
    let number = ahead.eat(" ") && (1..=2).contains(&ahead.digits().len()) && ahead.is_apart();
    let goes_on = |mark: &str| {
        ahead.rest().strip_prefix(mark).is_some_and(|rest| rest.starts_with(char::is_uppercase))
    };
    let is_unit = [" #", ", #"].iter().any(|mark| ahead.rest().starts_with(mark));
    if number && (is_unit || goes_on(", ")) {
        *cursor = ahead;
    }
}

/// `NW` behind the street.
fn direction(cursor: &mut Cursor<'_>) {
    let mut ahead = *cursor;
    if ahead.eat(" ") && ahead.word().is_some_and(words::is_direction) {
        *cursor = ahead;
    }
}

/// Reads name and house number behind a word for a street. `street` is that word.
pub(super) fn behind_type(cursor: &mut Cursor<'_>, street: &str) -> Option<Street> {
    // In small letters, and as short as `c.`, the word needs a capital behind it; the name takes care of that.
    cursor.skip(" .");
    name(cursor)?;
    cursor.skip(", ");
    for mark in [
        "д. ", "д.", "дом ", "буд. ", "n.º", "nº", "n°", "n.", "núm.", "num.", "no.", "nr", "Nr.",
        "#", "s/n",
    ] {
        if cursor.eat(mark) {
            break;
        }
    }
    cursor.skip(" ");
    house(cursor)?;
    entrance(cursor);
    Some(if street.len() > 3 { Street::Certain } else { Street::Likely })
}

/// Reads name and house number behind a preposition: one or two words with capitals.
pub(super) fn behind_preposition(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut ahead = *cursor;
    for nth in 0..2 {
        let word = ahead.word()?;
        if !words::is_capitalised(word) || words::is_of_time(word) {
            return None;
        }
        if !ahead.eat(" ") {
            return None;
        }
        if nth == 1 || ahead.rest().starts_with(|c: char| c.is_ascii_digit()) {
            break;
        }
    }
    house(&mut ahead)?;
    *cursor = ahead;
    Some(())
}

/// Reads words with capitals, small words between them, up to the last with a capital.
fn name(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut ahead = *cursor;
    let mut end = None;
    ahead.skip(" ");
    for _ in 0..MOST_WORDS {
        let Some(word) = ahead.word() else { break };
        if words::is_capitalised(word) {
            end = Some(ahead);
            // Behind a longer word it ends the sentence.
            if word.chars().count() <= 4 && ahead.eat(".") {
                end = Some(ahead);
            }
        } else if !words::is_particle(word) && !word.contains('\'') {
            break;
        }
        if !ahead.eat(" ") {
            break;
        }
    }
    *cursor = end?;
    // A full stop that ends the sentence was no abbreviation's.
    Some(())
}

/// Reads a house number: `12`, `12a`, `12-14`, `12/3`, `12 bis`.
pub(super) fn house(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut ahead = *cursor;
    let digits = ahead.digits();
    if !(1..=5).contains(&digits.len()) || digits == "0" {
        return None;
    }
    for addition in [" bis", " ter", " quater", "bis", "ter", "quater"] {
        if ahead.eat(addition) {
            break;
        }
    }
    let mut end = ahead;
    // `12-14`, `88/2/14`, `12/3`
    for _ in 0..3 {
        if ahead.skip("-/") != 1 || !(1..=4).contains(&ahead.digits().len()) || !ahead.is_apart() {
            break;
        }
        end = ahead;
    }
    // `812-II`, the second floor of a house in Amsterdam.
    let mut ahead = end;
    if ahead.eat("-") && ahead.word().is_some_and(|w| matches!(w, "I" | "II" | "III" | "IV" | "hs"))
    {
        end = ahead;
    }
    // `22/B`
    let mut ahead = end;
    if ahead.eat("/") && ahead.word().is_some_and(is_letter) {
        end = ahead;
    }
    let mut ahead = end;
    ahead.eat(" ");
    if ahead.word().is_some_and(is_letter) && end.rest().starts_with(is_word) {
        end = ahead;
    }
    *cursor = end;
    end.is_apart().then_some(())
}

fn is_letter(word: &str) -> bool {
    word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Reads the letter behind a house number, apart, and the number of the flat behind that: `12 B`, `12 A 4`.
pub(super) fn entrance(cursor: &mut Cursor<'_>) {
    let mut ahead = *cursor;
    let letter = ahead.eat(" ")
        && ahead.word().is_some_and(|w| is_letter(w) && w.bytes().all(|b| b.is_ascii_uppercase()));
    if !letter {
        return;
    }
    let end = ahead;
    if ahead.eat(" ") && (1..=3).contains(&ahead.digits().len()) && ahead.is_apart() {
        *cursor = ahead;
        return;
    }
    // `4 C.P.` begins something else.
    let mut behind = end.rest().chars();
    let ends = match behind.next() {
        None | Some(',' | ';' | '\n' | '\r' | ')' | '"') => true,
        Some('.') => !behind.next().is_some_and(is_word),
        Some(_) => false,
    };
    if ends {
        *cursor = end;
    }
}

/// How many bytes of the end of `left` say of which town the street is: `Ottenser Hauptstraße`.
fn town_before(left: &str) -> usize {
    const OTHERS: [&str; 5] = ["Dieser", "Hinter", "Meiner", "Unserer", "Unter"];
    let Some(spaced) = left.strip_suffix(' ') else { return 0 };
    let word = spaced.rsplit(|c| !is_word(c)).next().unwrap_or_default();
    let is_town = word.ends_with("er") && word.len() >= 6 && words::is_capitalised(word);
    if is_town && !OTHERS.contains(&word) { word.len() + 1 } else { 0 }
}

/// Where the name of a street begins whose last letters were matched: at its word, or at the words with capitals before it
/// if that word is the word for a street alone (`Berliner Straße`).
pub(super) fn name_before(seen: &Seen<'_>) -> Option<usize> {
    let left = suffix(seen.all.get(..seen.start)?, 48);
    let inner = left.len()
        - left
            .chars()
            .rev()
            .take_while(|&c| is_word(c) || c == '-')
            .map(char::len_utf8)
            .sum::<usize>();
    let stem = left.get(inner..)?;
    if !stem.is_empty() {
        let capital = words::is_capitalised(stem);
        let start = seen.start - stem.len();
        let town = left.get(..inner).map_or(0, town_before);
        return (capital && stem.chars().count() >= 3).then(|| start - town);
    }
    // A whole word: `Straße 12` needs a name in front.
    let spaced = left.strip_suffix(' ')?;
    let from = words::trailing_name(spaced)?;
    let small = ["utca", "út", "tér", "ulice", "nám", "caddesi", "sokak", "sokağı"];
    let fits =
        words::is_capitalised(seen.text()) || small.iter().any(|w| seen.text().starts_with(w));
    fits.then(|| seen.start - (left.len() - from))
}
