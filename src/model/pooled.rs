//! A model as the core sees it: its threads, its time limit, and what a failure means.

use super::{
    Fault, ModelConfig, OnFailure,
    folder::{Folder, setting},
    labels::{IGNORE, Labels, Unclear},
    pool::{Failure, Pool, Read},
    runner::Runner,
    window::Windows,
};
use crate::detect::{Finding, Model, Reading, RecognizerInfo, Unread};
use metrics::{Counter, Histogram, counter, histogram};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokenizers::Tokenizer;
use tracing::warn;

/// What is read at once where nothing else is said: what stands further away says little of a word.
const WINDOW_TOKENS: usize = 256;
/// The most that is read at once where the model does not say how much it takes.
const MOST_TOKENS: usize = 512;
/// What a model is tried on, as often as fills a window: some say that they take more tokens than they do.
const SAMPLE: &str = "Ann Example lives in Springfield. ";
/// It has at least so many tokens.
const SAMPLE_TOKENS: usize = 5;
/// The first sentence of a large model takes longer than any other.
const FIRST: Duration = Duration::from_secs(60);

/// A model with its threads.
#[derive(Debug)]
pub(super) struct Pooled {
    info: RecognizerInfo,
    fingerprint: String,
    pool: Pool,
    config: ModelConfig,
    meters: Meters,
}

impl Pooled {
    /// Loads a model, once for each of its threads, and tries it.
    ///
    /// # Errors
    /// All faults that can be told at once.
    pub(super) fn load(config: &ModelConfig) -> Result<Self, Vec<Fault>> {
        let folder = Folder::read(config).map_err(|fault| vec![fault])?;
        let labels = Labels::new(&folder.labels, &config.labels).map_err(|found| {
            found.iter().map(|(label, why)| unclear(config, label, why)).collect::<Vec<_>>()
        })?;
        let labels = Arc::new(labels);
        let windows = windows(config, &folder).map_err(|fault| vec![fault])?;
        let sample = SAMPLE.repeat(windows.room() / SAMPLE_TOKENS + 1);
        let mut readers: Vec<Read> = Vec::with_capacity(config.workers);
        for _ in 0..config.workers {
            let runner = Runner::load(config, &folder, windows.clone(), Arc::clone(&labels));
            let mut runner = runner.map_err(|fault| vec![fault])?;
            readers.push(Box::new(move |text, until| runner.read(text, until)));
        }
        let pool = Pool::new(&config.name, readers, config.queue);
        let pool = pool.map_err(|error| vec![no_threads(config, &error)])?;
        if let Err(failure) = pool.read(&sample, FIRST) {
            return Err(vec![failed_at_once(config, &failure)]);
        }
        let mut fingerprint = blake3::Hasher::new();
        fingerprint.update(folder.fingerprint.as_bytes());
        fingerprint.update(format!("{labels:?} {:?}", config.window_tokens).as_bytes());
        Ok(Self {
            info: RecognizerInfo {
                name: config.name.clone().into(),
                entity_types: labels.entity_types().to_vec(),
                description: "a model of the operator's own".into(),
            },
            fingerprint: fingerprint.finalize().to_hex().to_string(),
            pool,
            meters: Meters::of(&config.name),
            config: config.clone(),
        })
    }

    fn reason(&self, failure: &Failure) -> String {
        let Self { config, .. } = self;
        match failure {
            Failure::Late => format!(
                "it took longer than {} ms; send less text at once, or raise {}",
                config.time_limit.as_millis(),
                setting(config, "time_limit_ms")
            ),
            Failure::Full => format!(
                "{} texts are waiting for it already; try again, or raise {}",
                config.queue,
                setting(config, "workers")
            ),
            Failure::Broken(_) => "it failed; the log tells why".to_owned(),
        }
    }
}

