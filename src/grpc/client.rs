//! A client of our own service, for the demo: it goes over the wire like any other.

use super::proto::{
    ChatMessage, ProxyCompletionRequest, chat_message::Body, guard_client::GuardClient,
};
use std::net::SocketAddr;
use tonic::{Request, transport::Endpoint};

/// Sends one user message through `ProxyCompletion`, streamed, and returns the whole answer.
///
/// # Errors
/// If the server does not answer or the call fails.
pub async fn complete_once(
    guard: SocketAddr,
    model: &str,
    text: &str,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let channel = Endpoint::try_from(format!("http://{guard}"))?.connect().await?;
    let mut client = GuardClient::new(channel);
    let request = ProxyCompletionRequest {
        model: model.to_owned(),
        messages: vec![ChatMessage {
            role: "user".to_owned(),
            body: Some(Body::Content(text.to_owned())),
            ..ChatMessage::default()
        }],
        stream: true,
        ..ProxyCompletionRequest::default()
    };
    let mut parts = client.proxy_completion(Request::new(request)).await?.into_inner();
    let mut answer = String::new();
    while let Some(part) = parts.message().await? {
        let deltas = part.choices.into_iter().filter_map(|choice| choice.delta);
        deltas.for_each(|delta| answer.push_str(&delta.content));
    }
    Ok(answer)
}
