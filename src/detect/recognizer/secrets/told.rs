//! Passwords and keys that people tell each other: "the password for the NAS is …", `pw …`, "use … as the password".
//!
//! Three things make a told password, in any language: a word for it, a word or mark that links it to its value, and a value that
//! looks like one. Between the word and the link may stand what the password is for. Sentences about passwords have the first two
//! far more often than secrets in them, so the value must look like nothing else: letters with digits, and a mark or a capital.

use super::{SECRET, ends::TYPOGRAPHIC, logins, phrases, random, value::Value};
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix, suffix},
};

const KNOWN: &str = r"(?i-u:passw(?:or)?d|passwort|kennwort|contrase(?:n|ñ)a|mot de passe|wachtwoord|passphrase|(?-u:\b)pwd(?-u:\b))";

/// Words that are read nowhere else.
const NEW: &str = r"(?i-u:(?-u:\b)(?:pw|psw|pass ?code|mdp|senha|palavra-passe|clave|has(?:l|ł)o|heslo|l(?:o|ö)senord|passord|adgangskode|salasana|(?:ş|s)ifre|parola|jelsz(?:o|ó)|kata sandi|m(?:a|ậ)t kh(?:a|ẩ)u)(?-u:\b)|parolă|jelszó|mật khẩu|hasło|şifre|Şifre)";

pub(in super::super) static TOLD: Recognizer = Recognizer {
    name: "secrets/told",
    description: "passwords and keys in sentences and chats, in many languages",
    patterns: &[
        Pattern::new(SECRET, 0.75, KNOWN).check(known_word),
        Pattern::new(SECRET, 0.75, KNOWN).check(another),
        Pattern::new(SECRET, 0.75, NEW).check(new_word),
        Pattern::new(SECRET, 0.75, NEW).check(another),
        Pattern::new(SECRET, 0.75, r"(?:П|п)ароль|ПАРОЛЬ|密码|密碼|パスワード|비밀번호|(?:Κ|κ)ωδικός|סיסמה|كلمة المرور").check(new_word),
        Pattern::new(SECRET, 0.75, r"(?i-u:(?-u:\b)(?:key|token|api[ -]key|secret)(?-u:\b))").check(key),
        Pattern::new(SECRET, 0.75, r"(?i-u:(?-u:\b)(?:user(?:name)?|login|benutzer|email) ?[/:] ?(?:password|passwort|pass|pwd|pw)(?-u:\b)|(?-u:\b)(?:creds|credentials)(?-u:\b)|(?-u:\b)login(?: is| was|:)|(?-u:\b)(?:log|sign)(?:ged|ging|ned|ning)? ?in (?:with|as|using)(?-u:\b))").check(logins::login),
        Pattern::new(SECRET, 0.75, r"(?i-u:(?-u:\b)(?:admin|administrator|root|sa) ?[/:] ?)").check(logins::everybodys),
        Pattern::new(SECRET, 0.75, r"(?i-u:(?-u:\b)pass(?:code)? (?:is|was|is now|=|->) )").check(logins::pass_is),
        Pattern::new(SECRET, 0.75, r"(?i-u:(?-u:\b)(?:wi-?fi|wlan)(?:[ -](?:key|code|schl(?:ü|u)ssel|cl(?:é|e)|chiave))? ?[:=] ?|(?-u:\b)(?:cl(?:é|e)|code|clave|chiave) (?:du |del |de )?(?:wi-?fi|wlan) ?: ?)").check(logins::network),
        Pattern::new(SECRET, 0.7, r"[A-Za-z0-9]@[A-Za-z0-9][A-Za-z0-9.-]{0,60}\.[A-Za-z]{2,12}:").check(logins::behind_address),
        Pattern::new(SECRET, 0.75, r"(?i-u:(?-u:\b)(?:passphrase|seed(?: phrase)?|(?:recovery|secret) phrase|mnemonic(?: phrase)?)(?-u:\b))").check(phrases::phrase),
        Pattern::new(SECRET, 0.75, r"(?i-u:(?-u:\b)(?:recovery|backup|rescue|scratch|2fa) codes(?-u:\b))").check(phrases::codes),
        Pattern::new(SECRET, 0.75, r"(?i-u:(?:,|;|(?-u:\b)(?:user(?:name)?|login|usr):? [A-Za-z0-9._@-]{2,32},?) pass )").check(logins::pass),
    ],
};

