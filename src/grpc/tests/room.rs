//! The room for what is under way, which calls by gRPC share with all others.

use super::*;
use crate::{call::Task, stack::room::Room};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use std::{future::ready, time::Duration};
use tonic::Code;
use tower::Service;

/// A message of this size takes two of the four units that the room has.
const LARGE: usize = 100 << 10;
const ROOM: usize = 256 << 10;

fn client(stack: Stack, room: &Room) -> GuardClient<Routes> {
    let config = GrpcConfig { room: room.clone(), ..GrpcConfig::default() };
    GuardClient::new(service(stack, watch::channel(true).1, &config))
}

/// Whether nothing is under way.
fn is_empty(room: &Room) -> bool {
    room.share().grow(ROOM).is_ok()
}

fn scanning(room: &Room) -> Stack {
    let room = room.clone();
    stack(move |_| {
        assert!(!is_empty(&room), "the message is held while it is worked on");
        ready(Ok(Reply::Scanned(vec![scanned("a@b.example", 0, 11)])))
    })
}

#[tokio::test]
async fn a_large_message_is_refused_while_others_have_the_room_and_a_small_one_is_not() {
    let room = Room::new(ROOM);
    let (stack, calls) = recording(|| Ok(Reply::Scanned(vec![scanned("a@b.example", 0, 11)])));
    let mut client = client(stack, &room);
    let mut others = room.share();
    others.grow(ROOM).unwrap();
    let large = scan_request(&[&"x".repeat(LARGE)]);
    let status = client.scan(large.clone()).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "OVERLOADED"));
    assert!(calls.lock().unwrap().is_empty());
    client.scan(scan_request(&["x"])).await.unwrap();
    drop(others);
    client.scan(large).await.unwrap();
}

#[tokio::test]
async fn a_message_takes_room_until_it_is_answered() {
    let room = Room::new(ROOM);
    let mut client = client(scanning(&room), &room);
    client.scan(scan_request(&[&"x".repeat(LARGE)])).await.unwrap();
    assert!(is_empty(&room));
}

#[tokio::test]
async fn a_stream_of_messages_takes_room_for_one_at_a_time() {
    let room = Room::new(ROOM);
    let mut client = client(scanning(&room), &room);
    let element = proto::ScanStreamRequest {
        request: Some(scan_request(&[&"x".repeat(LARGE)])),
        ..Default::default()
    };
    let elements = tokio_stream::iter(vec![element; 10]);
    let mut answers = client.scan_stream(elements).await.unwrap().into_inner();
    let mut n_answers = 0;
    while answers.message().await.unwrap().is_some() {
        n_answers += 1;
    }
    assert_eq!(n_answers, 10);
    assert!(is_empty(&room));
}

#[tokio::test]
async fn the_body_of_a_completion_takes_room_as_long_as_there_is_some_of_it() {
    let room = Room::new(ROOM);
    let (stack, calls) = recording(|| Err(Error::UpstreamTimeout));
    let message = proto::ChatMessage {
        role: "user".into(),
        body: Some(proto::chat_message::Body::Content("x".repeat(LARGE))),
        ..Default::default()
    };
    let request = proto::ProxyCompletionRequest {
        model: "m-1".into(),
        messages: vec![message],
        ..Default::default()
    };
    client(stack, &room).proxy_completion(request).await.unwrap_err();
    let call = calls.lock().unwrap().pop().unwrap();
    assert!(matches!(call.task, Task::Complete(_)));
    assert!(!is_empty(&room));
    drop(call);
    assert!(is_empty(&room));
}

/// The bytes of a message over gRPC: not compressed, its length, and so many of its zeros.
fn begun(length: u32, sent: usize) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(length.to_be_bytes());
    bytes.resize(bytes.len() + sent, 0);
    bytes
}

#[tokio::test(start_paused = true)]
async fn a_message_that_stalls_gives_its_room_back() {
    check_given_up(stream::pending(), "server.upload_idle_ms").await;
}

/// What is to be raised for pauses is no help then.
#[tokio::test(start_paused = true)]
async fn a_message_that_trickles_gives_its_room_back_after_a_minute() {
    let trickle = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(9)).await;
        Some((Ok(Frame::data(Bytes::from_static(&[0]))), ()))
    });
    check_given_up(trickle, "longer than 60000 ms in all; send it faster").await;
}

async fn check_given_up(
    rest: impl Stream<Item = Result<Frame<Bytes>, Status>> + Send + 'static,
    message: &str,
) {
    let room = Room::new(ROOM);
    let (stack, _) = recording(|| Ok(Reply::Scanned(vec![])));
    let config = GrpcConfig {
        room: room.clone(),
        upload_idle: Duration::from_secs(10),
        ..GrpcConfig::default()
    };
    let mut routes = service(stack, watch::channel(true).1, &config);
    let sent = stream::once(ready(Ok(Frame::data(Bytes::from(begun(2 << 20, LARGE))))));
    let request = http::Request::post("/promptguard.v1.Guard/Scan")
        .header("content-type", "application/grpc")
        .body(tonic::body::Body::new(StreamBody::new(sent.chain(rest))))
        .unwrap();
    let answer = Service::call(&mut routes, request).await.unwrap();
    let status = Status::from_header_map(answer.headers()).unwrap();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains(message), "{}", status.message());
    drop(answer);
    assert!(is_empty(&room));
}
