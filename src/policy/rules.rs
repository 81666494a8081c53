//! From the forms of the rules to the rule of each type, and to what the engine needs of them.

use super::{
    Action, Direction, Output, Rule, draft::Draft, file::RuleForm, operator::OperatorForm,
    recognizers::CANARY,
};
use crate::{
    detect::{Analyzer, EntityType, Score, Selection},
    redact::{Operator, Operators, Template, TemplateError},
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn rules(
    draft: &Draft<'_>,
    analyzer: &Analyzer,
    own: &BTreeSet<EntityType>,
) -> Option<BTreeMap<EntityType, Rule>> {
    let mut rules = BTreeMap::new();
    for entity_type in analyzer.entity_types() {
        let form = match entity_type.as_str() {
            CANARY => draft.rule_by_name(CANARY),
            name => draft.rule(name, own.contains(entity_type)),
        };
        if let Some(form) = form {
            let min_score = least_score(draft, &form, entity_type);
            rules.insert(entity_type.clone(), rule(&form, entity_type, min_score)?);
        }
    }
    Some(rules)
}

fn rule(form: &RuleForm, entity_type: &EntityType, min_score: Score) -> Option<Rule> {
    let replace = OperatorForm::Replace { template: None };
    let operator = form.operator.as_ref().map_or(&replace, |located| &located.value);
    let action = form.action.unwrap_or(Action::Redact);
    let direction = form.direction.unwrap_or(Direction::Input);
    if entity_type.is_signal() {
        return Some(signal_rule(form, min_score, direction));
    }
    let as_directed = match direction.covers(Direction::Output) {
        true => Output::Act(action),
        false => Output::Pass,
    };
    let rule = Rule {
        operator: self::operator(operator, entity_type).ok()?,
        min_score,
        action,
        direction,
        output: form.output.unwrap_or(as_directed),
    };
    Some(if entity_type.as_str() == CANARY { canary_rule(rule, form) } else { rule })
}

/// A signal is told or blocks; what defaults and patterns of types say of replacing values does not fit it.
fn signal_rule(form: &RuleForm, min_score: Score, direction: Direction) -> Rule {
    let action = form.action.filter(|a| *a != Action::Redact).unwrap_or(Action::Flag);
    let output = form.output.filter(|o| *o != Output::Act(Action::Redact));
    let as_directed = match direction.covers(Direction::Output) {
        true => Output::Act(action),
        false => Output::Pass,
    };
    let output = output.unwrap_or(as_directed);
    Rule { operator: Operator::Keep, min_score, action, direction, output }
}

/// A canary is there to be sent: what counts is that it does not come back.
fn canary_rule(rule: Rule, form: &RuleForm) -> Rule {
    let output = form.output.unwrap_or(Output::Act(Action::Block));
    Rule { direction: Direction::Output, output, ..rule }
}

/// The score that is written, or the usual one. What is written for other types along with secrets never leaves weak secrets in
/// the clear: who writes it has other types in mind.
fn least_score(draft: &Draft<'_>, form: &RuleForm, entity_type: &EntityType) -> Score {
    let usual = Selection::replacing_score(entity_type);
    let written = form.min_score.map_or(usual, Score::new);
    let is_meant = *entity_type != EntityType::SECRET || draft.names_score(entity_type.as_str());
    if is_meant || written < usual { written } else { usual }
}

pub(super) fn selection(
    rules: &BTreeMap<EntityType, Rule>,
    covers: impl Fn(&Rule) -> bool,
) -> Selection {
    let covered = rules.iter().filter(|(_, rule)| covers(rule));
    Selection::of(covered.map(|(entity_type, rule)| (entity_type.clone(), rule.min_score)))
}

/// What is only flagged stays in place.
pub(super) fn operators(rules: &BTreeMap<EntityType, Rule>) -> Operators {
    let applied = |(entity_type, rule): (&EntityType, &Rule)| {
        let operator = match rule.action {
            Action::Flag => Operator::Keep,
            Action::Redact | Action::Block => rule.operator.clone(),
        };
        (entity_type.clone(), operator)
    };
    rules.iter().map(applied).collect()
}

/// Of what the model wrote nothing can come back. What is only flagged stays in place.
pub(super) fn output_operators(rules: &BTreeMap<EntityType, Rule>) -> Operators {
    let applied = |(entity_type, rule): (&EntityType, &Rule)| {
        let operator = match rule.output {
            Output::Pass | Output::Act(Action::Flag) => Operator::Keep,
            Output::Act(Action::Redact | Action::Block) => rule.operator.one_way(),
        };
        (entity_type.clone(), operator)
    };
    rules.iter().map(applied).collect()
}

/// As the operator is written; a replacement without a template gets the type's default placeholder.
pub(super) fn operator(
    form: &OperatorForm,
    entity_type: &EntityType,
) -> Result<Operator, TemplateError> {
    Ok(match form {
        OperatorForm::Replace { template: None } => Operator::replace(entity_type),
        OperatorForm::Replace { template: Some(text) } => {
            Operator::Replace { template: Template::parse(text)? }
        }
        OperatorForm::Mask { character, keep_first, keep_last } => {
            Operator::Mask { character: *character, keep_first: *keep_first, keep_last: *keep_last }
        }
        OperatorForm::Hash => Operator::Hash,
        OperatorForm::Encrypt => Operator::Encrypt,
        OperatorForm::Surrogate => Operator::Surrogate,
        OperatorForm::Label => Operator::Label,
        OperatorForm::Remove => Operator::Remove,
        OperatorForm::Keep => Operator::Keep,
    })
}
