//! How fast texts are scanned: `cargo bench --bench detect`.
//!
//! The texts are made here, from invented sentences, so that every run measures the same.

mod prose;

use divan::{Bencher, counter::BytesCount};
use prompt_guard::detect::{Analyzer, EntityType, Score, Selection, Text};
use prose::text;
use std::fmt::Write as _;

fn main() {
    divan::main();
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
    let is_wanted = |t: &&EntityType| !EntityType::NAMED.contains(t) && !t.is_signal();
    let types = analyzer.entity_types().iter().filter(is_wanted);
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
