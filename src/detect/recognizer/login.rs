//! Login names that their place tells: paths of home folders, targets of `ssh`, lines of logs, members of JSON.
//!
//! Names that every machine has (`root`, `ubuntu`, `runner`) are nobody's.

use super::{
    secrets::{password_at, password_follows},
    username::NO_NAMES,
};
use crate::detect::{
    EntityType, names,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix, suffix},
};
use core::net::IpAddr;

pub(super) static LOGIN: Recognizer = Recognizer {
    name: "login",
    description: "login names in paths of home folders, addresses of ssh, logs of servers and members of JSON",
    patterns: &[
        Pattern::new(EntityType::USERNAME, 0.6, r"(?:/home/|/Users/|(?-u:\b)[A-Za-z]:[\\/]{1,2}Users[\\/]{1,2})[A-Za-z0-9]").check(home),
        Pattern::new(EntityType::USERNAME, 0.6, r"@[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?-u:\b)").check(target),
        Pattern::new(
            EntityType::USERNAME,
            0.7,
            r"(?i-u:\b(?:(?:accepted|failed) (?:password|publickey|keyboard-interactive/pam|none)|session (?:opened|closed)|authentication failure|postponed publickey) for (?:invalid |illegal )?(?:user )?)[A-Za-z0-9]",
        )
        .check(logged),
        Pattern::new(
            EntityType::USERNAME,
            0.6,
            r#"(?i-u:\b(?:(?:logg?(?:ed|ing)?|sign(?:ed|ing)?)[ -]?in as|locked out as|logon as|su -|sudo -u|psql -u|mysql -u|ssh -l)(?: user)?) ?['"`]?[A-Za-z0-9]"#,
        )
        .check(given),
        Pattern::new(EntityType::USERNAME, 0.6, r#" --?(?i-u:user(?:name)?)[ =]['"`]?[A-Za-z0-9]"#).check(user_option),
        Pattern::new(EntityType::USERNAME, 0.6, r"(?-u:\b)(?:ssh|scp|sftp|mosh) [A-Za-z0-9]").check(remote),
        Pattern::new(EntityType::USERNAME, 0.7, r"<(?:user|login|owner)(?:_?[Nn]ame)?>[A-Za-z0-9]").check(element),
        // `mongo -u jdoe -p …`, `curl -u jdoe:…`
        Pattern::new(EntityType::USERNAME, 0.6, r#" -u ['"]?[A-Za-z0-9]"#).check(option),
        Pattern::new(EntityType::USERNAME, 0.6, r"/user:[A-Za-z0-9]").check(given),
        Pattern::new(EntityType::USERNAME, 0.7, r"(?-u:\b)u/[A-Za-z0-9]").check(redditor),
        Pattern::new(EntityType::USERNAME, 0.7, r"(?i-u:\bcash ?app:?(?: is)? )\$[A-Za-z]").check(cashtag),
        // The common log format: address, identity, user, time.
        Pattern::new(EntityType::USERNAME, 0.7, r" - [A-Za-z0-9][A-Za-z0-9._@-]{1,40} \[[0-3][0-9]/").check(requested),
        Pattern::new(EntityType::USERNAME, 0.6, r#""(?:(?:user|login|owner|author|account)_?(?:[Nn]ame|[Ii]d)?|(?:screen|nick)_?[Nn]ame)" ?: ?"[a-z]"#).check(member),
        // `uid=jdoe,ou=staff`, as directories name their entries.
        Pattern::new(EntityType::USERNAME, 0.7, r"(?i-u:\buid=)[A-Za-z0-9][A-Za-z0-9._-]{1,39},(?i-u:ou|cn|dc|o)=").check(entry),
        // `CORP\jdoe logged on`
        Pattern::new(EntityType::USERNAME, 0.6, r"(?-u:\b)[A-Z][A-Z0-9-]{1,14}\\{1,2}[A-Za-z][A-Za-z0-9._-]{1,30}").check(of_domain),
        // `opened by quietheron_88`, `the user is opsadmin7`
        Pattern::new(EntityType::USERNAME, 0.6, r"(?-u:\b)(?:(?:[Oo]pened|[Rr]eported|[Ll]ocked|[Ss]ubmitted|[Aa]ssigned) (?:by|to)|(?:[Tt]he|[Mm]y) user is):? [a-z]").check(acting),
        Pattern::new(EntityType::USERNAME, 0.7, r"(?i-u:\bskype)(?: (?:id|is|name))?[:=]? ?live:[A-Za-z0-9._-]").check(of_skype),
        // The same as a document of its own.
        Pattern::new(EntityType::USERNAME, 0.6, r"(?-u:\b)(?:[Uu]ser|[Ll]ogin|[Oo]wner|author|account|[Aa]ssignee|[Rr]eporter): [a-z]").check(only_member),
        Pattern::new(EntityType::USERNAME, 0.6, r"(?-u:\b)(?:user|username|usr|login|uid|acct)=[a-z]").check(pair),
        Pattern::new(
            EntityType::USERNAME,
            0.7,
            r#"(?i-u:user(?:[ _-]?(?:name|id))?|(?-u:\b)(?:uid|login|usr)|benutzer(?:name)?|usuario)[\\"']{0,2} ?(?:=>|[:=>]) ?\\?["']?[A-Za-z0-9]"#,
        )
        .check(beside_password),
        // Calls and statements that take a name and a password.
        Pattern::new(EntityType::USERNAME, 0.6, r"(?i-u:\bauth ?= ?|http(?:basic|digest)auth|setbasicauth|basicauth|basic_auth|networkcredential|passwordauthentication|usernamepasswordcredentials)\( ?[\x22'][A-Za-z0-9]").check(argument),
        Pattern::new(EntityType::USERNAME, 0.6, r"(?i-u:\b(?:create|alter) (?:user|role|login) (?:if not exists )?)[\x22'`]?[A-Za-z0-9]").check(argument),
        Pattern::new(
            EntityType::USERNAME,
            0.7,
            r"(?i-u:\b(?:user(?:name)?|seller|buyer|login|account|benutzer|nutzer|usuario|usu(?:á|a)rio|utente|utilisateur|gebruiker)(?:/pass(?:word)?)?[:=]? )[A-Za-z0-9]",
        )
        .check(paired),
    ],
};

/// Longer names are something else, in bytes.
const LONGEST: usize = 40;

/// Accounts of machines and of examples.
#[rustfmt::skip]
const NOBODY: &[&str] = &[
    "account", "admin", "administrator", "all", "anonymous", "apache", "api", "app", "apps", "appuser", "assistant", "backup", "bin",
    "bot", "build", "builder", "centos", "ci", "circleci", "client", "cloud", "coder", "codespace", "core", "daemon", "data",
    "debian", "default", "demo", "deploy", "deployer", "dev", "developer", "docker", "ec2-user", "elastic", "example", "fedora",
    "foo", "ftp", "git", "github", "gitlab", "gitpod", "grafana", "guest", "hadoop", "host", "http", "httpd", "jenkins", "jovyan",
    "kafka", "kubernetes", "linux", "linuxbrew", "local", "localhost", "mail", "main", "me", "member", "model", "mongo", "mongodb",
    "monitor", "mysql", "myuser", "name", "nginx", "nginx", "node", "nobody", "operator", "opc", "oracle", "owner", "pi", "postgres",
    "postgresql", "prod", "project", "projects", "prometheus", "public", "rabbitmq", "readonly", "redis", "reader", "replicator",
    "rocky", "root", "run", "runner", "runneradmin", "sa", "sandbox", "server", "service", "shared", "somebody", "someone", "spark",
    "ssh", "staging", "sudo", "superuser", "support", "svc", "sysadmin", "sys", "system", "temp", "test", "tester", "testuser", "tmp", "tomcat", "travis",
    "ubuntu", "user", "user1", "username", "users", "vagrant", "vscode", "web", "webapp", "work", "worker", "workspace", "writer",
    "www", "www-data", "you", "your-name", "your-username", "yourname", "yourusername",
];

/// `/home/jdoe/notes.txt`
fn home(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    // A path goes on or ends; `/home/page.html` is one of a site.
    let is_site = seen.before().is_some_and(|c| c.is_alphanumeric() || "./".contains(c));
    let name = name_at(seen, start).filter(|name| !is_site && !has_extension(name))?;
    let behind = seen.all.get(start + name.len()..)?;
    if seen.text().starts_with("/home") && (is_page(name) || is_requested(seen, behind)) {
        return None;
    }
    if seen.before() == Some(':') && !behind.starts_with(':') {
        return None;
    }
    let ends = behind.is_empty() || behind.starts_with([' ', '\n', ':', '"', '\'', '`', ')']);
    (seen.text().starts_with("/home")
        && (behind.starts_with('/') || ends && !names::is_everyday(name))
        || !seen.text().starts_with("/home") && behind.starts_with(['/', '\\']))
    .then(|| seen.accept_span(start, start + name.len()))?
}

/// Pages of sites that are no everyday words.
fn is_page(name: &str) -> bool {
    #[rustfmt::skip]
    const PAGES: &[&str] = &[
        "dashboard", "faq", "faqs", "index", "login", "logout", "profile", "register", "search", "settings", "signin", "sign-in", "signout", "sign-out",
        "signup", "sign-up", "sitemap", "wiki",
    ];
    PAGES.iter().any(|page| name.eq_ignore_ascii_case(page))
}

/// `GET /home/… HTTP/1.1`
fn is_requested(seen: &Seen<'_>, behind: &str) -> bool {
    const METHODS: [&str; 7] = ["GET ", "HEAD ", "POST ", "PUT ", "PATCH ", "DELETE ", "OPTIONS "];
    METHODS.iter().any(|method| seen.left().ends_with(method)) || behind.starts_with(" HTTP/")
}

fn has_extension(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        ["html", "htm", "php", "js", "css", "txt", "md", "json"].contains(&extension)
    })
}

/// `ssh jdoe@203.0.113.9`
fn target(seen: &Seen<'_>) -> Option<Accepted> {
    let left = seen.left().rsplit('\n').next().unwrap_or_default();
    let len = left.len()
        - left.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "._-".contains(c)).len();
    let start = seen.start - len;
    let name = name_at(seen, start).filter(|name| name.len() == len)?;
    let free = Seen { start, ..*seen }.is_free_left("/:@+%") && seen.is_free_right("-.");
    let command = left.get(..left.len() - len)?.to_ascii_lowercase();
    let is_command =
        ["ssh", "scp", "sftp", "rsync", "mosh"].iter().any(|word| command.contains(word));
    let is_path = seen.right().starts_with(":/") || seen.right().starts_with(":~");
    (free && (is_command || is_path)).then(|| seen.accept_span(start, start + name.len()))?
}

