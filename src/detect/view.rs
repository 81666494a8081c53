//! The text as the patterns see it, and the way back to the original.
//!
//! Four things differ from the original:
//! * The label stands in front, as `customer ssn: `, so that names and context words work in labels as they do in prose.
//! * Look-alikes are folded to ASCII: full-width and mathematical letters and digits, the digits of other scripts, dashes, white
//!   space, and Greek and Cyrillic letters among Latin ones. Characters that show nothing (zero-width ones, soft hyphens,
//!   variation selectors) are left out.
//! * Codes that colour the text of a terminal are left out.
//! * Underscores that mark emphasis in Markdown are blanks.
//!
//! A text without a label in which there is nothing of all this is seen as it is, without a copy.

use super::{Text, context, emphasis, fold::Fold, rising::Rising, seen, shifts::Shifts, terminal};
use std::{borrow::Cow, cell::LazyCell, ops::Range};

/// A text as the patterns see it.
#[derive(Debug)]
pub(crate) struct View<'t> {
    text: Cow<'t, str>,
    /// Length of the label in front.
    label: usize,
    /// From the view without its label to the original.
    shifts: Shifts,
    original: &'t str,
    /// Codes of a terminal are among what was left out.
    has_codes: bool,
    /// Where something was left out that may have parted two words.
    joints: Rising,
    /// The text before marks of emphasis were blanked, if some were: what looks like such marks may be part of a value.
    marked: Option<String>,
}

/// Characters without width that part words; at the end of a value they are no part of it.
const EMPTY: [char; 3] = ['\u{200B}', '\u{2060}', '\u{FEFF}'];

impl<'t> View<'t> {
    pub(crate) fn of(text: &Text<'t>) -> Self {
        let label = text.label.map(plain_label).unwrap_or_default();
        let mut view = Self {
            text: Cow::Borrowed(text.text),
            label: label.len(),
            shifts: Shifts::default(),
            original: text.text,
            has_codes: false,
            joints: Rising::default(),
            marked: None,
        };
        let first_code = terminal::codes(text.text).next().map(|code| code.start);
        view.has_codes = first_code.is_some();
        if let Some(first) = first_to_fold(text.text).into_iter().chain(first_code).min() {
            view.fold(label, text.text, first);
        } else if !label.is_empty() {
            view.text = Cow::Owned(label + text.text);
        }
        if let Some(blanked) = emphasis::blanked(&view.text) {
            view.marked = Some(std::mem::replace(&mut view.text, Cow::Owned(blanked)).into_owned());
        }
        view
    }

