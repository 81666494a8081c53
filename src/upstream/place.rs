//! Where an upstream is asked: the parts of its URLs that an operator writes.

use crate::{percent, wire::climbs};
use http::{
    Uri,
    uri::{Authority, PathAndQuery, Scheme},
};

/// What stands for the request's model in the path of an API.
pub(super) const MODEL: &str = "{model}";

const CLIMBS: &str =
    "must hold no . or .. segments, which lead to another path; write where it leads";

/// Scheme, authority and the path before `/v1`.
pub(super) fn read_base_url(text: &str) -> Result<(Scheme, Authority, String), String> {
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
    if has_wrong_port(&authority) {
        return Err(format!("{EXPECTED}; the port must be from 1 to 65535"));
    }
    let path = parts.path_and_query.as_ref();
    if text.contains(['?', '#']) {
        return Err("must hold no query and no fragment".into());
    }
    let prefix = path.map_or("", |path| path.path()).trim_end_matches('/');
    if climbs(prefix) {
        return Err(CLIMBS.into());
    }
    if prefix.contains(['{', '}']) {
        return Err("must hold no { or }; {model} belongs into api_path".into());
    }
    let prefix = prefix.strip_suffix("/v1").unwrap_or(prefix).trim_end_matches('/');
    Ok((scheme, authority, prefix.to_owned()))
}

/// True for a port that is none: it would be left out, and the usual one of the scheme asked.
pub(super) fn has_wrong_port(authority: &Authority) -> bool {
    let host = authority.as_str().rsplit('@').next().unwrap_or_default();
    host.len() > authority.host().len() && authority.port_u16().is_none_or(|port| port == 0)
}

/// What takes the place of `/v1`.
pub(super) fn check_api_path(text: &str) -> Result<(), String> {
    let path = text.replace(MODEL, "model");
    let is_path = path.is_empty() || path.starts_with('/') && path.parse::<PathAndQuery>().is_ok();
    if !is_path || path.contains(['?', '#', '{', '}']) {
        return Err("expected a path such as /v1 or /openai/deployments/{model}".into());
    }
    if climbs(&path) {
        return Err(CLIMBS.into());
    }
    if path.contains("//") {
        return Err("must hold no empty segment (//)".into());
    }
    if has_broken_escape(&path) {
        return Err("must be percent-encoded: a % is written %25".into());
    }
    Ok(())
}

/// True for a `%` without two digits behind it.
fn has_broken_escape(text: &str) -> bool {
    text.match_indices('%').any(|(at, _)| percent::byte(&text.as_bytes()[at..]).is_none())
}

/// What is added to the query string.
pub(super) fn check_query(text: &str) -> Result<(), String> {
    let query = format!("/?{text}");
    if query.contains('#') || query.parse::<PathAndQuery>().is_err() || has_broken_escape(text) {
        return Err("expected NAME=VALUE pairs with & between them, percent-encoded".into());
    }
    Ok(())
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
        check_url("http://h.example:99999", Err("from 1 to 65535"));
        check_url("http://h.example:0", Err("from 1 to 65535"));
        check_url("http://h.example:", Err("from 1 to 65535"));
        check_url("http://[::1]", Ok(("http", "[::1]", "")));
        check_url("http://h.example/a/../b", Err("segments"));
        check_url("http://h.example/%2e%2e/b", Err("segments"));
        check_url("http://h.example/{model}", Err("belongs into api_path"));
    }

    #[test]
    fn queries() {
        for good in ["", "api-version=2024-10-21", "a=%20&a=2", "flag"] {
            assert_eq!(check_query(good), Ok(()), "{good}");
        }
        for wrong in ["a b", "a=1#b", "a=%zz", "a=5%"] {
            assert!(check_query(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn paths_of_an_api() {
        for good in ["", "/", "/v1", "/v1/", "/openai/deployments/{model}", "/v1.1/..a"] {
            assert_eq!(check_api_path(good), Ok(()), "{good}");
        }
        for (wrong, part) in [
            ("v1", "expected a path"),
            ("/v1?a=1", "expected a path"),
            ("/{deployment}", "expected a path"),
            ("/v1/../admin", "segments"),
            ("/%2e%2E", "segments"),
            ("/v1//x", "empty segment"),
            ("/v1/50%", "percent-encoded"),
        ] {
            assert!(check_api_path(wrong).unwrap_err().contains(part), "{wrong}");
        }
    }
}
