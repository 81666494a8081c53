//! Secrets that the name of a setting gives away: `password = "…"`, `API_KEY: …`, `client_secret => '…'`, `--token …`.
//!
//! Names lie: `token_url`, `password_field`, `public_key`, `next_token()`. So what stands before and behind the word counts,
//! and the value is judged by itself: passwords are anything that is no word of a program, tokens are drawn by lot.

use super::{
    SECRET, assigned, check, issuers, known, layout, pairs, phrases, told,
    value::{Value, is_stand_in},
};
use crate::{
    base64,
    detect::{
        pattern::{Accepted, Pattern, Recognizer},
        seen::{REACH, Seen, prefix, suffix},
    },
};

pub(in super::super) static SETTINGS: Recognizer = Recognizer {
    name: "secrets/setting",
    description: "passwords, keys and tokens in settings, headers, options of commands",
    patterns: &[
        Pattern::new(SECRET, 0.75, r"(?i-u:passw(?:or)?d|passwort|kennwort|contrase(?:n|ñ)a|mot de passe|wachtwoord|passphrase|pswd|pass?wrd|pasw(?:or)?d|pwrd|pwd|(?:_|\b)pass\b|(?:store|key|trust|db|sql|user|admin|root|smtp|mail|imap|ftp|ssh|ldap|login|auth|wifi|vnc|proxy|redis|mongo|mysql|rabbit)pass\b|_pw\b|\x22pw\x22|\bp/w\b|(?:_|\b)psk\b)").check(password),
        Pattern::new(SECRET, 0.75, r"(?i-u:secret|token|api[_ -]?key|access[_ -]?key|account[_ -]?key|auth[_ -]?key|private[_ -]?key|encryption[_ -]?key|signing[_ -]?key|license[_ -]?key|activation[_ -]?key|shared[_ -]?key|subscription[_ -]?key|functions[_ -]?key|master[_ -]?key|credentials?|_key\b|\$key\b|userkey|_salt\b|jwt[:_.-]{0,2}key\b|jwt\x22 ?: ?\{[ \t\r\n]{0,24}\x22key\b|(?:2fa|totp|otp|mfa)[ _-]?seed\b)|[a-z]Key(?-u:\b)").check(token),
        Pattern::new(SECRET, 0.8, r"(?i-u:\b(?:bearer|basic|token|apikey|ntlm|negotiate) {1,2})[A-Za-z0-9._~+/=-]{16}").check(header),
    ],
};

/// The longest name.
const NAME: usize = 48;

/// Words behind the word that make a name say something else.
#[rustfmt::skip]
const NOT_BEHIND: &[&str] = &[
    "algorithm", "alias", "arn", "backend", "bucket", "callback", "class", "count", "description", "dir", "endpoint",
    "enabled", "error", "exp", "expiration", "expires", "expiry", "field", "file", "filename", "folder", "format", "function",
    "handler", "hash", "header", "helper", "hint", "id", "ids", "index", "input", "is", "label", "len", "length", "limit", "link",
    "list", "location", "manager", "max", "message", "min", "mode", "name", "names", "page", "param", "path", "pattern", "placeholder",
    "policy", "prefix", "property", "provider", "ref", "regex", "required", "reset", "route", "scheme", "scope", "scopes", "screen",
    "service", "size", "source", "state", "status", "store", "suffix", "template", "text", "timeout", "title", "ttl", "type",
    "uri", "url", "usage", "address", "symbol", "stdin", "fd", "validator", "variable", "version", "view", "hashes", "digest", "fingerprint", "metadata", "selector",
];
/// Words in front of it that do.
#[rustfmt::skip]
const NOT_BEFORE: &[&str] = &[
    "public", "pub", "cache", "primary", "foreign", "partition", "sort", "idempotency", "page", "continuation", "row", "storage",
    "next", "hash", "object", "dedupe", "group", "translation", "query", "i18n", "routing", "lock", "index", "unique", "registry",
    "no", "forgot", "reset", "show", "hide", "toggle",
];

/// Words of a name that says that the value opens nothing.
#[rustfmt::skip]
const OPENS_NOTHING: &[&str] = &[
    "csrf", "dummy", "example", "expired", "fake", "invalid", "mock", "placeholder", "sample", "stub", "test", "testing", "wrong", "xsrf",
];

