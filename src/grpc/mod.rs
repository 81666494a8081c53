//! The gRPC facade.
pub mod proto;
