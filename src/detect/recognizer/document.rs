//! Papers and things with numbers: passports, UK national insurance, vehicles, mobile devices.

use super::words;
use crate::detect::{
    EntityType, checksum,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix},
};

const NINO: &[&str] = &["ni", "nino", "national insurance", "ni number", "hmrc", "paye"];
const VIN: &[&str] = &["vin", "vins", "vehicle", "chassis", "car", "fahrgestellnummer"];
const IMEI: &[&str] = &["imei", "imeis", "device", "handset", "mobile"];

const PASSPORT: &str = r"(?i-u:\b(?:passports?|reisepass(?:-?(?:nummer|nr\.?))?|pass-?(?:nummer|nr\.?)|pasaporte|passeport|passaporto|paspoort(?:nummer|nr)?|passaporte|pp ?#|护照))";

pub(super) static DOCUMENT: Recognizer = Recognizer {
    name: "document",
    description: "passports named as such, UK national insurance numbers, vehicle numbers (ISO 3779), IMEI",
    patterns: &[
        Pattern::new(EntityType::PASSPORT, 0.85, PASSPORT).check(passport),
        // `passport numbers … and …`
        Pattern::new(EntityType::PASSPORT, 0.85, PASSPORT).check(|s| next_passport(s, 1)),
        Pattern::new(EntityType::PASSPORT, 0.85, PASSPORT).check(|s| next_passport(s, 2)),
        Pattern::new(EntityType::PASSPORT, 0.85, PASSPORT).check(|s| next_passport(s, 3)),
        // With who issued it: `passport GBR 925665416`, `Passport No. (UK) …`.
        Pattern::new(EntityType::PASSPORT, 0.85, r"(?-u:\b)(?:passport|Passport|PASSPORT)(?i-u: (?:no|nr|number)\.?:?)? (?:\([A-Z]{2,3}\)|[A-Z]{3}(?-u:\b))").check(passport),
        // ICAO Doc 9303: the second line that machines read.
        Pattern::new(EntityType::PASSPORT, 0.9, r"(?-u:\b)[A-Z0-9][A-Z0-9<]{8}[0-9][A-Z]{1,3}<{0,2}[0-9]{7}[MFX<][0-9]{7}[A-Z0-9<]{14}[0-9<][0-9]").check(machine_readable),
        // The line above, with the name, and the third line of a card.
        Pattern::new(EntityType::PERSON, 0.9, r"(?-u:\b)P[A-Z<][A-Z<]{3}[A-Z][A-Z<]{8}").check(machine_readable_name),
        Pattern::new(EntityType::PERSON, 0.9, r"<[0-9]\r?\n[A-Z][A-Z<]{8}").check(name_of_card),
        // The first line of a card: its kind, the country, the number and a check digit.
        Pattern::new(EntityType::PASSPORT, 0.9, r"(?-u:\b)[ACI][A-Z<][A-Z<]{3}[A-Z0-9]{5}[A-Z0-9<]{4}[0-9<][A-Z0-9<]{11}<<<").check(card),
        Pattern::new(
            EntityType::UK_NINO,
            0.7,
            r"(?-u:\b)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[A-D](?-u:\b)",
        )
        .check(nino)
        .context(0.95, NINO),
        // Also with letters that are not given out, as in the specimen `QQ`.
        Pattern::new(
            EntityType::UK_NINO,
            0.1,
            r"(?-u:\b)[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d](?-u:\b)",
        )
        .check(named_nino)
        .context(0.8, NINO),
        Pattern::new(EntityType::VEHICLE_ID, 0.45, r"(?-u:\b)[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{4}[0-9]{4}(?-u:\b)")
            .check(vin)
            .context(0.95, VIN),
        // Only North America has check digits.
        Pattern::new(EntityType::VEHICLE_ID, 0.1, r"(?-u:\b)[A-HJ-NPR-Z0-9]{13}[0-9]{4}(?-u:\b)")
            .check(unchecked_vin)
            .context(0.85, VIN),
        Pattern::new(EntityType::IMEI, 0.2, r"(?-u:\b)[0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{6}[ -]?[0-9](?-u:\b)").check(imei).context(0.96, IMEI).weak(),
    ],
};

