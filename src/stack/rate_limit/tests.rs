use super::*;
use crate::{
    call::{Facade, SessionId},
    store::RedisConfig,
};
use metrics::{KeyName, Metadata, SharedString, Unit};
use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use tower::{ServiceExt, limit::ConcurrencyLimit};

const SECRET: [u8; 32] = [3; 32];

fn layer(config: RateLimitConfig) -> RateLimitLayer {
    RateLimitLayer::new(config, Store::memory(1 << 20), &Secret::new(SECRET))
}

fn inner() -> impl Service<Call, Response = Reply, Error = Error, Future: Send> + Clone + Send {
    tower::service_fn(async |_: Call| Ok(Reply::SessionDeleted))
}

fn call(caller: &str, task: Task) -> Call {
    Call {
        caller: CallerId::new(caller),
        facade: Facade::Rest,
        request_id: "r1".into(),
        policy: None,
        deadline: None,
        traceparent: None,
        task,
    }
}

fn counted(caller: &str) -> Call {
    call(caller, Task::DeleteSession(SessionId::parse("s").unwrap()))
}

/// Sends one call through a service of its own, as each connection has.
async fn send(layer: &RateLimitLayer, call: Call) -> Result<Reply, Error> {
    layer.layer(inner()).oneshot(call).await
}

async fn quota_of(layer: &RateLimitLayer, caller: &str) -> Quota {
    let reply = send(layer, call(caller, Task::ReadQuota)).await.unwrap();
    let Reply::Quota(quota) = reply else { panic!("{reply:?}") };
    quota
}

fn per_minute(per_minute: u32) -> RateLimitConfig {
    RateLimitConfig { per_minute, ..RateLimitConfig::default() }
}

#[tokio::test(start_paused = true)]
async fn caller_over_the_limit_is_told_when_to_come_back() {
    let layer = layer(per_minute(2));
    send(&layer, counted("ann")).await.unwrap();
    send(&layer, counted("ann")).await.unwrap();
    let refused = send(&layer, counted("ann")).await.unwrap_err();
    let Error::RateLimited { retry_after, limit } = refused else { panic!("{refused:?}") };
    assert_eq!((retry_after, limit), (Duration::from_secs(30), 2));

    send(&layer, counted("bob")).await.expect("another caller has a limit of its own");
    tokio::time::advance(retry_after).await;
    send(&layer, counted("ann")).await.expect("the time has come");
}

#[tokio::test(start_paused = true)]
async fn burst_is_the_shorter_windows_and_the_longer_one_keeps_all_of_its_calls() {
    let config = RateLimitConfig { per_minute: 60, per_hour: 8, burst: 5, global_per_second: 0 };
    let layer = layer(config);
    for _ in 0..5 {
        send(&layer, counted("ann")).await.unwrap();
    }
    let Err(Error::RateLimited { limit: 60, .. }) = send(&layer, counted("ann")).await else {
        panic!("the burst is used up");
    };
    tokio::time::advance(Duration::from_secs(10)).await;
    for _ in 0..3 {
        send(&layer, counted("ann")).await.unwrap();
    }
    let Err(Error::RateLimited { limit: 8, retry_after }) = send(&layer, counted("ann")).await
    else {
        panic!("the hour is used up");
    };
    assert_eq!(retry_after, Duration::from_secs(440), "an eighth of an hour less 10 s");
}

