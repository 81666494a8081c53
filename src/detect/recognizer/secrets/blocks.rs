//! Private keys as they are written to files: one block from its first line to its last.

use super::SECRET;
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix},
};

/// The longest block, in bytes; keys that resist quantum computers are that long.
const BLOCK: usize = 16384;
/// The fewest characters of Base64 in a key: what has less only speaks of one.
const BODY: usize = 32;

pub(in super::super) static KEYS: Recognizer = Recognizer {
    name: "secrets/private_key",
    description: "private keys of PEM, OpenSSH, PGP, SSH2 and PuTTY files as one block, also indented, escaped or in Base64",
    patterns: &[
        Pattern::new(SECRET, 0.98, r"-----? ?BEGIN [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)? ?-----?").check(key_block),
        Pattern::new(SECRET, 0.95, r"PuTTY-User-Key-File-[123]:").check(putty),
        Pattern::new(SECRET, 0.9, r"LS0tLS1CRUdJTiB(?:QUklWQVRFIEtFW|SU0EgUFJJVkFURSBLRV|FQyBQUklWQVRFIEtFW|PUEVOU1NIIFBSSVZBVEUgS0VZ|EU0EgUFJJVkFURSBLRV|RU5DUllQVEVEIFBSSVZBVEUgS0VZ|QR1AgUFJJVkFURSBLRV)").check(encoded),
    ],
};

/// To the end of the block, or, where that is missing, of the part that is there.
fn key_block(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, BLOCK);
    // The body of a key has no dashes: the next ones end it. So many beginnings in a row cost nothing.
    let dashes = rest.find("----").unwrap_or_else(|| printable(rest));
    let body = rest.get(..dashes)?;
    if body.bytes().filter(|b| b.is_ascii_alphanumeric()).count() < BODY || !has_key_line(body) {
        return None;
    }
    let end = rest.get(dashes..).and_then(closing).map_or(dashes, |len| dashes + len);
    seen.accept_span(seen.start, seen.end + end)
}

fn printable(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii() && !c.is_control() || c.is_whitespace()))
        .unwrap_or(text.len())
}

/// How long the closing line is.
fn closing(rest: &str) -> Option<usize> {
    let line = prefix(rest, 96);
    let end = line.find("END ")?;
    let dashes = line.get(end..)?.find("----")?;
    let all = line.get(end + dashes..)?;
    Some(end + dashes + (all.len() - all.trim_start_matches('-').len()).min(5))
}

/// One run of Base64 that is longer than words are.
fn has_key_line(body: &str) -> bool {
    let is_text = |b: &u8| b.is_ascii_alphanumeric() || b"+/=".contains(b);
    body.as_bytes().split(|b| !is_text(b)).any(|run| run.len() >= BODY)
}

/// From the first line to the MAC in the last.
fn putty(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, BLOCK / 3);
    let private = rest.find("Private-Lines:")?;
    let end = rest.get(private..)?.find("Private-MAC:").map_or(rest.len(), |at| {
        let mac = private + at + "Private-MAC:".len();
        let hex = rest.get(mac..).unwrap_or_default();
        mac + hex.find(|c: char| !(c.is_ascii_hexdigit() || c == ' ')).unwrap_or(hex.len())
    });
    seen.accept_span(seen.start, seen.end + end)
}

/// A whole PEM file in Base64.
fn encoded(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, BLOCK);
    let len = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c)))
        .unwrap_or(rest.len());
    (len >= BODY).then(|| seen.accept_span(seen.start, seen.end + len)).flatten()
}
