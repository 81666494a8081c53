//! What a request asks of the recording model beside its text: how it streams, fails or hangs, by the model's name; and
//! JSON of the shape that the request wants.
//!
//! `echo` answers what the user wrote, `echo-7` streams it in pieces of 7 characters, `cut-3-20` cuts it after 3 and after
//! 20 characters, `status-429` fails with that status, `hang` never answers, or never ends its stream.

use serde_json::{Map, Value, json};

/// Where a streamed text is cut, in characters.
#[derive(Debug)]
pub(crate) enum Cut {
    Every(usize),
    After(Vec<usize>),
}

impl Cut {
    /// As the model's name says, or every so many characters.
    pub(crate) fn of(request: &Value, otherwise: usize) -> Self {
        let places = request["model"].as_str().and_then(|name| name.strip_prefix("cut-"));
        match places {
            Some(places) => Self::After(places.split('-').map(|at| at.parse().unwrap()).collect()),
            None => Self::Every(number_after(request, "echo-").unwrap_or(otherwise)),
        }
    }

    pub(crate) fn pieces(&self, text: &str) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let places: Vec<usize> = match self {
            Self::Every(length) => (*length..chars.len()).step_by(*length).collect(),
            Self::After(places) => places.clone(),
        };
        let starts = std::iter::once(0).chain(places.iter().copied());
        let ends = places.iter().copied().chain([chars.len()]);
        starts.zip(ends).map(|(start, end)| chars[start..end].iter().collect()).collect()
    }
}

/// The status to fail with, if the model's name says so.
pub(crate) fn status(request: &Value) -> Option<u16> {
    number_after(request, "status-")
}

pub(crate) fn hangs(request: &Value) -> bool {
    request["model"] == "hang"
}

fn number_after<T: std::str::FromStr>(request: &Value, prefix: &str) -> Option<T> {
    request["model"].as_str()?.strip_prefix(prefix)?.parse().ok()
}

/// The text in the shape of a JSON schema: every string of it is the text.
pub(crate) fn shaped(schema: &Value, text: &str) -> Value {
    Shape { root: schema, text }.of(schema)
}

/// The text in the shape of the first tool's arguments, or of `{"text": …}`.
pub(crate) fn arguments(tool_schema: &Value, text: &str) -> Value {
    let shaped = shaped(tool_schema, text);
    if shaped.as_object().is_some_and(|members| !members.is_empty()) {
        return shaped;
    }
    json!({"text": text})
}

struct Shape<'a> {
    root: &'a Value,
    text: &'a str,
}

impl Shape<'_> {
    fn of(&self, schema: &Value) -> Value {
        if let Some(named) = schema["$ref"].as_str() {
            return self.of(self.root.pointer(&named[1..]).unwrap());
        }
        if let Some(first) = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema[key].get(0)) {
            return self.of(first);
        }
        if let Some(fixed) = schema.get("const").or_else(|| schema["enum"].get(0)) {
            return fixed.clone();
        }
        match schema["type"].as_str() {
            Some("string") => self.text.into(),
            Some("integer" | "number") => 7.into(),
            Some("boolean") => true.into(),
            Some("array") => json!([self.of(&schema["items"])]),
            _ => Value::Object(self.members(&schema["properties"])),
        }
    }

    fn members(&self, properties: &Value) -> Map<String, Value> {
        let properties = properties.as_object().into_iter().flatten();
        properties.map(|(name, schema)| (name.clone(), self.of(schema))).collect()
    }
}
