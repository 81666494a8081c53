//! What the metadata of a call says: who asks, until when, and under which name.

use super::fault::Fault;
use crate::{
    call::{self, CacheWish, Call, CallerId, Facade, Head, SessionId, Task, new_request_id},
    wire::headers::{ACCOUNT, CREDENTIALS},
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, header};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};
use tonic::{
    Response, Status,
    metadata::{MetadataMap, MetadataValue},
    transport::server::TcpConnectInfo,
};

static TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// Where a call comes from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) request_id: Arc<str>,
    pub(super) deadline: Option<Instant>,
    head: Head,
    upstream_headers: Vec<(HeaderName, HeaderValue)>,
}

impl Origin {
    /// Reads the metadata of a call and the address of its peer.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read, or is given twice with different values: to go on without it would not be what
    /// was asked for.
    pub(super) fn read(metadata: &MetadataMap, extensions: &Extensions) -> Result<Self, Status> {
        let metadata: &HeaderMap = metadata.as_ref();
        let request_id = request_id(call::request_id(metadata));
        let refuse = |fault: Fault| fault.status(&request_id);
        Ok(Self {
            deadline: deadline(metadata).map_err(refuse)?,
            head: Head::read(metadata, peer(extensions)).map_err(|it| refuse(it.into()))?,
            upstream_headers: upstream_headers(metadata),
            request_id: request_id.clone(),
        })
    }

    /// A call of this origin. An empty policy falls back on the metadata.
    pub(super) fn call(&self, policy: String, task: Task) -> Call {
        Call {
            caller: self.head.caller.clone(),
            facade: Facade::Grpc,
            request_id: self.request_id.clone(),
            policy: given(policy).or_else(|| self.head.policy.clone()),
            deadline: self.deadline,
            traceparent: self.head.traceparent.clone(),
            task,
        }
    }

    /// The session that a request names in its field, else in the metadata.
    pub(super) fn session(&self, field: &str) -> Result<Option<SessionId>, Fault> {
        if field.is_empty() {
            return Ok(self.head.session.clone());
        }
        let malformed =
            || Fault::invalid("session", format!("session must be {}", SessionId::FORM));
        SessionId::parse(field).map(Some).ok_or_else(malformed)
    }

    /// The upstream that a request names in its field, else in the metadata.
    pub(super) fn upstream(&self, field: String) -> Option<String> {
        given(field).or_else(|| self.head.upstream.clone())
    }

    /// What the metadata wants of the cache.
    pub(super) fn cache(&self) -> CacheWish {
        self.head.cache
    }

    /// The headers for the upstream: credentials as they came, and what the body is.
    pub(super) fn upstream_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(1 + self.upstream_headers.len());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(self.upstream_headers.iter().cloned());
        headers
    }

    /// Wraps an answer, with the request id in its metadata.
    pub(super) fn respond<T>(&self, message: T) -> Response<T> {
        let mut response = Response::new(message);
        if let Ok(id) = MetadataValue::try_from(&*self.request_id) {
            response.metadata_mut().insert("x-request-id", id);
        }
        response
    }
}

fn given(field: String) -> Option<String> {
    Some(field).filter(|value| !value.is_empty())
}

/// The peer as whoever accepted the connection noted it: tonic's own server, or ours.
/// Who asks, if that can be read.
pub(super) fn caller(headers: &HeaderMap, extensions: &Extensions) -> Option<CallerId> {
    Head::read(headers, peer(extensions)).ok().map(|head| head.caller)
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let by_tonic = || extensions.get::<TcpConnectInfo>()?.remote_addr();
    extensions.get::<SocketAddr>().copied().or_else(by_tonic).map(|address| address.ip())
}

/// The id that the caller gave, if that can be one, else a new one.
pub(super) fn request_id(sent: Option<Arc<str>>) -> Arc<str> {
    sent.unwrap_or_else(|| new_request_id(""))
}

