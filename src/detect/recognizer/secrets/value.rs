//! What a setting is set to, and whether that may be a secret.

use super::{
    check::WEAK,
    ends::{self, Form},
    known, layout, phrases, random,
};
use crate::detect::{
    pattern::Accepted,
    seen::{Seen, prefix},
};

/// The longest part of a value that is judged; of what is taken the end is looked for as far as it takes.
const JUDGED: usize = 512;
/// The longest of what is taken as a weak one: such a match may be refused later, and be looked at again inside of itself.
const WEAK_MOST: usize = 4096;
/// How far behind a bare value the bracket may close that makes it a call.
const CALL: usize = 160;

/// What a setting is set to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'t> {
    /// The value, or, of a long one, its beginning.
    pub(super) text: &'t str,
    pub(super) start: usize,
    pub(super) quoted: bool,
    form: Form,
    /// It is longer than `text`.
    is_cut: bool,
    /// A function with its arguments, an element of a list.
    is_call: bool,
}

impl<'t> Value<'t> {
    /// The value that begins at `at`.
    pub(super) fn at(all: &'t str, at: usize) -> Option<Self> {
        let (form, skip) = ends::opening(prefix(all.get(at..)?, JUDGED));
        Self::of_form(all, at + skip, form)
    }

    /// A value of known bounds, as good as one in quotes.
    pub(super) fn known(text: &'t str, start: usize) -> Self {
        let form = Form::Bare;
        Self { text, start, quoted: true, form, is_cut: false, is_call: false }
    }

    /// The value that begins at `start`, behind what opens it.
    pub(super) fn of_form(all: &'t str, start: usize, form: Form) -> Option<Self> {
        let window = prefix(all.get(start..)?, JUDGED);
        let to = start + window.len();
        let found = ends::end(all, start, to, form);
        let is_cut = found.is_none() && to < all.len() && !window.contains('\n');
        let quoted = matches!(form, Form::Quoted(..) | Form::Entity);
        let text = match found {
            Some(end) => all.get(start..end)?,
            None if is_cut => window,
            // The quote does not close: all that is left of the line, if that may be one value.
            None if quoted => {
                let line = window.split('\n').next()?.trim_end();
                let end = ends::open_end(all, start, to);
                if line.contains(char::is_whitespace) { all.get(start..end)? } else { line }
            }
            None => all.get(start..ends::open_end(all, start, to))?,
        };
        if quoted {
            let text = text.trim_end_matches('\r');
            return Some(Self { text, start, quoted, form, is_cut, is_call: false });
        }
        let text = if is_cut { text } else { ends::trimmed(all.get(..start)?, text) };
        let is_call = is_call(text, all.get(start + text.len()..).unwrap_or_default());
        Some(Self { text, start, quoted, form, is_cut, is_call })
    }

    /// What connection strings of ODBC put between braces: `PWD={…};`.
    pub(super) fn in_braces(&self) -> Option<Self> {
        let inner = self.text.strip_prefix('{')?.strip_suffix('}')?;
        (inner.len() >= 4 && !inner.contains(['{', '}']) && !self.quoted && !self.is_cut)
            .then(|| Self::known(inner, self.start + 1))
    }

    /// Takes the value; as a weak one if it calls itself a sample, is a password that everybody knows, or reads like code.
    pub(super) fn accept(&self, seen: &Seen<'_>) -> Option<Accepted> {
        let code = !self.quoted && is_member(self.text);
        self.accept_as(seen, code || is_sample(self.text) || known::is_known(self.text))
    }

    /// Takes the value of a command, which is no sentence: `!` and `?` at its end are part of it.
    pub(super) fn accept_of_command(&self, seen: &Seen<'_>) -> Option<Accepted> {
        let taken = self.accept(seen)?;
        let marks = || seen.all.get(taken.end..).unwrap_or_default().bytes();
        let more = if self.quoted { 0 } else { marks().take_while(|b| b"!?".contains(b)).count() };
        Some(Accepted { end: taken.end + more, ..taken })
    }

