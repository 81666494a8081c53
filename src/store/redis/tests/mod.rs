//! Against a real server, and against what the local store does.

mod failover;

use super::super::{Buckets, Namer, Rate, Secret, Space, Store};
use super::*;
use crate::sensitive::Sensitive;
use authority::Authority;
use proptest::prelude::*;
use server::RedisServer;
use std::{
    cell::Cell,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Instant,
};

#[path = "../../../../tests/support/authority.rs"]
#[allow(dead_code, reason = "shared with the integration tests, which use all of it")]
mod authority;
#[path = "../../../../tests/support/port.rs"]
mod port;
#[path = "../../../../tests/support/redis.rs"]
#[allow(dead_code, reason = "shared with the integration tests, which use all of it")]
mod server;

fn redis(server: &RedisServer) -> Redis {
    let mut config = RedisConfig::new(server.url());
    config.pause = Duration::from_millis(50);
    Redis::new(&config).unwrap()
}

fn key(space: Space, name: &str) -> Key {
    Namer::new(&Secret::new([1; 32])).key(space, &[name.as_bytes()])
}

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Clone, Debug)]
struct Step {
    wait_us: u64,
    cost: u32,
    /// Which of the limits take part, as bits.
    which: u8,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0_u64..40_000_000, 0_u32..4, 1_u8..8);
    let step = step.prop_map(|(wait_us, cost, which)| Step { wait_us, cost, which });
    prop::collection::vec(step, 1..25)
}

fn rates() -> impl Strategy<Value = Vec<Rate>> {
    // Windows of a minute and more: Redis forgets buckets by its own clock, which runs on meanwhile.
    let rate = (1_u32..20, 60_u64..4000, 1_u32..10).prop_map(|(calls, seconds, capacity)| Rate {
        calls,
        window: Duration::from_secs(seconds),
        capacity,
    });
    prop::collection::vec(rate, 3)
}

#[test]
fn limits_in_redis_decide_as_the_local_ones_do() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = RedisServer::start();
    let redis = redis(&server);
    let rounds = Cell::new(0_u32);
    proptest!(ProptestConfig::with_cases(60), |(rates in rates(), steps in steps())| {
        let round = rounds.replace(rounds.get() + 1);
        let local = Buckets::default();
        let mut now = 1_700_000_000_000_000;
        for step in &steps {
            now += step.wait_us;
            let limits: Vec<Limit> = (0..3)
                .filter(|index| step.which & (1 << index) != 0)
                .map(|index| Limit { key: key(Space::Limit, &format!("{round} {index}")), rate: rates[index] })
                .collect();
            let shared = runtime.block_on(redis.take_at(now, &limits, step.cost)).unwrap();
            prop_assert_eq!(shared, local.take_at(now, &limits, step.cost));
        }
    });
}

#[tokio::test]
async fn limits_run_by_the_clock_of_redis() {
    let server = RedisServer::start();
    let redis = redis(&server);
    let rate = Rate { calls: 2, window: Duration::from_secs(60), capacity: 2 };
    let limits = [Limit { key: key(Space::Limit, "ann"), rate }];
    assert_eq!(redis.take(&limits, 1).await.unwrap().remaining, 1);
    assert_eq!(redis.take(&limits, 0).await.unwrap().remaining, 1);
    assert!(redis.take(&limits, 1).await.unwrap().allowed);
    let refused = redis.take(&limits, 1).await.unwrap();
    assert!(!refused.allowed);
    assert!((29..=30).contains(&refused.retry_after.as_secs()), "{refused:?}");
    let ttl = server.command(&["PTTL", &limits[0].key.shared_name()]);
    let ttl = String::from_utf8_lossy(&ttl);
    assert!(ttl.starts_with(":6"), "about 61 s: {ttl}");
}

#[tokio::test]
async fn entries_are_kept_for_their_time_and_writers_who_saw_the_same_collide() {
    let server = RedisServer::start();
    let (one, two) = (redis(&server), redis(&server));
    let key = key(Space::Session, "s");
    assert_eq!(one.get(&key, None).await, Ok(None));
    let first = one.put_if(&key, Expected::Absent, b"a\0\xff", HOUR).await.unwrap().unwrap();
    assert_eq!(two.put_if(&key, Expected::Absent, b"x", HOUR).await, Ok(None));
    let seen = two.get(&key, Some(HOUR)).await.unwrap().unwrap();
    assert_eq!((seen.version, &seen.value[..]), (first, &b"a\0\xff"[..]));
    assert!(two.put_if(&key, Expected::Version(first), b"b", HOUR).await.unwrap().is_some());
    assert_eq!(one.put_if(&key, Expected::Version(first), b"x", HOUR).await, Ok(None));
    one.delete(&key).await.unwrap();
    assert_eq!(two.put_if(&key, Expected::Version(first), b"x", HOUR).await, Ok(None));
    assert_eq!(two.get(&key, Some(HOUR)).await, Ok(None));

    one.put(&key, b"", HOUR).await.unwrap();
    let ttl = server.command(&["PTTL", &key.shared_name()]);
    assert!(String::from_utf8_lossy(&ttl).starts_with(":3"), "an hour in milliseconds");
}

