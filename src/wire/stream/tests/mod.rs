use super::*;
use crate::{
    redact::{Context, Mapping},
    sensitive::Sensitive,
};
use proptest::prelude::*;
use serde_json::Value;

/// A value that is awkward in JSON.
const ANN: &str = "ann \"q\" \\ 😀\n@example.org";

fn restorer() -> Restorer {
    let pairs = [("[EMAIL_1]", ANN), ("[PERSON_1]", "Ann"), ("[PERSON_12]", "Bob")];
    let owned =
        pairs.map(|(stand_in, value)| (stand_in.to_owned(), Sensitive::new(value.to_owned())));
    Mapping::from_pairs(owned).restorer()
}

fn stream_of(endpoint: Endpoint, expected: Expected) -> EventStream {
    EventStream::new(endpoint, expected, restorer())
}

/// What comes out when `input` comes in pieces of the given sizes.
fn run(stream: &mut EventStream, input: &str, sizes: &[usize]) -> Result<String, Error> {
    let (mut out, mut rest) = (Vec::new(), input.as_bytes());
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let (part, tail) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        stream.push(part, &mut out)?;
        rest = tail;
    }
    stream.finish(&mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn chat(input: &str) -> String {
    run(&mut stream_of(Endpoint::ChatCompletions, Expected::default()), input, &[usize::MAX])
        .unwrap()
}

/// Chunks of a chat stream; `{}` of each is what its only choice says.
fn events(choices: &[&str]) -> String {
    let event = |choice: &&str| {
        format!(
            "data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",\"choices\":[{choice}]}}\n\n"
        )
    };
    choices.iter().map(event).collect::<String>() + "data: [DONE]\n\n"
}

/// The JSON data of all events.
fn data_of(output: &str) -> Vec<Value> {
    let data = output.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter(|data| data.trim() != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// All that a place of the choices with this index says, put together as a client does.
fn said(output: &str, index: u64, pointer: &str) -> String {
    let events = data_of(output);
    let choices = events.iter().flat_map(|event| event["choices"].as_array().into_iter().flatten());
    choices
        .filter(|choice| choice["index"] == index)
        .filter_map(|choice| choice.pointer(pointer)?.as_str())
        .collect()
}

#[test]
fn a_stream_without_stand_ins_passes_byte_by_byte() {
    let input = ": ping\n\nevent: x\r\ndata:{\"choices\" : [{\"index\":0,\"delta\":{\"content\":\"gr\\u00fc\\u00df [x] \\/ 1.50\"},\"logprobs\":{\"a\":1}}],\
                 \"obfuscation\":\"zz\" }\r\n\r\nid: 1\ndata: {\"usage\":{\"n\":1.0e2},\"choices\":[]}\n\ndata:[DONE]\n\n\n";
    for size in 1..input.len() {
        let mut stream = stream_of(Endpoint::ChatCompletions, Expected::default());
        assert_eq!(run(&mut stream, input, &[size]).unwrap(), input, "in pieces of {size}");
    }
}

#[test]
fn with_nothing_to_restore_even_garbage_passes() {
    let mut stream =
        EventStream::new(Endpoint::ChatCompletions, Expected::default(), Mapping::new().restorer());
    assert_eq!(run(&mut stream, "data: {nonsense\n\n", &[3]).unwrap(), "data: {nonsense\n\n");
}

#[test]
fn a_stand_in_over_several_chunks_is_restored_where_it_ends() {
    let output = chat(&events(&[
        r#"{"index":0,"delta":{"role":"assistant","content":""}}"#,
        r#"{"index":0,"delta":{"content":"to [EMA"},"finish_reason":null}"#,
        r#"{"index":0,"delta":{"content":"IL_"},"finish_reason":null}"#,
        r#"{"index":0,"delta":{"content":"1]!"},"finish_reason":null}"#,
        r#"{"index":0,"delta":{},"finish_reason":"stop"}"#,
    ]));
    let pieces: Vec<Value> = data_of(&output)
        .into_iter()
        .map(|event| event["choices"][0]["delta"]["content"].clone())
        .collect();
    assert_eq!(pieces[1..4], [Value::from("to "), "".into(), format!("{ANN}!").into()]);
    assert_eq!(pieces.len(), 5, "each event comes out, an emptied one too");
}

#[test]
fn every_cut_of_events_and_of_bytes_gives_the_same_text() {
    let text = "Dear [PERSON_1] and \\[person\\_12\\], write to [EMAIL_1] not [EMAIL_2] [EMAIL_";
    let expected = format!("Dear Ann and Bob, write to {ANN} not [EMAIL_2] [EMAIL_");
    for size in 1..=text.len() {
        let mut choices: Vec<String> = text
            .as_bytes()
            .chunks(size)
            .map(|part| {
                let part = Value::from(std::str::from_utf8(part).unwrap());
                format!("{{\"index\":0,\"delta\":{{\"content\":{part}}}}}")
            })
            .collect();
        choices.push(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#.into());
        let input = events(&choices.iter().map(String::as_str).collect::<Vec<_>>());
        for bytes in [1, 5, 1000] {
            let mut stream = stream_of(Endpoint::ChatCompletions, Expected::default());
            let output = run(&mut stream, &input, &[bytes]).unwrap();
            assert_eq!(said(&output, 0, "/delta/content"), expected, "{size} {bytes}");
        }
    }
}

#[test]
fn held_text_goes_out_before_the_event_that_ends_its_choice() {
    let output = chat(&events(&[
        r#"{"index":0,"delta":{"content":"a [EMAIL"}}"#,
        r#"{"index":0,"delta":{},"finish_reason":"length"}"#,
    ]));
    let expected = concat!(
        r#"data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"a "}}]}"#,
        "\n\n",
        r#"data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"[EMAIL"},"finish_reason":null}]}"#,
        "\n\n",
        r#"data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}"#,
        "\n\ndata: [DONE]\n\n",
    );
    assert_eq!(output, expected);
}

#[test]
fn an_event_that_ends_its_own_text_needs_no_other() {
    let output = chat(&events(&[
        r#"{"index":0,"delta":{"content":"a ["}}"#,
        r#"{"index":0,"delta":{"content":"EMA"},"finish_reason":"stop"}"#,
    ]));
    assert_eq!(data_of(&output).len(), 2);
    assert_eq!(said(&output, 0, "/delta/content"), "a [EMA");
}

#[test]
fn held_text_goes_out_before_done_an_error_and_the_end() {
    let start = r#"data: {"id":"c1","choices":[{"index":0,"delta":{"content":"a [EMAIL"}}]}"#;
    for (end, n_events) in [
        ("\n\ndata: [DONE]\n\n", 2),
        ("\n\ndata: {\"error\":{\"message\":\"no [PERSON_1]\"}}\n\n", 3),
        ("\n\n", 2),
        ("", 2), // an event without its empty line
    ] {
        let output = chat(&format!("{start}{end}"));
        assert_eq!(said(&output, 0, "/delta/content"), "a [EMAIL", "{end:?}");
        let events = data_of(&output);
        assert_eq!(events.len(), n_events, "{output}");
        if n_events == 3 {
            assert_eq!(events[2]["error"]["message"], "no Ann");
        }
    }
}

#[test]
fn choices_and_tool_calls_are_held_apart() {
    let output = chat(&events(&[
        r#"{"index":0,"delta":{"content":"[PER"}},{"index":1,"delta":{"content":"[EMA"}}"#,
        r#"{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"a\":\"[EM"}}]},"index":1}"#,
        r#"{"delta":{"tool_calls":[{"function":{"arguments":"{\"b\":\"[PERSON"},"index":1}]},"index":1}"#,
        r#"{"index":1,"delta":{"content":"IL_1]"}},{"index":0,"delta":{"content":"SON_12]"}}"#,
        r#"{"index":1,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"_1]\"}"}},{"index":0,"function":{"arguments":"AIL_1]\"}"}}]}}"#,
        r#"{"index":1,"delta":{},"finish_reason":"tool_calls"}"#,
        r#"{"index":0,"delta":{},"finish_reason":"stop"}"#,
    ]));
    assert_eq!(said(&output, 0, "/delta/content"), "Bob");
    assert_eq!(said(&output, 1, "/delta/content"), ANN);
    let mut arguments = [String::new(), String::new()];
    for event in data_of(&output) {
        for choice in event["choices"].as_array().unwrap() {
            for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
                let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
                arguments[index] += call["function"]["arguments"].as_str().unwrap();
            }
        }
    }
    let parsed: Vec<Value> =
        arguments.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    assert_eq!(parsed, [serde_json::json!({"a": ANN}), serde_json::json!({"b": "Ann"})]);
}

#[test]
fn held_rests_of_all_fields_keep_their_place() {
    for (delta, pointer) in [
        (r#"{"content":"[EM"}"#, "/delta/content"),
        (r#"{"refusal":"[EM"}"#, "/delta/refusal"),
        (r#"{"reasoning":"[EM"}"#, "/delta/reasoning"),
        (r#"{"reasoning_content":"[EM"}"#, "/delta/reasoning_content"),
        (r#"{"function_call":{"arguments":"[EM"}}"#, "/delta/function_call/arguments"),
        (
            r#"{"tool_calls":[{"index":0,"function":{"arguments":"[EM"}}]}"#,
            "/delta/tool_calls/0/function/arguments",
        ),
        (
            r#"{"tool_calls":[{"index":0,"custom":{"input":"[EM"}}]}"#,
            "/delta/tool_calls/0/custom/input",
        ),
    ] {
        let choice = format!("{{\"index\":3,\"delta\":{delta}}}");
        let output = chat(&events(&[&choice, r#"{"index":3,"delta":{},"finish_reason":"stop"}"#]));
        assert_eq!(said(&output, 3, pointer), "[EM");
        assert_eq!(data_of(&output).len(), 3);
    }
}

/// Some models come back to their reasoning while they answer, or say both in one event.
#[test]
fn a_placeholder_in_the_reasoning_is_restored_though_the_answer_comes_between() {
    for pieces in [
        &[
            r#"{"index":0,"delta":{"reasoning_content":"now [EMAI"}}"#,
            r#"{"index":0,"delta":{"content":"x"}}"#,
            r#"{"index":0,"delta":{"reasoning_content":"L_1] ok"}}"#,
        ][..],
        &[
            r#"{"index":0,"delta":{"reasoning_content":"now [EMAI","content":"x"}}"#,
            r#"{"index":0,"delta":{"reasoning_content":"L_1] ok","content":""}}"#,
        ],
    ] {
        let output = chat(&events(pieces));
        assert_eq!(said(&output, 0, "/delta/reasoning_content"), format!("now {ANN} ok"));
        assert_eq!(said(&output, 0, "/delta/content"), "x");
    }
}

#[test]
fn a_beginning_of_a_placeholder_in_the_reasoning_goes_out_at_the_end_of_the_choice() {
    let output = chat(&events(&[
        r#"{"index":0,"delta":{"reasoning_content":"so [PER","content":""}}"#,
        r#"{"index":0,"delta":{"reasoning_content":"SON"}}"#,
        r#"{"index":0,"delta":{"content":"Yes [EM"}}"#,
        r#"{"index":0,"delta":{"content":"AIL_1]"},"finish_reason":"stop"}"#,
    ]));
    let deltas: Vec<Value> =
        data_of(&output).into_iter().map(|event| event["choices"][0]["delta"].clone()).collect();
    assert_eq!(deltas[2], serde_json::json!({"content": "Yes "}));
    assert_eq!(deltas[3], serde_json::json!({"reasoning_content": "[PERSON"}));
    assert_eq!(said(&output, 0, "/delta/content"), format!("Yes {ANN}"));
}

#[test]
fn legacy_completions_are_restored_too() {
    let input = events(&[
        r#"{"text":"to [EMAIL_","index":0,"logprobs":null,"finish_reason":null}"#,
        r#"{"text":"1] [PER","index":0,"logprobs":null,"finish_reason":null}"#,
        r#"{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}"#,
    ]);
    let mut stream = stream_of(Endpoint::Completions, Expected::default());
    let output = run(&mut stream, &input, &[usize::MAX]).unwrap();
    assert_eq!(said(&output, 0, "/text"), format!("to {ANN} [PER"));
}

#[test]
fn json_content_gets_its_values_escaped_once_more() {
    let input = events(&[
        r#"{"index":0,"delta":{"content":"{\"to\":\"[EMAIL"}}"#,
        r#"{"index":0,"delta":{"content":"_1]\"}"}}"#,
    ]);
    let expected = Expected { json_content: true, ..Expected::default() };
    let output =
        run(&mut stream_of(Endpoint::ChatCompletions, expected), &input, &[usize::MAX]).unwrap();
    let document: Value = serde_json::from_str(&said(&output, 0, "/delta/content")).unwrap();
    assert_eq!(document["to"], ANN);
}

#[test]
fn what_describes_a_changed_text_is_blanked_and_else_kept() {
    let input = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"[PERSON_1]\"},\"logprobs\":{\"content\":[{\"token\":\"[PERSON_1]\"}]}}],\
                 \"obfuscation\":\"abc\"}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"logprobs\":{\"content\":[]}}],\
                 \"obfuscation\":\"abc\"}\n\n";
    let expected = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Ann\"},\"logprobs\":null}],\
                    \"obfuscation\":\"\"}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"logprobs\":{\"content\":[]}}],\
                    \"obfuscation\":\"abc\"}\n\n";
    assert_eq!(chat(input), expected);
}

#[test]
fn only_the_stand_in_is_written_anew() {
    let input = "event: e\ndata:{\"choices\":[{\"delta\":{\"content\":\"\\u00fc\\/\\ud83d [PERSON_1]\\u0041\"}}],\ndata: \"n\":1.0}\n\n";
    assert_eq!(chat(input), input.replace("[PERSON_1]", "Ann"));
}

#[test]
fn other_strings_are_restored_whole() {
    let input = "data: {\"note\":\"for [PERSON_1]\",\"choices\":[{\"message\":{\"content\":\"[PERSON_12]\"}}]}\n\n";
    let expected =
        "data: {\"note\":\"for Ann\",\"choices\":[{\"message\":{\"content\":\"Bob\"}}]}\n\n";
    assert_eq!(chat(input), expected);
}

#[test]
fn a_finish_reason_that_is_empty_or_null_ends_nothing() {
    let output = chat(&events(&[
        r#"{"index":0,"delta":{"content":"[PERS"},"finish_reason":""}"#,
        r#"{"index":0,"delta":{"content":"ON_1]"},"finish_reason":null}"#,
    ]));
    assert_eq!(said(&output, 0, "/delta/content"), "Ann");
}

#[test]
fn a_malformed_event_is_an_error_after_what_came_before() {
    for broken in ["data: {\"a\":\n\n", "data: nonsense\n\n", "data: {\"a\":\"\u{1}\"}\n\n"] {
        let mut stream = stream_of(Endpoint::ChatCompletions, Expected::default());
        let mut out = Vec::new();
        let good = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a [\"}}]}\n\n";
        let result = stream.push(format!("{good}{broken}").as_bytes(), &mut out);
        assert_eq!(result, Err(Error::Malformed));
        stream.flush(&mut out);
        let output = String::from_utf8(out).unwrap();
        assert_eq!(said(&output, 0, "/delta/content"), "a [");
        assert!(!output.contains("nonsense"));
    }
}

#[test]
fn a_stream_that_breaks_gives_up_what_it_held() {
    let mut stream = stream_of(Endpoint::ChatCompletions, Expected::default());
    let mut out = Vec::new();
    let good =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a [PER\"}}]}\n\ndata: {\"choi";
    stream.push(good.as_bytes(), &mut out).unwrap();
    stream.flush(&mut out);
    assert_eq!(said(std::str::from_utf8(&out).unwrap(), 0, "/delta/content"), "a [PER");
    let mut stream = stream_of(Endpoint::ChatCompletions, Expected::default());
    assert_eq!(run(&mut stream, "data: {\"choi", &[4]), Err(Error::Truncated));
}

#[test]
fn too_many_open_texts_are_refused() {
    let choices: Vec<String> =
        (0..5000).map(|n| format!("{{\"index\":{n},\"delta\":{{\"content\":\"a\"}}}}")).collect();
    let input = events(&[&choices.join(",")]);
    let mut stream = stream_of(Endpoint::ChatCompletions, Expected::default());
    assert_eq!(run(&mut stream, &input, &[usize::MAX]), Err(Error::TooManyTexts));
}

#[test]
fn strange_numbers_and_shapes_do_no_harm() {
    for choice in [
        r#"{"index":-1,"delta":{"content":"[PERSON_1]"}}"#,
        r#"{"index":1e99,"delta":{"content":"[PERSON_1]"}}"#,
        r#"{"index":18446744073709551616,"delta":{"content":"[PERSON_1]"}}"#,
        r#"{"index":null,"delta":{"content":"[PERSON_1]"}}"#,
        r#"{"delta":{"content":[{"type":"text","text":"[PERSON_1]"}]}}"#,
        r#"{"delta":[[[["[PERSON_1]"]]]]}"#,
        r#"{"*":{"delta":{"content":"[PERSON_1]"}}}"#,
    ] {
        let output = chat(&events(&[choice]));
        assert_eq!(output, events(&[&choice.replace("[PERSON_1]", "Ann")]));
    }
}

/// A stream of several choices whose texts are cut anywhere.
fn interleaved() -> impl Strategy<Value = (Vec<String>, String)> {
    let piece = prop_oneof![
        "[a-z ]{0,3}",
        Just("[".into()),
        Just("EMAIL".into()),
        Just("_1".into()),
        Just("]".into()),
        Just("[PERSON_1]".into()),
        Just("PERSON_1".into()),
        Just("é😀".into()),
        Just("\\".into())
    ];
    let deltas = prop::collection::vec((0..3_usize, piece), 0..24);
    deltas.prop_map(|deltas| {
        let mut texts = vec![String::new(); 3];
        let mut choices = Vec::new();
        for (index, piece) in deltas {
            texts[index] += &piece;
            choices.push(format!(
                "{{\"index\":{index},\"delta\":{{\"content\":{}}}}}",
                Value::from(piece)
            ));
        }
        choices.extend(
            (0..3).map(|n| format!("{{\"index\":{n},\"delta\":{{}},\"finish_reason\":\"stop\"}}")),
        );
        let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
        (texts, events(&choices))
    })
}

proptest! {
    #[test]
    fn a_restored_stream_says_what_the_restored_text_says(
        (texts, input) in interleaved(),
        sizes in prop::collection::vec(1..40_usize, 1..9),
    ) {
        let whole = chat(&input);
        let parts = run(&mut stream_of(Endpoint::ChatCompletions, Expected::default()), &input, &sizes).unwrap();
        prop_assert_eq!(&whole, &parts);
        for (index, text) in (0..).zip(texts) {
            let expected = restorer().restore(&text, Context::Prose).into_owned();
            prop_assert_eq!(said(&whole, index, "/delta/content"), expected);
        }
    }
}

mod anthropic;
mod members;
mod nested;
mod responses;

/// One event of a chat in which each of so many choices says this.
fn all_say(n_choices: u64, content: &str) -> String {
    let choices = (0..n_choices).map(|index| {
        serde_json::json!({"index": index, "delta": {"content": content}, "finish_reason": null})
    });
    format!("data: {}\n\n", serde_json::json!({"id": "c", "choices": choices.collect::<Vec<_>>()}))
}

#[test]
fn fifty_interleaved_choices_are_restored_apart() {
    let pieces = ["to [", "PERS", "ON_", "12", "] or ", "\\[person", "\\_1\\]", ", [PERSON_"];
    let mut input: String = pieces.map(|piece| all_say(50, piece)).concat();
    for index in 0..50 {
        input += &format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\n"
        );
    }
    let output = chat(&(input + "data: [DONE]\n\n"));
    for index in 0..50 {
        assert_eq!(said(&output, index, "/delta/content"), "to Bob or Ann, [PERSON_", "{index}");
    }
}

#[test]
fn what_is_kept_of_a_long_stream_does_not_grow_with_it() {
    let mut stream = stream_of(Endpoint::ChatCompletions, Expected::default());
    let event = all_say(1, &"some words and [PERSON_1], then [PERS".repeat(200));
    let (mut out, mut n_bytes) = (Vec::new(), 0);
    while n_bytes < 10 << 20 {
        out.clear();
        stream.push(event.as_bytes(), &mut out).unwrap();
        n_bytes += event.len();
        assert!(out.len() + 100 > event.len() / 2, "all but the end is out");
    }
    assert_eq!(stream.events.open.len(), 1);
    assert!(stream.events.queue.is_empty());
    assert!(stream.events.open.values().all(Flow::holds), "and the end is held");
}

#[test]
fn citations_of_a_streamed_chat_move_with_what_was_said() {
    let cites = |start: u64, end: u64| {
        format!(
            r#"{{"index":0,"delta":{{"annotations":[{{"type":"url_citation","url_citation":{{"start_index":{start},"end_index":{end},"url":"u"}}}}]}}}}"#
        )
    };
    let says = |content: &str| format!(r#"{{"index":0,"delta":{{"content":"{content}"}}}}"#);
    // "[PERSON_12] x [PERSON_1] y" has become "Bob x Ann y".
    let (one, two, cited) = (says("[PERSON_"), says("12] x [PERSON_1] y"), cites(12, 24));
    let output = chat(&events(&[&one, &two, &cited]));
    let last = data_of(&output).pop().unwrap();
    let citation = &last["choices"][0]["delta"]["annotations"][0]["url_citation"];
    assert_eq!((&citation["start_index"], &citation["end_index"]), (&4.into(), &9.into()));
}
