//! Puts the parts together.

use super::{
    Error, Source,
    listen::{Dispatch, Facade},
    observe::Observed,
    policies::{Stamps, load_models},
};
use crate::{
    config::{Config, Hosts},
    grpc::{self, GrpcConfig},
    redact::Keys,
    rest::{MetricsText, Readiness, Rest, RestConfig, Serves, UnknownEndpoints},
    stack::{
        self, Layers,
        cache::CacheLayer,
        genai::GenAiLayer,
        guard::{GuardLayer, SharedEngine},
        in_flight::InFlightLayer,
        rate_limit::RateLimitLayer,
        room::Room,
    },
    store::{RedisConfig, Secret, Store},
    telemetry::Metrics,
    upstream::{ApiKey, UpstreamConfig, Upstreams},
    vault::Vault,
};
use arc_swap::ArcSwap;
use std::sync::Arc;
use tokio::sync::watch;
use tracing::warn;

/// Memory for sessions that are kept in the process.
const LOCAL_STATE_BYTES: u64 = 64 << 20;

/// The facades over their stack, and what must be kept fresh.
#[derive(Debug)]
pub(super) struct Service {
    rest: Rest,
    grpc: Facade,
    hosts: Arc<Hosts>,
    grpc_apart: bool,
    admin_apart: bool,
    pub(super) policies: Source,
    pub(super) stamps: Stamps,
    pub(super) engine: SharedEngine,
    pub(super) observed: Observed,
}

/// Builds everything that a configuration describes. Connects to nothing yet.
pub(super) fn service(
    config: &Config,
    readiness: Readiness,
    ready: watch::Receiver<bool>,
    metrics: Option<Metrics>,
) -> Result<Service, Error> {
    let secret = secret(config)?;
    let store = store(config.redis.as_ref())?;
    let models = load_models(&config.models)?;
    let policies = Source::new(config.policy.clone(), models, operator_keys(&secret));
    let stamps = policies.stamps();
    let engine = Arc::new(ArcSwap::from_pointee(policies.load()?));
    let vault = Vault::new(config.vault, store.clone(), &secret);
    let layers = Layers {
        rate_limit: RateLimitLayer::new(config.rate_limit, store.clone(), &secret),
        guard: GuardLayer::new(Arc::clone(&engine), vault),
        cache: CacheLayer::new(config.cache, &store, &secret),
        in_flight: InFlightLayer::new(config.server.max_in_flight),
        gen_ai: GenAiLayer::new(config.upstreams.iter().flat_map(UpstreamConfig::named_models)),
    };
    let observed =
        Observed { store, cache: layers.cache.clone(), in_flight: layers.in_flight.clone() };
    let stack = stack::build(layers, upstreams(config)?);
    warn_of_risks(config);
    let max_body_bytes = config.server.max_body_bytes;
    let room = Room::new(config.server.max_buffered_bytes);
    let rest_config = RestConfig {
        max_body_bytes,
        room: room.clone(),
        cors: config.server.cors.clone(),
        unknown_endpoints: config.server.unknown_endpoints,
        upload_idle: config.server.upload_idle,
        ..RestConfig::default()
    };
    let grpc_config = GrpcConfig {
        max_message_bytes: max_body_bytes,
        room,
        upload_idle: config.server.upload_idle,
    };
    Ok(Service {
        rest: Rest::new(rest_config, stack.clone(), readiness, text(metrics, observed.clone())),
        grpc: Facade::Grpc(
            grpc::Guard::new(stack.clone(), &grpc_config),
            grpc::service(stack, ready, &grpc_config).into_axum_router(),
        ),
        hosts: Arc::new(config.server.hosts.clone()),
        grpc_apart: config.server.grpc_listen.is_some(),
        admin_apart: config.server.admin_listen.is_some(),
        policies,
        stamps,
        engine,
        observed,
    })
}

