//! The strings of an event: what they say, and how they are written when that is to change.

use super::View;
use crate::wire::{
    splice::{self, Edit},
    sse::Frame,
};
use std::borrow::Cow;

/// What a string says, and what it is to say if that differs.
pub(super) struct Text<'a> {
    pub(super) old: Cow<'a, str>,
    pub(super) new: Option<String>,
}

impl Text<'_> {
    /// Puts the rest of a text behind what it says.
    pub(super) fn append(&mut self, rest: &str) {
        let old = &self.old;
        self.new.get_or_insert_with(|| old.clone().into_owned()).push_str(rest);
    }
}

/// Writes an event with its texts and these edits; what describes the texts is blanked if one has changed.
pub(super) fn write(
    frame: Frame<'_>,
    data: &str,
    view: View<'_>,
    texts: Vec<Text<'_>>,
    mut edits: Vec<Edit>,
    out: &mut Vec<u8>,
) {
    let n_offsets = edits.len();
    for (piece, text) in view.pieces.iter().zip(texts) {
        let Some(new) = text.new else { continue };
        edits.extend(splice::string_edit(piece.start, piece.raw, &text.old, &new));
    }
    if edits.len() > n_offsets {
        edits.extend(view.blanks);
    }
    write_edited(frame, data, edits, out);
}

/// Writes an event with the edits made in its data.
pub(super) fn write_edited(frame: Frame<'_>, data: &str, edits: Vec<Edit>, out: &mut Vec<u8>) {
    if edits.is_empty() {
        out.extend_from_slice(frame.bytes());
    } else {
        frame.write_with(&splice::apply(data, edits), out);
    }
}
