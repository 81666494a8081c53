//! What is done when an upstream fails: waiting, asking again, asking another one, leaving it alone.

use super::*;
use http::StatusCode;

const BUSY: &str = "HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy";

fn retrying(config: &mut UpstreamConfig) {
    config.retry.attempts = 3;
}

#[tokio::test]
async fn a_refused_request_is_sent_again_after_the_wait_it_asks_for() {
    let refused = "HTTP/1.1 429 Slow down\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n";
    let mut fake = Fake::start(vec![vec![say(refused)], vec![say(OK)]]).await;
    let call = tokio::spawn(fake.upstreams_with(retrying).oneshot(prompt()));
    let first = fake.next_request().await;
    tokio::time::pause();
    let start = Instant::now();
    assert_eq!(call.await.unwrap().unwrap().status, 200);
    assert_eq!(fake.next_request().await, first);
    assert!(start.elapsed() >= Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn what_may_not_be_sent_again_is_answered_as_it_came() {
    let slow = "HTTP/1.1 503 Busy\r\nretry-after: 60\r\ncontent-length: 4\r\n\r\nbusy";
    let last = "HTTP/1.1 503 Busy\r\nx-should-retry: false\r\ncontent-length: 4\r\n\r\nbusy";
    let failed = "HTTP/1.1 500 Failed\r\ncontent-length: 4\r\n\r\nbusy";
    let unasked = |_: &mut UpstreamConfig| {};
    let never: fn(&mut UpstreamConfig) = |config| config.retry.statuses.clear();
    for (answer, change) in [
        (slow, retrying as fn(&mut UpstreamConfig)),
        (last, retrying),
        (failed, retrying),
        (BUSY, unasked),
        (BUSY, never),
    ] {
        let mut fake = Fake::start(vec![vec![say(answer)], vec![say(OK)]]).await;
        let completion = fake.upstreams_with(change).oneshot(prompt()).await.unwrap();
        assert_eq!(whole(completion), "busy");
        fake.next_request().await;
        assert!(fake.seen.try_recv().is_err(), "{answer}");
    }
}

#[tokio::test]
async fn a_wait_that_would_outlast_the_deadline_is_not_begun() {
    let refused = "HTTP/1.1 429 Slow down\r\nretry-after: 4\r\ncontent-length: 0\r\n\r\n";
    let fake = Fake::start(vec![vec![say(refused)], vec![say(OK)]]).await;
    let deadline = Some((Instant::now() + Duration::from_secs(2)).into_std());
    let prompt = Prompt { deadline, ..prompt() };
    assert_eq!(fake.upstreams_with(retrying).oneshot(prompt).await.unwrap().status, 429);
}

#[tokio::test]
async fn no_connection_is_tried_again_while_there_is_a_budget() {
    let fake = Fake::start(vec![]).await; // its listener is dropped at once
    tokio::task::yield_now().await;
    let upstreams = fake.upstreams_with(|config| {
        config.retry.attempts = 10;
        config.retry.budget_percent = 0;
        config.breaker.failures = 0;
    });
    let index = &upstreams.inner.all[0];
    tokio::time::pause();
    assert_eq!(kind_of(upstreams.clone()).await, Kind::UpstreamUnreachable);
    assert!(!index.budget.take(), "all ten were taken");
    assert_eq!(kind_of(upstreams).await, Kind::UpstreamUnreachable);
}

#[tokio::test]
async fn dropping_the_call_while_it_waits_ends_it() {
    let mut fake = Fake::start(vec![vec![say(BUSY)], vec![say(OK)]]).await;
    let upstreams = fake.upstreams_with(|config| {
        retrying(config);
        config.retry.max_wait = Duration::from_secs(3600);
    });
    let call = tokio::spawn(upstreams.oneshot(prompt()));
    fake.next_request().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(7200)).await;
    assert!(fake.seen.try_recv().is_err());
}

#[tokio::test]
async fn an_upstream_that_fails_again_and_again_is_left_alone_and_then_probed() {
    let mut fake = Fake::start(vec![vec![say(BUSY), say(BUSY), say(OK), say(OK)]]).await;
    let upstreams = fake.upstreams_with(|config| config.breaker.failures = 2);
    for expected in [503, 503] {
        assert_eq!(upstreams.clone().oneshot(prompt()).await.unwrap().status, expected);
        fake.next_request().await;
    }
    let error = upstreams.clone().oneshot(prompt()).await.unwrap_err();
    assert!(
        matches!(error, Error::UpstreamUnavailable { retry_after } if retry_after > Duration::from_secs(9))
    );
    assert!(fake.seen.try_recv().is_err(), "nothing was sent");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(10)).await;
    tokio::time::resume();
    for _ in 0..2 {
        assert_eq!(upstreams.clone().oneshot(prompt()).await.unwrap().status, 200);
    }
}

