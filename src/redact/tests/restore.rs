//! What is taken for a stand-in, and what is not.

use super::*;

const LIVE: &[&str] =
    &["[EMAIL_1]", "[EMAIL_12]", "[CARD_2]", "Nora Ashwell", "##ID-3##", "<Kunde_4>"];

#[track_caller]
fn check(text: &str, wanted: &str) {
    let restorer = mapping_of(LIVE).restorer();
    assert_eq!(restorer.restore(text, Context::Prose), wanted);
    assert_eq!(restorer.occurs_in(text.as_bytes()), text != wanted);
    for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
        let mut out = String::new();
        let mut stream = restorer.stream(Context::Prose);
        stream.push(&text[..at], &mut out);
        stream.push(&text[at..], &mut out);
        stream.finish(&mut out);
        assert_eq!(out, wanted, "split at {at}");
        assert_eq!(stream.held(), 0);
    }
}

#[test]
fn the_longest_stand_in_counts() {
    check("[EMAIL_1][EMAIL_12]", "<0><1>");
    check("EMAIL_1 EMAIL_12", "<0> <1>");
}

#[test]
fn bent_placeholders_are_restored() {
    for bent in [
        "[email_1]",
        "[Email_1]",
        r"\[EMAIL\_1\]",
        r"\[EMAIL_1\]",
        r"[EMAIL\_1]",
        "[ EMAIL_1 ]",
        "[EMAIL 1]",
        "[EMAIL-1]",
        "[EMAIL1]",
        "[EMAIL_ 1]",
        r"\\[EMAIL\\_1\\]",
        "[EMAIL__1]",
        "EMAIL_1",
        r"EMAIL\_1",
    ] {
        check(&format!("a {bent}, b"), "a <0>, b");
    }
}

#[test]
fn full_width_letters_and_digits_are_themselves_in_brackets_of_either_width() {
    for wide in [
        "［EMAIL_1］",
        "［ＥＭＡＩＬ＿１］",
        "[ＥＭＡＩＬ_1]",
        "[EMAIL_１]",
        "[ＥＭＡＩＬ　１]",
        "【email １】",
    ] {
        check(&format!("是 {wide}，b"), "是 <0>，b");
    }
    check("[EMAIL_２] [ＥＭＡＩＬ]", "[EMAIL_２] [ＥＭＡＩＬ]");
    // Where a caller writes one, it is taken.
    let mut mapping = Mapping::new();
    mapping.reserve_literals("what is [ＥＭＡＩＬ_１]?");
    let template = Template::parse("[EMAIL_{i}]").unwrap();
    let given = mapping.placeholder(&template, &entity("EMAIL_ADDRESS"), "ann@example.org");
    assert_eq!(given, "[EMAIL_2]");
}

#[test]
fn the_hyphens_of_typography_are_separators() {
    for hyphen in ['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2212}'] {
        check(&format!("a “[EMAIL{hyphen}1]”—[email{hyphen}12]"), "a “<0>”—<1>");
        check(&format!("[EMAIL{hyphen}2] 1{hyphen}2"), &format!("[EMAIL{hyphen}2] 1{hyphen}2"));
    }
    let mut mapping = Mapping::new();
    mapping.reserve_literals("what is [EMAIL\u{2011}1]?");
    let template = Template::parse("[EMAIL_{i}]").unwrap();
    let given = mapping.placeholder(&template, &entity("EMAIL_ADDRESS"), "ann@example.org");
    assert_eq!(given, "[EMAIL_2]");
}

#[test]
fn the_emphasis_of_markdown_is_no_part_of_a_word() {
    for (text, wanted) in [
        ("_EMAIL_1_", "_<0>_"),
        ("see __EMAIL_12__.", "see __<1>__."),
        ("_to EMAIL_1_, ___EMAIL_1___", "_to <0>_, ___<0>___"),
        ("(_Nora Ashwell_) _Nora Ashwell's_", "(_<3>_) _<3>'s_"),
        ("- _EMAIL_1_\\n_EMAIL_1_\\n", "- _<0>_\\n_<0>_\\n"),
        ("_##ID-3##_ _[EMAIL_1]_", "_<4>_ _<0>_"),
    ] {
        check(text, wanted);
    }
    for kept in [
        "EMAIL_1_2",
        "MY_EMAIL_1",
        "é_EMAIL_1",
        "self._EMAIL_1",
        "_EMAIL_1_x",
        "_EMAIL_1_ = 1",
        "EMAIL_1_(",
        "____EMAIL_1____",
        "x_Nora Ashwell",
        "Nora Ashwell_x",
    ] {
        check(kept, kept);
    }
    // Where a caller writes one, it is taken.
    let mut mapping = Mapping::new();
    mapping.reserve_literals("what is _EMAIL_1_?");
    let template = Template::parse("[EMAIL_{i}]").unwrap();
    let given = mapping.placeholder(&template, &entity("EMAIL_ADDRESS"), "ann@example.org");
    assert_eq!(given, "[EMAIL_2]");
}

