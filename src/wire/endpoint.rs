//! Which paths the guard can read.

use http::Method;

/// A path of a provider's API that the guard can read.
///
/// A new surface is a variant here, a row in `ROUTES`, and a file beside this one that says where its text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// OpenAI `POST /v1/chat/completions`.
    ChatCompletions,
    /// OpenAI `POST /v1/completions`.
    Completions,
    /// OpenAI `POST /v1/embeddings`.
    Embeddings,
    /// OpenAI `GET /v1/models` and `GET /v1/models/{id}`; no body.
    Models,
}

/// Why a request has no [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// The guard does not know the path.
    Path,
    /// The path is known, but not with this method.
    Method {
        /// The methods that are, as an `Allow` header lists them.
        allow: &'static str,
    },
}

/// Path, whether more segments may follow, and what it means.
const ROUTES: [(&str, Tail, Endpoint); 5] = [
    ("/v1/chat/completions", Tail::None, Endpoint::ChatCompletions),
    ("/v1/completions", Tail::None, Endpoint::Completions),
    ("/v1/embeddings", Tail::None, Endpoint::Embeddings),
    ("/v1/models", Tail::None, Endpoint::Models),
    ("/v1/models/", Tail::Some, Endpoint::Models), // ids may hold a `/`, as in `org/model`
];

#[derive(Clone, Copy)]
enum Tail {
    None,
    Some,
}

impl Endpoint {
    /// What a request means, by its method and its path without query, upstream prefix and host.
    ///
    /// # Errors
    /// [`Unmatched`] if the guard cannot read it. A path with `.` or `..` segments, also percent-encoded, is unknown:
    /// a server behind might take it for another one.
    pub fn find(method: &Method, path: &str) -> Result<Self, Unmatched> {
        let route = ROUTES.iter().find(|(known, tail, _)| match tail {
            Tail::None => path == *known,
            Tail::Some => path.strip_prefix(known).is_some_and(is_plain_tail),
        });
        let (_, _, endpoint) = route.ok_or(Unmatched::Path)?;
        if endpoint.methods().contains(method) {
            Ok(*endpoint)
        } else {
            Err(Unmatched::Method { allow: endpoint.allow() })
        }
    }

    /// A stable name for metrics and spans.
    pub fn label(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::Completions => "completions",
            Self::Embeddings => "embeddings",
            Self::Models => "models",
        }
    }

    /// True if requests carry a JSON body.
    pub fn has_body(self) -> bool {
        self != Self::Models
    }

    fn methods(self) -> &'static [Method] {
        if self.has_body() { &[Method::POST] } else { &[Method::GET, Method::HEAD] }
    }

    fn allow(self) -> &'static str {
        if self.has_body() { "POST" } else { "GET, HEAD" }
    }
}

fn is_plain_tail(tail: &str) -> bool {
    !tail.is_empty()
        && tail.split('/').all(|segment| {
            let dots = segment.to_ascii_lowercase().replace("%2e", ".");
            !segment.is_empty() && dots != "." && dots != ".."
        })
        && !tail.to_ascii_lowercase().contains("%2f..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (method, path, expected) in [
            (Method::POST, "/v1/chat/completions", Ok(Endpoint::ChatCompletions)),
            (Method::POST, "/v1/completions", Ok(Endpoint::Completions)),
            (Method::POST, "/v1/embeddings", Ok(Endpoint::Embeddings)),
            (Method::GET, "/v1/models", Ok(Endpoint::Models)),
            (Method::HEAD, "/v1/models/org/model", Ok(Endpoint::Models)),
            (Method::GET, "/v1/chat/completions", Err(Unmatched::Method { allow: "POST" })),
            (Method::DELETE, "/v1/models/m", Err(Unmatched::Method { allow: "GET, HEAD" })),
            (Method::POST, "/v1/chat/completions/", Err(Unmatched::Path)),
            (Method::POST, "/V1/embeddings", Err(Unmatched::Path)),
            (Method::POST, "/v1/files", Err(Unmatched::Path)),
            (Method::GET, "/v1/models/", Err(Unmatched::Path)),
            (Method::GET, "/v1/models/../files", Err(Unmatched::Path)),
            (Method::GET, "/v1/models/%2E%2e/files", Err(Unmatched::Path)),
            (Method::GET, "/v1/models/a%2F../files", Err(Unmatched::Path)),
            (Method::GET, "/v1/models//x", Err(Unmatched::Path)),
        ] {
            assert_eq!(Endpoint::find(&method, path), expected, "{path}");
        }
    }
}
