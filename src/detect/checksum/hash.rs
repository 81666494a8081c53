//! SHA-256 (FIPS 180-4) and Keccak-256, for the check parts of wallet addresses. Not for secrets: nothing here is hardened.

/// First words of the fractional parts of the cube roots of the first 64 primes.
fn sha256_constants() -> [u32; 64] {
    std::array::from_fn(|i| fraction_bits(prime(i), 3))
}

/// The first 32 bits of the fractional part of the `degree`-th root of `n`, by bisection in whole numbers.
fn fraction_bits(n: u64, degree: u32) -> u32 {
    // root(n) · 2^32, found bit by bit: n ≤ 311, so the root is below 2^5 and the power below 2^(37·3).
    let mut root: u128 = 0;
    for bit in (0..37).rev() {
        let tried = root | (1 << bit);
        if tried.pow(degree) <= u128::from(n) << (32 * degree) {
            root = tried;
        }
    }
    u32::try_from(root & u128::from(u32::MAX)).unwrap_or(u32::MAX)
}

fn prime(nth: usize) -> u64 {
    let is_prime = |n: &u64| (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    (2..).filter(is_prime).nth(nth).unwrap_or(2)
}

/// SHA-256 of a short message.
pub(super) fn sha256(message: &[u8]) -> [u8; 32] {
    static K: std::sync::LazyLock<[u32; 64]> = std::sync::LazyLock::new(sha256_constants);
    let mut state: [u32; 8] = std::array::from_fn(|i| fraction_bits(prime(i), 2));
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - message.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let bits = (message.len() as u64 * 8).to_be_bytes();
    let at = padded.len() - 8;
    padded[at..].copy_from_slice(&bits);
    for block in padded.chunks_exact(64) {
        sha256_block(&mut state, block, &K);
    }
    let mut digest = [0; 32];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

fn sha256_block(state: &mut [u32; 8], block: &[u8], k: &[u32; 64]) {
    let mut w = [0u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, &b| word << 8 | u32::from(b));
    }
    for i in 16..64 {
        let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
        let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (word, constant) in w.iter().zip(k) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let t1 = h
            .wrapping_add(s1)
            .wrapping_add((e & f) ^ (!e & g))
            .wrapping_add(*constant)
            .wrapping_add(*word);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
    }
    for (slot, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *slot = slot.wrapping_add(add);
    }
}

/// Keccak-256 with the original padding, as Ethereum uses it, of at most 135 bytes (one block).
pub(super) fn keccak256(message: &[u8]) -> Option<[u8; 32]> {
    const RATE: usize = 136;
    if message.len() >= RATE {
        return None;
    }
    let mut block = [0u8; 200];
    block[..message.len()].copy_from_slice(message);
    block[message.len()] = 0x01;
    block[RATE - 1] |= 0x80;
    let mut lanes = [0u64; 25];
    for (lane, bytes) in lanes.iter_mut().zip(block.chunks_exact(8)) {
        *lane = bytes.iter().rev().fold(0, |lane, &b| lane << 8 | u64::from(b));
    }
    keccak_f(&mut lanes);
    let mut digest = [0; 32];
    for (bytes, lane) in digest.chunks_exact_mut(8).zip(lanes) {
        bytes.copy_from_slice(&lane.to_le_bytes());
    }
    Some(digest)
}

/// Keccak-f[1600]; lane (x, y) is at `x + 5 * y`.
fn keccak_f(lanes: &mut [u64; 25]) {
    let mut lfsr = 1u8;
    for _ in 0..24 {
        theta(lanes);
        rho_pi(lanes);
        chi(lanes);
        lanes[0] ^= round_constant(&mut lfsr);
    }
}

fn theta(lanes: &mut [u64; 25]) {
    let column: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ lanes[x + 5 * y]));
    for (at, lane) in lanes.iter_mut().enumerate() {
        *lane ^= column[(at + 4) % 5] ^ column[(at + 1) % 5].rotate_left(1);
    }
}

fn rho_pi(lanes: &mut [u64; 25]) {
    let (mut x, mut y, mut carried) = (1, 0, lanes[1]);
    for turn in 0u32..24 {
        (x, y) = (y, (2 * x + 3 * y) % 5);
        let rotated = carried.rotate_left((turn + 1) * (turn + 2) / 2 % 64);
        carried = std::mem::replace(&mut lanes[x + 5 * y], rotated);
    }
}

fn chi(lanes: &mut [u64; 25]) {
    for row in lanes.chunks_exact_mut(5) {
        let old = [row[0], row[1], row[2], row[3], row[4]];
        for x in 0..5 {
            row[x] = old[x] ^ (!old[(x + 1) % 5] & old[(x + 2) % 5]);
        }
    }
}

/// The next seven bits of the standard's shift register, at places 2^j - 1.
fn round_constant(lfsr: &mut u8) -> u64 {
    let mut constant = 0;
    for j in 0..7 {
        if *lfsr & 1 == 1 {
            constant |= 1 << ((1u32 << j) - 1);
        }
        *lfsr = if *lfsr & 0x80 == 0 { *lfsr << 1 } else { (*lfsr << 1) ^ 0x71 };
    }
    constant
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn sha256_of_the_standards_examples() {
        assert_eq!(
            hex(&sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hex(&sha256(&[b'a'; 64])),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"
        );
    }

    #[test]
    fn keccak256_of_nothing() {
        let digest = keccak256(b"").map(|d| hex(&d));
        assert_eq!(
            digest.as_deref(),
            Some("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
        );
    }
}
