//! What holds for every text.

use super::{super::judged::Surroundings, *};
use crate::json::{self, MAX_DEPTH};
use bytes::Bytes;
use proptest::{collection::vec, prelude::*, sample::select};

/// Pieces of texts that are hard: brackets, backslashes, look-alikes, words beside values.
fn noise() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(vec![
            "[", "]", "\\", "_", "1", "2", " ", "PERSON", "PERSON_1", "[PERSON_1]", "[person 2]", "\\[PERSON\\_1\\]", "[PERSON_",
            "EMAIL_1", "ID-1", "##ID-1##", "user1", "<Kunde 1>", "<", ">", "é", "“", "-", "x", "\"", "\n", "{", "}", "%5B", "%5D", "&#91;", "&#93;", "［", "］", "%", "&", "😀",
            "\\n", "\\u", "\\u005b", "\\u005D", "\\\\u0041", "\\u0031", "\\ud83d\\ude00",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,6}",
        1 => any::<String>(),
    ]
}

/// Text and value by turns.
fn parts() -> impl Strategy<Value = Vec<(String, &'static str, String)>> {
    let kind = select(vec![
        "PERSON",
        "EMAIL_ADDRESS",
        "NUMBERED",
        "PLAIN",
        "KUNDE",
        "SURROGATE",
        "SEALED",
        "URL",
    ]);
    let value = prop_oneof![
        Just("Bo".to_owned()),
        Just("[PERSON_1]".to_owned()),
        "[a-zA-Z0-9 @.\"\\\\\n]{1,12}"
    ];
    vec((noise(), kind, value), 0..8)
}

fn operators() -> Operators {
    Operators::new()
        .with(entity("NUMBERED"), template("##ID-{i}##"))
        .with(entity("PLAIN"), template("user{i}"))
        .with(entity("KUNDE"), template("<Kunde_{i}>"))
        .with(entity("SURROGATE"), Operator::Surrogate)
        .with(entity("URL"), Operator::Surrogate)
        .with(entity("SEALED"), Operator::Encrypt)
}

fn build(parts: &[(String, &str, String)]) -> (String, Vec<Finding>) {
    let mut text = String::new();
    let mut places = Vec::new();
    for (noise, name, value) in parts {
        text.push_str(noise);
        places.push((*name, text.len(), text.len() + value.len()));
        text.push_str(value);
    }
    let findings =
        places.into_iter().map(|(name, start, end)| finding(&text, name, start, end)).collect();
    (text, findings)
}

fn in_pieces(restorer: &Restorer, text: &str, cuts: &[usize], context: Context) -> (String, usize) {
    let (mut out, mut stream, mut done, mut most) = (String::new(), restorer.stream(context), 0, 0);
    let mut cuts: Vec<usize> = cuts
        .iter()
        .map(|cut| cut % (text.len() + 1))
        .filter(|cut| text.is_char_boundary(*cut))
        .collect();
    cuts.sort_unstable();
    for cut in cuts {
        stream.push(&text[done..cut], &mut out);
        most = most.max(stream.held());
        done = cut;
    }
    stream.push(&text[done..], &mut out);
    stream.finish(&mut out);
    (out, most)
}

