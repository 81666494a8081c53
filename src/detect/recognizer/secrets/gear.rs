//! Passwords in the settings of network gear and servers that write a word and its value side by side, and in shells that pass them on:
//! `enable secret …`, `requirepass …`, `echo … | sudo -S`.

use super::{
    SECRET,
    ends::Form,
    random,
    value::{Value, is_stand_in},
};
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix, suffix},
};

pub(in super::super) static GEAR: Recognizer = Recognizer {
    name: "secrets/gear",
    description: "passwords in the settings of routers, switches and servers, in pipes, DSNs of Go, variables of Terraform, stores of secrets, codes of networks; BitLocker and product keys",
    patterns: &[
        Pattern::new(SECRET, 0.8, r"(?-u:\b)(?:enable (?:password|secret)|(?:privilege [0-9]{1,2}|username [A-Za-z0-9._-]{1,32}) (?:password|secret)|(?:tacacs|radius)-server key|snmp-server community|pre-shared-key(?: ascii-text)?|isakmp key|set psksecret|auth_pass|neighbor [0-9a-fA-F.:]{3,39} password|requirepass|masterauth|key-string|chap password|wpa-psk ascii|rootpw(?: --plaintext| --lock){0,2})(?: (?:level [0-9]{1,2} )?[0-9])? ").check(beside),
        Pattern::new(SECRET, 0.85, r"(?-u:\b)(?:password|key|secret) 7 [0-9][0-9A-F]{7,48}(?-u:\b)").check(type_7),
        Pattern::new(SECRET, 0.8, r"\| ?(?:sudo (?:-[A-RT-Za-z]{1,4} )?(?:-S|--stdin)(?-u:\b)|(?:docker|helm|podman|nerdctl|az|crane|oras|registry)[a-z ]{1,20}|passwd |cryptsetup |gpg |[a-z][a-z0-9_-]{1,24} [a-z ]{0,24}--(?:password-stdin|token-stdin|with-token|stdin)(?-u:\b))").check(piped),
        Pattern::new(SECRET, 0.8, r"(?-u:\b)(?:gh secret set|az keyvault secret set|aws secretsmanager (?:create-secret|put-secret-value|update-secret)|aws ssm put-parameter)(?-u:\b)").check(stored),
        Pattern::new(SECRET, 0.8, r"@Value\( ?\x22").check(annotated),
        Pattern::new(SECRET, 0.85, r"(?-u:\b)WIFI:(?:[TSHR]:(?:[^;\\\n]|\\[^\n]){0,40};){0,3}P:").check(network),
        Pattern::new(SECRET, 0.85, r"@(?:tcp|unix)\(").check(go),
        Pattern::new(SECRET, 0.8, r"(?-u:\b)(?:variable|output) \x22[A-Za-z0-9_-]{0,48}(?:password|passwd|secret|token|api_key)\x22 ?\{").check(terraform),
        Pattern::new(SECRET, 0.9, r"(?-u:\b)[0-9]{6}(?:-[0-9]{6}){7}(?-u:\b)").check(bitlocker),
        Pattern::new(SECRET, 0.8, r"(?-u:\b)[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}(?-u:\b)").check(product_key),
        Pattern::new(SECRET, 0.8, r"(?i-u:\bfill_in) ?\(?[\x22'][^\x22'\n]{0,40}(?i-u:passw(?:or)?d|passwort)[^\x22'\n]{0,16}[\x22'], ?(?:with:|:with ?=>) ?[\x22']").check(quoted),
        Pattern::new(SECRET, 0.8, r"(?-u:\b)(?:rclone obscure|wpa_passphrase [^ \n]{1,32}|composer config (?:--?[a-z]{1,8} )?http-basic\.[A-Za-z0-9.-]{1,64} [A-Za-z0-9._@-]{1,64}|snmp(?:walk|get|set|table|bulkwalk) (?:[^ \n|;]{1,32} ){0,6}-[cA]) ").check(beside),
        Pattern::new(SECRET, 0.8, r"(?-u:\b)https? (?:--?[a-z-]{1,16} ){0,3}(?:--auth|-a)[ =][A-Za-z0-9._@-]{1,64}:").check(beside),
        Pattern::new(SECRET, 0.8, r"(?-u:\b)(?:jwt\.(?:sign|verify|encode|decode)\([A-Za-z0-9_.]{1,40}, ?|createHmac\([\x22'][A-Za-z0-9-]{3,12}[\x22'], ?|hmac\.new\(b?)[\x22']").check(quoted),
        Pattern::new(SECRET, 0.8, r"\x22username\x22 ?: ?\x22[^\x22\n]{1,64}\x22, ?\x22key\x22 ?: ?\x22").check(quoted_key),
        Pattern::new(SECRET, 0.8, r"\]:(?:25|465|587)[ \t]{1,8}[A-Za-z0-9._%+@-]{1,64}:").check(beside),
    ],
};