/// Two upstreams, the second in the place of the first, each with a key of its own.
fn pair(one: &Fake, two: &Fake, change: impl FnOnce(&mut UpstreamConfig)) -> Upstreams {
    let own = |key: &str| ApiKey::Own { key: Sensitive::new(key), style: KeyStyle::Bearer };
    let mut first = UpstreamConfig {
        fallbacks: vec!["two".into()],
        api_key: own("key-one"),
        ..UpstreamConfig::new("one", format!("http://{}", one.address))
    };
    change(&mut first);
    let second = UpstreamConfig {
        api_key: own("key-two"),
        api_path: "/{model}".into(),
        model_names: vec![("m*".into(), "large".into())],
        ..UpstreamConfig::new("two", format!("http://{}", two.address))
    };
    Upstreams::new(&[first, second], None).unwrap()
}

#[tokio::test]
async fn another_upstream_answers_in_the_place_of_one_that_fails() {
    for act in [say(BUSY), Act::Close, say("SMTP ready\r\n\r\n")] {
        let (one, mut two) =
            (Fake::start(vec![vec![act]]).await, Fake::start(vec![vec![say(OK)]]).await);
        let upstreams = pair(&one, &two, |_| {});
        let completion = upstreams.oneshot(prompt()).await.unwrap();
        assert_eq!(
            (completion.status.as_u16(), &completion.headers["cache-control"]),
            (200, &HeaderValue::from_static("no-store"))
        );
        let request = two.next_request().await;
        assert!(request.starts_with("POST /large/chat/completions?a=1 "), "{request}");
        assert!(request.ends_with("{\"model\":\"large\"}"), "{request}");
        assert!(request.contains("Bearer key-two") && !request.contains("key-one"), "{request}");
    }
}

#[tokio::test]
async fn a_fallback_that_nobody_needs_takes_no_turn() {
    // One connection each for all requests to it.
    let many = || vec![(0..4).map(|_| say(OK)).collect()];
    let (one, mut two, mut three) =
        (Fake::start(many()).await, Fake::start(many()).await, Fake::start(many()).await);
    let upstreams = Upstreams::new(
        &[
            UpstreamConfig {
                fallbacks: vec!["two".into()],
                ..UpstreamConfig::new("one", format!("http://{}", one.address))
            },
            UpstreamConfig {
                more_base_urls: vec![format!("http://{}", three.address)],
                balance: Balance::RoundRobin,
                ..UpstreamConfig::new("two", format!("http://{}", two.address))
            },
        ],
        None,
    )
    .unwrap();
    for name in ["one", "two", "one", "two", "one", "two", "one", "two"] {
        let named = Prompt { upstream: Some(name.into()), ..prompt() };
        whole(upstreams.clone().oneshot(named).await.unwrap());
    }
    for replica in [&mut two, &mut three] {
        for _ in 0..2 {
            replica.next_request().await;
        }
        assert!(replica.seen.try_recv().is_err());
    }
}

#[tokio::test]
async fn what_the_caller_sent_for_one_provider_is_not_sent_to_another() {
    let (one, mut two) =
        (Fake::start(vec![vec![say(BUSY)]]).await, Fake::start(vec![vec![say(OK)]]).await);
    let configs = [
        UpstreamConfig {
            fallbacks: vec!["two".into()],
            ..UpstreamConfig::new("one", format!("http://{}", one.address))
        },
        UpstreamConfig::new("two", format!("http://{}", two.address)),
    ];
    let callers = with_headers(&[
        ("authorization", "Bearer of-one"),
        ("x-api-key", "of-one"),
        ("x-goog-api-key", "of-one"),
        ("api-key", "of-one"),
        ("cookie", "of-one"),
        ("openai-organization", "of-one"),
        ("openai-project", "of-one"),
    ]);
    Upstreams::new(&configs, None).unwrap().oneshot(callers).await.unwrap();
    let request = two.next_request().await;
    assert!(!request.contains("of-one"), "{request}");
}

