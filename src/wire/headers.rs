//! Which headers are whose: the guard's, the connection's, the provider's.

use super::header_form;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{self, CONNECTION, CONTENT_TYPE},
};

/// Headers that belong to one connection and never travel on (RFC 9110, section 7.6.1, and the old ones in use).
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that carry a credential for the upstream: never logged, never scanned (a redacted key would be of no use).
///
/// Read already, as all names that are looked up in each request: to read one takes longer than to look it up.
pub static CREDENTIALS: [HeaderName; 4] = [
    header::AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
];

/// Headers that name an account of the caller at one provider.
pub static ACCOUNT: [HeaderName; 2] =
    [HeaderName::from_static("openai-organization"), HeaderName::from_static("openai-project")];

/// Headers by which proxies and gateways in front tell us who the client is, and where. The provider has no need of a person's
/// address, nor of what lets a person in here.
const OF_CLIENT: [&str; 13] = [
    "fastly-client-ip",
    "fly-client-ip",
    "forwarded",
    "remote-user",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-envoy-external-address",
    "x-goog-iap-jwt-assertion",
    "x-original-forwarded-for",
    "x-real-ip",
    "x-remote-user",
];

/// What such headers begin with: those of Cloudflare, AWS, Azure, Google and oauth2-proxy.
const OF_CLIENT_PREFIXES: [&str; 9] = [
    "cf-access-",
    "cf-connecting-ip",
    "cf-ip",
    "x-amzn-oidc-",
    "x-auth-request-",
    "x-azure-",
    "x-forwarded-",
    "x-goog-authenticated-user-",
    "x-ms-client-principal",
];

/// Headers that would be wrong of what is sent: digests of the body as it came, and which part of an answer is wanted, in bytes that
/// restoring moves. A server may always answer with all of it.
const OF_OTHER_BYTES: [&str; 6] =
    ["content-digest", "content-md5", "digest", "if-range", "range", "repr-digest"];

/// How to treat a request header on its way to the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Pass as it is: a known header whose value looks like what it should be.
    Leave,
    /// Pass as it is and keep it out of logs: a credential for the upstream.
    Credential,
    /// Free text, or unknown: guard the value like the body.
    Guard,
    /// Not for the upstream: the guard's own, the connection's, what proxies say about the client, or what is no longer true.
    Drop,
}

/// How to treat one request header.
///
/// A header with a form of its own is guarded all the same where its value does not have that form, so that nothing slips
/// through under a trusted name.
pub fn treatment(name: &HeaderName, value: &HeaderValue) -> Treatment {
    let name = name.as_str();
    if is_own(name)
        || HOP_BY_HOP.contains(&name)
        || OF_OTHER_BYTES.contains(&name)
        || tells_of_client(name)
    {
        Treatment::Drop
    } else if is_credential(name) {
        Treatment::Credential
    } else if header_form::fits(name, value) {
        Treatment::Leave
    } else {
        Treatment::Guard
    }
}

/// True for a header by which the upstream tells requests apart: with the same stand-in in it, those of several callers would be
/// one, and be given each other's answers.
pub fn tells_apart(name: &HeaderName) -> bool {
    name == "idempotency-key"
}

fn is_credential(name: &str) -> bool {
    CREDENTIALS.iter().any(|it| it == name)
}

/// True for the headers that speak to the guard itself.
pub fn is_own(name: &str) -> bool {
    name.starts_with("x-guard-") || name == "x-user-id"
}

/// Removes what belongs to one connection, and what its `Connection` header names.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    strip_connection_and(headers, |_| false);
}

/// Removes what belongs to one connection and what speaks to the guard itself; and in the same pass what `more` tells by name.
pub fn strip_own_and(headers: &mut HeaderMap, more: impl Fn(&str) -> bool) {
    strip_connection_and(headers, |name| is_own(name) || more(name));
}

fn strip_connection_and(headers: &mut HeaderMap, more: impl Fn(&str) -> bool) {
    if headers.contains_key(CONNECTION) {
        for name in named_by_connection(headers) {
            headers.remove(name);
        }
    }
    remove_if(headers, |name| HOP_BY_HOP.contains(&name) || more(name));
}

