//! Where the value ends that begins at some place: at its own closing quote, or, without quotes, where nobody's password goes on.
//!
//! The end matters as much as the value: a password that is cut at its `&` leaves its tail in the clear. So every mark belongs to
//! a bare value unless what stands around it says otherwise: a quote that was opened before the value, a tag, `&name=`, `, `.

use crate::detect::seen::suffix;

/// How far back a quote may have been opened around a bare value, in bytes.
const OPENED: usize = 256;
/// The longest name of a parameter or of a tag that ends a bare value.
const NAME: usize = 32;

/// Quotes as they are printed, which open a value.
pub(super) const TYPOGRAPHIC: [char; 9] = ['„', '“', '”', '«', '»', '‘', '‚', '‹', '「'];

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Behind this quote with so many backslashes in front of it, as in a string that stands in another.
    Quoted(u8, usize),
    /// Behind `&quot;`.
    Entity,
    Bare,
    /// On the lines below a `|` or `>-` of YAML.
    Block,
}

/// How the value that `rest` begins with is written, and how long what opens it is.
pub(super) fn opening(rest: &str) -> (Form, usize) {
    // `**Password:** …` and `password: **…**` in Markdown.
    if let Some(bold) = rest.strip_prefix("**") {
        let inner = bold.trim_start_matches(' ');
        let line = inner.split('\n').next().unwrap_or_default();
        if inner.len() < bold.len() || line.contains("**") {
            let (form, skip) = opening(inner.trim_start_matches('*'));
            return (form, skip + rest.len() - inner.trim_start_matches('*').len());
        }
    }
    let quote = rest.trim_start_matches('\\');
    let depth = rest.len() - quote.len();
    // `*…*` likewise; bullets have a space behind.
    let word = rest.split([' ', '\n']).next().unwrap_or_default();
    let word = word.trim_end_matches(['.', ',', ';', '!', ')']);
    if word.len() > 2 && word.starts_with('*') && word.ends_with('*') {
        return (Form::Bare, 1);
    }
    // Bare values end at the marks that close these.
    if let Some(inner) = rest.strip_prefix(TYPOGRAPHIC) {
        return (Form::Bare, rest.len() - inner.trim_start_matches([' ', '*', '_', '`']).len());
    }
    // `f"…"`, `b'…'`, `@"…"`, `\"…\"` in a string, `&quot;…` in HTML.
    let is_quote = |c: &u8| b"\"'`".contains(c);
    let mark = quote.strip_prefix(['f', 'b', 'r', 'u', 'L', '@']);
    let marked = mark.filter(|r| r.as_bytes().first().is_some_and(is_quote)).unwrap_or(quote);
    let skipped = rest.len() - marked.len();
    if let Some(&c) = marked.as_bytes().first().filter(|c| is_quote(c)) {
        let tripled = marked.as_bytes().get(1..3) == Some(&[c, c]);
        return (Form::Quoted(c, depth), skipped + if tripled { 3 } else { 1 });
    }
    if let Some(skip) = block(rest) {
        return (Form::Block, skip);
    }
    let entity = ["&quot;", "&#34;"].iter().find(|e| quote.starts_with(**e));
    entity.map_or((Form::Bare, 0), |e| (Form::Entity, depth + e.len()))
}

/// Where the value ends that `all` holds from `start` to `to` at most. `None` when what would end it does not stand there.
pub(super) fn end(all: &str, start: usize, to: usize, form: Form) -> Option<usize> {
    let inner = all.get(start..to)?;
    let len = match form {
        Form::Quoted(quote, depth) => closing(inner, quote, depth)?,
        Form::Entity => inner.find(['&', '\n'])?,
        Form::Bare | Form::Block => bare(all.get(..start)?, inner)?,
    };
    Some(start + len)
}

/// The same where nothing ends it: at white space.
pub(super) fn open_end(all: &str, start: usize, to: usize) -> usize {
    let inner = all.get(start..to).unwrap_or_default();
    let before = all.get(..start).unwrap_or_default();
    start + bare(before, inner).unwrap_or(inner.len())
}

/// How far behind the `|` or `>-` that `rest` begins with the text of a block of YAML begins.
fn block(rest: &str) -> Option<usize> {
    let mark = rest.strip_prefix(['|', '>'])?.trim_start_matches(['-', '+']);
    let line = mark.trim_start_matches([' ', '\r']).strip_prefix('\n')?;
    let value = line.trim_start_matches(' ');
    (value.len() < line.len()).then_some(rest.len() - value.len())
}

