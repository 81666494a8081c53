//! Finds personal data and secrets in text.
//!
//! Pure and synchronous: no I/O, no clock, no logging, and it cannot fail on any input. It knows nothing of policies
//! or of what is done to a finding.
//!
//! Start reading at [`analyzer`]. A text goes through `view` (look-alikes folded), `engine` (all patterns at once, checks,
//! context words), the custom recognizers and the names; then through `disguise` (parts that are written to be overlooked are
//! searched in plain form), `table`, `insert` and `copy` (cells are searched with their header) and `beside` (values are searched with
//! the names beside them); then to the models that the policy names, and at last through the overlap rule.

pub mod analyzer;
mod beside;
mod candidate;
mod cells;
mod checksum;
mod columns;
mod context;
mod copy;
pub mod custom;
mod dates;
mod disguise;
mod emphasis;
mod engine;
pub mod entity_type;
pub mod finding;
mod fold;
mod groups;
pub mod injection;
mod insert;
mod joined;
mod long_words;
pub mod memory;
pub mod model;
mod named;
pub mod names;
pub mod offsets;
mod overlap;
mod pattern;
mod places;
mod recognizer;
mod rising;
mod seen;
pub mod selection;
mod shifts;
pub mod span;
mod table;
mod terminal;
pub mod text;
mod view;

#[cfg(test)]
pub(crate) mod finder;
#[cfg(test)]
mod tests;

pub use analyzer::{Analyzer, RecognizerInfo};
pub(crate) use candidate::Candidate;
pub use custom::{CustomError, CustomRecognizer, Validator};
pub use entity_type::EntityType;
pub use finding::{Finding, Score};
pub use memory::Memory;
pub use model::{Model, Reading, Unread};
pub use offsets::{OffsetConverter, OffsetUnit};
pub use selection::Selection;
pub use span::Span;
pub use text::Text;
