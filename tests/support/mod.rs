//! What the integration tests share: a recording model, the running binary with its leak check, a Redis of their own.

pub(crate) mod logs;
pub(crate) mod redis;
pub(crate) mod server;
pub(crate) mod upstream;

pub(crate) use server::Server;
pub(crate) use upstream::{Behaviour, Upstream};

/// Values that every leak check looks for. Invented; each is of a kind that the default policy replaces.
pub(crate) const CANARIES: &[&str] = &[
    "canary.jane@example.org",
    "4111 1111 1111 1111",
    "078-05-1120",
    "GB82 WEST 1234 5698 7654 32",
];

/// The e-mail among the canaries.
pub(crate) const EMAIL: &str = CANARIES[0];
