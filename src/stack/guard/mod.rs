//! The wall: above this layer a call may hold personal data, below it none.
//!
//! `native` answers scans, redactions and restorations; `completion` redacts a provider request, sends it on and
//! restores the answer; `restoring` does so while the answer streams. `kept` looks at what can only be sent as it came.

mod completion;
mod compute;
mod kept;
mod native;
mod request;
mod restoring;
mod turns;

use super::meters::GuardMeters;
use crate::{
    call::{Call, Completion, Error, Prompt, Reply, Task},
    engine::{Engine, UnknownPolicy},
    vault::Vault,
};
use arc_swap::ArcSwap;
use futures_util::future::{BoxFuture, FutureExt};
use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
};
use tower::{Layer, Service};

/// The engine in force. It can be swapped while calls are under way; each call keeps the one it began with.
pub type SharedEngine = Arc<ArcSwap<Engine>>;

/// Applies [`Guard`].
#[derive(Clone, Debug)]
pub struct GuardLayer {
    engine: SharedEngine,
    vault: Vault,
    meters: Arc<GuardMeters>,
}

impl GuardLayer {
    /// A guard with these policies and this vault.
    pub fn new(engine: SharedEngine, vault: Vault) -> Self {
        Self { engine, vault, meters: Arc::default() }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        let Self { engine, vault, meters } = self.clone();
        Guard { inner, engine, vault, meters }
    }
}

/// Redacts on the way in, restores on the way out.
#[derive(Clone, Debug)]
pub struct Guard<S> {
    inner: S,
    engine: SharedEngine,
    vault: Vault,
    meters: Arc<GuardMeters>,
}

impl<S> Service<Call> for Guard<S>
where
    S: Service<Prompt, Response = Completion, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Reply;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Reply, Error>>;

    // Always ready: a scan must not wait for an upstream it does not call. The inner service is
    // readied by `oneshot` when it is needed, and sheds its own load.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut call: Call) -> Self::Future {
        let Self { inner, engine, vault, meters } = self.clone();
        let engine = engine.load_full();
        async move {
            match mem::replace(&mut call.task, Task::ReadQuota) {
                Task::Scan(scan) => native::scan(&engine, &call, scan).await,
                Task::Redact(redact) => native::redact(&engine, &vault, &call, redact).await,
                Task::Restore(restore) => native::restore(&vault, &call.caller, restore).await,
                Task::Complete(request) => {
                    completion::complete(inner, engine, &vault, &meters, call, request).await
                }
                Task::ListPolicies => Ok(Reply::Policies(engine.summaries())),
                Task::DeleteSession(session) => {
                    native::delete_session(&vault, &call.caller, &session).await
                }
                Task::ReadQuota => {
                    Err(Error::Internal("quotas are read by the layer above".into()))
                }
            }
        }
        .boxed()
    }
}

/// What a call answers that names a policy nobody configured. The name is not repeated: it may be anything.
fn unknown_policy(error: UnknownPolicy) -> Error {
    let message = format!("there is no policy of that name; known are {}", error.known);
    Error::NotFound { message, param: Some("policy") }
}

#[cfg(test)]
mod tests;
