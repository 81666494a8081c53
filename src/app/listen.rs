//! Accepts connections and serves them: HTTP/1.1, HTTP/2 by prior knowledge, and gRPC, on one port.

use super::{
    calls::Calls,
    head,
    linger::{Lingering, Unread, Watched},
    local,
    patience::{Patience, Patient},
    stopping,
    untaken::{self, Streams},
};
use crate::{
    call::Error,
    config::{Hosts, ServerConfig},
    grpc,
    rest::{self, Rest, Serves},
    stack::in_flight::InFlightLayer,
};
use axum::{Router, body::Body};
use futures_util::future::{BoxFuture, FutureExt, ready};
use http::{HeaderMap, Request, Response, Version, header::CONTENT_TYPE};
use hyper::{body::Incoming, service::Service};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use metrics::{Gauge, counter, gauge};
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tower::Service as _;
use tracing::{debug, warn};

/// A silent HTTP/2 connection is asked so often whether the other end is still there,
const PING_INTERVAL: Duration = Duration::from_secs(60);

/// and closed when no answer comes in this time.
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// How long to wait after a failed accept (out of file descriptors, say) before trying again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// For callers whose streams are cut at a stop to take what is left of them and the error that they end with.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Streams that one HTTP/2 connection may have open.
const MAX_STREAMS: u32 = 1024;

/// What one stream of an HTTP/2 connection may send before it is read. Holds back a bulk sender, and at 100 ms of way
/// still lets 2.5 MB a second through.
const STREAM_WINDOW_BYTES: u32 = 256 << 10;

/// What all streams of one HTTP/2 connection together may send before it is read. Far more than a stream's window on
/// purpose: h2 ends the whole connection (`too_many_data_frames`) when the small frames that wait to be read weigh more
/// than half of this, at 256 bytes each. With adaptive windows a bulk scan of short texts did that within 150 messages.
const CONNECTION_WINDOW_BYTES: u32 = 32 << 20;

/// What one listener answers. gRPC is told from REST by its content type, since tonic's own router would answer
/// unknown REST paths with `200` and a gRPC status.
#[derive(Clone, Debug)]
pub(super) struct Dispatch {
    pub(super) rest: Facade,
    pub(super) grpc: Facade,
    /// By which names it may be called.
    pub(super) hosts: Arc<Hosts>,
    /// For metrics.
    pub(super) name: &'static str,
}

/// What answers requests of one kind. Called as it is: a router in front takes more than a small call's own work.
#[derive(Clone, Debug)]
pub(super) enum Facade {
    /// Looks paths up by itself.
    Rest(Rest, Serves),
    /// `Guard`, and a router for the services beside it.
    Grpc(grpc::Guard, Router),
}

type Answering = BoxFuture<'static, Result<Response<Body>, Infallible>>;

impl Facade {
    /// Answers a request by a body that is `followed` to its end.
    fn answer(
        &self,
        request: Request<Watched<Incoming>>,
        followed: impl FnOnce(Body) -> Body + Send + 'static,
    ) -> Answering {
        match self {
            Self::Rest(rest, serves) => {
                let (rest, serves) = (rest.clone(), *serves);
                let request = request.map(Body::new);
                async move { Ok(rest.serve(request, serves).await.map(followed)) }.boxed()
            }
            Self::Grpc(guard, _) if grpc::Guard::serves(request.uri().path()) => {
                let answering = guard.call(request);
                answering.map(|answer| Ok(answer.map(Body::new).map(followed))).boxed()
            }
            Self::Grpc(_, others) => {
                let answering = others.clone().call(request.map(Body::new));
                answering.map(|answer| answer.map(|answer| answer.map(followed))).boxed()
            }
        }
    }
}

