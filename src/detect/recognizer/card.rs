//! Payment cards: the number, the verification value, the expiry month, the magnetic stripe.

use super::{dump, words};
use crate::detect::{
    EntityType, checksum,
    groups::Groups,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Digits, Seen, prefix, suffix},
};

pub(super) static CARD: Recognizer = Recognizer {
    name: "credit_card",
    description: "payment card numbers by issuer range and check digit (ISO/IEC 7812), with their verification value, expiry and magnetic stripe",
    patterns: &[
        Pattern::new(EntityType::CREDIT_CARD, 0.9, r"(?-u:\b)[0-9](?:[ ._/-]?[0-9]){11,18}(?:(?-u:\b)|_)")
            .check(number)
            .context(0.95, words::CARD),
        // What is rare stands apart: marks of several characters in the pattern above would cost every text with digits.
        Pattern::new(
            EntityType::CREDIT_CARD,
            0.9,
            r"(?:(?-u:\b)|_)[0-9]{4}(?: - |  |[ .-]?)[0-9]{4}(?: - |  |[ .-]?)[0-9]{4}(?: - |  |[ .-]?)[0-9]{4}(?:(?-u:\b)|_)",
        )
        .check(number)
        .context(0.95, words::CARD),
        // `card4111…`: the word is joined on.
        Pattern::new(
            EntityType::CREDIT_CARD,
            0.9,
            r"(?i-u:(?:\b|_)(?:(?:credit|debit|my)?_?card(?:_?(?:no|nr|num|number))?|ccn?|visa|mastercard|amex|pan)_?)[0-9]{13,16}(?:(?-u:\b)|_)",
        )
        .check(joined),
        Pattern::new(
            EntityType::CREDIT_CARD_TRACK,
            0.98,
            r"(?:%|(?-u:\b))[Bb][0-9]{12,19}\^[A-Za-z /.'-]{2,26}\^[0-9]{4}[0-9 ]{3,40}\??|(?:;|(?-u:\b))[0-9]{12,19}=[0-9]{7,20}\??",
        )
        .check(track),
        Pattern::new(
            EntityType::CREDIT_CARD_CVV,
            0.85,
            r"(?i-u:\b(?:(?:(?:card|cc|credit_?card|payment|billing)[_-]?)?(?:cvv2?|cvc2?|ccv2?|csc)|cvn2?|cav2|cid|card[ _-]?(?:verification|security) ?(?:value|code|number)?|(?:card )?sec(?:urity|\.)?[ _-]?code|(?:3|4|three|four)[ -]digits? (?:code )?(?:on|at) the (?:back|front|reverse)(?: of (?:the|my|your|his|her) card)?|digits on the back|(?:three|3|four|4) (?:digits|numbers)(?: on (?:the|its) (?:back|front|reverse))?|(?:security )?code on (?:the|its) (?:back|front)|c(?:ó|o)digo de (?:seguridad|seguran(?:ç|c)a|verificaci(?:ó|o)n)|codice di (?:sicurezza|verifica)|cryptogramme(?: visuel)?|crypto|code de s(?:é|e)curit(?:é|e)|pr(?:ü|ue)f(?:ziffer|nummer)|kartenpr(?:ü|ue)fnummer|sicherheitscode|beveiligingscode|s(?:ä|a)kerhetskod|sikkerhets?kode|kod (?:cvv|cvc|bezpiecze(?:ń|n)stwa)))",
        )
        .check(cvv),
        Pattern::new(
            EntityType::CREDIT_CARD_EXPIRY,
            0.85,
            r"(?i-u:\b(?:(?:(?:card|cc|credit_?card|payment|billing)[_-]?)?exp(?:\.|\b|[ _-]?(?:date|month)\b)|expires?\b|expir(?:y|ation)(?:[ _-]?date)?\b|expires on\b|expiring\b|valid (?:thru|through|until|till|to)\b|good thru\b|g(?:ü|ue)ltig bis\b|ablauf(?:datum)?\b|verf(?:ä|a)llt\b|caduca(?:r|n)?(?: el)?\b|caducidad\b|fecha de (?:caducidad|vencimiento|expiraci(?:ó|o)n)|vence\b|vencimiento\b|validade\b|v(?:á|a)lid[oa] at(?:é|e)|expire (?:le|en|fin)\b|expiration\b|valable jusqu|fin de validit(?:é|e)|scadenza\b|scade\b|vervalt\b|vervaldatum\b|geldig tot\b|(?:utg(?:å|a)r|utl(?:ö|o)per|giltig t(?:\.?o\.?m\.?|ill)|wa(?:ż|z)na do)))",
        )
        .check(expiry),
        // Short for many things, on cards for one.
        Pattern::new(EntityType::CREDIT_CARD_EXPIRY, 0.85, r"(?i-u:\b(?:scad|cad|val|vto|venc)(?:\b|\.))").check(short_expiry),
        Pattern::new(EntityType::CREDIT_CARD_EXPIRY, 0.85, BEHIND_NUMBER).check(expiry_behind),
        Pattern::new(EntityType::CREDIT_CARD_CVV, 0.85, BEHIND_NUMBER).check(cvv_behind),
        // Many things expire in a month; a card does where the text speaks of one.
        Pattern::new(EntityType::CREDIT_CARD_EXPIRY, 0.3, r"(?i-u:\b(?:exp(?:\.|ires?|iring|iry)?|valid (?:thru|until)|g(?:ü|ue)ltig bis|expire|caduca|scade|vervalt))(?i-u:[: ]{1,2}(?:in |on |en |in |le |el |date )?(?:jan|feb|m(?:ä|a)r|apr|may|mai|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]{0,8}\.? ?,? ?20[2-4][0-9])(?-u:\b)")
            .check(named_month)
            .context(0.92, words::CARD_NEAR),
    ],
};

