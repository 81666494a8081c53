//! OpenAI's chat completions and chunks as typed messages.
//!
//! What has a field of its own moves there if it has the form that the field wants; all the rest goes to the nearest
//! `extra`, so that nothing of the answer is lost.

use super::{
    fault::{Fault, UpstreamFault},
    json,
    proto::{Choice, Delta, ProxyCompletionResponse, ToolCallDelta, Usage},
    question::count,
};
use serde_json::{Map, Value};

type Members = Map<String, Value>;

/// Reads a whole completion, or one chunk of a streamed one.
///
/// # Errors
///
/// When it is an error object, or no JSON object at all.
pub(super) fn message(text: &[u8]) -> Result<ProxyCompletionResponse, Fault> {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(text) else {
        return Err(Fault::bad_answer("it is not a JSON object"));
    };
    if members.get("error").is_some_and(|error| !error.is_null()) {
        return Err(Fault::Upstream(UpstreamFault::in_body(0, &members)));
    }
    members.remove("object"); // says chunk or completion, which the caller knows
    members.remove("obfuscation"); // padding that hides lengths; those of restored texts are others
    let choices = array(&mut members, "choices").into_iter().map(choice).collect();
    Ok(ProxyCompletionResponse {
        facts: None,
        id: string(&mut members, "id"),
        model: string(&mut members, "model"),
        created: members.remove("created").and_then(|value| value.as_i64()).unwrap_or_default(),
        choices,
        usage: object(&mut members, "usage").map(|usage| usage_of(&usage)),
        system_fingerprint: string(&mut members, "system_fingerprint"),
        service_tier: string(&mut members, "service_tier"),
        extra: json::to_struct(members),
    })
}

fn choice(mut members: Members) -> Choice {
    let delta = object(&mut members, "delta").or_else(|| object(&mut members, "message"));
    Choice {
        index: number(&mut members, "index"),
        delta: delta.map(delta_of),
        finish_reason: string(&mut members, "finish_reason"),
        logprobs: object(&mut members, "logprobs").and_then(json::to_struct),
        extra: json::to_struct(members),
    }
}

fn delta_of(mut members: Members) -> Delta {
    let calls = array(&mut members, "tool_calls").into_iter().enumerate();
    Delta {
        role: string(&mut members, "role"),
        content: string(&mut members, "content"),
        refusal: string(&mut members, "refusal"),
        tool_calls: calls.map(|(position, call)| tool_call(call, position)).collect(),
        extra: json::to_struct(members),
    }
}

/// A whole answer does not number its calls: there the position counts.
fn tool_call(mut call: Members, position: usize) -> ToolCallDelta {
    let index = match call.contains_key("index") {
        true => number(&mut call, "index"),
        false => count(position as u64),
    };
    let called = object(&mut call, "function").or_else(|| object(&mut call, "custom"));
    let mut called = called.unwrap_or_default();
    ToolCallDelta {
        index,
        id: string(&mut call, "id"),
        r#type: string(&mut call, "type"),
        name: string(&mut called, "name"),
        arguments: string(&mut called, "arguments"),
        input: string(&mut called, "input"),
    }
}

fn usage_of(usage: &Members) -> Usage {
    let tokens = |value: Option<&Value>| count(value.and_then(Value::as_u64).unwrap_or_default());
    let detail = |group: &str, key: &str| tokens(usage.get(group).and_then(|group| group.get(key)));
    Usage {
        prompt_tokens: tokens(usage.get("prompt_tokens")),
        completion_tokens: tokens(usage.get("completion_tokens")),
        total_tokens: tokens(usage.get("total_tokens")),
        cached_tokens: detail("prompt_tokens_details", "cached_tokens"),
        reasoning_tokens: detail("completion_tokens_details", "reasoning_tokens"),
    }
}

/// Takes a string out; `null` counts as empty, and what is of another type stays.
fn string(members: &mut Members, key: &str) -> String {
    match take(members, key, Value::is_string) {
        Some(Value::String(text)) => text,
        Some(_) | None => String::new(),
    }
}

fn number(members: &mut Members, key: &str) -> u32 {
    count(members.remove(key).and_then(|value| value.as_u64()).unwrap_or_default())
}

/// Takes an object out; `null` goes as well, and what is of another type stays.
fn object(members: &mut Members, key: &str) -> Option<Members> {
    match take(members, key, Value::is_object) {
        Some(Value::Object(object)) => Some(object),
        Some(_) | None => None,
    }
}

/// Takes an array of objects out; `null` goes as well, and what is of another type stays.
fn array(members: &mut Members, key: &str) -> Vec<Members> {
    let all_objects =
        |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_object));
    let Some(Value::Array(items)) = take(members, key, all_objects) else { return Vec::new() };
    let objects = items.into_iter().filter_map(|item| match item {
        Value::Object(object) => Some(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    });
    objects.collect()
}

/// Takes a value out if it is as wanted, or null.
fn take(members: &mut Members, key: &str, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    let value = members.get(key)?;
    if wanted(value) || value.is_null() { members.remove(key) } else { None }
}

