//! All integration tests: one binary, so the crate is linked once.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]
mod facades;
mod floors;
mod rest;
mod store;

#[path = "../support/mod.rs"]
mod support;

mod floors;
mod rest;
mod sdk;
mod store;
