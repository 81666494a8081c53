//! Looks at what the model itself wrote.
//!
//! A text of the model is looked at before originals go back into it. What stands for a value of the caller is a stand-in
//! then, so it is no finding; nor is a value that the caller's own request holds. The rest is the model's: the policy says
//! what happens to it. Start reading at [`OutputGuard`]; [`OutputStream`] is the same for a text that comes in pieces.

mod decoded;
mod growth;
mod stream;

pub use stream::OutputStream;

use super::{Blocked, Counts, Engine, analyze};
use crate::{
    detect::{EntityType, Finding, Span, Text},
    policy::{Action, Direction, Output, Policy},
    redact::{Context, Document, Keys, Restorer, Surroundings, one_way},
};
use bytes::Bytes;
use decoded::Decoded;
use growth::Growth;
use std::{
    collections::HashSet,
    fmt,
    hash::{BuildHasher, RandomState},
    ops::Range,
    sync::Arc,
};

/// Applies a policy to what the model wrote in one answer. Cheap to clone.
#[derive(Clone)]
pub struct OutputGuard(Arc<Inner>);

struct Inner {
    policy: Arc<Policy>,
    keys: Keys,
    restorer: Restorer,
    own: Own,
    growth: Growth,
}

/// Tells the policy alone.
impl fmt::Debug for OutputGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputGuard({})", self.0.policy.name())
    }
}

impl Engine {
    /// What looks at an answer, whose stand-ins `restorer` knows; `None` if the policy lets all pass that a model writes.
    pub fn output(&self, policy: &Arc<Policy>, restorer: &Restorer) -> Option<OutputGuard> {
        policy.guards_output().then(|| {
            OutputGuard(Arc::new(Inner {
                own: Own::of(restorer),
                growth: Growth::of(policy),
                policy: Arc::clone(policy),
                keys: self.keys.clone(),
                restorer: restorer.clone(),
            }))
        })
    }
}

impl OutputGuard {
    /// Looks at a text that came whole; gives it as it may be told, and adds to `counts` what was found.
    ///
    /// # Errors
    /// When the policy blocks something in it.
    pub fn text(&self, text: &str, counts: &mut Counts) -> Result<Option<String>, Blocked> {
        let found = self.judged(&[Text::from(text)], counts)?.remove(0);
        let mut out = String::with_capacity(text.len());
        let (mut surroundings, mut done) = (Surroundings::of(Context::Prose), 0);
        for finding in &found {
            let range = finding.span.start()..finding.span.end();
            // Of two in one number the first has taken all of it.
            if range.start >= done {
                let by = self.replacement(finding, finding.span.slice(text));
                let edit = surroundings.edit(text, done, range, &by);
                out.push_str(&text[done..edit.range.start]);
                out.push_str(&edit.written);
                done = edit.range.end;
            }
        }
        out.push_str(&text[done..]);
        Ok((!found.is_empty()).then_some(out))
    }

    /// The same for the guarded texts of a JSON document.
    ///
    /// # Errors
    /// When the policy blocks something in it.
    pub fn document(
        &self,
        document: &Document,
        counts: &mut Counts,
    ) -> Result<Option<Bytes>, Blocked> {
        let found = self.judged(&document.texts(), counts)?;
        if found.iter().all(Vec::is_empty) {
            return Ok(None);
        }
        let operators = self.0.policy.output_operators();
        let guarded = document.redact_produced(&found, operators, &self.0.keys);
        Ok(Some(guarded.as_bytes().clone()))
    }

    /// Looks at a text that comes in pieces.
    pub fn stream(&self, context: Context) -> OutputStream {
        OutputStream::new(self.clone(), context)
    }