#[tokio::test(start_paused = true)]
async fn global_limit_counts_all_callers() {
    let layer = layer(RateLimitConfig { global_per_second: 2, ..RateLimitConfig::default() });
    send(&layer, counted("ann")).await.unwrap();
    send(&layer, counted("bob")).await.unwrap();
    assert!(matches!(send(&layer, counted("eve")).await, Err(Error::RateLimited { limit: 2, .. })));
    tokio::time::advance(Duration::from_millis(500)).await;
    send(&layer, counted("eve")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn quota_is_read_without_using_it() {
    let layer = layer(per_minute(3));
    send(&layer, counted("ann")).await.unwrap();
    for _ in 0..5 {
        let quota = quota_of(&layer, "ann").await;
        assert_eq!((quota.limit, quota.remaining), (Some(3), 2));
        assert_eq!(quota.reset, Duration::from_secs(20));
        send(&layer, call("ann", Task::ListPolicies)).await.unwrap();
    }
    assert_eq!(quota_of(&layer, "bob").await.remaining, 3);
}

#[tokio::test]
async fn without_limits_every_call_goes_on_at_once() {
    let layer = layer(RateLimitConfig::default());
    for _ in 0..100 {
        let mut service = layer.layer(inner());
        let future = service.ready().await.unwrap().call(counted("ann"));
        assert!(matches!(future, Either::Left(_)), "no box");
        future.await.unwrap();
    }
    assert_eq!(quota_of(&layer, "ann").await, UNLIMITED);
}

#[tokio::test(start_paused = true)]
async fn store_that_is_down_leaves_the_limits_of_this_process() {
    // Port 1 refuses connections.
    let store = Store::redis(&RedisConfig::new("redis://127.0.0.1:1")).unwrap();
    let layer = RateLimitLayer::new(per_minute(2), store, &Secret::new(SECRET));
    // `ConcurrencyLimit` panics when called on a clone that was not readied.
    let mut service = layer.layer(ConcurrencyLimit::new(inner(), 1));
    for _ in 0..2 {
        service.ready().await.unwrap().call(counted("ann")).await.unwrap();
    }
    let refused = service.ready().await.unwrap().call(counted("ann")).await;
    assert!(matches!(refused, Err(Error::RateLimited { .. })));
    let quota = service.ready().await.unwrap().call(call("ann", Task::ReadQuota)).await.unwrap();
    assert!(matches!(quota, Reply::Quota(Quota { remaining: 0, .. })));
}

/// Sees every counter of this thread by name, and what is logged.
#[derive(Clone, Default)]
struct Witness {
    counters: Arc<Mutex<HashMap<String, Arc<AtomicU64>>>>,
    log: Arc<Mutex<Vec<u8>>>,
}

impl Witness {
    fn counted(&self, name: &str) -> u64 {
        self.counters.lock().unwrap().get(name).map_or(0, |counter| counter.load(Relaxed))
    }
}

impl metrics::Recorder for Witness {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &metrics::Key, _: &Metadata<'_>) -> metrics::Counter {
        let mut counters = self.counters.lock().unwrap();
        counters.entry(key.name().to_owned()).or_default().clone().into()
    }
    fn register_gauge(&self, _: &metrics::Key, _: &Metadata<'_>) -> metrics::Gauge {
        metrics::Gauge::noop()
    }
    fn register_histogram(&self, _: &metrics::Key, _: &Metadata<'_>) -> metrics::Histogram {
        metrics::Histogram::noop()
    }
}

impl std::io::Write for Witness {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.log.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn counting_without_the_store_shows_in_a_metric_and_seldom_in_the_log() {
    let witness = Witness::default();
    let _counting = metrics::set_default_local_recorder(&witness);
    let writer = witness.clone();
    let _logging = tracing::subscriber::set_default(
        tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish(),
    );
    let store = Store::redis(&RedisConfig::new("redis://:hunter2@127.0.0.1:1")).unwrap();
    let layer = RateLimitLayer::new(per_minute(100), store, &Secret::new(SECRET));
    for _ in 0..20 {
        send(&layer, counted("canary")).await.unwrap();
    }
    assert_eq!(witness.counted("prompt_guard_rate_limit_fallback_total"), 20);
    assert_eq!(witness.counted("prompt_guard_store_errors_total"), 20);
    let log = String::from_utf8(witness.log.lock().unwrap().clone()).unwrap();
    assert_eq!(log.lines().count(), 2, "the store's and the limits' own: {log}");
    assert!(log.contains("rate limits are counted by this process alone"), "{log}");
    assert!(!log.contains("canary") && !log.contains("hunter2"), "{log}");
}
