mod leaving;

use super::*;
use crate::{
    call::{CacheWish, Discretion, header_map},
    redact::Redacted,
    store::RedisConfig,
    wire::Endpoint,
};
use futures_util::{future::join_all, stream, stream::StreamExt};
use http::{HeaderMap, Method, StatusCode};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::sync::Semaphore;
use tower::limit::ConcurrencyLimit;

const BODY: &str =
    r#"{"model":"m","temperature":0,"messages":[{"role":"user","content":"hi [EMAIL_1]"}]}"#;
const NO_STORE: CacheWish = CacheWish { no_store: true, max_age: None, only_if_cached: false };
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

fn config(mode: CacheMode) -> CacheConfig {
    CacheConfig { mode, ..CacheConfig::default() }
}

fn layer(config: CacheConfig) -> CacheLayer {
    CacheLayer::new(config, &Store::memory(1 << 20), &Secret::new([9; 32]))
}

fn prompt(body: &str) -> Prompt {
    Prompt {
        caller: crate::call::CallerId::new("ann"),
        request_id: "r1".into(),
        endpoint: Endpoint::ChatCompletions,
        upstream: None,
        method: Method::POST,
        target: Redacted::for_test("/v1/chat/completions"),
        headers: header_map(&[("authorization", "Bearer one")]),
        body: Redacted::for_test(body.to_owned()),
        streamed: false,
        policy_version: "p1".into(),
        cache: CacheWish::default(),
        deadline: None,
        shared: false,
        traceparent: None,
        discretion: Discretion::default(),
    }
}

fn streamed() -> Prompt {
    Prompt { streamed: true, ..prompt(BODY) }
}

fn answer(kind: &'static str, body: CompletionBody) -> Completion {
    let headers =
        header_map(&[("content-type", kind), ("set-cookie", "c=1"), ("x-request-id", "u1")]);
    Completion { status: StatusCode::OK, headers, body, cache: CacheOutcome::Bypass }
}

fn whole(body: &'static str) -> Completion {
    answer(JSON, CompletionBody::Whole(Bytes::from_static(body.as_bytes())))
}