    /// What is to be replaced, text by text.
    fn judged(
        &self,
        texts: &[Text<'_>],
        counts: &mut Counts,
    ) -> Result<Vec<Vec<Finding>>, Blocked> {
        let read: Vec<Decoded<'_>> = texts.iter().map(|text| as_meant(text.text)).collect();
        let seen: Vec<Text<'_>> = texts
            .iter()
            .zip(&read)
            .map(|(text, read)| Text { label: text.label, text: read.text() })
            .collect();
        let mut found = self.found(&seen);
        for ((findings, text), read) in found.iter_mut().zip(texts).zip(&read) {
            let written = |finding: Finding| {
                let range = read.original(finding.span.start()..finding.span.end());
                Some(Finding { span: Span::of(text.text, range.start, range.end)?, ..finding })
            };
            *findings = std::mem::take(findings).into_iter().filter_map(written).collect();
        }
        for finding in found.iter().flatten() {
            self.count(&finding.entity_type, counts)?;
        }
        for findings in &mut found {
            findings.retain(|finding| self.replaces(&finding.entity_type));
        }
        Ok(found)
    }

    fn count(&self, entity_type: &EntityType, counts: &mut Counts) -> Result<(), Blocked> {
        *counts.entry(entity_type.clone()).or_default() += 1;
        if self.action(entity_type) != Action::Block {
            return Ok(());
        }
        let policy = self.0.policy.name().shared();
        Err(Blocked { policy, entity_type: entity_type.clone() })
    }

    fn action(&self, entity_type: &EntityType) -> Action {
        match self.0.policy.rules().get(entity_type).map(|rule| rule.output) {
            Some(Output::Act(action)) => action,
            Some(Output::Pass) | None => Action::Flag,
        }
    }

    fn replaces(&self, entity_type: &EntityType) -> bool {
        self.action(entity_type) == Action::Redact
    }

    /// What comes in the place of a value. There is no way back from it.
    fn replacement(&self, finding: &Finding, value: &str) -> String {
        let operator = self.0.policy.output_operators().get(&finding.entity_type);
        let left = one_way(&self.0.keys, &operator, &finding.entity_type, value);
        left.map(std::borrow::Cow::into_owned).unwrap_or_default()
    }

    /// What the model wrote of its own, in order and without overlaps.
    fn found(&self, texts: &[Text<'_>]) -> Vec<Vec<Finding>> {
        let selection = self.0.policy.selection(Direction::Output);
        let mut found = analyze(&self.0.policy, texts, selection);
        for (findings, text) in found.iter_mut().zip(texts) {
            self.add_encoded(findings, text);
            self.drop_own(findings, text.text);
        }
        found
    }

    /// Adds what is percent-encoded, as addresses in links are.
    fn add_encoded(&self, findings: &mut Vec<Finding>, text: &Text<'_>) {
        let Some(decoded) = Decoded::percent(text.text) else { return };
        let selection = self.0.policy.selection(Direction::Output);
        let seen = Text { label: text.label, text: decoded.text() };
        for finding in analyze(&self.0.policy, &[seen], selection).into_iter().flatten() {
            let range = decoded.original(finding.span.start()..finding.span.end());
            let span = Span::of(text.text, range.start, range.end);
            let new = span.filter(|span| findings.iter().all(|known| !known.span.overlaps(span)));
            findings.extend(new.map(|span| Finding { span, ..finding }));
        }
        findings.sort_by_key(|finding| finding.span.start());
    }

    /// Leaves out stand-ins and the caller's own values.
    fn drop_own(&self, findings: &mut Vec<Finding>, text: &str) {
        if findings.is_empty() || self.0.restorer.is_empty() {
            return;
        }
        findings.retain(|finding| !self.0.own.holds(finding.span.slice(text)));
        let places: Vec<_> = self.0.restorer.places(text).collect();
        if !places.is_empty() {
            *findings =
                findings.iter().flat_map(|finding| beside(finding, &places, text)).collect();
        }
    }
}

/// A text with the escapes of JSON undone, if it begins as that.
fn as_meant(text: &str) -> Decoded<'_> {
    match Surroundings::of(Context::Prose).is_json(text) {
        Some(true) => Decoded::json(text),
        Some(false) | None => Decoded::plain(text),
    }
}

/// The parts of a finding that are not in one of these places.
fn beside(finding: &Finding, places: &[Range<usize>], text: &str) -> Vec<Finding> {
    let (start, end) = (finding.span.start(), finding.span.end());
    let first = places.partition_point(|place| place.end <= start);
    let within = places[first..].iter().take_while(|place| place.start < end);
    let mut parts = Vec::new();
    let mut from = start;
    for place in within {
        parts.push(from..place.start.max(from));
        from = place.end;
    }
    parts.push(from..end.max(from));
    let says_something = |part: &Range<usize>| text[part.clone()].contains(char::is_alphanumeric);
    let parts = parts.into_iter().filter(says_something);
    parts
        .filter_map(|part| {
            Some(Finding { span: Span::of(text, part.start, part.end)?, ..finding.clone() })
        })
        .collect()
}

/// The caller's own values, as digests that nobody can foresee.
struct Own {
    hasher: RandomState,
    digests: HashSet<u64>,
}

impl Own {
    fn of(restorer: &Restorer) -> Self {
        let hasher = RandomState::new();
        let digests = restorer.originals().map(|original| hasher.hash_one(original)).collect();
        Self { hasher, digests }
    }

    fn holds(&self, value: &str) -> bool {
        self.digests.contains(&self.hasher.hash_one(value))
    }
}

#[cfg(test)]
mod tests;
