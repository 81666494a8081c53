//! HTTP/1.1 as it is written on the wire: what clients may do that no library does, or does only at times.

use crate::support::{
    EMAIL, Server, Upstream,
    client::{PATIENCE, chat_body, eventually},
};
use bytes::Bytes;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

const CHAT: &str = "/v1/chat/completions";

/// One connection, read byte by byte.
struct Wire {
    socket: TcpStream,
    seen: Vec<u8>,
}

impl Wire {
    async fn to(server: &Server) -> Self {
        Self { socket: TcpStream::connect(server.address).await.unwrap(), seen: Vec::new() }
    }

    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.socket.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Takes what comes up to and with `text`.
    async fn until(&mut self, text: &str) -> String {
        let reading = async {
            loop {
                if let Some(at) = memchr::memmem::find(&self.seen, text.as_bytes()) {
                    let rest = self.seen.split_off(at + text.len());
                    return std::mem::replace(&mut self.seen, rest);
                }
                let count = self.socket.read_buf(&mut self.seen).await.unwrap();
                let seen = String::from_utf8_lossy(&self.seen);
                assert_ne!(count, 0, "closed before {text}: {seen}");
            }
        };
        let came = timeout(PATIENCE, reading).await;
        let Ok(came) = came else {
            panic!("{text} does not come: {}", String::from_utf8_lossy(&self.seen))
        };
        String::from_utf8(came).unwrap()
    }

    /// One answer with a `content-length`: its head and its body.
    async fn answer(&mut self) -> (String, String) {
        let head = self.until("\r\n\r\n").await;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let length: usize = length.parse().unwrap();
        while self.seen.len() < length {
            let count = timeout(PATIENCE, self.socket.read_buf(&mut self.seen)).await;
            assert_ne!(count.unwrap().unwrap(), 0, "closed inside of a body");
        }
        let rest = self.seen.split_off(length);
        let body = std::mem::replace(&mut self.seen, rest);
        (head, String::from_utf8(body).unwrap())
    }

    /// All that still comes, until the server closes.
    async fn rest(mut self) -> String {
        let reading = self.socket.read_to_end(&mut self.seen);
        timeout(PATIENCE, reading).await.expect("the server does not close").unwrap();
        String::from_utf8_lossy(&self.seen).into_owned()
    }
}

fn hi() -> String {
    chat_body(&format!("hi {EMAIL}"), json!({}))
}

fn head(length: usize, more: &str) -> String {
    format!(
        "POST {CHAT} HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n"
    )
}

fn post(body: &str) -> String {
    head(body.len(), "") + body
}

#[tokio::test]
async fn a_request_that_calls_the_service_by_two_names_is_refused() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for other in ["g", "other"] {
        let mut wire = Wire::to(&server).await;
        wire.send(head(hi().len(), &format!("host: {other}\r\n")) + &hi()).await;
        let (answer, body) = wire.answer().await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && body.contains("\"host\""), "{answer}{body}");
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn a_request_that_others_may_read_otherwise_is_refused() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let head = |more: &str| {
        format!(
            "POST {CHAT} HTTP/1.1\r\n{more}connection: close\r\ncontent-type: application/json\r\n"
        )
    };
    let (body, size) = (hi(), hi().len());
    let sized = |more: &str| format!("{}content-length: {size}\r\n\r\n{body}", head(more));
    let coded = head("host: g\r\ntransfer-encoding: gzip, chunked\r\n");
    for (request, status, param) in [
        (sized(""), 400, "host"),
        (sized("host: g\r\nexpect: 200-ok\r\n"), 417, "expect"),
        (format!("{coded}\r\n{size:x}\r\n{body}\r\n0\r\n\r\n"), 501, "transfer-encoding"),
    ] {
        let answer = server.raw(request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains(&format!("\"param\":\"{param}\"")), "{answer}");
    }
    assert!(upstream.requests().is_empty());
    let counted = "prompt_guard_http_responses_total{route=\"head_refused\",status=\"4xx\"} 2";
    assert!(server.metrics().contains(counted), "{}", server.metrics());
}

