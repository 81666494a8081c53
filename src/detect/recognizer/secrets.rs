//! Keys, tokens and passwords.
//!
//! Three ways to know one: by the prefix its issuer gives it, by its structure (key blocks, JWT, credentials in URLs),
//! and by the name of the setting it is assigned to. Only the last needs a judgement of the value itself: source code is
//! full of `token = next_token()`.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix},
};

pub(super) static SECRETS: Recognizer = Recognizer {
    name: "secrets",
    description: "API keys, access tokens, private keys, passwords in settings and connection strings",
    patterns: &[
        // Issuers' prefixes. The numbers are the least lengths; the check takes the rest of the token.
        Pattern::new(SECRET, 0.95, r"(?-u:\b)(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}").check(fixed),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)gh[opusr]_[A-Za-z0-9]{36}").check(token),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)github_pat_[A-Za-z0-9_]{22}").check(token),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)gl(?:pat|dt|rt|oas|ptt|ft|soat|agent|cbt|imt)-[A-Za-z0-9_-]{20}").check(token),
        Pattern::new(SECRET, 0.9, r"(?-u:\b)sk-[A-Za-z0-9_-]{20}").check(mixed_token),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)[rs]k_(?:live|test)_[A-Za-z0-9]{16}").check(token),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)whsec_[A-Za-z0-9+/]{24}").check(token),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)xox[abeoprs]-[A-Za-z0-9-]{10}").check(mixed_token),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)xapp-[0-9]-[A-Za-z0-9-]{10}").check(token),
        Pattern::new(SECRET, 0.95, r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{20}").check(token),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)AIza[A-Za-z0-9_-]{35}").check(fixed),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)GOCSPX-[A-Za-z0-9_-]{28}").check(fixed),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)ya29\.[A-Za-z0-9_-]{20}").check(token),
        Pattern::new(SECRET, 0.9, r"(?-u:\b)(?:npm|hf|gsk|r8)_[A-Za-z0-9]{32}").check(token),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)pypi-[A-Za-z0-9_-]{50}").check(token),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)SG\.[A-Za-z0-9_-]{16,24}\.[A-Za-z0-9_-]{27}").check(token),
        Pattern::new(SECRET, 0.9, r"(?-u:\b)SK[0-9a-f]{32}").check(fixed),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)do[opr]_v1_[0-9a-f]{64}").check(fixed),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}").check(fixed),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)hv[bsr]\.[A-Za-z0-9_-]{24}").check(token),
        Pattern::new(SECRET, 0.9, r"(?-u:\b)[0-9]{8,10}:AA[A-Za-z0-9_-]{33}").check(fixed),
        Pattern::new(SECRET, 0.95, r"(?-u:\b)(?:lin_api_|dapi|dp\.pt\.|PMAK-|NRAK-|secret_|ntn_|figd_|rubygems_|sntrys_|glsa_|ATATT3|EAACEdEose0cBA)[A-Za-z0-9_=-]{27}").check(mixed_token),
        Pattern::new(SECRET, 0.95, r"AGE-SECRET-KEY-1[A-Z0-9]{58}").check(fixed),
        // Structure.
        Pattern::new(SECRET, 0.98, r"-----BEGIN [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)?-----").check(key_block),
        Pattern::new(SECRET, 0.95, r"eyJ[A-Za-z0-9_-]{8}").check(jwt),
        Pattern::new(SECRET, 0.9, r"://[A-Za-z0-9._~%+!*-]{0,64}:[!#-&(-.0-;=?A-Z\[-_a-~]{1,100}@").check(credentials),
        // Settings and headers.
        Pattern::new(SECRET, 0.75, r"(?i-u:passw(?:or)?d|passwort|contrase(?:n|ñ)a|mot de passe|passphrase|(?:_|\b)pwd|(?:_|\b)pass\b)").check(password),
        Pattern::new(SECRET, 0.75, r"(?i-u:secret|token|api[_ -]?key|access[_ -]?key|account[_ -]?key|auth[_ -]?key|private[_ -]?key|encryption[_ -]?key|credentials?)").check(assigned_token),
        Pattern::new(SECRET, 0.8, r"(?i-u:\b(?:bearer|basic) {1,2})[A-Za-z0-9._~+/=-]{16}").check(header),
    ],
};

const SECRET: EntityType = EntityType::builtin("SECRET");
/// The longest token and the longest key block, in bytes.
const TOKEN: usize = 4096;
const BLOCK: usize = 16384;

