//! The tower stack that both facades share.

pub mod rate_limit;
