//! The checked form of what an operator says of upstreams.

use super::{
    breaker::Breaker,
    config::{ApiKey, ConfigError, KeyStyle, UpstreamConfig},
    connect::{self, HttpClient},
    glob::Glob,
    measure::Meters,
    place, proxy,
    retry::{Budget, RetryConfig},
};
use http::{
    HeaderName, HeaderValue,
    header::AUTHORIZATION,
    uri::{Authority, Scheme},
};
use std::{fmt, sync::Arc, time::Duration};

/// Names that are the first segment of a path of ours, and so cannot name an upstream.
const RESERVED_NAMES: [&str; 8] =
    ["v1", "guard", "health", "livez", "readyz", "metrics", "docs", "openapi"];

/// An [`UpstreamConfig`] that was checked, with its connections.
pub(super) struct Upstream {
    pub(super) name: Arc<str>,
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    /// Goes before the target; empty or `/…` without a `/` at its end.
    pub(super) prefix: String,
    pub(super) api_path: String,
    pub(super) query: String,
    pub(super) models: Vec<Glob>,
    pub(super) model_names: Vec<(Glob, String)>,
    pub(super) key: Option<(HeaderName, HeaderValue)>,
    pub(super) first_byte_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) total_timeout: Option<Duration>,
    pub(super) max_answer_bytes: usize,
    pub(super) client: HttpClient,
    /// For a proxy that sees each request, rather than a tunnel.
    pub(super) proxy_key: Option<HeaderValue>,
    pub(super) retry: RetryConfig,
    pub(super) budget: Budget,
    pub(super) breaker: Arc<Breaker>,
    pub(super) meters: Arc<Meters>,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Upstream {
    /// The upstream at its first URL, and then at its others.
    pub(super) fn all_of(config: &UpstreamConfig) -> Result<Vec<Self>, Vec<ConfigError>> {
        let mut all = vec![Self::new(config)?];
        for (nth, url) in (2..).zip(&config.more_base_urls) {
            let config = UpstreamConfig { base_url: url.clone(), ..config.clone() };
            // No upstream can have such a name.
            let label = format!("{}.{nth}", config.name).into();
            all.push(Self::labelled(&config, label).map_err(of_several)?);
        }
        // Named only now: a URL that holds a password has been refused.
        let urls: Vec<&str> = std::iter::once(&config.base_url)
            .chain(&config.more_base_urls)
            .map(|url| url.trim_end_matches('/'))
            .collect();
        if let Some(twice) = (1..urls.len()).find(|nth| urls[..*nth].contains(&urls[*nth])) {
            let message = format!("names {} twice; name it once", urls[twice]);
            return Err(vec![fault(&config.name, "base_urls", message)]);
        }
        Ok(all)
    }

    fn new(config: &UpstreamConfig) -> Result<Self, Vec<ConfigError>> {
        Self::labelled(config, config.name.as_str().into())
    }

    /// An upstream that is measured under this name.
    fn labelled(config: &UpstreamConfig, name: Arc<str>) -> Result<Self, Vec<ConfigError>> {
        let mut faults = Faults { name: &config.name, found: Vec::new() };
        faults.check_name();
        faults.check_limits(config);
        faults.check_paths(config);
        faults.check_retries(config);
        let base = faults.keep("base_url", place::read_base_url(&config.base_url));
        let key = faults.keep("api_key", key_header(&config.api_key));
        let proxy = faults.keep("proxy", proxy::of(&config.proxy, &config.base_url));
        let client = proxy.as_ref().and_then(|proxy| {
            faults.keep("root_certificates", connect::client(config, proxy.as_ref()))
        });
        match (base, key, client) {
            (Some(base), Some(key), Some(client)) if faults.found.is_empty() => {
                let proxy_key = proxy.flatten().and_then(|proxy| proxy.key_of_each_request());
                Ok(Self { proxy_key, ..Self::checked(name, config, base, key, client) })
            }
            _ => Err(faults.found),
        }
    }

    fn checked(
        name: Arc<str>,
        config: &UpstreamConfig,
        (scheme, authority, prefix): (Scheme, Authority, String),
        key: Option<(HeaderName, HeaderValue)>,
        client: HttpClient,
    ) -> Self {
        let renamed = |(from, to): &(String, String)| (Glob::new(from), to.clone());
        Self {
            scheme,
            authority,
            prefix,
            api_path: config.api_path.trim_end_matches('/').to_owned(),
            query: config.query.trim_start_matches('?').to_owned(),
            models: config.models.iter().map(|model| Glob::new(model)).collect(),
            model_names: config.model_names.iter().map(renamed).collect(),
            key,
            first_byte_timeout: config.first_byte_timeout,
            idle_timeout: config.idle_timeout,
            total_timeout: config.total_timeout,
            max_answer_bytes: config.max_answer_bytes,
            client,
            proxy_key: None,
            retry: config.retry.clone(),
            budget: Budget::new(config.retry.budget_percent),
            breaker: Arc::new(Breaker::new(Arc::clone(&name), config.breaker)),
            meters: Arc::new(Meters::new(&name)),
            name,
        }
    }

    /// The name that a model has here.
    pub(super) fn model_name<'n>(&'n self, asked: &'n str) -> &'n str {
        let renamed = self.model_names.iter().find(|(from, _)| from.matches(asked));
        renamed.map_or(asked, |(_, to)| to)
    }

    /// Whether requests to it depend on their model.
    pub(super) fn reads_model(&self) -> bool {
        !self.model_names.is_empty() || self.api_path.contains(place::MODEL)
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

    fn check_paths(&mut self, config: &UpstreamConfig) {
        self.keep("api_path", place::check_api_path(&config.api_path));
        self.keep("query", place::check_query(&config.query));
        self.keep("model_names", check_model_names(&config.model_names));
        if config.models.iter().any(String::is_empty) {
            self.add("models", "expected names of models, in which * stands for any characters");
        }
    }

    fn check_retries(&mut self, config: &UpstreamConfig) {
        let RetryConfig { attempts, statuses, max_wait, budget_percent } = &config.retry;
        if *attempts > 10 {
            self.add("retries", "must be at most 10");
        }
        if statuses.iter().any(|status| !(400..=599).contains(status)) {
            self.add("retry_statuses", "expected statuses from 400 to 599");
        }
        if *max_wait > MAX_LIMIT {
            self.add("retry_max_wait_ms", "must be at most 30 days");
        }
        if *budget_percent > 1000 {
            self.add("retry_budget_percent", "must be at most 1000");
        }
        if config.breaker.percent > 100 {
            self.add("breaker_percent", "must be at most 100");
        }
        if config.breaker.open > MAX_LIMIT {
            self.add("breaker_open_ms", "must be at most 30 days");
        }
        if config.breaker.open.is_zero()
            && (config.breaker.failures, config.breaker.percent) != (0, 0)
        {
            let remedy = "is 0, which leaves it alone for no time; breaker_failures and breaker_percent of 0 say that";
            self.add("breaker_open_ms", remedy);
        }
    }
}

const MAX_LIMIT: Duration = Duration::from_secs(30 * 24 * 3600);

fn fault(name: &str, field: &str, message: impl Into<String>) -> ConfigError {
    ConfigError { field: format!("upstreams.{name}.{field}"), message: message.into() }
}

/// The same faults, told of the list that the URL is from.
fn of_several(mut faults: Vec<ConfigError>) -> Vec<ConfigError> {
    for fault in faults.iter_mut().filter(|fault| fault.field.ends_with(".base_url")) {
        fault.field.push('s');
    }
    faults
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

/// One fault for each fallback that cannot be one.
pub(super) fn wrong_fallbacks(configs: &[UpstreamConfig]) -> Vec<ConfigError> {
    let known = |name: &String| configs.iter().any(|config| config.name == *name);
    let mut wrong = Vec::new();
    for config in configs {
        for (index, name) in config.fallbacks.iter().enumerate() {
            let message = if *name == config.name {
                "names the upstream itself; name others".to_owned()
            } else if !known(name) {
                format!("no upstream is named {name:?}; add it under upstreams")
            } else if config.fallbacks[..index].contains(name) {
                format!("{name:?} stands twice; name it once")
            } else {
                continue;
            };
            wrong.push(fault(&config.name, "fallbacks", message));
        }
    }
    wrong
}

/// One fault for each two upstreams that a model could both be asked of.
pub(super) fn ambiguous_models(configs: &[UpstreamConfig]) -> Vec<ConfigError> {
    let mut ambiguous = Vec::new();
    for (index, config) in configs.iter().enumerate() {
        for other in &configs[..index] {
            if let Some((pattern, others)) = overlap(config, other) {
                let message = format!(
                    "{pattern:?} and {others:?} of upstream {:?} can be the same model; make them differ, or leave what \
                     is left over to the default upstream",
                    other.name
                );
                ambiguous.push(fault(&config.name, "models", message));
            }
        }
    }
    ambiguous
}

fn overlap<'c>(
    config: &'c UpstreamConfig,
    other: &'c UpstreamConfig,
) -> Option<(&'c String, &'c String)> {
    let pairs = config.models.iter().flat_map(|one| other.models.iter().map(move |two| (one, two)));
    pairs.into_iter().find(|(one, two)| Glob::new(one).overlaps(&Glob::new(two)))
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

fn check_model_names(names: &[(String, String)]) -> Result<(), String> {
    if names.iter().any(|(from, to)| from.is_empty() || to.is_empty()) {
        return Err("expected FROM=TO with commas between them".into());
    }
    for (nth, (from, _)) in names.iter().enumerate() {
        // What stands for a star in the later pattern is one character to the earlier one, which only its own star takes.
        let earlier = names[..nth].iter().find(|(earlier, _)| Glob::new(earlier).matches(from));
        if let Some((earlier, _)) = earlier {
            return Err(format!(
                "{from:?} is never reached: {earlier:?} stands before it and fits all that it fits; put it first, or remove it"
            ));
        }
    }
    Ok(())
}

fn key_header(api_key: &ApiKey) -> Result<Option<(HeaderName, HeaderValue)>, String> {
    let ApiKey::Own { key, style } = api_key else { return Ok(None) };
    let key = key.expose().trim();
    if key.is_empty() {
        return Err("the key is empty; set it, or leave api_key out to pass the caller's on".into());
    }
    let has_scheme = key.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("bearer "));
    if *style == KeyStyle::Bearer && has_scheme {
        return Err("the key begins with `Bearer`, which is added to it; leave that out".into());
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
    use crate::sensitive::Sensitive;

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
    fn fallbacks_are_other_upstreams_each_once() {
        let naming = |names: &[&str]| UpstreamConfig {
            fallbacks: names.iter().map(|name| (*name).to_owned()).collect(),
            ..UpstreamConfig::new("a", "http://h.example")
        };
        let b = UpstreamConfig::new("b", "http://h2.example");
        assert_eq!(wrong_fallbacks(&[naming(&["b"]), b.clone()]), []);
        assert_eq!(wrong_fallbacks(&[naming(&["a", "b", "b", "c"]), b]).len(), 3);
    }

    #[test]
    fn models_of_two_upstreams_must_differ() {
        let serving = |name: &str, models: &[&str]| UpstreamConfig {
            models: models.iter().map(|model| (*model).to_owned()).collect(),
            ..UpstreamConfig::new(name, "http://h.example")
        };
        let (a, b) = (serving("a", &["gpt-*", "o*"]), serving("b", &["claude-*"]));
        assert_eq!(ambiguous_models(&[a.clone(), b.clone()]), []);
        let found = ambiguous_models(&[a, b, serving("c", &["*-4o", "claude-4"])]);
        assert_eq!(found.len(), 2);
        assert!(found[0].message.contains("\"*-4o\" and \"gpt-*\" of upstream \"a\""), "{found:?}");
    }

    #[test]
    fn paths_queries_and_retries_are_checked() {
        let config = UpstreamConfig {
            api_path: "openai/{deployment}".into(),
            query: "a b".into(),
            model_names: vec![("a".into(), String::new())],
            retry: RetryConfig { attempts: 11, statuses: vec![200], ..RetryConfig::default() },
            ..UpstreamConfig::new("a", "http://h.example")
        };
        let errors = Upstream::new(&config).unwrap_err();
        let fields: Vec<&str> =
            errors.iter().map(|error| error.field.rsplit('.').next().unwrap()).collect();
        assert_eq!(fields, ["api_path", "query", "model_names", "retries", "retry_statuses"]);
    }

    #[test]
    fn a_name_of_a_model_that_no_request_would_get_is_a_fault() {
        for (names, fault) in [
            (&[("gpt-4o", "a"), ("gpt-*", "b"), ("*", "c")][..], None),
            (&[("gpt-4o", "a"), ("gpt-4o", "b")], Some("\"gpt-4o\" is never reached: \"gpt-4o\"")),
            (&[("*", "a"), ("gpt-*", "b")], Some("\"gpt-*\" is never reached: \"*\"")),
            (&[("a*c", "a"), ("ab*c", "b")], Some("\"ab*c\" is never reached: \"a*c\"")),
            (&[("ab*c", "a"), ("a*c", "b")], None),
            (&[("a", "")], Some("FROM=TO")),
        ] {
            let names: Vec<_> = names.iter().map(|(f, t)| ((*f).into(), (*t).into())).collect();
            match (check_model_names(&names), fault) {
                (Ok(()), None) => {}
                (Err(message), Some(part)) => assert!(message.contains(part), "{message}"),
                (found, _) => panic!("{names:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_key_with_its_scheme_is_a_fault_where_that_is_added() {
        let own = |style| ApiKey::Own { key: Sensitive::new("bearer invented-key"), style };
        assert!(key_header(&own(KeyStyle::Bearer)).unwrap_err().contains("`Bearer`"));
        assert!(key_header(&own(KeyStyle::ApiKey)).is_ok());
    }

    #[test]
    fn debug_of_an_own_key_hides_it() {
        let key = ApiKey::Own { key: Sensitive::new("hidden-key"), style: KeyStyle::ApiKey };
        assert!(!format!("{key:?}").contains("hidden-key"));
    }
}
