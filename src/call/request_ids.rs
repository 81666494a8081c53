//! Ids that the service gives to requests whose callers gave them none.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// Hashers with random keys, which need no call that can fail.
static HALVES: LazyLock<[RandomState; 2]> = LazyLock::new(|| [(); 2].map(|()| RandomState::new()));
static NEXT: AtomicU64 = AtomicU64::new(0);

/// An id that no other request has: `prefix` and 32 hexadecimal digits. They are hashes of a count, so that nobody learns from them
/// how many requests others send, or what their ids are.
pub fn new_request_id(prefix: &str) -> Arc<str> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut id = String::with_capacity(prefix.len() + 32);
    id.push_str(prefix);
    for byte in HALVES.iter().flat_map(|half| half.hash_one(number).to_be_bytes()) {
        id.extend([byte >> 4, byte & 0xF].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    id.into()
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_one_form_and_tell_no_count() {
        let halves = [(); 2].map(|()| {
            let id = new_request_id("req_");
            let digits = id.strip_prefix("req_").unwrap();
            assert_eq!(digits.len(), 32);
            let (high, low) = digits.split_at(16);
            [high, low].map(|half| u64::from_str_radix(half, 16).unwrap())
        });
        let [one, other] = halves;
        assert_ne!(one, other);
        for (one, other) in one.into_iter().zip(other) {
            assert!(one.abs_diff(other) > 1 << 20, "{one:x} and {other:x} follow one another");
        }
    }
}
