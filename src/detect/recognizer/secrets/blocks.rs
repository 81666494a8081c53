//! Private keys as they are written to files: one block from its first line to its last.

use super::{SECRET, check::WEAK};
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix},
};

/// The longest block without a last line, in bytes. One that has it may be of any length.
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
    let rest = seen.all.get(seen.end..)?;
    // The body of a key has no dashes: the next ones end it. So many beginnings in a row cost nothing.
    let next = rest.find("----").unwrap_or(rest.len());
    let closed = rest.get(next..).and_then(closing);
    let dashes = if closed.is_some() { next } else { unclosed(rest.get(..next)?) };
    let body = rest.get(..dashes)?;
    if body.bytes().filter(|b| b.is_ascii_alphanumeric()).count() < BODY || !has_key_line(body) {
        return None;
    }
    let end = dashes + closed.unwrap_or_default();
    // That of SSH2 says so of all keys.
    let header = seen.text();
    let sealed = header.contains("ENCRYPTED") && !header.contains("SSH2") || is_sealed(body);
    let block = seen.accept_span(seen.start, seen.end + end)?;
    Some(if sealed { block.with_score(WEAK) } else { block })
}

/// Encrypted under a passphrase, by the header of PEM or by the cipher that OpenSSH names at the beginning.
fn is_sealed(body: &str) -> bool {
    /// `openssh-key-v1` and the length of the cipher's name; then what `none` looks like.
    const OPENSSH: (&str, &str) = ("b3BlbnNzaC1rZXktdjEAAAAA", "BG5vbmU");
    let cipher = body.find(OPENSSH.0).and_then(|at| body.get(at + OPENSSH.0.len()..));
    let head = prefix(body, 160);
    head.contains("Proc-Type") && head.contains("ENCRYPTED")
        || cipher.is_some_and(|cipher| !cipher.starts_with(OPENSSH.1))
}

/// How much of a body without a last line is text that keys have: [`BLOCK`], and on to the end of the line there.
fn unclosed(body: &str) -> usize {
    let is_text = |c: char| c.is_ascii() && !c.is_control() || c.is_whitespace();
    let len = prefix(body, BLOCK).find(|c| !is_text(c));
    len.unwrap_or_else(|| {
        let near = prefix(body, BLOCK).len();
        let line = body.get(near..).unwrap_or_default();
        near + line.find(|c: char| !is_key_text(c)).unwrap_or(line.len())
    })
}

fn is_key_text(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=".contains(c)
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
    body.as_bytes().split(|b| !is_key_text(char::from(*b))).any(|run| run.len() >= BODY)
}

/// From the first line to the MAC in the last.
fn putty(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, BLOCK);
    let private = rest.find("Private-Lines:")?;
    let end = rest.get(private..)?.find("Private-MAC:").map_or(rest.len(), |at| {
        let mac = private + at + "Private-MAC:".len();
        let hex = rest.get(mac..).unwrap_or_default();
        mac + hex.find(|c: char| !(c.is_ascii_hexdigit() || c == ' ')).unwrap_or(hex.len())
    });
    let key = seen.accept_span(seen.start, seen.end + end)?;
    let open = rest.get(..private)?.contains("Encryption: none");
    Some(if open { key } else { key.with_score(WEAK) })
}

/// `ENCRYPTED` in Base64, wherever it begins in a group of three bytes.
const ENCRYPTED: [&str; 3] = ["RU5DUllQVEVE", "VOQ1JZUFRFR", "FTkNSWVBURU"];

/// A whole PEM file in Base64.
fn encoded(seen: &Seen<'_>) -> Option<Accepted> {
    let head = prefix(seen.all.get(seen.start..)?, 160);
    let sealed = ENCRYPTED.iter().any(|mark| head.contains(mark));
    // What is weak may be refused later, and be looked at again inside of itself.
    let end = seen.run(if sealed { BLOCK } else { usize::MAX }, is_key_text);
    let key = (end - seen.end >= BODY).then(|| seen.accept_span(seen.start, end))??;
    Some(if sealed { key.with_score(WEAK) } else { key })
}
