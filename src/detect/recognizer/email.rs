//! E-mail addresses.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix, suffix},
};
use core::net::IpAddr;
use regex_automata::{Input, meta::Regex};
use std::sync::LazyLock;

pub(super) static EMAIL: Recognizer = Recognizer {
    name: "email",
    description: "e-mail addresses, also with letters beyond ASCII or spelled out (`ann [at] example dot org`)",
    patterns: &[
        Pattern::new(EntityType::EMAIL_ADDRESS, 1.0, r"@[A-Za-z0-9\[\u{A1}-\u{FFFF}]").check(address),
        // As links and pages carry it: `?to=ann%40example.org`, `ann&#64;example.org`.
        Pattern::new(
            EntityType::EMAIL_ADDRESS,
            0.95,
            r"(?:%(?:25){0,2}40|&#(?:64|[xX]40);)[A-Za-z0-9\u{A1}-\u{FFFF}]",
        )
        .check(address),
        Pattern::new(
            EntityType::EMAIL_ADDRESS,
            0.9,
            r"(?i-u:[\[({<] ?(?:at|@) ?[\])}>]| dot (?:com|org|net|edu|gov|info|io|co|de|fr|es|it|nl|eu|uk|ch|ca|au|in|us|br|example)\b)",
        )
        .check(spelled_out),
        Pattern::new(EntityType::EMAIL_ADDRESS, 0.9, r"(?-u:\b) AT [A-Za-z0-9-]{1,40}\.[A-Za-z]").check(shouted),
        Pattern::new(EntityType::EMAIL_ADDRESS, 0.3, r" @ [A-Za-z0-9-]{1,40}\.[A-Za-z]").check(spaced).context(0.8, WORDS),
    ],
};

/// Words in front of an address.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "address", "contact", "correo", "courriel", "e mail", "email", "kontakt", "mail", "reach me", "write to",
];

/// Longest parts by RFC 5321.
const LOCAL: usize = 64;
const DOMAIN: usize = 253;

/// What stands at the end of file and unit names rather than of domains: `icon@2x.png`, `getty@tty1.service`.
const NOT_DOMAINS: &[&str] = &[
    "css", "gif", "gz", "html", "jpeg", "jpg", "js", "json", "jsx", "lock", "mount", "png", "scss",
    "service", "slice", "socket", "svg", "target", "tgz", "timer", "toml", "ts", "tsx", "txt",
    "webp", "xml", "yaml", "yml", "zst",
];

/// Extends the `@` of the pattern, or what is written for it, to both sides.
fn address(seen: &Seen<'_>) -> Option<Accepted> {
    let start = local_start(seen.all, seen.start)?;
    let domain = seen.end - seen.text().chars().next_back()?.len_utf8();
    let end = domain_end(seen.all, domain).or_else(|| literal_end(seen.all, domain))?;
    let start = start + prefix_len(seen.all.get(start..seen.start)?, seen.all.get(end..)?);
    let is_clone_url =
        seen.all.get(start..seen.start)? == "git" && seen.all.get(end..)?.starts_with(':');
    if is_clone_url { None } else { seen.accept_span(start, end) }
}

/// An address in which `@` or dots are spelled out. Too costly to look for everywhere: the pattern of the engine matches what is
/// rare in it, this the whole around it.
static SPELLED_OUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i-u:(?:\b[a-z0-9_+-]{1,32}(?: dot | underscore | dash | hyphen |\.| ?[\[({]dot[\])}] ?)){0,3}\b[a-z0-9_+-]{1,32}(?: ?[\[({<] ?(?:at|@) ?[\])}>] ?| at )",
        r"(?:[a-z0-9-]{1,40}(?: dot |\.| ?[\[({] ?(?:dot|\.) ?[\])}] ?)){1,3}[a-z]{2,12}\b)",
    ))
    .expect("a literal pattern")
});
/// How far around its rare part such an address may reach.
const SPELLED_LEFT: usize = 96;
const SPELLED_RIGHT: usize = 64;

fn spelled_out(seen: &Seen<'_>) -> Option<Accepted> {
    let from = seen.start - suffix(seen.all.get(..seen.start)?, SPELLED_LEFT).len();
    let to = seen.end + prefix(seen.all.get(seen.end..)?, SPELLED_RIGHT).len();
    let mut matches = SPELLED_OUT.find_iter(Input::new(seen.all).range(from..to));
    let whole = matches.find(|m| m.start() <= seen.start && seen.end <= m.end())?;
    let found = Seen { start: whole.start(), end: whole.end(), ..*seen };
    found.is_whole_word().then(|| found.accept())?
}

/// `tom.weiss AT example.org`. Other words in front of `AT` have neither marks nor digits.
fn shouted(seen: &Seen<'_>) -> Option<Accepted> {
    let accepted = apart(seen, " AT ".len())?;
    let local = seen.all.get(accepted.start..seen.start)?;
    local.contains(|c: char| c.is_ascii_digit() || "._+".contains(c)).then_some(accepted)
}

/// `ann @ example.org`
fn spaced(seen: &Seen<'_>) -> Option<Accepted> {
    apart(seen, " @ ".len())
}