/// Says what an operator may not have meant.
fn warn_of_risks(config: &Config) {
    if config.server.unknown_endpoints == UnknownEndpoints::Pass {
        warn!(
            "server.unknown_endpoints is pass: bodies of paths that the guard does not know are forwarded unread"
        );
    }
    if config.upstreams.iter().any(|upstream| upstream.proxy.passes_over()) {
        warn!("NO_PROXY holds what seems a network and is none: it bypasses nothing");
    }
    let is_keyed = |upstream: &&UpstreamConfig| matches!(upstream.api_key, ApiKey::Own { .. });
    if let Some(upstream) = config.upstreams.iter().find(is_keyed)
        && !config.server.listen.ip().is_loopback()
    {
        warn!(
            upstream = upstream.name,
            "an upstream has a key of its own, and callers are asked for none: whoever reaches the guard may use it"
        );
    }
}

/// What `/metrics` answers.
fn text(metrics: Option<Metrics>, observed: Observed) -> MetricsText {
    let Some(metrics) = metrics else { return MetricsText::default() };
    MetricsText::new(move || {
        observed.note();
        metrics.render()
    })
}

impl Service {
    /// What `server.listen` serves: all that has no address of its own.
    pub(super) fn main(&self) -> Dispatch {
        let serves = if self.admin_apart { Serves::Calls } else { Serves::All };
        let rest = Facade::Rest(self.rest.clone(), serves);
        let grpc = if self.grpc_apart { rest.clone() } else { self.grpc.clone() };
        Dispatch { rest, grpc, hosts: Arc::clone(&self.hosts), name: "main" }
    }

    /// What `server.grpc_listen` serves: gRPC, whatever the content type says.
    pub(super) fn grpc_alone(&self) -> Dispatch {
        let (grpc, hosts) = (self.grpc.clone(), Arc::clone(&self.hosts));
        Dispatch { rest: grpc.clone(), grpc, hosts, name: "grpc" }
    }

    /// What `server.admin_listen` serves: probes and metrics.
    pub(super) fn admin(&self) -> Dispatch {
        let rest = Facade::Rest(self.rest.clone(), Serves::Admin);
        Dispatch { grpc: rest.clone(), rest, hosts: Arc::clone(&self.hosts), name: "admin" }
    }
}

/// The keys of the operators that need some, so that a command makes the same stand-ins as the service.
pub fn operator_keys(secret: &Secret) -> Keys {
    Keys::derive(&secret.derive("prompt-guard 2026 operators v1"))
}

/// The secret from which all keys come.
///
/// Replicas that share a Redis must share it too. Where none is configured it is derived from the URL and the password
/// of their Redis: they find each other's sessions, but whoever may read that Redis and knows both may read the sessions
/// as well.
fn secret(config: &Config) -> Result<Secret, Error> {
    match (&config.secret, &config.redis) {
        (Some(secret), _) => Ok(secret.clone()),
        (None, Some(redis)) => {
            warn!(
                "keys.secret is not set: sessions in Redis are sealed with a key derived from redis.url and redis.password alone"
            );
            let mut hasher =
                blake3::Hasher::new_derive_key("prompt-guard 2026 secret of a redis url v1");
            hasher.update(redis.url.expose().as_bytes());
            if let Some(password) = &redis.password {
                hasher.update(b"\0").update(password.expose().as_bytes());
            }
            Ok(Secret::new(hasher.finalize().into()))
        }
        (None, None) => Secret::random().map_err(|error| Error::Part(error.to_string())),
    }
}

fn store(redis: Option<&RedisConfig>) -> Result<Store, Error> {
    match redis {
        None => Ok(Store::memory(LOCAL_STATE_BYTES)),
        Some(config) => Store::redis(config).map_err(|error| Error::Part(error.to_string())),
    }
}

fn upstreams(config: &Config) -> Result<Upstreams, Error> {
    Upstreams::new(&config.upstreams, config.default_upstream.as_deref()).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Error::Part(lines.join("\n"))
    })
}
