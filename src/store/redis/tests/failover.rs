//! Sentinel and Cluster, as real processes, some of which die.

use super::{
    server::{ClusterServers, RedisServer, Watched},
    *,
};
use std::sync::{Arc, atomic::AtomicBool};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinSet,
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

/// A node that speaks the protocol and answers as it is told, for states in which real ones stay for a moment only.
async fn node(listener: TcpListener, answer: impl Fn(&[String]) -> String + Send + Sync + 'static) {
    let answer = Arc::new(answer);
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let answer = Arc::clone(&answer);
        connections.spawn(async move {
            let (reading, mut writing) = socket.into_split();
            let mut lines = BufReader::new(reading).lines();
            while let Ok(Some(head)) = lines.next_line().await {
                let n_words: usize = head[1..].parse().unwrap();
                let mut words = Vec::new();
                for _ in 0..n_words {
                    lines.next_line().await.unwrap();
                    words.push(lines.next_line().await.unwrap().unwrap());
                }
                writing.write_all(answer(&words).as_bytes()).await.unwrap();
            }
        });
    }
}

/// Three nodes: the first sends each `GET` on to the second by `ASK`, which knows by then what came of it.
async fn answer_after_ask(of_the_second: impl Fn(u16) -> String, host: &'static str) -> Vec<u8> {
    let listeners = [(); 3].map(async |()| TcpListener::bind("127.0.0.1:0").await.unwrap());
    let [first, second, third] = listeners;
    let (first, second, third) = (first.await, second.await, third.await);
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let [start, asked, last] = [port(&first), port(&second), port(&third)];
    let refusal = of_the_second(last);
    let has_moved = Arc::new(AtomicBool::new(false));
    let slots = move |moved: bool| {
        let owner = if moved { last } else { start };
        format!("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n${}\r\n{host}\r\n:{owner}\r\n", host.len())
    };
    let moved = Arc::clone(&has_moved);
    let mut nodes = JoinSet::new();
    nodes.spawn(node(first, move |words| match words[0].as_str() {
        "CLUSTER" => slots(moved.load(Relaxed)),
        "GET" => format!("-ASK 1 {host}:{asked}\r\n"),
        _ => "+OK\r\n".to_owned(),
    }));
    nodes.spawn(node(second, move |words| match words[0].as_str() {
        "CLUSTER" => slots(has_moved.load(Relaxed)),
        "GET" => {
            has_moved.store(true, Relaxed);
            refusal.clone()
        }
        _ => "+OK\r\n".to_owned(),
    }));
    nodes.spawn(node(third, move |words| match words[0].as_str() {
        "CLUSTER" => slots(true),
        "GET" => "$9\r\n012345671\r\n".to_owned(),
        _ => "+OK\r\n".to_owned(),
    }));
    let redis = redis(format!("redis://127.0.0.1:{start}"), RedisKind::Cluster);
    redis.get(&key(Space::Session, "s"), None).await.unwrap().unwrap().value.to_vec()
}

#[tokio::test]
async fn what_comes_of_a_slot_before_the_other_node_is_asked_is_followed() {
    let moved = |last: u16| format!("-MOVED 1 127.0.0.1:{last}\r\n");
    assert_eq!(answer_after_ask(moved, "127.0.0.1").await, b"1");
    let again = |_: u16| "-TRYAGAIN Multiple keys request during rehashing of slot\r\n".to_owned();
    assert_eq!(answer_after_ask(again, "127.0.0.1").await, b"1");
}

#[tokio::test]
async fn nodes_that_have_no_name_are_asked_by_the_one_that_told_of_them() {
    for host in ["?", ""] {
        let moved = move |last: u16| format!("-MOVED 1 {host}:{last}\r\n");
        assert_eq!(answer_after_ask(moved, host).await, b"1", "{host}");
    }
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
        ("redis://a:0", RedisKind::Single),
        ("redis://a/-1", RedisKind::Single),
    ] {
        assert!(places(url, kind).unwrap_err().contains("redis.url"), "{url}");
    }
}
