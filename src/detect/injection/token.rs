//! Cuts a text into words and marks, with what the features need to know of each.

use super::markup;

/// One word or run of marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Offset of its first byte.
    pub start: usize,
    /// Offset one past its last byte.
    pub end: usize,
    /// Hash of it in lower case, with digits among letters read as the letters they look like.
    pub hash: u64,
    /// Hash of its beginning: what inflected forms have in common.
    pub stem: u64,
    /// What it looks like.
    pub class: Class,
    /// True when a sentence ends behind it.
    pub ends_sentence: bool,
}

/// What a token looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// A word in small letters.
    Lower,
    /// A word that begins with a capital.
    Capital,
    /// More than one letter, all capitals.
    Upper,
    /// A word with a capital inside, as in names of programs.
    Camel,
    /// Digits alone.
    Digits,
    /// Letters and digits.
    Mixed,
    /// A character of a script without spaces between words.
    Ideograph,
    /// One mark.
    Mark,
    /// Several marks at once.
    Marks,
    /// A line break.
    Break,
}

/// Letters that count for the stem.
const STEM: u32 = 5;
/// Marks that make one token at most.
const MARKS: usize = 4;
/// A word that is longer than this many characters is cut: no language has one, but base64 does.
const LONGEST: u32 = 40;
/// So many single letters with one character between each two are one word that was spaced out.
const SPACED: usize = 4;
/// A sentence without an end is cut after so many tokens.
const LONGEST_SENTENCE: usize = 60;

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// The tokens of `text`, in place of what `out` held; tags of HTML are none. Linear in the length of `text`.
pub fn tokenize(text: &str, out: &mut Vec<Token>) {
    out.clear();
    let mut at = 0;
    while let Some(c) = char_at(text, at) {
        if c == '\n' {
            push_break(out, at);
            at += 1;
        } else if c.is_whitespace() {
            at += c.len_utf8();
        } else if c == '<'
            && let Some(len) = markup::tag_len(text.get(at..).unwrap_or_default())
        {
            at += len;
        } else {
            let token = if is_word(c) { word(text, at) } else { marks(text, at) };
            at = token.end;
            out.push(token);
        }
    }
    join_spaced(out);
    end_sentences(text, out);
}

/// The character that begins at `at`. Fast for ASCII.
fn char_at(text: &str, at: usize) -> Option<char> {
    match text.as_bytes().get(at) {
        Some(&byte) if byte.is_ascii() => Some(char::from(byte)),
        _ => text.get(at..).and_then(|rest| rest.chars().next()),
    }
}

