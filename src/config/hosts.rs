//! By which names the service may be called.
//!
//! A web page can have its own name resolve to an address of this machine, and then call what listens there as its own origin (DNS
//! rebinding): the name is all that tells it. So where only this machine can call, names that anybody could have registered are
//! refused. An address is nobody's name, and neither are `localhost`, names without a dot and those below `internal`, which
//! containers have for the machine that they run on, `local` (a network's own, and those of services in a cluster), `home.arpa` and
//! `test`.

use http::{HeaderMap, Uri, header, uri::Authority};
use std::net::IpAddr;

/// Names that are accepted beside those that nobody can register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(pub Vec<Host>);

/// Below these nobody can register a name.
const NOBODYS: [&str; 5] = [".localhost", ".internal", ".local", ".home.arpa", ".test"];

/// A name, or a set of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// Every name.
    Any,
    /// This one, in lower case.
    One(String),
    /// Those that end so, such as `.example.org`.
    Below(String),
}

impl Host {
    /// Reads `guard.example.org`, `*.example.org` or `*`; without a port. `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let name = text.to_ascii_lowercase();
        if name == "*" {
            return Some(Self::Any);
        }
        let is_name = |name: &str| {
            name.split('.').all(|label| {
                let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
                !label.is_empty() && label.bytes().all(is_plain)
            })
        };
        match name.strip_prefix('*') {
            Some(parent) => {
                let is_parent = parent.strip_prefix('.').is_some_and(is_name);
                is_parent.then(|| Self::Below(parent.to_owned()))
            }
            None => is_name(&name).then_some(Self::One(name)),
        }
    }

    fn includes(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(name) => name == host,
            Self::Below(parent) => {
                host.strip_suffix(parent.as_str()).is_some_and(|it| !it.is_empty())
            }
        }
    }
}

impl Hosts {
    /// Whether a request may be answered at this address by the name that it calls.
    pub fn accept(&self, listener: IpAddr, uri: &Uri, headers: &HeaderMap) -> bool {
        // Whatever it says then, and if that is no name at all.
        if self.0.contains(&Host::Any) {
            return true;
        }
        if self.0.is_empty() && !listener.to_canonical().is_loopback() {
            return true;
        }
        let named = headers.get_all(header::HOST).iter().map(|host| host.as_bytes());
        let mut named = named.chain(uri.authority().map(|authority| authority.as_str().as_bytes()));
        named
            .all(|authority| Authority::try_from(authority).is_ok_and(|it| self.include(it.host())))
    }

    fn include(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let address = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(&host);
        let is_nobodys = address.parse::<IpAddr>().is_ok()
            || !host.contains('.')
            || NOBODYS.iter().any(|end| host.ends_with(end));
        is_nobodys || self.0.iter().any(|known| known.includes(&host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1";
    const EVERYWHERE: &str = "0.0.0.0";

    #[track_caller]
    fn check(names: &[&str], listener: &str, called: &str, expected: bool) {
        let hosts = Hosts(names.iter().map(|name| Host::parse(name).unwrap()).collect());
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, called.parse().unwrap());
        let listener = listener.parse().unwrap();
        let accepted = hosts.accept(listener, &Uri::from_static("/v1/models"), &headers);
        assert_eq!(accepted, expected, "{called} at {listener}");
        // HTTP/2 has it in the URI.
        if let Ok(uri) = format!("http://{called}/v1/models").parse() {
            assert_eq!(hosts.accept(listener, &uri, &HeaderMap::new()), expected, "{called}");
        }
    }

    #[test]
    fn where_only_this_machine_can_call_names_that_anybody_can_have_are_refused() {
        for called in [
            "localhost:8000",
            "LocalHost",
            "localhost.",
            "app.localhost:8000",
            "127.0.0.1:8000",
            "[::1]:8000",
            "10.1.2.3",
            "guard:8000",
            "host.docker.internal:8000",
            "printer.local",
            "guard.tools.svc.cluster.local:8000",
            "guard.home.arpa",
            "guard.test:8000",
        ] {
            check(&[], HERE, called, true);
        }
        for called in [
            "evil.example:8000",
            "127.0.0.1.evil.example",
            "localhost.evil.example.",
            "notlocal.arpa",
            "",
        ] {
            for listener in [HERE, "::1", "::ffff:127.0.0.1", "127.0.0.53"] {
                check(&[], listener, called, false);
            }
        }
    }

    #[test]
    fn elsewhere_every_name_is_accepted() {
        for listener in [EVERYWHERE, "::", "10.0.0.7"] {
            check(&[], listener, "guard.example.org:8000", true);
        }
    }

    #[test]
    fn names_that_are_given_are_accepted_and_no_others_anywhere() {
        for listener in [HERE, EVERYWHERE] {
            let names = ["guard.example.org", "*.corp.example"];
            check(&names, listener, "Guard.example.org:8000", true);
            check(&names, listener, "a.b.corp.example", true);
            check(&names, listener, "10.0.0.7:8000", true);
            check(&names, listener, "corp.example", false);
            check(&names, listener, "evil.example", false);
            for called in ["evil.example", "", "evil.example:port", "a b"] {
                check(&["*"], listener, called, true);
            }
        }
    }

    #[test]
    fn who_names_none_is_no_browser() {
        let here = HERE.parse().unwrap();
        assert!(Hosts::default().accept(here, &Uri::from_static("/"), &HeaderMap::new()));
    }

    #[test]
    fn what_is_no_name_is_not_taken_for_one() {
        for text in [
            "",
            "guard.example.org:8000",
            "https://a.example",
            "*example.org",
            "a.*.org",
            "a..b",
            "[::1]",
        ] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }
}