/// What tokens are made of.
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-".contains(c)
}

/// Tells whether the match begins where a token does. A run of token characters so has one beginning, whatever it holds.
fn begins_token(seen: &Seen<'_>) -> bool {
    !seen.before().is_some_and(|c| is_token(c) || c == '.')
}

/// A token of fixed length: nothing of its kind may follow.
fn fixed(seen: &Seen<'_>) -> Option<Accepted> {
    let whole = begins_token(seen) && !seen.after().is_some_and(is_token);
    if whole && !is_dull(seen.text()) { seen.accept() } else { None }
}

/// A token of any length.
fn token(seen: &Seen<'_>) -> Option<Accepted> {
    if !begins_token(seen) || is_dull(seen.text()) {
        return None;
    }
    seen.accept_span(seen.start, seen.end + run(seen.all, seen.end, is_body))
}

/// A token whose prefix is also the beginning of ordinary words: `sk-learn-style-names-of-things`.
fn mixed_token(seen: &Seen<'_>) -> Option<Accepted> {
    let accepted = token(seen)?;
    let text = seen.all.get(accepted.start..accepted.end)?;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 3 && text.bytes().any(|b| b.is_ascii_alphabetic())).then_some(accepted)
}

fn is_body(c: char) -> bool {
    is_token(c) || "+/=".contains(c)
}

/// How many bytes from `from` on satisfy `fits`, at most [`TOKEN`].
fn run(all: &str, from: usize, fits: fn(char) -> bool) -> usize {
    let rest = prefix(all.get(from..).unwrap_or_default(), TOKEN);
    rest.find(|c| !fits(c)).unwrap_or(rest.len())
}

/// A sample rather than a secret: `xxxx…`, `AKIA…EXAMPLE`, one character again and again.
fn is_dull(text: &str) -> bool {
    let tail = text.get(text.len().saturating_sub(16)..).unwrap_or(text);
    let mut distinct = [false; 128];
    for b in tail.bytes().filter(u8::is_ascii) {
        distinct[usize::from(b)] = true;
    }
    distinct.iter().filter(|seen| **seen).count() <= 3
}

/// To the end of the block, or, where that is missing, of the part that is there.
fn key_block(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, BLOCK);
    // The body of a key has no dashes: the next ones end it. So many beginnings in a row cost nothing.
    let Some(dashes) = rest.find("-----") else {
        let body = rest.find(|c: char| !(c.is_ascii() && !c.is_control() || c.is_whitespace()));
        return seen.accept_span(seen.start, seen.end + body.unwrap_or(rest.len()));
    };
    let closing = rest.get(dashes..)?.strip_prefix("-----END ");
    let end =
        closing.and_then(|c| prefix(c, 48).find("-----")).map_or(dashes, |at| dashes + 14 + at);
    seen.accept_span(seen.start, seen.end + end)
}

/// Three parts of base64url, of which the first two are JSON objects.
fn jwt(seen: &Seen<'_>) -> Option<Accepted> {
    if !begins_token(seen) {
        return None;
    }
    let mut end = seen.end + run(seen.all, seen.end, is_token);
    let mut parts = 1;
    while parts < 3 && seen.all.get(end..)?.starts_with('.') {
        let len = run(seen.all, end + 1, is_token);
        end += 1 + len;
        parts += 1;
    }
    (parts == 3).then(|| seen.accept_span(seen.start, end)).flatten()
}

/// The password in `scheme://user:password@host`.
fn credentials(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text();
    let colon = 3 + text.get(3..)?.find(':')?;
    let value = text.get(colon + 1..text.len() - 1)?;
    let scheme = seen.before().is_some_and(|c| c.is_ascii_alphanumeric());
    if !scheme || value.is_empty() || is_stand_in(value) {
        return None;
    }
    seen.accept_span(seen.start + colon + 1, seen.end - 1)
}

/// `password = "…"`, `PASSWORD: …`, `password is …`.
fn password(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::after(seen, true)?;
    let length = value.text.chars().count();
    let likely = if value.quoted {
        length >= 4 && !value.text.contains("  ")
    } else {
        length >= 5 && value.is_bare_secret()
    };
    (likely && length <= 128 && !is_stand_in(value.text)).then(|| value.accept(seen)).flatten()
}

