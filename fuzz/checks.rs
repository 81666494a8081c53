//! What must hold for any input, as functions that panic where it does not.
//!
//! The fuzz targets call them with what the fuzzer makes up; `tests/it/fuzz.rs` calls them with the seeds and with random input, so
//! that every test run holds them.

#![allow(dead_code, reason = "each fuzz target calls one of them")]

use bytes::Bytes;
use prompt_guard::{
    detect::{Analyzer, CustomRecognizer, EntityType, Finding, Score, Selection, Text, Validator},
    json::{self, Kind, MAX_DEPTH},
    policy::PolicySet,
    redact::{Context, Document, Keys, Mapping, Operators, Treatment, restore_document},
    sensitive::Sensitive,
    wire::{Endpoint, EventStream, Expected},
};
use std::sync::LazyLock;

/// The built-in recognizers, and one for each validator that accepts what is near to valid.
static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| {
    let checked = ["luhn", "iban", "mod97", "verhoeff"].map(|name| CustomRecognizer {
        name: format!("any_{name}"),
        entity_type: EntityType::custom(&name.to_uppercase()).expect("well-formed"),
        patterns: vec![("[0-9A-Za-z -]{1,40}".to_owned(), Score::new(0.1))],
        deny_list: Vec::new(),
        context: Vec::new(),
        validator: Validator::parse(name),
    });
    Analyzer::new(checked.into()).expect("the patterns are valid")
});

fn find(texts: &[Text<'_>]) -> Vec<Vec<Finding>> {
    ANALYZER.analyze(texts, &Selection::all(Score::MIN))
}

/// Findings are in order and on character boundaries; values overlap no values, and signals no signals. Covers the recognizers with
/// their checksums, the names, the views of disguised text, and the signals. A first line that ends with `|` is the label.
pub(crate) fn analyze(data: &[u8]) {
    let input = String::from_utf8_lossy(data);
    let (label, text) = match input.split_once("|\n") {
        Some((label, text)) => (Some(label), text),
        None => (None, &*input),
    };
    let found = find(&[Text { label, text }]);
    assert!(found[0].is_sorted_by_key(|f| f.span.start()));
    let mut last = [0; 2];
    for finding in &found[0] {
        let last = &mut last[usize::from(finding.entity_type.is_signal())];
        assert!(*last <= finding.span.start() && !finding.span.is_empty());
        assert!(text.get(finding.span.start()..finding.span.end()).is_some());
        *last = finding.span.end();
    }
}

/// What is redacted is JSON still, and restoring it gives every string and key back.
pub(crate) fn document(data: &[u8]) {
    let body = Bytes::copy_from_slice(data);
    let strings_only = &mut |_: &[json::Step<'_>], token: &json::Token<'_>| match token.kind() {
        Kind::Key | Kind::String => Treatment::Guard,
        Kind::Number | Kind::Literal => Treatment::Leave,
    };
    let Ok(document) = Document::parse(&body, MAX_DEPTH, strings_only) else { return };
    let found = find(&document.texts());
    let mut mapping = Mapping::new();
    let keys = Keys::derive(b"only for tests");
    let redacted = document.redact(&found, &Operators::new(), &keys, &mut mapping);
    let context = &mut |_: &[json::Step<'_>]| Some(Context::Prose);
    let restored = restore_document(redacted.as_bytes(), &mapping.restorer(), MAX_DEPTH, context)
        .expect("what was redacted is JSON");
    // JSON inside of a string is restored by who knows that it is JSON: see `Context::JsonText`.
    if !data.contains(&b'\\') {
        assert_eq!(tokens(&restored), tokens(&body));
    }
}

fn tokens(body: &[u8]) -> Vec<String> {
    let mut tokens = Vec::new();
    json::walk(body, MAX_DEPTH, &mut |_, token| tokens.push(token.decode().into_owned()))
        .expect("it was read before");
    tokens
}

/// A text in pieces is restored as the whole is. The lines of the input: a value, and pieces of an answer.
pub(crate) fn restore(data: &[u8]) {
    let input = String::from_utf8_lossy(data);
    let mut lines = input.split('\n');
    let value = lines.next().unwrap_or_default();
    let pairs = [("[PERSON_1]", value), ("[EMAIL_2]", "ann@example.org")];
    let pairs = pairs.map(|(stand_in, original)| (stand_in.to_owned(), Sensitive::new(original)));
    let restorer = Mapping::from_pairs(pairs).restorer();
    let mut stream = restorer.stream(Context::Prose);
    let (mut whole, mut restored) = (String::new(), String::new());
    for piece in lines {
        whole.push_str(piece);
        stream.push(piece, &mut restored);
    }
    stream.finish(&mut restored);
    assert_eq!(restored, restorer.restore(&whole, Context::Prose));
}

/// An answer that comes as events goes out the same in pieces of any size, up to an event that cannot be read. The first byte tells
/// the endpoint, the second the size of the pieces.
pub(crate) fn events(data: &[u8]) {
    let [endpoint, size, stream @ ..] = data else { return };
    let endpoints = [Endpoint::ChatCompletions, Endpoint::Messages, Endpoint::Responses];
    let endpoint = endpoints[usize::from(*endpoint) % endpoints.len()];
    let whole = passed(endpoint, [stream].into_iter());
    assert_eq!(passed(endpoint, stream.chunks(usize::from(*size).max(1))), whole);
}

/// What goes out for the pieces of a stream, and whether it was read to its end.
fn passed<'p>(endpoint: Endpoint, mut pieces: impl Iterator<Item = &'p [u8]>) -> (String, bool) {
    let pairs = [("[PERSON_1]", "Zoë \"Z\"\n"), ("[EMAIL_2]", "ann@example.org")];
    let pairs = pairs.map(|(stand_in, original)| (stand_in.to_owned(), Sensitive::new(original)));
    let restorer = Mapping::from_pairs(pairs).restorer();
    let mut stream = EventStream::new(endpoint, Expected::default(), restorer);
    let mut out = Vec::new();
    let read = pieces.try_for_each(|piece| stream.push(piece, &mut out));
    let read = read.and_then(|()| stream.finish(&mut out));
    if read.is_err() {
        stream.flush(&mut out);
    }
    (String::from_utf8_lossy(&out).into_owned(), read.is_ok())
}

/// A policy loads, or each fault names the file; what loads once loads again as the same.
pub(crate) fn policy(data: &[u8]) {
    let yaml = String::from_utf8_lossy(data).into_owned();
    let load = || PolicySet::load(vec![("fuzzed.yaml".to_owned(), yaml.clone())]);
    match load() {
        Err(errors) => {
            assert!(!errors.is_empty());
            assert!(errors.iter().all(|error| error.file == "fuzzed.yaml"));
        }
        Ok(set) => {
            let versions =
                |set: &PolicySet| set.iter().map(|p| p.version().clone()).collect::<Vec<_>>();
            assert_eq!(versions(&set), versions(&load().expect("it loaded before")));
        }
    }
}
