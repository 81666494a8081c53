//! Addresses in small letters in other languages than English: `kastanienallee 12 in 10435 berlin`, `via dei mille 22, 20129 milano`,
//! `12 bis rue lamarck, 75018 paris`.
//!
//! They count with a post code and a town that is known behind them, or with words in front that say that somebody lives there.

use super::{cursor::Cursor, street, tail, words};
use crate::detect::{
    names,
    pattern::Accepted,
    seen::{Seen, is_word, prefix, suffix},
};

/// How far words that tell a home stand in front, in bytes.
const BEFORE: usize = 48;
/// How far an address goes on.
const BEHIND: usize = 96;
/// Words between the word for a street and the number.
const MOST_WORDS: usize = 4;

/// Words for a street that stand in front of its name, the number behind it.
#[rustfmt::skip]
const LEADING: &[&str] = &[
    "avenida", "avda", "calle", "carrer", "corso", "largo", "paseo", "piazza", "piazzale", "plaza", "rua", "travessa", "ul", "ulica", "via", "viale", "vicolo",
];
/// The same in French, the number in front of them.
const NUMBERED: &[&str] = &["bd", "boulevard", "chemin", "impasse", "quai", "rue"];

/// `gartenstr. 3, 50667 köln`: what was matched is the end of the street's name with the first digit of the house.
pub(super) fn compound(seen: &Seen<'_>) -> Option<Accepted> {
    let left = suffix(seen.all.get(..seen.start)?, BEFORE);
    let stem = left.rsplit(|c| !is_word(c) && c != '-').next()?;
    let start = seen.start - stem.len();
    let is_small = stem.chars().all(|c| c.is_lowercase() || c == '-');
    if !is_small || stem.chars().count() < 3 || !is_apart(seen.all, start) {
        return None;
    }
    let house = seen.end - 1;
    let mut cursor = Cursor::new(prefix(seen.all.get(house..)?, BEHIND));
    street::house(&mut cursor)?;
    let end = end(seen.all, start, house + cursor.at())?;
    // `während 12`, `supermarkt 3`
    (end.is_told || !words::is_weak_end(seen.text())).then(|| seen.accept_span(start, end.at))?
}

/// `calle serrano 41, madrid`, `12 rue lamarck, 75018 paris`: what was matched is the word for the street, with the mark behind it.
pub(super) fn leading(seen: &Seen<'_>) -> Option<Accepted> {
    let word = seen.text().trim_end_matches([' ', '.', '/']);
    let is_numbered = NUMBERED.contains(&word);
    if !is_apart(seen.all, seen.start) || !is_numbered && !LEADING.contains(&word) {
        return None;
    }
    let mut cursor = Cursor::new(prefix(seen.all.get(seen.end..)?, BEHIND));
    cursor.skip(" ");
    let mut named = None;
    for _ in 0..MOST_WORDS {
        let mut ahead = cursor;
        let is_small = |word: &str| word.chars().all(|c| c.is_lowercase() || c == '\'' || c == '-');
        if !ahead.word().is_some_and(is_small) {
            break;
        }
        named = Some(ahead);
        ahead.eat(" ");
        cursor = ahead;
    }
    let named = named?;
    let start = if is_numbered { house_before(seen)? } else { street_before(seen) };
    let mut cursor = if is_numbered { named } else { cursor };
    if !is_numbered {
        cursor.skip(", ");
        cursor.eat("n. ");
        street::house(&mut cursor)?;
    }
    let end = end(seen.all, start, seen.end + cursor.at())?;
    seen.accept_span(start, end.at)
}

/// Where another word for a street begins in front of the match: `Calle via limite`. Else where the match does.
fn street_before(seen: &Seen<'_>) -> usize {
    let word = seen.left().strip_suffix(' ').and_then(|left| left.rsplit(|c| !is_word(c)).next());
    let word = word.filter(|word| LEADING.contains(&word.to_lowercase().as_str()));
    seen.start - word.map_or(0, |word| word.len() + 1)
}

/// Where the house number in front of a French street begins: `12 bis `, `3, `.
fn house_before(seen: &Seen<'_>) -> Option<usize> {
    let left = suffix(seen.all.get(..seen.start)?, 16);
    let number = left.trim_end_matches([' ', ',']);
    let number = ["bis", "ter", "quater"]
        .iter()
        .find_map(|addition| number.strip_suffix(addition))
        .unwrap_or(number)
        .trim_end_matches(' ');
    let digits = number.bytes().rev().take_while(u8::is_ascii_digit).count();
    let start = seen.start - (left.len() - (number.len() - digits));
    ((1..=4).contains(&digits) && is_apart(seen.all, start)).then_some(start)
}

