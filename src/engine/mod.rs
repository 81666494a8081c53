//! The whole product as plain functions: scan, redact, restore. No network, no runtime.
//!
//! An [`Engine`] holds the policies and the keys, and nothing that changes: to reload, make a new one and swap it. Putting
//! originals back needs no engine: a [`Mapping`]'s restorer does it.

mod alike;
mod output;

#[cfg(test)]
mod tests;

pub use alike::Alike;
pub use output::{OutputGuard, OutputStream};

use crate::{
    detect::{EntityType, Finding, Score, Selection, Span, Text, Unread},
    policy::{Action, Direction, Numbering, Policy, PolicySet, Rule},
    redact::{
        self, Document, Keys, Mapping, Operator, Redacted, Target, redact_text, redact_texts,
    },
    sensitive::Sensitive,
};
use std::{collections::BTreeMap, sync::Arc};

/// What a policy says of one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing found that the policy acts on.
    Allow,
    /// Found something that the policy only reports.
    Flag,
    /// Found something to be replaced.
    Redact,
    /// Found something that must not be sent at all.
    Block,
}

/// A finding with what the policy does to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The finding, with its place in the original text.
    pub finding: Finding,
    /// Name of the operator that applies, for example `replace`.
    pub operator: &'static str,
    /// Place of the stand-in in the redacted text; `None` for a scan.
    pub redacted: Option<Span>,
}

/// What was found in one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanned {
    /// In order of place. Without overlaps, but for signals: see [`EntityType::is_signal`].
    pub findings: Vec<Judged>,
    /// What the policy says of the text.
    pub verdict: Verdict,
}

/// One text after redaction.
#[derive(Clone, Debug)]
pub struct RedactedText {
    /// The text with stand-ins. Typed as sensitive since `keep` and `flag` leave values in it.
    pub text: Sensitive,
    /// What was found.
    pub scanned: Scanned,
}

/// What a caller may narrow in a scan.
#[derive(Clone, Debug, Default)]
pub struct Narrowing {
    /// Only these types; empty means all types of the policy.
    pub entities: Vec<EntityType>,
    /// Not below this score; `None` means the policy's own thresholds.
    pub min_score: Option<f32>,
}

impl Narrowing {
    /// True if all is looked for that the policy does.
    fn is_none(&self) -> bool {
        self.entities.is_empty() && self.min_score.is_none()
    }
}

/// One policy in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySummary {
    /// Its name.
    pub name: Arc<str>,
    /// One line on what it is for.
    pub description: String,
    /// Digest of its content: changes when the policy changes.
    pub version: Arc<str>,
    /// The types it acts on, sorted.
    pub entity_types: Vec<EntityType>,
    /// True for the policy that applies when a call names none.
    pub is_default: bool,
}

/// How many findings of each type there were.
pub type Counts = BTreeMap<EntityType, usize>;

/// No policy has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no policy `{name}`; known are {known}")]
pub struct UnknownPolicy {
    /// The name that was asked for, at most 64 characters of it.
    pub name: String,
    /// The names there are, separated by commas.
    pub known: String,
}

/// The policy forbids sending the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("blocked by policy {policy}: the text holds {entity_type}")]
pub struct Blocked {
    /// Which policy.
    pub policy: Arc<str>,
    /// The type that must not be sent: the first in the document.
    pub entity_type: EntityType,
}

/// Why a document cannot be redacted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The policy forbids sending it.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// A model that the policy names could not read it.
    #[error(transparent)]
    Unread(#[from] Unread),
}

/// All policies, ready for use, with the keys of their operators.
#[derive(Debug)]
pub struct Engine {
    policies: PolicySet,
    default: Arc<Policy>,
    keys: Keys,
}

impl Engine {
    /// An engine whose policy is `default` where a call names none.
    ///
    /// # Errors
    /// When `default` is not among `policies`.
    pub fn new(policies: PolicySet, default: &str, keys: Keys) -> Result<Self, UnknownPolicy> {
        let default = find(&policies, default).map(Arc::clone)?;
        Ok(Self { policies, default, keys })
    }

    /// The policy of that name, or the default one.
    ///
    /// # Errors
    /// When there is no such policy.
    pub fn policy(&self, name: Option<&str>) -> Result<&Arc<Policy>, UnknownPolicy> {
        name.map_or(Ok(&self.default), |name| find(&self.policies, name))
    }

