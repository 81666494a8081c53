//! Where detection runs: at once for what is small, on a blocking thread for what would hold up other calls.

use super::turns::{Turn, Turns};
use crate::{
    call::{CallerId, Error},
    policy::Policy,
};
use metrics::{Gauge, gauge};
use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
    thread,
};

/// Input of this many bytes is scanned within about a millisecond; more of it goes to a blocking thread.
const INLINE_BYTES: usize = 64 * 1024;

/// As many large inputs are scanned at once as there are cores: more would only take turns, each with automata of its own
/// to build and to keep.
static LARGE: LazyLock<Turns> =
    LazyLock::new(|| Turns::new(thread::available_parallelism().map_or(1, NonZero::get)));

/// As many inputs wait for models at once. Each holds a thread that does nothing; the runtime has 512 of them, and what is
/// scanned without a model needs some.
const WAITS: usize = 128;

static WAITING: LazyLock<Turns> = LazyLock::new(|| Turns::new(WAITS));

/// Runs `work` on an input of `bytes` bytes from `caller` that `policy` guards. A panic in it becomes an error of this call alone.
///
/// Where the policy has models, `work` waits for them and has a blocking thread whatever its size. It takes no turn among the large
/// ones then: that would keep inputs of other policies waiting.
///
/// # Errors
/// [`Error::Internal`] when `work` panics.
pub(super) async fn guarded<T, F>(
    policy: &Policy,
    caller: &CallerId,
    bytes: usize,
    work: F,
) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    if !policy.analyzer().has_models() {
        return compute(caller, bytes, work).await;
    }
    waiting(caller, work).await
}

async fn waiting<T, F>(caller: &CallerId, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    blocking(turn(&WAITING, caller, "model").await?, work).await
}

/// Waits for what is called `resource` in metrics.
async fn turn(
    turns: &'static Turns,
    caller: &CallerId,
    resource: &'static str,
) -> Result<Turn, Error> {
    match turns.of(caller) {
        Ok(turn) => Ok(turn),
        Err(next) => {
            let _waiting = Waiting::begin(resource);
            // Who waits is never forgotten.
            next.await.map_err(|_| Error::Internal(format!("no turn for a {resource}").into()))
        }
    }
}

/// Runs `work` on a blocking thread, which keeps the turn to the end of the work: it goes on when its caller has gone.
async fn blocking<T, F>(turn: Turn, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let span = tracing::Span::current();
    let work = move || {
        let _turn = turn;
        span.in_scope(work)
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| panicked())
}

/// Runs `work` on an input of `bytes` bytes from `caller`. A panic in it becomes an error of this call alone.
///
/// # Errors
/// [`Error::Internal`] when `work` panics.
pub(super) async fn compute<T, F>(caller: &CallerId, bytes: usize, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    if bytes <= INLINE_BYTES {
        return catch_unwind(AssertUnwindSafe(work)).map_err(|_| panicked());
    }
    blocking(turn(&LARGE, caller, "core").await?, work).await
}

/// Counts a caller as long as it waits for its turn.
struct Waiting(Gauge);

impl Waiting {
    fn begin(resource: &'static str) -> Self {
        let gauge = gauge!("prompt_guard_inputs_waiting", "resource" => resource);
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{future::join_all, poll};
    use std::sync::{Arc, Mutex, mpsc};
    use tokio::task::unconstrained;

    #[tokio::test(flavor = "multi_thread")]
    async fn inputs_that_wait_for_a_model_leave_threads_to_others() {
        const THREADS: usize = 512;
        let (model, until_read) = mpsc::channel::<()>();
        let until_read = Arc::new(Mutex::new(until_read));
        let caller = CallerId::new("ann");
        let reading = join_all((0..THREADS).map(|_| {
            let until_read = Arc::clone(&until_read);
            waiting(&caller, move || until_read.lock().unwrap().recv().is_err())
        }));
        // All of them at the first look, however many that are.
        let mut reading = Box::pin(unconstrained(reading));
        assert!(poll!(&mut reading).is_pending());
        assert_eq!(compute(&caller, INLINE_BYTES + 1, || 7).await.unwrap(), 7);
        drop(model);
        assert!(reading.await.into_iter().all(|read| read.unwrap()));
    }
}