/// No word touches the left side, nor a mark that joins.
fn is_apart(text: &str, start: usize) -> bool {
    let before = text.get(..start).and_then(|left| left.chars().next_back());
    before.is_none_or(|c| c.is_whitespace() || "(:,\"".contains(c))
}

/// Where an address ends, and whether words in front tell that it is somebody's.
struct End {
    at: usize,
    is_told: bool,
}

/// Reads the town behind the street that ends at `at`; `None` where nothing tells that it is an address.
fn end(text: &str, start: usize, at: usize) -> Option<End> {
    let is_told = is_home(text.get(..start)?);
    let behind = prefix(text.get(at..)?, BEHIND);
    let town = coded_town(behind, is_told).or_else(|| town(behind));
    // Floors and flats.
    let mut cursor = Cursor::new(behind);
    let unit = if is_told && town.is_none() { tail::read(&mut cursor).unit } else { false };
    let len = town.map_or(if unit { cursor.at() } else { 0 }, |town| town.len);
    (is_told || town.is_some_and(|town| town.is_coded)).then_some(End { at: at + len, is_told })
}

#[derive(Clone, Copy)]
struct Town {
    len: usize,
    is_coded: bool,
}

/// `, 50667 köln`, ` in 10435 berlin`, `, 3732 hj de bilt`: told to be an address, any word behind the code is a town.
fn coded_town(behind: &str, is_told: bool) -> Option<Town> {
    let mut cursor = Cursor::new(behind);
    cursor.skip(", \n");
    for preposition in ["in ", "à ", "a ", "te ", "d-"] {
        if cursor.eat(preposition) {
            break;
        }
    }
    let digits = cursor.digits().len();
    let mut dutch = cursor;
    dutch.eat(" ");
    let is_dutch = digits == 4 && dutch.word().is_some_and(|word| word.len() == 2);
    if is_dutch {
        cursor = dutch;
    }
    let is_code = digits == 5 || is_dutch || digits == 4 && is_told;
    if cursor.at() == behind.len() || !is_code || !cursor.is_apart() {
        return (is_told && is_code && cursor.is_apart())
            .then_some(Town { len: cursor.at(), is_coded: true });
    }
    cursor.eat(",");
    let (len, is_known) = named_town(cursor)?;
    (is_told || is_known).then_some(Town { len, is_coded: true })
}

/// `, madrid`, which ends what is said.
fn town(behind: &str) -> Option<Town> {
    let mut cursor = Cursor::new(behind);
    if !cursor.eat(",") {
        cursor.eat(" in");
    }
    let (len, is_known) = named_town(cursor)?;
    let ends = behind.get(len..)?.chars().next().is_none_or(|c| !is_word(c) && c != ' ');
    (is_known && ends).then_some(Town { len, is_coded: false })
}

/// Where the town behind a space ends, and whether it is known: one word, and particles before it.
fn named_town(mut cursor: Cursor<'_>) -> Option<(usize, bool)> {
    const PARTICLES: [&str; 9] = ["bad", "de", "den", "het", "la", "le", "los", "san", "sankt"];
    cursor.eat(" ");
    let mut word = cursor.word()?;
    if PARTICLES.contains(&word) && cursor.eat(" ") {
        word = cursor.word()?;
    }
    let is_small = word.chars().skip(1).all(|c| c.is_lowercase() || c == '-');
    let is_town = word.chars().count() >= 3 && is_small && word.starts_with(char::is_alphabetic);
    is_town.then(|| (cursor.at(), names::is_town(word)))
}

/// `ich wohne in der`, `mijn adres:`, `abito in`
fn is_home(left: &str) -> bool {
    #[rustfmt::skip]
    const HOMES: &[&str] = &[
        "abita", "abito", "adres", "adresse", "anschrift", "demeure", "direccion", "dirección", "domicile", "domicilio", "endereço", "habite", "indirizzo",
        "lieferadresse", "mora", "morada", "moro", "resido", "reside", "residente", "vive", "vivo", "wohne", "wohnen", "wohnhaft", "wohnt", "woon", "woont",
    ];
    let line = suffix(left, BEFORE).rsplit(['\n', '.', '!', '?']).next().unwrap_or_default();
    let words = line.rsplit(|c| !is_word(c)).filter(|word| !word.is_empty());
    words.take(MOST_WORDS + 1).any(|word| HOMES.contains(&word.to_lowercase().as_str()))
}
