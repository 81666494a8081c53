//! Keyed numbers.

use super::*;
use proptest::prelude::*;

fn keyed(tenant: &str) -> Mapping {
    let mut mapping = Mapping::new();
    mapping.number_by(keys().numbering(tenant));
    mapping
}

fn placeholder(mapping: &mut Mapping, value: &str) -> String {
    let found = [finding(value, "EMAIL_ADDRESS", 0, value.len())];
    redact_text(value, &found, &Operators::new(), &keys(), mapping).0
}

#[test]
fn a_value_has_the_same_number_in_all_requests_of_a_tenant_and_another_elsewhere() {
    let first = placeholder(&mut keyed("ann"), "x@example.org");
    let mut later = keyed("ann");
    placeholder(&mut later, "y@example.org");
    assert_eq!(placeholder(&mut later, "x@example.org"), first);
    assert_ne!(placeholder(&mut keyed("bob"), "x@example.org"), first);
    assert!(first.starts_with("[EMAIL_k") && first.len() == "[EMAIL_k7f3q9a]".len(), "{first}");
}

#[test]
fn numbers_above_a_floor_go_on_when_the_mapping_was_kept() {
    let mut mapping = Mapping::new();
    assert_eq!(placeholder(&mut mapping, "x@example.org"), "[EMAIL_1]");
    mapping.number_above(400_000);
    assert_eq!(placeholder(&mut mapping, "y@example.org"), "[EMAIL_400001]");
    let mut kept = Mapping::decode(&mapping.encode()).unwrap();
    kept.number_above(700_000);
    assert_eq!(placeholder(&mut kept, "z@example.org"), "[EMAIL_400002]", "it has a floor");
    assert_eq!(placeholder(&mut kept, "x@example.org"), "[EMAIL_1]");
}

#[test]
fn it_comes_back_also_bent_and_never_for_another() {
    let mut mapping = keyed("ann");
    let stand_in = placeholder(&mut mapping, "x@example.org");
    let restorer = mapping.restorer();
    let word = &stand_in[1..stand_in.len() - 1];
    let bent = [
        stand_in.clone(),
        stand_in.to_uppercase(),
        format!("\\[{}\\]", word.replace('_', "\\_")),
        format!("[ {word} ]"),
        word.to_owned(),
        stand_in.replace('[', "［").replace(']', "］"),
    ];
    for text in bent {
        assert_eq!(
            restorer.restore(&format!("to {text}!"), Context::Prose),
            "to x@example.org!",
            "{text}"
        );
    }
    for other in
        [stand_in.replace(']', "0]"), stand_in.replace("_k", "_k0"), "[EMAIL_1]".to_owned()]
    {
        assert_eq!(restorer.restore(&other, Context::Prose), other);
    }
}

#[test]
fn a_number_that_is_taken_gets_longer() {
    let short = placeholder(&mut keyed("ann"), "x@example.org");
    let mut mapping = keyed("ann");
    mapping.reserve_literals(&format!("the caller writes {} by chance", short.to_uppercase()));
    let longer = placeholder(&mut mapping, "x@example.org");
    assert!(
        longer.starts_with(short.trim_end_matches(']')) && longer.len() == short.len() + 3,
        "{longer}"
    );
    assert_eq!(mapping.restorer().restore(&short, Context::Prose), short);
}

/// A text that holds one already, as a placeholder or as a bare word, is never taken for the value.
#[test]
fn a_number_of_any_length_is_seen_in_a_text_that_looks_like_it() {
    for value in (0..100).map(|n| format!("v{n}@example.org")) {
        let (mut seen, mut literals) = (Vec::new(), String::new());
        for _ in 0..4 {
            let mut mapping = keyed("ann");
            mapping.reserve_literals(&literals);
            let stand_in = placeholder(&mut mapping, &value);
            let number = stand_in.strip_prefix("[EMAIL_k").expect("keyed");
            assert!(number.starts_with(|c: char| c.is_ascii_digit()), "{stand_in}");
            assert!(!seen.contains(&stand_in), "{stand_in} beside {literals}");
            literals.extend([" see ", &stand_in[1..stand_in.len() - 1], ","]);
            seen.push(stand_in);
        }
    }
}

#[test]
fn a_session_that_was_numbered_otherwise_keeps_what_it_has() {
    let mut mapping = Mapping::new();
    assert_eq!(placeholder(&mut mapping, "x@example.org"), "[EMAIL_1]");
    let mut mapping = Mapping::decode(&mapping.encode()).unwrap();
    mapping.number_by(keys().numbering("ann"));
    assert_eq!(placeholder(&mut mapping, "x@example.org"), "[EMAIL_1]");
    assert!(placeholder(&mut mapping, "y@example.org").starts_with("[EMAIL_k"));
}

proptest! {
    #[test]
    fn distinct_values_have_distinct_numbers(values in prop::collection::hash_set("[a-z]{1,8}", 1..60)) {
        let mut mapping = keyed("ann");
        let stand_ins: Vec<_> = values.iter().map(|value| placeholder(&mut mapping, value)).collect();
        let restorer = mapping.restorer();
        for (value, stand_in) in values.iter().zip(&stand_ins) {
            prop_assert_eq!(&restorer.restore(stand_in, Context::Prose), value);
        }
    }
}