/// How far a command or a block is read, in bytes.
const REACH: usize = 256;

/// The word behind the match, if it looks chosen.
fn beside(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::at(seen.all, seen.end)?;
    (value.is_password() && !is_version(value.text)).then(|| value.accept_of_command(seen))?
}

/// `v2-migration`, which sentences about secrets name.
fn is_version(text: &str) -> bool {
    let rest = text.strip_prefix('v').unwrap_or_default();
    let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    behind.len() < rest.len()
        && (behind.is_empty() || behind.starts_with('-'))
        && behind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// `password 7 094F471A1A0A`: two digits, and hexadecimal pairs that anybody can turn back.
fn type_7(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.start + seen.text().rfind(' ')? + 1;
    let value = seen.all.get(start..seen.end)?;
    let salted = value.get(..2)?.parse::<u8>().is_ok_and(|salt| salt < 53);
    let letters = value.bytes().any(|b| b.is_ascii_uppercase());
    (salted && letters && value.len().is_multiple_of(2))
        .then(|| seen.accept_span(start, seen.end))?
}

/// `echo … | sudo -S`, `printf '%s' … | docker login --password-stdin`.
fn piped(seen: &Seen<'_>) -> Option<Accepted> {
    let says_stdin = seen.text().contains("sudo") || seen.text().contains("--");
    let behind = prefix(seen.all.get(seen.end..)?, REACH).split('\n').next()?;
    if !says_stdin
        && !["stdin", "passphrase-fd 0", "key-file -", "key-file=-"]
            .iter()
            .any(|o| behind.contains(o))
    {
        return None;
    }
    let left = suffix(seen.all.get(..seen.start)?, REACH);
    let line = left.rsplit('\n').next()?;
    let echo =
        ["echo -n ", "echo -e ", "echo ", "printf '%s' ", "printf %s ", "printf \"%s\" ", "<<< "];
    let from = echo.iter().filter_map(|e| Some(line.rfind(e)? + e.len())).max()?;
    let value = Value::at(seen.all, seen.start - line.len() + from)?;
    let alone = seen.all.get(value.start + value.text.len()..seen.start)?;
    let alone = alone.trim_matches(['"', '\'', ' ']).is_empty();
    (alone && (value.is_password() || value.is_key())).then(|| value.accept(seen))?
}

/// `user:password@tcp(host:3306)/db`
fn go(seen: &Seen<'_>) -> Option<Accepted> {
    let left = suffix(seen.all.get(..seen.start)?, 128);
    let from =
        left.rfind(|c: char| c.is_whitespace() || "\"'`=<>(,".contains(c)).map_or(0, |at| at + 1);
    let (user, password) = left.get(from..)?.split_once(':')?;
    let value = Value::known(password, seen.start - password.len());
    let named = user.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
    (named && !user.is_empty() && value.is_password()).then(|| value.accept(seen))?
}

/// `variable "db_password" { default = "…" }`
fn terraform(seen: &Seen<'_>) -> Option<Accepted> {
    let block = prefix(seen.all.get(seen.end..)?, REACH).split('}').next()?;
    let word = if seen.text().starts_with("variable") { "default" } else { "value" };
    let at = block.find(word)? + word.len();
    let behind = block.get(at..)?;
    let value = behind.trim_start().strip_prefix('=')?.trim_start();
    let value = Value::at(seen.all, seen.end + at + (behind.len() - value.len()))?;
    (value.quoted && value.is_password()).then(|| value.accept(seen))?
}

/// Eight groups, each a multiple of 11 and less than 2^16 times 11; where the text names the key, a slip does not matter.
fn bitlocker(seen: &Seen<'_>) -> Option<Accepted> {
    let sound = |group: &str| group.parse::<u32>().is_ok_and(|n| n % 11 == 0 && n < 11 << 16);
    let left = seen.left().to_lowercase();
    let named =
        ["bitlocker", "recovery", "wiederherstellung"].iter().any(|word| left.contains(word));
    ((named || seen.text().split('-').all(sound)) && seen.stands_alone()).then(|| seen.accept())?
}

/// Five groups of five letters and digits that cannot be mistaken for one another, as Microsoft gives them out; of any where a
/// word says that it is a key.
fn product_key(seen: &Seen<'_>) -> Option<Accepted> {
    const ALPHABET: &[u8] = b"BCDFGHJKMNPQRTVWXY2346789-";
    let text = seen.text();
    let left = seen.left().to_ascii_lowercase();
    let named =
        ["activation", "key", "licen", "product", "serial"].iter().any(|w| left.contains(w));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let mixed = (2..=20).contains(&digits)
        && !random::is_filler(text)
        && !random::is_made_of_sequences(text);
    let fits = named || text.bytes().all(|b| ALPHABET.contains(&b));
    (mixed && fits && seen.stands_alone()).then(|| seen.accept())?
}

/// `gh secret set NAME --body …`, `az keyvault secret set … --value …`.
fn stored(seen: &Seen<'_>) -> Option<Accepted> {
    let options = [" -b", " --body", " --value", " --secret-string"];
    let line = prefix(seen.all.get(seen.end..)?, REACH).split("\n\n").next()?;
    let at = options.iter().filter_map(|option| Some(line.find(option)? + option.len())).min()?;
    let behind = line.get(at..)?;
    let value = behind.strip_prefix([' ', '=']).unwrap_or(behind);
    let value = Value::at(seen.all, seen.end + at + (behind.len() - value.len()))?;
    (value.is_password() || value.is_key()).then(|| value.accept(seen))?
}

/// `@Value("…") String apiKey;`, where the name stands behind.
fn annotated(seen: &Seen<'_>) -> Option<Accepted> {
    const WORDS: [&str; 4] = ["key", "token", "secret", "passw"];
    let value = Value::at(seen.all, seen.end - 1)?;
    let behind = seen.all.get(value.start + value.text.len()..)?.strip_prefix("\")")?;
    let name = prefix(behind, 96).split([';', '=', '(', ')', ',']).next()?.to_ascii_lowercase();
    let named = WORDS.iter().any(|word| name.contains(word));
    let chosen = name.contains("passw") && value.is_password();
    (named && (value.is_key() || chosen)).then(|| value.accept(seen))?
}

/// `WIFI:T:WPA;S:…;P:…;;`, as codes for phones have it: up to the `;` that nothing escapes.
fn network(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, 128);
    let mut escaped = false;
    let end = rest.find(|c: char| {
        let ends = c == ';' && !escaped || c == '\n';
        escaped = c == '\\' && !escaped;
        ends
    })?;
    let value = Value::known(rest.get(..end)?, seen.end);
    (end >= 4 && !is_stand_in(value.text)).then(|| value.accept(seen))?
}

/// The same, of a key.
fn quoted_key(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::of_form(seen.all, seen.end, Form::Quoted(b'"', 0))?;
    value.is_key().then(|| value.accept(seen))?
}

/// The string whose opening quote ends the match.
fn quoted(seen: &Seen<'_>) -> Option<Accepted> {
    let quote = seen.text().bytes().next_back()?;
    let value = Value::of_form(seen.all, seen.end, Form::Quoted(quote, 0))?;
    value.is_password().then(|| value.accept(seen))?
}
