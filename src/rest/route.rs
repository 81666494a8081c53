//! Which path means what: one pure table, for matching, for `Allow` and for tests.

use super::{failure::Failure, page};
use crate::{
    call::{SessionId, is_name},
    percent,
    wire::{Endpoint, Unmatched, climbs},
};
use http::Method;

/// What a method and a path ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A provider's API, to be guarded and forwarded.
    Provider(Provider),
    /// The guard's own API.
    Native(Native),
    /// Health and metrics.
    Probe(Probe),
    /// A file of the pages for people.
    Page(page::File),
    /// `OPTIONS` on a known path.
    Options {
        /// Methods of the path.
        allow: &'static str,
    },
}

/// A guarded path of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Provider {
    /// What the path means.
    pub(super) endpoint: Endpoint,
    /// The upstream that the path names.
    pub(super) upstream: Option<String>,
    /// The path without the upstream's name.
    pub(super) path: String,
}

/// A method of the guard's own API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Native {
    /// `POST /guard/v1/scan`
    Scan,
    /// `POST /guard/v1/redact`
    Redact,
    /// `POST /guard/v1/restore`
    Restore,
    /// `GET /guard/v1/policies`
    Policies,
    /// `GET /guard/v1/ratelimit`
    RateLimit,
    /// `DELETE /guard/v1/sessions/{id}`
    DeleteSession(SessionId),
}

/// A probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// `GET /health`
    Health,
    /// `GET /livez`
    Live,
    /// `GET /readyz`
    Ready,
    /// `GET /metrics`
    Metrics,
}

/// Which listener serves a route when there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The one for callers.
    Calls,
    /// The one for operators.
    Admin,
    /// Either: the page for operators uses it too.
    Both,
}

const GET: &str = "GET, HEAD";
const POST: &str = "POST";
const DELETE: &str = "DELETE";
/// What some path has, for `OPTIONS *`.
const ALL: &str = "DELETE, GET, HEAD, OPTIONS, POST";

/// First segments after `/v1/` that providers have and the guard cannot read yet.
const UNGUARDED: [&str; 24] = [
    "assistants",
    "audio",
    "batches",
    "chat",
    "complete",
    "containers",
    "conversations",
    "evals",
    "files",
    "fine_tuning",
    "fine-tunes",
    "images",
    "messages",
    "moderations",
    "organization",
    "organizations",
    "realtime",
    "rerank",
    "responses",
    "skills",
    "threads",
    "uploads",
    "vector_stores",
    "videos",
];

impl Route {
    /// Looks a request up. `unlisted` is what paths of providers mean that the guard does not know.
    ///
    /// # Errors
    /// The 403, 404 or 405 to answer.
    pub(super) fn resolve(
        method: &Method,
        path: &str,
        unlisted: Option<Endpoint>,
    ) -> Result<Self, Failure> {
        if path == "*" {
            return held_against(method, "OPTIONS", || Self::Options { allow: ALL });
        }
        if climbs(path) {
            return Err(Failure::invalid("path", "the path must not hold . or .. segments"));
        }
        if let Some(probe) = probe(path) {
            return held_against(method, GET, || Self::Probe(probe));
        }
        if let Some(file) = page::File::find(path) {
            return held_against(method, GET, || Self::Page(file));
        }
        if let Some(rest) = path.strip_prefix("/guard/v1/") {
            let (native, allow) = native(rest)?;
            return held_against(method, allow, || Self::Native(native));
        }
        let (upstream, path) = split_upstream(path).ok_or_else(Failure::unknown_path)?;
        let known = Endpoint::find(method, path);
        if known == Err(Unmatched::Path) && unlisted.is_some() && is_guarded_otherwise(path) {
            return Err(Failure::invalid(
                "path",
                "the path is another spelling of one that is guarded; write it as the API does",
            ));
        }
        let found = known.or_else(|unmatched| match unlisted {
            // `OPTIONS` is about the path, and answered here.
            Some(endpoint) if *method != Method::OPTIONS => endpoint.instead(method),
            Some(endpoint) if unmatched == Unmatched::Path => endpoint.instead(method),
            Some(_) | None => Err(unmatched),
        });
        match found {
            Ok(endpoint) => Ok(Self::Provider(Provider {
                endpoint,
                upstream: upstream.map(str::to_owned),
                path: path.to_owned(),
            })),
            Err(Unmatched::Method { allow }) => wrong_method(method, allow),
            Err(Unmatched::Path) => Err(unguarded(path)),
        }
    }

