//! What the recording model answers on OpenAI's responses and on Anthropic's messages: what the user wrote, whole or as
//! the events that the real services send.

use super::wishes::{self, Cut};
use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The answer, if the path is one of these surfaces.
pub(crate) fn answer(path: &str, request: &Value, cut: &Cut) -> Option<Response> {
    let streamed = request["stream"] == json!(true);
    let answer = match path {
        "/v1/moderations" => ok(moderation()),
        "/v1/responses" if streamed => named(response_events(request, cut)),
        "/v1/responses" => ok(response(request, "completed", vec![output(request)])),
        "/v1/messages" if forged(request) => forged_answer(),
        "/v1/messages" if streamed => named(message_events(request, cut)),
        "/v1/messages" => ok(message(request, blocks(request))),
        "/v1/messages/count_tokens" => ok(json!({"input_tokens": request.to_string().len()})),
        _ => stored(path)?,
    };
    Some(answer)
}

fn ok(body: Value) -> Response {
    axum::Json(body).into_response()
}

/// What is stored upstream holds the stand-ins of the request that stored it.
fn stored(path: &str) -> Option<Response> {
    let id = path.strip_prefix("/v1/responses/")?;
    let said = json!({"input": "[EMAIL_1] is stored"});
    let answer = match id.split_once('/') {
        None => response(&said, "completed", vec![output(&said)]),
        Some((_, "cancel")) => response(&said, "cancelled", vec![output(&said)]),
        Some((_, "input_items")) => {
            json!({"object": "list", "first_id": "m", "last_id": "m", "has_more": false,
            "data": [{"id": "m", "type": "message", "role": "user", "status": "completed",
                "content": [{"type": "input_text", "text": "[EMAIL_1] is stored"}]}]})
        }
        Some(_) => return None,
    };
    Some(ok(answer))
}

fn moderation() -> Value {
    json!({"id": "modr-1", "model": "omni-moderation-latest",
        "results": [{"flagged": false, "categories": {}, "category_scores": {}, "category_applied_input_types": {}}]})
}

/// What the user wrote last, as a text.
fn said(request: &Value) -> String {
    let last = |name: &str| request[name].as_array().and_then(|items| items.last());
    match last("messages").or_else(|| last("input")) {
        Some(item) => {
            text(if item["output"].is_null() { &item["content"] } else { &item["output"] })
        }
        None => text(&request["input"]),
    }
}

fn text(content: &Value) -> String {
    match content {
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| match &part["content"] {
                Value::Null => {
                    part["text"].as_str().or(part["source"]["data"].as_str()).map(str::to_owned)
                }
                inner @ (Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_)) => Some(text(inner)),
            });
            texts.collect::<Vec<_>>().join(" ")
        }
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

/// The text in the shape of the first tool's arguments.
fn arguments(request: &Value) -> Value {
    let tool = &request["tools"][0];
    let schema =
        if tool["input_schema"].is_null() { &tool["parameters"] } else { &tool["input_schema"] };
    wishes::arguments(schema, &said(request))
}

/// The first tool, until the model has its result.
fn tool_name(request: &Value) -> Option<&str> {
    let last = |name: &str| request[name].as_array().and_then(|items| items.last());
    let item = last("messages").or_else(|| last("input")).unwrap_or(&Value::Null);
    let blocks = item["content"].as_array().into_iter().flatten();
    let answered = item["type"] == "function_call_output"
        || blocks.into_iter().any(|block| block["type"] == "tool_result");
    request["tools"][0]["name"].as_str().filter(|_| !answered)
}

fn response(request: &Value, status: &str, output: Vec<Value>) -> Value {
    json!({"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": request["model"],
        "output": output, "parallel_tool_calls": true, "tool_choice": "auto", "tools": request["tools"].as_array().cloned().unwrap_or_default(),
        "instructions": request["instructions"], "metadata": {}, "error": null, "incomplete_details": null,
        "text": request.get("text").cloned().unwrap_or(json!({"format": {"type": "text"}})),
        "usage": {"input_tokens": 1, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 2,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 3}})
}

