//! Numbers in which a letter stands for a digit, as programs read them from pictures: `4O12 8888 8888 1881`, `5I4-69-82O3`.
//!
//! Cards are told by their groups and their check digit, social security numbers by a word for them.

use super::words;
use crate::detect::{
    EntityType, checksum,
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

/// So many digits at most may be misread.
const MOST: usize = 4;

pub(super) static MISREAD: Recognizer = Recognizer {
    name: "misread_number",
    description: "payment card and US social security numbers in which O, I, l or S stands for a digit, as in text read from pictures",
    patterns: &[
        Pattern::new(
            EntityType::CREDIT_CARD,
            0.8,
            r"(?-u:\b)[3-6lIS][0-9OoIlS]{3}[ -][0-9OoIlS]{4}[ -][0-9OoIlS]{4}[ -][0-9OoIlS]{4}(?-u:\b)",
        )
        .check(card)
        .context(0.95, words::CARD),
        Pattern::new(
            EntityType::CREDIT_CARD,
            0.2,
            r"(?-u:\b)[3-6][0-9OoIlS]{15}(?-u:\b)",
        )
        .check(card)
        .context(0.85, words::CARD)
        .weak(),
        Pattern::new(
            EntityType::US_SSN,
            0.2,
            r"(?-u:\b)[0-9OoIlS]{3}-[0-9OoIlS]{2}-[0-9OoIlS]{4}(?-u:\b)",
        )
        .check(social)
        .context(0.85, words::SSN)
        .weak(),
    ],
};

/// The digits that were meant; `None` where nothing was misread, or too much.
fn digits(text: &str) -> Option<Vec<u8>> {
    let misread = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'O' | b'o' => Some(0),
        b'I' | b'l' => Some(1),
        b'S' => Some(5),
        _ => None,
    };
    (1..=MOST).contains(&misread).then(|| text.bytes().filter_map(digit).collect())
}

fn card(seen: &Seen<'_>) -> Option<Accepted> {
    let digits = digits(seen.text())?;
    let issued = matches!(digits.first(), Some(3..=6));
    (issued && checksum::luhn(&digits) && seen.stands_alone()).then(|| seen.accept())?
}

fn social(seen: &Seen<'_>) -> Option<Accepted> {
    digits(seen.text()).filter(|_| seen.stands_alone()).and_then(|_| seen.accept())
}
