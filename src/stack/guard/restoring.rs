//! Puts originals back into an answer, whole or while it streams.

use super::compute::compute;
use crate::{
    call::Error,
    redact::Restorer,
    wire::{Endpoint, EventStream, RequestFacts},
};
use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    stream::{BoxStream, FusedStream},
};
use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

/// What is needed to read an answer: which endpoint it comes from, what the request asked for, what may be put back.
pub(super) struct Answer {
    pub(super) endpoint: Endpoint,
    pub(super) request: RequestFacts,
    pub(super) restorer: Restorer,
}
