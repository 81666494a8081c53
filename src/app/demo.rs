//! The demo: one sample through REST and gRPC, seen before, behind and after the guard.

use super::demo_model::{self, MODEL, Seen};
use crate::grpc;
use axum::body::Body;
use http::{Request, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use std::{
    io::{self, Write},
    net::SocketAddr,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// What the user of the demo writes. Invented, down to the number.
pub const SAMPLE: &str = "Hi, I am Jane Doe. Write to jane.doe@example.org or call +1 415 555 0132; my card is 4111 1111 1111 1111.";

/// What can go wrong in a demo.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The running demo model; stops when it is dropped.
#[derive(Debug)]
pub struct Model {
    address: SocketAddr,
    seen: Seen,
    task: JoinHandle<()>,
}

impl Model {
    /// Starts the model on a free port.
    ///
    /// # Errors
    /// If no port can be had.
    #[expect(clippy::disallowed_methods, reason = "`Drop` ends the task")]
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let seen = Seen::default();
        let router = demo_model::router(seen.clone());
        let task = tokio::spawn(async move {
            // Ends only with the task: `axum::serve` never returns.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, seen, task })
    }

    /// Its origin.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Sends the sample through both facades and writes what each side saw.
///
/// # Errors
/// If a call fails.
pub async fn show(guard: SocketAddr, model: &Model, out: &mut dyn Write) -> Result<(), Failure> {
    let answer = by_rest(guard).await?;
    views(out, "REST: POST /v1/chat/completions", &model.seen.last(), &answer)?;
    let answer = grpc::complete_once(guard, MODEL, SAMPLE).await?;
    views(
        out,
        "gRPC: promptguard.v1.Guard/ProxyCompletion, streamed",
        &model.seen.last(),
        &answer,
    )?;
    writeln!(out, "Try it yourself:")?;
    writeln!(
        out,
        "  curl http://{guard}/v1/chat/completions -H 'content-type: application/json' \\"
    )?;
    writeln!(
        out,
        "    -d '{{\"model\":\"{MODEL}\",\"messages\":[{{\"role\":\"user\",\"content\":\"I am Jane Doe, jane.doe@example.org\"}}]}}'"
    )?;
    writeln!(out, "  python: openai.OpenAI(base_url=\"http://{guard}/v1\", api_key=\"any\")")?;
    Ok(())
}

fn views(out: &mut dyn Write, way: &str, seen: &str, answer: &str) -> io::Result<()> {
    writeln!(out, "{way}")?;
    writeln!(out, "  what the user wrote:  {SAMPLE}")?;
    writeln!(out, "  what the model saw:   {seen}")?;
    writeln!(out, "  what the user got:    {answer}\n")
}

async fn by_rest(guard: SocketAddr) -> Result<String, Failure> {
    let body =
        json!({"model": MODEL, "messages": [{"role": "user", "content": SAMPLE}]}).to_string();
    let request = Request::post(format!("http://{guard}/v1/chat/completions"))
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(body))?;
    let response = Client::builder(TokioExecutor::new()).build_http().request(request).await?;
    let answer: Value = serde_json::from_slice(&response.into_body().collect().await?.to_bytes())?;
    let content = answer["choices"][0]["message"]["content"].as_str();
    content.map(str::to_owned).ok_or_else(|| format!("unexpected answer: {answer}").into())
}
