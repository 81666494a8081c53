//! The generated messages and service of `proto/promptguard/v1/guard.proto`.
//!
//! `Debug` of every message tells its length alone.

#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::all,
    clippy::wildcard_enum_match_arm,
    reason = "generated code"
)]

tonic::include_proto!("promptguard.v1");

include!(concat!(env!("OUT_DIR"), "/promptguard.v1.debug.rs"));

/// The descriptors of this file and its imports, encoded, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/promptguard.v1.bin"));