/// Small letter of `c`. Fast for ASCII.
fn small(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

/// Several line breaks are one.
fn push_break(out: &mut Vec<Token>, at: usize) {
    match out.last_mut() {
        Some(last) if last.class == Class::Break => last.end = at + 1,
        _ => out.push(Token {
            start: at,
            end: at + 1,
            hash: step(SEED, u64::from(b'\n')),
            stem: 0,
            class: Class::Break,
            ends_sentence: false,
        }),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

fn step(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(PRIME)
}

/// What is seen of the letters of a word so far.
#[derive(Clone, Copy)]
struct Letters {
    n: u32,
    upper: u32,
    digits: u32,
    first_upper: bool,
    hash: u64,
    stem: u64,
}

impl Letters {
    const NONE: Self =
        Self { n: 0, upper: 0, digits: 0, first_upper: false, hash: SEED, stem: SEED };

    /// Notes the ASCII letters and digits that `bytes` begins with, and tells how many they are: the quick way for most text.
    fn note_plain(&mut self, bytes: &[u8]) -> usize {
        let (mut hash, mut stem, mut n) = (self.hash, self.stem, self.n);
        for &byte in bytes {
            if n == LONGEST {
                break;
            }
            let like = if byte.is_ascii_lowercase() {
                byte
            } else if byte.is_ascii_uppercase() {
                self.first_upper |= n == 0;
                self.upper += 1;
                byte.to_ascii_lowercase()
            } else if byte.is_ascii_digit() {
                self.digits += 1;
                LIKE_DIGITS[usize::from(byte - b'0')]
            } else {
                break;
            };
            hash = step(hash, u64::from(like));
            n += 1;
            if n <= STEM {
                stem = hash;
            }
        }
        let taken = n - self.n;
        (self.hash, self.stem, self.n) = (hash, stem, n);
        taken as usize
    }

    fn note(&mut self, c: char) {
        let upper = c.is_uppercase();
        self.first_upper |= self.n == 0 && upper;
        self.upper += u32::from(upper);
        self.digits += u32::from(c.is_numeric());
        self.step(u64::from(u32::from(small(c))));
    }

    fn step(&mut self, letter: u64) {
        self.hash = step(self.hash, letter);
        self.n += 1;
        if self.n <= STEM {
            self.stem = self.hash;
        }
    }

    fn class(&self) -> Class {
        match (self.digits, self.upper) {
            (0, 0) => Class::Lower,
            (0, 1) if self.first_upper => Class::Capital,
            (0, upper) if upper == self.n => Class::Upper,
            (0, _) => Class::Camel,
            (digits, _) if digits == self.n => Class::Digits,
            _ => Class::Mixed,
        }
    }
}

fn word(text: &str, start: usize) -> Token {
    let mut letters = Letters::NONE;
    let mut at = start;
    let mut end = start;
    loop {
        let taken = letters.note_plain(text.as_bytes().get(at..).unwrap_or_default());
        if taken > 0 {
            at += taken;
            end = at;
        }
        match char_at(text, at) {
            // "don't" is one word; an apostrophe at its end is none of it.
            Some(c @ ('\'' | '’')) if letters.n > 0 => at += c.len_utf8(),
            Some(c) if is_word(c) && letters.n < LONGEST => {
                let ideograph = is_ideograph(c);
                if ideograph && letters.n > 0 {
                    break;
                }
                letters.note(c);
                at += c.len_utf8();
                end = at;
                if ideograph {
                    let Letters { hash, stem, .. } = letters;
                    let class = Class::Ideograph;
                    return Token { start, end, hash, stem, class, ends_sentence: false };
                }
            }
            _ => break,
        }
    }
    let class = letters.class();
    let hash = if class == Class::Digits { hash_of_digits(text, start, end) } else { letters.hash };
    Token { start, end, hash, stem: letters.stem, class, ends_sentence: false }
}

/// The hash of a number, whose digits stand for themselves.
fn hash_of_digits(text: &str, start: usize, end: usize) -> u64 {
    let digits = text.get(start..end).unwrap_or_default().chars();
    let digits = digits.filter(|c| !matches!(c, '\'' | '’'));
    digits.fold(SEED, |hash, c| step(hash, u64::from(u32::from(small(c)))))
}

/// The letters that the digits from 0 on stand for where writing is disguised; those that look like none stay.
const LIKE_DIGITS: [u8; 10] = *b"oi2eas6t89";

/// Scripts that put no spaces between words.
fn is_ideograph(c: char) -> bool {
    !c.is_ascii()
        && matches!(u32::from(c), 0x0E00..=0x0E7F | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF)
}

fn marks(text: &str, start: usize) -> Token {
    let mut token =
        Token { start, end: start, hash: SEED, stem: 0, class: Class::Mark, ends_sentence: false };
    let mut last = None;
    let mut taken = 0;
    while let Some(c) = char_at(text, token.end) {
        if is_word(c) || c.is_whitespace() {
            break;
        }
        let is_tag = || markup::tag_len(text.get(token.end..).unwrap_or_default()).is_some();
        if c == '<' && token.end > start && is_tag() {
            break;
        }
        // A rule of dashes is one dash twice.
        if last != Some(c) {
            if taken == MARKS {
                break;
            }
            taken += 1;
        } else if token.class == Class::Mark {
            token.hash = step(token.hash, 2);
        }
        if token.end > start {
            token.class = Class::Marks;
        }
        if last != Some(c) {
            token.hash = step(token.hash, u64::from(u32::from(c)));
        }
        last = Some(c);
        token.end += c.len_utf8();
    }
    token
}

/// Makes one word of letters that were spaced out: `i g n o r e`.
fn join_spaced(tokens: &mut Vec<Token>) {
    let Some(mut at) = (0..tokens.len()).find(|&at| spaced_run(&tokens[at..]) >= SPACED) else {
        return;
    };
    let mut kept = at;
    while at < tokens.len() {
        let run = spaced_run(&tokens[at..]);
        let mut token = tokens[at];
        if run >= SPACED {
            for (nth, letter) in tokens[at + 1..at + run].iter().enumerate() {
                // The hash of a single letter is one step from the seed; the letter is what leads there.
                token.hash = join(token.hash, letter.hash);
                if nth + 1 < STEM as usize {
                    token.stem = token.hash;
                }
                token.end = letter.end;
            }
            token.class = Class::Mixed;
            at += run;
        } else {
            at += 1;
        }
        tokens[kept] = token;
        kept += 1;
    }
    tokens.truncate(kept);
}

/// The hash of a word with one more letter, of which only the hash is known.
fn join(hash: u64, letter: u64) -> u64 {
    step(hash, unstep(letter))
}

/// What led from the seed to `hash` in one step.
fn unstep(hash: u64) -> u64 {
    const INVERSE: u64 = inverse(PRIME);
    hash.wrapping_mul(INVERSE) ^ SEED
}

/// The inverse of an odd number modulo 2^64, by Newton's method.
const fn inverse(odd: u64) -> u64 {
    let mut x = odd;
    let mut round = 0;
    while round < 6 {
        x = x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x)));
        round += 1;
    }
    x
}

