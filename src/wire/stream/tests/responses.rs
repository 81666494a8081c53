//! The numbered events of OpenAI's responses.

use super::*;

fn responses(input: &str) -> String {
    run(&mut stream_of(Endpoint::Responses, Expected::default()), input, &[usize::MAX]).unwrap()
}

/// Events with their names and numbers.
fn numbered(events: &[(&str, &str)]) -> String {
    let event = |(number, (kind, members)): (usize, &(&str, &str))| {
        let comma = if members.is_empty() { "" } else { "," };
        format!(
            "event: {kind}\ndata: {{\"type\":\"{kind}\",\"sequence_number\":{number}{comma}{members}}}\n\n"
        )
    };
    events.iter().enumerate().map(event).collect()
}

#[track_caller]
fn check_numbers(output: &str, n_events: usize) {
    let numbers: Vec<u64> =
        data_of(output).iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..n_events as u64).collect::<Vec<_>>(), "none missing, none new");
}

/// What the deltas of one kind say, put together as an SDK does.
fn spoken(output: &str, kind: &str, output_index: u64) -> String {
    let events = data_of(output);
    let deltas = events.iter().filter(|event| event["type"] == kind);
    let of_item = deltas.filter(|event| event["output_index"] == output_index);
    of_item.filter_map(|event| event["delta"].as_str()).collect()
}

const DELTA: &str = "response.output_text.delta";

