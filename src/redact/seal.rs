//! The operator `encrypt`: a token that holds its value, sealed.
//!
//! The nonce is a keyed hash of type and value, so the same value gives the same token, and the AEAD's misuse of a
//! repeated nonce cannot happen: the same nonce means the same message.

use super::{Keys, digest::digest, template::label};
use crate::{
    base64::{self, Spelling},
    detect::EntityType,
    sensitive::Sensitive,
};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};

const VERSION: &str = "v1.";
const NONCE: usize = 24;

/// Seals a value; `None` when it is too long for the cipher.
pub(super) fn encrypt(keys: &Keys, entity_type: &EntityType, value: &str) -> Option<String> {
    let nonce: [u8; NONCE] =
        digest(&keys.encrypt, entity_type, value).finalize().as_bytes()[..NONCE].try_into().ok()?;
    let sealed = cipher(keys).encrypt(&XNonce::from(nonce), value.as_bytes()).ok()?;
    let mut token = format!("[{}:{VERSION}", label(entity_type));
    Spelling::FOR_URLS.write(&[nonce.as_slice(), &sealed].concat(), &mut token);
    token.push(']');
    Some(token)
}

/// Opens a token that the operator `encrypt` made with the same keys, such as `[EMAIL:v1.…]`; the brackets may be missing.
/// `None` for anything else.
pub fn decrypt(token: &str, keys: &Keys) -> Option<Sensitive> {
    let token = token.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(token);
    let (_, body) = token.split_once(':')?;
    let bytes = base64::decode(body.strip_prefix(VERSION)?)?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    let value = cipher(keys).decrypt(&XNonce::from(*nonce), sealed).ok()?;
    String::from_utf8(value).ok().map(Sensitive::new)
}

fn cipher(keys: &Keys) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&keys.encrypt).into())
}