/// `Accepted publickey for jdoe from …`
fn logged(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start)?;
    let behind = seen.all.get(start + name.len()..)?;
    let ends = behind.is_empty() || behind.starts_with([' ', '\n', '(', ';']);
    ends.then(|| seen.accept_span(start, start + name.len()))?
}

/// `logged in as jdoe`, `psql -U jdoe`: no word for a role, which may stand there as well.
fn given(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3 && !is_role(name))?;
    let behind = seen.all.get(start + name.len()..)?;
    let ends = behind.chars().next().is_none_or(|c| c.is_whitespace() || "'\"`.,;:!?)".contains(c));
    ends.then(|| seen.accept_span(start, start + name.len()))?
}

/// Commands that log somebody in.
#[rustfmt::skip]
const CLIENTS: &[&str] = &[
    "ansible", "ansible-playbook", "az", "bcp", "beeline", "clickhouse-client", "cmdkey", "connect", "cqlsh", "crackmapexec", "createdb", "credential", "curl", "etcdctl", "evil-winrm", "ftp",
    "helm", "http", "https", "impala-shell", "influx", "kinit", "kubectl", "ldapsearch", "lftp", "login", "mariadb", "mongo", "mongodump", "mongoexport",
    "mongoimport", "mongorestore", "mongosh", "mosquitto_pub", "mosquitto_sub", "mysql", "mysqladmin", "mysqldump", "mysqlimport", "mysqlsh", "net", "netexec", "nxc",
    "openconnect", "openvpn", "pg_basebackup", "pg_dump", "pg_restore", "psexec", "psql", "rabbitmqadmin", "rclone", "rdesktop", "redis-cli", "rpcclient",
    "scp", "sftp", "smbclient", "snowsql", "sqlcmd", "sqlplus", "ssh", "sshpass", "trino", "twine", "wget", "winrm", "xfreerdp", "xh",
];

