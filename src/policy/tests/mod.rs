//! What sound policy files mean; `faults` has what is wrong with others, `models` what those with models do.

mod faults;
mod models;

use super::*;

fn load(files: &[(&str, &str)]) -> Result<PolicySet, Vec<Error>> {
    PolicySet::load(files.iter().map(|(f, y)| ((*f).to_owned(), (*y).to_owned())).collect())
}

/// Loads one policy `t` from the YAML.
#[track_caller]
fn policy(yaml: &str) -> Arc<Policy> {
    let set = load(&[("t.yaml", yaml)]).unwrap_or_else(|errors| panic!("{errors:#?}"));
    Arc::clone(set.get("t").unwrap())
}

#[track_caller]
fn rule(policy: &Policy, entity_type: EntityType) -> &Rule {
    policy.rules().get(&entity_type).unwrap_or_else(|| panic!("no rule for {entity_type}"))
}

/// Asserts that the file has exactly these faults, each given by the beginning of its line and a part of it.
#[track_caller]
fn check(yaml: &str, expected: &[(&str, &str)]) {
    let errors = load(&[("t.yaml", yaml)]).expect_err("the file has faults");
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, (begin, part)) in lines.iter().zip(expected) {
        assert!(line.starts_with(begin), "{line} does not begin with {begin}");
        assert!(line.contains(part), "{line} does not contain {part}");
        assert!(line.contains("; "), "{line} has no remedy");
    }
}

#[test]
fn all_built_in_policies_load() {
    let set = PolicySet::builtin();
    let names: Vec<&str> = set.iter().map(|p| p.name().as_str()).collect();
    let expected =
        ["default_pii", "gdpr_strict", "hipaa_phi", "injection", "pci_dss", "secrets", "slm_local"];
    assert_eq!(names, expected);
    for policy in set.iter() {
        assert!(!policy.description().is_empty(), "{}", policy.name());
        assert!(!policy.rules().is_empty(), "{}", policy.name());
    }
}

/// Whoever adds a family decides here whether it belongs into `default_pii`.
#[test]
fn every_type_is_in_the_default_policy_or_left_out_on_purpose() {
    let left_out = [
        EntityType::ABA_ROUTING_NUMBER,
        // Identifies nobody by itself; HIPAA counts it, so that policy does.
        EntityType::AGE,
        EntityType::DATE_TIME,
        EntityType::LOCATION,
        EntityType::ORGANIZATION,
        EntityType::PROMPT_INJECTION,
        EntityType::SWIFT_CODE,
        EntityType::URL,
        EntityType::US_EIN,
    ];
    let set = PolicySet::builtin();
    let default = set.get("default_pii").unwrap();
    for entity_type in default.analyzer().entity_types() {
        let named = default.rules().contains_key(entity_type);
        assert_ne!(named, left_out.contains(entity_type), "{entity_type}");
    }
}

#[test]
fn a_signal_is_flagged_or_blocked_and_never_replaced() {
    let rule = |yaml| policy(yaml).rules()[&EntityType::PROMPT_INJECTION].clone();
    for yaml in ["entities: [PROMPT_INJECTION]", "entities: {'*': {operator: remove}}"] {
        assert_eq!((rule(yaml).action, rule(yaml).operator), (Action::Flag, Operator::Keep));
    }
    let block = rule("defaults: {action: block}\nentities: [PROMPT_INJECTION]");
    assert_eq!((block.action, block.operator), (Action::Block, Operator::Keep));
    check(
        "entities:\n  PROMPT_INJECTION:\n    operator: remove\n    action: redact",
        &[
            ("t.yaml:2:3: entities.PROMPT_INJECTION.action:", "nothing takes its place"),
            ("t.yaml:2:3: entities.PROMPT_INJECTION.operator:", "nothing takes its place"),
        ],
    );
}