/// A call of the first tool, if there is one, and else a message that cites its own last word.
fn output(request: &Value) -> Value {
    match tool_name(request) {
        Some(name) => {
            json!({"id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_1", "name": name,
            "arguments": arguments(request).to_string()})
        }
        None => {
            json!({"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part(request)]})
        }
    }
}

fn part(request: &Value) -> Value {
    let text = answer_text(request);
    json!({"type": "output_text", "text": text, "annotations": [citation(&text)], "logprobs": []})
}

/// The text of a message: JSON if that was asked for.
fn answer_text(request: &Value) -> String {
    let formats = [
        &request["text"]["format"],
        &request["output_config"]["format"],
        &request["output_format"],
    ];
    let text = said(request);
    match formats.into_iter().find(|format| !format.is_null()) {
        Some(format) if format["type"] == "json_schema" => {
            wishes::arguments(&format["schema"], &text).to_string()
        }
        Some(format) if format["type"] == "json_object" => json!({"text": text}).to_string(),
        _ => text,
    }
}

fn citation(text: &str) -> Value {
    let end = text.chars().count();
    let start = text.rfind(' ').map_or(0, |at| text[..=at].chars().count());
    json!({"type": "url_citation", "start_index": start, "end_index": end, "title": "t", "url": "https://example.org/"})
}

fn response_events(request: &Value, cut: &Cut) -> Vec<Value> {
    let item = output(request);
    let is_call = item["type"] == "function_call";
    let mut begun = item.clone();
    let empty = if is_call { "arguments" } else { "content" };
    begun[empty] = if is_call { json!("") } else { json!([]) };
    let mut events = vec![
        json!({"type": "response.created", "response": response(request, "in_progress", Vec::new())}),
        json!({"type": "response.in_progress", "response": response(request, "in_progress", Vec::new())}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": begun}),
    ];
    events.extend(if is_call { call_events(request, cut) } else { text_events(request, cut) });
    events.push(json!({"type": "response.output_item.done", "output_index": 0, "item": item}));
    events.push(json!({"type": "response.completed", "response": response(request, "completed", vec![item])}));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = number.into();
    }
    events
}

fn call_events(request: &Value, cut: &Cut) -> Vec<Value> {
    let arguments = arguments(request).to_string();
    let mut events: Vec<Value> = cut.pieces(&arguments)
        .into_iter()
        .map(|piece| json!({"type": "response.function_call_arguments.delta", "item_id": "fc_1", "output_index": 0, "delta": piece}))
        .collect();
    events.push(json!({"type": "response.function_call_arguments.done", "item_id": "fc_1", "output_index": 0, "name": "f",
        "arguments": arguments}));
    events
}

fn text_events(request: &Value, cut: &Cut) -> Vec<Value> {
    let text = answer_text(request);
    let event = |kind: &str, members: Value| {
        let mut event =
            json!({"type": kind, "item_id": "msg_1", "output_index": 0, "content_index": 0});
        for (name, value) in members.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    };
    let empty = json!({"type": "output_text", "text": "", "annotations": [], "logprobs": []});
    let mut events = vec![event("response.content_part.added", json!({"part": empty}))];
    events.extend(
        cut.pieces(&text).into_iter().map(|piece| {
            event("response.output_text.delta", json!({"delta": piece, "logprobs": []}))
        }),
    );
    events.push(event(
        "response.output_text.annotation.added",
        json!({"annotation_index": 0, "annotation": citation(&text)}),
    ));
    events.push(event("response.output_text.done", json!({"text": text, "logprobs": []})));
    events.push(event("response.content_part.done", json!({"part": part(request)})));
    events
}

fn message(request: &Value, content: Vec<Value>) -> Value {
    let stop = if tool_name(request).is_none() { "end_turn" } else { "tool_use" };
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "content": content,
        "stop_reason": stop, "stop_sequence": null,
        "usage": {"input_tokens": 1, "output_tokens": 2, "cache_creation_input_tokens": cache_marks(request)}})
}

