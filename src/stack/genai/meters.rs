//! The figures of operations, by the names of the conventions: with dots for a collector, with underscores on `/metrics`.
//!
//! Labels hold the names of models, which callers choose. A name counts only once a provider has answered for it, and only so
//! many do; the others are one.

use crate::{
    call::Prompt,
    meter::Known,
    wire::{Endpoint, Usage, asked_model},
};
use arc_swap::ArcSwap;
use metrics::{Histogram, Label, histogram};
use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// How many names of models are told apart.
const MAX_MODELS: usize = 100;

/// The conventions' word for what is not told apart.
const OTHER: &str = "_OTHER";

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) operation: &'static str,
    pub(super) provider: &'static str,
    pub(super) model: Option<String>,
}

impl Asked {
    pub(super) fn read(prompt: &Prompt) -> Self {
        // What nobody has looked at may hold anything, also where a model's name belongs.
        let model = (prompt.endpoint != Endpoint::Unread)
            .then(|| asked_model(prompt.body.as_bytes()))
            .flatten();
        let (operation, provider) = (operation(prompt.endpoint), provider(prompt.endpoint));
        Self { operation, provider, model }
    }
}

/// Endpoints without a name of the conventions keep our own.
fn operation(endpoint: Endpoint) -> &'static str {
    match endpoint.label() {
        "chat_completions" | "responses" | "messages" => "chat",
        "completions" => "text_completion",
        other => other,
    }
}

/// Whose interface is spoken, whoever speaks it.
fn provider(endpoint: Endpoint) -> &'static str {
    match endpoint.label() {
        "messages" | "count_tokens" => "anthropic",
        _ => "openai",
    }
}

/// All figures.
#[derive(Debug, Default)]
pub(super) struct Meters {
    models: Models,
    series: Known<Labels, Arc<Series>>,
    failed: Known<(Labels, Cow<'static, str>), Histogram>,
}

/// What operations are counted together by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Labels {
    operation: &'static str,
    provider: &'static str,
    asked: Option<Arc<str>>,
    answered: Option<Arc<str>>,
}

/// The figures of operations with the same labels. A histogram that nobody needs is not made.
#[derive(Debug)]
pub(super) struct Series {
    labels: Labels,
    input: OnceLock<Histogram>,
    output: OnceLock<Histogram>,
    duration: OnceLock<Histogram>,
    first: OnceLock<Histogram>,
    between: OnceLock<Histogram>,
}

impl Meters {
    /// The figures for a request and the model that answered. `well` means that a provider has answered, and so knows the
    /// models by their names.
    pub(super) fn series(&self, asked: &Asked, answered: Option<&str>, well: bool) -> Arc<Series> {
        let labels = Labels {
            operation: asked.operation,
            provider: asked.provider,
            asked: asked.model.as_deref().map(|model| self.models.name(model, well)),
            answered: answered.map(|model| self.models.name(model, well)),
        };
        self.series.of(&labels, |labels| Arc::new(Series::of(labels.clone())))
    }

    /// An operation is over; `failure` says why it is, if that is not as it should be.
    pub(super) fn ended(
        &self,
        series: &Series,
        failure: Option<Cow<'static, str>>,
        took: Duration,
    ) {
        let took = took.as_secs_f64();
        match failure {
            None => series.duration.get_or_init(|| duration(series.labels.all())).record(took),
            Some(failure) => {
                let make = |(labels, failure): &(Labels, Cow<'static, str>)| {
                    duration(labels.and("error.type", failure.clone()))
                };
                self.failed.of(&(series.labels.clone(), failure), make).record(took);
            }
        }
    }
}

impl Series {
    fn of(labels: Labels) -> Self {
        Self {
            labels,
            input: OnceLock::new(),
            output: OnceLock::new(),
            duration: OnceLock::new(),
            first: OnceLock::new(),
            between: OnceLock::new(),
        }
    }

    /// Tokens are counted only where the provider tells them.
    pub(super) fn used(&self, usage: &Usage) {
        for (kind, count, histogram) in
            [("input", usage.input, &self.input), ("output", usage.output, &self.output)]
        {
            let labels = || self.labels.and("gen_ai.token.type", kind);
            if let Some(count) = count {
                let make = || histogram!("gen_ai_client_token_usage", labels());
                histogram.get_or_init(make).record(count as f64);
            }
        }
    }

    /// The first event of a stream came after so long.
    pub(super) fn first(&self, after: Duration) {
        let make =
            || histogram!("gen_ai_client_operation_time_to_first_chunk_seconds", self.labels.all());
        self.first.get_or_init(make).record(after.as_secs_f64());
    }

    /// Another event came so long after the one before.
    pub(super) fn between(&self, after: Duration) {
        let make = || {
            histogram!("gen_ai_client_operation_time_per_output_chunk_seconds", self.labels.all())
        };
        self.between.get_or_init(make).record(after.as_secs_f64());
    }
}

fn duration(labels: Vec<Label>) -> Histogram {
    histogram!("gen_ai_client_operation_duration_seconds", labels)
}

impl Labels {
    fn all(&self) -> Vec<Label> {
        let mut all = vec![
            Label::new("gen_ai.operation.name", self.operation),
            Label::new("gen_ai.provider.name", self.provider),
        ];
        let models =
            [("gen_ai.request.model", &self.asked), ("gen_ai.response.model", &self.answered)];
        for (name, model) in models {
            all.extend(model.clone().map(|model| Label::new(name, model)));
        }
        all
    }

    fn and(&self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Vec<Label> {
        let mut all = self.all();
        all.push(Label::new(name, value.into().into_owned()));
        all
    }
}

/// Names of models that are told apart. Reading takes no lock.
#[derive(Debug)]
struct Models {
    known: ArcSwap<HashSet<Arc<str>>>,
    other: Arc<str>,
}

impl Default for Models {
    fn default() -> Self {
        Self { known: ArcSwap::default(), other: OTHER.into() }
    }
}

impl Models {
    /// The name, if it is known or may be from now on.
    fn name(&self, model: &str, may_be_known: bool) -> Arc<str> {
        let known = self.known.load();
        if let Some(name) = known.get(model) {
            return Arc::clone(name);
        }
        if !may_be_known || known.len() >= MAX_MODELS {
            return Arc::clone(&self.other);
        }
        let name: Arc<str> = model.into();
        self.known.rcu(|known| {
            let mut known = HashSet::clone(known);
            known.insert(Arc::clone(&name));
            known
        });
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(model: &str) -> Asked {
        Asked { operation: "chat", provider: "openai", model: Some(model.to_owned()) }
    }

    #[test]
    fn models_are_told_apart_once_a_provider_has_answered_for_them() {
        let meters = Meters::default();
        let name = |well| meters.series(&asked("m-1"), None, well).labels.asked.clone();
        assert_eq!(name(false).as_deref(), Some(OTHER));
        assert_eq!(name(true).as_deref(), Some("m-1"));
        assert_eq!(name(false).as_deref(), Some("m-1"));
    }

    #[test]
    fn endless_names_of_models_are_one() {
        let meters = Meters::default();
        for n in 0..2 * MAX_MODELS {
            meters.series(&asked(&format!("m-{n}")), None, true);
        }
        assert_eq!(meters.models.known.load().len(), MAX_MODELS);
        let last = meters.series(&asked("one-more"), Some("m-1"), true);
        assert_eq!(last.labels.asked.as_deref(), Some(OTHER));
        assert_eq!(last.labels.answered.as_deref(), Some("m-1"));
    }
}
