//! All integration tests: one binary, so the crate is linked once.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]
mod floors;
mod store;
mod rest;

#[path = "../support/mod.rs"]
mod support;
