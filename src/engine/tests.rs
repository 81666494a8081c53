use super::*;
use crate::{
    detect::{Model, finder::Finder},
    redact::{Context, Treatment},
};
use proptest::prelude::*;

/// An engine whose default policy `t` is given in YAML.
#[track_caller]
fn engine(yaml: &str) -> Engine {
    let files = vec![("t.yaml".to_owned(), yaml.to_owned())];
    let set = PolicySet::load(files).unwrap_or_else(|errors| panic!("{errors:#?}"));
    Engine::new(set, "t", Keys::derive(b"a secret for tests")).unwrap()
}

fn redact(engine: &Engine, texts: &[&str], mapping: &mut Mapping) -> Vec<RedactedText> {
    engine.redact(engine.policy(None).unwrap(), texts, mapping).unwrap()
}

#[track_caller]
fn redacted(yaml: &str, text: &str) -> (String, Verdict) {
    let result = redact(&engine(yaml), &[text], &mut Mapping::new()).remove(0);
    (result.text.expose().clone(), result.scanned.verdict)
}

const TEXT: &str = "ann@example.org pays with 4111 1111 1111 1111";

#[test]
fn what_is_found_is_replaced_and_comes_back() {
    let engine = engine("entities: [EMAIL, CARD]");
    let mut mapping = Mapping::new();
    let results = redact(&engine, &[TEXT, "ann@example.org"], &mut mapping);
    assert_eq!(results[0].text.expose(), "[EMAIL_1] pays with [CARD_1]");
    assert_eq!(results[1].text.expose(), "[EMAIL_1]");
    let spans: Vec<_> = results[0]
        .scanned
        .findings
        .iter()
        .map(|j| j.redacted.unwrap().slice(results[0].text.expose()))
        .collect();
    assert_eq!(spans, ["[EMAIL_1]", "[CARD_1]"]);
    assert_eq!(mapping.restorer().restore("to [EMAIL_1]", Context::Prose), "to ann@example.org");
}

#[test]
fn directions_decide_which_texts_are_scanned_for_a_type() {
    let engine = engine("entities: {EMAIL: {direction: output}, CARD: {direction: input}}");
    let policy = engine.policy(None).unwrap();
    let texts = [Text { label: None, text: TEXT }];
    let types = |scanned: Vec<Scanned>| -> Vec<EntityType> {
        scanned[0].findings.iter().map(|judged| judged.finding.entity_type.clone()).collect()
    };
    let sent = engine.scan(policy, &texts, &Narrowing::default()).unwrap();
    assert_eq!(types(sent), [EntityType::CREDIT_CARD]);
    assert_eq!(types(engine.scan_output(policy, &texts)), [EntityType::EMAIL_ADDRESS]);
}

#[test]
fn actions_decide_the_verdict_and_flagged_values_stay() {
    let check = |actions: &str, text: &str, verdict| {
        let (out, found) = redacted(&format!("entities: {{{actions}}}"), TEXT);
        assert_eq!((out.as_str(), found), (text, verdict), "{actions}");
    };
    check("EMAIL: {action: flag}", TEXT, Verdict::Flag);
    check("EMAIL: {operator: keep}", TEXT, Verdict::Flag);
    check(
        "EMAIL: {action: flag}, CARD: {operator: mask}",
        "ann@example.org pays with **** **** **** ****",
        Verdict::Redact,
    );
    check("EMAIL: {action: block}", "[EMAIL_1] pays with 4111 1111 1111 1111", Verdict::Block);
    check("US_SSN: on", TEXT, Verdict::Allow);
}

#[test]
fn the_operator_that_applies_is_told() {
    let engine =
        engine("entities: {EMAIL: {action: flag, operator: hash}, CARD: {operator: hash}}");
    let scanned =
        engine.scan(engine.policy(None).unwrap(), &[TEXT.into()], &Narrowing::default()).unwrap();
    let operators: Vec<_> = scanned[0].findings.iter().map(|j| j.operator).collect();
    assert_eq!(operators, ["keep", "hash"]);
    assert!(scanned[0].findings.iter().all(|j| j.redacted.is_none()));
}

#[test]
fn allowed_values_are_not_findings() {
    let yaml = "entities: [EMAIL]\nallow: {exact: [ann@example.org], regex: ['.*@example\\.com']}";
    let (text, verdict) = redacted(yaml, "ann@example.org, bob@example.com, eve@example.net");
    assert_eq!(text, "ann@example.org, bob@example.com, [EMAIL_1]");
    assert_eq!(verdict, Verdict::Redact);
}