#[test]
fn an_event_that_may_end_in_a_stand_in_waits_for_the_next() {
    let input = numbered(&[
        (DELTA, r#""output_index":0,"content_index":0,"delta":"to [EM""#),
        (DELTA, r#""output_index":0,"content_index":0,"delta":"AIL_1]!""#),
        (
            "response.output_text.done",
            r#""output_index":0,"content_index":0,"text":"to [EMAIL_1]!""#,
        ),
    ]);
    let mut stream = stream_of(Endpoint::Responses, Expected::default());
    let mut out = Vec::new();
    let first = input.find("\n\n").unwrap() + 2;
    stream.push(&input.as_bytes()[..first], &mut out).unwrap();
    assert!(out.is_empty());
    stream.push(&input.as_bytes()[first..], &mut out).unwrap();
    stream.finish(&mut out).unwrap();
    let output = String::from_utf8(out).unwrap();
    check_numbers(&output, 3);
    let deltas: Vec<Value> =
        data_of(&output).into_iter().map(|event| event["delta"].clone()).collect();
    assert_eq!(deltas[..2], [Value::from("to "), format!("{ANN}!").into()]);
    assert_eq!(data_of(&output)[2]["text"], format!("to {ANN}!"));
}

#[test]
fn the_rest_of_a_text_that_ends_stands_in_its_last_delta() {
    let input = numbered(&[
        (DELTA, r#""output_index":0,"content_index":0,"delta":"see [EM""#),
        ("response.output_text.done", r#""output_index":0,"content_index":0,"text":"see [EM""#),
        ("response.completed", r#""response":{"output":[]}"#),
    ]);
    assert_eq!(responses(&input), input);
}

#[test]
fn all_that_comes_after_a_waiting_event_keeps_its_place() {
    let input = numbered(&[
        (DELTA, r#""output_index":0,"content_index":0,"delta":"a [PER""#),
        (DELTA, r#""output_index":1,"content_index":0,"delta":"b [EMAIL""#),
        ("response.web_search_call.searching", r#""output_index":2"#),
        (DELTA, r#""output_index":1,"content_index":0,"delta":"_1]""#),
        (DELTA, r#""output_index":0,"content_index":0,"delta":"SON_1]""#),
        ("response.incomplete", r#""response":{}"#),
    ]);
    let output = responses(&input);
    check_numbers(&output, 6);
    assert_eq!(spoken(&output, DELTA, 0), "a Ann");
    assert_eq!(spoken(&output, DELTA, 1), format!("b {ANN}"));
}

#[test]
fn every_family_of_texts_is_restored_and_agrees_with_its_end() {
    for (family, done, index) in [
        ("output_text", "text", "content_index"),
        ("refusal", "refusal", "content_index"),
        ("reasoning_text", "text", "content_index"),
        ("reasoning_summary_text", "text", "summary_index"),
        ("function_call_arguments", "arguments", "item_id"),
        ("mcp_call_arguments", "arguments", "item_id"),
        ("custom_tool_call_input", "input", "item_id"),
        ("code_interpreter_call_code", "code", "item_id"),
        ("shell_call_command", "command", "command_index"),
        ("audio.transcript", "transcript", "item_id"),
        ("some_new_thing", "text", "item_id"),
    ] {
        let at = if index == "item_id" {
            r#""item_id":"i","output_index":4"#.to_owned()
        } else {
            format!("\"output_index\":4,\"{index}\":2")
        };
        let delta = format!("response.{family}.delta");
        let text = r#"{\"to\":\"[EMAIL_1]\"} [PER"#;
        let pieces = [r#"{\"to\":\"[EM"#, r#"AIL_1"#, r#"]\"} [PER"#];
        let members: Vec<String> =
            pieces.iter().map(|piece| format!("\"delta\":\"{piece}\",{at}")).collect();
        let mut events: Vec<(&str, &str)> =
            members.iter().map(|members| (&*delta, &**members)).collect();
        let (end, end_members) =
            (format!("response.{family}.done"), format!("\"{done}\":\"{text}\",{at}"));
        events.push((&end, &end_members));
        let output = responses(&numbered(&events));
        check_numbers(&output, 4);
        let is_arguments = family.ends_with("arguments");
        let context = if is_arguments { Context::JsonText } else { Context::Prose };
        let expected = restorer().restore("{\"to\":\"[EMAIL_1]\"} [PER", context).into_owned();
        assert_eq!(spoken(&output, &delta, 4), expected, "{family}");
        assert_eq!(data_of(&output)[3][done], expected, "{family}");
    }
}

#[test]
fn shell_output_streams_in_two_texts() {
    let kind = "response.shell_call_output_content.delta";
    let input = numbered(&[
        (kind, r#""output_index":0,"command_index":0,"delta":{"stdout":"[PER","stderr":"[EM"}"#),
        (kind, r#""output_index":0,"command_index":0,"delta":{"stdout":"SON_1]","stderr":""}"#),
        (
            "response.shell_call_output_content.done",
            r#""output_index":0,"command_index":0,"output":[{"stdout":"[PERSON_1]","stderr":"[EM"}]"#,
        ),
    ]);
    let output = responses(&input);
    check_numbers(&output, 3);
    let events = data_of(&output);
    let said = |name: &str| -> String {
        events.iter().filter_map(|event| event["delta"][name].as_str()).collect()
    };
    assert_eq!((said("stdout"), said("stderr")), ("Ann".to_owned(), "[EM".to_owned()));
    assert_eq!(events[2]["output"][0]["stdout"], "Ann");
}

#[test]
fn items_parts_and_responses_are_restored_in_context() {
    let item = r#"{"type":"function_call","arguments":"{\"to\":\"[EMAIL_1]\"}","name":"f","encrypted_content":"[PERSON_1]"}"#;
    let input = numbered(&[
        ("response.output_item.done", &format!("\"output_index\":0,\"item\":{item}")),
        (
            "response.content_part.done",
            r#""part":{"type":"output_text","text":"[PERSON_1]","logprobs":[{"token":"[PERSON_1]"}]}"#,
        ),
        (
            "response.completed",
            &format!("\"response\":{{\"instructions\":\"for [PERSON_1]\",\"output\":[{item}]}}"),
        ),
    ]);
    let events = data_of(&responses(&input));
    for item in [&events[0]["item"], &events[2]["response"]["output"][0]] {
        let arguments: Value = serde_json::from_str(item["arguments"].as_str().unwrap()).unwrap();
        assert_eq!(arguments["to"], ANN);
        assert_eq!(item["encrypted_content"], "[PERSON_1]");
    }
    assert_eq!(
        events[1]["part"],
        serde_json::json!({"type": "output_text", "text": "Ann", "logprobs": []})
    );
    assert_eq!(events[2]["response"]["instructions"], "for Ann");
}

#[test]
fn the_response_itself_tells_that_its_text_is_json() {
    let input = numbered(&[
        ("response.created", r#""response":{"text":{"format":{"type":"json_schema"}}}"#),
        (DELTA, r#""output_index":1,"content_index":0,"delta":"{\"to\":\"[EMAIL_1]\"}""#),
        ("response.output_text.done", r#""output_index":1,"content_index":0,"text":"{\"to\":\"[EMAIL_1]\"}""#),
        (
            "response.completed",
            r#""response":{"output":[{"type":"reasoning","content":[{"type":"reasoning_text","text":"[EMAIL_1]"}]},
                {"type":"message","content":[{"type":"output_text","text":"{\"to\":\"[EMAIL_1]\"}"}]}]}"#,
        ),
    ].map(|(kind, members)| (kind, members)));
    let input = input.replace("\n                ", "");
    let output = responses(&input);
    let events = data_of(&output);
    let output_items = &events[3]["response"]["output"];
    for text in [
        spoken(&output, DELTA, 1),
        events[2]["text"].as_str().unwrap().to_owned(),
        output_items[1]["content"][0]["text"].as_str().unwrap().to_owned(),
    ] {
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["to"], ANN);
    }
    assert_eq!(output_items[0]["content"][0]["text"], ANN);
}

#[test]
fn citations_move_with_the_text() {
    let part = |text: &str| {
        format!(
            "{{\"type\":\"output_text\",\"annotations\":[{{\"type\":\"url_citation\",\"start_index\":13,\"end_index\":18}}],\"text\":\"{text}\"}}"
        )
    };
    let text = "é [PERSON_12] cited [PERSON_1]"; // "é Bob cited Ann": 2 and 11 longer
    let input = numbered(&[
        (DELTA, r#""output_index":0,"content_index":0,"delta":"é [PERSON_12] cited""#),
        (
            "response.output_text.annotation.added",
            r#""output_index":0,"content_index":0,"annotation":{"type":"url_citation","start_index":14,"end_index":19}"#,
        ),
        (
            "response.content_part.done",
            &format!("\"output_index\":0,\"content_index\":0,\"part\":{}", part(text)),
        ),
        (
            "response.completed",
            &format!("\"response\":{{\"output\":[{{\"content\":[{}]}}]}}", part(text)),
        ),
    ]);
    let events = data_of(&responses(&input));
    let range = |value: &Value| (value["start_index"].as_u64(), value["end_index"].as_u64());
    assert_eq!(range(&events[1]["annotation"]), (Some(6), Some(11)));
    let cited = &events[3]["response"]["output"][0]["content"][0];
    for part in [&events[2]["part"], cited] {
        assert_eq!(range(&part["annotations"][0]), (Some(5), Some(10)));
        assert_eq!(part["text"], "é Bob cited Ann");
    }
}

#[test]
fn padding_is_dropped_where_a_text_changes() {
    let input = numbered(&[
        (
            DELTA,
            r#""output_index":0,"content_index":0,"delta":"[PERSON_1]","logprobs":[{"token":"["}],"obfuscation":"abc""#,
        ),
        (
            DELTA,
            r#""output_index":0,"content_index":0,"delta":"x","logprobs":[{"token":"x"}],"obfuscation":"abc""#,
        ),
    ]);
    let events = data_of(&responses(&input));
    assert_eq!(
        (&events[0]["obfuscation"], &events[0]["logprobs"]),
        (&"".into(), &serde_json::json!([]))
    );
    assert_eq!(events[1]["obfuscation"], "abc");
}

#[test]
fn an_end_without_done_events_loses_nothing() {
    let delta = (DELTA, r#""output_index":0,"content_index":0,"delta":"see [EM""#);
    for last in [
        ("response.output_item.done", r#""output_index":0,"item":{}"#),
        ("response.failed", r#""response":{}"#),
        ("error", r#""message":"x""#),
        (DELTA, r#""output_index":7,"content_index":0,"delta":"x""#),
    ] {
        let input = numbered(&[delta, last]);
        assert_eq!(responses(&input), input);
    }
    let input = numbered(&[delta]);
    assert_eq!(responses(&input), input);
    let mut stream = stream_of(Endpoint::Responses, Expected::default());
    let mut out = Vec::new();
    stream.push(format!("{input}data: {{\"brok").as_bytes(), &mut out).unwrap();
    stream.flush(&mut out);
    assert_eq!(String::from_utf8(out).unwrap(), input);
}

#[test]
fn a_text_that_holds_up_too_much_is_not_waited_for() {
    let mut stream = stream_of(Endpoint::Responses, Expected::default());
    let mut out = Vec::new();
    let first = numbered(&[(DELTA, r#""output_index":0,"content_index":0,"delta":"see [EM""#)]);
    stream.push(first.as_bytes(), &mut out).unwrap();
    let other = numbered(&[(DELTA, r#""output_index":1,"content_index":0,"delta":"x""#)]);
    let mut n_pushed = 0;
    while out.is_empty() && n_pushed < 100_000 {
        stream.push(other.as_bytes(), &mut out).unwrap();
        n_pushed += 1;
    }
    assert!(n_pushed < 100_000);
    assert!(String::from_utf8(out).unwrap().starts_with(&first));
}

#[test]
fn comments_do_not_wait() {
    let mut stream = stream_of(Endpoint::Responses, Expected::default());
    let mut out = Vec::new();
    let first = numbered(&[(DELTA, r#""output_index":0,"content_index":0,"delta":"[EM""#)]);
    stream.push(format!("{first}: keep-alive\n\n").as_bytes(), &mut out).unwrap();
    assert_eq!(out, b": keep-alive\n\n");
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_bytes_and_the_whole_text(
        pieces in prop::collection::vec((0..2_u64, prop_oneof![
            "[a-z ]{0,3}", Just("[".into()), Just("EMAIL".into()), Just("_1".into()), Just("]".into()),
            Just("[PERSON_1]".into()), Just("é😀".into()), Just("\\".into())
        ]), 0..24),
        sizes in prop::collection::vec(1..40_usize, 1..9),
    ) {
        let mut texts = [String::new(), String::new()];
        let mut events = Vec::new();
        for (index, piece) in &pieces {
            texts[usize::try_from(*index).unwrap()] += piece;
            events.push((DELTA, format!("\"output_index\":{index},\"content_index\":0,\"delta\":{}", Value::from(piece.as_str()))));
        }
        for (index, text) in texts.iter().enumerate() {
            let text = Value::from(text.as_str());
            events.push(("response.output_text.done", format!("\"output_index\":{index},\"content_index\":0,\"text\":{text}")));
        }
        let events: Vec<(&str, &str)> = events.iter().map(|(kind, members)| (*kind, &**members)).collect();
        let input = numbered(&events);
        let whole = responses(&input);
        let parts = run(&mut stream_of(Endpoint::Responses, Expected::default()), &input, &sizes).unwrap();
        prop_assert_eq!(&whole, &parts);
        check_numbers(&whole, events.len());
        let done: Vec<Value> = data_of(&whole).into_iter().filter(|event| event["type"] == "response.output_text.done").collect();
        for (index, text) in texts.iter().enumerate() {
            let expected = restorer().restore(text, Context::Prose).into_owned();
            prop_assert_eq!(&spoken(&whole, DELTA, index as u64), &expected);
            prop_assert_eq!(done[index]["text"].as_str(), Some(&*expected));
        }
    }
}

#[test]
fn what_stands_inside_of_token_probabilities_goes_with_them() {
    let delta = r#""delta":"a","logprobs":"[PERSON_1]""#;
    let output = responses(&numbered(&[(DELTA, delta)]));
    assert_eq!(data_of(&output)[0]["logprobs"], serde_json::json!([]));
    let item = r#""item":{"content":[{"text":"[PERSON_1]","logprobs":{"content":[{"logprobs":"[PERSON_1]"}],"x":"[PERSON_1]"}}]}"#;
    let output = responses(&numbered(&[("response.output_item.done", item)]));
    let part = serde_json::json!({"text": "Ann", "logprobs": []});
    assert_eq!(data_of(&output)[0]["item"]["content"][0], part);
}
