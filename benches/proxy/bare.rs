//! A proxy that does nothing but pass requests on, of the same parts as the service (hyper, its pooled client, tokio,
//! mimalloc): what is left of the service's cost beside it is the service's own. For `benches/proxy/run.py`.
//!
//! `bare_proxy LISTEN UPSTREAM`, such as `bare_proxy 127.0.0.1:8080 127.0.0.1:9000`.

use http::{Request, Response, Uri, uri::Authority};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use std::{env, io};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Upstream = Client<HttpConnector, Incoming>;

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let (Some(listen), Some(upstream)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: bare_proxy LISTEN UPSTREAM"));
    };
    let upstream: Authority = upstream.parse().map_err(io::Error::other)?;
    let listener = TcpListener::bind(listen).await?;
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
