//! Reads proto3 JSON without echoing it: faults are told by the place, never by the value.
//!
//! serde's own messages quote the value they refuse (`invalid type: string "…"`), and the values here are what must
//! not reach an error message. So a body is read into a tree first, and the fields are taken from it by name.

use super::failure::Failure;
use crate::sensitive::Sensitive;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A JSON value that keeps duplicate keys, so that they can be refused.
enum Node {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// The fields of one message that nobody has taken yet.
pub(super) struct Message {
    /// Where the message is, such as `mapping[2]`; empty for the outermost.
    place: String,
    fields: Vec<(String, Node)>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} fields)", self.fields.len())
    }
}

impl Message {
    /// Reads a body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Failure> {
        let text = std::str::from_utf8(body).map_err(|error| {
            Failure::invalid(
                "body",
                format!("the body is not UTF-8 at byte {}", error.valid_up_to()),
            )
        })?;
        // Only faults of syntax can come up here: the tree takes all there is. They are told by their place.
        let node: Node = serde_json::from_str(text).map_err(|error| {
            let message = format!(
                "the body is not valid JSON at line {}, column {}",
                error.line(),
                error.column()
            );
            Failure::invalid("body", message)
        })?;
        Self::of(String::new(), node)
    }

    fn of(place: String, node: Node) -> Result<Self, Failure> {
        if let Node::Object(fields) = node {
            return Ok(Self { place, fields });
        }
        let name = if place.is_empty() { "body" } else { &place };
        Err(mistyped(name, "a JSON object"))
    }

    /// The value of a field by its proto name, or by its camelCase one. `null` counts as not given.
    fn take(&mut self, name: &str) -> Result<Option<Node>, Failure> {
        let Some(at) = self.fields.iter().position(|(key, _)| names(key, name)) else {
            return Ok(None);
        };
        let (_, node) = self.fields.swap_remove(at);
        if self.fields.iter().any(|(key, _)| names(key, name)) {
            let place = self.place_of(name);
            return Err(Failure::invalid(place, format!("the field {name} is given twice")));
        }
        Ok(if matches!(node, Node::Null) { None } else { Some(node) })
    }

    fn place_of(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// A string; empty if not given.
    pub(super) fn string(&mut self, name: &str) -> Result<String, Failure> {
        match self.take(name)? {
            None => Ok(String::new()),
            Some(Node::String(text)) => Ok(text),
            Some(_) => Err(mistyped(&self.place_of(name), "a string")),
        }
    }

    /// A boolean; false if not given.
    pub(super) fn bool(&mut self, name: &str) -> Result<bool, Failure> {
        match self.take(name)? {
            None => Ok(false),
            Some(Node::Bool(value)) => Ok(value),
            Some(_) => Err(mistyped(&self.place_of(name), "true or false")),
        }
    }

    /// A number, also as a string.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<f64>, Failure> {
        let value = match self.take(name)? {
            None => return Ok(None),
            Some(Node::Number(value)) => Some(value),
            Some(Node::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        value.map(Some).ok_or_else(|| mistyped(&self.place_of(name), "a number"))
    }

    /// An enum value, by its name (with or without the enum's prefix) or by its number.
    pub(super) fn choice<T: Copy>(
        &mut self,
        name: &str,
        prefix: &str,
        values: &[(&'static str, T)],
    ) -> Result<Option<T>, Failure> {
        let position = match self.take(name)? {
            None => return Ok(None),
            Some(Node::String(text)) => {
                let short = text.strip_prefix(prefix).unwrap_or(&text);
                values.iter().position(|(known, _)| *known == short)
            }
            Some(Node::Number(number)) => (0..values.len()).find(|at| *at as f64 == number),
            Some(_) => None,
        };
        let known = || values.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
        let value = position.and_then(|at| values.get(at)).map(|(_, value)| *value);
        value
            .map(Some)
            .ok_or_else(|| mistyped(&self.place_of(name), &format!("one of {}", known())))
    }

    /// A list of strings.
    pub(super) fn strings(&mut self, name: &str) -> Result<Vec<String>, Failure> {
        let place = self.place_of(name);
        self.list(name)?
            .into_iter()
            .enumerate()
            .map(|(at, node)| {
                let Node::String(text) = node else {
                    return Err(mistyped(&format!("{place}[{at}]"), "a string"));
                };
                Ok(text)
            })
            .collect()
    }

    /// A list of texts that may hold personal data.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<Sensitive>, Failure> {
        Ok(self.strings(name)?.into_iter().map(Sensitive::new).collect())
    }

    /// A list of messages.
    pub(super) fn messages(&mut self, name: &str) -> Result<Vec<Self>, Failure> {
        let place = self.place_of(name);
        self.list(name)?
            .into_iter()
            .enumerate()
            .map(|(at, node)| Self::of(format!("{place}[{at}]"), node))
            .collect()
    }

    fn list(&mut self, name: &str) -> Result<Vec<Node>, Failure> {
        match self.take(name)? {
            None => Ok(Vec::new()),
            Some(Node::Array(items)) => Ok(items),
            Some(_) => Err(mistyped(&self.place_of(name), "an array")),
        }
    }

    /// Refuses what nobody has taken: a misspelt field must not be passed over.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Some((key, _)) = self.fields.first() else { return Ok(()) };
        // Keys are the caller's own words: told back only if they look like a field's name.
        let name = if is_name(key) { key.as_str() } else { "(not a field name)" };
        Err(Failure::invalid(self.place_of(name), format!("unknown field {name}")))
    }
}

fn mistyped(place: &str, expected: &str) -> Failure {
    Failure::invalid(place, format!("{place} must be {expected}"))
}

fn is_name(key: &str) -> bool {
    key.len() <= 40 && key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
}

/// True if `key` is the snake_case `name` or its camelCase form.
fn names(key: &str, name: &str) -> bool {
    if key == name {
        return true;
    }
    let mut key = key.chars();
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
            continue;
        }
        let expected = if upper { c.to_ascii_uppercase() } else { c };
        upper = false;
        if key.next() != Some(expected) {
            return false;
        }
    }
    key.next().is_none()
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    // Numbers here are scores and enum values: what a double cannot tell apart makes no difference.
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::String(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Node, E> {
        Ok(Node::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            fields.push(entry);
        }
        Ok(Node::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(body: &str, read: impl Fn(&mut Message) -> Result<(), Failure>) -> String {
        let run = || {
            let mut message = Message::parse(body.as_bytes())?;
            read(&mut message)?;
            message.finish()
        };
        run().map_or_else(|failure| format!("{failure:?}"), |()| "none".to_owned())
    }

    fn texts(message: &mut Message) -> Result<(), Failure> {
        message.texts("texts").map(|_| ())
    }

    #[test]
    fn both_spellings_of_a_name_are_read() {
        for body in [r#"{"keep_mapping":true}"#, r#"{"keepMapping":true}"#] {
            assert!(Message::parse(body.as_bytes()).unwrap().bool("keep_mapping").unwrap());
        }
        assert!(!names("keepmapping", "keep_mapping"));
        assert!(!names("keepMappings", "keep_mapping"));
    }

    #[test]
    fn null_counts_as_not_given() {
        assert_eq!(fault(r#"{"texts":null}"#, texts), "none");
    }

    #[test]
    fn faults_name_the_place_and_never_the_value() {
        for (body, place) in [
            (r#"{"texts":["a",{"ssn":"secret"}]}"#, "texts[1]"),
            (r#"{"texts":"secret"}"#, "texts"),
            (r#"{"texts":[],"policies":"secret"}"#, "unknown field policies"),
            (r#"{"secret@example.org":1}"#, "unknown field (not a field name)"),
            (r#"["secret"]"#, "body must be a JSON object"),
            (r#"{"texts":["secret"],"texts":[]}"#, "given twice"),
            (r#"{"texts":["secret"#, "line 1"),
            ("secret", "line 1"),
        ] {
            let told = fault(body, texts);
            assert!(told.contains(place), "{body}: {told}");
            assert!(!told.contains("secret"), "{body}: {told}");
        }
    }

    #[test]
    fn enums_are_read_by_name_short_name_and_number() {
        let values = [("UNSPECIFIED", 0), ("ONE", 1)];
        for body in [r#"{"e":"ONE"}"#, r#"{"e":"E_ONE"}"#, r#"{"e":1}"#] {
            let read = Message::parse(body.as_bytes()).unwrap().choice("e", "E_", &values).unwrap();
            assert_eq!(read, Some(1), "{body}");
        }
        assert!(Message::parse(br#"{"e":"TWO"}"#).unwrap().choice("e", "E_", &values).is_err());
        assert!(Message::parse(br#"{"e":0.5}"#).unwrap().choice("e", "E_", &values).is_err());
    }

    #[test]
    fn numbers_are_read_as_numbers_and_as_strings() {
        for body in [r#"{"n":0.5}"#, r#"{"n":"0.5"}"#] {
            let read = Message::parse(body.as_bytes()).unwrap().number("n").unwrap();
            assert_eq!(read, Some(0.5));
        }
        assert!(Message::parse(br#"{"n":true}"#).unwrap().number("n").is_err());
    }
}
