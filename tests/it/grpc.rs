//! The running binary by gRPC: from the generated client to the model and back.

use crate::support::{
    EMAIL, Server, Upstream,
    server::assert_clean,
    upstream::{Behaviour, Recorded},
};
use prompt_guard::grpc::proto::{
    self, ChatMessage, ProxyCompletionRequest, ProxyCompletionResponse, chat_message::Body,
    guard_client::GuardClient, scan_stream_response::Outcome,
};
use std::time::{Duration, Instant};
use tonic::{Code, Request, Status, transport::Channel};
use tonic_types::StatusExt as _;

async fn client(server: &Server) -> GuardClient<Channel> {
    GuardClient::new(Channel::from_shared(server.url()).unwrap().connect().await.unwrap())
}

fn chat(text: &str, stream: bool) -> ProxyCompletionRequest {
    ProxyCompletionRequest {
        model: "echo".into(),
        messages: vec![ChatMessage {
            role: "user".into(),
            body: Some(Body::Content(text.into())),
            ..ChatMessage::default()
        }],
        stream,
        ..ProxyCompletionRequest::default()
    }
}

/// All messages of an answer, and the status if it ended badly.
async fn complete(
    server: &Server,
    request: ProxyCompletionRequest,
) -> (Vec<ProxyCompletionResponse>, Option<Status>) {
    let mut messages = match client(server).await.proxy_completion(request).await {
        Ok(response) => response.into_inner(),
        Err(status) => return (vec![], Some(status)),
    };
    let mut told = Vec::new();
    loop {
        match messages.message().await {
            Ok(Some(message)) => told.push(message),
            Ok(None) => return (told, None),
            Err(status) => return (told, Some(status)),
        }
    }
}

/// The contents of one choice, or its tool calls' arguments, put together.
fn text(messages: &[ProxyCompletionResponse], index: u32) -> String {
    let choices = messages.iter().flat_map(|message| &message.choices);
    let deltas = choices.filter(|choice| choice.index == index).filter_map(|c| c.delta.as_ref());
    deltas
        .flat_map(|delta| {
            let arguments = delta.tool_calls.iter().map(|call| call.arguments.clone());
            std::iter::once(delta.content.clone()).chain(arguments)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_goes_out_redacted_and_comes_back_restored_whole_and_streamed() {
    let prompt = format!("Write to {EMAIL}, please");
    for stream in [false, true] {
        let upstream = Upstream::spawn(Behaviour::Echo { chunk: 3 }).await;
        let server = Server::before(&upstream);
        let request = ProxyCompletionRequest { n: Some(2), ..chat(&prompt, stream) };
        let (messages, status) = complete(&server, request).await;
        assert!(status.is_none(), "{status:?}");
        assert_eq!([text(&messages, 0), text(&messages, 1)], [prompt.clone(), prompt.clone()]);
        assert_eq!(messages.len() > 1, stream);
        let facts = messages[0].facts.as_ref().unwrap();
        assert_eq!((facts.policy.as_str(), facts.findings["EMAIL_ADDRESS"]), ("default_pii", 1));
        assert_clean(&upstream.requests());
        assert_eq!(upstream.only().json()["messages"][0]["content"], "Write to [EMAIL_1], please");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tool_calls_are_restored_inside_their_arguments() {
    let upstream = Upstream::spawn(Behaviour::Echo { chunk: 1 }).await;
    let server = Server::before(&upstream);
    let function = proto::FunctionTool { name: "send".into(), ..Default::default() };
    let tool = proto::Tool { tool: Some(proto::tool::Tool::Function(function)) };
    let request = ProxyCompletionRequest { tools: vec![tool], ..chat(EMAIL, true) };
    let (messages, status) = complete(&server, request).await;
    assert!(status.is_none(), "{status:?}");
    assert_eq!(text(&messages, 0), format!("{{\"text\":\"{EMAIL}\"}}"));
    assert_clean(&upstream.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_reach_the_model_and_the_guards_own_metadata_does_not() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let mut request = Request::new(chat("hello", false));
    for (key, value) in
        [("authorization", "Bearer invented"), ("x-user-id", "u-1"), ("x-guard-policy", "pci_dss")]
    {
        request.metadata_mut().insert(key, value.parse().unwrap());
    }
    client(&server).await.proxy_completion(request).await.unwrap();
    let Recorded { headers, .. } = upstream.only();
    assert_eq!(headers["authorization"], "Bearer invented");
    assert!(!headers.contains_key("x-user-id") && !headers.contains_key("x-guard-policy"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_models_own_error_keeps_its_words() {
    let body = r#"{"error":{"message":"no such model","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#;
    let behaviour = Behaviour::Fixed(404, "application/json", body.to_owned());
    let upstream = Upstream::spawn(behaviour).await;
    let server = Server::before(&upstream);
    let (_, status) = complete(&server, chat("hello", true)).await;
    let status = status.unwrap();
    assert_eq!(status.code(), Code::NotFound);
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.metadata["upstream_message"].as_str()),
        ("UPSTREAM_ERROR", "no such model")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_dies_loses_nothing_of_what_it_said() {
    let event = r#"data: {"choices":[{"index":0,"delta":{"content":"before"}}]}"#;
    let upstream = Upstream::spawn(Behaviour::DieAfter(format!("{event}\n\n").into_bytes())).await;
    let server = Server::before(&upstream);
    let (messages, status) = complete(&server, chat("hello", true)).await;
    assert_eq!(text(&messages, 0), "before");
    assert_eq!(status.unwrap().code(), Code::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_is_kept_while_the_model_hangs() {
    let upstream = Upstream::spawn(Behaviour::Hang).await;
    let server = Server::before(&upstream);
    let mut request = Request::new(chat("hello", false));
    request.metadata_mut().insert("grpc-timeout", "300m".parse().unwrap());
    let begun = Instant::now();
    let status = client(&server).await.proxy_completion(request).await.unwrap_err();
    // The client keeps the same deadline: whichever side sees it first ends the call.
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status:?}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

/// h2 ends a connection on which too many small frames wait to be read; the listener's windows prevent it.
#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_scan_of_many_short_texts_gets_through() {
    const COUNT: usize = 3000;
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let elements = (0..COUNT).map(|number| proto::ScanStreamRequest {
        id: number.to_string(),
        request: Some(proto::ScanRequest { texts: vec![EMAIL.into()], ..Default::default() }),
    });
    let answers = client(&server).await.scan_stream(tokio_stream::iter(elements)).await.unwrap();
    let mut answers = answers.into_inner();
    let mut next = 0_usize;
    while let Some(answer) = answers.message().await.unwrap() {
        assert_eq!(answer.id, next.to_string());
        let Some(Outcome::Response(response)) = answer.outcome else { panic!("a failure") };
        assert_eq!(response.results[0].findings[0].entity_type, "EMAIL_ADDRESS");
        next += 1;
    }
    assert_eq!(next, COUNT);
}
