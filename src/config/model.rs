//! Reads the models of the operator's own from their settings.

use super::meant::{List, Reader};
use crate::model::{ModelConfig, ModelsConfig, OnFailure};
use std::time::Duration;

/// All models, sorted by name.
pub(super) fn models(reader: &mut Reader) -> ModelsConfig {
    let names = reader.names_under("models");
    ModelsConfig {
        library: reader.optional("model.library"),
        models: names.into_iter().map(|name| model(reader, name)).collect(),
    }
}

fn model(reader: &mut Reader, name: String) -> ModelConfig {
    let default = ModelConfig::default();
    let key = |setting: &str| format!("models.{name}.{setting}");
    let failures = [("refuse", OnFailure::Refuse), ("skip", OnFailure::Skip)];
    let path = reader.optional(&key("path"));
    if path.is_none() {
        reader.fault(key("path"), "is missing", "name the folder of the model");
    }
    ModelConfig {
        path: path.unwrap_or_default(),
        file: reader.optional(&key("file")),
        labels: labels(reader, &key("labels")),
        on_failure: reader.word(&key("on_failure"), &failures, default.on_failure),
        time_limit: time_limit(reader, &key("time_limit_ms"), default.time_limit),
        queue: reader.at_least_one(&key("queue"), default.queue),
        workers: reader.at_least_one(&key("workers"), default.workers),
        threads: reader.at_least_one(&key("threads"), default.threads),
        window_tokens: reader.optional(&key("window_tokens")),
        name,
    }
}

fn time_limit(reader: &mut Reader, key: &str, default: Duration) -> Duration {
    let value = reader.value(key, default);
    if value.is_zero() {
        reader.fault(key, "is 0, in which no text can be read", "write 1 or more");
    }
    value
}

/// `LABEL=TYPE` pairs.
fn labels(reader: &mut Reader, key: &str) -> Vec<(String, String)> {
    let said: Option<List<String>> = reader.optional(key);
    let mut labels = Vec::new();
    for pair in said.map(|list| list.0).unwrap_or_default() {
        match pair.split_once('=') {
            Some((label, meaning)) => {
                labels.push((label.trim().to_owned(), meaning.trim().to_owned()));
            }
            None => {
                let remedy = "write LABEL=TYPE, such as DRUG=MEDICATION, or LABEL=ignore";
                reader.fault(key, format!("has `{pair}` without a `=`"), remedy);
            }
        }
    }
    labels
}
