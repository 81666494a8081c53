use super::{Candidate, find};
use proptest::prelude::*;

fn names(text: &str) -> Vec<Candidate> {
    let mut out = Vec::new();
    find(text, &mut out);
    out
}

#[test]
fn a_person_who_is_announced_is_found() {
    let text = "Hi, my name is Sarah Chen and I need help.";
    let found = names(text);
    assert_eq!(found.iter().map(|c| &text[c.start..c.end]).collect::<Vec<_>>(), ["Sarah Chen"]);
}

proptest! {
    #[test]
    fn spans_are_sorted_disjoint_and_on_boundaries(text in "(?s).{0,200}") {
        let mut end = 0;
        for c in names(&text) {
            prop_assert!(c.start >= end && c.start < c.end);
            prop_assert!(text.get(c.start..c.end).is_some());
            prop_assert!((0.0..=1.0).contains(&c.score));
            end = c.end;
        }
    }
}
