//! Where an answer or an event tells of itself.

use crate::{
    json::Glance,
    wire::told::{Told, Usage, count},
};

/// Hears a whole answer or an event. Providers that count along say the usage in each; most say it in the last, if asked.
pub(in crate::wire) fn hear(data: Glance<'_>, told: &mut Told) {
    for (name, value) in data.members() {
        match name {
            b"id" => told.hear_id(value),
            b"model" => told.hear_model(value),
            b"choices" => {
                let reasons = value.elements().filter_map(|choice| choice.member("finish_reason"));
                reasons.for_each(|reason| told.hear_reason(reason));
            }
            b"usage" => hear_usage(value, &mut told.usage),
            b"error" => told.hear_error(value),
            _ => {}
        }
    }
}

fn hear_usage(value: Glance<'_>, usage: &mut Usage) {
    for (name, value) in value.members() {
        match name {
            b"prompt_tokens" => count(&mut usage.input, value),
            b"completion_tokens" => count(&mut usage.output, value),
            b"prompt_tokens_details" => {
                value
                    .member("cached_tokens")
                    .into_iter()
                    .for_each(|it| count(&mut usage.cache_read, it));
            }
            b"completion_tokens_details" => {
                value
                    .member("reasoning_tokens")
                    .into_iter()
                    .for_each(|it| count(&mut usage.reasoning, it));
            }
            _ => {}
        }
    }
}
