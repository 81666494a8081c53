//! Cross-origin requests: which web pages of other origins may call, and what their browsers are told.
//!
//! The guard speaks for itself alone. What an upstream says of origins was meant for whoever calls it, so it never
//! travels on (see `headers`); without allowed origins nothing is said, and what foreign pages send is refused.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::Authority};
use std::time::Duration;

/// Which web pages may call. By default none of another origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsConfig {
    /// Origins whose pages may call and read the answer. None by default, which means that CORS is off.
    pub allowed_origins: Vec<Origin>,
    /// Request headers that their calls may have. Empty, the default, means any.
    pub allowed_headers: Vec<HeaderName>,
    /// Whether they may send cookies. Never together with [`Origin::Any`]. Default false.
    pub allow_credentials: bool,
    /// How long a browser may remember the answer to a preflight. Told in whole seconds. Default 10 min.
    pub max_age: Duration,
}

impl Default for CorsConfig {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            allowed_headers: Vec::new(),
            allow_credentials: false,
            max_age: Duration::from_secs(600),
        }
    }
}

/// An origin, or a set of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Every origin.
    Any,
    /// This one.
    One(String),
    /// Those that begin and end so: `https://` and `.example.org`, or `http://localhost:` and nothing.
    Between(String, String),
}

impl Origin {
    /// Reads `*`, `https://app.example.org`, `https://*.example.org` or `http://localhost:*`. `None` for anything else,
    /// such as an origin with a path, or `null`, which any page can be.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        let text = text.to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://")?;
        let mut letters = scheme.bytes();
        let is_scheme = letters.next().is_some_and(|b| b.is_ascii_lowercase())
            && letters.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        // Browsers leave the usual port out.
        let authority = match scheme {
            "https" => authority.strip_suffix(":443").unwrap_or(authority),
            "http" => authority.strip_suffix(":80").unwrap_or(authority),
            _ => authority,
        };
        let is_plain = |part: &str| !part.is_empty() && part.bytes().all(is_authority_byte);
        if !is_scheme {
            return None;
        }
        if let Some(parent) = authority.strip_prefix('*') {
            let is_parent = parent.strip_prefix('.').is_some_and(is_plain);
            return is_parent.then(|| Self::Between(format!("{scheme}://"), parent.to_owned()));
        }
        if let Some(host) = authority.strip_suffix(":*") {
            return is_plain(host)
                .then(|| Self::Between(format!("{scheme}://{host}:"), String::new()));
        }
        is_plain(authority).then(|| Self::One(format!("{scheme}://{authority}")))
    }

    fn includes(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => one == origin,
            Self::Between(before, behind) => origin
                .strip_prefix(before.as_str())
                .and_then(|rest| rest.strip_suffix(behind.as_str()))
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_label_byte)),
        }
    }
}

fn is_authority_byte(b: u8) -> bool {
    is_label_byte(b) || matches!(b, b':' | b'[' | b']')
}

fn is_label_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')
}

const REQUEST_METHOD: HeaderName = header::ACCESS_CONTROL_REQUEST_METHOD;
const REQUEST_HEADERS: HeaderName = header::ACCESS_CONTROL_REQUEST_HEADERS;

/// All that any path has. Which of them a path has is told by its answer, which a page may read then.
const METHODS: HeaderValue = HeaderValue::from_static("DELETE, GET, HEAD, PATCH, POST, PUT");

/// What a browser is told about one request.
#[derive(Debug)]
pub(super) struct Told<'c> {
    config: &'c CorsConfig,
    /// What `access-control-allow-origin` says; `None` for an origin that may not call.
    origin: Option<HeaderValue>,
}

impl CorsConfig {
    /// What to tell the sender of a request. `None` if it is nobody's business: CORS is off, or no browser asks.
    pub(super) fn of(&self, headers: &HeaderMap) -> Option<Told<'_>> {
        if self.allowed_origins.is_empty() {
            return None;
        }
        let origin = headers.get(header::ORIGIN).filter(|origin| self.allows(origin));
        let any = self.allowed_origins.contains(&Origin::Any) && !self.allow_credentials;
        let told = |origin: &HeaderValue| {
            if any { HeaderValue::from_static("*") } else { origin.clone() }
        };
        Some(Told { config: self, origin: origin.map(told) })
    }

    /// True if a web page of another origin sends this that may not call. Callers that are no pages send no `origin`.
    pub(super) fn refuses(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return false };
        !self.allows(origin) && !is_same_origin(origin, uri, headers)
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        let origin = origin.to_str().unwrap_or_default();
        self.allowed_origins.iter().any(|allowed| allowed.includes(origin))
    }
}

/// True if a page of this very server sends this. A proxy in front may have put another `host`; what it says of the first one,
/// and what browsers say, cannot be set by a page without a preflight.
fn is_same_origin(origin: &HeaderValue, uri: &Uri, headers: &HeaderMap) -> bool {
    if headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin") {
        return true;
    }
    let Some((_, own)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else {
        return false;
    };
    let named = [header::HOST, HeaderName::from_static("x-forwarded-host")];
    let hosts = named.iter().filter_map(|name| headers.get(name)?.to_str().ok());
    let mut hosts = hosts.chain(uri.authority().map(Authority::as_str));
    hosts.any(|host| host.eq_ignore_ascii_case(own))
}

