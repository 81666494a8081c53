//! What a setting is set to, and whether that may be a secret.

use super::{check::WEAK, known, layout, random};
use crate::detect::{
    pattern::Accepted,
    seen::{Seen, prefix},
};

/// The longest value that is read.
const MOST: usize = 512;

/// What a setting is set to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'t> {
    pub(super) text: &'t str,
    pub(super) start: usize,
    pub(super) quoted: bool,
    /// What stands behind it, or behind its closing quote.
    pub(super) after: Option<char>,
}

impl<'t> Value<'t> {
    /// The value that begins at `at`.
    pub(super) fn at(all: &'t str, at: usize) -> Option<Self> {
        let rest = prefix(all.get(at..)?, MOST);
        // `f"…"`, `b'…'`, `@"…"`, `\"…\"` in a string, `&quot;…` in HTML.
        let opening = rest.trim_start_matches('\\');
        let mark = opening
            .strip_prefix(['f', 'b', 'r', 'u', 'L', '@'])
            .filter(|r| r.starts_with(['"', '\'']));
        let entity = opening.strip_prefix("&quot;").or_else(|| opening.strip_prefix("&#34;"));
        let opening = mark.unwrap_or(opening);
        let from =
            |rest: &str| at + prefix(all.get(at..).unwrap_or_default(), MOST).len() - rest.len();
        if let Some(inner) = entity {
            return Self::until(inner, from(inner), inner.find('&')?);
        }
        match opening.chars().next().filter(|c| "\"'`".contains(*c)) {
            Some(quote) => {
                let inner = opening.get(1..)?;
                Self::until(inner, from(inner), inner.find([quote, '\n'])?)
            }
            None => Self::bare(rest, at),
        }
    }

    fn until(inner: &'t str, start: usize, end: usize) -> Option<Self> {
        let text = inner.get(..end)?.trim_end_matches('\\');
        let after = inner.get(end..)?.chars().nth(1);
        Some(Self { text, start, quoted: true, after })
    }

    fn bare(rest: &'t str, start: usize) -> Option<Self> {
        let end = rest
            .find(|c: char| c.is_whitespace() || ",;\"'`<>{}()[]|&\\".contains(c))
            .unwrap_or(rest.len());
        let text = rest.get(..end)?.trim_end_matches(['.', '!', '?', ':']);
        let after = rest.get(text.len()..)?.chars().next();
        Some(Self { text, start, quoted: false, after })
    }

    /// Takes the value; as a weak one if it calls itself a sample, is a password that everybody knows, or reads like code.
    pub(super) fn accept(&self, seen: &Seen<'_>) -> Option<Accepted> {
        let code = !self.quoted && is_member(self.text);
        self.accept_as(seen, code || is_sample(self.text) || known::is_known(self.text))
    }

    /// Takes the value, as a weak one or at the score of the pattern.
    pub(super) fn accept_as(&self, seen: &Seen<'_>, is_weak: bool) -> Option<Accepted> {
        let accepted = seen.accept_span(self.start, self.start + self.text.len())?;
        Some(if is_weak { accepted.with_score(WEAK) } else { accepted })
    }

    fn has(&self, test: fn(&u8) -> bool) -> bool {
        self.text.as_bytes().iter().any(test)
    }

    /// Chosen by somebody to be kept secret: neither a name nor code nor a label.
    pub(super) fn is_password(&self) -> bool {
        let length = self.text.chars().count();
        let least = if self.quoted { 4 } else { 5 };
        (least..=128).contains(&length)
            && !is_stand_in(self.text)
            && !is_code(self.text)
            && !is_named(self.text)
            && if self.quoted { self.is_quoted_password() } else { self.is_bare_password() }
    }

    fn is_quoted_password(&self) -> bool {
        let marks = self.has(|b| b.is_ascii_punctuation() && !b"-_. ".contains(b));
        let odd = self.has(u8::is_ascii_digit) || marks;
        let spaces = self.text.contains(char::is_whitespace);
        if spaces {
            odd && self.text.split_whitespace().count() <= 3 && self.has(u8::is_ascii_digit)
        } else {
            odd || self.is_one_odd_word()
        }
    }

    /// Letters only: no word of a label or a type.
    fn is_one_odd_word(&self) -> bool {
        let bytes = self.text.as_bytes();
        self.text.is_ascii()
            && bytes.iter().all(u8::is_ascii_alphabetic)
            && random::surprise(bytes) >= 5.0
            || self.has(u8::is_ascii_uppercase) && random::surprise(bytes) >= 5.5
    }

    /// Letters with digits or marks that names do not have.
    fn is_bare_password(&self) -> bool {
        let letters = self.has(u8::is_ascii_alphabetic);
        let marks = self.text.contains(['!', '#', '%', '^', '?', '~', '@', '+', '=']);
        let typed = self.text.starts_with(['*', '&', '_'])
            || is_tag(self.text)
            || self.text.strip_prefix('@').is_some_and(is_host)
            || self.text.contains('$') && !self.text.contains(char::is_numeric);
        let called = self.after.is_some_and(|c| "([{".contains(c));
        letters && (self.has(u8::is_ascii_digit) || marks) && !called && !typed
    }

    /// Chosen by somebody, in a list of settings that has no room for code.
    pub(super) fn is_part_of_list(&self) -> bool {
        let code = is_stand_in(self.text) || is_code(self.text) || is_named(self.text);
        !self.quoted
            && self.text.len() >= 4
            && !code
            && self.after.is_none_or(|c| !"([{<".contains(c))
    }

