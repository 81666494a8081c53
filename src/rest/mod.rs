//! The REST facade: HTTP and JSON to [`Call`], [`Reply`] to HTTP and JSON.
//!
//! Translates only. It knows nothing of policies, of detection, of upstream connections or of where metrics come
//! from; all it does with a request it does by one call of the stack. Start reading at [`Rest::router`]: a request is
//! looked up in the table of `route`, read by `headers` and `body`, and answered by `completion` (the providers'
//! surface), `native` (`/guard/v1`), `probe` or `page` (the page for people at `/`).

mod answer;
mod body;
mod completion;
mod cors;
mod failure;
mod headers;
mod native;
mod page;
mod probe;
mod proto3;
mod route;
mod row;
mod shape;

pub use cors::{CorsConfig, Origin};
pub use probe::{MetricsText, Readiness, State};
pub use row::{Row, row};

use crate::{
    call::{self, Call, Error, Facade, Head, Reply, Task, new_request_id},
    meter::Known,
    stack::{Stack, room::Room},
    wire::Endpoint,
};
use axum::{body::Body, extract::ConnectInfo, response::Response};
use body::Bodies;
use failure::Failure;
use futures_util::FutureExt as _;
use http::{HeaderMap, Method, Request, header};
use http_body::Body as _;
use metrics::Counter;
use route::{Place, Route};
use shape::Shape;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};
use tower::ServiceExt as _;

/// Limits on what the facade reads.
#[derive(Clone, Debug)]
pub struct RestConfig {
    /// The largest request body, in bytes. `server.max_body_bytes`, default 10 MiB.
    pub max_body_bytes: usize,
    /// Memory for all bodies under way that are larger than 64 KiB. `server.max_buffered_bytes`, default 512 MiB.
    pub room: Room,
    /// How long a caller may take to send a body, from its head to its end. Default 60 s.
    pub body_timeout: Duration,
    /// How long nothing of it may come meanwhile. `server.upload_idle_ms`, default 10 s.
    pub upload_idle: Duration,
    /// Which web pages may call. Default: none of another origin.
    pub cors: CorsConfig,
    /// What to do with paths of providers that the guard does not know. Default: refuse them.
    pub unknown_endpoints: UnknownEndpoints,
}

/// What to do with paths of providers that the guard does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownEndpoints {
    /// Refuse them.
    #[default]
    Deny,
    /// Guard every string of a JSON body; refuse a body of another kind.
    Scan,
    /// Pass bodies unread, both ways.
    Pass,
}

impl UnknownEndpoints {
    /// What such a path means.
    fn endpoint(self) -> Option<Endpoint> {
        match self {
            Self::Deny => None,
            Self::Scan => Some(Endpoint::Unlisted),
            Self::Pass => Some(Endpoint::Unread),
        }
    }
}

impl Default for RestConfig {
    fn default() -> Self {
        Self {
            max_body_bytes: 10 << 20,
            room: Room::default(),
            body_timeout: Duration::from_secs(60),
            upload_idle: Duration::from_secs(10),
            cors: CorsConfig::default(),
            unknown_endpoints: UnknownEndpoints::default(),
        }
    }
}

/// Which paths a listener serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serves {
    /// Everything, as with one port.
    All,
    /// What callers use: the providers' surface and `/guard/v1`.
    Calls,
    /// What operators use: probes, metrics and the page, with `/guard/v1` for its playground.
    Admin,
}

impl Serves {
    fn includes(self, place: Place) -> bool {
        match self {
            Self::All => true,
            Self::Calls => place != Place::Admin,
            Self::Admin => place != Place::Calls,
        }
    }
}

/// The facade. Cheap to clone: all clones share one state.
#[derive(Clone)]
pub struct Rest(Arc<Shared>);

struct Shared {
    config: RestConfig,
    bodies: Bodies,
    stack: Stack,
    readiness: Readiness,
    metrics: MetricsText,
    responses: Known<(&'static str, &'static str), Counter>,
}

