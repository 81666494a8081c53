//! The written form of an operator: a word, or a word with parameters.

use super::{
    error::{Faults, Place, suggest},
    read::{Field, Located, Record, join},
    tree::Value,
};

/// An operator as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OperatorForm {
    Replace { template: Option<String> },
    Mask { character: char, keep_first: usize, keep_last: usize },
    Hash,
    Encrypt,
    Surrogate,
    Label,
    Remove,
    Keep,
}

/// `mask`, or `{mask: {keep_last: 4}}`.
pub(super) fn operator(field: Field<'_>, faults: &mut Faults<'_>) -> Option<Located<OperatorForm>> {
    let place = field.node.place;
    let value = match &field.node.value {
        Value::Map(entries) if entries.len() == 1 => {
            let (key, node) = &entries[0];
            let path = join(field.path, &key.name);
            with_parameters(&key.name, key.place, Field { path: &path, node }, faults)
        }
        Value::Map(entries) => {
            let problem = format!("expected one operator, found {}", entries.len());
            faults.add(place, field.path, problem, "write one, such as {mask: {keep_last: 4}}");
            None
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
            let word = field.text(faults)?;
            plain_operator(&word, place, field.path, faults)
        }
    }?;
    Some(Located { value, place })
}

const OPERATORS: [&str; 9] =
    ["replace", "mask", "hash", "encrypt", "surrogate", "label", "remove", "redact", "keep"];

/// An operator without parameters; text with `{i}` in it is the template of a replacement.
fn plain_operator(
    word: &str,
    place: Option<Place>,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<OperatorForm> {
    match word {
        "replace" => Some(OperatorForm::Replace { template: None }),
        "mask" => Some(OperatorForm::Mask { character: '*', keep_first: 0, keep_last: 0 }),
        "hash" => Some(OperatorForm::Hash),
        "encrypt" => Some(OperatorForm::Encrypt),
        "surrogate" => Some(OperatorForm::Surrogate),
        "label" => Some(OperatorForm::Label),
        // Presidio's `redact` operator removes the value.
        "remove" | "redact" => Some(OperatorForm::Remove),
        "keep" => Some(OperatorForm::Keep),
        template if template.contains('{') || template.starts_with('[') => {
            Some(OperatorForm::Replace { template: Some(template.to_owned()) })
        }
        _ => {
            faults.add(place, path, format!("unknown operator `{word}`"), suggest(word, OPERATORS));
            None
        }
    }
}

fn with_parameters(
    word: &str,
    place: Option<Place>,
    field: Field<'_>,
    faults: &mut Faults<'_>,
) -> Option<OperatorForm> {
    match word {
        "replace" => Some(OperatorForm::Replace { template: template(field, faults)? }),
        "mask" => Some(mask(field, faults)),
        other => {
            let operator = plain_operator(other, place, field.path, faults)?;
            if !matches!(field.node.value, Value::Null) {
                field.record(faults, &[]);
            }
            Some(operator)
        }
    }
}

/// `{replace: "[X_{i}]"}` or `{replace: {template: "[X_{i}]"}}`.
#[expect(clippy::option_option, reason = "outer: was it readable; inner: was it given")]
fn template(field: Field<'_>, faults: &mut Faults<'_>) -> Option<Option<String>> {
    match field.node.value {
        Value::Null => Some(None),
        Value::Map(_) => {
            let record = field.record(faults, &["template"]);
            record.get("template").map_or(Some(None), |f| f.text(faults).map(Some))
        }
        Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
            field.text(faults).map(Some)
        }
    }
}

fn mask(field: Field<'_>, faults: &mut Faults<'_>) -> OperatorForm {
    if matches!(field.node.value, Value::Null) {
        return OperatorForm::Mask { character: '*', keep_first: 0, keep_last: 0 };
    }
    let record = field.record(faults, &["character", "keep_first", "keep_last"]);
    OperatorForm::Mask {
        character: record.get("character").and_then(|f| character(f, faults)).unwrap_or('*'),
        keep_first: count(&record, "keep_first", faults),
        keep_last: count(&record, "keep_last", faults),
    }
}

fn count(record: &Record<'_>, key: &str, faults: &mut Faults<'_>) -> usize {
    record.get(key).and_then(|f| f.whole(faults, 1000)).unwrap_or(0) as usize
}

fn character(field: Field<'_>, faults: &mut Faults<'_>) -> Option<char> {
    let text = field.text(faults)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if !c.is_alphanumeric() && !c.is_control() => Some(c),
        _ => {
            let problem =
                "expected one character that is neither letter, digit nor control character";
            faults.add(field.node.place, field.path, problem, "use `*`, `#` or the like");
            None
        }
    }
}