fn spaced_run(tokens: &[Token]) -> usize {
    let single = |t: &&Token| {
        t.end - t.start == 1 && matches!(t.class, Class::Lower | Class::Capital | Class::Upper)
    };
    let mut run = 0;
    let mut end = None;
    for token in tokens.iter().take_while(single) {
        if end.is_some_and(|end| token.start != end + 1) {
            break;
        }
        end = Some(token.end);
        run += 1;
    }
    run
}

fn end_sentences(text: &str, tokens: &mut [Token]) {
    let mut length = 0;
    for at in 0..tokens.len() {
        let next = tokens.get(at + 1).map_or(text.len() + 1, |t| t.start);
        let token = &mut tokens[at];
        length += 1;
        token.ends_sentence = length == LONGEST_SENTENCE
            || token.class == Class::Break
            || (matches!(token.class, Class::Mark | Class::Marks)
                && ends_sentence(text, token, next > token.end));
        if token.ends_sentence {
            length = 0;
        }
    }
}

fn ends_sentence(text: &str, token: &Token, space: bool) -> bool {
    let mark = text.get(token.start..token.end).unwrap_or_default();
    mark.contains(['。', '！', '？']) || (space && mark.contains(['.', '!', '?', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let mut tokens = Vec::new();
        tokenize(text, &mut tokens);
        tokens.iter().map(|t| &text[t.start..t.end]).collect()
    }

    fn hashes(text: &str) -> Vec<u64> {
        let mut tokens = Vec::new();
        tokenize(text, &mut tokens);
        tokens.iter().map(|t| t.hash).collect()
    }

    #[test]
    fn words_marks_and_ideographs_are_told_apart() {
        assert_eq!(
            words("Don't stop, a1b ((x 忽略"),
            ["Don't", "stop", ",", "a1b", "((", "x", "忽", "略"]
        );
        assert_eq!(words("a\n\nb'"), ["a", "\n\n", "b", "'"]);
    }

    #[test]
    fn tags_are_left_out_and_what_could_speak_is_not() {
        assert_eq!(words("<p>Run <code>x()</code>.</p>"), ["Run", "x", "()", "."]);
        assert_eq!(words("<b title=\"a b\">x"), ["<", "b", "title", "=\"", "a", "b", "\">", "x"]);
    }

    #[test]
    fn disguised_words_have_the_hash_of_the_plain_ones() {
        assert_eq!(hashes("IGN0R3"), hashes("ignore"));
        assert_eq!(hashes("i g n o r e"), hashes("ignore"));
        assert_eq!(hashes("I.g.n.o.r.e").len(), 11);
        assert_ne!(hashes("1234"), hashes("ie34"));
    }

    #[test]
    fn sentences_end_at_stops_and_breaks() {
        let mut tokens = Vec::new();
        tokenize("One. Two? v1.2 three\nfour", &mut tokens);
        let ends: Vec<bool> = tokens.iter().map(|t| t.ends_sentence).collect();
        assert_eq!(ends.iter().filter(|e| **e).count(), 3);
    }
}