impl Model for Pooled {
    fn info(&self) -> &RecognizerInfo {
        &self.info
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn read(&self, text: &str) -> Result<Reading, Unread> {
        let began = Instant::now();
        let read = self.pool.read(text, self.config.time_limit);
        self.meters.count(&read, began.elapsed());
        let failure = match read {
            Ok(findings) => return Ok(Reading::Done(findings)),
            Err(failure) => failure,
        };
        let cause = match &failure {
            Failure::Broken(cause) => cause,
            Failure::Late | Failure::Full => "",
        };
        let skipped = self.config.on_failure == OnFailure::Skip;
        warn!(model = %self.config.name, outcome = outcome(&failure), cause, skipped, "text not read by the model");
        match self.config.on_failure {
            OnFailure::Skip => Ok(Reading::Skipped),
            OnFailure::Refuse => Err(Unread {
                model: self.config.name.as_str().into(),
                reason: self.reason(&failure),
            }),
        }
    }
}

/// How many tokens are read at once.
fn windows(config: &ModelConfig, folder: &Folder) -> Result<Windows, Fault> {
    let most = folder.max_tokens.unwrap_or(MOST_TOKENS);
    let tokens = config.window_tokens.unwrap_or(WINDOW_TOKENS.min(most));
    if tokens > most {
        return Err(Fault {
            setting: setting(config, "window_tokens"),
            problem: format!("is {tokens}, and the model takes at most {most} tokens"),
            remedy: "write less".to_owned(),
        });
    }
    let tokenizer = Tokenizer::from_file(&folder.tokenizer).map_err(|error| Fault {
        setting: setting(config, "path"),
        problem: format!("names {}, which is no tokenizer: {error}", folder.tokenizer.display()),
        remedy: "take tokenizer.json as the model was published with it".to_owned(),
    })?;
    Windows::new(tokenizer, tokens).map_err(|problem| Fault {
        setting: setting(config, "window_tokens"),
        problem: format!("is {tokens}, which {problem}"),
        remedy: "write more".to_owned(),
    })
}

fn unclear(config: &ModelConfig, label: &str, why: &Unclear) -> Fault {
    let (problem, remedy) = match why {
        Unclear::Unknown => (
            format!("does not say what the model's label {label} means"),
            format!("add {label}=TYPE with an entity type, or {label}={IGNORE}"),
        ),
        Unclear::NotThere => (
            format!("names the label {label}, which the model does not have"),
            "correct or remove it".to_owned(),
        ),
        Unclear::NoType(written) => (
            format!("has `{written}` for {label}, which cannot name an entity type"),
            format!("use up to 64 of A-Z, 0-9 and `_`, beginning with a letter, or {IGNORE}"),
        ),
    };
    Fault { setting: setting(config, "labels"), problem, remedy }
}

fn no_threads(config: &ModelConfig, error: &std::io::Error) -> Fault {
    Fault {
        setting: setting(config, "workers"),
        problem: format!("is {}, and that many threads cannot be started: {error}", config.workers),
        remedy: "write less".to_owned(),
    }
}

fn failed_at_once(config: &ModelConfig, failure: &Failure) -> Fault {
    let cause = match failure {
        Failure::Broken(cause) => cause.as_str(),
        Failure::Late | Failure::Full => "it took too long",
    };
    Fault {
        setting: setting(config, "path"),
        problem: format!("names a model that cannot read a sample: {cause}"),
        remedy: "name a token-classification model with its own tokenizer.json and config.json, or lower window_tokens"
            .to_owned(),
    }
}

fn outcome(failure: &Failure) -> &'static str {
    match failure {
        Failure::Late => "late",
        Failure::Full => "full",
        Failure::Broken(_) => "failed",
    }
}

/// What is measured of one model.
#[derive(Debug)]
struct Meters {
    read: Counter,
    late: Counter,
    full: Counter,
    failed: Counter,
    duration: Histogram,
}

impl Meters {
    fn of(model: &str) -> Self {
        let texts = |outcome: &'static str| counter!("prompt_guard_model_texts_total", "model" => model.to_owned(), "outcome" => outcome);
        Self {
            read: texts("read"),
            late: texts("late"),
            full: texts("full"),
            failed: texts("failed"),
            duration: histogram!("prompt_guard_model_duration_seconds", "model" => model.to_owned()),
        }
    }

    fn count(&self, read: &Result<Vec<Finding>, Failure>, took: Duration) {
        match read {
            Ok(_) => &self.read,
            Err(Failure::Late) => &self.late,
            Err(Failure::Full) => &self.full,
            Err(Failure::Broken(_)) => &self.failed,
        }
        .increment(1);
        self.duration.record(took.as_secs_f64());
    }
}
