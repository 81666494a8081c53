//! Sends one message after the other to a collector, by HTTP or by gRPC, over one pool of connections.
//!
//! A gRPC call with one message each way is an HTTP/2 request with five bytes before the message and a status in the
//! trailers: so little that both protocols share this client.

use super::{
    Error,
    target::{Files, Protocol, Target},
};
use crate::tls;
use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use rustls::{ClientConfig, RootCertStore};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// The pause after the first failed attempt; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The largest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// What a gRPC message begins with: not compressed, and its length.
const PREFIX_BYTES: usize = 5;

/// Why a message did not arrive.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Worth another attempt.
    #[error("{0}")]
    Passing(String),
    /// Not worth one.
    #[error("{0}")]
    Lasting(String),
}

/// What arrived was taken, but not all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Items of the message that the collector refused.
    pub(super) refused: u64,
}

/// A pool of connections to one target.
#[derive(Debug)]
pub(super) struct Sender {
    target: Target,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Sender {
    /// Reads what TLS needs; connects to nothing yet.
    pub(super) fn new(target: Target) -> Result<Self, Error> {
        let tls = tls(&target).map_err(Error::Endpoint)?;
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        let connector = match target.protocol {
            Protocol::Grpc => builder.enable_http2().build(),
            Protocol::Http => builder.enable_all_versions().build(),
        };
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .http2_only(target.protocol == Protocol::Grpc)
            .build(connector);
        Ok(Self { target, client })
    }

    /// Sends a message, again and again while that may help and the time limit allows.
    pub(super) async fn send(&self, message: &impl Message) -> Result<Taken, Failure> {
        let body = framed(self.target.protocol, message);
        let until = Instant::now() + self.target.timeout;
        let mut pause = FIRST_PAUSE;
        loop {
            let attempt = timeout_at(until, self.attempt(body.clone())).await;
            match attempt.unwrap_or_else(|_| Err(Failure::Passing("no answer in time".into()))) {
                Err(Failure::Passing(_)) if Instant::now() + pause < until => sleep(pause).await,
                result => return result,
            }
            pause *= 2;
        }
    }

    async fn attempt(&self, body: Bytes) -> Result<Taken, Failure> {
        let response = self.client.request(self.request(body)).await;
        let response = response.map_err(|error| Failure::Passing(chain(&error)))?;
        match self.target.protocol {
            Protocol::Http => by_http(response).await,
            Protocol::Grpc => by_grpc(response).await,
        }
    }

    fn request(&self, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.target.uri.clone();
        let headers = request.headers_mut();
        headers.extend(self.target.headers.clone());
        let kind = match self.target.protocol {
            Protocol::Grpc => "application/grpc",
            Protocol::Http => "application/x-protobuf",
        };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let agent = concat!("prompt-guard/", env!("CARGO_PKG_VERSION"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        if self.target.protocol == Protocol::Grpc {
            headers.insert(header::TE, HeaderValue::from_static("trailers"));
        }
        request
    }
}

fn framed(protocol: Protocol, message: &impl Message) -> Bytes {
    let length = message.encoded_len();
    let mut bytes = BytesMut::with_capacity(PREFIX_BYTES + length);
    if protocol == Protocol::Grpc {
        bytes.put_u8(0);
        // Batches are bounded far below 4 GiB.
        bytes.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    }
    bytes.put_slice(&message.encode_to_vec());
    bytes.freeze()
}

async fn by_http(response: Response<Incoming>) -> Result<Taken, Failure> {
    let status = response.status();
    let (body, _) = read(response).await?;
    match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Err(Failure::Passing(format!("it answered {status}"))),
        status if status.is_success() => Ok(taken(&body)),
        status => Err(Failure::Lasting(format!("it answered {status}"))),
    }
}

async fn by_grpc(response: Response<Incoming>) -> Result<Taken, Failure> {
    let status = response.status();
    let in_head = grpc_status(response.headers());
    let (body, trailers) = read(response).await?;
    match in_head.or_else(|| grpc_status(&trailers)) {
        Some(0) => Ok(taken(body.get(PREFIX_BYTES..).unwrap_or_default())),
        // Cancelled, deadline exceeded, resource exhausted, aborted, out of range, unavailable, data loss.
        Some(code @ (1 | 4 | 8 | 10 | 11 | 14 | 15)) => {
            Err(Failure::Passing(format!("it answered the gRPC status {code}")))
        }
        Some(code) => Err(Failure::Lasting(format!("it answered the gRPC status {code}"))),
        None => Err(Failure::Lasting(format!("it does not speak gRPC, and answered {status}"))),
    }
}

fn grpc_status(headers: &HeaderMap) -> Option<u32> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}

async fn read(response: Response<Incoming>) -> Result<(Bytes, HeaderMap), Failure> {
    let limited = Limited::new(response.into_body(), MAX_ANSWER_BYTES);
    let collected = limited.collect().await;
    let collected =
        collected.map_err(|error| Failure::Passing(format!("its answer broke off: {error}")))?;
    let trailers = collected.trailers().cloned().unwrap_or_default();
    Ok((collected.to_bytes(), trailers))
}

/// The answers of the three services are the same but for their names.
fn taken(answer: &[u8]) -> Taken {
    let partial = ExportTraceServiceResponse::decode(answer).ok().and_then(|it| it.partial_success);
    let refused = partial.map_or(0, |partial| partial.rejected_spans);
    Taken { refused: u64::try_from(refused).unwrap_or(0) }
}

/// An error and what lies behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

fn tls(target: &Target) -> Result<ClientConfig, String> {
    let Files { roots, certificate, key } = &target.files;
    let roots = match target.uri.scheme_str() {
        Some("https") => tls::roots(roots.as_deref())?,
        Some(_) | None => RootCertStore::empty(),
    };
    tls::client(roots, tls::pair(certificate.as_deref(), key.as_deref())?)
}
