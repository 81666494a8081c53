//! Replies to response messages.
//!
//! All fields are written, also those with default values, so that readers need not know the defaults.

use super::Form;
use crate::{
    call::{PolicySummary, Quota, RedactReply, RestoreReply},
    detect::{
        Span,
        offsets::{OffsetConverter, OffsetUnit},
    },
    engine::{Judged, Scanned, Verdict},
};
use serde::Serialize;

/// A message without fields.
#[derive(Serialize)]
pub(super) struct Empty {}

#[derive(Serialize)]
struct Finding<'a> {
    entity_type: &'a str,
    start: usize,
    end: usize,
    score: f32,
    recognizer: &'a str,
    operator: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted_start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted_end: Option<usize>,
}

#[derive(Serialize)]
pub(super) struct ScanResponse<'a> {
    results: Vec<ScanResult<'a>>,
}

#[derive(Serialize)]
struct ScanResult<'a> {
    findings: Vec<Finding<'a>>,
    verdict: &'static str,
}

#[derive(Serialize)]
pub(super) struct RedactResponse<'a> {
    results: Vec<RedactResult<'a>>,
    session: &'a str,
    mapping: Vec<MappingEntry<'a>>,
}

#[derive(Serialize)]
struct RedactResult<'a> {
    text: &'a str,
    findings: Vec<Finding<'a>>,
    verdict: &'static str,
}

#[derive(Serialize)]
struct MappingEntry<'a> {
    placeholder: &'a str,
    original: &'a str,
}

#[derive(Serialize)]
pub(super) struct RestoreResponse<'a> {
    texts: Vec<&'a str>,
    restored: u64,
}

#[derive(Serialize)]
pub(super) struct ListPoliciesResponse<'a> {
    policies: Vec<Policy<'a>>,
}

#[derive(Serialize)]
struct Policy<'a> {
    name: &'a str,
    description: &'a str,
    version: &'a str,
    entity_types: Vec<&'a str>,
    is_default: bool,
}

/// What is left of the caller's rate limit; `limit` is null where there is none.
#[derive(Serialize)]
pub(super) struct RateLimit {
    limit: Option<u64>,
    remaining: Option<u64>,
    reset_ms: u128,
}

/// `ScanResponse`
pub(super) fn scan<'a>(results: &'a [Scanned], form: &'a Form) -> ScanResponse<'a> {
    let results = results.iter().enumerate().map(|(at, scanned)| ScanResult {
        findings: findings(scanned, original(form, at), "", form.unit),
        verdict: verdict(scanned.verdict),
    });
    ScanResponse { results: results.collect() }
}

/// `RedactResponse`
pub(super) fn redact<'a>(reply: &'a RedactReply, form: &'a Form) -> RedactResponse<'a> {
    let results = reply.results.iter().enumerate().map(|(at, result)| {
        let text = result.text.expose();
        RedactResult {
            text,
            findings: findings(&result.scanned, original(form, at), text, form.unit),
            verdict: verdict(result.scanned.verdict),
        }
    });
    RedactResponse {
        results: results.collect(),
        session: reply.session.as_ref().map_or("", |session| session.expose()),
        mapping: if form.return_mapping { mapping(reply) } else { Vec::new() },
    }
}

fn mapping(reply: &RedactReply) -> Vec<MappingEntry<'_>> {
    reply
        .mapping
        .iter()
        .map(|(placeholder, original)| MappingEntry { placeholder, original: original.expose() })
        .collect()
}

/// `RestoreResponse`
pub(super) fn restore(reply: &RestoreReply) -> RestoreResponse<'_> {
    let texts = reply.texts.iter().map(|text| text.expose().as_str());
    RestoreResponse { texts: texts.collect(), restored: reply.restored }
}

/// `ListPoliciesResponse`
pub(super) fn policies(policies: &[PolicySummary]) -> ListPoliciesResponse<'_> {
    let policies = policies.iter().map(|policy| Policy {
        name: &policy.name,
        description: &policy.description,
        version: &policy.version,
        entity_types: policy.entity_types.iter().map(|entity_type| entity_type.as_str()).collect(),
        is_default: policy.is_default,
    });
    ListPoliciesResponse { policies: policies.collect() }
}

/// What is left of a rate limit.
pub(super) fn quota(quota: Quota) -> RateLimit {
    RateLimit {
        limit: quota.limit,
        remaining: quota.limit.map(|_| quota.remaining),
        reset_ms: quota.reset.as_millis(),
    }
}

fn original(form: &Form, at: usize) -> &str {
    form.texts.get(at).map_or("", |text| text.expose())
}

fn findings<'a>(
    scanned: &'a Scanned,
    text: &str,
    redacted: &str,
    unit: OffsetUnit,
) -> Vec<Finding<'a>> {
    let mut places = OffsetConverter::new(text, unit);
    let mut redacted_places = OffsetConverter::new(redacted, unit);
    let mut one = |judged: &'a Judged| {
        let place = places.range(judged.finding.span);
        let redacted: Option<_> = judged.redacted.map(|span: Span| redacted_places.range(span));
        Finding {
            entity_type: judged.finding.entity_type.as_str(),
            start: place.start,
            end: place.end,
            score: judged.finding.score.get(),
            recognizer: &judged.finding.recognizer,
            operator: judged.operator,
            redacted_start: redacted.as_ref().map(|range| range.start),
            redacted_end: redacted.map(|range| range.end),
        }
    };
    scanned.findings.iter().map(&mut one).collect()
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "VERDICT_ALLOW",
        Verdict::Flag => "VERDICT_FLAG",
        Verdict::Redact => "VERDICT_REDACT",
        Verdict::Block => "VERDICT_BLOCK",
    }
}
