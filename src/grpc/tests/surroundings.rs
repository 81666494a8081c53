//! Health, reflection, and what is no method of ours.

use super::*;
use std::collections::BTreeSet;
use tonic::{Code, Request};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

fn idle() -> Stack {
    stack(|_| std::future::ready(Err(Error::Overloaded)))
}

fn about(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

#[tokio::test]
async fn health_follows_readiness() {
    let server = Server::start(idle()).await;
    let mut health = HealthClient::new(server.channel.clone());
    for (ready, expected) in [(true, ServingStatus::Serving), (false, ServingStatus::NotServing)] {
        server.ready.send_replace(ready);
        for name in ["", "promptguard.v1.Guard"] {
            assert_eq!(health.check(about(name)).await.unwrap().into_inner().status(), expected);
        }
    }
    assert_eq!(health.check(about("other")).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn health_is_watched_until_it_changes() {
    let server = Server::start(idle()).await;
    let mut health = HealthClient::new(server.channel.clone());
    let mut states = health.watch(about("")).await.unwrap().into_inner();
    assert_eq!(states.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    server.ready.send_replace(true);
    server.ready.send_replace(false);
    assert_eq!(states.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    let mut unknown = health.watch(about("other")).await.unwrap().into_inner();
    assert_eq!(unknown.message().await.unwrap().unwrap().status(), ServingStatus::ServiceUnknown);
}

/// What reflection must list, in both versions.
const SERVICES: [&str; 4] = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "promptguard.v1.Guard",
];

/// The same test for both versions, whose types have the same names.
macro_rules! reflection_test {
    ($name:ident, $version:ident) => {
        #[tokio::test]
        async fn $name() {
            use tonic_reflection::pb::$version::{
                ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
                server_reflection_request::MessageRequest,
                server_reflection_response::MessageResponse,
            };
            let server = Server::start(idle()).await;
            let mut client = ServerReflectionClient::new(server.channel.clone());
            let ask = |question| ServerReflectionRequest {
                host: String::new(),
                message_request: Some(question),
            };
            let symbol = |name: &str| ask(MessageRequest::FileContainingSymbol(name.to_owned()));
            let questions = vec![
                ask(MessageRequest::ListServices(String::new())),
                symbol("promptguard.v1.Guard"),
                symbol("google.protobuf.Struct"),
            ];
            let answers = client.server_reflection_info(tokio_stream::iter(questions)).await;
            let mut answers = answers.unwrap().into_inner();
            let MessageResponse::ListServicesResponse(list) =
                answers.message().await.unwrap().unwrap().message_response.unwrap()
            else {
                panic!("no list")
            };
            let names: BTreeSet<String> =
                list.service.into_iter().map(|service| service.name).collect();
            assert_eq!(names.into_iter().collect::<Vec<_>>(), SERVICES);
            for _ in 0..2 {
                let answer = answers.message().await.unwrap().unwrap().message_response.unwrap();
                assert!(matches!(answer, MessageResponse::FileDescriptorResponse(_)));
            }
        }
    };
}

reflection_test!(reflection_v1_lists_everything, v1);
reflection_test!(reflection_v1alpha_lists_everything, v1alpha);

#[tokio::test]
async fn an_unknown_method_is_unimplemented() {
    for path in ["/promptguard.v1.Guard/Guess", "/other.Service/Method", "/"] {
        let routes = service(idle(), watch::channel(true).1, &config());
        let mut client = tonic::client::Grpc::new(routes);
        client.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<proto::ScanRequest, proto::ScanResponse>::default();
        let path = http::uri::PathAndQuery::from_static(path);
        let status =
            client.unary(Request::new(scan_request(&["x"])), path, codec).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented);
    }
}

#[test]
fn debug_output_hides_texts() {
    let shown = format!(
        "{:?} {:?}",
        scan_request(&["ann@example.org"]),
        Request::new(scan_request(&["ann@example.org"]))
    );
    assert!(shown.starts_with("ScanRequest(17 bytes)") && !shown.contains("ann"), "{shown}");
}
