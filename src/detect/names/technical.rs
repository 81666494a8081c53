//! What a manual page, a command or a token of a program is made of, and is never part of a name.
//!
//! Looks at the written form alone: a request of troff (`.TP`), its change of fonts (`\fB`), an option (`-Wno-`, `--color`), a type or
//! a member in a line of code (`Vec<LruEntry>`, `subprocess.Popen`), a word of chance letters (`dvrQPxkroxaQziDWbytZ`), and a package,
//! whose version stands in the next line. [`Analysis::read`](super::analysis::Analysis::read) asks at each mark, with what stands
//! before it and one token behind.

use super::{
    analysis::{Line, Word},
    lexicon::Entry,
    token::{Shape, Token},
};

/// So far back a mark may say of a token that it is no name: `name = "a-b-c",\nversion =`.
pub(super) const REACH: usize = 14;
/// Letters of the longest request of troff that is told by its form.
const LONGEST_REQUEST: usize = 3;
/// A word of so many letters and capitals within is one of chance.
const CHANCE_LETTERS: usize = 12;
const CHANCE_CAPITALS: usize = 4;
/// Words that are written together have so many letters, mostly.
const SHORTEST_PART: usize = 3;

/// Tokens, and what is known of them, to be marked as part of no name.
pub(super) struct Marked<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) words: &'a mut [Word],
}