/// How many cache marks arrived as they were set.
fn cache_marks(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(cache_marks).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match name == "cache_control" {
                true => usize::from(value["type"] == "ephemeral"),
                false => cache_marks(value),
            })
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Thinking if it is enabled, then a call of the first tool or a text.
fn blocks(request: &Value) -> Vec<Value> {
    let mut blocks = Vec::new();
    if request["thinking"]["type"] == "enabled" {
        let thinking = format!("They wrote: {}", said(request));
        blocks.push(
            json!({"type": "thinking", "thinking": thinking, "signature": signature(&thinking)}),
        );
    }
    blocks.push(match tool_name(request) {
        Some(name) => {
            json!({"type": "tool_use", "id": "toolu_1", "name": name, "input": arguments(request)})
        }
        None => json!({"type": "text", "text": answer_text(request)}),
    });
    blocks
}

/// Depends on every byte of the thinking, as the real one does.
fn signature(thinking: &str) -> String {
    let mut hasher = DefaultHasher::new();
    thinking.hash(&mut hasher);
    format!("EqQBSignature{:016x}", hasher.finish())
}

/// True if a thinking block comes back other than it went.
fn forged(request: &Value) -> bool {
    let messages = request["messages"].as_array().into_iter().flatten();
    let blocks = messages.filter_map(|message| message["content"].as_array()).flatten();
    blocks.filter(|block| block["type"] == "thinking").any(|block| {
        block["signature"] != signature(block["thinking"].as_str().unwrap_or_default()).as_str()
    })
}

fn forged_answer() -> Response {
    let body = json!({"type": "error", "error": {"type": "invalid_request_error", "message": "Invalid `signature` in `thinking` block"},
        "request_id": "req_upstream"});
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}

fn message_events(request: &Value, cut: &Cut) -> Vec<Value> {
    let mut events = vec![
        json!({"type": "message_start", "message": message(request, Vec::new())}),
        json!({"type": "ping"}),
    ];
    for (index, block) in blocks(request).iter().enumerate() {
        events.extend(block_events(index, block, cut));
    }
    let stop_reason = &message(request, Vec::new())["stop_reason"];
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": stop_reason, "stop_sequence": null}, "usage": {"output_tokens": 2}}));
    events.push(json!({"type": "message_stop"}));
    events
}

fn block_events(index: usize, block: &Value, cut: &Cut) -> Vec<Value> {
    let (member, kind, name, text) = match block["type"].as_str().unwrap() {
        "thinking" => (
            "thinking",
            "thinking_delta",
            "thinking",
            block["thinking"].as_str().unwrap().to_owned(),
        ),
        "tool_use" => ("input", "input_json_delta", "partial_json", block["input"].to_string()),
        _ => ("text", "text_delta", "text", block["text"].as_str().unwrap().to_owned()),
    };
    let mut begun = block.clone();
    begun[member] = if member == "input" { json!({}) } else { json!("") };
    if member == "thinking" {
        begun["signature"] = json!("");
    }
    let delta =
        |delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let mut events =
        vec![json!({"type": "content_block_start", "index": index, "content_block": begun})];
    events.extend(
        cut.pieces(&text).into_iter().map(|piece| delta(json!({"type": kind, name: piece}))),
    );
    if member == "thinking" {
        events.push(delta(json!({"type": "signature_delta", "signature": block["signature"]})));
    }
    events.push(json!({"type": "content_block_stop", "index": index}));
    events
}

fn named(events: Vec<Value>) -> Response {
    let pieces = events.into_iter().map(|data| {
        let event = format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap());
        Ok::<_, std::io::Error>(Bytes::from(event))
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(stream::iter(pieces))).into_response()
}
