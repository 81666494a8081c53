use super::*;
use serde_json::{Value, json};

fn sent(request: &ChatRequest) -> Value {
    serde_json::from_slice(&request.to_json()).unwrap()
}

#[test]
fn a_request_with_all_fields() {
    let mut params = serde_json::Map::new();
    params.insert("max_tokens".into(), number(16.0).unwrap().into());
    params.insert("temperature".into(), number(0.5).unwrap().into());
    params.insert("model".into(), "not this".into());
    let call =
        ChatToolCall { id: "c1".into(), name: "send".into(), arguments: Sensitive::new("{}") };
    let request = ChatRequest {
        model: "m".into(),
        messages: vec![
            ChatMessage::new("user", "hi"),
            ChatMessage {
                role: "assistant".into(),
                tool_calls: vec![call],
                ..ChatMessage::default()
            },
            ChatMessage { tool_call_id: Some("c1".into()), ..ChatMessage::new("tool", "done") },
        ],
        tools: vec![ChatTool {
            name: "send".into(),
            parameters: Some(json!({})),
            ..ChatTool::default()
        }],
        tool_choice: Some(ToolChoice::Function("send".into())),
        stream: true,
        params,
    };
    let expected = json!({
        "model": "m",
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "send", "arguments": "{}"}}]},
            {"role": "tool", "content": "done", "tool_call_id": "c1"},
        ],
        "tools": [{"type": "function", "function": {"name": "send", "parameters": {}}}],
        "tool_choice": {"type": "function", "function": {"name": "send"}},
        "stream": true,
        "max_tokens": 16,
        "temperature": 0.5,
    });
    assert_eq!(sent(&request), expected);
}

#[test]
fn parts_take_the_place_of_the_text() {
    let parts = Some(Sensitive::new(r#"[{"type":"text","text":"hi"}]"#));
    let message = ChatMessage { role: "user".into(), parts, ..ChatMessage::default() };
    let request = ChatRequest { messages: vec![message], ..ChatRequest::default() };
    assert_eq!(sent(&request)["messages"][0]["content"][0]["text"], "hi");
}

#[test]
fn numbers_that_no_json_has_are_none() {
    assert_eq!(number(f64::NAN), None);
    assert_eq!(number(f64::INFINITY), None);
    assert_eq!(number(-3.0).unwrap().to_string(), "-3");
    assert_eq!(number(1e300).unwrap().to_string(), "1e+300");
}

#[test]
fn a_whole_answer_is_one_chunk() {
    let chunk = answer(
        br#"{"id":"a","object":"chat.completion","created":1.0,"model":"m","unknown":[1],"choices":[{"index":0,
            "message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"c","type":"function",
            "function":{"name":"f","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],
            "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":null,
            "completion_tokens_details":{"reasoning_tokens":1}}}"#,
    )
    .unwrap();
    let choice = &chunk.choices[0];
    assert_eq!(choice.content, None);
    assert_eq!(choice.tool_calls[0].name.as_deref(), Some("f"));
    assert_eq!(choice.finish_reason.as_deref(), Some("tool_calls"));
    let usage = chunk.usage.unwrap();
    assert_eq!((usage.total_tokens, usage.reasoning_tokens, usage.cached_tokens), (3, 1, 0));
    assert_eq!(chunk.created, Some(1));
}

#[test]
fn stream_chunks_are_read_wherever_they_are_cut() {
    let stream = ": hello\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Größe\"}}]}\r\n\r\n\
                  data: {\"choices\":[{\"index\":1,\"delta\":{\"reasoning\":\"r\"},\"finish_reason\":\"stop\"}]}\n\n\
                  data: [DONE]\n\n";
    for size in 1..stream.len() {
        let (mut reader, mut chunks) = (ChunkReader::new(), Vec::new());
        for part in stream.as_bytes().chunks(size) {
            reader.push(part, &mut chunks).unwrap();
        }
        assert!(reader.is_done());
        reader.finish().unwrap();
        let [one, two] = &chunks[..] else { panic!("{chunks:?}") };
        assert_eq!(one.choices[0].content.as_ref().unwrap().expose(), "Größe");
        assert_eq!(two.choices[0].index, 1);
        assert_eq!(two.choices[0].reasoning.as_ref().unwrap().expose(), "r");
    }
}

#[test]
fn errors_of_the_provider_are_chunks_too() {
    for (body, message, code) in [
        (r#"{"error":{"message":"no","type":"t","param":null,"code":429}}"#, "no", Some("429")),
        (r#"{"error":"no"}"#, "no", None),
        (r#"{"error":{}}"#, "the provider reports an error", None),
    ] {
        let error = answer(body.as_bytes()).unwrap().error.unwrap();
        assert_eq!(error.message.expose(), message);
        assert_eq!(error.code.as_deref(), code);
    }
}

#[test]
fn what_is_no_chunk_is_malformed() {
    for body in ["", "[]", "{\"choices\":1}", "nonsense"] {
        assert!(answer(body.as_bytes()).is_err(), "{body}");
    }
    let mut reader = ChunkReader::new();
    reader.push(b"data: {\"cho", &mut Vec::new()).unwrap();
    assert!(reader.finish().is_err());
}
