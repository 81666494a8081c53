//! The calls that end at the guard: scan, redact, restore, policies and sessions. Messages in, [`Task`]s out, and the
//! [`Reply`] back into messages.

use super::{fault::Fault, origin::Origin, proto};
use crate::{
    call::{Error, MAX_TEXTS, PolicySummary, Redact, RedactReply, Reply, Restore, Scan, Task},
    detect::{EntityType, OffsetConverter, OffsetUnit},
    engine::{Judged, Narrowing, RedactedText, Scanned, Verdict},
    policy::canonical,
    sensitive::Sensitive,
};

/// A request in the words of the stack, and how to tell the reply in those of the contract.
pub(super) struct Question<A> {
    pub(super) policy: String,
    pub(super) task: Task,
    pub(super) tell: Box<dyn FnOnce(Reply) -> Result<A, Fault> + Send>,
}

/// How a request message becomes a question.
pub(super) trait Ask: Sized {
    /// The message that answers it.
    type Answer: prost::Message;

    /// Checks the request and translates it.
    ///
    /// # Errors
    ///
    /// When a field is not as the contract says; the fault names it.
    fn ask(self, origin: &Origin) -> Result<Question<Self::Answer>, Fault>;
}

impl Ask for proto::ScanRequest {
    type Answer = proto::ScanResponse;

    fn ask(self, _: &Origin) -> Result<Question<Self::Answer>, Fault> {
        let unit = unit(self.offsets)?;
        let texts = texts(self.texts)?;
        let rulers = rulers(&texts, unit);
        let narrowing = narrowing(&self.entities, self.min_score)?;
        Ok(Question {
            policy: self.policy,
            task: Task::Scan(Scan { texts, narrowing }),
            tell: Box::new(move |reply| {
                let Reply::Scanned(results) = reply else { return Err(unexpected()) };
                Ok(scan_response(&results, &rulers))
            }),
        })
    }
}

impl Ask for proto::RedactRequest {
    type Answer = proto::RedactResponse;

    fn ask(self, origin: &Origin) -> Result<Question<Self::Answer>, Fault> {
        let unit = unit(self.offsets)?;
        let texts = texts(self.texts)?;
        let rulers = rulers(&texts, unit);
        let session = origin.session(&self.session)?;
        let with_mapping = self.return_mapping;
        Ok(Question {
            policy: self.policy,
            task: Task::Redact(Redact { texts, session, keep_mapping: self.keep_mapping }),
            tell: Box::new(move |reply| {
                let Reply::Redacted(reply) = reply else { return Err(unexpected()) };
                Ok(redact_response(&reply, &rulers, unit, with_mapping))
            }),
        })
    }
}

impl Ask for proto::RestoreRequest {
    type Answer = proto::RestoreResponse;

    fn ask(self, origin: &Origin) -> Result<Question<Self::Answer>, Fault> {
        let texts = texts(self.texts)?;
        let session = origin.session(&self.session)?;
        let mapping = mapping(self.mapping)?;
        Ok(Question {
            policy: String::new(),
            task: Task::Restore(Restore { texts, session, mapping }),
            tell: Box::new(|reply| {
                let Reply::Restored(reply) = reply else { return Err(unexpected()) };
                let texts = reply.texts.iter().map(|text| text.expose().clone());
                Ok(proto::RestoreResponse {
                    texts: texts.collect(),
                    restored: count(reply.restored),
                })
            }),
        })
    }
}

impl Ask for proto::ListPoliciesRequest {
    type Answer = proto::ListPoliciesResponse;

    fn ask(self, _: &Origin) -> Result<Question<Self::Answer>, Fault> {
        Ok(Question {
            policy: String::new(),
            task: Task::ListPolicies,
            tell: Box::new(|reply| {
                let Reply::Policies(policies) = reply else { return Err(unexpected()) };
                let policies = policies.into_iter().map(policy_summary);
                Ok(proto::ListPoliciesResponse { policies: policies.collect() })
            }),
        })
    }
}

impl Ask for proto::DeleteSessionRequest {
    type Answer = proto::DeleteSessionResponse;

    fn ask(self, origin: &Origin) -> Result<Question<Self::Answer>, Fault> {
        let session = origin
            .session(&self.session)?
            .ok_or_else(|| Fault::invalid("session", "session is required: the id to forget"))?;
        Ok(Question {
            policy: String::new(),
            task: Task::DeleteSession(session),
            tell: Box::new(|reply| {
                let Reply::SessionDeleted = reply else { return Err(unexpected()) };
                Ok(proto::DeleteSessionResponse {})
            }),
        })
    }
}

/// A fault of ours: the stack answers each task by its own kind of reply.
pub(super) fn unexpected() -> Fault {
    tracing::error!("the stack answered another task than it was given");
    Fault::Call(Error::Internal("another task was answered".into()))
}

fn texts(texts: Vec<String>) -> Result<Vec<Sensitive>, Fault> {
    if texts.is_empty() || texts.len() > MAX_TEXTS {
        return Err(Fault::invalid("texts", format!("texts must hold 1 to {MAX_TEXTS} strings")));
    }
    Ok(texts.into_iter().map(Sensitive::new).collect())
}

fn unit(offsets: i32) -> Result<OffsetUnit, Fault> {
    match proto::OffsetUnit::try_from(offsets) {
        Ok(proto::OffsetUnit::Unspecified | proto::OffsetUnit::UnicodeScalars) => {
            Ok(OffsetUnit::UnicodeScalars)
        }
        Ok(proto::OffsetUnit::Utf8Bytes) => Ok(OffsetUnit::Utf8Bytes),
        Ok(proto::OffsetUnit::Utf16Units) => Ok(OffsetUnit::Utf16Units),
        Err(_) => Err(Fault::invalid(
            "offsets",
            format!("offsets has no value {offsets}; see OffsetUnit"),
        )),
    }
}