/// How far behind its word a password may be told, in bytes, and how many words may stand between.
const SAID: usize = 96;
const WORDS: usize = 9;
/// The fewest and the most bytes of a password that nothing but a word in front tells.
const LEAST: usize = 8;
const MOST: usize = 64;

/// Words that say that what follows is the value.
#[rustfmt::skip]
const LINKS: &[&str] = &[
    "is", "was", "are", "be", "to", "now", "as", "=", "->", "=>", "→", "ist", "war", "lautet", "wäre", "auf", "jetzt", "zu", "est", "était", "sera",
    "devient", "à", "es", "era", "será", "a", "sea", "è", "sarà", "é", "foi", "para", "luidt", "naar", "wordt", "är", "blir", "er", "on",
    "it's", "it’s", "its", "til", "till", "je", "jest", "to:", "brzmi", "nastavené", "c'est", "c’est", "на", "это", "by", "este", "e",
];
/// Words before a word for passwords that make it somebody's: then the value may stand behind it without a link.
#[rustfmt::skip]
const OWNED: &[&str] = &[
    "my", "your", "his", "her", "our", "their", "new", "old", "temp", "temporary", "default", "initial", "current", "admin", "root", "wifi",
    "wi-fi", "router", "guest", "login", "mein", "dein", "neues", "unser", "wlan", "mon", "ton", "votre", "mi", "tu", "su", "minha", "mia",
    "mijn", "and", "und", "et", "y", "with", "mit", "apple", "bank", "database", "db", "email", "ftp", "gmail", "icloud", "imap", "laptop", "mail",
    "master", "mysql", "nas", "netflix", "portal", "postgres", "sa", "server", "sftp", "smtp", "sql", "ssh", "sudo", "rdp", "smb", "vnc", "vpn", "windows",
];
/// Words before a user's name, behind which the password may stand: `user bob password …`.
const USERS: &[&str] = &["benutzer", "login", "user", "username", "usuario", "utente"];
/// Determiners and the like between a link and the word, when the value stands in front: "… as the new password".
#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "the", "a", "my", "your", "his", "her", "our", "their", "new", "old", "default", "temporary", "temp", "initial", "admin", "root", "wifi",
    "das", "mein", "dein", "neues", "le", "mon", "nouveau", "la", "mi", "nueva", "minha", "a", "mia", "het", "mijn",
];
/// Words between the value and the word: "use … as the password", "… ist das Passwort".
const BACK_LINKS: &[&str] = &[
    "as", "is", "was", "als", "ist", "war", "comme", "est", "como", "es", "come", "è", "é", "(",
    "for", "für",
];

/// Words behind the word for a password that say that what follows is not the password.
#[rustfmt::skip]
const OTHERWISE: &[&str] = &[
    "hash", "hashes", "hashed", "hashing", "digest", "fingerprint", "checksum", "policy", "policies", "hint", "length", "strength", "field",
    "manager", "file", "prompt", "protected", "requirements", "must", "minimum", "min", "max", "format", "contains", "contain", "expires",
    "expired", "algorithm", "encoded", "encrypted", "using", "via", "example", "e.g.", "like", "such", "between", "not", "never", "than", "version",
    "commit", "id", "link", "url", "column", "parameter", "variable", "type", "public", "cache", "primary", "foreign", "characters", "called", "named",
    "where", "which", "whose", "class", "function", "method", "endpoint", "entropy", "needs", "requires", "has",
];

