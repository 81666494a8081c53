use super::*;
use http::Method;

#[track_caller]
fn check_read(endpoint: Endpoint, body: &str, expected: Result<(bool, bool), &str>) {
    let found = endpoint.read(body.as_bytes());
    match (&found, expected) {
        (Ok(found), Ok(expected)) => {
            assert_eq!((found.streamed, found.json_content), expected, "{body}");
        }
        (Err(invalid), Err(part)) => assert!(invalid.message.contains(part), "{invalid}"),
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => panic!("{body}: {found:?}"),
    }
}

#[test]
fn what_a_request_says_about_its_answer() {
    use Endpoint::{ChatCompletions, Completions, Embeddings, Messages, Models, Responses};
    check_read(ChatCompletions, r#"{"stream":true}"#, Ok((true, false)));
    check_read(ChatCompletions, r#"{"str\u0065am":true,"stream":false}"#, Ok((false, false)));
    check_read(ChatCompletions, r#"{"stream":"true","a":{"stream":true}}"#, Ok((false, false)));
    let json = r#"{"response_format":{"type":"json_schema"},"messages":[[[[[1]]]]]}"#;
    check_read(ChatCompletions, json, Ok((false, true)));
    check_read(ChatCompletions, r#"{"response_format":{"type":"text"}}"#, Ok((false, false)));
    check_read(ChatCompletions, "{", Err("not valid JSON"));
    check_read(Completions, r#"{"prompt":["a","b"],"stream":true}"#, Ok((true, false)));
    check_read(Completions, r#"{"prompt":[1,2]}"#, Err("prompt holds token ids"));
    check_read(Embeddings, r#"{"input":[[1],[2]]}"#, Err("input holds token ids"));
    check_read(Embeddings, r#"{"input":"a"}"#, Ok((false, false)));
    check_read(Models, "", Ok((false, false)));
    let json = r#"{"text":{"format":{"type":"json_schema"}},"input":[[1]],"stream":true}"#;
    check_read(Responses, json, Ok((true, true)));
    check_read(Responses, r#"{"text":{"format":{"type":"text"}}}"#, Ok((false, false)));
    let json = r#"{"output_config":{"format":{"type":"json_schema"}}}"#;
    check_read(Messages, json, Ok((false, true)));
    check_read(Messages, r#"{"output_format":{"type":"json_schema"}}"#, Ok((false, true)));
}

#[test]
fn what_leans_on_another_request_says_so() {
    use Endpoint::{
        CancelResponse, ChatCompletions, Messages, ResponseInputItems, Responses, StoredResponse,
    };
    let earlier = |param| Some((param, true));
    for (endpoint, body, expected) in [
        (Responses, r#"{"input":"a"}"#, None),
        (Responses, r#"{"previous_response_id":"r"}"#, earlier("previous_response_id")),
        (Responses, r#"{"previous_response_id":null}"#, None),
        (Responses, r#"{"conversation":"c"}"#, earlier("conversation")),
        (Responses, r#"{"conversation":{"id":"c"}}"#, earlier("conversation")),
        (Responses, r#"{"input":[{"type":"item_reference","id":"i"}]}"#, earlier("input")),
        (
            Responses,
            r#"{"input":[{"type":"compaction","encrypted_content":"x"}]}"#,
            earlier("input"),
        ),
        (Responses, r#"{"input":[{"id":"i"}]}"#, earlier("input")),
        (Responses, r#"{"input":[{"id":"i"},{"role":"user","content":"a"}]}"#, earlier("input")),
        (Responses, r#"{"input":[{"id":"i","type":null},"a"]}"#, earlier("input")),
        (Responses, r#"{"input":[{"id":"i","role":"user"},{"type":"message"}]}"#, None),
        (Responses, r#"{"background":true}"#, Some(("background", false))),
        (Responses, r#"{"background":false}"#, None),
        (Responses, r#"{"conversation":"c","background":true}"#, earlier("conversation")),
        (Responses, r#"{"background":true,"conversation":"c"}"#, earlier("conversation")),
        (Responses, r#"{"metadata":{"conversation":"c"}}"#, None),
        (ChatCompletions, r#"{"conversation":"c"}"#, None),
        (Messages, r#"{"conversation":"c"}"#, None),
        (Messages, r#"{"thread":{"id":"t"}}"#, earlier("thread")),
        (Messages, r#"{"messages":[{"content":[{"type":"compaction"}]}]}"#, earlier("messages")),
        (
            Messages,
            r#"{"messages":[{"content":[{"type":"c\u006fmpaction"}]}]}"#,
            earlier("messages"),
        ),
        (StoredResponse, "", earlier("response_id")),
        (CancelResponse, "", earlier("response_id")),
        (ResponseInputItems, "", earlier("response_id")),
    ] {
        let needs = endpoint.read(body.as_bytes()).unwrap().needs;
        assert_eq!(needs.map(|needs| (needs.param, needs.earlier)), expected, "{body}");
    }
}

/// Each treated token of a chat request, as `token=treatment`.
fn treated(body: &str) -> Vec<String> {
    let mut found = Vec::new();
    json::walk(body.as_bytes(), json::MAX_DEPTH, &mut |path, token| {
        let treatment = match Endpoint::ChatCompletions.classify(path, token) {
            Treatment::Guard => "guard",
            Treatment::Leave => return,
            Treatment::Signed => "signed",
            Treatment::Coded(kind)
            | Treatment::Unscannable(kind)
            | Treatment::Unclear(kind)
            | Treatment::Referenced(kind) => kind,
        };
        found.push(format!("{}={treatment}", token.raw()));
    })
    .unwrap();
    found
}

#[test]
fn all_but_the_structure_of_a_request_is_guarded() {
    let body = r#"{"model":"gpt-4o","seed":123456789,"max_tokens":16,"unknown":123456789,"logit_bias":{"50256":-100},
        "messages":[{"role":"user","name":"ann","content":[{"type":"text","text":"hi"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}]},
        {"role":"ann@example.org","content":"hello"}],"metadata":{"ann":"x"},"stream":true}"#;
    assert_eq!(
        treated(body),
        [
            "unknown=guard",
            "123456789=guard",
            "ann=guard",
            "hi=guard",
            "data:image/png;base64,AAAA=image",
            "ann@example.org=guard",
            "hello=guard",
            "ann=guard",
            "x=guard",
        ]
    );
}

#[test]
fn answers_are_restored_in_their_context() {
    let json = Expected { json_content: true, ..Expected::default() };
    let body = br#"{"choices":[{"message":{"content":"c","tool_calls":[{"function":{"name":"n","arguments":"a"}}],
        "function_call":{"arguments":"f"}}}]}"#;
    let contexts = |expected| {
        let mut found = Vec::new();
        json::walk(body, json::MAX_DEPTH, &mut |path, token| {
            let context = Endpoint::ChatCompletions.response_context(path, expected);
            if token.kind() == Kind::String && context == Some(Context::JsonText) {
                found.push(token.raw().to_owned());
            }
        })
        .unwrap();
        found
    };
    assert_eq!(contexts(Expected::default()), ["a", "f"]);
    assert_eq!(contexts(json), ["c", "a", "f"]);
}

#[test]
fn paths() {
    for (method, path, expected) in [
        (Method::POST, "/v1/chat/completions", Ok(Endpoint::ChatCompletions)),
        (Method::POST, "/v1/completions", Ok(Endpoint::Completions)),
        (Method::POST, "/v1/embeddings", Ok(Endpoint::Embeddings)),
        (Method::POST, "/v1/moderations", Ok(Endpoint::Moderations)),
        (Method::POST, "/v1/responses", Ok(Endpoint::Responses)),
        (Method::GET, "/v1/responses/resp_1", Ok(Endpoint::StoredResponse)),
        (Method::DELETE, "/v1/responses/resp_1", Ok(Endpoint::StoredResponse)),
        (Method::POST, "/v1/responses/resp_1/cancel", Ok(Endpoint::CancelResponse)),
        (Method::GET, "/v1/responses/resp_1/input_items", Ok(Endpoint::ResponseInputItems)),
        (Method::POST, "/v1/messages", Ok(Endpoint::Messages)),
        (Method::POST, "/v1/messages/count_tokens", Ok(Endpoint::CountTokens)),
        (
            Method::POST,
            "/v1/responses/resp_1",
            Err(Unmatched::Method { allow: "GET, HEAD, DELETE" }),
        ),
        (Method::POST, "/v1/responses/input_tokens", Err(Unmatched::Path)),
        (Method::POST, "/v1/responses/compact", Err(Unmatched::Path)),
        (Method::GET, "/v1/responses/a@b/input_items", Err(Unmatched::Path)),
        (Method::GET, "/v1/responses/../input_items", Err(Unmatched::Path)),
        (Method::POST, "/v1/messages/batches", Err(Unmatched::Path)),
        (Method::GET, "/v1/models", Ok(Endpoint::Models)),
        (Method::HEAD, "/v1/models/org/model", Ok(Endpoint::Models)),
        (Method::GET, "/v1/chat/completions", Err(Unmatched::Method { allow: "POST" })),
        (Method::DELETE, "/v1/models/m", Err(Unmatched::Method { allow: "GET, HEAD" })),
        (Method::POST, "/v1/chat/completions/", Err(Unmatched::Path)),
        (Method::POST, "/V1/embeddings", Err(Unmatched::Path)),
        (Method::POST, "/v1/files", Err(Unmatched::Path)),
        (Method::GET, "/v1/models/", Err(Unmatched::Path)),
        (Method::GET, "/v1/models/../files", Err(Unmatched::Path)),
        (Method::GET, "/v1/models/%2E%2e/files", Err(Unmatched::Path)),
        (Method::GET, "/v1/models/a%2F../files", Err(Unmatched::Path)),
        (Method::GET, "/v1/models//x", Err(Unmatched::Path)),
    ] {
        assert_eq!(Endpoint::find(&method, path), expected, "{path}");
    }
}