/// A month and a year as they stand behind a card's number: ` 08/28`, `|08|2028`.
const BEHIND_NUMBER: &str = r"(?:[|,;\t] ?|  ?)(?:0[1-9]|1[0-2])[/|-]?(?:20)?[2-4][0-9](?-u:\b)";

/// How sure a written form is.
const GROUPED: f32 = 0.98;
const BARE: f32 = 0.9;
/// Only with a word for it.
const UNKNOWN_ISSUER: f32 = 0.3;

/// The longest beginning of the match, in whole groups, that is a card number.
fn number(seen: &Seen<'_>) -> Option<Accepted> {
    let seen = &seen.without_underscores();
    let text = seen.text();
    let groups = Groups::of(text);
    let in_row = matches!(seen.left().as_bytes(), [.., b'0'..=b'9', b' ' | b'.' | b'-']);
    if in_row && groups.get(0).len() < 4 {
        return None;
    }
    (1..=groups.len()).rev().find_map(|count| {
        let end = groups.end(count - 1);
        let candidate = Seen { end: seen.start + end, ..*seen };
        let score = number_score(text.get(..end)?, &groups, count)?;
        let width = groups.get(0).len();
        // Of the rows of a table of figures, or of a dump, one in ten has a right check digit.
        let spaced = groups.mark(0) == " ";
        // No word makes a card of a dump: there are any in the column beside the bytes.
        if spaced && dump::is_in_dump(&candidate, width) {
            return None;
        }
        let in_rows = spaced && count > 1 && dump::is_in_table(&candidate, width);
        let score = if in_rows { score.min(UNKNOWN_ISSUER) } else { score };
        // Printed groups with a right check digit are a card whatever word is joined on.
        let left = candidate.is_free_left("-./\\+$#")
            || (score >= GROUPED && seen.is_behind_a_hyphenated_word())
            || (score >= BARE && seen.is_behind_an_underscored_word() && names_card(seen.left()))
            || (score >= GROUPED && seen.is_behind_an_underscored_word());
        let free = left && (candidate.is_free_right("-/\\%") || candidate.after() == Some('_'));
        if free { candidate.accept().map(|a| a.with_score(score)) } else { None }
    })
}

/// A number right behind a word for a card.
fn joined(seen: &Seen<'_>) -> Option<Accepted> {
    let seen = seen.without_underscores();
    let digits = seen.text().bytes().rev().take_while(u8::is_ascii_digit).count();
    let number = Seen { start: seen.end - digits, ..seen };
    let known = number_score(number.text(), &Groups::of(number.text()), 1)? >= BARE;
    (known && number.is_free_right("-/\\%")).then(|| number.accept())?
}

