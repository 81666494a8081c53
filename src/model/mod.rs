//! Models of the operator's own: Hugging Face folders for token classification, run by ONNX Runtime.
//!
//! Knows nothing of policies or requests: it gives the core a [`Model`] for each folder, and the core merges what that finds
//! with what recognizers find. No async runtime: a text waits in a bounded queue for one of a few threads, and its caller
//! waits with it, no longer than the time limit. Start reading at [`load`]; then `runner` (what a model makes of a text: `folder`,
//! `labels`, `window`, `word`) and `pool` (who waits for whom).
//!
//! All but the settings needs the feature `onnx`. Without it [`load`] refuses to load any.

#[cfg(feature = "onnx")]
mod folder;
#[cfg(feature = "onnx")]
mod labels;
#[cfg(feature = "onnx")]
mod pool;
#[cfg(feature = "onnx")]
mod pooled;
#[cfg(feature = "onnx")]
mod runner;
#[cfg(feature = "onnx")]
mod runtime;
#[cfg(feature = "onnx")]
mod window;
#[cfg(feature = "onnx")]
mod word;

use crate::detect::Model;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// All models, and what runs them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelsConfig {
    /// The library of ONNX Runtime, 1.17 or later. Default: what the system finds as `libonnxruntime`.
    pub library: Option<PathBuf>,
    /// The models, each with a name of its own.
    pub models: Vec<ModelConfig>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelConfig {
    /// The name that policies use.
    pub name: String,
    /// The folder with `config.json`, `tokenizer.json` and the model.
    pub path: PathBuf,
    /// The model in the folder. Default: the first by name of `model*.onnx` in it, or in `onnx/`; `model.onnx` before others.
    pub file: Option<PathBuf>,
    /// What labels mean that are not known, or mean something else here: `LABEL` and entity type, or `ignore`.
    pub labels: Vec<(String, String)>,
    /// What becomes of a text that the model could not read. Default: its request is refused.
    pub on_failure: OnFailure,
    /// How long a text may take, waiting included. Default 5 s.
    pub time_limit: Duration,
    /// How many texts may wait. At least 1. Default 64.
    pub queue: usize,
    /// How many texts are read at once, each with a copy of the model. At least 1. Default 1.
    pub workers: usize,
    /// How many threads read one text. At least 1. Default 1.
    pub threads: usize,
    /// How many tokens are read at once; longer texts are read in overlapping windows. Default: 256, or less if the model
    /// takes no more.
    pub window_tokens: Option<usize>,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            path: PathBuf::new(),
            file: None,
            labels: Vec::new(),
            on_failure: OnFailure::default(),
            time_limit: Duration::from_secs(5),
            queue: 64,
            workers: 1,
            threads: 1,
            window_tokens: None,
        }
    }
}

/// What becomes of a text that a model could not read: it was late, too many were waiting, or it failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The request is refused.
    #[default]
    Refuse,
    /// It goes on with what recognizers find.
    Skip,
}

/// Why a model cannot be used. Reads as one sentence: `setting problem; remedy`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {problem}; {remedy}")]
pub struct Fault {
    /// The setting at fault.
    pub setting: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

/// Loads all models, which takes seconds for large ones, and tries each on a full window.
///
/// # Errors
/// All faults at once.
#[cfg(feature = "onnx")]
pub fn load(config: &ModelsConfig) -> Result<Vec<Arc<dyn Model>>, Vec<Fault>> {
    if config.models.is_empty() {
        return Ok(Vec::new());
    }
    runtime::init(config.library.as_deref()).map_err(|fault| vec![fault])?;
    let (mut models, mut faults) = (Vec::<Arc<dyn Model>>::new(), Vec::new());
    for model in &config.models {
        match pooled::Pooled::load(model) {
            Ok(model) => models.push(Arc::new(model)),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(models) } else { Err(faults) }
}

/// Refuses: this program was built without the feature `onnx`.
///
/// # Errors
/// One fault for each model.
#[cfg(not(feature = "onnx"))]
pub fn load(config: &ModelsConfig) -> Result<Vec<Arc<dyn Model>>, Vec<Fault>> {
    let faults: Vec<Fault> = config.models.iter().map(not_built).collect();
    if faults.is_empty() { Ok(Vec::new()) } else { Err(faults) }
}

#[cfg(any(test, not(feature = "onnx")))]
fn not_built(model: &ModelConfig) -> Fault {
    Fault {
        setting: format!("models.{}", model.name),
        problem: "needs the feature `onnx`, without which this program was built".to_owned(),
        remedy: "build it with `cargo build --release --features onnx`, or remove the setting"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_are_no_models_nothing_is_needed_for_them() {
        assert!(load(&ModelsConfig::default()).unwrap().is_empty());
    }

    #[test]
    fn a_program_without_the_feature_says_how_to_get_it() {
        let model = ModelConfig { name: "ner".to_owned(), ..ModelConfig::default() };
        let told = not_built(&model).to_string();
        assert!(told.starts_with("models.ner needs the feature `onnx`"), "{told}");
        assert!(told.contains("; build it with `cargo build --release --features onnx`"), "{told}");
    }
}