fn passport(seen: &Seen<'_>) -> Option<Accepted> {
    let shape = Shape { length: (6, 12), digits: 5, letters: true, marks: "" };
    named::value(seen, &shape).or_else(|| {
        // Germany's have letters in any place, nine characters in all.
        let found = named::value(seen, &Shape { length: (9, 9), digits: 3, ..shape })?;
        let value = seen.all.get(found.start..found.end)?;
        (!value.bytes().any(|b| b.is_ascii_lowercase()) && !words::is_standard(value))
            .then_some(found)
    })
}

/// The `nth` number behind the first.
fn next_passport(seen: &Seen<'_>, nth: usize) -> Option<Accepted> {
    let shape = Shape { length: (6, 12), digits: 5, letters: true, marks: "" };
    (0..nth).try_fold(passport(seen)?, |found, _| named::next(seen, &found, &shape))
}

/// The number at the beginning of the line. The form is unmistakable, so that a slip in a check digit does not matter.
fn machine_readable(seen: &Seen<'_>) -> Option<Accepted> {
    let value = seen.text().get(..9)?.trim_end_matches('<');
    (seen.text().len() == 44).then(|| seen.accept_span(seen.start, seen.start + value.len()))?
}

/// `P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<`: kind, country, then surname and given names with `<<` between.
fn machine_readable_name(seen: &Seen<'_>) -> Option<Accepted> {
    filled_name(seen, seen.start + "P<UTO".len())
}

fn name_of_card(seen: &Seen<'_>) -> Option<Accepted> {
    filled_name(seen, seen.start + seen.text().find('\n')? + 1)
}

/// The name at `start` of a line that is filled up with `<`.
fn filled_name(seen: &Seen<'_>, start: usize) -> Option<Accepted> {
    // The longest line has 44 characters.
    let line = prefix(seen.all.get(start..)?, 44);
    let len = line.find(|c: char| !c.is_ascii_uppercase() && c != '<').unwrap_or(line.len());
    let line = line.get(..len)?;
    let name = line.trim_end_matches('<');
    let is_filled = name.contains("<<") && line.len() >= 20 && name.len() + 2 <= line.len();
    is_filled.then(|| seen.accept_span(start, start + name.len()))?
}

/// The number on the first line of a card. Nothing else has so many `<`.
fn card(seen: &Seen<'_>) -> Option<Accepted> {
    let number = seen.text().get(5..14)?;
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let len = number.trim_end_matches('<').len();
    (digits >= 3).then(|| seen.accept_span(seen.start + 5, seen.start + 5 + len))?
}

/// HMRC, National Insurance Manual NIM39110: some pairs of letters are not used.
fn nino(seen: &Seen<'_>) -> Option<Accepted> {
    let unused =
        ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].iter().any(|p| seen.text().starts_with(p));
    let accepted = (!unused && seen.stands_alone()).then(|| seen.accept())??;
    Some(if seen.text().len() >= 13 { accepted.with_score(0.9) } else { accepted })
}

fn named_nino(seen: &Seen<'_>) -> Option<Accepted> {
    seen.stands_alone().then(|| seen.accept())?
}

fn vin(seen: &Seen<'_>) -> Option<Accepted> {
    let letters = seen.text().bytes().filter(u8::is_ascii_alphabetic).count();
    let accepted = (letters >= 3 && seen.stands_alone() && checksum::vin(seen.text()))
        .then(|| seen.accept())??;
    // Elsewhere the digit is none of a check, and right by chance.
    let american = seen.text().starts_with(['1', '2', '3', '4', '5', '7']);
    Some(if american { accepted.with_score(0.6) } else { accepted })
}

fn unchecked_vin(seen: &Seen<'_>) -> Option<Accepted> {
    let letters = seen.text().bytes().filter(u8::is_ascii_alphabetic).count();
    (letters >= 3 && seen.stands_alone()).then(|| seen.accept())?
}

fn imei(seen: &Seen<'_>) -> Option<Accepted> {
    (seen.stands_alone() && checksum::luhn(&seen.digits())).then(|| seen.accept())?
}