/// `api_key = "…"`, `"token": "…"`: only what looks random.
fn assigned_token(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::after(seen, false)?;
    let likely = value.text.len() >= 8
        && !value.text.contains(char::is_whitespace)
        && value.is_bare_secret();
    (likely && !is_stand_in(value.text)).then(|| value.accept(seen)).flatten()
}

/// `Authorization: Bearer …`.
fn header(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.start + seen.text().rfind(' ')? + 1;
    let end = seen.end + run(seen.all, seen.end, |c| is_body(c) || ".~".contains(c));
    let value = seen.all.get(start..end)?;
    let random =
        value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
    if random && !is_stand_in(value) { seen.accept_span(start, end) } else { None }
}

/// What a setting is set to.
struct Value<'t> {
    text: &'t str,
    start: usize,
    quoted: bool,
}

impl<'t> Value<'t> {
    /// The value behind the name that was matched, across the rest of the name and the sign of assignment.
    fn after(seen: &Seen<'t>, also_prose: bool) -> Option<Self> {
        let right = seen.right();
        let name = right.find(|c: char| !is_token(c) && c != '.').filter(|len| *len <= 24)?;
        let rest = right.get(name..)?;
        let rest = rest.trim_start_matches(['"', '\'', '`', '\\', ']', ')']);
        let rest = rest.trim_start_matches([' ', '\t']);
        let rest = sign(rest, also_prose)?;
        let rest = rest.trim_start_matches([' ', '\t']);
        let at = seen.end + (right.len() - rest.len());
        Self::at(seen.all, at)
    }

    fn at(all: &'t str, at: usize) -> Option<Self> {
        let rest = prefix(all.get(at..)?, 512);
        let opening = rest.trim_start_matches('\\');
        let quote = opening.chars().next().filter(|c| "\"'`".contains(*c));
        let Some(quote) = quote else {
            let end = rest.find(|c: char| c.is_whitespace() || ",;\"'`<>{}()[]|&".contains(c));
            let text =
                rest.get(..end.unwrap_or(rest.len()))?.trim_end_matches(['.', '!', '?', ':']);
            return Some(Self { text, start: at, quoted: false });
        };
        let inner = opening.get(1..)?;
        let end = inner.find([quote, '\n'])?;
        let text = inner.get(..end)?.trim_end_matches('\\');
        let start = at + (rest.len() - opening.len()) + 1;
        Some(Self { text, start, quoted: true })
    }

    fn accept(&self, seen: &Seen<'_>) -> Option<Accepted> {
        seen.accept_span(self.start, self.start + self.text.len())
    }

    /// Digits among letters, or marks that names do not have: no name, no call, no type.
    fn is_bare_secret(&self) -> bool {
        let has = |test: fn(&u8) -> bool| self.text.as_bytes().iter().any(test);
        let letters = has(u8::is_ascii_alphabetic);
        let digits = has(u8::is_ascii_digit);
        let marks =
            self.text.contains(['!', '#', '%', '^', '&', '*', '?', '~', '@', '+', '/', '=']);
        let is_path = self.text.contains("://")
            || self.text.contains("::")
            || self.text.starts_with(['/', '.', '~', '#']);
        letters && (digits || marks) && !is_path
    }
}

/// Text behind the sign that assigns: `=`, `:`, `:=`, `=>`, `is`.
fn sign(rest: &str, also_prose: bool) -> Option<&str> {
    let signs = ["=>", ":=", "==", "=", ":"];
    let prose = [" is: ", "is: ", "is ", "was ", "ist ", "es "];
    let found = signs.iter().find_map(|s| rest.strip_prefix(s));
    found.or_else(|| also_prose.then(|| prose.iter().find_map(|s| rest.strip_prefix(s))).flatten())
}

