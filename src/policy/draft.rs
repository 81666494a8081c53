//! A form and all it extends, laid over each other.
//!
//! Ancestors come first; what a later form writes replaces what it inherits, field by field. Canaries, models, allow and deny
//! lists add up, and a recognizer replaces an inherited one of the same name.

use super::{
    Numbering, OneWay, Retention, Signed, Unscannable,
    file::{Form, Listing, RecognizerForm, RuleForm},
};
use std::collections::{BTreeMap, BTreeSet};

/// What the forms say together.
#[derive(Debug, Default)]
pub(super) struct Draft<'f> {
    pub(super) languages: &'f [String],
    pub(super) defaults: RuleForm,
    /// Rules by entity type or pattern of types, and whether they are on.
    pub(super) entities: BTreeMap<&'f str, (bool, RuleForm)>,
    pub(super) recognizers: BTreeMap<&'f str, &'f RecognizerForm>,
    pub(super) models: BTreeSet<&'f str>,
    pub(super) allow: Vec<&'f Listing>,
    pub(super) deny: Vec<&'f Listing>,
    pub(super) canaries: Vec<&'f str>,
    pub(super) numbering: Option<Numbering>,
    pub(super) one_way: Option<OneWay>,
    pub(super) unscannable: Option<Unscannable>,
    pub(super) signed: Option<Signed>,
    pub(super) retention: Retention,
}

impl<'f> Draft<'f> {
    /// Lays the forms over each other, the first lowest.
    pub(super) fn of(lineage: &[&'f Form]) -> Self {
        let mut draft = Self::default();
        for form in lineage {
            draft.lay(form);
        }
        draft
    }

    fn lay(&mut self, form: &'f Form) {
        if !form.languages.is_empty() {
            self.languages = &form.languages;
        }
        self.defaults.lay(&form.defaults);
        for entity in &form.entities {
            let entry = self.entities.entry(&entity.key.value).or_default();
            entry.0 = entity.on;
            entry.1.lay(&entity.rule);
        }
        self.recognizers.extend(form.recognizers.iter().map(|r| (r.name.value.as_str(), r)));
        self.models.extend(form.models.iter().map(|model| model.value.as_str()));
        self.allow.push(&form.allow);
        self.deny.push(&form.deny);
        self.canaries.extend(form.canaries.iter().map(String::as_str));
        self.one_way = form.one_way.or(self.one_way);
        self.numbering = form.numbering.or(self.numbering);
        self.unscannable = form.unscannable.or(self.unscannable);
        self.signed = form.signed.or(self.signed);
        self.retention = Retention {
            sessions: form.retention.sessions.or(self.retention.sessions),
            cache: form.retention.cache.or(self.retention.cache),
        };
    }

    /// What is said of one type: the defaults, then patterns from the shortest, then the type by name. `None` when the
    /// last word on it is `off`, or nothing was said.
    pub(super) fn rule(&self, entity_type: &str, found_by_own: bool) -> Option<RuleForm> {
        let mut on = found_by_own;
        let mut rule = self.defaults.clone();
        for (_, said) in self.said_of(entity_type) {
            on = said.0;
            rule.lay(&said.1);
        }
        on.then_some(rule)
    }

    /// What is said of one type by its name, and of operators by the defaults: what else is said for many types is not meant for
    /// it. It is on unless its own rule says otherwise.
    pub(super) fn rule_by_name(&self, entity_type: &str) -> Option<RuleForm> {
        let mut on = true;
        let operator = self.defaults.operator.clone();
        let mut rule = RuleForm { operator, ..RuleForm::default() };
        for (rank, said) in self.said_of(entity_type) {
            if rank >= entity_type.len() {
                on = said.0;
                rule.lay(&said.1);
            }
        }
        on.then_some(rule)
    }

    /// True when a score is written under the type itself, as `SECRET` or `SECRET*`, rather than for others along with it.
    pub(super) fn names_score(&self, entity_type: &str) -> bool {
        self.said_of(entity_type)
            .iter()
            .any(|(rank, (_, rule))| *rank >= entity_type.len() && rule.min_score.is_some())
    }

    fn said_of(&self, entity_type: &str) -> Vec<(usize, &(bool, RuleForm))> {
        let mut said: Vec<_> = self
            .entities
            .iter()
            .filter_map(|(key, said)| Some((rank(key, entity_type)?, said)))
            .collect();
        said.sort_by_key(|(rank, _)| *rank);
        said
    }
}

/// How closely `key` names the type; `None` when it does not.
pub(super) fn rank(key: &str, entity_type: &str) -> Option<usize> {
    match key.strip_suffix('*') {
        Some(prefix) => entity_type.starts_with(prefix).then_some(prefix.len()),
        None => (key == entity_type).then_some(usize::MAX),
    }
}

impl RuleForm {
    fn lay(&mut self, above: &Self) {
        if above.operator.is_some() {
            self.operator.clone_from(&above.operator);
        }
        self.min_score = above.min_score.or(self.min_score);
        self.action = above.action.or(self.action);
        self.direction = above.direction.or(self.direction);
        self.output = above.output.or(self.output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_closer_than_any_pattern() {
        assert_eq!(rank("*", "SECRET_KEY"), Some(0));
        assert_eq!(rank("SECRET*", "SECRET_KEY"), Some(6));
        assert_eq!(rank("SECRET_KEY", "SECRET_KEY"), Some(usize::MAX));
        assert_eq!(rank("SECRET", "SECRET_KEY"), None);
    }
}