/// Where the block of YAML ends whose first line is `start..end`: behind the last line that is indented alike and is one word.
pub(super) fn block_end(all: &str, start: usize, end: usize) -> usize {
    let before = suffix(all.get(..start).unwrap_or_default(), OPENED);
    let indent = before.len() - before.trim_end_matches(' ').len();
    let behind = all.get(end..).unwrap_or_default();
    let Some(first) =
        behind.find('\n').filter(|at| behind.get(..*at).is_some_and(|r| r.trim().is_empty()))
    else {
        return end;
    };
    let (mut at, mut last) = (end + first + 1, end);
    for line in behind.get(first + 1..).unwrap_or_default().split_inclusive('\n') {
        let word = line.trim();
        let spaces = line.len() - line.trim_start_matches(' ').len();
        if spaces < indent
            || word.is_empty()
            || word.contains(char::is_whitespace)
            || word.ends_with(':')
        {
            break;
        }
        last = at + line.trim_end().len();
        at += line.len();
    }
    last
}

/// Up to the quote that closes what `quote` opened, on the same line: not one that is escaped or doubled.
fn closing(inner: &str, quote: u8, depth: usize) -> Option<usize> {
    let bytes = inner.as_bytes();
    let (mut at, mut run) = (0, 0);
    while let Some(&b) = bytes.get(at) {
        let behind = bytes.get(at + 1..).unwrap_or_default();
        match b {
            b'\n' => return None,
            b'\\' => run += 1,
            // `'it''s'` in SQL, `'it'\''s'` in a shell.
            _ if b == quote && depth == 0 && run == 0 && is_doubled(behind, quote, at) => at += 1,
            _ if b == quote && depth == 0 && run == 0 && behind.starts_with(br"\''") => at += 3,
            _ if b == quote && closes(run, depth) => {
                return Some(at - if run % 2 == 1 { run.min(depth) } else { 0 });
            }
            _ => run = 0,
        }
        at += 1;
    }
    None
}

/// Two quotes that stand for one, in the middle of a word.
fn is_doubled(behind: &[u8], quote: u8, at: usize) -> bool {
    at > 0 && behind.first() == Some(&quote) && behind.get(1).is_some_and(u8::is_ascii_alphanumeric)
}

/// True when a quote behind so many backslashes ends a string that was opened behind `depth`, or one around it.
fn closes(run: usize, depth: usize) -> bool {
    run.is_multiple_of(2) || depth > 0 && closes((run - 1) / 2, (depth - 1) / 2)
}

/// The length of a bare value; `None` when it goes on to the end.
fn bare(before: &str, inner: &str) -> Option<usize> {
    let mut opened: [Option<bool>; 3] = [None; 3];
    for (at, c) in inner.char_indices() {
        let behind = inner.get(at + c.len_utf8()..).unwrap_or_default();
        let ends = match c {
            '"' | '\'' | '`' => {
                let nth = usize::from(c == '\'') + 2 * usize::from(c == '`');
                at == 0
                    || is_apart(behind)
                    || *opened[nth].get_or_insert_with(|| is_opened(before, c))
            }
            '\\' => {
                behind.is_empty() || behind.starts_with(['n', 'r', 't', 'u', '"', '\'', '`', '\\'])
            }
            '<' => is_tag(behind),
            '&' => is_entity(behind) || is_assignment(behind),
            ',' | ';' => {
                is_apart(behind) || behind.starts_with(['"', '\'', '\\']) || is_assignment(behind)
            }
            '|' => is_apart(behind) || behind.starts_with('|'),
            '，' | '。' | '；' | '、' | '）' | '」' | '』' | '】' | '！' | '？' | '…' | '—'
            | '–' | '’' | '”' | '»' | '“' | '«' | '„' | '‘' | '›' => true,
            _ => c.is_whitespace() || c.is_control(),
        };
        if ends {
            return Some(at);
        }
    }
    None
}

/// Nothing that a password would go on with.
fn is_apart(behind: &str) -> bool {
    behind.chars().next().is_none_or(|c| c.is_whitespace() || ",;:)]}>".contains(c))
}

