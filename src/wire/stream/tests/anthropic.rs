//! The events of Anthropic's messages.

use super::*;

fn messages(input: &str) -> String {
    run(&mut stream_of(Endpoint::Messages, Expected::default()), input, &[usize::MAX]).unwrap()
}

/// Events with their names.
fn named(events: &[Value]) -> String {
    let event =
        |data: &Value| format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap());
    events.iter().map(event).collect()
}

fn delta(index: u64, kind: &str, member: &str, text: &str) -> Value {
    serde_json::json!({"type": "content_block_delta", "index": index, "delta": {"type": kind, member: text}})
}

fn stop(index: u64) -> Value {
    serde_json::json!({"type": "content_block_stop", "index": index})
}

/// What the deltas of a block say, put together as an SDK does.
fn spoken(output: &str, index: u64, member: &str) -> String {
    let events = data_of(output);
    let deltas = events.iter().filter(|event| event["index"] == index);
    deltas.filter_map(|event| event["delta"][member].as_str()).collect()
}

#[test]
fn held_text_goes_out_before_the_block_stops() {
    let output = messages(&named(&[delta(3, "text_delta", "text", "to [EMAIL_1] [EM"), stop(3)]));
    let expected = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"text_delta\",\
                    \"text\":\"[EM\"}}\n\nevent: content_block_stop\n";
    assert!(output.contains(expected), "{output}");
    assert_eq!(spoken(&output, 3, "text"), format!("to {ANN} [EM"));
}

#[test]
fn members_of_a_delta_that_are_not_listed_are_texts_of_their_own() {
    let output = messages(&named(&[
        delta(0, "note_delta", "note", "for [PER"),
        delta(0, "note_delta", "note", "SON_1] [EM"),
        stop(0),
    ]));
    assert_eq!(spoken(&output, 0, "note"), "for Ann [EM");
    let rest = delta(0, "note_delta", "note", "[EM");
    assert_eq!(data_of(&output)[2], rest);
}

#[test]
fn tool_input_stays_json() {
    let pieces = ["", "{\"to\": \"[EMA", "IL_1]\", \"x\": \"[P", "ER\"}"];
    let mut events: Vec<Value> =
        pieces.iter().map(|piece| delta(1, "input_json_delta", "partial_json", piece)).collect();
    events.push(stop(1));
    let input: Value =
        serde_json::from_str(&spoken(&messages(&named(&events)), 1, "partial_json")).unwrap();
    assert_eq!(input, serde_json::json!({"to": ANN, "x": "[PER"}));
}

#[test]
fn thinking_and_what_is_signed_pass_as_they_came() {
    let input = named(&[
        serde_json::json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "thinking", "thinking": "[PERSON_1]", "signature": ""}}),
        delta(0, "thinking_delta", "thinking", "about [PERSON_1] [EM"),
        delta(0, "signature_delta", "signature", "EqQB[PERSON_1]"),
        stop(0),
        serde_json::json!({"type": "content_block_start", "index": 1,
            "content_block": {"type": "redacted_thinking", "data": "[PERSON_1]"}}),
        delta(1, "compaction_delta", "content", "[PERSON_1]"),
        stop(1),
    ]);
    assert_eq!(messages(&input), input);
}

#[test]
fn blocks_citations_and_the_head_are_restored() {
    let output = messages(&named(&[
        serde_json::json!({"type": "message_start", "message": {"id": "m", "content": []}}),
        serde_json::json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "[PER"}}),
        delta(0, "text_delta", "text", "SON_1]"),
        serde_json::json!({"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation":
            {"type": "web_search_result_location", "cited_text": "[PERSON_12]", "encrypted_index": "[PERSON_1]"}}}),
        stop(0),
        serde_json::json!({"type": "content_block_start", "index": 1, "content_block": {"type": "web_search_tool_result",
            "content": [{"title": "of [PERSON_1]", "encrypted_content": "[PERSON_1]"}]}}),
        serde_json::json!({"type": "message_delta", "delta": {"stop_reason": "stop_sequence", "stop_sequence": "[PERSON_1]"}}),
        serde_json::json!({"type": "message_stop"}),
    ]));
    let events = data_of(&output);
    assert_eq!(events.len(), 8);
    let text = format!(
        "{}{}",
        events[1]["content_block"]["text"].as_str().unwrap(),
        spoken(&output, 0, "text")
    );
    assert_eq!(text, "Ann");
    let citation = &events[3]["delta"]["citation"];
    assert_eq!(
        (&citation["cited_text"], &citation["encrypted_index"]),
        (&"Bob".into(), &"[PERSON_1]".into())
    );
    let result = &events[5]["content_block"]["content"][0];
    assert_eq!(
        (&result["title"], &result["encrypted_content"]),
        (&"of Ann".into(), &"[PERSON_1]".into())
    );
    assert_eq!(events[6]["delta"]["stop_sequence"], "Ann");
}

#[test]
fn pings_and_errors_pass_between() {
    let input = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    assert_eq!(messages(input), input);
    let output = messages(&named(&[
        delta(0, "text_delta", "text", "a [PER"),
        serde_json::json!({"type": "error", "error": {"type": "overloaded_error", "message": "no [PERSON_1]"}}),
    ]));
    let events = data_of(&output);
    assert_eq!(spoken(&output, 0, "text"), "a [PER");
    assert_eq!(events[2]["error"]["message"], "no Ann");
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
            events.push(delta(*index, "text_delta", "text", piece));
        }
        events.extend([stop(0), stop(1), serde_json::json!({"type": "message_stop"})]);
        let input = named(&events);
        let whole = messages(&input);
        let parts = run(&mut stream_of(Endpoint::Messages, Expected::default()), &input, &sizes).unwrap();
        prop_assert_eq!(&whole, &parts);
        for (index, text) in texts.iter().enumerate() {
            let expected = restorer().restore(text, Context::Prose).into_owned();
            prop_assert_eq!(spoken(&whole, index as u64, "text"), expected);
        }
    }
}
