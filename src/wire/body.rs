//! Restores an answer that came whole.

use super::{
    Endpoint, Error, Expected, cited,
    endpoint::Dialect,
    headers,
    place::Place,
    responses,
    splice::{self, Edit},
};
use crate::{
    json::{self, Kind},
    redact::{Context, Restorer, restore_document},
};
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use std::borrow::Cow;

/// Puts originals back into a whole answer, by its content type; without one it is JSON or else text if it reads so.
///
/// A JSON document keeps every byte but those of stand-ins; where that changes a text, the token probabilities beside
/// it (`logprobs`) become null, since they cannot be told for a restored value. Other text is restored as prose.
///
/// # Errors
/// [`Error::Malformed`] for broken JSON and [`Error::Unrestorable`] for what is no text, if a stand-in is in it. Without
/// one such answers pass as they came.
pub fn restore_body(
    endpoint: Endpoint,
    expected: Expected,
    headers: &HeaderMap,
    body: Bytes,
    restorer: &Restorer,
) -> Result<Bytes, Error> {
    if restorer.is_empty() || body.is_empty() {
        return Ok(body);
    }
    let restored = if headers::is_json(headers) {
        restore_json(endpoint, expected, &body, restorer)
    } else if headers::is_text(headers) {
        restore_text(&body, restorer)
    } else if !headers.contains_key(CONTENT_TYPE) {
        restore_json(endpoint, expected, &body, restorer).or_else(|_| restore_text(&body, restorer))
    } else {
        Err(Error::Unrestorable)
    };
    match restored {
        Ok(Cow::Borrowed(_)) => Ok(body),
        Ok(Cow::Owned(restored)) => Ok(restored.into()),
        Err(error) if restorer.occurs_in(&body) => Err(error),
        Err(_) => Ok(body),
    }
}

fn restore_json<'b>(
    endpoint: Endpoint,
    expected: Expected,
    body: &'b [u8],
    restorer: &Restorer,
) -> Result<Cow<'b, [u8]>, Error> {
    let outline = match endpoint.dialect() {
        Dialect::Responses => responses::answer::Outline::read(body),
        Dialect::Chat | Dialect::Messages => responses::answer::Outline::default(),
    };
    let expected =
        Expected { json_content: expected.json_content || outline.json_content, ..expected };
    let mut context = |path: &[json::Step<'_>]| {
        let context = endpoint.response_context(path, expected)?;
        let is_text = matches!(path.last(), Some(json::Step::Key(name)) if name == "text");
        let prose = is_text && outline.is_reasoning(path);
        Some(if prose { Context::Prose } else { context })
    };
    let moved = cited::move_offsets(endpoint, body, restorer, &mut context);
    let restored = restore_document(&moved, restorer, json::MAX_DEPTH, &mut context)
        .map_err(|_| Error::Malformed)?;
    match restored {
        Cow::Owned(restored) => Ok(Cow::Owned(without_logprobs(endpoint, restored))),
        Cow::Borrowed(_) => Ok(Cow::Borrowed(body)),
    }
}

fn restore_text<'b>(body: &'b [u8], restorer: &Restorer) -> Result<Cow<'b, [u8]>, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::Unrestorable)?;
    Ok(match restorer.restore(text, Context::Prose) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    })
}

fn without_logprobs(endpoint: Endpoint, body: Vec<u8>) -> Vec<u8> {
    if memchr::memmem::find(&body, b"logprobs").is_none() {
        return body;
    }
    let Ok(text) = String::from_utf8(body) else { return Vec::new() };
    let mut keys = Vec::new();
    let walked = json::walk(text.as_bytes(), json::MAX_DEPTH, &mut |path, token| {
        let place = Place::new(path);
        let found = place.is_some_and(|place| is_logprobs(place.parts()));
        if found && token.kind() == Kind::Key {
            keys.push(token.range().end);
        }
    });
    debug_assert!(walked.is_ok(), "restoring keeps JSON valid");
    let blank = if endpoint.dialect() == Dialect::Responses { "[]" } else { "null" };
    let edit = |end: usize| Edit { range: splice::value_after(&text, end), json: blank.into() };
    let edits = keys.into_iter().map(edit).collect();
    splice::apply(&text, edits).into_bytes()
}

fn is_logprobs(place: &[&str]) -> bool {
    matches!(
        place,
        ["choices", "*", "logprobs"] | ["output" | "data", "*", "content", "*", "logprobs"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{redact::Mapping, sensitive::Sensitive};
    use http::HeaderValue;

    fn restore(media: &str, body: &str) -> Result<String, Error> {
        let original = Sensitive::new("ann \"a\" @example.org");
        let restorer = Mapping::from_pairs([("[EMAIL_1]".to_owned(), original)]).restorer();
        let mut headers = HeaderMap::new();
        if !media.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::try_from(media).unwrap());
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        let restored = restore_body(
            Endpoint::ChatCompletions,
            Expected::default(),
            &headers,
            body,
            &restorer,
        )?;
        Ok(String::from_utf8(restored.to_vec()).unwrap())
    }

    #[test]
    fn json_is_restored_in_context_and_else_kept() {
        let body = r#"{"b":1.50, "choices":[{"logprobs":{"content":[{"token":"["}]} ,"message":{"content":"\u00e9 [EMAIL_1]",
            "tool_calls":[{"function":{"arguments":"{\"to\":\"[EMAIL_1]\"}"}}]}}]}"#;
        let expected = r#"{"b":1.50, "choices":[{"logprobs":null ,"message":{"content":"\u00e9 ann \"a\" @example.org",
            "tool_calls":[{"function":{"arguments":"{\"to\":\"ann \\\"a\\\" @example.org\"}"}}]}}]}"#;
        assert_eq!(restore("application/json; charset=utf-8", body).unwrap(), expected);
    }

    #[test]
    fn what_holds_no_stand_in_passes_whatever_it_is() {
        for media in ["application/json", "text/html", "application/octet-stream", "x"] {
            assert_eq!(restore(media, "{ broken").unwrap(), "{ broken");
        }
        let kept = r#"{"choices":[{"logprobs":{"a":1},"message":{"content":"none"}}]}"#;
        assert_eq!(restore("application/json", kept).unwrap(), kept);
    }

    #[test]
    fn text_is_restored_as_prose_and_the_unreadable_is_refused() {
        assert_eq!(restore("text/plain", "to [EMAIL_1]").unwrap(), "to ann \"a\" @example.org");
        assert_eq!(restore("", "to [EMAIL_1]").unwrap(), "to ann \"a\" @example.org");
        assert_eq!(restore("", r#"["[EMAIL_1]"]"#).unwrap(), r#"["ann \"a\" @example.org"]"#);
        assert_eq!(restore("application/json", "{ [EMAIL_1]"), Err(Error::Malformed));
        assert_eq!(restore("application/octet-stream", "[EMAIL_1]"), Err(Error::Unrestorable));
    }
}
