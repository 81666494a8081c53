//! Passwords in commands and in files that have a form of their own: `curl -u`, `.netrc`, `.pgpass`, SQL, Docker's settings.

use super::{
    SECRET,
    ends::{Form, opening},
    random,
    value::{Value, is_stand_in},
};
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix, suffix},
};

pub(in super::super) static COMMANDS: Recognizer = Recognizer {
    name: "secrets/command",
    description: "passwords in commands, SQL, .netrc, .pgpass, Docker and npm settings",
    patterns: &[
        Pattern::new(SECRET, 0.8, r" (?:-[A-Za-z]{0,3}[auU](?:[ =]\\?[\x22']?|\\?[\x22'])|--(?:proxy-)?user[ =]\\?[\x22']?)[A-Za-z0-9._%@\\$-]{1,64}:").check(user_option),
        Pattern::new(SECRET, 0.8, r"(?i-u:\b(?:psexec(?:64)?(?:\.exe)?|sshpass|docker login|net use|mysql(?:dump|admin)?|mongo(?:sh|dump|restore)?|redis-cli|smbclient|rpcclient|az login|helm registry login|ldap(?:search|add|modify|passwd)|keytool|zip|sqlcmd|bcp|cqlsh|mosquitto_(?:pub|sub)|7z[ar]?|(?:un)?rar|unzip|ipmitool|ssh-keygen|plink|pscp|xfreerdp|rdesktop|evil-winrm|crackmapexec|netexec|nxc|twine|openssl enc|etcdctl|lftp|htpasswd|net user|nmcli|netsh))(?-u:\b)").check(password_option),
        Pattern::new(SECRET, 0.85, r"(?-u:\b)login [!-~]{1,64}[ \t\n]{1,8}password ").check(next_word),
        Pattern::new(SECRET, 0.8, r":(?:5432|6432|\*):[A-Za-z0-9_*-]{1,40}:[A-Za-z0-9_-]{1,40}:").check(next_word),
        Pattern::new(SECRET, 0.8, r" -pass(?:in|out)? [\x22']?pass:").check(next_word),
        Pattern::new(SECRET, 0.85, r"(?i-u:\bjdbc:oracle:(?:thin|oci8?|kprb):|\bsqlplus )[A-Za-z0-9_$#]{1,32}/").check(oracle),
        Pattern::new(SECRET, 0.85, r"(?i-u:\bidentified with [a-z0-9_]{1,40} (?:by|as) |\bidentified by |\b(?:with|login) (?:encrypted )?password )[\x22']").check(sql),
        Pattern::new(SECRET, 0.8, r"(?:\x22auth\x22 ?: ?\x22|(?-u:\b)_auth ?= ?\x22?)[A-Za-z0-9+/]{12}").check(encoded),
        Pattern::new(SECRET, 0.8, r"(?-u:\b)echo (?:-n )?\\?[\x22']?[A-Za-z0-9._$-]{1,40}:").check(piped),
        Pattern::new(SECRET, 0.8, r"(?-u:\b)(?:PSK|EAP|XAUTH) [\x22']").check(quoted),
        Pattern::new(SECRET, 0.8, r"(?i-u:\bauth ?= ?|http(?:basic|digest)auth|setbasicauth|basicauth|\.login|\.auth|basic_auth|with_?credentials|networkcredential|passwordauthentication|usernamepasswordcredentials)\( ?[\x22'][^\x22'\n]{1,64}[\x22'], ?[\x22']").check(argument),
        Pattern::new(SECRET, 0.8, r"(?i-u:twilio)[A-Za-z:. ]{0,24}[( ][\x22']AC[0-9a-f]{32}[\x22'], ?[\x22']").check(argument),
        Pattern::new(SECRET, 0.8, r"(?i-u:new (?:sequelize|mysqli|pdo)|mysqli_connect|\.getconnection)\( ?[\x22'][^\x22'\n]{1,96}[\x22'], ?[\x22'][^\x22'\n]{1,64}[\x22'], ?[\x22']").check(argument),
        Pattern::new(SECRET, 0.8, r"(?i-u:getconnection|->connect|mysql\.connect|mysqli|pymysql\.connect|psycopg2\.connect|new pdo)\( ?(?:\$?[A-Za-z_][A-Za-z0-9_.>$-]{0,40}|[\x22'][^\x22'\n]{1,96}[\x22']), ?[\x22'][^\x22'\n]{1,64}[\x22'], ?[\x22']").check(argument),
        Pattern::new(SECRET, 0.8, r"(?i-u:passw(?:or)?d|passwort|pwd|#pw)[\x22'\])]{1,4}\.(?:send_?[kK]eys|type|fill|set(?:Value)?)\([\x22']").check(argument),
        Pattern::new(SECRET, 0.75, r"(?i-u:\b(?:phpsessid|jsessionid|asp\.net_sessionid|sessionid|session_id|sessid|session|sid|connect\.sid|laravel_session)=)[A-Za-z0-9%._~+/-]{16}").check(session),
        Pattern::new(SECRET, 0.85, r"(?-u:\b)x-token-auth:[A-Za-z0-9_=-]{20,400}@").check(token_in_front),
        Pattern::new(SECRET, 0.8, r"ConvertTo-SecureString (?:-String )?[\x22']").check(quoted),
        Pattern::new(SECRET, 0.8, r"CURLOPT_(?:XOAUTH2_BEARER|PASSWORD|USERPWD|PROXYUSERPWD|PROXYPASSWORD|KEYPASSWD|TLSAUTH_PASSWORD)[ \t]{0,3},[ \t\n]{0,24}[\x22']").check(quoted),
    ],
};

