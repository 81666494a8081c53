//! Web and other addresses, with whatever credentials they carry.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix, suffix},
};

pub(super) static URL: Recognizer = Recognizer {
    name: "url",
    description: "URLs with a known scheme, `www.` names, and bare domain names under well-known top-level domains",
    patterns: &[
        Pattern::new(EntityType::URL, 0.95, r"(?i-u:[a-z]://[a-z0-9_\[%*.:~!$&'()+,;=-])").check(with_scheme),
        Pattern::new(EntityType::URL, 0.9, r"(?i-u:\bwww\.[a-z0-9])").check(www),
        Pattern::new(
            EntityType::URL,
            0.6,
            r"(?i-u:[a-z0-9]\.(?:com|org|net|edu|gov|mil|int|info|biz|io|co|ai|app|dev|cloud|online|site|xyz|shop|tech|store|blog|news|academy|agency|bank|care|email|live|media|pro|tv|ly|gl|gg|us|uk|de|fr|nl|eu|ru|cn|jp|br|au|ca|ch|se|es|pl|cz|gr|hu|dk|fi|pt|ro|kr|tw|hk|sg|mx|ar|cl|nz|za|tr|ua|il|ie|aws|si|lt|lv|ee|hr|bg|sk|lu|am|pm|ms|fm|at|be)\b)",
        )
        .check(bare),
    ],
};

/// How much of a URL is looked at.
const LONGEST: usize = 2048;
#[rustfmt::skip]
const SCHEMES: &[&str] = &[
    "amqp", "amqps", "bolt", "clickhouse", "file", "ftp", "ftps", "git", "gs", "http", "https", "imap", "imaps",
    "irc", "jdbc", "kafka", "ldap", "ldaps", "mariadb", "memcached", "mongodb", "mongodb+srv", "mqtt", "mqtts",
    "mssql", "mysql", "nats", "neo4j", "oracle", "postgres", "postgresql", "redis", "rediss", "rtmp", "rtsp",
    "s3", "sftp", "sip", "smb", "smtp", "smtps", "socks5", "sqlserver", "ssh", "svn", "tcp", "telnet", "udp",
    "ws", "wss",
];

/// Goes back to the start of the scheme and on to the end.
fn with_scheme(seen: &Seen<'_>) -> Option<Accepted> {
    let left = suffix(seen.all.get(..seen.start + 1)?, 24);
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let written = left.get(
        left.rfind(|c| !is_scheme(c))
            .map_or(0, |at| at + left[at..].chars().next().map_or(1, char::len_utf8))..,
    )?;
    let scheme = known_scheme(written)?;
    let start = seen.start + 1 - scheme.len();
    let body = seen.start + "x://".len();
    let end = body + body_len(seen.all.get(body..)?);
    let host = Host::of(seen.all.get(body..end)?);
    let local = matches!(scheme.to_ascii_lowercase().as_str(), "file" | "s3" | "gs");
    (host.is_plausible() || (local && end > body + 1)).then(|| seen.accept_span(start, end))?
}

/// The known scheme that `written` is, or ends with behind a mark (`MORE-https`, `jdbc:` before it is cut already).
fn known_scheme(written: &str) -> Option<&str> {
    let known = |s: &str| SCHEMES.contains(&s.to_ascii_lowercase().as_str());
    let cuts =
        written.char_indices().filter(|(_, c)| matches!(c, '+' | '-' | '.')).map(|(at, _)| at + 1);
    std::iter::once(0).chain(cuts).filter_map(|at| written.get(at..)).find(|s| known(s))
}

fn www(seen: &Seen<'_>) -> Option<Accepted> {
    if !seen.is_free_left("./@-") {
        return None;
    }
    let end = seen.start + body_len(seen.all.get(seen.start..)?);
    let host = Host::of(seen.all.get(seen.start..end)?);
    (host.has_top_level() && host.labels() >= 3).then(|| seen.accept_span(seen.start, end))?
}

/// Goes back to the start of the name. Names in code look the same: what is called, or continues, is none.
fn bare(seen: &Seen<'_>) -> Option<Accepted> {
    let left = suffix(seen.all.get(..seen.start + 1)?, 100);
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let name_at = left
        .rfind(|c| !in_name(c))
        .map_or(0, |at| at + left[at..].chars().next().map_or(1, char::len_utf8));
    let start = seen.start + 1 - (left.len() - name_at);
    let found = Seen { start, ..*seen };
    let name = found.text();
    let joined_left =
        matches!(found.before(), Some('@' | '/' | '\\' | '_' | '$' | '#' | '%' | '&' | '=' | '~'))
            || found.before().is_some_and(is_word);
    let joined_right = matches!(seen.after(), Some('(' | '_' | '@' | '=' | '[' | '\\' | '{' | '$'))
        || (matches!(seen.after(), Some('.' | '-')) && !found.is_free_right(".-"))
        || seen.after().is_some_and(is_word);
    if joined_left || joined_right || !is_domain(name) {
        return None;
    }
    let end = match seen.after() {
        Some('/' | '?' | ':') => start + body_len(seen.all.get(start..)?),
        _ => seen.end,
    };
    let path = end > seen.end;
    seen.accept_span(start, end).map(|a| if path { a.with_score(0.85) } else { a })
}

