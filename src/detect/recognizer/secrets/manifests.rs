//! The values of Kubernetes secrets: in a manifest of `kind: Secret` whatever stands under `data` or `stringData` is one.

use super::{SECRET, value::is_stand_in};
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix, suffix},
};

/// How far before and behind its data the kind of a manifest may stand, in bytes.
const NEAR: usize = 1024;
/// The longest data.
const DATA: usize = 16384;

pub(in super::super) static MANIFESTS: Recognizer = Recognizer {
    name: "secrets/kubernetes_secret",
    description: "the data of Kubernetes secrets, from the first value to the last, in YAML and JSON",
    patterns: &[
        Pattern::new(SECRET, 0.85, r"(?-u:\b)(?:data|stringData):[ \t\r]{0,4}\n").check(yaml),
        Pattern::new(SECRET, 0.85, r"\x22(?:data|stringData)\x22: ?\{").check(json),
    ],
};

/// The lines that are indented deeper than the name, from the first value that is a secret to the last.
fn yaml(seen: &Seen<'_>) -> Option<Accepted> {
    let left = suffix(seen.all.get(..seen.start)?, NEAR);
    let line = left.rsplit('\n').next()?;
    if !line.bytes().all(|b| b == b' ') {
        return None;
    }
    let body = prefix(seen.all.get(seen.end..)?, DATA);
    let (mut at, mut found) = (seen.end, None);
    for text in body.split_inclusive('\n') {
        let indent = text.len() - text.trim_start_matches(' ').len();
        let content = text.trim();
        if indent <= line.len() && !content.is_empty() {
            break;
        }
        // `key: value`, or a line of a value that is told in several.
        let value = content.split_once(": ").map_or(content, |(_, value)| value.trim());
        let value = value.trim_matches(['"', '\'']);
        if is_value(value) && !content.ends_with(':') {
            // The key may be the same word, and stands before it.
            let start = at + text.rfind(value)?;
            found = Some((found.map_or(start, |(first, _)| first), start + value.len()));
        }
        at += text.len();
    }
    let (start, end) = found.filter(|_| is_secret(seen, "\n---"))?;
    seen.accept_span(start, end)
}

/// The same for an object, which holds strings and nothing else.
fn json(seen: &Seen<'_>) -> Option<Accepted> {
    let body = prefix(seen.all.get(seen.end..)?, DATA);
    let (mut at, mut found) = (0, None);
    while let Some(quote) = body.get(at..)?.find(['"', '{', '}']).map(|mark| at + mark) {
        if body.as_bytes().get(quote) != Some(&b'"') {
            break;
        }
        let (start, value) = (quote + 1, string(body.get(quote + 1..)?));
        let behind = body.get(start + value.len()..)?.strip_prefix('"');
        let is_key = behind.is_some_and(|behind| behind.trim_start().starts_with(':'));
        if !is_key && is_value(value) {
            let first = found.map_or(start, |(first, _)| first);
            found = Some((first, start + value.len()));
        }
        // Behind a string that does not end, quotes mean nothing.
        if behind.is_none() {
            break;
        }
        at = start + value.len() + 1;
    }
    let (start, end) = found.filter(|_| is_secret(seen, "\n}\n"))?;
    seen.accept_span(seen.end + start, seen.end + end)
}

/// The string that begins behind its opening quote, as it is written; one that does not end is all that is left of its line.
fn string(rest: &str) -> &str {
    let mut is_escaped = false;
    let end = rest.bytes().position(|b| {
        let ends = b == b'\n' || (b == b'"' && !is_escaped);
        is_escaped = b == b'\\' && !is_escaped;
        ends
    });
    rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest)
}

/// True when the manifest around the match, which marks part from others, is one of a secret.
fn is_secret(seen: &Seen<'_>, mark: &str) -> bool {
    const BEFORE: [&str; 4] = ["kind: ", "kind: \"", "\"kind\": \"", "\"kind\":\""];
    const NAME: &str = "Secret";
    let left = suffix(seen.all.get(..seen.start).unwrap_or_default(), NEAR);
    let left = left.rsplit(mark).next().unwrap_or(left);
    let right = prefix(seen.all.get(seen.end..).unwrap_or_default(), NEAR);
    let right = right.split(mark).next().unwrap_or(right);
    [left, right].iter().any(|part| {
        part.match_indices(NAME).any(|(at, _)| {
            let (before, behind) = (part.get(..at), part.get(at + NAME.len()..));
            before.is_some_and(|before| BEFORE.iter().any(|kind| before.ends_with(kind)))
                && !behind.is_some_and(|behind| behind.starts_with(char::is_alphanumeric))
        })
    })
}

fn is_value(value: &str) -> bool {
    value.len() >= 4 && !value.starts_with(['#', '{', '|', '>']) && !is_stand_in(value)
}
