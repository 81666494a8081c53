//! What telemetry tells of the requests to providers: a span to the end of the answer, and the metrics of OpenTelemetry's
//! conventions for generative AI. Nothing of what was said.

use crate::support::{
    Behaviour, EMAIL, Server, Upstream,
    client::{Reading, chat_body, eventually},
    collector::Collector,
    port::free_port,
    server::assert_no_canary,
};
use bytes::Bytes;
use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value::Value as Any},
    metrics::v1::{HistogramDataPoint, metric::Data},
    trace::v1::{Span, status::StatusCode},
};
use serde_json::{Value, json};

const CHATS: &str = "/v1/chat/completions";

fn before(url: String, collector: &Collector) -> Server {
    Server::builder()
        .arguments(["--upstream", &format!("model={url}")])
        .variable("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
        .variable("OTEL_BSP_SCHEDULE_DELAY", "20")
        .spawn()
}

/// An attribute as JSON; null if it is not there.
fn attribute(attributes: &[KeyValue], key: &str) -> Value {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    found.and_then(|found| found.value.clone()?.value).map_or(Value::Null, plain)
}

fn plain(value: Any) -> Value {
    match value {
        Any::StringValue(text) => text.into(),
        Any::BoolValue(is) => is.into(),
        Any::IntValue(number) => number.into(),
        Any::DoubleValue(number) => number.into(),
        Any::ArrayValue(array) => {
            array.values.into_iter().filter_map(|value| value.value).map(plain).collect()
        }
        Any::KvlistValue(_) | Any::BytesValue(_) | Any::StringValueStrindex(_) => {
            panic!("{value:?} is no attribute of a span of ours")
        }
    }
}

fn inferences(collector: &Collector) -> Vec<Span> {
    let is_inference =
        |span: &Span| attribute(&span.attributes, "gen_ai.operation.name") != Value::Null;
    collector.spans().into_iter().filter(is_inference).collect()
}

#[track_caller]
fn only(collector: &Collector) -> Span {
    let mut spans = inferences(collector);
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans.remove(0)
}

#[track_caller]
fn tells(span: &Span, expected: Value) {
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(attribute(&span.attributes, key), *value, "{key} of {span:?}");
    }
}

/// The points of a metric with these attributes.
fn points(collector: &Collector, name: &str, having: &Value) -> Vec<HistogramDataPoint> {
    let metric = collector.metrics().into_iter().find(|metric| metric.name == name);
    let Some(Data::Histogram(histogram)) = metric.and_then(|metric| metric.data) else {
        return Vec::new();
    };
    let has = |point: &HistogramDataPoint| {
        having
            .as_object()
            .unwrap()
            .iter()
            .all(|(key, value)| attribute(&point.attributes, key) == *value)
    };
    histogram.data_points.into_iter().filter(has).collect()
}

/// How often, and with which sum, a metric was recorded with these attributes.
fn recorded(collector: &Collector, name: &str, having: Value) -> (u64, f64) {
    let points = points(collector, name, &having);
    (points.iter().map(|it| it.count).sum(), points.iter().filter_map(|it| it.sum).sum())
}

#[tokio::test]
async fn whole_answers_are_told_of_with_model_reason_and_tokens() {
    for (path, body, expected) in [
        (
            CHATS,
            json!({"model": "echo", "seed": 4, "max_completion_tokens": 9, "messages": [{"role": "user", "content": EMAIL}]}),
            json!({"gen_ai.provider.name": "openai", "gen_ai.response.id": "chatcmpl-1", "gen_ai.response.finish_reasons": ["stop"],
                "gen_ai.request.seed": 4, "gen_ai.request.max_tokens": 9}),
        ),
        (
            "/v1/messages",
            json!({"model": "echo", "max_tokens": 9, "messages": [{"role": "user", "content": EMAIL}]}),
            json!({"gen_ai.provider.name": "anthropic", "gen_ai.response.id": "msg_1", "gen_ai.response.finish_reasons": ["end_turn"],
                "gen_ai.request.max_tokens": 9}),
        ),
        (
            "/v1/responses",
            json!({"model": "echo", "input": EMAIL, "store": false}),
            json!({"gen_ai.provider.name": "openai", "gen_ai.response.id": "resp_1", "gen_ai.response.finish_reasons": ["completed"],
                "gen_ai.usage.reasoning.output_tokens": 0}),
        ),
    ] {
        let (collector, upstream) = (Collector::start().await, Upstream::echo().await);
        let mut server = before(upstream.url(), &collector);
        let answer = server.post(path, &[], body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let served = server.metrics();
        assert!(server.stop().await.success());
        let span = only(&collector);
        assert_eq!(span.name, "chat echo");
        tells(&span, expected);
        tells(
            &span,
            json!({"gen_ai.response.model": "echo", "gen_ai.usage.input_tokens": 1, "gen_ai.usage.output_tokens": 2,
                "error.type": null, "gen_ai.response.time_to_first_chunk": null}),
        );
        for (kind, tokens) in [("input", 1.0), ("output", 2.0)] {
            let having = json!({"gen_ai.operation.name": "chat", "gen_ai.request.model": "echo", "gen_ai.response.model": "echo",
                "gen_ai.token.type": kind});
            assert_eq!(recorded(&collector, "gen_ai.client.token.usage", having), (1, tokens));
        }
        let (count, _) =
            recorded(&collector, "gen_ai.client.operation.duration", json!({"error.type": null}));
        assert_eq!(count, 1);
        let (first, _) =
            recorded(&collector, "gen_ai.client.operation.time_to_first_chunk", json!({}));
        assert_eq!(first, 0, "only of streams");
        let line =
            "gen_ai_client_token_usage_bucket{gen_ai_operation_name=\"chat\",gen_ai_provider_name=";
        assert!(served.contains(line), "{served}");
        assert_no_canary("what the collector got", &collector.received());
    }
}

fn event(data: &Value) -> Bytes {
    format!("data: {data}\n\n").into()
}

fn chunk(content: &str, reason: Value) -> Value {
    json!({"id": "chatcmpl-7", "model": "echo-2026", "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": reason}],
        "usage": null})
}

