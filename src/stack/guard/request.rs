//! Makes a provider request clean: body, path, query and headers, with one mapping.
//!
//! Nothing is sent on unless all of it could be read: what cannot is an error, never passed.

use crate::{
    call::{Complete, Error},
    engine::{Blocked, Counts, Engine},
    json,
    policy::{Policy, Unscannable},
    redact::{Document, Mapping, Redacted, Restorer, Target, Treatment},
    wire::{Expected, Invalid, headers},
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// A request that may leave the building, and what is needed to read its answer.
#[derive(Debug)]
pub(super) struct Clean {
    pub(super) body: Redacted,
    pub(super) target: Redacted,
    pub(super) headers: HeaderMap,
    /// What the request says about its answer.
    pub(super) expected: Expected,
    pub(super) findings: Counts,
    pub(super) unscanned: Vec<&'static str>,
    pub(super) restorer: Restorer,
}

/// Redacts all that would be sent, continuing what `mapping` holds.
pub(super) fn clean(
    engine: &Engine,
    policy: &Policy,
    request: &Complete,
    mut mapping: Mapping,
) -> Result<(Clean, Mapping), Error> {
    let expected = request.endpoint.read(&request.body.0).map_err(invalid)?;
    let query = request.query.as_ref().map(|query| query.expose().as_str());
    let target = Target::parse(request.path.expose(), query);
    let free_headers = free_headers(&request.headers)?;
    // Look-alikes everywhere come before the first number is handed out anywhere.
    target.texts().iter().for_each(|text| mapping.reserve_literals(text.text));
    free_headers.iter().for_each(|(_, value)| mapping.reserve_literals(value));

    let mut cleaner = Cleaner { engine, policy, mapping, findings: Counts::new() };
    let (body, unscanned) = cleaner.body(request)?;
    let target = cleaner.target(&target)?;
    let headers = cleaner.headers(&request.headers, &free_headers)?;
    let Cleaner { mapping, findings, .. } = cleaner;
    let restorer = mapping.restorer();
    Ok((Clean { body, target, headers, expected, findings, unscanned, restorer }, mapping))
}

/// One request being cleaned.
struct Cleaner<'e> {
    engine: &'e Engine,
    policy: &'e Policy,
    mapping: Mapping,
    findings: Counts,
}

impl Cleaner<'_> {
    fn body(&mut self, request: &Complete) -> Result<(Redacted, Vec<&'static str>), Error> {
        if !request.endpoint.has_body() {
            return Ok((Redacted::empty(), Vec::new()));
        }
        let mut classify = |path: &[json::Step<'_>], token: &json::Token<'_>| -> Treatment {
            request.endpoint.classify(path, token)
        };
        let document =
            Document::parse(&request.body.0, json::MAX_DEPTH, &mut classify).map_err(not_json)?;
        let unscanned = self.unscanned(document.unscannable())?;
        let (body, counts) = self
            .engine
            .redact_document(self.policy, &document, &mut self.mapping)
            .map_err(blocked)?;
        self.count(counts);
        Ok((body, unscanned))
    }

    /// Each kind of content that could not be read, once.
    fn unscanned(&self, kinds: &[&'static str]) -> Result<Vec<&'static str>, Error> {
        let mut kinds = kinds.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        match (kinds.first(), self.policy.unscannable()) {
            (Some(kind), Unscannable::Deny) => Err(Error::Forbidden {
                message: format!(
                    "the request holds content of kind {kind}, which cannot be read, and policy {} denies that \
                     (`unscannable: pass` lets it through)",
                    self.policy.name().as_str()
                ),
                code: "unscannable_content",
            }),
            (Some(_), Unscannable::Pass) | (None, _) => Ok(kinds),
        }
    }

    fn target(&mut self, target: &Target) -> Result<Redacted, Error> {
        let (target, counts) =
            self.engine.redact_target(self.policy, target, &mut self.mapping).map_err(blocked)?;
        self.count(counts);
        Ok(target)
    }

    /// All headers that go on, those with free text redacted.
    fn headers(
        &mut self,
        headers: &HeaderMap,
        free: &[(HeaderName, String)],
    ) -> Result<HeaderMap, Error> {
        let mut clean = HeaderMap::with_capacity(headers.len());
        for (name, value) in headers {
            match headers::treatment(name, value) {
                headers::Treatment::Drop | headers::Treatment::Guard => (),
                headers::Treatment::Leave | headers::Treatment::Credential => {
                    clean.append(name, value.clone());
                }
            }
        }
        for (name, text) in free {
            let (text, counts) =
                self.engine.redact_value(self.policy, text, &mut self.mapping).map_err(blocked)?;
            self.count(counts);
            clean.append(name, HeaderValue::from_str(&text).map_err(|_| unreadable_header(name))?);
        }
        Ok(clean)
    }

    fn count(&mut self, counts: Counts) {
        for (entity_type, n_findings) in counts {
            *self.findings.entry(entity_type).or_default() += n_findings;
        }
    }
}

/// The headers that may hold private data.
fn free_headers(headers: &HeaderMap) -> Result<Vec<(HeaderName, String)>, Error> {
    let guarded = headers
        .iter()
        .filter(|(name, value)| headers::treatment(name, value) == headers::Treatment::Guard);
    guarded
        .map(|(name, value)| {
            let text =
                std::str::from_utf8(value.as_bytes()).map_err(|_| unreadable_header(name))?;
            Ok((name.clone(), text.to_owned()))
        })
        .collect()
}

fn unreadable_header(name: &HeaderName) -> Error {
    let message = format!(
        "the header {name} cannot be read, and so cannot be guarded; send plain text or leave it out"
    );
    Error::Invalid { param: Some(name.to_string()), message }
}

fn invalid(fault: Invalid) -> Error {
    Error::Invalid { param: fault.param.map(str::to_owned), message: fault.message }
}

fn not_json(error: json::Error) -> Error {
    Error::Invalid { param: None, message: format!("the body is not valid JSON: {error}") }
}

fn blocked(blocked: Blocked) -> Error {
    Error::Blocked { policy: blocked.policy, entity_type: blocked.entity_type }
}
