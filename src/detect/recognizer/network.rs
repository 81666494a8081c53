//! Addresses of machines: IPv4, IPv6, MAC.

use crate::detect::{
    EntityType,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix},
};
use core::net::{Ipv4Addr, Ipv6Addr};

#[rustfmt::skip]
const IP: &[&str] = &[
    "ip", "ips", "ipv4", "ipv6", "v6", "address", "addr", "ipaddr", "ip address", "client ip", "remote addr",
];
const MAC: &[&str] = &["mac", "ethernet", "hwaddr", "bssid", "hardware address", "ether"];

pub(super) static NETWORK: Recognizer = Recognizer {
    name: "network",
    description: "IPv4, IPv6 and MAC addresses; not version numbers, loopback or wildcard addresses",
    patterns: &[
        Pattern::new(
            EntityType::IP_ADDRESS,
            0.4,
            r"(?-u:\b)[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?-u:\b)",
        )
        .check(v4)
        .context(0.8, IP),
        // Defanged, so that nobody follows it.
        Pattern::new(
            EntityType::IP_ADDRESS,
            0.9,
            r"(?-u:\b)[0-9]{1,3}(?:\[\.\]|\(\.\)|\[dot\])[0-9]{1,3}(?:\[\.\]|\(\.\)|\[dot\]|\.)[0-9]{1,3}(?:\[\.\]|\(\.\)|\[dot\]|\.)[0-9]{1,3}(?-u:\b)",
        )
        .check(defanged),
        Pattern::new(
            EntityType::IP_ADDRESS,
            0.3,
            r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}",
        )
        .check(v6)
        .context(0.8, IP),
        Pattern::new(
            EntityType::MAC_ADDRESS,
            0.95,
            r"(?-u:\b)[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?-u:\b)",
        )
        .check(mac)
        .context(1.0, MAC),
        Pattern::new(
            EntityType::MAC_ADDRESS,
            0.6,
            r"(?-u:\b)[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?-u:\b)",
        )
        .check(dotted_mac)
        .context(0.95, MAC),
        Pattern::new(
            EntityType::MAC_ADDRESS,
            0.85,
            r"(?i-u:\b(?:mac|hw|ethernet|bssid|wifi)[ _-]?(?:addr(?:ess)?)?)",
        )
        .check(named_mac),
    ],
};

fn v4(seen: &Seen<'_>) -> Option<Accepted> {
    let address: Ipv4Addr = seen.text().parse().ok()?;
    let free = seen.is_free_left(".-_+") && seen.is_free_right(".-_+");
    let named_version = is_version(seen.left());
    // Addresses that every machine has say nothing about anybody; those that every network has say little by themselves.
    let [a, _, c, d] = address.octets();
    let (ones, zeros) = (u32::from(address).leading_ones(), u32::from(address).trailing_zeros());
    let is_mask = a == 255 && zeros > 0 && ones + zeros == 32;
    let everybodys = address.is_loopback() || a == 0 || is_mask;
    let local = address.is_private() || address.is_link_local() || (c == 0 && d == 0) || ones == 32;
    let accepted = (free && !named_version && !everybodys).then(|| seen.accept())??;
    let like_version = is_version_like(address) && !is_used(seen.right());
    let open = local || like_version || is_object_id(address);
    Some(if open { accepted } else { accepted.with_score(0.95) })
}

/// As logs write where somebody came from, and programs where to go: `… - - [04/Mar/2024…`, `… port 22`, `…:8080`.
fn is_used(right: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let port = right.strip_prefix(':').is_some_and(|port| {
        let len = digits(port);
        (2..=5).contains(&len) && !port.get(len..).is_some_and(|b| b.starts_with([':', '.']))
    });
    port || right.starts_with(" - - [")
        || right.strip_prefix(" port ").is_some_and(|port| digits(port) > 1)
}

fn defanged(seen: &Seen<'_>) -> Option<Accepted> {
    let parts = seen.text().split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    (parts.map(str::parse::<u8>).all(|part| part.is_ok()) && seen.is_free_left(".-_+"))
        .then(|| seen.accept())?
}

/// Four small numbers, the first of one digit: one of some 15,000 addresses looks so, and most releases do.
fn is_version_like(address: Ipv4Addr) -> bool {
    let [first, rest @ ..] = address.octets();
    first < 10 && rest.iter().all(|&part| part < 32)
}

/// ITU-T X.520 and X.509: attributes and extensions of certificates are named by numbers under these.
fn is_object_id(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [2, 5, 4 | 29, _] | [1, 3, 6, 1])
}

