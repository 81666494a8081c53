//! Sockets, proxies, TLS and the connection pool of one upstream.

use super::{
    config::{HttpVersion, UpstreamConfig},
    proxy::{Proxy, Way},
};
use crate::tls;
use bytes::Bytes;
use futures_util::{TryFutureExt as _, future::BoxFuture};
use http::{Uri, uri::Scheme};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{
            Connected, Connection, HttpConnector,
            proxy::{SocksV5, Tunnel},
        },
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, timeout},
};
use tower::{BoxError, Service};

/// A pool of connections that speak HTTP/1.1, or HTTP/2 where TLS negotiates it or the operator says so.
pub(super) type HttpClient = Client<Connector, Full<Bytes>>;

/// Builds the pool of one upstream; connects nothing yet.
pub(super) fn client(config: &UpstreamConfig, proxy: Option<&Proxy>) -> Result<HttpClient, String> {
    let dial = Dial::new(proxy)?;
    let proxied = matches!(dial, Dial::Forward(..));
    let tls = HttpsConnectorBuilder::new().with_tls_config(tls(config)?).https_or_http();
    let https = match config.http_version {
        HttpVersion::Auto => tls.enable_all_versions().wrap_connector(dial),
        HttpVersion::One => tls.enable_http1().wrap_connector(dial),
        HttpVersion::Two => tls.enable_http2().wrap_connector(dial),
    };
    let connector = Connector { https, limit: config.connect_timeout, proxied };
    Ok(Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(config.pool_idle_timeout)
        .retry_canceled_requests(true)
        .http2_only(config.http_version == HttpVersion::Two)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .build(connector))
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true); // a small request must not wait for the peer's acknowledgement
    tcp.set_keepalive(Some(Duration::from_secs(60)));
    tcp.enforce_http(false);
    tcp
}

fn tls(config: &UpstreamConfig) -> Result<ClientConfig, String> {
    let roots = match &config.root_certificates {
        // A host without a system's store can still talk plain HTTP.
        None if config.base_url.starts_with("http://") => RootCertStore::empty(),
        path => tls::roots(path.as_deref())?,
    };
    tls::client(roots, None)
}

/// What bytes go to, and from: an upstream or a proxy, the latter by TLS if it is spoken to so.
type Line = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Opens a connection to a proxy.
type ToProxy = HttpsConnector<HttpConnector>;

fn to_proxy(tls: Option<&ClientConfig>) -> Result<ToProxy, String> {
    let unused = || tls::client(RootCertStore::empty(), None);
    let tls = tls.cloned().map_or_else(unused, Ok)?;
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
    Ok(connector.enable_http1().wrap_connector(tcp()))
}

/// Opens a connection to an upstream, or to what stands before it.
#[derive(Clone, Debug)]
pub(super) enum Dial {
    Direct(HttpConnector),
    /// To a proxy that is sent each request.
    Forward(ToProxy, Uri),
    /// Through a proxy, by `CONNECT`.
    Tunnel(Tunnel<ToProxy>),
    /// Through a proxy, by SOCKS.
    Socks(SocksV5<HttpConnector>),
}

impl Dial {
    fn new(proxy: Option<&Proxy>) -> Result<Self, String> {
        Ok(match proxy {
            None => Self::Direct(tcp()),
            Some(Proxy { uri, way, tls }) => match way {
                Way::Tunnel(key) => {
                    let tunnel = Tunnel::new(uri.clone(), to_proxy(tls.as_ref())?);
                    Self::Tunnel(key.iter().fold(tunnel, |it, key| it.with_auth(key.clone())))
                }
                Way::Forward(_) => Self::Forward(to_proxy(tls.as_ref())?, uri.clone()),
                Way::Socks(signed_in) => {
                    let socks = SocksV5::new(uri.clone(), tcp());
                    Self::Socks(match signed_in.clone() {
                        Some((user, password)) => socks.with_auth(user, password),
                        None => socks,
                    })
                }
            },
        })
    }
}