/// `password = "…"`, `PASSWORD: …`, `password is …`.
fn password(seen: &Seen<'_>) -> Option<Accepted> {
    let (name, value) = setting(seen, true)?;
    if says_secret(&name)
        && let Some(end) = of_words(seen, &name, &value)
    {
        return seen.accept_span(value.start, end);
    }
    let value = value.in_braces().filter(|_| is_listed(seen)).unwrap_or(value);
    let likely = value.is_password()
        || is_listed(seen) && value.is_part_of_list()
        || is_plain(seen, &name, &value);
    (says_secret(&name) && likely).then(|| accept(&name, &value, seen)).flatten()
}

/// Where a value of several words ends: `SESSION_SECRET=correct horse battery 77` on a line of its own, or the four groups that a program is let in by.
fn of_words(seen: &Seen<'_>, name: &Name<'_>, value: &Value<'_>) -> Option<usize> {
    if let Some(length) = phrases::app_password(seen.all.get(value.start..)?) {
        return Some(value.start + length);
    }
    let between = seen.all.get(seen.end..value.start)?;
    let left = seen.left();
    let line = left.rsplit('\n').next()?;
    let lead = line.strip_suffix(name.before)?.trim_start();
    let is_capital = ![name.before, seen.text()].concat().bytes().any(|b| b.is_ascii_lowercase());
    let is_setting = matches!(lead, "" | "export ") && between == "=" && name.behind.is_empty();
    let is_named = is_capital || seen.text().eq_ignore_ascii_case("passphrase");
    (is_setting && is_named).then(|| phrases::words_to_end(seen.all, value))?
}

/// Letters alone, or digits alone, where nothing but a password can stand: `DB_PASSWORD=tulipgarden` in a line of its own, a password beside a
/// user in the same object or in the line above, `password=44820178`.
fn is_plain(seen: &Seen<'_>, name: &Name<'_>, value: &Value<'_>) -> bool {
    let is_word = seen.text().len() > 4 || seen.text().eq_ignore_ascii_case("pwd");
    // A password that is the name of its user, or of the database, keeps nothing.
    if !name.behind.is_empty() || !value.is_plain() || seen.left().contains(value.text) {
        return false;
    }
    let end = value.start + value.text.len();
    let behind = seen.all.get(end..).unwrap_or_default();
    let ends_line = behind.trim_start_matches(['"', '\'']).starts_with('\n')
        || behind.trim_start_matches(['"', '\'']).is_empty();
    let between = seen.all.get(seen.end..value.start).unwrap_or_default();
    let left = seen.left();
    let (above, line) = left.rsplit_once('\n').unwrap_or(("", left));
    if value.text.starts_with(|c: char| c.is_ascii_digit()) {
        let ends =
            ends_line || behind.starts_with(['&', ';', ',', ' ', '"', '\'', '}', ']', ')', '<']);
        let is_sign = between.contains([':', '=', '>'])
            && !between.contains("==")
            && between.chars().all(|c| " :=>\"'`\\".contains(c));
        // In a sentence it may be a number of something, or a day.
        let is_told = || {
            let verb = between.trim_matches([' ', ':']);
            ["is", "was", "ist", "es"].contains(&verb) && told::is_of_digits(value, seen.all)
        };
        return is_word && (ends && is_sign || is_told());
    }
    let is_shell = line.strip_suffix(name.before).is_some_and(|lead| {
        matches!(lead.trim_start(), "" | "- " | "export " | "set " | "ENV " | "Environment=")
    });
    let is_capital = |text: &str| !text.bytes().any(|b| b.is_ascii_lowercase());
    let of_environment = is_shell
        && is_capital(seen.text())
        && is_capital(name.before)
        && matches!(between, "=" | "=\"" | "='")
        && ends_line;
    let is_user = |text: &str| {
        let lower = text.to_ascii_lowercase();
        ["user", "login", "email", "e-mail", "benutzer", "usuario"]
            .iter()
            .any(|word| lower.contains(word))
    };
    let beside = suffix(line, 48).contains(['{', ','])
        && is_user(line)
        && value.quoted
        && between.ends_with('"');
    let last = above.rsplit('\n').next().unwrap_or_default();
    let below = between == ": "
        && name.before.is_empty()
        && ends_line
        && is_user(last)
        && last.contains(": ");
    is_word && (of_environment || beside && value.text.len() >= 8 || below)
}

