//! Where the value begins that a name is set to: behind a sign, a type, a constructor, the bracket of a list, or on the next line.

use crate::detect::seen::prefix;

/// The longest type, and how far a bracket or a line may be apart from the value that it opens, in bytes.
const TYPE: usize = 40;
const OPEN: usize = 96;

/// How far behind a name its value begins: past the end of the name's own quotes, a type, the sign of assignment, spaces.
pub(super) fn assigned(rest: &str, before: &str, behind: &str, is_password: bool) -> Option<usize> {
    let closed = rest.trim_start_matches(['"', '\'', '`', '\\', ']', ')', '}']);
    let quoted = closed.len() < rest.len();
    let open = closed.trim_start_matches([' ', '\t']);
    let apart = open.len() < closed.len();
    let value = signed(open)
        .or_else(|| typed(open).filter(|_| !quoted))
        .or_else(|| open.strip_prefix("value=").filter(|_| quoted))
        .or_else(|| open.strip_prefix(',').filter(|v| quoted && behind.is_empty() && is_quote(v)))
        .or_else(|| open.strip_prefix('(').filter(|v| !behind.contains('.') && is_quote(v)))
        .or_else(|| prose(open).filter(|_| is_password))
        .or_else(|| {
            Some(open).filter(|v| {
                apart && !quoted && (is_quote(v) || is_option(before) || is_long_word(v))
            })
        })?;
    let value = value.trim_start_matches([' ', '\t']);
    Some(rest.len() - value.len())
}

/// `setenv NAME value`, `set -x NAME value`: shells that assign without a sign.
pub(super) fn is_set(lead: &str) -> bool {
    ["setenv ", "set -x ", "set -gx ", "set -Ux ", "setx "].iter().any(|set| lead.ends_with(set))
}

/// `--password …`, and `-Password …` of PowerShell.
fn is_option(before: &str) -> bool {
    before.starts_with("--") || before == "-"
}

/// The same for a name that is also a verb: only a sign makes it a name.
pub(super) fn by_sign(rest: &str) -> Option<usize> {
    let open = rest.trim_start_matches(['"', '\'', '\\', ']', ' ', '\t']);
    let value = signed(open)?.trim_start_matches([' ', '\t']);
    Some(rest.len() - value.len())
}

/// Text behind the sign that assigns: `=`, `:`, `:=`, `=>`, `?=`, `==`, `>` of an element, `<-` of R.
fn signed(rest: &str) -> Option<&str> {
    let signs = [":::=", "::=", "===", "=>", ":=", "?=", "==", "=", "||", ">"];
    let found = signs.iter().find_map(|s| rest.strip_prefix(s));
    let arrow = || rest.strip_prefix("<-").filter(|value| is_quote(value));
    found.or_else(arrow).or_else(|| {
        // A colon may be that of a type: `password: String = "…"`.
        let behind = rest.strip_prefix(':').filter(|b| !b.starts_with(':'))?;
        Some(typed(behind.trim_start_matches(' ')).unwrap_or(behind))
    })
}

/// Behind a type and the sign: `string = "…"`, `&'static str = "…"`, `[32] = "…"`.
fn typed(rest: &str) -> Option<&str> {
    let sign = prefix(rest, TYPE).find("= ")?;
    let name = rest.get(..sign)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || " _&'<>[]*?:.|;".contains(c);
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || "&[*".contains(c));
    let value = rest.get(sign + 1..)?;
    (begins
        && name.chars().all(fits)
        && name.trim_end().len() >= 2
        && (is_quote(value) || wrapped(value.trim_start()).is_some()))
    .then_some(value)
}

fn prose(rest: &str) -> Option<&str> {
    ["is: ", "is ", "was ", "ist ", "es "].iter().find_map(|s| rest.strip_prefix(s))
}

/// True before a quote, also with a letter in front that says what kind of string it is.
fn is_quote(rest: &str) -> bool {
    let open = rest.trim_start_matches([' ', '\\']);
    open.strip_prefix(['b', 'r', 'f', 'u', 'L', '@']).unwrap_or(open).starts_with(['"', '\''])
        || open.starts_with(['"', '\''])
}

/// At least 20 letters and digits without a break.
fn is_long_word(rest: &str) -> bool {
    rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len()) >= 20
}

/// What makes a value of a string that is written down.
#[rustfmt::skip]
const WRAPPERS: &[&str] = &[
    "String::from(", "SecretString::from(", "SecretString::new(", "Secret::new(", "Zeroizing::new(", "Some(", "new String(", "[]byte(", "bytes(", "str(",
    "SecretStr(", "Buffer.from(", "Secret(", "SecureString(", "OsString::from(",
];

/// The string in a constructor.
fn wrapped(rest: &str) -> Option<&str> {
    WRAPPERS.iter().find_map(|w| rest.strip_prefix(w)).filter(|value| is_quote(value))
}

/// Where the value that is assigned at `at` begins itself: in a constructor or a list, in the next line under the name of a list, of an
/// element, or of a text that ends at a mark of its own.
pub(super) fn opened(all: &str, at: usize, behind: &str) -> usize {
    let rest = prefix(all.get(at..).unwrap_or_default(), OPEN);
    let skipped = |value: &str| at + (rest.len() - value.len());
    // Lists of other things have names like `PASSWORD_HASHERS`.
    let is_plural = behind.is_empty() || behind.eq_ignore_ascii_case("s");
    let listed = || {
        let inner =
            rest.strip_prefix("&[").or(rest.strip_prefix("vec![")).or(rest.strip_prefix('['));
        inner.map(str::trim_start).filter(|value| is_plural && is_quote(value))
    };
    let below = || {
        let lead = all.get(..at).unwrap_or_default().trim_end_matches([' ', '\t']);
        let mark =
            rest.trim_start_matches(|c: char| "<~-\"'_".contains(c) || c.is_ascii_alphabetic());
        let is_text = rest.starts_with("<<") && mark.len() < rest.len();
        let line = if is_text { mark } else { rest };
        let value =
            line.trim_start_matches('\r').strip_prefix('\n')?.trim_start_matches([' ', '\t']);
        let (word, next) = value.split_once('\n').unwrap_or((value, ""));
        let is_element = || {
            let name = lead.strip_suffix('>').unwrap_or_default();
            name.ends_with(|c: char| c.is_ascii_alphanumeric())
                && next.trim_start().starts_with("</")
        };
        let item = value.strip_prefix("- ").filter(|_| is_plural && lead.ends_with(':'));
        item.or(Some(value).filter(|_| (is_text || is_element()) && !word.trim().contains(' ')))
    };
    wrapped(rest).or_else(listed).or_else(below).map_or(at, skipped)
}

/// Where the next value of a list begins behind one that ends at `end`.
pub(super) fn next_item(all: &str, end: usize) -> Option<usize> {
    let rest = prefix(all.get(end..)?, OPEN);
    let bare = rest.trim_start_matches(['"', '\'']);
    let next = if bare.len() < rest.len() {
        bare.trim_start().strip_prefix(',').map(str::trim_start).filter(|v| is_quote(v))?
    } else {
        rest.trim_start_matches('\r')
            .strip_prefix('\n')?
            .trim_start_matches(' ')
            .strip_prefix("- ")?
    };
    Some(end + (rest.len() - next.len()))
}
