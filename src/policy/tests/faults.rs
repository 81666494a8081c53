//! Every fault that a policy file can have, with its place.

use super::*;

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
