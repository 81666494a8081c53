//! Which endpoint a request means, by its method and path.

use super::Endpoint;
use http::Method;

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

/// Pattern of a path and what it means. `{id}` is one segment, `{name}` one or more: they may hold a `/`, as in
/// `org/model`. The first that fits counts.
const ROUTES: [(&str, Endpoint); 12] = [
    ("/v1/chat/completions", Endpoint::ChatCompletions),
    ("/v1/completions", Endpoint::Completions),
    ("/v1/embeddings", Endpoint::Embeddings),
    ("/v1/moderations", Endpoint::Moderations),
    ("/v1/models", Endpoint::Models),
    ("/v1/models/{name}", Endpoint::Models),
    ("/v1/responses", Endpoint::Responses),
    ("/v1/responses/{id}", Endpoint::StoredResponse),
    ("/v1/responses/{id}/cancel", Endpoint::CancelResponse),
    ("/v1/responses/{id}/input_items", Endpoint::ResponseInputItems),
    ("/v1/messages", Endpoint::Messages),
    ("/v1/messages/count_tokens", Endpoint::CountTokens),
];

/// The methods of paths that are not listed.
const UNLISTED_METHODS: [Method; 6] =
    [Method::DELETE, Method::GET, Method::HEAD, Method::PATCH, Method::POST, Method::PUT];
const UNLISTED_ALLOW: &str = "DELETE, GET, HEAD, PATCH, POST, PUT";

/// Paths beside `/v1/responses/{id}` that are no ids.
const NO_IDS: [&str; 2] = ["input_tokens", "compact"];

impl Endpoint {
    /// What a request means, by its method and its path without query, upstream prefix and host.
    ///
    /// # Errors
    /// [`Unmatched`] if the guard cannot read it. A path with `.` or `..` segments, also percent-encoded, is unknown:
    /// a server behind might take it for another one.
    pub fn find(method: &Method, path: &str) -> Result<Self, Unmatched> {
        let route = ROUTES.iter().find(|(pattern, _)| fits(pattern, path));
        let (_, endpoint) = route.ok_or(Unmatched::Path)?;
        endpoint.instead(method)
    }

    /// The same for a path that is not listed, where the operator wants this endpoint to take its place.
    ///
    /// # Errors
    /// [`Unmatched::Method`] for a method that is none of HTTP's own for documents.
    pub fn instead(self, method: &Method) -> Result<Self, Unmatched> {
        if self.methods().contains(method) {
            Ok(self)
        } else {
            Err(Unmatched::Method { allow: self.allow() })
        }
    }

    /// The path itself, if it is one of the known ones without a part of the caller's choice.
    pub fn literal(path: &str) -> Option<&'static str> {
        ROUTES.iter().map(|(known, _)| *known).find(|known| *known == path && !known.contains('{'))
    }

    fn methods(self) -> &'static [Method] {
        match self {
            Self::StoredResponse => &[Method::GET, Method::HEAD, Method::DELETE],
            Self::CancelResponse => &[Method::POST],
            Self::Models | Self::ResponseInputItems => &[Method::GET, Method::HEAD],
            Self::Unlisted | Self::Unread => &UNLISTED_METHODS,
            Self::ChatCompletions
            | Self::Completions
            | Self::Embeddings
            | Self::Moderations
            | Self::Responses
            | Self::Messages
            | Self::CountTokens => &[Method::POST],
        }
    }

    fn allow(self) -> &'static str {
        match self.methods() {
            [Method::POST] => "POST",
            [_, _] => "GET, HEAD",
            [_, _, _, _, ..] => UNLISTED_ALLOW,
            _ => "GET, HEAD, DELETE",
        }
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let Some((before, after)) = pattern.split_once('{') else { return pattern == path };
    let (kind, after) = after.split_once('}').unwrap_or((after, ""));
    let inner = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    inner.is_some_and(|inner| match kind {
        "id" => !NO_IDS.contains(&inner) && is_plain(inner) && inner.bytes().all(is_id_byte),
        _ => is_plain(inner),
    })
}

fn is_id_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

fn is_plain(tail: &str) -> bool {
    !tail.is_empty()
        && tail.split('/').all(|segment| {
            let dots = segment.to_ascii_lowercase().replace("%2e", ".");
            !segment.is_empty() && dots != "." && dots != ".."
        })
        && !tail.to_ascii_lowercase().contains("%2f..")
}
