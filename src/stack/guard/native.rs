//! Scan, redact and restore: calls that end at the guard.

use super::{
    compute::{compute, guarded},
    unknown_policy,
};
use crate::{
    call::{
        Call, CallerId, Error, Redact, RedactReply, Reply, Restore, RestoreReply, Scan, SessionId,
    },
    detect::Text,
    engine::{Engine, Narrowing, RedactedText},
    policy::Policy,
    redact::{Context, Mapping, Restorer},
    sensitive::Sensitive,
    vault::{Missing, Vault},
};
use std::sync::Arc;

/// Looks only.
pub(super) async fn scan(engine: &Arc<Engine>, call: &Call, scan: Scan) -> Result<Reply, Error> {
    let policy = Arc::clone(engine.policy(call.policy.as_deref()).map_err(unknown_policy)?);
    check_types(&policy, &scan.narrowing)?;
    let engine = Arc::clone(engine);
    let ruling = Arc::clone(&policy);
    let scanned = guarded(&ruling, &call.caller, total_bytes(&scan.texts), move || {
        let texts: Vec<Text<'_>> =
            scan.texts.iter().map(|text| Text::from(text.expose().as_str())).collect();
        engine.scan(&policy, &texts, &scan.narrowing)
    });
    Ok(Reply::Scanned(scanned.await??))
}

/// A type with a slip in it finds nothing, which must not pass for a clean text.
fn check_types(policy: &Policy, narrowing: &Narrowing) -> Result<(), Error> {
    let known = policy.analyzer().entity_types();
    match narrowing.entities.iter().position(|entity_type| !known.contains(entity_type)) {
        None => Ok(()),
        Some(at) => Err(Error::Invalid {
            param: Some(format!("entities[{at}]")),
            message: format!(
                "no recognizer finds the type in entities[{at}]; `prompt-guard recognizers` lists all there are"
            ),
        }),
    }
}

/// Replaces, in a session if the call names one or asks for one.
pub(super) async fn redact(
    engine: &Arc<Engine>,
    vault: &Vault,
    call: &Call,
    redact: Redact,
) -> Result<Reply, Error> {
    let policy = engine.policy(call.policy.as_deref()).map_err(unknown_policy)?;
    let (session, floor) = match redact.session {
        // Whoever keeps texts of an earlier session of this id must not get other values for what stands in them.
        Some(session) => (Some(session), Vault::new_floor()?),
        None if redact.keep_mapping => (Some(Vault::new_session()?), 0),
        None => (None, 0),
    };
    let texts: Arc<[Sensitive]> = redact.texts.into();
    let work = |mut mapping: Mapping| {
        let (engine, policy) = (Arc::clone(engine), Arc::clone(policy));
        if mapping.is_fresh() {
            mapping.number_above(floor);
        }
        redact_texts(engine, policy, Arc::clone(&texts), call.caller.clone(), mapping)
    };
    let (results, mapping) = match &session {
        None => work(Mapping::new()).await.map(|(results, mapping)| (results, mapping.pairs()))?,
        Some(session) => {
            let vault = vault.ending_after(policy.retention().sessions);
            let extended = vault.update(&call.caller, session, Missing::Begin, |mapping| {
                let redacted = work(mapping);
                async move {
                    redacted.await.map(|(results, mapping)| ((results, mapping.pairs()), mapping))
                }
            });
            extended.await?.ok_or_else(vanished)?
        }
    };
    Ok(Reply::Redacted(RedactReply { results, session, mapping }))
}

async fn redact_texts(
    engine: Arc<Engine>,
    policy: Arc<Policy>,
    texts: Arc<[Sensitive]>,
    tenant: CallerId,
    mut mapping: Mapping,
) -> Result<(Vec<RedactedText>, Mapping), Error> {
    let (ruling, caller) = (Arc::clone(&policy), tenant.clone());
    guarded(&ruling, &caller, total_bytes(&texts), move || {
        let plain: Vec<&str> = texts.iter().map(|text| text.expose().as_str()).collect();
        engine.number(&policy, tenant.expose(), &mut mapping);
        let results = engine.redact(&policy, &plain, &mut mapping)?;
        Ok((results, mapping))
    })
    .await?
}

/// Puts originals back, from a session, from the mapping in the call, or from both.
pub(super) async fn restore(
    vault: &Vault,
    caller: &CallerId,
    restore: Restore,
) -> Result<Reply, Error> {
    if let Some(at) = Mapping::contradiction(&restore.mapping) {
        let field = format!("mapping[{at}].placeholder");
        let message = format!(
            "{field} stands in an earlier entry too, for another original; give each placeholder once"
        );
        return Err(Error::Invalid { param: Some(field), message });
    }
    let mut pairs = match &restore.session {
        Some(session) => session_pairs(vault, caller, session).await?,
        None => Vec::new(),
    };
    pairs.extend(restore.mapping);
    let restorer = Mapping::from_pairs(pairs).restorer();
    let bytes = total_bytes(&restore.texts);
    compute(caller, bytes, move || restore_texts(&restorer, &restore.texts))
        .await
        .map(Reply::Restored)
}

async fn session_pairs(
    vault: &Vault,
    caller: &CallerId,
    session: &SessionId,
) -> Result<Vec<(String, Sensitive)>, Error> {
    let (mapping, _) = vault.load(caller, session).await?.ok_or(Error::NotFound {
        message: "there is no such session of this caller: it was never kept, was deleted, or has expired".to_owned(),
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
            restored += count;
            Sensitive::new(text)
        })
        .collect();
    RestoreReply { texts, restored }
}

/// Forgets a session.
pub(super) async fn delete_session(
    vault: &Vault,
    caller: &CallerId,
    session: &SessionId,
) -> Result<Reply, Error> {
    vault.delete(caller, session).await?;
    Ok(Reply::SessionDeleted)
}

/// A session that begins where there is none cannot be missing.
pub(super) fn vanished() -> Error {
    Error::Internal("a session that was to begin is missing".into())
}

fn total_bytes(texts: &[Sensitive]) -> usize {
    texts.iter().map(|text| text.expose().len()).sum()
}
