//! Which of several overlapping candidates is reported.
//!
//! One rule: candidates are ranked, and each is taken unless it overlaps one ranked before it. The rank is
//! 1. the **band** of the score: certain (from 0.85), likely (from 0.5), weak. Names and what a model has found are never more
//!    than likely: their scores are probabilities of words, not checks of a written form. Secrets are never less: a low score tells that they may
//!    open nothing, not that they may be something else;
//! 2. within a band, **identifiers before names** (and before bare domains, which may be names of companies, and what a model
//!    has found: a card that is blocked must not pass as an account because a model takes it for one);
//! 3. the **longer** one: a URL before the e-mail address in its query, since taking the short one would leave the rest of the
//!    long one in the clear;
//! 4. the higher **score**;
//! 5. the **earlier** one;
//! 6. the **more specific type**, by its place in [`PRIORITY`]; types not listed come last, in order of name.
//!
//! A name, or what a model has found, that reaches into something ranked before it is not dropped but cut: the longest part of it that is left is taken, so
//! that a telephone number at the end of an address does not uncover the address.
//!
//! A URL never hides a secret: it is split around it first, so that the whole stays covered and whoever blocks secrets sees it.
//! Nor does an e-mail address hide the password of a link: where a secret ends at the `@`, the address comes after all others, and
//! is taken only if the secret is not.
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
pub(crate) fn resolve(text: &str, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_unstable_by_key(|c| c.start);
    let mut resolved = Vec::with_capacity(candidates.len());
    let mut cluster: Vec<Candidate> = Vec::new();
    let mut end = 0;
    for candidate in candidates {
        if candidate.start >= end {
            resolve_cluster(text, &mut cluster, &mut resolved);
        }
        end = end.max(candidate.end);
        cluster.push(candidate);
    }
    resolve_cluster(text, &mut cluster, &mut resolved);
    resolved
}

/// Moves what the rule takes of `cluster` to `resolved`, and empties it.
fn resolve_cluster(text: &str, cluster: &mut Vec<Candidate>, resolved: &mut Vec<Candidate>) {
    if cluster.len() < 2 {
        resolved.append(cluster);
        return;
    }
    let places = secret_places(cluster);
    split_around(&places, cluster);
    cluster.sort_by(rank);
    let last: Vec<Candidate> =
        cluster.extract_if(.., |c| begins_with_password(text, &places, c)).collect();
    let mut taken: BTreeMap<usize, Candidate> = BTreeMap::new();
    for candidate in cluster.drain(..).chain(last) {
        let free = if is_free(&taken, &candidate) {
            Some(candidate)
        } else {
            cut(text, &taken, candidate)
        };
        taken.extend(free.map(|c| (c.start, c)));
    }
    resolved.extend(taken.into_values());
}

/// True for what seems to be an e-mail address, but whose local part belongs to a secret: `user:password@example.org`.
fn begins_with_password(text: &str, secrets: &[(usize, usize)], candidate: &Candidate) -> bool {
    let nearest = secrets.partition_point(|&(_, end)| end <= candidate.start);
    candidate.entity_type == EntityType::EMAIL_ADDRESS
        && secrets.get(nearest).is_some_and(|&(start, end)| {
            let behind = text.get(end..).unwrap_or_default();
            start <= candidate.start && behind.starts_with('@')
        })
}

/// Puts in the place of URLs that hold secrets what is left of them.
fn split_around(secrets: &[(usize, usize)], cluster: &mut Vec<Candidate>) {
    if secrets.is_empty() {
        return;
    }
    let (urls, others): (Vec<_>, Vec<_>) =
        cluster.drain(..).partition(|c| c.entity_type == EntityType::URL);
    *cluster = others;
    for url in urls {
        let mut from = url.start;
        let first = secrets.partition_point(|&(_, end)| end <= url.start);
        let inside = secrets[first..].iter().take_while(|(start, _)| *start < url.end);
        for &(start, end) in inside.chain([&(url.end, url.end)]) {
            if start > from {
                cluster.push(Candidate { start: from, end: start, ..url.clone() });
            }
            from = from.max(end);
        }
    }
}

