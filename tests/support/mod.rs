//! What integration tests share.

pub(crate) mod logs;
pub(crate) mod redis;
