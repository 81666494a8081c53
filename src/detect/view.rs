//! The text as the patterns see it, and the way back to the original.
//!
//! Three things differ from the original:
//! * The label stands in front, as `customer ssn: `, so that names and context words work in labels as they do in prose.
//! * Look-alikes are folded to ASCII: full-width and mathematical letters and digits, the digits of other scripts, dashes, white
//!   space, and Greek and Cyrillic letters among Latin ones. Characters that show nothing (zero-width ones, soft hyphens,
//!   variation selectors) are left out.
//! * Underscores that mark emphasis in Markdown are blanks.
//!
//! A text without a label in which there is nothing of all this is seen as it is, without a copy.

use super::{Text, context, emphasis, fold::Fold, seen, shifts::Shifts};
use std::{borrow::Cow, cell::LazyCell};

/// A text as the patterns see it.
#[derive(Debug)]
pub(crate) struct View<'t> {
    text: Cow<'t, str>,
    /// Length of the label in front.
    label: usize,
    /// From the view without its label to the original.
    shifts: Shifts,
    original_len: usize,
    /// The text before marks of emphasis were blanked, if some were: what looks like such marks may be part of a value.
    marked: Option<String>,
}

impl<'t> View<'t> {
    pub(crate) fn of(text: &Text<'t>) -> Self {
        let label = text.label.map(plain_label).unwrap_or_default();
        let mut view = Self {
            text: Cow::Borrowed(text.text),
            label: label.len(),
            shifts: Shifts::default(),
            original_len: text.text.len(),
            marked: None,
        };
        if let Some(first) = first_to_fold(text.text) {
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

    /// The length of the label in front of the text.
    pub(crate) fn label_len(&self) -> usize {
        self.label
    }

    /// The span of the original that `start..end` of the view stands for; `None` when it begins in the label, which is no part of it.
    pub(crate) fn original(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let start = start.checked_sub(self.label)?;
        let end = end.checked_sub(self.label)?;
        Some((self.shifts.back(start), self.shifts.back(end).min(self.original_len)))
    }

    /// Copies `text` with everything from `first` on folded.
    fn fold(&mut self, label: String, text: &str, first: usize) {
        let scripts = LazyCell::new(|| Scripts::of(text));
        let mut folded = label;
        folded.reserve(text.len());
        // Everything before is copied.
        let mut done = 0;
        for (at, c) in beyond_ascii(text, first) {
            let plain = match Fold::of(c) {
                Fold::Keep => continue,
                Fold::Drop => None,
                Fold::To(ascii) => Some(ascii),
                Fold::LookAlike(ascii) if scripts.disguise(text, at, c) => Some(ascii),
                Fold::LookAlike(_) => continue,
            };
            folded.push_str(text.get(done..at).unwrap_or_default());
            folded.extend(plain);
            done = at + c.len_utf8();
            self.shifts.step(folded.len() - self.label, done);
        }
        folded.push_str(text.get(done..).unwrap_or_default());
        self.text = Cow::Owned(folded);
    }
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

    /// Tells whether the look-alike `c` at `at` stands for the Latin letter: nothing else is written in its script, or Latin
    /// letters and digits stand in the same word.
    fn disguise(self, text: &str, at: usize, c: char) -> bool {
        let written = if c < '\u{400}' { self.greek } else { self.cyrillic };
        let in_word = |c: &char| c.is_alphanumeric();
        let left = text.get(..at).unwrap_or_default().chars().rev().take(WORD).take_while(in_word);
        let right = text.get(at..).unwrap_or_default().chars().take(WORD).take_while(in_word);
        !written || left.chain(right).any(|c| c.is_ascii())
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
        check(None, "x 1\u{200b}2\u{200b}\u{200b} y", "x 12 y", "12", "1\u{200b}2\u{200b}\u{200b}");
        check(None, "a\u{200b}b", "ab", "b", "b");
        check(None, "1\u{2011}2", "1-2", "1-2", "1\u{2011}2");
    }

    #[test]
    fn letters_of_another_script_are_folded_where_they_pass_for_latin_ones() {
        check(None, "DЕ89 3704", "DE89 3704", "DE89", "DЕ89");
        check(None, "jаnе dое", "jane doe", "jane", "jаnе");
        check(None, "счёт DЕ89, сто", "счёт DE89, сто", "DE89", "DЕ89");
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