/// Where the secrets of a cluster are: in order, overlapping ones as one.
fn secret_places(cluster: &[Candidate]) -> Vec<(usize, usize)> {
    let mut places: Vec<(usize, usize)> =
        cluster.iter().filter(|c| is_secret(c)).map(|c| (c.start, c.end)).collect();
    places.sort_unstable();
    places.dedup_by(|later, earlier| {
        let overlap = later.0 < earlier.1;
        if overlap {
            earlier.1 = earlier.1.max(later.1);
        }
        overlap
    });
    places
}

fn is_secret(candidate: &Candidate) -> bool {
    candidate.entity_type == EntityType::SECRET
}

/// Taken spans are disjoint, so only the last that starts before the candidate's end can reach into it.
fn is_free(taken: &BTreeMap<usize, Candidate>, candidate: &Candidate) -> bool {
    taken.range(..candidate.end).next_back().is_none_or(|(_, last)| last.end <= candidate.start)
}

/// The longest part of a name that is not taken, from its first to its last letter or digit; `None` when there is no word in it.
fn cut(text: &str, taken: &BTreeMap<usize, Candidate>, name: Candidate) -> Option<Candidate> {
    if !is_name(&name) && !name.of_model {
        return None;
    }
    // A taken span that begins before the name may still reach into it.
    let before =
        taken.range(..name.start).next_back().map_or(name.start, |(_, c)| c.end.max(name.start));
    let mut from = before;
    let mut longest = (from, from);
    let inside = taken.range(name.start..name.end).map(|(_, c)| (c.start, c.end));
    for (start, end) in inside.chain([(name.end, name.end)]) {
        if start.saturating_sub(from) > longest.1 - longest.0 {
            longest = (from, start);
        }
        from = from.max(end);
    }
    let part = text.get(longest.0..longest.1)?;
    let word = part.trim_matches(|c: char| !c.is_alphanumeric());
    let start =
        longest.0 + (part.len() - part.trim_start_matches(|c: char| !c.is_alphanumeric()).len());
    // A model also finds numbers.
    let says = |c: &char| c.is_alphabetic() || name.of_model && c.is_numeric();
    let is_word = word.chars().filter(says).count() >= 2;
    is_word.then(|| Candidate { start, end: start + word.len(), ..name })
}

fn is_name(candidate: &Candidate) -> bool {
    EntityType::NAMED.contains(&candidate.entity_type)
}

/// Names, what may be one, and what a model has found.
fn is_name_like(candidate: &Candidate) -> bool {
    is_name(candidate)
        || candidate.of_model
        || (candidate.entity_type == EntityType::URL && candidate.score.get() < CERTAIN)
}

fn rank(a: &Candidate, b: &Candidate) -> Ordering {
    band(b)
        .cmp(&band(a))
        .then(is_name_like(a).cmp(&is_name_like(b)))
        .then(b.len().cmp(&a.len()))
        .then(b.score.get().total_cmp(&a.score.get()))
        .then(a.start.cmp(&b.start))
        .then(priority(&a.entity_type).cmp(&priority(&b.entity_type)))
        .then_with(|| a.entity_type.cmp(&b.entity_type))
        .then_with(|| a.recognizer.cmp(&b.recognizer))
}

