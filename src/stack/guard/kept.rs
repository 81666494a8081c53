//! Looks at what a request can only send as it came: signed texts, and the URLs of media.

use super::request::Cleaner;
use crate::{
    call::Error,
    detect::{EntityType, Finding, Text},
    engine::{Alike, Verdict, verdict},
    policy::{Action, Signed, Unscannable},
    redact::{Document, Operator},
    wire::Endpoint,
};
use std::collections::HashSet;

impl Cleaner<'_> {
    /// Looks at texts that the provider has signed, once all else is redacted; `elsewhere` is that, as it came. They were
    /// written by the model, out of stand-ins and of what it knew already; changed, they would not be taken back. So what is
    /// found in them is told like content that cannot be read, unless it is private: a value that the policy blocks, or
    /// one that is replaced elsewhere, however it is written there.
    ///
    /// Such a value may be there for no bad reason: it was not found yet when the model read it, or the model wrote the same
    /// of its own. Nothing in the request tells that from a text which never was behind this guard, and nobody but the
    /// provider can check a signature. So it is for the policy to say whether such a text may go.
    pub(super) fn signed(
        &mut self,
        document: &Document,
        elsewhere: Vec<Text<'_>>,
    ) -> Result<(), Error> {
        let texts = document.signed_texts();
        let found = self.values(&texts)?;
        let forgotten = if !found.is_empty() || self.forgets() {
            self.values(&elsewhere)?
        } else {
            HashSet::new()
        };
        let pairs = self.mapping.pairs();
        let mapped = pairs.iter().map(|(_, value)| value.expose().as_str());
        let replaced: Vec<&str> = mapped.chain(forgotten.iter().map(String::as_str)).collect();
        let mut telling = Alike::default();
        replaced.iter().for_each(|value| telling.add_telling(value));
        let known = known_of(&found, &replaced);
        let holds =
            |text: &Text<'_>, values: &[&str]| values.iter().any(|it| text.text.contains(it));
        let is_private = |text: &Text<'_>| telling.occurs_in(text.text) || holds(text, &known);
        let (private, others): (Vec<_>, Vec<_>) =
            texts.iter().enumerate().partition(|(_, text)| is_private(text));
        if !private.is_empty() && self.policy.signed() == Signed::Refuse {
            let blocks = private.iter().filter_map(|(nth, _)| document.signed_block(*nth));
            return Err(signed_private(blocks));
        }
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let is_told = others.iter().any(|(_, text)| holds(text, &found));
        self.unscannable.extend((!private.is_empty()).then_some("signed_private"));
        self.unscannable.extend(is_told.then_some("signed_text"));
        Ok(())
    }

    /// True if the policy replaces something for good, so that the mapping does not tell it.
    fn forgets(&self) -> bool {
        let forgets = |operator: &Operator| match operator {
            Operator::Mask { .. } | Operator::Hash | Operator::Label | Operator::Remove => true,
            Operator::Replace { .. } | Operator::Encrypt | Operator::Surrogate | Operator::Keep => {
                false
            }
        };
        let mut rules = self.policy.rules().values();
        rules.any(|rule| rule.action == Action::Redact && forgets(&rule.operator))
    }

    /// Refuses URLs of media that hold something private. The URL itself is what the provider needs; anything else in it
    /// could be replaced only by breaking it.
    pub(super) fn references(&self, document: &Document, endpoint: Endpoint) -> Result<(), Error> {
        const URL: EntityType = EntityType::builtin("URL");
        let texts = document.references();
        if texts.is_empty() {
            return Ok(());
        }
        // What blocks may be the URL; in its place what lies in it is looked for.
        self.values(&texts)?;
        let scanned = self.engine.glance_without(self.policy, &texts, &URL);
        let found = scanned.into_iter().flat_map(|scanned| scanned.findings);
        for finding in found.map(|judged| judged.finding) {
            match verdict(self.policy, &finding) {
                Verdict::Allow | Verdict::Flag => {}
                Verdict::Redact => return Err(private_url(endpoint, &finding.entity_type)),
                Verdict::Block => return Err(self.blocked(std::iter::once(&finding))),
            }
        }
        Ok(())
    }

    /// The values that the policy does not let pass.
    pub(super) fn values(&self, texts: &[Text<'_>]) -> Result<HashSet<String>, Error> {
        let mut values = HashSet::new();
        if texts.is_empty() {
            return Ok(values);
        }
        let scanned = self.engine.glance(self.policy, texts);
        for (text, scanned) in texts.iter().zip(scanned) {
            let found = scanned.findings.iter().map(|judged| &judged.finding);
            let private = found.clone().filter(|f| verdict(self.policy, f) == Verdict::Redact);
            match scanned.verdict {
                Verdict::Allow | Verdict::Flag => {}
                Verdict::Redact => {
                    values.extend(private.map(|f| f.span.slice(text.text).to_owned()));
                }
                Verdict::Block => return Err(self.blocked(found)),
            }
        }
        Ok(values)
    }

    fn blocked<'f>(&self, found: impl Iterator<Item = &'f Finding>) -> Error {
        let blocks = |finding: &&Finding| verdict(self.policy, finding) == Verdict::Block;
        let policy = self.policy.name().shared();
        match { found }.find(blocks) {
            Some(finding) => Error::Blocked { policy, entity_type: finding.entity_type.clone() },
            None => Error::Internal("a blocked text without what blocks it".into()),
        }
    }

    /// Refuses content that could not be read, if the policy wants that.
    pub(super) fn deny_unscannable(&mut self) -> Result<(), Error> {
        self.unscannable.sort_unstable();
        self.unscannable.dedup();
        match (self.unscannable.first(), self.policy.unscannable()) {
            (Some(kind), Unscannable::Deny) => Err(Error::Forbidden {
                message: format!(
                    "the request holds content of kind {kind}, which cannot be read, and policy {} denies that \
                     (`unscannable: pass` lets it through)",
                    self.policy.name().as_str()
                ),
                code: "unscannable_content",
            }),
            (Some(_), Unscannable::Pass) | (None, _) => Ok(()),
        }
    }
}