fn streamed(text: &str) -> String {
    chat_body(text, json!({"stream": true, "stream_options": {"include_usage": true}}))
}

#[tokio::test]
async fn a_stream_is_told_of_when_it_has_ended() {
    let (collector, (upstream, send)) = (Collector::start().await, Upstream::paced().await);
    let mut server = before(upstream.url(), &collector);
    let asking = async {
        let mut reading = Reading::of(server.open(CHATS, &[], streamed(EMAIL)).await);
        reading.until("one").await;
        reading
    };
    let telling = async { send.send(event(&chunk("one", Value::Null))).await.unwrap() };
    let (reading, ()) = tokio::join!(asking, telling);
    // Had the span ended with the head of the answer, it would be there with the one of a later call.
    let scan = json!({"texts": ["nothing"]}).to_string();
    assert_eq!(server.post("/guard/v1/scan", &[], scan).await.status, 200);
    eventually("spans arrive", || async {
        collector.spans().iter().any(|span| span.name == "scan")
    })
    .await;
    assert!(inferences(&collector).is_empty());
    let usage = json!({"prompt_tokens": 30, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 20}});
    let ending = async {
        send.send(event(&chunk("two", json!("stop")))).await.unwrap();
        let last = json!({"id": "chatcmpl-7", "model": "echo-2026", "choices": [], "usage": usage});
        send.send(event(&last)).await.unwrap();
        send.send(Bytes::from("data: [DONE]\n\n")).await.unwrap();
        drop(send);
    };
    tokio::join!(reading.rest(), ending);
    assert!(server.stop().await.success());
    let spans = inferences(&collector);
    let span = spans.iter().find(|span| span.name == "chat echo").unwrap();
    tells(
        span,
        json!({"gen_ai.request.stream": true, "gen_ai.response.id": "chatcmpl-7", "gen_ai.response.model": "echo-2026",
            "gen_ai.response.finish_reasons": ["stop"], "gen_ai.usage.input_tokens": 30, "gen_ai.usage.output_tokens": 4,
            "gen_ai.usage.cache_read.input_tokens": 20, "error.type": null}),
    );
    let first = attribute(&span.attributes, "gen_ai.response.time_to_first_chunk");
    assert!(first.as_f64().unwrap() > 0.0);
    let having = || json!({"gen_ai.request.model": "echo", "gen_ai.response.model": "echo-2026"});
    for (name, count) in [("time_to_first_chunk", 1), ("time_per_output_chunk", 2), ("duration", 1)]
    {
        let name = format!("gen_ai.client.operation.{name}");
        assert_eq!(recorded(&collector, &name, having()).0, count, "{name}");
    }
    assert_eq!(recorded(&collector, "gen_ai.client.token.usage", having()), (2, 34.0));
    assert_no_canary("what the collector got", &collector.received());
}

#[tokio::test]
async fn nothing_private_is_told_as_the_name_of_a_model_or_as_an_id() {
    const PHONE: &str = "tel-415-555-0123";
    let answer = json!({"id": PHONE, "object": "chat.completion", "model": PHONE,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2}});
    let behaviour = Behaviour::Fixed(200, "application/json", answer.to_string());
    let (collector, upstream) = (Collector::start().await, Upstream::spawn(behaviour).await);
    let mut server = before(upstream.url(), &collector);
    let body = || chat_body("hello", json!({"model": PHONE}));
    let answer = server.post(CHATS, &[], body()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let unknown = server.post(CHATS, &[("x-guard-upstream", PHONE)], body()).await;
    assert_eq!(unknown.status, 404, "{}", unknown.text());
    let served = server.metrics();
    // Not "555" alone, which is in some figure now and then.
    assert!(!served.contains("415-555"), "{served}");
    assert!(server.stop().await.success());
    let spans = inferences(&collector);
    assert_eq!(spans.len(), 2);
    for span in spans {
        assert_eq!(span.name, "chat _OTHER");
        tells(
            &span,
            json!({"gen_ai.request.model": "_OTHER", "gen_ai.response.id": null, "guard.upstream": null}),
        );
    }
    assert!(!collector.received().contains(PHONE), "{:?}", collector.spans());
}

