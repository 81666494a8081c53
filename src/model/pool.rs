//! A few threads that read texts, with a bounded queue in front and a time limit for each text.

use crate::{detect::Finding, sensitive::Sensitive};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// Why a text was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The time limit passed.
    Late,
    /// As many texts are waiting as may.
    Full,
    /// Reading went wrong. Holds nothing of the text.
    Broken(String),
}

/// What reads texts: one for each thread. It is told until when somebody waits for it.
pub(super) type Read =
    Box<dyn FnMut(&str, Instant) -> Result<Vec<Finding>, Failure> + Send + 'static>;

/// The threads end when it is dropped.
#[derive(Debug)]
pub(super) struct Pool {
    jobs: SyncSender<Job>,
}

#[derive(Debug)]
struct Job {
    text: Sensitive,
    until: Instant,
    answer: SyncSender<Result<Vec<Finding>, Failure>>,
}

impl Pool {
    /// Starts a thread for each of `readers`; `queue` texts may wait for them.
    pub(super) fn new(name: &str, readers: Vec<Read>, queue: usize) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(queue);
        let waiting = Arc::new(Mutex::new(waiting));
        for reader in readers {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new().name(name.to_owned()).spawn(move || work(reader, &waiting))?;
        }
        Ok(Self { jobs })
    }

    /// Has `text` read and waits for it, no longer than `limit`.
    pub(super) fn read(&self, text: &str, limit: Duration) -> Result<Vec<Finding>, Failure> {
        let (answer, answered) = sync_channel(1);
        let until = Instant::now() + limit;
        self.jobs.try_send(Job { text: Sensitive::new(text), until, answer }).map_err(|error| {
            match error {
                TrySendError::Full(_) => Failure::Full,
                TrySendError::Disconnected(_) => ended(),
            }
        })?;
        match answered.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(Failure::Late),
            Err(RecvTimeoutError::Disconnected) => Err(ended()),
        }
    }
}

fn ended() -> Failure {
    Failure::Broken("its threads have ended".to_owned())
}

fn work(mut read: Read, waiting: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting for a job: the others then wait for the lock.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { text, until, answer }) = next else { return };
        if Instant::now() >= until {
            // Its caller has given up; what remains in the queue gets the time.
            let _ = answer.send(Err(Failure::Late));
            continue;
        }
        let result = catch_unwind(AssertUnwindSafe(|| read(text.expose(), until)));
        let result = result.unwrap_or_else(|_| Err(Failure::Broken("it panicked".to_owned())));
        // A caller that has given up does not listen any more.
        let _ = answer.send(result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{EntityType, Score, Span};
    use std::sync::mpsc::channel;

    const LONG: Duration = Duration::from_secs(60);

    /// Reads each text as one person.
    fn whole(text: &str) -> Vec<Finding> {
        let span = Span::of(text, 0, text.len()).unwrap();
        let (entity_type, recognizer) = (EntityType::PERSON, "test".into());
        vec![Finding { entity_type, span, score: Score::MAX, recognizer }]
    }

    /// A reader that tells when it begins, and goes on when it is told to or when nobody can tell it any more.
    fn gated() -> (Read, Receiver<()>, std::sync::mpsc::Sender<()>) {
        let (begun, begins) = channel();
        let (go, gate) = channel::<()>();
        let read: Read = Box::new(move |text, _| {
            let _ = begun.send(());
            let _ = gate.recv();
            Ok(whole(text))
        });
        (read, begins, go)
    }

    #[test]
    fn each_caller_gets_the_answer_to_its_own_text() {
        let reader = || -> Read { Box::new(|text, _| Ok(whole(text))) };
        let pool = Pool::new("test", vec![reader(), reader()], 8).unwrap();
        thread::scope(|scope| {
            for text in ["Ann", "Robert", "Jo"] {
                let pool = &pool;
                scope.spawn(move || {
                    for _ in 0..50 {
                        assert_eq!(pool.read(text, LONG), Ok(whole(text)));
                    }
                });
            }
        });
    }

    #[test]
    fn a_text_over_the_queue_is_refused_at_once_and_those_before_it_are_read() {
        let (read, begins, go) = gated();
        let pool = Pool::new("test", vec![read], 1).unwrap();
        thread::scope(|scope| {
            let first = scope.spawn(|| pool.read("first", LONG));
            begins.recv().unwrap();
            // The thread is busy: this one takes the only place in the queue.
            let (answer, answered) = sync_channel(1);
            let until = Instant::now() + LONG;
            pool.jobs.send(Job { text: Sensitive::new("second"), until, answer }).unwrap();
            assert_eq!(pool.read("third", LONG), Err(Failure::Full));
            go.send(()).unwrap();
            go.send(()).unwrap();
            assert_eq!(first.join().unwrap(), Ok(whole("first")));
            assert_eq!(answered.recv().unwrap(), Ok(whole("second")));
        });
    }

    #[test]
    fn a_late_text_is_given_up_and_the_next_one_is_read() {
        let (read, _begins, go) = gated();
        let pool = Pool::new("test", vec![read], 4).unwrap();
        assert_eq!(pool.read("slow", Duration::from_millis(1)), Err(Failure::Late));
        drop(go);
        assert_eq!(pool.read("next", LONG), Ok(whole("next")));
    }

    #[test]
    fn a_panic_is_the_failure_of_one_text() {
        let read: Read = Box::new(|text, _| {
            assert_ne!(text, "bad");
            Ok(whole(text))
        });
        let pool = Pool::new("test", vec![read], 4).unwrap();
        assert_eq!(pool.read("bad", LONG), Err(Failure::Broken("it panicked".to_owned())));
        assert_eq!(pool.read("good", LONG), Ok(whole("good")));
    }
}
