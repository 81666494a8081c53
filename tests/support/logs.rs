//! Keeps all that is logged in this process, for leak checks.

use prompt_guard::telemetry::{LogFormat, logs};
use std::{
    io,
    sync::{Arc, Mutex, OnceLock},
};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What was logged so far, by all tests of this process, as chatty as a filter can make it.
#[derive(Clone, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

static LOGS: OnceLock<Logs> = OnceLock::new();

impl Logs {
    /// Begins to keep the logs, if nobody has yet. To be called before what is to be checked.
    pub(crate) fn keep() -> Self {
        let begin = || {
            let kept = Self::default();
            let writer = kept.clone();
            let layer = logs::layer(LogFormat::Json, "trace", move || writer.clone()).unwrap();
            tracing_subscriber::registry().with(layer).init();
            kept
        };
        LOGS.get_or_init(begin).clone()
    }

    /// True if `text` was logged by anybody; canaries should be unlike those of other tests.
    pub(crate) fn hold(&self, text: &str) -> bool {
        memchr::memmem::find(&self.0.lock().unwrap(), text.as_bytes()).is_some()
    }
}

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
