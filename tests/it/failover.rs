//! Two servers on a Redis of several nodes: by Sentinel and as a Cluster. What is shared, and what callers see while the
//! node dies that has what they ask for.

use crate::{
    replicas::{begun, redact, restore, restored, share_all},
    support::{
        CANARIES, Server, Upstream,
        client::Answer,
        folder::Folder,
        redis::{ClusterServers, RedisServer, Watched},
        secret_text,
        server::Builder,
    },
};
use serde_json::json;
use std::{
    cell::Cell,
    time::{Duration, Instant},
};

const ANN: &str = "canary.ann@example.org";

fn by_sentinel(upstream: &Upstream, watched: &Watched) -> Builder {
    Server::builder()
        .upstream(upstream)
        .arguments(["--redis-url", &watched.url()])
        .set("redis.mode", "sentinel")
        .set("redis.sentinel_master", Watched::MASTER)
        .set("redis.sentinel_password", Watched::SENTINEL_PASSWORD)
}

fn in_cluster(upstream: &Upstream, servers: &ClusterServers) -> Builder {
    Server::builder()
        .upstream(upstream)
        .arguments(["--redis-url", &servers.url()])
        .set("redis.mode", "cluster")
        // The first host of the URL is one that nobody answers at: the replicas must agree on more than the URL.
        .variable("PROMPT_GUARD_KEYS_SECRET", "0a".repeat(32))
}

#[tokio::test]
async fn replicas_share_all_by_sentinel() {
    let (upstream, watched) = (Upstream::echo().await, Watched::start());
    share_all(&upstream, || by_sentinel(&upstream, &watched)).await;
}

#[tokio::test]
async fn replicas_share_all_in_a_cluster() {
    let (upstream, servers) = (Upstream::echo().await, ClusterServers::start());
    share_all(&upstream, || in_cluster(&upstream, &servers)).await;
}

/// As `redis-cli monitor` shows it: names are hashes, sessions are sealed, completions hold placeholders.
#[tokio::test]
async fn no_node_of_a_cluster_is_ever_told_a_value() {
    let (upstream, servers) = (Upstream::echo().await, ClusterServers::start());
    let mut watchers: Vec<_> = servers.nodes().map(|node| (node, node.watch())).collect();
    let folder = Folder::new();
    let keyed = "version: 1\nname: keyed\nextends: default_pii\nnumbering: keyed\n";
    let policy = folder.write("keyed.yaml", keyed);
    let start = || in_cluster(&upstream, &servers).set("policy.files", &policy);
    share_all(&upstream, start).await;
    let start = || start().set("redis.timeout_ms", 5_000).spawn();
    let replicas = [start(), start()];
    for turn in 0..60 {
        let (server, text) = (&replicas[turn % 2], format!("canary.n{turn}@example.org"));
        let headers = [("x-guard-session", "keyed"), ("x-guard-policy", "keyed")];
        let said = server.chat_with(&headers, &text, json!({"temperature": 0})).await.said();
        assert_eq!(said, text);
        let (id, clean) = begun(&redact(server, &secret_text(), None).await);
        let other = &replicas[(turn + 1) % 2];
        assert_eq!(restored(&restore(other, &clean, &id).await), secret_text());
    }
    let mut all = String::new();
    for (node, watcher) in &mut watchers {
        all += &watcher.told(node, "that is all");
    }
    for space in ["pg:{limit}:", "pg:session:{", "pg:completion:{"] {
        assert!(all.contains(space), "nothing was told of {space}");
    }
    for canary in CANARIES.iter().chain(&["example.org"]) {
        assert!(!all.contains(canary), "{canary} was told to Redis");
    }
}

#[tokio::test]
async fn under_load_a_fail_over_by_sentinel_costs_sessions_a_while_and_nothing_else() {
    let (upstream, mut watched) = (Upstream::echo().await, Watched::start());
    let start = || patient(by_sentinel(&upstream, &watched)).spawn();
    let replicas = [start(), start()];
    let kept = session_in(&replicas[0], &watched.servers[1]).await;
    outlive(&replicas, &kept, || watched.servers[0].stop()).await;
}

#[tokio::test]
async fn under_load_a_fail_over_in_a_cluster_costs_sessions_a_while_and_nothing_else() {
    let (upstream, mut servers) = (Upstream::echo().await, ClusterServers::start());
    let start = || patient(in_cluster(&upstream, &servers)).spawn();
    let replicas = [start(), start()];
    let kept = session_in(&replicas[0], &servers.replica).await;
    outlive(&replicas, &kept, || servers.masters[0].stop()).await;
}

/// Limits that count and refuse nobody, and time for a busy machine.
fn patient(builder: Builder) -> Builder {
    builder.set("rate_limit.per_minute", 1_000_000).set("redis.timeout_ms", 1_000)
}

struct Session {
    id: String,
    clean: String,
}

/// A session that a replica of Redis has too: one of a few, in a cluster, of which only one master has a replica.
async fn session_in(server: &Server, replica: &RedisServer) -> Session {
    let held = || replica.told(&["KEYS", "pg:session*"]).matches("pg:session").count();
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let before = held();
        let (id, clean) = begun(&redact(server, ANN, None).await);
        // Long enough to arrive if it is to; else another one is begun.
        let answer = Instant::now() + Duration::from_millis(500);
        while Instant::now() < answer {
            if held() > before {
                return Session { id, clean };
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(Instant::now() < patience, "no session is replicated");
    }
}

/// Calls without a pause from before a node dies until the session that it held is there again.
async fn outlive(replicas: &[Server; 2], session: &Session, kill: impl FnOnce()) {
    let (again, refused) = (Cell::new(false), Cell::new(0_usize));
    let patience = Instant::now() + Duration::from_secs(60);
    let chats = async |server: &Server| {
        while !again.get() {
            let text = format!("mail {ANN}");
            assert_eq!(server.chat_with(&[], &text, json!({"temperature": 0})).await.said(), text);
        }
    };
    let restores = async {
        assert_eq!(restored(&restore(&replicas[1], &session.clean, &session.id).await), ANN);
        kill();
        while !again.get() {
            assert!(Instant::now() < patience, "the session does not come back");
            let answer = restore(&replicas[1], &session.clean, &session.id).await;
            if answer.status == 200 {
                assert_eq!(restored(&answer), ANN);
                again.set(true);
            } else {
                unavailable(&answer);
                refused.set(refused.get() + 1);
            }
        }
    };
    tokio::join!(chats(&replicas[0]), chats(&replicas[1]), restores);
    assert!(refused.get() > 0, "the node that died had the session");
    let (_, clean) =
        begun(&redact(&replicas[1], "canary.bob@example.org", Some(&session.id)).await);
    assert_eq!(clean, "[EMAIL_2]");
}

#[track_caller]
fn unavailable(answer: &Answer) {
    let expected = (503, "server_error".to_owned(), Some("state_unavailable".to_owned()));
    assert_eq!(answer.error(), expected);
}
