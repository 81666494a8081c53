//! HTTP/2 as it is: many streams of one connection, each taken as far as its caller wants.

use crate::support::{
    Server, Upstream,
    client::{PATIENCE, chat_body, grpc_chat},
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prompt_guard::grpc::proto;
use serde_json::json;
use tokio::{net::TcpStream, sync::mpsc, task::JoinSet, time::timeout};

const CHAT: &str = "/v1/chat/completions";

/// A connection that is driven for as long as the test keeps its tasks.
async fn connect(server: &Server) -> (SendRequest<Full<Bytes>>, JoinSet<()>) {
    let stream = TokioIo::new(TcpStream::connect(server.address).await.unwrap());
    let (client, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { drop(connection.await) });
    (client, tasks)
}

/// Feeds a model until nobody takes it.
async fn feed_on(feed: &mpsc::Sender<Bytes>) {
    let event = json!({"choices": [{"index": 0, "delta": {"content": "x".repeat(60 << 10)}}]});
    let event = Bytes::from(format!("data: {event}\n\n"));
    let endless = async { while feed.send(event.clone()).await.is_ok() {} };
    timeout(PATIENCE, endless).await.expect("the upstream is not let go of");
}

#[tokio::test]
async fn a_stream_that_is_not_taken_ends_and_the_others_of_its_connection_go_on() {
    let (upstream, feed) = Upstream::paced().await;
    let server = Server::builder().upstream(&upstream).set("server.download_idle_ms", 200).spawn();
    let (mut client, _tasks) = connect(&server).await;
    let asking = server.posting(CHAT, &[], chat_body("hi", json!({"stream": true})));
    let untaken = client.send_request(asking);
    let (untaken, ()) = tokio::join!(untaken, feed_on(&feed));
    let ready = client.send_request(server.posting(
        "/guard/v1/scan",
        &[],
        json!({"texts": ["hi"]}).to_string(),
    ));
    let ready = timeout(PATIENCE, ready).await.unwrap().unwrap();
    assert_eq!(ready.status(), 200, "the connection is as good as before");
    let rest = timeout(PATIENCE, untaken.unwrap().into_body().collect()).await.unwrap();
    assert!(rest.is_err(), "who comes back finds that it was ended");
}

#[tokio::test]
async fn a_grpc_stream_that_is_not_taken_ends_as_well() {
    let (upstream, feed) = Upstream::paced().await;
    let server = Server::builder().upstream(&upstream).set("server.download_idle_ms", 200).spawn();
    let mut grpc = server.grpc().await;
    let request = proto::ProxyCompletionRequest { stream: true, ..grpc_chat("hi") };
    let (untaken, ()) = tokio::join!(grpc.proxy_completion(request), feed_on(&feed));
    drop(untaken.unwrap());
}

#[tokio::test]
async fn a_large_answer_comes_whole_to_a_caller_that_takes_it() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let (mut client, _tasks) = connect(&server).await;
    let text = "all is well. ".repeat(200_000);
    let asking = server.posting(CHAT, &[], chat_body(&text, json!({})));
    let answer = timeout(PATIENCE, client.send_request(asking)).await.unwrap().unwrap();
    let length: usize = answer.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let body = timeout(PATIENCE, answer.into_body().collect()).await.unwrap().unwrap().to_bytes();
    assert_eq!(body.len(), length);
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], text.as_str());
}