#[test]
fn versions_tell_policies_apart_and_stay() {
    let set = PolicySet::builtin();
    let versions: std::collections::BTreeSet<_> = set.iter().map(|p| p.version()).collect();
    assert_eq!(versions.len(), 7);
    let one = policy("entities: [EMAIL]");
    assert_eq!(one.version(), policy("entities: {EMAIL: on}\ndescription: x").version());
    assert_ne!(one.version(), policy("entities: {EMAIL: {min_score: 0.6}}").version());
    assert_ne!(one.version(), policy("entities: [EMAIL]\nallow: [x]").version());
    assert_ne!(one.version(), policy("entities: [EMAIL]\nsigned: pass").version());
    let kept = |s: u32| policy(&format!("entities: [EMAIL]\nretention: {{sessions_s: {s}}}"));
    assert_ne!(one.version(), kept(60).version());
    assert_ne!(kept(61).version(), kept(60).version());
    assert_eq!(one.version().len(), 16);
}

#[test]
fn operators_are_read_in_all_their_forms() {
    let yaml = "\
entities:
  EMAIL: {operator: '[MAIL_{i}]'}
  PHONE: {operator: {mask: {character: '#', keep_last: 4}}, action: block, direction: output}
";
    let t = policy(yaml);
    let template =
        |text| Operator::Replace { template: crate::redact::Template::parse(text).unwrap() };
    assert_eq!(rule(&t, EntityType::EMAIL_ADDRESS).operator, template("[MAIL_{i}]"));
    let phone = rule(&t, EntityType::PHONE_NUMBER);
    assert_eq!(phone.operator, Operator::Mask { character: '#', keep_first: 0, keep_last: 4 });
    assert_eq!((phone.action, phone.direction), (Action::Block, Direction::Output));
    assert_eq!(phone.min_score, Score::new(0.5));
    for (word, operator) in [
        ("redact", Operator::Remove),
        ("remove", Operator::Remove),
        ("{keep: }", Operator::Keep),
        ("surrogate", Operator::Surrogate),
        ("encrypt", Operator::Encrypt),
        ("{replace: {template: '[E_{i}]'}}", template("[E_{i}]")),
        ("replace", template("[EMAIL_{i}]")),
    ] {
        let t = policy(&format!("entities: {{EMAIL: {{operator: {word}}}}}"));
        assert_eq!(rule(&t, EntityType::EMAIL_ADDRESS).operator, operator, "{word}");
    }
}

#[test]
fn a_child_changes_only_what_it_writes() {
    let parent = "entities: {EMAIL: {operator: hash, min_score: 0.7}, PHONE: {}, URL: {}}\nunscannable: deny\n";
    let child = "extends: parent\nentities: {EMAIL: {action: block}, URL: off}\n";
    let set = load(&[("parent.yaml", parent), ("t.yaml", child)]).unwrap();
    let t = set.get("t").unwrap();
    let email = rule(t, EntityType::EMAIL_ADDRESS);
    assert_eq!((&email.operator, email.action), (&Operator::Hash, Action::Block));
    assert_eq!(email.min_score, Score::new(0.7));
    assert!(t.rules().contains_key(&EntityType::PHONE_NUMBER));
    assert!(!t.rules().contains_key(&EntityType::URL));
    assert_eq!(t.unscannable(), Unscannable::Deny);
}

#[test]
fn only_a_score_under_secrets_themselves_leaves_weak_ones() {
    let secret = |yaml: &str| rule(&policy(yaml), EntityType::SECRET).min_score;
    let (weak, half) = (Score::new(0.25), Score::new(0.5));
    for yaml in [
        "defaults: {min_score: 0.5}\nentities: [SECRET, EMAIL]",
        "extends: default_pii\ndefaults: {min_score: 0.5}",
        "entities: {\"*\": {min_score: 0.5}}",
        "entities: {\"S*\": {min_score: 0.5}, SECRET: {action: block}}",
    ] {
        assert_eq!(secret(yaml), weak, "{yaml}");
    }
    for yaml in [
        "entities: {SECRET: {min_score: 0.5}}",
        "entities: {\"SECRET*\": {min_score: 0.5}}",
        "defaults: {min_score: 0.1}\nentities: {\"*\": {}, SECRET: {min_score: 0.5}}",
    ] {
        assert_eq!(secret(yaml), half, "{yaml}");
    }
    let lower = "defaults: {min_score: 0.1}\nentities: [SECRET]";
    assert_eq!(secret(lower), Score::new(0.1));
    let mail = policy("defaults: {min_score: 0.6}\nentities: [EMAIL]");
    assert_eq!(rule(&mail, EntityType::EMAIL_ADDRESS).min_score, Score::new(0.6));
}

