//! Which upstream is asked, by which path, for which model.

use super::*;

#[tokio::test]
async fn upstreams_are_chosen_by_name() {
    let (mut one, mut two) =
        (Fake::start(vec![vec![say(OK)]]).await, Fake::start(vec![vec![say(OK)]]).await);
    let configs = [
        UpstreamConfig::new("one", format!("http://{}", one.address)),
        UpstreamConfig::new("two", format!("http://{}", two.address)),
    ];
    let upstreams = Upstreams::new(&configs, Some("two")).unwrap();
    upstreams.clone().oneshot(prompt()).await.unwrap();
    two.next_request().await;
    let named = Prompt { upstream: Some("one".into()), ..prompt() };
    upstreams.clone().oneshot(named).await.unwrap();
    one.next_request().await;
    let unknown = Prompt { upstream: Some("three".into()), ..prompt() };
    let error = upstreams.oneshot(unknown).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.to_string(), "unknown upstream; configured with --upstream are: one, two");
}

#[tokio::test]
async fn without_upstreams_the_setting_is_named() {
    let error = Upstreams::new(&[], None).unwrap().oneshot(prompt()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.to_string().contains("--upstream NAME=BASE_URL"));
}

#[tokio::test]
async fn the_model_chooses_where_no_name_does() {
    let (mut one, mut two) =
        (Fake::start(vec![vec![say(OK)]]).await, Fake::start(vec![vec![say(OK)]]).await);
    let configs = [
        UpstreamConfig::new("one", format!("http://{}", one.address)),
        UpstreamConfig {
            models: vec!["m".into(), "claude-*".into()],
            ..UpstreamConfig::new("two", format!("http://{}", two.address))
        },
    ];
    let upstreams = Upstreams::new(&configs, Some("one")).unwrap();
    upstreams.clone().oneshot(prompt()).await.unwrap();
    two.next_request().await;
    let named = Prompt { upstream: Some("one".into()), ..prompt() };
    upstreams.oneshot(named).await.unwrap();
    one.next_request().await;
}

#[tokio::test]
async fn a_path_for_each_model_needs_one_that_is_a_name() {
    let fake = Fake::start(vec![]).await;
    for body in ["{}", r#"{"model":".."}"#, r#"{"model":""}"#] {
        let upstreams = fake.upstreams_with(|config| config.api_path = "/models/{model}".into());
        let prompt = Prompt { body: Redacted::for_test(body), ..prompt() };
        assert_eq!(upstreams.oneshot(prompt).await.unwrap_err().kind(), Kind::Invalid, "{body}");
    }
}

#[tokio::test]
async fn paths_queries_and_models_are_put_together() {
    let mut fake = Fake::start(vec![vec![say(OK)]]).await;
    let upstreams = fake.upstreams_with(|config| {
        config.base_url.push_str("/gate");
        config.api_path = "/openai/deployments/{model}/".into();
        config.query = "api-version=2024-10-21&a=2".into();
    });
    let body = Redacted::for_test(r#"{"model":"org/größe 1"}"#);
    upstreams.oneshot(Prompt { body, ..prompt() }).await.unwrap();
    let request = fake.next_request().await;
    let expected = "POST /gate/openai/deployments/org%2Fgr%C3%B6%C3%9Fe%201/chat/completions?a=1&api-version=2024-10-21 ";
    assert!(request.starts_with(expected), "{request}");
}
