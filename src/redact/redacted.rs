//! The proof that something went through redaction.

use bytes::Bytes;

/// Bytes that hold no finding in clear, but for those that an operator says to keep, for what stands in signed texts, which cannot be
/// changed, and for bodies that the operator of the service wants sent [unread](Self::unread). Only this module can make them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Redacted(Bytes);

impl Redacted {
    /// Nothing at all: the body of a request that has none.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Bytes that nobody has looked at, which the operator wants sent as they are (`server.unknown_endpoints: pass`).
    pub fn unread(bytes: Bytes) -> Self {
        Self(bytes)
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