/// Commands with an option `--user` that says for whom they work, and no name.
#[rustfmt::skip]
const WITHOUT_LOGIN: &[&str] = &[
    "cabal", "conda", "docker", "easy_install", "flatpak", "gem", "journalctl", "loginctl", "npm", "opam", "pip", "pip3", "pipx", "podman", "python",
    "python3", "setup.py", "systemctl", "systemd-run", "uv",
];

/// Tells whether one of `commands` stands in front of the match on its line.
fn is_of_command(seen: &Seen<'_>, commands: &[&str]) -> bool {
    let left = suffix(seen.all.get(..seen.start).unwrap_or_default(), 160);
    let line = left.rsplit('\n').next().unwrap_or_default();
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
    words.any(|word| commands.iter().any(|command| word.eq_ignore_ascii_case(command)))
}

/// `mysql --user=jdoe`; of another command only a name with digits, or beside a password.
fn user_option(seen: &Seen<'_>) -> Option<Accepted> {
    let found = given(seen)?;
    let is_numbered =
        || seen.all.get(found.start..found.end).is_some_and(|name| name.contains(char::is_numeric));
    let line = prefix(seen.all.get(found.end..)?, 96).split('\n').next()?;
    let has_password = || [" --pass", " -pass", " -Pass", " -p "].iter().any(|o| line.contains(o));
    let is_login = is_of_command(seen, CLIENTS)
        || (is_numbered() || has_password()) && !is_of_command(seen, WITHOUT_LOGIN);
    is_login.then_some(found)
}

