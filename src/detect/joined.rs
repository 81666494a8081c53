//! Values that only several texts together hold: `mail ann@` in one part of a message, `example.org` in the next. Whoever reads the
//! parts reads them as one.
//!
//! The parts are put together where their ends look as if something went on, and what lies over such a place is looked for, if it
//! has a form or a check digit of its own. Each part of it is a finding in its text.

use super::{Candidate, Finding, Span, Text, disguise};
use std::mem;

/// Adds to `found`, which holds the findings of each of `texts`, those that lie over several of `run`: the places of texts that follow
/// one another directly.
pub(super) fn find(
    texts: &[Text<'_>],
    run: &[usize],
    values: impl FnMut(&str, &mut Vec<Candidate>),
    found: &mut [Vec<Finding>],
) {
    let parts = || run.iter().filter_map(|&nth| Some((nth, texts.get(nth)?.text)));
    let pairs = parts().zip(parts().skip(1));
    if !pairs.into_iter().any(|((_, left), (_, right))| disguise::may_go_on(left, right)) {
        return;
    }
    let (mut all, mut starts) = (String::new(), Vec::new());
    let mut candidates = Vec::new();
    for (nth, part) in parts() {
        let own = found.get(nth).into_iter().flatten();
        candidates.extend(own.map(|it| known(it, all.len())));
        starts.push(all.len());
        all.push_str(part);
    }
    let n_known = candidates.len();
    disguise::find_joined(&all, starts.get(1..).unwrap_or_default(), values, &mut candidates);
    for candidate in candidates.split_off(n_known) {
        for ((nth, part), start) in parts().zip(&starts) {
            let from = candidate.start.max(*start);
            let to = candidate.end.min(start + part.len());
            let span = (from < to).then(|| Span::of(part, from - start, to - start)).flatten();
            if let (Some(span), Some(found)) = (span, found.get_mut(nth)) {
                add(finding(&candidate, span), part, found);
            }
        }
    }
}

fn known(finding: &Finding, start: usize) -> Candidate {
    Candidate {
        entity_type: finding.entity_type.clone(),
        start: start + finding.span.start(),
        end: start + finding.span.end(),
        score: finding.score,
        recognizer: finding.recognizer.clone(),
        of_model: false,
    }
}

fn finding(candidate: &Candidate, span: Span) -> Finding {
    Finding {
        entity_type: candidate.entity_type.clone(),
        span,
        score: candidate.score,
        recognizer: candidate.recognizer.clone(),
    }
}

/// Puts a finding among those of its text. It takes the place of those that it touches, and covers all of what they covered.
fn add(mut finding: Finding, text: &str, found: &mut Vec<Finding>) {
    let (signals, others): (Vec<_>, Vec<_>) =
        mem::take(found).into_iter().partition(|it| it.entity_type.is_signal());
    let touches =
        |it: &Finding, span: Span| it.span.start() < span.end() && span.start() < it.span.end();
    let (touched, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|it| touches(it, finding.span));
    let start = touched.iter().map(|it| it.span.start()).chain([finding.span.start()]).min();
    let end = touched.iter().map(|it| it.span.end()).chain([finding.span.end()]).max();
    if let Some(span) = start.zip(end).and_then(|(start, end)| Span::of(text, start, end)) {
        finding.span = span;
    }
    found.extend(signals);
    found.extend(others);
    found.push(finding);
    found.sort_by_key(|it| (it.span.start(), std::cmp::Reverse(it.span.end())));
}

#[cfg(test)]
mod tests {
    use crate::detect::{Analyzer, EntityType, Score, Selection, Text};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| Analyzer::new(Vec::new()).unwrap());

    /// The parts with what is found of each in brackets.
    #[track_caller]
    fn check(parts: &[&str], expected: &[&str]) {
        let texts: Vec<Text<'_>> = parts.iter().copied().map(Text::from).collect();
        let types = [
            EntityType::EMAIL_ADDRESS,
            EntityType::CREDIT_CARD,
            EntityType::US_SSN,
            EntityType::IBAN_CODE,
            EntityType::PHONE_NUMBER,
        ];
        let selection = Selection::of(types.map(|it| (it, Score::new(0.5))));
        let mut found = ANALYZER.analyze(&texts, &selection);
        let run: Vec<usize> = (0..texts.len()).collect();
        ANALYZER.analyze_joined(&texts, &[run], &selection, &mut found);
        let marked: Vec<String> = parts
            .iter()
            .zip(&found)
            .map(|(part, found)| {
                let mut marked = (*part).to_owned();
                for finding in found.iter().rev() {
                    marked.insert(finding.span.end(), ']');
                    marked.insert(finding.span.start(), '[');
                }
                marked
            })
            .collect();
        assert_eq!(marked, expected);
    }

    #[test]
    fn a_value_over_parts_is_found_in_each() {
        check(&["mail ann.smith@", "example.org now"], &["mail [ann.smith@]", "[example.org] now"]);
        check(
            &["card 4111 1111", " 1111 1111, ssn 536-90", "-4399."],
            &["card [4111 1111]", "[ 1111 1111], ssn [536-90]", "[-4399]."],
        );
        check(&["a ", "nn", "@", "ex", "ample.org"], &["a ", "[nn]", "[@]", "[ex]", "[ample.org]"]);
        check(
            &["é IBAN DE89 3704 0044 ", "0532 0130 00 é"],
            &["é IBAN [DE89 3704 0044 ]", "[0532 0130 00] é"],
        );
        check(&["mail bob@a.example.o", "rg"], &["mail [bob@a.example.o]", "[rg]"]);
    }

    proptest! {
        #[test]
        fn a_value_is_found_wherever_it_is_cut(
            value in prop_oneof![
                Just("ann.smith@mail.example.org"),
                Just("4111 1111 1111 1111"),
                Just("+1 415 555 0132"),
                Just("DE89370400440532013000"),
            ],
            before in "[a-zé ]{0,60}",
            cuts in proptest::collection::vec(1_usize..22, 1..4),
        ) {
            // A cut within a domain's last part leaves an address that seems whole.
            let cuts = cuts.into_iter().map(|cut| before.len() + 1 + cut.min(value.len() - 4));
            let all = format!("{before} {value}, and");
            let mut cuts: Vec<usize> = cuts.chain([0, all.len()]).collect();
            cuts.sort_unstable();
            cuts.dedup();
            let parts: Vec<&str> = cuts.windows(2).map(|cut| &all[cut[0]..cut[1]]).collect();
            let texts: Vec<Text<'_>> = parts.iter().copied().map(Text::from).collect();
            let selection = Selection::all(Score::new(0.5));
            let mut found = ANALYZER.analyze(&texts, &selection);
            ANALYZER.analyze_joined(&texts, &[(0..texts.len()).collect()], &selection, &mut found);
            let mut left = String::new();
            for (part, found) in parts.iter().zip(&found) {
                let mut done = 0;
                // A signal stays in place, and may hold others.
                for finding in found.iter().filter(|it| !it.entity_type.is_signal()) {
                    prop_assert!(done <= finding.span.start(), "{parts:?}: {found:?}");
                    left += &part[done..finding.span.start()];
                    done = finding.span.end();
                }
                left += &part[done..];
            }
            let digits = left.chars().filter(char::is_ascii_digit).count();
            prop_assert!(digits == 0 && !left.contains('@'), "{parts:?}: {left:?}");
        }
    }

    #[test]
    fn what_is_whole_in_its_part_goes_not_on() {
        check(&["mail ann@example.org", "Thanks"], &["mail [ann@example.org]", "Thanks"]);
        check(&["ann@example.org", "bob@example.com"], &["[ann@example.org]", "[bob@example.com]"]);
        check(&["the year 2024", "12 of 30"], &["the year 2024", "12 of 30"]);
        check(&["one.", "Two", ""], &["one.", "Two", ""]);
    }
}
