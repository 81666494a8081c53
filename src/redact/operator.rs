//! What is done to a finding.

use super::{Template, digest::digest, template::label};
use crate::detect::EntityType;
use std::{borrow::Cow, collections::BTreeMap};

/// What is done to a finding.
///
/// `Replace`, `Encrypt` and `Surrogate` can be undone through the mapping; `Mask`, `Hash`, `Label` and `Remove` cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// A numbered placeholder.
    Replace {
        /// Its pattern.
        template: Template,
    },
    /// Letters and digits are covered; other characters stay, so the form can be seen.
    Mask {
        /// What covers them.
        character: char,
        /// How many letters and digits stay at the front.
        keep_first: usize,
        /// How many letters and digits stay at the end. Never more than half of all stay.
        keep_last: usize,
    },
    /// A keyed digest such as `[EMAIL:3fa9c1d2e4b5f607]`: the same value of a type always has the same.
    Hash,
    /// An encrypted token such as `[EMAIL:v1.…]`, which [`decrypt`](super::decrypt) opens with the key alone.
    Encrypt,
    /// An invented value of the same kind.
    Surrogate,
    /// The name of the type, as `[EMAIL_REDACTED]`. No placeholder is equal to it, since it has no number.
    Label,
    /// Nothing stays.
    Remove,
    /// The value stays as it is.
    Keep,
}

impl Operator {
    /// `Replace` with the default placeholder of a type.
    pub fn replace(entity_type: &EntityType) -> Self {
        Self::Replace { template: Template::of_type(entity_type) }
    }

    /// The same where there is a mapping or not: what can be undone becomes a label.
    #[must_use]
    pub fn one_way(&self) -> Self {
        match self {
            Self::Replace { .. } | Self::Encrypt | Self::Surrogate => Self::Label,
            Self::Mask { .. } | Self::Hash | Self::Label | Self::Remove | Self::Keep => {
                self.clone()
            }
        }
    }

    /// Its name in policies and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Replace { .. } => "replace",
            Self::Mask { .. } => "mask",
            Self::Hash => "hash",
            Self::Encrypt => "encrypt",
            Self::Surrogate => "surrogate",
            Self::Label => "label",
            Self::Remove => "remove",
            Self::Keep => "keep",
        }
    }
}

/// Which operator applies to which type. A type that is not named gets its default placeholder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operators {
    by_type: BTreeMap<EntityType, Operator>,
    /// Some type gets stand-ins that could be ordinary text. Known ahead, since every text asks.
    need_words: bool,
}

impl Operators {
    /// Default placeholders for all types.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the operator of a type.
    pub fn set(&mut self, entity_type: EntityType, operator: Operator) {
        self.need_words |= matches!(operator, Operator::Surrogate | Operator::Encrypt);
        self.by_type.insert(entity_type, operator);
    }

    /// The same with the operator of a type set.
    #[must_use]
    pub fn with(mut self, entity_type: EntityType, operator: Operator) -> Self {
        self.set(entity_type, operator);
        self
    }

    /// What applies to a type. Nothing takes the place of a [signal](EntityType::is_signal).
    pub fn get(&self, entity_type: &EntityType) -> Cow<'_, Operator> {
        if entity_type.is_signal() {
            return Cow::Owned(Operator::Keep);
        }
        match self.by_type.get(entity_type) {
            Some(operator) => Cow::Borrowed(operator),
            None => Cow::Owned(Operator::replace(entity_type)),
        }
    }

    /// True when some type gets stand-ins that could be ordinary text.
    pub(super) fn need_words(&self) -> bool {
        self.need_words
    }
}

impl FromIterator<(EntityType, Operator)> for Operators {
    fn from_iter<I: IntoIterator<Item = (EntityType, Operator)>>(operators: I) -> Self {
        operators
            .into_iter()
            .fold(Self::new(), |all, (entity_type, operator)| all.with(entity_type, operator))
    }
}

/// Covers letters and digits, but for some at each end. At least half of them are always covered.
pub(super) fn mask(value: &str, character: char, keep_first: usize, keep_last: usize) -> String {
    let total = value.chars().filter(|c| c.is_alphanumeric()).count();
    let last = keep_last.min(total / 2);
    let first = keep_first.min(total / 2 - last);
    let mut seen = 0;
    let cover = |c: char| {
        if !c.is_alphanumeric() {
            return c;
        }
        seen += 1;
        if seen <= first || seen > total - last { c } else { character }
    };
    value.chars().map(cover).collect()
}

/// The name of a type in brackets.
pub(super) fn type_label(entity_type: &EntityType) -> String {
    format!("[{}_REDACTED]", label(entity_type))
}

/// A short keyed digest, the same for the same value of a type.
pub(super) fn hash(key: &[u8; 32], entity_type: &EntityType, value: &str) -> String {
    let digest = digest(key, entity_type, value).finalize().to_hex();
    format!("[{}:{}]", label(entity_type), &digest[..16])
}
