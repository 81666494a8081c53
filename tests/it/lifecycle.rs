//! How the process lives: starts, serves many, drains and ends.

use crate::support::{
    Behaviour, EMAIL, Server, Upstream,
    client::{
        self, PATIENCE, Reading, chat_body, eventually, exchange, grpc_at, grpc_chat, grpc_parts,
        grpc_said, request, said,
    },
};
use http::Method;
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prompt_guard::grpc::proto;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};
use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

const CHAT: &str = "/v1/chat/completions";

fn event(content: &str) -> String {
    let event = json!({"choices": [{"index": 0, "delta": {"content": content}}]});
    format!("data: {event}\n\n")
}

#[tokio::test]
async fn a_stream_under_way_ends_well_after_a_stop_and_new_callers_are_refused() {
    let (upstream, send) = Upstream::paced().await;
    let mut server = Server::before(&upstream);
    let body = chat_body(&format!("Write to {EMAIL}"), json!({"stream": true}));
    let opening = server.open(CHAT, &[], body);
    let telling = async { send.send(event("one ").into()).await.unwrap() };
    let (response, ()) = tokio::join!(opening, telling);
    let mut reading = Reading::of(response);
    reading.until("one ").await;

    server.signal("TERM");
    let refused = async || TcpStream::connect(server.address).await.is_err();
    eventually("new connections are refused", refused).await;
    send.send(event("two [EMA").into()).await.unwrap();
    send.send(event("IL_1]").into()).await.unwrap();
    drop(send);
    assert_eq!(said(&reading.rest().await, 0), format!("one two {EMAIL}"));
    assert_eq!(server.ended().await.code(), Some(0));
}

/// Longer than any test may take.
const FOREVER_MS: u32 = 3_600_000;

/// A stream that is cut at a stop, from `[EMA` on, which is held back: what its client has read.
async fn cut(path: &str, body: String, begun: &str) -> String {
    let (upstream, send) = Upstream::paced().await;
    let mut server = Server::builder().upstream(&upstream).set("server.drain_ms", 200).spawn();
    let opening = server.open(path, &[], body);
    let telling = async { send.send(begun.to_owned().into()).await.unwrap() };
    let (response, ()) = tokio::join!(opening, telling);
    let mut reading = Reading::of(response);
    reading.until("one").await;
    assert_eq!(server.stop().await.code(), Some(0));
    timeout(PATIENCE, send.closed()).await.expect("the upstream still streams");
    String::from_utf8(reading.rest().await).unwrap()
}

#[tokio::test]
async fn a_stream_that_outlives_the_drain_time_ends_with_an_error_event_behind_what_was_held() {
    let chat = chat_body(&format!("Write to {EMAIL}"), json!({"stream": true}));
    let told = cut(CHAT, chat, &(event("one ") + &event("two [EMA"))).await;
    assert_eq!(said(told.as_bytes(), 0), "one two [EMA");
    let last = client::events(told.as_bytes()).pop().unwrap();
    assert_eq!(last["error"]["code"], "overloaded", "{told}");
    assert!(!told.contains("[DONE]"), "{told}");

    let messages = [json!({"role": "user", "content": format!("Write to {EMAIL}")})];
    let body = json!({"model": "m", "max_tokens": 9, "stream": true, "messages": messages});
    let block = json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}});
    let delta = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "one [EMA"}});
    let begun = format!(
        "event: content_block_start\ndata: {block}\n\nevent: content_block_delta\ndata: {delta}\n\n"
    );
    let told = cut("/v1/messages", body.to_string(), &begun).await;
    assert!(told.contains("[EMA"), "{told}");
    let last = told.rsplit("event: ").next().unwrap();
    assert!(last.starts_with("error\ndata: {\"type\":\"error\",\"error\":"), "{told}");

    let body = json!({"model": "m", "stream": true, "input": format!("Write to {EMAIL}")});
    let delta = json!({"type": "response.output_text.delta", "sequence_number": 3, "item_id": "i", "output_index": 0,
        "content_index": 0, "delta": "one"});
    let held = json!({"type": "response.output_text.delta", "sequence_number": 4, "item_id": "i", "output_index": 0,
        "content_index": 0, "delta": " [EMA"});
    let begun = format!(
        "event: response.output_text.delta\ndata: {delta}\n\nevent: response.output_text.delta\ndata: {held}\n\n"
    );
    let told = cut("/v1/responses", body.to_string(), &begun).await;
    let events = client::events(told.as_bytes());
    let texts: String = events.iter().filter_map(|event| event["delta"].as_str()).collect();
    assert_eq!(texts, "one [EMA");
    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["sequence_number"]), (&json!("error"), &json!(5)), "{told}");
}

