//! What an operator says of an upstream, and the checked form of it.

use super::connect::{self, HttpClient};
use crate::sensitive::Sensitive;
use http::{
    HeaderName, HeaderValue, Uri,
    header::AUTHORIZATION,
    uri::{Authority, Scheme},
};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

/// Names that are the first segment of a path of ours, and so cannot name an upstream.
const RESERVED_NAMES: [&str; 8] =
    ["v1", "guard", "health", "livez", "readyz", "metrics", "docs", "openapi"];

/// One upstream: where it is and how long we wait for it.
#[derive(Clone, Debug)]
pub struct UpstreamConfig {
    /// The name in `/{name}/v1/…`, `x-guard-upstream` and metrics: 1 to 64 of `a-z0-9_-`, beginning with a letter.
    pub name: String,
    /// Origin, and a path that goes before `/v1/…`, if any: `https://api.openai.com`. A trailing `/` or `/v1` is ignored.
    pub base_url: String,
    /// Whose key is sent. Default: the caller's.
    pub api_key: ApiKey,
    /// Limit for name resolution, TCP and TLS together. Default 10 s.
    pub connect_timeout: Duration,
    /// Limit from sending until the head of the answer is there. Default 600 s: without streaming a model answers only
    /// when it is done.
    pub first_byte_timeout: Duration,
    /// Longest pause inside an answer. Default 300 s.
    pub idle_timeout: Duration,
    /// Limit for the whole exchange, streams included. Default none.
    pub total_timeout: Option<Duration>,
    /// How long an unused connection is kept. Below what usual servers keep theirs, so that we close first. Default 45 s.
    pub pool_idle_timeout: Duration,
    /// Largest answer that is not an event stream; those are collected whole. Default 64 MiB.
    pub max_answer_bytes: usize,
    /// PEM file with the certificates to trust, instead of the system's.
    pub root_certificates: Option<PathBuf>,
}

impl Default for UpstreamConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            base_url: String::new(),
            api_key: ApiKey::default(),
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(600),
            idle_timeout: Duration::from_secs(300),
            total_timeout: None,
            pool_idle_timeout: Duration::from_secs(45),
            max_answer_bytes: 64 << 20,
            root_certificates: None,
        }
    }
}

impl UpstreamConfig {
    /// An upstream with the default limits, as `--upstream NAME=BASE_URL` makes it.
    pub fn new(name: impl Into<String>, base_url: impl Into<String>) -> Self {
        Self { name: name.into(), base_url: base_url.into(), ..Self::default() }
    }
}

/// Whose key an upstream gets.
#[derive(Clone, Debug, Default)]
pub enum ApiKey {
    /// The caller's own, passed through as it came.
    #[default]
    Caller,
    /// This one; the caller's is dropped.
    Own {
        /// The key, without `Bearer`.
        key: Sensitive,
        /// The header it goes into.
        style: KeyStyle,
    },
}

/// The header that carries a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStyle {
    /// `authorization: Bearer …`, as OpenAI and most others read it.
    Bearer,
    /// `x-api-key: …`, as Anthropic reads it.
    XApiKey,
    /// `api-key: …`, as Azure reads it.
    ApiKey,
}

/// A fault in an [`UpstreamConfig`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct ConfigError {
    /// The field at fault, such as `upstreams.openai.base_url`.
    pub field: String,
    /// What is wrong and what would be right; never a key.
    pub message: String,
}

/// An [`UpstreamConfig`] that was checked, with its connections.
pub(super) struct Upstream {
    pub(super) name: Arc<str>,
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    /// Goes before the target; empty or `/…` without a `/` at its end.
    pub(super) prefix: String,
    pub(super) key: Option<(HeaderName, HeaderValue)>,
    pub(super) first_byte_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) total_timeout: Option<Duration>,
    pub(super) max_answer_bytes: usize,
    pub(super) client: HttpClient,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Upstream {
    pub(super) fn new(config: &UpstreamConfig) -> Result<Self, Vec<ConfigError>> {
        let mut faults = Faults { name: &config.name, found: Vec::new() };
        faults.check_name();
        faults.check_limits(config);
        let base = faults.keep("base_url", read_base_url(&config.base_url));
        let key = faults.keep("api_key", key_header(&config.api_key));
        let client = faults.keep("root_certificates", connect::client(config));
        match (base, key, client) {
            (Some((scheme, authority, prefix)), Some(key), Some(client))
                if faults.found.is_empty() =>
            {
                Ok(Self {
                    name: config.name.as_str().into(),
                    scheme,
                    authority,
                    prefix,
                    key,
                    first_byte_timeout: config.first_byte_timeout,
                    idle_timeout: config.idle_timeout,
                    total_timeout: config.total_timeout,
                    max_answer_bytes: config.max_answer_bytes,
                    client,
                })
            }
            _ => Err(faults.found),
        }
    }
}