impl Marked<'_> {
    /// Marks what the mark at `at` says of the tokens beside it, and tells whether a request of troff begins with it.
    pub(super) fn mark_beside(&mut self, at: usize) -> bool {
        match self.slice(at) {
            "\\" => self.mark_font(at),
            "." => {
                self.mark_member(at);
                self.mark_option(at);
                return self.mark_request(at);
            }
            "-" => {
                self.mark_options(at);
                self.mark_option(at);
            }
            "=" | ":" => {
                self.mark_option(at);
                self.mark_package(at);
            }
            "{" | "\"" => self.mark_dependency(at),
            _ => {}
        }
        false
    }

    /// True for a word in mixed case that is of a program, or of chance.
    pub(super) fn is_of_program(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        token.shape == Shape::Mixed && (is_of_chance(token.slice(self.text)) || self.is_type(at))
    }

    fn slice(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.slice(self.text))
    }

    fn is_glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.glued)
    }

    fn hide(&mut self, at: usize) {
        if let Some(word) = self.words.get_mut(at) {
            word.opaque = true;
        }
    }

    fn begins_line(&self, at: usize) -> bool {
        at == 0 || self.tokens[at - 1].shape == Shape::Break
    }

    /// `\fB`, which the tokenizer parts from the word behind.
    fn mark_font(&mut self, at: usize) {
        if self.is_glued(at + 1)
            && self.slice(at + 1).len() == 2
            && self.slice(at + 1).starts_with('f')
        {
            self.hide(at);
            self.hide(at + 1);
        }
    }

    /// `.TP`, `.SH DESCRIPTION`: no name goes on over a line that begins so.
    fn mark_request(&mut self, at: usize) -> bool {
        let is_request = self.tokens.get(at + 1).is_some_and(|next| {
            next.glued && next.is_word() && next.end - next.start <= LONGEST_REQUEST
        });
        let is_one = is_request && self.begins_line(at);
        if is_one {
            self.hide(at);
            self.hide(at + 1);
        }
        is_one
    }

    /// `subprocess.Popen`, `WinStyle.BRIGHT` in code.
    fn mark_member(&mut self, at: usize) {
        let is_code = self.words[at].line == Line::Code && at > 0;
        if !is_code || !self.is_glued(at) || !self.is_glued(at + 1) {
            return;
        }
        let owner = self.tokens[at - 1].shape;
        let is_member = self.tokens[at + 1].is_capitalised()
            && matches!(owner, Shape::Lower | Shape::Mixed | Shape::Code);
        if is_member {
            self.hide(at - 1);
            self.hide(at + 1);
        }
    }

    /// `-Wno-`, `-Dmirror.url=`: an option of one letter with its value, told by the mark behind it.
    fn mark_option(&mut self, at: usize) {
        if at < 2 || !self.is_glued(at) || !self.is_option(at - 2) {
            return;
        }
        let mut letters = self.slice(at - 1).chars();
        let is_of_compiler = letters.next().is_some_and(|c| "DWXZCfm".contains(c))
            && letters.next().is_some_and(char::is_lowercase);
        if is_of_compiler {
            self.hide(at - 1);
        }
    }

    /// `-Werror -Wall`, `--color`: options behind each other, and long ones.
    fn mark_options(&mut self, at: usize) {
        let is_long = at > 1
            && self.is_glued(at)
            && self.slice(at - 1) == "-"
            && !self.is_glued(at - 1)
            && !self.begins_line(at - 1);
        if is_long && self.tokens.get(at + 1).is_some_and(|t| t.glued && t.shape == Shape::Lower) {
            self.hide(at + 1);
        }
        if at > 1 && !self.tokens[at].glued && self.is_glued(at + 1) && self.is_option(at - 2) {
            self.hide(at - 1);
            self.hide(at + 1);
        }
    }

    /// True for a dash with nothing before it and a word behind.
    fn is_option(&self, dash: usize) -> bool {
        self.slice(dash) == "-"
            && !self.is_glued(dash)
            && self.is_glued(dash + 1)
            && self.tokens[dash + 1].is_word()
    }

    /// `name = "quinn"` above `version =`: seen from the sign behind `version`.
    fn mark_package(&mut self, at: usize) {
        let quote = |marked: &Self, at: usize| matches!(marked.slice(at), "\"" | "'");
        let Some(mut at) = at.checked_sub(1) else { return };
        at -= usize::from(at > 0 && quote(self, at));
        if self.slice(at) != "version" || at < 4 {
            return;
        }
        at -= 1;
        at -= usize::from(quote(self, at));
        if self.tokens[at].shape != Shape::Break || at < 3 {
            return;
        }
        at -= 1;
        at -= usize::from(self.slice(at) == ",");
        if !quote(self, at) {
            return;
        }
        let first = at - self.words_of_package(at);
        if first > 0 && quote(self, first - 1) {
            (first..at).for_each(|word| self.hide(word));
        }
    }

    /// `quinn = { version = …`, `quinn-udp = "0.5"`: seen from the brace or the quote.
    fn mark_dependency(&mut self, at: usize) {
        let is_version = || {
            let next = self.tokens.get(at + 1);
            next.is_some_and(|next| next.glued && next.shape == Shape::Digits)
        };
        if at < 2 || self.slice(at - 1) != "=" || self.slice(at) == "\"" && !is_version() {
            return;
        }
        let first = at - 1 - self.words_of_package(at - 1);
        if self.begins_line(first) {
            (first..at - 1).for_each(|word| self.hide(word));
        }
    }

    /// How many tokens of a package's name end before `end`.
    fn words_of_package(&self, end: usize) -> usize {
        let is_of_package =
            |t: &&Token| t.shape == Shape::Lower || matches!(t.slice(self.text), "-" | "_");
        self.tokens[..end].iter().rev().take(REACH / 2).take_while(is_of_package).count()
    }

    /// `Vec<LruEntry>`, `dyn StdError`: a word of two or more, unknown, where code has its types. What stands in quotes or between
    /// tags may be a name.
    fn is_type(&self, at: usize) -> bool {
        const BEFORE: [&str; 14] = [
            "class",
            "const",
            "dyn",
            "enum",
            "extends",
            "fn",
            "impl",
            "implements",
            "mut",
            "new",
            "pub",
            "struct",
            "trait",
            "type",
        ];
        let word = &self.words[at];
        let is_unknown = word.line == Line::Code && word.entry.flags & !Entry::STARTS_PHRASE == 0;
        if !is_unknown || at == 0 {
            return false;
        }
        let (before, behind) = (self.slice(at - 1), self.slice(at + 1));
        let is_glued = self.is_glued(at);
        let opens = is_glued && matches!(before, "<" | "&" | "*" | "!");
        let goes_on = self.is_glued(at + 1) && matches!(behind, "<" | "(" | "{" | ":" | ">");
        let is_value = is_glued && matches!(before, ">" | "\"" | "'" | "`" | "=" | "|" | ";" | ":");
        !is_value && (opens || goes_on || !is_glued && BEFORE.contains(&before))
    }
}

