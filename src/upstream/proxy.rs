//! By which proxy an upstream is reached.

use super::place::has_wrong_port;
use crate::{sensitive::Sensitive, tls};
use http::{HeaderValue, Uri, uri::Scheme};
use hyper_util::client::proxy::matcher::Matcher;
use rustls::ClientConfig;
use std::{net::IpAddr, path::PathBuf};

/// The proxies of the environment, as `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` name them.
#[derive(Clone, Debug, Default)]
pub struct ProxyConfig {
    /// For `http://` upstreams: `http://[user:password@]host:port`, or the same with `https` or `socks5`.
    pub http: Option<Sensitive>,
    /// For `https://` upstreams, by a tunnel: `http://[user:password@]host:port`, or the same with `https` or `socks5`.
    pub https: Option<Sensitive>,
    /// For upstreams of a scheme that has none above.
    pub all: Option<Sensitive>,
    /// Hosts that are reached without: names with what is below them, addresses, networks, `*` for all. With commas
    /// between them. The machine itself is always reached without.
    pub bypass: Option<String>,
    /// `bypass` is what `NO_PROXY` says to all programs. What seems a network in it and is none is passed over then, not refused.
    pub bypass_is_common: bool,
    /// PEM file of the only roots that proxies spoken to by TLS are checked against; without, those of the system.
    pub root_certificates: Option<PathBuf>,
}

/// The proxy of one upstream.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) uri: Uri,
    pub(super) way: Way,
    /// How it is spoken to by TLS, if it is.
    pub(super) tls: Option<ClientConfig>,
}

/// How a proxy is spoken to.
#[derive(Clone)]
pub(super) enum Way {
    /// It is sent each request, with this key.
    Forward(Option<HeaderValue>),
    /// It opens a connection to the upstream by `CONNECT`, which then is as private as any.
    Tunnel(Option<HeaderValue>),
    /// The same by SOCKS 5 (RFC 1928), with this user and password (RFC 1929).
    Socks(Option<(String, String)>),
}

impl ProxyConfig {
    /// True if something in what `NO_PROXY` says bypasses nothing, though it seems a network.
    pub fn passes_over(&self) -> bool {
        let bypass = self.bypass.as_deref().filter(|_| self.bypass_is_common);
        bypass.is_some_and(|bypass| check_bypass(bypass).is_err())
    }
}

impl Proxy {
    /// What each request has to carry; a tunnel is paid for once, when it is opened.
    pub(super) fn key_of_each_request(self) -> Option<HeaderValue> {
        match self.way {
            Way::Forward(key) => key,
            Way::Tunnel(_) | Way::Socks(_) => None,
        }
    }
}

/// The proxy for a base URL, if there is one for it.
pub(super) fn of(config: &ProxyConfig, base_url: &str) -> Result<Option<Proxy>, String> {
    let Ok(target) = base_url.parse::<Uri>() else { return Ok(None) };
    if target.host().is_none_or(is_own_machine) {
        return Ok(None);
    }
    let tunnels = target.scheme() == Some(&Scheme::HTTPS);
    let url = if tunnels { &config.https } else { &config.http };
    let url = url.as_ref().or(config.all.as_ref()).map_or("", |url| url.expose().trim());
    let matcher = Matcher::builder()
        .http(url)
        .https(url)
        .no(config.bypass.as_deref().unwrap_or_default())
        .build();
    if !url.is_empty() && !config.bypass_is_common {
        check_bypass(config.bypass.as_deref().unwrap_or_default())?;
    }
    match matcher.intercept(&target) {
        Some(found) if found.uri().authority().is_some_and(has_wrong_port) => {
            Err(EXPECTED.to_owned())
        }
        Some(found) => match found.uri().scheme_str() {
            Some(scheme @ ("http" | "https")) => {
                let tls = (scheme == "https").then(|| tls(config)).transpose()?;
                let key = found.basic_auth().cloned().map(|mut key| {
                    key.set_sensitive(true);
                    key
                });
                let way = if tunnels { Way::Tunnel(key) } else { Way::Forward(key) };
                Ok(Some(Proxy { uri: found.uri().clone(), way, tls }))
            }
            Some("socks5" | "socks5h") => {
                let uri = with_socks_port(found.uri()).ok_or(EXPECTED)?;
                let signed_in = found.raw_auth();
                let signed_in = signed_in.map(|(user, word)| (user.to_owned(), word.to_owned()));
                Ok(Some(Proxy { uri, way: Way::Socks(signed_in), tls: None }))
            }
            _ => Err(EXPECTED.to_owned()),
        },
        None if !url.is_empty() && unreadable(url) => Err(EXPECTED.to_owned()),
        None => Ok(None),
    }
}

const EXPECTED: &str = "the URL of the proxy is not of the form http://[user:password@]host:port, or the same with https or socks5";

fn tls(config: &ProxyConfig) -> Result<ClientConfig, String> {
    let roots = tls::roots(config.root_certificates.as_deref());
    tls::client(roots.map_err(|fault| format!("proxy.root_certificates: {fault}"))?, None)
}

