//! Why a document is not JSON.

use thiserror::Error;

/// A document that is not strict JSON. Holds no text of the input, so it may be logged and sent to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{kind} at byte {offset}")]
pub struct Error {
    /// Place of the fault, in bytes from the start of the document.
    pub offset: usize,
    /// What the fault is.
    pub kind: ErrorKind,
}

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ErrorKind {
    /// Something else stands there than the grammar allows.
    #[error("expected {0}")]
    Expected(&'static str),
    /// The bytes are not UTF-8.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// A control character stands unescaped in a string.
    #[error("unescaped control character in a string")]
    ControlCharacter,
    /// A backslash in a string is not followed by a valid escape.
    #[error("invalid escape in a string")]
    InvalidEscape,
    /// Arrays and objects lie deeper in each other than allowed.
    #[error("nesting deeper than {0} levels")]
    TooDeep(usize),
    /// The same of JSON that a string holds; the place is that of the string.
    #[error("JSON in a string nested deeper than {0} levels, what it stands in included")]
    TooDeepInside(usize),
}