/// An address with `len` bytes between its parts.
fn apart(seen: &Seen<'_>, len: usize) -> Option<Accepted> {
    let start = local_start(seen.all, seen.start)?;
    let end = domain_end(seen.all, seen.start + len)?;
    seen.accept_span(start, end)
}

/// How much of the local part belongs to the quotes around the address, as in Python: `u'ann@example.org'`.
fn prefix_len(local: &str, behind: &str) -> usize {
    let marks = ["u'", "b'", "r'", "f'"];
    let mark = marks.iter().find(|m| behind.starts_with('\'') && local.starts_with(**m));
    mark.filter(|m| local.len() > m.len()).map_or(0, |m| m.len())
}

/// Where the local part before `at` begins.
fn local_start(all: &str, at: usize) -> Option<usize> {
    let mut start = at;
    let mut behind = '@';
    for c in all.get(..at)?.chars().rev().take(LOCAL) {
        let fits = is_word(c) || "%+-".contains(c) || ("'.".contains(c) && is_word(behind));
        if !fits {
            break;
        }
        start -= c.len_utf8();
        behind = c;
    }
    // `ann@example.org-bob@example.org`: the first domain is no part of the second name.
    if all.get(..start)?.ends_with('@') {
        start = domain_end(all, start).filter(|&end| end < at).unwrap_or(start);
    }
    // `"Ann Smith"@example.org`
    if start == at && all.get(..at)?.ends_with('"') {
        return quoted_start(all, at);
    }
    let local = all.get(start..at)?;
    let start = at - local.trim_start_matches(['.', '\'', '%', '+', '-']).len();
    (start < at).then_some(start)
}

/// Where a local part in quotes begins that ends before `at`.
fn quoted_start(all: &str, at: usize) -> Option<usize> {
    let inside = suffix(all.get(..at - 1)?, LOCAL);
    let text = inside.rsplit('"').next().filter(|text| text.len() < inside.len())?;
    let start = at - 1 - text.len() - 1;
    let plain = |c: char| is_word(c) || " .-+'".contains(c);
    let apart = !all.get(..start)?.ends_with(is_word);
    (!text.is_empty() && text.chars().all(plain) && apart).then_some(start)
}

/// Where the domain that begins at `from` ends: labels with single dots between them, the last one a top level.
fn domain_end(all: &str, from: usize) -> Option<usize> {
    let rest = prefix(all.get(from..)?, DOMAIN);
    let len =
        rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '.')).unwrap_or(rest.len());
    let domain = rest.get(..len)?;
    let domain = domain.get(..domain.find("..").unwrap_or(len))?;
    // What goes on to an `@` belongs in part to the next address.
    let shared = rest.get(len..)?.starts_with('@');
    let mut end = None;
    let mut at = domain.find('.')?;
    let host = domain.get(..at)?;
    let is_lower = !host.contains(char::is_uppercase);
    for label in domain.get(at + 1..)?.split('.') {
        let begins_sentence = end.is_some() && is_lower && label.starts_with(char::is_uppercase);
        if begins_sentence {
            break;
        }
        match top_level_len(label, host) {
            Some(top) if shared && top < label.len() => return Some(from + at + 1 + top),
            Some(top) => end = Some(from + at + 1 + top),
            None => {}
        }
        at += 1 + label.len();
        // Text without spaces goes on behind the address.
        if label.starts_with(is_word) && !label.chars().all(is_word) && !label.contains('-') {
            break;
        }
    }
    end
}

/// Where an address in brackets that begins at `from` ends (`ann@[192.0.2.1]`).
fn literal_end(all: &str, from: usize) -> Option<usize> {
    let inside = prefix(all.get(from..)?, 48).strip_prefix('[')?.split_once(']')?.0;
    let address = inside.strip_prefix("IPv6:").unwrap_or(inside).parse::<IpAddr>();
    address.is_ok().then_some(from + inside.len() + 2)
}

/// Top levels in scripts without spaces between words, where the text may go on behind the address.
const TOP_LEVELS: &[&str] = &[
    "中国",
    "中國",
    "公司",
    "网络",
    "網路",
    "香港",
    "台湾",
    "台灣",
    "新加坡",
    "在线",
    "网址",
    "みんな",
    "한국",
];

/// How much of `label` is a top level: what is joined to it by a hyphen is not (`ann@example.org-thanks`).
fn top_level_len(label: &str, host: &str) -> Option<usize> {
    let lower = label.to_ascii_lowercase();
    if lower.starts_with("xn--") {
        return Some(label.len());
    }
    if let Some(top) = TOP_LEVELS.iter().find(|top| lower.starts_with(**top)) {
        return Some(top.len());
    }
    let len = label.find(|c| c == '-' || !is_word(c)).unwrap_or(label.len());
    let top = lower.get(..len)?;
    let letters = top.chars().nth(1).is_some() && top.chars().all(char::is_alphabetic);
    // `page@v2.md` and `user@README.md` are files.
    let is_file = NOT_DOMAINS.contains(&top)
        || top == "md" && (host.contains(char::is_uppercase) || is_version(host));
    (letters && !is_file).then_some(len)
}

fn is_version(host: &str) -> bool {
    host.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
}