/// True where the word in front, which ends with `_`, says that a card follows. Other names have numbers too.
fn names_card(left: &str) -> bool {
    let left = left.to_ascii_lowercase();
    let word = left.rsplit(|c: char| c.is_whitespace() || "\"'=:,;([{<".contains(c)).next();
    let mut parts = word.unwrap_or_default().split(['_', '-']);
    parts.any(|part| words::CARD.contains(&part))
}

fn number_score(text: &str, groups: &Groups<'_>, count: usize) -> Option<f32> {
    let grouping = Grouping::of(groups, count)?;
    let digits = Digits::of(text);
    let network = is_network(&digits);
    if grouping == Grouping::Card && is_counted(groups, count) {
        return None;
    }
    if !checksum::luhn(&digits) || digits.iter().all(|d| *d == digits[0]) {
        // A slip of the pen in the right form, if words say it is a card (which the context then raises).
        return (network && grouping == Grouping::Card).then_some(0.1);
    }
    // Groups with spaces may be columns of a table.
    let columns = groups.mark(0) == " ";
    match grouping {
        Grouping::Card if network => Some(GROUPED),
        Grouping::Card if columns || !matches!(text.len(), 16 | 19) => Some(UNKNOWN_ISSUER),
        Grouping::Card if digits.first() != Some(&0) => Some(GROUPED),
        Grouping::Bare if network && digits.len() <= 16 => Some(BARE),
        Grouping::Spaced if network => Some(BARE),
        Grouping::Bare if digits.first() != Some(&0) => Some(UNKNOWN_ISSUER),
        Grouping::Bare | Grouping::Card | Grouping::Spaced => None,
    }
}

/// `5414 5415 5416 5417` counts, and in `4300.0020.0011.0002` small numbers stand behind the first: rows of a table.
fn is_counted(groups: &Groups<'_>, count: usize) -> bool {
    let number = |nth: usize| groups.get(nth).parse::<u16>().unwrap_or_default();
    let steps = (1..count).filter(|&nth| number(nth) == number(nth - 1).wrapping_add(1)).count();
    let small = groups.mark(0) == "." && (1..count).all(|nth| groups.get(nth).starts_with("00"));
    steps > 1 || small
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grouping {
    /// No marks at all.
    Bare,
    /// As cards are printed: 4-4-4-4, 4-6-5, 4-6-4, 4-4-4-4-3.
    Card,
    /// Every digit, or every two digits, by themselves.
    Spaced,
}

impl Grouping {
    fn of(groups: &Groups<'_>, count: usize) -> Option<Self> {
        let (lengths, count) = groups.lengths(count);
        let lengths = lengths.get(..count)?;
        match lengths {
            [12..=19] => Some(Self::Bare),
            [4, 4, 4, 4] | [4, 6, 5 | 4] | [4, 4, 4, 4, 3] | [4, 4, 4, 3]
                if groups.is_even(count) =>
            {
                Some(Self::Card)
            }
            _ if count >= 13 && lengths.iter().all(|&l| l == 1) && groups.is_even(count) => {
                Some(Self::Spaced)
            }
            [2, 2, 2, 2, 2, 2, 2, 2] if groups.is_even(count) => Some(Self::Spaced),
            _ => None,
        }
    }
}

/// Issuer ranges with the lengths they are given out in.
fn is_network(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0u32, |n, &d| n * 10 + u32::from(d));
    match digits.len() {
        13 => prefix / 1000 == 4,
        14 => matches!(prefix / 10, 300..=305 | 360..=369 | 380..=399),
        15 => matches!(prefix / 100, 34 | 37) || matches!(prefix, 1800 | 2131),
        16 => {
            matches!(prefix / 1000, 4)
                || matches!(prefix / 100, 51..=55 | 60 | 62 | 64 | 65)
                || matches!(prefix, 2200..=2204 | 2221..=2720 | 3528..=3589 | 5018 | 5020 | 5038 | 5041 | 5066 | 5067 | 5080..=5099 | 5893)
                || matches!(prefix, 6277 | 6304 | 6362 | 6363 | 6759..=6763 | 8100..=8171)
        }
        // UnionPay gives out longer ones, too.
        17..=19 => prefix / 100 == 62,
        _ => false,
    }
}

