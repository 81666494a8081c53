//! Path and query.

use super::*;

fn redact_target(path: &str, query: Option<&str>, private: &str) -> String {
    let target = Target::parse(path, query);
    let find = |text: &str| {
        text.match_indices(private)
            .map(|(at, _)| finding(text, "PERSON", at, at + private.len()))
            .collect()
    };
    let findings: Vec<Vec<Finding>> = target.texts().iter().map(|text| find(text.text)).collect();
    let redacted = target.redact(&findings, &Operators::new(), &keys(), &mut Mapping::new());
    redacted.as_str().to_owned()
}

#[test]
fn texts_are_decoded_and_labelled() {
    let target = Target::parse("/v1/a%2Fb", Some("q=x+y%40z&&empty=&flag&caf%C3%A9=%ff%zz%4"));
    let texts: Vec<_> = target
        .texts()
        .iter()
        .map(|text| (text.label.map(str::to_owned), text.text.to_owned()))
        .collect();
    let wanted = [
        (None, "v1"),
        (None, "a/b"),
        (None, "q"),
        (Some("q"), "x y@z"),
        (None, "empty"),
        (None, "flag"),
        (None, "café"),
        (Some("café"), "\u{fffd}%zz%4"),
    ];
    assert_eq!(texts, wanted.map(|(label, text)| (label.map(str::to_owned), text.to_owned())));
}

#[test]
fn only_what_was_found_is_rewritten() {
    assert_eq!(redact_target("/v1/models", Some("a=%41+b&c"), "zzz"), "/v1/models?a=%41+b&c");
    assert_eq!(
        redact_target("/u/a%40b.example/x", Some("m=%61@b.example%21+&n=1"), "a@b.example"),
        "/u/%5BPERSON_1%5D/x?m=%5BPERSON_1%5D%21+&n=1"
    );
    assert_eq!(
        redact_target("/x", Some("q=%c3%a9-Zo%C3%ab-é"), "Zoë"),
        "/x?q=%c3%a9-%5BPERSON_1%5D-é"
    );
    assert_eq!(redact_target("", Some(""), "x"), "?");
    assert_eq!(redact_target("/x", None, "y"), "/x");
}

#[test]
fn a_look_alike_anywhere_in_it_keeps_its_number() {
    let (path, query) = ("/Bo/[PERSON_1]", Some("a=PERSON_2"));
    assert_eq!(redact_target(path, query, "Bo"), "/%5BPERSON_3%5D/[PERSON_1]?a=PERSON_2");
}

#[test]
fn of_a_literal_path_the_query_alone_is_read() {
    let target = Target::of_literal("/v1/Bo", Some("user=Bo"));
    let texts: Vec<_> =
        target.texts().iter().map(|it| (it.label.map(str::to_owned), it.text.to_owned())).collect();
    assert_eq!(texts, [(None, "user".to_owned()), (Some("user".to_owned()), "Bo".to_owned())]);
    let findings = [Vec::new(), vec![finding("Bo", "PERSON", 0, 2)]];
    let redacted = target.redact(&findings, &Operators::new(), &keys(), &mut Mapping::new());
    assert_eq!(redacted.as_str(), "/v1/Bo?user=%5BPERSON_1%5D");
}

#[test]
fn segments_are_ids_as_they_are_told_by_what_stands_before_them() {
    let is_id =
        |before: &str, segment: &str| before == "/v1/files/" && segment.starts_with("file-");
    let target = Target::parse_with_ids("/v1/files/file-1/file-2", Some("a=file-3"), is_id);
    let texts = target.texts().len();
    let ids: Vec<usize> = (0..=texts).filter(|nth| target.is_id(*nth)).collect();
    assert_eq!((texts, ids), (6, vec![2]));
}