/// Where the secret would stand: `<password>`, `${TOKEN}`, `****`, `changeme`, `os.environ["X"]`.
fn is_stand_in(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "example",
        "placeholder",
        "changeme",
        "change_me",
        "change-me",
        "redacted",
        "your_",
        "your-",
        "yourpass",
        "dummy",
        "environ",
        "process.env",
        "getenv",
        "secrets.",
        "xxxx",
        "****",
        "....",
        "undefined",
        "<",
        "${",
        "$(",
        "{{",
        "%(",
        "%s",
        "{}",
        "...",
    ];
    let lower = value.to_ascii_lowercase();
    let is_keyword = matches!(
        lower.as_str(),
        "password"
            | "passwd"
            | "secret"
            | "token"
            | "null"
            | "none"
            | "true"
            | "false"
            | "string"
            | "nil"
            | "pass"
    );
    let is_variable = value.starts_with(['$', '%', '{', '[', '(']);
    is_keyword || is_variable || is_dull(value) || WORDS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use crate::detect::{Analyzer, Score, Selection, Text};

    /// Letters and digits that look random and are not: samples must not look like live secrets to scanners.
    fn body(length: usize) -> String {
        "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8".chars().cycle().take(length).collect()
    }

    #[track_caller]
    fn found(text: &str) -> Vec<String> {
        let analyzer = Analyzer::new(Vec::new()).unwrap();
        let selection = Selection::of([(super::SECRET, Score::new(0.5))]);
        let found = analyzer.analyze(&[Text::from(text)], &selection);
        found[0].iter().map(|f| f.span.slice(text).to_owned()).collect()
    }

    #[track_caller]
    fn check(before: &str, secret: &str, after: &str) {
        assert_eq!(found(&format!("{before}{secret}{after}")), [secret]);
    }

    #[test]
    fn tokens_are_known_by_their_prefix() {
        let upper: String = "B2C3D4E5F6G7H2I3".into();
        check("key ", &format!("{}{upper}", "AKIA"), ", rotated");
        check("", &format!("{}{}", "ghp_", body(36)), "");
        check("use ", &format!("{}{}", "github_pat_", body(82)), ".");
        check("(", &format!("{}{}", "sk-", body(48)), ")");
        check("x=", &format!("{}{}", "sk-ant-api03-", body(93)), "\n");
        check("", &format!("{}{}", "xoxb-", "123456789012-1234567890123-aBcD"), " sent");
        check("", &format!("{}{}", "AIza", body(35)), "");
        check(
            "hook https://",
            &format!("{}{}", "hooks.slack.com/services/", "T0A1/B0B1/aB3dE5gH7jK9"),
            "",
        );
    }

    #[test]
    fn key_blocks_are_taken_whole_and_also_when_cut_off() {
        let begin = format!("-----BEGIN RSA {} KEY-----", "PRIVATE");
        let end = format!("-----END RSA {} KEY-----", "PRIVATE");
        check("id:\n", &format!("{begin}\n{}\n{end}", body(64)), "\nbye");
        check("", &format!("{begin}\n{}", body(64)), "");
    }

    #[test]
    fn tokens_of_three_parts_and_credentials_in_urls() {
        let jwt = format!(
            "{}.{}.{}",
            format_args!("eyJ{}", body(20)),
            format_args!("eyJ{}", body(30)),
            body(43)
        );
        check("Authorization: Bearer ", &jwt, "");
        check("postgres://app:", "s3cr3tpw", "@db.example.org:5432/x");
        assert!(found("git clone https://user:${TOKEN}@example.org/x").is_empty());
        assert!(found("see http://example.org:8080/a@b").is_empty());
    }

    #[test]
    fn settings_are_judged_by_their_value() {
        check("password = \"", "correct horse", "\"");
        check("DB_PASSWORD=", "hunter2x", " make");
        check("my password is ", "hunter2x", ".");
        check("{\"password\": \"", "letmein", "\"}");
        check("{\\\"password\\\": \\\"", "letmein", "\\\"}");
        check("api_key: '", &body(24), "'");
        check("AccountKey=", &format!("{}==", body(40)), ";");
    }

    #[test]
    fn code_and_samples_are_no_secrets() {
        for text in [
            "token = next_token()",
            "password: string;",
            "let secret = config.secret;",
            "password = os.environ[\"PASSWORD\"]",
            "api_key = \"your_api_key_here_123\"",
            "PASSWORD=${DB_PASSWORD}",
            "the token is 3 days old",
            "a password is required",
            "password: ********",
            "sk-learn-and-other-names-of-things",
            "task-0123456789012345678901234",
            "tokens: 4096",
            "secret_key = get_key(\"abc123def\")",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn long_runs_take_linear_time() {
        let begin = format!("-----BEGIN {} KEY-----", "PRIVATE");
        for unit in [
            "sk-",
            "eyJaaaaaaaaaaa-",
            "://a:a",
            &begin,
            "password=",
            "-eyJaaaaaaaa.",
            "AKIA",
            "Bearer a",
        ] {
            let _ = found(&unit.repeat(200_000 / unit.len()));
        }
    }
}
