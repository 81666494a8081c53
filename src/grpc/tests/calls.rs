//! Scan, redact, restore, policies and sessions; faults, limits, deadlines.

use super::*;
use crate::{
    call::{Kind, PolicySummary, RedactReply, RestoreReply, SessionId, Task},
    engine::RedactedText,
    sensitive::Sensitive,
};
use proto::scan_stream_response::Outcome;
use std::time::Duration;
use tonic::{Code, Request};

const TEXT: &str = "€𝄞 ann@example.org";

#[tokio::test]
async fn a_scan_tells_places_in_the_unit_of_the_request() {
    let (stack, calls) = recording(|| Ok(Reply::Scanned(vec![scanned(TEXT, 8, TEXT.len())])));
    let mut client = direct(stack);
    for (unit, start, end) in [
        (proto::OffsetUnit::Unspecified, 3, 18),
        (proto::OffsetUnit::UnicodeScalars, 3, 18),
        (proto::OffsetUnit::Utf8Bytes, 8, 23),
        (proto::OffsetUnit::Utf16Units, 4, 19),
    ] {
        let request = proto::ScanRequest { offsets: unit.into(), ..scan_request(&[TEXT]) };
        let answer = client.scan(request).await.unwrap().into_inner();
        let finding = &answer.results[0].findings[0];
        assert_eq!((finding.start, finding.end), (start, end), "{unit:?}");
        assert_eq!(
            (finding.entity_type.as_str(), finding.recognizer.as_str()),
            ("EMAIL_ADDRESS", "email")
        );
        assert_eq!(
            (finding.score, finding.operator.as_str(), finding.redacted_start),
            (0.75, "replace", None)
        );
        assert_eq!(answer.results[0].verdict(), proto::Verdict::Redact);
    }
    let Task::Scan(scan) = &calls.lock().unwrap()[0].task else { panic!("not a scan") };
    assert_eq!(scan.texts, [Sensitive::new(TEXT)]);
}

#[tokio::test]
async fn a_scan_passes_on_what_narrows_it() {
    let (stack, calls) = recording(|| Ok(Reply::Scanned(vec![])));
    let request = proto::ScanRequest {
        policy: "pci_dss".into(),
        entities: vec!["SSN".into()],
        min_score: Some(0.5),
        ..scan_request(&["x"])
    };
    direct(stack).scan(request).await.unwrap();
    let call = &calls.lock().unwrap()[0];
    assert_eq!(call.policy.as_deref(), Some("pci_dss"));
    let Task::Scan(scan) = &call.task else { panic!("not a scan") };
    assert_eq!(scan.narrowing.entities, [EntityType::builtin("US_SSN")]);
    assert_eq!(scan.narrowing.min_score, Some(0.5));
}

fn redacted() -> Reply {
    let text = "€ [EMAIL_1]";
    let mut scanned = scanned(TEXT, 8, TEXT.len());
    scanned.findings[0].redacted = Span::of(text, 4, text.len());
    Reply::Redacted(RedactReply {
        results: vec![RedactedText { text: Sensitive::new(text), scanned }],
        session: SessionId::parse("s-1"),
        mapping: vec![("[EMAIL_1]".into(), Sensitive::new("ann@example.org"))],
    })
}

#[tokio::test]
async fn a_redaction_tells_both_places_and_the_mapping_only_if_asked() {
    let (stack, calls) = recording(|| Ok(redacted()));
    let mut client = direct(stack);
    let request = proto::RedactRequest {
        texts: vec![TEXT.into()],
        session: "s-0".into(),
        keep_mapping: true,
        ..Default::default()
    };
    let answer = client.redact(request.clone()).await.unwrap().into_inner();
    let result = &answer.results[0];
    let finding = &result.findings[0];
    assert_eq!(result.text, "€ [EMAIL_1]");
    assert_eq!((finding.start, finding.end), (3, 18));
    assert_eq!((finding.redacted_start, finding.redacted_end), (Some(2), Some(11)));
    assert_eq!((answer.session.as_str(), answer.mapping.len()), ("s-1", 0));

    let request = proto::RedactRequest { return_mapping: true, ..request };
    let answer = client.redact(request).await.unwrap().into_inner();
    assert_eq!(answer.mapping[0].original, "ann@example.org");

    let Task::Redact(redact) = &calls.lock().unwrap()[0].task else { panic!("not a redaction") };
    assert_eq!((redact.session.clone(), redact.keep_mapping), (SessionId::parse("s-0"), true));
}

