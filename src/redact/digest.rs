//! Keyed digests of values: the same for the same value of a type, and worth nothing without the key.

use crate::detect::EntityType;

/// A keyed hasher fed with type and value, apart from each other.
pub(super) fn digest(key: &[u8; 32], entity_type: &EntityType, value: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(entity_type.as_str().as_bytes()).update(&[0]).update(value.as_bytes());
    hasher
}
