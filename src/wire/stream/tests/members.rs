//! Members of deltas that no API lists.

use super::*;

#[test]
fn members_of_a_delta_that_are_not_listed_are_texts_of_their_own() {
    let output = chat(&events(&[
        r#"{"index":0,"delta":{"role":"assistant","content":"a [PER","record \"f\"":"x [EMA","note":"[PERSON"}},{"index":1,"delta":{"note":"so [PERS"}}"#,
        r#"{"index":0,"delta":{"content":"SON_1] b","record \"f\"":"IL_1] y [PER"}},{"index":1,"delta":{"note":"ON_12]"}}"#,
        r#"{"index":0,"delta":{"content":"","note":"_1]"}}"#,
        r#"{"index":0,"delta":{},"finish_reason":"stop"}"#,
    ]));
    assert_eq!(said(&output, 0, "/delta/role"), "assistant");
    assert_eq!(said(&output, 0, "/delta/content"), "a Ann b");
    assert_eq!(said(&output, 0, "/delta/record \"f\""), format!("x {ANN} y [PER"));
    assert_eq!(said(&output, 0, "/delta/note"), "Ann");
    assert_eq!(said(&output, 1, "/delta/note"), "so Bob");
    let ended = data_of(&output);
    assert_eq!(ended[ended.len() - 2]["choices"][0]["delta"]["record \"f\""], "[PER");
    assert_eq!(ended[ended.len() - 1]["choices"][0]["finish_reason"], "stop");
}

#[test]
fn a_member_that_is_not_listed_does_not_end_the_reasoning() {
    let output = chat(&events(&[
        r#"{"index":0,"delta":{"reasoning":"[PER","channel":"thought"}}"#,
        r#"{"index":0,"delta":{"reasoning":"SON_1]","channel":"thought"}}"#,
    ]));
    assert_eq!(said(&output, 0, "/delta/reasoning"), "Ann");
    assert_eq!(data_of(&output)[1]["choices"][0]["delta"]["channel"], "thought");
}

#[test]
fn names_and_ids_of_a_delta_are_no_texts() {
    let call = r#"{"index":0,"delta":{"role":"[PER","tool_calls":[{"index":0,"id":"[PER","type":"[PER"}]}}"#;
    let input = events(&[call, call]);
    assert_eq!(chat(&input), input);
}

#[test]
fn too_many_members_are_refused() {
    let members: Vec<String> = (0..9000).map(|n| format!("\"m{n}\":\"a\"")).collect();
    let input = events(&[&format!("{{\"index\":0,\"delta\":{{{}}}}}", members.join(","))]);
    let mut stream = stream_of(Endpoint::ChatCompletions, Expected::default());
    assert_eq!(run(&mut stream, &input, &[usize::MAX]), Err(Error::TooManyTexts));
}