impl Told<'_> {
    /// True if the request comes from a page that may call.
    pub(super) fn is_allowed(&self) -> bool {
        self.origin.is_some()
    }

    /// The answer to a preflight of a page that may call; `None` for any other request.
    pub(super) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Response> {
        let asks = method == Method::OPTIONS && headers.contains_key(REQUEST_METHOD);
        if !asks || !self.is_allowed() {
            return None;
        }
        let mut response = (StatusCode::NO_CONTENT, Body::empty()).into_response();
        let told = response.headers_mut();
        told.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        if let Some(allowed) = self.headers(headers) {
            told.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        }
        told.insert(header::ACCESS_CONTROL_MAX_AGE, self.config.max_age.as_secs().into());
        for name in [REQUEST_METHOD, REQUEST_HEADERS] {
            told.append(header::VARY, name.into());
        }
        Some(response)
    }

    /// The headers that a call may have: those of the setting, else those that are asked for.
    fn headers(&self, asked: &HeaderMap) -> Option<HeaderValue> {
        let allowed = &self.config.allowed_headers;
        if allowed.is_empty() {
            return asked.get(REQUEST_HEADERS).cloned();
        }
        let names: Vec<&str> = allowed.iter().map(HeaderName::as_str).collect();
        HeaderValue::try_from(names.join(", ")).ok()
    }

    /// Adds to an answer who may read it. All of its headers may be read: what comes from the upstream, such as its
    /// limits, is as good for a page as for an SDK.
    pub(super) fn mark(self, told: &mut HeaderMap) {
        let Some(origin) = self.origin else {
            told.append(header::VARY, header::ORIGIN.into());
            return;
        };
        let exposed = if self.config.allow_credentials {
            // With cookies browsers take `*` for a header of that name.
            let names: Vec<&str> = told.keys().map(HeaderName::as_str).collect();
            HeaderValue::try_from(names.join(", ")).unwrap_or(HeaderValue::from_static(""))
        } else {
            HeaderValue::from_static("*")
        };
        told.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        if self.config.allow_credentials {
            let yes = HeaderValue::from_static("true");
            told.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
        if origin != "*" {
            told.append(header::VARY, header::ORIGIN.into());
        }
        told.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, origin: &str, expected: bool) {
        let pattern = Origin::parse(pattern).unwrap();
        assert_eq!(pattern.includes(origin), expected, "{pattern:?} {origin}");
    }

    #[test]
    fn origins_are_compared_whole() {
        check("https://App.example.org:443", "https://app.example.org", true);
        check("https://app.example.org", "http://app.example.org", false);
        check("https://app.example.org", "https://app.example.org:8443", false);
        check("https://app.example.org", "https://app.example.org.evil.example", false);
        check("http://[::1]:3000", "http://[::1]:3000", true);
        check("tauri://localhost", "tauri://localhost", true);
        check("*", "null", true);
    }

    #[test]
    fn a_star_stands_for_names_below_or_for_a_port() {
        check("https://*.example.org", "https://a.b.example.org", true);
        check("https://*.example.org", "https://example.org", false);
        check("https://*.example.org", "https://.example.org", false);
        check("https://*.example.org", "https://evil.example/.example.org", false);
        check("https://*.example.org", "https://a.example.org:8443", false);
        check("http://localhost:*", "http://localhost:5173", true);
        check("http://localhost:*", "http://localhost", false);
        check("http://localhost:*", "http://localhost:1@evil.example", false);
    }

    #[test]
    fn what_is_no_origin_is_not_taken_for_one() {
        for text in [
            "",
            "null",
            "example.org",
            "https://",
            "https://*",
            "https://*example.org",
            "https://a.*.org",
            "https://example.org/",
            "https://example.org*",
            "https://a@example.org",
            "://x",
            "1a://x",
            "https://example.org:*:*",
            "https://é.example",
        ] {
            assert_eq!(Origin::parse(text), None, "{text}");
        }
    }

    fn told(config: &CorsConfig, origin: &'static str) -> HeaderMap {
        let mut asked = HeaderMap::new();
        asked.insert(header::ORIGIN, HeaderValue::from_static(origin));
        let mut answer = HeaderMap::new();
        answer.insert("x-a", HeaderValue::from_static("1"));
        if let Some(told) = config.of(&asked) {
            told.mark(&mut answer);
        }
        answer
    }

    #[test]
    fn answers_name_the_origin_and_vary_with_it() {
        let config = CorsConfig {
            allowed_origins: vec![Origin::One("https://a.example".to_owned())],
            allow_credentials: true,
            ..CorsConfig::default()
        };
        let answer = told(&config, "https://a.example");
        assert_eq!(answer["access-control-allow-origin"], "https://a.example");
        assert_eq!(answer["access-control-allow-credentials"], "true");
        assert_eq!(answer["access-control-expose-headers"], "x-a");
        assert_eq!(answer["vary"], "origin");
        let stranger = told(&config, "https://b.example");
        assert!(!stranger.contains_key("access-control-allow-origin"));
        assert_eq!(stranger["vary"], "origin");
    }

    #[test]
    fn all_origins_get_one_answer() {
        let config = CorsConfig { allowed_origins: vec![Origin::Any], ..CorsConfig::default() };
        let answer = told(&config, "https://a.example");
        assert_eq!(answer["access-control-allow-origin"], "*");
        assert_eq!(answer["access-control-expose-headers"], "*");
        assert!(!answer.contains_key("vary"));
        assert!(CorsConfig::default().of(&HeaderMap::new()).is_none());
    }
}
