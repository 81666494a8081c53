//! The checks of the fuzz targets, over their seeds and over random input: `fuzz/` itself needs a nightly compiler.

#[path = "../../fuzz/checks.rs"]
mod checks;

use proptest::prelude::*;
use std::{fs, path::Path};

#[track_caller]
fn with_seeds(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let seed = fs::read(entry.unwrap().path()).unwrap();
        // Cut off at every place, a seed is an input that breaks off.
        (0..=seed.len()).step_by(seed.len() / 40 + 1).for_each(|end| check(&seed[..end]));
        check(&seed);
        seeds += 1;
    }
    assert!(seeds > 0, "{target} has no seeds");
}

#[test]
fn seeds_hold() {
    with_seeds("analyze", checks::analyze);
    with_seeds("document", checks::document);
    with_seeds("restore", checks::restore);
    with_seeds("events", checks::events);
    with_seeds("policy", checks::policy);
}

/// JSON of any shape, with values that are found in it.
fn json() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        Just(r#""ann@example.org [PERSON_1]""#.to_owned()),
        Just(r#""{\"a\":\"4111 1111 1111 1111\"}""#.to_owned()),
        Just(r#""\u0061nn@example.org\n""#.to_owned()),
        "\"[a-z0-9@. ]{0,20}\"",
        "-?[1-9][0-9]{0,18}",
    ];
    text.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|v| format!("[{}]", v.join(", "))),
            prop::collection::vec(("\"[a-z_@.]{0,12}\"", inner), 0..4).prop_map(|v| {
                let members: Vec<String> = v.into_iter().map(|(k, v)| format!("{k}:{v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// The lines of an event, most of them such as a chat has.
fn event() -> impl Strategy<Value = String> {
    let text = "([a-z \\\\n]|\\[PERSON_1\\]|\\[PERS|ON_1\\]|\\[EMAIL_2|\\]){0,6}";
    let said = |text: String| text.replace('\\', "\\\\");
    prop_oneof![
        4 => (0_u8..3, text).prop_map(move |(index, text)| format!(
            r#"data: {{"choices":[{{"index":{index},"delta":{{"content":"{}"}}}}]}}"#, said(text)
        )),
        2 => text.prop_map(move |text| format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{}\"}}}}",
            said(text)
        )),
        1 => json().prop_map(|json| format!("data: {json}")),
        1 => Just("data: [DONE]".to_owned()),
        1 => "(: |id: |retry: |data: |data:|event: )?[a-z\\[\\]{}\":]{0,9}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_hold(data in prop::collection::vec(any::<u8>(), 0..200)) {
        checks::analyze(&data);
        checks::document(&data);
        checks::restore(&data);
        checks::events(&data);
        checks::policy(&data);
    }

    #[test]
    fn json_holds(body in json()) {
        checks::document(body.as_bytes());
    }

    #[test]
    fn pieces_hold(text in "[a-z]{0,5}\n((\\[?PERSON[_ ]?1?\\]?|\\[EMAIL_2\\]|[a-z \\\\\n]){0,6}\n?){0,6}") {
        checks::restore(text.as_bytes());
    }

    #[test]
    fn events_hold(
        endpoint in 0_u8..3,
        size in 1_u8..40,
        events in prop::collection::vec((event(), "(\n|\r\n|\r){1,2}"), 0..8),
    ) {
        let lines: String = events.into_iter().map(|(event, end)| event + &end + &end).collect();
        checks::events(&[&[endpoint, size], lines.as_bytes()].concat());
    }
}
