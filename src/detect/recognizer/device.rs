//! Numbers of devices and of the cards in them that a word names as such. IMEI and MAC addresses tell themselves.

use super::words;
use crate::detect::{
    EntityType,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

pub(super) static DEVICE: Recognizer = Recognizer {
    name: "device",
    description: "serial numbers of devices and implants, unique device identifiers (UDI), IMSI and ICCID, named as such",
    patterns: &[
        Pattern::new(
            EntityType::DEVICE_ID,
            0.8,
            r"(?i-u:\b(?:serial[ _-]?(?:number|num|no|nr|#)|s/n|imsi|iccid|sim (?:card )?(?:number|no)|(?:implant|device|lot|pacemaker)[ _-]?(?:id|identifier|serial|number|no|#)|serien-?(?:nummer|nr)|ger(?:ä|a)te-?(?:nummer|nr)|num(?:é|e)ro de s(?:é|e)rie|n(?:ú|u)mero de s(?:é|e)rie|numero di serie|serienummer))",
        )
        .check(value),
        // Of other things as well: ports, numbers of zones and certificates.
        Pattern::new(EntityType::DEVICE_ID, 0.8, r"(?i-u:\bserial(?: ?#)?:?|\b(?:service|asset)[ _-]?tag)|(?-u:\b)S/?N ?[:#]").check(mixed),
        Pattern::new(EntityType::DEVICE_ID, 0.9, r"\(01\)[0-9]{14}(?:\([0-9]{2}\)[A-Za-z0-9./-]{1,20}){1,6}"),
    ],
};

/// Capitals and digits, as makers of computers mix them.
fn mixed(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (7, 14), digits: 2, letters: true, marks: "" })?;
    let value = seen.all.get(found.start..found.end)?;
    let letters = value.bytes().filter(u8::is_ascii_uppercase).count();
    let plain = value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    // `ISO8601`, `COM12`, `RS232C`: a word with a number behind.
    let changes =
        value.as_bytes().windows(2).filter(|w| w[0].is_ascii_digit() != w[1].is_ascii_digit());
    (letters >= 2 && plain && changes.count() >= 2 && !words::is_standard(value)).then_some(found)
}

fn value(seen: &Seen<'_>) -> Option<Accepted> {
    let shape = Shape { length: (6, 24), digits: 3, letters: true, marks: "-/" };
    let found = named::value(seen, &shape).or_else(|| mixed(seen))?;
    let value = seen.all.get(found.start..found.end)?;
    // Hexadecimal numbers of certificates, names in code and dates.
    let lower = value.bytes().any(|b| b.is_ascii_lowercase());
    let is_date = value.len() == 10 && value.matches(['-', '/']).count() == 2;
    let certificate = seen.all.get(found.end..)?.starts_with(" (0x");
    (!lower && !is_date && !certificate && !words::is_standard(value)).then_some(found)
}
