//! How fast originals are put back: by chunk size of the stream, and in JSON bodies.
//!
//! `cargo bench --bench restore`

use divan::{Bencher, counter::BytesCount};
use prompt_guard::{
    detect::{EntityType, Finding, Score, Span},
    json::MAX_DEPTH,
    redact::{
        Context, Document, Keys, Mapping, Operators, Restorer, Treatment, redact_text,
        restore_document,
    },
    sensitive::Sensitive,
};
use std::fmt::Write;

fn main() {
    divan::main();
}

const PROSE: &str = "The quarterly report was sent on time, and Everyone Concerned agreed that the next step is to \
    write down what was decided (see the list in section 4), then to ask the other teams about their plans. ";

fn restorer() -> Restorer {
    let pair = |label: &str, number: usize| {
        (
            format!("[{label}_{number}]"),
            Sensitive::new(format!("{}{number}@example.org", label.to_lowercase())),
        )
    };
    let labels = ["EMAIL", "PERSON", "PHONE"];
    Mapping::from_pairs((1..=4).flat_map(|number| labels.map(|label| pair(label, number))))
        .restorer()
}

/// 64 KiB of prose, with a placeholder every so many bytes (0: none).
fn prose(every: usize) -> String {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < 64 * 1024 {
        text.push_str(PROSE);
        if every > 0 && text.len() / every > number {
            number += 1;
            let _ = write!(text, "[EMAIL_{}] ", number % 4 + 1);
        }
    }
    text
}

#[divan::bench(args = [0, 2000, 200])]
fn whole_text(bencher: Bencher<'_, '_>, every: usize) {
    let (restorer, text) = (restorer(), prose(every));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| restorer.restore(divan::black_box(&text), Context::Prose).len());
}

/// Text in which no stand-in can begin: what brackets alone cost.
#[divan::bench]
fn whole_text_lower_case(bencher: Bencher<'_, '_>) {
    let (restorer, text) = (restorer(), prose(0).to_lowercase());
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| restorer.restore(divan::black_box(&text), Context::Prose).len());
}

#[divan::bench(args = [4, 16, 64, 256, 4096])]
fn stream_by_chunk(bencher: Bencher<'_, '_>, chunk: usize) {
    let (restorer, text) = (restorer(), prose(500));
    let mut out = String::with_capacity(2 * text.len());
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        out.clear();
        let mut stream = restorer.stream(Context::Prose);
        // The sample is ASCII: every place is a character boundary.
        for at in (0..text.len()).step_by(chunk) {
            stream.push(&text[at..text.len().min(at + chunk)], &mut out);
        }
        stream.finish(&mut out);
        out.len()
    });
}

#[divan::bench(args = [1, 12, 1000])]
fn build_restorer(bencher: Bencher<'_, '_>, stand_ins: usize) {
    let pair = |number| (format!("[PERSON_{number}]"), Sensitive::new(format!("Name {number}")));
    let mapping = Mapping::from_pairs((1..=stand_ins).map(pair));
    bencher.bench(|| divan::black_box(&mapping).restorer());
}

/// A chat body of about 186 KB with an address in each message.
fn body() -> bytes::Bytes {
    let mut body = String::from(r#"{"model":"m","messages":["#);
    let mut number = 0;
    while body.len() < 186_000 {
        let _ = write!(
            body,
            r#"{{"role":"user","content":"{PROSE}\n{PROSE}ann{number}@example.org"}},"#
        );
        number += 1;
    }
    body.pop();
    body.push_str("]}");
    body.into()
}

fn parse(body: &bytes::Bytes) -> Document {
    Document::parse(body, MAX_DEPTH, &mut |_, _| Treatment::Guard).expect("the sample is JSON")
}

fn findings(document: &Document) -> Vec<Vec<Finding>> {
    let find = |text: &str| {
        let start = text.find("ann").filter(|_| text.ends_with("example.org"))?;
        let span = Span::of(text, start, text.len())?;
        let entity_type = EntityType::builtin("EMAIL_ADDRESS");
        Some(Finding { entity_type, span, score: Score::MAX, recognizer: "bench".into() })
    };
    document.texts().iter().map(|text| find(text.text).into_iter().collect()).collect()
}

#[divan::bench]
fn document_parse(bencher: Bencher<'_, '_>) {
    let body = body();
    bencher.counter(BytesCount::of_slice(&body)).bench(|| parse(divan::black_box(&body)));
}

#[divan::bench]
fn document_redact(bencher: Bencher<'_, '_>) {
    let (body, keys, operators) = (body(), Keys::derive(b"bench"), Operators::new());
    let document = parse(&body);
    let findings = findings(&document);
    bencher
        .counter(BytesCount::of_slice(&body))
        .bench(|| document.redact(&findings, &operators, &keys, &mut Mapping::new()));
}

#[divan::bench]
fn document_restore(bencher: Bencher<'_, '_>) {
    let (body, keys, operators) = (body(), Keys::derive(b"bench"), Operators::new());
    let document = parse(&body);
    let mut mapping = Mapping::new();
    let redacted = document.redact(&findings(&document), &operators, &keys, &mut mapping);
    let restorer = mapping.restorer();
    let bytes = redacted.as_bytes();
    bencher.counter(BytesCount::of_slice(bytes)).bench(|| {
        restore_document(divan::black_box(bytes), &restorer, MAX_DEPTH, &mut |_| {
            Some(Context::Prose)
        })
    });
}

/// One event of a chat stream, the unit in which streams arrive.
#[divan::bench(args = ["no placeholder", "a placeholder"])]
fn event_restore(bencher: Bencher<'_, '_>, content: &str) {
    let content = if content == "a placeholder" { "[EMAIL_1]" } else { " word" };
    let event = format!(
        r#"{{"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,"delta":{{"content":"{content}"}},"finish_reason":null}}]}}"#
    );
    let restorer = restorer();
    bencher.bench(|| {
        restore_document(divan::black_box(event.as_bytes()), &restorer, MAX_DEPTH, &mut |_| {
            Some(Context::Prose)
        })
        .map(|bytes| bytes.len())
    });
}

/// Reserving and redacting a text without findings: what every text costs.
#[divan::bench]
fn redact_clean_text(bencher: Bencher<'_, '_>) {
    let (text, keys, operators) = (prose(0), Keys::derive(b"bench"), Operators::new());
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        redact_text(divan::black_box(&text), &[], &operators, &keys, &mut Mapping::new())
    });
}