#[tokio::test]
async fn a_restoration_goes_by_session_and_mapping() {
    let reply = || RestoreReply { texts: vec![Sensitive::new("ann@example.org")], restored: 1 };
    let (stack, calls) = recording(move || Ok(Reply::Restored(reply())));
    let entry =
        proto::MappingEntry { placeholder: "[EMAIL_1]".into(), original: "ann@example.org".into() };
    let request = proto::RestoreRequest {
        texts: vec!["[EMAIL_1]".into()],
        session: String::new(),
        mapping: vec![entry],
    };
    let mut request = Request::new(request);
    request.metadata_mut().insert("x-guard-session", "s-1".parse().unwrap());
    let answer = direct(stack).restore(request).await.unwrap().into_inner();
    assert_eq!((answer.texts[0].as_str(), answer.restored), ("ann@example.org", 1));
    let Task::Restore(restore) = &calls.lock().unwrap()[0].task else {
        panic!("not a restoration")
    };
    assert_eq!(restore.session, SessionId::parse("s-1"));
    assert_eq!(restore.mapping, [("[EMAIL_1]".into(), Sensitive::new("ann@example.org"))]);
}

#[tokio::test]
async fn policies_are_listed_and_sessions_deleted() {
    let summary = || PolicySummary {
        name: "default_pii".into(),
        description: "d".into(),
        version: "v".into(),
        entity_types: vec![EntityType::builtin("PERSON")],
        is_default: true,
    };
    let serve = stack(move |call: Call| {
        let is_list = matches!(call.task, Task::ListPolicies);
        let list = || Reply::Policies(vec![summary()]);
        std::future::ready(Ok(if is_list { list() } else { Reply::SessionDeleted }))
    });
    let mut client = direct(serve);
    let answer = client.list_policies(proto::ListPoliciesRequest {}).await.unwrap().into_inner();
    assert_eq!(answer.policies[0].entity_types, ["PERSON"]);
    client.delete_session(proto::DeleteSessionRequest { session: "s-1".into() }).await.unwrap();
    let status = client.delete_session(proto::DeleteSessionRequest::default()).await.unwrap_err();
    assert_eq!((status.code(), field(&status).as_str()), (Code::InvalidArgument, "session"));
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named() {
    let (stack, calls) = recording(|| Ok(Reply::Scanned(vec![])));
    let mut client = direct(stack);
    let good = scan_request(&["x"]);
    let wrong = [
        ("texts", proto::ScanRequest::default()),
        ("offsets", proto::ScanRequest { offsets: 99, ..good.clone() }),
        (
            "entities[1]",
            proto::ScanRequest {
                entities: vec!["PERSON".into(), "no type".into()],
                ..good.clone()
            },
        ),
        ("min_score", proto::ScanRequest { min_score: Some(1.5), ..good.clone() }),
        ("min_score", proto::ScanRequest { min_score: Some(f32::NAN), ..good }),
    ];
    for (expected, request) in wrong {
        let status = client.scan(request).await.unwrap_err();
        assert_eq!((status.code(), field(&status).as_str()), (Code::InvalidArgument, expected));
    }
    let session = "no spaces".to_owned();
    let request = proto::RedactRequest { texts: vec!["x".into()], session, ..Default::default() };
    assert_eq!(field(&client.redact(request).await.unwrap_err()), "session");
    assert!(calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn more_texts_than_allowed_are_refused() {
    let (stack, _) = recording(|| Ok(Reply::Scanned(vec![])));
    let config = GrpcConfig::default();
    let mut client = GuardClient::new(service(stack, watch::channel(true).1, &config));
    assert!(client.scan(scan_request(&vec!["x"; 10_000])).await.is_ok());
    let status = client.scan(scan_request(&vec!["x"; 10_001])).await.unwrap_err();
    assert_eq!(field(&status), "texts");
}

fn sample(kind: Kind) -> Error {
    let message = "m".to_owned();
    match kind {
        Kind::Invalid => Error::Invalid { param: Some("texts".into()), message },
        Kind::Blocked => {
            Error::Blocked { policy: "p".into(), entity_type: EntityType::builtin("US_SSN") }
        }
        Kind::Unauthenticated => Error::Unauthenticated { message },
        Kind::Forbidden => Error::Forbidden { message, code: "unguarded_endpoint" },
        Kind::NotFound => Error::NotFound { message, param: Some("policy") },
        Kind::TooLarge => Error::TooLarge { limit_bytes: 1 },
        Kind::RateLimited => Error::RateLimited { retry_after: Duration::from_secs(2), limit: 1 },
        Kind::Overloaded => Error::Overloaded,
        Kind::StateUnavailable => Error::StateUnavailable("cause".into()),
        Kind::DetectionUnavailable => {
            Error::DetectionUnavailable(Unread { model: "ner".into(), reason: "r".into() })
        }
        Kind::NotCached => Error::NotCached,
        Kind::UpstreamUnreachable => Error::UpstreamUnreachable("cause".into()),
        Kind::UpstreamBadAnswer => Error::UpstreamBadAnswer { reason: "r".into() },
        Kind::UpstreamTimeout => Error::UpstreamTimeout,
        Kind::UpstreamUnavailable => {
            Error::UpstreamUnavailable { retry_after: Duration::from_secs(2) }
        }
        Kind::Internal => Error::Internal("cause".into()),
    }
}

#[tokio::test]
async fn every_kind_of_error_arrives_with_code_reason_and_request_id() {
    for kind in Kind::ALL {
        let (stack, _) = recording(move || Err(sample(kind)));
        let mut request = Request::new(scan_request(&["x"]));
        let id = "0af7651916cd43dd8448eb211c80319c";
        request.metadata_mut().insert("x-request-id", id.parse().unwrap());
        let status = direct(stack).scan(request).await.unwrap_err();
        assert_eq!(status.code(), super::super::fault::code(kind), "{kind:?}");
        assert_eq!(status.message(), sample(kind).to_string());
        assert!(!reason(&status).is_empty());
        assert!(!status.message().contains("cause"));
        assert_eq!(status.metadata().get("x-request-id").unwrap(), id);
    }
}

#[tokio::test]
async fn a_bulk_scan_goes_on_after_a_failure() {
    let serve = stack(|call: Call| {
        let Task::Scan(scan) = call.task else { panic!("not a scan") };
        let text = scan.texts[0].expose().clone();
        std::future::ready(match text.as_str() {
            "limited" => Err(sample(Kind::RateLimited)),
            text => Ok(Reply::Scanned(vec![scanned(text, 0, text.len())])),
        })
    });
    let server = Server::start(serve).await;
    let element = |id: &str, request| proto::ScanStreamRequest { id: id.into(), request };
    let elements = vec![
        element("a", Some(scan_request(&["one"]))),
        element("b", Some(scan_request(&["limited"]))),
        element("c", None),
        element("d", Some(scan_request(&["three"]))),
    ];
    let answers = server.client().scan_stream(tokio_stream::iter(elements)).await.unwrap();
    let mut answers = answers.into_inner();
    let mut told = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        told.push(match answer.outcome.unwrap() {
            Outcome::Response(response) => {
                format!("{} {}", answer.id, response.results[0].findings[0].end)
            }
            Outcome::Failure(failure) => {
                format!(
                    "{} {} {} {}",
                    answer.id, failure.reason, failure.field, failure.retry_after_ms
                )
            }
        });
    }
    assert_eq!(told, ["a 3", "b RATE_LIMIT_EXCEEDED  2000", "c INVALID_REQUEST request 0", "d 5"]);
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_in_both_directions() {
    let (small, _) = recording(|| Ok(Reply::Scanned(vec![])));
    let request = scan_request(&[&"x".repeat(LIMIT_BYTES)]);
    let status = direct(small).scan(request).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::ResourceExhausted, "REQUEST_TOO_LARGE")
    );
    assert!(
        status.message().contains("4096 bytes (server.max_body_bytes)"),
        "{}",
        status.message()
    );

    let (large, _) = recording(|| Ok(Reply::Scanned(vec![scanned("x", 0, 1); 100])));
    let status = direct(large).scan(scan_request(&["x"; 100])).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::ResourceExhausted, "ANSWER_TOO_LARGE")
    );
}

