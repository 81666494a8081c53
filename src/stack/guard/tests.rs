//! What leaves of a request, and what is refused: the cleaning by itself, without a server.

use super::request::{Clean, clean};
use crate::{
    call::{Body, CacheWish, Complete, Error},
    detect::EntityType,
    engine::Engine,
    policy::PolicySet,
    redact::{Context, Keys, Mapping},
    sensitive::Sensitive,
    wire::{Endpoint, Expected},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

const MAIL: &str = "ann@firm.example";
const CARD: &str = "4111 1111 1111 1111";

/// Policies by name: one as it comes, and one for each thing that a policy can say of what cannot be changed.
fn engine() -> Engine {
    let policies = [
        ("plain", ""),
        ("signed_pass", "signed: pass\n"),
        ("unscannable_deny", "unscannable: deny\n"),
        ("masked", "entities:\n  CREDIT_CARD: {operator: {mask: {keep_last: 4}}}\n"),
        ("blocked", "entities:\n  CREDIT_CARD: {action: block}\n"),
    ];
    let form = |(name, rest): (&str, &str)| {
        (format!("{name}.yaml"), format!("name: {name}\nextends: default_pii\n{rest}"))
    };
    let set = PolicySet::load(policies.map(form).into()).expect("these are policies");
    Engine::new(set, "plain", Keys::derive(b"of a test")).expect("it is among them")
}

fn request(endpoint: Endpoint, path: &str, body: &str) -> Complete {
    Complete {
        endpoint,
        upstream: None,
        method: Method::POST,
        path: Sensitive::new(path),
        query: None,
        headers: HeaderMap::new(),
        body: Body(Bytes::copy_from_slice(body.as_bytes())),
        session: None,
        cache: CacheWish::default(),
    }
}

fn chat(text: &str) -> Complete {
    let body = format!(r#"{{"messages":[{{"role":"user","content":"{text}"}}]}}"#);
    request(Endpoint::ChatCompletions, "/v1/chat/completions", &body)
}

/// A turn of the user, and before it one of the model with this signed thinking.
fn thought(thinking: &str, text: &str) -> Complete {
    let body = format!(
        r#"{{"messages":[{{"role":"assistant","content":[{{"type":"thinking","thinking":"{thinking}","signature":"EqQBCkYIARgCKkDn0abc"}}]}},{{"role":"user","content":"{text}"}}]}}"#
    );
    request(Endpoint::Messages, "/v1/messages", &body)
}

fn with_header(mut request: Complete, name: &str, value: &[u8]) -> Complete {
    let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
    request.headers.append(name, HeaderValue::from_bytes(value).unwrap());
    request
}

fn cleaned(policy: &str, request: &Complete) -> Result<Clean, Error> {
    let engine = engine();
    let policy = engine.policy(Some(policy)).unwrap();
    clean(&engine, policy, request, Expected::default(), Mapping::new()).map(|(clean, _)| clean)
}

/// The parameter that the refusal names.
#[track_caller]
fn refused(policy: &str, request: &Complete) -> Option<String> {
    match cleaned(policy, request) {
        Err(Error::Invalid { param, .. }) => param,
        other => panic!("{policy}: {other:?}"),
    }
}

#[test]
fn body_path_query_and_headers_share_one_mapping() {
    let mut request = with_header(chat(MAIL), "x-title", MAIL.as_bytes());
    request.query = Some(Sensitive::new("for=ann%40firm.example"));
    let clean = cleaned("plain", &request).unwrap();
    assert!(clean.body.as_str().contains(r#""content":"[EMAIL_1]""#), "{}", clean.body.as_str());
    assert_eq!(clean.target.as_str(), "/v1/chat/completions?for=%5BEMAIL_1%5D");
    assert_eq!(clean.headers["x-title"], "[EMAIL_1]");
    assert_eq!(clean.restorer.restore("[EMAIL_1]", Context::Prose), MAIL);
    assert_eq!(clean.findings[&EntityType::builtin("EMAIL_ADDRESS")], 3);
}

#[test]
fn a_look_alike_in_query_or_header_keeps_its_number_from_the_body() {
    let mut request = with_header(chat(MAIL), "x-title", b"[EMAIL_1]");
    request.query = Some(Sensitive::new("q=[EMAIL_2]"));
    let clean = cleaned("plain", &request).unwrap();
    assert!(clean.body.as_str().contains("[EMAIL_3]"), "{}", clean.body.as_str());
    assert_eq!(clean.headers["x-title"], "[EMAIL_1]");
}

#[test]
fn headers_go_on_by_what_they_are() {
    let mut request = with_header(chat("hi"), "authorization", b"Bearer ann@firm.example");
    for (name, value) in [
        ("x-guard-policy", "plain"),
        ("x-forwarded-for", "203.0.113.77"),
        ("openai-beta", "assistants=v2"),
        ("x-title", "two"),
        ("x-title", MAIL),
    ] {
        request = with_header(request, name, value.as_bytes());
    }
    let clean = cleaned("plain", &request).unwrap();
    let left: Vec<(&str, &str)> = clean
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    assert_eq!(
        left,
        [
            ("authorization", "Bearer ann@firm.example"),
            ("openai-beta", "assistants=v2"),
            ("x-title", "two"),
            ("x-title", "[EMAIL_1]"),
        ]
    );
}

#[test]
fn headers_that_cannot_be_guarded_are_refused() {
    let unreadable = with_header(chat("hi"), "x-title", b"J\xfcrgen");
    assert_eq!(refused("plain", &unreadable).as_deref(), Some("x-title"));
    let named = with_header(chat("hi"), "x-4111-1111-1111-1111", b"1");
    assert_eq!(refused("plain", &named).as_deref(), Some("headers"));
    let told_apart = with_header(chat("hi"), "idempotency-key", MAIL.as_bytes());
    assert_eq!(refused("plain", &told_apart).as_deref(), Some("idempotency-key"));
    let random = with_header(chat("hi"), "idempotency-key", b"run-a");
    assert_eq!(cleaned("plain", &random).unwrap().headers["idempotency-key"], "run-a");
}

#[test]
fn a_signed_text_is_refused_for_what_is_replaced_elsewhere() {
    for (policy, signed, text) in [
        ("plain", MAIL, MAIL),
        ("plain", "ANN@FIRM.EXAMPLE", MAIL),
        // A mask is no entry of the mapping: it is forgotten, and counts all the same.
        ("masked", "4111111111111111", CARD),
    ] {
        let request = thought(&format!("They wrote {signed}."), text);
        assert_eq!(refused(policy, &request).as_deref(), Some("messages"), "{policy} {signed}");
    }
    let passed = cleaned("signed_pass", &thought(MAIL, MAIL)).unwrap();
    assert_eq!(passed.unscanned, ["signed_private"]);
    assert!(passed.body.as_str().contains(MAIL) && passed.body.as_str().contains("[EMAIL_1]"));
}

#[test]
fn what_a_signed_text_alone_holds_passes_and_is_told() {
    let request = thought("I know ann@firm.example.", "hi");
    let clean = cleaned("plain", &request).unwrap();
    assert_eq!((clean.body.as_bytes(), clean.unscanned), (&request.body.0, vec!["signed_text"]));
    let denied = cleaned("unscannable_deny", &request).unwrap_err();
    assert!(matches!(denied, Error::Forbidden { code: "unscannable_content", .. }), "{denied:?}");
    let blocked = cleaned("blocked", &thought(CARD, "hi")).unwrap_err();
    assert!(matches!(blocked, Error::Blocked { .. }), "{blocked:?}");
    assert!(cleaned("plain", &thought("hm", MAIL)).unwrap().unscanned.is_empty());
}

#[test]
fn a_url_of_media_goes_as_it_is_unless_something_else_that_is_private_is_in_it() {
    let with_url = |url: &str| {
        let body = format!(
            r#"{{"messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"{url}"}}}}]}}]}}"#
        );
        request(Endpoint::ChatCompletions, "/v1/chat/completions", &body)
    };
    let plain = with_url("https://pictures.example/a.png");
    let clean = cleaned("plain", &plain).unwrap();
    assert_eq!((clean.body.as_bytes(), clean.unscanned), (&plain.body.0, vec!["image"]));
    assert!(matches!(cleaned("unscannable_deny", &plain), Err(Error::Forbidden { .. })));
    let private = with_url("https://pictures.example/?of=ann@firm.example");
    assert_eq!(refused("plain", &private).as_deref(), Some("messages"));
    let card = with_url("https://pictures.example/?of=4111111111111111");
    assert!(matches!(cleaned("blocked", &card), Err(Error::Blocked { .. })));
}

#[test]
fn a_body_that_is_passed_unread_is_told_and_may_be_denied() {
    let unread = request(Endpoint::Unread, "/v1/files", "ann@firm.example");
    let clean = cleaned("plain", &unread).unwrap();
    assert_eq!((clean.body.as_bytes(), clean.unscanned), (&unread.body.0, vec!["body"]));
    assert!(matches!(cleaned("unscannable_deny", &unread), Err(Error::Forbidden { .. })));
    let empty = request(Endpoint::Unread, "/v1/files", "");
    assert!(cleaned("unscannable_deny", &empty).unwrap().unscanned.is_empty());
}
