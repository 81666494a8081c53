//! Judges and restores an answer that came whole.

use super::{
    Documents, Endpoint, Error, Expected,
    body_form::{BodyForm, behind_mark, lines, with_mark},
    carrier, cited,
    endpoint::Dialect,
    place::Place,
    produced::{is_produced, is_tool_input},
    responses, splice,
};
use crate::{
    engine::{Counts, OutputGuard},
    json::{self, Kind},
    policy::Carrier,
    redact::{Context, Document, Restorer, Treatment, restore_document},
};
use bytes::Bytes;
use memchr::memmem::Finder;
use std::{borrow::Cow, sync::LazyLock};

/// Looks at what the model wrote in a whole answer, before it is restored; gives what may be told, and adds to `counts` what
/// was found. Where that changes a text, offsets move with it and token probabilities go, as on restoring.
///
/// # Errors
/// [`Error::Blocked`] by the policy; [`Error::Malformed`] and [`Error::Unrestorable`] for a body that cannot be read, if what
/// the policy looks for is in it.
pub fn judge_body(
    endpoint: Endpoint,
    form: BodyForm,
    body: Bytes,
    output: &OutputGuard,
    counts: &mut Counts,
) -> Result<Bytes, Error> {
    if body.is_empty() {
        return Ok(body);
    }
    let (mark, body) = behind_mark(body);
    let judged = match form {
        BodyForm::Json => match judge_json(endpoint, &body, output, counts)? {
            Some(judged) => judged,
            None => unreadable(body, output, counts, Error::Malformed)?,
        },
        BodyForm::Lines | BodyForm::SeemingLines => {
            let mut told = Vec::with_capacity(body.len());
            for line in lines(&body) {
                let line = body.slice_ref(line);
                match judge_json(endpoint, &line, output, counts)? {
                    Some(judged) => told.extend_from_slice(&judged),
                    None if form == BodyForm::SeemingLines => {
                        told.extend_from_slice(&judge_text(line, output, counts)?);
                    }
                    None => told.extend(unreadable(line, output, counts, Error::Malformed)?),
                }
            }
            told.into()
        }
        BodyForm::Text => judge_text(body, output, counts)?,
    };
    Ok(with_mark(mark, judged))
}

fn judge_text(body: Bytes, output: &OutputGuard, counts: &mut Counts) -> Result<Bytes, Error> {
    match std::str::from_utf8(&body) {
        Ok(text) => Ok(output.text(text, counts)?.map_or(body.clone(), Bytes::from)),
        Err(_) => unreadable(body, output, counts, Error::Unrestorable),
    }
}

