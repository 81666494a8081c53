//! Login names that a word names as such: `username: jdoe42`, `my handle is @jdoe`.
//!
//! A login name looks like any other word, and source code is full of `username: String`. So a bare word counts only in
//! quotes, behind a label or where somebody speaks of a person's own; otherwise the value must have digits or marks inside.

use super::login;
use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, is_word, prefix},
};

pub(super) static USERNAME: Recognizer = Recognizer {
    name: "username",
    description: "login names, handles and screen names named as such",
    patterns: &[
        Pattern::new(
            EntityType::USERNAME,
            0.8,
            r"(?i-u:\b(?:user[ _-]?names?|user[ _-]?ids?|login[ _-]?(?:name|id)|log-?in|screen[ _-]?name|account name|gamertag|nickname|(?:insta(?:gram)?|snap(?:chat)?|discord|psn|tiktok|telegram|twitch|steam|kik|xbox|epic|roblox)(?: (?:id|name|handle|tag|user(?:name)?))?|benutzer(?:name|kennung)?|nutzername|anmeldename|nom d'utilisateur|identifiant|nombre de usuario|usuario|nome utente|nome de usu(?:á|a)rio|usu(?:á|a)rio|gebruikersnaam|anv(?:ä|a)ndarnamn|brukernavn|brugernavn|k(?:ä|a)ytt(?:ä|a)j(?:ä|a)tunnus|nazwa u(?:ż|z)ytkownika|kullan(?:ı|i)c(?:ı|i) ad(?:ı|i)))",
        )
        .check(named),
        Pattern::new(EntityType::USERNAME, 0.8, r"(?:用户名|用戶名|帳號|ユーザー名|사용자 ?이름|логин|имя пользователя)").check(named),
        Pattern::new(
            EntityType::USERNAME,
            0.75,
            r"(?i-u:\b(?:handle|twitter|x|instagram|insta|ig|bsky|wechat|cc|tiktok|snapchat|snap|telegram|github|discord|twitch|mastodon|threads|reddit|skype|follow|dm|venmo|cashapp))(?i-u:(?: (?:handle|account|user|username|id|name|me|us|her|him|them))?(?:,? (?:is|at|as|on))?[:=]? ?\(?)@[A-Za-z0-9_]",
        )
        .check(handle),
        Pattern::new(
            EntityType::USERNAME,
            0.75,
            r"(?i-u:\b(?:rt|via|h/t|ft\.?|feat\.?|thanks|thank you|thx|hey|hi|hello|congrats|congratulations|shout-?out to|(?:photo|pic|video|image|art|music|words) by|(?:approved|assigned|created|merged|opened|posted|reported|requested|reviewed|written) (?:by|to)|cc'?ed|pinging))[:,]? @[A-Za-z0-9_]",
        )
        .check(handle),
        Pattern::new(EntityType::USERNAME, 0.6, r"@[A-Za-z0-9_]").check(opening_handle),
    ],
};

/// The longest name that is looked at, in bytes.
const LONGEST: usize = 64;

/// The longest text that is taken for a post, in bytes.
const LONGEST_POST: usize = 400;

/// What a text may begin with after an `@` that is no handle: directives, annotations, tags of documentation.
#[rustfmt::skip]
const DIRECTIVES: &[&str] = &[
    "apply", "attribute", "author", "autowired", "bean", "brief", "change", "charset", "class", "classmethod", "click", "component", "config", "container",
    "controller", "dataclass", "decorator", "default", "deprecated", "echo", "else", "end", "enduml", "entity", "example",
    "extend", "extends", "field", "file", "font-face", "foreach", "forward", "function", "id", "if", "implementation",
    "import", "include", "inject", "interface", "keyframes", "layer", "layout", "link", "media", "mixin", "model",
    "module", "namespace", "node", "nonnull", "nullable", "optional", "override", "package", "page", "param", "private",
    "property", "protocol", "public", "rem", "return", "returns", "section", "see", "since", "slot", "startuml", "static",
    "staticmethod", "submit", "supports", "tailwind", "test", "throws", "todo", "type", "typedef", "use", "using", "value", "version", "yield",
];

/// Whom a chat calls with an `@` that is nobody's: all who read it.
#[rustfmt::skip]
const EVERYBODY: &[&str] = &["all", "channel", "everyone", "everybody", "group", "here", "room", "team"];

