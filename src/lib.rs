//! Prompt Guard keeps private data out of large language models.
//!
//! The modules stand in the order of their floors: each may name only modules of lower floors.
//! `sensitive` to `engine` are the pure core (no runtime, no network, no clock, no files); the rest is the service.

mod base64;
mod encoding;
pub mod json;
mod percent;
pub mod sensitive;

pub mod detect;

pub mod redact;

pub mod policy;

pub mod engine;

#[cfg(feature = "server")]
mod meter;
#[cfg(feature = "server")]
pub mod model;
#[cfg(feature = "server")]
pub mod tls;
#[cfg(feature = "server")]
pub mod wire;

#[cfg(feature = "server")]
pub mod call;
#[cfg(feature = "server")]
pub mod store;

#[cfg(feature = "server")]
pub mod upstream;
#[cfg(feature = "server")]
pub mod vault;

#[cfg(feature = "server")]
pub mod stack;

#[cfg(feature = "server")]
pub mod grpc;
#[cfg(feature = "server")]
pub mod rest;
#[cfg(feature = "server")]
pub mod telemetry;

#[cfg(feature = "server")]
pub mod config;

#[cfg(feature = "server")]
pub mod app;

#[cfg(feature = "server")]
pub mod cli;
