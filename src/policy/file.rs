//! The written form of a policy: YAML in, a checked form out.
//!
//! Here is checked all that one file alone can tell. What needs other policies or the recognizers (`extends`, entity
//! types, patterns) is checked in [`set`](super::set).

use super::{
    Action, Carrier, Direction, Numbering, OneWay, Output, Retention, Signed, Unscannable,
    error::{Error, Faults, suggest},
    name::{self, PolicyName},
    operator::{OperatorForm, operator},
    read::{Field, Located, Record, join},
    tree::{self, Value},
};
use core::time::Duration;

const KEYS: [&str; 17] = [
    "name",
    "description",
    "extends",
    "languages",
    "defaults",
    "entities",
    "recognizers",
    "models",
    "allow",
    "deny",
    "canaries",
    "unscannable",
    "signed",
    "numbering",
    "one_way",
    "retention",
    "version",
];
const RULE_KEYS: [&str; 5] = ["operator", "min_score", "action", "direction", "output"];
const ACTIONS: [(&str, Action); 3] =
    [("redact", Action::Redact), ("block", Action::Block), ("flag", Action::Flag)];
const DIRECTIONS: [(&str, Direction); 3] =
    [("input", Direction::Input), ("output", Direction::Output), ("both", Direction::Both)];
const OUTPUTS: [(&str, Output); 4] = [
    ("pass", Output::Pass),
    ("flag", Output::Act(Action::Flag)),
    ("redact", Output::Act(Action::Redact)),
    ("block", Output::Act(Action::Block)),
];
const NUMBERINGS: [(&str, Numbering); 2] =
    [("appearance", Numbering::Appearance), ("keyed", Numbering::Keyed)];
/// A shorter one would stand in ordinary text, a longer one could not be held back in a stream.
const CANARY_CHARS: core::ops::RangeInclusive<usize> = 6..=64;
const UNSCANNABLE: [(&str, Unscannable); 2] =
    [("pass", Unscannable::Pass), ("deny", Unscannable::Deny)];
const SIGNED: [(&str, Signed); 2] = [("refuse", Signed::Refuse), ("pass", Signed::Pass)];
/// A month: longer is a slip of the pen more often than a wish.
const MOST_SECONDS: u32 = 31 * 24 * 3600;

/// One policy file.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) file: String,
    pub(super) name: Located<PolicyName>,
    pub(super) description: Option<String>,
    pub(super) extends: Vec<Located<String>>,
    pub(super) languages: Vec<String>,
    pub(super) defaults: RuleForm,
    pub(super) entities: Vec<EntityForm>,
    pub(super) recognizers: Vec<RecognizerForm>,
    pub(super) models: Vec<Located<String>>,
    pub(super) allow: Listing,
    pub(super) deny: Listing,
    pub(super) canaries: Vec<String>,
    pub(super) numbering: Option<Numbering>,
    pub(super) one_way: Option<OneWay>,
    pub(super) unscannable: Option<Unscannable>,
    pub(super) signed: Option<Signed>,
    pub(super) retention: Retention,
}

/// What is said of entity types: only what is written, the rest is inherited.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleForm {
    pub(super) operator: Option<Located<OperatorForm>>,
    pub(super) min_score: Option<f32>,
    pub(super) action: Option<Action>,
    pub(super) direction: Option<Direction>,
    pub(super) output: Option<Output>,
}

/// The rule of one entity type, or of all that a pattern such as `SECRET*` names.
#[derive(Clone, Debug)]
pub(super) struct EntityForm {
    pub(super) key: Located<String>,
    /// False when the policy switches an inherited type off.
    pub(super) on: bool,
    pub(super) rule: RuleForm,
}

/// A recognizer of the policy's own.
#[derive(Clone, Debug)]
pub(super) struct RecognizerForm {
    pub(super) path: String,
    pub(super) name: Located<String>,
    pub(super) entity_type: Located<String>,
    pub(super) patterns: Vec<(Located<String>, f32)>,
    pub(super) deny_list: Vec<String>,
    pub(super) context: Vec<String>,
    pub(super) validator: Option<Located<String>>,
}

/// Words and patterns, as in `allow` and `deny`.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing {
    pub(super) exact: Vec<String>,
    pub(super) regex: Vec<Located<String>>,
}