    /// Which listener serves this.
    pub(super) fn place(&self) -> Place {
        match self {
            Self::Probe(_) | Self::Page(_) => Place::Admin,
            Self::Native(_) => Place::Both,
            // `OPTIONS` tells nothing that is worth a place of its own.
            Self::Provider(_) | Self::Options { .. } => Place::Calls,
        }
    }

    /// A stable name for metrics.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Provider(provider) => provider.endpoint.label(),
            Self::Native(Native::Scan) => "scan",
            Self::Native(Native::Redact) => "redact",
            Self::Native(Native::Restore) => "restore",
            Self::Native(Native::Policies) => "policies",
            Self::Native(Native::RateLimit) => "ratelimit",
            Self::Native(Native::DeleteSession(_)) => "sessions",
            Self::Probe(_) => "probe",
            Self::Page(_) => "page",
            Self::Options { .. } => "options",
        }
    }
}

/// The route, if its path has the method.
fn held_against(
    method: &Method,
    allow: &'static str,
    route: impl FnOnce() -> Route,
) -> Result<Route, Failure> {
    if allow.split(", ").any(|allowed| allowed == method.as_str()) {
        return Ok(route());
    }
    wrong_method(method, allow)
}

/// Any known path has `OPTIONS`.
fn wrong_method(method: &Method, allow: &'static str) -> Result<Route, Failure> {
    if method == Method::OPTIONS {
        return Ok(Route::Options { allow });
    }
    Err(Failure::method_not_allowed(method, allow))
}

/// True for the paths of operators, with whatever method: what stands there is for no page of another origin.
pub(super) fn is_apart(path: &str) -> bool {
    probe(path).is_some() || page::File::find(path).is_some()
}

fn probe(path: &str) -> Option<Probe> {
    match path {
        "/health" => Some(Probe::Health),
        "/livez" => Some(Probe::Live),
        "/readyz" => Some(Probe::Ready),
        "/metrics" => Some(Probe::Metrics),
        _ => None,
    }
}

fn native(path: &str) -> Result<(Native, &'static str), Failure> {
    match path {
        "scan" => Ok((Native::Scan, POST)),
        "redact" => Ok((Native::Redact, POST)),
        "restore" => Ok((Native::Restore, POST)),
        "policies" => Ok((Native::Policies, GET)),
        "ratelimit" => Ok((Native::RateLimit, GET)),
        _ => {
            let id = path.strip_prefix("sessions/").ok_or_else(Failure::unknown_path)?;
            let id = SessionId::parse(id).ok_or_else(|| {
                Failure::invalid("session", format!("a session id must be {}", SessionId::FORM))
            })?;
            Ok((Native::DeleteSession(id), DELETE))
        }
    }
}

/// Splits `/{upstream}/v1/…` into the name, if there is one, and `/v1/…`.
fn split_upstream(path: &str) -> Option<(Option<&str>, &str)> {
    if path.starts_with("/v1/") {
        return Some((None, path));
    }
    let (name, _) = path.strip_prefix('/')?.split_once('/')?;
    let rest = path.get(1 + name.len()..)?;
    (is_name(name) && rest.starts_with("/v1/")).then_some((Some(name), rest))
}

/// Refuses a path that the guard cannot read; what providers are known to have, by name.
fn unguarded(path: &str) -> Failure {
    let family = path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next());
    match UNGUARDED.iter().find(|known| Some(**known) == family) {
        Some(known) => Failure::unguarded(&format!("/v1/{known}")),
        None => Failure::unknown_path(),
    }
}