    /// Takes the value, as a weak one or at the score of the pattern.
    pub(super) fn accept_as(&self, seen: &Seen<'_>, is_weak: bool) -> Option<Accepted> {
        let end =
            if self.is_cut { self.whole(seen.all, is_weak) } else { self.start + self.text.len() };
        let end =
            if self.form == Form::Block { ends::block_end(seen.all, self.start, end) } else { end };
        let accepted = seen.accept_span(self.start, end)?;
        Some(if is_weak { accepted.with_score(WEAK) } else { accepted })
    }

    /// Where a long value ends. What is taken is not searched again for the same pattern, so this costs no more than reading it.
    fn whole(&self, all: &str, is_weak: bool) -> usize {
        let most = if is_weak { WEAK_MOST } else { usize::MAX };
        let to = self.start + prefix(all.get(self.start..).unwrap_or_default(), most).len();
        let end = ends::end(all, self.start, to, self.form);
        let end = end.unwrap_or_else(|| ends::open_end(all, self.start, to));
        if self.quoted {
            return end;
        }
        let text = all.get(self.start..end).unwrap_or_default();
        self.start + ends::trimmed(all.get(..self.start).unwrap_or_default(), text).len()
    }

    fn has(&self, test: fn(&u8) -> bool) -> bool {
        self.text.as_bytes().iter().any(test)
    }

    /// Chosen by somebody to be kept secret: neither a name nor code nor a label.
    pub(super) fn is_password(&self) -> bool {
        let length = self.text.chars().count();
        let least = if self.quoted { 4 } else { 5 };
        // What is longer is no password that somebody thought of, but may be a key.
        let fits = length <= 128 && !self.is_cut || self.is_key();
        length >= least
            && fits
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
            let count = self.text.split_whitespace().count();
            let few = count <= 3 || count <= 6 && !phrases::is_sentence(self.text);
            odd && few && self.has(u8::is_ascii_digit)
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
        letters && (self.has(u8::is_ascii_digit) || marks) && !self.is_call && !typed
    }

    /// Small letters alone or digits alone, no word of a program, and nothing that everybody knows.
    pub(super) fn is_plain(&self) -> bool {
        #[rustfmt::skip]
        const STATES: &[&str] = &[
            "absent", "authenticate", "blank", "cleartext", "deleted", "disabled", "empty", "enabled", "encrypted", "environment", "expired", "external",
            "forgotten", "generated", "interactive", "internal", "kerberos", "keychain", "keyring", "mismatch", "object", "plaintext", "present",
            "protected", "random", "removed", "strong", "unchanged", "undefined", "unknown", "unset", "updated", "weak",
        ];
        let bytes = self.text.as_bytes();
        let fits = (6..=24).contains(&bytes.len())
            && (bytes.iter().all(u8::is_ascii_lowercase) || bytes.iter().all(u8::is_ascii_digit));
        fits && !self.is_call
            && !is_stand_in(self.text)
            && !is_named(self.text)
            && !is_sample(self.text)
            && !random::is_sequence(self.text)
            && !known::is_known(self.text)
            && !STATES.iter().any(|state| self.text.contains(state))
    }

    /// Chosen by somebody, in a list of settings that has no room for code.
    pub(super) fn is_part_of_list(&self) -> bool {
        let code = is_stand_in(self.text) || is_code(self.text) || is_named(self.text);
        !self.quoted && self.text.len() >= 4 && !code && !self.is_call
    }

    /// Drawn by lot: hexadecimal, a UUID, letters and digits in no order.
    pub(super) fn is_key(&self) -> bool {
        self.text.len() >= 8
            && !self.is_call
            && !self.text.contains(char::is_whitespace)
            && !is_stand_in(self.text)
            && !is_code(self.text)
            && (random::is_random(self.text.strip_prefix("0x").unwrap_or(self.text))
                || layout::is_uuid(self.text))
    }