/// `None` for broken JSON.
fn judge_json(
    endpoint: Endpoint,
    body: &Bytes,
    output: &OutputGuard,
    counts: &mut Counts,
) -> Result<Option<Bytes>, Error> {
    let dialect = endpoint.dialect();
    let mut classify = |path: &[json::Step<'_>], token: &json::Token<'_>| {
        let told = is_produced(dialect, path)
            && (token.kind() == Kind::String || is_tool_input(path))
            // What is signed goes as it came.
            && endpoint.response_context(path, Expected::default()).is_some();
        if told { Treatment::Guard } else { Treatment::Leave }
    };
    let Ok(document) = Document::parse(body, json::MAX_DEPTH, &mut classify) else {
        return Ok(None);
    };
    let judged = match output.document(&document, counts)? {
        None => body.clone(),
        Some(judged) => {
            let moved = cited::follow(endpoint, body, judged);
            without_logprobs(endpoint, moved.to_vec()).into()
        }
    };
    Ok(Some(judged))
}

/// What cannot be read passes if nothing is found in it.
fn unreadable(
    body: Bytes,
    output: &OutputGuard,
    counts: &mut Counts,
    error: Error,
) -> Result<Bytes, Error> {
    let text = String::from_utf8_lossy(&body);
    if output.text(&text, counts)?.is_some() { Err(error) } else { Ok(body) }
}

/// Puts originals back into a whole answer, as its form says. A mark of the byte order before it stays.
///
/// A JSON document, or one in each line (`application/x-jsonl`), keeps every byte but those of stand-ins; where that changes a text, the token probabilities beside
/// it (`logprobs`) become null, or empty where the API wants a list, since they cannot be told for a restored value, and
/// the offsets of citations move. Other text is restored as prose.
///
/// # Errors
/// [`Error::Malformed`] for broken JSON and [`Error::Unrestorable`] for what is no text, if a stand-in is in it. Without
/// one such answers pass as they came.
pub fn restore_body(
    endpoint: Endpoint,
    expected: Expected,
    form: BodyForm,
    body: Bytes,
    restorer: &Restorer,
    documents: &Documents,
) -> Result<Bytes, Error> {
    if (restorer.is_empty() && documents.is_empty()) || body.is_empty() {
        return Ok(body);
    }
    let (mark, text) = behind_mark(body.clone());
    let restored = match form {
        BodyForm::Json => restore_json(endpoint, expected, &text, restorer, documents),
        BodyForm::Lines => {
            restore_lines(&text, |line| restore_json(endpoint, expected, line, restorer, documents))
        }
        BodyForm::SeemingLines => restore_lines(&text, |line| {
            let restored = restore_json(endpoint, expected, line, restorer, documents);
            restored.or_else(|_| restore_text(line, restorer))
        }),
        BodyForm::Text => restore_text(&text, restorer),
    };
    match restored {
        Ok(Cow::Borrowed(_)) => Ok(body),
        Ok(Cow::Owned(restored)) => Ok(with_mark(mark, restored.into())),
        Err(error) if restorer.occurs_in(&body) => Err(error),
        Err(_) => Ok(body),
    }
}

fn restore_json<'b>(
    endpoint: Endpoint,
    expected: Expected,
    body: &'b [u8],
    restorer: &Restorer,
    documents: &Documents,
) -> Result<Cow<'b, [u8]>, Error> {
    let outline = match endpoint.dialect() {
        Dialect::Responses => responses::answer::Outline::read(body),
        Dialect::Chat | Dialect::Messages | Dialect::Unlisted => {
            responses::answer::Outline::default()
        }
    };
    let expected =
        Expected { json_content: expected.json_content || outline.json_content, ..expected };
    let mut context = |path: &[json::Step<'_>]| {
        let reasoning = outline.is_reasoning(path).then_some(Carrier::Reasoning);
        if expected.keeps(carrier::at(endpoint.dialect(), path).or(reasoning)) {
            return None;
        }
        let context = endpoint.response_context(path, expected)?;
        let is_text = matches!(path.last(), Some(json::Step::Key(name)) if name == "text");
        let prose = is_text && outline.is_reasoning(path);
        Some(if prose { Context::Prose } else { context })
    };
    let moved = cited::move_offsets(endpoint, body, restorer, documents, &mut context);
    let restored = restore_document(&moved, restorer, json::MAX_DEPTH, &mut context)
        .map_err(|_| Error::Malformed)?;
    match restored {
        Cow::Owned(restored) => Ok(Cow::Owned(without_logprobs(endpoint, restored))),
        Cow::Borrowed(_) => Ok(moved),
    }
}

/// Each line is a document of its own. An empty one stays, and so does one in which nothing is restored.
fn restore_lines<'b>(
    body: &'b [u8],
    restore: impl Fn(&'b [u8]) -> Result<Cow<'b, [u8]>, Error>,
) -> Result<Cow<'b, [u8]>, Error> {
    let (mut restored, mut copied, mut end) = (Vec::new(), 0, 0);
    for line in lines(body) {
        let start = end;
        end += line.len();
        if line.trim_ascii().is_empty() {
            continue;
        }
        if let Cow::Owned(new) = restore(line)? {
            restored.extend_from_slice(&body[copied..start]);
            restored.extend_from_slice(&new);
            copied = end;
        }
    }
    if copied == 0 {
        return Ok(Cow::Borrowed(body));
    }
    restored.extend_from_slice(&body[copied..]);
    Ok(Cow::Owned(restored))
}

