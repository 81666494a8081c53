//! Hashes of passwords and tickets: whoever has one can try passwords against it, or use it in place of one.

use super::{SECRET, random};
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

/// The longest hash.
const HASH: usize = 512;
/// The longest ticket, key table or answer.
const TICKET: usize = 8192;

pub(in super::super) static HASHES: Recognizer = Recognizer {
    name: "secrets/password_hash",
    description: "hashes of passwords, with their salt: crypt, LDAP, Django, Werkzeug, SCRAM, Windows; tickets and key tables of Kerberos",
    patterns: &[
        Pattern::new(SECRET, 0.85, r"\$(?:2[abxy]?|1|5|6|8|9|y|apr1|argon2(?:id|i|d)|scrypt|pbkdf2-sha(?:256|512)|P|H|S)\$[A-Za-z0-9./=,$+_-]{20}").check(crypt),
        Pattern::new(SECRET, 0.85, r"\{(?:SSHA|SHA|SMD5|PBKDF2|SSHA256|SSHA512)\}[A-Za-z0-9+/=$]{20}").check(scheme),
        Pattern::new(SECRET, 0.85, r"(?:pbkdf2_sha(?:1|256|512)\$|pbkdf2:sha(?:1|256|512):|scrypt:[0-9]{4,7}:|SCRAM-SHA-(?:1|256)\$)[0-9:]{1,12}[$:][A-Za-z0-9+/=$._-]{24}").check(salted),
        Pattern::new(SECRET, 0.9, r"\$krb5(?:tgs|asrep|pa)\$[A-Za-z0-9*$@._/:-]{24}").check(kerberos),
        Pattern::new(SECRET, 0.9, r"doI[A-Za-z0-9+/]{3,16}AwIBBaEDAgEW").check(base64_file),
        Pattern::new(SECRET, 0.8, r"BQIAAA[A-Za-z0-9+/]{58}").check(base64_file),
        Pattern::new(SECRET, 0.9, r":[0-9A-Fa-f]{32}:::").check(dumped),
        Pattern::new(SECRET, 0.9, r":[0-9A-Fa-f]{32}:0101000000000000").check(answer),
        Pattern::new(SECRET, 0.9, r"\$DCC2\$[0-9]{1,6}#[!-~]{1,64}#[0-9a-f]{32}"),
    ],
};

fn crypt(seen: &Seen<'_>) -> Option<Accepted> {
    let end = seen.run(HASH, |c| c.is_ascii_alphanumeric() || "./=,$+_-".contains(c));
    let hash = seen.all.get(seen.start..end)?;
    let last = hash.rsplit('$').next()?;
    let least = if hash.starts_with("$P$") || hash.starts_with("$H$") { 31 } else { 22 };
    (last.len() >= least && random::is_random(last))
        .then(|| seen.accept_span(seen.start, end))
        .flatten()
}

/// `{SSHA}…`
fn scheme(seen: &Seen<'_>) -> Option<Accepted> {
    let end = seen.run(HASH, |c| c.is_ascii_alphanumeric() || "+/=$.".contains(c));
    seen.accept_span(seen.start, end)
}

/// Rounds, salt and hash behind the name of the method.
fn salted(seen: &Seen<'_>) -> Option<Accepted> {
    let end = seen.run(HASH, |c| c.is_ascii_alphanumeric() || "+/=$:._-".contains(c));
    let last = seen.all.get(seen.start..end)?.rsplit(['$', ':']).next()?;
    (last.len() >= 27 && random::is_random(last))
        .then(|| seen.accept_span(seen.start, end))
        .flatten()
}

/// `$krb5tgs$…`, as tools that ask for tickets write them: names, then the ticket in hexadecimal.
fn kerberos(seen: &Seen<'_>) -> Option<Accepted> {
    let end = seen.run(TICKET, |c| c.is_ascii_alphanumeric() || "*$@._/:-".contains(c));
    let ticket = seen.all.get(seen.start..end)?.rsplit(['$', ':']).next()?;
    (ticket.len() >= 64 && ticket.bytes().all(|b| b.is_ascii_hexdigit()))
        .then(|| seen.accept_span(seen.start, end))
        .flatten()
}

/// A file in Base64 that its first bytes tell: a ticket (`.kirbi`) or a key table.
fn base64_file(seen: &Seen<'_>) -> Option<Accepted> {
    if seen.before().is_some_and(|c| c.is_ascii_alphanumeric() || "+/".contains(c)) {
        return None;
    }
    let end = seen.run(TICKET, |c| c.is_ascii_alphanumeric() || "+/=".contains(c));
    let file = seen.all.get(seen.start..end)?;
    (file.len() >= 64 && random::is_random(file.get(16..)?))
        .then(|| seen.accept_span(seen.start, end))
        .flatten()
}

/// The two hashes in a line of a password dump of Windows: `ann:1001:<LM>:<NT>:::`.
fn dumped(seen: &Seen<'_>) -> Option<Accepted> {
    seen.accept_span(behind_hex(seen, 32)?, seen.end - ":::".len())
}

/// The answer to a challenge of NTLM, from the challenge on: `ann::CORP:<challenge>:<proof>:<blob>`.
fn answer(seen: &Seen<'_>) -> Option<Accepted> {
    seen.accept_span(behind_hex(seen, 16)?, seen.run(TICKET, |c| c.is_ascii_hexdigit()))
}

/// Where the hexadecimal digits in front of the match begin, `len` of them behind a colon.
fn behind_hex(seen: &Seen<'_>, len: usize) -> Option<usize> {
    let start = seen.start.checked_sub(len)?;
    let digits = seen.all.get(start..seen.start)?;
    let colon = seen.all.get(..start)?.ends_with(':');
    (colon && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(start)
}
