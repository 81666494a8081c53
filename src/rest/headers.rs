//! Headers: which ones the guard understands, which travel on, and which it adds.

use super::route::is_upstream_name;
use crate::{
    call::{CacheWish, CallerId, Error, Facts, SessionId, trace_context},
    wire::headers::{
        mark_credentials, strip_client, strip_cross_origin, strip_hop_by_hop, strip_own,
    },
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::{fmt::Write as _, net::IpAddr, sync::Arc};

/// The content type of all our JSON.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const UPSTREAM_REQUEST_ID: HeaderName = HeaderName::from_static("x-upstream-request-id");
const POLICY: HeaderName = HeaderName::from_static("x-guard-policy");
const FINDINGS: HeaderName = HeaderName::from_static("x-guard-findings");
const CACHE: HeaderName = HeaderName::from_static("x-guard-cache");
const UNSCANNED: HeaderName = HeaderName::from_static("x-guard-unscanned");

/// Headers that end here, beside the guard's own and what proxies say of the caller. Bodies go on decoded.
const NOT_FORWARDED: [&str; 7] = [
    "cache-control",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "traceparent",
    "x-request-id",
];

/// What the guard understands of a request's head.
#[derive(Debug)]
pub(super) struct Meta {
    pub(super) caller: CallerId,
    pub(super) policy: Option<String>,
    pub(super) session: Option<SessionId>,
    pub(super) upstream: Option<String>,
    pub(super) traceparent: Option<Arc<str>>,
    pub(super) cache: CacheWish,
}

impl Meta {
    /// Reads the guard's headers.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming the header, for a value that cannot be what it should be, and for a header that is
    /// given twice with different values.
    pub(super) fn read(headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Self, Error> {
        let policy =
            checked(headers, "x-guard-policy", "1 to 64 characters of A-Za-z0-9._-", |v| {
                is_upstream_name(v).then(|| v.to_owned())
            })?;
        let session = checked(
            headers,
            "x-guard-session",
            "1 to 128 characters of A-Za-z0-9_-",
            SessionId::parse,
        )?;
        let upstream =
            checked(headers, "x-guard-upstream", "1 to 64 characters of A-Za-z0-9._-", |v| {
                is_upstream_name(v).then(|| v.to_owned())
            })?;
        let user = checked(headers, "x-user-id", "1 to 256 characters", |v| {
            (1..=256).contains(&v.len()).then(|| v.to_owned())
        })?;
        let caller = CallerId::from_parts(user.as_deref(), credential(headers), peer);
        let traceparent = traceparent(headers);
        let cache_control = headers.get_all(header::CACHE_CONTROL).iter();
        let cache = CacheWish::of(cache_control.filter_map(|value| value.to_str().ok()));
        Ok(Self { caller, policy, session, upstream, traceparent, cache })
    }
}

/// One of our headers, or `None` if it is not there.
fn checked<T>(
    headers: &HeaderMap,
    name: &'static str,
    form: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Error> {
    let invalid = |message: String| Error::Invalid { param: Some(name.to_owned()), message };
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.any(|other| other != first) {
        return Err(invalid(format!("the header {name} is given twice with different values")));
    }
    let text = std::str::from_utf8(first.as_bytes()).ok().map(str::trim);
    match text.and_then(parse) {
        Some(value) => Ok(Some(value)),
        None => Err(invalid(format!("the header {name} must be {form}"))),
    }
}

/// The key that the caller sends along, whoever it is for.
fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    let value = ["authorization", "x-api-key", "api-key"].into_iter().find_map(|n| headers.get(n));
    value.map(HeaderValue::as_bytes)
}

/// A trace context of bad form counts as none, as W3C wants it.
fn traceparent(headers: &HeaderMap) -> Option<Arc<str>> {
    let text = headers.get("traceparent")?.to_str().ok()?.trim();
    trace_context::is_traceparent(text).then(|| text.into())
}

/// Tells an answer's request id.
pub(super) fn identify<B>(response: &mut http::Response<B>, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
}

/// The request id that a caller sent, if it is a UUID or 32 hexadecimal digits.
///
/// Other ids are not used, since ids reach logs and nobody can say what else they hold.
pub(super) fn request_id(headers: &HeaderMap) -> Option<Arc<str>> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let dashes = [8, 13, 18, 23];
    let well_formed = match id.len() {
        32 => id.bytes().all(|b| b.is_ascii_hexdigit()),
        36 => id
            .bytes()
            .enumerate()
            .all(|(at, b)| if dashes.contains(&at) { b == b'-' } else { b.is_ascii_hexdigit() }),
        _ => false,
    };
    well_formed.then(|| id.into())
}

/// Leaves what may travel on to the upstream.
pub(super) fn keep_forwardable(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
    strip_own(headers);
    strip_client(headers);
    for name in NOT_FORWARDED {
        headers.remove(name);
    }
    mark_credentials(headers);
}

/// Leaves what may travel back to the caller. Lengths are set anew, except for `HEAD`, where they are the answer.
pub(super) fn keep_passable(headers: &mut HeaderMap, is_head: bool) {
    strip_hop_by_hop(headers);
    if !is_head {
        headers.remove(header::CONTENT_LENGTH);
    }
    // Only the guard itself speaks for the guard, and says which pages may read its answers.
    strip_own(headers);
    strip_cross_origin(headers);
    if let Some(id) = headers.remove(REQUEST_ID) {
        headers.insert(UPSTREAM_REQUEST_ID, id);
    }
}

/// Tells the caller what the guard did.
pub(super) fn add_facts(headers: &mut HeaderMap, facts: &Facts) {
    insert(headers, POLICY, &facts.policy);
    headers.insert(CACHE, HeaderValue::from_static(facts.cache.label()));
    if !facts.findings.is_empty() {
        insert(headers, FINDINGS, &findings(facts));
    }
    if !facts.unscanned.is_empty() {
        insert(headers, UNSCANNED, &facts.unscanned.join(","));
    }
}

fn findings(facts: &Facts) -> String {
    let mut list = String::new();
    for (entity_type, count) in &facts.findings {
        let comma = if list.is_empty() { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(list, "{comma}{entity_type}={count}");
    }
    list
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{call::CacheOutcome, detect::EntityType};

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn own_headers_are_read() {
        let headers = map(&[
            ("x-guard-policy", " pci_dss "),
            ("x-guard-session", "s-1"),
            ("x-guard-upstream", "openai"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ("cache-control", "max-age=0, No-Store"),
        ]);
        let meta = Meta::read(&headers, None).unwrap();
        assert_eq!(meta.policy.as_deref(), Some("pci_dss"));
        assert_eq!(meta.session.unwrap().expose(), "s-1");
        assert_eq!(meta.upstream.as_deref(), Some("openai"));
        assert!(meta.traceparent.is_some());
        assert!(meta.cache.no_store);
    }

    #[test]
    fn bad_own_headers_are_named() {
        for (name, value) in [
            ("x-guard-policy", ""),
            ("x-guard-policy", "a b"),
            ("x-guard-policy", "../x"),
            ("x-guard-policy", "größe"),
            ("x-guard-session", "a.b"),
            ("x-guard-upstream", "a/b"),
            ("x-user-id", ""),
        ] {
            let error = Meta::read(&map(&[(name, value)]), None).unwrap_err();
            assert!(
                matches!(&error, Error::Invalid { param: Some(param), .. } if param == name),
                "{name}: {value}: {error:?}"
            );
        }
        let twice = map(&[("x-guard-policy", "a"), ("x-guard-policy", "b")]);
        assert!(Meta::read(&twice, None).is_err());
        let same = map(&[("x-guard-policy", "a"), ("x-guard-policy", "a")]);
        assert!(Meta::read(&same, None).is_ok());
    }

    #[test]
    fn a_bad_trace_context_counts_as_none() {
        let meta = Meta::read(&map(&[("traceparent", "00-xyz")]), None).unwrap();
        assert_eq!(meta.traceparent, None);
    }

    #[test]
    fn only_forwardable_headers_stay() {
        let mut headers = map(&[
            ("authorization", "Bearer k"),
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("host", "guard"),
            ("x-guard-policy", "a"),
            ("x-guard-future", "a"),
            ("x-user-id", "ann"),
            ("x-forwarded-for", "192.0.2.1"),
            ("cache-control", "no-store"),
            ("openai-project", "p"),
            ("openai-project", "q"),
        ]);
        keep_forwardable(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["authorization", "openai-project"]);
        assert_eq!(headers.get_all("openai-project").iter().count(), 2);
    }

    #[test]
    fn answers_keep_the_upstreams_id_beside_ours() {
        let mut headers = map(&[
            ("x-request-id", "up-1"),
            ("content-length", "5"),
            ("x-guard-policy", "forged"),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "x-request-id"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
            ("alt-svc", "h3=\":443\"; ma=86400"),
            ("clear-site-data", "\"*\""),
            ("nel", "{}"),
            ("report-to", "{}"),
            ("openai-processing-ms", "7"),
        ]);
        keep_passable(&mut headers, false);
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["openai-processing-ms", "x-upstream-request-id"]);
    }

    #[test]
    fn facts_are_listed() {
        let facts = Facts {
            policy: "default_pii".into(),
            findings: [
                (EntityType::builtin("PERSON"), 1),
                (EntityType::builtin("EMAIL_ADDRESS"), 2),
            ]
            .into(),
            cache: CacheOutcome::Miss,
            unscanned: vec!["image", "audio"],
        };
        let mut headers = HeaderMap::new();
        add_facts(&mut headers, &facts);
        assert_eq!(headers["x-guard-findings"], "EMAIL_ADDRESS=2,PERSON=1");
        assert_eq!(headers["x-guard-cache"], "miss");
        assert_eq!(headers["x-guard-unscanned"], "image,audio");
        assert_eq!(headers["x-guard-policy"], "default_pii");
    }

    #[test]
    fn request_ids_of_callers_count_only_as_uuids() {
        let id = |value| request_id(&map(&[("x-request-id", value)]));
        assert!(id("7d44b88c-4199-4bad-97dc-d78268e01398").is_some());
        assert!(id("0af7651916cd43dd8448eb211c80319c").is_some());
        assert_eq!(id("ann@example.org"), None);
        assert_eq!(id("212-555-0100"), None);
    }
}
