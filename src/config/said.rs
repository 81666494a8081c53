//! What was said: settings as text, each with where it was said. The first of the two steps of a configuration.

use super::{Fault, settings};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// The prefix of environment variables that are settings.
const ENVIRONMENT_PREFIX: &str = "PROMPT_GUARD_";

/// The prefix of the standard variables of OpenTelemetry.
const STANDARD_PREFIX: &str = "OTEL_";

/// Where a value was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line, such as `--listen`.
    Flag(String),
    /// An environment variable.
    Environment(String),
    /// A key of the configuration file.
    File(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "{path}"),
        }
    }
}

/// One value as it was said.
///
/// `Debug` tells the origin alone: before a setting is read nobody knows whether its text is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    /// The text; of a list, the items with commas between them.
    pub text: String,
    /// Where.
    pub origin: Origin,
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// All that was said, by dotted key: flags win over the environment, which wins over the file.
#[derive(Clone, Default)]
pub struct Everything {
    values: BTreeMap<String, Said>,
    /// The variables of OpenTelemetry; some of them hold keys.
    standard: BTreeMap<String, String>,
}

impl fmt::Debug for Everything {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Everything").field("values", &self.values).finish_non_exhaustive()
    }
}

impl Everything {
    /// Adds the settings of a YAML file. Call it first: what is added later wins.
    ///
    /// # Errors
    /// One fault for text that is no YAML mapping.
    pub fn add_file(&mut self, path: &str, yaml: &str) -> Result<(), Fault> {
        let tree: Value =
            serde_saphyr::from_str(yaml).map_err(|error| syntax_fault(path, &error))?;
        match tree {
            Value::Null => Ok(()),
            Value::Object(tree) => {
                let mut flat = BTreeMap::new();
                tree.into_iter().for_each(|(key, value)| flatten(key, value, &mut flat));
                for (key, text) in flat {
                    self.values.insert(key, Said { text, origin: Origin::File(path.to_owned()) });
                }
                Ok(())
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(Fault::new(
                    path,
                    "is no mapping of settings",
                    "write `server:`, `upstreams:` and so on",
                ))
            }
        }
    }

    /// Adds what environment variables say; variables without the prefix are none of ours, but for the standard ones of
    /// OpenTelemetry and those that name proxies and ONNX Runtime to all programs. What is said to us alone wins over these,
    /// also in the file.
    pub fn add_environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        let mut common = Vec::new();
        for (name, text) in variables {
            if let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) {
                let key = settings::key_of_variable(rest);
                self.values.insert(key, Said { text, origin: Origin::Environment(name) });
            } else if let Some(key) = common_key(&name) {
                common.push((key, Said { text, origin: Origin::Environment(name) }));
            } else if name.starts_with(STANDARD_PREFIX) {
                self.standard.insert(name, text);
            }
        }
        for (key, said) in common.into_iter().filter(|(_, said)| !said.text.is_empty()) {
            self.values.entry(key.to_owned()).or_insert(said);
        }
    }

    /// Adds what a flag says.
    pub fn add_flag(&mut self, flag: &str, key: impl Into<String>, text: impl Into<String>) {
        self.values
            .insert(key.into(), Said { text: text.into(), origin: Origin::Flag(flag.to_owned()) });
    }

    /// Adds what a flag implies, unless something was said.
    pub fn add_default(&mut self, flag: &str, key: &str, text: &str) {
        if !self.values.contains_key(key) {
            self.add_flag(flag, key, text);
        }
    }

    /// True for a value that a variable says which all programs read.
    pub(super) fn is_common(&self, key: &str) -> bool {
        let origin = self.values.get(key).map(|said| &said.origin);
        matches!(origin, Some(Origin::Environment(name)) if common_key(name) == Some(key))
    }

    /// Takes a value out.
    pub(super) fn take(&mut self, key: &str) -> Option<Said> {
        self.values.remove(key)
    }

    /// The names that stand between `prefix.` and the next dot, such as the upstreams' names.
    pub(super) fn names_under(&self, prefix: &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .values
            .keys()
            .filter_map(|key| key.strip_prefix(prefix)?.strip_prefix('.')?.split_once('.'))
            .map(|(name, _)| name.to_owned())
            .collect();
        names.dedup();
        names
    }

    /// The variables of OpenTelemetry, by their own names.
    pub(super) fn standard_variables(&self) -> &BTreeMap<String, String> {
        &self.standard
    }

    /// What nobody took: keys that are no settings.
    pub(super) fn rest(self) -> BTreeMap<String, Said> {
        self.values
    }
}

/// The setting that a variable stands for which all programs read.
fn common_key(name: &str) -> Option<&'static str> {
    match name {
        "ORT_DYLIB_PATH" => Some("model.library"),
        "HTTP_PROXY" | "http_proxy" => Some("proxy.http"),
        "HTTPS_PROXY" | "https_proxy" => Some("proxy.https"),
        "ALL_PROXY" | "all_proxy" => Some("proxy.all"),
        "NO_PROXY" | "no_proxy" => Some("proxy.bypass"),
        _ => None,
    }
}

/// Tells the place alone: the parser's own words quote the lines around it, and those may hold a secret.
fn syntax_fault(path: &str, error: &serde_saphyr::Error) -> Fault {
    let place = error
        .location()
        .map(|it| format!(" at line {}, column {}", it.line(), it.column()))
        .unwrap_or_default();
    Fault::new(
        path,
        format!("cannot be read as YAML{place}"),
        "check indentation and repeated keys, and quote values that begin with a sign such as * or &",
    )
}

/// Turns a tree into dotted keys with texts.
fn flatten(key: String, value: Value, flat: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(tree) => {
            tree.into_iter()
                .for_each(|(inner, value)| flatten(format!("{key}.{inner}"), value, flat));
        }
        Value::Array(items) => {
            let texts: Vec<String> = items.into_iter().map(scalar).collect();
            flat.insert(key, texts.join(","));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            flat.insert(key, scalar(value));
        }
    }
}

fn scalar(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
