//! Reads the upstreams and the proxies from their settings.

use super::{
    Config,
    meant::{List, Reader},
};
use crate::upstream::{
    ApiKey, Balance, BreakerConfig, HttpVersion, KeyStyle, ProxyConfig, RetryConfig,
    UpstreamConfig, Upstreams,
};
use http::Uri;
use std::net::{IpAddr, SocketAddr};

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
    if statuses.as_ref().is_some_and(|list| list.0.is_empty()) {
        reader.fault(
            key("retry_statuses"),
            "names no status",
            "name some, or remove it (retries: 0 sends nothing again)",
        );
    }
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
    for upstream in &config.upstreams {
        let mut urls = std::iter::once(&upstream.base_url).chain(&upstream.more_base_urls);
        if urls.any(|url| leads_to(url, config.server.listen)) {
            reader.fault(
                format!("upstreams.{}.base_url", upstream.name),
                "is where server.listen is: each request would come back here, again and again",
                "write the address of the upstream, or another one in server.listen",
            );
        }
    }
    if let Err(errors) = Upstreams::new(&config.upstreams, config.default_upstream.as_deref()) {
        for error in errors {
            reader.fault(error.field, error.message, "mend it");
        }
    }
}

/// True if what is sent to the URL comes to this listener, as far as that is seen without asking for names.
fn leads_to(url: &str, listen: SocketAddr) -> bool {
    let Ok(url) = url.parse::<Uri>() else { return false };
    let usual = match url.scheme_str() {
        Some("https") => 443,
        Some(_) | None => 80,
    };
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_this_machine = host.eq_ignore_ascii_case("localhost");
    let address = host.parse().map(|address: IpAddr| address.to_canonical());
    let here = listen.ip().to_canonical();
    let reaches = |address: IpAddr| {
        let of_this_machine = address.is_loopback() || address.is_unspecified();
        address == here
            || here.is_unspecified() && of_this_machine
            || here.is_loopback() && address.is_unspecified()
    };
    let leads_here = match address {
        Ok(address) => reaches(address),
        Err(_) => is_this_machine && (here.is_loopback() || here.is_unspecified()),
    };
    leads_here && listen.port() == url.port_u16().unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_leads_to_the_listener_is_known() {
        for (url, listen, expected) in [
            ("http://127.0.0.1:8000", "127.0.0.1:8000", true),
            ("http://127.0.0.1:8001", "127.0.0.1:8000", false),
            ("http://127.0.0.2:8000", "127.0.0.1:8000", false),
            ("http://LOCALHOST:8000/v1", "127.0.0.1:8000", true),
            ("http://localhost", "[::1]:80", true),
            ("https://0.0.0.0", "127.0.0.1:443", true),
            ("http://127.0.0.2:8000", "0.0.0.0:8000", true),
            ("http://[::ffff:127.0.0.1]:8000", "[::]:8000", true),
            ("http://192.0.2.7:8000", "0.0.0.0:8000", false),
            ("http://192.0.2.7:8000", "192.0.2.7:8000", true),
            ("http://model.example:8000", "127.0.0.1:8000", false),
            ("no url", "127.0.0.1:80", false),
        ] {
            assert_eq!(leads_to(url, listen.parse().unwrap()), expected, "{url} {listen}");
        }
    }
}
