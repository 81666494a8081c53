//! The operator `surrogate`: invented values that look like the real ones.
//!
//! They come from ranges that belong to nobody where such are set aside: `example.org`, the numbers 555-0100 to 555-0199,
//! the documentation networks, social security numbers that are never issued. All are plain ASCII, so that no JSON
//! writer respells them.

use super::{Keys, digest::digest};
use crate::detect::EntityType;

/// How many are tried before a numbered placeholder is used instead.
const TRIES: u32 = 24;
/// Shorter ones would be found in texts that mean something else.
const LEAST_LENGTH: usize = 6;

/// Surrogates for a value, the best one first: always the same ones with the same keys.
pub(super) fn candidates(
    keys: &Keys,
    entity_type: &EntityType,
    value: &str,
) -> impl Iterator<Item = String> {
    let mut hasher = digest(&keys.surrogate, entity_type, value);
    let entity_type = entity_type.clone();
    (0..TRIES).filter_map(move |_| {
        let mut dice = Dice(hasher.update(&[0]).finalize_xof());
        let made = make(entity_type.as_str(), value, &mut dice);
        let long_enough = made.bytes().filter(u8::is_ascii_alphanumeric).count() >= LEAST_LENGTH;
        // With what stands beside it a backslash could be read as an escape.
        (long_enough && made.is_ascii() && !made.contains('\\')).then_some(made)
    })
}

fn make(entity_type: &str, value: &str, dice: &mut Dice) -> String {
    match entity_type {
        "EMAIL_ADDRESS" => email(dice),
        "PERSON" => person(value, dice),
        "ORGANIZATION" => format!(
            "{} {}",
            dice.pick(LAST_NAMES),
            dice.pick(&["Ltd", "Group", "Partners", "Works"])
        ),
        "LOCATION" => {
            format!("{}{}", dice.pick(LAST_NAMES), dice.pick(&["ton", "burgh", "stead", "haven"]))
        }
        "STREET_ADDRESS" => format!("{} {} Lane", 100 + dice.below(9900), dice.pick(LAST_NAMES)),
        "USERNAME" => format!("{}{}", dice.pick(FIRST_NAMES).to_lowercase(), 100 + dice.below(900)),
        "URL" => format!(
            "https://example.org/{}{}",
            dice.pick(LAST_NAMES).to_lowercase(),
            dice.below(10_000)
        ),
        "IP_ADDRESS" => ip(value, dice),
        "PHONE_NUMBER" => phone(value, dice),
        "US_SSN" | "US_ITIN" => with_digits(value, &mut never_issued(dice)),
        "CREDIT_CARD" => card(value, dice),
        "IBAN_CODE" => iban(value, dice),
        "DATE_TIME" | "DATE_OF_BIRTH" => date(value, dice),
        _ => alike(value, dice),
    }
}

fn email(dice: &mut Dice) -> String {
    let (first, last) =
        (dice.pick(FIRST_NAMES).to_lowercase(), dice.pick(LAST_NAMES).to_lowercase());
    let domain = dice.pick(&["example.org", "example.com", "example.net"]);
    format!("{first}.{last}{}@{domain}", 10 + dice.below(90))
}

fn person(value: &str, dice: &mut Dice) -> String {
    let last = dice.pick(LAST_NAMES);
    if value.trim().contains(char::is_whitespace) {
        format!("{} {last}", dice.pick(FIRST_NAMES))
    } else {
        last.to_owned()
    }
}

fn ip(value: &str, dice: &mut Dice) -> String {
    if value.contains(':') {
        return format!(
            "2001:db8:{:x}:{:x}::{:x}",
            4096 + dice.below(61_440),
            4096 + dice.below(61_440),
            1 + dice.below(65_000)
        );
    }
    format!("{}.{}", dice.pick(&["192.0.2", "198.51.100", "203.0.113"]), 1 + dice.below(254))
}