/// SOCKS takes a missing port for that of TLS.
fn with_port(upstream: Uri) -> Uri {
    let is_plain = upstream.scheme() == Some(&Scheme::HTTP) && upstream.port().is_none();
    let Some(host) = upstream.host().filter(|_| is_plain) else { return upstream };
    let with_port = Uri::builder().scheme(Scheme::HTTP).authority(format!("{host}:80"));
    with_port.path_and_query("/").build().unwrap_or(upstream)
}

impl Service<Uri> for Dial {
    type Response = Line;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Direct(tcp) => tcp.poll_ready(cx).map_err(Into::into),
            Self::Forward(proxy, _) => proxy.poll_ready(cx),
            Self::Tunnel(tunnel) => tunnel.poll_ready(cx).map_err(Into::into),
            Self::Socks(socks) => socks.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, upstream: Uri) -> Self::Future {
        match self {
            Self::Direct(tcp) => Box::pin(tcp.call(upstream).map_ok(Line::Http).err_into()),
            Self::Forward(proxy, uri) => Box::pin(proxy.call(uri.clone())),
            Self::Tunnel(tunnel) => Box::pin(tunnel.call(upstream).err_into()),
            Self::Socks(socks) => {
                Box::pin(socks.call(with_port(upstream)).map_ok(Line::Http).err_into())
            }
        }
    }
}

/// Connects within a time limit that covers name resolution, TCP and TLS together.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    https: HttpsConnector<Dial>,
    limit: Duration,
    /// Requests name the upstream in full, since they go to a proxy.
    proxied: bool,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Link>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let began = Instant::now();
        let connecting = timeout(self.limit, self.https.call(uri));
        let proxied = self.proxied;
        Box::pin(async move {
            match connecting.await {
                Ok(stream) => {
                    let (stream, past) = (TokioIo::new(stream?), Past::since(began));
                    Ok(TokioIo::new(Link { stream, past, proxied }))
                }
                Err(_) => Err(ConnectTimedOut.into()),
            }
        })
    }
}

/// No connection within [`UpstreamConfig::connect_timeout`].
#[derive(Debug, thiserror::Error)]
#[error("no connection within the connect timeout")]
pub(super) struct ConnectTimedOut;

/// What a connection has been through, so that one which was dead already is told from one that was lost at work.
#[derive(Clone, Debug)]
pub(super) struct Past(Arc<Events>);

#[derive(Debug)]
struct Events {
    opened: Instant,
    /// How long that took: a packet's way there and back at least.
    opened_in: Duration,
    answered: AtomicBool,
    /// When the last byte came, in nanoseconds since it was opened.
    last_byte: AtomicU64,
}

impl Past {
    fn since(connecting: Instant) -> Self {
        let opened = Instant::now();
        let (answered, last_byte) = (AtomicBool::default(), AtomicU64::default());
        Self(Arc::new(Events { opened, opened_in: opened - connecting, answered, last_byte }))
    }

    /// Notes the head of an answer.
    pub(super) fn answered(&self) {
        self.0.answered.store(true, Ordering::Relaxed);
    }

    fn note_byte(&self) {
        self.0.last_byte.store(self.nanos_at(Instant::now()), Ordering::Relaxed);
    }

    /// How soon its end tells that it was dead already when a request of this time went out; `None` if it was not. A fresh one
    /// was not, nor one that brought a byte since.
    pub(super) fn was_dead_if_lost_within(&self, began: Instant) -> Option<Duration> {
        let used = self.0.answered.load(Ordering::Relaxed);
        let quiet = self.0.last_byte.load(Ordering::Relaxed) < self.nanos_at(began);
        (used && quiet).then_some(self.0.opened_in)
    }

    fn nanos_at(&self, at: Instant) -> u64 {
        // Enough for 584 years.
        u64::try_from(at.duration_since(self.0.opened).as_nanos()).unwrap_or(u64::MAX)
    }
}

/// One connection that notes what it goes through.
#[derive(Debug)]
pub(super) struct Link {
    stream: TokioIo<MaybeHttpsStream<Line>>,
    past: Past,
    proxied: bool,
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        self.stream.inner().connected().proxy(self.proxied).extra(self.past.clone())
    }
}

impl AsyncRead for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.past.note_byte();
        }
        read
    }
}

impl AsyncWrite for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}
