//! Passwords in commands and in files that have a form of their own: `curl -u`, `.netrc`, `.pgpass`, `htpasswd`, `shadow`.

use super::{
    SECRET, random,
    value::{Value, is_stand_in},
};
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix, suffix},
};

pub(in super::super) static COMMANDS: Recognizer = Recognizer {
    name: "secrets/command",
    description: "passwords and their hashes in commands, .netrc, .pgpass, htpasswd, shadow, Docker and Maven settings",
    patterns: &[
        Pattern::new(SECRET, 0.8, r" (?:-u|--user|--proxy-user|-U)[ =][\x22']?[A-Za-z0-9._%@\\-]{1,64}:").check(user_option),
        Pattern::new(SECRET, 0.8, r"(?i-u:\b(?:psexec(?:64)?(?:\.exe)?|sshpass|docker login|net use|mysql(?:dump|admin)?|redis-cli|smbclient|az login|helm registry login))(?-u:\b)").check(password_option),
        Pattern::new(SECRET, 0.85, r"(?-u:\b)login [!-~]{1,64}[ \t\n]{1,8}password ").check(next_word),
        Pattern::new(SECRET, 0.8, r":(?:5432|6432|\*):[A-Za-z0-9_*-]{1,40}:[A-Za-z0-9_-]{1,40}:").check(next_word),
        Pattern::new(SECRET, 0.85, r"\$(?:2[abxy]?|1|5|6|y|apr1|argon2(?:id|i|d)|scrypt|pbkdf2-sha(?:256|512)|P|H|S)\$[A-Za-z0-9./=,$+_-]{20}").check(crypt),
        Pattern::new(SECRET, 0.85, r"\{(?:SSHA|SHA|SMD5|PBKDF2|SSHA256|SSHA512)\}[A-Za-z0-9+/=$]{20}").check(scheme_hash),
        Pattern::new(SECRET, 0.8, r"\x22auth\x22 ?: ?\x22[A-Za-z0-9+/]{12}").check(docker_auth),
        Pattern::new(SECRET, 0.8, r"ConvertTo-SecureString (?:-String )?[\x22']").check(secure_string),
        Pattern::new(SECRET, 0.8, r"CURLOPT_(?:XOAUTH2_BEARER|PASSWORD|USERPWD|PROXYUSERPWD|PROXYPASSWORD|KEYPASSWD|TLSAUTH_PASSWORD)[ \t]{0,3},[ \t\n]{0,24}[\x22']").check(curl_option),
    ],
};

/// `curl -u user:password`.
fn user_option(seen: &Seen<'_>) -> Option<Accepted> {
    let left = suffix(seen.all.get(..seen.start)?, 200);
    let line = left.rsplit("\n\n").next()?;
    ["curl", "wget", "http", "xh "]
        .iter()
        .any(|tool| line.contains(tool))
        .then(|| plain(seen, seen.end))?
}

/// `-p password` behind a command that takes it.
fn password_option(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, 160);
    let line = rest.split('\n').next()?;
    let flags = [" -p ", " /p:", " -a ", " --password ", " -p", " /user:"];
    let (at, flag) = flags.iter().find_map(|flag| Some((line.find(flag)?, *flag)))?;
    let start = seen.end + at + flag.len();
    if flag == " -p" && !seen.text().to_ascii_lowercase().starts_with(['m', 's']) {
        return None;
    }
    plain(seen, start)
}

/// The word at `start`, unless it stands for another.
fn plain(seen: &Seen<'_>, start: usize) -> Option<Accepted> {
    let rest = prefix(seen.all.get(start..)?, 160);
    let quote = rest.chars().next().filter(|c| "\"'".contains(*c));
    let skip = usize::from(quote.is_some());
    let inner = rest.get(skip..)?;
    let len =
        inner.find(|c: char| c.is_whitespace() || "\"'`\\".contains(c)).unwrap_or(inner.len());
    let word = inner.get(..len)?;
    let live = len >= 4 && !word.starts_with(['-', '<', '$', '{']) && !is_stand_in(word);
    live.then(|| seen.accept_span(start + skip, start + skip + len)).flatten()
}

fn next_word(seen: &Seen<'_>) -> Option<Accepted> {
    plain(seen, seen.end)
}

fn run(seen: &Seen<'_>, fits: impl Fn(char) -> bool) -> usize {
    let rest = prefix(seen.all.get(seen.end..).unwrap_or_default(), 512);
    seen.end + rest.find(|c| !fits(c)).unwrap_or(rest.len())
}

/// The hash of a password, with its salt.
fn crypt(seen: &Seen<'_>) -> Option<Accepted> {
    let end = run(seen, |c| c.is_ascii_alphanumeric() || "./=,$+_-".contains(c));
    let hash = seen.all.get(seen.start..end)?;
    let last = hash.rsplit('$').next()?;
    let least = if hash.starts_with("$P$") || hash.starts_with("$H$") { 31 } else { 22 };
    (last.len() >= least && random::is_random(last))
        .then(|| seen.accept_span(seen.start, end))
        .flatten()
}

fn scheme_hash(seen: &Seen<'_>) -> Option<Accepted> {
    let end = run(seen, |c| c.is_ascii_alphanumeric() || "+/=$.".contains(c));
    seen.accept_span(seen.start, end)
}

/// `user:password` in Base64.
fn docker_auth(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.start + seen.text().rfind('"')? + 1;
    let end = run(seen, |c| c.is_ascii_alphanumeric() || "+/=".contains(c));
    let value = seen.all.get(start..end)?;
    (value.len() >= 12 && random::surprise(value.as_bytes()) >= 5.0)
        .then(|| seen.accept_span(start, end))
        .flatten()
}

fn secure_string(seen: &Seen<'_>) -> Option<Accepted> {
    quoted(seen)
}

fn curl_option(seen: &Seen<'_>) -> Option<Accepted> {
    quoted(seen)
}

/// The string whose opening quote ends the match.
fn quoted(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::at(seen.all, seen.end - 1)?;
    (value.text.len() >= 4 && !is_stand_in(value.text)).then(|| value.accept(seen)).flatten()
}
