//! The proof that something went through redaction.

use bytes::Bytes;

/// Bytes that hold no finding in clear, but for those that an operator says to keep. Only this module can make them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Redacted(Bytes);

impl Redacted {
    /// Nothing at all: the body of a request that has none.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The bytes, ready to be sent.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The bytes as text; what is redacted here always is.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) fn vouch(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// Bytes that a test knows to be harmless.
    #[cfg(test)]
    pub(crate) fn for_test(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }
}
