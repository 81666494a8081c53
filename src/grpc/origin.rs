//! What the metadata of a call says: who asks, until when, and under which name.

use super::fault::Fault;
use crate::call::{Call, CallerId, Facade, SessionId, Task};
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

/// Credentials and accounts that a provider reads from headers.
const UPSTREAM_HEADERS: [&str; 4] =
    ["authorization", "x-api-key", "openai-organization", "openai-project"];

/// Where a call comes from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) caller: CallerId,
    pub(super) request_id: Arc<str>,
    pub(super) deadline: Option<Instant>,
    traceparent: Option<Arc<str>>,
    policy: Option<String>,
    session: Option<SessionId>,
    upstream: Option<String>,
    no_store: bool,
    upstream_headers: HeaderMap,
}

impl Origin {
    /// Reads the metadata of a call and the address of its peer.
    ///
    /// # Errors
    ///
    /// When `grpc-timeout` or `x-guard-session` cannot be read: to go on without them would not be what was asked for.
    pub(super) fn read(metadata: &MetadataMap, extensions: &Extensions) -> Result<Self, Status> {
        let request_id = request_id(text(metadata, "x-request-id"));
        let refuse = |fault: Fault| fault.status(&request_id);
        Ok(Self {
            caller: caller(metadata, extensions),
            deadline: deadline(metadata).map_err(refuse)?,
            session: session(text(metadata, "x-guard-session"), "x-guard-session")
                .map_err(refuse)?,
            traceparent: text(metadata, "traceparent").filter(|t| is_traceparent(t)).map(Arc::from),
            policy: text(metadata, "x-guard-policy").map(str::to_owned),
            upstream: text(metadata, "x-guard-upstream").map(str::to_owned),
            no_store: text(metadata, "cache-control").is_some_and(forbids_storing),
            upstream_headers: upstream_headers(metadata),
            request_id: request_id.clone(),
        })
    }

    /// A call of this origin. An empty policy falls back on the metadata.
    pub(super) fn call(&self, policy: String, task: Task) -> Call {
        Call {
            caller: self.caller.clone(),
            facade: Facade::Grpc,
            request_id: self.request_id.clone(),
            policy: given(policy).or_else(|| self.policy.clone()),
            deadline: self.deadline,
            traceparent: self.traceparent.clone(),
            task,
        }
    }

    /// The session that a request names in its field, else in the metadata.
    pub(super) fn session(&self, field: &str) -> Result<Option<SessionId>, Fault> {
        Ok(session(Some(field), "session")?.or_else(|| self.session.clone()))
    }

    /// The upstream that a request names in its field, else in the metadata.
    pub(super) fn upstream(&self, field: String) -> Option<String> {
        given(field).or_else(|| self.upstream.clone())
    }

    /// Whether the metadata forbids to keep the answer.
    pub(super) fn no_store(&self) -> bool {
        self.no_store
    }

    /// The headers for the upstream: credentials as they came, and what the body is.
    pub(super) fn upstream_headers(&self) -> HeaderMap {
        self.upstream_headers.clone()
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

fn text<'m>(metadata: &'m MetadataMap, key: &str) -> Option<&'m str> {
    metadata.get(key)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
}

fn given(field: String) -> Option<String> {
    Some(field).filter(|value| !value.is_empty())
}

fn session(text: Option<&str>, field: &str) -> Result<Option<SessionId>, Fault> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let malformed =
        || Fault::invalid(field, format!("{field} must be 1 to 128 characters of A-Z a-z 0-9 _ -"));
    SessionId::parse(text).map(Some).ok_or_else(malformed)
}

fn caller(metadata: &MetadataMap, extensions: &Extensions) -> CallerId {
    let credential = metadata.get("authorization").or_else(|| metadata.get("x-api-key"));
    CallerId::from_parts(
        text(metadata, "x-user-id"),
        credential.map(|value| value.as_encoded_bytes()),
        peer(extensions),
    )
}

/// The peer as whoever accepted the connection noted it: tonic's own server, or ours.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let by_tonic = || extensions.get::<TcpConnectInfo>()?.remote_addr();
    extensions.get::<SocketAddr>().copied().or_else(by_tonic).map(|address| address.ip())
}

/// The id that the caller gave, if it is fit for logs and headers, else a new one.
pub(super) fn request_id(sent: Option<&str>) -> Arc<str> {
    let fit = |id: &&str| id.len() <= 128 && id.bytes().all(|b| b.is_ascii_graphic());
    sent.filter(fit).map_or_else(fresh_request_id, Arc::from)
}

fn fresh_request_id() -> Arc<str> {
    let mut bytes = [0; 16];
    // Without randomness the id is merely not unique; no call should fail for that.
    let _ = getrandom::fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes)).into()
}

/// `00-<32 hex>-<16 hex>-<2 hex>` in lower case, neither id all zero.
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    match parts.as_slice() {
        [version, trace, span, flags] => {
            [version.len(), trace.len(), span.len(), flags.len()] == [2, 32, 16, 2]
                && [version, trace, span, flags].iter().all(|part| hex(part))
                && !(*version == "ff" || zero(trace) || zero(span))
        }
        _ => false,
    }
}

fn forbids_storing(cache_control: &str) -> bool {
    cache_control.split(',').any(|directive| directive.trim().eq_ignore_ascii_case("no-store"))
}

fn upstream_headers(metadata: &MetadataMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for name in UPSTREAM_HEADERS {
        let value =
            metadata.get(name).map(|value| HeaderValue::from_bytes(value.as_encoded_bytes()));
        if let Some(Ok(mut value)) = value {
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

/// When the caller gives up, by `grpc-timeout`.
fn deadline(metadata: &MetadataMap) -> Result<Option<Instant>, Fault> {
    let Some(value) = metadata.get("grpc-timeout") else { return Ok(None) };
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
    fn a_malformed_timeout_or_session_is_refused() {
        assert!(read(&[("grpc-timeout", "soon")]).is_err());
        assert!(read(&[("x-guard-session", "no spaces")]).is_err());
    }

    #[test]
    fn a_fit_request_id_is_kept_and_an_unfit_one_replaced() {
        assert_eq!(&*read(&[("x-request-id", "r-1")]).unwrap().request_id, "r-1");
        assert_eq!(read(&[("x-request-id", "two words")]).unwrap().request_id.len(), 32);
    }

    #[test]
    fn only_a_well_formed_traceparent_is_taken() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(is_traceparent(good));
        assert!(!is_traceparent(&good.to_uppercase()));
        assert!(!is_traceparent("00-00000000000000000000000000000000-b7ad6b7169203331-01"));
        assert!(!is_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"));
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
