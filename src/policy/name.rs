//! Names of policies, and other names for entity types.

use std::{borrow::Borrow, fmt, sync::Arc};

/// The name of a policy: 1 to 64 of `a-z`, `0-9`, `_` and `-`, beginning with a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName(Arc<str>);

impl PolicyName {
    /// Reads a name, or `None` when it is not well formed.
    pub fn parse(name: &str) -> Option<Self> {
        let well_formed = name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        well_formed.then(|| Self(name.into()))
    }

    /// Stands in for a name that cannot be read.
    pub(super) fn unnamed() -> Self {
        Self("unnamed".into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name, shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl Borrow<str> for PolicyName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Short names that are accepted for entity types.
const ALIASES: [(&str, &str); 25] = [
    ("ADDRESS", "STREET_ADDRESS"),
    ("BANK_ACCOUNT", "US_BANK_NUMBER"),
    ("BIRTHDAY", "DATE_OF_BIRTH"),
    ("CARD", "CREDIT_CARD"),
    ("DATE", "DATE_TIME"),
    ("DOB", "DATE_OF_BIRTH"),
    ("DRIVER_LICENSE", "US_DRIVER_LICENSE"),
    ("EMAIL", "EMAIL_ADDRESS"),
    ("EXPIRY", "CREDIT_CARD_EXPIRY"),
    ("IBAN", "IBAN_CODE"),
    ("IP", "IP_ADDRESS"),
    ("ITIN", "US_ITIN"),
    ("MAC", "MAC_ADDRESS"),
    ("MEDICAL_RECORD_NUMBER", "MEDICAL_RECORD"),
    ("MRN", "MEDICAL_RECORD"),
    ("NAME", "PERSON"),
    ("NHS", "UK_NHS"),
    ("NINO", "UK_NINO"),
    ("NPI", "HEALTH_PROVIDER_ID"),
    ("ORG", "ORGANIZATION"),
    ("PHONE", "PHONE_NUMBER"),
    ("SSN", "US_SSN"),
    ("TIME", "DATE_TIME"),
    ("US_NPI", "HEALTH_PROVIDER_ID"),
    ("US_PASSPORT", "PASSPORT"),
];

/// The usual name of an entity type for a short one; any other name as it is.
pub fn canonical(name: &str) -> &str {
    ALIASES.binary_search_by_key(&name, |(alias, _)| alias).map_or(name, |at| ALIASES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_words() {
        for good in ["a", "default_pii", "team-2"] {
            assert!(PolicyName::parse(good).is_some(), "{good}");
        }
        for bad in ["", "2a", "Team", "a b", "ä", &"a".repeat(65)] {
            assert!(PolicyName::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn aliases_are_sorted_for_the_search() {
        assert!(ALIASES.is_sorted());
        assert_eq!(canonical("EMAIL"), "EMAIL_ADDRESS");
        assert_eq!(canonical("PERSON"), "PERSON");
    }
}
