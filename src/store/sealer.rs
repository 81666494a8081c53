//! The box around what a store may neither read nor change.

use super::Secret;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce, aead::AeadInOut};
use std::fmt;
use zeroize::Zeroizing;

const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// Seals and opens (XChaCha20-Poly1305). The cipher wipes its key on drop.
///
/// A box is the number of its form, the nonce, the ciphertext, the tag. It opens as the form that it was sealed in alone, and for what
/// it was bound to: whoever binds one to several parts says where each ends.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

/// The system has no random bytes for a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandom;

impl Sealer {
    /// What is sealed for one purpose does not open for another.
    pub fn new(secret: &Secret, purpose: &'static str) -> Self {
        let key = Zeroizing::new(secret.derive(purpose));
        Self(XChaCha20Poly1305::new((&*key).into()))
    }

    /// Random nonces of 192 bits do not meet, however many are drawn.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn seal(&self, form: u8, bound_to: &[u8], plain: &[u8]) -> Result<Vec<u8>, NoRandom> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| NoRandom)?;
        // All the room at once: growing would leave a copy in clear behind.
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + plain.len() + TAG_BYTES);
        sealed.push(form);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let text = &mut sealed[1 + NONCE_BYTES..];
        let bound_to = binding(form, bound_to);
        let tag = self.0.encrypt_inout_detached(&XNonce::from(nonce), &bound_to, text.into());
        sealed.extend_from_slice(&tag.expect("a value is shorter than the 256 GB of one nonce"));
        Ok(sealed)
    }

    /// `None` for what was not sealed so, or has changed since.
    pub fn open(&self, form: u8, bound_to: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (_, rest) = sealed.split_first().filter(|(of, _)| **of == form)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let (text, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
        let mut plain = Zeroizing::new(text.to_vec());
        let opened = self.0.decrypt_inout_detached(
            &XNonce::from(*nonce),
            &binding(form, bound_to),
            plain.as_mut_slice().into(),
            &Tag::from(*tag),
        );
        opened.ok().map(|()| plain)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

fn binding(form: u8, bound_to: &[u8]) -> Vec<u8> {
    [&[form], bound_to].concat()
}
