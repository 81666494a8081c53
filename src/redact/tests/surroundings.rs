//! Originals in the form of what they stand in: URLs, HTML, East Asian text, JSON in JSON.

use super::*;
use crate::sensitive::Sensitive;

const AWKWARD: &str = "a \"q\" \\ <b>&\n\u{2028}😀@example.org";

fn awkward() -> Restorer {
    let pairs = [("[EMAIL_1]", AWKWARD), ("[EMAIL_12]", "twelve"), ("<KUNDE 7>", "Kim & Co")];
    let pairs = pairs.map(|(stand_in, value)| (stand_in.to_owned(), Sensitive::new(value)));
    Mapping::from_pairs(pairs).restorer()
}

/// Whatever the pieces, the result is that of the whole text.
#[track_caller]
fn check(context: Context, text: &str, expected: &str) {
    let restorer = awkward();
    assert_eq!(restorer.restore(text, context), expected);
    for size in [1, 2, 3, 7] {
        let (mut stream, mut out) = (restorer.stream(context), String::new());
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(size) {
            stream.push(&piece.iter().collect::<String>(), &mut out);
        }
        stream.finish(&mut out);
        assert_eq!(out, expected, "pieces of {size}");
    }
}

const ENCODED: &str = "a%20%22q%22%20%5C%20%3Cb%3E%26%0A%E2%80%A8%F0%9F%98%80%40example.org";

#[test]
fn in_urls_they_are_percent_encoded() {
    for bent in
        ["%5BEMAIL_1%5D", "%5bemail_1%5d", "%5BEMAIL%5F1%5D", "%5B+EMAIL-1+%5D", "%5BEMAIL%201%5D"]
    {
        check(Context::Prose, &format!("?to={bent}&x"), &format!("?to={ENCODED}&x"));
        check(Context::JsonText, &format!("?to={bent}&x"), &format!("?to={ENCODED}&x"));
    }
    check(Context::Prose, "%5BEMAIL_12%5D", "twelve");
    check(Context::Prose, "%3CKunde%207%3E", "Kim%20%26%20Co");
    for other in
        ["%5BEMAIL_2%5D", "%5BEMAIL_1", "%5BEMAIL_1%5", "%5BEMAIL_1%zz", "100%", "5BEMAIL_15D"]
    {
        check(Context::Prose, other, other);
    }
}

#[test]
fn in_html_they_are_escaped() {
    let escaped = AWKWARD
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    for bent in ["&#91;EMAIL_1&#93;", "&lbrack;EMAIL&#95;1&rbrack;", "&#x5B;email 1&#x5D;"] {
        check(Context::Prose, &format!("<p>{bent}</p>"), &format!("<p>{escaped}</p>"));
    }
    check(Context::Prose, "R&D &lt;Kunde 7&gt;", "R&D Kim &amp; Co");
    check(Context::Prose, "&#91;EMAIL_3&#93; &l", "&#91;EMAIL_3&#93; &l");
}

#[test]
fn full_width_brackets_are_brackets() {
    for bent in ["［EMAIL_1］", "【EMAIL_1】", "［ＥＭＡＩＬ＿１］", "〔email 1〕"] {
        check(Context::Prose, &format!("へ{bent}。"), &format!("へ{AWKWARD}。"));
    }
    check(Context::Prose, "［EMAIL_2］【", "［EMAIL_2］【");
}

/// What the innermost of strings in strings says, `pointer` by `pointer`.
fn inner(text: &str, pointers: &[&str]) -> String {
    let Some((pointer, rest)) = pointers.split_first() else { return text.to_owned() };
    let json: serde_json::Value =
        serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
    inner(json.pointer(pointer).unwrap().as_str().unwrap(), rest)
}