/// `ssh jdoe@bastion`
fn remote(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| !is_role(name))?;
    let host = seen.all.get(start + name.len()..)?.strip_prefix('@')?;
    let is_host = host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    is_host.then(|| seen.accept_span(start, start + name.len()))?
}

/// `-u jdoe -p …`, `-u jdoe:…` of curl.
fn option(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3 && !is_role(name))?;
    let behind = seen.all.get(start + name.len()..)?.trim_start_matches(['"', '\'']);
    let has_password = behind.starts_with(" -p") || behind.starts_with(" --pass");
    let is_login = has_password && is_of_command(seen, CLIENTS)
        || behind.starts_with(':') && is_of_command(seen, &["curl"]);
    is_login.then(|| seen.accept_span(start, start + name.len()))?
}

/// `u/jdoe`, `/u/jdoe`, but no part of a path.
fn redditor(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3)?;
    let left = seen.left().strip_suffix('/').unwrap_or(seen.left());
    let apart = left.is_empty() || left.ends_with([' ', '\n', '(', '"']);
    let ends = !seen.all.get(start + name.len()..)?.starts_with(['/', '.', '=']);
    (apart && ends).then(|| seen.accept_span(seen.start, start + name.len()))?
}

/// `cashapp $jdoe`
fn cashtag(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3)?;
    seen.accept_span(start - 1, start + name.len())
}

