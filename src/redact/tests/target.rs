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
