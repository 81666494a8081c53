//! Both facades in front of one stack: the same fault gets the same answer, each in its own words.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use prompt_guard::{
    call::{Call, Error, Kind, Reply},
    detect::{EntityType, Unread},
    grpc::{self, GrpcConfig, proto},
    rest::{MetricsText, Readiness, Rest, RestConfig, Serves},
    stack::Stack,
};
use std::time::Duration;
use tonic::Code;
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

/// An error of each kind; the compiler asks for those to come.
fn error(kind: Kind) -> Error {
    let message = "what to do".to_owned();
    match kind {
        Kind::Invalid => Error::Invalid { param: Some("texts".to_owned()), message },
        Kind::Blocked => Error::Blocked {
            policy: "pci_dss".into(),
            entity_type: EntityType::builtin("CREDIT_CARD"),
        },
        Kind::Unauthenticated => Error::Unauthenticated { message },
        Kind::Forbidden => Error::Forbidden { message, code: "forbidden" },
        Kind::NotFound => Error::NotFound { message, param: Some("policy") },
        Kind::TooLarge => Error::TooLarge { limit_bytes: 10 },
        Kind::RateLimited => {
            Error::RateLimited { retry_after: Duration::from_millis(1500), limit: 60 }
        }
        Kind::Overloaded => Error::Overloaded,
        Kind::StateUnavailable => Error::StateUnavailable("the cause".into()),
        Kind::DetectionUnavailable => {
            Error::DetectionUnavailable(Unread { model: "ner".into(), reason: "r".into() })
        }
        Kind::NotCached => Error::NotCached,
        Kind::UpstreamUnreachable => Error::UpstreamUnreachable("the cause".into()),
        Kind::UpstreamBadAnswer => Error::UpstreamBadAnswer { reason: "not JSON".to_owned() },
        Kind::UpstreamTimeout => Error::UpstreamTimeout,
        Kind::UpstreamUnavailable => {
            Error::UpstreamUnavailable { retry_after: Duration::from_millis(1500) }
        }
        Kind::Internal => Error::Internal("the cause".into()),
    }
}

/// The error table of the design: status and code of REST, code and reason of gRPC.
const TABLE: [(Kind, u16, Option<&str>, Code, &str); 16] = [
    (Kind::Invalid, 400, None, Code::InvalidArgument, "INVALID_REQUEST"),
    (Kind::Blocked, 400, Some("content_blocked"), Code::FailedPrecondition, "CONTENT_BLOCKED"),
    (Kind::Unauthenticated, 401, Some("invalid_api_key"), Code::Unauthenticated, "INVALID_API_KEY"),
    (Kind::Forbidden, 403, Some("forbidden"), Code::PermissionDenied, "FORBIDDEN"),
    (Kind::NotFound, 404, Some("not_found"), Code::NotFound, "NOT_FOUND"),
    (Kind::TooLarge, 413, Some("request_too_large"), Code::ResourceExhausted, "REQUEST_TOO_LARGE"),
    (
        Kind::RateLimited,
        429,
        Some("rate_limit_exceeded"),
        Code::ResourceExhausted,
        "RATE_LIMIT_EXCEEDED",
    ),
    (Kind::Overloaded, 503, Some("overloaded"), Code::Unavailable, "OVERLOADED"),
    (
        Kind::StateUnavailable,
        503,
        Some("state_unavailable"),
        Code::Unavailable,
        "STATE_UNAVAILABLE",
    ),
    (
        Kind::DetectionUnavailable,
        503,
        Some("detection_unavailable"),
        Code::Unavailable,
        "DETECTION_UNAVAILABLE",
    ),
    (Kind::NotCached, 504, Some("not_cached"), Code::NotFound, "NOT_CACHED"),
    (
        Kind::UpstreamUnreachable,
        502,
        Some("upstream_unreachable"),
        Code::Unavailable,
        "UPSTREAM_UNREACHABLE",
    ),
    (
        Kind::UpstreamBadAnswer,
        502,
        Some("upstream_bad_answer"),
        Code::Unavailable,
        "UPSTREAM_BAD_ANSWER",
    ),
    (
        Kind::UpstreamTimeout,
        504,
        Some("upstream_timeout"),
        Code::DeadlineExceeded,
        "UPSTREAM_TIMEOUT",
    ),
    (
        Kind::UpstreamUnavailable,
        503,
        Some("upstream_unavailable"),
        Code::Unavailable,
        "UPSTREAM_UNAVAILABLE",
    ),
    (Kind::Internal, 500, Some("internal_error"), Code::Internal, "INTERNAL_ERROR"),
];

fn failing(kind: Kind) -> Stack {
    Stack::new(tower::service_fn(move |_: Call| async move { Err::<Reply, _>(error(kind)) }))
}

/// Status, message, code, parameter and time to wait, as a REST client reads them.
async fn over_rest(stack: Stack) -> (u16, String, Option<String>, String, Option<u64>) {
    let rest =
        Rest::new(RestConfig::default(), stack, Readiness::default(), MetricsText::default());
    let scan = Request::post("/guard/v1/scan").body(Body::from(r#"{"texts":["a"]}"#)).unwrap();
    let answer = rest.router(Serves::All).oneshot(scan).await.unwrap();
    let status = answer.status().as_u16();
    let wait = answer.headers().get("retry-after").map(|v| v.to_str().unwrap().parse().unwrap());
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let text = |name: &str| body["error"][name].as_str().map(str::to_owned);
    (status, text("message").unwrap(), text("code"), text("param").unwrap_or_default(), wait)
}

/// Code, message, reason, field and time to wait, as a gRPC client reads them.
async fn over_grpc(stack: Stack) -> (Code, String, String, String, Option<Duration>) {
    let ready = tokio::sync::watch::channel(true).1;
    let routes = grpc::service(stack, ready, &GrpcConfig::default());
    let mut client = proto::guard_client::GuardClient::new(routes);
    let request = proto::ScanRequest { texts: vec!["a".to_owned()], ..Default::default() };
    let status = client.scan(request).await.unwrap_err();
    let details = status.get_error_details();
    let field = details.bad_request().and_then(|bad| bad.field_violations.first());
    (
        status.code(),
        status.message().to_owned(),
        details.error_info().unwrap().reason.clone(),
        field.map(|violation| violation.field.clone()).unwrap_or_default(),
        details.retry_info().and_then(|info| info.retry_delay),
    )
}

#[tokio::test]
async fn the_same_fault_gets_the_same_answer() {
    assert_eq!(TABLE.map(|row| row.0), Kind::ALL);
    for (kind, status, code, grpc_code, reason) in TABLE {
        let rest = over_rest(failing(kind)).await;
        let grpc = over_grpc(failing(kind)).await;
        assert_eq!((rest.0, rest.2.as_deref()), (status, code), "{kind:?}");
        assert_eq!((grpc.0, grpc.2.as_str()), (grpc_code, reason), "{kind:?}");
        assert_eq!(rest.1, grpc.1, "{kind:?}: messages");
        assert!(!rest.1.contains("the cause"), "{kind:?}: {}", rest.1);
        assert_eq!(rest.3, grpc.3, "{kind:?}: the field at fault");
        // HTTP counts whole seconds; neither says to come back before the other does.
        let seconds = grpc.4.map(|wait| wait.as_millis().div_ceil(1000));
        assert_eq!(rest.4.map(u128::from), seconds, "{kind:?}: time to wait");
    }
}
