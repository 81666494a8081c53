//! What waits for the collector: a bounded queue that takes or drops at once, and the task that empties it.

use super::target::Signal;
use metrics::{Counter, Gauge, counter, gauge};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::timeout,
};

/// The end that requests see. Never waits: what does not fit is counted and dropped.
#[derive(Debug)]
pub(super) struct Queue<T> {
    sender: mpsc::Sender<T>,
    dropped: Counter,
    /// Tells the other end that a batch is full. It is not woken for single items, which would cost each request.
    full: Arc<Notify>,
    batch: usize,
}

impl<T> Queue<T> {
    pub(super) fn push(&self, item: T) {
        if self.sender.try_send(item).is_err() {
            self.dropped.increment(1);
        }
        if self.sender.max_capacity() - self.sender.capacity() >= self.batch {
            self.full.notify_one();
        }
    }
}

/// The other end.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    receiver: mpsc::Receiver<T>,
    depth: Gauge,
    full: Arc<Notify>,
    delay: Duration,
    batch: usize,
}

/// A queue of at most `room` items, emptied in batches of at most `batch` that gather for at most `delay`.
pub(super) fn queue<T>(
    signal: Signal,
    room: usize,
    batch: usize,
    delay: Duration,
) -> (Queue<T>, Waiting<T>) {
    let (sender, receiver) = mpsc::channel(room);
    let signal = signal.label();
    let dropped =
        counter!("prompt_guard_telemetry_items_total", "signal" => signal, "outcome" => "dropped");
    let depth = gauge!("prompt_guard_telemetry_queue_items", "signal" => signal);
    let full = Arc::<Notify>::default();
    let queue = Queue { sender, dropped, full: Arc::clone(&full), batch };
    (queue, Waiting { receiver, depth, full, delay, batch })
}

impl<T> Waiting<T> {
    /// Hands out batches until `stop` turns true, and then what is still there.
    pub(super) async fn drain<F>(
        mut self,
        mut stop: watch::Receiver<bool>,
        export: impl Fn(Vec<T>) -> F,
    ) where
        F: Future<Output = ()>,
    {
        loop {
            let batch = tokio::select! {
                batch = self.gather() => batch,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            export(batch).await;
        }
        self.receiver.close();
        loop {
            let batch = self.take();
            if batch.is_empty() {
                return;
            }
            export(batch).await;
        }
    }

    /// Waits until there is a full batch, or for the delay, until there is something. May be dropped while it waits,
    /// which loses nothing.
    async fn gather(&mut self) -> Vec<T> {
        loop {
            if self.receiver.len() < self.batch {
                // Which of the two it was does not matter.
                let _ = timeout(self.delay, self.full.notified()).await;
            }
            self.depth.set(self.receiver.len() as f64);
            let batch = self.take();
            if !batch.is_empty() {
                return batch;
            }
        }
    }

    fn take(&mut self) -> Vec<T> {
        let mut batch = Vec::with_capacity(self.receiver.len().min(self.batch));
        while batch.len() < self.batch
            && let Ok(item) = self.receiver.try_recv()
        {
            batch.push(item);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[tokio::test(start_paused = true)]
    async fn batches_gather_and_the_rest_goes_out_at_the_stop() {
        let (queue, waiting) = queue(Signal::Logs, 100, 10, Duration::from_secs(1));
        let (stop, stopped) = watch::channel(false);
        let sent = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&sent);
        let export = move |batch: Vec<i32>| {
            keep.lock().unwrap().push(batch.len());
            async {}
        };
        tokio::join!(waiting.drain(stopped, export), async {
            (0..25).for_each(|n| queue.push(n));
            tokio::time::sleep(Duration::from_secs(3)).await;
            assert_eq!(*sent.lock().unwrap(), [10, 10, 5]);
            (0..3).for_each(|n| queue.push(n));
            stop.send(true).unwrap();
        });
        assert_eq!(*sent.lock().unwrap(), [10, 10, 5, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_drops_and_never_waits() {
        let (queue, waiting) = queue(Signal::Logs, 2, 10, Duration::from_secs(1));
        (0..10).for_each(|n| queue.push(n));
        assert_eq!(waiting.receiver.len(), 2);
    }
}
