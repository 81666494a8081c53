//! Names for what is stored: keyed hashes, so that a store never sees whose entry it holds.

use crate::sensitive::Sensitive;
use std::fmt;

/// The secret from which all keys of the stored state are derived.
///
/// Replicas that share a store must share it too, and it must outlive a restart if sessions should: entries made
/// under another secret are neither found nor readable.
#[derive(Clone)]
pub struct Secret(Sensitive<[u8; 32]>);

/// A [`Secret`] that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The text is not 32 bytes in hexadecimal.
    #[error(
        "expected 64 hexadecimal digits (32 random bytes), such as `openssl rand -hex 32` prints"
    )]
    Form,
    /// The system has no random bytes to give.
    #[error("the system gives no random bytes")]
    Random,
}

impl Secret {
    /// Takes 32 bytes that are as good as random.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Sensitive::new(bytes))
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`SecretError::Form`] for anything else. The error does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let hash = blake3::Hash::from_hex(text.trim()).map_err(|_| SecretError::Form)?;
        Ok(Self::new(hash.into()))
    }

    /// A fresh one: right for state that lives in this process alone.
    ///
    /// # Errors
    /// [`SecretError::Random`] if the system has no random bytes to give.
    pub fn random() -> Result<Self, SecretError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| SecretError::Random)?;
        Ok(Self::new(bytes))
    }

    /// A key of its own for each purpose. `purpose` is a literal that names the program, the use and a version.
    pub fn derive(&self, purpose: &'static str) -> [u8; 32] {
        blake3::derive_key(purpose, self.0.expose())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What an entry is for; kinds never share a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// State of rate limits.
    Limit,
    /// Sealed mappings.
    Session,
    /// Redacted completions.
    Completion,
}

/// Makes [`Key`]s: the one way by which names, bodies and credentials become keys.
#[derive(Clone)]
pub struct Namer(Sensitive<[u8; 32]>);

impl Namer {
    /// A namer whose keys nobody can recompute without the secret.
    pub fn new(secret: &Secret) -> Self {
        Self(Sensitive::new(secret.derive("prompt-guard 2026 names of stored entries v1")))
    }

    /// The key of what `parts` name together. Other parts, or the same bytes parted otherwise, give another key.
    pub fn key(&self, space: Space, parts: &[&[u8]]) -> Key {
        let mut hasher = blake3::Hasher::new_keyed(self.0.expose());
        hasher.update(&[space.number()]);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut hash = [0; 16];
        hasher.finalize_xof().fill(&mut hash);
        Key { space, hash, owner: 0 }
    }

    /// The key of what `parts` name together and an owner has: in a store of this process owners share the room.
    pub fn owned_key(&self, space: Space, owner: &[u8], parts: &[&[u8]]) -> Key {
        let Key { hash: [first @ .., _, _, _, _, _, _, _, _], .. } = self.key(space, &[owner]);
        Key { owner: u64::from_le_bytes(first), ..self.key(space, parts) }
    }
}

impl fmt::Debug for Namer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Namer(…)")
    }
}

impl Space {
    fn number(self) -> u8 {
        match self {
            Self::Limit => 0,
            Self::Session => 1,
            Self::Completion => 2,
        }
    }
}

/// The name of an entry: 128 bits of a keyed hash, which tell nothing of what was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    space: Space,
    hash: [u8; 16],
    owner: u64,
}

impl Key {
    /// What the entry is for.
    pub fn space(&self) -> Space {
        self.space
    }

    /// The hash alone.
    pub fn hash(&self) -> &[u8; 16] {
        &self.hash
    }

    /// Tells the owners of entries apart; 0 for what nobody owns.
    pub(super) fn owner(&self) -> u64 {
        self.owner
    }

    /// The key's name in a shared store.
    ///
    /// What stands in braces decides the node of a Redis Cluster. All limits share one, since one script decides
    /// over the caller's and the global ones together; sessions and completions spread.
    pub(super) fn shared_name(&self) -> String {
        let hash = u128::from_be_bytes(self.hash);
        match self.space {
            Space::Limit => format!("pg:{{limit}}:{hash:032x}"),
            Space::Session => format!("pg:session:{{{hash:032x}}}"),
            Space::Completion => format!("pg:completion:{{{hash:032x}}}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namer() -> Namer {
        Namer::new(&Secret::new([7; 32]))
    }

    #[test]
    fn keys_differ_by_space_parts_and_secret() {
        let key = namer().key(Space::Limit, &[b"ab", b"c"]);
        assert_eq!(key, namer().key(Space::Limit, &[b"ab", b"c"]));
        assert_ne!(key, namer().key(Space::Session, &[b"ab", b"c"]));
        assert_ne!(key, namer().key(Space::Limit, &[b"a", b"bc"]));
        assert_ne!(key, namer().key(Space::Limit, &[b"abc"]));
        let other = Namer::new(&Secret::new([8; 32]));
        assert_ne!(key, other.key(Space::Limit, &[b"ab", b"c"]));
    }

    #[test]
    fn shared_names_have_a_prefix_and_a_hash_tag_and_no_part() {
        for space in [Space::Limit, Space::Session, Space::Completion] {
            let name = namer().key(space, &[b"canary"]).shared_name();
            assert!(name.starts_with("pg:") && name.contains('{') && name.contains('}'), "{name}");
            assert!(!name.contains("canary"));
        }
    }

    #[test]
    fn secret_is_64_hexadecimal_digits_and_errors_do_not_repeat_it() {
        let text = "0f".repeat(32);
        assert_eq!(Secret::parse(&text).unwrap().derive("a"), Secret::new([15; 32]).derive("a"));
        let error = Secret::parse("hunter2hunter2").unwrap_err();
        assert_eq!(error, SecretError::Form);
        assert!(!error.to_string().contains("hunter2"));
        assert_eq!(format!("{:?}", Secret::new([1; 32])), "Secret(…)");
    }
}