/// Takes the value; as a weak one if its name says so, or the form that its issuer gives to tokens.
fn accept(name: &Name<'_>, value: &Value<'_>, seen: &Seen<'_>) -> Option<Accepted> {
    let is_key = seen.text().to_ascii_lowercase().ends_with("key");
    let is_public = is_key && has_any(&["site", "verification", "publishable"], name.before);
    // UUIDs were npm's tokens until 2025-12-09, when npm withdrew them all.
    let is_withdrawn = has_any(&["npm"], name.before) && layout::is_uuid(value.text);
    let opens_nothing = [name.before, name.behind].iter().any(|p| has_any(OPENS_NOTHING, p));
    let is_worthless = is_withdrawn || is_no_token(value.text) || is_sealed(value, seen);
    if is_public || is_worthless || opens_nothing {
        return value.accept_as(seen, true);
    }
    Some(with_fellows(value, seen, value.accept(seen)?))
}

/// The most values of a list that are taken with the first.
const FELLOWS: usize = 64;

/// `"private_key_id": "…"`: what it names opens something, and it opens nothing itself.
fn identifies_key(name: &Name<'_>, seen: &Seen<'_>, value: &Value<'_>) -> bool {
    let is_private = seen.text().to_ascii_lowercase().starts_with("private");
    is_private
        && name.behind.trim_start_matches(['_', '-']).eq_ignore_ascii_case("id")
        && value.is_key()
}

/// Of a list all values that look like secrets, as one: `api_keys = ["…", "…"]`.
fn with_fellows(value: &Value<'_>, seen: &Seen<'_>, first: Accepted) -> Accepted {
    let lead = seen.all.get(..value.start).unwrap_or_default().trim_end_matches(['"', '\'']);
    let mut end = first.end;
    if lead.trim_end().ends_with('[') || lead.ends_with("- ") {
        let next = |end: usize| {
            let value = Value::at(seen.all, assigned::next_item(seen.all, end)?)?;
            (value.is_key() || value.is_password()).then_some(value.start + value.text.len())
        };
        end =
            std::iter::successors(Some(end), |end| next(*end)).take(FELLOWS).last().unwrap_or(end);
    }
    Accepted { end, ..first }
}

/// How far back the manifest may say that its values are encrypted, in bytes.
const MANIFEST: usize = 4096;

/// Encrypted for one cluster alone, as a SealedSecret is.
fn is_sealed(value: &Value<'_>, seen: &Seen<'_>) -> bool {
    let is_long = value.text.len() >= 200 && value.text.starts_with("Ag");
    is_long
        && suffix(seen.all.get(..seen.start).unwrap_or_default(), MANIFEST)
            .contains("encryptedData:")
}

/// An odd number of bytes in hexadecimal digits, as no digest has and no cipher takes.
fn is_odd(value: &str) -> bool {
    !value.len().is_multiple_of(4) && value.bytes().all(|b| b.is_ascii_hexdigit())
}

/// By what its issuer puts into its tokens.
fn is_no_token(value: &str) -> bool {
    issuers::judge(value).is_some_and(|score| score <= check::WEAK)
}

/// In a list of settings on one line, `Server=x;Password=…;`, `?user=x&password=…`, values need no marks.
fn is_listed(seen: &Seen<'_>) -> bool {
    let sign = seen.after() == Some('=');
    sign && seen
        .left()
        .trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ')
        .ends_with([';', '&', '?'])
        || seen.left().ends_with("--from-literal=")
}

/// `api_key = "…"`, `"token": "…"`: only what looks drawn by lot.
fn token(seen: &Seen<'_>) -> Option<Accepted> {
    // The letter before the capital of `hmacKey` belongs to the name.
    let is_camel = seen.text().len() == "xKey".len();
    let seen = &Seen { start: seen.start + usize::from(is_camel), ..*seen };
    let (name, value) = setting(seen, false)?;
    // A picture that shows how a build went, with a token that is good for no more.
    if seen.left().ends_with(".svg?") {
        return None;
    }
    // `x-token-auth:…@bitbucket.org`: a user of a link, whose password ends at the `@`.
    if name.behind == "-auth" && value.text.contains('@') {
        return None;
    }
    let named = seen.text().eq_ignore_ascii_case("secret") && name.behind.is_empty();
    if says_secret(&name)
        && let Some(end) = of_words(seen, &name, &value)
    {
        return seen.accept_span(value.start, end);
    }
    if identifies_key(&name, seen, &value) {
        return value.accept_as(seen, true);
    }
    let likely = value.is_key()
        || value.is_long_key()
        || value.is_base32() && makes_codes(seen, &name)
        || named
            && (value.is_chosen()
                || name.before.is_empty()
                    && value.text.len() >= 8
                    && told::is_told(&value)
                    && told::is_odd(value.text));
    let accept = || {
        if is_odd(value.text) { value.accept_as(seen, true) } else { accept(&name, &value, seen) }
    };
    (says_secret(&name) && likely).then(accept).flatten()
}

