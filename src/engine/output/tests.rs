use super::*;
use crate::{
    policy::PolicySet,
    redact::{Mapping, Treatment},
    sensitive::Sensitive,
};
use proptest::prelude::*;

fn guard_with(yaml: &str, pairs: &[(&str, &str)]) -> OutputGuard {
    let set = PolicySet::load(vec![("t.yaml".to_owned(), yaml.to_owned())])
        .unwrap_or_else(|errors| panic!("{errors:#?}"));
    let engine = Engine::new(set, "t", Keys::derive(b"a secret for tests")).unwrap();
    let pairs = pairs.iter().map(|(s, o)| ((*s).to_owned(), Sensitive::new(*o)));
    let restorer = Mapping::from_pairs(pairs).restorer();
    engine.output(engine.policy(None).unwrap(), &restorer).expect("some rule for output")
}

fn guard(yaml: &str) -> OutputGuard {
    guard_with(yaml, &[("[EMAIL_1]", "ann@example.org"), ("[PERSON_1]", "Ann Example")])
}

/// The text in pieces of so many characters.
fn streamed(
    guard: &OutputGuard,
    context: Context,
    text: &str,
    size: usize,
) -> Result<String, Blocked> {
    let mut stream = guard.stream(context);
    let mut out = String::new();
    let chars: Vec<char> = text.chars().collect();
    for piece in chars.chunks(size) {
        stream.push(&piece.iter().collect::<String>(), &mut out)?;
        assert!(stream.held() < 4 * stream::MOST_HELD, "{} bytes held", stream.held());
    }
    stream.finish(&mut out)?;
    Ok(out)
}

const REDACTING: &str = "entities: {EMAIL: {output: redact}, CARD: {output: redact}, PHONE: {direction: both}, IBAN: {output: redact}}";

#[track_caller]
fn check(yaml: &str, text: &str, expected: &str) {
    let guard = guard(yaml);
    let whole = guard.text(text, &mut Counts::new()).unwrap();
    assert_eq!(whole.as_deref().unwrap_or(text), expected, "whole");
    for size in [1, 2, 3, 7, 50, 1000] {
        let streamed = streamed(&guard, Context::Prose, text, size).unwrap();
        assert_eq!(streamed, expected, "pieces of {size}");
    }
}

#[test]
fn a_policy_that_says_nothing_of_answers_costs_nothing() {
    let set = PolicySet::builtin();
    let engine = Engine::new(set, "default_pii", Keys::derive(b"a secret for tests")).unwrap();
    for policy in engine.summaries() {
        let policy = engine.policy(Some(&policy.name)).unwrap();
        assert!(engine.output(policy, &Mapping::new().restorer()).is_none(), "{}", policy.name());
    }
}

#[test]
fn what_the_model_wrote_is_replaced_and_what_stands_for_a_value_is_not() {
    check(REDACTING, "ask bob@example.com now", "ask [EMAIL_REDACTED] now");
    check(REDACTING, "ask [EMAIL_1] or bob@example.com", "ask [EMAIL_1] or [EMAIL_REDACTED]");
    check(REDACTING, "ask \\[email 1\\].", "ask \\[email 1\\].");
    check(REDACTING, "pay with 4111 1111 1111 1111, then", "pay with [CARD_REDACTED], then");
    check(REDACTING, "to DE89 3704 0044 0532 0130 00 today", "to [IBAN_REDACTED] today");
    check(REDACTING, "call +1 415 555 0132 today", "call [PHONE_REDACTED] today");
}

#[test]
fn the_callers_own_values_are_no_findings_even_in_clear() {
    check(
        REDACTING,
        "ask ann@example.org or bob@example.com",
        "ask ann@example.org or [EMAIL_REDACTED]",
    );
}

#[test]
fn percent_encoded_values_are_found() {
    check(
        REDACTING,
        "see https://example.com/?to=bob%40example.com&x=1 there",
        "see https://example.com/?to=[EMAIL_REDACTED]&x=1 there",
    );
}

#[test]
fn operators_that_need_no_way_back_apply_as_they_are() {
    check(
        "entities: {EMAIL: {output: redact, operator: mask}}",
        "to bob@example.com",
        "to ***@*******.***",
    );
    check("entities: {EMAIL: {output: redact, operator: remove}}", "to bob@example.com.", "to .");
    check("entities: {EMAIL: {output: flag}}", "to bob@example.com", "to bob@example.com");
}