/// `user jdoe locked out`, `account jdoe77 is disabled`
fn is_state(behind: &str) -> bool {
    #[rustfmt::skip]
    const STATES: &[&str] = &[
        "locked", "disabled", "suspended", "logged in", "logged on", "logged off", "logged out", "signed in", "gesperrt", "deaktiviert", "angemeldet", "does not exist",
        "cannot log", "can't log", "couldn't log", "says", "posted", "wrote", "shipped", "bought",
    ];
    let rest = behind.strip_prefix(' ').unwrap_or_default();
    let rest = ["is ", "was ", "has been ", "got ", "ist ", "wurde "]
        .iter()
        .find_map(|verb| rest.strip_prefix(verb))
        .unwrap_or(rest);
    STATES.iter().any(|state| rest.starts_with(state))
}

/// `<username>jdoe</username>`
fn element(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3 && !is_role(name))?;
    let ends = seen.all.get(start + name.len()..)?.starts_with("</");
    ends.then(|| seen.accept_span(start, start + name.len()))?
}

/// An everyday word, or one that begins with a capital, without digits and marks: a role rather than a login name.
pub(super) fn is_role(name: &str) -> bool {
    let has_marks = name.contains(['.', '_', '-']) || name.bytes().any(|b| b.is_ascii_digit());
    !has_marks && (names::is_everyday(name) || name.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Nothing but words for machines, software and teams, perhaps with numbers: `gpt4`, `k8s-team1`.
pub(super) fn is_machine(name: &str) -> bool {
    #[rustfmt::skip]
    const MACHINES: &[&str] = &[
        "agent", "ai", "analyst", "analytics", "ansible", "auditor", "auth", "aws", "azure", "backend", "batch", "bi", "billing", "call", "claude", "cluster", "copilot",
        "core", "crawler", "cron", "db", "design", "devops", "docs", "editor", "eng", "engineering", "external", "finance", "frontend", "gcp", "gemini",
        "gpt", "group", "hr", "infra", "infrastructure", "internal", "it", "job", "k8s", "ldap", "legal", "llama", "llm", "maintainer", "maintainers", "marketing", "mistral", "ml",
        "mobile", "oauth", "on", "only", "oncall", "ops", "payments", "pipeline", "platform", "primary", "product", "publisher", "python", "qa", "qwen", "read", "release", "replica",
        "research", "reviewer", "sales", "saml", "scheduler", "science", "sec", "security", "squad", "sre", "sso", "team", "teams", "terraform", "viewer", "vm", "write",
    ];
    name.split(['.', '_', '-']).all(|part| {
        let part = part.to_ascii_lowercase();
        let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_known = |word: &str| MACHINES.contains(&word) || NOBODY.contains(&word);
        word.is_empty() || is_known(&part) || is_known(word)
    })
}

/// `203.0.113.9 - jdoe [12/Feb/2024:…`
fn requested(seen: &Seen<'_>) -> Option<Accepted> {
    let address = seen.left().rsplit([' ', '\n']).next().unwrap_or_default();
    let start = seen.start + " - ".len();
    let name = name_at(seen, start).filter(|_| address.parse::<IpAddr>().is_ok())?;
    let ends = seen.all.get(start + name.len()..)?.starts_with(" [");
    ends.then(|| seen.accept_span(start, start + name.len()))?
}

/// `"user": "jdoe"`
fn member(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3 && !is_machine(name))?;
    let behind = seen.all.get(start + name.len()..)?.strip_prefix('"')?.trim_start();
    let ends = behind.is_empty() || behind.starts_with([',', '}']);
    ends.then(|| seen.accept_span(start, start + name.len()))?
}

fn entry(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.start + "uid=".len();
    let name = name_at(seen, start)?;
    seen.accept_span(start, start + name.len())
}

/// Beside a word for users, or for what they do; else it may be a key of the registry or a path.
fn of_domain(seen: &Seen<'_>) -> Option<Accepted> {
    const BEFORE: &[&str] = &["user", "account", "as", "for", "by", "username"];
    let start = seen.start + seen.text().rfind('\\')? + 1;
    let name = name_at(seen, start).filter(|name| !is_machine(name))?;
    let behind = seen.all.get(start + name.len()..)?;
    let word = seen.left().trim_end_matches([' ', ':', '"', '\'']);
    let word = word.rsplit(|c: char| !c.is_alphabetic()).next()?;
    let is_user = BEFORE.iter().any(|b| word.eq_ignore_ascii_case(b)) || is_state(behind);
    (is_user && !behind.starts_with('\\')).then(|| seen.accept_span(start, start + name.len()))?
}

/// A name with a full stop between two words, or with digits at its end: others may be roles, programs and functions.
fn acting(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 5 && !is_machine(name))?;
    let behind = seen.all.get(start + name.len()..)?;
    let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
    let is_full = name.split_once('.').is_some_and(|(given, last)| {
        let is_word = |word: &str| word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase());
        is_word(given) && is_word(last) && !has_extension(name)
    });
    let is_numbered =
        digits > 1 && name.contains('_') || digits > 0 && seen.text().contains("user");
    let ends = behind.is_empty() || behind.starts_with([' ', '\n', '\r', ',', ';', '.', ')']);
    let is_call = behind.starts_with(['(', ':', '/']);
    (ends && !is_call && (is_full || is_numbered))
        .then(|| seen.accept_span(start, start + name.len()))?
}