#[test]
fn a_bare_word_is_no_part_of_a_longer_one_in_any_script_that_has_spaces() {
    for kept in ["EMAIL_1é", "éEMAIL_1", "EMAIL_1ж", "EMAIL_1α!"] {
        check(kept, kept);
    }
    check("EMAIL_1さん、請EMAIL_1。 EMAIL_1에게 «EMAIL_1»", "<0>さん、請<0>。 <0>에게 «<0>»");
}

#[test]
fn placeholders_keep_what_stands_around_them() {
    check(
        "**[EMAIL_1]** \"[EMAIL_1]\" `EMAIL_1` <EMAIL_1> (EMAIL_1)",
        "**<0>** \"<0>\" `<0>` <<0>> (<0>)",
    );
    check("[[EMAIL_1]] [x [EMAIL_1]", "[<0>] [x <0>");
    check("[\"EMAIL_1\", EMAIL_12] [EMAIL_1, EMAIL_12]", "[\"<0>\", <1>] [<0>, <1>]");
    check("mailto:EMAIL_1.", "mailto:<0>.");
    check(r"\\\[EMAIL\_1\]", r"\\<0>");
    check("“[EMAIL_1]”—“EMAIL_1”", "“<0>”—“<0>”");
}

#[test]
fn missing_and_foreign_numbers_are_never_restored() {
    for text in [
        "[EMAIL]",
        "[EMAIL_]",
        "[EMAIL_2]",
        "[EMAIL_123]",
        "[EMAIL_01]",
        "[EMAIL_1 2]",
        "[EMAIL_1.0]",
        "[EMAIL_1a]",
        "[EMAIL_1",
        "[MAIL_1]",
        "[E_MAIL_1]",
        "[1]",
        "EMAIL_13",
        "EMAIL1",
        "email_1",
        "EMAIL 1",
        "XEMAIL_1",
        "EMAIL_1X",
        "[EMAIL_¹]",
        r"\[EMAIL_1",
        "(CARD_1)",
        "{EMAIL_2}",
    ] {
        check(text, text);
    }
}

#[test]
fn what_may_be_cut_off_is_not_restored() {
    check("see [EMAIL_1", "see [EMAIL_1");
    check("see EMAIL_1", "see EMAIL_1");
    check("see EMAIL_1.", "see <0>.");
    check("see CARD_2", "see <2>");
}

#[test]
fn bare_words_are_left_where_they_are_names() {
    for text in [
        "$EMAIL_1",
        "${EMAIL_1}",
        "EMAIL_1=x",
        "EMAIL_1 = x",
        "EMAIL_1()",
        "env.EMAIL_1",
        "EMAIL_1[0]",
        "my-EMAIL_1",
        "EMAIL_1_HASH",
        "@EMAIL_1",
    ] {
        check(text, text);
    }
}

#[test]
fn exact_stand_ins_are_restored_exactly_and_as_words_of_their_own() {
    check("Nora Ashwell's, Nora Ashwell", "<3>'s, <3>");
    check(
        "Nora Ashwells Nora ashwell xNora Ashwell Nora-Nora Ashwell-N",
        "Nora Ashwells Nora ashwell xNora Ashwell Nora-Nora Ashwell-N",
    );
    check("##ID-3## ##id-3## ##ID-3#", "<4> ##id-3## ##ID-3#");
    check("a##ID-3##a", "a<4>a");
}

#[test]
fn other_brackets_bend_too() {
    check("<Kunde_4> <KUNDE 4> < kunde-4 > [Kunde_4] <Kunde_5>", "<5> <5> <5> [Kunde_4] <Kunde_5>");
}

#[test]
fn what_was_restored_is_not_looked_at_again() {
    let pairs = [
        ("[A_1]".to_owned(), "[B_1]".to_owned().into_sensitive()),
        ("[B_1]".to_owned(), "[A_1]".to_owned().into_sensitive()),
    ];
    let restorer = Mapping::from_pairs(pairs).restorer();
    assert_eq!(restorer.restore("[A_1][B_1]", Context::Prose), "[B_1][A_1]");
}