fn band(candidate: &Candidate) -> u8 {
    match candidate.score.get() {
        score if score >= CERTAIN && !is_name(candidate) && !candidate.of_model => 2,
        score if score >= LIKELY || is_secret(candidate) => 1,
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
        Candidate {
            entity_type,
            start,
            end,
            score: Score::new(score),
            recognizer: "test".into(),
            of_model: false,
        }
    }

    #[track_caller]
    fn check(candidates: &[Candidate], expected: &[usize]) {
        let expected: Vec<_> = expected.iter().map(|&i| candidates[i].clone()).collect();
        let text = "a".repeat(64);
        assert_eq!(resolve(&text, candidates.to_vec()), expected);
        assert_eq!(resolve(&text, candidates.iter().rev().cloned().collect()), expected);
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
    fn a_name_is_cut_where_an_identifier_begins() {
        let text = "12 High Street\n555 0123, x";
        let place = candidate(EntityType::LOCATION, 0, 18, 0.9);
        let phone = candidate(EntityType::PHONE_NUMBER, 15, 23, 0.6);
        let found = resolve(text, vec![place.clone(), phone.clone()]);
        assert_eq!(found, [Candidate { end: 14, ..place }, phone]);
    }

    #[test]
    fn a_company_named_after_its_domain_stays_whole() {
        let company = candidate(EntityType::ORGANIZATION, 0, 20, 0.7);
        let domain = candidate(EntityType::URL, 0, 11, 0.6);
        check(&[company, domain], &[0]);
    }

    #[test]
    fn what_a_model_takes_it_for_never_hides_an_identifier() {
        let card = candidate(EntityType::CREDIT_CARD, 0, 16, 0.9);
        let guess =
            Candidate { of_model: true, ..candidate(EntityType::US_BANK_NUMBER, 0, 16, 1.0) };
        check(&[guess.clone(), card], &[1]);
        let name = candidate(EntityType::PERSON, 0, 10, 0.6);
        check(&[guess.clone(), name], &[0]);
        // What is left of it stays covered.
        let likely = candidate(EntityType::PHONE_NUMBER, 0, 11, 0.5);
        let found = resolve("4155550132 4821x", vec![guess.clone(), likely.clone()]);
        assert_eq!(found, [likely, Candidate { start: 11, ..guess }]);
    }

    #[test]
    fn a_url_is_split_around_a_secret() {
        let url = candidate(EntityType::URL, 0, 40, 0.95);
        let secret = candidate(EntityType::SECRET, 20, 30, 0.75);
        let found = resolve(&"a".repeat(64), vec![url.clone(), secret.clone()]);
        let (before, after) =
            (Candidate { end: 20, ..url.clone() }, Candidate { start: 30, ..url });
        assert_eq!(found, [before, secret, after]);
    }

    #[test]
    fn an_address_gives_way_to_the_secret_that_ends_at_its_at_sign_and_to_no_other() {
        let text = "https://ann:exam-ple@corp.example";
        let secret = candidate(EntityType::SECRET, 12, 20, 0.3);
        let email = candidate(EntityType::EMAIL_ADDRESS, 12, 33, 1.0);
        let found = |secret: &Candidate| {
            resolve(text, vec![email.clone(), secret.clone()]).remove(0).entity_type
        };
        assert_eq!(found(&secret), EntityType::SECRET);
        // Half a local part, from either side, does not hide the rest of it.
        let first = Candidate { end: 16, ..secret.clone() };
        let second = Candidate { start: 17, ..secret };
        assert_eq!(found(&first), EntityType::EMAIL_ADDRESS);
        assert_eq!(found(&second), EntityType::EMAIL_ADDRESS);
    }

    #[test]
    fn an_address_is_taken_where_its_secret_is_not() {
        let text = "https://ann:exam-ple@corp.example";
        let secret = candidate(EntityType::SECRET, 12, 20, 0.3);
        let ssn = candidate(EntityType::US_SSN, 0, 13, 0.95);
        let email = candidate(EntityType::EMAIL_ADDRESS, 13, 33, 1.0);
        let found = resolve(text, vec![email.clone(), ssn.clone(), secret]);
        assert_eq!(found, [ssn, email]);
    }

    #[test]
    fn a_weak_secret_is_not_cut_by_names_in_it() {
        let secret = candidate(EntityType::SECRET, 0, 40, 0.3);
        let name = candidate(EntityType::PERSON, 10, 20, 0.8);
        check(&[secret, name], &[0]);
    }

    #[test]
    fn neighbours_that_only_touch_both_stay() {
        let a = candidate(EntityType::URL, 0, 10, 0.9);
        let b = candidate(EntityType::URL, 10, 12, 0.5);
        check(&[a, b], &[0, 1]);
    }
}
