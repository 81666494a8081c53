//! The box around a mapping.

use super::Error;
use crate::{
    call::{CallerId, SessionId},
    store::Secret,
};
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce, aead::AeadInOut};
use std::fmt;
use zeroize::Zeroizing;

/// The form of a sealed entry: this byte, the nonce, the ciphertext, the tag. Another form, another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Form {
    /// A mapping.
    Mapping = 1,
    /// When it ends, then a mapping.
    Ending = 2,
}

const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// Seals and opens. The cipher wipes its key on drop.
#[derive(Clone)]
pub(super) struct Sealer(XChaCha20Poly1305);

impl Sealer {
    pub(super) fn new(secret: &Secret) -> Self {
        let key = Zeroizing::new(secret.derive("prompt-guard 2026 sealing of sessions v1"));
        Self(XChaCha20Poly1305::new((&*key).into()))
    }

    /// Random nonces of 192 bits do not meet, however many are drawn.
    pub(super) fn seal(
        &self,
        caller: &CallerId,
        session: &SessionId,
        form: Form,
        plain: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| Error::Random)?;
        // All the room at once: growing would leave a copy in clear behind.
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + plain.len() + TAG_BYTES);
        sealed.push(form as u8);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let text = &mut sealed[1 + NONCE_BYTES..];
        let tag = self
            .0
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &owner(form, caller, session),
                text.into(),
            )
            .expect("a mapping is shorter than the 256 GB of one nonce");
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    pub(super) fn open(
        &self,
        caller: &CallerId,
        session: &SessionId,
        sealed: &[u8],
    ) -> Result<(Form, Zeroizing<Vec<u8>>), Error> {
        let Parts { form, nonce, text, tag } = parts(sealed).ok_or(Error::Sealed)?;
        let mut plain = Zeroizing::new(text.to_vec());
        self.0
            .decrypt_inout_detached(
                &XNonce::from(nonce),
                &owner(form, caller, session),
                plain.as_mut_slice().into(),
                &Tag::from(tag),
            )
            .map_err(|_| Error::Sealed)?;
        Ok((form, plain))
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// What a box is bound to: it does not open for anybody else, nor as another form.
fn owner(form: Form, caller: &CallerId, session: &SessionId) -> Vec<u8> {
    let (caller, session) = (caller.expose().as_bytes(), session.expose().as_bytes());
    let length = (caller.len() as u64).to_le_bytes();
    [&[form as u8], &length[..], caller, session].concat()
}

struct Parts<'a> {
    form: Form,
    nonce: [u8; NONCE_BYTES],
    text: &'a [u8],
    tag: [u8; TAG_BYTES],
}

fn parts(sealed: &[u8]) -> Option<Parts<'_>> {
    let (form, rest) = sealed.split_first()?;
    let form = [Form::Mapping, Form::Ending].into_iter().find(|known| *known as u8 == *form)?;
    let (nonce, rest) = rest.split_first_chunk()?;
    let (text, tag) = rest.split_last_chunk()?;
    Some(Parts { form, nonce: *nonce, text, tag: *tag })
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
