//! The REST facade over real connections, in front of a stack of the test's own making.

use crate::support::logs::Logs;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use prompt_guard::{
    call::{CacheOutcome, Call, Completed, CompletionBody, Error, Facts, Reply},
    rest::{MetricsText, Readiness, Rest, RestConfig, Serves},
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use tower::util::BoxCloneSyncService;

type Chunks = mpsc::Receiver<Result<Bytes, Error>>;

struct Server {
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn start(
        answer: impl Fn(Call) -> Result<Reply, Error> + Clone + Send + Sync + 'static,
    ) -> Self {
        let stack = BoxCloneSyncService::new(tower::service_fn(move |call| {
            let answer = answer.clone();
            async move { answer(call) }
        }));
        let config = RestConfig { max_body_bytes: 1 << 20, ..RestConfig::default() };
        let rest = Rest::new(config, stack, Readiness::default(), MetricsText::default());
        let service = rest.router(Serves::All).into_make_service_with_connect_info::<SocketAddr>();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { address, _tasks: tasks }
    }

    /// A server whose only answer is a stream of these chunks.
    async fn streaming(content_type: &'static str, chunks: Chunks) -> Self {
        let chunks = Arc::new(Mutex::new(Some(chunks)));
        Self::start(move |_| {
            let chunks = chunks.lock().unwrap().take().unwrap();
            Ok(completed(content_type, CompletionBody::Stream(ReceiverStream::new(chunks).boxed())))
        })
        .await
    }

    async fn connect(&self, request: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        socket
    }

    /// All that comes back on one connection, until it is closed.
    async fn exchange(&self, request: &str) -> String {
        let mut socket = self.connect(request).await;
        let mut bytes = Vec::new();
        timeout(Duration::from_secs(10), socket.read_to_end(&mut bytes)).await.unwrap().unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

fn completed(content_type: &'static str, body: CompletionBody) -> Reply {
    let mut headers = http::HeaderMap::new();
    headers.insert("content-type", content_type.parse().unwrap());
    let facts = Facts {
        policy: "default_pii".into(),
        findings: BTreeMap::new(),
        cache: CacheOutcome::Miss,
        unscanned: Vec::new(),
    };
    Reply::Completed(Completed { status: http::StatusCode::OK, headers, body, facts })
}

fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: guard\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

/// Reads until `text` has come.
async fn read_until(socket: &mut TcpStream, text: &str) -> String {
    let mut seen = Vec::new();
    let reading = async {
        loop {
            let mut buffer = [0; 1024];
            let count = socket.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0, "closed before {text}");
            seen.extend_from_slice(&buffer[..count]);
            if memchr::memmem::find(&seen, text.as_bytes()).is_some() {
                break;
            }
        }
    };
    timeout(Duration::from_secs(10), reading).await.unwrap();
    String::from_utf8(seen).unwrap()
}

#[tokio::test]
async fn each_event_leaves_before_the_next_one_is_made() {
    let (send, chunks) = mpsc::channel(1);
    let server = Server::streaming("text/event-stream", chunks).await;
    let mut socket = server.connect(&post("/v1/chat/completions", "", "{}")).await;
    for event in ["data: one\n\n", "data: two\n\n"] {
        send.send(Ok(Bytes::from_static(event.as_bytes()))).await.unwrap();
        read_until(&mut socket, event).await;
    }
    drop(send);
    read_until(&mut socket, "0\r\n\r\n").await;
}

#[tokio::test]
async fn a_caller_who_hangs_up_ends_the_upstreams_stream() {
    let (send, chunks) = mpsc::channel(1);
    let server = Server::streaming("text/event-stream", chunks).await;
    let mut socket = server.connect(&post("/v1/chat/completions", "", "{}")).await;
    send.send(Ok(Bytes::from_static(b"data: one\n\n"))).await.unwrap();
    read_until(&mut socket, "one").await;
    drop(socket);
    timeout(Duration::from_secs(10), send.closed()).await.unwrap();
}

#[tokio::test]
async fn a_slow_caller_holds_the_upstream_back() {
    let (send, chunks) = mpsc::channel(1);
    let server = Server::streaming("application/octet-stream", chunks).await;
    let _silent = server.connect(&post("/v1/chat/completions", "", "{}")).await;
    let chunk = Bytes::from(vec![b'x'; 1 << 20]);
    let mut sent = 0;
    // The sockets' buffers take some megabytes; then nothing more is asked for.
    while let Ok(result) = timeout(Duration::from_millis(500), send.send(Ok(chunk.clone()))).await {
        result.unwrap();
        sent += 1;
        assert!(sent < 200, "nothing holds the upstream back");
    }
}

#[tokio::test]
async fn a_document_that_breaks_off_does_not_look_complete() {
    let (send, chunks) = mpsc::channel(2);
    send.try_send(Ok(Bytes::from_static(b"{\"half\":"))).unwrap();
    send.try_send(Err(Error::UpstreamTimeout)).unwrap();
    drop(send);
    let server = Server::streaming("application/json", chunks).await;
    let answer = server.exchange(&post("/v1/chat/completions", "", "{}")).await;
    assert!(answer.contains("{\"half\":") && !answer.ends_with("0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_stream_of_events_that_breaks_off_says_so_and_ends_well() {
    let (send, chunks) = mpsc::channel(2);
    send.try_send(Ok(Bytes::from_static(b"data: one\n\n"))).unwrap();
    send.try_send(Err(Error::UpstreamTimeout)).unwrap();
    drop(send);
    let server = Server::streaming("text/event-stream", chunks).await;
    let answer = server.exchange(&post("/v1/chat/completions", "", "{}")).await;
    assert!(answer.contains("\"code\":\"upstream_timeout\""), "{answer}");
    assert!(answer.ends_with("0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_while_it_is_still_on_its_way() {
    let server = Server::start(|_| panic!("must not be called")).await;
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\ncontent-length: 99999999\r\n\r\n";
    let mut socket = server.connect(&format!("{head}{{")).await;
    let answer = read_until(&mut socket, "request_too_large").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_caller_who_waits_for_leave_to_send_gets_it_only_for_a_good_head() {
    let whole = |_| Ok(completed("application/json", CompletionBody::Whole("{}".into())));
    let server = Server::start(whole).await;
    let head = |more: &str| {
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\nexpect: 100-continue\r\ncontent-length: 2\r\n{more}\r\n"
        )
    };
    let mut socket = server.connect(&head("")).await;
    read_until(&mut socket, "HTTP/1.1 100 ").await;
    socket.write_all(b"{}").await.unwrap();
    read_until(&mut socket, "HTTP/1.1 200 ").await;

    let mut socket = server.connect(&head("content-type: text/plain\r\n")).await;
    let answer = read_until(&mut socket, "HTTP/1.1 4").await;
    assert!(!answer.contains("HTTP/1.1 100 "), "{answer}");
}

#[tokio::test]
async fn the_connection_goes_on_after_an_error_answer() {
    let whole = |_| Ok(completed("application/json", CompletionBody::Whole("{}".into())));
    let server = Server::start(whole).await;
    let mut socket = server
        .connect(
            "GET /nothing HTTP/1.1\r\nhost: g\r\n\r\nHEAD /v1/models HTTP/1.1\r\nhost: g\r\n\r\n",
        )
        .await;
    let answer = read_until(&mut socket, "x-guard-cache").await;
    assert!(answer.contains("404 Not Found") && answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn nothing_that_a_caller_sends_is_logged() {
    let logs = Logs::keep();
    let (done, ended) = oneshot::channel();
    let done = Arc::new(Mutex::new(Some(done)));
    let server = Server::start(move |_| {
        if let Some(done) = done.lock().unwrap().take() {
            done.send(()).unwrap();
        }
        let cut = Error::UpstreamUnreachable("reset".into());
        let body = CompletionBody::Stream(stream::iter([Err(cut)]).boxed());
        Ok(completed("text/event-stream", body))
    })
    .await;
    let canary = |place: &str| format!("canary-rest-{place}");
    let headers = format!(
        "x-user-id: {}\r\nauthorization: Bearer {}\r\nx-request-id: {}\r\nx-any: {}\r\n",
        canary("user"),
        canary("key"),
        canary("id"),
        canary("header"),
    );
    let path = format!("/v1/chat/completions?q={}", canary("query"));
    let body = format!("{{\"text\":\"{}\"}}", canary("body"));
    server.exchange(&post(&path, &headers, &body)).await;
    ended.await.unwrap();
    let scan = format!("{{\"texts\":[\"a\"],\"policy\":{{\"{}\":1}}}}", canary("field"));
    let answer = server.exchange(&post("/guard/v1/scan", &headers, &scan)).await;
    assert!(answer.contains("400 Bad Request") && !answer.contains("canary-rest-"), "{answer}");
    server.exchange(&post(&format!("/{}", canary("path")), &headers, "")).await;
    assert!(!logs.hold("canary-rest-"));
}