impl Dispatch {
    fn choose(&self, headers: &HeaderMap) -> &Facade {
        if is_grpc(headers) { &self.grpc } else { &self.rest }
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    kind.is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// A request that calls the service by a name that is not its own.
fn foreign_host() -> Error {
    let message = "the service is not called by this name; the setting server.hosts lists the names that it has"
        .to_owned();
    Error::Forbidden { message, code: "host_not_allowed" }
}

/// The answer to a request with a wrong name. The facades do not see it, so that it is counted here.
fn refusal<B>(request: &Request<B>, error: Error) -> Response<Body> {
    counter!("prompt_guard_http_responses_total", "route" => "host_refused", "status" => "4xx")
        .increment(1);
    refused(request, error)
}

/// The answer to one with a wrong head, which they do not see either.
fn faulty<B>(request: &Request<B>, fault: head::Fault) -> Response<Body> {
    let class = if fault.status.is_server_error() { "5xx" } else { "4xx" };
    counter!("prompt_guard_http_responses_total", "route" => "head_refused", "status" => class)
        .increment(1);
    let mut answer = refused(request, fault.error);
    if !is_grpc(request.headers()) {
        *answer.status_mut() = fault.status;
    }
    answer
}

fn refused<B>(request: &Request<B>, error: Error) -> Response<Body> {
    if is_grpc(request.headers()) {
        grpc::refusal(error, request.headers()).map(Body::new)
    } else {
        rest::refusal(error, request.uri().path(), request.headers())
    }
}

/// One connection's service: tells the routers who is on the other end.
#[derive(Clone, Debug)]
struct Connected {
    dispatch: Dispatch,
    /// Where the listener is.
    at: IpAddr,
    peer: SocketAddr,
    unread: Unread,
    calls: Calls,
    /// Shared by all of the listener: that a name was refused is said once.
    refused: Arc<Once>,
}

impl Service<Request<Incoming>> for Connected {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let is_alone = request.version() <= Version::HTTP_11;
        let mut request = request.map(|body| self.unread.watch(body, is_alone));
        if let Some(fault) = head::fault(&request) {
            return ready(Ok(faulty(&request, fault))).boxed();
        }
        if !self.dispatch.hosts.accept(self.at, request.uri(), request.headers()) {
            self.refused.call_once(|| {
                // Not the name, which is the caller's.
                warn!(
                    listener = self.dispatch.name,
                    "a request was refused, and more may be: it called the service by a name that server.hosts does not have"
                );
            });
            return ready(Ok(refusal(&request, foreign_host()))).boxed();
        }
        request.extensions_mut().insert(self.peer);
        let call = self.calls.begin();
        let followed = |body| untaken::offered(call.until_end_of(body));
        self.dispatch.choose(request.headers()).answer(request, followed)
    }
}

/// Time limits of the connections of a listener.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For the whole head of a request, from the end of the one before.
    pub(super) keep_alive: Duration,
    /// For a caller to take anything of an answer that waits for it.
    pub(super) download_idle: Duration,
}

impl Limits {
    pub(super) fn of(config: &ServerConfig) -> Self {
        let ServerConfig { keep_alive, download_idle, .. } = *config;
        Self { keep_alive, download_idle }
    }
}

/// How a listener stops.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// Tells it to accept nothing more.
    pub(super) stop: watch::Receiver<bool>,
    /// Tells it that calls under way get no more time.
    pub(super) hurry: watch::Receiver<bool>,
    /// For calls under way to end.
    pub(super) drain: Duration,
    /// What ends those that have not.
    pub(super) in_flight: InFlightLayer,
}

impl Stop {
    /// Lets calls under way end, and ends them when their time is over.
    async fn drain(self, graceful: GracefulShutdown) {
        let mut ended = pin!(graceful.shutdown());
        tokio::select! {
            () = &mut ended => return,
            () = sleep(self.drain) => (),
            () = stopping(self.hurry) => (),
        }
        warn!("calls were still under way at the end of the drain time; they are cut off");
        self.in_flight.cut();
        // What could not be told by then is not told.
        let _ = timeout(LAST_WORDS, ended).await;
    }
}

/// Serves until it is told to stop, then lets calls under way end.
pub(super) async fn serve(
    listener: TcpListener,
    dispatch: Dispatch,
    mut stop: Stop,
    limits: Limits,
) {
    let graceful = GracefulShutdown::new();
    let server = server(limits);
    let at = local(&listener).ip();
    let patience = Patience { preface: limits.keep_alive, write: limits.download_idle };
    let open = gauge!("prompt_guard_active_connections", "listener" => dispatch.name);
    let refused = Arc::new(Once::new());
    let stops = Arc::new(AtomicBool::new(false));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => serve_connection(
                &server,
                &graceful,
                (stream, patience),
                Connected {
                    dispatch: dispatch.clone(),
                    at,
                    peer,
                    unread: Unread::default(),
                    calls: Calls::new(Arc::clone(&stops)),
                    refused: Arc::clone(&refused),
                },
                Open::count(&open),
            ),
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    stops.store(true, Ordering::Relaxed);
    stop.drain(graceful).await;
}

fn server(limits: Limits) -> auto::Builder<Streams> {
    let mut server = auto::Builder::new(Streams { patience: limits.download_idle });
    server.http1().timer(TokioTimer::new()).header_read_timeout(limits.keep_alive);
    server
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES);
    server
}

#[expect(
    clippy::disallowed_methods,
    reason = "the graceful shutdown in `serve` waits for the connection"
)]
fn serve_connection(
    server: &auto::Builder<Streams>,
    graceful: &GracefulShutdown,
    (stream, patience): (TcpStream, Patience),
    service: Connected,
    open: Open,
) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "cannot set TCP_NODELAY");
    }
    let stream = Lingering::new(stream, service.unread.clone());
    let stream = Patient::new(stream, patience, service.calls.clone());
    let connection = server.serve_connection(TokioIo::new(stream), service).into_owned();
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        let _open = open;
        if let Err(error) = watched.await {
            debug!(%error, "connection ended early");
        }
    });
}

/// Counts a connection as long as it is open.
struct Open(Gauge);

impl Open {
    fn count(gauge: &Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
