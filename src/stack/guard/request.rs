//! Makes a provider request clean: body, path, query and headers, with one mapping.
//!
//! Nothing is sent on unless all of it could be read: what cannot is an error, never passed.

use crate::{
    call::{Complete, Error},
    detect::{EntityType, Finding, Text},
    engine::{Blocked, Counts, Engine, Refused, Verdict},
    json,
    policy::{Action, Policy, Unscannable},
    redact::{Document, Mapping, Redacted, Restorer, Target, Treatment},
    wire::{Content, Documents, Endpoint, Expected, Invalid, headers},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::HashSet;

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
    /// What the citations of the answer point into.
    pub(super) documents: Documents,
}

/// Redacts all that would be sent, continuing what `mapping` holds.
pub(super) fn clean(
    engine: &Engine,
    policy: &Policy,
    request: &Complete,
    expected: Expected,
    mut mapping: Mapping,
) -> Result<(Clean, Mapping), Error> {
    let query = request.query.as_ref().map(|query| query.expose().as_str());
    let target = match Endpoint::literal(request.path.expose()) {
        Some(path) => Target::of_literal(path, query),
        None => Target::parse(request.path.expose(), query),
    };
    let free_headers = free_headers(&request.headers)?;
    // Look-alikes everywhere come before the first number is handed out anywhere.
    target.texts().iter().for_each(|text| mapping.reserve_literals(text.text));
    free_headers.iter().for_each(|(_, value)| mapping.reserve_literals(value));

    let mut cleaner = Cleaner { engine, policy, mapping, findings: Counts::new() };
    cleaner.header_names(&request.headers)?;
    let (body, unscanned) = cleaner.body(request)?;
    let target = cleaner.target(&target)?;
    let headers = cleaner.headers(&request.headers, &free_headers)?;
    let Cleaner { mapping, findings, .. } = cleaner;
    let restorer = mapping.restorer();
    let documents = request.endpoint.documents(&request.body.0, body.as_bytes(), &restorer);
    Ok((
        Clean { documents, body, target, headers, expected, findings, unscanned, restorer },
        mapping,
    ))
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
        let body = &request.body.0;
        match request.endpoint.content() {
            Content::Json => {}
            Content::Nothing => return Ok((Redacted::empty(), Vec::new())),
            Content::MaybeJson | Content::Unread if body.is_empty() => {
                return Ok((Redacted::empty(), Vec::new()));
            }
            Content::MaybeJson => {}
            Content::Unread => {
                return Ok((Redacted::unread(body.clone()), self.unscanned(vec!["body"])?));
            }
        }
        let signed = request.endpoint.signed(&request.body.0);
        let mut classify = |path: &[json::Step<'_>], token: &json::Token<'_>| -> Treatment {
            if token.kind() == json::Kind::String && signed.holds(path) {
                return Treatment::Signed;
            }
            request.endpoint.classify(path, token)
        };
        let document =
            Document::parse(&request.body.0, json::MAX_DEPTH, &mut classify).map_err(not_json)?;
        let mut unscannable = document.unscannable().to_vec();
        unscannable.extend(self.signed(&document)?);
        let unscanned = self.unscanned(unscannable)?;
        let (body, counts) = self
            .engine
            .redact_document(self.policy, &document, &mut self.mapping)
            .map_err(refused)?;
        self.count(counts);
        Ok((body, unscanned))
    }

    /// Looks at texts that the provider has signed. They were written by the model, out of stand-ins and of what it knew
    /// already; changed, they would not be taken back. So what is found in them is told like content that cannot be
    /// read, unless it is private: a value that the policy blocks, or one that the request holds elsewhere too.
    fn signed(&self, document: &Document) -> Result<Option<&'static str>, Error> {
        let texts = document.signed_texts();
        let found = self.values(&texts)?;
        if found.is_empty() {
            return Ok(None);
        }
        let guarded = self.values(&document.texts())?;
        let pairs = self.mapping.pairs();
        let kept = |value: &String| pairs.iter().any(|(_, original)| original.expose() == value);
        if found.iter().any(|value| guarded.contains(value) || kept(value)) {
            return Err(Error::Invalid {
                param: Some("messages".into()),
                message: SIGNED_PRIVATE.into(),
            });
        }
        Ok(Some("signed_text"))
    }

    /// The values that the policy does not let pass.
    fn values(&self, texts: &[Text<'_>]) -> Result<HashSet<String>, Error> {
        let mut values = HashSet::new();
        if texts.is_empty() {
            return Ok(values);
        }
        let scanned = self.engine.glance(self.policy, texts);
        for (text, scanned) in texts.iter().zip(scanned) {
            let found = scanned.findings.iter().map(|judged| &judged.finding);
            let private = found.clone().filter(|f| !f.entity_type.is_signal());
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
        let blocks = |entity_type: &EntityType| {
            self.policy.rules().get(entity_type).is_some_and(|rule| rule.action == Action::Block)
        };
        let mut types = found.map(|finding| finding.entity_type.clone());
        let policy = self.policy.name().shared();
        match types.find(blocks) {
            Some(entity_type) => Error::Blocked { policy, entity_type },
            None => Error::Internal("a blocked text without what blocks it".into()),
        }
    }

    /// Each kind of content that could not be read, once.
    fn unscanned(&self, mut kinds: Vec<&'static str>) -> Result<Vec<&'static str>, Error> {
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

    /// Refuses headers whose names hold a private number: no stand-in can be one. Names without digits are left alone: a
    /// vendor's words would be taken for people and places.
    fn header_names(&self, headers: &HeaderMap) -> Result<(), Error> {
        let may_tell = |name: &&str| name.bytes().filter(u8::is_ascii_digit).count() >= 4;
        let names: Vec<&str> = headers.keys().map(HeaderName::as_str).filter(may_tell).collect();
        // What stands between dashes may be a number that is written with spaces.
        let spaced: Vec<String> = names.iter().map(|name| name.replace(['-', '_'], " ")).collect();
        let texts: Vec<Text<'_>> = names
            .iter()
            .copied()
            .chain(spaced.iter().map(String::as_str))
            .map(Text::from)
            .collect();
        if self.values(&texts)?.is_empty() {
            return Ok(());
        }
        Err(Error::Invalid { param: Some("headers".into()), message: PRIVATE_NAME.into() })
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

/// A text that the model wrote cannot hold a value that never reached it.
const SIGNED_PRIVATE: &str = "a signed block (thinking or compaction) holds a private value that is replaced elsewhere in \
    the request; it cannot be changed without breaking its signature, and it was not made through this guard: leave the \
    block out";

const PRIVATE_NAME: &str = "the name of a header holds what looks private, and a name cannot be replaced; put it into the \
    header's value, where it is guarded, or leave it out";

pub(super) fn invalid(fault: Invalid) -> Error {
    Error::Invalid { param: fault.param.map(str::to_owned), message: fault.message }
}

fn not_json(error: json::Error) -> Error {
    Error::Invalid { param: None, message: format!("the body is not valid JSON: {error}") }
}

fn refused(refused: Refused) -> Error {
    match refused {
        Refused::Blocked(it) => blocked(it),
        Refused::Unread(unread) => unread.into(),
    }
}

fn blocked(blocked: Blocked) -> Error {
    Error::Blocked { policy: blocked.policy, entity_type: blocked.entity_type }
}