#[test]
fn defaults_of_a_child_apply_to_what_it_inherits() {
    let t = policy("extends: default_pii\ndefaults: {operator: mask, min_score: 0.3}\n");
    assert!(matches!(rule(&t, EntityType::EMAIL_ADDRESS).operator, Operator::Mask { .. }));
}

#[test]
fn a_file_may_replace_the_built_in_policy_that_it_extends() {
    let set =
        load(&[("default_pii.yaml", "extends: default_pii\nentities: {EMAIL: off}")]).unwrap();
    let replaced = set.get("default_pii").unwrap();
    assert!(!replaced.rules().contains_key(&EntityType::EMAIL_ADDRESS));
    assert!(replaced.rules().contains_key(&EntityType::PHONE_NUMBER));
    assert_eq!(set.iter().count(), 7);
}

#[test]
fn a_pattern_of_types_yields_to_closer_ones() {
    let t = policy(
        "entities: {'*': {action: flag}, 'US_*': {action: block}, US_SSN: {action: redact}, EMAIL: off}",
    );
    assert_eq!(rule(&t, EntityType::US_SSN).action, Action::Redact);
    assert_eq!(rule(&t, EntityType::US_ITIN).action, Action::Block);
    assert_eq!(rule(&t, EntityType::CREDIT_CARD).action, Action::Flag);
    assert!(!t.rules().contains_key(&EntityType::EMAIL_ADDRESS));
    let flagged = t.operators().get(&EntityType::CREDIT_CARD).into_owned();
    assert_eq!(flagged, Operator::Keep);
}

#[test]
fn own_recognizers_and_denied_words_are_on_by_themselves() {
    let yaml = "\
recognizers:
  - name: badge
    entity_type: BADGE_ID
    patterns: [{regex: 'B-[0-9]{6}', score: 0.3}]
    context: [badge]
    score: 0.4
deny: [Project Bluebird]
";
    let t = policy(yaml);
    let types: Vec<&str> = t.rules().keys().map(EntityType::as_str).collect();
    assert_eq!(types, ["BADGE_ID", "DENIED"]);
    let text = "the badge B-123456 opens project bluebird";
    let found = t.analyzer().analyze(&[text.into()], t.selection(Direction::Input));
    let seen: Vec<_> =
        found[0].iter().map(|f| (f.entity_type.as_str(), f.span.slice(text))).collect();
    assert_eq!(seen, [("BADGE_ID", "B-123456"), ("DENIED", "project bluebird")]);
}

#[test]
fn directions_select_apart() {
    let t = policy("entities: {EMAIL: {direction: input}, PHONE: {direction: output}, URL: {}}");
    let wants = |way, entity_type| t.selection(way).min_score(&entity_type).is_some();
    assert!(wants(Direction::Input, EntityType::EMAIL_ADDRESS));
    assert!(!wants(Direction::Output, EntityType::EMAIL_ADDRESS));
    assert!(!wants(Direction::Input, EntityType::PHONE_NUMBER));
    assert!(wants(Direction::Output, EntityType::PHONE_NUMBER));
    assert!(wants(Direction::Input, EntityType::URL) && !wants(Direction::Output, EntityType::URL));
}

#[test]
fn what_the_model_wrote_passes_unless_a_rule_says_otherwise() {
    let t = policy(
        "entities: {EMAIL: {}, PHONE: {direction: both, action: block}, URL: {output: redact, operator: mask},
           PERSON: {direction: output, output: flag}, US_SSN: {direction: both, output: pass}}",
    );
    let output = |entity_type| rule(&t, entity_type).output;
    assert_eq!(output(EntityType::EMAIL_ADDRESS), Output::Pass);
    assert_eq!(output(EntityType::PHONE_NUMBER), Output::Act(Action::Block));
    assert_eq!(output(EntityType::URL), Output::Act(Action::Redact));
    assert_eq!(output(EntityType::PERSON), Output::Act(Action::Flag));
    assert_eq!(output(EntityType::US_SSN), Output::Pass);
    assert!(t.guards_output() && !policy("entities: [EMAIL]").guards_output());
    let operator = |entity_type| t.output_operators().get(&entity_type).into_owned();
    assert_eq!(operator(EntityType::PHONE_NUMBER), Operator::Label, "nothing comes back");
    assert!(matches!(operator(EntityType::URL), Operator::Mask { .. }));
    assert_eq!(operator(EntityType::PERSON), Operator::Keep);
}

