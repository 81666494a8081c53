//! The guard's own calls, as JSON.

use super::*;
use crate::{
    call::{PolicySummary, Quota, RedactReply, RestoreReply},
    detect::{Finding, Score, Span},
    engine::{Judged, RedactedText, Scanned, Verdict},
    sensitive::Sensitive,
};

fn scanned(text: &str, part: &str, redacted: Option<Span>) -> Scanned {
    let start = text.find(part).unwrap();
    let finding = Finding {
        entity_type: EntityType::builtin("EMAIL_ADDRESS"),
        span: Span::of(text, start, start + part.len()).unwrap(),
        score: Score::new(1.0),
        recognizer: "email".into(),
    };
    let findings = vec![Judged { finding, operator: "replace", redacted }];
    Scanned { findings, verdict: Verdict::Redact }
}

fn native_stack(call: Call) -> Result<Reply, Error> {
    let text = "é😀 ann@example.org";
    let found = |redacted| scanned(text, "ann@example.org", redacted);
    Ok(match call.task {
        Task::Scan(_) => Reply::Scanned(vec![found(None)]),
        Task::Redact(redact) => {
            let stand_in = "é😀 [EMAIL_1]";
            let result = RedactedText {
                text: Sensitive::new(stand_in),
                scanned: found(Span::of(stand_in, 7, 16)),
            };
            let mapping = vec![("[EMAIL_1]".to_owned(), Sensitive::new("ann@example.org"))];
            Reply::Redacted(RedactReply { results: vec![result], session: redact.session, mapping })
        }
        Task::Restore(restore) => {
            let restored = restore.mapping.len() as u64;
            Reply::Restored(RestoreReply { texts: restore.texts, restored })
        }
        Task::ListPolicies => Reply::Policies(vec![PolicySummary {
            name: "default_pii".into(),
            description: "d".into(),
            version: "v1".into(),
            entity_types: vec![EntityType::builtin("PERSON")],
            is_default: true,
        }]),
        Task::DeleteSession(_) => Reply::SessionDeleted,
        Task::ReadQuota => {
            Reply::Quota(Quota { limit: Some(60), remaining: 59, reset: Duration::from_secs(1) })
        }
        Task::Complete(_) => return whole(call),
    })
}

#[tokio::test]
async fn native_calls_answer_the_messages_of_the_proto() {
    let limit = RestConfig { max_body_bytes: 1000, ..RestConfig::default() };
    let (router, _) = facade_with(limit, native_stack);
    let found = |start: usize, end: usize, more: &str| {
        format!(
            r#"{{"entity_type":"EMAIL_ADDRESS","start":{start},"end":{end},"score":1.0,"recognizer":"email","operator":"replace"{more}}}"#
        )
    };
    let scan = |start, end| {
        format!(
            r#"{{"results":[{{"findings":[{}],"verdict":"VERDICT_REDACT"}}]}}"#,
            found(start, end, "")
        )
    };
    let redact = |rest: &str| {
        let finding = found(3, 18, r#","redacted_start":3,"redacted_end":12"#);
        format!(
            r#"{{"results":[{{"text":"é😀 [EMAIL_1]","findings":[{finding}],"verdict":"VERDICT_REDACT"}}],{rest}}}"#
        )
    };
    let text = r#""texts":["é😀 ann@example.org"]"#;
    let cases = [
        ("POST", "scan", format!("{{{text}}}"), scan(3, 18)),
        ("POST", "scan", format!(r#"{{{text},"offsets":"OFFSET_UNIT_UTF8_BYTES"}}"#), scan(7, 22)),
        ("POST", "scan", format!(r#"{{{text},"offsets":"UTF16","minScore":"0.5"}}"#), scan(4, 19)),
        ("POST", "redact", format!(r#"{{{text},"session":"s-1"}}"#), redact(r#""session":"s-1","mapping":[]"#)),
        (
            "POST",
            "redact",
            format!(r#"{{{text},"returnMapping":true}}"#),
            redact(r#""session":"","mapping":[{"placeholder":"[EMAIL_1]","original":"ann@example.org"}]"#),
        ),
        (
            "POST",
            "restore",
            r#"{"texts":["a"],"mapping":[{"placeholder":"[X_1]","original":"b"}]}"#.to_owned(),
            r#"{"texts":["a"],"restored":1}"#.to_owned(),
        ),
        (
            "GET",
            "policies",
            String::new(),
            r#"{"policies":[{"name":"default_pii","description":"d","version":"v1","entity_types":["PERSON"],"is_default":true}]}"#.to_owned(),
        ),
        ("DELETE", "sessions/s-1", String::new(), "{}".to_owned()),
        ("GET", "ratelimit", String::new(), r#"{"limit":60,"remaining":59,"reset_ms":1000}"#.to_owned()),
    ];
    for (method, path, body, expected) in cases {
        let answer =
            send(&router, request(method, &format!("/guard/v1/{path}"), &[], body.clone())).await;
        assert_eq!((answer.status.as_u16(), answer.body), (200, expected), "{path} {body}");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn native_fields_go_down_as_they_came() {
    let limit = RestConfig { max_body_bytes: 1000, ..RestConfig::default() };
    let (router, seen) = facade_with(limit, native_stack);
    let body = r#"{"texts":["a"],"policy":"p","entities":["PERSON"],"min_score":0.5}"#;
    ask(&router, "POST", "/guard/v1/scan", &[("x-guard-policy", "q")], body).await;
    let call = seen.lock().unwrap().pop().unwrap();
    assert_eq!(call.policy.as_deref(), Some("p"));
    let Task::Scan(scan) = call.task else { panic!("not a scan") };
    assert_eq!(scan.narrowing.entities, [EntityType::builtin("PERSON")]);
    assert_eq!(scan.narrowing.min_score, Some(0.5));

    let headers = [("x-guard-policy", "q"), ("x-guard-session", "s-1")];
    ask(&router, "POST", "/guard/v1/redact", &headers, r#"{"texts":["a"],"keepMapping":true}"#)
        .await;
    let call = seen.lock().unwrap().pop().unwrap();
    assert_eq!(call.policy.as_deref(), Some("q"));
    let Task::Redact(redact) = call.task else { panic!("not a redaction") };
    assert_eq!((redact.session.unwrap().expose(), redact.keep_mapping), ("s-1", true));
}

#[tokio::test]
async fn native_faults_name_the_field() {
    let (router, _) = facade(native_stack);
    for (path, body, param) in [
        ("scan", r#"{"texts":[]}"#, "texts"),
        ("scan", r#"{"text":["a"]}"#, "text"),
        ("scan", r#"{"texts":["a"],"langauge":"en"}"#, "langauge"),
        ("scan", r#"{"texts":["a",1]}"#, "texts[1]"),
        ("scan", r#"{"texts":["a"],"entities":["x y"]}"#, "entities[0]"),
        ("scan", r#"{"texts":["a"],"min_score":2}"#, "min_score"),
        ("scan", r#"{"texts":["a"],"offsets":"FEET"}"#, "offsets"),
        ("redact", r#"{"texts":["a"],"session":"a b"}"#, "session"),
        ("restore", r#"{"texts":["a"],"mapping":[{"placeholder":1}]}"#, "mapping[0].placeholder"),
    ] {
        let answer = ask(&router, "POST", &format!("/guard/v1/{path}"), &[], body).await;
        let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (answer.status.as_u16(), json["error"]["param"].as_str()),
            (400, Some(param)),
            "{body}"
        );
    }
}
