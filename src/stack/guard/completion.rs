//! The way of one provider request: redact, send on, restore the answer.
//!
//! Nothing is sent on unless all of it could be read: what cannot is an error, never passed.

use super::{compute::compute, native::unknown_policy, restoring, session};
use crate::{
    call::{Call, Complete, Completed, Completion, CompletionBody, Error, Facts, Prompt, Reply, Task},
    detect::EntityType,
    engine::{CompiledPolicy, Engine},
    redact::{Mapping, Redacted, Restorer},
    stack::traceparent,
    vault::Vault,
    wire,
};
use metrics::{counter, histogram};
use std::{collections::BTreeMap, sync::Arc};
use tokio::time::Instant;
use tower::{Service, ServiceExt};

/// A request that may leave the building, and what is needed to read its answer.
struct Clean {
    body: Redacted,
    target: Redacted,
    headers: http::HeaderMap,
    facts: wire::RequestFacts,
    findings: BTreeMap<EntityType, usize>,
    unscanned: Vec<&'static str>,
    restorer: Restorer,
}

/// Guards a request, sends it on, and restores the answer.
pub(super) async fn complete<S>(inner: S, engine: Arc<Engine>, vault: &Vault, mut call: Call) -> Result<Reply, Error>
where
    S: Service<Prompt, Response = Completion, Error = Error> + Send + 'static,
    S::Future: Send,
{
    let policy = engine.policy(call.policy.as_deref()).map_err(unknown_policy)?;
    let Task::Complete(request) = std::mem::replace(&mut call.task, Task::ListPolicies) else {
        return Err(Error::Internal("not a completion".into()));
    };
    let request = Arc::new(request);
    let clean = in_session(&engine, vault, &policy, &call, &request).await?;
    for (entity_type, n_findings) in &clean.findings {
        counter!("prompt_guard_findings_total", "entity_type" => entity_type.as_str().to_owned())
            .increment(*n_findings as u64);
    }
    let prompt = Prompt {
        caller: call.caller,
        request_id: call.request_id,
        endpoint: request.endpoint,
        upstream: request.upstream.clone(),
        method: request.method.clone(),
        target: clean.target,
        headers: clean.headers,
        body: clean.body,
        streamed: clean.facts.streamed,
        policy_version: policy.version(),
        no_store: request.no_store,
        deadline: call.deadline,
        traceparent: traceparent::outgoing(call.traceparent.as_ref()),
    };
    let completion = inner.oneshot(prompt).await?;
    let facts = Facts {
        policy: policy.name(),
        findings: clean.findings,
        cache: completion.cache,
        unscanned: clean.unscanned,
    };
    let answer = restoring::Answer { endpoint: request.endpoint, request: clean.facts, restorer: clean.restorer };
    restored(completion, answer, facts).await.map(Reply::Completed)
}

/// Redacts with the mapping of the call's session, if it names one, and keeps what it adds.
async fn in_session(
    engine: &Arc<Engine>,
    vault: &Vault,
    policy: &Arc<CompiledPolicy>,
    call: &Call,
    request: &Arc<Complete>,
) -> Result<Clean, Error> {
    let Some(session) = &request.session else {
        return Ok(cleaned(engine, policy, request, Mapping::new()).await?.0);
    };
    for _ in 0..session::ATTEMPTS {
        let mut loaded = session::load(vault, &call.caller, session).await?;
        let (clean, mapping) = cleaned(engine, policy, request, std::mem::take(&mut loaded.mapping)).await?;
        loaded.mapping = mapping;
        if session::save(vault, &call.caller, session, &loaded).await? {
            return Ok(clean);
        }
    }
    Err(session::contended())
}

/// Redacts all that would be sent: body, path, query and headers, with one mapping.
async fn cleaned(
    engine: &Arc<Engine>,
    policy: &Arc<CompiledPolicy>,
    request: &Arc<Complete>,
    mapping: Mapping,
) -> Result<(Clean, Mapping), Error> {
    let (engine, policy, request) = (Arc::clone(engine), Arc::clone(policy), Arc::clone(request));
    let began = Instant::now();
    let cleaned = compute(request.body.0.len(), move || clean(&engine, &policy, &request, mapping)).await?;
    histogram!("prompt_guard_redact_duration_seconds").record(began.elapsed().as_secs_f64());
    cleaned
}

fn clean(
    engine: &Engine,
    policy: &CompiledPolicy,
    request: &Complete,
    mut mapping: Mapping,
) -> Result<(Clean, Mapping), Error> {
    todo_adapt(engine, policy, request, &mut mapping)
}

/// Puts the originals back into the answer.
async fn restored(completion: Completion, answer: restoring::Answer, facts: Facts) -> Result<Completed, Error> {
    let Completion { status, mut headers, body, cache: _ } = completion;
    let body = if answer.restorer.is_empty() {
        body
    } else {
        match body {
            CompletionBody::Whole(bytes) => {
                let restored = answer.whole(&headers, bytes).await?;
                headers.remove(http::header::CONTENT_LENGTH);
                CompletionBody::Whole(restored)
            }
            CompletionBody::Stream(stream) => {
                headers.remove(http::header::CONTENT_LENGTH);
                CompletionBody::Stream(answer.stream(&headers, stream)?)
            }
        }
    };
    Ok(Completed { status, headers, body, facts })
}
