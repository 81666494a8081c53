//! Reads the upstreams and the proxies from their settings.

use super::{
    Config,
    meant::{List, Reader},
};
use crate::upstream::{
    ApiKey, Balance, BreakerConfig, HttpVersion, KeyStyle, ProxyConfig, RetryConfig,
    UpstreamConfig, Upstreams,
};

/// All upstreams, sorted by name.
pub(super) fn upstreams(reader: &mut Reader) -> Vec<UpstreamConfig> {
    let proxy = proxy(reader);
    let names = reader.names_under("upstreams");
    names.into_iter().map(|name| upstream(reader, name, &proxy)).collect()
}

fn proxy(reader: &mut Reader) -> ProxyConfig {
    let bypass_is_common = reader.is_common("proxy.bypass");
    ProxyConfig {
        http: reader.optional("proxy.http"),
        https: reader.optional("proxy.https"),
        all: reader.optional("proxy.all"),
        bypass: reader.optional("proxy.bypass"),
        bypass_is_common,
        root_certificates: reader.optional("proxy.root_certificates"),
    }
}

fn upstream(reader: &mut Reader, name: String, proxy: &ProxyConfig) -> UpstreamConfig {
    let default = UpstreamConfig::default();
    let key = |setting: &str| format!("upstreams.{name}.{setting}");
    let versions = [("auto", HttpVersion::Auto), ("1", HttpVersion::One), ("2", HttpVersion::Two)];
    let balances = [("in_order", Balance::InOrder), ("round_robin", Balance::RoundRobin)];
    let (base_url, more_base_urls) = urls(reader, &name);
    UpstreamConfig {
        base_url,
        more_base_urls,
        balance: reader.word(&key("balance"), &balances, default.balance),
        api_path: reader.value(&key("api_path"), default.api_path),
        query: reader.value(&key("query"), default.query),
        models: list(reader, &key("models")),
        model_names: model_names(reader, &key("model_names")),
        fallbacks: list(reader, &key("fallbacks")),
        api_key: api_key(reader, &name),
        connect_timeout: reader.value(&key("connect_timeout_ms"), default.connect_timeout),
        first_byte_timeout: reader.value(&key("first_byte_timeout_ms"), default.first_byte_timeout),
        idle_timeout: reader.value(&key("idle_timeout_ms"), default.idle_timeout),
        total_timeout: reader.optional(&key("total_timeout_ms")),
        pool_idle_timeout: default.pool_idle_timeout,
        max_answer_bytes: reader.value(&key("max_answer_bytes"), default.max_answer_bytes),
        root_certificates: reader.optional(&key("root_certificates")),
        http_version: reader.word(&key("http_version"), &versions, default.http_version),
        proxy: proxy.clone(),
        retry: retry(reader, &name),
        breaker: breaker(reader, &name),
        name,
    }
}

/// The one URL, or the first of several and the others.
fn urls(reader: &mut Reader, name: &str) -> (String, Vec<String>) {
    let (one, several) =
        (format!("upstreams.{name}.base_url"), format!("upstreams.{name}.base_urls"));
    let base_url: Option<String> = reader.optional(&one);
    let mut urls = list(reader, &several);
    match base_url {
        Some(_) if !urls.is_empty() => {
            reader.fault(&one, format!("and {several} are both given"), "give one of them");
            (urls.remove(0), urls)
        }
        Some(url) => (url, Vec::new()),
        None if urls.is_empty() => (String::new(), Vec::new()),
        None => (urls.remove(0), urls),
    }
}

fn retry(reader: &mut Reader, name: &str) -> RetryConfig {
    let default = RetryConfig::default();
    let key = |setting: &str| format!("upstreams.{name}.{setting}");
    let statuses: Option<List<u16>> = reader.optional(&key("retry_statuses"));
    RetryConfig {
        attempts: reader.value(&key("retries"), default.attempts),
        statuses: statuses.map_or(default.statuses, |list| list.0),
        max_wait: reader.value(&key("retry_max_wait_ms"), default.max_wait),
        budget_percent: reader.value(&key("retry_budget_percent"), default.budget_percent),
    }
}

fn breaker(reader: &mut Reader, name: &str) -> BreakerConfig {
    let default = BreakerConfig::default();
    let key = |setting: &str| format!("upstreams.{name}.{setting}");
    BreakerConfig {
        failures: reader.value(&key("breaker_failures"), default.failures),
        percent: reader.value(&key("breaker_percent"), default.percent),
        open: reader.value(&key("breaker_open_ms"), default.open),
    }
}

fn list(reader: &mut Reader, key: &str) -> Vec<String> {
    reader.optional(key).map(|list: List<String>| list.0).unwrap_or_default()
}

/// `FROM=TO` pairs; one without a sign is left for the upstream's own check.
fn model_names(reader: &mut Reader, key: &str) -> Vec<(String, String)> {
    let pair = |pair: String| {
        let (from, to) = pair.split_once('=').unwrap_or((&pair, ""));
        (from.trim().to_owned(), to.trim().to_owned())
    };
    list(reader, key).into_iter().map(pair).collect()
}

fn api_key(reader: &mut Reader, name: &str) -> ApiKey {
    let key = |setting: &str| format!("upstreams.{name}.{setting}");
    let styles = [
        ("authorization", KeyStyle::Bearer),
        ("x-api-key", KeyStyle::XApiKey),
        ("api-key", KeyStyle::ApiKey),
    ];
    let style = reader.word(&key("api_key_header"), &styles, KeyStyle::Bearer);
    match reader.text_or_file(&key("api_key"), &key("api_key_file")) {
        Some(key) => ApiKey::Own { key, style },
        None => ApiKey::Caller,
    }
}

/// The upstreams' own checks, which see more than single settings.
pub(super) fn check(reader: &mut Reader, config: &Config) {
    if let Err(errors) = Upstreams::new(&config.upstreams, config.default_upstream.as_deref()) {
        for error in errors {
            reader.fault(error.field, error.message, "mend it");
        }
    }
}
