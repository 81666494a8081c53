//! What follows the street: unit, town, state, post code, country.

use super::{cursor::Cursor, words};
use crate::detect::seen::is_word;

/// At most so many parts follow.
const MOST_PARTS: usize = 7;

/// What a tail held.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tail {
    /// A flat or suite.
    pub(super) unit: bool,
    /// A post code, a state, a country, or a town that ends the line.
    pub(super) placed: bool,
    /// A country.
    pub(super) country: bool,
    /// A post code, or a state.
    pub(super) coded: bool,
    /// A post code with letters, which says by itself that an address ends here.
    pub(super) lettered: bool,
}

/// Reads as far as the last part that surely belongs to the address.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Tail {
    let mut ahead = *cursor;
    let mut tail = Tail::default();
    let mut coded = false;
    let mut open = false;
    for _ in 0..MOST_PARTS {
        // `Ofc. Hendricks #4418`: no town has flats.
        if open && ahead.rest().starts_with(" #") {
            break;
        }
        // Behind the post code only the country follows; other digits there are a telephone number.
        let part = if coded {
            // `28007 Madrid. España`
            ahead.eat(".");
            country(&mut ahead)
        } else {
            part(&mut ahead)
        };
        match part {
            None => break,
            Some(Part::Open) => {
                open = true;
                continue;
            }
            Some(Part::Unit) => tail.unit = true,
            Some(Part::Code) => (coded, tail.coded) = (true, true),
            Some(Part::Letters) => (coded, tail.coded, tail.lettered) = (true, true, true),
            Some(Part::Country) => tail.country = true,
            Some(Part::Town) => {}
        }
        tail.placed |= part != Some(Part::Unit);
        open = false;
        *cursor = ahead;
    }
    tail
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// Flat, floor, suite.
    Unit,
    /// A post code with its town, or a state.
    Code,
    /// The same with letters in it.
    Letters,
    /// Also a county, a state or a province by its name.
    Country,
    /// A town that ends the line.
    Town,
    /// Words that are a town if something behind them says so.
    Open,
}

fn part(cursor: &mut Cursor<'_>) -> Option<Part> {
    let comma = separator(cursor)?;
    if unit(cursor).is_some() {
        return Some(Part::Unit);
    }
    let is_lettered = cursor.rest().starts_with(|c: char| c.is_ascii_uppercase());
    if post_code_and_town(cursor).is_some() {
        return Some(if is_lettered { Part::Letters } else { Part::Code });
    }
    if state(cursor).is_some() {
        return Some(Part::Code);
    }
    let place = town(cursor)?;
    if words::is_country(place) || comma && words::is_region(place) && !goes_on(cursor) {
        return Some(Part::Country);
    }
    Some(if comma && ends(cursor) { Part::Town } else { Part::Open })
}

/// A word in small letters follows: what was read begins a sentence, as in `…, Virginia said`.
fn goes_on(cursor: &Cursor<'_>) -> bool {
    cursor.rest().strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_lowercase))
}

fn country(cursor: &mut Cursor<'_>) -> Option<Part> {
    separator(cursor)?;
    town(cursor).filter(|place| words::is_country(place)).map(|_| Part::Country)
}

/// Reads commas, spaces and at most one line break. Tells whether it is more than a space.
fn separator(cursor: &mut Cursor<'_>) -> Option<bool> {
    let before = cursor.at();
    cursor.skip(" ");
    let mut comma = cursor.eat(",");
    // `São Paulo - SP`: what follows counts with a state or a post code behind.
    if cursor.at() > before && !comma {
        cursor.eat("- ");
    }
    cursor.skip(" ");
    if cursor.eat("\r\n") || cursor.eat("\n") {
        cursor.skip(" \t");
        comma |= cursor.eat(",");
        cursor.skip(" ");
    }
    (cursor.at() > before).then_some(comma)
}

/// `Apt 4`, `2nd floor`, `3º B`, `#12`.
fn unit(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut ahead = *cursor;
    if ahead.eat("#") {
        let number = ahead.word()?;
        // Floor and flat in Singapore: `#08-1147`.
        let is_pair = number.split_once('-').is_some_and(|(floor, flat)| {
            let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
            floor.len() == 2 && matches!(flat.len(), 2..=4) && digits(floor) && digits(flat)
        });
        *cursor = ahead;
        return (number.len() <= 5 || is_pair).then_some(());
    }
    let first = ahead.word()?;
    if words::is_unit(first) {
        ahead.eat(".");
        ahead.skip(" #:");
        let number = ahead.word()?;
        let fits =
            number.len() <= 6 && (number.bytes().any(|b| b.is_ascii_digit()) || number.len() <= 2);
        *cursor = ahead;
        return fits.then_some(());
    }
    floor(cursor, first, ahead)
}

/// `2nd floor`, `3º izq`, `2 B`.
fn floor<'t>(cursor: &mut Cursor<'t>, first: &str, mut ahead: Cursor<'t>) -> Option<()> {
    let digits = first.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 2 {
        return None;
    }
    let ordinal = ahead.eat("º")
        || ahead.eat("ª")
        || ahead.eat(".º")
        || ahead.eat("°")
        || first.ends_with(['º', 'ª']);
    // `2. tv`, `3. OG`
    let dotted = !ordinal && ahead.rest().starts_with(". ") && ahead.eat(".");
    let mut end = ahead;
    ahead.skip(" ");
    let named = ahead.word().is_some_and(|w| {
        words::is_floor(w) || (w.len() == 1 && w.starts_with(|c: char| c.is_ascii_uppercase()))
    });
    if named {
        end = ahead;
        // `2.º Esq., …`
        if ahead.rest().starts_with(".,") {
            ahead.eat(".");
            end = ahead;
        }
    } else if dotted {
        return None;
    }
    if ordinal || named || (first.len() <= digits + 1 && first.len() > digits) {
        *cursor = end;
        return Some(());
    }
    None
}