#[test]
fn what_is_blocked_ends_it() {
    let guard = guard("entities: {EMAIL: {output: block}}\ncanaries: [the blue lantern]");
    for (text, entity_type) in
        [("to bob@example.com now", "EMAIL_ADDRESS"), ("I am the blue lantern, yes", "CANARY")]
    {
        let whole = guard.text(text, &mut Counts::new()).unwrap_err();
        assert_eq!(whole.entity_type.as_str(), entity_type);
        for size in [1, 4, 100] {
            let blocked = streamed(&guard, Context::Prose, text, size).unwrap_err();
            assert_eq!(blocked.entity_type.as_str(), entity_type, "pieces of {size}");
        }
    }
    assert!(streamed(&guard, Context::Prose, "the blue lanterns? The Blue Lantern!", 1).is_err());
    assert!(streamed(&guard, Context::Prose, "The Blue Lantern, the blue", 1).is_ok());
}

#[test]
fn secrets_in_answers_are_found_cut_anywhere() {
    let guard = guard("entities: {SECRET*: {output: redact, operator: remove}}");
    let key = format!("{}{}", "ghp_", "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cF1hJ3lM5");
    let text = format!("export TOKEN={key} and password: tr0ub4dor&3xy, then");
    let whole = guard.text(&text, &mut Counts::new()).unwrap().expect("a finding");
    assert!(!whole.contains(&key) && !whole.contains("tr0ub4dor"), "{whole}");
    for size in [1, 2, 5, 50] {
        assert_eq!(streamed(&guard, Context::Prose, &text, size).unwrap(), whole, "{size}");
    }
}

#[test]
fn nothing_of_a_blocked_canary_goes_out() {
    let guard = guard("canaries: [the blue lantern]");
    let mut stream = guard.stream(Context::Prose);
    let mut out = String::new();
    for c in "say the blue lanter".chars() {
        stream.push(&c.to_string(), &mut out).unwrap();
    }
    assert_eq!(out, "say ");
    stream.push("n", &mut out).and_then(|()| stream.push(" ", &mut out)).unwrap_err();
    assert_eq!(out, "say ");
}

#[test]
fn text_flows_on_when_nothing_is_pending() {
    let guard = guard(REDACTING);
    let mut stream = guard.stream(Context::Prose);
    let mut out = String::new();
    stream.push("plain words flow on at once ", &mut out).unwrap();
    assert_eq!(stream.held(), 0);
    stream.push("but 4111 ", &mut out).unwrap();
    assert_eq!((out.as_str(), stream.held()), ("plain words flow on at once but ", 5));
}

