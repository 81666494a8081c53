//! JSON text for the upstream, and `google.protobuf.Struct` to and from JSON.
//!
//! Objects are written member by member, so that their order is ours and JSON text that the caller gave goes in as it is.

use super::fault::Fault;
use prost_types::{ListValue, Struct, Value, value::Kind};
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

/// A JSON object that is being written.
#[derive(Debug)]
pub(super) struct Object {
    text: String,
}

impl Object {
    pub(super) fn new() -> Self {
        Self { text: "{".to_owned() }
    }

    /// Adds a member whose value is JSON text already.
    pub(super) fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.text.push_str(&quoted(key));
        self.text.push(':');
        self.text.push_str(json);
        self
    }

    /// Adds a string.
    pub(super) fn string(&mut self, key: &str, value: &str) -> &mut Self {
        self.raw(key, &quoted(value))
    }

    /// Adds a string unless it is empty.
    pub(super) fn given_string(&mut self, key: &str, value: &str) -> &mut Self {
        if value.is_empty() { self } else { self.string(key, value) }
    }

    /// Adds a whole number or a truth value, if there is one.
    pub(super) fn given(&mut self, key: &str, value: Option<impl ToString>) -> &mut Self {
        match value {
            Some(value) => self.raw(key, &value.to_string()),
            None => self,
        }
    }

    /// Adds a fractional number, if there is one.
    pub(super) fn given_number(
        &mut self,
        key: &str,
        value: Option<f64>,
    ) -> Result<&mut Self, Fault> {
        match value {
            Some(value) => Ok(self.raw(key, &number(value, key)?)),
            None => Ok(self),
        }
    }

    /// Adds an array, unless it is empty.
    pub(super) fn given_array(&mut self, key: &str, items: &[String]) -> &mut Self {
        if items.is_empty() { self } else { self.raw(key, &array(items)) }
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

/// A JSON array of JSON texts.
pub(super) fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// The JSON text of a structure. `field` is where it stands, for the fault.
pub(super) fn of_struct(structure: &Struct, field: &str) -> Result<String, Fault> {
    let mut object = Object::new();
    for (key, value) in &structure.fields {
        object.raw(key, &of_value(value, field)?);
    }
    Ok(object.finish())
}

/// The JSON text of a value. Bounded in depth, since the decoder of messages is.
pub(super) fn of_value(value: &Value, field: &str) -> Result<String, Fault> {
    Ok(match &value.kind {
        None | Some(Kind::NullValue(_)) => "null".to_owned(),
        Some(Kind::BoolValue(truth)) => truth.to_string(),
        Some(Kind::NumberValue(value)) => number(*value, field)?,
        Some(Kind::StringValue(text)) => quoted(text),
        Some(Kind::StructValue(structure)) => of_struct(structure, field)?,
        Some(Kind::ListValue(list)) => {
            let items: Result<Vec<_>, _> =
                list.values.iter().map(|item| of_value(item, field)).collect();
            array(&items?)
        }
    })
}

/// Whole numbers are written without a fraction: `top_k` must not become `40.0`.
fn number(value: f64, field: &str) -> Result<String, Fault> {
    if value.is_finite() {
        Ok(value.to_string())
    } else {
        Err(Fault::invalid(field, format!("{field} must be a number that JSON can write")))
    }
}

/// Checks that a text is a JSON object, and gives it back without the space around it.
pub(super) fn object_text<'t>(text: &'t str, field: &str) -> Result<&'t str, Fault> {
    let text = text.trim();
    if text.starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok() {
        Ok(text)
    } else {
        Err(Fault::invalid(field, format!("{field} must be a JSON object")))
    }
}

/// JSON as a structure; `None` when there is nothing in it.
pub(super) fn to_struct(members: Map<String, Json>) -> Option<Struct> {
    let fields = members.into_iter().map(|(key, value)| (key, to_value(value)));
    Some(Struct { fields: fields.collect() }).filter(|structure| !structure.fields.is_empty())
}

fn to_value(json: Json) -> Value {
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(truth) => Kind::BoolValue(truth),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text),
        Json::Array(items) => {
            Kind::ListValue(ListValue { values: items.into_iter().map(to_value).collect() })
        }
        Json::Object(members) => Kind::StructValue(to_struct(members).unwrap_or_default()),
    };
    Value { kind: Some(kind) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_keep_their_order_and_text_is_escaped() {
        let mut object = Object::new();
        object
            .string("z", "a\"\n")
            .given("a", Some(7))
            .given("b", None::<u32>)
            .given_string("c", "");
        assert_eq!(object.finish(), r#"{"z":"a\"\n","a":7}"#);
    }

    #[test]
    fn a_structure_survives_both_ways() {
        let json = json!({"a": [1, 2.5, null, true, "x"], "b": {"c": {}}});
        let Json::Object(members) = json.clone() else { unreachable!() };
        let text = of_struct(&to_struct(members).unwrap(), "extra").unwrap();
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), json);
        assert!(text.contains("[1,2.5,"));
    }

    #[test]
    fn what_json_cannot_write_is_refused() {
        let value = Value { kind: Some(Kind::NumberValue(f64::NAN)) };
        assert!(of_value(&value, "extra").is_err());
    }

    #[test]
    fn only_a_whole_object_passes_as_one() {
        assert_eq!(object_text(" {\"a\":1} ", "f").unwrap(), "{\"a\":1}");
        for wrong in ["", "[]", "{", "{}{}", "{\"a\":1}, \"b\":2"] {
            assert!(object_text(wrong, "f").is_err(), "{wrong}");
        }
    }
}
