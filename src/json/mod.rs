//! Reads JSON without building it: a strict lexer that shows every key, string, number and literal with its place.
//!
//! It knows nothing of what the strings mean. The bodies of providers are rewritten by splicing bytes at the places
//! that [`walk`] reports, so everything that is not rewritten stays as it came: order, spelling, spaces, duplicate keys.
//! Start reading at [`walk`]; [`Glance`] finds single members.

mod error;
mod glance;
mod lexer;
mod string;

pub use error::{Error, ErrorKind};
pub use glance::Glance;
pub use lexer::{Kind, Step, Token, walk};
pub use string::{Offsets, decode, encode_into};

/// The nesting that is read when nothing else is configured.
pub const MAX_DEPTH: usize = 128;

#[cfg(test)]
mod tests;
