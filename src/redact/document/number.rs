//! Which numbers of a JSON document are looked at, and what they say.

use super::label::label;
use crate::json::{Kind, Step, Token};
use std::borrow::Cow;

/// Numbers with fewer digits say nothing about a person by themselves.
const LEAST_DIGITS: usize = 7;

/// Words of a member's name that make something private of a shorter number. What is looked for decides then; these only
/// spare the numbers of which most documents are full.
#[rustfmt::skip]
const TELLING: &[&str] = &[
    "account", "acct", "age", "alarm", "alter", "badge", "birth", "birthday", "card", "cid", "csc", "cvc", "cvn", "cvv", "dob", "door", "edad", "employee", "gate", "idade", "insurance", "konto", "licence", "license", "medical",
    "member", "mfa", "mrn", "otp", "pass", "passcode", "passport", "passwd", "password", "patient", "personnel", "pin", "pincode",
    "plz", "policy", "postal", "postcode", "puk", "pwd", "secret", "security", "ssn", "staff", "student", "tan", "tax", "username",
    "verification", "zip", "zipcode",
];

/// What a number says if it is long enough to matter, or stands under a name that tells, which only a short one is asked; in plain
/// digits when it is a whole one.
pub(super) fn text(raw: &str, tells: impl FnOnce() -> bool) -> Option<Cow<'_, str>> {
    let exponent_at = raw.find(['e', 'E']);
    let mantissa = &raw[..exponent_at.unwrap_or(raw.len())];
    let text = match exponent_at {
        None => Cow::Borrowed(raw),
        Some(at) => Cow::Owned(shifted(mantissa, raw[at + 1..].parse().ok()?)?),
    };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (digits >= LEAST_DIGITS || tells()).then_some(text)
}

/// `mantissa` with its point moved; `None` when the result would not be a whole number of a size that identifies anything.
fn shifted(mantissa: &str, exponent: i32) -> Option<String> {
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let places = usize::try_from(exponent).ok().filter(|places| *places <= 40)?;
    let fraction = fraction.trim_end_matches('0');
    let zeros = places.checked_sub(fraction.len())?;
    Some(format!("{whole}{fraction}{}", "0".repeat(zeros)))
}

/// Whether short numbers say something where the walk is. Asked once for all those of an array, which may be very many.
#[derive(Default)]
pub(super) struct Named {
    /// Where in the path the nearest name stands, and what it says. No name has come since, so that it is still the same.
    answer: Option<(Option<usize>, bool)>,
}

impl Named {
    pub(super) fn see(&mut self, token: &Token<'_>) {
        if token.kind() == Kind::Key {
            self.answer = None;
        }
    }

    pub(super) fn tells(&mut self, path: &[Step<'_>], outer: Option<&str>) -> bool {
        let nearest = path.iter().rposition(|step| matches!(step, Step::Key(_)));
        match self.answer {
            Some((known, tells)) if known == nearest => tells,
            Some(_) | None => {
                let tells = label(path, outer).is_some_and(tells);
                self.answer = Some((nearest, tells));
                tells
            }
        }
    }
}

/// True if a word of the name is one of those: `pin`, `card_pin`, `employeeId`, `CVVCode`, `pin1`.
fn tells(name: &str) -> bool {
    let is_telling = |word: &str| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        TELLING.iter().any(|known| known.eq_ignore_ascii_case(word))
    };
    name.split(|c: char| !c.is_alphanumeric()).flat_map(humps).any(is_telling)
}

/// `employeeId` as `employee` and `Id`, `PINNumber` as `PIN` and `Number`.
fn humps(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let begins = |at: &usize| {
            let follows_lower = !bytes[at - 1].is_ascii_uppercase();
            let before_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            bytes[*at].is_ascii_uppercase() && (follows_lower || before_lower)
        };
        let (word, behind) = rest.split_at((1..bytes.len()).find(begins).unwrap_or(rest.len()));
        rest = behind;
        (!word.is_empty()).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_number_says_something_under_a_name_that_tells() {
        for (raw, label, expected) in [
            ("4155550132", None, Some("4155550132")),
            ("4.155550132e9", None, Some("4155550132")),
            ("482193", None, None),
            ("4821", Some("pin"), Some("4821")),
            ("4.821e3", Some("cardPin"), Some("4821")),
            ("123", Some("CVV"), Some("123")),
            ("48219", Some("employee_id"), Some("48219")),
            ("48219", Some("employeeId"), Some("48219")),
            ("4821", Some("PINNumber"), Some("4821")),
            ("123", Some("CVVCode"), Some("123")),
            ("4399", Some("SSNLast4"), Some("4399")),
            ("4821", Some("pin1"), Some("4821")),
            ("123", Some("cvc2"), Some("123")),
            ("4821", Some("pinEntry2"), Some("4821")),
            ("4821", Some("pinned"), None),
            ("4821", Some("HTTPStatus2"), None),
            ("93", Some("age"), Some("93")),
            ("93", Some("page"), None),
            ("4821", Some("max_tokens"), None),
            ("1.5e-3", Some("pin"), None),
            ("7", Some("größeAge"), Some("7")),
        ] {
            let found = text(raw, || label.is_some_and(tells));
            assert_eq!(found.as_deref(), expected, "{raw} {label:?}");
        }
    }
}
