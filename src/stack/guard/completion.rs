//! The way of one provider request: redact, send on, restore the answer.

use super::{
    compute::{compute, guarded},
    native::vanished,
    request::{Clean, clean, invalid},
    restoring::Answer,
    unknown_policy,
};
use crate::{
    call::{
        CacheWish, Call, CallerId, Complete, Completed, Completion, CompletionBody, Discretion,
        Error, Facts, Kind, Prompt, Reply,
    },
    detect::Text,
    engine::Engine,
    policy::Policy,
    redact::Mapping,
    stack::{meters::GuardMeters, traceparent},
    vault::{Missing, Vault},
    wire::{Endpoint, Expected, Needs, coding},
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tower::{Service, ServiceExt};
use tracing::Span;

/// Guards a request, sends it on, and restores the answer.
pub(super) async fn complete<S>(
    inner: S,
    engine: Arc<Engine>,
    vault: &Vault,
    meters: &GuardMeters,
    call: Call,
    request: Complete,
) -> Result<Reply, Error>
where
    S: Service<Prompt, Response = Completion, Error = Error> + Send + 'static,
    S::Future: Send,
{
    let began = Instant::now();
    let policy = Arc::clone(engine.policy(call.policy.as_deref()).map_err(unknown_policy)?);
    let request = Arc::new(request);
    let expected =
        Expected { one_way: policy.one_way(), ..expected(&call.caller, &request).await? };
    let clean = in_session(&engine, vault, &policy, &call, &request, expected).await;
    let clean = clean.inspect_err(|error| note_refusal(meters, error))?;
    note_clean(meters, &clean, &request, began.elapsed());
    let answer = Answer {
        output: engine.output(&policy, &clean.restorer),
        endpoint: request.endpoint,
        expected: clean.expected,
        restorer: clean.restorer.clone(),
        documents: clean.documents.clone(),
    };
    let (findings, unscanned) = (clean.findings.clone(), clean.unscanned.clone());
    let asked = Instant::now();
    let discretion = discretion(engine, Arc::clone(&policy));
    let caller = call.caller.clone();
    let prompt = prompt(call, &request, &policy, clean, discretion);
    let completion = inner.oneshot(prompt).await?;
    let below = asked.elapsed();
    let facts =
        Facts { policy: policy.name().shared(), findings, cache: completion.cache, unscanned };
    let completed = restored(&caller, completion, answer, facts).await?;
    note_times(meters, below, began.elapsed());
    Ok(Reply::Completed(completed))
}

fn note_refusal(meters: &GuardMeters, error: &Error) {
    if error.kind() == Kind::Blocked {
        meters.verdict("blocked");
        Span::current().record("guard.verdict", "blocked");
    }
}

fn note_clean(meters: &GuardMeters, clean: &Clean, request: &Complete, took: Duration) {
    let bytes = request.body.0.len();
    let is_unread = request.endpoint == Endpoint::Unread && bytes > 0;
    meters.redacted(if is_unread { 0 } else { bytes }, took);
    meters.found(&clean.findings);
    let verdict = match clean.findings.is_empty() {
        _ if is_unread => "unread",
        true => "clean",
        false => "redacted",
    };
    meters.verdict(verdict);
    // Each costs the log a rewriting of the span's fields: not without a trace that wants them.
    if traceparent::is_recorded() {
        Span::current().record("guard.verdict", verdict);
        Span::current().record("guard.redact_ms", millis(took));
    }
}

/// What the guard added is what is not below it.
fn note_times(meters: &GuardMeters, below: Duration, whole: Duration) {
    let added = whole.saturating_sub(below);
    meters.added(added);
    if traceparent::is_recorded() {
        let span = Span::current();
        span.record("guard.upstream_ms", millis(below));
        span.record("guard.added_ms", millis(added));
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn prompt(
    call: Call,
    request: &Complete,
    policy: &Policy,
    clean: Clean,
    discretion: Discretion,
) -> Prompt {
    Prompt {
        caller: call.caller,
        request_id: call.request_id,
        endpoint: request.endpoint,
        upstream: request.upstream.clone(),
        method: request.method.clone(),
        target: clean.target,
        headers: clean.headers,
        body: clean.body,
        streamed: clean.expected.streamed,
        policy_version: Arc::clone(policy.version()),
        cache: CacheWish {
            no_store: request.cache.no_store || policy.retention().cache == Some(false),
            ..request.cache
        },
        deadline: call.deadline,
        shared: false,
        traceparent: call.traceparent,
        discretion,
    }
}

/// Tells what the policy's detectors find nothing in, neither as it is written nor with its parts as words.
fn discretion(engine: Arc<Engine>, policy: Arc<Policy>) -> Discretion {
    Discretion::new(move |text| {
        let words = text.replace(['-', '_', '.', ':', '/', '+'], " ");
        let texts = [Text::from(text), Text::from(words.as_str())];
        let scanned = engine.glance(&policy, &texts);
        scanned.iter().all(|it| it.findings.is_empty())
    })
}

/// What the request says about its answer.
async fn expected(caller: &CallerId, request: &Arc<Complete>) -> Result<Expected, Error> {
    let read = Arc::clone(request);
    let bytes = request.body.0.len();
    let expected = compute(caller, bytes, move || read.endpoint.read(&read.body.0)).await?;
    let mut expected = expected.map_err(invalid)?;
    if request.method == http::Method::DELETE {
        // It is answered without any text.
        expected.needs = None;
    }
    Ok(expected)
}

/// Redacts with the mapping of the call's session, if it names one, and keeps what it adds.
async fn in_session(
    engine: &Arc<Engine>,
    vault: &Vault,
    policy: &Arc<Policy>,
    call: &Call,
    request: &Arc<Complete>,
    expected: Expected,
) -> Result<Clean, Error> {
    // What is left upstream outlives a session, whose id may then be used again.
    let floor = match &request.session {
        Some(_) if request.endpoint.leaves_texts() => Vault::new_floor()?,
        Some(_) | None => 0,
    };
    let work = |mut mapping: Mapping| {
        let (engine, policy, request) =
            (Arc::clone(engine), Arc::clone(policy), Arc::clone(request));
        mapping.number_above(floor);
        cleaned(engine, policy, request, expected, call.caller.clone(), mapping)
    };
    let vault = vault.ending_after(policy.retention().sessions);
    match (&request.session, expected.needs) {
        (None, Some(needs)) => Err(without_session(needs)),
        (None, None) => work(Mapping::new()).await.map(|(clean, _)| clean),
        // A mapping begun now would give the stand-ins of the earlier request to other values.
        (Some(session), Some(Needs { earlier: true, param })) => vault
            .update(&call.caller, session, Missing::Leave, work)
            .await?
            .ok_or_else(|| session_is_gone(param)),
        (Some(session), Some(Needs { earlier: false, .. }) | None) => {
            vault.update(&call.caller, session, Missing::Begin, work).await?.ok_or_else(vanished)
        }
    }
}

fn without_session(Needs { param, .. }: Needs) -> Error {
    let message = format!(
        "{param} leans on what is stored upstream, where stand-ins are in the place of private values, and nobody keeps \
         what they stand for; send the header x-guard-session with this request and with those that it leans on"
    );
    Error::Invalid { param: Some(param.to_owned()), message }
}

fn session_is_gone(param: &str) -> Error {
    let message = format!(
        "{param} leans on earlier requests, and there is no such session of this caller: it was never begun, was \
         deleted, or has expired; begin it with the first of those requests, or with one that leans on none"
    );
    Error::NotFound { message, param: Some("session") }
}

async fn cleaned(
    engine: Arc<Engine>,
    policy: Arc<Policy>,
    request: Arc<Complete>,
    expected: Expected,
    tenant: CallerId,
    mut mapping: Mapping,
) -> Result<(Clean, Mapping), Error> {
    let bytes = request.body.0.len();
    let (ruling, caller) = (Arc::clone(&policy), tenant.clone());
    guarded(&ruling, &caller, bytes, move || {
        // Nobody knows whether an answer there repeats what an earlier request left upstream.
        if request.endpoint == Endpoint::Unlisted && request.session.is_none() {
            engine.number_by_value(tenant.expose(), &mut mapping);
        } else {
            engine.number(&policy, tenant.expose(), &mut mapping);
        }
        clean(&engine, &policy, &request, expected, mapping)
    })
    .await?
}

/// Puts the originals back into the answer.
async fn restored(
    caller: &CallerId,
    completion: Completion,
    answer: Answer,
    facts: Facts,
) -> Result<Completed, Error> {
    let Completion { status, mut headers, body, cache: _ } = completion;
    if answer.is_idle() {
        return Ok(Completed { status, headers, body, facts });
    }
    let body = match body {
        CompletionBody::Whole(bytes) => {
            CompletionBody::Whole(answer.whole(caller, &headers, bytes).await?)
        }
        CompletionBody::Stream(stream) => CompletionBody::Stream(answer.stream(stream)),
    };
    // The facade knows the length of what it sends.
    coding::describe_changed(&mut headers);
    Ok(Completed { status, headers, body, facts })
}
