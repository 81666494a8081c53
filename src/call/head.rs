//! What the guard understands of the head of a request. The metadata of gRPC are headers as well, so this is the one place for both
//! facades.

use super::{CacheWish, CallerId, Error, SessionId, trace_context};
use crate::wire::headers::CREDENTIALS;
use http::{HeaderMap, HeaderName, HeaderValue, header::CACHE_CONTROL};
use std::{net::IpAddr, sync::Arc};

/// The form of the names of policies and upstreams, to end the sentence "… must be".
const NAME_FORM: &str = "1 to 64 characters of A-Za-z0-9._-";

// Most of them are not there: to read a name takes longer than to look it up, so they are read once.
static POLICY: HeaderName = HeaderName::from_static("x-guard-policy");
static SESSION: HeaderName = HeaderName::from_static("x-guard-session");
static UPSTREAM: HeaderName = HeaderName::from_static("x-guard-upstream");
static USER: HeaderName = HeaderName::from_static("x-user-id");
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request says beside its body: who asks, and how.
#[derive(Clone, Debug)]
pub struct Head {
    /// Who calls.
    pub caller: CallerId,
    /// The policy that is named.
    pub policy: Option<String>,
    /// The session that is named.
    pub session: Option<SessionId>,
    /// The upstream that is named.
    pub upstream: Option<String>,
    /// The caller's W3C trace context, if it has the right form.
    pub traceparent: Option<Arc<str>>,
    /// What the caller wants of the cache.
    pub cache: CacheWish,
}

impl Head {
    /// Reads the guard's headers; `peer` is the address of who sent them.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming the header, for a value that cannot be what it should be, and for a header that is
    /// given twice with different values. A trace context of bad form counts as none, as W3C wants it.
    pub fn read(headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Self, Error> {
        let named = |header| {
            read_one(headers, header, NAME_FORM, |text| is_name(text).then(|| text.to_owned()))
        };
        let user = read_one(headers, &USER, "1 to 256 characters", |text| {
            (1..=256).contains(&text.len()).then(|| text.to_owned())
        })?;
        let cache_control = headers.get_all(CACHE_CONTROL).iter();
        Ok(Self {
            policy: named(&POLICY)?,
            session: read_one(headers, &SESSION, SessionId::FORM, SessionId::parse)?,
            upstream: named(&UPSTREAM)?,
            caller: CallerId::from_parts(user.as_deref(), credential(headers), peer),
            traceparent: traceparent(headers),
            cache: CacheWish::of(cache_control.filter_map(|value| value.to_str().ok())),
        })
    }
}

/// One of our headers, or `None` if it is not there.
fn read_one<T>(
    headers: &HeaderMap,
    name: &HeaderName,
    form: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Error> {
    let invalid = |message: String| Error::Invalid { param: Some(name.to_string()), message };
    let Some(first) = headers.get(name) else { return Ok(None) };
    let mut values = headers.get_all(name).iter();
    if values.any(|other| other != first) {
        return Err(invalid(format!("the header {name} is given twice with different values")));
    }
    let text = std::str::from_utf8(first.as_bytes()).ok().map(str::trim);
    let malformed = || invalid(format!("the header {name} must be {form}"));
    text.and_then(parse).map(Some).ok_or_else(malformed)
}

/// The key that the caller sends along, whoever it is for.
fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    CREDENTIALS.iter().find_map(|name| headers.get(name)).map(HeaderValue::as_bytes)
}

fn traceparent(headers: &HeaderMap) -> Option<Arc<str>> {
    let text = headers.get(&TRACEPARENT)?.to_str().ok()?.trim();
    trace_context::is_traceparent(text).then(|| text.into())
}

/// True for what can be the name of a policy or an upstream: 1 to 64 characters of `A-Za-z0-9._-`.
pub fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// The request id that a caller sent, if it is a UUID or 32 hexadecimal digits.
///
/// Other ids are not used, since ids reach logs and nobody can say what else they hold.
pub fn request_id(headers: &HeaderMap) -> Option<Arc<str>> {
    let id = headers.get(&REQUEST_ID)?.to_str().ok()?;
    let dashes: &[usize] = match id.len() {
        32 => &[],
        36 => &[8, 13, 18, 23],
        _ => return None,
    };
    let fits =
        |(at, b): (usize, u8)| if dashes.contains(&at) { b == b'-' } else { b.is_ascii_hexdigit() };
    id.bytes().enumerate().all(fits).then(|| id.into())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Headers in their order, also several of one name.
    pub(crate) fn header_map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let value = |value: &str| HeaderValue::from_bytes(value.as_bytes()).unwrap();
        pairs.iter().map(|(name, of)| (HeaderName::from_static(name), value(of))).collect()
    }

    #[test]
    fn own_headers_are_read() {
        let headers = header_map(&[
            ("x-guard-policy", " pci_dss "),
            ("x-guard-session", "s-1"),
            ("x-guard-upstream", "openai"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ("cache-control", "max-age=0, No-Store"),
        ]);
        let head = Head::read(&headers, None).unwrap();
        assert_eq!(head.policy.as_deref(), Some("pci_dss"));
        assert_eq!(head.session.unwrap().expose(), "s-1");
        assert_eq!(head.upstream.as_deref(), Some("openai"));
        assert!(head.traceparent.is_some());
        assert!(head.cache.no_store);
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
            let error = Head::read(&header_map(&[(name, value)]), None).unwrap_err();
            assert!(
                matches!(&error, Error::Invalid { param: Some(param), .. } if param == name),
                "{name}: {value}: {error:?}"
            );
        }
        let twice = header_map(&[("x-guard-policy", "a"), ("x-guard-policy", "b")]);
        assert!(Head::read(&twice, None).is_err());
        let same = header_map(&[("x-guard-policy", "a"), ("x-guard-policy", "a")]);
        assert!(Head::read(&same, None).is_ok());
    }

    #[test]
    fn a_bad_trace_context_counts_as_none() {
        let head = Head::read(&header_map(&[("traceparent", "00-xyz")]), None).unwrap();
        assert_eq!(head.traceparent, None);
    }

    #[test]
    fn whoever_sends_another_key_is_another_caller_whichever_header_it_is_in() {
        let callers: Vec<CallerId> = ["authorization", "x-api-key", "api-key", "x-goog-api-key"]
            .into_iter()
            .flat_map(|name| {
                [
                    header_map(&[(name, "one"), ("x-user-id", "ann")]),
                    header_map(&[(name, "two"), ("x-user-id", "ann")]),
                ]
            })
            .map(|headers| Head::read(&headers, None).unwrap().caller)
            .collect();
        for pair in callers.chunks(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }

    #[test]
    fn request_ids_of_callers_count_only_as_uuids() {
        let id = |value| request_id(&header_map(&[("x-request-id", value)]));
        assert!(id("7d44b88c-4199-4bad-97dc-d78268e01398").is_some());
        assert!(id("0af7651916cd43dd8448eb211c80319c").is_some());
        assert_eq!(id("ann@example.org"), None);
        assert_eq!(id("212-555-0100"), None);
    }
}
