//! What looks like a placeholder, also when bent, and when two of them are the same.
//!
//! Two kinds of stand-ins are told apart by their text alone:
//! - **Loose**: one word in one pair of brackets, with a letter in it (`[EMAIL_1]`, `<Kunde 7>`). Models bend these, so
//!   they are compared by a key: lower case, runs of `_`, `-`, space and backslashes as one `_`, and a `_` between
//!   a letter and a digit. The digits themselves must be right. `\[EMAIL\_1\]` and `[email 1 ]` are `[EMAIL_1]`.
//! - **Exact**: everything else (surrogates, encrypted tokens, templates such as `##EMAIL-{i}##`). Nothing is bent, and a
//!   letter, digit or `_` at an edge must not go on outside.
//!
//! A loose stand-in of the form `[EMAIL_1]` is known by the **bare** word `EMAIL_1` too, in exactly this spelling, where no
//! neighbour makes it part of something else.

use super::numbering;

/// The most bytes of one run of separators inside brackets: enough for `\\_ ` and the like.
const MAX_SEPARATORS: usize = 4;
/// The most backslashes before a bracket: Markdown's one, or two when it is inside a JSON string.
pub(super) const MAX_ESCAPES: usize = 2;
/// The most bytes between brackets: a template with a ten-digit number, each byte followed by separators.
pub(super) const MAX_BODY: usize = 160;

/// The most numbers that a template has besides its own.
pub(super) const MAX_NUMBERS: usize = 2;
/// The most bytes of the word that holds a number: that of the longest template, with ten digits.
const MAX_WORD: usize = 80;

/// What a [`Reader`] makes of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// Adds this to the key; `true` means a `_` comes before it.
    Letter(u8, bool),
    /// Means nothing for the key, or not yet.
    Filler,
    /// The closing bracket.
    Close,
    /// This is no placeholder.
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Letter,
    Digit,
}

/// Reads what is between brackets byte by byte, bends straightened.
#[derive(Clone)]
pub(super) struct Reader {
    close: u8,
    escapes: usize,
    last: Last,
    separators: usize,
    backslashes: usize,
    length: usize,
}

impl Reader {
    /// Starts behind an opening bracket which stands behind `escapes` backslashes; the closing one must, too.
    pub(super) fn open(bracket: u8, escapes: usize) -> Option<Self> {
        let close = closing(bracket)?;
        Some(Self { close, escapes, last: Last::Nothing, separators: 0, backslashes: 0, length: 0 })
    }

    pub(super) fn read(&mut self, b: u8) -> Read {
        self.length += 1;
        if self.length > MAX_BODY {
            return Read::Never;
        }
        match b {
            b'0'..=b'9' => self.letter(b, Last::Digit),
            b'A'..=b'Z' | b'a'..=b'z' | 0x80.. => self.letter(b.to_ascii_lowercase(), Last::Letter),
            b'_' | b'-' | b' ' | b'\t' => self.separator(),
            b'\\' => self.backslash(),
            _ if b == self.close && self.backslashes == self.escapes => Read::Close,
            _ => Read::Never,
        }
    }

    /// True when a separator was read that is not yet part of the key.
    pub(super) fn between_words(&self) -> bool {
        self.separators > 0 && self.last != Last::Nothing
    }

    fn letter(&mut self, b: u8, kind: Last) -> Read {
        if self.backslashes > 0 {
            return Read::Never;
        }
        let new_word = match (self.last, kind) {
            (Last::Nothing, _) => false,
            (Last::Letter, Last::Digit) => true,
            _ => self.separators > 0,
        };
        self.last = kind;
        self.separators = 0;
        Read::Letter(b, new_word)
    }

    fn separator(&mut self) -> Read {
        self.backslashes = 0;
        self.separators += 1;
        if self.separators > MAX_SEPARATORS { Read::Never } else { Read::Filler }
    }

    fn backslash(&mut self) -> Read {
        self.backslashes += 1;
        if self.backslashes > MAX_ESCAPES { Read::Never } else { Read::Filler }
    }
}

fn closing(bracket: u8) -> Option<u8> {
    match bracket {
        b'[' => Some(b']'),
        b'<' => Some(b'>'),
        b'{' => Some(b'}'),
        b'(' => Some(b')'),
        _ => None,
    }
}

/// The key of a loose stand-in, which starts with its bracket; `None` for an exact one.
pub(super) fn loose_key(stand_in: &str) -> Option<String> {
    let (key, length) = loose_form(stand_in.as_bytes(), 0)?;
    let has_letter = key.iter().skip(1).any(|b| b.is_ascii_lowercase() || *b >= 0x80);
    let key = if length == stand_in.len() && has_letter { key } else { return None };
    String::from_utf8(key).ok()
}

/// Reads a loose form, whatever its words, from its opening bracket on: its key and its length.
fn loose_form(bytes: &[u8], escapes: usize) -> Option<(Vec<u8>, usize)> {
    let bracket = *bytes.first()?;
    let mut reader = Reader::open(bracket, escapes)?;
    let mut key = vec![bracket];
    for (at, &b) in bytes.iter().enumerate().skip(1) {
        match reader.read(b) {
            Read::Letter(letter, new_word) => {
                key.extend(new_word.then_some(b'_'));
                key.push(letter);
            }
            Read::Filler => {}
            Read::Close => return Some((key, at + 1)),
            Read::Never => return None,
        }
    }
    None
}

/// The bare word of a loose stand-in of the default form `[EMAIL_1]`.
pub(super) fn bare_word(stand_in: &str) -> Option<&str> {
    let word = stand_in.strip_prefix('[')?.strip_suffix(']')?;
    let (label, number) = word.rsplit_once('_')?;
    let label_fits = label.len() >= 2
        && label.starts_with(|c: char| c.is_ascii_uppercase())
        && label.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (label_fits && (is_number || numbering::is_digest(number))).then_some(word)
}

