//! Two servers on one Redis, and what each does while it is gone: the design's table of state, over real connections.

use crate::support::{
    Server, Upstream,
    authority::Authority,
    client::{Answer, eventually, grpc_chat, grpc_parts, grpc_said},
    folder::Folder,
    redis::RedisServer,
    server::Builder,
};
use prompt_guard::grpc::proto;
use serde_json::json;
use std::collections::BTreeSet;
use tonic::Code;

const ANN: &str = "canary.ann@example.org";

fn replica(upstream: &Upstream, redis: &RedisServer) -> Builder {
    Server::builder().upstream(upstream).arguments(["--redis-url", &redis.url()])
}

pub(crate) async fn redact(server: &Server, text: &str, session: Option<&str>) -> Answer {
    let body = match session {
        Some(session) => json!({"texts": [text], "session": session}),
        None => json!({"texts": [text], "keep_mapping": true}),
    };
    server.post("/guard/v1/redact", &[], body.to_string()).await
}

/// The session that a redaction has begun, and its clean text.
#[track_caller]
pub(crate) fn begun(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    (text(&body["session"]), text(&body["results"][0]["text"]))
}

pub(crate) async fn restore(server: &Server, text: &str, session: &str) -> Answer {
    let body = json!({"texts": [text], "session": session}).to_string();
    server.post("/guard/v1/restore", &[], body).await
}

#[track_caller]
pub(crate) fn restored(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["texts"][0].as_str().unwrap().to_owned()
}

async fn share_a_session([one, other]: &[Server; 2]) {
    let text = format!("Write to {ANN}");
    let (session, clean) = begun(&redact(one, &text, None).await);
    assert!(!clean.contains(ANN), "{clean}");
    assert_eq!(restored(&restore(other, &clean, &session).await), text);
    let (_, second) = begun(&redact(other, "and canary.bob@example.org", Some(&session)).await);
    let both = format!("{clean} {second}");
    let expected = format!("{text} and canary.bob@example.org");
    assert_eq!(restored(&restore(one, &both, &session).await), expected);
}

/// Sessions, limits and completions, over two replicas that `start` makes.
pub(crate) async fn share_all(upstream: &Upstream, start: impl Fn() -> Builder) {
    // Patient: what is tested is not how fast this machine is.
    let start = || start().set("rate_limit.per_minute", 4).set("redis.timeout_ms", 5_000).spawn();
    let replicas = [start(), start()];
    share_a_session(&replicas).await;
    let before = upstream.requests().len();
    let sure = json!({"temperature": 0});
    for (turn, expected) in [(0, "miss"), (1, "hit"), (0, "hit"), (1, "hit")] {
        let answer = replicas[turn].chat_with(&OTHER, &format!("mail {ANN}"), sure.clone()).await;
        assert_eq!(answer.said(), format!("mail {ANN}"));
        assert_eq!(answer.header("x-guard-cache"), expected);
        replicas[0].until_kept().await;
    }
    assert_eq!(upstream.requests().len(), before + 1);
    for server in &replicas {
        assert_eq!(server.chat_with(&OTHER, "hi", json!({})).await.status, 429);
    }
}

const OTHER: [(&str, &str); 1] = [("x-user-id", "another")];

#[tokio::test]
async fn replicas_share_all_by_tls_with_a_user_and_a_certificate() {
    let upstream = Upstream::echo().await;
    let authority = Authority::over(&["redis.internal"]);
    let redis = RedisServer::start_tls(&authority, &["--tls-auth-clients", "yes"]);
    redis.command(&["ACL", "SETUSER", "guard", "on", ">canary.password", "~pg:*", "+@all"]);
    let folder = Folder::new();
    let password = folder.write("password", "canary.password\n");
    let file = |name: &str| redis.file(name).display().to_string();
    share_all(&upstream, || {
        Server::builder()
            .upstream(&upstream)
            .arguments(["--redis-url", &redis.tls_url().replace("//", "//guard@")])
            .set("redis.password_file", &password)
            .set("redis.root_certificates", file("ca.pem"))
            .set("redis.client_certificate", file("cert.pem"))
            .set("redis.client_key", file("key.pem"))
            .set("redis.server_name", "redis.internal")
    })
    .await;
}

