//! How deep in strings of JSON a place lies: as often an original must be written as the inside of a string.
//!
//! A text that is JSON may hold strings that are JSON themselves, such as the body of a request in the arguments of a tool.
//! Each level is a small lexer that reads what the string above it means.

use super::Context;

/// As deep as strings of JSON in strings of JSON are followed.
const MAX_LEVELS: usize = 8;

/// Follows a text byte by byte.
#[derive(Clone, Debug)]
pub(in crate::redact) struct Nesting {
    levels: Vec<Level>,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    form: Form,
    in_string: bool,
    escape: Escape,
}

/// What a text is, as far as its beginning tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Nothing but white space so far.
    Blank,
    /// The same of a text that is to be JSON: a bracket and what may stand behind it there begin it.
    Awaited,
    /// Only this bracket so far.
    Opened(u8),
    /// The same of a text that is to be JSON.
    AwaitedOpened(u8),
    Document,
    Prose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    None,
    Backslash,
    /// So many digits of `\uXXXX` are read, and what they are.
    Unicode(u8, u16),
}

impl Nesting {
    /// At the beginning of a text. Prose is followed too: it may turn out to be a JSON document.
    pub(super) fn of(context: Context) -> Self {
        let form = match context {
            Context::Prose => Form::Blank,
            Context::JsonText => Form::Document,
        };
        Self { levels: vec![Level::new(form)] }
    }

    /// The same of a text that is told from JSON by its beginning alone, also where JSON is wanted.
    pub(in crate::redact) fn told(context: Context) -> Self {
        let form = match context {
            Context::Prose => Form::Blank,
            Context::JsonText => Form::Awaited,
        };
        Self { levels: vec![Level::new(form)] }
    }

    /// Whether the text is JSON, if what was read and what comes next tells.
    pub(in crate::redact) fn is_json(&self, next: &str) -> Option<bool> {
        let mut level = *self.levels.first()?;
        for b in next.bytes() {
            if level.is_told() {
                break;
            }
            level.begin(b);
        }
        level.is_told().then_some(level.form == Form::Document)
    }

    /// True if what comes next, a number, is part of a document, and in none of its strings.
    pub(in crate::redact) fn is_bare(&self, next: &str) -> bool {
        match self.levels.get(self.depth()) {
            Some(level) if level.is_told() => level.form == Form::Document && !level.in_string,
            Some(_) => self.depth() == 0 && self.is_json(next) == Some(true),
            None => false,
        }
    }

    /// True if the text is known to hold no document: nothing is to be followed.
    pub(super) fn is_over(&self) -> bool {
        self.levels.first().is_none_or(|level| level.form == Form::Prose)
    }

    /// Reads on.
    pub(in crate::redact) fn read(&mut self, text: &str) {
        for b in text.bytes() {
            self.byte(b);
            if self.is_over() {
                return;
            }
        }
    }

    /// Passes over a stand-in: letters of no meaning.
    pub(super) fn pass(&mut self) {
        self.byte(b'x');
    }

    /// In how many strings, one in the other, the next byte lies.
    pub(in crate::redact) fn depth(&self) -> usize {
        let open = |level: &&Level| level.form == Form::Document && level.in_string;
        self.levels.iter().take_while(open).count()
    }

    fn byte(&mut self, b: u8) {
        let mut next = Some(b);
        for at in 0..MAX_LEVELS {
            let (Some(b), Some(level)) = (next, self.levels.get_mut(at)) else { return };
            next = level.byte(b);
            if !level.in_string {
                self.levels.truncate(at + 1);
            } else if self.levels.len() == at + 1 {
                self.levels.push(Level::new(Form::Blank));
            }
        }
    }
}

impl Level {
    fn new(form: Form) -> Self {
        Self { form, in_string: false, escape: Escape::None }
    }

    fn is_told(self) -> bool {
        matches!(self.form, Form::Document | Form::Prose)
    }

