//! The pattern of a numbered placeholder.

use super::shape;
use crate::detect::EntityType;
use std::fmt;
use thiserror::Error;

const HOLE: &str = "{i}";

/// A placeholder with a hole for its number, such as `[EMAIL_{i}]`.
///
/// Placeholders of a word in one pair of brackets are restored also where the model bent them (case, escapes, spaces);
/// all other forms are restored only exactly as they were given out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Template {
    text: Box<str>,
    hole: usize,
}

impl Template {
    /// The most bytes a template may have.
    pub const MAX_LEN: usize = 64;

    /// Reads a template such as `[EMAIL_{i}]`.
    ///
    /// # Errors
    /// When its numbers could not be told from each other, or from ordinary text.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let hole = text.find(HOLE).ok_or(TemplateError::HoleMissing)?;
        let rest = &text[hole + HOLE.len()..];
        if rest.contains(HOLE) {
            return Err(TemplateError::SecondHole);
        }
        if text.len() > Self::MAX_LEN {
            return Err(TemplateError::TooLong);
        }
        if text.contains(|c: char| c.is_control() || c == '"' || c == '\\') {
            return Err(TemplateError::Character);
        }
        if shape::numbers_in(text) > shape::MAX_NUMBERS {
            return Err(TemplateError::Numbers);
        }
        let digit_beside =
            text[..hole].ends_with(char::is_numeric) || rest.starts_with(char::is_numeric);
        if digit_beside {
            return Err(TemplateError::DigitBesideHole);
        }
        let template = Self { text: text.into(), hole };
        let sample = template.render("1");
        match shape::loose_key(&sample) {
            Some(_) => Ok(template),
            None if !text.is_ascii() => Err(TemplateError::NotAscii),
            None if shape::core_word(&sample).is_none() => Err(TemplateError::NoLetters),
            None => Ok(template),
        }
    }

    /// The template of a type for which none is written: `[EMAIL_{i}]` for `EMAIL_ADDRESS`, else `[TYPE_{i}]`.
    pub fn of_type(entity_type: &EntityType) -> Self {
        let prefix = format!("[{}_", label(entity_type));
        Self { hole: prefix.len(), text: format!("{prefix}{HOLE}]").into() }
    }

    /// As it is written in a policy.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The placeholder with this number, or digest.
    pub(super) fn render(&self, number: &str) -> String {
        let (before, behind) = (&self.text[..self.hole], &self.text[self.hole + HOLE.len()..]);
        let mut rendered = String::with_capacity(before.len() + number.len() + behind.len());
        for part in [before, number, behind] {
            rendered.push_str(part);
        }
        rendered
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({})", self.text)
    }
}

/// Why a text is no [`Template`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// The number has no place.
    #[error("a template needs `{{i}}`, which stands for the number")]
    HoleMissing,
    /// The number has two places.
    #[error("a template has `{{i}}` once only")]
    SecondHole,
    /// More than [`Template::MAX_LEN`] bytes.
    #[error("a template has at most 64 bytes")]
    TooLong,
    /// A quote, a backslash or a control character: it would not survive JSON unchanged.
    #[error("a template has no quotes, backslashes or control characters")]
    Character,
    /// More numbers than the one that is put in and two others.
    #[error("a template has at most two numbers besides `{{i}}`")]
    Numbers,
    /// `[ID1{i}]` could not tell 2 of `ID1` from 12 of `ID`.
    #[error("no digit may stand beside `{{i}}`")]
    DigitBesideHole,
    /// Letters beyond ASCII outside of a single pair of brackets.
    #[error(
        "a template with letters beyond ASCII must be one word in brackets, as in `[Straße_{{i}}]`"
    )]
    NotAscii,
    /// The word that holds the number has no letter: plain numbers would be taken for placeholders.
    #[error("`{{i}}` needs a letter in its word or its brackets, as in `[ID_{{i}}]`")]
    NoLetters,
}

/// The short name of a type in default placeholders.
pub(super) fn label(entity_type: &EntityType) -> &str {
    let name = entity_type.as_str();
    LABELS.iter().find(|(of, _)| *of == name).map_or(name, |(_, label)| label)
}

const LABELS: &[(&str, &str)] = &[
    ("EMAIL_ADDRESS", "EMAIL"),
    ("PHONE_NUMBER", "PHONE"),
    ("CREDIT_CARD", "CARD"),
    ("CREDIT_CARD_CVV", "CVV"),
    ("CREDIT_CARD_EXPIRY", "EXPIRY"),
    ("CREDIT_CARD_TRACK", "TRACK"),
    ("US_SSN", "SSN"),
    ("US_ITIN", "ITIN"),
    ("US_EIN", "EIN"),
    ("US_DRIVER_LICENSE", "LICENSE"),
    ("US_BANK_NUMBER", "ACCOUNT"),
    ("ABA_ROUTING_NUMBER", "ROUTING"),
    ("SWIFT_CODE", "SWIFT"),
    ("IBAN_CODE", "IBAN"),
    ("IP_ADDRESS", "IP"),
    ("MAC_ADDRESS", "MAC"),
    ("DATE_TIME", "DATE"),
    ("DATE_OF_BIRTH", "DOB"),
    ("STREET_ADDRESS", "ADDRESS"),
    ("MEDICAL_RECORD", "MRN"),
    ("HEALTH_PROVIDER_ID", "NPI"),
    ("US_DEA", "DEA"),
    ("US_MBI", "MBI"),
    ("UK_NHS", "NHS"),
    ("UK_NINO", "NINO"),
    ("NATIONAL_ID", "ID"),
    ("ORGANIZATION", "ORG"),
    ("VEHICLE_ID", "VIN"),
    ("LICENSE_PLATE", "PLATE"),
    ("DEVICE_ID", "DEVICE"),
    ("CRYPTO", "WALLET"),
];