/// Digits of a number of the range 555-0100 to 555-0199, with an area code before it as far as there is room.
fn phone(value: &str, dice: &mut Dice) -> String {
    let length = digits_of(value).len();
    let mut digits: Vec<u8> = (0..length.saturating_sub(7)).map(|_| 2 + dice.digit() % 8).collect();
    if let Some(first) = digits.first_mut().filter(|_| value.trim_start().starts_with('+')) {
        *first = 1;
    }
    digits.extend([5, 5, 5, 0, 1, dice.digit(), dice.digit()]);
    digits.truncate(length);
    with_digits(value, &mut digits.into_iter())
}

/// Area numbers from 900 and group number 00 are never issued.
fn never_issued(dice: &mut Dice) -> impl Iterator<Item = u8> {
    let digits = [
        9,
        dice.digit(),
        dice.digit(),
        0,
        0,
        dice.digit(),
        dice.digit(),
        dice.digit(),
        dice.digit(),
    ];
    digits.into_iter().chain(std::iter::repeat(0))
}

/// The brand's first digit, then zeros where the issuer would be told, then digits up to a right check digit.
fn card(value: &str, dice: &mut Dice) -> String {
    let mut digits = digits_of(value);
    for (at, digit) in digits.iter_mut().enumerate().skip(1) {
        *digit = if at < 6 { 0 } else { dice.digit() };
    }
    set_check_digit(&mut digits);
    with_digits(value, &mut digits.into_iter())
}

/// The same country, with right check digits.
fn iban(value: &str, dice: &mut Dice) -> String {
    let mut invent = |(at, c): (usize, char)| match c {
        _ if at < 2 => c,
        '0'..='9' => char::from(b'0' + dice.digit()),
        _ => dice.letter(b'A'),
    };
    let mut plain: Vec<char> =
        value.chars().filter(char::is_ascii_alphanumeric).enumerate().map(&mut invent).collect();
    if plain.len() < 5 {
        return alike(value, dice);
    }
    (plain[2], plain[3]) = ('0', '0');
    let rearranged = plain[4..].iter().chain(&plain[..4]);
    let remainder = rearranged.fold(0, |remainder, c| match c.to_digit(36) {
        Some(digit @ 0..10) => (remainder * 10 + digit) % 97,
        Some(letter) => (remainder * 100 + letter) % 97,
        None => remainder,
    });
    let check = format!("{:02}", 98 - remainder);
    let mut plain =
        plain[..2].iter().copied().chain(check.chars()).chain(plain[4..].iter().copied());
    value
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { plain.next().unwrap_or(c) } else { c })
        .collect()
}

/// A date of the same form: years of the last century's second half, days and months that always exist.
fn date(value: &str, dice: &mut Dice) -> String {
    let mut made = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        let run = rest.bytes().take_while(u8::is_ascii_digit).count();
        match run {
            0 => made.push(if c.is_ascii() { c } else { ' ' }),
            4 => made.push_str(&(1950 + dice.below(50)).to_string()),
            _ => {
                made.extend((0..run).map(|at| {
                    if at + 2 == run { '0' } else { char::from(b'1' + dice.digit() % 9) }
                }))
            }
        }
        rest = &rest[run.max(c.len_utf8())..];
    }
    made
}

/// Letters for letters, digits for digits; a right check digit stays right.
fn alike(value: &str, dice: &mut Dice) -> String {
    let digits = digits_of(value);
    let mut made: Vec<u8> = digits.iter().map(|_| dice.digit()).collect();
    if digits.len() >= 12 && luhn_sum(&digits).is_multiple_of(10) {
        set_check_digit(&mut made);
    }
    let mut made = made.into_iter();
    let alike = |c: char| match c {
        '0'..='9' => char::from(b'0' + made.next().unwrap_or(0)),
        'a'..='z' => dice.letter(b'a'),
        _ if c.is_uppercase() => dice.letter(b'A'),
        _ if c.is_alphanumeric() => dice.letter(b'a'),
        _ => c,
    };
    value.chars().map(alike).collect()
}

