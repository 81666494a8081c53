//! The secrets that keyed operators and keyed numbers need.

use super::Numbering;
use std::fmt;
use zeroize::Zeroize;

/// One secret for each keyed operator, and one for numbers. The same keys give the same stand-ins, on every replica and after a restart.
#[derive(Clone)]
pub struct Keys {
    pub(super) hash: [u8; 32],
    pub(super) encrypt: [u8; 32],
    pub(super) surrogate: [u8; 32],
    number: [u8; 32],
}

impl Keys {
    /// Takes the secrets as they are.
    pub fn new(hash: [u8; 32], encrypt: [u8; 32], surrogate: [u8; 32], number: [u8; 32]) -> Self {
        Self { hash, encrypt, surrogate, number }
    }

    /// Derives the secrets from one that has at least 128 bits of entropy.
    pub fn derive(secret: &[u8]) -> Self {
        Self {
            hash: blake3::derive_key("prompt-guard 2026 operator hash", secret),
            encrypt: blake3::derive_key("prompt-guard 2026 operator encrypt", secret),
            surrogate: blake3::derive_key("prompt-guard 2026 operator surrogate", secret),
            number: blake3::derive_key("prompt-guard 2026 numbering", secret),
        }
    }

    /// Keyed numbers for one tenant: the same value has the same number in all its requests, and another one elsewhere.
    pub fn numbering(&self, tenant: &str) -> Numbering {
        Numbering::keyed(*blake3::keyed_hash(&self.number, tenant.as_bytes()).as_bytes())
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.hash.zeroize();
        self.encrypt.zeroize();
        self.surrogate.zeroize();
        self.number.zeroize();
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}