impl Shared {
    fn count(&self, route: &'static str, response: &Response) {
        let class = match response.status().as_u16() {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        let make = |(route, class): &(&'static str, &'static str)| metrics::counter!("prompt_guard_http_responses_total", "route" => *route, "status" => *class);
        self.responses.of(&(route, class), make).increment(1);
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl Rest {
    /// Puts a facade in front of `stack`.
    ///
    /// `readiness` is what the probes report, `metrics` renders the text of `/metrics`.
    pub fn new(
        config: RestConfig,
        stack: Stack,
        readiness: Readiness,
        metrics: MetricsText,
    ) -> Self {
        let (bodies, responses) = (Bodies::new(&config), Known::default());
        Self(Arc::new(Shared { config, bodies, stack, readiness, metrics, responses }))
    }

    /// A router for one listener; it answers every path, unknown ones with a JSON 404.
    ///
    /// The acceptor of connections should put the peer's [`SocketAddr`] into each request's extensions (or axum's
    /// `ConnectInfo` of it): without it all callers that send neither a user id nor a credential count as one.
    pub fn router(&self, serves: Serves) -> axum::Router {
        let rest = self.clone();
        axum::Router::new().fallback(move |request: Request<Body>| {
            let rest = rest.clone();
            async move { rest.answer(request, serves).await }
        })
    }

    /// What such a router does with a request, without the router.
    pub async fn serve(&self, request: Request<Body>, serves: Serves) -> Response {
        let is_head = request.method() == Method::HEAD;
        let mut response = self.answer(request, serves).await;
        if let Some(length) = response.body().size_hint().exact() {
            response.headers_mut().entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
        }
        if is_head {
            *response.body_mut() = Body::empty();
        }
        response
    }

    /// Answers any request, also when the code behind it panics.
    async fn answer(&self, mut request: Request<Body>, serves: Serves) -> Response {
        let request_id = request_id(request.headers());
        let shape = Shape::of_path(request.uri().path());
        let unlisted = self.0.config.unknown_endpoints.endpoint();
        let route = Route::resolve(request.method(), request.uri().path(), unlisted);
        let route = route.and_then(|route| {
            if serves.includes(route.place()) { Ok(route) } else { Err(Failure::unknown_path()) }
        });
        let name = route.as_ref().map_or("none", Route::name);
        let is_apart = route::is_apart(request.uri().path());
        let cors = self.0.config.cors.of(request.headers()).filter(|_| !is_apart);
        // A browser sends some requests without a preflight, and only the answer is kept from the page.
        let is_foreign = !is_apart
            && *request.method() != Method::OPTIONS
            && self.0.config.cors.refuses(request.uri(), request.headers());
        let route = if is_foreign { Err(Failure::foreign_origin()) } else { route };
        let preflight =
            cors.as_ref().and_then(|cors| cors.preflight(request.method(), request.headers()));
        if cors.as_ref().is_some_and(cors::Told::is_allowed) {
            // The upstream would judge an origin that has been judged here.
            request.headers_mut().remove(header::ORIGIN);
        }
        let mut response = match preflight {
            Some(response) => response,
            None => self.worked(route, request, shape, &request_id).await,
        };
        self.0.count(name, &response);
        headers::identify(&mut response, &request_id);
        if let Some(cors) = cors {
            cors.mark(response.headers_mut());
        }
        response
    }

    async fn worked(
        &self,
        route: Result<Route, Failure>,
        request: Request<Body>,
        shape: Shape,
        request_id: &Arc<str>,
    ) -> Response {
        let work = AssertUnwindSafe(self.dispatch(route, request, Arc::clone(request_id)));
        match work.catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(failure)) => failure.respond(shape, request_id),
            Err(_panic) => Failure::panicked().respond(shape, request_id),
        }
    }

    async fn dispatch(
        &self,
        route: Result<Route, Failure>,
        request: Request<Body>,
        request_id: Arc<str>,
    ) -> Result<Response, Failure> {
        match route? {
            Route::Options { allow } => Ok(answer::options(allow)),
            Route::Probe(probe) => Ok(probe::answer(probe, &self.0.readiness, &self.0.metrics)),
            Route::Page(file) => Ok(page::answer(file)),
            Route::Native(native) => native::answer(self, native, request, request_id).await,
            Route::Provider(provider) => {
                completion::answer(self, provider, request, request_id).await
            }
        }
    }

    /// Sends a task down the stack.
    async fn call(&self, head: Head, request_id: Arc<str>, task: Task) -> Result<Reply, Failure> {
        let call = Call {
            caller: head.caller,
            facade: Facade::Rest,
            request_id,
            policy: head.policy,
            deadline: None,
            traceparent: head.traceparent,
            task,
        };
        self.0.stack.clone().oneshot(call).await.map_err(Failure::from)
    }
}

/// The answer to a request that is refused before it reaches the facade.
pub fn refusal(error: Error, path: &str, headers: &HeaderMap) -> Response {
    let id = request_id(headers);
    let mut response = Failure::from(error).respond(Shape::of_path(path), &id);
    headers::identify(&mut response, &id);
    response
}

/// The id that the caller sent, or a new one.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    call::request_id(headers).unwrap_or_else(|| new_request_id("req_"))
}

/// Reads what the guard understands of a request's head.
fn head(request: &Request<Body>) -> Result<Head, Failure> {
    Ok(Head::read(request.headers(), peer(request.extensions()))?)
}

/// The caller's address: as it is, as the `grpc` facade looks for it too, or as axum's own server wraps it.
fn peer(extensions: &http::Extensions) -> Option<IpAddr> {
    let by_axum = || extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    extensions.get::<SocketAddr>().copied().or_else(by_axum).map(|address| address.ip())
}

#[cfg(test)]
mod tests;
