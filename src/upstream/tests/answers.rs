//! How an answer comes: in time, whole and within its limit, or not; and what a caller ends who leaves.

use super::*;

#[tokio::test]
async fn no_head_in_time_is_a_timeout() {
    let mut fake = Fake::start(vec![vec![Act::Hang]]).await;
    let call = tokio::spawn(kind_of(fake.upstreams()));
    fake.next_request().await;
    tokio::time::pause(); // from here on time jumps to the next timer
    assert_eq!(call.await.unwrap(), Kind::UpstreamTimeout);
}

#[tokio::test]
async fn the_callers_deadline_ends_the_wait() {
    let mut fake = Fake::start(vec![vec![Act::Hang]]).await;
    let start = Instant::now();
    let deadline = Some(start.into_std() + Duration::from_secs(3));
    let upstreams = fake.upstreams();
    let call = tokio::spawn(upstreams.oneshot(Prompt { deadline, ..prompt() }));
    fake.next_request().await;
    tokio::time::pause();
    assert_eq!(call.await.unwrap().unwrap_err().kind(), Kind::UpstreamTimeout);
    assert!(start.elapsed() < Duration::from_secs(5), "waited {:?}", start.elapsed());
}

#[tokio::test]
async fn a_deadline_ends_nothing_that_others_may_wait_for() {
    let (feed, parts) = mpsc::unbounded_channel();
    let fake = Fake::start(vec![vec![Act::Feed(STREAM, parts)]]).await;
    let deadline = Some(Instant::now().into_std());
    let prompt = Prompt { deadline, shared: true, ..prompt() };
    let mut stream = stream(fake.upstreams().oneshot(prompt).await.unwrap());
    feed.send("5\r\ndata:\r\n").unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), "data:");
}

#[tokio::test]
async fn a_body_that_stops_is_a_timeout() {
    let (_feed, parts) = mpsc::unbounded_channel();
    let fake = Fake::start(vec![vec![Act::Feed(STREAM, parts)]]).await;
    let mut stream = stream(fake.upstreams().oneshot(prompt()).await.unwrap());
    tokio::time::pause();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), Kind::UpstreamTimeout);
    assert!(stream.next().await.is_none(), "an error ends the stream");
}

#[tokio::test]
async fn each_chunk_is_handed_on_as_it_comes() {
    let (feed, parts) = mpsc::unbounded_channel();
    let fake = Fake::start(vec![vec![Act::Feed(STREAM, parts)]]).await;
    let completion = fake.upstreams().oneshot(prompt()).await.unwrap();
    let mut stream = stream(completion);
    for (part, data) in [("5\r\ndata:\r\n", "data:"), ("4\r\n 1\n\n\r\n", " 1\n\n")] {
        feed.send(part).unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap(), data);
    }
    feed.send("0\r\n\r\n").unwrap();
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_stream_that_dies_ends_with_an_error_after_what_came() {
    let (feed, parts) = mpsc::unbounded_channel();
    let fake = Fake::start(vec![vec![Act::Feed(STREAM, parts)]]).await;
    let mut stream = stream(fake.upstreams().oneshot(prompt()).await.unwrap());
    feed.send("5\r\ndata:\r\n").unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), "data:");
    drop(feed);
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), Kind::UpstreamBadAnswer);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn dropping_the_stream_cancels_the_request() {
    let (feed, parts) = mpsc::unbounded_channel();
    let mut fake = Fake::start(vec![vec![Act::Feed(STREAM, parts)]]).await;
    let stream = stream(fake.upstreams().oneshot(prompt()).await.unwrap());
    fake.next_request().await;
    drop(stream);
    assert_eq!(fake.next_request().await, "gone");
    drop(feed);
}

#[tokio::test]
async fn dropping_the_call_cancels_the_request() {
    let (_feed, parts) = mpsc::unbounded_channel();
    let mut fake = Fake::start(vec![vec![Act::Feed("", parts)]]).await;
    let call = tokio::spawn(fake.upstreams().oneshot(prompt()));
    fake.next_request().await;
    call.abort();
    assert_eq!(fake.next_request().await, "gone");
}

#[tokio::test]
async fn a_short_body_is_a_bad_answer() {
    let (feed, parts) = mpsc::unbounded_channel();
    drop(feed);
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort";
    let fake = Fake::start(vec![vec![Act::Feed(cut, parts)]]).await;
    assert_eq!(kind_of(fake.upstreams()).await, Kind::UpstreamBadAnswer);
}