    /// Reads a byte, and gives that of the string which goes on with it.
    fn byte(&mut self, b: u8) -> Option<u8> {
        match self.form {
            Form::Document if self.in_string => self.inside(b),
            Form::Document => {
                self.in_string = b == b'"';
                None
            }
            Form::Blank | Form::Awaited | Form::Opened(_) | Form::AwaitedOpened(_) => {
                self.begin(b);
                None
            }
            Form::Prose => None,
        }
    }

    /// `{"`, `["` and `[{` begin documents. `[see` and `{{` do not, and where JSON is wanted, `[1` does, but no `[PERSON_1]`.
    fn begin(&mut self, b: u8) {
        self.form = match (self.form, b) {
            (form, b' ' | b'\t' | b'\n' | b'\r') => form,
            (Form::Blank, b'{' | b'[') => Form::Opened(b),
            (Form::Awaited, b'{' | b'[') => Form::AwaitedOpened(b),
            (Form::AwaitedOpened(b'{'), b'"' | b'}') => Form::Document,
            (Form::AwaitedOpened(b'['), b'"' | b'{' | b'[' | b']' | b'-' | b'0'..=b'9') => {
                Form::Document
            }
            (Form::AwaitedOpened(b'['), b't' | b'f' | b'n') => Form::Document,
            (Form::Opened(_), b'"') | (Form::Opened(b'['), b'{') => Form::Document,
            _ => Form::Prose,
        };
        self.in_string = self.form == Form::Document && b == b'"';
    }

    fn inside(&mut self, b: u8) -> Option<u8> {
        let (escape, meant) = match (self.escape, b) {
            (Escape::None, b'\\') => (Escape::Backslash, None),
            (Escape::None, b'"') => {
                self.in_string = false;
                (Escape::None, None)
            }
            (Escape::None, b) => (Escape::None, Some(b)),
            (Escape::Backslash, b'u') => (Escape::Unicode(0, 0), None),
            (Escape::Backslash, b'n' | b'r' | b't' | b'b' | b'f') => (Escape::None, Some(b' ')),
            (Escape::Backslash, b) => (Escape::None, Some(b)),
            (Escape::Unicode(n_digits, value), digit) => unicode(n_digits, value, digit),
        };
        self.escape = escape;
        meant
    }
}

fn unicode(n_digits: u8, value: u16, digit: u8) -> (Escape, Option<u8>) {
    let digit = char::from(digit).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
    let value = value << 4 | digit.unwrap_or_default();
    if n_digits < 3 {
        return (Escape::Unicode(n_digits + 1, value), None);
    }
    // Beyond ASCII no character means anything here.
    (Escape::None, Some(u8::try_from(value).unwrap_or(u8::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_the_strings_around_a_place() {
        for (context, text, expected) in [
            (Context::JsonText, r#"{"a":"#, 0),
            (Context::JsonText, r#"{"a":""#, 1),
            (Context::JsonText, r#"{"a":"say \"x\" "#, 1),
            (Context::JsonText, r#"{"a":"{\"b\":\""#, 2),
            (Context::JsonText, r#"{"a":"{\"b\":\"x\", \"c\":"#, 1),
            (Context::JsonText, r#"{"a":"{\u0022b\u0022:\u0022"#, 2),
            (Context::JsonText, r#"{"a":"\n [{\"b\":\"{\\\"c\\\":\\\""#, 3),
            (Context::JsonText, r#"{"a":"[see] \"x"#, 1),
            (Context::JsonText, r#"{"a":"{\"b\":\"x\"}","c":"\"d"#, 1),
            (Context::Prose, r#"he said {"a":""#, 0),
            (Context::Prose, r#" {"a":""#, 1),
            (Context::Prose, r#"[note] "x"#, 0),
            (Context::Prose, r#"[{"a":["b", "c"#, 1),
        ] {
            let mut nesting = Nesting::of(context);
            nesting.read(text);
            assert_eq!(nesting.depth(), expected, "{text}");
        }
    }
}