/// ISO/IEC 7813: the number, the name, expiry month, service code and what the issuer adds.
fn track(seen: &Seen<'_>) -> Option<Accepted> {
    let digits = seen.text().trim_start_matches(['%', ';', 'B', 'b']);
    let number = digits.split(['^', '=']).next()?;
    let apart = seen.text().starts_with(['%', ';']) || seen.is_free_left("-./\\+$#");
    (apart && checksum::luhn(&Digits::of(number))).then(|| seen.accept())?
}

/// `expires December 2027`: the month begins behind the last of the words.
fn named_month(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text();
    let year = text.len() - 4;
    let month = text.get(..year)?.trim_end_matches([' ', ',', '.']);
    let from = month.rfind([' ', ':'])? + 1;
    seen.accept_span(seen.start + from, seen.end)
}

fn cvv(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (3, 4), digits: 3, letters: false, marks: "" })?;
    // `CID` is many things in small letters, and so are codes of security with other digits behind.
    let short = seen.text().eq_ignore_ascii_case("cid");
    // Three digits may be the last of anything.
    let is_count = ["crypto", "digits", "numbers"]
        .iter()
        .any(|end| seen.text().to_ascii_lowercase().ends_with(end));
    if is_count && !seen.text().contains("back") && !says_card(seen.left()) {
        return None;
    }
    let amex = found.end - found.start == 4 && (seen.text() == "CID" || is_near_number(seen));
    // The `SEC code` of an industry is none of a card.
    if seen.text().to_ascii_lowercase().starts_with("sec")
        && !seen.text().contains("urity")
        && !is_near_number(seen)
    {
        return None;
    }
    // The last column of a table says nothing of the first of the next row.
    let row = seen.left().rsplit('\n').next().unwrap_or_default();
    let next = seen.all.get(found.end..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let next_row =
        [',', ';', '\t', '|'].iter().any(|mark| row.contains(*mark) && next.contains(*mark))
            && seen
                .all
                .get(seen.end..found.start)
                .is_some_and(|gap| gap.trim_start_matches('"').starts_with(['\n', '\r']));
    ((!short || amex) && !next_row).then_some(found)
}

/// Speaks of a card, or of its date.
fn says_card(left: &str) -> bool {
    let lower = left.to_lowercase();
    ["card", "carte", "exp", "visa", "amex"].iter().any(|word| lower.contains(word))
}

/// A card's number stands in front, in the same line.
fn is_near_number(seen: &Seen<'_>) -> bool {
    let line = seen.left().rsplit('\n').next().unwrap_or_default();
    line.match_indices(|c: char| c.is_ascii_digit()).any(|(at, _)| ends_in_number(line, at + 1))
}

/// A month and a year behind the number itself, with a mark between them or the verification value behind.
fn expiry_behind(seen: &Seen<'_>) -> Option<Accepted> {
    let (from, is_marked) = date_behind(seen);
    let is_told = is_marked || value_behind(seen).is_some();
    (is_told && ends_in_number(seen.all, seen.start)).then(|| seen.accept_span(from, seen.end))?
}

fn cvv_behind(seen: &Seen<'_>) -> Option<Accepted> {
    let (from, to) = value_behind(seen)?;
    ends_in_number(seen.all, seen.start).then(|| seen.accept_span(from, to))?
}

/// Where the date begins, and whether it has a mark.
fn date_behind(seen: &Seen<'_>) -> (usize, bool) {
    let date = seen.text().trim_start_matches(['|', ',', ';', '\t', ' ']);
    (seen.end - date.len(), date.contains(['/', '|', '-']))
}

