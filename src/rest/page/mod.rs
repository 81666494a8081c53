//! The page at `/`: what goes on now, and a playground. Plain files that are compiled in; nothing is loaded from elsewhere.
//!
//! It reads `/metrics` and uses `/guard/v1`, like any other client.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, header};

/// A file of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File {
    /// `/`
    Index,
    /// `/page.css`
    Style,
    /// `/page.js`
    Script,
}

/// Only what this process serves may be loaded or asked, and nobody may frame the page: it shows what people type.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

impl File {
    /// The file at a path.
    pub(super) fn find(path: &str) -> Option<Self> {
        match path {
            "/" => Some(Self::Index),
            "/page.css" => Some(Self::Style),
            "/page.js" => Some(Self::Script),
            _ => None,
        }
    }

    fn content(self) -> (&'static str, &'static str) {
        match self {
            Self::Index => ("text/html; charset=utf-8", include_str!("index.html")),
            Self::Style => ("text/css; charset=utf-8", include_str!("page.css")),
            Self::Script => ("text/javascript; charset=utf-8", include_str!("page.js")),
        }
    }
}

/// Answers a file.
pub(super) fn answer(file: File) -> Response {
    let (kind, content) = file.content();
    let mut response = Body::from(content).into_response();
    for (name, value) in headers(kind) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn headers(kind: &'static str) -> [(HeaderName, &'static str); 5] {
    [
        (header::CONTENT_TYPE, kind),
        // A new version of the binary brings a new page.
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of `attribute` in the page's HTML.
    fn values(attribute: &str) -> Vec<&'static str> {
        let (_, html) = File::Index.content();
        let begin = format!(" {attribute}=\"");
        html.split(&*begin).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn the_page_loads_nothing_but_its_own_files() {
        let loaded: Vec<_> = [values("src"), values("href")].concat();
        let other = |path: &&&str| File::find(&format!("/{path}")).is_none();
        let other: Vec<_> = loaded.iter().filter(other).copied().collect();
        assert_eq!(other, ["data:,", "#try"]);
    }

    #[test]
    fn the_page_has_no_code_and_no_style_in_it_that_its_policy_would_forbid() {
        let (_, html) = File::Index.content();
        for forbidden in ["<style", " style=", " onclick=", "<script>"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn every_file_says_what_it_is_and_may_not_be_framed() {
        for path in ["/", "/page.css", "/page.js"] {
            let response = answer(File::find(path).unwrap());
            assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/"));
            let policy = response.headers()["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        }
    }
}
