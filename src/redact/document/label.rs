//! The names of members, as context of what they hold.

use crate::json::Step;

/// The name that gives a value its meaning: the nearest key that is not passed over, unless it is a mere carrier. `outer`
/// is that of the string which the document is in.
pub(super) fn label<'p>(path: &'p [Step<'_>], outer: Option<&'p str>) -> Option<&'p str> {
    let telling = path.iter().rev().find_map(|step| match step {
        Step::Key(key) if !PASSED_OVER.contains(&&**key) => Some(&**key),
        Step::Key(_) | Step::Index(_) => None,
    });
    match telling {
        Some(key) => (!CARRIERS.contains(&key)).then_some(key),
        None => outer,
    }
}

/// Keys that say nothing; the key above them does.
const PASSED_OVER: &[&str] =
    &["value", "values", "default", "const", "enum", "example", "examples", "string_value", "data"];

/// Keys under which any text may stand.
const CARRIERS: &[&str] = &[
    "arguments",
    "body",
    "content",
    "delta",
    "description",
    "input",
    "instructions",
    "message",
    "messages",
    "output",
    "parts",
    "prompt",
    "query",
    "result",
    "suffix",
    "summary",
    "system",
    "text",
    "texts",
    "title",
    "tools",
];