fn narrowing(entities: &[String], min_score: Option<f32>) -> Result<Narrowing, Fault> {
    if min_score.is_some_and(|score| !(0.0..=1.0).contains(&score)) {
        return Err(Fault::invalid("min_score", "min_score must be from 0.0 to 1.0"));
    }
    let entities = entities.iter().enumerate().map(|(index, name)| {
        let field = format!("entities[{index}]");
        let message = format!("{field} must be an entity type such as EMAIL_ADDRESS");
        EntityType::custom(canonical(name)).ok_or_else(|| Fault::invalid(field, message))
    });
    Ok(Narrowing { entities: entities.collect::<Result<_, _>>()?, min_score })
}

fn mapping(entries: Vec<proto::MappingEntry>) -> Result<Vec<(String, Sensitive)>, Fault> {
    let entries = entries.into_iter().enumerate().map(|(index, entry)| {
        if entry.placeholder.is_empty() {
            let field = format!("mapping[{index}].placeholder");
            let message = format!("{field} must not be empty");
            return Err(Fault::invalid(field, message));
        }
        Ok((entry.placeholder, Sensitive::new(entry.original)))
    });
    entries.collect()
}

/// Measures places in one text. Keeps a copy of the text only where the unit makes a difference.
struct Ruler {
    text: Option<Sensitive>,
    unit: OffsetUnit,
}

fn rulers(texts: &[Sensitive], unit: OffsetUnit) -> Vec<Ruler> {
    let needed = |text: &&Sensitive| !unit.is_bytes_in(text.expose());
    texts.iter().map(|text| Ruler { text: Some(text).filter(needed).cloned(), unit }).collect()
}

impl Ruler {
    fn converter(&self) -> Option<OffsetConverter<'_>> {
        self.text.as_ref().map(|text| OffsetConverter::new(text.expose(), self.unit))
    }
}

fn offset(converter: &mut Option<OffsetConverter<'_>>, byte: usize) -> u32 {
    let offset = converter.as_mut().map_or(byte, |converter| converter.offset(byte));
    u32::try_from(offset).unwrap_or(u32::MAX) // messages are far smaller
}

fn scan_response(results: &[Scanned], rulers: &[Ruler]) -> proto::ScanResponse {
    let results = results.iter().zip(rulers).map(|(scanned, ruler)| proto::ScanResult {
        findings: findings(&scanned.findings, &mut ruler.converter(), &mut None),
        verdict: verdict(scanned.verdict).into(),
    });
    proto::ScanResponse { results: results.collect() }
}

fn redact_response(
    reply: &RedactReply,
    rulers: &[Ruler],
    unit: OffsetUnit,
    with_mapping: bool,
) -> proto::RedactResponse {
    let results = reply.results.iter().zip(rulers);
    let mapping = reply.mapping.iter().filter(|_| with_mapping);
    proto::RedactResponse {
        results: results.map(|(result, ruler)| redact_result(result, ruler, unit)).collect(),
        session: reply.session.as_ref().map(|id| id.expose().to_owned()).unwrap_or_default(),
        mapping: mapping
            .map(|(placeholder, original)| proto::MappingEntry {
                placeholder: placeholder.clone(),
                original: original.expose().clone(),
            })
            .collect(),
    }
}

fn redact_result(result: &RedactedText, ruler: &Ruler, unit: OffsetUnit) -> proto::RedactResult {
    let text = result.text.expose();
    let mut after = (!unit.is_bytes_in(text)).then(|| OffsetConverter::new(text, unit));
    proto::RedactResult {
        text: text.clone(),
        findings: findings(&result.scanned.findings, &mut ruler.converter(), &mut after),
        verdict: verdict(result.scanned.verdict).into(),
    }
}

fn findings(
    judged: &[Judged],
    before: &mut Option<OffsetConverter<'_>>,
    after: &mut Option<OffsetConverter<'_>>,
) -> Vec<proto::Finding> {
    let told = judged.iter().map(|Judged { finding, operator, redacted }| proto::Finding {
        entity_type: finding.entity_type.as_str().to_owned(),
        start: offset(before, finding.span.start()),
        end: offset(before, finding.span.end()),
        score: finding.score.get(),
        recognizer: finding.recognizer.clone().into_owned(),
        operator: (*operator).to_owned(),
        redacted_start: redacted.map(|span| offset(after, span.start())),
        redacted_end: redacted.map(|span| offset(after, span.end())),
    });
    told.collect()
}

fn verdict(verdict: Verdict) -> proto::Verdict {
    match verdict {
        Verdict::Allow => proto::Verdict::Allow,
        Verdict::Flag => proto::Verdict::Flag,
        Verdict::Redact => proto::Verdict::Redact,
        Verdict::Block => proto::Verdict::Block,
    }
}

fn policy_summary(summary: PolicySummary) -> proto::PolicySummary {
    proto::PolicySummary {
        name: summary.name.to_string(),
        description: summary.description,
        version: summary.version.to_string(),
        entity_types: summary.entity_types.iter().map(|t| t.as_str().to_owned()).collect(),
        is_default: summary.is_default,
    }
}

/// A count for a message; what is beyond its range is as good as its largest.
pub(super) fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
