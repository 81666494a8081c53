//! Sentinel and Cluster, as real processes, some of which die.

use super::{
    server::{ClusterServers, RedisServer, Watched},
    *,
};

/// Patient with a busy machine; where a time limit is the subject, it is set.
const PATIENCE: Duration = Duration::from_secs(2);

fn redis(url: String, kind: RedisKind) -> Redis {
    let pause = Duration::from_millis(50);
    Redis::new(&RedisConfig { kind, pause, timeout: PATIENCE, ..RedisConfig::new(url) }).unwrap()
}

fn by_sentinel(master: &str, password: &str) -> RedisKind {
    let password = Some(Sensitive::new(password));
    RedisKind::Sentinel { master: master.to_owned(), user: None, password }
}

/// Waits for an answer that is no error.
async fn eventually<T, E: std::fmt::Debug>(mut ask: impl AsyncFnMut() -> Result<T, E>) -> T {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => assert!(Instant::now() < patience, "{error:?} after a minute"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_master_that_sentinels_name_is_used_and_followed() {
    let mut watched = Watched::start();
    let stranger = redis(watched.url(), by_sentinel("another", Watched::SENTINEL_PASSWORD));
    let why = stranger.get(&key(Space::Session, "s"), None).await.unwrap_err().to_string();
    assert!(why.contains("redis.sentinel_master"), "{why}");
    let stranger = redis(watched.url(), by_sentinel(Watched::MASTER, "hunter2"));
    let why = stranger.get(&key(Space::Session, "s"), None).await.unwrap_err().to_string();
    assert!(why.contains("redis.sentinel_password") && !why.contains("hunter2"), "{why}");

    let redis = redis(watched.url(), by_sentinel(Watched::MASTER, Watched::SENTINEL_PASSWORD));
    eventually_up(&redis).await;
    use_all(&redis).await;
    let key = key(Space::Session, "s");
    redis.put(&key, b"1", HOUR).await.unwrap();
    watched.servers[1].wait_until_told(&["EXISTS", &key.shared_name()], ":1");

    // A sentinel and the master go at once.
    watched.sentinels[0].stop();
    watched.servers[0].stop();
    assert!(redis.get(&key, None).await.is_err());
    let kept = eventually(async || redis.get(&key, None).await).await.unwrap();
    assert_eq!(&kept.value[..], b"1");
    use_all(&redis).await;

    watched.servers[0].restart();
    watched.servers[0].wait_until_told(&["ROLE"], "slave");
    use_all(&redis).await;
}

#[tokio::test]
async fn master_that_was_set_down_is_left_even_if_it_keeps_its_connections() {
    let (one, other) = (RedisServer::start(), RedisServer::start());
    let redis = super::redis(&one);
    let key = key(Space::Session, "s");
    redis.put(&key, b"1", HOUR).await.unwrap();
    let url = other.url();
    let (_, port) = url.rsplit_once(':').unwrap();
    one.command(&["REPLICAOF", "127.0.0.1", port]);
    assert_eq!(redis.put(&key, b"2", HOUR).await, Err(Error::Refused("READONLY".into())));
    assert!(redis.is_paused());
    one.command(&["REPLICAOF", "NO", "ONE"]);
    eventually(async || redis.put(&key, b"2", HOUR).await).await;
}

/// A key whose slot lies in these.
fn key_in(slots: std::ops::RangeInclusive<u16>) -> Key {
    let mut keys = (0..).map(|n| key(Space::Session, &n.to_string()));
    keys.find(|key| slots.contains(&slot_of(&key.shared_name()))).unwrap()
}

/// Slots of each master.
const SLOTS: [std::ops::RangeInclusive<u16>; 3] = [0..=5460, 5461..=10922, 10923..=16383];

#[tokio::test]
async fn keys_of_a_cluster_are_asked_of_their_nodes_while_slots_move() {
    let servers = ClusterServers::start();
    let redis = redis(servers.url(), RedisKind::Cluster);
    eventually_up(&redis).await;
    use_all(&redis).await;
    for slots in SLOTS {
        let key = key_in(slots);
        redis.put(&key, b"1", HOUR).await.unwrap();
        assert!(redis.get(&key, None).await.unwrap().is_some());
    }
    for master in &servers.masters {
        master.wait_until_told(&["KEYS", "*"], "pg:session");
    }
    let single = super::redis(&servers.masters[1]);
    let why = single.get(&key_in(SLOTS[2].clone()), None).await.unwrap_err().to_string();
    assert!(why.contains("redis.mode"), "{why}");

    // A slot on its way: what it does not hold any more is asked of the other node (ASK), by scripts too.
    let key = key_in(16000..=16383);
    let slot = slot_of(&key.shared_name()).to_string();
    let (from, to) = (&servers.masters[2], &servers.masters[1]);
    let id =
        |server: &RedisServer| server.told(&["CLUSTER", "MYID"]).lines().nth(1).unwrap().to_owned();
    to.command(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(from)]);
    from.command(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id(to)]);
    let version = redis.put_if(&key, Expected::Absent, b"1", HOUR).await.unwrap().unwrap();
    let moved = redis.put_if(&key, Expected::Version(version), b"2", HOUR).await.unwrap();
    assert!(moved.is_some());
    assert_eq!(&redis.get(&key, None).await.unwrap().unwrap().value[..], b"2");
    // And moved (MOVED).
    for server in [to, from] {
        server.command(&["CLUSTER", "SETSLOT", &slot, "NODE", &id(to)]);
    }
    assert_eq!(&redis.get(&key, None).await.unwrap().unwrap().value[..], b"2");
    to.wait_until_told(&["EXISTS", &key.shared_name()], ":1");
    use_all(&redis).await;
}