/// Words in front of a version, whole or as the end of another word (`appVersion`).
#[rustfmt::skip]
const VERSION: &[&str] = &["version", "versions", "release", "revision", "firmware"];
/// The same, whole.
#[rustfmt::skip]
const VERSION_WORD: &[&str] = &["ver", "rv", "v", "build", "section", "chapter", "clause", "appendix"];

/// True when the text in front says that a version follows.
fn is_version(left: &str) -> bool {
    let left =
        left.trim_end_matches([' ', ':', '=', '"', '\'', '^', '~', '>', '<']).to_ascii_lowercase();
    let word = left.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    VERSION.iter().any(|version| word.ends_with(version))
        || VERSION_WORD.contains(&word)
        || left.ends_with('§')
        || is_standard(&left)
}

/// `RFC 5280 4.2.1.10`: a section of a standard.
fn is_standard(left: &str) -> bool {
    let word = left.trim_end_matches([',', '(']).trim_end_matches(|c: char| c.is_ascii_digit());
    word.trim_end_matches([' ', '-']).ends_with("rfc")
}

/// Extends the first three groups to the whole address.
fn v6(seen: &Seen<'_>) -> Option<Accepted> {
    if seen.is_touched_left() || matches!(seen.before(), Some(':' | '.')) {
        return None;
    }
    let rest = prefix(seen.all.get(seen.start..)?, 46);
    let len =
        rest.find(|c: char| !c.is_ascii_hexdigit() && c != ':' && c != '.').unwrap_or(rest.len());
    let text = rest.get(..len)?.trim_end_matches('.');
    let text = if text.ends_with("::") { text } else { text.trim_end_matches(':') };
    let found = Seen { end: seen.start + text.len(), ..*seen };
    if found.is_touched_right() || found.after() == Some(':') {
        return None;
    }
    let address: Ipv6Addr = text.parse().ok()?;
    // The last line of a fingerprint, or the name of a device: no address has two digits in each of eight groups.
    if text.split(':').all(|group| group.len() == 2) {
        return None;
    }
    let groups = text.split(':').filter(|g| !g.is_empty()).count();
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    let sure = groups >= 4 || (groups >= 2 && digits && (address.segments()[0] >= 0x1000));
    let everybodys = address.is_loopback() || address.is_unspecified();
    if everybodys && !stands_in_prose(&found) {
        return None;
    }
    found.accept().map(|a| if sure && !everybodys { a.with_score(0.95) } else { a })
}

/// In code `::` is a path; as an address it ends a sentence or the text.
fn stands_in_prose(found: &Seen<'_>) -> bool {
    let quiet =
        |c: Option<char>| !c.is_some_and(|c| c.is_ascii_punctuation() && c != '.' && c != ',');
    let last = found.right().trim_start_matches(['.', ',']).trim_start_matches(' ').is_empty();
    quiet(found.before()) && last
}

fn mac(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text();
    let mark = text.get(2..3)?;
    let even = text.split(mark).count() == 6;
    let parts = || text.split(mark);
    let constant = parts().all(|p| Some(p) == parts().next());
    // Six pairs of digits may be a time stamp, unless words say otherwise.
    let time = !text.contains(|c: char| c.is_ascii_alphabetic()) && mark == "-";
    let free =
        seen.is_free_left(":-.") && seen.is_free_right(":-.") && !continues_line(seen.left());
    let accepted = (even && free && !constant).then(|| seen.accept())??;
    Some(if time { accepted.with_score(0.3) } else { accepted })
}

/// Twelve hexadecimal digits without marks behind the word.
fn named_mac(seen: &Seen<'_>) -> Option<Accepted> {
    let found =
        named::value(seen, &Shape { length: (12, 12), digits: 1, letters: true, marks: "" })?;
    let value = seen.all.get(found.start..found.end)?;
    let constant = value.bytes().all(|b| Some(b) == value.bytes().next());
    (!constant && value.bytes().all(|b| b.is_ascii_hexdigit())).then_some(found)
}

/// `…:3b:` and a line break: what follows is the rest of a fingerprint.
fn continues_line(left: &str) -> bool {
    let above = left.trim_end_matches([' ', '\t']);
    let pair =
        above.trim_end_matches(['\r', '\n']).strip_suffix(':').filter(|_| above.ends_with('\n'));
    pair.and_then(|pair| pair.rsplit_once(':'))
        .is_some_and(|(_, last)| last.len() == 2 && last.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn dotted_mac(seen: &Seen<'_>) -> Option<Accepted> {
    let letters = seen.text().bytes().any(|b| b.is_ascii_alphabetic());
    let digits = seen.text().bytes().any(|b| b.is_ascii_digit());
    (letters && digits && seen.stands_alone()).then(|| seen.accept())?
}
