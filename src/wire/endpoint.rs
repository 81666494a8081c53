//! Which paths the guard can read, and what it must know of their bodies.

use super::{
    openai,
    place::{Holds, Place},
};
use crate::{
    json::{self, Kind, Step, Token},
    redact::{Context, Treatment},
};
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

/// What a request says about its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// It asks for a stream of events.
    pub streamed: bool,
    /// It asks for a JSON document as the text of the answer (`response_format`).
    pub json_content: bool,
}

/// A fault in a request that the guard cannot work around. Any other is left to the provider to judge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// The member at fault.
    pub param: Option<&'static str>,
    /// What is wrong and what would be right.
    pub message: String,
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

    /// How to treat a key, string or number of a request body that stands at `path`.
    ///
    /// Everything is guarded but what is known to be structural by its place and also looks it.
    pub fn classify(self, path: &[Step<'_>], token: &Token<'_>) -> Treatment {
        if token.kind() == Kind::Key && openai::request::is_member(token.raw()) {
            return Treatment::Leave;
        }
        let holds = Place::new(path).map_or(Holds::Text, |place| self.holds(place.parts()));
        holds.treatment(token)
    }

    fn holds(self, place: &[&str]) -> Holds {
        match self {
            Self::ChatCompletions | Self::Completions | Self::Embeddings => {
                openai::request::holds(place)
            }
            Self::Models => Holds::Text,
        }
    }

    /// How to put values back into a string of an answer that stands at `path`.
    pub fn response_context(self, path: &[Step<'_>], expected: Expected) -> Context {
        let Some(place) = Place::new(path) else { return Context::Prose };
        match self {
            Self::ChatCompletions | Self::Completions => {
                openai::answer::context(place.parts(), expected)
            }
            Self::Embeddings | Self::Models => Context::Prose,
        }
    }

    /// Reads what a request body says about its answer, and refuses what cannot be guarded.
    ///
    /// # Errors
    /// [`Invalid`] for a body that is no JSON, and for token ids in the place of text.
    pub fn read(self, body: &[u8]) -> Result<Expected, Invalid> {
        let mut expected = Expected::default();
        let mut token_ids = None;
        if !self.has_body() {
            return Ok(expected);
        }
        let walked = json::walk(body, json::MAX_DEPTH, &mut |path, token| {
            // Only what stands near the root matters here.
            let Some(place) = path.get(..path.len().min(4)).and_then(Place::new) else { return };
            match (place.parts(), token.kind()) {
                (["stream"], Kind::Literal) => expected.streamed = token.raw() == "true",
                (["response_format", "type"], Kind::String) => {
                    expected.json_content = token.decode().starts_with("json");
                }
                (["prompt", "*"] | ["prompt", "*", "*"], Kind::Number) => {
                    token_ids = Some("prompt")
                }
                (["input", "*"] | ["input", "*", "*"], Kind::Number) => token_ids = Some("input"),
                _ => {}
            }
        });
        walked.map_err(not_json)?;
        token_ids.map_or(Ok(expected), |param| Err(unreadable_ids(param)))
    }

    /// True if a request body asks for a stream of events.
    pub fn wants_stream(self, body: &[u8]) -> bool {
        self.read(body).is_ok_and(|expected| expected.streamed)
    }

    fn methods(self) -> &'static [Method] {
        if self.has_body() { &[Method::POST] } else { &[Method::GET, Method::HEAD] }
    }

    fn allow(self) -> &'static str {
        if self.has_body() { "POST" } else { "GET, HEAD" }
    }
}

fn not_json(error: json::Error) -> Invalid {
    Invalid { param: None, message: format!("the body is not valid JSON: {error}") }
}