#[tokio::test]
async fn replicas_share_sessions_without_a_configured_secret() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let start = || replica(&upstream, &redis).spawn();
    share_a_session(&[start(), start()]).await;
}

#[tokio::test]
async fn replicas_share_sessions_with_a_configured_secret() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let secret = "0a".repeat(32);
    let start =
        || replica(&upstream, &redis).variable("PROMPT_GUARD_KEYS_SECRET", secret.as_str()).spawn();
    share_a_session(&[start(), start()]).await;
}

#[tokio::test]
async fn replicas_with_other_secrets_do_not_find_each_others_sessions() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let start = |byte: &str| {
        replica(&upstream, &redis).variable("PROMPT_GUARD_KEYS_SECRET", byte.repeat(32)).spawn()
    };
    let (one, other) = (start("0a"), start("0b"));
    let (session, clean) = begun(&redact(&one, ANN, None).await);
    assert_eq!(restore(&other, &clean, &session).await.error().0, 404);
}

#[tokio::test]
async fn a_session_is_found_by_its_caller_alone() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let server = replica(&upstream, &redis).spawn();
    let (session, clean) = begun(&redact(&server, ANN, None).await);
    let body = json!({"texts": [clean], "session": session}).to_string();
    let other = server.post("/guard/v1/restore", &[("x-user-id", "somebody-else")], body).await;
    assert_eq!(other.error().0, 404);
}

#[tokio::test]
async fn a_deleted_session_is_gone_for_all_replicas() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let (one, other) = (replica(&upstream, &redis).spawn(), replica(&upstream, &redis).spawn());
    let (session, clean) = begun(&redact(&one, ANN, None).await);
    let path = format!("/guard/v1/sessions/{session}");
    let deleted = other.ask(http::Method::DELETE, &path, &[]).await;
    assert!((200..300).contains(&deleted.status), "{}", deleted.text());
    assert_eq!(restore(&one, &clean, &session).await.error().0, 404);
}

#[tokio::test]
async fn redactions_at_once_in_one_session_give_no_number_to_two_values() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let replicas = [replica(&upstream, &redis).spawn(), replica(&upstream, &redis).spawn()];
    let (session, _) = begun(&redact(&replicas[0], "nothing private", None).await);
    let mails: Vec<String> = (0..24).map(|n| format!("canary.n{n}@example.org")).collect();
    let calls = mails.iter().zip(replicas.iter().cycle());
    let calls = calls.map(|(mail, server)| redact(server, mail, Some(&session)));
    let answers = futures_util::future::join_all(calls).await;
    let clean: Vec<String> = answers.iter().map(|answer| begun(answer).1).collect();
    assert_eq!(clean.iter().collect::<BTreeSet<_>>().len(), mails.len(), "{clean:?}");
    let all = restored(&restore(&replicas[1], &clean.join(" "), &session).await);
    assert_eq!(all, mails.join(" "));
}

#[tokio::test]
async fn a_chat_in_a_session_goes_on_at_the_other_replica_with_the_same_placeholders() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let replicas = [replica(&upstream, &redis).spawn(), replica(&upstream, &redis).spawn()];
    let headers = [("x-guard-session", "chat-1")];
    let first = replicas[0].chat_with(&headers, &format!("mail {ANN}"), json!({})).await;
    assert_eq!(first.said(), format!("mail {ANN}"));
    // The model still knows the placeholder, and the second message holds no value.
    let second = replicas[1]
        .chat_with(&headers, &format!("canary.bob@example.org or {ANN}"), json!({}))
        .await;
    assert_eq!(second.said(), format!("canary.bob@example.org or {ANN}"));
    assert_eq!(upstream.requests()[1].said(), "[EMAIL_2] or [EMAIL_1]");
}

#[tokio::test]
async fn a_session_ends_when_its_policy_says_and_in_redis_too() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let folder = Folder::new();
    let brief = "version: 1\nname: brief\nextends: default_pii\nretention: {sessions_s: 3}\n";
    let policy = folder.write("brief.yaml", brief);
    let start = || replica(&upstream, &redis).set("policy.files", &policy).spawn();
    let replicas = [start(), start()];
    let body = json!({"texts": [ANN], "policy": "brief", "keep_mapping": true}).to_string();
    let (session, clean) = begun(&replicas[0].post("/guard/v1/redact", &[], body).await);
    let restored = async || restore(&replicas[1], &clean, &session).await.status;
    // Each use gives other sessions an hour more.
    let over = async || restored().await == 404;
    eventually("the session ends", over).await;
    let gone = async || !redis.told(&["KEYS", "*"]).contains("pg:session");
    eventually("it leaves Redis", gone).await;
}

