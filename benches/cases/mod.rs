//! What is counted: each case makes what it needs once, and then does one piece of work as often as it is asked.
//!
//! Texts carry a number that changes each time where the service would remember what it has seen, so that a case measures
//! the reading and not the remembering; `turn of a chat` and `from the cache` measure the remembering.

#[path = "../prose/mod.rs"]
mod prose;

use arc_swap::ArcSwap;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use prompt_guard::{
    call::{
        Body, CacheOutcome, CacheWish, Call, CallerId, Complete, Completion, CompletionBody, Error,
        Facade, Prompt, Reply, Scan, Task,
    },
    detect::{Analyzer, EntityType, Score, Selection, Text},
    engine::{Engine, Narrowing},
    policy::PolicySet,
    redact::{Context, Keys, Mapping, Restorer},
    sensitive::Sensitive,
    stack::{
        self, Layers, Stack,
        cache::{CacheConfig, CacheLayer},
        genai::GenAiLayer,
        guard::GuardLayer,
        in_flight::InFlightLayer,
        rate_limit::{RateLimitConfig, RateLimitLayer},
    },
    store::{Secret, Store},
    telemetry::Metrics,
    vault::{Vault, VaultConfig},
    wire::{BodyForm, Documents, Endpoint, EventStream, Expected, Telling, restore_body},
};
use std::{hint::black_box, sync::Arc};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// One piece of work, done anew at each call.
pub(crate) type Work = Box<dyn FnMut()>;