async fn eventually_up(redis: &Redis) {
    let patience = Instant::now() + Duration::from_secs(20);
    while redis.health().await == Health::Down {
        assert!(Instant::now() < patience, "the store does not come back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn server_that_is_killed_is_found_again_by_itself() {
    let mut server = RedisServer::start();
    let redis = redis(&server);
    let key = key(Space::Session, "s");
    redis.put(&key, b"1", HOUR).await.unwrap();

    server.stop();
    assert!(redis.put(&key, b"2", HOUR).await.is_err());
    assert!(redis.is_paused());
    assert_eq!(redis.put(&key, b"2", HOUR).await, Err(Error::Paused));
    assert_eq!(redis.health().await, Health::Down);

    server.restart();
    eventually_up(&redis).await;
    redis.put(&key, b"3", HOUR).await.unwrap();
    // The scripts went with the old server: they are sent anew.
    let rate = Rate { calls: 1, window: HOUR, capacity: 1 };
    let limit = Limit { key: self::key(Space::Limit, "l"), rate };
    assert!(redis.take(&[limit], 1).await.unwrap().allowed);
}

#[tokio::test]
async fn server_that_was_restarted_between_two_calls_fails_neither() {
    let mut server = RedisServer::start();
    let redis = redis(&server);
    let key = key(Space::Session, "s");
    redis.put(&key, b"1", HOUR).await.unwrap();
    server.restart();
    redis.put(&key, b"2", HOUR).await.unwrap();
    assert!(redis.get(&key, None).await.unwrap().is_some());
}

#[tokio::test]
async fn frozen_server_costs_no_call_more_than_the_time_limit() {
    let server = RedisServer::start();
    let redis = redis(&server);
    eventually_up(&redis).await;
    server.freeze();
    let began = Instant::now();
    assert_eq!(redis.get(&key(Space::Session, "s"), None).await, Err(Error::TimedOut));
    let first = began.elapsed();
    assert_eq!(redis.get(&key(Space::Session, "s"), None).await, Err(Error::Paused));
    server.thaw();
    assert!(first >= Duration::from_millis(250) && first < Duration::from_secs(2), "{first:?}");
}

#[tokio::test]
async fn error_of_the_server_is_told_without_what_was_sent_and_does_not_pause() {
    let server = RedisServer::start();
    let redis = redis(&server);
    let key = key(Space::Session, "s");
    server.command(&["LPUSH", &key.shared_name(), "x"]);
    let error = redis.get(&key, None).await.unwrap_err();
    assert_eq!(error, Error::Refused("WRONGTYPE".into()));
    assert!(!redis.is_paused());
    server.command(&["DEL", &key.shared_name()]);
    server.command(&["SET", &key.shared_name(), "short"]);
    assert_eq!(redis.get(&key, None).await, Err(Error::Foreign));
}

#[tokio::test]
async fn wrong_password_is_an_error_that_does_not_repeat_it() {
    let server = RedisServer::start();
    let url = server.url().replace("redis://", "redis://:hunter2@");
    let store = Store::redis(&RedisConfig::new(url)).unwrap();
    let error = store.get(&key(Space::Session, "s"), None).await.unwrap_err();
    assert!(!format!("{error} {error:?} {store:?}").contains("hunter2"), "{error}");
}

async fn answer(config: &RedisConfig) -> Result<Option<Entry>, Error> {
    Redis::new(config).unwrap().get(&key(Space::Session, "s"), None).await
}

/// Does everything once that is done with Redis.
async fn use_all(redis: &Redis) {
    static ROUND: AtomicU32 = AtomicU32::new(0);
    let round = ROUND.fetch_add(1, Relaxed);
    let key = key(Space::Session, &format!("{round}"));
    let rate = Rate { calls: 1, window: HOUR, capacity: 1 };
    let limits = ["all", "others"]
        .map(|name| Limit { key: self::key(Space::Limit, &format!("{name} {round}")), rate });
    assert!(redis.take(&limits, 1).await.unwrap().allowed);
    assert!(!redis.take(&limits, 1).await.unwrap().allowed);
    let version = redis.put(&key, b"a", HOUR).await.unwrap();
    let written = redis.put_if(&key, Expected::Version(version), b"b", HOUR).await;
    assert!(written.unwrap().is_some());
    assert_eq!(redis.put_if(&key, Expected::Absent, b"c", HOUR).await, Ok(None));
    let entry = redis.get(&key, Some(HOUR)).await.unwrap();
    assert_eq!(&entry.unwrap().value[..], b"b");
    redis.keep(&key, HOUR).await.unwrap();
    redis.delete(&key).await.unwrap();
    assert_eq!(redis.health().await, Health::Up);
}

/// Over TLS, with the authority that the server's certificate comes from.
fn trusting(server: &RedisServer) -> RedisConfig {
    let mut config = RedisConfig::new(server.tls_url());
    config.tls.roots = Some(server.file("ca.pem"));
    config
}

#[tokio::test]
async fn tls_with_a_certificate_and_a_user_on_both_sides() {
    let authority = Authority::over(&["127.0.0.1"]);
    let server = RedisServer::start_tls(&authority, &["--tls-auth-clients", "yes"]);
    // What docs/CONFIGURATION.md says a user needs.
    let rights =
        "~pg:* +get +getex +pexpire +set +unlink +evalsha +eval +mget +getrange +time +ping";
    let user = ["ACL", "SETUSER", "guard", "on", ">a:b@c/d"].into_iter();
    server.command(&user.chain(rights.split(' ')).collect::<Vec<_>>());
    let mut config = trusting(&server);
    config.tls.certificate = Some(server.file("cert.pem"));
    config.tls.key = Some(server.file("key.pem"));
    assert_eq!(answer(&config).await, Ok(None));
    config.url = Sensitive::new(server.tls_url().replace("//", "//guard:a%3Ab%40c%2Fd@"));
    assert_eq!(answer(&config).await, Ok(None));
    config.url = Sensitive::new(server.tls_url().replace("//", "//guard@"));
    config.password = Some(Sensitive::new("a:b@c/d"));
    use_all(&Redis::new(&config).unwrap()).await;
    config.password = Some(Sensitive::new("hunter2"));
    let Err(Error::Refused(why)) = answer(&config).await else { panic!("refused") };
    assert!(why.contains("redis.password") && !why.contains("hunter2"), "{why}");
    (config.tls.certificate, config.tls.key) = (None, None);
    let Err(Error::Unreachable(why)) = answer(&config).await else { panic!("refused") };
    assert!(why.contains("redis.client_certificate"), "{why}");
}

#[tokio::test]
async fn server_that_cannot_prove_its_name_is_not_talked_to() {
    let authority = Authority::over(&["redis.internal"]);
    let server = RedisServer::start_tls(&authority, &["--tls-auth-clients", "no"]);
    let mut config = trusting(&server);
    let Err(Error::Unreachable(why)) = answer(&config).await else { panic!("another name") };
    assert!(why.contains("redis.server_name"), "{why}");
    config.tls.server_name = Some("redis.internal".into());
    assert_eq!(answer(&config).await, Ok(None));

    let other = RedisServer::start_tls(&Authority::over(&["redis.internal"]), &[]);
    config.tls.roots = Some(other.file("ca.pem"));
    let Err(Error::Unreachable(why)) = answer(&config).await else { panic!("another root") };
    assert!(why.contains("redis.root_certificates"), "{why}");
}

#[test]
fn what_cannot_be_used_is_told_by_the_setting_and_without_a_password() {
    let base = RedisConfig::new("rediss://:hunter2@localhost");
    let tls = |change: fn(&mut RedisTls)| {
        let mut config = base.clone();
        change(&mut config.tls);
        config
    };
    let plain = |change: fn(&mut RedisTls)| RedisConfig {
        url: Sensitive::new("redis://:hunter2@localhost"),
        ..tls(change)
    };
    let mut twice = base.clone();
    twice.password = Some(Sensitive::new("hunter2"));
    for (config, setting) in [
        (tls(|tls| tls.roots = Some("/nonexistent/ca.pem".into())), "redis.root_certificates"),
        (
            tls(|tls| tls.certificate = Some("/nonexistent/c.pem".into())),
            "redis.client_certificate",
        ),
        (tls(|tls| tls.server_name = Some("no name".into())), "redis.server_name"),
        (plain(|tls| tls.roots = Some("/nonexistent/ca.pem".into())), "redis.root_certificates"),
        (plain(|tls| tls.key = Some("/nonexistent/key.pem".into())), "redis.client_key"),
        (twice, "redis.password"),
        (RedisConfig::new("redis://:hunter2@localhost:port"), "redis.url"),
        (RedisConfig::new("redis://:hunter2@localhost/hunter2"), "redis.url"),
        (RedisConfig::new("redis://:hunter2@a,b"), "redis.url"),
        (RedisConfig::new("http://:hunter2@localhost"), "redis.url"),
        (RedisConfig::new("hunter2@localhost"), "redis.url"),
        (RedisConfig::new(""), "redis.url"),
    ] {
        let message = Redis::new(&config).unwrap_err().to_string();
        assert!(message.contains(setting) && !message.contains("hunter2"), "{message}");
    }
    for url in ["redis://localhost", "redis://u:p@[::1]:6380/2", "unix:///run/redis.sock"] {
        Redis::new(&RedisConfig::new(url)).unwrap();
    }
}

#[test]
fn times_of_zero_are_refused_by_name() {
    let mut config = RedisConfig::new("redis://localhost");
    config.timeout = Duration::ZERO;
    assert!(Redis::new(&config).unwrap_err().to_string().contains("redis.timeout_ms"));
}
