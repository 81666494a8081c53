//! From what is written to what can be used: recognizers compiled, every entity type found by one of them.

use super::{
    Action, Direction, Numbering, Output, Policy, Rule, Signed, Unscannable,
    allow::AllowList,
    draft::{Draft, rank},
    error::{Error, Faults, innermost, nearest, suggest},
    file::{EntityForm, Form, Listing, RecognizerForm, RuleForm},
    name::canonical,
    operator::OperatorForm,
    read::{Located, join},
    version::version,
};
use crate::{
    detect::{
        Analyzer, CustomError, CustomRecognizer, EntityType, Memory, Model, Score, Selection,
        Validator,
    },
    redact::{Operator, Operators, Template, TemplateError},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The recognizer and the type of a policy's `deny` list.
const DENY: &str = "deny";
const DENIED: &str = "DENIED";
/// The same of its `canaries`.
const CANARIES: &str = "canaries";
const CANARY: &str = "CANARY";

/// Compiles policies; those without recognizers and models of their own share one analyzer.
pub(super) struct Compiler<'m> {
    models: &'m [Arc<dyn Model>],
    shared: Option<Arc<Analyzer>>,
}

impl<'m> Compiler<'m> {
    /// Compiles policies that may name these models.
    pub(super) fn new(models: &'m [Arc<dyn Model>]) -> Self {
        Self { models, shared: None }
    }

    /// Compiles the last form of `lineage`, on top of those before it.
    pub(super) fn compile(&mut self, lineage: &[&Form]) -> Result<Policy, Vec<Error>> {
        let errors = self.check(lineage, &[]);
        let Some(form) = lineage.last().filter(|_| errors.is_empty()) else { return Err(errors) };
        // Without a fault of its own it can fail only by an ancestor's, which is told when that one is compiled.
        self.build(form, &Draft::of(lineage)).ok_or_else(Vec::new)
    }

    /// All faults of the last form of `lineage` that reading alone does not show. `known` are those that it did.
    pub(super) fn check(&mut self, lineage: &[&Form], known: &[Error]) -> Vec<Error> {
        let Some(form) = lineage.last() else { return Vec::new() };
        let mut errors = self.check_apart(form);
        // A type may be unknown only because what finds it could not be read.
        let hides_types = |e: &Error| {
            e.file == form.file && (e.field.starts_with("recognizers") || e.field == "models")
        };
        let unknown_models = errors.iter().any(|e| e.field == "models");
        if !unknown_models && !known.iter().any(hides_types) {
            let mut faults = Faults::of(&form.file);
            check_entities(form, &self.types(&Draft::of(lineage)), &mut faults);
            errors.extend(faults.into_vec());
        }
        errors
    }

    /// The faults of a form that show without those it extends.
    pub(super) fn check_apart(&self, form: &Form) -> Vec<Error> {
        let mut faults = Faults::of(&form.file);
        check_recognizers(form, &mut faults);
        self.check_models(form, &mut faults);
        check_listings(form, &mut faults);
        check_signals(form, &mut faults);
        check_templates(form, &mut faults);
        faults.into_vec()
    }

    /// All types that something finds, or would find if it had no fault.
    fn types(&mut self, draft: &Draft<'_>) -> BTreeSet<EntityType> {
        let plain = self.plain();
        let models = self.named_models(draft);
        let of_models = models.iter().flat_map(|model| model.info().entity_types.clone());
        let own = draft.recognizers.values();
        let own = own.filter_map(|form| EntityType::custom(canonical(&form.entity_type.value)));
        let listed = [
            (deny_recognizer(&draft.deny).is_some(), DENIED),
            (!draft.canaries.is_empty(), CANARY),
        ];
        let listed = listed.into_iter().filter(|(is_there, _)| *is_there);
        plain
            .iter()
            .flat_map(|analyzer| analyzer.entity_types().iter().cloned())
            .chain(of_models)
            .chain(own)
            .chain(listed.map(|(_, name)| EntityType::builtin(name)))
            .collect()
    }

    fn build(&mut self, form: &Form, draft: &Draft<'_>) -> Option<Policy> {
        let analyzer = self.analyzer(draft)?;
        let own = self.own_types(draft, &analyzer)?;
        let rules = rules(draft, &analyzer, &own)?;
        Some(Policy {
            name: form.name.value.clone(),
            file: form.file.clone(),
            description: form.description.clone().unwrap_or_default(),
            version: version(draft, &rules, &self.named_models(draft)),
            languages: draft.languages.to_vec(),
            unscannable: draft.unscannable.unwrap_or(Unscannable::Pass),
            signed: draft.signed.unwrap_or(Signed::Refuse),
            retention: draft.retention,
            allow: allow_list(&draft.allow)?,
            numbering: draft.numbering.unwrap_or(Numbering::Appearance),
            one_way: draft.one_way.unwrap_or_default(),
            own,
            canaries: draft.canaries.iter().map(|canary| (*canary).to_owned()).collect(),
            models: draft.models.iter().map(|model| (*model).to_owned()).collect(),
            input: selection(&rules, |rule| rule.direction.covers(Direction::Input)),
            output: selection(&rules, |rule| rule.output != Output::Pass),
            operators: operators(&rules),
            memory: if analyzer.has_models() {
                Memory::of_short_texts()
            } else {
                Memory::default()
            },
            output_operators: output_operators(&rules),
            analyzer,
            rules,
        })
    }