#[tokio::test]
async fn what_is_the_requests_own_fault_or_is_kept_upstream_stays_where_it_is() {
    let invalid = "HTTP/1.1 400 Bad\r\ncontent-length: 4\r\n\r\nbusy";
    let stored = || Prompt {
        endpoint: Endpoint::Responses,
        body: Redacted::for_test(r#"{"model":"m"}"#),
        ..prompt()
    };
    for (answer, prompt) in [(invalid, prompt()), (BUSY, stored())] {
        let (one, mut two) =
            (Fake::start(vec![vec![say(answer)]]).await, Fake::start(vec![vec![say(OK)]]).await);
        let completion = pair(&one, &two, |_| {}).oneshot(prompt).await.unwrap();
        assert_eq!(whole(completion), "busy");
        assert!(two.seen.try_recv().is_err());
    }
}

#[tokio::test]
async fn where_all_fail_the_first_one_is_heard() {
    let no_key = "HTTP/1.1 401 Who?\r\ncontent-length: 4\r\n\r\nwho?";
    for act in [Act::Close, say(no_key)] {
        let (one, two) =
            (Fake::start(vec![vec![say(BUSY)]]).await, Fake::start(vec![vec![act]]).await);
        let completion = pair(&one, &two, |_| {}).oneshot(prompt()).await.unwrap();
        assert_eq!(whole(completion), "busy");
    }
}

#[tokio::test]
async fn nobody_else_is_asked_after_the_deadline() {
    let (one, mut two) =
        (Fake::start(vec![vec![Act::Hang]]).await, Fake::start(vec![vec![say(OK)]]).await);
    let deadline = Some((Instant::now() + Duration::from_millis(50)).into_std());
    let error =
        pair(&one, &two, |_| {}).oneshot(Prompt { deadline, ..prompt() }).await.unwrap_err();
    assert_eq!(error.kind(), Kind::UpstreamTimeout);
    assert!(two.seen.try_recv().is_err());
}

#[tokio::test]
async fn an_upstream_that_hangs_is_replaced_after_its_own_limit() {
    let (mut one, two) =
        (Fake::start(vec![vec![Act::Hang]]).await, Fake::start(vec![vec![say(OK)]]).await);
    let upstreams =
        pair(&one, &two, |config| config.first_byte_timeout = Duration::from_millis(50));
    assert_eq!(upstreams.oneshot(prompt()).await.unwrap().status, 200);
    one.next_request().await;
}

/// What an upstream by HTTP/2 does with the first stream of its first connection. All others are answered.
#[derive(Clone, Copy)]
enum Unlucky {
    /// It resets the stream for this reason.
    Reset(h2::Reason),
    /// It closes the connection, and says that it has looked at streams up to this one.
    GoAway(u8),
}

/// How often such an upstream is asked, and what comes of it.
async fn asked_by_http2(unlucky: Unlucky) -> (usize, Result<StatusCode, Kind>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut n_asked = 0;
    let serving = async {
        if let Unlucky::GoAway(last) = unlucky {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = Vec::new();
            stream.write_all(b"\0\0\0\x04\0\0\0\0\0").await.unwrap();
            // A frame with the head of a request, on stream 1.
            while !seen.windows(6).any(|it| it[0] == 1 && it[2..] == [0, 0, 0, 1]) {
                assert!(stream.read_buf(&mut seen).await.unwrap() > 0);
            }
            n_asked += 1;
            let last = [0, 0, 0, last, 0, 0, 0, 0];
            stream.write_all(&[&b"\0\0\x08\x07\0\0\0\0\0"[..], &last].concat()).await.unwrap();
        }
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((_, mut answer))) = connection.accept().await {
                n_asked += 1;
                match unlucky {
                    Unlucky::Reset(reason) if n_asked == 1 => answer.send_reset(reason),
                    Unlucky::Reset(_) | Unlucky::GoAway(_) => {
                        answer.send_response(http::Response::new(()), true).unwrap();
                    }
                }
            }
        }
    };
    let mut config = UpstreamConfig::new("openai", format!("http://{address}"));
    config.http_version = HttpVersion::Two;
    let upstreams = Upstreams::new(&[config], None).unwrap();
    let answered = tokio::select! {
        answered = upstreams.oneshot(prompt()) => answered,
        () = serving => unreachable!("it serves for ever"),
    };
    (n_asked, answered.map(|it| it.status).map_err(|error| error.kind()))
}

#[tokio::test]
async fn what_an_upstream_has_not_looked_at_by_http2_is_sent_again_and_nothing_else() {
    let refused = Unlucky::Reset(h2::Reason::REFUSED_STREAM);
    for unlucky in [refused, Unlucky::GoAway(0)] {
        assert_eq!(asked_by_http2(unlucky).await, (2, Ok(StatusCode::OK)));
    }
    let failed = Unlucky::Reset(h2::Reason::INTERNAL_ERROR);
    for unlucky in [failed, Unlucky::GoAway(1)] {
        assert_eq!(asked_by_http2(unlucky).await, (1, Err(Kind::UpstreamUnreachable)));
    }
}