/// True when an odd number of these quotes stands before the value on its line, apostrophes left out.
fn is_opened(before: &str, quote: char) -> bool {
    let left = suffix(before, OPENED);
    let line = left.rsplit('\n').next().unwrap_or(left).as_bytes();
    let letter =
        |at: Option<usize>| at.and_then(|at| line.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let is_open = |&(at, b): &(usize, &u8)| {
        char::from(*b) == quote && !(letter(at.checked_sub(1)) && letter(Some(at + 1)))
    };
    line.iter().enumerate().filter(is_open).count() % 2 == 1
}

/// `<br>`, `</td>`, `<a href=`, and `<!--`, behind the `<`.
fn is_tag(behind: &str) -> bool {
    let name = behind.trim_start_matches('/');
    let letters = name.bytes().take(NAME).take_while(u8::is_ascii_alphanumeric).count();
    let rest = name.get(letters..).unwrap_or_default();
    let ends = rest.starts_with(['>', '/'])
        || rest.starts_with(' ')
            && rest.get(..NAME.min(rest.len())).is_some_and(|r| r.contains(['=', '>']));
    behind.starts_with(['/', '!']) || letters > 0 && ends
}

fn is_entity(behind: &str) -> bool {
    ["quot;", "lt;", "gt;", "apos;", "nbsp;", "#34;", "#39;"].iter().any(|e| behind.starts_with(e))
        || behind.strip_prefix("amp;").is_some_and(is_assignment)
}

/// `name=`, `name: `, `"name":`, as the next setting begins.
fn is_assignment(behind: &str) -> bool {
    let name = behind.trim_start_matches(['"', '\'']);
    let fits = |b: &u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
    let len = name.bytes().take(NAME).take_while(fits).count();
    let rest = name.get(len..).unwrap_or_default().trim_start_matches(['"', '\'']);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && (rest.starts_with('=') && !rest.starts_with("==")
            || rest.starts_with(": ")
            || rest.starts_with(":\""))
}

/// A bare value without the marks at its end that belong to the sentence or the code around it, which goes on from `before`:
/// brackets and quotes that were not opened in it, full stops; `!` and `?` too unless it stands right behind a `=` or `:`.
pub(super) fn trimmed<'t>(before: &str, text: &'t str) -> &'t str {
    let exact = before.ends_with(['=', ':']);
    let left = suffix(before, OPENED);
    let line = left.rsplit('\n').next().unwrap_or(left);
    let emphasis = ["**", "__", "~~"]
        .iter()
        .find_map(|mark| text.strip_suffix(mark).filter(|_| line.contains(mark)))
        .or(text.strip_suffix('*').filter(|_| line.ends_with('*')));
    let text = emphasis.unwrap_or(text);
    let count = |mark: u8| text.bytes().filter(|b| *b == mark).count();
    // Closing brackets that nothing in the value opened, by kind, and quotes without a fellow.
    let mut spare = [(b'(', b')'), (b'[', b']'), (b'{', b'}'), (b'<', b'>')]
        .map(|(open, close)| (close, count(close).saturating_sub(count(open))));
    let mut odd = [b'"', b'\'', b'`'].map(|quote| (quote, count(quote) % 2));
    let mut len = text.len();
    while let Some(&last) = len.checked_sub(1).and_then(|at| text.as_bytes().get(at)) {
        let mut marks = spare.iter_mut().chain(&mut odd);
        let taken = match marks.find(|(mark, _)| *mark == last) {
            Some((_, 0)) => false,
            Some((_, left)) => {
                *left -= 1;
                true
            }
            None => b".,;:|\\".contains(&last) || !exact && b"!?".contains(&last),
        };
        if !taken {
            break;
        }
        len -= 1;
    }
    text.get(..len).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, value: &str) {
        let at = text.find('→').unwrap();
        let all = text.replace('→', "");
        let (form, skip) = opening(&all[at..]);
        let start = at + skip;
        let end =
            end(&all, start, all.len(), form).unwrap_or_else(|| open_end(&all, start, all.len()));
        let found = &all[start..end];
        let found = if form == Form::Bare { trimmed(&all[..start], found) } else { found };
        assert_eq!(found, value, "{text}");
    }

    #[test]
    fn quoted_values_end_at_their_own_closing_quote() {
        check(r#"x = →"a\"b" + "c""#, r#"a\"b"#);
        check(r#"x = →"a\\" + "c""#, r"a\\");
        check(r#"{\"x\": →\"a\\\"b\", \"y\": \"c\"}"#, r#"a\\\"b"#);
        check(r#"{\"x\": →\"a\\\\\", \"y\": \"c\"}"#, r"a\\\\");
        check(r#""x=→\"a" "b""#, "a");
        check("→'it''s' 'x'", "it''s");
        check(r"→'it'\''s' x", r"it'\''s");
        check("→\"\"\"a b\"\"\"", "a b");
        check("→&quot;a&quot; b", "a");
        check("→\"a<b'c\"", "a<b'c");
    }

    #[test]
    fn bare_values_go_on_until_something_else_begins() {
        for value in [
            "a&b", "a,b", "a;b", "a(b", "a)b", "a{b", "a|b", "a<b", "a>b", "a\"b", "a'b", "a`b",
            r"a\b", "a[b]", "(a)",
        ] {
            check(&format!("x is →{value}\n"), value);
            check(&format!("x is →{value}, and"), value);
            check(&format!("x is →{value}. And"), value);
        }
    }

    #[test]
    fn what_stands_around_a_bare_value_is_no_part_of_it() {
        check("(x is →a)", "a");
        check("f(x=→a);", "a");
        check("<x>→a</x>", "a");
        check("x: →a<br>y", "a");
        check("?x=→a&y=b", "a");
        check("?x=→a&amp;y=b", "a");
        check("X=→a;Y=b", "a");
        check("x=→a,y=b", "a");
        check("\"x=→a\"+b", "a");
        check("it's 'x=→a'+b", "a");
        check(r#""x: →a\ny""#, "a");
        check("| x: →a|", "a");
        check("x：→a。", "a");
        check("x is →a!", "a");
        check("x: →„a“, b", "a");
        check("x: →„a”", "a");
        check("x: →“a”.", "a");
        check("x: →« a »", "a");
        check("x: →»a« b", "a");
        check("x: →‘a’", "a");
        check("x: →*ab*", "ab");
        check("* x: →ab*", "ab*");
    }
}
