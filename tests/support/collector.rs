//! A real OTLP receiver: the three gRPC services as tonic serves them, and the three HTTP paths. Keeps all it is sent.

use axum::{Router, body::Bytes, extract::Request as HttpRequest, http::HeaderMap};
use opentelemetry_proto::tonic::collector::{
    logs::v1::{
        ExportLogsServiceRequest, ExportLogsServiceResponse,
        logs_service_server::{LogsService, LogsServiceServer},
    },
    metrics::v1::{
        ExportMetricsServiceRequest, ExportMetricsServiceResponse,
        metrics_service_server::{MetricsService, MetricsServiceServer},
    },
    trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
};
use opentelemetry_proto::tonic::{logs::v1::LogRecord, metrics::v1::Metric, trace::v1::Span};
use prost::Message;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, task::JoinSet};
use tonic::{Request, Response, Status, async_trait, service::Routes};

/// A running collector; stops when it is dropped.
#[derive(Debug)]
pub(crate) struct Collector {
    address: SocketAddr,
    kept: Kept,
    _tasks: JoinSet<()>,
}

/// What has arrived.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Arrived>>);

#[derive(Debug, Default)]
struct Arrived {
    traces: Vec<ExportTraceServiceRequest>,
    metrics: Vec<ExportMetricsServiceRequest>,
    logs: Vec<ExportLogsServiceRequest>,
    headers: Vec<HeaderMap>,
    /// Protobuf keeps strings as they are.
    bytes: Vec<u8>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let kept = Kept::default();
        let routes = Routes::new(TraceServiceServer::new(kept.clone()))
            .add_service(MetricsServiceServer::new(kept.clone()))
            .add_service(LogsServiceServer::new(kept.clone()));
        let by_http = kept.clone();
        let http = move |request: HttpRequest| {
            let kept = by_http.clone();
            async move { kept.take_http(request).await }
        };
        let router: Router = routes.into_axum_router();
        let router = ["traces", "metrics", "logs"].into_iter().fold(router, |router, signal| {
            router.route(&format!("/v1/{signal}"), axum::routing::post(http.clone()))
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, kept, _tasks: tasks }
    }

    /// For `telemetry.otlp_endpoint` and `OTEL_EXPORTER_OTLP_ENDPOINT`, whatever the protocol.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All bytes that have arrived, as text.
    pub(crate) fn received(&self) -> String {
        String::from_utf8_lossy(&self.kept.0.lock().unwrap().bytes).into_owned()
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let arrived = self.kept.0.lock().unwrap();
        let resources = arrived.traces.iter().flat_map(|it| &it.resource_spans);
        resources.flat_map(|it| &it.scope_spans).flat_map(|it| it.spans.clone()).collect()
    }

    pub(crate) fn records(&self) -> Vec<LogRecord> {
        let arrived = self.kept.0.lock().unwrap();
        let resources = arrived.logs.iter().flat_map(|it| &it.resource_logs);
        resources.flat_map(|it| &it.scope_logs).flat_map(|it| it.log_records.clone()).collect()
    }

    /// The metrics of the last message.
    pub(crate) fn metrics(&self) -> Vec<Metric> {
        let arrived = self.kept.0.lock().unwrap();
        let resources = arrived.metrics.last().into_iter().flat_map(|it| &it.resource_metrics);
        resources.flat_map(|it| &it.scope_metrics).flat_map(|it| it.metrics.clone()).collect()
    }

    /// The headers of every message.
    pub(crate) fn headers(&self) -> Vec<HeaderMap> {
        self.kept.0.lock().unwrap().headers.clone()
    }
}

impl Kept {
    fn note(&self, headers: HeaderMap, message: &impl Message) {
        let mut arrived = self.0.lock().unwrap();
        arrived.headers.push(headers);
        arrived.bytes.extend(message.encode_to_vec());
    }

    async fn take_http(self, request: HttpRequest) -> Bytes {
        assert_eq!(request.headers()["content-type"], "application/x-protobuf");
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        match head.uri.path() {
            "/v1/traces" => self.traces(head.headers, Message::decode(body).unwrap()),
            "/v1/metrics" => self.metrics(head.headers, Message::decode(body).unwrap()),
            _ => self.logs(head.headers, Message::decode(body).unwrap()),
        }
        Bytes::new()
    }

    fn traces(&self, headers: HeaderMap, message: ExportTraceServiceRequest) {
        self.note(headers, &message);
        self.0.lock().unwrap().traces.push(message);
    }

    fn metrics(&self, headers: HeaderMap, message: ExportMetricsServiceRequest) {
        self.note(headers, &message);
        self.0.lock().unwrap().metrics.push(message);
    }

    fn logs(&self, headers: HeaderMap, message: ExportLogsServiceRequest) {
        self.note(headers, &message);
        self.0.lock().unwrap().logs.push(message);
    }
}

#[async_trait]
impl TraceService for Kept {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.traces(request.metadata().clone().into_headers(), request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[async_trait]
impl MetricsService for Kept {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.metrics(request.metadata().clone().into_headers(), request.into_inner());
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

#[async_trait]
impl LogsService for Kept {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.logs(request.metadata().clone().into_headers(), request.into_inner());
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}
