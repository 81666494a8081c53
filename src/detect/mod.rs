//! Finds personal data and secrets in text.
//!
//! Pure and synchronous: no I/O, no clock, no logging, and it cannot fail on any input. It knows nothing of policies
//! or of what is done to a finding.

pub mod entity_type;
pub mod finding;
pub mod span;

pub use entity_type::EntityType;
pub use finding::{Finding, Score};
pub use span::Span;
