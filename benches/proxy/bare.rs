//! A proxy that does nothing but pass requests on, of the same parts as the service (hyper, its pooled client, tokio,
//! mimalloc): what is left of the service's cost beside it is the service's own. For `benches/proxy/run.py`.
//!
//! `bare_proxy LISTEN UPSTREAM [per-core]`, such as `bare_proxy 127.0.0.1:8080 127.0.0.1:9000`. Tasks go to whichever core is
//! free; with `per-core` each core has a runtime, a listening socket (by `SO_REUSEPORT`) and a pool of its own.

use http::{Request, Response, Uri, uri::Authority};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use std::{env, io, net::SocketAddr, thread};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    runtime,
    task::JoinSet,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Upstream = Client<HttpConnector, Incoming>;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let usage = || io::Error::other("usage: bare_proxy LISTEN UPSTREAM [per-core]");
    let [listen, upstream, layout @ ..] = arguments.as_slice() else { return Err(usage()) };
    let address: SocketAddr = listen.parse().map_err(io::Error::other)?;
    let upstream: Authority = upstream.parse().map_err(io::Error::other)?;
    match layout {
        [] => {
            let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(accept(address, upstream))
        }
        [word] if word == "per-core" => {
            let threads: Vec<_> = (0..thread::available_parallelism()?.get())
                .map(|_| {
                    let upstream = upstream.clone();
                    thread::spawn(move || {
                        let runtime =
                            runtime::Builder::new_current_thread().enable_all().build()?;
                        runtime.block_on(accept(address, upstream))
                    })
                })
                .collect();
            threads.into_iter().try_for_each(|thread| {
                thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))
            })
        }
        _ => Err(usage()),
    }
}

fn listener(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}

async fn accept(address: SocketAddr, upstream: Authority) -> io::Result<()> {
    let listener = listener(address)?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Upstream = Client::builder(TokioExecutor::new()).build(connector);
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        connections.spawn(serve(stream, client.clone(), upstream.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, client: Upstream, upstream: Authority) {
    let service = service_fn(move |request| pass(request, client.clone(), upstream.clone()));
    // A connection that breaks is its peer's affair.
    let _ = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn pass(
    mut request: Request<Incoming>,
    client: Upstream,
    upstream: Authority,
) -> Result<Response<Incoming>, Error> {
    let mut parts = request.uri().clone().into_parts();
    (parts.scheme, parts.authority) = (Some(http::uri::Scheme::HTTP), Some(upstream));
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    request.headers_mut().remove(http::header::HOST);
    client.request(request).await
}