/// Name, and what makes the work.
pub(crate) type Case = (&'static str, fn() -> Work);

/// All cases: the parts of a request, then whole ones.
pub(crate) const CASES: &[Case] = &[
    ("detect, chat message of 300 bytes", || detect(chat_text)),
    ("detect, 4 KiB of prose", || detect(|nth| numbered(nth, 4096, None))),
    ("detect, 4 KiB with a value in 200 bytes", || detect(|nth| numbered(nth, 4096, Some(200)))),
    ("redact, chat message of 300 bytes", redact),
    ("restore, 4 KiB in one piece", || restore(4096)),
    ("restore, 4 KiB in pieces of 64", || restore(64)),
    ("restore, 4 KiB in pieces of 16", || restore(16)),
    ("restore, 4 KiB in pieces of 4", || restore(4)),
    ("event of a stream, restored", || event(Endpoint::ChatCompletions, &chunk("[EMAIL_1]"))),
    ("event of a stream, nothing in it", || event(Endpoint::ChatCompletions, &chunk(" word"))),
    ("event of a stream, nothing in a tool call", || event(Endpoint::ChatCompletions, CALL)),
    ("event of a stream, nothing in a member that is not listed", || {
        event(Endpoint::ChatCompletions, DETAIL)
    }),
    ("event of a stream, nothing in a block of a message", || event(Endpoint::Messages, BLOCK)),
    ("event of a stream, nothing in a delta of a response", || event(Endpoint::Responses, DELTA)),
    ("event of a stream, looked at for telemetry", told),
    ("JSON answer of 1 KiB, restored", splice),
    ("request: chat", || chat(r#""temperature":1"#)),
    ("request: chat, streamed in 50 events", || chat(r#""stream":true"#)),
    ("request: chat, from the cache", cached),
    ("request: turn of a chat with 16 KiB of history", history),
    ("request: chat with an image of 5 MB", image),
    ("request: scan of 200 bytes", scan),
    ("text of /metrics", metrics),
];

/// Prose with a value in each `gap` bytes if there is a gap; no two with the same number are alike.
fn numbered(nth: usize, length: usize, gap: Option<usize>) -> String {
    format!("Number {nth}. {}", prose::text(length, gap))
}

fn chat_text(nth: usize) -> String {
    format!(
        "Please write a short and friendly reply to the customer below and keep it under eighty words. Order {nth} arrived \
         late and one item was missing. Contact: mira.lindqvist@example.org. Thank you very much for your help with this!"
    )
}

/// A number that is another one at each call.
fn counter() -> impl FnMut() -> usize {
    let mut nth = 0;
    move || {
        nth += 1;
        nth
    }
}

fn engine() -> Engine {
    let keys = Keys::derive(b"bench");
    let engine = Engine::new(PolicySet::builtin(), "default_pii", keys).expect("it is built in");
    engine.warm_up();
    engine
}

fn detect(text: fn(usize) -> String) -> Work {
    let analyzer = Analyzer::new(Vec::new()).expect("no custom recognizers");
    let types: Vec<EntityType> =
        analyzer.entity_types().iter().filter(|it| !it.is_signal()).cloned().collect();
    let selection = Selection::of(types.into_iter().map(|it| (it, Score::new(0.5))));
    let mut next = counter();
    Box::new(move || {
        let text = text(next());
        black_box(analyzer.analyze(&[Text::from(text.as_str())], &selection));
    })
}

fn redact() -> Work {
    let (engine, mut next) = (engine(), counter());
    Box::new(move || {
        let policy = engine.policy(None).expect("it is the default");
        let text = chat_text(next());
        let _ = black_box(engine.redact(policy, &[&text], &mut Mapping::new()));
    })
}

fn restorer() -> Restorer {
    let pairs = (1..=4)
        .map(|nth| (format!("[EMAIL_{nth}]"), Sensitive::new(format!("person{nth}@example.org"))));
    Mapping::from_pairs(pairs).restorer()
}

fn restore(piece: usize) -> Work {
    let text = numbered(0, 4096, Some(500)).replace("ann.lee@example.org", "[EMAIL_1]");
    let restorer = restorer();
    Box::new(move || {
        let mut out = String::with_capacity(2 * text.len());
        let mut stream = restorer.stream(Context::Prose);
        // The sample is ASCII: every place is a character boundary.
        for at in (0..text.len()).step_by(piece) {
            stream.push(&text[at..text.len().min(at + piece)], &mut out);
        }
        stream.finish(&mut out);
        black_box(out);
    })
}

fn chunk(content: &str) -> String {
    format!(
        r#"data: {{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,"delta":{{"content":"{content}"}},"finish_reason":null}}]}}"#
    ) + "\n\n"
}

const CALL: &str = concat!(
    r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":"#,
    r#"{"tool_calls":[{"index":0,"function":{"arguments":" word"}}]},"logprobs":null,"finish_reason":null}]}"#,
    "\n\n"
);

const DETAIL: &str = concat!(
    r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":"#,
    r#"{"role":"assistant","content":"","reasoning_details":[{"type":"reasoning.text","text":" word","index":0}]},"#,
    r#""finish_reason":null}]}"#,
    "\n\n"
);

const BLOCK: &str = concat!(
    "event: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}"#,
    "\n\n"
);

const DELTA: &str = concat!(
    "event: response.output_text.delta\n",
    r#"data: {"type":"response.output_text.delta","sequence_number":9,"item_id":"msg_1","output_index":0,"#,
    r#""content_index":0,"delta":" word","logprobs":[],"obfuscation":"abc"}"#,
    "\n\n"
);

fn event(endpoint: Endpoint, event: &str) -> Work {
    let event = event.to_owned();
    let mut events = EventStream::new(endpoint, Expected::default(), restorer());
    let mut out = Vec::new();
    Box::new(move || {
        out.clear();
        events.push(event.as_bytes(), &mut out).expect("the sample can be read");
        black_box(&out);
    })
}

fn told() -> Work {
    let event = chunk(" word");
    let mut telling = Telling::new(Endpoint::ChatCompletions);
    Box::new(move || {
        black_box(telling.push(event.as_bytes()));
    })
}

fn answer(text: &str) -> Bytes {
    format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":60,"completion_tokens":12,"total_tokens":72}}}}"#
    )
    .into()
}

fn json() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))])
}

fn splice() -> Work {
    let text = numbered(0, 768, Some(300)).replace("ann.lee@example.org", "[EMAIL_1]");
    let (body, headers, restorer) = (answer(&text), json(), restorer());
    let (endpoint, documents) = (Endpoint::ChatCompletions, Documents::default());
    Box::new(move || {
        let (form, body) = (BodyForm::of(&headers, &body), body.clone());
        let restored =
            restore_body(endpoint, Expected::default(), form, body, &restorer, &documents);
        black_box(restored.expect("the sample is JSON"));
    })
}

/// What a model answers at once.
async fn model(prompt: Prompt) -> Result<Completion, Error> {
    let (kind, body) = if prompt.streamed {
        let pieces = ["I have ", "written to ", "[EMAIL_1] ", "and said ", "sorry. "];
        let mut events: Vec<_> =
            (0..49).map(|nth| Ok(chunk(pieces[nth % pieces.len()]).into())).collect();
        events.push(Ok("data: [DONE]\n\n".into()));
        ("text/event-stream", CompletionBody::Stream(stream::iter(events).boxed()))
    } else {
        let answer = answer("I have written to [EMAIL_1] and said sorry.");
        ("application/json", CompletionBody::Whole(answer))
    };
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
    Ok(Completion { status: StatusCode::OK, headers, body, cache: CacheOutcome::Bypass })
}

