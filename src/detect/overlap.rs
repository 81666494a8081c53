//! Which of several overlapping candidates is reported.
//!
//! One rule: candidates are ranked, and each is taken unless it overlaps one ranked before it. The rank is
//! 1. the **band** of the score: certain (from 0.85), likely (from 0.5), weak;
//! 2. within a band, the **longer** one: a URL before the e-mail address in its query, since taking the short one would leave
//!    the rest of the long one in the clear;
//! 3. the higher **score**;
//! 4. the **earlier** one;
//! 5. the **more specific type**, by its place in [`PRIORITY`]; types not listed come last, in order of name.
//!
//! The rule is total: the same candidates in any order give the same findings. It costs `n log n`.

use super::{Candidate, EntityType};
use std::{cmp::Ordering, collections::BTreeMap};

/// Types that say more about a value come before those that say less.
const PRIORITY: &[EntityType] = &[
    EntityType::CREDIT_CARD,
    EntityType::IBAN_CODE,
    EntityType::US_SSN,
    EntityType::US_ITIN,
    EntityType::HEALTH_PROVIDER_ID,
    EntityType::UK_NHS,
    EntityType::UK_NINO,
    EntityType::DATE_OF_BIRTH,
    EntityType::CREDIT_CARD_EXPIRY,
    EntityType::EMAIL_ADDRESS,
    EntityType::IP_ADDRESS,
    EntityType::PHONE_NUMBER,
    EntityType::MEDICAL_RECORD,
    EntityType::US_BANK_NUMBER,
    EntityType::URL,
    EntityType::STREET_ADDRESS,
    EntityType::DATE_TIME,
    EntityType::PERSON,
    EntityType::ORGANIZATION,
    EntityType::LOCATION,
];

/// From this score on a candidate is certain.
pub(super) const CERTAIN: f32 = 0.85;
/// From this score on a candidate is likely.
const LIKELY: f32 = 0.5;

/// Drops what the rule does not take; the rest is in order of place, without overlaps.
///
/// Candidates that do not reach into each other, not even by way of others, are decided by themselves: most stand alone.
pub(crate) fn resolve(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by_key(|c| c.start);
    let mut resolved = Vec::with_capacity(candidates.len());
    let mut cluster: Vec<Candidate> = Vec::new();
    let mut end = 0;
    for candidate in candidates {
        if candidate.start >= end {
            resolve_cluster(&mut cluster, &mut resolved);
        }
        end = end.max(candidate.end);
        cluster.push(candidate);
    }
    resolve_cluster(&mut cluster, &mut resolved);
    resolved
}

/// Moves what the rule takes of `cluster` to `resolved`, and empties it.
fn resolve_cluster(cluster: &mut Vec<Candidate>, resolved: &mut Vec<Candidate>) {
    if cluster.len() < 2 {
        resolved.append(cluster);
        return;
    }
    cluster.sort_by(rank);
    let mut taken: BTreeMap<usize, Candidate> = BTreeMap::new();
    for candidate in cluster.drain(..) {
        if is_free(&taken, &candidate) {
            taken.insert(candidate.start, candidate);
        }
    }
    resolved.extend(taken.into_values());
}

/// Taken spans are disjoint, so only the last that starts before the candidate's end can reach into it.
fn is_free(taken: &BTreeMap<usize, Candidate>, candidate: &Candidate) -> bool {
    taken.range(..candidate.end).next_back().is_none_or(|(_, last)| last.end <= candidate.start)
}

fn rank(a: &Candidate, b: &Candidate) -> Ordering {
    band(b)
        .cmp(&band(a))
        .then(b.len().cmp(&a.len()))
        .then(b.score.get().total_cmp(&a.score.get()))
        .then(a.start.cmp(&b.start))
        .then(priority(&a.entity_type).cmp(&priority(&b.entity_type)))
        .then_with(|| a.entity_type.cmp(&b.entity_type))
        .then_with(|| a.recognizer.cmp(&b.recognizer))
}

fn band(candidate: &Candidate) -> u8 {
    match candidate.score.get() {
        score if score >= CERTAIN => 2,
        score if score >= LIKELY => 1,
        _ => 0,
    }
}

fn priority(entity_type: &EntityType) -> usize {
    PRIORITY.iter().position(|t| t == entity_type).unwrap_or(PRIORITY.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Score;

    fn candidate(entity_type: EntityType, start: usize, end: usize, score: f32) -> Candidate {
        Candidate { entity_type, start, end, score: Score::new(score), recognizer: "test".into() }
    }

    #[track_caller]
    fn check(candidates: &[Candidate], expected: &[usize]) {
        let expected: Vec<_> = expected.iter().map(|&i| candidates[i].clone()).collect();
        assert_eq!(resolve(candidates.to_vec()), expected);
        assert_eq!(resolve(candidates.iter().rev().cloned().collect()), expected);
    }

    #[test]
    fn the_longer_of_two_certain_ones_wins() {
        let url = candidate(EntityType::URL, 0, 40, 0.9);
        let email = candidate(EntityType::EMAIL_ADDRESS, 20, 35, 1.0);
        check(&[url, email], &[0]);
    }

    #[test]
    fn a_certain_one_wins_over_a_longer_likely_one() {
        let phone = candidate(EntityType::PHONE_NUMBER, 0, 20, 0.6);
        let ssn = candidate(EntityType::US_SSN, 0, 11, 0.95);
        check(&[phone, ssn], &[1]);
    }

    #[test]
    fn of_equals_the_more_specific_type_wins() {
        let date = candidate(EntityType::DATE_TIME, 0, 10, 0.9);
        let birth = candidate(EntityType::DATE_OF_BIRTH, 0, 10, 0.9);
        check(&[date, birth], &[1]);
    }

    #[test]
    fn neighbours_that_only_touch_both_stay() {
        let a = candidate(EntityType::URL, 0, 10, 0.9);
        let b = candidate(EntityType::URL, 10, 12, 0.5);
        check(&[a, b], &[0, 1]);
    }
}
