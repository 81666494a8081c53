//! What a bad upstream gets its callers: the table of errors over real connections, by both facades.

use crate::support::{
    Behaviour, EMAIL, Server, Upstream,
    client::{chat_body, grpc_chat, grpc_parts},
};
use bytes::Bytes;
use prompt_guard::grpc::proto;
use serde_json::json;
use std::{io, net::SocketAddr};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinSet,
};
use tonic::Code;
use tonic_types::StatusExt as _;

/// A peer that answers anything with these bytes, and hangs up.
async fn answering(bytes: &'static [u8], tasks: &mut JoinSet<io::Result<()>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await?;
            let mut request = [0; 16384];
            let _ = socket.read(&mut request).await?;
            socket.write_all(bytes).await?;
            socket.shutdown().await?;
        }
    });
    address
}

fn before(address: SocketAddr) -> Server {
    Server::builder().arguments(["--upstream", &format!("openai=http://{address}")]).spawn()
}

/// Both facades tell of an upstream's fault alike.
async fn check(server: &Server, name: &str, status: u16, code: &str, grpc_code: Code) {
    let text = format!("hi {EMAIL}");
    for stream in [false, true] {
        let answer = server.chat_with(&[], &text, json!({"stream": stream})).await;
        let found = answer.error();
        let expected = (status, "server_error".to_owned(), Some(code.to_owned()));
        assert_eq!(found, expected, "{name}, stream: {stream}");
        let request = proto::ProxyCompletionRequest { stream, ..grpc_chat(&text) };
        let (_, ended) = grpc_parts(&mut server.grpc().await, request).await;
        let fault = ended.unwrap_err();
        assert_eq!(fault.code(), grpc_code, "{name}, stream: {stream}");
        let details = fault.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, code.to_ascii_uppercase(), "{name}");
    }
}

#[tokio::test]
async fn an_upstream_that_refuses_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    check(&before(closed), "refuses", 502, "upstream_unreachable", Code::Unavailable).await;
}

#[tokio::test]
async fn an_upstream_that_hangs_up_is_unreachable() {
    let mut tasks = JoinSet::new();
    let address = answering(b"", &mut tasks).await;
    check(&before(address), "hangs up", 502, "upstream_unreachable", Code::Unavailable).await;
}

#[tokio::test]
async fn an_upstream_that_talks_nonsense_gave_a_bad_answer() {
    let mut tasks = JoinSet::new();
    let address = answering(b"220 mail.example.org ESMTP\r\n", &mut tasks).await;
    check(&before(address), "no HTTP", 502, "upstream_bad_answer", Code::Unavailable).await;
}

#[tokio::test]
async fn an_answer_that_ends_early_is_a_bad_answer() {
    let mut tasks = JoinSet::new();
    let cut =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"a\":";
    let address = answering(cut, &mut tasks).await;
    check(&before(address), "cut off", 502, "upstream_bad_answer", Code::Unavailable).await;
}

#[tokio::test]
async fn a_broken_document_with_a_placeholder_in_it_is_a_bad_answer() {
    let broken = Behaviour::Fixed(200, "application/json", r#"{"a":"[EMAIL_1]"#.to_owned());
    let upstream = Upstream::spawn(broken).await;
    let server = Server::before(&upstream);
    check(&server, "broken JSON", 502, "upstream_bad_answer", Code::Unavailable).await;
}

#[tokio::test]
async fn an_upstream_that_hangs_is_too_slow() {
    let upstream = Upstream::spawn(Behaviour::Hang).await;
    let server = Server::builder()
        .upstream(&upstream)
        .set("upstreams.openai.first_byte_timeout_ms", 300)
        .spawn();
    check(&server, "hangs", 504, "upstream_timeout", Code::DeadlineExceeded).await;
}

#[tokio::test]
async fn a_stream_that_stalls_ends_with_an_error_event() {
    let (upstream, send) = Upstream::paced().await;
    let server =
        Server::builder().upstream(&upstream).set("upstreams.openai.idle_timeout_ms", 300).spawn();
    let telling = async { send.send(Bytes::from_static(b": hello\n\n")).await.unwrap() };
    let calling = server.chat_with(&[], "hi", json!({"stream": true}));
    let (answer, ()) = tokio::join!(calling, telling);
    assert!(answer.text().starts_with(": hello\n\n"), "{}", answer.text());
    assert!(answer.text().contains("\"code\":\"upstream_timeout\""), "{}", answer.text());
}

#[tokio::test]
async fn an_upstreams_own_error_passes_as_it_came() {
    let body = r#"{"error": {"message": "slow down, [EMAIL_1]", "type": "requests", "param":null, "code": "rate_limit_exceeded"} }"#;
    for (status, grpc_code) in [(429, Code::ResourceExhausted), (500, Code::Internal)] {
        let headers = vec![
            ("content-type", "application/json"),
            ("retry-after", "7"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-should-retry", "true"),
        ];
        let upstream = Upstream::spawn(Behaviour::With(status, headers, body.to_owned())).await;
        let server = Server::before(&upstream);
        let answer = server.chat(&format!("hi {EMAIL}")).await;
        assert_eq!((answer.status, answer.text()), (status, body.replace("[EMAIL_1]", EMAIL)));
        let passed = ["retry-after", "x-ratelimit-remaining-tokens", "x-should-retry"];
        assert_eq!(passed.map(|name| answer.header(name)), ["7", "0", "true"]);
        let (_, ended) = grpc_parts(&mut server.grpc().await, grpc_chat("hi")).await;
        let fault = ended.unwrap_err();
        assert_eq!(fault.code(), grpc_code);
        let info = fault.get_error_details();
        assert_eq!(info.error_info().unwrap().metadata["http_status"], status.to_string());
    }
}

#[tokio::test]
async fn a_server_that_is_full_says_when_to_come_back() {
    let upstream = Upstream::spawn(Behaviour::Hang).await;
    let server = Server::builder().upstream(&upstream).set("server.max_in_flight", 1).spawn();
    let first = server.open("/v1/chat/completions", &[], chat_body("hi", json!({})));
    let second = async {
        upstream.arrived(1).await;
        server.chat("hi").await
    };
    let answer = tokio::select! {
        _ = first => panic!("the upstream hangs"),
        answer = second => answer,
    };
    let expected = (503, "server_error".to_owned(), Some("overloaded".to_owned()));
    assert_eq!(answer.error(), expected);
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn an_answer_in_utf_16_is_restored_and_stays_in_it() {
    let document = |value: &str| format!(r#"{{"a":"to {value}","n":1.50}}"#);
    for unit in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide = |text: &str| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let body = String::from_utf8(wide(&document("[EMAIL_1]"))).unwrap();
        for kind in ["application/json; charset=utf-16", "application/json"] {
            let upstream = Upstream::spawn(Behaviour::Fixed(200, kind, body.clone())).await;
            let server = Server::before(&upstream);
            let answer = server.chat(&format!("mail {EMAIL}")).await;
            assert_eq!(answer.status, 200, "{kind}");
            assert_eq!(answer.body, wide(&document(EMAIL)), "{kind}");
        }
    }
}