/// A file with faults.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// What its policy is probably called.
    pub(super) name: String,
    /// What could be read, so that it can be checked further.
    pub(super) form: Option<Box<Form>>,
    pub(super) errors: Vec<Error>,
}

/// Reads one file. `file` is its name; a policy without a name of its own gets the file's, without folder and ending.
pub(super) fn read(file: &str, yaml: &str) -> Result<Form, Unreadable> {
    let name = stem(file).to_owned();
    let root = match tree::parse(file, yaml) {
        Ok(root) => root,
        Err(errors) => return Err(Unreadable { name, form: None, errors }),
    };
    let mut faults = Faults::of(file);
    let form = form(file, Field { path: "", node: &root }, &mut faults);
    let errors = faults.into_vec();
    if errors.is_empty() {
        return Ok(form);
    }
    Err(Unreadable { name: form.name.value.to_string(), form: Some(Box::new(form)), errors })
}

fn form(file: &str, root: Field<'_>, faults: &mut Faults<'_>) -> Form {
    let record = root.record(faults, &KEYS);
    format_version(&record, faults);
    let name = policy_name(file, &record, faults);
    Form {
        file: file.to_owned(),
        description: record.get("description").and_then(|f| f.text(faults)),
        extends: record.get("extends").map(|f| f.one_or_more(faults)).unwrap_or_default(),
        languages: record.get("languages").map(|f| languages(f, faults)).unwrap_or_default(),
        defaults: record.get("defaults").map(|f| rule(f, faults)).unwrap_or_default(),
        entities: record.get("entities").map(|f| entities(f, faults)).unwrap_or_default(),
        recognizers: record.get("recognizers").map(|f| recognizers(f, faults)).unwrap_or_default(),
        models: record.get("models").map(|f| f.one_or_more(faults)).unwrap_or_default(),
        allow: record.get("allow").map(|f| listing(f, faults)).unwrap_or_default(),
        deny: record.get("deny").map(|f| listing(f, faults)).unwrap_or_default(),
        canaries: record.get("canaries").map(|f| canaries(f, faults)).unwrap_or_default(),
        numbering: record.get("numbering").and_then(|f| f.choice(faults, &NUMBERINGS)),
        one_way: record.get("one_way").map(|f| one_way(f, faults)),
        unscannable: record.get("unscannable").and_then(|f| f.choice(faults, &UNSCANNABLE)),
        signed: record.get("signed").and_then(|f| f.choice(faults, &SIGNED)),
        retention: record.get("retention").map(|f| retention(f, faults)).unwrap_or_default(),
        name,
    }
}

/// `version` is the version of this form, not of the policy: only 1 exists.
fn format_version(record: &Record<'_>, faults: &mut Faults<'_>) {
    if let Some(field) = record.get("version") {
        field.number(faults, 1.0, 1.0);
    }
}

/// A name that is not well formed is a fault; what stands in for it is used in no policy.
fn policy_name(file: &str, record: &Record<'_>, faults: &mut Faults<'_>) -> Located<PolicyName> {
    let field = record.get("name");
    let place = field.and_then(|f| f.node.place);
    let written = field.map_or_else(|| Some(stem(file).to_owned()), |f| f.text(faults));
    let name = written.as_deref().and_then(PolicyName::parse);
    if let (Some(written), None) = (&written, &name) {
        let problem = format!("`{written}` cannot name a policy");
        let remedy = "use 1 to 64 of a-z, 0-9, `_` and `-`, beginning with a letter";
        faults.add(place, "name", problem, remedy);
    }
    Located { value: name.unwrap_or_else(PolicyName::unnamed), place }
}

fn stem(file: &str) -> &str {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    base.strip_suffix(".yaml").or_else(|| base.strip_suffix(".yml")).unwrap_or(base)
}

fn languages(field: Field<'_>, faults: &mut Faults<'_>) -> Vec<String> {
    let mut codes = Vec::new();
    for Located { value, place } in field.one_or_more(faults) {
        if value.len() == 2 && value.bytes().all(|b| b.is_ascii_lowercase()) {
            codes.push(value);
        } else {
            faults.add(
                place,
                field.path,
                format!("`{value}` is not a language code"),
                "use two letters, such as en",
            );
        }
    }
    codes
}

