//! Tells policies apart by what they do.

use super::{
    Numbering, Retention, Rule, Signed, Unscannable,
    draft::Draft,
    recognizers::{custom, deny_recognizer},
};
use crate::detect::{EntityType, Model};
use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

/// A digest of all that changes what the policy does.
pub(super) fn version(
    draft: &Draft<'_>,
    rules: &BTreeMap<EntityType, Rule>,
    models: &[Arc<dyn Model>],
) -> Arc<str> {
    let mut text = String::new();
    let unscannable = draft.unscannable.unwrap_or(Unscannable::Pass);
    let numbering = draft.numbering.unwrap_or(Numbering::Appearance);
    let _ = writeln!(text, "{rules:?}\n{unscannable:?} {numbering:?}");
    let _ = writeln!(text, "{:?} {:?}", draft.canaries, draft.one_way.unwrap_or_default());
    for form in draft.recognizers.values() {
        let _ = writeln!(text, "{:?}", custom(form));
    }
    let _ = writeln!(text, "{:?}", deny_recognizer(&draft.deny));
    for listing in &draft.allow {
        listing.exact.iter().for_each(|value| _ = writeln!(text, "allow {value:?}"));
        listing
            .regex
            .iter()
            .for_each(|regex| _ = writeln!(text, "allow {:?} as regex", regex.value));
    }
    for model in models {
        let _ = writeln!(text, "model {} {}", model.info().name, model.fingerprint());
    }
    if draft.signed == Some(Signed::Pass) {
        text.push_str("signed texts pass\n");
    }
    if draft.retention != Retention::default() {
        let _ = writeln!(text, "{:?}", draft.retention);
    }
    let mut hex = blake3::hash(text.as_bytes()).to_hex().to_string();
    hex.truncate(16);
    hex.into()
}