    /// Drawn by lot: hexadecimal, a UUID, letters and digits in no order.
    pub(super) fn is_key(&self) -> bool {
        let called = !self.quoted && self.after.is_some_and(|c| "([{".contains(c));
        self.text.len() >= 8
            && !called
            && !self.text.contains(char::is_whitespace)
            && !is_stand_in(self.text)
            && !is_code(self.text)
            && (random::is_random(self.text) || layout::is_uuid(self.text))
    }

    /// Chosen by somebody where a key belongs: in quotes, with marks or digits that names do not have.
    pub(super) fn is_chosen(&self) -> bool {
        let marks = self.text.contains(['!', '#', '%', '^', '?', '~', '*', '&']);
        self.quoted && self.text.len() >= 12 && marks && self.is_password()
    }

    /// Long, of many kinds of characters, as frameworks make up keys for their settings.
    pub(super) fn is_long_key(&self) -> bool {
        let marks = self.text.bytes().filter(u8::is_ascii_punctuation).count();
        let digits = self.text.bytes().filter(u8::is_ascii_digit).count();
        self.quoted
            && (40..=80).contains(&self.text.len())
            && marks >= 5
            && digits >= 3
            && !self.text.contains(char::is_whitespace)
            && !is_stand_in(self.text)
            && !is_code(self.text)
            && random::surprise(self.text.as_bytes()) >= 4.5
    }
}

/// What may stand behind the `!` of a tag in Ansible, CloudFormation, GitLab, Home Assistant, and in YAML itself.
#[rustfmt::skip]
const TAGS: &[&str] = &[
    "base64", "binary", "cidr", "encrypted", "env", "env_var", "findinmap", "getatt", "if", "importvalue", "include", "input",
    "join", "map", "null", "ref", "reference", "secret", "select", "seq", "split", "str", "sub", "unsafe", "vault",
];

/// `!vault`, as YAML says what kind of value follows.
fn is_tag(text: &str) -> bool {
    text.strip_prefix('!')
        .is_some_and(|tag| TAGS.iter().any(|known| tag.eq_ignore_ascii_case(known)))
}

/// Names with dots between them, `module.db.password1`, as code and hosts have them and few passwords.
fn is_member(text: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    text.contains('.') && text.split('.').all(is_name) && !random::is_random(text)
}

/// `db0.cluster.example`: three names or more.
fn is_host(text: &str) -> bool {
    text.matches('.').count() >= 2 && is_member(text)
}

/// A path, an address, a call, a piece of a program.
fn is_code(text: &str) -> bool {
    let parts =
        text.split(['/', '#', ':', '.', '@', '-', '_', '\\']).filter(|part| !part.is_empty());
    let words = parts
        .clone()
        .filter(|part| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let wordy = words.count() == parts.clone().count();
    let drive = text.get(1..3) == Some(":\\") && text.matches('\\').count() > 1;
    let path = drive || text.matches('/').count() >= 2 && text.starts_with(['/', '.', '~']);
    text.contains("://")
        || text.contains("::")
        || text.contains("->")
        || text.contains("();")
        || text.starts_with(['+', ',', ')', ' ', ';'])
        || path
        || wordy && parts.count() > 1 && text.contains(['/', '#', ':', '.', '@', '\\'])
        || text.starts_with("arn:")
        || text.len() <= 10 && text.starts_with("0x")
}

/// Says itself that it is a password, a label or a type.
fn is_named(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "passw",
        "passphrase",
        "contrase",
        "mot de passe",
        "senha",
        "wachtwoord",
        "kennwort",
        "lösen",
        "haslo",
        "парол",
        "密码",
        "パスワード",
        "string",
        "required",
        "secret",
        "varchar",
        "optional",
        "credential",
        "none",
        "null",
        "false",
        "true",
        "prompt",
        "input",
        "default",
        "hidden",
        "incorrect",
        "invalid",
        "missing",
        "confirm",
        "basic",
        "bearer",
        "token",
        "username",
        "bcrypt",
        "argon",
    ];
    let lower = text.to_lowercase();
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    !digits && WORDS.iter().any(|word| lower.contains(word))
}

/// May be a secret, but says that it is none: `example-Pa55`, `changeme`, `abcd1234efgh5678`.
pub(super) fn is_sample(value: &str) -> bool {
    const WORDS: &[&str] =
        &["todo", "some_password", "a1b2c3d4", "1a2b3c4d", "0123456789", "1234567890", "abcdefgh"];
    let lower = value.to_ascii_lowercase();
    random::says_sample(value) || WORDS.iter().any(|word| lower.contains(word))
}

/// Where the secret would stand: `<password>`, `${TOKEN}`, `****`, `os.environ["X"]`.
pub(super) fn is_stand_in(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "redacted",
        "your_",
        "your-",
        "environ",
        "process.env",
        "getenv",
        "env(",
        "env.",
        "secrets.",
        "xxxx",
        "****",
        "....",
        "undefined",
        "<",
        "&lt;",
        "${",
        "$(",
        "#{",
        "{{",
        "%(",
        "%s",
        "{}",
        "...",
        "replace_",
        "replace-",
        "insert_",
        "_here",
        "-here",
        "goes here",
        "[redacted",
        "•",
    ];
    let lower = value.to_ascii_lowercase();
    let inner = lower.trim_matches(['\'', '"', '\\']);
    let is_keyword = matches!(
        inner,
        "password"
            | "passwd"
            | "pass"
            | "pwd"
            | "secret"
            | "token"
            | "null"
            | "none"
            | "true"
            | "false"
            | "string"
            | "nil"
            | ""
            | "str"
            | "user"
    );
    let is_variable = inner.starts_with(['$', '{', '[', '('])
        || inner.starts_with('%') && inner.ends_with('%')
        || inner.starts_with("@{");
    let few = value.len() >= 4 && random::is_repetition(value);
    is_keyword || is_variable || few || WORDS.iter().any(|word| lower.contains(word))
}
