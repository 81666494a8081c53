//! The cache: one entry for all who differ only in private values, and each gets its own back.

use crate::support::{
    Behaviour, Server, Upstream,
    client::{Answer, Reading, chat_body},
    folder::Folder,
    redis::RedisServer,
    server::assert_no_canary,
};
use serde_json::{Value, json};

const ANN: &str = "canary.ann@example.org";
const BOB: &str = "canary.bob@example.org";

fn greeting(mail: &str) -> String {
    format!("Write a greeting to {mail}.")
}

async fn asked(server: &Server, headers: &[(&str, &str)], mail: &str, more: Value) -> Answer {
    server.chat_with(headers, &greeting(mail), more).await
}

#[tokio::test]
async fn users_who_differ_in_private_values_share_an_answer_and_keep_their_own() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for (mail, outcome) in [(ANN, "miss"), (BOB, "hit"), (ANN, "hit")] {
        let answer = asked(&server, &[], mail, json!({"temperature": 0})).await;
        assert_eq!(answer.said(), greeting(mail));
        assert_eq!(answer.header("x-guard-cache"), outcome, "{mail}");
    }
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_streamed_answer_is_replayed_as_a_stream() {
    let upstream = Upstream::spawn(Behaviour::Echo { chunk: 2 }).await;
    let server = Server::before(&upstream);
    let more = json!({"temperature": 0, "stream": true});
    for (mail, outcome) in [(ANN, "miss"), (BOB, "hit")] {
        let answer = asked(&server, &[], mail, more.clone()).await;
        assert_eq!(answer.header("x-guard-cache"), outcome, "{mail}");
        assert_eq!(answer.header("content-type"), "text/event-stream");
        assert_eq!(answer.streamed(), greeting(mail));
        assert!(answer.text().ends_with("data: [DONE]\n\n"));
    }
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn who_asks_while_a_stream_is_under_way_reads_along_with_the_own_values() {
    let (upstream, send) = Upstream::paced().await;
    let server = Server::before(&upstream);
    let event = |content: &str| {
        let event = json!({"choices": [{"index": 0, "delta": {"content": content}}]});
        format!("data: {event}\n\n")
    };
    let asking = async |mail| {
        let body = chat_body(&greeting(mail), json!({"temperature": 0, "stream": true}));
        let response = server.open("/v1/chat/completions", &[], body).await;
        let outcome = response.headers()["x-guard-cache"].clone();
        let mut reading = Reading::of(response);
        reading.until(&format!("Dear {mail}")).await;
        (reading, outcome)
    };
    let telling = async { send.send(event("Dear [EMAIL_1], ").into()).await.unwrap() };
    let ((ann, miss), ()) = tokio::join!(asking(ANN), telling);
    let (bob, hit) = asking(BOB).await;
    assert_eq!((&miss, &hit), (&"miss".parse().unwrap(), &"hit".parse().unwrap()));
    let ending = async {
        send.send(format!("{}data: [DONE]\n\n", event("bye [EMAIL_1]")).into()).await.unwrap();
        drop(send);
    };
    let (ann, bob, ()) = tokio::join!(ann.rest(), bob.rest(), ending);
    for (rest, mail) in [(ann, ANN), (bob, BOB)] {
        let rest = String::from_utf8(rest).unwrap();
        assert!(
            rest.contains(&format!("bye {mail}")) && rest.ends_with("data: [DONE]\n\n"),
            "{rest}"
        );
    }
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_request_that_says_no_store_is_neither_kept_nor_answered_from_the_cache() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let no_store = [("cache-control", "no-store")];
    for (headers, outcome) in
        [(&no_store[..], "bypass"), (&[], "miss"), (&no_store[..], "bypass"), (&[], "hit")]
    {
        let answer = asked(&server, headers, ANN, json!({"temperature": 0})).await;
        assert_eq!(answer.header("x-guard-cache"), outcome, "{headers:?}");
    }
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn a_request_may_ask_anew_or_for_what_is_there_alone() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let asking = async |cache_control: &str| {
        let headers = [("cache-control", cache_control)];
        let answer = asked(&server, &headers, ANN, json!({"temperature": 0})).await;
        (answer.status, answer.header("x-guard-cache").to_owned(), upstream.requests().len())
    };
    let headers = [("cache-control", "only-if-cached")];
    let refused = asked(&server, &headers, ANN, json!({"temperature": 0})).await;
    assert_eq!((refused.status, refused.error().2.as_deref()), (504, Some("not_cached")));
    assert!(upstream.requests().is_empty());
    for (cache_control, outcome, n_asked) in [
        ("max-age=0", "miss", 1),
        ("max-age=3600", "hit", 1),
        ("no-cache", "miss", 2),
        ("max-age=0", "miss", 3),
        ("only-if-cached", "hit", 3),
        ("only-if-cached, max-age=60", "hit", 3),
    ] {
        let expected = (200, outcome.to_owned(), n_asked);
        assert_eq!(asking(cache_control).await, expected, "{cache_control}");
    }
    for cache_control in ["only-if-cached, no-store", "only-if-cached, no-cache"] {
        assert_eq!(asking(cache_control).await, (504, String::new(), 3), "{cache_control}");
    }
}

/// What is not asked to be the same again is asked anew.
#[tokio::test]
async fn answers_that_may_differ_each_time_are_not_kept() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for more in [json!({}), json!({"temperature": 0.7}), json!({"temperature": 0, "store": true})] {
        for _ in 0..2 {
            let answer = asked(&server, &[], ANN, more.clone()).await;
            assert_eq!(answer.header("x-guard-cache"), "bypass", "{more}");
        }
    }
    assert_eq!(upstream.requests().len(), 6);
}