/// Three or four digits behind the date.
fn value_behind(seen: &Seen<'_>) -> Option<(usize, usize)> {
    let right = seen.right();
    let value = right.trim_start_matches(['|', ',', ';', '\t', ' ']);
    let gap = right.len() - value.len();
    let len = value.bytes().take_while(u8::is_ascii_digit).count();
    let behind = value.get(len..)?;
    let ends = !behind.starts_with(|c: char| c.is_alphanumeric() || "_-/:".contains(c))
        && !behind
            .strip_prefix([' ', '.', ','])
            .is_some_and(|b| b.starts_with(|c: char| c.is_ascii_digit()))
        // `1226 100 items`: without a mark in the date the digits may count something.
        && (date_behind(seen).1
            || !behind.strip_prefix(' ').is_some_and(|b| b.starts_with(char::is_lowercase)));
    let (from, to) = (seen.end + gap, seen.end + gap + len);
    ((1..=2).contains(&gap) && (3..=4).contains(&len) && ends).then_some((from, to))
}

/// True when a card's number ends at `end`.
fn ends_in_number(text: &str, end: usize) -> bool {
    let left = suffix(text.get(..end).unwrap_or_default(), 24);
    let part = |c: char| c.is_ascii_digit() || c == ' ' || c == '-';
    let run = left.get(left.rfind(|c: char| !part(c)).map_or(0, |at| at + 1)..).unwrap_or_default();
    let digits = Digits::of(run);
    [16, 15, 14, 13, 19].iter().any(|&len| {
        let number = digits.len().checked_sub(len).and_then(|from| digits.get(from..));
        number.is_some_and(|number| is_network(number) && checksum::luhn(number))
    })
}

/// The name of the verification value stands behind, in the same line.
fn is_in_front_of_code(right: &str) -> bool {
    let line = prefix(right, 24).lines().next().unwrap_or_default().to_ascii_lowercase();
    ["cvv", "cvc", "csc"].iter().any(|name| line.contains(name))
}

/// `scad. 08/28` behind a card's number.
fn short_expiry(seen: &Seen<'_>) -> Option<Accepted> {
    is_near_number(seen).then(|| expiry(seen))?
}

/// Other things that have a date after which they are no good.
#[rustfmt::skip]
const PERISHABLE: &[&str] = &[
    "badge", "batch", "before", "cert", "certificate", "contract", "coupon", "domain", "drug", "food", "insurance", "lease", "licence",
    "license", "lot", "medication", "milk", "passport", "permit", "policy", "registration", "tablets", "vaccine", "vial", "voucher",
    "warranty",
];

/// True where the line says in front what expires, and it is no card.
fn is_of_other(left: &str) -> bool {
    let line = left.rsplit('\n').next().unwrap_or_default().to_lowercase();
    let mut words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_card = |word: &str| words::CARD.contains(&word);
    words.clone().any(|word| PERISHABLE.contains(&word)) && !words.any(is_card)
}

/// A month and a year (`04/27`, `4-2027`) behind its name.
fn expiry(seen: &Seen<'_>) -> Option<Accepted> {
    if is_of_other(seen.left()) && !is_near_number(seen) {
        return None;
    }
    let found =
        named::value(seen, &Shape { length: (3, 6), digits: 3, letters: false, marks: "/-" })?;
    let value = seen.all.get(found.start..found.end)?;
    let is_bare = value.len() == 4 && value.bytes().all(|b| b.is_ascii_digit());
    // `exp=0428`: without a mark beside the number or another value of a card.
    if let Some((month, year)) = value.split_at_checked(2).filter(|_| is_bare) {
        let told = is_near_number(seen) || is_in_front_of_code(seen.all.get(found.end..)?);
        let sound =
            matches!(month.parse::<u8>(), Ok(1..=12)) && matches!(year.parse::<u8>(), Ok(20..=49));
        return (told && sound).then_some(found);
    }
    let groups = Groups::of(value);
    // Also `2027-12`, as machines write it.
    let (month, year) = if groups.get(0).len() == 4 { (1, 0) } else { (0, 1) };
    let month =
        groups.get(month).len() <= 2 && matches!(groups.get(month).parse::<u8>(), Ok(1..=12));
    let sound = match groups.get(year).len() {
        // A day of the month rather than a year: `vence 05/10`.
        2 => groups.get(year) >= "13",
        4 => groups.get(year).starts_with("20"),
        _ => false,
    };
    (month && sound && groups.len() == 2).then_some(found)
}