    /// 16 letters or more of Base32, perhaps in groups of four, and no word.
    pub(super) fn is_base32(&self) -> bool {
        let bytes = self.text.as_bytes();
        let is_upper =
            bytes.iter().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(b) || *b == b'=');
        let is_lower = bytes.iter().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(b));
        (16..=128).contains(&bytes.len())
            && (is_upper || is_lower)
            && random::surprise(bytes) >= 4.8
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

/// `name(…)`, `name[…]`, `Type {…}`: brackets behind a name that was not drawn by lot, which close again on the line.
fn is_call(text: &str, behind: &str) -> bool {
    let Some(at) = text.find(['(', '[', '{']) else { return false };
    let (name, args) = text.split_at(at);
    let line = prefix(behind, CALL).split('\n').next().unwrap_or_default();
    let closes = [args, line].iter().any(|part| part.contains([')', ']', '}']));
    closes && !random::is_random(name)
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

/// Base64 that begins with one of its marks, as one key in 32 does: no path and no sum.
fn is_marked_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=').as_bytes();
    body.len() >= 20
        && text.starts_with(['+', '/'])
        && body.iter().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(b))
        && body.iter().filter(|b| b.is_ascii_digit()).count() >= 2
        && random::surprise(body) >= 5.3
}

/// `required|min:8|confirmed`, as frameworks check what is typed in.
fn is_list_of_rules(text: &str) -> bool {
    let is_rule = |part: &str| {
        let name = part.split(':').next().unwrap_or(part);
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    text.contains('|') && text.split('|').all(is_rule)
}

/// `Lazy<HashMap<u16`, the beginning of a type.
fn is_generic(text: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !random::is_random(part)
    };
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.contains('<')
        && text.trim_end_matches('>').split('<').all(is_name)
}

/// A path, an address, a call, a piece of a program.
fn is_code(text: &str) -> bool {
    if is_marked_base64(text) {
        return false;
    }
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
        || is_list_of_rules(text)
        || is_generic(text)
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
    let few = value.len() >= 4 && random::is_repetition(value);
    is_keyword
        || is_variable(inner)
        || few
        || WORDS.iter().any(|word| lower.contains(word))
        || PAIRS.iter().any(|(open, close)| has_pair(&lower, open, close))
        || lower
            .match_indices("%s")
            .any(|(at, _)| !lower.as_bytes().get(at + 2).is_some_and(u8::is_ascii_alphanumeric))
}

/// What is filled in between two marks. One that does not close before the value does is cut by a space in it.
const PAIRS: &[(&str, &str)] =
    &[("${", "}"), ("$(", ")"), ("#{", "}"), ("{{", "}}"), ("%(", ")"), ("&lt;", "&gt;")];

fn has_pair(value: &str, open: &str, close: &str) -> bool {
    let Some(at) = value.find(open) else { return false };
    let inner = value.get(at + open.len()..).unwrap_or_default();
    inner.is_empty() || inner.contains(close)
}

/// `$NAME`, `$row['x']`, `%NAME%`, `@{x}`, `[name]`, `<name>`, also with text around the last.
fn is_variable(inner: &str) -> bool {
    let of_code = |b: &u8| b.is_ascii_alphanumeric() || b"_.:[]{}()'\"-$".contains(b);
    let shell = inner.strip_prefix('$').is_some_and(|name| name.as_bytes().iter().all(of_code));
    let bracketed = [("{", "}"), ("[", "]"), ("(", ")")]
        .iter()
        .any(|(open, close)| inner.starts_with(open) && inner.ends_with(close));
    shell
        || bracketed
        || inner.starts_with("${")
        || inner.starts_with("{{")
        || inner.starts_with('%') && inner.ends_with('%')
        || inner.starts_with("@{")
        || inner.starts_with("<")
            && (inner.ends_with('>') || !inner.contains(|c: char| c.is_ascii_digit()))
        || inner.split('<').skip(1).any(is_placeholder)
}

/// `password>` behind a `<`: a name of three letters or more.
fn is_placeholder(behind: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_- .".contains(&b);
    behind.split_once('>').is_some_and(|(name, _)| {
        name.len() >= 3
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(fits)
    })
}