/// The word of an exact stand-in that holds its number: the last word with a letter and a digit.
pub(super) fn core_word(stand_in: &str) -> Option<&str> {
    let numbered = |word: &&str| {
        word.bytes().any(|b| b.is_ascii_digit()) && word.contains(|c: char| c.is_alphabetic())
    };
    stand_in.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').rfind(numbered)
}

/// True for ASCII letters, digits, `_` and `-`: what makes a longer word of an exact stand-in that it touches.
pub(super) fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

/// Reports the mark of everything in `text` that some placeholder could be taken for, also bent.
///
/// Linear: each byte is looked at a fixed number of times.
pub(super) fn look_alikes(text: &str, report: &mut dyn FnMut(u64)) {
    let bytes = text.as_bytes();
    let mut done = 0;
    while let Some(digit) = next_digit(bytes, done) {
        if let Some(bracket) = bracket_before(bytes, done, digit) {
            report_loose(&bytes[bracket..], report);
        }
        let start = digit - run(bytes[done..digit].iter().rev());
        let end = digit + run(bytes[digit..].iter());
        report_words(&text[start..end], report);
        done = end;
    }
}

/// Most texts have few digits: looks at whole blocks first, which compiles to vector instructions.
fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let (blocks, _) = bytes[from..].as_chunks::<32>();
    let has_digit = |block: &[u8; 32]| block.iter().fold(false, |has, b| has | b.is_ascii_digit());
    let clean = blocks.iter().take_while(|block| !has_digit(block)).count() * 32;
    let rest = &bytes[from + clean..];
    rest.iter().position(u8::is_ascii_digit).map(|at| from + clean + at)
}

/// How far a word goes on; backslashes belong to it since they may escape its `_`.
fn run<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take_while(|b| is_word(**b) || **b == b'\\').count()
}

/// The opening bracket of the loose form that the digit at `at` may be the first one of.
fn bracket_before(bytes: &[u8], floor: usize, at: usize) -> Option<usize> {
    let inside = |b: &&u8| is_word(**b) || **b >= 0x80 || matches!(**b, b' ' | b'\t' | b'\\');
    let back = bytes[floor..at].iter().rev().take(MAX_BODY).take_while(inside).count();
    let bracket = (at - back).checked_sub(1).filter(|at| *at >= floor)?;
    closing(bytes[bracket]).map(|_| bracket)
}

fn report_loose(from_bracket: &[u8], report: &mut dyn FnMut(u64)) {
    let Some(close) = from_bracket.first().and_then(|bracket| closing(*bracket)) else { return };
    let body = &from_bracket[1..from_bracket.len().min(MAX_BODY + 1)];
    let Some(end) = memchr::memchr(close, body) else { return };
    let escapes = body[..end].iter().rev().take_while(|b| **b == b'\\').count();
    if let Some((key, _)) = loose_form(from_bracket, escapes) {
        report(mark(&key));
    }
}

/// Marks the words of a run that have letters, once with backslashes between words and once with escaped `_` in them.
fn report_words(run: &str, report: &mut dyn FnMut(u64)) {
    let mut each = |text: &str| {
        for word in text.split('\\').filter(|word| may_be_numbered(word)) {
            report(mark(word.as_bytes()));
            // In Markdown's emphasis a word is itself.
            let bare = word.trim_matches('_');
            if bare.len() < word.len() {
                report(mark(bare.as_bytes()));
            }
        }
    };
    each(run);
    if run.contains("\\_") {
        each(&run.replace("\\\\_", "_").replace("\\_", "_"));
    }
}

/// False for the many words that are no placeholder of any template: plain numbers, digests, identifiers.
fn may_be_numbered(word: &str) -> bool {
    word.len() <= MAX_WORD
        && word.bytes().any(|b| b.is_ascii_alphabetic())
        && (numbers_in(word) <= 1 + MAX_NUMBERS || numbering::is_keyed(word))
}

/// How many numbers a text has.
pub(super) fn numbers_in(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).count()
}

/// Reports the mark of each word of letters and digits in `text`.
pub(super) fn words(text: &str, report: &mut dyn FnMut(u64)) {
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        report(mark(word.as_bytes()));
    }
}

/// A 64-bit FNV-1a digest, the same on every machine. A collision costs a number that is not used, nothing more.
pub(super) fn mark(bytes: &[u8]) -> u64 {
    let step = |hash: u64, b: &u8| (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Stands for a letter or digit beside a stand-in that is not ASCII, of a script that parts words by spaces.
pub(super) const OTHER_LETTER: u8 = 0xFE;

/// Stands for the `_` of Markdown beside a stand-in: nothing that a word goes on with is on its other side.
pub(super) const EMPHASIS: u8 = 0xFD;

/// What stands beside a stand-in, in one byte. In scripts without spaces (`EMAIL_1さん`) a stand-in is a word of its own.
pub(super) fn beside(c: char) -> u8 {
    const FIRST_WITHOUT_SPACES: char = '\u{0E00}';
    match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => byte,
        _ if c < FIRST_WITHOUT_SPACES && c.is_alphanumeric() => OTHER_LETTER,
        _ => u8::MAX,
    }
}

/// True when no edge of an exact stand-in goes on outside as the same word.
pub(super) fn edges_fit(stand_in: &[u8], before: Option<u8>, after: Option<u8>) -> bool {
    let joined = |edge: Option<&u8>, beside: Option<u8>| {
        edge.is_some_and(|b| is_word(*b)) && beside.is_some_and(is_word)
    };
    !joined(stand_in.first(), before) && !joined(stand_in.last(), after)
}
