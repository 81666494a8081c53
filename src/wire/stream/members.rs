//! Members of events that no API is known for. A model's text may come in them as well, cut over events.

use crate::json;
use std::collections::BTreeMap;

/// When their names are longer together they are no names.
const MAX_BYTES: usize = 1 << 16;

/// The unlisted members of a stream, numbered as they first come.
#[derive(Default)]
pub(in crate::wire) struct Members {
    numbers: BTreeMap<String, u64>,
    /// By their numbers: what an event writes before the text.
    openings: Vec<String>,
    bytes: usize,
}

impl Members {
    /// The number of the member with this name, in an object that begins with `head`, which is JSON.
    pub(in crate::wire) fn number(&mut self, head: &str, name: &str) -> u64 {
        let mut opening = format!("{head}\"");
        json::encode_into(name, &mut opening);
        opening.push_str("\":");
        if let Some(number) = self.numbers.get(&opening) {
            return *number;
        }
        let number = self.openings.len() as u64;
        self.bytes += opening.len();
        self.openings.push(opening.clone());
        self.numbers.insert(opening, number);
        number
    }

    /// The inside of an object in which the member says this, in JSON.
    pub(in crate::wire) fn saying(&self, number: u64, json: &str) -> String {
        let opening = usize::try_from(number).ok().and_then(|number| self.openings.get(number));
        opening.map(|opening| format!("{opening}\"{json}\"")).unwrap_or_default()
    }

    /// True if there are more than any API would have.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > MAX_BYTES
    }
}