fn entities(field: Field<'_>, faults: &mut Faults<'_>) -> Vec<EntityForm> {
    if let Value::List(_) = field.node.value {
        return listed_entities(field, faults);
    }
    let mut entities: Vec<EntityForm> = Vec::new();
    for (key, node) in field.entries(faults) {
        let path = join(field.path, &key.name);
        let name = name::canonical(&key.name).to_owned();
        if entities.iter().any(|e| e.key.value == name) {
            let problem = format!("another name for {name}, which has a rule already");
            faults.add(key.place, &path, problem, "keep one of the two");
        }
        let (on, rule) = entity(Field { path: &path, node }, faults);
        entities.push(EntityForm { key: Located { value: name, place: key.place }, on, rule });
    }
    entities
}

/// The short form: a list of types, all with the defaults.
fn listed_entities(field: Field<'_>, faults: &mut Faults<'_>) -> Vec<EntityForm> {
    let mut entities: Vec<EntityForm> = Vec::new();
    for Located { value, place } in field.texts(faults) {
        let value = name::canonical(&value).to_owned();
        if entities.iter().any(|e| e.key.value == value) {
            faults.add(place, field.path, format!("{value} is listed twice"), "remove one");
        }
        let key = Located { value, place };
        entities.push(EntityForm { key, on: true, rule: RuleForm::default() });
    }
    entities
}

fn entity(field: Field<'_>, faults: &mut Faults<'_>) -> (bool, RuleForm) {
    match &field.node.value {
        Value::Null => (true, RuleForm::default()),
        Value::Bool(on) => (*on, RuleForm::default()),
        Value::Text(word) if word == "on" || word == "off" => (word == "on", RuleForm::default()),
        Value::Text(_) | Value::Number(_) | Value::List(_) => {
            let problem = format!("expected a rule, found {}", field.node.value.kind());
            let remedy = "write a mapping such as {operator: mask}, `on`, or `off` for none";
            faults.add(field.node.place, field.path, problem, remedy);
            (true, RuleForm::default())
        }
        Value::Map(_) => (true, rule(field, faults)),
    }
}

fn rule(field: Field<'_>, faults: &mut Faults<'_>) -> RuleForm {
    let record = field.record(faults, &RULE_KEYS);
    RuleForm {
        operator: record.get("operator").and_then(|f| operator(f, faults)),
        min_score: record.get("min_score").and_then(|f| score(f, faults)),
        action: record.get("action").and_then(|f| f.choice(faults, &ACTIONS)),
        direction: record.get("direction").and_then(|f| f.choice(faults, &DIRECTIONS)),
        output: record.get("output").and_then(|f| f.choice(faults, &OUTPUTS)),
    }
}

fn score(field: Field<'_>, faults: &mut Faults<'_>) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "0 to 1: only precision is lost")]
    field.number(faults, 0.0, 1.0).map(|value| value as f32)
}

fn recognizers(field: Field<'_>, faults: &mut Faults<'_>) -> Vec<RecognizerForm> {
    let mut recognizers: Vec<RecognizerForm> = Vec::new();
    for (i, node) in field.list(faults).iter().enumerate() {
        let path = format!("{}[{i}]", field.path);
        let Some(recognizer) = recognizer(Field { path: &path, node }, faults) else { continue };
        if recognizers.iter().any(|r| r.name.value == recognizer.name.value) {
            let problem = format!("two recognizers are named `{}`", recognizer.name.value);
            faults.add(recognizer.name.place, &join(&path, "name"), problem, "rename one");
        }
        recognizers.push(recognizer);
    }
    recognizers
}

const RECOGNIZER_KEYS: [&str; 7] =
    ["name", "entity_type", "patterns", "deny_list", "context", "validator", "score"];

fn recognizer(field: Field<'_>, faults: &mut Faults<'_>) -> Option<RecognizerForm> {
    let record = field.record(faults, &RECOGNIZER_KEYS);
    let score = record.get("score").and_then(|f| score(f, faults)).unwrap_or(DEFAULT_PATTERN_SCORE);
    let name = required(field, &record, "name", faults);
    let entity_type = required(field, &record, "entity_type", faults);
    let recognizer = RecognizerForm {
        path: field.path.to_owned(),
        patterns: record.get("patterns").map(|f| patterns(f, score, faults)).unwrap_or_default(),
        deny_list: record.get("deny_list").map(|f| words(f, faults)).unwrap_or_default(),
        context: record.get("context").map(|f| words(f, faults)).unwrap_or_default(),
        validator: record
            .get("validator")
            .and_then(|f| f.text(faults).map(|value| Located { value, place: f.node.place })),
        name: name?,
        entity_type: entity_type?,
    };
    if recognizer.patterns.is_empty() && recognizer.deny_list.is_empty() {
        let problem = "the recognizer has neither patterns nor a deny_list";
        faults.add(field.node.place, field.path, problem, "give it something to find");
    }
    Some(recognizer)
}

