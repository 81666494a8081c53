//! Addresses of machines: IPv4, IPv6, MAC.

use crate::detect::{
    EntityType,
    named::{self, Shape},
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_latin, prefix},
};
use core::net::{Ipv4Addr, Ipv6Addr};

#[rustfmt::skip]
const IP: &[&str] = &[
    "ip", "ips", "ipv4", "ipv6", "v6", "address", "addr", "ipaddr", "ip address", "client ip", "remote addr",
];
/// Words that say whose an address of a local network is: without one it is an example as often as somebody's.
#[rustfmt::skip]
const HOST: &[&str] = &[
    "backend", "box", "camera", "client", "connect", "connected", "connecting", "connection", "container", "curl", "dest", "destination",
    "dhcpack", "dhcpdiscover", "dhcpoffer", "dhcprequest", "dns", "dst", "endpoint", "gateway", "gw", "host", "hostname", "hosts", "inet", "laptop",
    "lease", "logged", "login", "logon", "machine", "nameserver", "nas", "nmap", "node", "peer", "ping", "pod", "printer", "proxy", "raspberry",
    "rdp", "remote", "resolver", "router", "rsync", "scp", "server", "servers", "source", "src", "ssh", "sshd", "switch", "target", "telnet", "traceroute",
    "upstream", "vm", "vpn", "workstation",
];
const MAC: &[&str] = &["mac", "ethernet", "hwaddr", "bssid", "hardware address", "ether"];

/// The form with dots is that of Cisco's tables; weights of characters look the same.
#[rustfmt::skip]
const DOTTED_MAC: &[&str] = &[
    "arp", "arpa", "bia", "bssid", "dhcp", "dynamic", "ether", "ethernet", "hardware", "hwaddr", "interface", "mac", "static", "vlan",
];

const V4: &str = r"(?-u:\b)[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?-u:\b)";

pub(super) static NETWORK: Recognizer = Recognizer {
    name: "network",
    description: "IPv4, IPv6 and MAC addresses; not version numbers, loopback or wildcard addresses",
    patterns: &[
        Pattern::new(EntityType::IP_ADDRESS, 0.4, V4).check(v4).context(0.8, IP),
        Pattern::new(EntityType::IP_ADDRESS, 0.4, V4).check(local_v4).context(0.75, HOST),
        // No word makes a host of a network.
        Pattern::new(EntityType::IP_ADDRESS, NETWORK_SCORE, V4).check(network_v4).weak(),
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
            0.4,
            r"(?-u:\b)[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?-u:\b)",
        )
        .check(dotted_mac)
        .context(0.95, DOTTED_MAC),
        Pattern::new(
            EntityType::MAC_ADDRESS,
            0.85,
            r"(?i-u:\b(?:mac|hw|ethernet|bssid|wifi)[ _-]?(?:addr(?:ess)?)?)",
        )
        .check(named_mac),
    ],
};

/// Of a network that belongs to nobody.
const NETWORK_SCORE: f32 = 0.3;

/// An address of a host, with what its surroundings say of it.
fn v4(seen: &Seen<'_>) -> Option<Accepted> {
    let address = host(seen)?;
    // Addresses that every network has say little by themselves.
    let local = is_local(address) || address.octets().ends_with(&[0, 0]) || address.is_broadcast();
    let open = local || is_version_like(address) || is_object_id(address);
    let sure = !open || !local && is_used(seen);
    seen.accept().map(|accepted| if sure { accepted.with_score(0.95) } else { accepted })
}

/// The same of a local network: where somebody is at it, it is told by what stands around it.
fn local_v4(seen: &Seen<'_>) -> Option<Accepted> {
    host(seen).filter(|&address| is_local(address))?;
    let left = seen.left();
    // In a column of back ends a port says nothing of whose they are: `/a,10.0.0.9:443`.
    let is_cell = matches!(seen.before(), Some(',' | ';' | '\t' | '|'));
    let told = is_used(seen) && !is_cell || is_user(left) || is_logged(left) || is_place(left);
    seen.accept().map(|accepted| if told { accepted.with_score(0.75) } else { accepted })
}

/// A network of those that everybody may have, or that stand for one in documents: `10.96.0.0/12`.
fn network_v4(seen: &Seen<'_>) -> Option<Accepted> {
    address(seen).filter(|&address| is_open_network(address, seen.right())).and(seen.accept())
}

/// The address, if it may be that of a host.
fn host(seen: &Seen<'_>) -> Option<Ipv4Addr> {
    address(seen).filter(|&address| !is_open_network(address, seen.right()))
}

fn address(seen: &Seen<'_>) -> Option<Ipv4Addr> {
    let address: Ipv4Addr = seen.text().parse().ok()?;
    let free = seen.is_free_left(".-_+") && seen.is_free_right(".-_+");
    // Addresses that every machine has say nothing about anybody.
    let (ones, zeros) = (u32::from(address).leading_ones(), u32::from(address).trailing_zeros());
    let is_mask = address.octets()[0] == 255 && zeros > 0 && ones + zeros == 32;
    let everybodys = address.is_loopback() || address.octets()[0] == 0 || is_mask;
    (free && !everybodys && !is_version(seen.left()) && !is_drawn(seen)).then_some(address)
}

fn is_local(address: Ipv4Addr) -> bool {
    address.is_private() || address.is_link_local()
}