#[tokio::test]
async fn a_node_that_dies_takes_no_other_with_it_and_its_replica_is_found() {
    let mut servers = ClusterServers::start();
    let redis = redis(servers.url(), RedisKind::Cluster);
    eventually_up(&redis).await;
    let [dead, live, other] = SLOTS.map(key_in);
    for key in [&dead, &live, &other] {
        redis.put(key, b"1", HOUR).await.unwrap();
    }
    servers.replica.wait_until_told(&["KEYS", "*"], &dead.shared_name());
    servers.masters[0].stop();
    assert!(redis.get(&dead, None).await.is_err());
    assert!(redis.get(&live, None).await.unwrap().is_some());
    assert!(redis.get(&other, None).await.unwrap().is_some());
    assert_eq!(redis.health().await, Health::Down);
    let kept = eventually(async || redis.get(&dead, None).await).await.unwrap();
    assert_eq!(&kept.value[..], b"1");
    eventually_up(&redis).await;
    use_all(&redis).await;
}

#[tokio::test]
async fn a_node_that_hangs_costs_its_own_keys_one_time_limit_and_the_others_nothing() {
    let servers = ClusterServers::start();
    let timeout = Duration::from_millis(500);
    let config =
        RedisConfig { kind: RedisKind::Cluster, timeout, ..RedisConfig::new(servers.url()) };
    let redis = Redis::new(&config).unwrap();
    eventually_up(&redis).await;
    let [_, live, frozen] = SLOTS.map(key_in);
    servers.masters[2].freeze();
    assert_eq!(redis.get(&frozen, None).await, Err(Error::TimedOut));
    assert_eq!(redis.get(&live, None).await, Ok(None));
    assert_eq!(redis.get(&frozen, None).await, Err(Error::Paused));
    assert_eq!(redis.get(&live, None).await, Ok(None));
    servers.masters[2].thaw();
    eventually(async || redis.get(&frozen, None).await).await;
}

#[test]
fn hosts_are_read_as_the_mode_says() {
    let places = |url: &str, kind| {
        let target = Target::of(&RedisConfig { kind, ..RedisConfig::new(url) });
        target.map(|target| format!("{:?}", target.places)).map_err(|error| error.to_string())
    };
    let sentinel = || by_sentinel("m", "p");
    let cases = [
        ("redis://a,b:1,[::1]", sentinel(), r#"[Tcp("a", 26379), Tcp("b", 1), Tcp("::1", 26379)]"#),
        ("rediss://u:x,y@a,[::1]:7", RedisKind::Cluster, r#"[Tcp("a", 6379), Tcp("::1", 7)]"#),
        ("redis://a", RedisKind::Single, r#"[Tcp("a", 6379)]"#),
    ];
    for (url, kind, expected) in cases {
        assert_eq!(places(url, kind).unwrap(), expected);
    }
    for (url, kind) in [
        ("redis://a,b", RedisKind::Single),
        ("unix:///run/redis.sock", RedisKind::Cluster),
        ("redis://a,,b", RedisKind::Cluster),
    ] {
        assert!(places(url, kind).unwrap_err().contains("redis.url"), "{url}");
    }
}