/// Ends of the names of annotations, which begin with a capital: `@RestController`, `@GetMapping`.
#[rustfmt::skip]
const ANNOTATIONS: &[&str] = &[
    "Advice", "Arg", "Args", "Async", "Aware", "Bean", "Body", "Builder", "Children", "Column", "Configuration",
    "Constructor", "Context", "Controller", "Data", "Document", "Each", "Emitter", "Enabled", "Endpoint", "Entity", "Filter", "Getter",
    "Handler", "Header", "Injectable", "Input", "Interface", "Listener", "Mapper", "Mapping", "Module", "Mutation", "Named",
    "Output", "Param", "Params", "Pipe", "Preview", "Profile", "Property", "Provides", "Qualifier", "Query", "Repository",
    "Resolver", "Resource", "Scheduled", "Service", "Setter", "Singleton", "State", "Status", "Suite", "Table", "Tests", "Transactional",
    "Valid", "Validated", "Variable", "Warnings", "Wired",
];

/// What stands in front of the full stop in decorators: `@app.route`.
#[rustfmt::skip]
const DECORATORS: &[&str] = &[
    "api", "attr", "bp", "celery", "cli", "contextlib", "dataclasses", "functools", "numba", "pytest", "router", "torch", "tf", "typing", "unittest",
];

/// The same, where it may be what somebody calls himself: with one of these behind it is no name.
const OBJECTS: &[&str] =
    &["app", "bot", "click", "client", "mock", "patch", "register", "server", "st"];
#[rustfmt::skip]
const METHODS: &[&str] = &[
    "argument", "before_request", "cache", "cache_data", "cache_resource", "command", "delete", "dict", "errorhandler", "event", "filter", "fragment",
    "get", "group", "listen", "middleware", "object", "on_event", "option", "patch", "post", "put", "route", "task", "tool", "websocket",
];

/// What stands where a name would: types, placeholders, and words that go on with the sentence.
#[rustfmt::skip]
pub(super) const NO_NAMES: &[&str] = &[
    "already", "also", "always", "and", "any", "are", "as", "bool", "boolean", "button", "can", "char", "empty", "error", "example", "failed",
    "false", "field", "for", "form", "here", "i32", "i64", "id", "in", "incorrect", "int", "integer", "invalid", "is",
    "it", "login", "missing", "must", "name", "never", "nil", "none", "not", "now", "null", "number", "object", "often", "only", "optional", "option",
    "or", "page", "password", "required", "self", "should", "still", "str", "string", "taken", "text", "that", "the", "this",
    "to", "true", "u32", "u64", "undefined", "unique", "unknown", "user", "userid", "username", "usize", "uuid",
    "value", "varchar", "was", "with", "your",
];

/// Words for nothing but names; others are services, which people talk about, too.
#[rustfmt::skip]
const NAMES_ONLY: &[&str] = &[
    "account", "anmelde", "anv", "bruger", "bruker", "gamertag", "gebruiker", "handle", "id", "kennung", "kullan", "k\u{e4}ytt",
    "kaytt", "log", "name", "nazwa", "nick", "nutzername", "tag", "user", "usu", "utente", "utilisateur",
];

fn named(seen: &Seen<'_>) -> Option<Accepted> {
    let value = Value::behind(seen)?;
    let score = value.score(seen)?;
    Some(seen.accept_span(value.start, value.start + value.text.len())?.with_score(score))
}

/// `@name` behind the name of a place where people have handles. The `@` belongs to it.
fn handle(seen: &Seen<'_>) -> Option<Accepted> {
    if seen.before().is_some_and(is_word) {
        return None;
    }
    let start = seen.start + seen.text().rfind('@')?;
    // `x@1.2` is a version of a package.
    if seen.all.get(..start)?.ends_with(is_word) {
        return None;
    }
    let rest = prefix(seen.all.get(start + 1..)?, LONGEST);
    let len = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
    let name = rest.get(..len)?.trim_end_matches(['.', '-']);
    let is_everybody = EVERYBODY.iter().any(|all| name.eq_ignore_ascii_case(all));
    (name.len() >= 2 && !is_everybody && !goes_on_as_address(rest.get(len..)?))
        .then(|| seen.accept_span(start, start + 1 + name.len()))?
}