/// The stack as the service builds it, all layers on, in front of that model.
struct Service {
    stack: Stack,
    runtime: Runtime,
    caller: CallerId,
}

impl Service {
    fn new() -> Self {
        Metrics::install().expect("no other recorder");
        let (secret, store) = (Secret::new([7; 32]), Store::memory(64 << 20));
        let engine = Arc::new(ArcSwap::from_pointee(engine()));
        let vault = Vault::new(VaultConfig::default(), store.clone(), &secret);
        // So many that none is refused, and none of them is off.
        let limits = RateLimitConfig {
            per_minute: u32::MAX,
            per_hour: u32::MAX,
            burst: u32::MAX,
            global_per_second: u32::MAX,
        };
        let layers = Layers {
            rate_limit: RateLimitLayer::new(limits, store.clone(), &secret),
            guard: GuardLayer::new(engine, vault),
            cache: CacheLayer::new(CacheConfig::default(), &store, &secret),
            in_flight: InFlightLayer::new(1024),
            gen_ai: GenAiLayer::new(std::iter::empty()),
        };
        let stack = stack::build(layers, tower::service_fn(model));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime without threads");
        Self { stack, runtime, caller: CallerId::new("bench") }
    }

    fn ask(&self, task: Task) {
        let call = Call {
            caller: self.caller.clone(),
            facade: Facade::Rest,
            request_id: "bench".into(),
            policy: None,
            deadline: None,
            traceparent: None,
            task,
        };
        self.runtime.block_on(async {
            let reply = self.stack.clone().oneshot(call).await.expect("nothing is refused");
            let Reply::Completed(done) = reply else { return drop(black_box(reply)) };
            match done.body {
                CompletionBody::Whole(body) => drop(black_box(body)),
                CompletionBody::Stream(mut chunks) => {
                    while let Some(chunk) = chunks.next().await {
                        black_box(chunk.expect("the stream does not break"));
                    }
                }
            }
        });
    }

    fn chat(&self, body: String) {
        self.ask(Task::Complete(Complete {
            endpoint: Endpoint::ChatCompletions,
            upstream: None,
            method: Method::POST,
            path: Sensitive::new("/v1/chat/completions".to_owned()),
            query: None,
            headers: json(),
            body: Body(body.into()),
            session: None,
            cache: CacheWish::default(),
        }));
    }
}

fn message(text: &str) -> String {
    format!(r#"{{"role":"user","content":"{text}"}}"#)
}

fn chat(more: &'static str) -> Work {
    let (service, mut next) = (Service::new(), counter());
    Box::new(move || {
        let message = message(&chat_text(next()));
        service.chat(format!(r#"{{"model":"m",{more},"messages":[{message}]}}"#));
    })
}

fn cached() -> Work {
    let service = Service::new();
    let body =
        format!(r#"{{"model":"m","temperature":0,"messages":[{}]}}"#, message(&chat_text(0)));
    service.chat(body.clone());
    Box::new(move || service.chat(body.clone()))
}

fn history() -> Work {
    let (service, mut next) = (Service::new(), counter());
    let turns: Vec<String> = (0..32).map(|nth| message(&numbered(nth, 512, Some(200)))).collect();
    let turns = turns.join(",");
    let ask = move |nth: usize| {
        let message = message(&chat_text(nth));
        service.chat(format!(r#"{{"model":"m","messages":[{turns},{message}]}}"#));
    };
    ask(0);
    Box::new(move || ask(next()))
}

fn image() -> Work {
    let service = Service::new();
    let url = format!("data:image/png;base64,iVBORw0KGgo{}", "AAEC".repeat(5 << 18));
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"{url}"}}}}]}}]}}"#
    );
    Box::new(move || service.chat(body.clone()))
}

fn scan() -> Work {
    let (service, mut next) = (Service::new(), counter());
    Box::new(move || {
        let text =
            format!("Number {}. {}{}", next(), prose::VALUES[0], &prose::SENTENCES.concat()[..150]);
        let texts = vec![Sensitive::new(text)];
        service.ask(Task::Scan(Scan { texts, narrowing: Narrowing::default() }));
    })
}

/// The text as it is after some requests of several kinds.
fn metrics() -> Work {
    for (_, make) in CASES.iter().filter(|(name, _)| name.starts_with("request:")) {
        make()();
    }
    let metrics = Metrics::install().expect("no other recorder");
    Box::new(move || drop(black_box(metrics.render())))
}