#[tokio::test]
async fn another_protocol_that_nobody_asked_for_is_a_bad_answer() {
    let switching = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    let fake = Fake::start(vec![vec![say(switching)]]).await;
    assert_eq!(kind_of(fake.upstreams()).await, Kind::UpstreamBadAnswer);
}

/// Clients follow it by themselves, and send their own request again, which nobody has guarded.
#[tokio::test]
async fn an_answer_that_leads_a_request_with_a_body_past_the_guard_is_a_bad_one() {
    let to = |head: &str| say(&format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n"));
    let moved = "307 Moved\r\nlocation: https://other.example/v1/chat/completions";
    for head in [moved, "308 Moved\r\nlocation: /v1/chat/completions/", "301 M\r\nlocation: x"] {
        let fake = Fake::start(vec![vec![to(head)]]).await;
        assert_eq!(kind_of(fake.upstreams()).await, Kind::UpstreamBadAnswer, "{head}");
    }
    let fake = Fake::start(vec![vec![to("304 Not Modified")]]).await;
    assert_eq!(fake.upstreams().oneshot(prompt()).await.unwrap().status, 304);
    let (bare, unread) = (
        Prompt { body: Redacted::empty(), ..prompt() },
        Prompt { endpoint: Endpoint::Unread, ..prompt() },
    );
    for prompt in [bare, unread] {
        let fake = Fake::start(vec![vec![to(moved)]]).await;
        assert_eq!(fake.upstreams().oneshot(prompt).await.unwrap().status, 307);
    }
}

#[tokio::test]
async fn what_is_no_http_is_a_bad_answer() {
    let fake = Fake::start(vec![vec![say("SMTP ready\r\n\r\n")]]).await;
    assert_eq!(kind_of(fake.upstreams()).await, Kind::UpstreamBadAnswer);
}

#[tokio::test]
async fn an_answer_in_an_unknown_coding_or_not_in_its_own_is_refused() {
    for coding in ["gzip", "br", "zstd", "deflate", "compress", "gzip, br"] {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        let fake = Fake::start(vec![vec![say(&answer)]]).await;
        assert_eq!(kind_of(fake.upstreams()).await, Kind::UpstreamBadAnswer, "{coding}");
    }
}

#[tokio::test]
async fn an_answer_to_head_may_tell_of_a_coding() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n";
    let fake = Fake::start(vec![vec![say(answer)]]).await;
    let prompt = Prompt { method: Method::HEAD, ..prompt() };
    let completion = fake.upstreams().oneshot(prompt).await.unwrap();
    assert_eq!(completion.headers["content-encoding"], "gzip");
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused_announced_or_not() {
    let chunked =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n";
    let plain = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd";
    for (answer, limit, fits) in [
        (plain, 3, false),
        (chunked, 3, false),
        (chunked, 1, false),
        (plain, 4, true),
        (chunked, 4, true),
    ] {
        let fake = Fake::start(vec![vec![say(answer)]]).await;
        let upstreams = fake.upstreams_with(|config| config.max_answer_bytes = limit);
        match upstreams.oneshot(prompt()).await {
            Ok(completion) => assert!(fits && whole(completion) == "abcd"),
            Err(error) => assert!(!fits && error.kind() == Kind::UpstreamBadAnswer),
        }
    }
}

#[tokio::test]
async fn events_under_another_name_are_a_stream_if_one_was_asked_for() {
    for (head, body, streamed, is_stream) in [
        ("content-type: text/plain\r\n", "data: {}\n\n", true, true),
        ("", "\u{feff}: hello\n\n", true, true),
        ("", "\n\nevent: ping\ndata: {}\n\n", true, true),
        ("", "{\"error\":{}}", true, false),
        ("", "dat", true, false),
        ("", "data: {}\n\n", false, false),
        ("content-type: text/html\r\n", "data: {}\n\n", true, false),
    ] {
        let answer =
            format!("HTTP/1.1 200 OK\r\n{head}content-length: {}\r\n\r\n{body}", body.len());
        let fake = Fake::start(vec![vec![say(&answer)]]).await;
        let prompt = Prompt { streamed, ..prompt() };
        let completion = fake.upstreams().oneshot(prompt).await.unwrap();
        let is_called_so = completion.headers.get("content-type");
        assert_eq!(is_called_so.is_some_and(|it| it == "text/event-stream"), is_stream, "{body}");
        let came = match completion.body {
            CompletionBody::Whole(whole) => whole,
            CompletionBody::Stream(chunks) => {
                chunks.map(Result::unwrap).collect::<Vec<_>>().await.concat().into()
            }
        };
        assert_eq!(came, body);
    }
}
