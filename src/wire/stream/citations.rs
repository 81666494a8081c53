//! Moves the offsets of citations in the events of a stream.

use super::{Ended, Events, Flow, Key, View, text::Text};
use crate::wire::{
    offsets::{Into, Moved, Part},
    splice::Edit,
};
use std::collections::BTreeMap;

impl Events {
    /// Moves offsets with the texts that they point into.
    pub(super) fn offset_edits(&self, view: &View<'_>, texts: &[Text<'_>]) -> Vec<Edit> {
        if view.offsets.is_empty() {
            return Vec::new();
        }
        let of_part = |part: Part| {
            let at = view.pieces.iter().position(|piece| piece.part == Some(part))?;
            texts.get(at)?.new.as_ref()?;
            let (_, flow) =
                self.flow(view.pieces.get(at)?).tracked().whole(&texts.get(at)?.old).ok()?;
            Some(flow.moved())
        };
        let of_text = |key: Key| {
            let open = self.open.get(&key).map(Flow::moved);
            open.filter(|moved| !moved.is_empty()).or_else(|| self.moves.get(&key).cloned())
        };
        let mut known: BTreeMap<Into, Option<Moved>> = BTreeMap::new();
        let moved = view.offsets.iter().filter_map(|(into, offset)| {
            let find = || match *into {
                Into::Part(part) => of_part(part),
                Into::Text(key) => of_text(key),
                Into::Document(_) => None,
            };
            match *into {
                Into::Document(number) => offset.in_document(&self.documents, number),
                Into::Part(_) | Into::Text(_) => {
                    offset.moved(known.entry(*into).or_insert_with(find).as_ref()?)
                }
            }
        });
        moved.collect()
    }

    pub(super) fn forget_moves(&mut self, ended: &Ended) {
        match ended {
            Ended::All => self.moves.clear(),
            Ended::Groups(groups) => self.moves.retain(|key, _| !groups.contains(&key.group)),
            Ended::Texts(_) => {}
        }
    }
}
