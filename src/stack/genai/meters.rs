//! The figures of operations, by the names of the conventions: with dots for a collector, with underscores on `/metrics`.
//!
//! Labels hold the names of models, which callers choose: see `names` for which count.

use super::names::Models;
use crate::{
    call::Prompt,
    meter::Known,
    wire::{Endpoint, Usage, asked_model},
};
use metrics::{Histogram, Label, histogram};
use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) operation: &'static str,
    pub(super) provider: &'static str,
    /// Fit to be told.
    pub(super) model: Option<String>,
}

impl Asked {
    pub(super) fn read(prompt: &Prompt, models: &Models) -> Self {
        // What nobody has looked at may hold anything, also where a model's name belongs.
        let model = (prompt.endpoint != Endpoint::Unread)
            .then(|| asked_model(prompt.body.as_bytes()))
            .flatten()
            .map(|model| models.told(model, &prompt.discretion));
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
    pub(super) models: Models,
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
    pub(super) fn new(models: Models) -> Self {
        Self { models, ..Self::default() }
    }

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

    /// An operation is over; `failure` says why it is, if that is not as it should be. There are many ways to fail, so
    /// failures are told apart only by models that the configuration names.
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
                let asked = series.labels.asked.as_deref();
                let labels = Labels {
                    asked: asked.map(|model| self.models.configured_name(model)),
                    answered: None,
                    ..series.labels
                };
                self.failed.of(&(labels, failure), make).record(took);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart_only_by_models_that_are_configured() {
        let meters = Meters::new(Models::of(["ours"].into_iter()));
        for n in 0..2 * Models::MOST {
            for model in [format!("m-{n}"), "ours".to_owned()] {
                let asked = Asked { operation: "chat", provider: "openai", model: Some(model) };
                let series = meters.series(&asked, Some("m-1"), true);
                meters.ended(&series, Some("500".into()), Duration::ZERO);
            }
        }
        assert_eq!(format!("{:?}", meters.failed), "Known(2)");
    }
}
