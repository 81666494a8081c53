//! Finders that are not in the core: models that run elsewhere, and may fail.

use super::{Finding, RecognizerInfo};
use std::{fmt, sync::Arc};

/// Finds entities by means that the core has not, such as a neural network.
///
/// What it finds goes through the same selection and the same overlap rule as what recognizers find. It may take its time
/// and it may fail; how long it is waited for, and what a failure means, is its own affair.
pub trait Model: fmt::Debug + Send + Sync {
    /// Its name, the types it finds, and a line about it.
    fn info(&self) -> &RecognizerInfo;

    /// Tells two models apart that do not find the same.
    fn fingerprint(&self) -> &str;

    /// What it finds in `text`, in any order, overlapping or not.
    ///
    /// # Errors
    /// When the text could not be read, and must not pass for one in which nothing is.
    fn read(&self, text: &str) -> Result<Reading, Unread>;
}

/// What became of a text that a model was given.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// It was read, and this was found.
    Done(Vec<Finding>),
    /// It could not be read, and the operator wants to go on with what recognizers find.
    Skipped,
}

/// A model could not read a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the model {model} could not read a text: {reason}")]
pub struct Unread {
    /// The name of the model.
    pub model: Arc<str>,
    /// Why, and what can be done; holds nothing of the text.
    pub reason: String,
}
