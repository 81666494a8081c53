//! Where an answer or an event tells of itself.

use crate::{
    json::Glance,
    wire::told::{Told, Usage, count},
};

/// Hears a whole message or an event. A stream begins with a message that has not ended, and tells the rest in deltas of it.
pub(in crate::wire) fn hear(data: Glance<'_>, told: &mut Told) {
    hear_message(data, told);
    for (name, value) in data.members() {
        match name {
            b"message" => hear_message(value, told),
            b"delta" => {
                value.member("stop_reason").into_iter().for_each(|reason| told.hear_reason(reason));
            }
            b"error" => told.hear_error(value),
            b"type" => told.complete |= value.text().is_some_and(|kind| kind == "message_stop"),
            _ => {}
        }
    }
}

fn hear_message(message: Glance<'_>, told: &mut Told) {
    for (name, value) in message.members() {
        match name {
            b"id" => told.hear_id(value),
            b"model" => told.hear_model(value),
            b"stop_reason" => told.hear_reason(value),
            b"usage" => hear_usage(value, &mut told.usage),
            _ => {}
        }
    }
}

fn hear_usage(value: Glance<'_>, usage: &mut Usage) {
    for (name, value) in value.members() {
        match name {
            b"input_tokens" => count(&mut usage.input, value),
            b"output_tokens" => count(&mut usage.output, value),
            b"cache_read_input_tokens" => count(&mut usage.cache_read, value),
            b"cache_creation_input_tokens" => count(&mut usage.cache_write, value),
            _ => {}
        }
    }
}