/// RFC 1918, RFC 5737: no host is told by a prefix that leaves its bits zero, nor by the first or last address of such a network.
fn is_open_network(address: Ipv4Addr, right: &str) -> bool {
    let is_open = is_local(address) || address.is_documentation() || address.is_multicast();
    let zeros = u32::from(address).trailing_zeros();
    let is_end =
        (is_local(address) || address.is_documentation()) && matches!(address.octets()[3], 0 | 255);
    is_end || is_open && prefix_len(right).is_some_and(|len| len < 32 && zeros + len >= 32)
}

/// `/24`, `/255.255.255.0`: how many bits tell the network.
fn prefix_len(right: &str) -> Option<u32> {
    let behind = right.strip_prefix('/')?;
    let len = behind.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(behind.len());
    let written = behind.get(..len)?.trim_end_matches('.');
    match written.parse::<Ipv4Addr>() {
        Ok(mask) => Some(u32::from(mask).count_ones()),
        Err(_) => written.parse().ok(),
    }
}

/// As logs write where somebody came from, and programs where to go: `… - - [04/Mar/2024…`, `… port 22`, `…:8080`.
fn is_used(seen: &Seen<'_>) -> bool {
    let right = seen.right();
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let port = right.strip_prefix(':').is_some_and(|port| {
        let len = digits(port);
        (2..=5).contains(&len) && !port.get(len..).is_some_and(|b| b.starts_with([':', '.']))
    });
    port || right.starts_with(" - - [")
        || right.strip_prefix(" port ").is_some_and(|port| digits(port) > 1)
}

/// `ann@10.20.30.44`
fn is_user(left: &str) -> bool {
    left.strip_suffix('@').is_some_and(|user| user.ends_with(is_latin))
}

/// `… 06:25:24 … from 10.3.0.7`, `from=10.3.0.7`: where a line with a time of day names who came or where it went.
fn is_logged(left: &str) -> bool {
    let line = left.rsplit('\n').next().unwrap_or_default();
    let ways = ["by", "for", "from", "on", "to"];
    let word = last_word(line);
    let time = |b: &[u8]| matches!(b, [b'0'..=b'2', b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9']);
    ways.iter().any(|way| word.eq_ignore_ascii_case(way))
        && (line.as_bytes().windows(5).any(time) || line.ends_with('='))
}

/// `it is at 192.168.1.50`
fn is_place(left: &str) -> bool {
    left.ends_with(' ') && last_word(left).eq_ignore_ascii_case("at")
}

/// The word that `text` ends with, a mark behind it aside.
fn last_word(text: &str) -> &str {
    let text = text.trim_end_matches([' ', ':', '=', '"', '\'', '(', '[']);
    text.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}

/// Part of the path of a drawing, where `-2.12 3.51.98.32` are five numbers: the neighbours are such numbers, too.
fn is_drawn(seen: &Seen<'_>) -> bool {
    let is_number = |word: &str| {
        word.contains('.')
            && word.parse::<Ipv4Addr>().is_err()
            && word.bytes().all(|b| b.is_ascii_digit() || b"-.".contains(&b))
    };
    let left = seen.left().strip_suffix(' ').and_then(|left| left.rsplit(' ').next());
    let right = seen.right().strip_prefix(' ').and_then(|right| right.split(' ').next());
    left.is_some_and(is_number)
        && right.is_some_and(|word| is_number(word.trim_end_matches(|c: char| !c.is_ascii_digit())))
}

fn defanged(seen: &Seen<'_>) -> Option<Accepted> {
    let parts = seen.text().split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    (parts.map(str::parse::<u8>).all(|part| part.is_ok()) && seen.is_free_left(".-_+"))
        .then(|| seen.accept())?
}

/// Small numbers, the first of one digit and at most one of the others above 31: one of some 600 addresses looks so, and most
/// releases do.
fn is_version_like(address: Ipv4Addr) -> bool {
    let [first, rest @ ..] = address.octets();
    first < 10 && rest.iter().filter(|&&part| part < 32).count() > 1
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
    // The last line of a fingerprint, the name of a device, a row of numbers: no address has one or two digits in each of eight
    // groups.
    if text.split(':').all(|group| matches!(group.len(), 1 | 2)) {
        return None;
    }
    if is_mask_v6(address) || is_open_network_v6(address, found.right()) {
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

/// `ffff:ff00::`, `::ff:ffff:ffff:ffff`: what parts a network from its hosts.
fn is_mask_v6(address: Ipv6Addr) -> bool {
    let bits = u128::from(address);
    bits.leading_ones() >= 16 && bits.leading_ones() + bits.trailing_zeros() >= 128
        || bits.trailing_ones() >= 32 && bits.trailing_ones() + bits.leading_zeros() == 128
}

/// A network of those that everybody may have or that stand for one in documents. RFC 4193: a network of one's own has a random
/// number of 40 bits in front.
fn is_open_network_v6(address: Ipv6Addr, right: &str) -> bool {
    let [first, second, third, ..] = address.segments();
    let numbered = |len: u32| len >= 48 && (second, third) != (0, 0);
    let Some(len) = prefix_len(right).filter(|len| *len < 128) else { return false };
    let is_open = address.is_unique_local() && !numbered(len)
        || address.is_unicast_link_local()
        || address.is_multicast()
        || (first, second) == (0x2001, 0xdb8);
    is_open && u128::from(address).trailing_zeros() + len >= 128
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
