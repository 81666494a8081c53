//! JSON bodies.

use super::*;
use crate::json::{ErrorKind, Kind, MAX_DEPTH, Step, Token};
use bytes::Bytes;

fn guard_all(_: &[Step<'_>], _: &Token<'_>) -> Treatment {
    Treatment::Guard
}

fn parse(body: &str) -> Document {
    Document::parse(&Bytes::copy_from_slice(body.as_bytes()), MAX_DEPTH, &mut guard_all)
        .expect("is JSON")
}

pub(super) fn find(document: &Document, private: &[&str]) -> Vec<Vec<Finding>> {
    let in_text = |text: &str| -> Vec<Finding> {
        let all = private.iter().flat_map(|value| {
            text.match_indices(value)
                .map(move |(at, _)| finding(text, "PERSON", at, at + value.len()))
        });
        all.collect()
    };
    document.texts().iter().map(|text| in_text(text.text)).collect()
}

fn redact_body(body: &str, private: &[&str]) -> (String, Mapping) {
    let document = parse(body);
    let mut mapping = Mapping::new();
    let redacted =
        document.redact(&find(&document, private), &Operators::new(), &keys(), &mut mapping);
    (redacted.as_str().to_owned(), mapping)
}

#[track_caller]
fn check(body: &str, private: &[&str], wanted: &str) {
    assert_eq!(redact_body(body, private).0, wanted);
}

#[test]
fn only_the_bytes_of_findings_change() {
    check(
        " {\"a\" :\t\"x Bo\\u0020\\/y\" , \"n\":1.50e+1,\"a\":\"Bo\"}\n",
        &["Bo"],
        " {\"a\" :\t\"x [PERSON_1]\\u0020\\/y\" , \"n\":1.50e+1,\"a\":\"[PERSON_1]\"}\n",
    );
    let untouched = r#"{"k":[1,2.0,"\u00e9",{"":null}],"k":true}"#;
    check(untouched, &["Bo"], untouched);
}

#[test]
fn escapes_and_keys_hide_nothing() {
    check(
        r#"{"\u0042o":"B\u006f \ud83d\ude00Bo"}"#,
        &["Bo"],
        r#"{"[PERSON_1]":"[PERSON_1] \ud83d\ude00[PERSON_1]"}"#,
    );
}

#[test]
fn json_inside_of_strings_is_opened_at_every_level() {
    let body = r#"{"arguments":"{\"to\": \"a\\u0040b.example\", \"deep\": \"[\\\"a@b.example\\\", 7]\"}"}"#;
    let wanted =
        r#"{"arguments":"{\"to\": \"[PERSON_1]\", \"deep\": \"[\\\"[PERSON_1]\\\", 7]\"}"}"#;
    check(body, &["a@b.example"], wanted);
}

#[test]
fn text_that_only_begins_like_json_is_text() {
    check(
        r#"["{not json Bo", "[1] Bo", "{Bo}"]"#,
        &["Bo"],
        r#"["{not json [PERSON_1]", "[1] [PERSON_1]", "{[PERSON_1]}"]"#,
    );
}

#[test]
fn numbering_follows_the_document() {
    check(
        r#"["a","{\"x\":\"b\"}","c"]"#,
        &["a", "b", "c"],
        r#"["[PERSON_1]","{\"x\":\"[PERSON_2]\"}","[PERSON_3]"]"#,
    );
}

#[test]
fn long_numbers_become_strings_when_found() {
    let private = &["4111111111111111", "5550143"];
    check(
        "[4111111111111111, 4.111111111111111e15, 5550143.25, 12]",
        private,
        r#"["[PERSON_1]", "[PERSON_1]", "[PERSON_2].25", 12]"#,
    );
    let (inner, _) = redact_body(r#"["{\"n\": 4111111111111111}"]"#, private);
    assert_eq!(inner, r#"["{\"n\": \"[PERSON_1]\"}"]"#);
}

#[test]
fn a_number_in_a_string_stays_a_string() {
    check(r#"{"card":"4111111111111111"}"#, &["4111111111111111"], r#"{"card":"[PERSON_1]"}"#);
}

#[test]
fn short_numbers_and_empty_strings_are_no_texts() {
    assert_eq!(parse(r#"[123456, -1.5, "", 1e300, 1e9, true]"#).texts().len(), 1);
}

#[test]
fn short_numbers_are_texts_by_the_name_that_is_nearest_to_each() {
    let document = parse(
        r#"{"pin":[[{"a":1}],[[2]],3],"a":[4,[5],{"pin":6},7],"pins":{"values":[8,true,null]},"cvv":{"values":[9,10]}}"#,
    );
    let numbers = document.texts().into_iter().map(|it| it.text.to_owned());
    let numbers: Vec<_> = numbers.filter(|it| it.parse::<u32>().is_ok()).collect();
    assert_eq!(numbers, ["2", "3", "6", "9", "10"]);
}

#[test]
fn labels_are_the_nearest_telling_key() {
    let document = parse(
        r#"{"messages":[{"content":"a","ssn":["b",{"value":"c"}]}],"args":"{\"x\":[\"d\"],\"content\":\"e\"}","ids":"[\"f\"]"}"#,
    );
    let labels: Vec<_> = document
        .texts()
        .iter()
        .filter(|t| t.text.len() == 1 && t.text != "x")
        .map(|t| t.label.map(str::to_owned))
        .collect();
    let wanted = [None, Some("ssn"), Some("ssn"), Some("x"), None, Some("ids")];
    assert_eq!(labels, wanted.map(|label| label.map(str::to_owned)));
    // The label of a name is that of what it stands in.
    let document = parse(r#"{"ssn":{"pin":"c"}}"#);
    let labels: Vec<_> = document.texts().iter().map(|it| it.label.map(str::to_owned)).collect();
    assert_eq!(labels, [None, Some("ssn"), Some("pin")].map(|label| label.map(str::to_owned)));
}

#[test]
fn treatments_are_followed() {
    let body = Bytes::from_static(
        br#"{"model":"Bo [PERSON_1]","image":"Bo","text":"Bo","number":1234567}"#,
    );
    let mut classify = |path: &[Step<'_>], token: &Token<'_>| match (path.last(), token.kind()) {
        (Some(Step::Key(key)), Kind::String) if key == "model" => Treatment::Leave,
        (Some(Step::Key(key)), Kind::String) if key == "image" => Treatment::Unscannable("image"),
        (_, Kind::Number) => Treatment::Leave,
        _ => Treatment::Guard,
    };
    let document = Document::parse(&body, MAX_DEPTH, &mut classify).expect("is JSON");
    assert_eq!(document.unscannable(), ["image"]);
    assert_eq!(document.texts().len(), 5);
    let mut mapping = Mapping::new();
    let redacted =
        document.redact(&find(&document, &["Bo"]), &Operators::new(), &keys(), &mut mapping);
    assert_eq!(
        redacted.as_str(),
        r#"{"model":"Bo [PERSON_1]","image":"Bo","text":"[PERSON_2]","number":1234567}"#
    );
}

#[test]
fn what_stays_though_it_is_looked_at_is_kept_apart() {
    let body = Bytes::from_static(
        br#"{"url":"http://x.example/[PERSON_1]?Bo","odd":"Bo?","parts":[{"thinking":"Bo"},{"thinking":"Al"}]}"#,
    );
    let mut classify = |path: &[Step<'_>], token: &Token<'_>| match (path.last(), token.kind()) {
        (Some(Step::Key(key)), Kind::String) if key == "url" => Treatment::Referenced("image"),
        (Some(Step::Key(key)), Kind::String) if key == "odd" => Treatment::Unclear("file"),
        (Some(Step::Key(key)), Kind::String) if key == "thinking" => Treatment::Signed,
        _ => Treatment::Guard,
    };
    let document = Document::parse(&body, MAX_DEPTH, &mut classify).expect("is JSON");
    assert_eq!(document.unscannable(), ["image", "file"]);
    assert_eq!(document.references()[0].text, "http://x.example/[PERSON_1]?Bo");
    let blocks = [0, 1, 2].map(|nth| document.signed_block(nth));
    assert_eq!(blocks, [Some("parts.0"), Some("parts.1"), None]);
    let found = find(&document, &["Bo"]);
    let redacted = document.redact(&found, &Operators::new(), &keys(), &mut Mapping::new());
    // What is not certain is replaced, by a number that the URL does not have.
    let wanted = String::from_utf8_lossy(&body).replace(r#""Bo?""#, r#""[PERSON_2]?""#);
    assert_eq!(redacted.as_str(), wanted);
}

#[test]
fn text_in_base64_is_redacted_inside_and_in_its_turn() {
    let mut classify = |path: &[Step<'_>], token: &Token<'_>| match (path.last(), token.kind()) {
        (Some(Step::Key(key)), Kind::String) if key == "data" => Treatment::Coded("file"),
        _ => Treatment::Guard,
    };
    // "Hi Bo", then {"a":"Bo \"Al\""} in a data URL, then what is no text.
    let body = Bytes::from_static(
        br#"{"x":"Al","b":[{"data":"SGkgQm8="},{"data":"data:application\/json;base64,eyJhIjoiQm8gXCJBbFwiIn0="}],"y":"Cy","c":{"data":"AAECAw=="}}"#,
    );
    let document = Document::parse(&body, MAX_DEPTH, &mut classify).expect("is JSON");
    assert_eq!(document.unscannable(), ["file"]);
    let mut mapping = Mapping::new();
    let found = find(&document, &["Al", "Bo", "Cy"]);
    let redacted = document.redact(&found, &Operators::new(), &keys(), &mut mapping);
    // "Hi [PERSON_2]", and {"a":"[PERSON_2] \"[PERSON_1]\""}.
    assert_eq!(
        redacted.as_str(),
        r#"{"x":"[PERSON_1]","b":[{"data":"SGkgW1BFUlNPTl8yXQ=="},{"data":"data:application/json;base64,eyJhIjoiW1BFUlNPTl8yXSBcIltQRVJTT05fMV1cIiJ9"}],"y":"[PERSON_3]","c":{"data":"AAECAw=="}}"#
    );
    let untouched = document.redact(&[], &Operators::new(), &keys(), &mut Mapping::new());
    assert_eq!(untouched.as_bytes(), &body);
}

#[test]
fn signed_texts_stay_and_their_stand_ins_count() {
    let body = Bytes::from_static(br#"{"thinking":"Bo is [PERSON_1]","text":"Bo"}"#);
    let mut classify = |path: &[Step<'_>], token: &Token<'_>| match (path.last(), token.kind()) {
        (Some(Step::Key(key)), Kind::String) if key == "thinking" => Treatment::Signed,
        _ => Treatment::Guard,
    };
    let document = Document::parse(&body, MAX_DEPTH, &mut classify).expect("is JSON");
    assert_eq!(document.signed_texts()[0].text, "Bo is [PERSON_1]");
    let mut mapping = Mapping::new();
    let redacted =
        document.redact(&find(&document, &["Bo"]), &Operators::new(), &keys(), &mut mapping);
    assert_eq!(redacted.as_str(), r#"{"thinking":"Bo is [PERSON_1]","text":"[PERSON_1]"}"#);
}

/// What the model has read cannot change: what it called `[PERSON_1]` is that again when the history is sent once more.
#[test]
fn a_look_alike_that_is_written_after_a_signed_text_moves_no_number_in_it() {
    let mut classify = |path: &[Step<'_>], token: &Token<'_>| match (path.last(), token.kind()) {
        (Some(Step::Key(key)), Kind::String) if key == "thinking" => Treatment::Signed,
        _ => Treatment::Guard,
    };
    for (body, expected) in [
        // Written later, it is the stand-in that its writer has seen.
        (
            r#"{"messages":["Bo",{"thinking":"[PERSON_1] asks"},"who is [PERSON_1]?"]}"#,
            r#"{"messages":["[PERSON_1]",{"thinking":"[PERSON_1] asks"},"who is [PERSON_1]?"]}"#,
        ),
        (
            r#"{"messages":["Bo",{"thinking":"[PERSON_1] asks"},"is person_1 PERSON_1?"]}"#,
            r#"{"messages":["[PERSON_1]",{"thinking":"[PERSON_1] asks"},"is person_1 PERSON_1?"]}"#,
        ),
        // The model had read these as they are: Bo was not called so.
        (
            r#"{"messages":["[PERSON_1] Bo",{"thinking":"[PERSON_1]?"},"[PERSON_1]"]}"#,
            r#"{"messages":["[PERSON_1] [PERSON_2]",{"thinking":"[PERSON_1]?"},"[PERSON_1]"]}"#,
        ),
        (
            r#"{"messages":["Bo",{"thinking":"[PERSON_1]?"}],"system":"say [PERSON_1]"}"#,
            r#"{"messages":["[PERSON_2]",{"thinking":"[PERSON_1]?"}],"system":"say [PERSON_1]"}"#,
        ),
        // Nor by a name, or written as in a URL.
        (
            r#"{"messages":[{"[PERSON_1]":"Bo"},{"thinking":"[PERSON_1]?"},"[PERSON_1]"]}"#,
            r#"{"messages":[{"[PERSON_1]":"[PERSON_2]"},{"thinking":"[PERSON_1]?"},"[PERSON_1]"]}"#,
        ),
        (
            r#"{"messages":["%5BPERSON_1%5D Bo",{"thinking":"[PERSON_1]?"},"[PERSON_1]"]}"#,
            r#"{"messages":["%5BPERSON_1%5D [PERSON_2]",{"thinking":"[PERSON_1]?"},"[PERSON_1]"]}"#,
        ),
        // Nothing signed has it.
        (
            r#"{"messages":["Bo",{"thinking":"hm"},"who is [PERSON_1]?"]}"#,
            r#"{"messages":["[PERSON_2]",{"thinking":"hm"},"who is [PERSON_1]?"]}"#,
        ),
    ] {
        let bytes = Bytes::copy_from_slice(body.as_bytes());
        let document = Document::parse(&bytes, MAX_DEPTH, &mut classify).expect("is JSON");
        let found = find(&document, &["Bo"]);
        let redacted = document.redact(&found, &Operators::new(), &keys(), &mut Mapping::new());
        assert_eq!(redacted.as_str(), expected);
    }
}

#[test]
fn depth_counts_through_strings() {
    let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
    let parse = |text: &str, depth| Document::parse(&bytes(text), depth, &mut guard_all);
    assert!(parse(r#"["[[\"x\"]]"]"#, 3).is_ok());
    assert!(parse(r#"["[[\"x\"]]"]"#, 2).is_err());
    assert!(parse("[[[]]]", 2).is_err());
    let of_text = |text: String| parse(&format!("[\"{text}\"]"), MAX_DEPTH);
    let kind = |text: String| of_text(text).unwrap_err().kind;
    // What opens brackets and goes on otherwise is no JSON, however deep; what closes them, or opens more than is followed, may be.
    assert!(of_text("[".repeat(200) + " Bo").is_ok());
    assert_eq!(kind("[".repeat(200) + &"]".repeat(200)), ErrorKind::TooDeepInside(MAX_DEPTH));
    assert_eq!(kind("[".repeat(100_000)), ErrorKind::TooDeepInside(MAX_DEPTH));
    // Where the text of the body begins that all of it lies in.
    let deep = "[".repeat(200) + &"]".repeat(200);
    let body = format!(r#"{{"a":1,"b":"{{\"c\":\"{deep}\"}}"}}"#);
    assert_eq!(Some(parse(&body, MAX_DEPTH).unwrap_err().offset), body.find(r#"{\"c"#));
    let mut nested = String::from("[1]");
    for _ in 0..30 {
        // Written with `\u005c`, so that each level adds little.
        let inner = nested.replace('\\', "\\u005c").replace('"', "\\u0022");
        nested = format!("[\"{inner}\"]");
    }
    assert!(parse(&nested, MAX_DEPTH).is_err());
}

#[track_caller]
fn restored(body: &str, mapping: &Mapping, context: Context) -> String {
    let bytes =
        restore_document(body.as_bytes(), &mapping.restorer(), MAX_DEPTH, &mut |_| Some(context))
            .expect("is JSON");
    String::from_utf8(bytes.into_owned()).expect("UTF-8")
}

#[test]
fn answers_are_restored_in_place() {
    let mapping = Mapping::from_pairs([("[A_1]".to_owned(), "x\"\\y".to_owned().into_sensitive())]);
    let body = r#"{"a":"\u0021[A_1]\n \[A\_1\]","b":[1.0]}"#.replace(r"\[A\_1\]", r"\\[A\\_1\\]");
    assert_eq!(
        restored(&body, &mapping, Context::Prose),
        r#"{"a":"\u0021x\"\\y\n x\"\\y","b":[1.0]}"#
    );
    let arguments = r#"{"arguments":"{\"q\":\"[A_1]\"}"}"#;
    let wanted = r#"{"arguments":"{\"q\":\"x\\\"\\\\y\"}"}"#;
    assert_eq!(restored(arguments, &mapping, Context::JsonText), wanted);
}

#[test]
fn answers_without_stand_ins_are_not_copied() {
    let body = br#"{"a":"[B_1]"}"#;
    let restored =
        restore_document(body, &mapping_of(&["[A_1]"]).restorer(), MAX_DEPTH, &mut |_| {
            Some(Context::Prose)
        })
        .expect("is JSON");
    assert!(matches!(restored, std::borrow::Cow::Borrowed(_)));
    assert!(
        restore_document(b"{", &mapping_of(&["[A_1]"]).restorer(), MAX_DEPTH, &mut |_| {
            Some(Context::Prose)
        })
        .is_err()
    );
}

#[test]
fn context_is_asked_by_path() {
    let mapping = Mapping::from_pairs([("[A_1]".to_owned(), "\"".to_owned().into_sensitive())]);
    let mut context = |path: &[Step<'_>]| match path.last() {
        Some(Step::Key(key)) if key == "j" => Some(Context::JsonText),
        Some(Step::Key(key)) if key == "o" => None,
        Some(_) | None => Some(Context::Prose),
    };
    let body = br#"{"j":"[A_1]","p":"[A_1]","o":"[A_1]"}"#;
    let restored =
        restore_document(body, &mapping.restorer(), MAX_DEPTH, &mut context).expect("is JSON");
    assert_eq!(&*restored, br#"{"j":"\\\"","p":"\"","o":"[A_1]"}"#);
}

#[test]
fn a_short_number_is_read_under_a_name_that_tells_what_it_is() {
    let body = r#"{"pin":4821,"n":4821,"card":{"cvc":123},"ages":[{"age":93}],"temperature":0.7,"max":"{\"mrn\":59937}"}"#;
    let document = parse(body);
    let texts = document.texts();
    let numbers: Vec<_> = { texts.iter() }
        .filter(|text| text.text.bytes().all(|b| b.is_ascii_digit()))
        .map(|text| (text.label.unwrap(), text.text))
        .collect();
    assert_eq!(numbers, [("pin", "4821"), ("cvc", "123"), ("age", "93"), ("mrn", "59937")]);
    check(
        body,
        &["4821", "59937"],
        r#"{"pin":"[PERSON_1]","n":4821,"card":{"cvc":123},"ages":[{"age":93}],"temperature":0.7,"max":"{\"mrn\":\"[PERSON_2]\"}"}"#,
    );
}

#[test]
fn texts_that_are_parts_of_one_text_are_told() {
    let runs = |body: &str| {
        let document = parse(body);
        let texts = document.texts();
        let text = |nth: &usize| texts[*nth].text.to_owned();
        document
            .runs()
            .iter()
            .map(|run| run.iter().map(text).collect::<Vec<_>>().join("+"))
            .collect::<Vec<_>>()
    };
    let messages = r#"{"messages": [
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"text": "b", "cache_control": {"type": "x"}}, {"text": "c"}]},
        {"content": [{"text": "d"}, {"type": "image"}, {"text": "e"}, {"type": "tool_result", "content": [{"text": "f"}, {"text": "g"}]}]},
        {"content": [{"text": "h"}]}, {"text": "i"}, {"text": ""}, {"text": "j"}], "system": [{"text": "k"}, {"text": "l"}]}"#;
    assert_eq!(runs(messages), ["a+b+c", "f+g", "k+l"]);
    assert_eq!(runs(r#"[[{"text": "a"}], [{"text": "b"}]]"#), [""; 0]);
    // The second of another message is not the one behind the first of this.
    let others = r#"{"messages": [{"content": [{"text": "a"}]}, {"content": [{"type": "image"}, {"text": "b"}]}]}"#;
    assert_eq!(runs(others), [""; 0]);
    let inner = r#"{"a": "[{\"text\": \"a\"}]", "b": "[{\"text\": \"b\"}, {\"text\": \"c\"}]"}"#;
    assert_eq!(runs(inner), ["b+c"]);
}
