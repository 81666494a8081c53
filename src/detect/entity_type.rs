//! The classes of private data, by Presidio's names where it has one.

use std::{borrow::Cow, fmt};

/// A class of private data, such as `EMAIL_ADDRESS`. Cheap to clone for the built-in ones.
///
/// Policies may add types of their own with [`EntityType::custom`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityType(Cow<'static, str>);

impl EntityType {
    /// A built-in type. `name` is in `UPPER_SNAKE_CASE`.
    pub const fn builtin(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A type that a policy defines, or `None` unless `name` is `[A-Z][A-Z0-9_]{0,63}`.
    pub fn custom(name: &str) -> Option<Self> {
        let well_formed = name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        well_formed.then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The name, in `UPPER_SNAKE_CASE`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EntityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EntityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
