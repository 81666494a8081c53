//! Figures that nobody reports by itself: they are looked at when metrics are asked for, and every few seconds.

use crate::{
    stack::{cache::CacheLayer, in_flight::InFlightLayer},
    store::Store,
};
use metrics::gauge;
use std::time::Duration;
use tokio::{runtime::Handle, sync::watch, time::timeout};

/// How often.
const PERIOD: Duration = Duration::from_secs(5);

/// What is looked at.
#[derive(Clone, Debug)]
pub(super) struct Observed {
    pub(super) store: Store,
    pub(super) cache: CacheLayer,
    pub(super) in_flight: InFlightLayer,
}

impl Observed {
    /// Notes what can be told at once.
    pub(super) fn note(&self) {
        self.store.note_size();
        self.cache.note_size();
        self.in_flight.note();
        if let Ok(runtime) = Handle::try_current() {
            let metrics = runtime.metrics();
            gauge!("prompt_guard_runtime_tasks").set(metrics.num_alive_tasks() as f64);
            gauge!("prompt_guard_runtime_queue_tasks").set(metrics.global_queue_depth() as f64);
        }
    }

    /// Notes it again and again, and whether the store answers.
    pub(super) async fn watch(self, mut stopped: watch::Receiver<bool>) {
        loop {
            self.note();
            // The store notes the answer itself.
            self.store.health().await;
            if timeout(PERIOD, stopped.wait_for(|stopped| *stopped)).await.is_ok() {
                return;
            }
        }
    }
}
