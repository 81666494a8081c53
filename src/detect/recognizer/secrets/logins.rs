//! Pairs of a user and a password that people write beside each other: `user/pass: ann/…`, `admin / …`, `ann@example.org:…`.

use super::{
    told::{is_odd, is_told},
    value::Value,
};
use crate::detect::{
    pattern::Accepted,
    seen::{Seen, is_word, prefix, suffix},
};

/// How far behind its word a pair may stand, and how far back a line is read, in bytes.
const SAID: usize = 96;

/// `user/pass: ann/…`, `creds: ann:…`, `my bank login is ann / …`, `creds ann …`, `log in with ann@example.org / …`.
pub(super) fn login(seen: &Seen<'_>) -> Option<Accepted> {
    let said = prefix(seen.all.get(seen.end..)?, SAID);
    let open = said.trim_start_matches([' ', ':', '=', '-']);
    if open.len() == said.len() {
        return None;
    }
    let open =
        ["are ", "is ", "was ", "were "].iter().find_map(|v| open.strip_prefix(v)).unwrap_or(open);
    let line = open.split('\n').next()?;
    let user =
        line.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"._-@\\+".contains(b)).count();
    let sign = line.get(user..)?.trim_start_matches(' ');
    let signs = ["//", "/", ":", "and ", "und "];
    let behind = signs.iter().find_map(|s| sign.strip_prefix(s));
    let is_pair = seen.text().contains(['/', ':']);
    // `login` is a verb and a page as well, and behind `creds` anything may stand.
    let is_named =
        is_pair || behind.is_some() && seen.text().to_ascii_lowercase().starts_with("cred");
    let word = behind.unwrap_or(sign).trim_start_matches(' ');
    let start = seen.end + (said.len() - open.len()) + (line.len() - word.len());
    let value = Value::at(seen.all, start)?;
    (user >= 2 && is_told(&value) && (is_named || is_odd(value.text) && value.text.len() >= 8))
        .then(|| value.accept(seen))?
}

/// `admin / …`, `root/… on the NAS`, `admin:…@10.0.0.4`: the names that every machine has, and a password that is no path.
pub(super) fn everybodys(seen: &Seen<'_>) -> Option<Accepted> {
    if seen.before().is_some_and(|c| is_word(c) || "/\\.-@:~$<\"'`#".contains(c)) {
        return None;
    }
    let value = Value::at(seen.all, seen.end)?;
    let text = match value.text.rsplit_once('@') {
        Some((text, host)) if host.contains('.') => text,
        _ => value.text,
    };
    let is_path = text.contains(['/', ':', '(', '<', '=']) || text.contains("%2");
    let value = Value::known(text, value.start);
    (has_mark(text) && !is_path && text.len() >= 8 && is_told(&value))
        .then(|| value.accept(seen))?
}

/// `ann@example.org:…`, as lists of logins have it: nothing else stands behind the colon of an address of mail.
pub(super) fn behind_address(seen: &Seen<'_>) -> Option<Accepted> {
    const COPIES: &[&str] = &["scp", "rsync", "ssh", "git", "sftp", "://"];
    let reach = suffix(seen.all.get(..seen.start)?, SAID);
    let line = reach.rsplit('\n').next()?;
    let value = Value::at(seen.all, seen.end)?;
    let text = value.text;
    let is_path = text.contains('/') || text.starts_with(['~', '.', ' ']);
    let file = text.rsplit_once('.').is_some_and(|(_, end)| {
        (2..=4).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_lowercase())
    });
    let copied = COPIES.iter().any(|word| line.contains(word));
    (!is_path && !file && !copied && !value.quoted && is_told(&value))
        .then(|| value.accept(seen))?
}

/// `pass is …`, which is no password in `pass it as …`.
pub(super) fn pass_is(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::at(seen.all, seen.end)?;
    is_told(&value).then(|| value.accept(seen))?
}

/// `user ann pass …`, `network Barn, pass …`: behind somebody or something that one is let in to.
pub(super) fn pass(seen: &Seen<'_>) -> Option<Accepted> {
    const WORDS: &[&str] =
        &["user", "usr", "login", "network", "wifi", "wi-fi", "wlan", "ssid", "account", "guest"];
    let reach = suffix(seen.all.get(..seen.end)?, SAID);
    let line = reach.rsplit('\n').next()?.to_lowercase();
    let value = Value::at(seen.all, seen.end)?;
    (WORDS.iter().any(|word| line.contains(word)) && is_told(&value)).then(|| value.accept(seen))?
}

/// `wifi: …`, `WLAN-Schlüssel: …`, `code wifi : …`.
pub(super) fn network(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::at(seen.all, seen.end)?;
    // Without a word for a key anything may stand behind a network: the driver, the channel.
    let bare = seen.text().trim_end_matches([' ', ':', '=']).len() <= 5;
    (is_told(&value) && (!bare || has_mark(value.text))).then(|| value.accept(seen))?
}

/// A mark that no name of a driver or a page has.
fn has_mark(text: &str) -> bool {
    text.contains(['!', '#', '%', '$', '^', '*', '?', '+', '@', '&'])
}