#[tokio::test]
async fn replicas_count_one_callers_calls_together() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let start = || replica(&upstream, &redis).set("rate_limit.per_minute", 4).spawn();
    let replicas = [start(), start()];
    for turn in 0..4 {
        assert_eq!(replicas[turn % 2].chat("hi").await.status, 200, "call {turn}");
    }
    for server in &replicas {
        let refused = server.chat("hi").await;
        let expected = (429, "rate_limit_error".to_owned(), Some("rate_limit_exceeded".to_owned()));
        assert_eq!(refused.error(), expected);
        for header in ["retry-after", "ratelimit", "ratelimit-policy"] {
            assert!(!refused.header(header).is_empty(), "no {header}: {:?}", refused.headers);
        }
        let (_, ended) = grpc_parts(&mut server.grpc().await, grpc_chat("hi")).await;
        assert_eq!(ended.unwrap_err().code(), Code::ResourceExhausted);
    }
    let other = replicas[0].chat_with(&[("x-user-id", "another")], "hi", json!({})).await;
    assert_eq!(other.status, 200, "callers are counted apart");
    assert_eq!(upstream.requests().len(), 5);
}

#[tokio::test]
async fn without_redis_completions_and_limits_go_on_and_sessions_fail_until_it_is_back() {
    let (upstream, mut redis) = (Upstream::echo().await, RedisServer::start());
    let server = replica(&upstream, &redis).set("rate_limit.per_minute", 10).spawn();
    let (session, clean) = begun(&redact(&server, ANN, None).await);
    redis.stop();

    let text = format!("mail {ANN}");
    assert_eq!(server.chat_with(&[], &text, json!({"temperature": 0})).await.said(), text);
    let unavailable = (503, "server_error".to_owned(), Some("state_unavailable".to_owned()));
    assert_eq!(restore(&server, &clean, &session).await.error(), unavailable);
    assert_eq!(redact(&server, ANN, None).await.error(), unavailable);
    let in_session = [("x-guard-session", "s-1")];
    assert_eq!(server.chat_with(&in_session, &text, json!({})).await.error(), unavailable);
    let request = proto::RestoreRequest { texts: vec![clean], session, ..Default::default() };
    let status = server.grpc().await.restore(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(upstream.requests().len(), 1, "what needs a session did not go on without it");

    let limited = async || server.chat("hi").await.status == 429;
    eventually("the limit goes on in the process", limited).await;
    assert!(server.metrics().contains("prompt_guard_store"), "{}", server.metrics());

    redis.restart();
    let another = [("x-user-id", "another")];
    let works = async || {
        server.chat_with(&[another[0], in_session[0]], &text, json!({})).await.status == 200
    };
    eventually("sessions work again", works).await;
}

#[tokio::test]
async fn a_redis_that_answers_nobody_slows_nobody_down_for_long() {
    let (upstream, redis) = (Upstream::echo().await, RedisServer::start());
    let server = replica(&upstream, &redis).set("rate_limit.per_minute", 1000).spawn();
    assert_eq!(server.chat("hi").await.status, 200);
    redis.freeze();
    for _ in 0..5 {
        let (parts, ended) = grpc_parts(&mut server.grpc().await, grpc_chat("hi")).await;
        ended.unwrap();
        assert_eq!(grpc_said(&parts), "hi");
    }
    redis.thaw();
}

#[tokio::test]
async fn a_server_starts_before_its_redis() {
    let (upstream, mut redis) = (Upstream::echo().await, RedisServer::start());
    redis.stop();
    let server = replica(&upstream, &redis).spawn();
    assert_eq!(server.chat("hi").await.said(), "hi");
    redis.restart();
    let works = async || redact(&server, ANN, None).await.status == 200;
    eventually("sessions work", works).await;
}
