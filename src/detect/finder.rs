//! A model for tests, as simple as one can be.

use super::{EntityType, Finding, Model, Reading, RecognizerInfo, Score, Span, Unread};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// Finds the word `zorblax` as a person, and fails where it is told to.
#[derive(Debug)]
pub(crate) struct Finder {
    info: RecognizerInfo,
    /// What comes of the next texts; then it reads well again.
    failures: Mutex<Vec<Result<Reading, Unread>>>,
    asked: AtomicUsize,
}

impl Finder {
    pub(crate) fn new(failures: Vec<Result<Reading, Unread>>) -> Arc<Self> {
        let entity_types = vec![EntityType::PERSON, EntityType::builtin("ALIEN")];
        let info =
            RecognizerInfo { name: "finder".into(), entity_types, description: "a test".into() };
        Arc::new(Self { info, failures: Mutex::new(failures), asked: AtomicUsize::new(0) })
    }

    /// How many texts it was given.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Model for Finder {
    fn info(&self) -> &RecognizerInfo {
        &self.info
    }

    fn fingerprint(&self) -> &str {
        "1"
    }

    fn read(&self, text: &str) -> Result<Reading, Unread> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if let Some(failure) = self.failures.lock().unwrap().pop() {
            return failure;
        }
        let finding = |(start, word): (usize, &str)| Finding {
            entity_type: EntityType::PERSON,
            span: Span::of(text, start, start + word.len()).unwrap(),
            score: Score::new(0.75),
            recognizer: "finder".into(),
        };
        Ok(Reading::Done(text.match_indices("zorblax").map(finding).collect()))
    }
}
