//! A model's folder as Hugging Face lays it out: which files, which labels, how many tokens at once.

use super::{Fault, ModelConfig};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// What is said in a folder.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) model: PathBuf,
    pub(super) tokenizer: PathBuf,
    /// In order of their numbers.
    pub(super) labels: Vec<String>,
    /// The most tokens that the model takes, if it says so.
    pub(super) max_tokens: Option<usize>,
    /// Changes with any of the files.
    pub(super) fingerprint: String,
}

/// What is read of `config.json`.
#[derive(Debug, Deserialize)]
struct Architecture {
    #[serde(default)]
    id2label: BTreeMap<String, String>,
    max_position_embeddings: Option<i64>,
}

impl Folder {
    /// Reads what a folder says. The model itself is not loaded yet.
    ///
    /// # Errors
    /// What is missing or cannot be read.
    pub(super) fn read(config: &ModelConfig) -> Result<Self, Fault> {
        let path = &config.path;
        let model = model_file(config)?;
        let tokenizer = path.join("tokenizer.json");
        let architecture = path.join("config.json");
        let text = fs::read(&architecture).map_err(|e| unreadable(config, &architecture, &e))?;
        let read: Architecture = serde_json::from_slice(&text).map_err(|error| Fault {
            setting: setting(config, "path"),
            problem: format!("names {}, which cannot be read: {error}", architecture.display()),
            remedy: "name the folder of a token-classification model".to_owned(),
        })?;
        let mut hasher = blake3::Hasher::new();
        for file in [&architecture, &tokenizer, &model] {
            let mut opened = fs::File::open(file).map_err(|e| unreadable(config, file, &e))?;
            io::copy(&mut opened, &mut hasher).map_err(|e| unreadable(config, file, &e))?;
        }
        let mut fingerprint = hasher.finalize().to_hex().to_string();
        fingerprint.truncate(16);
        Ok(Self {
            model,
            tokenizer,
            labels: numbered(config, &read.id2label)?,
            max_tokens: read
                .max_position_embeddings
                .and_then(|most| usize::try_from(most).ok())
                .filter(|most| *most > 0),
            fingerprint,
        })
    }
}

/// The setting of a model.
pub(super) fn setting(config: &ModelConfig, name: &str) -> String {
    format!("models.{}.{name}", config.name)
}

fn unreadable(config: &ModelConfig, file: &Path, error: &io::Error) -> Fault {
    Fault {
        setting: setting(config, "path"),
        problem: format!("names {}, which cannot be read: {error}", file.display()),
        remedy: "name a folder with config.json, tokenizer.json and the model".to_owned(),
    }
}

/// The file that is named, or `model.onnx`, or the first by name of `model*.onnx`: in the folder, then in `onnx/` in it.
fn model_file(config: &ModelConfig) -> Result<PathBuf, Fault> {
    if let Some(file) = &config.file {
        return Ok(config.path.join(file));
    }
    let folders = [config.path.clone(), config.path.join("onnx")];
    folders.iter().find_map(|folder| first_model(folder)).ok_or_else(|| Fault {
        setting: setting(config, "path"),
        problem: format!("names {}, in which there is no model*.onnx", config.path.display()),
        remedy: "export the model to ONNX, or name its file in the setting `file`".to_owned(),
    })
}

fn first_model(folder: &Path) -> Option<PathBuf> {
    let is_model = |name: &str| name.starts_with("model") && name.ends_with(".onnx");
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_model(name))
        .collect();
    // False comes first.
    names.sort_by_key(|name| (name != "model.onnx", name.clone()));
    names.first().map(|name| folder.join(name))
}

/// The labels in order: each number from 0 on has one.
fn numbered(config: &ModelConfig, named: &BTreeMap<String, String>) -> Result<Vec<String>, Fault> {
    let label = |number: usize| named.get(&number.to_string()).cloned();
    let labels: Vec<String> = (0..named.len()).map_while(label).collect();
    if labels.is_empty() || labels.len() < named.len() {
        return Err(Fault {
            setting: setting(config, "path"),
            problem: "names a folder whose config.json has no label for each number (id2label)"
                .to_owned(),
            remedy: "name the folder of a token-classification model".to_owned(),
        });
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_come_in_order_of_their_numbers_and_none_may_be_missing() {
        let config = ModelConfig::default();
        let named = |numbers: &[usize]| {
            let labels = numbers.iter().map(|n| (n.to_string(), format!("L{n}")));
            numbered(&config, &labels.collect())
        };
        let all: Vec<usize> = (0..12).collect();
        assert_eq!(named(&all).unwrap()[10], "L10");
        assert!(named(&[0, 2]).is_err());
        assert!(named(&[]).is_err());
    }
}