    /// Compiles what detection compiles at its first use, so that no call has to wait for it.
    pub fn warm_up(&self) {
        let sample =
            Text::from("Write to ann@example.org, or call Ann Example at +1 415 555 0132.");
        for policy in self.policies.iter() {
            analyze(policy, &[sample], policy.selection(Direction::Input));
        }
    }

    /// All policies, sorted by name.
    pub fn summaries(&self) -> Vec<PolicySummary> {
        let summary = |policy: &Arc<Policy>| PolicySummary {
            name: policy.name().shared(),
            description: policy.description().to_owned(),
            version: Arc::clone(policy.version()),
            entity_types: policy.rules().keys().cloned().collect(),
            is_default: policy.name() == self.default.name(),
        };
        self.policies.iter().map(summary).collect()
    }

    /// Looks for exactly what `selection` asks, whether the policy does or not.
    ///
    /// # Errors
    /// When a model of the policy could not read a text.
    pub fn scan_for(
        &self,
        policy: &Policy,
        texts: &[Text<'_>],
        selection: &Selection,
    ) -> Result<Vec<Scanned>, Unread> {
        Ok(judge_all(policy, analyze_fully(policy, texts, selection)?))
    }

    /// Looks at texts that come from the model, by recognizers alone.
    pub fn scan_output(&self, policy: &Policy, texts: &[Text<'_>]) -> Vec<Scanned> {
        judge_all(policy, analyze(policy, texts, policy.selection(Direction::Output)))
    }

    /// Looks at texts that go to the model. They are judged together: a name that one of them introduces is known in all.
    ///
    /// # Errors
    /// When a model of the policy could not read a text.
    pub fn scan(
        &self,
        policy: &Policy,
        texts: &[Text<'_>],
        narrowing: &Narrowing,
    ) -> Result<Vec<Scanned>, Unread> {
        let selection = policy.selection(Direction::Input);
        if narrowing.is_none() {
            return self.scan_for(policy, texts, selection);
        }
        self.scan_for(policy, texts, &narrow(selection, policy, narrowing))
    }

    /// Looks at texts that go to the model by recognizers alone, where nobody may wait: names of headers and the like, which
    /// are no prose, and what the model itself has written.
    pub fn glance(&self, policy: &Policy, texts: &[Text<'_>]) -> Vec<Scanned> {
        judge_all(policy, glanced(policy, texts))
    }

    /// The same as if the policy did not look for one type, which hides what it holds.
    pub fn glance_without(
        &self,
        policy: &Policy,
        texts: &[Text<'_>],
        hidden: &EntityType,
    ) -> Vec<Scanned> {
        let own = policy.selection(Direction::Input);
        let types = policy.rules().keys().filter(|entity_type| *entity_type != hidden);
        let selection =
            Selection::of(types.filter_map(|entity_type| {
                Some((entity_type.clone(), own.min_score(entity_type)?))
            }));
        judge_all(policy, analyze(policy, texts, &selection))
    }

    /// Numbers placeholders as the policy says. Keyed numbers are those of a `tenant`: whoever must see equal values as equal.
    pub fn number(&self, policy: &Policy, tenant: &str, mapping: &mut Mapping) {
        mapping.number_by(match policy.numbering() {
            Numbering::Appearance => redact::Numbering::APPEARANCE,
            Numbering::Keyed => self.keys.numbering(tenant),
        });
    }

    /// Numbers placeholders by what they stand for, whatever the policy says: so they mean the same in other requests.
    pub fn number_by_value(&self, tenant: &str, mapping: &mut Mapping) {
        mapping.number_by(self.keys.numbering(tenant));
    }

    /// Redacts texts with one mapping, continuing what it holds.
    ///
    /// What the policy blocks is replaced too, and shows in the verdict: whoever sends the text on must look at it.
    ///
    /// # Errors
    /// When a model of the policy could not read a text. The mapping is unchanged then.
    pub fn redact(
        &self,
        policy: &Policy,
        texts: &[&str],
        mapping: &mut Mapping,
    ) -> Result<Vec<RedactedText>, Unread> {
        let seen: Vec<Text<'_>> = texts.iter().copied().map(Text::from).collect();
        let found = analyze_fully(policy, &seen, policy.selection(Direction::Input))?;
        let pairs: Vec<(&str, &[Finding])> =
            texts.iter().copied().zip(found.iter().map(Vec::as_slice)).collect();
        let redacted = redact_texts(&pairs, policy.operators(), &self.keys, mapping);
        let results = redacted.into_iter().zip(found);
        Ok(results.map(|(done, found)| assemble(policy, done, found)).collect())
    }

    /// Redacts a JSON document, continuing what the mapping holds.
    ///
    /// # Errors
    /// When the policy blocks something in it, or a model of the policy could not read a text. The mapping is unchanged then.
    pub fn redact_document(
        &self,
        policy: &Policy,
        document: &Document,
        mapping: &mut Mapping,
    ) -> Result<(Redacted, Counts), Refused> {
        let texts = document.texts();
        let selection = policy.selection(Direction::Input);
        // Chats send their history again with each turn.
        let mut found =
            policy.analyzer().analyze_fully(&texts, selection, Some(policy.memory()))?;
        policy.analyzer().analyze_joined(&texts, &document.runs(), selection, &mut found);
        let (found, counts) = sendable(policy, without_allowed(policy, &texts, found))?;
        Ok((document.redact(&found, policy.operators(), &self.keys, mapping), counts))
    }

    /// Redacts path and query of a request, continuing what the mapping holds. They are no prose: models are not asked.
    ///
    /// # Errors
    /// When the policy blocks something in it. The mapping is unchanged then.
    pub fn redact_target(
        &self,
        policy: &Policy,
        target: &Target,
        mapping: &mut Mapping,
    ) -> Result<(Redacted, Counts), Blocked> {
        let mut found = glanced(policy, &target.texts());
        for (_, found) in found.iter_mut().enumerate().filter(|(nth, _)| target.is_id(*nth)) {
            found.retain(|finding| !finding.is_name());
        }
        let (found, counts) = sendable(policy, found)?;
        Ok((target.redact(&found, policy.operators(), &self.keys, mapping), counts))
    }

    /// Redacts a header, continuing what the mapping holds: its value, or the lines of it, which whoever reads it may put
    /// together. Models are not asked.
    ///
    /// # Errors
    /// When the policy blocks something in it. The mapping is unchanged then.
    pub fn redact_header(
        &self,
        policy: &Policy,
        lines: &[&str],
        mapping: &mut Mapping,
    ) -> Result<(Vec<String>, Counts), Blocked> {
        let texts: Vec<Text<'_>> = lines.iter().copied().map(Text::from).collect();
        let selection = policy.selection(Direction::Input);
        let mut found = policy.analyzer().analyze(&texts, selection);
        if lines.len() > 1 {
            join_lines(policy, lines, &mut found);
        }
        let (found, counts) = sendable(policy, without_allowed(policy, &texts, found))?;
        let mut redact = |(line, found): (&&str, &Vec<Finding>)| {
            redact_text(line, found, policy.operators(), &self.keys, mapping).0
        };
        Ok((lines.iter().zip(&found).map(&mut redact).collect(), counts))
    }
}

/// Adds what lies over several lines of a header, with a space or nothing in between: white space at the end of a line is not sent.
fn join_lines(policy: &Policy, lines: &[&str], found: &mut [Vec<Finding>]) {
    // An address that is whole where its line begins is that of nobody named in the line before.
    let begins_with_address = |nth: usize| {
        let is_one =
            |it: &Finding| it.entity_type == EntityType::EMAIL_ADDRESS && it.span.start() == 0;
        found.get(nth).is_some_and(|found| found.iter().any(is_one))
    };
    let nths: Vec<usize> = (0..lines.len()).collect();
    let runs = nths.chunk_by(|_, next| !begins_with_address(*next)).map(<[usize]>::to_vec);
    let runs: Vec<Vec<usize>> = runs.collect();
    let selection = policy.selection(Direction::Input);
    for between in ["", " "] {
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}{between}")).collect();
        let texts: Vec<Text<'_>> = lines.iter().map(|it| Text::from(it.as_str())).collect();
        policy.analyzer().analyze_joined(&texts, &runs, selection, found);
    }
    for (line, found) in lines.iter().zip(found) {
        for it in &mut *found {
            let end = it.span.end().min(line.len());
            it.span = Span::of(line, it.span.start(), end).unwrap_or(it.span);
        }
        found.retain(|it| it.span.end() <= line.len());
    }
}

fn find<'s>(policies: &'s PolicySet, name: &str) -> Result<&'s Arc<Policy>, UnknownPolicy> {
    policies.get(name).ok_or_else(|| {
        let known: Vec<&str> = policies.iter().map(|p| p.name().as_str()).collect();
        UnknownPolicy { name: name.chars().take(64).collect(), known: known.join(", ") }
    })
}

/// What recognizers find and the policy does not let pass.
fn analyze(policy: &Policy, texts: &[Text<'_>], selection: &Selection) -> Vec<Vec<Finding>> {
    without_allowed(policy, texts, policy.analyzer().analyze(texts, selection))
}

/// The same with the models that the policy names.
fn analyze_fully(
    policy: &Policy,
    texts: &[Text<'_>],
    selection: &Selection,
) -> Result<Vec<Vec<Finding>>, Unread> {
    let found = policy.analyzer().analyze_fully(texts, selection, None)?;
    Ok(without_allowed(policy, texts, found))
}

/// The same of texts that go to the model, by recognizers alone.
fn glanced(policy: &Policy, texts: &[Text<'_>]) -> Vec<Vec<Finding>> {
    analyze(policy, texts, policy.selection(Direction::Input))
}

fn without_allowed(
    policy: &Policy,
    texts: &[Text<'_>],
    mut found: Vec<Vec<Finding>>,
) -> Vec<Vec<Finding>> {
    for (findings, text) in found.iter_mut().zip(texts) {
        findings.retain(|finding| !policy.allows(finding.span.slice(text.text)));
    }
    found
}

/// A caller may ask for less than the policy finds, never for more.
fn narrow(selection: &Selection, policy: &Policy, narrowing: &Narrowing) -> Selection {
    let least = Score::new(narrowing.min_score.unwrap_or(0.0));
    let wanted = |t: &EntityType| narrowing.entities.is_empty() || narrowing.entities.contains(t);
    let types = policy.rules().keys().filter(|t| wanted(t));
    Selection::of(types.filter_map(|entity_type| {
        let own = selection.min_score(entity_type)?;
        Some((entity_type.clone(), if own < least { least } else { own }))
    }))
}

fn judge_all(policy: &Policy, found: Vec<Vec<Finding>>) -> Vec<Scanned> {
    found.into_iter().map(|found| judge(policy, found)).collect()
}

fn judge(policy: &Policy, findings: Vec<Finding>) -> Scanned {
    let verdict = findings.iter().map(|f| verdict(policy, f)).max().unwrap_or(Verdict::Allow);
    let judged = |finding: Finding| Judged {
        operator: policy.operators().get(&finding.entity_type).name(),
        redacted: None,
        finding,
    };
    Scanned { findings: findings.into_iter().map(judged).collect(), verdict }
}

/// What a policy says of one finding in what goes to the model.
pub fn verdict(policy: &Policy, finding: &Finding) -> Verdict {
    match policy.rules().get(&finding.entity_type) {
        Some(Rule { action: Action::Block, .. }) => Verdict::Block,
        Some(Rule { action: Action::Flag, .. } | Rule { operator: Operator::Keep, .. }) => {
            Verdict::Flag
        }
        None if finding.entity_type.is_signal() => Verdict::Flag,
        Some(Rule { action: Action::Redact, .. }) | None => Verdict::Redact,
    }
}

fn assemble(
    policy: &Policy,
    (text, spans): (String, Vec<Span>),
    found: Vec<Finding>,
) -> RedactedText {
    let mut scanned = judge(policy, found);
    for (judged, span) in scanned.findings.iter_mut().zip(spans) {
        judged.redacted = Some(span);
    }
    RedactedText { text: Sensitive::new(text), scanned }
}

/// What was found, if it may be sent.
fn sendable(
    policy: &Policy,
    found: Vec<Vec<Finding>>,
) -> Result<(Vec<Vec<Finding>>, Counts), Blocked> {
    let mut counts = Counts::new();
    for finding in found.iter().flatten() {
        if verdict(policy, finding) == Verdict::Block {
            let entity_type = finding.entity_type.clone();
            return Err(Blocked { policy: policy.name().shared(), entity_type });
        }
        *counts.entry(finding.entity_type.clone()).or_default() += 1;
    }
    Ok((found, counts))
}
