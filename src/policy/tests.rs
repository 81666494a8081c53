//! Every fault a policy file can have, with its place; and what sound files mean.

use super::*;
use crate::detect::{Model, finder::Finder};

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
fn every_fault_is_reported_at_once_with_its_place() {
    let yaml = "\
entites: [EMAIL]
name: Wrong Name
unscannable: maybe
entities:
  EMAIL:
    operator: maks
    min_score: 2
    colour: red
  PHONE_NUMBER: 5
  UNICORN: on
languages: [english]
";
    check(
        yaml,
        &[
            ("t.yaml:1:1: entites:", "did you mean `entities`?"),
            ("t.yaml:2:7: name:", "`Wrong Name` cannot name a policy"),
            ("t.yaml:3:14: unscannable:", "use one of pass, deny"),
            ("t.yaml:6:15: entities.EMAIL.operator:", "did you mean `mask`?"),
            ("t.yaml:7:16: entities.EMAIL.min_score:", "from 0 to 1, found 2"),
            (
                "t.yaml:8:5: entities.EMAIL.colour:",
                "use one of operator, min_score, action, direction, output",
            ),
            ("t.yaml:9:17: entities.PHONE_NUMBER:", "expected a rule, found a number"),
            ("t.yaml:10:3: entities.UNICORN:", "no recognizer finds `UNICORN`"),
            ("t.yaml:11:13: languages:", "two letters"),
        ],
    );
}

#[test]
fn types_that_nothing_finds_are_faults() {
    let yaml = "entities:\n  EMAIL_ADRESS: on\n  UNICORN: off\n  FOO*: {}\n";
    check(
        yaml,
        &[
            ("t.yaml:2:3: entities.EMAIL_ADRESS:", "did you mean `EMAIL_ADDRESS`?"),
            (
                "t.yaml:3:3: entities.UNICORN:",
                "no recognizer finds `UNICORN`; `prompt-guard recognizers`",
            ),
            ("t.yaml:4:3: entities.FOO*:", "no recognizer finds `FOO*`"),
        ],
    );
}

#[test]
fn repeated_keys_and_names_are_faults() {
    check("name: t\nname: t\n", &[("t.yaml:2:1: name:", "first in line 1")]);
    check(
        "entities: {EMAIL: on, EMAIL_ADDRESS: on}",
        &[("t.yaml:1:23: entities.EMAIL_ADDRESS:", "already")],
    );
    check("entities: [EMAIL, EMAIL_ADDRESS]", &[("t.yaml:1:19: entities:", "listed twice")]);
    let twice = "recognizers:\n- {name: a, entity_type: A, deny_list: [x]}\n- {name: a, entity_type: B, deny_list: [x]}\n";
    check(twice, &[("t.yaml:3:10: recognizers[1].name:", "two recognizers are named `a`")]);
}

#[test]
fn two_files_of_one_name_are_a_fault() {
    let errors = load(&[("a.yaml", "name: team"), ("b.yaml", "name: team")]).unwrap_err();
    assert_eq!(errors.len(), 1);
    let line = errors[0].to_string();
    assert!(
        line.starts_with("b.yaml:1:7: name: the policy `team` is also defined in a.yaml"),
        "{line}"
    );
}

#[test]
fn patterns_are_compiled_one_by_one() {
    let yaml = "\
recognizers:
  - name: badge
    entity_type: BADGE
    patterns: ['B-[0-9', 'B-(?=x)', {regex: '(b', score: 0.4}, 'ok[0-9]']
    validator: lhun
allow: {regex: ['(']}
deny: {regex: ['a*']}
";
    check(
        yaml,
        &[
            ("t.yaml:4:16: recognizers[0].patterns[0]:", "unclosed character class"),
            ("t.yaml:4:26: recognizers[0].patterns[1]:", "look"),
            ("t.yaml:4:45: recognizers[0].patterns[2]:", "unclosed group"),
            ("t.yaml:5:16: recognizers[0].validator:", "did you mean `luhn`?"),
            ("t.yaml:6:17: allow.regex[0]:", "unclosed group"),
            ("t.yaml:7:16: deny.regex[0]:", "empty"),
        ],
    );
}