fn unreadable_ids(param: &'static str) -> Invalid {
    let message = format!(
        "{param} holds token ids, in which private data cannot be found; send text instead (LangChain's embeddings: \
         check_embedding_ctx_length=False)"
    );
    Invalid { param: Some(param), message }
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

    #[track_caller]
    fn check_read(endpoint: Endpoint, body: &str, expected: Result<(bool, bool), &str>) {
        let found = endpoint.read(body.as_bytes());
        match (&found, expected) {
            (Ok(found), Ok(expected)) => {
                assert_eq!((found.streamed, found.json_content), expected, "{body}");
            }
            (Err(invalid), Err(part)) => assert!(invalid.message.contains(part), "{invalid}"),
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => panic!("{body}: {found:?}"),
        }
    }

    #[test]
    fn what_a_request_says_about_its_answer() {
        use Endpoint::{ChatCompletions, Completions, Embeddings, Models};
        check_read(ChatCompletions, r#"{"stream":true}"#, Ok((true, false)));
        check_read(ChatCompletions, r#"{"str\u0065am":true,"stream":false}"#, Ok((false, false)));
        check_read(ChatCompletions, r#"{"stream":"true","a":{"stream":true}}"#, Ok((false, false)));
        let json = r#"{"response_format":{"type":"json_schema"},"messages":[[[[[1]]]]]}"#;
        check_read(ChatCompletions, json, Ok((false, true)));
        check_read(ChatCompletions, r#"{"response_format":{"type":"text"}}"#, Ok((false, false)));
        check_read(ChatCompletions, "{", Err("not valid JSON"));
        check_read(Completions, r#"{"prompt":["a","b"],"stream":true}"#, Ok((true, false)));
        check_read(Completions, r#"{"prompt":[1,2]}"#, Err("prompt holds token ids"));
        check_read(Embeddings, r#"{"input":[[1],[2]]}"#, Err("input holds token ids"));
        check_read(Embeddings, r#"{"input":"a"}"#, Ok((false, false)));
        check_read(Models, "", Ok((false, false)));
    }

    /// Each treated token of a chat request, as `token=treatment`.
    fn treated(body: &str) -> Vec<String> {
        let mut found = Vec::new();
        json::walk(body.as_bytes(), json::MAX_DEPTH, &mut |path, token| {
            let treatment = match Endpoint::ChatCompletions.classify(path, token) {
                Treatment::Guard => "guard",
                Treatment::Leave => return,
                Treatment::Unscannable(kind) => kind,
            };
            found.push(format!("{}={treatment}", token.raw()));
        })
        .unwrap();
        found
    }

    #[test]
    fn all_but_the_structure_of_a_request_is_guarded() {
        let body = r#"{"model":"gpt-4o","seed":123456789,"max_tokens":16,"unknown":123456789,"logit_bias":{"50256":-100},
            "messages":[{"role":"user","name":"ann","content":[{"type":"text","text":"hi"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}]},
            {"role":"ann@example.org","content":"hello"}],"metadata":{"ann":"x"},"stream":true}"#;
        assert_eq!(
            treated(body),
            [
                "unknown=guard",
                "123456789=guard",
                "ann=guard",
                "hi=guard",
                "data:image/png;base64,AAAA=image",
                "ann@example.org=guard",
                "hello=guard",
                "ann=guard",
                "x=guard",
            ]
        );
    }

    #[test]
    fn answers_are_restored_in_their_context() {
        let json = Expected { json_content: true, ..Expected::default() };
        let body = br#"{"choices":[{"message":{"content":"c","tool_calls":[{"function":{"name":"n","arguments":"a"}}],
            "function_call":{"arguments":"f"}}}]}"#;
        let contexts = |expected| {
            let mut found = Vec::new();
            json::walk(body, json::MAX_DEPTH, &mut |path, token| {
                let context = Endpoint::ChatCompletions.response_context(path, expected);
                if token.kind() == Kind::String && context == Context::JsonText {
                    found.push(token.raw().to_owned());
                }
            })
            .unwrap();
            found
        };
        assert_eq!(contexts(Expected::default()), ["a", "f"]);
        assert_eq!(contexts(json), ["c", "a", "f"]);
    }

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
