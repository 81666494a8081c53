//! OpenAI's responses and Anthropic's messages through the running binary, byte by byte.

use crate::support::{Behaviour, EMAIL, Server, Upstream, server::assert_clean};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

/// What comes back on a connection of its own.
async fn post(server: &Server, path: &str, body: &str) -> String {
    let (address, path, body) = (server.address, path.to_owned(), body.to_owned());
    tokio::task::spawn_blocking(move || exchange(address, &path, &body).unwrap()).await.unwrap()
}

fn exchange(address: SocketAddr, path: &str, body: &str) -> std::io::Result<String> {
    let mut socket = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        socket,
        "POST {path} HTTP/1.0\r\nhost: guard\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The data of the events in an answer.
fn events(answer: &str) -> Vec<Value> {
    let data = answer.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|data| serde_json::from_str(data).ok()).collect()
}

fn spoken(answer: &str, pointer: &str) -> String {
    let events = events(answer);
    events.iter().filter_map(|event| event.pointer(pointer)?.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_say_the_same_whatever_the_pieces() {
    let text = format!("Write to {EMAIL}, \"now\" \\ then. [EMAIL_");
    for chunk in [1, 2, 3, 7, 50] {
        let upstream = Upstream::spawn(Behaviour::Echo { chunk }).await;
        let server = Server::before(&upstream);
        let request = json!({"model": "echo", "input": text, "stream": true});
        let answer = post(&server, "/v1/responses", &request.to_string()).await;
        assert_eq!(spoken(&answer, "/delta"), text, "responses in pieces of {chunk}");
        let numbers: Vec<u64> =
            events(&answer).iter().filter_map(|event| event["sequence_number"].as_u64()).collect();
        assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
        let request = json!({"model": "echo", "max_tokens": 9, "stream": true,
            "messages": [{"role": "user", "content": text}]});
        let answer = post(&server, "/v1/messages", &request.to_string()).await;
        assert_eq!(spoken(&answer, "/delta/text"), text, "messages in pieces of {chunk}");
        assert_clean(&upstream.requests());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_and_opaque_parts_arrive_byte_by_byte() {
    let upstream = Upstream::spawn(Behaviour::Fixed(200, "application/json", "{}".into())).await;
    let server = Server::before(&upstream);
    let kept = [
        r#"{ "type":"thinking", "thinking":"so [EMAIL_1] \u00e9\/ [EMAIL_7]","signature" : "EqQBCkYIARgCKkDn+/0abc==" }"#,
        r#"{"type":"redacted_thinking","data":"EmwKAhgBEgy3va3pzix/LafPsn4a"}"#,
        r#""cache_control":{"ttl" : "1h","type":"ephemeral"}"#,
        r#"{"type":"web_search_result","encrypted_content":"EqgfCioIARgBIiQ3YTAwMjY1","page_age":null}"#,
    ];
    let [thinking, redacted, cached, result] = kept;
    let body = format!(
        r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"I am {EMAIL}"}},{{"role":"assistant","content":[
        {thinking},{redacted},{{"type":"text","text":"Hello {EMAIL}",{cached}}},
        {{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{result}]}}]}}]}}"#
    );
    let answer = post(&server, "/v1/messages", &body).await;
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    assert_eq!(upstream.only().headers["anthropic-version"], "2023-06-01");
    let sent = String::from_utf8(upstream.only().body.to_vec()).unwrap();
    assert_eq!(sent, body.replace(EMAIL, "[EMAIL_1]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_break_end_in_the_words_of_their_provider() {
    let begun = "event: x\ndata: {\"type\":\"x\",\"sequence_number\":4}\n\n";
    let upstream = Upstream::spawn(Behaviour::DieAfter(begun.into())).await;
    let server = Server::before(&upstream);
    for (path, body) in [
        ("/v1/responses", json!({"input": EMAIL, "stream": true})),
        ("/v1/messages", json!({"messages": [{"role": "user", "content": EMAIL}], "stream": true})),
    ] {
        let answer = post(&server, path, &body.to_string()).await;
        assert!(answer.contains(begun), "{answer}");
        assert!(answer.contains("\n\nevent: error\ndata: {\"type\":\"error\","), "{answer}");
        let last = events(&answer).pop().unwrap();
        if path == "/v1/responses" {
            assert_eq!(last["sequence_number"], 5);
            assert_eq!(last["error"]["type"], "server_error");
        } else {
            assert_eq!(last["error"]["type"], "api_error");
            assert!(last["request_id"].as_str().unwrap().starts_with("req_"));
        }
    }
}
