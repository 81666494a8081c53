//! How fast texts are scanned: `cargo bench --bench detect`.
//!
//! The texts are made here, from invented sentences, so that every run measures the same.

use divan::{Bencher, counter::BytesCount};
use prompt_guard::detect::{Analyzer, EntityType, Score, Selection, Text};
use std::fmt::Write as _;

fn main() {
    divan::main();
}

const SENTENCES: &[&str] = &[
    "The harbour was quiet when the ferry came in, and nobody on the quay looked up from what they were doing. ",
    "In the second chapter the author explains why the older method gave wrong answers for small samples. ",
    "Please read the draft before our meeting and tell me which of the three proposals you like best. ",
    "After some 200 metres the path turns left, crosses a stream and climbs through birches to the ridge. ",
    "We changed the way the queue is drained, so a slow consumer no longer holds back all the others. ",
    "Half of the 48 participants had never used such a tool, yet most of them finished within 20 minutes. ",
];

const ENTITIES: &[&str] = &[
    "Write to ann.lee@example.org about it. ",
    "Call +1 541-555-0123 in the morning. ",
    "The card is 4111 1111 1111 1111, as before. ",
    "Her SSN is 514-69-0360 according to the form. ",
    "Pay to DE89 3704 0044 0532 0130 00 please. ",
    "The host is 203.0.113.7 in that network. ",
    "See https://example.com/a/b?c=d for more. ",
    "She was born on 1963-05-10 in the north. ",
];

/// About `len` bytes of prose, with one entity per `gap` bytes if there is a gap.
fn text(len: usize, gap: Option<usize>) -> String {
    let mut text = String::with_capacity(len + 256);
    let mut sentences = SENTENCES.iter().cycle();
    let mut entities = ENTITIES.iter().cycle();
    let mut next = gap;
    while text.len() < len {
        if next.is_some_and(|next| text.len() >= next) {
            text.push_str(entities.next().unwrap_or(&""));
            next = next.zip(gap).map(|(next, gap)| next + gap);
        }
        text.push_str(sentences.next().unwrap_or(&""));
    }
    text
}

/// Something like source code: names, numbers, hashes, versions.
fn code(len: usize) -> String {
    let mut text = String::with_capacity(len + 256);
    let mut nth = 0u64;
    while text.len() < len {
        nth += 1;
        let hash = nth.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let _ = writeln!(
            text,
            "    let value_{nth} = self.table.get(&{nth}).map(|x| x.count + {hash})?; // {hash:016x} v1.{nth}.0"
        );
    }
    text
}

/// The types whose recognizers are patterns; names have a bench of their own.
fn identifiers(analyzer: &Analyzer) -> Selection {
    let names = [EntityType::PERSON, EntityType::LOCATION, EntityType::ORGANIZATION];
    let types = analyzer.entity_types().iter().filter(|t| !names.contains(t) && !t.is_signal());
    Selection::of(types.map(|t| (t.clone(), Score::new(0.5))))
}

fn scan(bencher: Bencher<'_, '_>, text: &str) {
    let analyzer = Analyzer::new(Vec::new()).expect("no custom recognizers");
    let selection = identifiers(&analyzer);
    bencher
        .counter(BytesCount::of_str(text))
        .bench(|| analyzer.analyze(&[Text::from(text)], &selection));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn prose(bencher: Bencher<'_, '_>) {
    scan(bencher, &text(1 << 20, None));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn one_entity_per_200_bytes(bencher: Bencher<'_, '_>) {
    scan(bencher, &text(1 << 20, Some(200)));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn source_code(bencher: Bencher<'_, '_>) {
    scan(bencher, &code(1 << 20));
}

#[divan::bench]
fn chat_message_of_300_bytes(bencher: Bencher<'_, '_>) {
    scan(bencher, &text(300, Some(150)));
}

/// Inputs that slow checks would choke on; four times the text may take four times as long, not more.
#[divan::bench(sample_count = 3, sample_size = 1, args = ["1", "1 ", "1-", "a@", "a@b.", "http://", "0x", "1.1.", "ab:", "+1 (", "mrn ", "é1"])]
fn hostile(bencher: Bencher<'_, '_>, piece: &str) {
    scan(bencher, &piece.repeat((1 << 16) / piece.len()));
}
