//! Numbers of accounts and contracts that a word names: `customer number: 4417-22`, `my PIN is 4821`.
//!
//! Bank accounts are the bank family's, health plans the health family's, passwords the secrets'.

use crate::detect::{
    EntityType,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix},
};

pub(super) static ACCOUNT: Recognizer = Recognizer {
    name: "account",
    description: "customer, member, policy, claim, student and employee numbers and PINs named as such",
    patterns: &[
        Pattern::new(
            EntityType::ACCOUNT_ID,
            0.75,
            r"(?i-u:\b(?:(?:customer|client|member|membership|policy|policyholder|claim|case|contract|loan|mortgage|student|employee|staff|badge|payroll|personnel|loyalty|rewards?|frequent flyer|subscriber|billing|utility|enrollment|matriculation|library card|certificate|permit|bar|docket|tracking|booking|reservation|account)[ _-]?(?:(?:id|no|nos|num|number|nr|identifier)\b|#)|(?:kundennummer|kunden-?nr|kundennr|vertragsnummer|mitgliedsnummer|personalnummer|matrikelnummer|policennummer|schadennummer|num(?:é|e)ro (?:de )?client|num(?:é|e)ro (?:de )?contrat|num(?:é|e)ro d'adh(?:é|e)rent|n(?:ú|u)mero de (?:cliente|contrato|socio|p(?:ó|o)liza|empleado|cuenta)|codice cliente|numero cliente|numero contratto|n(?:ú|u)mero do (?:cliente|contrato)|klantnummer|lidnummer|kundnummer|numer klienta)\b))",
        )
        .check(account),
        Pattern::new(EntityType::PIN, 0.8, r"(?-u:\b)(?:PIN|pin|Pin)(?i-u: ?-?(?:code|number|no|nummer))?(?-u:\b)").check(pin),
        Pattern::new(
            EntityType::PIN,
            0.8,
            r"(?i-u:\b(?:one[- ]time (?:password|passcode|pin|code)|otp|passcode|verification code|access code|unlock code|c(?:ó|o)digo pin|code pin|door code|gate code|alarm code))",
        )
        .check(pin),
    ],
};

fn account(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (4, 20), digits: 3, letters: true, marks: "- /" })?;
    let value = seen.all.get(found.start..found.end)?;
    // Identifiers in code have small letters; years and dates are not given to customers.
    let lower = value.bytes().any(|b| b.is_ascii_lowercase());
    let is_year = value.len() == 4 && (value.starts_with("19") || value.starts_with("20"));
    (!lower && !is_year).then_some(found)
}

/// Three to eight digits behind `PIN is` or `PIN:`.
fn pin(seen: &Seen<'_>) -> Option<Accepted> {
    if seen.before().is_some_and(is_word) {
        return None;
    }
    let rest = prefix(seen.all.get(seen.end..)?, 48);
    // In capitals and with four digits or more it needs no tie: `PIN 4821`.
    let bare = rest.strip_prefix(' ').filter(|r| seen.text() == "PIN" && is_digit_run(r));
    let value = bare.or_else(|| tied(rest))?;
    let len = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let from = seen.end + (rest.len() - value.len());
    let behind = value.get(len..)?;
    let goes_on = behind.starts_with(['.', ',', '/', '-', ':'])
        && behind.get(1..).is_some_and(|b| b.starts_with(is_word));
    let apart = !behind.starts_with(is_word) && !goes_on;
    ((4..=8).contains(&len) && apart).then(|| seen.accept_span(from, from + len))?
}

fn is_digit_run(text: &str) -> bool {
    text.bytes().take_while(u8::is_ascii_digit).count() >= 4
}

/// The value behind a sign or a verb.
fn tied(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches(['"', '\'']);
    let spaced = rest.trim_start_matches(' ');
    let ties = [":", "=", "is", "was", "ist", "lautet", "es", "est", "to", "è", "é"];
    let behind = ties.iter().find_map(|tie| spaced.strip_prefix(tie))?;
    Some(behind.trim_start_matches([' ', ':', '"', '\'', '#']))
}