#[test]
fn only_a_rule_for_canaries_themselves_changes_that_they_block() {
    let of = |rules: &str| {
        let policy = policy(&format!("canaries: [blue-lantern-4711]\n{rules}"));
        policy.rules().get(&EntityType::builtin("CANARY")).map(|rule| rule.output)
    };
    let blocks = Some(Output::Act(Action::Block));
    for (rules, expected) in [
        ("", blocks),
        ("defaults: {output: pass}", blocks),
        ("defaults: {output: redact, direction: input}", blocks),
        ("entities: {\"*\": {output: flag}}", blocks),
        ("entities: {\"*\": off}", blocks),
        ("entities: {\"CAN*\": {output: pass}}", blocks),
        ("entities: {CANARY: {output: redact}}", Some(Output::Act(Action::Redact))),
        (
            "defaults: {output: pass}\nentities: {CANARY: {output: flag}}",
            Some(Output::Act(Action::Flag)),
        ),
        ("entities: {CANARY: off}", None),
    ] {
        assert_eq!(of(rules), expected, "{rules}");
    }
}

#[test]
fn canaries_are_looked_for_in_answers_alone() {
    let t = policy("canaries: ['blue (lantern)']");
    let found = |way| {
        let found = t.analyzer().analyze(&["xblue (lantern)x".into()], t.selection(way));
        found[0].iter().map(|f| f.entity_type.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(Direction::Output), ["CANARY"]);
    assert!(found(Direction::Input).is_empty());
    check("canaries: [short]", &[("t.yaml:1:12: canaries:", "6 to 64 characters")]);
}

#[test]
fn numbering_and_one_way_places_are_words_of_ours() {
    let t = policy("numbering: keyed\none_way: [tool_arguments, user]");
    assert_eq!(t.numbering(), Numbering::Keyed);
    assert_eq!(t.one_way().names().collect::<Vec<_>>(), ["tool_arguments", "user"]);
    check(
        "numbering: random\none_way: [tool_argument]",
        &[
            ("t.yaml:1:12: numbering:", "unknown value `random`"),
            ("t.yaml:2:11: one_way:", "did you mean `tool_arguments`?"),
        ],
    );
}

#[test]
fn retention_and_languages_are_kept() {
    let t = policy("languages: [en, de]\nretention: {sessions_s: 3600, cache: false}\n");
    assert_eq!(t.languages(), ["en", "de"]);
    let expected = Retention { sessions: Some(Duration::from_secs(3600)), cache: Some(false) };
    assert_eq!(t.retention(), expected);
}

#[test]
fn lists_add_up_over_generations() {
    let set = load(&[
        ("a.yaml", "allow: [x]\ndeny: [p]"),
        ("t.yaml", "extends: a\nallow: {regex: ['y+']}\ndeny: [q]"),
    ]);
    let set = set.unwrap();
    let t = set.get("t").unwrap();
    assert!(t.allows("x") && t.allows("yy") && !t.allows("z"));
    let found = t.analyzer().analyze(&["p and q".into()], t.selection(Direction::Input));
    assert_eq!(found[0].len(), 2);
}

#[test]
fn the_examples_of_the_documentation_load() {
    let page = include_str!("../../../docs/POLICIES.md");
    let examples = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    // One that names a model loads only where there is that model.
    let examples: Vec<&str> = examples.filter(|example| !example.contains("models:")).collect();
    let files = examples.iter().map(|example| ("example.yaml", *example)).collect::<Vec<_>>();
    let set = load(&files).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(rule(set.get("team").unwrap(), EntityType::US_SSN).action, Action::Block);
    let injection = EntityType::builtin("PROMPT_INJECTION");
    assert_eq!(rule(set.get("watch").unwrap(), injection).action, Action::Flag);
}

#[test]
fn the_documentation_tells_of_every_type_in_a_built_in_policy() {
    let page = include_str!("../../../docs/POLICIES.md");
    for policy in PolicySet::builtin().iter() {
        for entity_type in policy.rules().keys().map(EntityType::as_str) {
            let told =
                page.contains(&format!("`{entity_type}`")) || entity_type.starts_with("SECRET");
            assert!(told, "{entity_type} of {}", policy.name());
        }
    }
}
