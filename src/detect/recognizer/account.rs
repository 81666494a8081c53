//! Numbers of accounts and contracts that a word names: `customer number: 4417-22`.
//!
//! Bank accounts are the bank family's, health plans the health family's, passwords the secrets'.

use crate::detect::{
    EntityType,
    named::{self, Shape},
    names,
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

pub(super) static ACCOUNT: Recognizer = Recognizer {
    name: "account",
    description: "customer, member, policy, claim, student and employee numbers named as such",
    patterns: &[
        Pattern::new(EntityType::ACCOUNT_ID, 0.7, r"(?i-u:\b(?:loyalty|rewards?|membership|library|club)[ -]card)(?-u:\b)").check(account),
        Pattern::new(EntityType::ACCOUNT_ID, 0.7, r"(?i-u:\b(?:folio|loyalty|badge|pol\. ?no\.?|contrat(?: n(?:°|o))?))").check(long_number),
        // With letters that say so themselves: `my claim CLM-9920418`, `Group policy GP-0044-8817`.
        Pattern::new(EntityType::ACCOUNT_ID, 0.7, r"(?i-u:\b(?:claim|policy|contract|membership|loan|case|customer|client|member|loyalty card|rewards card))(?i-u: is| was)? ?:? (?-u:\b)[A-Z]{1,4}-?[0-9]{2,4}").check(lettered),
        Pattern::new(
            EntityType::ACCOUNT_ID,
            0.75,
            r"(?i-u:\b(?:(?:customer|client|member|membership|policy|policyholder|claim|case|contract|loan|mortgage|student|employee|staff|badge|payroll|personnel|loyalty|rewards?|frequent flyer|subscriber|billing|utility|enrollment|matriculation|library card|certificate|permit|bar|docket|tracking|booking|reservation|account|emp\.?)[ _-]?(?:(?:id|no|nos|num|number|nr|identifier)\b|#)|(?:(?:kunden|vertrags|mitglieds|personal|mitarbeiter|matrikel|policen|schaden|versicherungsschein|z(?:ä|a)hler)-?(?:nummer|nr)|kd\.?-?nr|n(?:°|º) ?(?:de |d')?(?:client|contrat|adh(?:é|e)rent|sociétaire|allocataire|police|cliente|contrato|socio|p(?:ó|o)liza|ap(?:ó|o)lice|matr(?:í|i)cula)|num(?:é|e)ro d'allocataire|num(?:é|e)ro (?:de )?client|num(?:é|e)ro (?:de )?contrat|num(?:é|e)ro d'adh(?:é|e)rent|n(?:ú|u)mero de (?:cliente|contrato|socio|p(?:ó|o)liza|empleado|cuenta)|codice cliente|numero cliente|numero contratto|n(?:ú|u)mero do (?:cliente|contrato)|numero (?:di )?polizza|polizza n\.?|klantnummer|klantnr|lidnummer|polisnummer|kundnummer|kundenummer|asiakasnumero|num(?:er|er) (?:klienta|umowy|polisy)|nr (?:klienta|umowy|polisy))\b))",
        )
        .check(account),
        Pattern::new(
            EntityType::ACCOUNT_ID,
            0.75,
            r"(?i-u:\b(?:(?:known travell?er|redress(?: control)?|confirmation|aadvantage|skymiles|mileageplus|bonvoy)[ _-]?(?:(?:no|num|number|nr)\b|#)|frequent flyer\b|customer\b))|(?-u:\b)(?:KTN|AAdvantage)(?-u:\b)",
        )
        .check(traveller),
        Pattern::new(
            EntityType::ACCOUNT_ID,
            0.75,
            r"(?-u:\b)PNR(?-u:\b)(?: (?:code|locator|no\.?|number))?|(?i-u:\b(?:record locator|booking (?:reference|ref|code)|reservation code|buchungscode|code de r(?:é|e)servation|c(?:ó|o)digo de reserva))",
        )
        .check(locator),
    ],
};

/// Numbers of travellers, and of customers without a word for numbers.
fn traveller(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (6, 20), digits: 4, letters: true, marks: "" })?;
    let value = seen.all.get(found.start..found.end)?;
    let alone = seen.text().eq_ignore_ascii_case("customer");
    // `customer 552081`, but `customer requests: 552081`.
    let next = found.start == seen.end + 1 && value.bytes().all(|b| b.is_ascii_digit());
    let lower = value.bytes().any(|b| b.is_ascii_lowercase());
    (!lower && (!alone || next && !is_amount(seen, &found))).then_some(found)
}

