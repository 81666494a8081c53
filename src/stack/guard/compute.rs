//! Where detection runs: at once for what is small, on a blocking thread for what would hold up other calls.

use crate::{call::Error, policy::Policy};
use metrics::{Gauge, gauge};
use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
    thread,
};
use tokio::sync::Semaphore;

/// Input of this many bytes is scanned within about a millisecond; more of it goes to a blocking thread.
const INLINE_BYTES: usize = 64 * 1024;

/// As many large inputs are scanned at once as there are cores: more would only take turns, each with automata of its own
/// to build and to keep.
static LARGE: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(thread::available_parallelism().map_or(1, NonZero::get)));

/// Runs `work` on an input of `bytes` bytes that `policy` guards. A panic in it becomes an error of this call alone.
///
/// Where the policy has models, `work` waits for them and has a blocking thread whatever its size. It takes no turn then: that
/// would keep inputs of other policies waiting. The models' own queues bound how many wait.
///
/// # Errors
/// [`Error::Internal`] when `work` panics.
pub(super) async fn guarded<T, F>(policy: &Policy, bytes: usize, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    if !policy.analyzer().has_models() {
        return compute(bytes, work).await;
    }
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work)).await.map_err(|_| panicked())
}

/// Runs `work` on an input of `bytes` bytes. A panic in it becomes an error of this call alone.
///
/// # Errors
/// [`Error::Internal`] when `work` panics.
pub(super) async fn compute<T, F>(bytes: usize, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    if bytes <= INLINE_BYTES {
        return catch_unwind(AssertUnwindSafe(work)).map_err(|_| panicked());
    }
    let span = tracing::Span::current();
    let waiting = Waiting::begin();
    // Nobody closes the semaphore.
    let turn =
        LARGE.acquire().await.map_err(|_| Error::Internal("no turn for detection".into()))?;
    drop(waiting);
    let work = move || {
        // Kept to the end of the work, which goes on when its caller has gone.
        let _turn = turn;
        span.in_scope(work)
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| panicked())
}

/// Counts a caller as long as it waits for its turn.
struct Waiting(Gauge);

impl Waiting {
    fn begin() -> Self {
        let gauge = gauge!("prompt_guard_large_inputs_waiting");
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// The panic's own message could quote the input, so it is not passed on.
fn panicked() -> Error {
    Error::Internal("detection panicked".into())
}
