//! Where an answer or an event tells of itself.

use crate::{
    json::Glance,
    wire::told::{Told, Usage, count},
};

/// Hears a whole response or an event. Some events carry the response as it is by then.
pub(in crate::wire) fn hear(data: Glance<'_>, told: &mut Told) {
    hear_response(data, told);
    for (name, value) in data.members() {
        match name {
            b"response" => hear_response(value, told),
            b"type" => told.failed |= value.text().is_some_and(|kind| kind == "error"),
            _ => {}
        }
    }
}

fn hear_response(response: Glance<'_>, told: &mut Told) {
    let mut status = None;
    for (name, value) in response.members() {
        match name {
            b"id" => told.hear_id(value),
            b"model" => told.hear_model(value),
            b"status" => status = Some(value),
            b"incomplete_details" => {
                value.member("reason").into_iter().for_each(|reason| told.hear_reason(reason));
            }
            b"usage" => hear_usage(value, &mut told.usage),
            b"error" => told.hear_error(value),
            _ => {}
        }
    }
    // Why it is incomplete says more than that it is.
    status.into_iter().for_each(|status| hear_status(status, told));
}

/// A status that something more follows on says nothing.
fn hear_status(status: Glance<'_>, told: &mut Told) {
    let Some(status_word) = status.text() else { return };
    if matches!(&*status_word, "completed" | "incomplete" | "failed" | "cancelled") {
        told.complete = true;
        told.failed |= status_word == "failed";
        if told.finish_reasons.is_empty() {
            told.hear_reason(status);
        }
    }
}

fn hear_usage(value: Glance<'_>, usage: &mut Usage) {
    for (name, value) in value.members() {
        match name {
            b"input_tokens" => count(&mut usage.input, value),
            b"output_tokens" => count(&mut usage.output, value),
            b"input_tokens_details" => {
                value
                    .member("cached_tokens")
                    .into_iter()
                    .for_each(|it| count(&mut usage.cache_read, it));
            }
            b"output_tokens_details" => {
                value
                    .member("reasoning_tokens")
                    .into_iter()
                    .for_each(|it| count(&mut usage.reasoning, it));
            }
            _ => {}
        }
    }
}