/// Those of the found values that are replaced elsewhere, or are part of what is.
fn known_of<'f>(found: &'f HashSet<String>, replaced: &[&str]) -> Vec<&'f str> {
    let (mut known, mut seen) = (Alike::default(), Alike::default());
    replaced.iter().for_each(|value| known.add(value));
    found.iter().for_each(|value| seen.add(value));
    // Hardly ever any: so each found value need not be looked for in each that is replaced.
    let wholes: Vec<&&str> = replaced.iter().filter(|value| seen.occurs_in(value)).collect();
    let is_part = |value: &str| {
        let mut part = Alike::default();
        part.add(value);
        wholes.iter().any(|whole| part.occurs_in(whole))
    };
    let found = found.iter().map(String::as_str);
    found.filter(|value| known.occurs_in(value) || is_part(value)).collect()
}

fn signed_private<'b>(blocks: impl Iterator<Item = &'b str>) -> Error {
    let mut blocks: Vec<&str> = blocks.collect();
    blocks.dedup();
    let (they_are, they_hold) = match blocks.len() {
        0 | 1 => ("is a signed block", "it holds"),
        _ => ("are signed blocks", "each holds"),
    };
    let message = format!(
        "{} {they_are} (thinking or compaction), which can only be sent as it is, and {they_hold} a value that is \
         replaced elsewhere in the request: one that was not found yet when the model read it, that the model wrote of \
         its own, or that never passed this guard; leave it out, or have the policy let such blocks pass \
         (`signed: pass`)",
        if blocks.is_empty() { "messages".to_owned() } else { blocks.join(", ") }
    );
    Error::Invalid { param: Some("messages".into()), message }
}

fn private_url(endpoint: Endpoint, entity_type: &EntityType) -> Error {
    let param = match endpoint {
        Endpoint::ChatCompletions | Endpoint::Messages | Endpoint::CountTokens => Some("messages"),
        Endpoint::Responses | Endpoint::Moderations | Endpoint::Embeddings => Some("input"),
        Endpoint::Completions
        | Endpoint::Models
        | Endpoint::StoredResponse
        | Endpoint::CancelResponse
        | Endpoint::ResponseInputItems
        | Endpoint::Unlisted
        | Endpoint::Unread => None,
    };
    let message = format!(
        "the URL of an image or a file holds what the policy replaces ({entity_type}), and replaced it would lead nowhere; \
         send the content itself in base64, or a URL without private data"
    );
    Error::Invalid { param: param.map(str::to_owned), message }
}
