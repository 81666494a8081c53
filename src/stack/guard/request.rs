//! Makes a provider request clean: body, path, query and headers, with one mapping.
//!
//! Nothing is sent on unless all of it could be read: what cannot is an error, never passed. What is sent as it came is
//! looked at in `kept`.

use crate::{
    call::{Complete, Error},
    detect::Text,
    engine::{Blocked, Counts, Engine, Refused},
    json,
    policy::Policy,
    redact::{Document, Mapping, Redacted, Restorer, Target, Treatment},
    wire::{Content, Documents, Endpoint, Expected, Invalid, headers, is_id},
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
        None => Target::parse_with_ids(request.path.expose(), query, is_id),
    };
    let (kept, free_headers) = parted(&request.headers)?;
    // Look-alikes everywhere come before the first number is handed out anywhere.
    target.texts().iter().for_each(|text| mapping.reserve_literals(text.text));
    free_headers.iter().for_each(|(_, value)| mapping.reserve_literals(value));

    let (findings, unscannable) = (Counts::new(), Vec::new());
    let mut cleaner = Cleaner { engine, policy, mapping, findings, unscannable };
    cleaner.header_names(&request.headers)?;
    let (body, document) = cleaner.body(request)?;
    let clean_target = cleaner.target(&target)?;
    let headers = cleaner.headers(kept, &free_headers)?;
    if let Some(document) = document.filter(|document| !document.signed_texts().is_empty()) {
        let values = free_headers.iter().map(|(_, value)| Text::from(value.as_str()));
        let elsewhere = document.texts().into_iter().chain(target.texts()).chain(values).collect();
        cleaner.signed(&document, elsewhere)?;
        cleaner.deny_unscannable()?;
    }
    let Cleaner { mapping, findings, unscannable: unscanned, .. } = cleaner;
    let restorer = mapping.restorer();
    let documents = request.endpoint.documents(&request.body.0, body.as_bytes(), &restorer);
    Ok((
        Clean {
            documents,
            body,
            target: clean_target,
            headers,
            expected,
            findings,
            unscanned,
            restorer,
        },
        mapping,
    ))
}

/// One request being cleaned.
pub(super) struct Cleaner<'e> {
    pub(super) engine: &'e Engine,
    pub(super) policy: &'e Policy,
    pub(super) mapping: Mapping,
    findings: Counts,
    /// Each kind of content that could not be read, once.
    pub(super) unscannable: Vec<&'static str>,
}

impl Cleaner<'_> {
    /// The body as it may be sent, and what it was read as.
    fn body(&mut self, request: &Complete) -> Result<(Redacted, Option<Document>), Error> {
        let body = &request.body.0;
        match request.endpoint.content() {
            Content::Json => {}
            Content::Nothing => return Ok((Redacted::empty(), None)),
            Content::MaybeJson | Content::Unread if body.is_empty() => {
                return Ok((Redacted::empty(), None));
            }
            Content::MaybeJson => {}
            Content::Unread => {
                self.unscannable.push("body");
                self.deny_unscannable()?;
                return Ok((Redacted::unread(body.clone()), None));
            }
        }
        let sealed = request.endpoint.sealed(&request.body.0);
        let mut classify = |path: &[json::Step<'_>], token: &json::Token<'_>| -> Treatment {
            let treatment = sealed.as_ref().and_then(|sealed| sealed.treatment(path));
            treatment
                .filter(|_| token.kind() == json::Kind::String)
                .unwrap_or_else(|| request.endpoint.classify(path, token))
        };
        let document = Document::parse(&request.body.0, json::MAX_DEPTH, &mut classify)
            .map_err(|error| not_read(error, request))?;
        self.unscannable.extend(document.unscannable());
        self.deny_unscannable()?;
        self.references(&document, request.endpoint)?;
        let (body, counts) = self
            .engine
            .redact_document(self.policy, &document, &mut self.mapping)
            .map_err(refused)?;
        self.count(counts);
        Ok((body, Some(document)))
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
        mut clean: HeaderMap,
        free: &[(HeaderName, String)],
    ) -> Result<HeaderMap, Error> {
        // A map of headers tells all lines of a name one after the other.
        for header in free.chunk_by(|(one, _), (next, _)| one == next) {
            let lines: Vec<&str> = header.iter().map(|(_, line)| line.as_str()).collect();
            let (texts, counts) = self
                .engine
                .redact_header(self.policy, &lines, &mut self.mapping)
                .map_err(blocked)?;
            self.count(counts);
            for ((name, original), text) in header.iter().zip(texts) {
                if headers::tells_apart(name) && text != *original {
                    return Err(private_key(name));
                }
                let value = HeaderValue::from_str(&text).map_err(|_| unreadable_header(name))?;
                clean.append(name, value);
            }
        }
        Ok(clean)
    }

    fn count(&mut self, counts: Counts) {
        for (entity_type, n_findings) in counts {
            *self.findings.entry(entity_type).or_default() += n_findings;
        }
    }
}

/// The headers that go on as they came, and those that may hold private data.
fn parted(headers: &HeaderMap) -> Result<(HeaderMap, Vec<(HeaderName, String)>), Error> {
    let (mut kept, mut free) = (HeaderMap::with_capacity(headers.len()), Vec::new());
    for (name, value) in headers {
        match headers::treatment(name, value) {
            headers::Treatment::Drop => (),
            headers::Treatment::Leave | headers::Treatment::Credential => {
                kept.append(name, value.clone());
            }
            headers::Treatment::Guard => {
                let text =
                    std::str::from_utf8(value.as_bytes()).map_err(|_| unreadable_header(name))?;
                free.push((name.clone(), text.to_owned()));
            }
        }
    }
    Ok((kept, free))
}

fn private_key(name: &HeaderName) -> Error {
    let message = format!(
        "the header {name} holds what looks private; replaced, it would no longer tell requests apart: use a random value, such as a UUID"
    );
    Error::Invalid { param: Some(name.to_string()), message }
}

fn unreadable_header(name: &HeaderName) -> Error {
    let message = format!(
        "the header {name} cannot be read, and so cannot be guarded; send plain text or leave it out"
    );
    Error::Invalid { param: Some(name.to_string()), message }
}

const PRIVATE_NAME: &str = "the name of a header holds what looks private, and a name cannot be replaced; put it into the \
    header's value, where it is guarded, or leave it out";

pub(super) fn invalid(fault: Invalid) -> Error {
    Error::Invalid { param: fault.param.map(str::to_owned), message: fault.message }
}

fn not_read(error: json::Error, request: &Complete) -> Error {
    if let json::ErrorKind::TooDeepInside(_) = error.kind {
        let param = request.endpoint.member_at(&request.body.0, error.offset);
        let message = format!(
            "{}: {error}; send what lies so deep in a text of its own, or begin the text with a word if it is none",
            param.as_deref().unwrap_or("the body")
        );
        return Error::Invalid { param, message };
    }
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