#[tokio::test]
async fn an_answer_from_the_cache_is_no_work_of_a_provider() {
    let (collector, upstream) = (Collector::start().await, Upstream::echo().await);
    let mut server = before(upstream.url(), &collector);
    for outcome in ["miss", "hit", "hit"] {
        let answer = server.chat_with(&[], EMAIL, json!({"temperature": 0})).await;
        assert_eq!(answer.header("x-guard-cache"), outcome);
    }
    assert!(server.stop().await.success());
    only(&collector);
    assert_eq!(recorded(&collector, "gen_ai.client.operation.duration", json!({})).0, 1);
    assert_eq!(recorded(&collector, "gen_ai.client.token.usage", json!({})).0, 2);
}

/// The one operation failed in this way, and the streams of such operations are told of as far as they came.
async fn fails_as(error: &str, url: String, ask: impl AsyncFnOnce(&Server)) -> Span {
    let collector = Collector::start().await;
    let mut server = before(url, &collector);
    ask(&server).await;
    eventually("the span arrives", || async { !inferences(&collector).is_empty() }).await;
    assert!(server.stop().await.success());
    let span = only(&collector);
    tells(&span, json!({"error.type": error}));
    assert_eq!(span.status.as_ref().map(|it| it.code), Some(StatusCode::Error.into()));
    let having = json!({"error.type": error});
    assert_eq!(recorded(&collector, "gen_ai.client.operation.duration", having).0, 1);
    assert_eq!(recorded(&collector, "gen_ai.client.operation.duration", json!({})).0, 1);
    assert_no_canary("what the collector got", &collector.received());
    span
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_an_error_with_its_status() {
    let upstream = Upstream::echo().await;
    let span = fails_as("400", upstream.url(), async |server| {
        let answer = server.chat_with(&[], EMAIL, json!({"model": "status-400"})).await;
        assert_eq!(answer.status, 400);
    })
    .await;
    tells(&span, json!({"gen_ai.request.model": "status-400", "gen_ai.usage.input_tokens": null}));
}

#[tokio::test]
async fn a_provider_that_reports_a_failure_in_its_stream_has_failed() {
    let error = event(
        &json!({"error": {"message": EMAIL, "type": "server_error", "param": null, "code": null}}),
    );
    let stream = [event(&chunk("one", Value::Null)), error].concat();
    let upstream = Upstream::spawn(Behaviour::Events(stream)).await;
    let span = fails_as("provider_error", upstream.url(), async |server| {
        server.post(CHATS, &[], streamed("hello")).await;
    })
    .await;
    tells(
        &span,
        json!({"gen_ai.response.model": "echo-2026", "gen_ai.response.finish_reasons": null}),
    );
}

#[tokio::test]
async fn a_stream_that_is_cut_is_told_of_as_far_as_it_came() {
    let begun = event(&chunk("one", Value::Null)).to_vec();
    for (error, behaviour) in [
        ("incomplete", Behaviour::Events(begun.clone())),
        ("upstream_bad_answer", Behaviour::DieAfter(begun)),
    ] {
        let upstream = Upstream::spawn(behaviour).await;
        let span = fails_as(error, upstream.url(), async |server| {
            server.post(CHATS, &[], streamed("hello")).await;
        })
        .await;
        tells(
            &span,
            json!({"gen_ai.response.id": "chatcmpl-7", "gen_ai.response.model": "echo-2026"}),
        );
    }
}

#[tokio::test]
async fn a_caller_who_leaves_cancels_the_operation() {
    let (upstream, send) = Upstream::paced().await;
    let span = fails_as("cancelled", upstream.url(), async move |server| {
        let asking = async {
            let mut reading = Reading::of(server.open(CHATS, &[], streamed("hello")).await);
            reading.until("one").await;
        };
        let telling = async { send.send(event(&chunk("one", Value::Null))).await.unwrap() };
        tokio::join!(asking, telling);
        send.closed().await;
    })
    .await;
    tells(&span, json!({"gen_ai.response.id": "chatcmpl-7"}));
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_an_error_of_ours() {
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let span = fails_as("upstream_unreachable", nobody, async |server| {
        assert_eq!(server.chat(EMAIL).await.status, 502);
    })
    .await;
    tells(&span, json!({"gen_ai.request.model": "echo", "gen_ai.response.id": null}));
}
