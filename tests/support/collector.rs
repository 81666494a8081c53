//! A collector of traces that keeps every byte it is sent: gRPC without its messages, since only the bytes matter.

use axum::{
    Router,
    body::{Body, Bytes},
};
use futures_util::stream;
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use http_body_util::StreamBody;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, task::JoinSet};

/// A running collector; stops when it is dropped.
#[derive(Debug)]
pub(crate) struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Vec<u8>>>,
    _tasks: JoinSet<()>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let received = Arc::<Mutex<Vec<u8>>>::default();
        let kept = Arc::clone(&received);
        let keep = move |body: Bytes| {
            kept.lock().unwrap().extend_from_slice(&body);
            async { thanks() }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            axum::serve(listener, Router::new().fallback(keep)).await.unwrap();
        });
        Self { address, received, _tasks: tasks }
    }

    /// For `telemetry.otlp_endpoint`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that has arrived. Protobuf keeps strings as they are.
    pub(crate) fn received(&self) -> String {
        String::from_utf8_lossy(&self.received.lock().unwrap()).into_owned()
    }
}

/// An empty message and the status of success.
fn thanks() -> ([(&'static str, &'static str); 1], Body) {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let frames = [Frame::data(Bytes::from_static(&[0; 5])), Frame::trailers(trailers)];
    let body = StreamBody::new(stream::iter(frames.map(Ok::<_, io::Error>)));
    ([("content-type", "application/grpc")], Body::new(body))
}