/// Another model, policy, message or credential is another question.
#[tokio::test]
async fn what_changes_the_answer_changes_the_entry() {
    let upstream = Upstream::echo().await;
    let folder = Folder::new();
    let path = folder.write("mine.yaml", "extends: default_pii\ndefaults: {min_score: 0.6}");
    let server = Server::builder().upstream(&upstream).arguments(["--policies", &path]).spawn();
    let zero = json!({"temperature": 0});
    let others: [(&[(&str, &str)], Value); 6] = [
        (&[], zero.clone()),
        (&[], json!({"temperature": 0, "model": "other"})),
        (&[], json!({"temperature": 0, "seed": 1})),
        (&[("x-guard-policy", "mine")], zero.clone()),
        (&[("authorization", "Bearer one")], zero.clone()),
        (&[("authorization", "Bearer two")], zero),
    ];
    for (headers, more) in others {
        let answer = asked(&server, headers, ANN, more.clone()).await;
        assert_eq!(answer.header("x-guard-cache"), "miss", "{headers:?} {more}");
    }
}

#[tokio::test]
async fn a_policy_that_forbids_caching_is_obeyed() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for _ in 0..2 {
        let strict = [("x-guard-policy", "gdpr_strict")];
        let answer = asked(&server, &strict, ANN, json!({"temperature": 0})).await;
        assert_eq!(answer.header("x-guard-cache"), "bypass");
    }
}

#[tokio::test]
async fn errors_are_not_kept() {
    let error = Behaviour::Fixed(500, "application/json", r#"{"error":{}}"#.to_owned());
    let upstream = Upstream::spawn(error).await;
    let server = Server::before(&upstream);
    for _ in 0..2 {
        assert_eq!(asked(&server, &[], ANN, json!({"temperature": 0})).await.status, 500);
    }
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn a_stream_that_broke_off_is_not_kept() {
    let half = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half\"}}]}\n\n".to_vec();
    let upstream = Upstream::spawn(Behaviour::DieAfter(half)).await;
    let server = Server::before(&upstream);
    for _ in 0..2 {
        let answer = asked(&server, &[], ANN, json!({"temperature": 0, "stream": true})).await;
        assert_eq!(answer.header("x-guard-cache"), "miss");
    }
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn replicas_share_entries_in_redis_that_hold_no_value() {
    let redis = RedisServer::start();
    let upstream = Upstream::echo().await;
    let replica =
        || Server::builder().upstream(&upstream).arguments(["--redis-url", &redis.url()]).spawn();
    let replicas = [replica(), replica()];
    for (server, mail, outcome) in [(&replicas[0], ANN, "miss"), (&replicas[1], BOB, "hit")] {
        let answer = asked(server, &[], mail, json!({"temperature": 0})).await;
        assert_eq!(answer.said(), greeting(mail));
        assert_eq!(answer.header("x-guard-cache"), outcome, "{mail}");
        replicas[0].until_kept().await;
    }
    let kept = String::from_utf8_lossy(&redis.dump()).into_owned();
    assert!(kept.contains("pg:"), "{kept}");
    assert_no_canary("Redis", &kept);
}

#[tokio::test]
async fn what_a_replica_has_answered_is_in_redis_when_it_has_stopped() {
    let redis = RedisServer::start();
    let upstream = Upstream::echo().await;
    let replica =
        || Server::builder().upstream(&upstream).arguments(["--redis-url", &redis.url()]).spawn();
    let [mut one, other] = [replica(), replica()];
    for more in [json!({"temperature": 0}), json!({"temperature": 0, "stream": true})] {
        asked(&one, &[], ANN, more).await;
    }
    assert!(one.stop().await.success());
    for more in [json!({"temperature": 0}), json!({"temperature": 0, "stream": true})] {
        let answer = asked(&other, &[], BOB, more).await;
        assert_eq!(answer.header("x-guard-cache"), "hit");
    }
}
