//! Headers: which ones travel on, and which the guard adds. What it understands is in [`Head`](crate::call::Head).

use crate::{
    call::Facts,
    wire::headers::{is_cross_origin, mark_credentials, strip_own_and, tells_of_client},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};

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

/// Tells an answer's request id.
pub(super) fn identify<B>(response: &mut http::Response<B>, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
}

/// Leaves what may travel on to the upstream.
pub(super) fn keep_forwardable(headers: &mut HeaderMap) {
    strip_own_and(headers, |name| tells_of_client(name) || NOT_FORWARDED.contains(&name));
    mark_credentials(headers);
}

/// Leaves what may travel back to the caller. Lengths are set anew, except for `HEAD`, where they are the answer.
pub(super) fn keep_passable(headers: &mut HeaderMap, is_head: bool) {
    // Only the guard itself speaks for the guard, and says which pages may read its answers.
    strip_own_and(headers, |name| {
        is_cross_origin(name) || !is_head && *name == *header::CONTENT_LENGTH.as_str()
    });
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
        for part in [comma, entity_type.as_str(), "=", &count.to_string()] {
            list.push_str(part);
        }
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
    use crate::{
        call::{CacheOutcome, header_map},
        detect::EntityType,
    };

    #[test]
    fn only_forwardable_headers_stay() {
        let mut headers = header_map(&[
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
        let mut headers = header_map(&[
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
}
