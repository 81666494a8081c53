use super::{Candidate, NameKind, find, in_fields, propagate};
use proptest::prelude::*;
use std::{fs, path::Path};

/// Names count from this score on where nobody says otherwise.
const USUAL: f32 = 0.15;

fn names(text: &str) -> Vec<Candidate> {
    let mut out = Vec::new();
    find(text, &mut out);
    out
}

fn slices<'t>(text: &'t str, found: &[Candidate]) -> Vec<&'t str> {
    found.iter().filter(|c| c.score >= USUAL).map(|c| &text[c.start..c.end]).collect()
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

/// The marked lines of `tests/data/names`; those of `weak.txt` are measured by `make accuracy` and not expected here.
fn marked_lines() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/names");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let expected = files.filter(|path| path.file_name().is_some_and(|name| name != "weak.txt"));
    let texts = expected.map(|path| fs::read_to_string(path).unwrap());
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter(|line| !line.trim().is_empty() && !line.starts_with("# ")).collect()
}

#[test]
fn marked_texts_are_found_as_marked() {
    let mut wrong = Vec::new();
    for line in marked_lines() {
        let (text, marks) = unmark(&line);
        let found = names(&text).into_iter().filter(|c| c.score >= USUAL);
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

#[test]
fn a_field_that_may_hold_a_company_holds_a_person_only_with_a_known_name() {
    let told = |text| slices(text, &in_fields(text));
    assert_eq!(told("{\"customer_name\": \"Zyntrix\"}"), [""; 0]);
    assert_eq!(told("{\"customer_name\": \"Amy Zyntrix\"}"), ["Amy Zyntrix"]);
    assert_eq!(told("{\"surname\": \"Zyntrix\"}"), ["Zyntrix"]);
}

#[test]
fn a_hash_tag_is_masked_whole_whatever_part_of_it_is_a_name() {
    for (text, tag) in [
        ("talks on #Iran go on", "#Iran"),
        ("sign for #AnnaMiller now", "#AnnaMiller"),
        ("(#LondonMarathon_2019)", "#LondonMarathon_2019"),
    ] {
        assert_eq!(slices(text, &names(text)), [tag]);
    }
}

#[test]
fn names_do_not_go_on_over_dashes_between_spaces_and_pictures() {
    let text = "Trains: Lisbon - Porto. Anna Miller 😍 Paris";
    assert_eq!(slices(text, &names(text)), ["Lisbon", "Porto", "Anna Miller", "Paris"]);
}

#[test]
fn names_in_lines_of_code_count_less() {
    let score = |text| names(text).first().map_or(0.0, |c| c.score);
    assert!(score("let x = Anna(Miller); y[Anna] = {Miller};") < score("We met Anna Miller."));
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
fn a_word_in_small_letters_among_capitals_is_no_name_because_somebody_is_called_so() {
    let found =
        carried(&["Meet Mr. Kitesurfing himself, Jack Doyle.", "He says kitesurfing is easy."]);
    assert_eq!(found[1], Vec::<String>::new());
}

#[test]
fn a_surname_that_is_a_town_is_the_person_named_before() {
    let texts = ["Ms. Petra Lincoln chairs the board.", "Lincoln said no."];
    let mut found: Vec<_> = texts.iter().map(|t| names(t)).collect();
    propagate(&texts, &mut found);
    assert_eq!(found[1].first().map(|c| c.kind), Some(NameKind::Person));
}

/// `Baker` at the beginning of a sentence may be any baker, unless the text is in the habit of calling the person so.
#[test]
fn a_surname_that_is_a_word_is_found_at_the_beginning_of_a_sentence_where_it_stands_alone_elsewhere()
 {
    let meets = "Today we meet Hannah Gardener.";
    let found =
        carried(&[meets, "A room was kept for Gardener upstairs.", "Gardener slept badly."]);
    assert_eq!(found[2], ["Gardener"]);
    assert_eq!(carried(&[meets, "Gardener wanted for the night shift."])[1], Vec::<String>::new());
}

#[test]
fn what_a_text_says_of_a_name_is_true_of_it_everywhere_in_the_request() {
    let kinds = |texts: &[&str]| {
        let mut found: Vec<_> = texts.iter().map(|t| names(t)).collect();
        propagate(texts, &mut found);
        found.into_iter().flatten().map(|c| c.kind).collect::<Vec<_>>()
    };
    let band = kinds(&["Lorna Tulloch sings in the band Harriet.", "Harriet played in June."]);
    assert_eq!(band, [NameKind::Person, NameKind::Organization, NameKind::Organization]);
    let chair = "Ms. Petra Lincoln chairs the board.";
    let surname = kinds(&[chair, "Lincoln said no.", "Lincoln is a town in Nebraska."]);
    assert_eq!(surname[1], NameKind::Person);
}

#[test]
fn a_cup_that_is_called_like_a_person_is_none_also_beside_the_person() {
    let found = carried(&["Lord Frederick Merrick gave the cup.", "They won the Merrick Cup."]);
    assert_eq!(found, [vec!["Frederick Merrick"], vec![]]);
}

#[test]
fn possessives_and_capitals_are_found_again() {
    let found = carried(&["Call Anna Okonkwo.", "Okonkwo's car", "MS OKONKWO", "okonkwo?"]);
    assert!(found[1..].iter().all(|names| names.len() == 1), "{found:?}");
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

/// The names of `text`, looked at by so many tokens at once.
fn names_by(at_once: usize, text: &str) -> Vec<Candidate> {
    let mut out = Vec::new();
    super::TAGGER.find_by(at_once, text, &mut super::Scratch::default(), &mut out);
    out
}

/// Texts of the trainer: a few of each kind, with everything that names have around them.
#[test]
fn names_are_the_same_however_many_tokens_are_looked_at_at_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("training/names");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let texts = files.filter_map(|file| fs::read_to_string(file).ok());
    for text in texts {
        let text = &text[..text.floor_char_boundary(20_000)];
        let whole = names_by(usize::MAX, text);
        for at_once in [1, 8, 100, 2048] {
            assert_eq!(names_by(at_once, text), whole, "{at_once}");
        }
    }
}

#[test]
fn a_list_of_names_without_end_is_found_as_a_whole() {
    for name in ["Anna ", "ANNA KOWALSKA ", "Xqzt Brwkl "] {
        let found = names(&name.repeat(6000));
        let covered: usize = found.iter().map(|c| c.end - c.start).sum();
        assert!(covered * 10 > name.len() * 6000 * 9, "{name}: {}", found.len());
    }
    let found = names(&"Anna Kowalska, ".repeat(5000));
    assert_eq!(found.len(), 5000);
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
        for at_once in [1, 2, 5, 16] {
            prop_assert_eq!(names_by(at_once, &text), names_by(usize::MAX, &text));
        }
        let mut found = vec![names(&text), names("Anna O'Brien lives in Paris")];
        propagate(&[&text, "Anna O'Brien lives in Paris"], &mut found);
        check_spans(&text, &found[0])?;
    }
}
