//! Two replicas on one Redis, and what each does when it goes away: the design's table of state.

use crate::support::redis::RedisServer;
use bytes::Bytes;
use prompt_guard::{
    call::{
        CacheOutcome, CacheWish, Call, CallerId, Completion, CompletionBody, Discretion, Error,
        Facade, Kind, Prompt, Quota, Reply, SessionId, Task,
    },
    detect::{EntityType, Finding, Score, Span},
    redact::{Document, Keys, Mapping, Operators, Redacted, Treatment},
    sensitive::Sensitive,
    stack::{
        cache::{CacheConfig, CacheLayer},
        rate_limit::{RateLimitConfig, RateLimitLayer},
    },
    store::{Health, RedisConfig, Secret, Store},
    vault::{self, Missing, Vault, VaultConfig},
    wire::Endpoint,
};
use std::{
    future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tower::{Layer, Service, ServiceExt};

const CANARIES: [&str; 2] = ["canary.ann@example.org", "canary.bob@example.org"];

/// One replica's state.
struct Replica {
    store: Store,
    vault: Vault,
    limits: RateLimitLayer,
    cache: CacheLayer,
}

/// How long the store of a replica is left alone after a failure.
const PAUSE: Duration = Duration::from_millis(20);

impl Replica {
    fn new(redis: &RedisServer) -> Self {
        let secret = Secret::new([42; 32]);
        let config = RedisConfig { pause: PAUSE, ..RedisConfig::new(redis.url()) };
        let store = Store::redis(&config).unwrap();
        let limits = RateLimitConfig { per_minute: 3, ..RateLimitConfig::default() };
        Self {
            vault: Vault::new(VaultConfig::default(), store.clone(), &secret),
            limits: RateLimitLayer::new(limits, store.clone(), &secret),
            cache: CacheLayer::new(CacheConfig::default(), &store, &secret),
            store,
        }
    }

    /// Sends one call through the limits.
    async fn send(&self, task: Task) -> Result<Reply, Error> {
        let inner = tower::service_fn(async |_: Call| Ok(Reply::SessionDeleted));
        self.limits.layer(inner).oneshot(call(task)).await
    }

    async fn quota(&self) -> Quota {
        let reply = self.send(Task::ReadQuota).await.unwrap();
        let Reply::Quota(quota) = reply else { panic!("{reply:?}") };
        quota
    }

    async fn complete(&self, upstream: &Upstream, prompt: Prompt) -> (CacheOutcome, String) {
        let completion = self.cache.layer(upstream.service()).oneshot(prompt).await.unwrap();
        let CompletionBody::Whole(body) = completion.body else { panic!("not a stream") };
        self.cache.write_aside(future::ready(())).await;
        (completion.cache, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn until_up(&self) {
        let patience = Instant::now() + Duration::from_secs(10);
        while self.store.health().await == Health::Down {
            assert!(Instant::now() < patience, "the store does not come back");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn counted() -> Task {
    Task::DeleteSession(session())
}

fn session() -> SessionId {
    SessionId::parse("canary-session").unwrap()
}

fn caller() -> CallerId {
    CallerId::new("canary-caller")
}

fn call(task: Task) -> Call {
    Call {
        caller: caller(),
        facade: Facade::Rest,
        request_id: "r1".into(),
        policy: None,
        deadline: None,
        traceparent: None,
        task,
    }
}

/// An upstream that repeats the placeholder it was sent, and counts.
#[derive(Clone, Default)]
struct Upstream(Arc<AtomicUsize>);

impl Upstream {
    fn service(
        &self,
    ) -> impl Service<Prompt, Response = Completion, Error = Error, Future: Send> + Clone + Send + 'static
    {
        let asked = self.0.clone();
        tower::service_fn(move |prompt: Prompt| {
            asked.fetch_add(1, Relaxed);
            async move {
                let seen = String::from_utf8(prompt.body.as_bytes().to_vec()).unwrap();
                assert!(seen.contains("[EMAIL_1]") && !seen.contains("canary"), "{seen}");
                let mut headers = http::HeaderMap::new();
                headers.insert("content-type", "application/json".parse().unwrap());
                let body = CompletionBody::Whole(Bytes::from_static(br#"{"a":"to [EMAIL_1]"}"#));
                let (status, cache) = (http::StatusCode::OK, CacheOutcome::Bypass);
                Ok(Completion { status, headers, body, cache })
            }
        })
    }

    fn asked(&self) -> usize {
        self.0.load(Relaxed)
    }
}

/// A redacted prompt around a private value, and the mapping that only its caller has.
fn prompt(email: &str) -> (Prompt, Mapping) {
    let body = format!(r#"{{"model":"m","temperature":0,"prompt":"write to {email}"}}"#);
    let mut mapping = Mapping::default();
    let prompt = Prompt {
        caller: CallerId::new(email),
        request_id: "r1".into(),
        endpoint: Endpoint::Completions,
        upstream: None,
        method: http::Method::POST,
        target: redacted("\"/v1/completions\"", "", &mut Mapping::default()),
        headers: http::HeaderMap::new(),
        body: redacted(&body, email, &mut mapping),
        streamed: false,
        policy_version: "p1".into(),
        cache: CacheWish::default(),
        deadline: None,
        shared: false,
        traceparent: None,
        discretion: Discretion::default(),
    };
    (prompt, mapping)
}

fn redacted(body: &str, email: &str, mapping: &mut Mapping) -> Redacted {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let document = Document::parse(&body, 8, &mut |_, _| Treatment::Guard).unwrap();
    let find = |text: &str| {
        let start = text.find(email).filter(|_| !email.is_empty())?;
        Some(Finding {
            entity_type: EntityType::builtin("EMAIL_ADDRESS"),
            span: Span::of(text, start, start + email.len()).unwrap(),
            score: Score::MAX,
            recognizer: "test".into(),
        })
    };
    let findings: Vec<Vec<Finding>> =
        document.texts().iter().map(|text| find(text.text).into_iter().collect()).collect();
    document.redact(&findings, &Operators::default(), &Keys::derive(b"test"), mapping)
}

async fn add(store: &Vault, value: &str) -> Result<usize, vault::Error> {
    let extend = |mapping: Mapping| {
        let mut pairs = mapping.pairs();
        pairs.push((format!("[EMAIL_{}]", pairs.len() + 1), Sensitive::new(value)));
        future::ready(Ok::<_, vault::Error>((pairs.len(), Mapping::from_pairs(pairs))))
    };
    let added = store.update(&caller(), &session(), Missing::Begin, extend).await?;
    Ok(added.expect("it begins"))
}

#[tokio::test]
async fn replicas_share_a_limit() {
    let redis = RedisServer::start();
    let (one, two) = (Replica::new(&redis), Replica::new(&redis));
    for replica in [&one, &two, &one] {
        replica.send(counted()).await.unwrap();
    }
    for replica in [&one, &two] {
        let refused = replica.send(counted()).await.unwrap_err();
        assert!(matches!(refused, Error::RateLimited { limit: 3, .. }), "{refused:?}");
        assert_eq!(replica.quota().await.remaining, 0);
    }
}

#[tokio::test]
async fn replicas_share_a_mapping_and_never_give_a_number_twice() {
    let redis = RedisServer::start();
    let (one, two) = (Replica::new(&redis), Replica::new(&redis));
    let values: Vec<String> = (0..12).map(|n| format!("canary{n}@example.org")).collect();
    let adding = values.iter().enumerate().map(|(n, value)| {
        let vault = if n % 2 == 0 { &one.vault } else { &two.vault };
        add(vault, value)
    });
    let mut numbers: Vec<usize> = futures_util::future::try_join_all(adding).await.unwrap();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    let (mapping, _) = two.vault.load(&caller(), &session()).await.unwrap().unwrap();
    assert_eq!(mapping.len(), 12);
}

#[tokio::test]
async fn prompts_that_differ_in_private_values_share_an_entry_and_each_gets_its_own_back() {
    let redis = RedisServer::start();
    let (one, two) = (Replica::new(&redis), Replica::new(&redis));
    let upstream = Upstream::default();
    let [(ann, anns), (bob, bobs)] = CANARIES.map(prompt);
    let (first, answer) = one.complete(&upstream, ann).await;
    assert_eq!((first, restored(&anns, &answer)), (CacheOutcome::Miss, own(CANARIES[0])));
    for _near in [false, true] {
        let (outcome, answer) = two.complete(&upstream, bob.clone()).await;
        assert_eq!((outcome, restored(&bobs, &answer)), (CacheOutcome::Hit, own(CANARIES[1])));
    }
    assert_eq!(upstream.asked(), 1);
}

fn restored(mapping: &Mapping, answer: &str) -> String {
    let restorer = mapping.restorer();
    restorer.restore(answer, prompt_guard::redact::Context::JsonText).to_string()
}

fn own(email: &str) -> String {
    format!(r#"{{"a":"to {email}"}}"#)
}

#[tokio::test]
async fn nothing_private_is_in_the_keys_and_values_of_redis() {
    let redis = RedisServer::start();
    let replica = Replica::new(&redis);
    let upstream = Upstream::default();
    for canary in CANARIES {
        add(&replica.vault, canary).await.unwrap();
        replica.complete(&upstream, prompt(canary).0).await;
        replica.send(counted()).await.unwrap();
    }
    let heap = String::from_utf8_lossy(&redis.dump()).into_owned();
    for space in ["pg:{limit}:", "pg:session:{", "pg:completion:{"] {
        assert!(heap.contains(space), "{space} in {heap}");
    }
    assert!(!heap.contains("[EMAIL_1]"), "the completion is sealed");
    assert!(!heap.contains("canary") && !heap.contains("example.org"), "{heap}");
}

#[tokio::test]
async fn an_answer_waits_for_no_write_to_redis() {
    let redis = RedisServer::start();
    let (replica, upstream) = (Replica::new(&redis), Upstream::default());
    let cache = replica.cache.layer(upstream.service());
    cache.oneshot(prompt(CANARIES[0]).0).await.unwrap();
    let is_kept = || String::from_utf8_lossy(&redis.dump()).contains("pg:completion:{");
    assert!(!is_kept(), "nobody has written it yet");
    replica.cache.write_aside(future::ready(())).await;
    assert!(is_kept());
}

#[tokio::test]
async fn without_redis_limits_are_local_the_cache_misses_and_only_sessions_fail() {
    let mut redis = RedisServer::start();
    let replica = Replica::new(&redis);
    let upstream = Upstream::default();
    add(&replica.vault, CANARIES[0]).await.unwrap();
    replica.send(counted()).await.unwrap();

    redis.stop();
    for _ in 0..3 {
        replica.send(counted()).await.expect("counted by this process, which has not counted yet");
    }
    let refused = replica.send(counted()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::RateLimited);
    let (outcome, _) = replica.complete(&upstream, prompt(CANARIES[0]).0).await;
    assert_eq!(outcome, CacheOutcome::Miss);
    let error = replica.vault.load(&caller(), &session()).await.unwrap_err();
    assert_eq!(Error::from(error).kind(), Kind::StateUnavailable);
    let error = replica.vault.delete(&caller(), &session()).await.unwrap_err();
    assert_eq!(Error::from(error).kind(), Kind::StateUnavailable);

    redis.restart();
    replica.until_up().await;
    assert_eq!(replica.quota().await.remaining, 3, "Redis counts again, from nothing");
    assert_eq!(add(&replica.vault, CANARIES[0]).await.unwrap(), 1);
}

#[tokio::test]
async fn redis_that_hangs_delays_one_call_by_the_time_limit_and_the_rest_not_at_all() {
    let redis = RedisServer::start();
    let replica = Replica::new(&redis);
    replica.until_up().await;
    redis.freeze();
    let began = Instant::now();
    replica.send(counted()).await.unwrap();
    let first = began.elapsed();
    redis.thaw();
    replica.until_up().await;
    let timeout = RedisConfig::new(redis.url()).timeout;
    assert!(first >= timeout && first < timeout * 8, "{first:?}");
}
