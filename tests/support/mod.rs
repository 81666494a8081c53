//! What the integration tests share: a recording model, the running binary, clients for it, a Redis and a collector of
//! their own. Models and servers look for canaries when a test ends.

pub(crate) mod authority;
pub(crate) mod client;
pub(crate) mod collector;
pub(crate) mod folder;
pub(crate) mod logs;
pub(crate) mod port;
pub(crate) mod redis;
pub(crate) mod relay;
pub(crate) mod server;
pub(crate) mod surfaces;
pub(crate) mod upstream;
pub(crate) mod wishes;

pub(crate) use server::Server;
pub(crate) use upstream::{Behaviour, Upstream};

/// What every leak check looks for. Invented; each is of a kind that the default policy replaces.
pub(crate) const CANARIES: &[&str] = &[
    MARK,
    "4111 1111 1111 1111",
    "078-05-1120",
    "GB82 WEST 1234 5698 7654 32",
    "+1 415 555 0132",
    "203.0.113.77",
];

/// Every e-mail address of a canary begins so, whatever place it is planted in.
pub(crate) const MARK: &str = "canary.";

/// One of them.
pub(crate) const EMAIL: &str = "canary.jane@example.org";

/// A text with a canary of each kind.
pub(crate) fn secret_text() -> String {
    let others = CANARIES[1..].join(", ");
    format!("Write to {EMAIL}; card, SSN, IBAN, phone and address are {others}. Thanks!")
}