/// Asks for the few names that are there, since to look up each name that is not costs more.
fn remove_if(headers: &mut HeaderMap, unwanted: impl Fn(&str) -> bool) {
    let found: Vec<HeaderName> =
        headers.keys().filter(|name| unwanted(name.as_str())).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect()
}

/// True for what proxies in front say about the client.
pub fn tells_of_client(name: &str) -> bool {
    OF_CLIENT.contains(&name) || OF_CLIENT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Headers that speak for all of an origin, which is the guard's here: what is said of the provider's would make browsers use TLS
/// alone for a company's whole domain, go elsewhere, forget what they keep, or report to the provider.
const FOR_ORIGIN: [&str; 8] = [
    "alt-svc",
    "clear-site-data",
    "expect-ct",
    "nel",
    "public-key-pins",
    "report-to",
    "reporting-endpoints",
    "strict-transport-security",
];

/// True for what an answer says of the web pages that may read it, and of its origin.
pub fn is_cross_origin(name: &str) -> bool {
    name.starts_with("access-control-") || FOR_ORIGIN.contains(&name)
}

/// Removes the keys that the caller sent.
pub fn strip_credentials(headers: &mut HeaderMap) {
    remove_if(headers, is_credential);
}

/// Removes all that is between the caller and one provider alone: keys, cookies, names of accounts.
pub fn strip_account(headers: &mut HeaderMap) {
    remove_if(headers, |name| {
        is_credential(name)
            || ACCOUNT.iter().any(|it| it == name)
            || name == header::COOKIE.as_str()
    });
}

/// Marks credentials and cookies, so that `Debug` of the map hides them.
pub fn mark_credentials(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut() {
        let is_secret = [header::PROXY_AUTHORIZATION, header::COOKIE].contains(name);
        if is_secret || CREDENTIALS.contains(name) {
            value.set_sensitive(true);
        }
    }
}

/// True for an answer that is a stream of events.
pub fn is_event_stream(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media| media.eq_ignore_ascii_case(b"text/event-stream"))
}

/// True for an answer whose media type does not tell that it is no stream of events.
pub fn may_be_event_stream(headers: &HeaderMap) -> bool {
    media_type(headers).is_none_or(|media| media.eq_ignore_ascii_case(b"text/plain"))
}

/// True for an answer that is one JSON document.
pub fn is_json(headers: &HeaderMap) -> bool {
    const SUFFIX: &[u8] = b"+json";
    media_type(headers).is_some_and(|media| {
        let suffix = media.len().checked_sub(SUFFIX.len()).map(|at| &media[at..]);
        media.eq_ignore_ascii_case(b"application/json")
            || suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case(SUFFIX))
    })
}

/// True for an answer that is a JSON document in each line, as the results of batches are.
pub fn is_json_lines(headers: &HeaderMap) -> bool {
    const LINES: [&str; 5] = [
        "application/jsonl",
        "application/x-jsonl",
        "application/jsonlines",
        "application/ndjson",
        "application/x-ndjson",
    ];
    media_type(headers)
        .is_some_and(|media| LINES.iter().any(|it| media.eq_ignore_ascii_case(it.as_bytes())))
}

/// True for an answer that is text of some kind.
pub fn is_text(headers: &HeaderMap) -> bool {
    media_type(headers)
        .is_some_and(|media| media.get(..5).is_some_and(|kind| kind.eq_ignore_ascii_case(b"text/")))
}

