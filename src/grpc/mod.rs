//! The gRPC facade: `promptguard.v1.Guard`, health and reflection.
//!
//! It translates messages into [`Call`](crate::call::Call)s and [`Reply`](crate::call::Reply)s into messages, and kinds of errors into status codes. It knows
//! nothing of what happens in between, and opens no socket. Start reading at [`service`], then at the `service` module.

mod answer;
mod chat;
mod client;
mod completion;
mod events;
mod fault;
mod health;
mod held;
mod json;
mod origin;
pub mod proto;
mod question;
mod service;
#[cfg(test)]
mod tests;
mod unreadable;

pub use client::complete_once;

use crate::{
    call::{self, Error},
    stack::{Stack, room::Room},
};
use bytes::Bytes;
use fault::Fault;
use futures_util::FutureExt as _;
use http::{HeaderMap, Request, Response};
use proto::guard_server::{GuardServer, SERVICE_NAME};
use std::{fmt, time::Duration};
use tokio::sync::watch;
use tonic::{body::Body, service::Routes};
use tonic_reflection::server::Builder;
use tower::{BoxError, Service as _};
use unreadable::Corrected;

/// The limits of the facade.
#[derive(Clone, Debug)]
pub struct GrpcConfig {
    /// The most bytes that one message may hold, in either direction. The setting is `server.max_body_bytes`.
    /// Default 10 MiB.
    pub max_message_bytes: usize,
    /// Memory for all messages under way that are larger than 64 KiB. `server.max_buffered_bytes`, default 512 MiB.
    pub room: Room,
    /// How long nothing may come of a message that has begun. `server.upload_idle_ms`, default 10 s.
    pub upload_idle: Duration,
}

impl Default for GrpcConfig {
    fn default() -> Self {
        Self {
            max_message_bytes: 10 << 20,
            room: Room::default(),
            upload_idle: Duration::from_secs(10),
        }
    }
}

/// All gRPC services: `Guard` over the stack, `grpc.health.v1.Health` following `ready`, and reflection (v1 and
/// v1alpha) that lists them all.
///
/// The result is a tower service of HTTP requests with any body, to be called for requests whose `content-type` begins
/// with `application/grpc`. It answers every path, unknown methods with UNIMPLEMENTED, and so must not be merged into
/// the router of another protocol. For callers to be told apart by address, the acceptor of connections puts the peer's
/// [`SocketAddr`](std::net::SocketAddr) into each request's extensions (tonic's own server needs nothing of the kind).
///
/// A panic of the stack ends the one request, with INTERNAL.
///
/// # Panics
///
/// Never: the descriptors for reflection are made by the same build as the code.
pub fn service(stack: Stack, ready: watch::Receiver<bool>, config: &GrpcConfig) -> Routes {
    let Guard(guard) = Guard::new(stack, config);
    let v1 = reflected().build_v1().expect("built-in descriptors decode");
    let v1alpha = reflected().build_v1alpha().expect("built-in descriptors decode");
    Routes::new(guard)
        .add_service(health::service(ready))
        .add_service(v1)
        .add_service(v1alpha)
        .prepare()
}

/// `promptguard.v1.Guard` alone, for whoever looks at the path by himself.
#[derive(Clone)]
pub struct Guard(Corrected<GuardServer<service::Facade>>);

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

impl Guard {
    /// The service over the stack.
    pub fn new(stack: Stack, config: &GrpcConfig) -> Self {
        let limit_bytes = config.max_message_bytes;
        let guard = GuardServer::new(service::Facade::new(stack, limit_bytes))
            .max_decoding_message_size(limit_bytes)
            .max_encoding_message_size(limit_bytes);
        Self(Corrected::new(guard, config))
    }

    /// True for the path of a method of this service, be there such a method or not.
    pub fn serves(path: &str) -> bool {
        let method = path.strip_prefix('/').and_then(|path| path.strip_prefix(SERVICE_NAME));
        method.is_some_and(|method| method.starts_with('/'))
    }

    /// Answers a request for such a path.
    pub fn call<B>(&self, request: Request<B>) -> impl Future<Output = Response<Body>> + use<B>
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let answering = self.0.clone().call(request);
        answering.map(|answer| match answer {
            Ok(answer) => answer,
        })
    }
}

/// The answer to a call that is refused before it reaches a service.
pub fn refusal(error: Error, headers: &HeaderMap) -> http::Response<tonic::body::Body> {
    let sent = call::request_id(headers);
    Fault::Call(error).status(&origin::request_id(sent)).into_http()
}

/// Both versions of reflection list both of them.
fn reflected() -> Builder<'static> {
    Builder::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET)
        .include_reflection_service(false)
}