    /// The same text with the marks of emphasis, where some were blanked. Places are the same in both.
    pub(crate) fn marked(&self) -> Option<&str> {
        self.marked.as_deref()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The places in [`text`](Self::text) where something was left out between two characters that may belong to two words.
    pub(crate) fn joints(&self) -> impl Iterator<Item = usize> {
        self.joints.behind(|_| false).map(|(at, _)| at)
    }

    /// The length of the label in front of the text.
    pub(crate) fn label_len(&self) -> usize {
        self.label
    }

    /// The span of the original that `start..end` of the view stands for; `None` when it begins in the label, which is no part of it.
    pub(crate) fn original(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let start = self.shifts.back(start.checked_sub(self.label)?);
        let end = self.shifts.back(end.checked_sub(self.label)?).min(self.original.len());
        let mut found = self.original.get(start..end).unwrap_or_default();
        loop {
            let len = found.len();
            found = found.trim_end_matches(EMPTY);
            if self.has_codes {
                // What ends a colour is no part of what was coloured.
                found = terminal::without_last(found);
            }
            if found.len() == len {
                return Some((start, start + len));
            }
        }
    }

    /// Copies `text` with everything from `first` on folded.
    fn fold(&mut self, label: String, text: &str, first: usize) {
        let mut folded = label;
        folded.reserve(text.len());
        // Everything before is copied.
        let mut done = 0;
        for (place, plain) in changes(text, first) {
            folded.push_str(text.get(done..place.start).unwrap_or_default());
            done = place.end;
            if plain.is_none() && may_part(&folded, text.get(done..).unwrap_or_default()) {
                self.joints.push((folded.len(), folded.len()));
            }
            folded.extend(plain);
            self.shifts.step(folded.len() - self.label, done);
        }
        folded.push_str(text.get(done..).unwrap_or_default());
        self.text = Cow::Owned(folded);
    }
}

/// What is changed in `text` from `first` on, in order: with what comes in its place, if anything does.
fn changes(text: &str, first: usize) -> impl Iterator<Item = (Range<usize>, Option<char>)> {
    let scripts = LazyCell::new(move || Scripts::of(text));
    let mut codes = terminal::codes(text).peekable();
    let mut others = beyond_ascii(text, first)
        .filter_map(move |(at, c)| {
            let plain = match Fold::of(c) {
                Fold::Drop => None,
                Fold::To(ascii) => Some(ascii),
                Fold::LookAlike(ascii) if scripts.disguise(text, at, c) => Some(ascii),
                Fold::Keep | Fold::LookAlike(_) => return None,
            };
            Some((at..at + c.len_utf8(), plain))
        })
        .peekable();
    std::iter::from_fn(move || match (codes.peek(), others.peek()) {
        (Some(code), Some((other, _))) if other.start < code.start => others.next(),
        (Some(_), _) => codes.next().map(|code| (code, None)),
        (None, _) => others.next(),
    })
}

/// True between a letter and a digit, say, of which the one may end a word and the other begin another. Between letters of one
/// kind, or digits, it is more likely one.
fn may_part(before: &str, behind: &str) -> bool {
    let (Some(left), Some(right)) = (before.chars().next_back(), behind.chars().next()) else {
        return false;
    };
    if left.is_whitespace() || right.is_whitespace() || left.is_numeric() && right.is_numeric() {
        return false;
    }
    let both_letters = left.is_alphabetic() && right.is_alphabetic();
    !both_letters || left.is_lowercase() && right.is_uppercase()
}

/// The scripts with look-alikes in which a text is really written: it has other letters of them as well.
#[derive(Clone, Copy, Debug)]
struct Scripts {
    greek: bool,
    cyrillic: bool,
}

/// How far the word around a look-alike is read, in characters on each side.
const WORD: usize = 24;

impl Scripts {
    fn of(text: &str) -> Self {
        let mut scripts = Self { greek: false, cyrillic: false };
        let real = |c: char| c.is_alphabetic() && Fold::of(c) == Fold::Keep;
        for (_, c) in beyond_ascii(text, 0) {
            match c {
                '\u{370}'..='\u{3FF}' => scripts.greek |= real(c),
                '\u{400}'..='\u{52F}' => scripts.cyrillic |= real(c),
                _ => {}
            }
        }
        scripts
    }

