//! Replaces findings by stand-ins, and puts the originals back.
//!
//! It is told what was found and what to do with it; it knows nothing of how things are found, of policies, or of
//! providers. Start reading at [`text`] (a plain text), [`document`] (a JSON body) and [`restore`] (the way back).

pub mod document;
pub mod keys;
pub mod mapping;
pub mod operator;
pub mod restore;
pub mod target;
pub mod template;
pub mod text;

mod codec;
mod redacted;
mod seal;
mod shape;
mod splice;
mod surrogate;

pub use codec::DecodeError;
pub use document::{Document, Treatment, restore_document};
pub use keys::Keys;
pub use mapping::Mapping;
pub use operator::{Operator, Operators};
pub use redacted::Redacted;
pub use restore::{Context, Restorer, StreamRestorer};
pub use seal::decrypt;
pub use target::Target;
pub use template::{Template, TemplateError};
pub use text::{redact_text, redact_texts};

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
#[cfg(test)]
mod tests;
