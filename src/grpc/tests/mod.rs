//! The facade over stacks that answer as each test wants, called by the generated client.

mod calls;
mod completions;
mod room;
mod surroundings;

use super::{
    GrpcConfig, Stack,
    proto::{self, guard_client::GuardClient},
    service,
};
use crate::{
    call::{Call, Error, Reply},
    detect::{EntityType, Finding, Score, Span, Unread},
    engine::{Judged, Scanned, Verdict},
};
use std::{
    future::Future,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use tonic::{
    Status,
    service::Routes,
    transport::{Channel, Server as Transport, server::TcpIncoming},
};
use tonic_types::StatusExt as _;
use tower::util::BoxCloneSyncService;

/// The limit for messages in these tests.
const LIMIT_BYTES: usize = 4096;

/// A stack that answers with what `serve` makes of a call.
fn stack<F>(serve: impl Fn(Call) -> F + Clone + Send + Sync + 'static) -> Stack
where
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    BoxCloneSyncService::new(tower::service_fn(serve))
}

/// A stack that gives the same kind of answer at once, and the calls that it saw.
fn recording(
    reply: impl Fn() -> Result<Reply, Error> + Clone + Send + Sync + 'static,
) -> (Stack, Arc<Mutex<Vec<Call>>>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = calls.clone();
    let stack = stack(move |call| {
        seen.lock().unwrap().push(call);
        std::future::ready(reply())
    });
    (stack, calls)
}

fn config() -> GrpcConfig {
    GrpcConfig { max_message_bytes: LIMIT_BYTES, ..GrpcConfig::default() }
}

/// A client that calls the services without a connection in between, so that only the server's clock counts.
fn direct(stack: Stack) -> GuardClient<Routes> {
    GuardClient::new(service(stack, watch::channel(true).1, &config()))
}

/// A server on a port of its own. Dropping it stops it.
struct Server {
    channel: Channel,
    ready: watch::Sender<bool>,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn start(stack: Stack) -> Self {
        let (ready, readiness) = watch::channel(true);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = Transport::builder()
            .add_routes(service(stack, readiness, &config()))
            .serve_with_incoming(TcpIncoming::from(listener));
        let mut tasks = JoinSet::new();
        tasks.spawn(async { serving.await.unwrap() });
        let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        Self { channel, ready, _tasks: tasks }
    }

    fn client(&self) -> GuardClient<Channel> {
        GuardClient::new(self.channel.clone())
    }
}

fn scan_request(texts: &[&str]) -> proto::ScanRequest {
    proto::ScanRequest {
        texts: texts.iter().map(|&t| t.to_owned()).collect(),
        ..Default::default()
    }
}

/// A text in which bytes `start..end` were found.
fn scanned(text: &str, start: usize, end: usize) -> Scanned {
    let finding = Finding {
        entity_type: EntityType::builtin("EMAIL_ADDRESS"),
        span: Span::of(text, start, end).unwrap(),
        score: Score::new(0.75),
        recognizer: "email".into(),
    };
    let judged = Judged { finding, operator: "replace", redacted: None };
    Scanned { findings: vec![judged], verdict: Verdict::Redact }
}

/// The field that a status names as at fault.
fn field(status: &Status) -> String {
    let details = status.get_error_details();
    let violations =
        details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    violations.first().map(|violation| violation.field.clone()).unwrap_or_default()
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// Notifies its receiver when it is dropped.
struct DropSignal(
    #[expect(dead_code, reason = "held for its drop")] tokio::sync::oneshot::Sender<()>,
);

fn drop_signal() -> (Arc<Mutex<Option<DropSignal>>>, tokio::sync::oneshot::Receiver<()>) {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    (Arc::new(Mutex::new(Some(DropSignal(sender)))), receiver)
}