/// `curl -u user:password`.
fn user_option(seen: &Seen<'_>) -> Option<Accepted> {
    let left = suffix(seen.all.get(..seen.start)?, 200);
    let line = left.rsplit("\n\n").next()?;
    if !["curl", "wget", "http", "xh "].iter().any(|tool| line.contains(tool)) {
        return None;
    }
    next_word(seen)
}

/// `user/password@server`. The password may hold an `@`, the server does not.
fn oracle(seen: &Seen<'_>) -> Option<Accepted> {
    let word = prefix(seen.all.get(seen.end..)?, 80);
    let word = word.split(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).next()?;
    let text = word.get(..word.rfind('@')?)?;
    let value = Value::known(text, seen.end);
    (text.len() >= 2 && !is_stand_in(text)).then(|| value.accept(seen)).flatten()
}

/// `-p password` behind a command that takes it.
fn password_option(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, 160);
    let line = rest.split('\n').next()?;
    let command = seen.text().to_ascii_lowercase();
    let flags: &[&str] = match command.as_str() {
        "net use" => return mapped(seen, line),
        "etcdctl" => return behind_user(seen, line, "--user", ':'),
        "lftp" => return behind_user(seen, line, "-u", ','),
        // `ASP.NET user …`
        "net user" if seen.before() == Some('.') => return None,
        "htpasswd" | "net user" => return behind_account(seen, line),
        "nmcli" => &[" password ", " wifi-sec.psk "],
        "netsh" => &[" key=", " keyMaterial="],
        "unzip" | "ipmitool" => &[" -P "],
        "ssh-keygen" => &[" -N ", " -P "],
        "plink" | "pscp" => &[" -pw "],
        "xfreerdp" => &[" /p:"],
        "openssl enc" => &[" -k "],
        "rdesktop" | "evil-winrm" | "crackmapexec" | "netexec" | "nxc" | "twine" => &[" -p "],
        "smbclient" | "rpcclient" if line.contains('%') => return joined(seen, line),
        "zip" | "sqlcmd" | "bcp" | "mosquitto_pub" | "mosquitto_sub" => &[" -P "],
        "cqlsh" => &[" -p "],
        "keytool" => &[" -storepass ", " -keypass "],
        ldap if ldap.starts_with("ldap") => &[" -w "],
        packer if packer.starts_with('7') || packer.ends_with("rar") => &[" -p", " -hp"],
        _ => &[" -p ", " /p:", " -a ", " --password ", " -p"],
    };
    let (at, flag) = flags.iter().find_map(|flag| Some((line.find(flag)?, *flag)))?;
    let start = seen.end + at + flag.len();
    if SPOKEN_OF.contains(&command.as_str()) {
        return Value::at(seen.all, start).filter(Value::is_password)?.accept(seen);
    }
    if flag == " -p" && !command.starts_with(['m', 's', '7', 'r', 'u']) {
        return None;
    }
    plain(seen, start)
}

