//! All integration tests: one binary, so the crate is linked once.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod bad_upstream;
mod benchmark;
mod cache;
mod cors;
mod deploy;
mod docs;
mod facades;
mod failover;
mod floors;
mod fuzz;
mod grpc;
mod headers;
mod http;
mod http2;
mod inference;
mod leak;
mod lifecycle;
mod media;
#[cfg(feature = "onnx")]
mod model;
mod operations;
mod output;
mod policies;
mod replicas;
mod rest;
mod sdk;
mod sessions;
mod signed;
mod store;
mod stream;
mod surfaces;
mod telemetry;
mod transport;
mod unlisted;
mod upstreams;
