//! Mappings that outlive one call.
//!
//! Two calls, or two replicas, may extend one session at the same time. Each works on the mapping it loaded and saves
//! it only if nobody else saved in between; who comes second starts over, so that no number is handed out twice.

use crate::{
    call::{CallerId, Error, SessionId},
    redact::Mapping,
    vault::{Saved, Vault, VaultError, Version},
};

/// How often a call starts over before it gives up: each time somebody else got through.
pub(super) const ATTEMPTS: usize = 16;

/// The mapping of a session as it was loaded.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) mapping: Mapping,
    version: Option<Version>,
}

/// Loads a session's mapping; a session that nobody has saved yet is empty.
pub(super) async fn load(vault: &Vault, caller: &CallerId, session: &SessionId) -> Result<Loaded, Error> {
    let found = vault.load(caller.expose(), session.expose()).await.map_err(unavailable)?;
    Ok(match found {
        Some((mapping, version)) => Loaded { mapping, version: Some(version) },
        None => Loaded::default(),
    })
}

/// Saves what a call made of a loaded mapping. `false` when somebody else saved first.
pub(super) async fn save(
    vault: &Vault,
    caller: &CallerId,
    session: &SessionId,
    loaded: &Loaded,
) -> Result<bool, Error> {
    let saved = vault
        .save(caller.expose(), session.expose(), &loaded.mapping, loaded.version.as_ref())
        .await
        .map_err(unavailable)?;
    Ok(matches!(saved, Saved::Stored(_)))
}

/// What a call answers that lost the race [`ATTEMPTS`] times.
pub(super) fn contended() -> Error {
    Error::StateUnavailable("the session is being changed by too many calls at once".into())
}

pub(super) fn unavailable(error: VaultError) -> Error {
    Error::StateUnavailable(error.into())
}