/// What a pattern counts for that names no score.
pub(super) const DEFAULT_PATTERN_SCORE: f32 = 0.6;

fn required(
    field: Field<'_>,
    record: &Record<'_>,
    key: &str,
    faults: &mut Faults<'_>,
) -> Option<Located<String>> {
    let Some(found) = record.get(key) else {
        faults.add(field.node.place, &join(field.path, key), "the key is missing", "add it");
        return None;
    };
    found.text(faults).map(|value| Located { value, place: found.node.place })
}

/// Each pattern is a regex, or `{regex: …, score: …}`.
fn patterns(
    field: Field<'_>,
    default: f32,
    faults: &mut Faults<'_>,
) -> Vec<(Located<String>, f32)> {
    let mut patterns = Vec::new();
    for (i, node) in field.list(faults).iter().enumerate() {
        let path = format!("{}[{i}]", field.path);
        patterns.extend(pattern(Field { path: &path, node }, default, faults));
    }
    patterns
}

fn pattern(
    field: Field<'_>,
    default: f32,
    faults: &mut Faults<'_>,
) -> Option<(Located<String>, f32)> {
    if let Value::Map(_) = field.node.value {
        let record = field.record(faults, &["regex", "score"]);
        let score = record.get("score").and_then(|f| score(f, faults)).unwrap_or(default);
        return required(field, &record, "regex", faults).map(|regex| (regex, score));
    }
    let value = field.text(faults)?;
    Some((Located { value, place: field.node.place }, default))
}

fn words(field: Field<'_>, faults: &mut Faults<'_>) -> Vec<String> {
    field.texts(faults).into_iter().map(|located| located.value).collect()
}

/// A list of words, or `{exact: […], regex: […]}`.
fn listing(field: Field<'_>, faults: &mut Faults<'_>) -> Listing {
    if let Value::List(_) = field.node.value {
        return Listing { exact: words(field, faults), regex: Vec::new() };
    }
    let record = field.record(faults, &["exact", "regex"]);
    Listing {
        exact: record.get("exact").map(|f| words(f, faults)).unwrap_or_default(),
        regex: record.get("regex").map(|f| f.texts(faults)).unwrap_or_default(),
    }
}

fn one_way(field: Field<'_>, faults: &mut Faults<'_>) -> OneWay {
    let mut carriers = Vec::new();
    for Located { value, place } in field.texts(faults) {
        let carrier = Carrier::NAMED.iter().find(|(name, _)| *name == value);
        if carrier.is_none() {
            let remedy = suggest(&value, Carrier::NAMED.iter().map(|(name, _)| *name));
            faults.add(place, field.path, format!("unknown place `{value}`"), remedy);
        }
        carriers.extend(carrier.map(|(_, carrier)| *carrier));
    }
    carriers.into_iter().collect()
}

fn canaries(field: Field<'_>, faults: &mut Faults<'_>) -> Vec<String> {
    let mut canaries = Vec::new();
    for Located { value, place } in field.texts(faults) {
        if CANARY_CHARS.contains(&value.chars().count()) {
            canaries.push(value);
        } else {
            let problem = "a canary has 6 to 64 characters";
            faults.add(place, field.path, problem, "use a part of it that stands nowhere else");
        }
    }
    canaries
}

fn retention(field: Field<'_>, faults: &mut Faults<'_>) -> Retention {
    let record = field.record(faults, &["sessions_s", "cache"]);
    let seconds = record.get("sessions_s").and_then(|f| f.whole(faults, MOST_SECONDS));
    Retention {
        sessions: seconds.map(|s| Duration::from_secs(u64::from(s))),
        cache: record.get("cache").and_then(|f| f.boolean(faults)),
    }
}