/// Such a text is restored as JSON, so it comes back as it was only if it is JSON to its end.
fn begins_as_json(text: &str) -> bool {
    Surroundings::of(Context::Prose).is_json(text) == Some(true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn restoring_undoes_redacting(parts in parts(), end in noise()) {
        let (mut text, findings) = build(&parts);
        text.push_str(&end);
        prop_assume!(!begins_as_json(&text));
        let mut mapping = Mapping::new();
        let (redacted, spans) = redact_text(&text, &findings, &operators(), &keys(), &mut mapping);
        prop_assert_eq!(spans.len(), findings.len());
        prop_assert_eq!(mapping.restorer().restore(&redacted, Context::Prose), text);
    }

    #[test]
    fn every_split_of_a_stream_gives_the_whole_result(
        parts in parts(), noise in vec(noise(), 0..8), cuts in vec(any::<usize>(), 0..24), json in any::<bool>(),
    ) {
        let (text, findings) = build(&parts);
        let mut mapping = Mapping::new();
        let (mut redacted, _) = redact_text(&text, &findings, &operators(), &keys(), &mut mapping);
        redacted.extend(noise);
        let context = if json { Context::JsonText } else { Context::Prose };
        let restorer = mapping.restorer();
        let whole = restorer.restore(&redacted, context);
        let (pieces, most) = in_pieces(&restorer, &redacted, &cuts, context);
        prop_assert_eq!(pieces, whole);
        let longest = mapping.pairs().iter().map(|(stand_in, _)| stand_in.len()).max().unwrap_or(0);
        // An escape takes six bytes and more.
        prop_assert!(most <= longest.max(160) * 7 + 3, "held {} bytes", most);
    }

    #[test]
    fn restoring_json_text_gives_json_with_the_same_values(texts in vec(any::<String>(), 1..5), value in any::<String>()) {
        prop_assume!(!value.is_empty());
        let mut mapping = Mapping::new();
        for text in &texts {
            mapping.reserve_literals(text);
        }
        let (stand_in, _) = redact_text(&value, &[finding(&value, "PERSON", 0, value.len())], &operators(), &keys(), &mut mapping);
        let quoted = |last: &str| {
            let mut out = String::from("[");
            for text in texts.iter().map(String::as_str).chain([last]) {
                out.push('"');
                json::encode_into(text, &mut out);
                out.push_str("\",");
            }
            out.pop();
            out + "]"
        };
        let restored = mapping.restorer().restore(&quoted(&stand_in), Context::JsonText).into_owned();
        prop_assert_eq!(restored, quoted(&value));
    }

    #[test]
    fn restoring_a_document_undoes_redacting_it(noise in vec(noise(), 1..6), value in "[a-zA-Z@.\"\\\\\n]{1,9}", levels in 0usize..3) {
        prop_assume!(!noise.iter().any(|text| begins_as_json(text) || text.contains("«#")));
        let mut body = String::from("{\"k\":[");
        for text in &noise {
            body.push('"');
            json::encode_into(&format!("{text}«#{value}»"), &mut body);
            body.push_str("\",");
        }
        body.push_str("12345678]}");
        for _ in 0..levels {
            let inner = std::mem::take(&mut body);
            body.push_str("[\"");
            json::encode_into(&inner, &mut body);
            body.push_str("\"]");
        }
        let bytes = Bytes::from(body.clone());
        let document = Document::parse(&bytes, MAX_DEPTH, &mut |_, _| Treatment::Guard).expect("is JSON");
        let findings = super::document::find(&document, &[&format!("«#{value}»")]);
        let mut mapping = Mapping::new();
        let redacted = document.redact(&findings, &Operators::new(), &keys(), &mut mapping);
        prop_assert!(!redacted.as_str().contains("«#"));
        let mut restored = redacted.as_str().to_owned();
        let restorer = mapping.restorer();
        // From the inside out: what lies in strings is put back as JSON once for each level.
        if levels < 2 {
            let context = if levels == 0 { Context::Prose } else { Context::JsonText };
            let bytes = restore_document(restored.as_bytes(), &restorer, MAX_DEPTH, &mut |_| Some(context)).expect("is JSON");
            restored = String::from_utf8(bytes.into_owned()).expect("UTF-8");
            prop_assert_eq!(restored, body);
        } else {
            let walked = json::walk(redacted.as_str().as_bytes(), MAX_DEPTH, &mut |_, _| {});
            prop_assert_eq!(walked, Ok(()));
        }
    }

    #[test]
    fn kept_mappings_are_read_back_and_nothing_else_is(parts in parts(), at in any::<usize>(), b in any::<u8>()) {
        let (text, findings) = build(&parts);
        let mut mapping = Mapping::new();
        redact_text(&text, &findings, &operators(), &keys(), &mut mapping);
        let mut bytes = mapping.encode();
        let kept = Mapping::decode(&bytes).expect("decodes");
        prop_assert_eq!(kept.pairs(), mapping.pairs());
        let at = at % bytes.len();
        bytes[at] = b;
        if let Ok(other) = Mapping::decode(&bytes) {
            let _ = other.restorer().restore(&text, Context::Prose);
        }
    }

    #[test]
    fn any_target_is_read(path in "[/a%0-9F+é]{0,20}", query in "[a=&%0-9F+é]{0,30}") {
        let target = Target::parse(&path, Some(&query));
        let whole: Vec<Vec<Finding>> =
            target.texts().iter().map(|text| vec![finding(text.text, "PERSON", 0, text.text.len())]).collect();
        let untouched = target.redact(&[], &Operators::new(), &keys(), &mut Mapping::new());
        prop_assert_eq!(untouched.as_str(), format!("{path}?{query}"));
        target.redact(&whole, &Operators::new(), &keys(), &mut Mapping::new());
    }
}
