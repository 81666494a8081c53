//! What stands around bare digits and says that somebody is called there.

use crate::detect::seen::{Seen, is_word};

/// Words right in front of a number say that somebody is called there, or paid by it: `text me at`, `his number is`. A call or a
/// text that is not somebody's to make says nothing: `the call`, `the counter can reach`.
pub(super) fn is_called(left: &str) -> bool {
    #[rustfmt::skip]
    const VERBS: &[&str] = &[
        "call", "called", "contact", "dial", "dialed", "msg", "reach", "reached", "ring", "sms", "text", "texted", "txt", "venmo", "zelle",
    ];
    const WHOM: &[&str] = &["at", "her", "him", "me", "on", "them", "us"];
    #[rustfmt::skip]
    const OWNERS: &[&str] = &[
        "best", "callback", "cell", "contact", "direct", "her", "his", "home", "main", "mobile", "my", "new", "office", "our", "personal", "phone", "private",
        "their", "whatsapp", "work", "your",
    ];
    #[rustfmt::skip]
    const LEADS: &[&str] = &[
        "and", "don't", "he", "i", "i'll", "just", "kindly", "now", "or", "please", "pls", "she", "then", "they", "to", "u", "we", "we'll", "who", "you",
    ];
    const MAY: &[&str] = &["can", "could", "may", "must", "should", "will"];
    let line = left.rsplit('\n').next().unwrap_or_default().trim_end();
    let plain = line.trim_end_matches([':', ' ']).to_lowercase();
    let is_signed = plain.len() < line.len();
    let mut words = plain.rsplit(' ').filter(|word| !word.is_empty());
    let is = |word: Option<&str>, list: &[&str]| {
        word.is_some_and(|word| list.contains(&word.trim_start_matches(['"', '\'', '*', '>', '“'])))
    };
    let Some(last) = words.next() else { return false };
    let last = Some(last);
    if is(last, &["is"]) {
        let named = words.next();
        return is(named, &["zelle"]) || is(named, &["number"]) && is(words.next(), OWNERS);
    }
    if is(last, &["number's", "#"]) {
        return is(words.next(), OWNERS);
    }
    if is(last, WHOM) {
        return words
            .by_ref()
            .find(|word| !WHOM.contains(word))
            .is_some_and(|verb| is(Some(verb), VERBS));
    }
    if is(last, &["to"]) {
        return is(words.next(), &["venmo", "zelle"]);
    }
    if is(last, &["venmo", "zelle"]) || is_signed && is(last, &["contact"]) {
        return true;
    }
    let is_field = is_signed && is(last, &["text", "msg", "ring"]);
    let mut lead = words.next();
    if is(lead, MAY) {
        lead = words.next();
    }
    is(last, VERBS)
        && !is_field
        && (is(lead, LEADS) || lead.is_none_or(|lead| !lead.ends_with(char::is_alphanumeric)))
}

/// A cell between commas, semicolons or tabs, with a mail address as another cell in the same line: `12,Ann Lee,ann@example.org,3055550166`.
pub(super) fn is_in_record(seen: &Seen<'_>) -> bool {
    let Some(mark @ (',' | ';' | '\t')) = seen.before() else { return false };
    let behind = seen.right().split(['\n', '\r']).next().unwrap_or_default();
    let before = seen.left().rsplit('\n').next().unwrap_or_default();
    let is_mail = |cell: &str| {
        let cell = cell.trim_matches('"');
        cell.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !cell.contains(char::is_whitespace)
        })
    };
    (behind.is_empty() || behind.starts_with(mark))
        && before.split(mark).chain(behind.split(mark)).any(is_mail)
}

/// Between a name of two or three words and an address of mail.
pub(super) fn is_between(left: &str, behind: &str) -> bool {
    let name = left.rsplit('\n').next().unwrap_or_default().strip_suffix(", ").unwrap_or_default();
    let words = || name.split(' ');
    let is_name = |word: &str| {
        word.starts_with(char::is_uppercase) && word.chars().skip(1).any(char::is_lowercase)
    };
    let mail = behind.strip_prefix(", ").unwrap_or_default();
    let user = mail.find(|c: char| !is_word(c) && !".-+".contains(c)).unwrap_or_default();
    (2..=3).contains(&words().count())
        && words().all(is_name)
        && user > 0
        && mail.get(user..).is_some_and(|m| m.starts_with('@'))
}