/// Commands that are spoken of as well: their passwords must look like some.
#[rustfmt::skip]
const SPOKEN_OF: &[&str] = &[
    "crackmapexec", "evil-winrm", "ipmitool", "netexec", "netsh", "nmcli", "nxc", "openssl enc", "plink", "pscp", "rdesktop", "ssh-keygen", "twine",
    "unzip", "xfreerdp",
];

/// `--user ann:…`, `-u ann,…`.
fn behind_user(seen: &Seen<'_>, line: &str, option: &str, mark: char) -> Option<Accepted> {
    let at = line.find(option)? + option.len();
    let behind = line.get(at..)?;
    let word = behind.trim_start_matches([' ', '=', '"', '\'']);
    let user = word.find(|c: char| c.is_whitespace() || c == mark)?;
    word.get(user..)?.strip_prefix(mark)?;
    let start = seen.end + at + (behind.len() - word.len()) + user + mark.len_utf8();
    Value::at(seen.all, start).filter(Value::is_password)?.accept(seen)
}

/// `htpasswd -bB file ann …`, `net user ann … /add`: the third word, or the second.
fn behind_account(seen: &Seen<'_>, line: &str) -> Option<Accepted> {
    let is_web = seen.text().eq_ignore_ascii_case("htpasswd");
    // Without `-b` it asks for the password.
    let is_batch = line
        .split(' ')
        .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('b'));
    let (before, skipped) = if is_web { (is_batch, 2) } else { (line.starts_with(' '), 1) };
    let is_option = |word: &str| word.starts_with('-') || word.starts_with('/') && !is_web;
    let mut at = 0;
    let mut words = line.split(' ').filter_map(|word| {
        let from = at;
        at += word.len() + 1;
        (!word.is_empty() && !is_option(word)).then_some(from)
    });
    let from = words.nth(skipped).filter(|_| before)?;
    Value::at(seen.all, seen.end + from).filter(Value::is_password)?.accept(seen)
}

/// `net use Z: \\\\server\\share password /user:name`: what is neither a drive nor a share nor an option.
fn mapped(seen: &Seen<'_>, line: &str) -> Option<Accepted> {
    let share = line.find("\\\\")?;
    let behind = line.get(share..)?;
    let is_drive = |word: &str| word.len() == 2 && word.ends_with(':');
    let mut words = behind.split(' ').filter(|w| !w.is_empty()).skip(1);
    let word = words.find(|w| !w.starts_with(['/', '*', '\\', '&', '|', '>']) && !is_drive(w))?;
    plain(seen, seen.end + share + behind.find(word)?)
}

/// `-U 'user%password'`.
fn joined(seen: &Seen<'_>, line: &str) -> Option<Accepted> {
    const FLAG: &str = " -U ";
    let from = line.find(FLAG)? + FLAG.len();
    let user = line.get(from..)?;
    let (form, skip) = opening(user);
    let sign = user.find('%').filter(|at| !user.get(..*at).is_none_or(|u| u.contains(' ')))?;
    word(
        seen,
        &Value::of_form(
            seen.all,
            seen.end + from + sign + 1,
            if skip > 0 { form } else { Form::Bare },
        )?,
    )
}