/// `revenue per customer 125000 USD`, `customer 20240315`: a round sum, a date, or what each of them has.
fn is_amount(seen: &Seen<'_>, found: &Accepted) -> bool {
    #[rustfmt::skip]
    const UNITS: &[&str] = &[
        "calls", "chf", "credits", "dollars", "eur", "euro", "euros", "gbp", "hours", "inr", "items", "jpy", "miles", "minutes", "orders", "points",
        "requests", "rows", "times", "tokens", "units", "usd", "users", "visits",
    ];
    let value = seen.all.get(found.start..found.end).unwrap_or_default();
    let behind =
        seen.all.get(found.end..).and_then(|rest| rest.strip_prefix(' ')).unwrap_or_default();
    let unit = behind.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let before = seen.left().trim_end().rsplit(' ').next().unwrap_or_default();
    let is_each = ["a", "average", "each", "every", "per"]
        .iter()
        .any(|word| before.eq_ignore_ascii_case(word));
    is_each
        || value.ends_with("000")
        || is_date(value)
        || UNITS.iter().any(|word| unit.eq_ignore_ascii_case(word))
}

/// `20240315`
fn is_date(value: &str) -> bool {
    let number = |from, to| value.get(from..to).and_then(|part| part.parse::<u16>().ok());
    value.len() == 8
        && matches!(number(0, 4), Some(1900..=2099))
        && matches!(number(4, 6), Some(1..=12))
        && matches!(number(6, 8), Some(1..=31))
}

/// Six capitals and digits, as reservation systems give them out; without a digit only behind a sign.
fn locator(seen: &Seen<'_>) -> Option<Accepted> {
    let found = named::value(seen, &Shape { length: (6, 6), digits: 0, letters: true, marks: "" })?;
    let value = seen.all.get(found.start..found.end)?;
    let upper = value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let is_word = !value.bytes().any(|b| b.is_ascii_digit());
    // `PNR: STATUS` heads a column, `PNR: STRING` is a type.
    const TYPES: [&str; 5] = ["STRING", "BINARY", "SERIAL", "UNIQUE", "BIGINT"];
    let is_signed = || seen.right().starts_with(':');
    let is_name = || !names::is_everyday(value) && !TYPES.contains(&value);
    (upper && (!is_word || is_signed() && is_name())).then_some(found)
}

/// One to four capitals, and six digits or more behind them. Standards and weaknesses of software have such numbers, too.
fn lettered(seen: &Seen<'_>) -> Option<Accepted> {
    const PUBLIC: [&str; 6] = ["CVE", "CWE", "GHSA", "IEC", "ISO", "RFC"];
    let start = seen.start + seen.text().rfind([' ', ':'])? + 1;
    let end = seen.run(24, |c| c.is_ascii_alphanumeric() || c == '-');
    let value = seen.all.get(start..end)?.trim_end_matches('-');
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let fits = value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    let goes_on = seen.all.get(start + value.len()..)?.starts_with(['_', '/', '@']);
    let is_public = PUBLIC.iter().any(|name| value.starts_with(name));
    (fits && digits >= 6 && !goes_on && !is_public)
        .then(|| seen.accept_span(start, start + value.len()))?
}

/// Behind words that say other things as well: a number of five digits or more.
fn long_number(seen: &Seen<'_>) -> Option<Accepted> {
    let found = account(seen)?;
    let value = seen.all.get(found.start..found.end)?;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let gap = seen.all.get(seen.end..found.start)?.to_lowercase();
    let gap = gap.trim_matches(|c: char| !c.is_alphanumeric());
    let is_next = ["", "id", "no", "nr", "number"].contains(&gap);
    (digits >= 5 && is_next && !is_date(value)).then_some(found)
}

fn account(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (4, 20), digits: 3, letters: true, marks: "- /" })?;
    let value = seen.all.get(found.start..found.end)?;
    // `CLIENT ID ([#1382])`: a link to what was changed.
    let is_link = seen.all.get(seen.end..found.start)?.contains("[#");
    if is_link || named::is_row_id(seen, &found) {
        return None;
    }
    // Identifiers in code have small letters; years and dates are not given to customers.
    let number = value.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let numbered = value.len() - number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit());
    let lower = !numbered && value.bytes().any(|b| b.is_ascii_lowercase());
    let is_year = value.len() == 4 && (value.starts_with("19") || value.starts_with("20"));
    (!lower && !is_year).then_some(found)
}
