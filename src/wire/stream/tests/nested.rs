//! Members of deltas that no API lists, below other members.

use super::*;
use serde_json::json;

/// What a place of an event says in all of the stream.
fn told(output: &str, pointer: &str) -> String {
    data_of(output).iter().filter_map(|event| event.pointer(pointer)?.as_str()).collect()
}

#[test]
fn nested_members_of_a_chat_are_texts_of_their_own() {
    let stream = events(&[
        r#"{"index":0,"delta":{"audio":{"id":"a","transcript":"to [PER"},"content":"x"}}"#,
        r#"{"index":0,"delta":{"audio":{"transcript":"SON_1]"},"content":[{"type":"thinking","thinking":[{"type":"text","text":"[EMA"}]}]}}"#,
        r#"{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"IL_1] [PER"}]}]}}"#,
        r#"{"index":0,"delta":{},"finish_reason":"stop"}"#,
    ]);
    for size in [1, 7, usize::MAX] {
        let mut chat = stream_of(Endpoint::ChatCompletions, Expected::default());
        let output = run(&mut chat, &stream, &[size]).unwrap();
        assert_eq!(said(&output, 0, "/delta/audio/transcript"), "to Ann");
        assert_eq!(said(&output, 0, "/delta/content/0/thinking/0/text"), format!("{ANN} [PER"));
        // The rest goes out in a delta of the same form.
        let rest = json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "[PER"}]}]});
        let told = data_of(&output);
        assert_eq!(told[told.len() - 2]["choices"][0]["delta"], rest);
    }
}

#[test]
fn elements_are_told_apart_by_their_numbers_wherever_they_stand() {
    let detail = |index: u64, text: &str| json!({"type": "reasoning.text", "text": text, "index": index, "signature": "[PER"});
    let choice =
        |details: Value| json!({"index": 0, "delta": {"reasoning_details": details}}).to_string();
    let (one, two, three) = (
        choice(json!([detail(0, "[PER"), detail(1, "so [EMA")])),
        choice(json!([detail(1, "IL_1]")])),
        choice(json!([detail(0, "SON_12] [EM")])),
    );
    let output = chat(&events(&[&one, &two, &three]));
    let mut of = [String::new(), String::new()];
    for event in data_of(&output) {
        for detail in event["choices"][0]["delta"]["reasoning_details"].as_array().unwrap() {
            let at = usize::try_from(detail["index"].as_u64().unwrap()).unwrap();
            of[at].push_str(detail["text"].as_str().unwrap());
        }
    }
    assert_eq!(of, ["Bob [EM".to_owned(), format!("so {ANN}")]);
    assert_eq!(output.matches("\"signature\":\"[PER\"").count(), 4, "{output}");
}

#[test]
fn what_cannot_be_told_apart_is_restored_where_it_is_whole() {
    let choice = |text: &str| json!({"index": 0, "delta": {"notes": ["a", text]}}).to_string();
    let output = chat(&events(&[&choice("[PERSON_1] [PER"), &choice("SON_1]")]));
    assert_eq!(said(&output, 0, "/delta/notes/1"), "Ann [PERSON_1]");
    assert_eq!(data_of(&output).len(), 2);
}

#[test]
fn nested_members_of_a_block_are_texts_of_their_own() {
    let delta = |text: &str| {
        let delta = json!({"type": "note_delta", "note": {"parts": [{"index": 2, "text": text}]}});
        let event = json!({"type": "content_block_delta", "index": 1, "delta": delta});
        format!("event: content_block_delta\ndata: {event}\n\n")
    };
    let stop = "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n";
    let stream = delta("to [PER") + &delta("SON_1] [EM") + stop;
    let mut messages = stream_of(Endpoint::Messages, Expected::default());
    let output = run(&mut messages, &stream, &[5]).unwrap();
    assert_eq!(told(&output, "/delta/note/parts/0/text"), "to Ann [EM");
    let rest = json!({"type": "note_delta", "note": {"parts": [{"index": 2, "text": "[EM"}]}});
    assert_eq!(data_of(&output)[2]["delta"], rest);
}

#[test]
fn nested_members_of_a_response_are_texts_of_their_own() {
    let event = |number: u64, text: &str| {
        let event = json!({"type": "response.new.delta", "sequence_number": number, "output_index": 0, "delta": {"a": [{"b": text}]}});
        format!("event: response.new.delta\ndata: {event}\n\n")
    };
    let stream = event(0, "to [PER") + &event(1, "SON_1]") + &event(2, " [EM");
    let mut responses = stream_of(Endpoint::Responses, Expected::default());
    let output = run(&mut responses, &stream, &[9]).unwrap();
    assert_eq!(told(&output, "/delta/a/0/b"), "to Ann [EM");
    assert_eq!(data_of(&output).len(), 3, "none is made up");
}

#[test]
fn an_event_that_repeats_a_long_name_for_each_string_is_too_much() {
    let name = format!("\\u0061{}", "b".repeat(20_000));
    let delta = format!("{{\"{name}\":[{}\"\"]}}", "\"\",".repeat(1_000));
    for (endpoint, event) in [
        (Endpoint::ChatCompletions, format!("{{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}")),
        (
            Endpoint::Messages,
            format!("{{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{delta}}}"),
        ),
        (Endpoint::Responses, format!("{{\"type\":\"response.new.delta\",\"delta\":{delta}}}")),
    ] {
        let mut stream = stream_of(endpoint, Expected::default());
        let event = format!("data: {event}\n\n");
        assert_eq!(stream.push(event.as_bytes(), &mut Vec::new()), Err(Error::TooManyTexts));
    }
}

#[test]
fn the_names_on_the_way_to_a_number_cost_nothing() {
    let delta = format!("{{\"{}\":[{}0]}}", "b".repeat(1 << 20), "0,".repeat(10));
    let event = format!("data: {{\"type\":\"response.new.delta\",\"delta\":{delta}}}\n\n");
    let mut stream = stream_of(Endpoint::Responses, Expected::default());
    let mut out = Vec::new();
    stream.push(event.as_bytes(), &mut out).unwrap();
    assert!(out == event.as_bytes());
}
