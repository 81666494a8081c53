//! Tests of the floor as a whole. Texts are marked: `«EMAIL_ADDRESS:ann@example.org»` is a finding.

mod document;
mod numbering;
mod operators;
mod properties;
mod restore;
mod stored;
mod surroundings;
mod target;
mod text;

use super::*;
use crate::detect::{EntityType, Finding, Score, Span};

fn keys() -> Keys {
    Keys::derive(b"only for tests")
}

fn entity(name: &str) -> EntityType {
    EntityType::custom(name).expect("well-formed")
}

fn finding(text: &str, name: &str, start: usize, end: usize) -> Finding {
    Finding {
        entity_type: entity(name),
        span: Span::of(text, start, end).expect("inside the text"),
        score: Score::MAX,
        recognizer: "test".into(),
    }
}

/// Splits a marked text into the text and its findings.
fn marked(marked: &str) -> (String, Vec<Finding>) {
    let mut text = String::new();
    let mut places = Vec::new();
    for (index, part) in marked.split(['«', '»']).enumerate() {
        if index % 2 == 0 {
            text.push_str(part);
            continue;
        }
        let (name, value) = part.split_once(':').expect("«TYPE:value»");
        places.push((name, text.len(), text.len() + value.len()));
        text.push_str(value);
    }
    let findings =
        places.into_iter().map(|(name, start, end)| finding(&text, name, start, end)).collect();
    (text, findings)
}

/// Redacts marked texts as one request.
fn redact_all(texts: &[&str], operators: &Operators, mapping: &mut Mapping) -> Vec<String> {
    let texts: Vec<_> = texts.iter().map(|text| marked(text)).collect();
    let texts: Vec<_> =
        texts.iter().map(|(text, findings)| (text.as_str(), findings.as_slice())).collect();
    redact_texts(&texts, operators, &keys(), mapping).into_iter().map(|(text, _)| text).collect()
}

fn redact_with(text: &str, operators: &Operators) -> (String, Mapping) {
    let mut mapping = Mapping::new();
    let redacted = redact_all(&[text], operators, &mut mapping).remove(0);
    (redacted, mapping)
}

fn redact(text: &str) -> (String, Mapping) {
    redact_with(text, &Operators::new())
}

fn template(text: &str) -> Operator {
    Operator::Replace { template: Template::parse(text).expect("a template") }
}

/// A mapping in which each stand-in stands for `<n>`, counted from 0.
fn mapping_of(stand_ins: &[&str]) -> Mapping {
    let pair = |(index, stand_in): (usize, &&str)| {
        (stand_in.to_string(), format!("<{index}>").into_sensitive())
    };
    Mapping::from_pairs(stand_ins.iter().enumerate().map(pair))
}

trait IntoSensitive {
    fn into_sensitive(self) -> crate::sensitive::Sensitive;
}

impl IntoSensitive for String {
    fn into_sensitive(self) -> crate::sensitive::Sensitive {
        crate::sensitive::Sensitive::new(self)
    }
}