/// True when an upstream might take a path that is not listed for one that is: `/v1//messages`, `/v1/Messages/`,
/// `/v1/messages;a=b`, `/v1/mess%61ges`.
fn is_guarded_otherwise(path: &str) -> bool {
    let once = plain(path);
    let twice = plain(&once);
    [once, twice]
        .iter()
        .any(|plain| plain != path && Endpoint::find(&Method::POST, plain) != Err(Unmatched::Path))
}

/// The path as a careless server reads it: decoded, in lower case, without parameters and empty segments.
fn plain(path: &str) -> String {
    let decoded = percent::decoded(path.as_bytes());
    let text = String::from_utf8_lossy(&decoded).to_ascii_lowercase().replace('\\', "/");
    let segments = text.split('/').filter_map(|segment| segment.split(';').next());
    segments
        .map(str::trim)
        .filter(|segment| !segment.is_empty())
        .fold(String::new(), |path, segment| path + "/" + segment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::shape::Shape;

    fn check(method: Method, path: &str, expected: &str) {
        let found = match Route::resolve(&method, path, None) {
            Ok(Route::Provider(p)) => {
                format!("{:?} {} {}", p.endpoint, p.upstream.unwrap_or("-".into()), p.path)
            }
            Ok(other) => format!("{other:?}"),
            Err(failure) => format!("{}", failure.respond(Shape::OpenAi, "").status().as_u16()),
        };
        assert_eq!(found, expected, "{method} {path}");
    }

    #[test]
    fn guarded_paths_resolve_with_and_without_an_upstream() {
        check(Method::POST, "/v1/chat/completions", "ChatCompletions - /v1/chat/completions");
        check(Method::POST, "/v1/completions", "Completions - /v1/completions");
        check(Method::POST, "/v1/embeddings", "Embeddings - /v1/embeddings");
        check(Method::POST, "/v1/moderations", "Moderations - /v1/moderations");
        check(Method::POST, "/v1/responses", "Responses - /v1/responses");
        check(Method::DELETE, "/v1/responses/resp_1", "StoredResponse - /v1/responses/resp_1");
        check(
            Method::POST,
            "/v1/responses/resp_1/cancel",
            "CancelResponse - /v1/responses/resp_1/cancel",
        );
        check(
            Method::GET,
            "/openai/v1/responses/resp_1/input_items",
            "ResponseInputItems openai /v1/responses/resp_1/input_items",
        );
        check(Method::POST, "/anthropic/v1/messages", "Messages anthropic /v1/messages");
        check(Method::POST, "/v1/messages/count_tokens", "CountTokens - /v1/messages/count_tokens");
        check(Method::GET, "/v1/models", "Models - /v1/models");
        check(Method::HEAD, "/v1/models/gpt-4o", "Models - /v1/models/gpt-4o");
        check(Method::GET, "/openai/v1/models/org/m", "Models openai /v1/models/org/m");
        check(
            Method::POST,
            "/my-llm/v1/chat/completions",
            "ChatCompletions my-llm /v1/chat/completions",
        );
    }

    #[test]
    fn native_paths_resolve() {
        check(Method::POST, "/guard/v1/scan", "Native(Scan)");
        check(Method::HEAD, "/guard/v1/policies", "Native(Policies)");
        check(Method::DELETE, "/guard/v1/sessions/s_1", "Native(DeleteSession(SessionId(…)))");
        check(Method::DELETE, "/guard/v1/sessions/a.b", "400");
        check(Method::GET, "/readyz", "Probe(Ready)");
        check(Method::GET, "/", "Page(Index)");
        check(Method::POST, "/", "405");
    }

    #[test]
    fn unguarded_families_are_forbidden_and_strangers_unknown() {
        for path in [
            "/v1/files",
            "/v1/files/f-1/content",
            "/v1/batches",
            "/v1/audio/speech",
            "/v1/images/edits",
            "/v1/responses/compact",
            "/v1/responses/input_tokens",
            "/v1/responses/resp_1/other",
            "/v1/messages/batches",
            "/v1/messages/batches/b_1/results",
            "/openai/v1/files",
            "/v1/chat/completions/c-1",
            "/v1/realtime",
        ] {
            check(Method::POST, path, "403");
            check(Method::OPTIONS, path, "403");
        }
        for path in [
            "/page",
            "/v1",
            "/v1/",
            "/v1/nothing",
            "/v2/chat/completions",
            "/v1/models/",
            "//v1/chat/completions",
            "/a/b/v1/models",
            "/a b/v1/models",
            "/guard/v1/",
            "/guard/v1/chat/completions",
        ] {
            check(Method::POST, path, "404");
        }
    }

    #[test]
    fn paths_that_nobody_knows_can_be_given_a_meaning() {
        let find = |method: Method, path: &str| match Route::resolve(
            &method,
            path,
            Some(Endpoint::Unlisted),
        ) {
            Ok(Route::Provider(p)) => format!("{:?} {}", p.endpoint, p.path),
            Ok(other) => format!("{other:?}"),
            Err(failure) => failure.respond(Shape::OpenAi, "").status().as_u16().to_string(),
        };
        assert_eq!(find(Method::POST, "/v1/files"), "Unlisted /v1/files");
        assert_eq!(find(Method::DELETE, "/openai/v1/x/y"), "Unlisted /v1/x/y");
        assert_eq!(find(Method::GET, "/v1/chat/completions"), "Unlisted /v1/chat/completions");
        assert_eq!(
            find(Method::POST, "/v1/chat/completions"),
            "ChatCompletions /v1/chat/completions"
        );
        assert_eq!(find(Method::OPTIONS, "/v1/embeddings"), "Options { allow: \"POST\" }");
        assert!(find(Method::OPTIONS, "/v1/files").starts_with("Options { allow: \"DELETE, GET"));
        assert_eq!(find(Method::TRACE, "/v1/files"), "405");
        assert_eq!(find(Method::GET, "/v1/files/../x"), "400");
        assert_eq!(find(Method::GET, "/v2/files"), "404");
        assert_eq!(find(Method::DELETE, "/v1/models/GPT-4"), "Unlisted /v1/models/GPT-4");
        for path in [
            "/v1//chat/completions",
            "/v1/chat/completions/",
            "/v1/Chat/Completions",
            "/v1/chat%2Fcompletions",
            "/v1/mess%61ges",
            "/v1/mess%2561ges",
            "/v1/messages;a=b",
            "/v1/messages%20",
            "/v1/chat\\completions",
            "/openai/v1/responses//r_1",
        ] {
            assert_eq!(find(Method::POST, path), "400", "{path}");
        }
    }

    #[test]
    fn wrong_methods_are_told_the_right_ones() {
        check(Method::GET, "/v1/chat/completions", "405");
        check(Method::DELETE, "/v1/models/ft-1", "405");
        check(Method::POST, "/health", "405");
        check(Method::PUT, "/guard/v1/scan", "405");
        check(Method::OPTIONS, "/v1/embeddings", "Options { allow: \"POST\" }");
        let failure = Route::resolve(&Method::GET, "/v1/embeddings", None).unwrap_err();
        assert_eq!(failure.respond(Shape::OpenAi, "").headers()["allow"], "POST");
    }

    #[test]
    fn paths_that_climb_are_refused() {
        for path in [
            "/v1/models/../files",
            "/v1/models/%2e%2E/files",
            "/v1/models/..%2Ffiles",
            "/v1/./models",
            "/v1/models/..%5cfiles",
            "/v1/models/x\\..\\files",
        ] {
            check(Method::GET, path, "400");
        }
        check(Method::GET, "/v1/models/gpt-3.5..x", "Models - /v1/models/gpt-3.5..x");
    }
}
