//! Which numbers of a JSON document are looked at, and what they say.

use std::borrow::Cow;

/// Numbers with fewer digits say nothing about a person by themselves.
const LEAST_DIGITS: usize = 7;

/// Words of a member's name that make something private of a shorter number. What is looked for decides then; these only
/// spare the numbers of which most documents are full.
#[rustfmt::skip]
const TELLING: &[&str] = &[
    "account", "acct", "age", "alarm", "alter", "badge", "birth", "birthday", "card", "cid", "csc", "cvc", "cvc2", "cvn", "cvv",
    "cvv2", "dob", "door", "edad", "employee", "gate", "idade", "insurance", "konto", "licence", "license", "medical",
    "member", "mfa", "mrn", "otp", "pass", "passcode", "passport", "passwd", "password", "patient", "personnel", "pin", "pincode",
    "plz", "policy", "postal", "postcode", "puk", "pwd", "secret", "security", "ssn", "staff", "student", "tan", "tax", "username",
    "verification", "zip", "zipcode",
];

/// What a number says if it is long enough to matter, or stands under a name that tells; in plain digits when it is a whole one.
pub(super) fn text<'n>(raw: &'n str, label: Option<&str>) -> Option<Cow<'n, str>> {
    let exponent_at = raw.find(['e', 'E']);
    let mantissa = &raw[..exponent_at.unwrap_or(raw.len())];
    let text = match exponent_at {
        None => Cow::Borrowed(raw),
        Some(at) => Cow::Owned(shifted(mantissa, raw[at + 1..].parse().ok()?)?),
    };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (digits >= LEAST_DIGITS || label.is_some_and(tells)).then_some(text)
}

/// `mantissa` with its point moved; `None` when the result would not be a whole number of a size that identifies anything.
fn shifted(mantissa: &str, exponent: i32) -> Option<String> {
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let places = usize::try_from(exponent).ok().filter(|places| *places <= 40)?;
    let fraction = fraction.trim_end_matches('0');
    let zeros = places.checked_sub(fraction.len())?;
    Some(format!("{whole}{fraction}{}", "0".repeat(zeros)))
}

/// True if a word of the name is one of those: `pin`, `card_pin`, `employeeId`, `CVV`.
fn tells(name: &str) -> bool {
    let is_telling = |word: &str| TELLING.iter().any(|known| known.eq_ignore_ascii_case(word));
    name.split(|c: char| !c.is_alphanumeric()).flat_map(humps).any(is_telling)
}

/// `employeeId` as `employee` and `Id`.
fn humps(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let pairs = rest.bytes().zip(rest.bytes().skip(1));
        let hump = { pairs }.position(|(a, b)| !a.is_ascii_uppercase() && b.is_ascii_uppercase());
        let (word, behind) = rest.split_at(hump.map_or(rest.len(), |at| at + 1));
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
            ("93", Some("age"), Some("93")),
            ("93", Some("page"), None),
            ("4821", Some("max_tokens"), None),
            ("1.5e-3", Some("pin"), None),
            ("7", Some("größeAge"), Some("7")),
        ] {
            assert_eq!(text(raw, label).as_deref(), expected, "{raw} {label:?}");
        }
    }
}