/// `echo user:password | chpasswd`.
fn piped(seen: &Seen<'_>) -> Option<Accepted> {
    let line = prefix(seen.all.get(seen.end..)?, 160).split('\n').next()?;
    line.contains("chpasswd").then(|| next_word(seen))?
}

/// A string among others, where a password stands.
fn argument(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::at(seen.all, seen.end - 1)?;
    value.is_password().then(|| value.accept(seen)).flatten()
}

/// What tells a server whose session a request belongs to: in a line that says that it is a cookie, or by a name that is none else's.
fn session(seen: &Seen<'_>) -> Option<Accepted> {
    let sign = seen.text().find('=')? + 1;
    let name = seen.text().get(..sign - 1)?.to_ascii_lowercase();
    let left = suffix(seen.all.get(..seen.start)?, 200);
    let line = left.rsplit('\n').next()?.to_ascii_lowercase();
    let own = matches!(
        name.as_str(),
        "phpsessid" | "jsessionid" | "asp.net_sessionid" | "connect.sid" | "laravel_session"
    );
    let end = seen.run(usize::MAX, |c| c.is_ascii_alphanumeric() || "%._~+/=-".contains(c));
    let value = Value::known(seen.all.get(seen.start + sign..end)?, seen.start + sign);
    ((own || line.contains("cookie")) && value.is_key()).then(|| value.accept(seen)).flatten()
}

/// `x-token-auth:…@bitbucket.org`, without a scheme.
fn token_in_front(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.start + seen.text().find(':')? + 1;
    let value = Value::known(seen.all.get(start..seen.end - 1)?, start);
    value.is_key().then(|| value.accept(seen)).flatten()
}

/// The word at `start`, unless it stands for another.
fn plain(seen: &Seen<'_>, start: usize) -> Option<Accepted> {
    word(seen, &Value::at(seen.all, start)?)
}

fn word(seen: &Seen<'_>, value: &Value<'_>) -> Option<Accepted> {
    let text = value.text;
    let other = text.starts_with(['-', '{'])
        || text.starts_with("//")
        || text.starts_with('<') && !value.quoted
        || is_stand_in(text);
    let live = text.len() >= 4 && text.split_whitespace().count() <= 3 && !other;
    live.then(|| value.accept_of_command(seen))?
}

/// What follows the match, within the quotes that it may open: `'user:password'`.
fn next_word(seen: &Seen<'_>) -> Option<Accepted> {
    let option = seen.text();
    let quote = option.bytes().zip(0..).find(|(b, _)| b"\"'".contains(b));
    let Some((quote, at)) = quote else { return plain(seen, seen.end) };
    let before = option.get(..at)?;
    let depth = before.len() - before.trim_end_matches('\\').len();
    word(seen, &Value::of_form(seen.all, seen.end, Form::Quoted(quote, depth))?)
}

/// `user:password` in Base64.
fn encoded(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.start + seen.text().rfind(['"', '=', ' '])? + 1;
    let end = seen.run(512, |c| c.is_ascii_alphanumeric() || "+/=".contains(c));
    let value = seen.all.get(start..end)?;
    (value.len() >= 12 && random::surprise(value.as_bytes()) >= 5.0)
        .then(|| seen.accept_span(start, end))
        .flatten()
}

/// A quoted password behind the words of a statement, which sentences may hold as well.
fn sql(seen: &Seen<'_>) -> Option<Accepted> {
    let accepted = quoted(seen)?;
    let value = seen.all.get(accepted.start..accepted.end)?;
    (!value.contains(char::is_whitespace)).then_some(accepted)
}

/// The string whose opening quote ends the match.
fn quoted(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::at(seen.all, seen.end - 1)?;
    (value.text.len() >= 4 && !is_stand_in(value.text)).then(|| value.accept(seen)).flatten()
}