/// `@host/path`, `@host:22`; but `RT @jane: hello`.
fn goes_on_as_address(behind: &str) -> bool {
    let port = behind.strip_prefix(':');
    behind.starts_with(['@', '/'])
        || port.is_some_and(|p| p.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/'))
}

/// `@jane_doe what do you think?`: a short text that begins with a handle and goes on in words is a post that answers somebody.
fn opening_handle(seen: &Seen<'_>) -> Option<Accepted> {
    if is_said_to_be_own(seen) {
        return handle(seen);
    }
    if seen.start > 0
        || seen.all.len() > LONGEST_POST
        || seen.all.contains(['{', '}', ';', '=', '<'])
    {
        return None;
    }
    let handle = handle(seen)?;
    let name = seen.all.get(1..handle.end)?;
    let goes_on = seen.all.get(handle.end..)?.starts_with([' ', ':', ',']);
    (goes_on && !is_of_code(name)).then_some(handle)
}

/// `@jane_doe is my handle`, `@jane_doe on insta`
fn is_said_to_be_own(seen: &Seen<'_>) -> bool {
    const SAID: &[&str] = &[
        "is me",
        "is my",
        "'s my",
        "on insta",
        "on twitter",
        "on x",
        "on tiktok",
        "on venmo",
        "on telegram",
        "on bluesky",
        "on mastodon",
        "on cashapp",
    ];
    let rest = seen.right().trim_start_matches(is_name);
    rest.strip_prefix(' ').unwrap_or(rest).get(..5).is_some()
        && SAID.iter().any(|said| rest.trim_start().starts_with(said))
}

/// The name of a directive, an annotation or a decorator.
fn is_of_code(name: &str) -> bool {
    let of_module = name.split_once('.').is_some_and(|(module, method)| {
        DECORATORS.contains(&module) || OBJECTS.contains(&module) && METHODS.contains(&method)
    });
    let is_annotation = name.starts_with(|c: char| c.is_ascii_uppercase())
        && ANNOTATIONS.iter().any(|end| name.ends_with(end));
    of_module || is_annotation || DIRECTIVES.contains(&name.to_ascii_lowercase().as_str())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

/// How a value is tied to the word in front of it.
#[derive(Clone, Copy, PartialEq)]
enum Tie {
    /// `username: x`, `username=x`
    Sign,
    /// `username is x`
    Verb,
    /// `username x`
    None,
}

struct Value<'t> {
    text: &'t str,
    start: usize,
    tie: Tie,
    quoted: bool,
    /// Nothing follows in its line.
    last: bool,
}

impl<'t> Value<'t> {
    fn behind(seen: &Seen<'t>) -> Option<Self> {
        let right = seen.right();
        let rest = right.trim_start_matches(['"', '\'', '`', '*', '\\', ')', ']']);
        let (rest, tie) = tie(rest)?;
        let bare = rest.trim_start_matches(['"', '\'', '`', '\\', '«', '“', '@', '*']);
        let opening = rest.get(..rest.len() - bare.len())?;
        let start = seen.end + (right.len() - bare.len()) - usize::from(opening.ends_with('@'));
        let value = prefix(seen.all.get(start..)?, LONGEST);
        let name = value.strip_prefix('@').unwrap_or(value);
        let len = value.len() - name.len() + name.find(|c| !is_name(c)).unwrap_or(name.len());
        let text = value.get(..len)?.trim_end_matches(['.', '-']);
        // `noodle#4471`
        let tag = value.get(text.len()..)?.strip_prefix('#').unwrap_or_default();
        let tag = tag.bytes().take_while(u8::is_ascii_digit).count();
        let text = if tag == 4 { value.get(..text.len() + 5)? } else { text };
        let behind = seen.all.get(start + text.len()..)?;
        let ends = behind
            .chars()
            .next()
            .is_none_or(|c| c.is_whitespace() || "\"'`\\,.;!?)]}»”*<".contains(c));
        let quoted = opening.contains(['"', '\'', '`', '«', '“']);
        let last = behind.is_empty() || behind.starts_with('\n');
        ends.then_some(Self { text, start, tie, quoted, last })
    }

    /// `None` when this is no name.
    fn score(&self, seen: &Seen<'_>) -> Option<f32> {
        let lower = self.text.to_ascii_lowercase();
        let letters = lower.bytes().any(|b| b.is_ascii_alphabetic());
        let numeric = lower.len() >= 4 && lower.bytes().all(|b| b.is_ascii_digit());
        // `user_id: 4418` is the number of a row.
        let id = seen.text().get(seen.text().len().saturating_sub(2)..).unwrap_or_default();
        if numeric && lower.len() < 7 && id.eq_ignore_ascii_case("id") && seen.text().contains('_')
        {
            return None;
        }
        if lower.len() < 3 || !(letters || numeric) || NO_NAMES.contains(&lower.as_str()) {
            return None;
        }
        // `login: backend-team`
        if lower.contains('-') && login::is_machine(&lower) {
            return None;
        }
        let own = is_own(seen.left());
        let whole = seen.start == 0 && self.last;
        let marked = lower.starts_with('@') || self.has_digits() || self.has_marks();
        // `Discord: 2.0`, `Benutzer: alle`, `Telegram is down`
        let word = seen.text().to_ascii_lowercase();
        let is_place = !NAMES_ONLY.iter().any(|name| word.contains(name));
        // `discord noodle#4471`
        let is_tagged = self.text.contains('#');
        let is_tied = self.tie != Tie::None || is_tagged || word == "benutzer";
        if is_place && !(marked && letters && is_tied) && !own {
            return None;
        }
        match self.tie {
            Tie::Sign if marked && (is_place || !self.is_code(seen)) => Some(0.8),
            Tie::Sign if whole || own => Some(0.7),
            Tie::Sign if self.has_marks() && is_sentence_case(seen) => Some(0.6),
            Tie::Sign if self.quoted => Some(0.4),
            Tie::Verb if marked || self.quoted => Some(0.85),
            Tie::Verb if own && !is_said_of_it(&lower) => Some(0.6),
            Tie::None if marked && (self.has_digits() || self.quoted) && letters => Some(0.6),
            Tie::Sign | Tie::Verb | Tie::None => None,
        }
    }

    fn has_digits(&self) -> bool {
        self.text.bytes().any(|b| b.is_ascii_digit())
    }

    fn has_marks(&self) -> bool {
        self.text.trim_matches(['_', '.', '-']).contains(['_', '.', '-'])
    }

    /// `username = user.name`, `username: user_name,`: names of variables have marks, no digits, and no quotes.
    fn is_code(&self, seen: &Seen<'_>) -> bool {
        let field = self.has_marks() && !self.has_digits() && !self.quoted;
        field
            && !is_own(seen.left())
            && !(self.last
                && seen.all.get(..seen.start).is_some_and(|l| l.is_empty() || l.ends_with('\n')))
    }
}

/// `the login will be stored`, `my login is usually …`
fn is_said_of_it(word: &str) -> bool {
    word.ends_with("ly") || word.len() > 5 && word.ends_with("ed")
}

/// The text behind the tie. Without one, only a single space may stand between.
fn tie(rest: &str) -> Option<(&str, Tie)> {
    let spaced = rest.trim_start_matches([' ', '\t']);
    let signs = [":=", "=>", ":", "=", "：", "-"];
    if let Some(behind) = signs.iter().find_map(|sign| spaced.strip_prefix(sign)) {
        // `user-name` and `username::new` are code.
        let gap = behind.trim_start_matches([' ', '\t']);
        let code = behind.starts_with([':', '='])
            || (spaced.starts_with('-') && gap.len() == behind.len());
        return (!code).then_some((gap, Tie::Sign));
    }
    let verbs = [
        "is:", "is", "was", "will be", "ist", "lautet", "es", "est", "è", "é", "är", "er", "是",
        "は", "jest",
    ];
    let verb = verbs.iter().find_map(|verb| {
        let behind = spaced.strip_prefix(verb)?;
        let apart = !verb.is_ascii() || behind.starts_with([' ', '\t']);
        apart.then(|| behind.trim_start_matches([' ', '\t', ':']))
    });
    match verb {
        Some(behind) => Some((behind, Tie::Verb)),
        None => (spaced.len() < rest.len()).then_some((spaced, Tie::None)),
    }
}

/// Forms and prose begin the word with a capital, or write it apart: `User name: jane.doe`.
fn is_sentence_case(seen: &Seen<'_>) -> bool {
    seen.text().starts_with(|c: char| c.is_uppercase())
        && seen.all.get(seen.end..).is_some_and(|b| b.starts_with(": "))
}

/// Tells whether the word is somebody's own: `my username`, `her login`.
fn is_own(left: &str) -> bool {
    const OWNERS: &[&str] = &[
        "my", "his", "her", "their", "our", "mein", "meine", "dein", "mon", "mi", "su", "mijn",
        "il mio", "meu", "min", "moja", "with", "as", "under", "the",
    ];
    let word = left.trim_end().rsplit([' ', '\n', '(', '"']).next().unwrap_or_default();
    OWNERS.contains(&word.to_lowercase().as_str())
}