/// `ScanRequest` as a client would send it whose texts are any bytes.
#[derive(Clone, PartialEq, prost::Message)]
struct RawScanRequest {
    #[prost(bytes = "vec", repeated, tag = "1")]
    texts: Vec<Vec<u8>>,
}

#[tokio::test]
async fn text_that_is_not_utf8_is_a_fault_of_the_request() {
    let (stack, _) = recording(|| Ok(Reply::Scanned(vec![])));
    let mut client = tonic::client::Grpc::new(service(stack, watch::channel(true).1, &config()));
    client.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/promptguard.v1.Guard/Scan");
    let codec = tonic_prost::ProstCodec::<RawScanRequest, proto::ScanResponse>::default();
    let request = RawScanRequest { texts: vec![vec![0xFF]] };
    let status = client.unary(Request::new(request), path, codec).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_call_and_drops_the_work() {
    let (signal, mut dropped) = drop_signal();
    let serve = stack(move |call: Call| {
        assert!(call.deadline.is_some());
        let held = signal.lock().unwrap().take();
        async move {
            std::future::pending::<()>().await;
            drop(held);
            Err(Error::Overloaded)
        }
    });
    let mut request = Request::new(scan_request(&["x"]));
    request.set_timeout(Duration::from_millis(50));
    let status = direct(serve).scan(request).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
    );
    assert!(
        dropped.try_recv().is_err_and(|e| e == tokio::sync::oneshot::error::TryRecvError::Closed)
    );
}

