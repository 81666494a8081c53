//! The one tower stack that both facades share.
//!
//! Knows calls and replies, neither HTTP routes nor gRPC methods. Read [`build`] from top to bottom: that is the way of
//! a call. The wall is [`guard`]: above it values may hold personal data, below it they cannot, by type.

pub mod cache;
pub mod genai;
pub mod guard;
pub mod in_flight;
mod meters;
mod places;
pub mod rate_limit;
pub mod room;
pub mod trace;
mod traceparent;

use crate::call::{Call, Completion, Error, Prompt, Reply};
use tower::{Service, ServiceBuilder, util::BoxCloneSyncService};

/// The assembled stack, cheap to clone.
pub type Stack = BoxCloneSyncService<Call, Reply, Error>;

/// The layers of a stack, each ready for use.
#[derive(Clone, Debug)]
pub struct Layers {
    /// How often a caller may call.
    pub rate_limit: rate_limit::RateLimitLayer,
    /// The policies and the vault.
    pub guard: guard::GuardLayer,
    /// Which completions are kept.
    pub cache: cache::CacheLayer,
    /// How many upstream requests may be under way.
    pub in_flight: in_flight::InFlightLayer,
    /// Which models are told apart, whoever asks.
    pub gen_ai: genai::GenAiLayer,
}

/// Assembles the stack in front of `upstream`. The first layer sees a call first.
pub fn build<S>(layers: Layers, upstream: S) -> Stack
where
    S: Service<Prompt, Response = Completion, Error = Error> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let service = ServiceBuilder::new()
        // First, so that it measures all of a call, refused ones included.
        .layer(trace::TraceLayer::default())
        // Before anything is looked for in the call of a caller over its limit.
        .layer(layers.rate_limit)
        // The wall: scans, redactions and restorations end here.
        .layer(layers.guard)
        // Below this line no personal data: the types are `Prompt` and `Completion`.
        // Before the limit below, since a hit costs the upstream nothing.
        .layer(layers.cache)
        // So that it counts what the upstream really has under way.
        .layer(layers.in_flight)
        // Last, so that it measures what the provider does and nothing of ours.
        .layer(layers.gen_ai)
        .service(upstream);
    Stack::new(service)
}
