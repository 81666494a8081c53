//! A YAML document as a tree that knows the place of every node.
//!
//! Knows nothing of policies. Deserializing straight into structs would stop at the first fault; the tree lets
//! [`file`](super::file) report all of them, each with its line and column.

use super::error::{Error, Faults, Place};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};
use std::fmt;

/// One node and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Option<Place>,
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) place: Option<Place>,
    pub(super) name: String,
}

/// Reads one YAML document.
pub(super) fn parse(file: &str, yaml: &str) -> Result<Node, Vec<Error>> {
    // Repeated keys come through, so that they are reported with the other faults.
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Spanned<Value>>(yaml, options)
        .map(Node::from)
        .map_err(|error| syntax_error(file, &error))
}

fn syntax_error(file: &str, error: &serde_saphyr::Error) -> Vec<Error> {
    let mut faults = Faults::of(file);
    let place = error.location().as_ref().and_then(place);
    if let serde_saphyr::Error::MultipleDocuments { .. } = error.without_snippet() {
        faults.add(place, "", "more than one document", "give each policy a file of its own");
        return faults.into_vec();
    }
    // The place stands in front already.
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    faults.add(place, "", format!("not YAML that can be read: {message}"), "correct the syntax");
    faults.into_vec()
}

fn place(location: &Location) -> Option<Place> {
    (location.line() > 0).then(|| Place { line: location.line(), column: location.column() })
}

impl From<Spanned<Value>> for Node {
    fn from(spanned: Spanned<Value>) -> Self {
        Self { place: place(&spanned.referenced), value: spanned.value }
    }
}

impl From<Spanned<String>> for Key {
    fn from(spanned: Spanned<String>) -> Self {
        Self { place: place(&spanned.referenced), name: spanned.value }
    }
}

impl Value {
    /// What the node is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Value>>()? {
            list.push(item.into());
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Spanned<String>, Spanned<Value>>()? {
            map.push((key.into(), value.into()));
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_and_key_knows_its_place() {
        let root = parse("f", "a: 1\nb:\n  - x\n  - c: [true, ~, 0.5]\na: 2\n").unwrap();
        let Value::Map(entries) = root.value else { panic!("a mapping") };
        let keys: Vec<_> =
            entries.iter().map(|(k, _)| (k.name.as_str(), k.place.unwrap().line)).collect();
        assert_eq!(keys, [("a", 1), ("b", 2), ("a", 5)]);
        let Value::List(items) = &entries[1].1.value else { panic!("a list") };
        let Value::Map(inner) = &items[1].value else { panic!("a mapping") };
        let Value::List(flags) = &inner[0].1.value else { panic!("a list") };
        assert_eq!(flags[2].place, Some(Place { line: 4, column: 18 }));
        let kinds: Vec<_> = flags.iter().map(|n| n.value.kind()).collect();
        assert_eq!(kinds, ["true or false", "nothing", "a number"]);
    }

    #[test]
    fn broken_syntax_has_a_place() {
        let errors = parse("f", "a: [1\nb: 2\n").unwrap_err();
        assert_eq!(errors.len(), 1);
        assert!(errors[0].place.is_some(), "{errors:?}");
    }

    #[test]
    fn alias_bombs_and_deep_nesting_are_refused() {
        let mut bomb = String::from("a0: &a0 [x, x]\n");
        for i in 1..40 {
            bomb.push_str(&format!("a{i}: &a{i} [*a{}, *a{}]\n", i - 1, i - 1));
        }
        assert!(parse("f", &bomb).is_err());
        assert!(parse("f", &"[".repeat(100_000)).is_err());
    }
}