/// Collects all faults of one upstream, so that the operator sees them at once.
struct Faults<'a> {
    name: &'a str,
    found: Vec<ConfigError>,
}

impl Faults<'_> {
    fn add(&mut self, field: &str, message: impl Into<String>) {
        self.found.push(fault(self.name, field, message));
    }

    fn keep<T>(&mut self, field: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.add(field, message)).ok()
    }

    fn check_name(&mut self) {
        let well_formed = self.name.len() <= 64
            && self.name.starts_with(|c: char| c.is_ascii_lowercase())
            && self
                .name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        if !well_formed {
            self.add(
                "name",
                "expected 1 to 64 characters of a-z, 0-9, - and _, beginning with a letter",
            );
        } else if RESERVED_NAMES.contains(&self.name) {
            self.add("name", "this name is a path of the server itself; choose another");
        }
    }

    fn check_limits(&mut self, config: &UpstreamConfig) {
        let limits = [
            ("connect_timeout_ms", Some(config.connect_timeout)),
            ("first_byte_timeout_ms", Some(config.first_byte_timeout)),
            ("idle_timeout_ms", Some(config.idle_timeout)),
            ("total_timeout_ms", config.total_timeout),
        ];
        for (field, limit) in limits {
            match limit {
                Some(limit) if limit.is_zero() => self.add(field, "must be at least 1"),
                // Far above any use, far below where adding it to the clock could overflow.
                Some(limit) if limit > MAX_LIMIT => self.add(field, "must be at most 30 days"),
                Some(_) | None => {}
            }
        }
        if config.max_answer_bytes == 0 {
            self.add("max_answer_bytes", "must be at least 1");
        }
    }
}

const MAX_LIMIT: Duration = Duration::from_secs(30 * 24 * 3600);

fn fault(name: &str, field: &str, message: impl Into<String>) -> ConfigError {
    ConfigError { field: format!("upstreams.{name}.{field}"), message: message.into() }
}

/// One fault for each name that stands twice.
pub(super) fn duplicates(configs: &[UpstreamConfig]) -> Vec<ConfigError> {
    let repeated = configs
        .iter()
        .enumerate()
        .filter(|(index, config)| configs[..*index].iter().any(|other| other.name == config.name));
    repeated
        .map(|(_, config)| fault(&config.name, "name", "stands twice; give each upstream its own"))
        .collect()
}

pub(super) fn default_index(
    configs: &[UpstreamConfig],
    default: Option<&str>,
) -> Result<Option<usize>, ConfigError> {
    let Some(name) = default else {
        return Ok(if configs.is_empty() { None } else { Some(0) });
    };
    let found = configs.iter().position(|config| config.name == name);
    found.map(Some).ok_or_else(|| ConfigError {
        field: "default_upstream".into(),
        message: format!("no upstream is named {name:?}; add it with --upstream {name}=BASE_URL"),
    })
}

/// Scheme, authority and the path before `/v1`.
fn read_base_url(text: &str) -> Result<(Scheme, Authority, String), String> {
    const EXPECTED: &str = "expected an origin such as https://api.openai.com or http://[::1]:8080";
    let uri: Uri = text.parse().map_err(|_| format!("{EXPECTED}, found no URL"))?;
    let parts = uri.into_parts();
    let scheme = parts.scheme.ok_or(format!("{EXPECTED}; the scheme is missing"))?;
    if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
        return Err(format!("{EXPECTED}; the scheme must be http or https"));
    }
    let authority = parts.authority.ok_or(format!("{EXPECTED}; the host is missing"))?;
    if authority.as_str().contains('@') {
        return Err("must hold no user or password; use api_key for credentials".into());
    }
    if authority.host().is_empty() {
        return Err(format!("{EXPECTED}; the host is missing"));
    }
    let path = parts.path_and_query.as_ref();
    if text.contains(['?', '#']) {
        return Err("must hold no query and no fragment".into());
    }
    let prefix = path.map_or("", |path| path.path()).trim_end_matches('/');
    let prefix = prefix.strip_suffix("/v1").unwrap_or(prefix).trim_end_matches('/');
    Ok((scheme, authority, prefix.to_owned()))
}