#[test]
fn json_text_gets_escaped_values() {
    let value = "a\"b\\c\nd\u{1}\u{2028}é😀";
    let restorer =
        Mapping::from_pairs([("[A_1]".to_owned(), value.to_owned().into_sensitive())]).restorer();
    let restored = restorer.restore(r#"{"a":"[A_1]"}"#, Context::JsonText).into_owned();
    assert_eq!(restored, "{\"a\":\"a\\\"b\\\\c\\nd\\u0001\u{2028}é😀\"}");
    assert_eq!(crate::json::decode(&restored[6..restored.len() - 2]), value);
}

#[test]
fn stand_ins_are_counted() {
    let restorer = mapping_of(LIVE).restorer();
    assert_eq!(restorer.restore_counted("[EMAIL_1] [EMAIL_2] EMAIL_12", Context::Prose).1, 2);
    assert_eq!(restorer.restore_counted("none", Context::Prose).1, 0);
}

#[track_caller]
fn holds(text: &str, held: usize) {
    let mut out = String::new();
    let mut stream = mapping_of(LIVE).restorer().stream(Context::Prose);
    stream.push(text, &mut out);
    assert_eq!(stream.held(), held, "{text:?}");
}

#[test]
fn only_what_may_become_a_live_stand_in_is_held() {
    holds("plain text", 0);
    holds("see CARD_2 ", 7);
    holds("see $CARD_2", 0);
    holds("see [", 1);
    holds("see [EMAIL_", 7);
    holds("see [EMAIL_1", 8);
    holds("see [EMAIL_1]", 0);
    holds("see [PHONE", 0);
    holds("see [x", 0);
    holds("see [1", 0);
    holds("see [EMAIL_3", 0);
    holds("see [EMAIL_1 ", 9);
    holds("see [EMAIL     ", 0);
    holds("see [EMA ", 0);
    holds("see \\", 1);
    holds("see \\\\\\", 3);
    holds("see \\[EM", 4);
    holds("EMAIL_12", 8);
    holds("EMAIL_13", 0);
    holds("XEMAIL_1", 0);
    holds("Nora", 4);
    holds("Nora x", 0);
    holds("Nora Ashwell", 12);
}

#[test]
fn a_mapping_without_stand_ins_holds_nothing() {
    let restorer = Mapping::new().restorer();
    let (mut stream, mut out) = (restorer.stream(Context::Prose), String::new());
    stream.push("[EMAIL_1] \\[", &mut out);
    assert_eq!((stream.held(), out.as_str()), (0, "[EMAIL_1] \\["));
    assert!(restorer.is_empty());
}

#[test]
fn a_used_stream_starts_anew_after_its_end() {
    let (mut stream, mut out) = (mapping_of(LIVE).restorer().stream(Context::Prose), String::new());
    stream.push("xEMAIL_", &mut out);
    stream.finish(&mut out);
    stream.push("CARD_2", &mut out);
    stream.finish(&mut out);
    assert_eq!(out, "xEMAIL_<2>");
}

#[test]
fn pairs_given_by_a_caller_may_be_anything() {
    let restorer =
        mapping_of(&["", "X", "X", "é", "[EMAIL_1]", "[email 1]", "EMAIL_1", "\\"]).restorer();
    assert_eq!(
        restorer.restore("X é [EMAIL_1] EMAIL_1 \\ Xé", Context::Prose),
        "<1> <3> <4> <6> <7> <1><3>"
    );
}

#[test]
fn hostile_pairs_do_not_make_restoring_slow() {
    let hostile = format!("{}x", "!".repeat(100_000));
    let long = format!("[{}]", "x".repeat(100_000));
    let restorer = mapping_of(&[&hostile, &long]).restorer();
    let text = "!".repeat(1_000_000);
    assert_eq!(restorer.restore(&text, Context::Prose), text);
    assert_eq!(restorer.restore(&long, Context::Prose), "<1>");
}

/// Its beginning is all that is known of a text that is still coming, so it decides for a whole one too.
#[test]
fn a_text_that_begins_as_json_is_restored_alike_whole_and_in_pieces() {
    let original = crate::sensitive::Sensitive::new(r#"q'T9!z\\k7W"#);
    let restorer = Mapping::from_pairs([("[SECRET_1]".to_owned(), original)]).restorer();
    let (as_it_is, escaped) = (r#"q'T9!z\\k7W"#, r#"q'T9!z\\\\k7W"#);
    for (text, inserted) in [
        ("{\"pw\":\"[SECRET_1]\"}\n{\"pw\":\"[SECRET_1]\"}\n", escaped),
        ("[{\"pw\":\"[SECRET_1]\"},]", escaped),
        ("{\"pw\":\"[SECRET_1]\", // note\n", escaped),
        ("{\"pw\":\"[SECRET_1]\"} as you asked", escaped),
        ("{\"pw\":\"[SECRET_1]\", \"then it was cu", escaped),
        ("The line is {\"pw\":\"[SECRET_1]\"}", as_it_is),
        ("[see] \"[SECRET_1]\"", as_it_is),
    ] {
        let expected = text.replace("[SECRET_1]", inserted);
        let body = serde_json::json!({ "text": text }).to_string();
        let whole = restore_document(body.as_bytes(), &restorer, 64, &mut |_| Some(Context::Prose))
            .unwrap();
        let whole: serde_json::Value = serde_json::from_slice(&whole).unwrap();
        assert_eq!(whole["text"], expected, "whole");
        let (mut stream, mut out) = (restorer.stream(Context::Prose), String::new());
        text.chars().for_each(|c| stream.push(c.encode_utf8(&mut [0; 4]), &mut out));
        stream.finish(&mut out);
        assert_eq!(out, expected, "in pieces");
    }
}
