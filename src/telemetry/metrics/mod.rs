//! What is counted and measured in this process.
//!
//! Every part of the crate reports by the macros of `metrics`. `table` says what there is, `registry` keeps it, `process` adds
//! what the system knows of the process, and `exposition` writes all of it for Prometheus.

mod exposition;
pub mod process;
pub(super) mod registry;
mod table;

pub use table::{ALL, Kind, Metric};

use super::Error;
use ::metrics::{counter, gauge};
use registry::{Reading, Recording, Registry};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// All series of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Registry>,
}

/// The recorder is one for the process, however many servers a test starts in it.
static INSTALLED: OnceLock<Metrics> = OnceLock::new();
static INSTALLING: Mutex<()> = Mutex::new(());

impl Metrics {
    /// Makes the recorder that all macros of `metrics` report to, or returns the one made before.
    ///
    /// # Errors
    /// [`Error::Twice`] if the process has a recorder that was not made here.
    pub fn install() -> Result<Self, Error> {
        let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = INSTALLED.get() {
            return Ok(metrics.clone());
        }
        let registry = Arc::<Registry>::default();
        ::metrics::set_global_recorder(Recording(Arc::clone(&registry)))
            .map_err(|error| Error::Twice(error.to_string()))?;
        gauge!("prompt_guard_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Ok(INSTALLED.get_or_init(|| Self { registry }).clone())
    }

    /// The text of `/metrics`: ours, and the process's CPU, memory and files.
    pub fn render(&self) -> String {
        exposition::text(&self.read(), &process::figures())
    }

    /// All metrics as they are now.
    pub(super) fn read(&self) -> Vec<Reading> {
        counter!("prompt_guard_metrics_refused_total").absolute(self.registry.refused());
        self.registry.read()
    }
}
