//! Where detection runs: at once for what is small, on a blocking thread for what would hold up other calls.

use crate::call::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Input of this many bytes is scanned within about a millisecond; more of it goes to a blocking thread.
const INLINE_BYTES: usize = 64 * 1024;

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
    tokio::task::spawn_blocking(move || span.in_scope(work)).await.map_err(|_| panicked())
}

/// The panic's own message could quote the input, so it is not passed on.
fn panicked() -> Error {
    Error::Internal("detection panicked".into())
}