#[test]
fn recognizers_need_a_name_a_type_and_something_to_find() {
    let yaml = "recognizers:\n  - {}\n  - {name: deny, entity_type: low, context: [x]}\n";
    check(
        yaml,
        &[
            ("t.yaml:2:5: recognizers[0].entity_type:", "the key is missing"),
            ("t.yaml:2:5: recognizers[0].name:", "the key is missing"),
            ("t.yaml:3:5: recognizers[1]:", "neither patterns nor a deny_list"),
            ("t.yaml:3:12: recognizers[1].name:", "taken by the list `deny`"),
            ("t.yaml:3:31: recognizers[1].entity_type:", "`low` cannot name an entity type"),
        ],
    );
}

#[test]
fn operators_are_checked_with_their_parameters() {
    let bad = |operator: &str| format!("defaults:\n  operator: {operator}\n");
    check(&bad("'[PII]'"), &[("t.yaml:2:13: defaults.operator:", "`{i}`")]);
    check(&bad("'[{i}]'"), &[("t.yaml:2:13: defaults.operator:", "letter")]);
    check(&bad("{replace: '[A{i}{i}]'}"), &[("t.yaml:2:13: defaults.operator:", "once")]);
    check(
        &bad("{mask: {keep_last: 1.5}}"),
        &[("t.yaml:2:32: defaults.operator.mask.keep_last:", "whole")],
    );
    check(&bad("{mask: {character: xy}}"), &[("t.yaml:2:32: defaults", "one character")]);
    check(&bad("{mask: {character: x}}"), &[("t.yaml:2:32: defaults", "neither letter")]);
    check(
        &bad("{hash: {salt: x}}"),
        &[("t.yaml:2:21: defaults.operator.hash.salt:", "unknown key")],
    );
    check(&bad("{hash: , mask: }"), &[("t.yaml:2:13: defaults.operator:", "found 2")]);
    check(&bad("[mask]"), &[("t.yaml:2:13: defaults.operator:", "expected text, found a list")]);
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
fn numbers_are_not_taken_for_text() {
    check("allow: [0123, ok]", &[("t.yaml:1:9: allow[0]:", "put it in quotes")]);
    check("deny: ['']", &[("t.yaml:1:8: deny[0]:", "the text is empty")]);
}

#[test]
fn broken_syntax_and_wrong_shapes_are_faults() {
    check("- a\n", &[("t.yaml:1:1:", "expected a mapping, found a list")]);
    check("name: [\n", &[("t.yaml:1:7:", "not YAML")]);
    check("", &[("t.yaml", "expected a mapping, found nothing")]);
    check("version: 2\n", &[("t.yaml:1:10: version:", "expected 1, found 2")]);
    check("name: t\n---\nname: u\n", &[("t.yaml:3:1:", "more than one document")]);
}

#[test]
fn unknown_parents_and_cycles_are_faults() {
    check("extends: default_pi", &[("t.yaml:1:10: extends:", "did you mean `default_pii`?")]);
    check("extends: t", &[("t.yaml:1:10: extends:", "`t` extends itself")]);
    let errors = load(&[
        ("a.yaml", "extends: [default_pii, b]"),
        ("b.yaml", "extends: c"),
        ("c.yaml", "extends: b"),
    ])
    .unwrap_err();
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].starts_with("b.yaml:1:10: extends: b -> c -> b is a cycle"), "{lines:#?}");
    assert!(lines[1].starts_with("c.yaml:1:10: extends: c -> b -> c is a cycle"), "{lines:#?}");
}