#[test]
fn json_in_json_stays_json_at_every_level() {
    let one = serde_json::json!({"to": "hi [EMAIL_1]", "list": ["[EMAIL_12]"]}).to_string();
    let two = serde_json::json!({"body": one, "note": "[EMAIL_1]"}).to_string();
    let three = serde_json::json!({"request": two}).to_string();
    let expected = format!("hi {AWKWARD}");
    for context in [Context::JsonText, Context::Prose] {
        let restored = |text: &str| awkward().restore(text, context).into_owned();
        assert_eq!(inner(&restored(&one), &["/to"]), expected);
        assert_eq!(inner(&restored(&two), &["/body", "/to"]), expected);
        assert_eq!(inner(&restored(&two), &["/note"]), AWKWARD);
        assert_eq!(inner(&restored(&three), &["/request", "/body", "/to"]), expected);
        check(context, &three, &restored(&three));
    }
}

#[test]
fn what_only_looks_like_json_is_prose() {
    for text in [
        "[EMAIL_1] said \"[EMAIL_1]\"",
        "[note] \"[EMAIL_1]\"",
        "{{x}} \"[EMAIL_1]\"",
        "say {\"a\": \"[EMAIL_1]\"}",
    ] {
        assert_eq!(awkward().restore(text, Context::Prose), text.replace("[EMAIL_1]", AWKWARD));
    }
}

#[test]
fn a_look_alike_in_another_spelling_keeps_its_number() {
    for literal in ["see %5BEMAIL_1%5D", "see &#91;EMAIL_1&#93;", "see ［EMAIL_1］"] {
        let mut mapping = Mapping::new();
        mapping.reserve_literals(literal);
        let (redacted, _) = redact_text(
            "x",
            &[finding("x", "EMAIL_ADDRESS", 0, 1)],
            &Operators::new(),
            &keys(),
            &mut mapping,
        );
        assert_eq!(redacted, "[EMAIL_2]", "{literal}");
        assert_eq!(mapping.restorer().restore(literal, Context::Prose), literal);
    }
}