#[tokio::test]
async fn a_client_that_ends_its_side_behind_its_request_gets_what_can_be_told_at_once() {
    let server = Server::builder().spawn();
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(b"GET /livez HTTP/1.1\r\nhost: g\r\n\r\n").await.unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, socket.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_client_that_waits_for_a_go_ahead_gets_it_when_its_head_is_good() {
    let upstream = Upstream::echo().await;
    let server = Server::builder().upstream(&upstream).set("server.max_body_bytes", 65536).spawn();
    let mut wire = Wire::to(&server).await;
    wire.send(head(hi().len(), "expect: 100-continue\r\n")).await;
    assert_eq!(wire.until("\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send(hi()).await;
    let (answer, body) = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && body.contains(EMAIL), "{answer}{body}");
    assert!(!upstream.only().headers.contains_key("expect"));

    // Else it gets its answer, and need not send the body.
    for (length, more, status) in [
        (65537, "", "413"),
        (9, "content-encoding: lzma\r\n", "415"),
        (9, "x-guard-policy: a b\r\n", "400"),
    ] {
        let mut wire = Wire::to(&server).await;
        wire.send(head(length, &format!("expect: 100-continue\r\n{more}"))).await;
        let (answer, _) = wire.answer().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test]
async fn trailers_of_a_request_end_here() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let mut wire = Wire::to(&server).await;
    let (one, two) = (hi()[..9].to_owned(), hi()[9..].to_owned());
    wire.send(format!(
        "POST {CHAT} HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\ntrailer: x-late\r\n\r\n\
         9;ext=1\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\nx-late: {EMAIL}\r\nauthorization: late\r\n\r\n",
        two.len()
    ))
    .await;
    let (answer, body) = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && body.contains(EMAIL), "{answer}{body}");
    let sent = upstream.only();
    for name in ["x-late", "trailer", "authorization", "transfer-encoding"] {
        assert!(!sent.headers.contains_key(name), "{name}");
    }
}

/// Reads nothing until all is sent, as many clients do.
#[tokio::test]
async fn an_error_that_is_known_early_reaches_a_client_that_is_still_sending() {
    let server = Server::builder().set("server.max_body_bytes", 65536).spawn();
    let piece = vec![b' '; 1 << 16];
    for (path, status) in [(CHAT, "413"), ("/v1/files", "403"), ("/nowhere", "404")] {
        let mut wire = Wire::to(&server).await;
        let length = 64 * piece.len();
        wire.send(format!("POST {path} HTTP/1.1\r\nhost: g\r\ncontent-length: {length}\r\n\r\n"))
            .await;
        for _ in 0..64 {
            wire.send(&piece).await;
        }
        let (answer, _) = wire.answer().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        assert_eq!(wire.rest().await, "", "{path}");
    }
    // One that does not know how much it will send is told as well.
    let mut wire = Wire::to(&server).await;
    wire.send(format!("POST {CHAT} HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n"))
        .await;
    for _ in 0..64 {
        wire.send(format!("{:x}\r\n", piece.len())).await;
        wire.send(&piece).await;
        wire.send("\r\n").await;
    }
    let (answer, _) = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn an_upload_that_stalls_is_ended() {
    let upstream = Upstream::echo().await;
    let server = Server::builder().upstream(&upstream).set("server.upload_idle_ms", 200).spawn();
    let mut wire = Wire::to(&server).await;
    wire.send(head(hi().len(), "")).await;
    wire.send(&hi()[..20]).await;
    let (answer, body) = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(body.contains("request_timeout") && body.contains("server.upload_idle_ms"), "{body}");
    assert_eq!(wire.rest().await, "");
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn large_bodies_under_way_take_no_more_memory_than_is_set() {
    let upstream = Upstream::echo().await;
    let server = Server::builder()
        .upstream(&upstream)
        .set("server.max_body_bytes", 256 << 10)
        .set("server.max_buffered_bytes", 512 << 10)
        .set("server.upload_idle_ms", 60_000)
        .spawn();
    // Spaces behind the document: nothing to be read, and so answered at once.
    let body = format!("{}{}", chat_body("hi", json!({})), " ".repeat(100 << 10));
    let status = async || server.post(CHAT, &[], body.clone()).await.status;
    let mut waiting = Vec::new();
    // Two uploads take all there is. One that is overtaken, before it has come whole, is refused itself: then another one comes.
    let filled = async {
        while status().await != 503 {
            let mut wire = Wire::to(&server).await;
            wire.send(head(256 << 10, "")).await;
            wire.send(vec![b' '; 255 << 10]).await;
            waiting.push(wire);
        }
    };
    timeout(PATIENCE, filled).await.expect("none is refused");
    assert_eq!(server.chat("hi").await.status, 200, "small ones are not");
    drop(waiting);
    eventually("there is room again", async || status().await == 200).await;
}

#[tokio::test]
async fn an_upload_that_stalls_does_not_hold_a_stop_up() {
    let mut server = Server::builder().set("server.upload_idle_ms", 300).spawn();
    let mut wire = Wire::to(&server).await;
    wire.send(head(hi().len(), "expect: 100-continue\r\n")).await;
    wire.until("100 Continue\r\n\r\n").await;
    wire.send(&hi()[..20]).await;
    server.signal("TERM");
    let refused = async || TcpStream::connect(server.address).await.is_err();
    eventually("new connections are refused", refused).await;
    let (answer, _) = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    drop(wire);
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let server = Server::builder().set("server.keep_alive_ms", 200).spawn();
    for said in ["", "PRI * HTTP/2", "GET /livez HTTP/1.1\r\nhost: g\r\n"] {
        let mut wire = Wire::to(&server).await;
        wire.send(said).await;
        let answer = wire.rest().await;
        assert!(!answer.contains(" 200 "), "{said:?}: {answer}");
    }
}

#[tokio::test]
async fn a_caller_that_reads_nothing_does_not_hold_its_upstream() {
    let (upstream, feed) = Upstream::paced().await;
    let server = Server::builder().upstream(&upstream).set("server.download_idle_ms", 200).spawn();
    let mut wire = Wire::to(&server).await;
    wire.send(post(&chat_body("hi", json!({"stream": true})))).await;
    let comment = Bytes::from(format!(": {}\n\n", "x".repeat(64 << 10)));
    let endless = async { while feed.send(comment.clone()).await.is_ok() {} };
    timeout(PATIENCE, endless).await.expect("the upstream is not let go of");
}

#[tokio::test]
async fn one_connection_serves_many_requests_in_their_order() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let mut wire = Wire::to(&server).await;
    // All at once, without waiting for an answer.
    let (one, two) = (chat_body("one", json!({})), chat_body("two", json!({})));
    let all = [
        "HEAD /v1/models HTTP/1.1\r\nhost: g\r\n\r\n".to_owned(),
        post(&one),
        post("{"),
        format!("OPTIONS {CHAT} HTTP/1.1\r\nhost: g\r\n\r\n"),
        "OPTIONS * HTTP/1.1\r\nhost: g\r\n\r\n".to_owned(),
        post(&two),
        "GET /livez HTTP/1.1\r\nhost: g\r\n\r\n".to_owned(),
    ];
    wire.send(all.concat()).await;
    let models = wire.until("\r\n\r\n").await;
    assert!(models.starts_with("HTTP/1.1 200 ") && models.contains("content-length: "), "{models}");
    assert!(wire.answer().await.1.contains("one"));
    assert!(wire.answer().await.0.starts_with("HTTP/1.1 400 "));
    let options = wire.until("\r\n\r\n").await;
    assert!(options.starts_with("HTTP/1.1 204 ") && options.contains("allow: POST"), "{options}");
    assert!(wire.until("\r\n\r\n").await.starts_with("HTTP/1.1 204 "));
    assert!(wire.answer().await.1.contains("two"));
    assert!(wire.answer().await.0.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn old_clients_are_answered_and_hung_up_on() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let body = hi();
    let mut wire = Wire::to(&server).await;
    wire.send(format!("POST {CHAT} HTTP/1.0\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
        .await;
    let answer = wire.rest().await;
    assert!(answer.starts_with("HTTP/1.0 200 ") && answer.contains(EMAIL), "{answer}");
    let streamed = chat_body(&format!("hi {EMAIL}"), json!({"stream": true}));
    let mut wire = Wire::to(&server).await;
    let length = streamed.len();
    wire.send(format!("POST {CHAT} HTTP/1.0\r\ncontent-length: {length}\r\n\r\n{streamed}")).await;
    let answer = wire.rest().await;
    assert!(answer.ends_with("data: [DONE]\n\n") && !answer.contains("chunked"), "{answer}");
}

#[tokio::test]
async fn what_two_headers_disagree_about_is_refused_or_read_in_one_way() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for (more, status) in [
        ("content-type: text/plain\r\n", "400"),
        ("content-encoding: gzip\r\ncontent-encoding: br\r\n", "415"),
        ("x-guard-upstream: a\r\nx-guard-upstream: b\r\n", "400"),
        ("content-type: application/json; charset=utf-8\r\n", "200"),
    ] {
        let mut wire = Wire::to(&server).await;
        wire.send(head(hi().len(), more) + &hi()).await;
        let (answer, body) = wire.answer().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{more}{answer}{body}");
    }
    // Chunks win over a length, so nobody behind can take the rest for another request.
    let body = hi();
    let mut wire = Wire::to(&server).await;
    wire.send(format!(
        "POST {CHAT} HTTP/1.1\r\nhost: g\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    ))
    .await;
    let (answer, told) = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && told.contains(EMAIL), "{answer}{told}");
    assert_eq!(upstream.requests().len(), 2);
}
