//! Reads the nodes of a tree as the types a form wants, and notes every fault on the way.
//!
//! Knows nothing of what the fields mean. A fault never stops the reading: the field is left out and the next one is
//! read, so that one run reports all faults of a file.

use super::{
    error::{Faults, Place, suggest},
    tree::{Key, Node, Value},
};
use std::collections::HashMap;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) place: Option<Place>,
}

/// A node together with the name under which messages speak of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'n> {
    pub(super) path: &'n str,
    pub(super) node: &'n Node,
}

impl<'n> Field<'n> {
    fn expected(self, faults: &mut Faults<'_>, what: &str) {
        let problem = format!("expected {what}, found {}", self.node.value.kind());
        faults.add(self.node.place, self.path, problem, "correct the value");
    }

    /// Text that is not empty.
    pub(super) fn text(self, faults: &mut Faults<'_>) -> Option<String> {
        match &self.node.value {
            Value::Text(text) if text.is_empty() => {
                faults.add(
                    self.node.place,
                    self.path,
                    "the text is empty",
                    "write it, or leave the field out",
                );
                None
            }
            Value::Text(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => {
                let problem = format!("expected text, found {}", self.node.value.kind());
                faults.add(self.node.place, self.path, problem, "put it in quotes");
                None
            }
            Value::Null | Value::List(_) | Value::Map(_) => {
                self.expected(faults, "text");
                None
            }
        }
    }

    /// True or false.
    pub(super) fn boolean(self, faults: &mut Faults<'_>) -> Option<bool> {
        let Value::Bool(value) = self.node.value else {
            self.expected(faults, "true or false");
            return None;
        };
        Some(value)
    }

    /// A number from `least` to `most`.
    pub(super) fn number(self, faults: &mut Faults<'_>, least: f64, most: f64) -> Option<f64> {
        let found = match self.node.value {
            Value::Number(value) if (least..=most).contains(&value) => return Some(value),
            Value::Number(value) => value.to_string(),
            Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => {
                self.node.value.kind().to_owned()
            }
        };
        let range = if least < most {
            format!("a number from {least} to {most}")
        } else {
            least.to_string()
        };
        faults.add(
            self.node.place,
            self.path,
            format!("expected {range}, found {found}"),
            "correct the value",
        );
        None
    }

    /// A whole number from 0 to `most`.
    pub(super) fn whole(self, faults: &mut Faults<'_>, most: u32) -> Option<u32> {
        let value = self.number(faults, 0.0, f64::from(most))?;
        if value.fract() != 0.0 {
            faults.add(
                self.node.place,
                self.path,
                "expected a whole number",
                "leave out the fraction",
            );
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and in range of u32"
        )]
        Some(value as u32)
    }

    /// One of a few keywords.
    pub(super) fn choice<T: Copy>(
        self,
        faults: &mut Faults<'_>,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let word = self.text(faults)?;
        let chosen = choices.iter().find(|(name, _)| *name == word);
        if chosen.is_none() {
            let remedy = suggest(&word, choices.iter().map(|(name, _)| *name));
            faults.add(self.node.place, self.path, format!("unknown value `{word}`"), remedy);
        }
        chosen.map(|(_, value)| *value)
    }

    /// The items of a list.
    pub(super) fn list(self, faults: &mut Faults<'_>) -> &'n [Node] {
        match &self.node.value {
            Value::List(items) => items,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => {
                self.expected(faults, "a list");
                &[]
            }
        }
    }

    /// A list of texts.
    pub(super) fn texts(self, faults: &mut Faults<'_>) -> Vec<Located<String>> {
        let mut texts = Vec::new();
        for (i, node) in self.list(faults).iter().enumerate() {
            let path = format!("{}[{i}]", self.path);
            let text = Field { path: &path, node }.text(faults);
            texts.extend(text.map(|value| Located { value, place: node.place }));
        }
        texts
    }

    /// One text or a list of texts.
    pub(super) fn one_or_more(self, faults: &mut Faults<'_>) -> Vec<Located<String>> {
        if let Value::List(_) = self.node.value {
            return self.texts(faults);
        }
        let text = self.text(faults);
        text.map(|value| Located { value, place: self.node.place }).into_iter().collect()
    }

    /// The entries of a mapping, each key once: repeated keys are faults and left out.
    pub(super) fn entries(self, faults: &mut Faults<'_>) -> Vec<(&'n Key, &'n Node)> {
        let Value::Map(entries) = &self.node.value else {
            self.expected(faults, "a mapping");
            return Vec::new();
        };
        let mut first: HashMap<&str, Option<Place>> = HashMap::new();
        let mut unique = Vec::new();
        for (key, node) in entries {
            match first.get(key.name.as_str()) {
                Some(earlier) => self.repeated(faults, key, *earlier),
                None => {
                    first.insert(&key.name, key.place);
                    unique.push((key, node));
                }
            }
        }
        unique
    }

    fn repeated(self, faults: &mut Faults<'_>, key: &Key, earlier: Option<Place>) {
        let line = earlier.map_or(0, |place| place.line);
        let problem = format!("the key stands twice, first in line {line}");
        faults.add(key.place, &join(self.path, &key.name), problem, "merge the two or remove one");
    }

    /// A mapping with none but the given keys.
    pub(super) fn record(self, faults: &mut Faults<'_>, known: &[&str]) -> Record<'n> {
        let mut fields = Vec::new();
        for (key, node) in self.entries(faults) {
            let path = join(self.path, &key.name);
            if known.contains(&key.name.as_str()) {
                fields.push((key.name.as_str(), path, node));
            } else {
                faults.add(
                    key.place,
                    &path,
                    "unknown key",
                    suggest(&key.name, known.iter().copied()),
                );
            }
        }
        Record { fields }
    }
}

/// A mapping whose keys are all known.
#[derive(Debug)]
pub(super) struct Record<'n> {
    fields: Vec<(&'n str, String, &'n Node)>,
}

impl Record<'_> {
    /// The field of that name, if it is there. A key without a value counts as left out.
    pub(super) fn get(&self, name: &str) -> Option<Field<'_>> {
        let (_, path, node) = self.fields.iter().find(|(key, ..)| *key == name)?;
        (!matches!(node.value, Value::Null)).then_some(Field { path, node })
    }
}

/// The path of a field below another.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
