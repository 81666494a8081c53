//! The one tower stack that both facades share.
//!
//! Knows calls and replies, neither HTTP routes nor gRPC methods. The wall is the guard layer: above it values may hold
//! personal data, below it they cannot, by type.

pub mod in_flight;
pub mod cache;
pub mod rate_limit;
pub mod trace;
mod traceparent;

use crate::call::{Call, Error, Reply};

/// The assembled stack, cheap to clone.
pub type Stack = tower::util::BoxCloneSyncService<Call, Reply, Error>;