/// The content type without its parameters.
fn media_type(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(CONTENT_TYPE)?.as_bytes();
    let end = memchr::memchr(b';', value).unwrap_or(value.len());
    Some(value[..end].trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[track_caller]
    fn check(name: &str, value: &str, expected: Treatment) {
        let name = HeaderName::try_from(name).unwrap();
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        assert_eq!(treatment(&name, &value), expected, "{name}");
    }

    #[test]
    fn treatments() {
        check("x-guard-policy", "pci_dss", Treatment::Drop);
        check("x-user-id", "ann", Treatment::Drop);
        check("te", "trailers", Treatment::Drop);
        check("content-digest", "sha-256=:YW5u:", Treatment::Drop);
        check("range", "bytes=10-", Treatment::Drop);
        check("authorization", "Bearer abc", Treatment::Credential);
        check("content-type", "application/json", Treatment::Leave);
        check("user-agent", "OpenAI/Python 2.0", Treatment::Leave);
        check("user-agent", "mail ann@example.org", Treatment::Guard);
        check("user-agent", "Jane Doe +1 415 555 0132", Treatment::Guard);
        check("x-stainless-os", "Linux", Treatment::Leave);
        check("openai-project", "proj_müller", Treatment::Guard);
        check("x-title", "Ann's app", Treatment::Guard);
        check("cookie", "mail=ann", Treatment::Guard);
    }

    #[test]
    fn what_proxies_say_of_the_client_is_not_for_the_provider() {
        for (name, value) in [
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-email", "ann@example.org"),
            ("cf-connecting-ipv6", "2001:db8::7"),
            ("x-azure-clientip", "192.0.2.7"),
            ("x-auth-request-user", "ann"),
            ("x-amzn-oidc-identity", "b1946ac9"),
            ("cf-access-jwt-assertion", "an opaque word"),
            ("x-ms-client-principal", "YW5u"),
        ] {
            check(name, value, Treatment::Drop);
        }
        check("x-azimuth", "12", Treatment::Guard);
    }

    #[test]
    fn hop_by_hop_headers_go_with_those_that_connection_names() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Secret"),
            ("connection", "x-other, not a name"),
            ("x-secret", "1"),
            ("x-other", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("x-request-id", "r"),
        ] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        // `from_static` wants lower case; the names inside the value may be of any case.
        strip_hop_by_hop(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-request-id"]);
    }

    /// What each of these takes away, and what it leaves: all the others.
    #[test]
    fn headers_are_taken_away_by_kind_and_no_others() {
        let credentials = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
        let account = ["openai-organization", "openai-project", "cookie"];
        let own = ["x-guard-policy", "x-guard-session", "x-user-id"];
        let client = ["x-forwarded-for", "forwarded", "cf-connecting-ip"];
        let cross_origin = ["access-control-allow-origin", "alt-svc", "strict-transport-security"];
        let others = ["content-type", "x-title", "x-guardian", "set-cookie", "vary"];
        let with_account = [&credentials[..], &account].concat();
        for (strip, gone) in [
            (strip_credentials as fn(&mut HeaderMap), &credentials[..]),
            (strip_account, &with_account),
            (|headers| strip_own_and(headers, |_| false), &own),
            (|headers| remove_if(headers, tells_of_client), &client),
            (|headers| remove_if(headers, is_cross_origin), &cross_origin),
        ] {
            let all = [&with_account[..], &own, &client, &cross_origin, &others].concat();
            let mut headers = HeaderMap::new();
            for name in &all {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static("1"));
                headers.append(HeaderName::from_static(name), HeaderValue::from_static("2"));
            }
            strip(&mut headers);
            let left: BTreeSet<&str> = headers.keys().map(HeaderName::as_str).collect();
            let kept = all.into_iter().filter(|name| !gone.contains(name)).collect();
            assert_eq!(left, kept, "without {gone:?}");
        }
    }

    #[test]
    fn a_map_that_is_logged_hides_keys_and_cookies() {
        let mut headers = HeaderMap::new();
        for name in ["authorization", "x-api-key", "proxy-authorization", "cookie", "x-title"] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static("canary"));
        }
        mark_credentials(&mut headers);
        assert_eq!(format!("{headers:?}").matches("canary").count(), 1, "{headers:?}");
        assert!(!headers["x-title"].is_sensitive());
    }

    #[test]
    fn only_a_key_against_repetition_tells_requests_apart() {
        assert!(tells_apart(&HeaderName::from_static("idempotency-key")));
        assert!(!tells_apart(&HeaderName::from_static("x-title")));
    }

    #[test]
    fn media_types_are_read_without_parameters_and_case() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            headers
        };
        assert!(is_event_stream(&with("Text/Event-Stream; charset=utf-8")));
        assert!(!is_event_stream(&with("text/event-streams")));
        // Said by nobody, or by a server that knows no better.
        assert!(may_be_event_stream(&HeaderMap::new()) && may_be_event_stream(&with("Text/Plain")));
        assert!(!may_be_event_stream(&with("application/json")));
        assert!(is_json(&with("application/problem+JSON")));
        assert!(is_text(&with("text/plain")));
        assert!(!is_text(&HeaderMap::new()));
    }
}
