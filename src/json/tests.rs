use super::*;
use proptest::prelude::*;

fn tokens(document: &str) -> Result<Vec<String>, Error> {
    let mut seen = Vec::new();
    walk(document.as_bytes(), MAX_DEPTH, &mut |path, token| {
        let way: Vec<String> = path
            .iter()
            .map(|step| match step {
                Step::Key(key) => key.to_string(),
                Step::Index(index) => index.to_string(),
            })
            .collect();
        assert_eq!(&document[token.range()], token.raw());
        seen.push(format!("{:?} {}={}", token.kind(), way.join("."), token.decode()));
    })?;
    Ok(seen)
}

#[track_caller]
fn check_error(document: &[u8], offset: usize, kind: ErrorKind) {
    let error = walk(document, 4, &mut |_, _| {}).expect_err("is not JSON");
    assert_eq!(error, Error { offset, kind });
}

#[test]
fn every_scalar_is_shown_with_its_path() {
    let seen = tokens(r#" {"a" : [1, "x", {"b":null}, []], "a":-0.5e+3 , "c":{}} "#);
    let wanted = [
        "Key a=a",
        "Number a.0=1",
        "String a.1=x",
        "Key a.2.b=b",
        "Literal a.2.b=null",
        "Key a=a",
        "Number a=-0.5e+3",
        "Key c=c",
    ];
    assert_eq!(seen.expect("valid"), wanted);
}

#[test]
fn escapes_in_keys_and_strings_hide_nothing() {
    let seen = tokens(r#"{"\u0061\/":"a\u0040b \ud83d\ude00 \ud800 \n"}"#).expect("valid");
    assert_eq!(seen, ["Key a/=a/", "String a/=a@b 😀 \u{fffd} \n"]);
}

#[test]
fn scalars_alone_are_documents() {
    for document in
        ["1", "\"\"", "true", " null ", "-0", "0.10", "1E5", "NaN", "-Infinity", "Infinity"]
    {
        assert_eq!(tokens(document).expect(document).len(), 1);
    }
}

#[test]
fn faults_are_told_with_their_place() {
    use ErrorKind::*;
    check_error(b"", 0, Expected("a value"));
    check_error(b"{", 1, Expected("a key in quotes"));
    check_error(b"{\"a\"}", 4, Expected("`:`"));
    check_error(b"{\"a\":1,}", 7, Expected("a key in quotes"));
    check_error(b"[1,]", 3, Expected("a value"));
    check_error(b"[1 2]", 3, Expected("`,` or `]`"));
    check_error(b"{\"a\":1]", 6, Expected("`,` or `}`"));
    check_error(b"1 1", 2, Expected("the end of the document"));
    check_error(b"01", 1, Expected("the end of the document"));
    check_error(b"-", 1, Expected("a digit"));
    check_error(b"1.", 2, Expected("a digit"));
    check_error(b"1e+", 3, Expected("a digit"));
    check_error(b"+1", 0, Expected("a value"));
    check_error(b"-NaN", 1, Expected("a digit"));
    check_error(b"nan", 0, Expected("a value"));
    check_error(b"nul", 0, Expected("a value"));
    check_error(b"\"abc", 4, Expected("`\"`"));
    check_error(b"\"a\nb\"", 2, ControlCharacter);
    check_error(b"\"\\x\"", 1, InvalidEscape);
    check_error(b"\"\\u12g4\"", 1, InvalidEscape);
    check_error(b"\"\\u12", 1, InvalidEscape);
    check_error(b"\"a\xffb\"", 2, InvalidUtf8);
    check_error(b"\xef\xbb\xbf{}", 0, Expected("a value"));
    check_error(b"[[[[[1]]]]]", 4, TooDeep(4));
}

#[test]
fn nesting_of_a_million_levels_is_refused_without_overflow() {
    let document = "[".repeat(1_000_000);
    let error = walk(document.as_bytes(), MAX_DEPTH, &mut |_, _| {}).expect_err("too deep");
    assert_eq!(error.kind, ErrorKind::TooDeep(MAX_DEPTH));
    let open = walk(document.as_bytes(), usize::MAX, &mut |_, _| {}).expect_err("never closed");
    assert_eq!(open.offset, 1_000_000);
}

#[test]
fn error_text_names_place_and_expectation_only() {
    let error = walk(b"{\"secret\":oops}", 9, &mut |_, _| {}).expect_err("is not JSON");
    assert_eq!(error.to_string(), "expected a value at byte 10");
}

fn offset_of(raw: &str, decoded: usize) -> usize {
    Offsets::new(raw).raw(decoded)
}

#[test]
fn decoded_places_are_found_in_the_written_form() {
    let raw = r"a\u0040b\n\ud83d\ude00é\ud800x";
    assert_eq!(decode(raw), "a@b\n😀é\u{fffd}x");
    let starts = [(0, 0), (1, 1), (2, 7), (3, 8), (4, 10), (8, 22), (10, 24), (13, 30), (14, 31)];
    let mut cursor = Offsets::new(raw);
    for (decoded, written) in starts {
        assert_eq!(offset_of(raw, decoded), written, "alone, {decoded}");
        assert_eq!(cursor.raw(decoded), written, "in order, {decoded}");
    }
    assert_eq!(cursor.raw(99), raw.len());
}

fn encode(text: &str) -> String {
    let mut out = String::new();
    encode_into(text, &mut out);
    out
}

#[test]
fn encoding_escapes_what_must_be_and_no_more() {
    assert_eq!(encode("a\"\\\n\u{1}\u{1f}\u{2028}é/😀"), "a\\\"\\\\\\n\\u0001\\u001f\u{2028}é/😀");
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(text in any::<String>()) {
        let raw = encode(&text);
        prop_assert_eq!(decode(&raw), text.as_str());
        let quoted = format!("\"{raw}\"");
        let walked = walk(quoted.as_bytes(), 1, &mut |_, _| {});
        prop_assert_eq!(walked, Ok(()));
    }

    #[test]
    fn offsets_lead_to_the_same_character(text in any::<String>()) {
        let raw = encode(&text);
        let mut cursor = Offsets::new(&raw);
        for (at, _) in text.char_indices() {
            prop_assert_eq!(decode(&raw[cursor.raw(at)..]), &text[at..]);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = walk(&bytes, 8, &mut |_, token| { let _ = token.decode(); });
    }

    #[test]
    fn any_json_like_text_is_read_or_refused(text in r#"([\[\]{},:"\\u0-9aedE+\- tru\n]|NaN|Infinity){0,48}"#) {
        let _ = walk(text.as_bytes(), 8, &mut |_, token| { let _ = token.decode(); });
    }
}