/// A lower-case name (or one with a well-known ending) whose labels are sound and do not run from general to special, as
/// the packages of Java do (`org.example.io`).
fn is_domain(name: &str) -> bool {
    let mut labels = name.split('.');
    let (Some(first), Some(last)) = (labels.next(), name.rsplit('.').next()) else { return false };
    let sound = name
        .split('.')
        .all(|l| !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-'));
    let package = matches!(
        first,
        "com"
            | "org"
            | "net"
            | "io"
            | "edu"
            | "gov"
            | "dev"
            | "de"
            | "fr"
            | "java"
            | "javax"
            | "self"
            | "this"
            | "std"
            | "os"
            | "sys"
    );
    let one_case = last.bytes().all(|b| b.is_ascii_lowercase())
        || name.bytes().all(|b| !b.is_ascii_lowercase());
    let common = matches!(last, "com" | "org" | "net" | "edu" | "gov" | "info");
    // `List.co`, `asp.net`, `socket.io` and the like read as names of code or products.
    let camel = name.bytes().any(|b| b.is_ascii_uppercase())
        && !common
        && name.bytes().any(|b| b.is_ascii_lowercase());
    let product = matches!(
        name.to_ascii_lowercase().as_str(),
        "asp.net" | "ado.net" | "vb.net" | "socket.io" | "draw.io" | "i.e" | "e.g"
    );
    let numeric = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // `7.am` and `10.pm` are times.
    let time = matches!(last, "am" | "pm") && first.parse::<u8>().is_ok_and(|hour| hour <= 12);
    sound && !package && one_case && !camel && !product && !numeric && !time
}

/// How long the URL at the start of `text` is: up to white space, quotes, brackets that close something else, or writing that
/// URLs do not hold; without the punctuation of the sentence around it.
fn body_len(text: &str) -> usize {
    let text = prefix(text, LONGEST);
    let len = text.find(|c| !is_url_char(c)).unwrap_or(text.len());
    let mut body = text.get(..len).unwrap_or_default();
    let mut unopened = [('(', ')'), ('[', ']'), ('{', '}')].map(|(open, close)| {
        (close, body.matches(close).count().saturating_sub(body.matches(open).count()))
    });
    while let Some(last) = body.chars().next_back() {
        // Only what closes can be behind what it opens, so what is cut off here opens nothing.
        let closes_nothing = unopened.iter_mut().find(|(close, more)| *close == last && *more > 0);
        if let Some((_, more)) = closes_nothing {
            *more -= 1;
        } else if !".,;:!?'*~_&".contains(last) {
            break;
        }
        body = body.get(..body.len() - last.len_utf8()).unwrap_or_default();
    }
    body.len()
}

fn is_url_char(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        '-' | '.' | '_' | '~' | ':' | '/' | '?' | '#' | '[' | ']' | '@' | '!' | '$' | '&'
        | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '=' | '%' | '{' | '}' => true,
        c => !c.is_ascii() && is_word(c),
    }
}

/// The part of a URL between `//` and the path, without credentials and port.
struct Host<'t> {
    name: &'t str,
    credentials: bool,
    port: bool,
}

impl<'t> Host<'t> {
    fn of(body: &'t str) -> Self {
        let authority = body.split(['/', '?', '#']).next().unwrap_or_default();
        let (credentials, host) =
            authority.rsplit_once('@').map_or((false, authority), |(_, h)| (true, h));
        let in_brackets = host.starts_with('[');
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !in_brackets => (name, port.bytes().all(|b| b.is_ascii_digit())),
            _ => (host, false),
        };
        Self { name, credentials, port }
    }

    fn labels(&self) -> usize {
        self.name.split('.').filter(|l| !l.is_empty()).count()
    }

    fn has_top_level(&self) -> bool {
        self.name.rsplit('.').next().is_some_and(|l| {
            l.chars().count() >= 2 && l.chars().all(|c| c.is_alphabetic() || c == '-')
        })
    }

    /// A name, an address, or a single word such as `localhost`.
    fn is_plausible(&self) -> bool {
        let letters = self.name.chars().any(char::is_alphabetic);
        let address = self.name.split('.').count() == 4
            && self.name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let sound = !self.name.is_empty()
            && !self.name.starts_with('.')
            && !self.name.contains("..")
            && !self.name.contains(['{', '}', '$', '%', '*', '(', ')', '<', '>', ',', '=']);
        self.credentials
            || self.name.starts_with('[')
            || (sound && (letters || address || self.port))
    }
}
