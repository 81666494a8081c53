//! Ids that the service gives to requests whose callers gave them none.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// What the ids of this process have in common. The hasher's keys are random: this needs no call that can fail.
static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
static NEXT: AtomicU64 = AtomicU64::new(1);

/// An id that no other request has: `prefix` and 32 hexadecimal digits, a random part of each process and a count.
pub fn new_request_id(prefix: &str) -> Arc<str> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut id = String::with_capacity(prefix.len() + 32);
    id.push_str(prefix);
    for byte in PROCESS.to_be_bytes().into_iter().chain(number.to_be_bytes()) {
        id.extend([byte >> 4, byte & 0xF].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    id.into()
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_one_form_and_differ() {
        let [one, other] = [(); 2].map(|()| new_request_id("req_"));
        let digits = one.strip_prefix("req_").unwrap();
        assert_eq!(digits.len(), 32);
        assert_eq!(u128::from_str_radix(digits, 16).unwrap() >> 64, u128::from(*PROCESS));
        assert_ne!(one, other);
    }
}