#[test]
fn a_caller_narrows_and_never_widens() {
    let engine = engine("entities: {EMAIL: {min_score: 0.5}, CARD: {}}");
    let policy = engine.policy(None).unwrap();
    let found = |entities: Vec<EntityType>, min_score| {
        let narrowing = Narrowing { entities, min_score };
        engine.scan(policy, &[TEXT.into()], &narrowing).unwrap().remove(0).findings.len()
    };
    assert_eq!(found(vec![], None), 2);
    assert_eq!(found(vec![EntityType::EMAIL_ADDRESS], None), 1);
    assert_eq!(found(vec![EntityType::IBAN_CODE], None), 0);
    assert_eq!(found(vec![], Some(0.0)), 2);
    assert_eq!(found(vec![], Some(1.1)), found(vec![], Some(1.0)));
}

fn document(body: &str) -> Document {
    Document::parse(&body.to_owned().into(), 64, &mut |_, _| Treatment::Guard).unwrap()
}

#[test]
fn documents_are_redacted_and_counted() {
    let engine = engine("entities: [EMAIL, CARD]");
    let policy = engine.policy(None).unwrap();
    let mut mapping = Mapping::new();
    let body =
        document(r#"{"a": "ann@example.org", "b": ["ann@example.org", "4111 1111 1111 1111"]}"#);
    let (redacted, counts) = engine.redact_document(policy, &body, &mut mapping).unwrap();
    assert_eq!(redacted.as_str(), r#"{"a": "[EMAIL_1]", "b": ["[EMAIL_1]", "[CARD_1]"]}"#);
    assert_eq!(counts, [(EntityType::EMAIL_ADDRESS, 2), (EntityType::CREDIT_CARD, 1)].into());
}

#[test]
fn a_value_over_two_parts_of_a_message_is_replaced_in_both() {
    let engine = engine("entities: [EMAIL, CARD]");
    let policy = engine.policy(None).unwrap();
    let mut mapping = Mapping::new();
    let text = r#"[{"text": "mail ann.smith@"}, {"text": "example.org, 4111 1111"}, {"text": " 1111\u00201111."}]"#;
    let (redacted, counts) = engine.redact_document(policy, &document(text), &mut mapping).unwrap();
    let expected =
        r#"[{"text": "mail [EMAIL_1]"}, {"text": "[EMAIL_2], [CARD_1]"}, {"text": "[CARD_2]."}]"#;
    assert_eq!(redacted.as_str(), expected);
    assert_eq!(counts, [(EntityType::EMAIL_ADDRESS, 2), (EntityType::CREDIT_CARD, 2)].into());
    let restored = mapping.restorer().restore(redacted.as_str(), Context::Prose).into_owned();
    assert_eq!(restored, text.replace("\\u0020", " "));
}

#[test]
fn a_blocked_document_is_not_redacted_and_leaves_no_trace() {
    let engine = engine("entities: {EMAIL: on, CARD: {action: block}}");
    let policy = engine.policy(None).unwrap();
    let mut mapping = Mapping::new();
    let body = document(r#"["ann@example.org", "4111 1111 1111 1111"]"#);
    let blocked = engine.redact_document(policy, &body, &mut mapping).unwrap_err();
    assert_eq!(blocked.to_string(), "blocked by policy t: the text holds CREDIT_CARD");
    assert!(mapping.is_empty());
}

#[test]
fn targets_are_redacted() {
    let engine = engine("entities: [EMAIL]");
    let target = Target::parse("/v1/models", Some("user=ann%40example.org"));
    let mut mapping = Mapping::new();
    let (redacted, counts) =
        engine.redact_target(engine.policy(None).unwrap(), &target, &mut mapping).unwrap();
    assert!(!redacted.as_str().contains("ann"), "{}", redacted.as_str());
    assert_eq!(counts.len(), 1);
}

#[test]
fn unknown_policies_are_told_with_what_is_known() {
    let engine = engine("{}");
    let error = engine.policy(Some("nobody")).unwrap_err().to_string();
    assert!(error.starts_with("there is no policy `nobody`; known are default_pii, "), "{error}");
    assert!(Engine::new(PolicySet::builtin(), "nobody", Keys::derive(b"k")).is_err());
}

#[test]
fn summaries_name_the_default() {
    let engine = Engine::new(PolicySet::builtin(), "secrets", Keys::derive(b"k")).unwrap();
    let default: Vec<_> = engine
        .summaries()
        .into_iter()
        .filter(|s| s.is_default)
        .map(|s| s.name.to_string())
        .collect();
    assert_eq!(default, ["secrets"]);
}

#[test]
fn card_data_is_not_reversible_under_pci_dss() {
    let engine = Engine::new(PolicySet::builtin(), "pci_dss", Keys::derive(b"k")).unwrap();
    let mut mapping = Mapping::new();
    let results = redact(&engine, &["card 4111 1111 1111 1111"], &mut mapping);
    assert_eq!(results[0].text.expose(), "card **** **** **** 1111");
    assert!(mapping.is_empty());
}

#[test]
fn small_local_models_see_contact_data_and_no_secrets() {
    let engine = Engine::new(PolicySet::builtin(), "slm_local", Keys::derive(b"k")).unwrap();
    let text =
        format!("ann@example.org, token {}{}", "ghp_", "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8aB3dE5gH7");
    let results = redact(&engine, &[&text], &mut Mapping::new());
    assert_eq!(results[0].text.expose(), "ann@example.org, token [SECRET_1]");
}

#[test]
fn nothing_shows_values_in_debug_output() {
    let engine = engine("entities: [EMAIL]");
    let results = redact(&engine, &[TEXT], &mut Mapping::new());
    assert!(!format!("{results:?}").contains("ann@"));
}

fn pieces() -> impl Strategy<Value = Vec<String>> {
    let piece = prop_oneof![
        "[ -~]{0,30}",
        "\\PC{0,12}",
        Just("ann@example.org".to_owned()),
        Just("4111 1111 1111 1111".to_owned()),
        Just("<p>ann.smith@<b>example.org</b></p>".to_owned()),
        Just("4111 **1111** 1111 <i>1111</i>".to_owned()),
        Just("[EMAIL_1]".to_owned()),
        Just("EMAIL_2 [CARD_1]".to_owned()),
        "[a-z]{1,8}@example\\.(org|net)",
    ];
    prop::collection::vec(prop::collection::vec(piece, 0..6).prop_map(|p| p.join(" ")), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands in the texts, look-alikes of placeholders too.
    #[test]
    fn restoring_undoes_redacting(texts in pieces()) {
        for operator in ["replace", "encrypt", "surrogate"] {
            let engine = engine(&format!("defaults: {{operator: {operator}}}\nentities: [EMAIL, CARD]"));
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut mapping = Mapping::new();
            let results = redact(&engine, &texts, &mut mapping);
            let restorer = mapping.restorer();
            for (text, result) in texts.iter().zip(&results) {
                let restored = restorer.restore(result.text.expose(), Context::Prose);
                prop_assert_eq!(restored.as_ref(), *text);
            }
        }
    }

    #[test]
    fn no_found_value_stays(texts in pieces()) {
        let engine = engine("entities: [EMAIL]");
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for result in redact(&engine, &texts, &mut Mapping::new()) {
            prop_assert!(!result.text.expose().contains("ann@example.org"));
        }
    }
}

/// An engine whose default policy `t` names a model for tests.
fn engine_with(model: &Arc<Finder>, yaml: &str) -> Engine {
    let files = vec![("t.yaml".to_owned(), format!("models: finder\n{yaml}"))];
    let set = PolicySet::load_with(files, &[Arc::clone(model) as Arc<dyn Model>]).unwrap();
    Engine::new(set, "t", Keys::derive(b"a secret for tests")).unwrap()
}

#[test]
fn what_a_model_finds_is_redacted_and_numbered_like_anything_else() {
    let engine = engine_with(&Finder::new(Vec::new()), "entities: [PERSON, EMAIL]");
    let result = redact(&engine, &["zorblax wrote to ann@example.org"], &mut Mapping::new());
    assert_eq!(result[0].text.expose(), "[PERSON_1] wrote to [EMAIL_1]");
}

#[test]
fn nothing_is_redacted_where_a_model_could_not_read() {
    let unread = Unread { model: "finder".into(), reason: "it was late".to_owned() };
    let failures = vec![Err(unread.clone()), Err(unread.clone()), Err(unread.clone())];
    let engine = engine_with(&Finder::new(failures), "entities: [PERSON, EMAIL]");
    let policy = engine.policy(None).unwrap();
    let mut mapping = Mapping::new();
    let text = "ann@example.org";
    let body = document(r#"["ann@example.org"]"#);
    let refused = engine.redact_document(policy, &body, &mut mapping).unwrap_err();
    assert_eq!(refused, Refused::Unread(unread.clone()));
    assert_eq!(engine.redact(policy, &[text], &mut mapping).unwrap_err(), unread);
    let scanned = engine.scan(policy, &[text.into()], &Narrowing::default());
    assert_eq!(scanned.unwrap_err(), unread);
    assert!(mapping.is_empty());
}

#[test]
fn a_model_is_asked_neither_for_targets_nor_for_what_is_only_glanced_at() {
    let model = Finder::new(Vec::new());
    let engine = engine_with(&model, "entities: [PERSON]");
    let policy = engine.policy(None).unwrap();
    let target = Target::parse("/v1/models", Some("user=zorblax"));
    engine.redact_target(policy, &target, &mut Mapping::new()).unwrap();
    engine.glance(policy, &["zorblax".into()]);
    engine.scan_output(policy, &["zorblax".into()]);
    assert_eq!(model.asked(), 0);
}