/// 1080 is what SOCKS proxies listen on where nothing else is said.
fn with_socks_port(uri: &Uri) -> Option<Uri> {
    let host = uri.host()?;
    let says_none = uri.authority()?.as_str() == host;
    let port = if says_none { 1080 } else { uri.port_u16()? };
    Uri::builder()
        .scheme("http")
        .authority(format!("{host}:{port}"))
        .path_and_query("/")
        .build()
        .ok()
}

/// What seems a network must be one, or it would bypass nothing.
fn check_bypass(bypass: &str) -> Result<(), String> {
    let is_network = |item: &str| {
        let (address, length) = item.split_once('/')?;
        let most = if address.parse::<IpAddr>().ok()?.is_ipv4() { 32 } else { 128 };
        length.parse().ok().filter(|length: &u8| *length <= most)
    };
    let networks = bypass.split(',').map(str::trim).filter(|item| item.contains('/'));
    match { networks }.find(|item| is_network(item).is_none()) {
        Some(wrong) => Err(format!("bypass: {wrong} is no network such as 10.0.0.0/8 or fd00::/8")),
        None => Ok(()),
    }
}

/// Whether no upstream at all would be reached by this proxy.
fn unreadable(url: &str) -> bool {
    let any = Uri::from_static("http://upstream.example");
    Matcher::builder().http(url).build().intercept(&any).is_none()
}

fn is_own_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(http: &str, https: &str, bypass: &str) -> ProxyConfig {
        let url = |url: &str| (!url.is_empty()).then(|| Sensitive::new(url));
        ProxyConfig {
            http: url(http),
            https: url(https),
            all: None,
            bypass: Some(bypass.to_owned()),
            bypass_is_common: false,
            root_certificates: None,
        }
    }

    #[track_caller]
    fn check(config: &ProxyConfig, base_url: &str, expected: Option<&str>) {
        let proxy = of(config, base_url).unwrap();
        let found = proxy.map(|proxy| proxy.uri.authority().unwrap().to_string());
        assert_eq!(found.as_deref(), expected, "{base_url}");
    }

    #[test]
    fn each_scheme_has_its_proxy_and_some_hosts_have_none() {
        let config =
            config("http://plain:3128", "tunnel:3129", "internal.example, 10.0.0.0/8,[fd00::1]");
        check(&config, "http://llm.example/v1", Some("plain:3128"));
        check(&config, "https://llm.example", Some("tunnel:3129"));
        check(&config, "https://internal.example", None);
        check(&config, "https://llm.internal.example:8443", None);
        check(&config, "http://10.1.2.3:8000", None);
        check(&config, "http://11.1.2.3:8000", Some("plain:3128"));
        for own in [
            "http://localhost:1",
            "https://127.0.0.9",
            "http://[::1]:8",
            "http://[::ffff:127.0.0.1]",
        ] {
            check(&config, own, None);
        }
        check(&ProxyConfig::default(), "https://llm.example", None);
    }

    #[test]
    fn what_seems_a_network_to_bypass_must_be_one() {
        for (bypass, is_right) in [
            ("10.0.0.0/8, fd00::/8,internal.example", true),
            ("10.0.0.0/99", false),
            ("internal.example, fd00::/129", false),
            ("http://internal.example", false),
        ] {
            let found = of(&config("http://plain:3128", "", bypass), "http://llm.example");
            assert_eq!(found.is_ok(), is_right, "{bypass}");
        }
    }

    #[test]
    fn a_star_bypasses_all() {
        check(&config("http://plain:3128", "", "*"), "http://llm.example", None);
    }

    #[test]
    fn the_key_goes_into_the_tunnel_or_into_each_request() {
        let config = config("http://ann:pa%20ss@plain:3128", "http://ann:pa%20ss@plain:3128", "");
        for (base_url, each) in [("http://llm.example", true), ("https://llm.example", false)] {
            let proxy = of(&config, base_url).unwrap().unwrap();
            let (Way::Forward(key) | Way::Tunnel(key)) = &proxy.way else { panic!("it is SOCKS") };
            assert_eq!(key.as_ref().unwrap(), "Basic YW5uOnBhIHNz");
            assert_eq!(proxy.key_of_each_request().is_some(), each, "{base_url}");
        }
    }

    #[test]
    fn one_proxy_may_be_for_all_and_speak_socks() {
        let all = Some(Sensitive::new("socks5h://ann:pa%20ss@socks.example"));
        let config = ProxyConfig { all, ..config("", "http://tunnel:3129", "internal.example") };
        check(&config, "http://llm.example", Some("socks.example:1080"));
        check(&config, "https://llm.example", Some("tunnel:3129"));
        check(&config, "http://internal.example", None);
        let Way::Socks(signed_in) = of(&config, "http://llm.example").unwrap().unwrap().way else {
            panic!("it is no SOCKS")
        };
        assert_eq!(signed_in, Some(("ann".to_owned(), "pa ss".to_owned())));
    }

    #[test]
    fn other_kinds_of_proxies_are_refused_without_their_password() {
        for url in [
            "socks4://u:hunter2@p:1",
            "socks5://u:hunter2@p:99999",
            "http://u:hunter2@p:99999",
            "https://p:99999",
            "http://u:hunter2@p:0",
            "http://u:hunter2@",
        ] {
            let error = of(&config("", url, ""), "https://llm.example").err().unwrap();
            assert!(error.contains("http://[user") && !error.contains("hunter2"), "{url}: {error}");
        }
    }
}
