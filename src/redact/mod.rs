//! Replaces findings by stand-ins, and puts the originals back.

pub mod mapping;

pub use mapping::Mapping;

/// Bytes that hold no finding in clear: only this module can make them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redacted(bytes::Bytes);

impl Redacted {
    /// The bytes, ready to be sent.
    pub fn as_bytes(&self) -> &bytes::Bytes {
        &self.0
    }

    /// Bytes that a test knows to be harmless.
    #[cfg(test)]
    pub(crate) fn for_test(bytes: impl Into<bytes::Bytes>) -> Self {
        Self(bytes.into())
    }
}
