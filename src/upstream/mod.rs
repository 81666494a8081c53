//! The leaf of the stack: a redacted [`Prompt`] goes out over HTTP, a [`Completion`] comes back.
//!
//! Knows nothing of policies, placeholders or callers' limits: it sends bytes and hands on bytes. Start at
//! [`Upstreams`]; then `request` (what goes out), `answer` (what comes back) and `connect` (sockets and TLS).
//!
//! A surface that asks for other headers or another way to authenticate is a new [`KeyStyle`] or a field of
//! [`UpstreamConfig`]; the rest does not change.

mod answer;
mod config;
mod connect;
mod failure;
mod measure;
mod request;
#[cfg(test)]
mod tests;

pub use config::{ApiKey, ConfigError, KeyStyle, UpstreamConfig};

use crate::call::{Completion, Error, Prompt};
use config::Upstream;
use futures_util::future::BoxFuture;
use measure::Measure;
use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tokio::time::{Instant, timeout_at};
use tower::Service;

/// All configured upstreams as one service; clones share the connections.
///
/// Always ready. Dropping the future, or the stream of the [`Completion`] it returned, cancels the upstream request.
///
/// # Errors
/// [`Error::NotFound`] for a name that is not configured, or if none is; [`Error::UpstreamUnreachable`] if no
/// connection comes about or it breaks before an answer; [`Error::UpstreamTimeout`] if a time limit of the upstream or
/// the prompt's deadline passes; [`Error::UpstreamBadAnswer`] for an answer that cannot be read. An error status of
/// the upstream is an answer, not an error.
#[derive(Clone, Debug)]
pub struct Upstreams {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    all: Vec<Arc<Upstream>>,
    /// Index of the default one; `None` only when `all` is empty.
    default: Option<usize>,
}

impl Upstreams {
    /// Checks the configs and makes a connection pool for each; connects to none yet.
    ///
    /// Without a `default` the first one is the default.
    ///
    /// # Errors
    /// All faults at once, each with the field and what would be right.
    pub fn new(
        configs: &[UpstreamConfig],
        default: Option<&str>,
    ) -> Result<Self, Vec<ConfigError>> {
        let mut errors = config::duplicates(configs);
        let mut all = Vec::with_capacity(configs.len());
        for config in configs {
            match Upstream::new(config) {
                Ok(upstream) => all.push(Arc::new(upstream)),
                Err(faults) => errors.extend(faults),
            }
        }
        let default_index = config::default_index(configs, default);
        match default_index {
            Ok(default) if errors.is_empty() => {
                Ok(Self { inner: Arc::new(Inner { all, default }) })
            }
            Ok(_) => Err(errors),
            Err(fault) => {
                errors.push(fault);
                Err(errors)
            }
        }
    }

    /// The configured names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.inner.all.iter().map(|upstream| &*upstream.name)
    }

    /// True if `name` is configured.
    pub fn contains(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    fn pick(&self, name: Option<&str>) -> Result<&Arc<Upstream>, Error> {
        let found = match name {
            Some(name) => self.inner.all.iter().find(|upstream| &*upstream.name == name),
            None => self.inner.default.map(|index| &self.inner.all[index]),
        };
        found.ok_or_else(|| self.unknown(name))
    }

    /// The name came from the caller and may be anything, so the message does not repeat it.
    fn unknown(&self, name: Option<&str>) -> Error {
        if self.inner.all.is_empty() {
            let message =
                "no upstream is configured; start the server with --upstream NAME=BASE_URL";
            return Error::NotFound { message: message.into(), param: None };
        }
        debug_assert!(name.is_some(), "with upstreams there is a default");
        let known = self.names().collect::<Vec<_>>().join(", ");
        Error::NotFound {
            message: format!("unknown upstream; configured with --upstream are: {known}"),
            param: Some("x-guard-upstream"),
        }
    }
}

impl Service<Prompt> for Upstreams {
    type Response = Completion;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Completion, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, prompt: Prompt) -> Self::Future {
        match self.pick(prompt.upstream.as_deref()) {
            Ok(upstream) => Box::pin(forward(Arc::clone(upstream), prompt)),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

async fn forward(upstream: Arc<Upstream>, prompt: Prompt) -> Result<Completion, Error> {
    let mut measure = Measure::start(Arc::clone(&upstream.name));
    let until = end_of(&upstream, &prompt);
    let head_until = earlier(until, Instant::now() + upstream.first_byte_timeout);
    let head = match timeout_at(head_until, request::send(&upstream, &prompt)).await {
        Ok(head) => head,
        Err(_) => Err(Error::UpstreamTimeout),
    };
    match head {
        Ok(response) => answer::read(&upstream, response, until, measure).await,
        Err(error) => {
            measure.failed(&error);
            Err(error)
        }
    }
}

/// When the whole exchange must be over: the caller's deadline or the upstream's total limit, whichever is first.
fn end_of(upstream: &Upstream, prompt: &Prompt) -> Option<Instant> {
    let total = upstream.total_timeout.map(|total| Instant::now() + total);
    let deadline = prompt.deadline.map(Instant::from_std);
    match (total, deadline) {
        (Some(total), Some(deadline)) => Some(total.min(deadline)),
        (one, other) => one.or(other),
    }
}

fn earlier(until: Option<Instant>, other: Instant) -> Instant {
    until.map_or(other, |until| until.min(other))
}
