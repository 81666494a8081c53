//! Secrets whose name stands in one field and whose value in the next: `- name: DB_PASSWORD` over `value: …`, as in manifests of
//! Kubernetes, tasks of ECS, parameters of CloudFormation, property lists.

use crate::detect::seen::{prefix, suffix};

/// How far apart the fields are, in bytes.
const APART: usize = 128;

/// What the field of the name is called, at its end, and that of the value.
const NAMES: &[&str] =
    &["name", "key", "variable", "var", "param", "parameter", "field", "label", "property", "id"];
#[rustfmt::skip]
const VALUES: &[&str] = &[
    "parametervalue", "defaultvalue", "currentvalue", "stringvalue", "value", "string", "val", "content",
];

/// Where the value begins whose name stands behind `before`, begins with `name` and is followed by `rest`: in bytes of `rest`.
pub(super) fn behind(before: &str, name: &str, rest: &str) -> Option<usize> {
    let rest = prefix(rest, APART);
    let of_name = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let left = suffix(before, APART).trim_end_matches(of_name);
    let left = left.trim_end_matches(['"', '\'', '\\', ' ']);
    let signed = left.strip_suffix([':', '=', '>', ','])?.trim_end_matches(['"', '\'', '\\', ' ']);
    let field = signed.to_ascii_lowercase();
    // `"key": "token", "value": …` is any map; `<key>` and `ParameterKey` are of lists of settings.
    let word = field.rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
    // Names of the environment are of settings: `{"key": "DB_PASSWORD", "value": …}`.
    let of_environment = name.ends_with('_') && !name.bytes().any(|b| b.is_ascii_lowercase());
    let is_any = word == "key" && !left.ends_with('>') && !of_environment;
    if is_any || !NAMES.iter().any(|name| field.ends_with(name)) {
        return None;
    }
    let closed = rest.trim_start_matches(['"', '\'', '\\']);
    let closed = match closed.strip_prefix("</") {
        Some(tag) => tag.get(tag.find('>')? + 1..)?,
        None => closed,
    };
    let next = closed.trim_start_matches([' ', '\t', '\n', '\r', ',', ';', '"', '\'', '<', '\\']);
    // Something must stand between two fields.
    if next.len() == rest.len() || next.len() == closed.len() {
        return None;
    }
    let lower = next.to_ascii_lowercase();
    let name = VALUES.iter().find(|value| lower.starts_with(**value))?;
    let sign = next.get(name.len()..)?.trim_start_matches(['"', '\'', '\\', ' ', '\t']);
    let value = sign.strip_prefix([':', '=', '>'])?.trim_start_matches([' ', '\t']);
    Some(rest.len() - value.len())
}
