//! The pages for people: at `/` what goes on now, and a playground; at `/docs` the interface, as `/openapi.json` tells it.
//! Plain files that are compiled in; nothing is loaded from elsewhere.
//!
//! They read `/metrics` and use `/guard/v1`, like any other client.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, header};

/// A file of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File {
    /// `/`
    Index,
    /// `/page.css`
    Style,
    /// `/page.js`
    Script,
    /// `/docs`
    Docs,
    /// `/docs.js`
    DocsScript,
    /// `/openapi.json`
    OpenApi,
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
            "/docs" => Some(Self::Docs),
            "/docs.js" => Some(Self::DocsScript),
            "/openapi.json" => Some(Self::OpenApi),
            _ => None,
        }
    }

    fn content(self) -> (&'static str, &'static str) {
        const HTML: &str = "text/html; charset=utf-8";
        const SCRIPT: &str = "text/javascript; charset=utf-8";
        match self {
            Self::Index => (HTML, include_str!("index.html")),
            Self::Style => ("text/css; charset=utf-8", include_str!("page.css")),
            Self::Script => (SCRIPT, include_str!("page.js")),
            Self::Docs => (HTML, include_str!("docs.html")),
            Self::DocsScript => (SCRIPT, include_str!("docs.js")),
            Self::OpenApi => ("application/json", include_str!("openapi.json")),
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
    use crate::rest::route::Route;
    use http::Method;

    const PAGES: [File; 2] = [File::Index, File::Docs];

    /// The values of `attribute` in a page's HTML.
    fn values(page: File, attribute: &str) -> Vec<&'static str> {
        let begin = format!(" {attribute}=\"");
        let (_, html) = page.content();
        html.split(&*begin).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn the_pages_name_nothing_but_files_of_their_own() {
        for page in PAGES {
            for path in [values(page, "src"), values(page, "href")].concat() {
                let own = File::find(&format!("/{}", path.trim_start_matches("./"))).is_some();
                assert!(own || path.starts_with('#') || path == "data:,", "{path}");
            }
        }
    }

    #[test]
    fn the_pages_have_no_code_and_no_style_in_them_that_their_policy_would_forbid() {
        for page in PAGES {
            for forbidden in ["<style", " style=", " onclick=", "<script>"] {
                assert!(!page.content().1.contains(forbidden), "{forbidden}");
            }
        }
    }

    #[test]
    fn every_file_says_what_it_is_and_may_not_be_framed() {
        for path in ["/", "/page.css", "/page.js", "/docs", "/docs.js", "/openapi.json"] {
            let response = answer(File::find(path).unwrap());
            assert!(response.headers().contains_key("content-type"));
            let policy = response.headers()["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        }
    }

    #[test]
    fn the_interface_that_is_told_is_the_one_that_is_served() {
        let told: serde_json::Value = serde_json::from_str(File::OpenApi.content().1).unwrap();
        for (path, methods) in told["paths"].as_object().unwrap() {
            let real = path.replace("{id}", "id_1");
            for method in methods.as_object().unwrap().keys() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                assert!(Route::resolve(&method, &real, None).is_ok(), "{method} {path}");
            }
        }
        for path in ["/guard/v1/scan", "/v1/messages", "/v1/chat/completions", "/metrics"] {
            assert!(told["paths"].get(path).is_some(), "{path}");
        }
    }
}