fn of_skype(seen: &Seen<'_>) -> Option<Accepted> {
    let name = name_at(seen, seen.end - 1)?;
    seen.accept_span(seen.end - 1 - "live:".len(), seen.end - 1 + name.len())
}

/// `user: jdoe`, and nothing else: how a member of a document is seen. No everyday word, which may be typed in this way.
fn only_member(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3 && !is_machine(name))?;
    let is_label = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b' ';
    let label = seen.left();
    let is_whole = label.len() == seen.start
        && label.bytes().all(is_label)
        && start + name.len() == seen.all.len();
    // A line of a file in YAML, too, where the name has digits.
    let line = label.rsplit('\n').next().unwrap_or_default().trim_start_matches([' ', '-']);
    let behind = seen.all.get(start + name.len()..)?.trim_start_matches([' ', '\r']);
    let is_line = (line.is_empty() || line.ends_with(", "))
        && (behind.is_empty() || behind.starts_with(['\n', ',']))
        && !seen.text().starts_with("account")
        && name.bytes().any(|b| b.is_ascii_digit());
    (is_line || is_whole && !names::is_everyday(name))
        .then(|| seen.accept_span(start, start + name.len()))?
}

/// `user=jdoe` among other pairs of a line of a log.
fn pair(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3)?;
    let behind = seen.all.get(start + name.len()..)?;
    let line = seen.left().rsplit('\n').next().unwrap_or_default();
    let right = prefix(behind, 96).split('\n').next().unwrap_or_default();
    let apart =
        (line.is_empty() || line.ends_with(' ')) && (right.is_empty() || right.starts_with(' '));
    // Strings of databases have service accounts and a host; logs tell what happened, and from where.
    let tells = |key: &str| line.contains(key) || right.contains(key);
    let is_log = [
        "ip=", "level=", "msg=", "rhost=", "addr=", "src=", "session=", "action=", "event=",
        "status=",
    ]
    .iter()
    .any(|key| tells(key));
    let is_database = ["host=", "dbname=", "database=", "server="]
        .iter()
        .any(|key| tells(key) && !tells("rhost="));
    let is_query =
        (line.ends_with(['?', '&']) || behind.starts_with('&')) && !is_role(name) && !is_database;
    (is_query || apart && is_log && !is_database)
        .then(|| seen.accept_span(start, start + name.len()))?
}

