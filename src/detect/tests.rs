//! Runs the marked texts of `tests/data/entities/` and the properties that hold for any text.
//!
//! A case is one line: `write to <«EMAIL_ADDRESS:ann@ex.org»> today`. What is marked must be found, with that type and span,
//! and nothing else (names of persons, places and organisations aside). `\n` stands for a line break, `label | text` gives the
//! text a label, lines that begin with `#` are comments.

use super::{Analyzer, EntityType, Score, Selection, Text};
use proptest::prelude::*;
use std::{fs, path::Path, sync::LazyLock};

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| Analyzer::new(Vec::new()).unwrap());
const NAMES: [EntityType; 3] = [EntityType::PERSON, EntityType::LOCATION, EntityType::ORGANIZATION];

/// `line` is a case as told above; returns what is wrong with it.
fn fault(line: &str) -> Option<String> {
    let (label, marked) = line.split_once(" | ").map_or((None, line), |(l, m)| (Some(l), m));
    let marked = marked.replace("\\n", "\n");
    let plain = unmark(&marked);
    let types = ANALYZER.entity_types().iter().filter(|t| !NAMES.contains(t));
    let selection = Selection::of(types.map(|t| (t.clone(), Score::new(0.5))));
    let found = ANALYZER.analyze(&[Text { label, text: &plain }], &selection);
    let mut got = plain.clone();
    for finding in found[0].iter().rev() {
        let value = finding.span.slice(&plain);
        let mark = format!("«{}:{value}»", finding.entity_type);
        got.replace_range(finding.span.start()..finding.span.end(), &mark);
    }
    (got != marked).then(|| format!("expected {marked}\n  found {got}"))
}

fn unmark(marked: &str) -> String {
    let mut plain = String::new();
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('«') {
        let (inside, behind) = after.split_once('»').expect("a mark is closed");
        plain.push_str(before);
        plain.push_str(inside.split_once(':').expect("a mark names its type").1);
        rest = behind;
    }
    plain + rest
}

#[test]
fn marked_texts_are_found_exactly() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/entities");
    let mut faults = Vec::new();
    let mut cases = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            if !line.trim().is_empty() && !line.starts_with('#') {
                cases += 1;
                let place = format!("{}:{}", path.file_name().unwrap().display(), number + 1);
                faults.extend(fault(line).map(|f| format!("{place}\n  {f}")));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {cases} cases fail:\n{}", faults.len(), faults.join("\n"));
}

#[track_caller]
fn assert_sound(text: &str) {
    let found = ANALYZER.analyze(&[Text::from(text)], &Selection::all(Score::MIN));
    let mut last = 0;
    for finding in &found[0] {
        assert!(
            last <= finding.span.start() && !finding.span.is_empty(),
            "findings are sorted and disjoint"
        );
        assert!(!finding.span.slice(text).is_empty(), "findings are on character boundaries");
        last = finding.span.end();
    }
}

proptest! {
    #[test]
    fn findings_of_any_text_are_sound(text in any::<String>()) {
        assert_sound(&text);
    }

    #[test]
    fn findings_of_likely_text_are_sound(text in "[0-9a-zA-Z@:/. \\-+()#\u{e9}\u{a0}\u{200b}\u{ff11}\n]{0,120}") {
        assert_sound(&text);
    }
}
