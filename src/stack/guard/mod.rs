//! The wall: above this layer a call may hold personal data, below it none.
//!
//! [`native`] answers scans, redactions and restorations; [`completion`] redacts a provider request, sends it on and
//! restores the answer; [`restoring`] does so while the answer streams.

mod completion;
mod compute;
mod native;
mod restoring;
mod session;

use crate::{
    call::{Call, Completion, Error, Prompt, Reply, Task},
    engine::Engine,
    vault::Vault,
};
use arc_swap::ArcSwap;
use futures_util::future::{BoxFuture, FutureExt};
use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tower::{Layer, Service};

/// What the guard works with; the engine can be swapped while calls are under way, each call keeps the one it began with.
#[derive(Clone, Debug)]
pub struct GuardLayer {
    engine: Arc<ArcSwap<Engine>>,
    vault: Vault,
}

impl GuardLayer {
    /// A guard with these policies and this vault.
    pub fn new(engine: Arc<ArcSwap<Engine>>, vault: Vault) -> Self {
        Self { engine, vault }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, engine: Arc::clone(&self.engine), vault: self.vault.clone() }
    }
}

/// Redacts on the way in, restores on the way out.
#[derive(Clone, Debug)]
pub struct Guard<S> {
    inner: S,
    engine: Arc<ArcSwap<Engine>>,
    vault: Vault,
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

    fn call(&mut self, call: Call) -> Self::Future {
        let Self { inner, engine, vault } = self.clone();
        let engine = engine.load_full();
        async move {
            match call.task {
                Task::Scan(ref scan) => native::scan(&engine, call.policy.as_deref(), scan).await,
                Task::Redact(ref redact) => native::redact(&engine, &vault, &call, redact).await,
                Task::Restore(ref restore) => native::restore(&vault, &call.caller, restore).await,
                Task::Complete(_) => completion::complete(inner, engine, &vault, call).await,
                Task::ListPolicies => Ok(Reply::Policies(engine.summaries())),
                Task::DeleteSession(ref session) => native::delete_session(&vault, &call.caller, session).await,
                // Answered by the rate limit layer above.
                Task::ReadQuota => Err(Error::Internal("the stack has no rate limit layer".into())),
            }
        }
        .boxed()
    }
}