fn restore_text<'b>(body: &'b [u8], restorer: &Restorer) -> Result<Cow<'b, [u8]>, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::Unrestorable)?;
    Ok(match restorer.restore(text, Context::Prose) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    })
}

fn without_logprobs(endpoint: Endpoint, body: Vec<u8>) -> Vec<u8> {
    // Made once: to prepare a search takes longer than to search a short body.
    static LOGPROBS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("logprobs"));
    if LOGPROBS.find(&body).is_none() {
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
    let edits = keys.into_iter().filter_map(|end| splice::value_edit(&text, end, blank)).collect();
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
    use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};

    fn restorer() -> Restorer {
        let original = Sensitive::new("ann \"a\" @example.org");
        Mapping::from_pairs([("[EMAIL_1]".to_owned(), original)]).restorer()
    }

    fn restore(media: &str, body: &str) -> Result<String, Error> {
        restore_of(Endpoint::ChatCompletions, media, body, &Documents::default())
    }

    fn restore_of(
        endpoint: Endpoint,
        media: &str,
        body: &str,
        documents: &Documents,
    ) -> Result<String, Error> {
        let mut headers = HeaderMap::new();
        if !media.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::try_from(media).unwrap());
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        let (expected, form) = (Expected::default(), BodyForm::of(&headers, &body));
        let restored = restore_body(endpoint, expected, form, body, &restorer(), documents)?;
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

    /// Servers in Python write them, such as for the probability of a token that cannot come, and clients in Python read them.
    #[test]
    fn numbers_that_are_none_are_no_fault_of_an_answer() {
        let body =
            r#"{"choices":[{"message":{"content":"[EMAIL_1]"},"score":[NaN,-Infinity,Infinity]}]}"#;
        let expected = body.replace("[EMAIL_1]", "ann \\\"a\\\" @example.org");
        assert_eq!(restore("application/json", body).unwrap(), expected);
    }

    #[test]
    fn lines_of_json_are_restored_one_by_one() {
        let body = "{\"a\":\"[EMAIL_1]\"}\r\n\n{\"b\":1.0}\n{\"c\":\"[EMAIL_1]\"}";
        let expected = body.replace("[EMAIL_1]", "ann \\\"a\\\" @example.org");
        for media in ["application/x-jsonl", "application/x-ndjson; charset=utf-8"] {
            assert_eq!(restore(media, body).unwrap(), expected);
        }
        assert_eq!(restore("application/jsonl", "{}\n{ [EMAIL_1]"), Err(Error::Malformed));
        assert_eq!(restore("application/jsonl", "{}\n{ none").unwrap(), "{}\n{ none");
    }

    #[test]
    fn lines_in_which_nothing_is_restored_are_not_copied() {
        let body = Bytes::from(b"{\"a\":1}\n\n{\"b\":\"x\"}\n".to_vec());
        let restored = restore_body(
            Endpoint::ChatCompletions,
            Expected::default(),
            BodyForm::Lines,
            body.clone(),
            &restorer(),
            &Documents::default(),
        );
        assert_eq!(restored.unwrap().as_ptr(), body.as_ptr());
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
    }

    /// Files come as bytes of no type, and some servers say nothing at all.
    #[test]
    fn where_the_media_type_tells_nothing_a_body_is_restored_as_what_it_is() {
        const ANN: &str = "ann \\\"a\\\" @example.org";
        let lines = "{\"a\":\"[EMAIL_1]\"}\n\n{\"b\":\"[EMAIL_1]\"}\n";
        for media in ["", "application/octet-stream", "binary/octet-stream"] {
            assert_eq!(restore(media, lines).unwrap(), lines.replace("[EMAIL_1]", ANN), "{media}");
            let broken = "\n{\"a\":\"[EMAIL_1]\"}\n{ to [EMAIL_1]\n{}\n";
            let restored =
                "\n{\"a\":\"ann \\\"a\\\" @example.org\"}\n{ to ann \"a\" @example.org\n{}\n";
            assert_eq!(restore(media, broken).unwrap(), restored, "{media}");
            let json = "[\n{\"a\":\"[EMAIL_1]\"}]";
            assert_eq!(restore(media, json).unwrap(), json.replace("[EMAIL_1]", ANN), "{media}");
            let text = "name,mail\nAnn,[EMAIL_1]\n";
            let restored = text.replace("[EMAIL_1]", "ann \"a\" @example.org");
            assert_eq!(restore(media, text).unwrap(), restored, "{media}");
        }
    }

    #[test]
    fn what_is_no_text_passes_unless_a_stand_in_is_in_it() {
        for (body, expected) in [
            (&b"\xff\xd8\xff [EMAIL_2]"[..], Ok(())),
            (b"\xff\xd8\xff [EMAIL_1]", Err(Error::Unrestorable)),
        ] {
            let headers = HeaderMap::from_iter([(
                CONTENT_TYPE,
                HeaderValue::from_static("application/octet-stream"),
            )]);
            let body = Bytes::from_static(body);
            let (endpoint, documents) = (Endpoint::Unlisted, Documents::default());
            let expected_of = Expected::default();
            let restored = restore_body(
                endpoint,
                expected_of,
                BodyForm::of(&headers, &body),
                body.clone(),
                &restorer(),
                &documents,
            );
            assert_eq!(restored, expected.map(|()| body));
        }
    }

    #[test]
    fn a_mark_of_the_byte_order_stays_before_what_is_read() {
        for (media, body) in [
            ("application/json", "\u{feff}{\"a\":\"[EMAIL_1]\"}"),
            ("", "\u{feff}{\"a\":\"[EMAIL_1]\"}"),
            ("application/jsonl", "\u{feff}{\"a\":\"[EMAIL_1]\"}\n{}"),
        ] {
            let expected = body.replace("[EMAIL_1]", "ann \\\"a\\\" @example.org");
            assert_eq!(restore(media, body).unwrap(), expected, "{media}");
        }
        let kept = "\u{feff}{\"a\":1}";
        assert_eq!(restore("application/json", kept).unwrap(), kept);
    }

    /// The restored answer of an endpoint.
    fn json(endpoint: Endpoint, body: &str) -> serde_json::Value {
        let restored =
            restore_of(endpoint, "application/json", body, &Documents::default()).unwrap();
        serde_json::from_str(&restored).unwrap()
    }

    #[test]
    fn responses_are_restored_item_by_item() {
        let body = r#"{"text":{"format":{"type":"json_schema"}},"instructions":"for [EMAIL_1]","output":[
            {"type":"reasoning","encrypted_content":"[EMAIL_1]","summary":[{"text":"[EMAIL_1]"}],"content":[{"text":"[EMAIL_1]"}]},
            {"type":"function_call","arguments":"{\"to\":\"[EMAIL_1]\"}"},
            {"type":"custom_tool_call","input":"[EMAIL_1]"},
            {"type":"message","content":[{"text":"{\"to\":\"[EMAIL_1]\"}","logprobs":[{"token":"["}],
                "annotations":[{"type":"url_citation","start_index":7,"end_index":16}]}]}]}"#;
        const ANN: &str = "ann \"a\" @example.org";
        for endpoint in [Endpoint::Responses, Endpoint::StoredResponse] {
            let answer = json(endpoint, body);
            let items = &answer["output"];
            let inner = |text: &serde_json::Value| -> serde_json::Value {
                serde_json::from_str(text.as_str().unwrap()).unwrap()
            };
            assert_eq!(answer["instructions"], format!("for {ANN}"));
            assert_eq!(items[0]["encrypted_content"], "[EMAIL_1]");
            assert_eq!(items[0]["summary"][0]["text"], ANN);
            assert_eq!(items[0]["content"][0]["text"], ANN, "reasoning is prose");
            assert_eq!(inner(&items[1]["arguments"])["to"], ANN);
            assert_eq!(items[2]["input"], ANN);
            let part = &items[3]["content"][0];
            assert_eq!(inner(&part["text"])["to"], ANN);
            assert_eq!(part["logprobs"], serde_json::json!([]));
            // Escaped in the text, the value is two characters longer.
            assert_eq!(part["annotations"][0]["start_index"], 7);
            assert_eq!(part["annotations"][0]["end_index"], 7 + ANN.len() + 2);
        }
    }

    #[test]
    fn citations_of_chat_answers_move_too() {
        let body = r#"{"choices":[{"message":{"annotations":[{"type":"url_citation","url_citation":
            {"start_index":10,"end_index":11}}],"content":"[EMAIL_1] x"}}]}"#;
        let answer = json(Endpoint::ChatCompletions, body);
        let citation = &answer["choices"][0]["message"]["annotations"][0]["url_citation"];
        assert_eq!((&citation["start_index"], &citation["end_index"]), (&21.into(), &22.into()));
    }

    #[test]
    fn messages_are_restored_but_for_what_is_signed() {
        let body = r#"{"content":[{"type":"thinking","thinking":"[EMAIL_1]","signature":"[EMAIL_1]"},
            {"type":"redacted_thinking","data":"[EMAIL_1]"},{"type":"text","text":"[EMAIL_1]"},
            {"type":"tool_use","input":{"thinking":"[EMAIL_1]","[EMAIL_1]":1}}]}"#;
        let answer = json(Endpoint::Messages, body);
        let blocks = &answer["content"];
        assert_eq!(blocks[0]["thinking"], "[EMAIL_1]");
        assert_eq!(blocks[0]["signature"], "[EMAIL_1]");
        assert_eq!(blocks[1]["data"], "[EMAIL_1]");
        assert_eq!(blocks[2]["text"], "ann \"a\" @example.org");
        let input =
            serde_json::json!({"thinking": "ann \"a\" @example.org", "ann \"a\" @example.org": 1});
        assert_eq!(blocks[3]["input"], input);
    }

    #[test]
    fn citations_point_into_the_callers_document() {
        let request = |text: &str| {
            serde_json::json!({"messages": [{"content": [{"type": "document", "citations": {"enabled": true},
                "source": {"type": "text", "data": text}}]}]})
            .to_string()
        };
        let (came, sent) = (request("ann \"a\" @example.org x"), request("[EMAIL_1] x"));
        let documents = Endpoint::Messages.documents(came.as_bytes(), sent.as_bytes(), &restorer());
        let body = r#"{"content":[{"type":"text","text":"x","citations":[{"type":"char_location","cited_text":"x",
            "start_char_index":10,"end_char_index":11,"document_index":0}]}]}"#;
        let restored =
            restore_of(Endpoint::Messages, "application/json", body, &documents).unwrap();
        assert_eq!(restored, body.replace(":10,", ":21,").replace(":11,", ":22,"));
        let event = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\
                     \"citations_delta\",\"citation\":{\"start_char_index\":10,\"end_char_index\":11,\"document_index\":0}}}\n\n";
        let mut stream =
            crate::wire::EventStream::new(Endpoint::Messages, Expected::default(), restorer())
                .citing(documents);
        let mut out = Vec::new();
        stream.push(event.as_bytes(), &mut out).unwrap();
        let expected = event.replace(":10,", ":21,").replace(":11,", ":22,");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