    fn analyzer(&mut self, draft: &Draft<'_>) -> Option<Arc<Analyzer>> {
        let custom = custom_recognizers(draft)?;
        let models = self.named_models(draft);
        if !custom.is_empty() || !models.is_empty() {
            return Analyzer::with_models(custom, models).ok().map(Arc::new);
        }
        self.plain()
    }

    /// The built-in recognizers alone.
    fn plain(&mut self) -> Option<Arc<Analyzer>> {
        if self.shared.is_none() {
            self.shared = Analyzer::new(Vec::new()).ok().map(Arc::new);
        }
        self.shared.clone()
    }

    fn named_models(&self, draft: &Draft<'_>) -> Vec<Arc<dyn Model>> {
        let named = |model: &&Arc<dyn Model>| draft.models.contains(&*model.info().name);
        self.models.iter().filter(named).map(Arc::clone).collect()
    }

    fn check_models(&self, form: &Form, faults: &mut Faults<'_>) {
        let known: Vec<&str> = self.models.iter().map(|model| &*model.info().name).collect();
        for Located { value, place } in &form.models {
            if known.contains(&value.as_str()) {
                continue;
            }
            let remedy = nearest(value, known.iter().copied()).unwrap_or_else(|| {
                "define one in the settings `models.*`; commands without a server take these by `--config`"
                    .to_owned()
            });
            faults.add(*place, "models", format!("there is no model `{value}`"), remedy);
        }
    }

    /// The types that are looked for also without a line under `entities`: who writes a recognizer wants what it finds, and
    /// who names a model wants what nothing else finds.
    fn own_types(
        &mut self,
        draft: &Draft<'_>,
        analyzer: &Analyzer,
    ) -> Option<BTreeSet<EntityType>> {
        let plain = self.plain()?;
        let own = |t: &&EntityType| is_own(draft, t) || !plain.entity_types().contains(t);
        Some(analyzer.entity_types().iter().filter(own).cloned().collect())
    }
}

fn custom_recognizers(draft: &Draft<'_>) -> Option<Vec<CustomRecognizer>> {
    let own = draft.recognizers.values().map(|form| custom(form));
    let listed = deny_recognizer(&draft.deny).into_iter().chain(canary_recognizer(&draft.canaries));
    own.chain(listed.map(Some)).collect()
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

fn check_recognizers(form: &Form, faults: &mut Faults<'_>) {
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

fn check_listings(form: &Form, faults: &mut Faults<'_>) {
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
fn check_signals(form: &Form, faults: &mut Faults<'_>) {
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
fn check_entities(form: &Form, types: &BTreeSet<EntityType>, faults: &mut Faults<'_>) {
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

fn rules(
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

/// True for what a recognizer or a list of the policy's own finds.
fn is_own(draft: &Draft<'_>, entity_type: &EntityType) -> bool {
    [DENIED, CANARY].contains(&entity_type.as_str())
        || draft
            .recognizers
            .values()
            .any(|r| canonical(&r.entity_type.value) == entity_type.as_str())
}

/// The score that is written, or the usual one. What is written for other types along with secrets never leaves weak secrets in
/// the clear: who writes it has other types in mind.
fn least_score(draft: &Draft<'_>, form: &RuleForm, entity_type: &EntityType) -> Score {
    let usual = Selection::replacing_score(entity_type);
    let written = form.min_score.map_or(usual, Score::new);
    let is_meant = *entity_type != EntityType::SECRET || draft.names_score(entity_type.as_str());
    if is_meant || written < usual { written } else { usual }
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

fn selection(rules: &BTreeMap<EntityType, Rule>, covers: impl Fn(&Rule) -> bool) -> Selection {
    let covered = rules.iter().filter(|(_, rule)| covers(rule));
    Selection::of(covered.map(|(entity_type, rule)| (entity_type.clone(), rule.min_score)))
}

fn allow_list(listings: &[&Listing]) -> Option<AllowList> {
    let exact = listings.iter().flat_map(|l| l.exact.iter().cloned());
    let patterns: Vec<String> =
        listings.iter().flat_map(|l| l.regex.iter().map(|r| r.value.clone())).collect();
    AllowList::new(exact, &patterns).ok()
}

/// As the operator is written; a replacement without a template gets the type's default placeholder.
fn operator(form: &OperatorForm, entity_type: &EntityType) -> Result<Operator, TemplateError> {
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

fn check_templates(form: &Form, faults: &mut Faults<'_>) {
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

/// What is only flagged stays in place.
fn operators(rules: &BTreeMap<EntityType, Rule>) -> Operators {
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
fn output_operators(rules: &BTreeMap<EntityType, Rule>) -> Operators {
    let applied = |(entity_type, rule): (&EntityType, &Rule)| {
        let operator = match rule.output {
            Output::Pass | Output::Act(Action::Flag) => Operator::Keep,
            Output::Act(Action::Redact | Action::Block) => rule.operator.one_way(),
        };
        (entity_type.clone(), operator)
    };
    rules.iter().map(applied).collect()
}