fn key_header(api_key: &ApiKey) -> Result<Option<(HeaderName, HeaderValue)>, String> {
    let ApiKey::Own { key, style } = api_key else { return Ok(None) };
    let key = key.expose().trim();
    if key.is_empty() {
        return Err("the key is empty; set it, or leave api_key out to pass the caller's on".into());
    }
    let (name, value) = match style {
        KeyStyle::Bearer => (AUTHORIZATION, HeaderValue::try_from(format!("Bearer {key}"))),
        KeyStyle::XApiKey => (HeaderName::from_static("x-api-key"), HeaderValue::try_from(key)),
        KeyStyle::ApiKey => (HeaderName::from_static("api-key"), HeaderValue::try_from(key)),
    };
    let mut value = value.map_err(|_| "the key holds characters that no header can carry")?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_url(text: &str, expected: Result<(&str, &str, &str), &str>) {
        match (read_base_url(text), expected) {
            (Ok((scheme, authority, prefix)), Ok(expected)) => {
                assert_eq!((scheme.as_str(), authority.as_str(), prefix.as_str()), expected);
            }
            (Err(message), Err(part)) => assert!(message.contains(part), "{message}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn base_urls() {
        check_url("https://api.openai.com", Ok(("https", "api.openai.com", "")));
        check_url("https://api.openai.com/", Ok(("https", "api.openai.com", "")));
        check_url("https://api.openai.com/v1/", Ok(("https", "api.openai.com", "")));
        check_url("http://127.0.0.1:9000", Ok(("http", "127.0.0.1:9000", "")));
        check_url("http://[::1]:9000/a/b/", Ok(("http", "[::1]:9000", "/a/b")));
        check_url("http://h.example/api/v1", Ok(("http", "h.example", "/api")));
        check_url("", Err("no URL"));
        check_url("api.openai.com", Err("scheme is missing"));
        check_url("/v1", Err("scheme is missing"));
        check_url("ftp://h.example", Err("http or https"));
        check_url("http://u:p@h.example", Err("no user or password"));
        check_url("http://h.example/?a=1", Err("no query"));
        check_url("http://h.example/#a", Err("no query"));
    }

    #[test]
    fn all_faults_are_told_at_once_with_their_fields() {
        let config = UpstreamConfig {
            idle_timeout: Duration::ZERO,
            api_key: ApiKey::Own { key: Sensitive::new(" "), style: KeyStyle::Bearer },
            root_certificates: Some("/nonexistent/roots.pem".into()),
            ..UpstreamConfig::new("Bad Name", "nowhere")
        };
        let errors = Upstream::new(&config).unwrap_err();
        let fields: Vec<&str> =
            errors.iter().map(|error| error.field.rsplit('.').next().unwrap()).collect();
        assert_eq!(fields, ["name", "idle_timeout_ms", "base_url", "api_key", "root_certificates"]);
    }

    #[test]
    fn reserved_and_repeated_names_are_refused() {
        let reserved = Upstream::new(&UpstreamConfig::new("guard", "http://h.example"));
        assert!(reserved.unwrap_err()[0].message.contains("path of the server"));
        let twice = [
            UpstreamConfig::new("a", "http://h.example"),
            UpstreamConfig::new("a", "http://h2.example"),
        ];
        assert_eq!(duplicates(&twice).len(), 1);
    }

    #[test]
    fn an_unknown_default_names_the_remedy() {
        let error = default_index(&[], Some("openai")).unwrap_err();
        assert!(error.message.contains("--upstream openai="));
    }

    #[test]
    fn debug_of_an_own_key_hides_it() {
        let key = ApiKey::Own { key: Sensitive::new("hidden-key"), style: KeyStyle::ApiKey };
        assert!(!format!("{key:?}").contains("hidden-key"));
    }
}
