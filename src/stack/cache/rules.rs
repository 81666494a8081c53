//! Which answers may be kept, and for whom: the honest part of a cache.

use super::{CacheConfig, CacheMode, CacheScope};
use crate::{
    call::{Completion, Prompt},
    store::{Key, Namer, Space},
    wire::Endpoint,
};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use memchr::memmem::Finder;
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

/// Request fields with which an answer is more than a function of the request: it is stored upstream, made from the
/// live web, or names something that expires.
const LIVE_FIELDS: [&str; 5] = ["store", "web_search_options", "plugins", "audio", "background"];

/// What asks for the same answer each time. Made once: to prepare a search takes longer than to search a short body.
static TEMPERATURE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("temperature"));
static SEED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("seed"));

/// Headers that do not change the answer. All others, credentials among them, are part of the key: an unknown
/// header costs hits, never a wrong answer.
const IDLE_HEADERS: [HeaderName; 11] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::DATE,
    header::HOST,
    header::USER_AGENT,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-client-request-id"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
];

/// What OpenAI's and Anthropic's SDKs tell of themselves: their version, the attempt.
const IDLE_PREFIX: &str = "x-stainless-";

/// The key under which the answer to this prompt may be kept; `None` if it may not.
///
/// Nothing private is in it: the body is redacted, and two prompts that differ only in private values are the same.
pub(super) fn key(prompt: &Prompt, config: &CacheConfig, namer: &Namer) -> Option<Key> {
    if !may_keep(prompt, config.mode) {
        return None;
    }
    let endpoint = format!("{:?}", prompt.endpoint);
    let upstream = prompt.upstream.as_deref();
    let streamed: &[u8] = if prompt.streamed { b"stream" } else { b"whole" };
    let mut parts: Vec<&[u8]> = vec![
        endpoint.as_bytes(),
        upstream.map_or(b"default", |_| b"named"),
        upstream.unwrap_or_default().as_bytes(),
        prompt.target.as_bytes(),
        prompt.policy_version.as_bytes(),
        streamed,
        prompt.body.as_bytes(),
    ];
    if config.scope == CacheScope::Caller {
        parts.push(prompt.caller.expose().as_bytes());
    }
    parts.extend(telling(&prompt.headers));
    Some(namer.key(Space::Completion, &parts))
}

/// Names and values of the headers that change the answer, in an order that does not depend on how they came.
fn telling(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let mut telling: Vec<_> = headers
        .iter()
        .filter(|(name, _)| !IDLE_HEADERS.contains(name) && !name.as_str().starts_with(IDLE_PREFIX))
        .collect();
    // Stable: values of one name keep their order.
    telling.sort_by_key(|(name, _)| name.as_str());
    telling.into_iter().flat_map(|(name, value)| [name.as_str().as_bytes(), value.as_bytes()])
}

fn may_keep(prompt: &Prompt, mode: CacheMode) -> bool {
    if mode == CacheMode::Off || prompt.cache.no_store || prompt.method != Method::POST {
        return false;
    }
    // A list of those that may, so that a new endpoint is not kept before somebody has thought about it.
    match (prompt.endpoint, mode) {
        (Endpoint::Embeddings, _) => true,
        (Endpoint::ChatCompletions | Endpoint::Completions, _) => {
            generated_may_be_kept(prompt.body.as_bytes(), mode)
        }
        (_, _) => false,
    }
}

fn generated_may_be_kept(body: &[u8], mode: CacheMode) -> bool {
    let hinted = |word: &Finder<'_>| word.find(body).is_some();
    // Most requests name neither: spares them the reading.
    if mode == CacheMode::Deterministic && !hinted(&TEMPERATURE) && !hinted(&SEED) {
        return false;
    }
    members(body).is_some_and(|members| {
        let live = LIVE_FIELDS.iter().any(|field| members.get(*field).is_some_and(|v| is_set(v)));
        !live && (mode == CacheMode::All || is_deterministic(&members))
    })
}

/// Temperature 0, or a seed: the caller asks for the same answer again, as far as the provider can give it.
fn is_deterministic(members: &Members<'_>) -> bool {
    let number = |field: &str| members.get(field).and_then(|raw| raw.get().parse::<f64>().ok());
    number("temperature") == Some(0.0) || number("seed").is_some()
}

fn is_set(raw: &RawValue) -> bool {
    !matches!(raw.get(), "false" | "null")
}

/// The members of a JSON object, their values unread.
pub(super) type Members<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

/// `None` if the body is not a JSON object to its very end.
pub(super) fn members(body: &[u8]) -> Option<Members<'_>> {
    serde_json::from_slice(body).ok()
}

/// Whether the head of an answer allows it to be kept.
pub(super) fn head_allows(completion: &Completion) -> bool {
    let headers = &completion.headers;
    let unencoded = headers.get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    let forbidden = headers.get_all(header::CACHE_CONTROL).iter().any(|value| {
        value.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("no-store"))
    });
    completion.status == StatusCode::OK && unencoded && !forbidden
}
