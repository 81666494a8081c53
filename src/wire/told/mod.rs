//! What an answer tells of itself: which model wrote it, why it ended, how many tokens it took.
//!
//! For telemetry, and so without any text: ids, names and words that do not look like ones are left out. Each API's folder
//! says where they stand; a stream is read event by event as it passes.

mod closing;
mod telling;

pub use closing::Closing;
pub use telling::Telling;

use super::place::{is_id, is_name, is_word};
use crate::json::Glance;
use std::mem;

/// The most finish reasons that are kept, which is also the most choices that OpenAI lets a request ask for.
const MAX_REASONS: usize = 128;

/// What an answer has told of itself so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The provider's id of the answer.
    pub id: Option<String>,
    /// The model that answered, which may be an exact version of the one that was asked.
    pub model: Option<String>,
    /// Why the choices ended, in the provider's words and in the order in which they did.
    pub finish_reasons: Vec<String>,
    /// The tokens it took, as far as the provider tells.
    pub usage: Usage,
    /// The provider reports a failure in the place of an answer, or in the middle of it.
    pub failed: bool,
    /// Nothing more is to come.
    pub complete: bool,
}

/// Numbers of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of the request, those read from and written to the provider's cache included.
    pub input: Option<u64>,
    /// Of the answer, reasoning included.
    pub output: Option<u64>,
    /// Those of the request that the provider had in its cache.
    pub cache_read: Option<u64>,
    /// Those of the request that the provider has put into its cache.
    pub cache_write: Option<u64>,
    /// Those of the answer that are reasoning.
    pub reasoning: Option<u64>,
}

impl Told {
    pub(super) fn hear_id(&mut self, value: Glance<'_>) {
        keep(&mut self.id, value, is_id);
    }

    pub(super) fn hear_model(&mut self, value: Glance<'_>) {
        keep(&mut self.model, value, is_name);
    }

    /// Null, as in all events of a choice but its last, is no reason.
    pub(super) fn hear_reason(&mut self, value: Glance<'_>) {
        let reason = value.text().filter(|reason| is_word(reason));
        if let Some(reason) = reason.filter(|_| self.finish_reasons.len() < MAX_REASONS) {
            self.finish_reasons.push(reason.into_owned());
        }
    }

    /// An error that is null is none.
    pub(super) fn hear_error(&mut self, value: Glance<'_>) {
        self.failed |= value.is_object() || value.text().is_some();
    }
}

/// Most events repeat what the first has told.
fn keep(kept: &mut Option<String>, value: Glance<'_>, looks_right: fn(&str) -> bool) {
    if kept.is_none() {
        *kept = value.text().filter(|text| looks_right(text)).map(|text| text.into_owned());
    }
}

/// Takes a number if there is one: a later count of a stream goes over the earlier ones, and null is none.
pub(super) fn count(kept: &mut Option<u64>, value: Glance<'_>) {
    *kept = value.number().or(mem::take(kept));
}

/// The model that a request body asks for, if it looks like the name of one.
pub fn asked_model(body: &[u8]) -> Option<String> {
    let mut model = None;
    keep(&mut model, Glance::at(body).member("model")?, is_name);
    model
}