fn says_otherwise(word: &str) -> bool {
    OTHERWISE.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// A word that settings have as well: their signs are read there, with more lenience.
fn known_word(seen: &Seen<'_>) -> Option<Accepted> {
    let is_part = seen.before().is_some_and(|c| is_word(c) || "-./$[{".contains(c))
        || seen.after().is_some_and(|c| is_word(c) || "-.(@".contains(c));
    (!is_part).then(|| told(seen))?
}

/// A word that is read nowhere else.
fn new_word(seen: &Seen<'_>) -> Option<Accepted> {
    let is_part = seen.before().is_some_and(|c| is_word(c) || "-./$[{".contains(c))
        || seen.after().is_some_and(|c| is_word(c) || "-./(@".contains(c));
    (!is_part).then(|| told(seen))?
}

fn told(seen: &Seen<'_>) -> Option<Accepted> {
    // All told passwords have digits: most sentences about passwords are passed over here.
    let has_digit = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
    let is_of_program = || seen.left().to_ascii_lowercase().ends_with("app ");
    let is_near = has_digit(prefix(seen.all.get(seen.end..)?, SAID + MOST))
        || is_of_program()
        || has_digit(suffix(seen.all.get(..seen.start)?, SAID));
    if !is_near {
        return None;
    }
    ahead(seen).or_else(|| in_front(seen))
}

/// Behind the word: `: …`, "for the NAS is …", or at once.
fn ahead(seen: &Seen<'_>) -> Option<Accepted> {
    let said = prefix(seen.all.get(seen.end..)?, SAID);
    let before = words_before(seen);
    let of_user =
        before.len().checked_sub(2).is_some_and(|at| USERS.contains(&before[at].as_str()));
    let mut is_linked = of_user
        || before.last().is_none_or(|word| {
            OWNED.contains(&word.as_str()) || word.ends_with([',', ':', ';', '-'])
        });
    // A sign or a verb stands right in front, and nothing but what the password is for before that.
    let short = ["mdp", "psw", "pw"].iter().any(|word| seen.text().eq_ignore_ascii_case(word));
    let joins = ["and", "et", "mit", "und", "with", "y"];
    let is_joined = before.last().is_some_and(|word| joins.contains(&word.as_str()));
    let mut is_direct = short && is_linked && !is_joined;
    let mut is_dashed = false;
    for (nth, (at, word)) in words(said).enumerate().take(WORDS) {
        let start = seen.end + at;
        // On another line there is nothing but the value, and on this one no table.
        let broken = said.get(..at)?.contains('\n');
        let is_table = || line_before(seen).contains([',', ';', '\t', '|']);
        if broken && (nth > 0 && !is_linked || is_table() || !is_alone(seen.all, start)) {
            return None;
        }
        // `Password - …`
        if nth == 0 && matches!(word, "-" | "–" | "—") {
            is_dashed = true;
            continue;
        }
        let signed = word.trim_start_matches([':', '=', '：', '→']);
        let skipped = word.len() - signed.len();
        // `name="password">…`
        if signed.starts_with(['"', '\'']) && signed.get(1..).is_some_and(|b| b.starts_with('>')) {
            return None;
        }
        is_direct |= skipped > 0 && nth <= 3;
        if skipped > 0 || said.get(..at)?.ends_with(['\u{3000}']) {
            is_linked = true;
        }
        if signed.is_empty() {
            continue;
        }
        let start = start + skipped + usize::from(signed.starts_with('('));
        if is_linked && let Some(length) = seen.all.get(start..).and_then(phrases::app_password) {
            return seen.accept_span(start, start + length);
        }
        let is_marked = broken
            || signed.starts_with(['(', '"', '\'', '`', '*'])
            || signed.starts_with(TYPOGRAPHIC);
        if (is_linked || is_marked || is_dashed && nth == 1)
            && let Some(value) = Value::at(seen.all, start).filter(|value| {
                is_told(value)
                    || is_direct && (is_told_plainly(value) || is_of_digits(value, seen.all))
            })
            && (is_linked || is_marked || is_odd(value.text))
        {
            return value.accept(seen);
        }
        let bare = signed.trim_end_matches([':', ',', '=']);
        let lower = bare.to_lowercase();
        // `what's the wifi pass? it's …`
        if signed.ends_with('?') && answers(said.get(at + word.len()..)?) {
            continue;
        }
        if says_otherwise(bare)
            || signed.ends_with(['.', '!', '?', ';'])
            || signed.contains(['"', '(', ')', '{', '<'])
            || broken
        {
            return None;
        }
        let is_signed = signed.ends_with([':', '=', '：']);
        let is_change = lower == "from" && said.get(..at)?.contains("chang");
        let is_verb =
            matches!(lower.as_str(), "is" | "was" | "ist" | "war" | "es" | "est" | "é" | "è");
        is_linked = LINKS.contains(&lower.as_str()) || is_signed || is_change;
        // "… used to be …", "… for the router is …" at the end of a sentence.
        let was = lower == "be" && nth == 2 && said.trim_start().starts_with("used to be");
        let is_far = is_verb
            && (2..=4).contains(&nth)
            && is_for(said)
            && ends_sentence(said, at + word.len());
        is_direct = is_signed && nth <= 3
            || is_verb && nth == 0
            || is_direct && lower == "now"
            || was
            || is_far;
    }
    None
}

/// Begins as the answer to a question for it.
fn answers(rest: &str) -> bool {
    let rest = rest.trim_start().to_lowercase();
    ["it's ", "it’s ", "its ", "it is ", "it was ", "= ", "-> "]
        .iter()
        .any(|begin| rest.starts_with(begin))
}

/// Begins with a word that says what the password is for.
fn is_for(said: &str) -> bool {
    const FOR: &[&str] = &[
        "for", "to", "of", "on", "für", "vom", "du", "de", "del", "do", "da", "della", "para",
        "pour", "per", "van", "voor",
    ];
    said.split_whitespace().next().is_some_and(|word| FOR.contains(&word))
}

/// Nothing but one word follows in the sentence.
fn ends_sentence(said: &str, at: usize) -> bool {
    let rest = said.get(at..).unwrap_or_default().trim_start_matches(' ');
    let behind = rest.find(char::is_whitespace).and_then(|end| rest.get(end..)).unwrap_or_default();
    let word = rest.get(..rest.len() - behind.len()).unwrap_or_default();
    behind.is_empty() || behind.starts_with('\n') || word.ends_with(['.', ',', ';'])
}

/// In front of the word: "use … as the password", "… is my password", "changed it to … (password)".
fn in_front(seen: &Seen<'_>) -> Option<Accepted> {
    let next = words(seen.right()).next().map_or("", |(_, word)| word);
    let reach = suffix(seen.all.get(..seen.start)?, SAID);
    let line = reach.rsplit('\n').next()?;
    if says_otherwise(next.trim_end_matches(|c: char| !c.is_alphanumeric())) {
        return None;
    }
    let (mut rest, mut linked) = (line.trim_end(), false);
    for _ in 0..4 {
        if let Some(opened) = rest.strip_suffix('(') {
            (rest, linked) = (opened.trim_end(), true);
            break;
        }
        let word = rest.rsplit(' ').next()?;
        let lower = word.to_lowercase();
        let is_link = BACK_LINKS.contains(&lower.as_str());
        if !is_link && !BETWEEN.contains(&lower.as_str()) {
            break;
        }
        rest = rest.get(..rest.len() - word.len())?.trim_end();
        linked |= is_link;
        if is_link {
            break;
        }
    }
    let word = rest.rsplit(char::is_whitespace).next().filter(|_| linked)?;
    let start = seen.start - line.len() + (rest.len() - word.len());
    let value = Value::at(seen.all, start)?;
    (value.start + value.text.len() <= seen.start && is_told(&value) && is_odd(value.text))
        .then(|| value.accept(seen))?
}

/// What looks like a password in a sentence: letters and digits, with a mark or a capital, and no name of something else.
pub(super) fn is_told(value: &Value<'_>) -> bool {
    let text = value.text;
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    let (letters, digits) = (has(u8::is_ascii_alphabetic), has(u8::is_ascii_digit));
    let marked = has(|b| b.is_ascii_uppercase() || b"!#$%&*?+=^~_@-.".contains(b));
    (LEAST..=MOST).contains(&text.len())
        && letters
        && digits
        && marked
        && value.is_password()
        && !is_other(text)
        || is_short_and_odd(text) && value.is_password()
}

/// `tulip4482`, `x7Kq2Lm`: words with a number, and short ones without a mark, as people choose them where nobody asks for more.
fn is_told_plainly(value: &Value<'_>) -> bool {
    let text = value.text;
    let letters = text.bytes().take_while(u8::is_ascii_lowercase).count();
    let digits = text.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
    let word = letters >= 4
        && (2..=6).contains(&digits)
        && letters + digits == text.len()
        && !text.get(..letters).is_some_and(says_otherwise);
    // `lakeview2ndfloor`, `k33per`
    let behind = text.get(letters + digits..).unwrap_or_default();
    let joined = letters >= 1
        && (1..=4).contains(&digits)
        && behind.len() >= 2
        && behind.bytes().all(|b| b.is_ascii_lowercase())
        && text.len() >= if letters >= 4 { LEAST } else { 6 };
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    let mixed =
        has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    let kind = |b: u8| (b.is_ascii_digit(), b.is_ascii_uppercase());
    let changes = text.as_bytes().windows(2).filter(|w| kind(w[0]) != kind(w[1])).count();
    let short = (6..LEAST).contains(&text.len()) && mixed && changes >= 4;
    (word && text.len() >= LEAST || joined || short) && value.is_password() && !is_other(text)
}

/// `48219377`, and neither a day nor a number of what stands behind it.
pub(super) fn is_of_digits(value: &Value<'_>, all: &str) -> bool {
    #[rustfmt::skip]
    const UNITS: &[&str] = &[
        "bit", "bits", "byte", "bytes", "characters", "chars", "combinations", "days", "digits", "iterations", "ms", "people", "records", "rounds",
        "seconds", "times", "users", "zeichen",
    ];
    let text = value.text;
    let behind = all.get(value.start + text.len()..).unwrap_or_default();
    let is_compared =
        all.get(..value.start).is_some_and(|lead| lead.trim_end_matches(' ').ends_with("=="));
    let next = behind.trim_start_matches([' ', '-', '\u{a0}']);
    let unit = next.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let goes_on = behind.starts_with(|c: char| c.is_alphanumeric() || "-/:%_@".contains(c))
        || behind.starts_with(['.', ',']) && next_is_digit(behind);
    (6..=12).contains(&text.len())
        && value.is_plain()
        && text.bytes().all(|b| b.is_ascii_digit())
        && !goes_on
        && !is_compared
        && !is_day(text)
        && !UNITS.contains(&unit)
}

fn next_is_digit(behind: &str) -> bool {
    behind.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}

/// `20240512`, `12052024`
fn is_day(text: &str) -> bool {
    let year =
        |part: Option<&str>| part.is_some_and(|y| y.starts_with("19") || y.starts_with("20"));
    let least = |part: Option<&str>, most: u8| {
        part.and_then(|p| p.parse().ok()).is_some_and(|n: u8| (1..=most).contains(&n))
    };
    let iso = year(text.get(..4)) && least(text.get(4..6), 12) && least(text.get(6..8), 31);
    let usual = year(text.get(4..)) && least(text.get(..2), 31) && least(text.get(2..4), 31);
    text.len() == 8 && (iso || usual)
}

/// `password: … or …`, `old password …, new: …`, `changed the password from … to …`: the other one.
fn another(seen: &Seen<'_>) -> Option<Accepted> {
    #[rustfmt::skip]
    const BETWEEN: &[&str] = &[
        ", and if that fails ", ", now it's ", ", now it is ", " and now it's ", ", new: ", "; new: ", ", or ", ", ", " or ", " and ", " oder ", " ou ", " o ", " to ", " → ", " -> ",
        " and the new one is ",
    ];
    // Two passwords are not told without a word or a mark between; that is seen before the first is read once more.
    let near = prefix(seen.all.get(seen.end..)?, SAID + MOST);
    if !BETWEEN.iter().any(|between| near.contains(between)) {
        return None;
    }
    let plural = usize::from(seen.right().starts_with("s:"));
    let seen = &Seen { end: seen.end + plural, ..*seen };
    let from = known_word(seen).or_else(|| new_word(seen))?.end.max(seen.end);
    let rest = prefix(seen.all.get(from..)?, SAID);
    let open = rest.trim_start_matches(['"', '\'', '`', '*']);
    let behind = BETWEEN.iter().filter_map(|b| open.strip_prefix(b)).min_by_key(|b| b.len())?;
    let value = Value::at(seen.all, from + (rest.len() - behind.len()))?;
    let is_told_so = behind.len() + " now it's ".len() < open.len();
    (is_told(&value) && (is_odd(value.text) || is_told_so)).then(|| value.accept(seen))?
}

/// Shorter ones have capitals, small letters, digits and marks.
fn is_short_and_odd(text: &str) -> bool {
    (6..LEAST).contains(&text.len())
        && is_odd(text)
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && text.bytes().any(|b| b.is_ascii_uppercase())
}

/// Has a digit, and a mark that no word has.
pub(super) fn is_odd(text: &str) -> bool {
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    let marks = text.bytes().any(|b| b"!#$%&*?+=^~@".contains(&b));
    let cases = text.bytes().any(|b| b.is_ascii_lowercase())
        && text.bytes().any(|b| b.is_ascii_uppercase());
    digits && (marks || random::is_random(text) || cases && text.contains(['_', '-']))
}

/// Names of algorithms, formats, versions, measures and times, which stand where passwords are spoken of.
fn is_other(text: &str) -> bool {
    #[rustfmt::skip]
    const NAMES: &[&str] = &[
        "sha", "md5", "aes", "base64", "base32", "utf-", "utf8", "bcrypt", "argon", "pbkdf", "scrypt", "oauth", "ntlm", "hmac", "rfc", "iso-", "iso/", "tls",
        "ssl", "http", "version", "v1.", "v2.", "v3.", "cve-", "win", "mysql", "python", "java", "ipv", "wpa", "ed25519", "rsa", "x509", "x.509", "kerberos",
        "md4", "nist", "owasp", "pkcs", "sp800", "sp 800", "2fa", "u2f", "fido", "hs256", "rs256", "es256", "user", "field", "step", "level", "line", "page", "section",
    ];
    let lower = text.to_ascii_lowercase();
    let digits = lower.bytes().take_while(u8::is_ascii_digit).count();
    let unit = lower.get(digits..).unwrap_or_default().trim_start_matches(['-', '+']);
    let counted = digits > 0
        && [
            "char", "digit", "letter", "symbol", "zeichen", "stellig", "caract", "caratt", "day",
            "month", "year", "hour", "minute", "bit", "byte", "word", "factor", "step", "time",
            "th", "st", "nd", "rd",
        ]
        .iter()
        .any(|u| unit.starts_with(u));
    let all_numbers = text.bytes().filter(u8::is_ascii_alphabetic).count() <= 1;
    let is_path = text.matches('\\').count() > 1;
    counted
        || is_path
        || text.contains(char::is_whitespace)
        || all_numbers
        || NAMES.iter().any(|name| lower.starts_with(name))
        || lower.contains("/") && !is_odd(text)
}

/// Keys in sentences: "the api key is …", "my key … doesn't work", "here's the key: …".
fn key(seen: &Seen<'_>) -> Option<Accepted> {
    #[rustfmt::skip]
    const BEFORE: &[&str] = &[
        "my", "your", "our", "the", "this", "his", "her", "their", "prod", "production", "staging", "dev", "live", "new", "old", "api", "secret", "access",
        "private", "service", "admin", "deploy", "auth", "bearer", "mein", "der", "den", "ma", "la", "clé", "mi",
    ];
    if seen.before().is_some_and(|c| c != ' ' && c != '\n')
        || seen.after().is_some_and(|c| is_word(c) || "-./(\"'".contains(c))
    {
        return None;
    }
    let before = words_before(seen);
    let is_api = seen.text().len() > 6;
    let is_shown = seen.right().trim_start().starts_with('→');
    let is_owned = before.last().is_some_and(|word| BEFORE.contains(&word.as_str()));
    let near = seen.left().to_lowercase();
    let of_network = seen.text().eq_ignore_ascii_case("key")
        && ["wifi", "wi-fi", "wlan", "ssid"].iter().any(|word| near.contains(word));
    if !is_api && !is_shown && !is_owned && !of_network {
        return None;
    }
    // Caches and tables have keys as well, many of them digests.
    let may_be_hex =
        !seen.text().eq_ignore_ascii_case("key") || before.last().is_some_and(|word| word != "the");
    let said = prefix(seen.all.get(seen.end..)?, SAID);
    let (mut is_signed, mut is_verb) = (false, false);
    for (nth, (at, word)) in words(said).take(WORDS).enumerate() {
        let between = said.get(..at)?;
        if between.contains("\n\n") || between.contains('\n') && !is_signed {
            return None;
        }
        let signed = word.trim_start_matches([':', '=', '：', '→']);
        let value = Value::at(seen.all, seen.end + at + (word.len() - signed.len()));
        if let Some(value) =
            value.filter(|v| of_network && nth < 2 && (is_told(v) || is_told_plainly(v)))
        {
            return value.accept(seen);
        }
        let may_be_hex = may_be_hex || is_verb;
        if let Some(value) = value.filter(|v| is_told_key(v.text, may_be_hex) && v.is_key()) {
            return value.accept(seen);
        }
        if says_otherwise(word.trim_end_matches([',', ':'])) || word.ends_with(['.', '?', ';']) {
            return None;
        }
        is_signed = word.ends_with([':', '=']);
        is_verb = matches!(word, "is" | "was" | "ist" | "est" | "es");
    }
    None
}

/// Long, and with capitals, small letters and digits, or small letters with many digits between them, or hexadecimal.
fn is_told_key(text: &str, may_be_hex: bool) -> bool {
    let cases = text.bytes().any(|b| b.is_ascii_lowercase())
        && text.bytes().any(|b| b.is_ascii_uppercase());
    let is_small = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let turns =
        text.as_bytes().windows(2).filter(|w| w[0].is_ascii_digit() != w[1].is_ascii_digit());
    let small = text.bytes().all(is_small)
        && !text.bytes().all(|b| b.is_ascii_hexdigit())
        && turns.count() >= 6;
    let hex = may_be_hex && text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-+/=.".contains(&b));
    plain
        && text.len() >= 20
        && (cases && text.bytes().filter(u8::is_ascii_digit).count() >= 2 || small || hex)
}

/// The words of a text with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(|c: char| c.is_whitespace()).filter_map(move |word| {
        let from = at;
        at += word.len()
            + text
                .get(from + word.len()..)
                .and_then(|t| t.chars().next())
                .map_or(0, char::len_utf8);
        (!word.is_empty()).then_some((from, word))
    })
}

/// The words before the match on its line, in lower case.
fn words_before(seen: &Seen<'_>) -> Vec<String> {
    line_before(seen).split_whitespace().map(str::to_lowercase).collect()
}

fn line_before<'t>(seen: &Seen<'t>) -> &'t str {
    let left = seen.left();
    left.rsplit('\n').next().unwrap_or(left)
}

/// Nothing but the word at `start` stands on its line.
fn is_alone(all: &str, start: usize) -> bool {
    let line =
        prefix(all.get(start..).unwrap_or_default(), SAID).split('\n').next().unwrap_or_default();
    !line.trim().contains(char::is_whitespace)
}