/// True for a macro within a request: the `Ar` of `.Fl t Ar file`.
pub(super) fn is_macro(token: &Token) -> bool {
    token.is_word() && token.end - token.start <= 2
}

/// True for letters in an order of cases that no name has: `AnnaMariaLopezGarcia` may be one.
fn is_of_chance(word: &str) -> bool {
    let parts = word.as_bytes().chunk_by(|_, next| !next.is_ascii_uppercase());
    let is_short = |part: &&[u8]| part.len() < SHORTEST_PART && part[0].is_ascii_uppercase();
    word.len() >= CHANCE_LETTERS
        && word.bytes().filter(u8::is_ascii_uppercase).count() >= CHANCE_CAPITALS
        && parts.filter(is_short).count() > 1
        && word.bytes().any(|b| b.is_ascii_lowercase())
        && word.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::super::{LEXICON, analysis::Analysis};

    /// The words of `text` that are part of no name, whatever the weights say.
    fn hidden(text: &str) -> Vec<&str> {
        let mut analysis = Analysis::default();
        analysis.read(text, &LEXICON);
        let tokens = analysis.tokens.iter().zip(&analysis.words);
        let words = tokens.filter(|(token, word)| word.opaque && token.is_word());
        words.map(|(token, _)| token.slice(text)).collect()
    }

    #[test]
    fn requests_and_fonts_of_manual_pages_are_no_names() {
        assert_eq!(hidden(".TP\n.BR Anna"), ["TP", "BR"]);
        assert_eq!(hidden("see \\fIFIELD\\fR and \\fBus"), ["fI", "fR", "fB"]);
        assert_eq!(hidden(".It Fl t Ar name\nFl t"), ["It", "Fl", "t", "Ar"]);
        assert_eq!(hidden("It ended.\nTP is a word"), [""; 0]);
    }

    #[test]
    fn options_are_no_names() {
        assert_eq!(hidden("cc -Werror -Wno-trigraphs"), ["Werror", "Wno"]);
        assert_eq!(hidden("run -Dmirror.url=x"), ["Dmirror", "url"]);
        assert_eq!(hidden("git log --color"), ["color"]);
        assert_eq!(hidden("love you all -Walter"), [""; 0]);
        assert_eq!(hidden("\"So it goes\" -Kurt"), [""; 0]);
    }

    #[test]
    fn types_and_members_in_code_are_no_names() {
        assert_eq!(hidden("let a: Vec<LruEntry> = b;"), ["LruEntry"]);
        assert_eq!(hidden("x = [shelf.Popen] {};"), ["shelf", "Popen"]);
        assert_eq!(hidden("{\"owner\": \"TechNoba\"};"), [""; 0]);
        assert_eq!(hidden("<owner>TechNoba</owner>;"), [""; 0]);
        assert_eq!(hidden("We met somebody.Popen"), [""; 0]);
    }

    #[test]
    fn letters_of_chance_are_no_name() {
        assert_eq!(hidden("glpat-dvrQPxkroxaQziDWbytZ"), ["dvrQPxkroxaQziDWbytZ"]);
        assert_eq!(hidden("McDonald and PricewaterhouseCoopers"), [""; 0]);
        assert_eq!(hidden("by AnnaMariaLopezGarcia"), [""; 0]);
    }

    #[test]
    fn a_package_is_no_name() {
        let above = hidden("name = \"quinn-proto\"\nversion = \"0.11\"");
        assert!(above.starts_with(&["quinn", "proto"]), "{above:?}");
        let member = hidden("{\"name\": \"quinn\",\n  \"version\": 1}");
        assert!(member.starts_with(&["quinn"]), "{member:?}");
        assert_eq!(hidden("name = \"quinn\"\nage = 4"), [""; 0]);
        assert_eq!(
            hidden("[deps]\nquinn-udp = \"0.5\"\nquinn = { path = 1 }"),
            ["quinn", "udp", "quinn"]
        );
    }
}