fn digits_of(value: &str) -> Vec<u8> {
    value.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect()
}

fn with_digits(value: &str, digits: &mut dyn Iterator<Item = u8>) -> String {
    let put = |c: char| match c {
        '0'..='9' => char::from(b'0' + digits.next().unwrap_or(0)),
        other => other,
    };
    value.chars().map(put).collect()
}

/// The Luhn sum: a number is right when it is a multiple of ten.
fn luhn_sum(digits: &[u8]) -> u32 {
    let weigh = |(at, digit): (usize, &u8)| {
        let weighed = u32::from(*digit) * if at % 2 == 1 { 2 } else { 1 };
        weighed / 10 + weighed % 10
    };
    digits.iter().rev().enumerate().map(weigh).sum()
}

fn set_check_digit(digits: &mut [u8]) {
    if let Some(last) = digits.last_mut() {
        *last = 0;
    }
    let missing = (10 - luhn_sum(digits) % 10) % 10;
    if let (Some(last), Ok(missing)) = (digits.last_mut(), u8::try_from(missing)) {
        *last = missing;
    }
}

/// Chance that is always the same for the same key and value.
struct Dice(blake3::OutputReader);

impl Dice {
    /// Evenly from 0 to `limit - 1`, but for a bias of less than one in a million.
    fn below(&mut self, limit: u32) -> u32 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u32::try_from(u64::from_le_bytes(bytes) % u64::from(limit)).unwrap_or(0)
    }

    fn digit(&mut self) -> u8 {
        u8::try_from(self.below(10)).unwrap_or(0)
    }

    fn letter(&mut self, first: u8) -> char {
        char::from(first + u8::try_from(self.below(26)).unwrap_or(0))
    }

    fn pick<'l>(&mut self, list: &[&'l str]) -> &'l str {
        let at = usize::try_from(self.below(u32::try_from(list.len()).unwrap_or(1))).unwrap_or(0);
        list[at]
    }
}

const FIRST_NAMES: &[&str] = &[
    "Alma", "Bruno", "Celia", "Dario", "Edith", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Klara",
    "Lorenz", "Mira", "Nestor", "Odile", "Piet", "Quirin", "Rosa", "Silas", "Thea", "Ulrik",
    "Vera", "Willem", "Xenia", "Yannick", "Zelda", "Anton", "Bettina", "Casper", "Dorit", "Emil",
    "Flora",
];

/// Invented, so that they hardly stand in a text by chance.
const LAST_NAMES: &[&str] = &[
    "Ashwell",
    "Birkenholt",
    "Corvane",
    "Dunmarsh",
    "Elverton",
    "Farrowby",
    "Glenholt",
    "Harrowick",
    "Inverly",
    "Jessamond",
    "Kestrow",
    "Lindquay",
    "Merrowen",
    "Northolme",
    "Oakhurst",
    "Penhallow",
    "Quillford",
    "Ravensby",
    "Stenmark",
    "Thornquist",
    "Umberley",
    "Valdrane",
    "Wexcombe",
    "Yarrowdale",
    "Zellwick",
    "Aldermoor",
    "Brackenby",
    "Cresswold",
    "Drumlow",
    "Eastvale",
    "Fennimarsh",
    "Gracewick",
    "Hollinsea",
    "Ivarsen",
    "Jorvane",
    "Kirkholm",
    "Larkmere",
    "Mossgrave",
    "Nethercott",
    "Ormswell",
    "Pellworth",
    "Quenmore",
    "Rosendahl",
    "Skelmere",
    "Tamsworth",
    "Ulverby",
    "Vintmark",
    "Windrush",
    "Yewbarrow",
    "Zandvoss",
    "Arkwell",
    "Blythemoor",
    "Carrowgate",
    "Dellbrook",
    "Edelmark",
    "Foxgrove",
    "Garnholt",
    "Hazelrig",
    "Islemere",
    "Kelmsworth",
    "Lowenby",
    "Marrowell",
    "Nordvane",
    "Osterley",
];