/// `75011 Paris`, `1017 AB Amsterdam`, `SW1A 1AA`, or a post code alone.
fn post_code_and_town(cursor: &mut Cursor<'_>) -> Option<()> {
    post_code(cursor)?;
    let mut ahead = *cursor;
    if ahead.skip(" ") == 1 && town(&mut ahead).is_some() {
        *cursor = ahead;
    }
    Some(())
}

/// Reads a post code of any country; it must stand alone.
pub(super) fn post_code(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut ahead = *cursor;
    for country in [
        "D-", "A-", "CH-", "F-", "B-", "L-", "I-", "E-", "NL-", "DK-", "S-", "N-", "FIN-", "PL-",
        "CZ-",
    ] {
        if ahead.eat(country) {
            break;
        }
    }
    let digits = ahead.digits().len();
    let read = if digits == 0 { lettered(&mut ahead) } else { numeric(&mut ahead, digits) };
    read?;
    *cursor = ahead;
    // More digits behind a space make it a telephone number: `089 72 63 41`.
    let goes_on = ahead.rest().strip_prefix([' ', '-']);
    let number = goes_on.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    (ahead.is_apart() && !number).then_some(())
}

/// `10115`, `62704-1234`, `00-950`, `111 22`, `1017 AB`, `01310-100`, `560 001`.
fn numeric(cursor: &mut Cursor<'_>, digits: usize) -> Option<()> {
    let mut ahead = *cursor;
    let mark = ahead.skip(" -");
    let second = ahead.digits().len();
    let joined = mark == 1
        && ahead.is_apart()
        && matches!((digits, second), (5, 3 | 4) | (4, 3) | (2, 3) | (3, 2 | 3));
    if joined {
        *cursor = ahead;
        return Some(());
    }
    let mut ahead = *cursor;
    ahead.skip(" ");
    let dutch = digits == 4
        && ahead.word().is_some_and(|w| w.len() == 2 && w.bytes().all(|b| b.is_ascii_uppercase()));
    if dutch {
        *cursor = ahead;
    }
    (4..=6).contains(&digits).then_some(())
}

/// British and Canadian codes.
fn lettered(cursor: &mut Cursor<'_>) -> Option<()> {
    let outward = cursor.word()?;
    if outward.len() >= 5 {
        let (first, second) = outward.split_at_checked(outward.len() - 3)?;
        return words::is_post_code(first, second).then_some(());
    }
    cursor.eat(" ");
    let inward = cursor.word()?;
    (words::is_post_code(outward, inward) || words::is_eircode(outward, inward)).then_some(())
}

/// A state's code, with or without a post code behind it.
fn state(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut ahead = *cursor;
    let code = ahead.word()?;
    if !words::is_state(code) {
        return None;
    }
    ahead.eat(".");
    *cursor = ahead;
    ahead.skip(", ");
    if post_code(&mut ahead).is_some() {
        *cursor = ahead;
    }
    Some(())
}

/// Reads words with capitals, up to four.
fn town<'t>(cursor: &mut Cursor<'t>) -> Option<&'t str> {
    let rest = cursor.rest();
    let from = cursor.at();
    let mut ahead = *cursor;
    let mut end = None;
    for nth in 0..4 {
        let Some(word) = ahead.word() else { break };
        // A state's code and a post code are parts of their own.
        let code = nth > 0 && words::is_state(word);
        if words::is_capitalised(word)
            && !code
            && !word.contains(|c: char| c.is_ascii_digit())
            && (!words::is_sentence(word) || nth == 0 && is_before_state(ahead))
        {
            end = Some(ahead);
            if word.chars().count() <= 3 {
                ahead.eat(".");
            }
        } else if code || nth == 0 || !words::is_particle(word) {
            break;
        }
        if !ahead.eat(" ") {
            break;
        }
    }
    *cursor = end?;
    // `Dublin 2, D02 XE80`
    let mut district = *cursor;
    let numbered = ["Dublin", "Praha", "Wien"].iter().any(|town| rest.starts_with(town));
    if numbered
        && district.eat(" ")
        && (1..=2).contains(&district.digits().len())
        && district.rest().starts_with(", ")
    {
        *cursor = district;
    }
    rest.get(..cursor.at() - from)
}

/// `Mobile, AL 36602`: a town of that name.
fn is_before_state(mut ahead: Cursor<'_>) -> bool {
    ahead.eat(",");
    ahead.eat(" ")
        && ahead.word().is_some_and(words::is_us_state)
        && ahead.eat(" ")
        && ahead.digits().len() == 5
}

/// True at the end of a line or a sentence.
fn ends(cursor: &Cursor<'_>) -> bool {
    let mut chars = cursor.rest().chars();
    match chars.next() {
        None | Some('\n' | '\r' | ';' | '?' | '!' | ')' | '"' | '|' | '<') => true,
        Some('.') => !chars.next().is_some_and(is_word),
        Some(_) => false,
    }
}
