//! Wallet addresses.

use crate::detect::{
    EntityType, checksum,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

pub(super) static CRYPTO: Recognizer = Recognizer {
    name: "crypto",
    description: "wallet addresses with valid check parts: Base58Check, Bech32, Ethereum (ERC-55); Monero by its form, Solana near a word for it",
    patterns: &[
        Pattern::new(
            EntityType::CRYPTO,
            1.0,
            r"(?-u:\b)[13LMDT][1-9A-HJ-NP-Za-km-z]{25,34}(?-u:\b)",
        )
        .check(base58),
        Pattern::new(
            EntityType::CRYPTO,
            1.0,
            r"(?-u:\b)(?:bc1|BC1|tb1|TB1|ltc1|LTC1|addr1)[02-9ac-hj-np-zAC-HJ-NP-Z]{11,104}(?-u:\b)",
        )
        .check(bech32),
        Pattern::new(EntityType::CRYPTO, 1.0, r"(?-u:\b)r[1-9A-HJ-NP-Za-km-z]{24,34}(?-u:\b)")
            .check(ripple),
        // Monero: 95 letters and digits, the second of few.
        Pattern::new(EntityType::CRYPTO, 0.9, r"(?-u:\b)[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}(?-u:\b)").check(mixed),
        Pattern::new(
            EntityType::CRYPTO,
            0.85,
            r"(?i-u:\b(?:solana|sol|phantom)(?: (?:wallet|address|account|pubkey)){0,2})",
        )
        .check(solana),
        Pattern::new(EntityType::CRYPTO, 0.85, r"(?-u:\b)0x[0-9A-Fa-f]{40}(?-u:\b)")
            .check(ethereum)
            .context(0.95, &["eth", "ethereum", "wallet", "address", "erc", "crypto", "metamask"]),
    ],
};

fn base58(seen: &Seen<'_>) -> Option<Accepted> {
    checksum::base58check(seen.text()).then(|| seen.accept())?
}

fn ripple(seen: &Seen<'_>) -> Option<Accepted> {
    checksum::base58check_ripple(seen.text()).then(|| seen.accept())?
}

fn bech32(seen: &Seen<'_>) -> Option<Accepted> {
    checksum::bech32(seen.text()).then(|| seen.accept())?
}

/// Small and capital letters and digits, as chance has them.
fn mixed(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text();
    let fits = text.contains(|c: char| c.is_ascii_lowercase())
        && text.contains(|c: char| c.is_ascii_uppercase())
        && text.contains(|c: char| c.is_ascii_digit());
    (fits && seen.stands_alone()).then(|| seen.accept())?
}

/// 32 bytes in Base58 have no check part, so a word must name them.
fn solana(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (43, 44), digits: 1, letters: true, marks: "" })?;
    mixed(&Seen { start: found.start, end: found.end, ..*seen })
}

/// Addresses in one case carry no check.
fn ethereum(seen: &Seen<'_>) -> Option<Accepted> {
    let hex = seen.text().get(2..)?;
    let digits_only = hex.bytes().all(|b| b.is_ascii_digit());
    let one_case = !hex.contains(|c: char| c.is_ascii_lowercase())
        || !hex.contains(|c: char| c.is_ascii_uppercase());
    match one_case {
        _ if digits_only => None,
        true => seen.accept(),
        false => checksum::erc55(hex).then(|| seen.accept())?.map(|a| a.with_score(1.0)),
    }
}
