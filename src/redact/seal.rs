//! The operator `encrypt`: a token that holds its value, sealed.
//!
//! The nonce is a keyed hash of type and value, so the same value gives the same token, and the AEAD's misuse of a
//! repeated nonce cannot happen: the same nonce means the same message.

use super::{Keys, operator::digest, template::label};
use crate::{detect::EntityType, sensitive::Sensitive};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};

const VERSION: &str = "v1.";
const NONCE: usize = 24;

/// Seals a value; `None` when it is too long for the cipher.
pub(super) fn encrypt(keys: &Keys, entity_type: &EntityType, value: &str) -> Option<String> {
    let nonce: [u8; NONCE] =
        digest(&keys.encrypt, entity_type, value).finalize().as_bytes()[..NONCE].try_into().ok()?;
    let sealed = cipher(keys).encrypt(&XNonce::from(nonce), value.as_bytes()).ok()?;
    let mut token = format!("[{}:{VERSION}", label(entity_type));
    base64_into(&[nonce.as_slice(), &sealed].concat(), &mut token);
    token.push(']');
    Some(token)
}

/// Opens a token that the operator `encrypt` made with the same keys, such as `[EMAIL:v1.…]`; the brackets may be missing.
/// `None` for anything else.
pub fn decrypt(token: &str, keys: &Keys) -> Option<Sensitive> {
    let token = token.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(token);
    let (_, body) = token.split_once(':')?;
    let bytes = base64_decode(body.strip_prefix(VERSION)?)?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    let value = cipher(keys).decrypt(&XNonce::from(*nonce), sealed).ok()?;
    String::from_utf8(value).ok().map(Sensitive::new)
}

fn cipher(keys: &Keys) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&keys.encrypt).into())
}

/// The URL-safe alphabet of RFC 4648, without padding.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn base64_into(bytes: &[u8], out: &mut String) {
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for position in 0..=group.len() {
            let digit = bits >> (18 - 6 * position) & 63;
            out.push(char::from(ALPHABET[digit as usize]));
        }
    }
}

fn base64_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.as_bytes().chunks(4) {
        if group.len() == 1 {
            return None;
        }
        let mut bits = 0;
        for &c in group {
            bits = bits << 6 | u32::try_from(ALPHABET.iter().position(|a| *a == c)?).ok()?;
        }
        bits <<= 6 * (4 - group.len());
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}