#[tokio::test]
async fn a_grpc_stream_that_outlives_the_drain_time_ends_with_a_status() {
    let (upstream, send) = Upstream::paced().await;
    let mut server = Server::builder().upstream(&upstream).set("server.drain_ms", 200).spawn();
    let asked = proto::ProxyCompletionRequest { stream: true, ..grpc_chat("hi") };
    let mut client = server.grpc().await;
    let reading = grpc_parts(&mut client, asked);
    let telling = async {
        send.send(event("one").into()).await.unwrap();
        upstream.arrived(1).await;
        server.signal("TERM");
    };
    let ((parts, ended), ()) = tokio::join!(reading, telling);
    assert_eq!(grpc_said(&parts), "one");
    let status = ended.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unavailable, "{status}");
    assert!(status.message().contains("stops"), "{status}");
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_call_that_still_waits_for_its_answer_at_the_end_of_the_drain_time_is_told_so() {
    let upstream = Upstream::spawn(Behaviour::Hang).await;
    let mut server = Server::builder().upstream(&upstream).set("server.drain_ms", 200).spawn();
    let asking = server.chat("hi");
    let stopping = async {
        upstream.arrived(1).await;
        server.signal("TERM");
    };
    let (answer, ()) = tokio::join!(asking, stopping);
    let expected = (503, "server_error".to_owned(), Some("overloaded".to_owned()));
    assert_eq!(answer.error(), expected);
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_calls_under_way_at_once() {
    let (upstream, send) = Upstream::paced().await;
    let mut server = Server::builder()
        .upstream(&upstream)
        .set("server.drain_ms", FOREVER_MS)
        .set("server.drain_delay_ms", FOREVER_MS)
        .spawn();
    let opening = server.open(CHAT, &[], chat_body("hi", json!({"stream": true})));
    let telling = async { send.send(event("one").into()).await.unwrap() };
    let (response, ()) = tokio::join!(opening, telling);
    let mut reading = Reading::of(response);
    reading.until("one").await;
    server.signal("TERM");
    let draining = async || server.get("/readyz").await.status == 503;
    eventually("the service drains", draining).await;
    server.signal("TERM");
    let told = String::from_utf8(reading.rest().await).unwrap();
    assert!(told.contains("\"code\":\"overloaded\""), "{told}");
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn connections_on_which_nothing_is_asked_for_do_not_hold_a_stop_up() {
    let mut server = Server::builder().set("server.drain_ms", FOREVER_MS).spawn();
    let mut sockets = Vec::new();
    for said in [
        &b""[..],
        b"\r\n",
        b"POST /v1/chat/comp",
        b"PRI * HTTP/2.0\r\n",
        // The whole preface and its settings: HTTP/2's ping at a stop is not answered.
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    ] {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        socket.write_all(said).await.unwrap();
        sockets.push(socket);
    }
    // A whole call on a later connection: what was sent before has been read.
    assert_eq!(server.get("/livez").await.status, 200);
    assert_eq!(server.stop().await.code(), Some(0));
}

#[tokio::test]
async fn an_idle_server_stops_at_once_by_either_signal() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::builder().spawn();
        assert_eq!(server.get("/livez").await.status, 200);
        server.signal(signal);
        assert_eq!(server.ended().await.code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn idle_connections_that_are_kept_alive_do_not_hold_a_stop_up() {
    let mut server = Server::builder().spawn();
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(b"GET /livez HTTP/1.1\r\nhost: g\r\n\r\n").await.unwrap();
    let mut piece = [0; 1024];
    assert!(socket.read(&mut piece).await.unwrap() > 0);
    let _grpc = grpc_at(server.address).await;
    assert_eq!(server.stop().await.code(), Some(0));
    let rest = timeout(PATIENCE, socket.read(&mut piece)).await.unwrap();
    assert!(matches!(rest, Ok(0) | Err(_)), "the connection is closed");
}

#[tokio::test]
async fn probes_answer_as_orchestrators_expect() {
    let server = Server::builder().spawn();
    for path in ["/health", "/livez", "/readyz"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    let metrics = server.get("/metrics").await;
    assert!(metrics.header("content-type").starts_with("text/plain"));
    assert!(metrics.text().contains("prompt_guard_build_info"), "{}", metrics.text());
}

#[tokio::test]
async fn who_watches_health_is_told_of_a_drain_and_does_not_hold_it_up() {
    let (upstream, send) = Upstream::paced().await;
    let mut server = Server::before(&upstream);
    let channel = Endpoint::try_from(server.url()).unwrap().connect().await.unwrap();
    let question = HealthCheckRequest::default();
    let mut health = HealthClient::new(channel).watch(question).await.unwrap().into_inner();
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::Serving);

    // A stream under way keeps the server from ending before the watcher has been told.
    let opening = server.open(CHAT, &[], chat_body("hi", json!({"stream": true})));
    let telling = async { send.send(event("one").into()).await.unwrap() };
    let (response, ()) = tokio::join!(opening, telling);
    server.signal("TERM");
    let told = timeout(PATIENCE, health.message()).await.unwrap().unwrap().unwrap();
    assert_eq!(told.status(), ServingStatus::NotServing);
    let ended = timeout(PATIENCE, health.message()).await.unwrap();
    assert!(matches!(ended, Ok(None)), "{ended:?}");
    drop(send);
    Reading::of(response).rest().await;
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn probes_on_a_listener_of_their_own_answer_until_the_last_call_has_ended() {
    let (upstream, send) = Upstream::paced().await;
    let admin = "server.admin_listen";
    let mut server = Server::builder().upstream(&upstream).set(admin, "127.0.0.1:0").spawn();
    let [_, admin] = server.listening();
    let opening = server.open(CHAT, &[], chat_body("hi", json!({"stream": true})));
    let telling = async { send.send(event("one").into()).await.unwrap() };
    let (response, ()) = tokio::join!(opening, telling);
    server.signal("TERM");
    let ready = async || {
        let request = request(Method::GET, format!("http://{admin}/readyz"), &[], "");
        exchange(request).await.status
    };
    let draining = async {
        while ready().await == 200 {
            tokio::task::yield_now().await;
        }
        ready().await
    };
    assert_eq!(timeout(PATIENCE, draining).await.unwrap(), 503);
    drop(send);
    Reading::of(response).rest().await;
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn listeners_apart_serve_each_its_own() {
    let upstream = Upstream::echo().await;
    let server = Server::builder()
        .upstream(&upstream)
        .set("server.grpc_listen", "127.0.0.1:0")
        .set("server.admin_listen", "127.0.0.1:0")
        .spawn();
    let [main, grpc, admin] = server.listening();
    assert_eq!(main, server.address);
    let status = async |address, path: &str| {
        let uri = format!("http://{address}{path}");
        exchange(request(Method::GET, uri, &[], "")).await.status
    };
    assert_eq!(status(admin, "/metrics").await, 200);
    assert_eq!(status(admin, "/readyz").await, 200);
    assert_eq!(status(admin, "/").await, 200);
    assert_eq!(status(admin, "/guard/v1/policies").await, 200, "the page needs it");
    assert_eq!(status(admin, "/v1/models").await, 404, "operators' listener serves no calls");
    assert_eq!(status(main, "/metrics").await, 404, "callers' listener shows no metrics");
    assert_eq!(status(main, "/").await, 404, "nor the page");
    assert_eq!(status(main, "/v1/models").await, 200);
    let (parts, ended) = grpc_parts(&mut grpc_at(grpc).await, grpc_chat("hi")).await;
    ended.unwrap();
    assert_eq!(grpc_said(&parts), "hi");
    let (_, ended) = grpc_parts(&mut grpc_at(main).await, grpc_chat("hi")).await;
    assert!(ended.is_err(), "gRPC is served on its own listener alone");
}

#[tokio::test]
async fn grpc_health_and_rest_share_one_port() {
    let server = Server::builder().spawn();
    assert_eq!(server.get("/v1/nothing").await.error().0, 404);
    let listed = server.grpc().await.list_policies(proto::ListPoliciesRequest {}).await.unwrap();
    let names: Vec<_> = listed.into_inner().policies.into_iter().map(|it| it.name).collect();
    assert!(names.iter().any(|name| name == "default_pii"), "{names:?}");
}

#[tokio::test]
async fn an_http2_client_with_prior_knowledge_is_served() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { drop(connection.await) });
    let texts: Vec<String> = (0..10).map(|n| format!("to canary.h{n}@example.org")).collect();
    let calls = texts.iter().map(|text| {
        let body = chat_body(text, json!({"stream": true}));
        let request = server.posting(CHAT, &[], body);
        let mut client = client.clone();
        async move {
            let response = client.send_request(request).await.unwrap();
            assert_eq!(response.version(), http::Version::HTTP_2);
            said(&response.into_body().collect().await.unwrap().to_bytes(), 0)
        }
    });
    let answers = timeout(PATIENCE, futures_util::future::join_all(calls)).await.unwrap();
    assert_eq!(answers, texts);
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { drop(connection.await) });
    // Whatever the answer was: whole, an event stream, an error.
    for (path, stream) in [(CHAT, false), (CHAT, true), ("/v1/nothing", false), (CHAT, false)] {
        let body = chat_body("hi", json!({"stream": stream}));
        let request = server.posting(path, &[("host", "guard")], body);
        client.ready().await.unwrap();
        let response = client.send_request(request).await.unwrap();
        response.into_body().collect().await.unwrap();
    }
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn two_hundred_callers_at_once_get_each_their_own_values() {
    let upstream = Upstream::spawn(Behaviour::Echo { chunk: 5 }).await;
    let server = Server::before(&upstream);
    let grpc = server.grpc().await;
    let one = async |n: usize| {
        let text = format!("I am canary.user{n}@example.org, card 4111 1111 1111 1111, {n} times");
        let stream = n.is_multiple_of(2);
        let got = if n.is_multiple_of(4) {
            let request = proto::ProxyCompletionRequest { stream, ..grpc_chat(&text) };
            let (parts, ended) = grpc_parts(&mut grpc.clone(), request).await;
            ended.unwrap();
            grpc_said(&parts)
        } else {
            let answer = server.chat_with(&[], &text, json!({"stream": stream})).await;
            if stream { answer.streamed() } else { answer.said() }
        };
        assert_eq!(got, text);
    };
    futures_util::future::join_all((0..200).map(one)).await;
    assert_eq!(upstream.requests().len(), 200);
}

#[tokio::test]
async fn a_port_that_is_taken_ends_the_start_with_a_reason() {
    let server = Server::builder().spawn();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_prompt-guard"))
        .args(["serve", "--listen", &server.address.to_string()])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("server.listen"), "{said}");
}

#[test]
fn a_full_disk_behind_its_output_is_no_reason_not_to_serve() {
    use std::{
        io::{BufRead as _, BufReader},
        process::{Command, Stdio},
    };
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_prompt-guard"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains("cannot be written to the standard output")));
    let id = server.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    assert!(server.wait().unwrap().success());
}

#[tokio::test]
async fn a_configuration_with_faults_ends_the_start_and_tells_all_of_them() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_prompt-guard"))
        .args([
            "serve",
            "--listen",
            "nowhere",
            "--set",
            "server.max_bdy_bytes=1",
            "--upstream",
            "x",
        ])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for fault in ["--listen", "server.max_body_bytes", "--upstream"] {
        assert!(said.contains(fault), "{fault}: {said}");
    }
}

/// The process gets its environment from anywhere; one odd variable must not keep it from starting.
#[test]
fn a_variable_that_is_not_unicode_is_none_of_ours() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_prompt-guard"))
        .args(["check-config", "--set", "server.drain_ms=1"])
        .env("CITY", OsStr::from_bytes(b"caf\xe9"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