#[test]
fn a_fault_in_a_parent_is_told_once() {
    let errors = load(&[
        ("a.yaml", "extends: b"),
        ("b.yaml", "entities: [NOTHING]"),
        ("c.yaml", "colour: x"),
        ("d.yaml", "extends: c"),
    ]);
    let lines: Vec<String> = errors.unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].starts_with("b.yaml:1:12: entities.NOTHING"), "{lines:#?}");
    assert!(lines[1].starts_with("c.yaml:1:1: colour"), "{lines:#?}");
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
fn all_faults_are_told_at_once_whatever_kind_they_are() {
    check(
        "extends: nope\nentities:\n  CREDIT_CARD: {operator: '[C_{i}_{i}]', min_score: 3}\nrecognizers:\n  \
         - {name: r, entity_type: FOO, patterns: ['(']}\n",
        &[
            ("t.yaml:1:10: extends:", "there is no policy `nope`"),
            ("t.yaml:3:27: entities.CREDIT_CARD.operator:", "once only"),
            ("t.yaml:3:53: entities.CREDIT_CARD.min_score:", "from 0 to 1"),
            ("t.yaml:5:44: recognizers[0].patterns[0]:", "unclosed group"),
        ],
    );
    check(
        "entities: {UNICORN: on, FOO: on, CREDIT_CARD: {operator: '{i}'}}\nrecognizers:\n  \
         - {name: r, entity_type: FOO, patterns: ['(']}\n",
        &[
            ("t.yaml:1:12: entities.UNICORN:", "no recognizer finds `UNICORN`"),
            ("t.yaml:1:58: entities.CREDIT_CARD.operator:", "needs a letter"),
            ("t.yaml:3:44: recognizers[0].patterns[0]:", "unclosed group"),
        ],
    );
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
fn the_example_of_the_documentation_loads() {
    let page = include_str!("../../docs/POLICIES.md");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let set = load(&[("team.yaml", example)]).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(rule(set.get("team").unwrap(), EntityType::US_SSN).action, Action::Block);
}

#[test]
fn the_documentation_tells_of_every_type_in_a_built_in_policy() {
    let page = include_str!("../../docs/POLICIES.md");
    for policy in PolicySet::builtin().iter() {
        for entity_type in policy.rules().keys().map(EntityType::as_str) {
            let told =
                page.contains(&format!("`{entity_type}`")) || entity_type.starts_with("SECRET");
            assert!(told, "{entity_type} of {}", policy.name());
        }
    }
}

fn load_with(yaml: &str, model: &Arc<Finder>) -> Result<PolicySet, Vec<Error>> {
    let model = Arc::clone(model) as Arc<dyn Model>;
    PolicySet::load_with(vec![("t.yaml".to_owned(), yaml.to_owned())], &[model])
}

#[test]
fn a_model_that_nobody_has_is_a_fault() {
    check("models: finder", &[("t.yaml:1:9: models: there is no model `finder`", "models.*")]);
    let errors = load_with("models: [findr]", &Finder::new(Vec::new())).unwrap_err();
    assert!(errors[0].remedy.contains("did you mean `finder`?"), "{errors:?}");
}

#[test]
fn what_only_a_model_finds_is_wanted_by_who_names_it() {
    let model = Finder::new(Vec::new());
    let set = load_with("models: finder\nentities: [EMAIL]", &model).unwrap();
    let named = set.get("t").unwrap();
    let types: Vec<&str> = named.rules().keys().map(EntityType::as_str).collect();
    assert_eq!(types, ["ALIEN", "EMAIL_ADDRESS"], "nobody asked for persons");
    assert!(named.analyzer().has_models());

    let others = set.get("default_pii").unwrap();
    assert!(!others.analyzer().has_models());
    assert!(others.rules().keys().all(|t| t.as_str() != "ALIEN"));
    let plain = policy("entities: [EMAIL]");
    assert_ne!(plain.version(), named.version());
}

#[test]
fn models_add_up_along_the_line() {
    let model = Arc::clone(&Finder::new(Vec::new())) as Arc<dyn Model>;
    let files = [("a.yaml", "models: finder"), ("b.yaml", "extends: a\nentities: {ALIEN: off}")];
    let files = files.map(|(f, y)| (f.to_owned(), y.to_owned()));
    let set = PolicySet::load_with(files.into(), &[model]).unwrap();
    let heir = set.get("b").unwrap();
    assert_eq!(heir.models(), ["finder"]);
    assert!(heir.analyzer().has_models());
    assert!(heir.rules().is_empty());
}
