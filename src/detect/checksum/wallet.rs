//! Check parts of wallet addresses.

use super::hash::{keccak256, sha256};

const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// The same letters in the order of the XRP Ledger, in which all addresses begin with `r`.
const RIPPLE: &str = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Base58Check, as in Bitcoin: a version byte, 20 bytes, and four bytes of a double SHA-256 over them.
pub(crate) fn base58check(text: &str) -> bool {
    checked::<25>(text, BASE58).is_some()
}

/// A private key as Bitcoin's wallets export it: Base58Check of the version byte 0x80, 32 bytes, and a 1 where the public key is compressed.
pub(crate) fn bitcoin_private_key(text: &str) -> bool {
    checked::<37>(text, BASE58).is_some_and(|bytes| bytes[0] == 0x80)
        || checked::<38>(text, BASE58).is_some_and(|bytes| bytes[0] == 0x80 && bytes[33] == 1)
}

/// The same as the XRP Ledger writes it.
pub(crate) fn base58check_ripple(text: &str) -> bool {
    checked::<25>(text, RIPPLE).is_some()
}

/// The `N` bytes, if the last four are the check of the others.
fn checked<const N: usize>(text: &str, alphabet: &str) -> Option<[u8; N]> {
    let bytes = base58::<N>(text, alphabet)?;
    let (payload, check) = bytes.split_at_checked(N - 4)?;
    (sha256(&sha256(payload)).get(..4) == Some(check)).then_some(bytes)
}

/// The number as `N` bytes, with one leading zero letter per leading zero byte.
fn base58<const N: usize>(text: &str, alphabet: &str) -> Option<[u8; N]> {
    let mut bytes = [0u8; N];
    for c in text.chars() {
        let mut carry = alphabet.find(c)?;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    let zeros = bytes.iter().take_while(|&&b| b == 0).count();
    (text.chars().take_while(|&c| alphabet.starts_with(c)).count() == zeros).then_some(bytes)
}

/// BIP 173 and BIP 350 (Bech32, Bech32m): the human-readable part before the last `1`, and a six-letter check.
pub(crate) fn bech32(text: &str) -> bool {
    let mixed = text.contains(|c: char| c.is_ascii_lowercase())
        && text.contains(|c: char| c.is_ascii_uppercase());
    let text = text.to_ascii_lowercase();
    let Some((prefix, data)) = text.rsplit_once('1') else { return false };
    let expanded = prefix.bytes().map(|b| b >> 5).chain([0]).chain(prefix.bytes().map(|b| b & 31));
    let mut check = 1;
    for value in expanded {
        check = polymod(check, value);
    }
    for c in data.chars() {
        let Some(value) = BECH32.find(c).and_then(|v| u8::try_from(v).ok()) else { return false };
        check = polymod(check, value);
    }
    !mixed && data.len() >= 6 && matches!(check, 1 | 0x2bc8_30a3)
}

fn polymod(check: u32, value: u8) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = check >> 25;
    let shifted = (check & 0x01ff_ffff) << 5 ^ u32::from(value);
    (0..5).filter(|i| top >> i & 1 == 1).fold(shifted, |sum, i| sum ^ GENERATOR[i])
}

/// ERC-55: a letter of the address is upper case where the hash of the lower-case address has a high nibble.
pub(crate) fn erc55(hex: &str) -> bool {
    let hash = keccak256(hex.to_ascii_lowercase().as_bytes());
    hex.bytes().enumerate().filter(|(_, b)| b.is_ascii_alphabetic()).all(|(at, b)| {
        let byte = hash.get(at / 2).copied().unwrap_or_default();
        let nibble = if at % 2 == 0 { byte >> 4 } else { byte & 15 };
        b.is_ascii_uppercase() == (nibble >= 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base58check_of_the_first_block_and_a_neighbour() {
        assert!(base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(!base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
        assert!(!base58check("é"));
    }

    #[test]
    fn private_keys_of_bitcoin_with_and_without_the_mark_of_compression() {
        let key = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
        assert!(bitcoin_private_key(key));
        assert!(bitcoin_private_key("KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617"));
        assert!(!bitcoin_private_key(&key.replace('J', "K")));
        assert!(!bitcoin_private_key("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
    }

    #[test]
    fn ripple_addresses_of_the_documentation() {
        assert!(base58check_ripple("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"));
        assert!(!base58check_ripple("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi"));
    }

    #[test]
    fn bech32_of_the_bips_examples() {
        assert!(bech32("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
        assert!(!bech32("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
    }

    #[test]
    fn erc55_of_the_ercs_example() {
        assert!(erc55("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        assert!(!erc55("5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed"));
    }
}