/// Credentials and accounts that a provider reads from headers.
fn upstream_headers(sent: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    let sent = CREDENTIALS.iter().chain(&ACCOUNT).filter_map(|name| {
        let mut value = sent.get(name)?.clone();
        value.set_sensitive(true);
        Some((name.clone(), value))
    });
    sent.collect()
}

/// When the caller gives up, by `grpc-timeout`.
fn deadline(metadata: &HeaderMap) -> Result<Option<Instant>, Fault> {
    let Some(value) = metadata.get(&TIMEOUT) else { return Ok(None) };
    let malformed = || {
        Fault::invalid("grpc-timeout", "grpc-timeout must be 1 to 8 digits and one of H M S m u n")
    };
    let timeout = value.to_str().ok().and_then(parse_timeout).ok_or_else(malformed)?;
    // A time that cannot be told is too far away to matter.
    Ok(Instant::now().checked_add(timeout))
}

fn parse_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> Result<Origin, Status> {
        let mut metadata = MetadataMap::new();
        for (key, value) in pairs {
            metadata.insert(*key, value.parse().unwrap());
        }
        Origin::read(&metadata, &Extensions::new())
    }

    #[test]
    fn timeouts_are_read_in_all_units() {
        assert_eq!(parse_timeout("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(parse_timeout("99999999n"), Some(Duration::from_nanos(99_999_999)));
        assert_eq!(parse_timeout("5m"), Some(Duration::from_millis(5)));
        for wrong in ["", "S", "5", "5s", "123456789S", "-5S", "5.0S", "5€"] {
            assert_eq!(parse_timeout(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn metadata_that_cannot_be_read_is_refused() {
        for (key, value) in [
            ("grpc-timeout", "soon"),
            ("x-guard-session", "no spaces"),
            ("x-guard-policy", "no/path"),
            ("x-guard-upstream", ""),
            ("x-user-id", ""),
        ] {
            assert!(read(&[(key, value)]).is_err(), "{key}");
        }
    }

    #[test]
    fn a_key_given_twice_with_different_values_is_refused() {
        let mut metadata = MetadataMap::new();
        metadata.append("x-guard-policy", "a".parse().unwrap());
        metadata.append("x-guard-policy", "b".parse().unwrap());
        assert!(Origin::read(&metadata, &Extensions::new()).is_err());
    }

    #[test]
    fn a_request_id_is_kept_if_it_can_hold_nothing_else() {
        for id in ["0af7651916cd43dd8448eb211c80319c", "0af76519-16cd-43dd-8448-eb211c80319c"] {
            assert_eq!(&*read(&[("x-request-id", id)]).unwrap().request_id, id);
        }
        for id in ["r-1", "ann@example.org", "0af7651916cd43dd-8448eb211c80319c"] {
            assert_ne!(&*read(&[("x-request-id", id)]).unwrap().request_id, id);
        }
    }

    #[test]
    fn fields_count_before_metadata() {
        let origin = read(&[("x-guard-policy", "a"), ("x-guard-session", "s-1")]).unwrap();
        assert_eq!(origin.call(String::new(), Task::ListPolicies).policy.as_deref(), Some("a"));
        assert_eq!(origin.call("b".into(), Task::ListPolicies).policy.as_deref(), Some("b"));
        assert_eq!(origin.session("").unwrap().unwrap().expose(), "s-1");
        assert_eq!(origin.session("s-2").unwrap().unwrap().expose(), "s-2");
        assert!(origin.session("no spaces").is_err());
    }

    #[test]
    fn credentials_go_to_the_upstream_and_our_own_metadata_does_not() {
        let origin = read(&[("authorization", "Bearer k"), ("x-guard-policy", "a")]).unwrap();
        let headers = origin.upstream_headers();
        assert_eq!(headers["authorization"], "Bearer k");
        assert!(headers["authorization"].is_sensitive());
        assert!(!headers.contains_key("x-guard-policy"));
    }
}