fn events(chunks: &[&'static str]) -> Completion {
    let chunks: Vec<_> =
        chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect();
    answer(EVENTS, CompletionBody::Stream(stream::iter(chunks).boxed()))
}

/// An upstream that counts how often it is asked.
#[derive(Clone, Default)]
struct Upstream(Arc<AtomicUsize>);

impl Upstream {
    fn asked(&self) -> usize {
        self.0.load(Relaxed)
    }

    fn answering(
        &self,
        answer: impl Fn(usize) -> Result<Completion, Error> + Clone + Send + Sync + 'static,
    ) -> impl Service<Prompt, Response = Completion, Error = Error, Future: Send> + Clone + Send + 'static
    {
        let count = self.0.clone();
        tower::service_fn(move |_: Prompt| {
            let result = answer(count.fetch_add(1, Relaxed));
            async move { result }
        })
    }
}

async fn read(body: CompletionBody) -> Result<String, Error> {
    let bytes = match body {
        CompletionBody::Whole(bytes) => bytes.to_vec(),
        CompletionBody::Stream(mut chunks) => {
            let mut all = Vec::new();
            while let Some(chunk) = chunks.next().await {
                all.extend_from_slice(&chunk?);
            }
            all
        }
    };
    Ok(String::from_utf8(bytes).unwrap())
}

/// Sends two prompts after each other; what becomes of the second?
async fn second(config: CacheConfig, first: Prompt, second: Prompt) -> CacheOutcome {
    let upstream = Upstream::default();
    let cache = layer(config).layer(upstream.answering(|_| Ok(whole("{}"))));
    read(cache.clone().oneshot(first).await.unwrap().body).await.unwrap();
    let outcome = cache.oneshot(second).await.unwrap().cache;
    assert_eq!(upstream.asked(), if outcome == CacheOutcome::Hit { 1 } else { 2 });
    outcome
}

#[tokio::test]
async fn repeated_prompt_is_answered_without_the_upstream() {
    let upstream = Upstream::default();
    // `ConcurrencyLimit` panics when called on a clone that was not readied.
    let inner = ConcurrencyLimit::new(upstream.answering(|_| Ok(whole(r#"{"a":"[EMAIL_1]"}"#))), 1);
    let mut cache = layer(CacheConfig::default()).layer(inner);
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let completion = cache.ready().await.unwrap().call(prompt(BODY)).await.unwrap();
        outcomes.push(completion.cache);
        assert_eq!(completion.status, StatusCode::OK);
        assert_eq!(completion.headers["content-type"], JSON);
        let told = completion.cache == CacheOutcome::Miss;
        assert_eq!(completion.headers.contains_key("set-cookie"), told, "of one exchange only");
        assert_eq!(read(completion.body).await.unwrap(), r#"{"a":"[EMAIL_1]"}"#);
    }
    assert_eq!(outcomes, [CacheOutcome::Miss, CacheOutcome::Hit, CacheOutcome::Hit]);
    assert_eq!(upstream.asked(), 1);
}

#[tokio::test]
async fn mode_decides_which_prompts_may_be_answered_from_the_cache() {
    use CacheMode::{All, Deterministic, Off};
    use CacheOutcome::{Bypass, Hit};
    let cases = [
        (Off, r#"{"temperature":0}"#, Bypass),
        (Deterministic, r#"{"temperature":0}"#, Hit),
        (Deterministic, r#"{"temperature": 0.0 }"#, Hit),
        (Deterministic, r#"{"temperature":1,"seed":7}"#, Hit),
        (Deterministic, r#"{"temperature":0.1}"#, Bypass),
        (Deterministic, r#"{"seed":null}"#, Bypass),
        (Deterministic, r#"{"messages":[{"temperature":0}]}"#, Bypass),
        (Deterministic, "{}", Bypass),
        (Deterministic, r#"{"temperature":0,"store":true}"#, Bypass),
        (Deterministic, r#"{"temperature":0,"store":false}"#, Hit),
        (Deterministic, r#"{"temperature":0"#, Bypass),
        (All, r#"{"temperature":1}"#, Hit),
        (All, "{}", Hit),
        (All, r#"{"web_search_options":{}}"#, Bypass),
        (All, "no JSON", Bypass),
    ];
    for (mode, body, expected) in cases {
        let outcome = second(config(mode), prompt(body), prompt(body)).await;
        assert_eq!(outcome, expected, "{mode:?} {body}");
    }
}

#[tokio::test]
async fn endpoint_and_no_store_decide_too() {
    let check = async |change: fn(Prompt) -> Prompt, body, expected| {
        let prompt = || change(prompt(body));
        let outcome = second(CacheConfig::default(), prompt(), prompt()).await;
        assert_eq!(outcome, expected, "{:?}", prompt());
    };
    let embed = |prompt| Prompt { endpoint: Endpoint::Embeddings, ..prompt };
    check(embed, r#"{"input":"a"}"#, CacheOutcome::Hit).await;
    let models = |prompt| Prompt { endpoint: Endpoint::Models, method: Method::GET, ..prompt };
    check(models, "", CacheOutcome::Bypass).await;
    check(|prompt| Prompt { cache: NO_STORE, ..prompt }, BODY, CacheOutcome::Bypass).await;
}

#[tokio::test]
async fn whatever_changes_the_answer_is_part_of_the_key() {
    let miss = async |change: fn(&mut Prompt)| {
        let mut other = prompt(BODY);
        change(&mut other);
        let outcome = second(CacheConfig::default(), prompt(BODY), other.clone()).await;
        assert_eq!(outcome, CacheOutcome::Miss, "{other:?}");
    };
    miss(|p| p.upstream = Some("default".into())).await;
    miss(|p| p.policy_version = "p2".into()).await;
    miss(|p| p.target = Redacted::for_test("/v1/chat/completions?a=1")).await;
    miss(|p| p.body = Redacted::for_test(BODY.replace("hi", "ho"))).await;
    miss(|p| p.endpoint = Endpoint::Completions).await;
    miss(|p| p.streamed = true).await;
    miss(|p| p.headers = header_map(&[("authorization", "Bearer two")])).await;
    miss(|p| p.headers = header_map(&[("x-api-key", "Bearer one")])).await;
    miss(|p| p.headers = header_map(&[("authorization", "Bearer one"), ("accept", "text/x")]))
        .await;
    miss(|p| p.headers = HeaderMap::new()).await;
}

#[tokio::test]
async fn whatever_does_not_change_the_answer_is_not() {
    let mut other = prompt(BODY);
    other.request_id = "r2".into();
    other.caller = crate::call::CallerId::new("bob");
    other.headers.insert("x-stainless-retry-count", "1".parse().unwrap());
    other.headers.insert("user-agent", "other".parse().unwrap());
    let by_credential = CacheConfig::default();
    assert_eq!(second(by_credential, prompt(BODY), other.clone()).await, CacheOutcome::Hit);
    let by_caller = CacheConfig { scope: CacheScope::Caller, ..by_credential };
    assert_eq!(second(by_caller, prompt(BODY), other).await, CacheOutcome::Miss);
    assert_eq!(second(by_caller, prompt(BODY), prompt(BODY)).await, CacheOutcome::Hit);
}

#[tokio::test]
async fn answers_that_are_no_success_are_not_kept() {
    let answers: [fn() -> Result<Completion, Error>; 6] = [
        || Ok(Completion { status: StatusCode::TOO_MANY_REQUESTS, ..whole("{}") }),
        || Ok(whole(r#"{"error":{"message":"no"}}"#)),
        || Ok(whole(r#"{"cut":"#)),
        || Ok(answer("text/html", CompletionBody::Whole(Bytes::from_static(b"{}")))),
        || {
            let mut completion = whole("{}");
            completion.headers.insert("content-encoding", "gzip".parse().unwrap());
            Ok(completion)
        },
        || {
            let mut completion = whole("{}");
            completion.headers.insert("cache-control", "private, No-Store".parse().unwrap());
            Ok(completion)
        },
    ];
    for answer in answers {
        let upstream = Upstream::default();
        let cache = layer(CacheConfig::default()).layer(upstream.answering(move |_| answer()));
        for _ in 0..2 {
            assert_eq!(
                cache.clone().oneshot(prompt(BODY)).await.unwrap().cache,
                CacheOutcome::Miss
            );
        }
        assert_eq!(upstream.asked(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn entry_is_given_for_its_time() {
    let upstream = Upstream::default();
    let cache = layer(CacheConfig::default()).layer(upstream.answering(|_| Ok(whole("{}"))));
    let ask = async || cache.clone().oneshot(prompt(BODY)).await.unwrap().cache;
    ask().await;
    tokio::time::advance(Duration::from_secs(3599)).await;
    assert_eq!(ask().await, CacheOutcome::Hit);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(ask().await, CacheOutcome::Miss);
}

const CHUNKS: [&str; 3] = ["data: {\"a\":\"[EMA", "IL_1]\"}\n\ndata: [DO", "NE]\n\n"];

#[tokio::test]
async fn stream_passes_at_once_is_kept_at_its_end_and_replayed_as_a_stream() {
    let upstream = Upstream::default();
    let cache = layer(CacheConfig::default()).layer(upstream.answering(|_| Ok(events(&CHUNKS))));
    let first = cache.clone().oneshot(streamed()).await.unwrap();
    let CompletionBody::Stream(mut chunks) = first.body else { panic!("a stream") };
    assert_eq!(first.cache, CacheOutcome::Miss);
    for chunk in CHUNKS {
        assert_eq!(chunks.next().await.unwrap().unwrap(), chunk, "chunk by chunk");
    }
    assert!(chunks.next().await.is_none());

    let again = cache.oneshot(streamed()).await.unwrap();
    assert_eq!(again.cache, CacheOutcome::Hit);
    assert!(matches!(again.body, CompletionBody::Stream(_)));
    assert_eq!(read(again.body).await.unwrap(), CHUNKS.concat());
}

#[tokio::test]
async fn stream_is_kept_only_if_all_of_it_was_seen() {
    let small = CacheConfig { max_entry_bytes: 20, ..CacheConfig::default() };
    type Case = (CacheConfig, fn() -> Completion, usize, CacheOutcome);
    let cases: [Case; 5] = [
        (CacheConfig::default(), || events(&CHUNKS), 3, CacheOutcome::Hit),
        (CacheConfig::default(), || events(&CHUNKS), 2, CacheOutcome::Miss),
        (CacheConfig::default(), || events(&CHUNKS[..2]), 3, CacheOutcome::Miss),
        (CacheConfig::default(), broken, 3, CacheOutcome::Miss),
        (small, || events(&CHUNKS), 4, CacheOutcome::Miss),
    ];
    for (number, (config, answer, taken, expected)) in cases.into_iter().enumerate() {
        let upstream = Upstream::default();
        let cache = layer(config).layer(upstream.answering(move |_| Ok(answer())));
        let first = cache.clone().oneshot(streamed()).await.unwrap();
        let CompletionBody::Stream(mut chunks) = first.body else { panic!("a stream") };
        for _ in 0..taken {
            let _ = chunks.next().await;
        }
        drop(chunks);
        assert_eq!(cache.oneshot(streamed()).await.unwrap().cache, expected, "case {number}");
    }
}

/// All the events, and then the connection breaks.
fn broken() -> Completion {
    let whole = Ok(Bytes::from_static(b"data: {}\n\ndata: [DONE]\n\n"));
    let fault = Err(Error::UpstreamBadAnswer { reason: "cut off".into() });
    answer(EVENTS, CompletionBody::Stream(stream::iter([whole, fault]).boxed()))
}

#[tokio::test]
async fn whole_answer_that_comes_in_chunks_is_collected_up_to_the_limit() {
    let chunked = || {
        let chunks = ["{\"a\":", "1", "}"].map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())));
        answer(JSON, CompletionBody::Stream(stream::iter(chunks).boxed()))
    };
    for (max_entry_bytes, expected) in [(7, CacheOutcome::Hit), (6, CacheOutcome::Miss)] {
        let upstream = Upstream::default();
        let config = CacheConfig { max_entry_bytes, ..CacheConfig::default() };
        let cache = layer(config).layer(upstream.answering(move |_| Ok(chunked())));
        for outcome in [CacheOutcome::Miss, expected] {
            let completion = cache.clone().oneshot(prompt(BODY)).await.unwrap();
            assert_eq!(completion.cache, outcome);
            assert_eq!(read(completion.body).await.unwrap(), r#"{"a":1}"#);
        }
    }
}

/// A cache over an upstream that answers only as often as the gate is opened.
fn gated(
    upstream: &Upstream,
    answer: impl Fn() -> Result<Completion, Error> + Clone + Send + Sync + 'static,
) -> (
    impl Service<Prompt, Response = Completion, Error = Error, Future: Send + Unpin> + Clone,
    Arc<Semaphore>,
) {
    let (gate, count) = (Arc::new(Semaphore::new(0)), upstream.0.clone());
    let opened = gate.clone();
    let inner = tower::service_fn(move |_: Prompt| {
        let (gate, count, answer) = (gate.clone(), count.clone(), answer.clone());
        async move {
            count.fetch_add(1, Relaxed);
            gate.acquire().await.unwrap().forget();
            answer()
        }
    });
    // Boxed: the service's future must be movable between polls in these tests.
    let inner = tower::util::BoxCloneSyncService::new(inner);
    (layer(CacheConfig::default()).layer(inner), opened)
}

#[tokio::test]
async fn prompts_that_come_at_once_ask_the_upstream_once() {
    let upstream = Upstream::default();
    let (cache, gate) = gated(&upstream, || Ok(whole("{}")));
    let asking = join_all((0..50).map(|_| cache.clone().oneshot(prompt(BODY))));
    let opening = async {
        tokio::task::yield_now().await;
        assert_eq!(upstream.asked(), 1);
        gate.add_permits(1);
    };
    let (completions, ()) = tokio::join!(asking, opening);
    let hits = completions.iter().filter(|c| c.as_ref().unwrap().cache == CacheOutcome::Hit);
    assert_eq!((hits.count(), upstream.asked()), (49, 1));
}

#[tokio::test]
async fn when_the_answer_is_not_for_all_the_others_ask_for_themselves() {
    for answer in [|| Err(Error::UpstreamTimeout), || Ok(whole(r#"{"error":{}}"#))] {
        let upstream = Upstream::default();
        let (cache, gate) = gated(&upstream, answer);
        let asking = join_all((0..5).map(|_| cache.clone().oneshot(prompt(BODY))));
        let opening = async {
            tokio::task::yield_now().await;
            gate.add_permits(1);
            // All at once, not one after the other's failure.
            while upstream.asked() < 5 {
                tokio::task::yield_now().await;
            }
            gate.add_permits(4);
        };
        let (results, ()) = tokio::join!(asking, opening);
        assert_eq!((results.len(), upstream.asked()), (5, 5));
    }
}

#[tokio::test]
async fn store_that_is_down_is_a_miss_and_answers_are_kept_near() {
    let store = Store::redis(&RedisConfig::new("redis://127.0.0.1:1")).unwrap();
    let layer = CacheLayer::new(CacheConfig::default(), &store, &Secret::new([9; 32]));
    let upstream = Upstream::default();
    let cache = layer.layer(upstream.answering(|_| Ok(whole("{}"))));
    for expected in [CacheOutcome::Miss, CacheOutcome::Hit] {
        assert_eq!(cache.clone().oneshot(prompt(BODY)).await.unwrap().cache, expected);
    }
}

/// An upstream whose stream says what is sent, and knows when nobody reads any more.
fn paced(
    upstream: &Upstream,
) -> (
    tokio::sync::mpsc::Sender<&'static str>,
    impl Service<Prompt, Response = Completion, Error = Error, Future: Send> + Clone + Send + 'static,
) {
    let (send, receive) = tokio::sync::mpsc::channel::<&'static str>(1);
    let receive = Arc::new(std::sync::Mutex::new(Some(receive)));
    let service = upstream.answering(move |_| {
        let receive = receive.lock().unwrap().take().expect("asked once");
        let chunks = stream::unfold(receive, async |mut receive| {
            let said = receive.recv().await?;
            Some((Ok(Bytes::from_static(said.as_bytes())), receive))
        });
        Ok(answer(EVENTS, CompletionBody::Stream(chunks.boxed())))
    });
    (send, service)
}

fn chunks(completion: Completion) -> recorder::Chunks {
    match completion.body {
        CompletionBody::Stream(chunks) => chunks,
        CompletionBody::Whole(_) => panic!("a stream was due"),
    }
}

async fn next(chunks: &mut recorder::Chunks) -> Bytes {
    chunks.next().await.unwrap().unwrap()
}

#[tokio::test]
async fn streams_that_are_asked_for_at_once_are_one_upstream_request() {
    let upstream = Upstream::default();
    let (send, service) = paced(&upstream);
    let cache = layer(config(CacheMode::Deterministic)).layer(service);
    let mut first = chunks(cache.clone().oneshot(streamed()).await.unwrap());
    send.send("data: one\n\n").await.unwrap();
    assert_eq!(next(&mut first).await, "data: one\n\n");
    let second = cache.clone().oneshot(streamed()).await.unwrap();
    assert_eq!(second.cache, CacheOutcome::Hit);
    assert!(second.headers.get("content-type").is_some());
    let mut second = chunks(second);
    assert_eq!(next(&mut second).await, "data: one\n\n", "who comes later misses nothing");
    // The one who waits is woken whoever reads.
    let (told, ()) = tokio::join!(next(&mut second), async {
        send.send("data: [DONE]\n\n").await.unwrap();
        assert_eq!(next(&mut first).await, "data: [DONE]\n\n");
    });
    assert_eq!(told, "data: [DONE]\n\n");
    drop(send);
    assert!(first.next().await.is_none() && second.next().await.is_none());
    let third = cache.oneshot(streamed()).await.unwrap();
    assert_eq!(read(third.body).await.unwrap(), "data: one\n\ndata: [DONE]\n\n");
    assert_eq!(upstream.asked(), 1);
}

#[tokio::test]
async fn a_long_stream_is_not_kept_for_those_who_come_later() {
    let upstream = Upstream::default();
    let small = CacheConfig { max_entry_bytes: 8, ..config(CacheMode::Deterministic) };
    let long: Vec<&str> = vec!["data: 0123456789\n\n"; 3];
    let cache = layer(small).layer(upstream.answering(move |_| Ok(events(&long))));
    let mut first = chunks(cache.clone().oneshot(streamed()).await.unwrap());
    next(&mut first).await;
    let second = cache.oneshot(streamed()).await.unwrap();
    assert_eq!((second.cache, upstream.asked()), (CacheOutcome::Miss, 2));
    assert_eq!(first.count().await, 2);
}
