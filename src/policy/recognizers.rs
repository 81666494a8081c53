//! The recognizers of a policy's own: those that it describes, and those of its lists.

use super::{
    draft::Draft,
    file::{Listing, RecognizerForm},
    name::canonical,
};
use crate::detect::{CustomRecognizer, EntityType, Score, Validator};

/// The recognizer and the type of a policy's `deny` list.
pub(super) const DENY: &str = "deny";
pub(super) const DENIED: &str = "DENIED";
/// The same of its `canaries`.
pub(super) const CANARIES: &str = "canaries";
pub(super) const CANARY: &str = "CANARY";

pub(super) fn custom_recognizers(draft: &Draft<'_>) -> Option<Vec<CustomRecognizer>> {
    let own = draft.recognizers.values().map(|form| custom(form));
    let listed = deny_recognizer(&draft.deny).into_iter().chain(canary_recognizer(&draft.canaries));
    own.chain(listed.map(Some)).collect()
}

/// True for what a recognizer or a list of the policy's own finds.
pub(super) fn is_own(draft: &Draft<'_>, entity_type: &EntityType) -> bool {
    [DENIED, CANARY].contains(&entity_type.as_str())
        || draft
            .recognizers
            .values()
            .any(|r| canonical(&r.entity_type.value) == entity_type.as_str())
}

/// `None` when the form has a fault, which [`check_recognizers`] tells.
pub(super) fn custom(form: &RecognizerForm) -> Option<CustomRecognizer> {
    let validator = match &form.validator {
        Some(name) => Some(Validator::parse(&name.value)?),
        None => None,
    };
    Some(CustomRecognizer {
        name: form.name.value.clone(),
        entity_type: EntityType::custom(canonical(&form.entity_type.value))?,
        patterns: form.patterns.iter().map(|(p, s)| (p.value.clone(), Score::new(*s))).collect(),
        deny_list: form.deny_list.clone(),
        context: form.context.clone(),
        validator,
    })
}

pub(super) fn deny_recognizer(listings: &[&Listing]) -> Option<CustomRecognizer> {
    let words = listings.iter().flat_map(|l| l.exact.iter().cloned()).collect::<Vec<_>>();
    let regexes = listings.iter().flat_map(|l| &l.regex);
    let patterns = regexes.map(|p| (p.value.clone(), Score::MAX)).collect::<Vec<_>>();
    (!words.is_empty() || !patterns.is_empty()).then(|| CustomRecognizer {
        name: DENY.to_owned(),
        entity_type: EntityType::builtin(DENIED),
        patterns,
        deny_list: words,
        context: Vec::new(),
        validator: None,
    })
}

/// Finds canaries wherever they stand, also inside of words.
fn canary_recognizer(canaries: &[&str]) -> Option<CustomRecognizer> {
    let pattern = |canary: &&str| (literal_pattern(canary), Score::MAX);
    (!canaries.is_empty()).then(|| CustomRecognizer {
        name: CANARIES.to_owned(),
        entity_type: EntityType::builtin(CANARY),
        patterns: canaries.iter().map(pattern).collect(),
        deny_list: Vec::new(),
        context: Vec::new(),
        validator: None,
    })
}

/// The pattern that matches this text alone.
fn literal_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if r"\.+*?()|[]{}^$#&-~".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