/// Encoders write what they please so: Go's `<`, `>` and `&`, Python's everything beyond ASCII.
#[test]
fn json_escapes_in_a_stand_in_are_read_as_what_they_mean() {
    let mut inside = String::new();
    crate::json::encode_into(AWKWARD, &mut inside);
    for written in [
        r"\u005bEMAIL_1\u005d",
        r"[EMAIL\u005f1]",
        r"\u005B\u0045MAIL\u005f\u0031\u005D",
        r"\[EMAIL_\u0031\]",
        r"\u0025\u0035BEMAIL_2]\u005bEMAIL_1\u005d",
    ] {
        let kept = written.find("EMAIL_2]").map_or("", |at| &written[..at + 8]);
        let (text, wanted) = (
            format!(r#"{{"to":"{written}","n":1}}"#),
            format!(r#"{{"to":"{kept}{inside}","n":1}}"#),
        );
        check(Context::JsonText, &text, &wanted);
        check(Context::Prose, &text, &wanted);
        // In a program that a text quotes, too.
        check(Context::Prose, &format!("x = \"{written}\""), &format!("x = \"{kept}{inside}\""));
    }
    check(Context::JsonText, r#"{"to":"\u003cKunde 7\u003e"}"#, r#"{"to":"Kim & Co"}"#);
    check(Context::Prose, r"\u003cKunde 7\u003e", "Kim & Co");
    for kept in [r"\u005bEMAIL_3\u005d", r"\u005bEMAIL_1", r"\u005bEMAIL_1\u005", r"\u00", r"\"] {
        check(Context::JsonText, kept, kept);
    }
}

#[test]
fn json_escapes_in_a_string_in_a_string_are_read_too() {
    let (mut once, mut twice) = (String::new(), String::new());
    crate::json::encode_into(AWKWARD, &mut once);
    crate::json::encode_into(&once, &mut twice);
    let text = |inside: &str| format!(r#"{{"body":"{{\"to\":\"{inside}\"}}"}}"#);
    for written in [r"\\u005bEMAIL_1\\u005d", r"\u005bEMAIL_1\u005d"] {
        check(Context::JsonText, &text(written), &text(&twice));
    }
    check(Context::Prose, r"say \\u005bEMAIL_1]", &format!("say {twice}"));
}

#[test]
fn every_kind_of_stand_in_is_read_through_escapes_and_behind_an_escaped_line_end() {
    let pairs = [
        ("[Straße_1]", "12 Elm Street"),
        ("&SSN1&", "536-90-4399"),
        ("Jörg Müller", "Jane Doe"),
        ("[EMAIL_1]", "ann@example.org"),
    ];
    let pairs = pairs.map(|(stand_in, value)| (stand_in.to_owned(), Sensitive::new(value)));
    let restorer = Mapping::from_pairs(pairs).restorer();
    for (text, expected) in [
        (r"[Stra\u00dfe_1]", "12 Elm Street"),
        (r"\u0026SSN1\u0026", "536-90-4399"),
        (r"J\u00f6rg M\u00fcller", "Jane Doe"),
        (r"Hi\nJ\u00f6rg M\u00fcller\n", r"Hi\nJane Doe\n"),
        (
            r"Hi\nEMAIL_1\u0020or\u0020EMAIL_1.",
            r"Hi\nann@example.org\u0020or\u0020ann@example.org.",
        ),
        (r"\u0061Jörg Müller", r"\u0061Jörg Müller"),
    ] {
        for size in 1..=text.len() {
            let (mut stream, mut out) = (restorer.stream(Context::JsonText), String::new());
            let chars: Vec<char> = text.chars().collect();
            chars.chunks(size).for_each(|piece| stream.push(&String::from_iter(piece), &mut out));
            stream.finish(&mut out);
            assert_eq!(out, expected, "pieces of {size}");
        }
    }
}

#[test]
fn what_a_caller_writes_in_escapes_is_not_handed_out() {
    let template = Template::parse("[EMAIL_{i}]").unwrap();
    for literal in [r#"so {"to":"\u005bEMAIL_1\u005d"}"#, r"the words\nEMAIL_1\nare mine"] {
        let mut mapping = Mapping::new();
        mapping.reserve_literals(literal);
        let given = mapping.placeholder(&template, &entity("EMAIL_ADDRESS"), "ann@example.org");
        assert_eq!(given, "[EMAIL_2]", "{literal}");
    }
}

#[test]
fn escapes_are_held_for_no_longer_than_a_stand_in_is() {
    let (mut stream, mut out) = (awkward().stream(Context::JsonText), String::new());
    for piece in [r"\u0041".repeat(50_000), "\\".repeat(50_000), r"[\u0045".repeat(50_000)] {
        stream.push(&piece, &mut out);
        assert!(stream.held() < 64, "{} bytes", stream.held());
    }
}

/// The arguments of a tool are told as JSON in a stream, and as the strings of an object in a whole answer of Anthropic's.
#[test]
fn a_bare_word_beside_an_escape_is_what_it_is_beside_the_meaning() {
    let bare = "twelve";
    for meant in [
        "Dear EMAIL_12\nbye",
        "first\r\n\tEMAIL_12\t",
        "send(\"EMAIL_12\")",
        "to=\"EMAIL_12\", c:\\",
        "EMAIL_12\\",
        "a/EMAIL_12/b",
        "\"EMAIL_12\\\"",
        "grüße EMAIL_12\u{7f}",
        "EMAIL_12\\, EMAIL_12\\\n",
    ] {
        let wanted = meant.replace("EMAIL_12", bare);
        check(Context::Prose, meant, &wanted);
        for depth in 1..=3 {
            let written = |text: &str| {
                let document = |inner: String| serde_json::json!({ "x": inner }).to_string();
                (0..depth).fold(text.to_owned(), |inner, _| document(inner))
            };
            check(Context::JsonText, &written(meant), &written(&wanted));
        }
    }
    check(Context::JsonText, r#"{"x":"EMAIL\\_12"}"#, r#"{"x":"twelve"}"#);
    for kept in [
        "EMAIL_12\\_HASH",
        "EMAIL_12\\x",
        "EMAIL_12\\=1",
        "EMAIL_12\\(",
        "C:\\EMAIL_12\\docs",
        "[EMAIL_12\\",
        r"EMAIL_12\\\\\\\\\\\\\\\\n",
    ] {
        check(Context::Prose, kept, kept);
        let written = serde_json::json!({ "x": kept }).to_string();
        check(Context::JsonText, &written, &written);
    }
}