#[test]
fn json_stays_json() {
    let guard = guard(REDACTING);
    for (text, expected) in [
        (r#"{"to":"bob@example.com","n":1}"#, r#"{"to":"[EMAIL_REDACTED]","n":1}"#),
        (r#"{"t":"hi\nbob@example.com\n"}"#, r#"{"t":"hi\n[EMAIL_REDACTED]\n"}"#),
        (r#"{"t":"bob\u0040example.com"}"#, r#"{"t":"[EMAIL_REDACTED]"}"#),
        (
            r#"{"card": 4111111111111111, "x":"[EMAIL_1]"}"#,
            r#"{"card": "[CARD_REDACTED]", "x":"[EMAIL_1]"}"#,
        ),
    ] {
        for size in [1, 2, 3, 7, 100] {
            let streamed = streamed(&guard, Context::JsonText, text, size).unwrap();
            assert_eq!(streamed, expected, "pieces of {size}");
        }
    }
}

#[test]
fn a_name_behind_a_mark_is_one_name_whole_and_in_pieces() {
    let guard = guard("entities: {PERSON: {output: redact}}");
    for (text, expected) in [
        (
            "I met <b>Mary Jones</b> today, she said",
            "I met <b>[PERSON_REDACTED]</b> today, she said",
        ),
        ("<td>Mary Jones</td>", "<td>[PERSON_REDACTED]</td>"),
        ("name=Mary Jones", "name=[PERSON_REDACTED]"),
        ("written by:Mary Jones", "written by:[PERSON_REDACTED]"),
    ] {
        let whole = guard.text(text, &mut Counts::new()).unwrap();
        assert_eq!(whole.as_deref(), Some(expected));
        for size in [1, 4, 100] {
            let streamed = streamed(&guard, Context::Prose, text, size).unwrap();
            assert_eq!(streamed, expected, "pieces of {size}");
        }
    }
}

/// What a text is, its beginning tells: the same for all that is there as for what is still coming.
#[test]
fn whether_a_text_is_json_is_told_by_its_beginning_whole_or_in_pieces() {
    let guard = guard(REDACTING);
    for (context, text, expected) in [
        (
            Context::Prose,
            r#"{"phone": 14155550199, "n": 1}"#,
            r#"{"phone": "[PHONE_REDACTED]", "n": 1}"#,
        ),
        (
            Context::Prose,
            "{\"card\": 4111111111111111}\n{\"t\": \"\\nbob@example.com\"}\n",
            "{\"card\": \"[CARD_REDACTED]\"}\n{\"t\": \"\\n[EMAIL_REDACTED]\"}\n",
        ),
        (
            Context::Prose,
            r#"{"card": 4111111111111111, "to": "bo"#,
            r#"{"card": "[CARD_REDACTED]", "to": "bo"#,
        ),
        (Context::Prose, r#"{"a": 1} Mail bob@example.com."#, r#"{"a": 1} Mail [EMAIL_REDACTED]."#),
        (Context::Prose, "[1] card 4111111111111111", "[1] card [CARD_REDACTED]"),
        (Context::JsonText, "ask bob@example.com", "ask [EMAIL_REDACTED]"),
        (Context::JsonText, "[4111111111111111]", r#"["[CARD_REDACTED]"]"#),
        (
            Context::JsonText,
            r#"{"body":"{\"card\": 4111111111111111}"}"#,
            r#"{"body":"{\"card\": \"[CARD_REDACTED]\"}"}"#,
        ),
    ] {
        for size in [1, 2, 3, 7, 1000] {
            let streamed = streamed(&guard, context, text, size).unwrap();
            assert_eq!(streamed, expected, "{context:?} in pieces of {size}");
        }
        let body = serde_json::json!({ "text": text }).to_string().into();
        let document = Document::parse(&body, 64, &mut |_, _| Treatment::Guard).unwrap();
        let whole = guard.document(&document, &mut Counts::new()).unwrap().unwrap();
        let whole: serde_json::Value = serde_json::from_slice(&whole).unwrap();
        assert_eq!(whole["text"], expected, "{context:?} as a whole");
    }
}

#[test]
fn a_run_without_white_space_is_not_held_for_ever() {
    let guard = guard(REDACTING);
    let run = "x".repeat(100) + "/bob@example.com/" + &"y".repeat(300);
    for size in [1, 9, 1000] {
        assert_eq!(
            streamed(&guard, Context::Prose, &run, size).unwrap().contains("bob"),
            run.contains("nobody")
        );
    }
}

proptest! {
    #[test]
    fn any_cut_gives_what_one_piece_gives(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "plain", "Ann", "bob@example.com", "[EMAIL_1]", "4111", "1111", "1111", "1111", "+1", "415", "555", "0132",
                "\n", "日本語", "é", "the", "blue", "lantern", "DE89", "3704 0044 0532 0130 00", "x%40y", "\\", "\"", "{", ",",
                "https://example.com/a?b=bob%40example.com", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            ]),
            0..24,
        ),
        glue in prop::sample::select(vec![" ", ""]),
        size in 1..20usize,
        json in any::<bool>(),
    ) {
        let text = words.join(glue);
        let yaml = format!("{REDACTING}\ncanaries: [nobody knows it]");
        let guard = guard(&yaml);
        let context = if json { Context::JsonText } else { Context::Prose };
        let whole = streamed(&guard, context, &text, usize::MAX).unwrap();
        prop_assert_eq!(streamed(&guard, context, &text, size).unwrap(), whole);
    }

    #[test]
    fn what_is_found_in_the_whole_is_found_in_any_cut(
        words in prop::collection::vec(
            prop::sample::select(vec!["plain", "words", "bob@example.com", "[EMAIL_1]", "(eve@example.net)", "4111 1111 1111 1111", "end."]),
            0..24,
        ),
        size in 1..20usize,
    ) {
        let text = words.join(" ");
        let guard = guard("entities: {EMAIL: {output: redact}, CARD: {output: redact}}");
        let whole = guard.text(&text, &mut Counts::new()).unwrap().unwrap_or_else(|| text.clone());
        prop_assert_eq!(streamed(&guard, Context::Prose, &text, size).unwrap(), whole);
    }
}
