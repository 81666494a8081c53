use super::{Candidate, NameKind, find, propagate};
use proptest::prelude::*;

fn names(text: &str) -> Vec<Candidate> {
    let mut out = Vec::new();
    find(text, &mut out);
    out
}

fn slices<'t>(text: &'t str, found: &[Candidate]) -> Vec<&'t str> {
    found.iter().filter(|c| c.score >= 0.5).map(|c| &text[c.start..c.end]).collect()
}

/// Text and names of a line marked as in `training/names`.
fn unmark(line: &str) -> (String, Vec<(NameKind, usize, usize)>) {
    let mut text = line.replace(" \\n ", "\n");
    let mut marks = Vec::new();
    let kinds = [
        ("[PER ", NameKind::Person),
        ("[LOC ", NameKind::Location),
        ("[ORG ", NameKind::Organization),
    ];
    while let Some((start, kind)) =
        kinds.iter().filter_map(|(m, k)| Some((text.find(m)?, *k))).min()
    {
        let end = start + text[start..].find(']').unwrap();
        marks.push((kind, start, end - 5));
        text.replace_range(end..=end, "");
        text.replace_range(start..start + 5, "");
    }
    (text, marks)
}

#[test]
fn marked_cases_are_found_as_marked() {
    let mut wrong = Vec::new();
    for line in include_str!("cases.txt").lines() {
        let (text, marks) = unmark(line);
        let found = names(&text).into_iter().filter(|c| c.score >= 0.5);
        let found: Vec<_> = found.map(|c| (c.kind, c.start, c.end)).collect();
        if found != marks {
            wrong.push(format!(
                "{line}\n  found {:?}",
                found.iter().map(|f| (f.0, &text[f.1..f.2])).collect::<Vec<_>>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn carried(texts: &[&str]) -> Vec<Vec<String>> {
    let mut found: Vec<_> = texts.iter().map(|t| names(t)).collect();
    propagate(texts, &mut found);
    texts
        .iter()
        .zip(&found)
        .map(|(t, f)| slices(t, f).into_iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn a_surname_alone_in_small_letters_is_found_in_a_later_message() {
    let found = carried(&["My doctor is Dr. Maria Okafor.", "did okafor's office call back?"]);
    assert_eq!(found, [vec!["Maria Okafor"], vec!["okafor"]]);
}

#[test]
fn a_common_word_in_small_letters_is_not_taken_for_the_person() {
    let found = carried(&["My name is Will Baker.", "he will go to the baker"]);
    assert_eq!(found[1], Vec::<String>::new());
}

#[test]
fn nothing_is_carried_when_nobody_is_named() {
    assert_eq!(carried(&["no names here", "nor here"]), [Vec::<String>::new(), Vec::new()]);
}

/// The binary and the repository stay small: both tables together are under four megabytes.
#[test]
fn the_tables_are_under_four_megabytes() {
    let bytes = include_bytes!("lexicon.bin").len() + include_bytes!("weights.bin").len();
    assert!(bytes < 4_000_000, "{bytes}");
}

/// Windows do not overlap, so that each token is scored at most once whatever the text holds.
#[test]
fn every_token_is_in_one_window_at_most() {
    let mut analysis = super::analysis::Analysis::default();
    for unit in
        ["Anna ", "anna b ", "A.B-", "a@b ", "Anna Anna anna, ", "\n", "((((", "New York of "]
    {
        let text = unit.repeat(2000);
        analysis.read(&text, &super::LEXICON);
        assert!(analysis.windows.windows(2).all(|w| w[0].end <= w[1].start), "{unit}");
        assert!(analysis.windows.last().is_none_or(|w| w.end <= analysis.tokens.len()), "{unit}");
    }
}

fn check_spans(text: &str, found: &[Candidate]) -> Result<(), TestCaseError> {
    let mut end = 0;
    for c in found {
        prop_assert!(c.start >= end && c.start < c.end);
        prop_assert!(text.get(c.start..c.end).is_some());
        prop_assert!((0.0..=1.0).contains(&c.score));
        end = c.end;
    }
    Ok(())
}

proptest! {
    #[test]
    fn spans_of_any_text_are_sorted_disjoint_and_on_boundaries(text in "(?s).{0,200}") {
        check_spans(&text, &names(&text))?;
    }

    #[test]
    fn spans_of_name_like_text_are_sorted_disjoint_and_on_boundaries(
        words in proptest::collection::vec("Anna|o'brien|O’Brien|Paris|de|@|\\.|\n|-|#|New|York|Ltd|İß|é|http://|12|Dr|['’,]| ", 0..60),
        glue in " ?",
    ) {
        let text = words.join(&glue);
        let mut found = vec![names(&text), names("Anna O'Brien lives in Paris")];
        propagate(&[&text, "Anna O'Brien lives in Paris"], &mut found);
        check_spans(&text, &found[0])?;
    }
}
