//! Scan, redact and restore: calls that end at the guard.

use super::{compute::compute, session};
use crate::{
    call::{Call, CallerId, Error, Redact, RedactReply, Reply, Restore, RestoreReply, Scan, SessionId},
    detect::Text,
    engine::{Engine, RedactedText, UnknownPolicy},
    redact::{Context, Mapping, Restorer},
    sensitive::Sensitive,
    vault::Vault,
};
use std::sync::Arc;

/// Looks only.
pub(super) async fn scan(engine: &Arc<Engine>, policy: Option<&str>, scan: &Scan) -> Result<Reply, Error> {
    let policy = engine.policy(policy).map_err(unknown_policy)?;
    let (engine, scan) = (Arc::clone(engine), scan.clone());
    let scanned = compute(total_bytes(&scan.texts), move || {
        let texts: Vec<Text<'_>> = scan.texts.iter().map(|text| Text::plain(text.expose())).collect();
        engine.scan(&policy, &texts, &scan.narrowing)
    })
    .await?;
    Ok(Reply::Scanned(scanned))
}

/// Replaces, in a session if the call names one or asks for one.
pub(super) async fn redact(engine: &Arc<Engine>, vault: &Vault, call: &Call, redact: &Redact) -> Result<Reply, Error> {
    let policy = call.policy.as_deref();
    let session = match &redact.session {
        Some(session) => Some(session.clone()),
        None if redact.keep_mapping => Some(new_session(vault)?),
        None => None,
    };
    let Some(session) = session else {
        let (results, mapping) = redact_texts(engine, policy, &redact.texts, Mapping::new()).await?;
        return Ok(Reply::Redacted(RedactReply { results, session: None, mapping: mapping.pairs() }));
    };
    for _ in 0..session::ATTEMPTS {
        let mut loaded = session::load(vault, &call.caller, &session).await?;
        let begun = std::mem::take(&mut loaded.mapping);
        let (results, mapping) = redact_texts(engine, policy, &redact.texts, begun).await?;
        loaded.mapping = mapping;
        if session::save(vault, &call.caller, &session, &loaded).await? {
            let mapping = loaded.mapping.pairs();
            return Ok(Reply::Redacted(RedactReply { results, session: Some(session), mapping }));
        }
    }
    Err(session::contended())
}

async fn redact_texts(
    engine: &Arc<Engine>,
    policy: Option<&str>,
    texts: &[Sensitive],
    mut mapping: Mapping,
) -> Result<(Vec<RedactedText>, Mapping), Error> {
    let policy = engine.policy(policy).map_err(unknown_policy)?;
    let (engine, texts) = (Arc::clone(engine), texts.to_vec());
    compute(total_bytes(&texts), move || {
        let plain: Vec<&str> = texts.iter().map(|text| text.expose().as_str()).collect();
        let results = engine.redact(&policy, &plain, &mut mapping);
        (results, mapping)
    })
    .await
}

/// Puts originals back, from a session, from the mapping in the call, or from both.
pub(super) async fn restore(vault: &Vault, caller: &CallerId, restore: &Restore) -> Result<Reply, Error> {
    let mut pairs = match &restore.session {
        Some(session) => session_pairs(vault, caller, session).await?,
        None => Vec::new(),
    };
    pairs.extend(restore.mapping.iter().cloned());
    let mapping = Mapping::from_pairs(pairs).map_err(|error| Error::Invalid {
        param: Some("mapping".to_owned()),
        message: error.to_string(),
    })?;
    let (restorer, texts) = (mapping.restorer(), restore.texts.clone());
    compute(total_bytes(&texts), move || restore_texts(&restorer, &texts)).await.map(Reply::Restored)
}

async fn session_pairs(
    vault: &Vault,
    caller: &CallerId,
    session: &SessionId,
) -> Result<Vec<(String, Sensitive)>, Error> {
    let found = vault.load(caller.expose(), session.expose()).await.map_err(session::unavailable)?;
    let (mapping, _) = found.ok_or(Error::NotFound {
        message: "no such session of this caller: it was never kept, was deleted, or has expired".to_owned(),
        param: Some("session"),
    })?;
    Ok(mapping.pairs())
}

fn restore_texts(restorer: &Restorer, texts: &[Sensitive]) -> RestoreReply {
    let mut restored = 0;
    let texts = texts
        .iter()
        .map(|text| {
            let (text, count) = restorer.restore_counted(text.expose(), Context::Prose);
            restored += count as u64;
            Sensitive::new(text)
        })
        .collect();
    RestoreReply { texts, restored }
}

/// Forgets a session.
pub(super) async fn delete_session(vault: &Vault, caller: &CallerId, session: &SessionId) -> Result<Reply, Error> {
    vault.delete(caller.expose(), session.expose()).await.map_err(session::unavailable)?;
    Ok(Reply::SessionDeleted)
}

fn new_session(vault: &Vault) -> Result<SessionId, Error> {
    let id = vault.new_session().map_err(session::unavailable)?;
    SessionId::parse(&id).ok_or_else(|| Error::Internal("the vault made a malformed session id".into()))
}

/// What a call answers that names a policy nobody configured.
pub(super) fn unknown_policy(error: UnknownPolicy) -> Error {
    Error::NotFound { message: error.to_string(), param: Some("policy") }
}

fn total_bytes(texts: &[Sensitive]) -> usize {
    texts.iter().map(|text| text.expose().len()).sum()
}