/// `login jdoe, pw …`, `Benutzer jdoe Passwort …`, `user/pass: jdoe/…`
fn paired(seen: &Seen<'_>) -> Option<Accepted> {
    #[rustfmt::skip]
    const PASSWORDS: &[&str] = &[
        "contraseña", "hasło", "kennwort", "mdp", "mot de passe", "pass:", "passwd", "password", "passwort", "pw", "pwd",
        "senha", "wachtwoord",
    ];
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3)?;
    let behind = seen.all.get(start + name.len()..)?;
    if seen.text().contains('/') {
        return behind.starts_with('/').then(|| seen.accept_span(start, start + name.len()))?;
    }
    // `Host bastion`, and on a line below `User jdoe`, as ssh is set up.
    let is_host = || {
        let line = seen.left().rsplit('\n').next().unwrap_or_default();
        line.trim_start().is_empty()
            && seen.left().contains("Host")
            && (behind.is_empty() || behind.starts_with(['\n', '\r']))
    };
    if !seen.text().contains([':', '=']) && !is_role(name) && (is_state(behind) || is_host()) {
        return seen.accept_span(start, start + name.len());
    }
    let next = prefix(behind, 24).trim_start_matches([' ', ',', ';', '/', '|', '\n', '&']);
    let next =
        next.strip_prefix("and ").or(next.strip_prefix("und ")).unwrap_or(next).to_lowercase();
    // `user enters password` speaks of somebody; a pair has a value behind both words.
    let told = PASSWORDS.iter().find_map(|word| next.strip_prefix(word)).is_some_and(|value| {
        let value = value.trim_start_matches([' ', ':', '=']);
        value.split([' ', '\n']).next().is_some_and(|v| {
            v.len() >= 4 && v.contains(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation())
        })
    });
    told.then(|| seen.accept_span(start, start + name.len()))?
}

/// `user: 'web_front', password: '…'`, `User Id=crm_sa;Password=…`: whatever the name is like, what lets it in stands beside it.
fn beside_password(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3)?;
    let end = start + name.len();
    let behind = seen.all.get(end..)?;
    let ends = behind.starts_with(|c: char| c.is_whitespace() || "\"'\\;,&<".contains(c));
    // On the line above, and this one says no more.
    let is_below = || {
        let (above, line) = seen.left().rsplit_once('\n')?;
        let label = above.rsplit('\n').next()?.trim_start().to_ascii_lowercase();
        let (label, value) = label.split_once([':', '='])?;
        let is_password =
            ["password", "passwort", "pass", "passwd", "pwd", "pw"].contains(&label.trim_end());
        let is_alone =
            line.trim_start().is_empty() && (behind.is_empty() || behind.starts_with(['\n', '\r']));
        (is_password && value.trim().len() >= 4 && is_alone).then_some(())
    };
    (ends && password_follows(seen.all, end) || is_below().is_some() && !is_machine(name))
        .then(|| seen.accept_span(start, end))?
}

/// `auth=("jdoe", "…")`, `CREATE USER 'app_ro'@'%' IDENTIFIED BY '…'`
fn argument(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = name_at(seen, start).filter(|name| name.len() >= 3)?;
    let end = start + name.len();
    let behind = prefix(seen.all.get(end..)?, LONGEST);
    let next = match seen.text().contains('(') {
        true => behind.trim_start_matches(['"', '\'']).strip_prefix(',')?.trim_start(),
        false => behind.trim_start_matches(['"', '\'', '`']),
    };
    password_at(seen.all, end + (behind.len() - next.len()))
        .then(|| seen.accept_span(start, end))?
}

/// The name that begins at `start`; `None` when it is nobody's.
pub(super) fn name_at<'t>(seen: &Seen<'t>, start: usize) -> Option<&'t str> {
    let rest = prefix(seen.all.get(start..)?, LONGEST + 1);
    let len = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)))
        .unwrap_or(rest.len());
    let name = rest.get(..len)?.trim_end_matches(['.', '-']);
    let lower = name.to_ascii_lowercase();
    let known = NOBODY.contains(&lower.as_str()) || NO_NAMES.contains(&lower.as_str());
    let letters = name.bytes().any(|b| b.is_ascii_alphabetic());
    ((2..=LONGEST).contains(&name.len()) && letters && !known).then_some(name)
}