/// What codes of one time are made from, which is Base32: `TOTP secret: …`, `mfa_secret = …`.
fn makes_codes(seen: &Seen<'_>, name: &Name<'_>) -> bool {
    const WORDS: [&str; 7] = ["2fa", "authenticator", "hotp", "mfa", "otp", "otpauth", "totp"];
    let lead = suffix(seen.left(), NAME).split('\n').next_back().unwrap_or_default();
    has_any(&WORDS, name.before)
        || has_any(&WORDS, lead)
        || WORDS.iter().any(|w| seen.text().to_ascii_lowercase().contains(w))
}

/// `Authorization: Bearer …`.
fn header(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.start + seen.text().rfind(' ')? + 1;
    // A run of these holds one match at most, so it is read once.
    let end = seen.run(usize::MAX, |c| c.is_ascii_alphanumeric() || "._~+/=-".contains(c));
    let value = Value::known(seen.all.get(start..end)?, start);
    // The last message of NTLM, and tickets of Kerberos, begin alike.
    let answer = value.text.starts_with("TlRMTVNTUAAD") || value.text.starts_with("YII");
    let is_weak = is_known_login(value.text) || is_no_token(value.text);
    let accept = || if is_weak { value.accept_as(seen, true) } else { value.accept(seen) };
    (value.is_key() || answer).then(accept).flatten()
}

/// `user:password` in Base64, of which the password is no secret.
fn is_known_login(value: &str) -> bool {
    let login = base64::decode(value).and_then(|bytes| String::from_utf8(bytes).ok());
    login.as_deref().and_then(|login| login.split_once(':')).is_some_and(|(user, password)| {
        user == password || is_stand_in(password) || known::is_known(password)
    })
}

/// The name around a word: what stands before and behind the word itself.
struct Name<'t> {
    before: &'t str,
    behind: &'t str,
}

fn says_secret(name: &Name<'_>) -> bool {
    !has_any(NOT_BEHIND, name.behind) && !has_any(NOT_BEFORE, name.before)
}

fn has_any(list: &[&str], part: &str) -> bool {
    words(part).iter().any(|word| list.contains(&word.as_str()))
}

/// The words of a name in lower case: `camelCase`, `snake_case`, `kebab-case`.
fn words(name: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(name.len() + 8);
    let mut lower = false;
    for c in name.chars() {
        if lower && c.is_ascii_uppercase() || !c.is_ascii_alphanumeric() {
            spaced.push(' ');
        }
        lower = c.is_ascii_lowercase();
        spaced.extend(c.is_ascii_alphanumeric().then_some(c.to_ascii_lowercase()));
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-".contains(c)
}

/// The name that the match is part of, and what it is set to.
fn setting<'t>(seen: &Seen<'t>, is_password: bool) -> Option<(Name<'t>, Value<'t>)> {
    // `/password:…` of commands of Windows; else a path.
    let command = seen.left().strip_suffix(" /").filter(|_| seen.after() == Some(':'));
    let methods = ["DELETE", "GET", "PATCH", "POST", "PUT"];
    let is_option = command.is_some_and(|c| !methods.iter().any(|method| c.ends_with(method)));
    if seen.before().is_some_and(|c| c == '/') && !is_option {
        return None;
    }
    let right = seen.right();
    let behind = right
        .get(..right.find(|c: char| !is_name(c) && c != '.')?)
        .filter(|b| b.len() <= NAME / 2)?;
    let left = seen.left();
    let before = left.get(
        left.rfind(|c: char| !is_name(c))
            .map_or(0, |at| at + left.get(at..).map_or(1, first_len))..,
    )?;
    let rest = seen.all.get(seen.end + behind.len()..)?;
    let verb = seen.text().eq_ignore_ascii_case("pass") && before.is_empty();
    let paired = pairs::behind(seen.all.get(..seen.start - before.len())?, before, rest);
    let rest = prefix(rest, REACH);
    let lead = left.get(..left.len() - before.len()).unwrap_or_default();
    let assigned = || {
        if assigned::is_set(lead) && rest.starts_with(' ') {
            Some(1)
        } else if verb {
            assigned::by_sign(rest)
        } else {
            assigned::assigned(rest, before, behind, is_password)
        }
    };
    let at = seen.end + behind.len() + paired.or_else(assigned)?;
    Some((Name { before, behind }, Value::at(seen.all, assigned::opened(seen.all, at, behind))?))
}

fn first_len(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}