impl UpstreamFault {
    /// Reads an error answer, whatever its form. `status` 0 means that none came with it: it stands in a stream.
    pub(super) fn read(status: u16, body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::in_body(status, &members),
            Ok(_) | Err(_) => Self {
                status,
                message: String::from_utf8_lossy(body).into_owned(),
                ..Self::default()
            },
        }
    }

    fn in_body(status: u16, members: &Members) -> Self {
        let error = match members.get("error") {
            Some(Value::Object(error)) => error,
            Some(Value::String(message)) => {
                return Self {
                    status: status_of(status, "", ""),
                    message: message.clone(),
                    ..Self::default()
                };
            }
            Some(_) | None => members,
        };
        let word = |key: &str| match error.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) | None => String::new(),
        };
        let (error_type, code) = (word("type"), word("code"));
        Self {
            status: status_of(status, &error_type, &code),
            message: word("message"),
            param: word("param"),
            error_type,
            code,
            retry_after: None,
        }
    }
}

/// The status of an error that came without one, by the words it uses.
fn status_of(status: u16, error_type: &str, code: &str) -> u16 {
    if status != 0 {
        return status;
    }
    if let Some(status) = code.parse().ok().filter(|status| (400..600).contains(status)) {
        return status;
    }
    match error_type {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "permission_error" => 403,
        "not_found_error" => 404,
        "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" => 429,
        "overloaded_error" => 503,
        "timeout_error" => 504,
        _ => 502,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Code;

    fn read(text: &str) -> ProxyCompletionResponse {
        message(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_whole_answer_is_one_message() {
        let answer = read(
            r#"{"id":"c-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,
            "message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"t-1","type":"function",
            "function":{"name":"f","arguments":"{}"}},{"id":"t-2","type":"custom","custom":{"name":"g","input":"x"}}]},
            "logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":4,
            "total_tokens":7,"prompt_tokens_details":{"cached_tokens":2}}}"#,
        );
        assert_eq!((answer.id.as_str(), answer.created), ("c-1", 1_700_000_000));
        let choice = &answer.choices[0];
        assert_eq!(choice.finish_reason, "tool_calls");
        let delta = choice.delta.as_ref().unwrap();
        assert_eq!(delta.role, "assistant");
        let calls: Vec<_> = delta
            .tool_calls
            .iter()
            .map(|call| {
                (call.index, call.name.as_str(), call.arguments.as_str(), call.input.as_str())
            })
            .collect();
        assert_eq!(calls, [(0, "f", "{}", ""), (1, "g", "", "x")]);
        let usage = answer.usage.unwrap();
        assert_eq!((usage.total_tokens, usage.cached_tokens), (7, 2));
        assert!(answer.extra.is_none());
    }

    #[test]
    fn what_has_no_field_goes_to_extra() {
        let answer = read(
            r#"{"citations":["x"],"choices":[{"index":1,"delta":{"content":"a","reasoning_content":"b"},"stop_reason":7}]}"#,
        );
        assert!(answer.extra.unwrap().fields.contains_key("citations"));
        let choice = &answer.choices[0];
        assert!(choice.extra.as_ref().unwrap().fields.contains_key("stop_reason"));
        let delta = choice.delta.as_ref().unwrap();
        assert!(delta.extra.as_ref().unwrap().fields.contains_key("reasoning_content"));
        assert_eq!(delta.content, "a");
    }

    #[test]
    fn content_of_another_form_is_not_lost() {
        let answer = read(r#"{"choices":[{"delta":{"content":[{"type":"text","text":"a"}]}}]}"#);
        let delta = answer.choices[0].delta.as_ref().unwrap();
        assert!(delta.extra.as_ref().unwrap().fields.contains_key("content"));
    }

    #[test]
    fn an_error_event_gets_a_code_by_its_words() {
        let fault =
            message(br#"{"error":{"message":"slow down","type":"rate_limit_error"}}"#).unwrap_err();
        assert_eq!(fault.code(), Code::ResourceExhausted);
        let fault = message(br#"{"error":{"message":"x","code":404}}"#).unwrap_err();
        assert_eq!(fault.code(), Code::NotFound);
        let fault = message(br#"{"error":"x"}"#).unwrap_err();
        assert_eq!(fault.code(), Code::Unavailable);
    }

    #[test]
    fn what_is_no_object_is_a_bad_answer() {
        for text in ["", "[]", "<html>", "{\"id\":"] {
            assert_eq!(message(text.as_bytes()).unwrap_err().code(), Code::Unavailable);
        }
    }

    #[test]
    fn an_error_answer_is_read_in_any_form() {
        let fault =
            UpstreamFault::read(400, br#"{"error":{"message":"no","param":"n","code":"bad_n"}}"#);
        assert_eq!(
            (fault.message.as_str(), fault.param.as_str(), fault.code.as_str()),
            ("no", "n", "bad_n")
        );
        assert_eq!(UpstreamFault::read(502, b"gateway").message, "gateway");
    }
}
