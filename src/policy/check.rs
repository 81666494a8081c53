//! Faults of a policy that reading its file does not show: each is told with its place and a remedy.

use super::{
    Action,
    allow::AllowList,
    draft::rank,
    error::{Faults, innermost, nearest, suggest},
    file::{EntityForm, Form, RecognizerForm, RuleForm},
    name::canonical,
    operator::OperatorForm,
    read::{Located, join},
    recognizers::{CANARIES, DENIED, DENY},
    rules::operator,
};
use crate::detect::{Analyzer, CustomError, CustomRecognizer, EntityType, Score, Validator};
use std::collections::BTreeSet;

pub(super) fn check_recognizers(form: &Form, faults: &mut Faults<'_>) {
    for recognizer in &form.recognizers {
        check_recognizer(recognizer, faults);
        for (i, (pattern, _)) in recognizer.patterns.iter().enumerate() {
            check_pattern(pattern, &format!("{}.patterns[{i}]", recognizer.path), faults);
        }
    }
}

fn check_recognizer(form: &RecognizerForm, faults: &mut Faults<'_>) {
    if [DENY, CANARIES].contains(&form.name.value.as_str()) {
        let problem = format!("the name `{0}` is taken by the list `{0}`", form.name.value);
        faults.add(form.name.place, &join(&form.path, "name"), problem, "rename the recognizer");
    }
    if EntityType::custom(canonical(&form.entity_type.value)).is_none() {
        let problem = format!("`{}` cannot name an entity type", form.entity_type.value);
        let remedy = "use up to 64 of A-Z, 0-9 and `_`, beginning with a letter";
        faults.add(form.entity_type.place, &join(&form.path, "entity_type"), problem, remedy);
    }
    if let Some(name) = form.validator.as_ref().filter(|v| Validator::parse(&v.value).is_none()) {
        let problem = format!("unknown validator `{}`", name.value);
        let remedy = suggest(&name.value, Validator::NAMES.iter().copied());
        faults.add(name.place, &join(&form.path, "validator"), problem, remedy);
    }
}

pub(super) fn check_listings(form: &Form, faults: &mut Faults<'_>) {
    for (i, pattern) in form.deny.regex.iter().enumerate() {
        check_pattern(pattern, &format!("deny.regex[{i}]"), faults);
    }
    for (i, pattern) in form.allow.regex.iter().enumerate() {
        if let Err(error) = AllowList::new([], std::slice::from_ref(&pattern.value)) {
            bad_pattern(pattern, &format!("allow.regex[{i}]"), &error.to_string(), faults);
        }
    }
}

/// Compiles one pattern by itself, so that each bad one is told and not the first alone.
fn check_pattern(pattern: &Located<String>, path: &str, faults: &mut Faults<'_>) {
    let probe = CustomRecognizer {
        name: String::new(),
        entity_type: EntityType::builtin(DENIED),
        patterns: vec![(pattern.value.clone(), Score::MAX)],
        deny_list: Vec::new(),
        context: Vec::new(),
        validator: None,
    };
    if let Err(error) = Analyzer::new(vec![probe]) {
        bad_pattern(pattern, path, &reason(&error), faults);
    }
}

fn bad_pattern(pattern: &Located<String>, path: &str, reason: &str, faults: &mut Faults<'_>) {
    let problem = format!("the pattern cannot be used: {reason}");
    let remedy = "correct it; look-around and back-references do not exist in this syntax";
    faults.add(pattern.place, path, problem, remedy);
}

fn reason(error: &CustomError) -> String {
    if let CustomError::MatchesEmpty { .. } = error {
        return "it matches the empty text".to_owned();
    }
    innermost(error)
}

/// Who writes that a sentence is to be replaced should learn that it will not be.
pub(super) fn check_signals(form: &Form, faults: &mut Faults<'_>) {
    let named = |e: &&EntityForm| {
        EntityType::custom(canonical(&e.key.value)).is_some_and(|t| t.is_signal())
    };
    for EntityForm { key, rule, .. } in form.entities.iter().filter(named) {
        let operator = rule.operator.as_ref().filter(|o| o.value != OperatorForm::Keep);
        let redact = rule.action.filter(|a| *a == Action::Redact);
        let fields = [("operator", operator.is_some()), ("action", redact.is_some())];
        for (field, _) in fields.into_iter().filter(|(_, is_wrong)| *is_wrong) {
            let path = join(&join("entities", &key.value), field);
            let problem =
                format!("`{}` is found in sentences, and nothing takes its place", key.value);
            faults.add(key.place, &path, problem, "write `action: flag` or `action: block`");
        }
    }
}

/// A type that no recognizer finds would be a silent hole.
pub(super) fn check_entities(form: &Form, types: &BTreeSet<EntityType>, faults: &mut Faults<'_>) {
    let known: Vec<&str> = types.iter().map(EntityType::as_str).collect();
    for EntityForm { key, .. } in &form.entities {
        if !known.iter().any(|name| rank(&key.value, name).is_some()) {
            let path = join("entities", &key.value);
            let problem = format!("no recognizer finds `{}`", key.value);
            let remedy = nearest(&key.value, known.iter().copied())
                .unwrap_or_else(|| "`prompt-guard recognizers` lists the types".to_owned());
            faults.add(key.place, &path, problem, remedy);
        }
    }
}

pub(super) fn check_templates(form: &Form, faults: &mut Faults<'_>) {
    check_template("defaults", &form.defaults, faults);
    for EntityForm { key, rule, .. } in &form.entities {
        check_template(&join("entities", &key.value), rule, faults);
    }
}

fn check_template(path: &str, rule: &RuleForm, faults: &mut Faults<'_>) {
    let Some(Located { value, place }) = &rule.operator else { return };
    if let Err(error) = operator(value, &EntityType::builtin(DENIED)) {
        let remedy = "write it like \"[EMAIL_{i}]\"";
        faults.add(*place, &join(path, "operator"), error.to_string(), remedy);
    }
}
