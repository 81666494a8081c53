//! Replaces findings by stand-ins, and puts the originals back.
//!
//! It is told what was found and what to do with it; it knows nothing of how things are found, of policies, or of
//! providers. Start reading at [`text`] (a plain text), [`document`] (a JSON body) and [`restore`] (the way back).

pub mod document;
pub mod keys;
pub mod mapping;
mod moves;
mod numbering;
pub mod operator;
pub mod restore;
pub mod target;
pub mod template;
pub mod text;

mod codec;
mod coded;
mod digest;
mod judged;
mod redacted;
mod seal;
mod shape;
mod splice;
mod surrogate;

pub use codec::DecodeError;
pub use coded::{Base64, head_of_data_url, is_all_base64};
pub use document::{Document, Treatment, restore_document};
pub use judged::{Edit, Surroundings};
pub use keys::Keys;
pub use mapping::Mapping;
pub use moves::Moves;
pub use numbering::Numbering;
pub use operator::{Operator, Operators};
pub use redacted::Redacted;
pub use restore::{Context, Restorer, StreamRestorer};
pub use seal::decrypt;
pub use target::Target;
pub use template::{Template, TemplateError};
pub use text::{one_way, redact_text, redact_texts};

#[cfg(test)]
mod tests;