    /// Tells whether the look-alike `c` at `at` stands for the Latin letter: nothing else is written in its script, Latin letters
    /// stand in the same word, or digits and nothing but look-alikes. `карта4111…` is a word of its own script.
    fn disguise(self, text: &str, at: usize, c: char) -> bool {
        let written = if c < '\u{400}' { self.greek } else { self.cyrillic };
        let in_word = |c: &char| c.is_alphanumeric();
        let left = text.get(..at).unwrap_or_default().chars().rev().take(WORD).take_while(in_word);
        let right = text.get(at..).unwrap_or_default().chars().take(WORD).take_while(in_word);
        let word = left.chain(right);
        let alike = |c: char| c.is_ascii() || matches!(Fold::of(c), Fold::LookAlike(_));
        !written
            || word.clone().any(|c| c.is_ascii_alphabetic())
            || word.clone().any(|c| c.is_ascii_digit()) && word.clone().all(alike)
    }
}

/// Where the first character that is not kept stands.
fn first_to_fold(text: &str) -> Option<usize> {
    beyond_ascii(text, 0).find(|&(_, c)| Fold::of(c) != Fold::Keep).map(|(at, _)| at)
}

/// ASCII is passed over by so many bytes at once.
const BLOCK: usize = 64;

/// The characters from `at` on that are not ASCII, with their places.
fn beyond_ascii(text: &str, mut at: usize) -> impl Iterator<Item = (usize, char)> {
    std::iter::from_fn(move || {
        let rest = text.as_bytes().get(at..)?;
        let plain = rest.chunks(BLOCK).take_while(|block| block.is_ascii()).count() * BLOCK;
        at += plain + rest.get(plain..)?.iter().position(|b| !b.is_ascii())?;
        let c = text.get(at..)?.chars().next()?;
        at += c.len_utf8();
        Some((at - c.len_utf8(), c))
    })
}

/// The end of a label, in plain words.
fn plain_label(label: &str) -> String {
    let mut plain = String::new();
    context::append_plain(&mut plain, seen::suffix(label, seen::REACH));
    let words = plain.trim();
    if words.is_empty() { String::new() } else { format!("{words}: ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: Option<&str>, text: &str, view: &str, part: &str, original: &str) {
        let seen = View::of(&Text { label, text });
        assert_eq!(seen.text(), view);
        let start = view.find(part).unwrap();
        let (from, to) = seen.original(start, start + part.len()).unwrap();
        assert_eq!(&text[from..to], original);
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(View::of(&Text::from("plain été")).text, Cow::Borrowed(_)));
    }

    #[test]
    fn look_alikes_are_folded_and_found_again() {
        check(None, "a\u{a0}\u{ff11}\u{ff12}é3", "a 12é3", "12", "\u{ff11}\u{ff12}");
        check(None, "x 1\u{200b}2\u{200b}\u{200b} y", "x 12 y", "12", "1\u{200b}2");
        check(None, "a\u{200b}b", "ab", "b", "b");
        check(None, "1\u{2011}2", "1-2", "1-2", "1\u{2011}2");
    }

    #[test]
    fn colours_of_terminals_are_left_out() {
        check(None, "a \x1b[1;31m12\x1b[0m b\u{a0}é", "a 12 b é", "12", "12");
        check(None, "a \\e[31mé\\e[0m\u{a0}b", "a é b", "b", "b");
    }

    #[test]
    fn it_is_told_where_what_was_left_out_may_have_parted_two_words() {
        let joints = |text| View::of(&Text::from(text)).joints().collect::<Vec<_>>();
        assert_eq!(joints("ab\u{200b}12\u{200b}34\u{200b}c"), [2, 6]);
        assert_eq!(joints("Ana\u{200b}Tel.\u{200b}+1 \u{200b}2 an\u{ad}other"), [3, 7]);
    }

    #[test]
    fn letters_of_another_script_are_folded_where_they_pass_for_latin_ones() {
        check(None, "DЕ89 3704", "DE89 3704", "DE89", "DЕ89");
        check(None, "jаnе dое", "jane doe", "jane", "jаnе");
        check(None, "счёт DЕ89, сто", "счёт DE89, сто", "DE89", "DЕ89");
        check(None, "карта4111, счёт", "карта4111, счёт", "4111", "4111");
        check(None, "номер АВ12, счёт", "номер AB12, счёт", "AB12", "АВ12");
        check(None, "как дела у вас", "как дела у вас", "у", "у");
    }

    #[test]
    fn a_label_stands_in_front_and_is_no_finding() {
        check(
            Some("customerSsn"),
            "078051120",
            "customer ssn: 078051120",
            "078051120",
            "078051120",
        );
        check(Some("ssn"), "\u{ff11}23", "ssn: 123", "23", "23");
        assert_eq!(View::of(&Text { label: Some("ssn"), text: "1" }).original(0, 6), None);
    }
}