#[tokio::test]
async fn a_client_that_goes_away_drops_the_work() {
    let (signal, dropped) = drop_signal();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let started = Arc::new(Mutex::new(Some(started)));
    let serve = stack(move |_| {
        let held = signal.lock().unwrap().take();
        let started = started.lock().unwrap().take();
        async move {
            started.unwrap().send(()).unwrap();
            std::future::pending::<()>().await;
            drop(held);
            Err(Error::Overloaded)
        }
    });
    let server = Server::start(serve).await;
    let mut client = server.client();
    tokio::select! {
        _ = client.scan(scan_request(&["x"])) => panic!("answered"),
        result = has_started => result.unwrap(),
    }
    assert!(dropped.await.is_err());
}

#[tokio::test]
async fn a_panic_ends_one_call_only() {
    let serve = stack(|call: Call| async move {
        assert_eq!(call.policy, None, "planned");
        Ok(Reply::Scanned(vec![]))
    });
    let server = Server::start(serve).await;
    let mut client = server.client();
    let request = proto::ScanRequest { policy: "p".into(), ..scan_request(&["x"]) };
    let status = client.scan(request).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
    assert!(client.scan(scan_request(&["x"])).await.is_ok());
}

#[tokio::test]
async fn callers_are_told_apart() {
    let (stack, calls) = recording(|| Ok(Reply::Scanned(vec![])));
    let server = Server::start(stack).await;
    let mut client = server.client();
    client.scan(scan_request(&["x"])).await.unwrap();
    let mut request = Request::new(scan_request(&["x"]));
    request.metadata_mut().insert("x-user-id", "u-1".parse().unwrap());
    client.scan(request).await.unwrap();
    let calls = calls.lock().unwrap();
    let callers: Vec<&str> = calls.iter().map(|call| call.caller.expose()).collect();
    assert_eq!(callers, ["address:127.0.0.1", "user:u-1"]);
}
