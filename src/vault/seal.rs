//! The box around a mapping.

use super::Error;
use crate::{
    call::{CallerId, SessionId},
    store::{self, NoRandom, Secret},
};
use zeroize::Zeroizing;

/// The form of a sealed entry. Another form, another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Form {
    /// A mapping.
    Mapping = 1,
    /// When it ends, then a mapping.
    Ending = 2,
}

/// Seals mappings: a box does not open for anybody else than who it was made for, nor as another form.
#[derive(Clone, Debug)]
pub(super) struct Sealer(store::Sealer);

impl Sealer {
    pub(super) fn new(secret: &Secret) -> Self {
        Self(store::Sealer::new(secret, "prompt-guard 2026 sealing of sessions v1"))
    }

    pub(super) fn seal(
        &self,
        caller: &CallerId,
        session: &SessionId,
        form: Form,
        plain: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.0.seal(form as u8, &owner(caller, session), plain).map_err(|NoRandom| Error::Random)
    }

    pub(super) fn open(
        &self,
        caller: &CallerId,
        session: &SessionId,
        sealed: &[u8],
    ) -> Result<(Form, Zeroizing<Vec<u8>>), Error> {
        let is_first = |form: &Form| sealed.first() == Some(&(*form as u8));
        let form = [Form::Mapping, Form::Ending].into_iter().find(is_first).ok_or(Error::Sealed)?;
        let owner = owner(caller, session);
        let plain = self.0.open(form as u8, &owner, sealed).ok_or(Error::Sealed)?;
        Ok((form, plain))
    }
}

/// Whom a box is made for. The length parts a caller from its session.
fn owner(caller: &CallerId, session: &SessionId) -> Vec<u8> {
    let (caller, session) = (caller.expose().as_bytes(), session.expose().as_bytes());
    [&(caller.len() as u64).to_le_bytes()[..], caller, session].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = b"canary@example.org";

    fn ids(caller: &str, session: &str) -> (CallerId, SessionId) {
        (CallerId::new(caller), SessionId::parse(session).unwrap())
    }

    #[test]
    fn box_opens_for_its_owner_alone() {
        let sealer = Sealer::new(&Secret::new([5; 32]));
        let (ann, session) = ids("ann", "s1");
        let sealed = sealer.seal(&ann, &session, Form::Mapping, PLAIN).unwrap();
        assert_eq!(sealer.open(&ann, &session, &sealed).unwrap().1.as_slice(), PLAIN);
        assert!(!sealed.windows(6).any(|window| window == b"canary"));
        assert_ne!(
            sealed,
            sealer.seal(&ann, &session, Form::Mapping, PLAIN).unwrap(),
            "another nonce"
        );

        for (caller, session) in
            [ids("bob", "s1"), ids("ann", "s2"), ids("anns", "1"), ids("an", "ns1")]
        {
            assert_eq!(sealer.open(&caller, &session, &sealed).unwrap_err(), Error::Sealed);
        }
        let other = Sealer::new(&Secret::new([6; 32]));
        assert_eq!(other.open(&ann, &session, &sealed).unwrap_err(), Error::Sealed);
    }

    #[test]
    fn damaged_box_does_not_open() {
        let sealer = Sealer::new(&Secret::new([5; 32]));
        let (ann, session) = ids("ann", "s1");
        let sealed = sealer.seal(&ann, &session, Form::Mapping, PLAIN).unwrap();
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert_eq!(sealer.open(&ann, &session, &damaged).unwrap_err(), Error::Sealed);
            assert_eq!(sealer.open(&ann, &session, &sealed[..place]).unwrap_err(), Error::Sealed);
        }
    }
}
