//! Values with marks inside that are not HTML's: BBCode (`ann[b]@[/b]example.org`), LaTeX (`\\textbf{ann}@example.org`) and
//! Markdown's code (`` `ann`@example.org ``).
//!
//! One of them in a text tells nothing: `[i]` is an index and `}` closes a block. So what is left out is only what parts a value,
//! as in [`markup`], and is searched for only in texts that have the language's own sign.

use super::{Edit, markup};
use memchr::{memchr, memchr_iter, memchr2_iter, memmem};

/// BBCode's tags within a line. In order.
const TAGS: [&str; 14] = [
    "b", "bold", "code", "color", "email", "font", "i", "italic", "s", "size", "sub", "sup", "u",
    "url",
];
/// A longer tag is none, in bytes.
const LONGEST_TAG: usize = 80;
/// A longer name of a command is none, in bytes.
const LONGEST_COMMAND: usize = 20;
/// Marks of code in a row.
const MOST_TICKS: usize = 3;

/// A language: how its marks are found.
pub(super) struct Language {
    pub(super) each_edit: fn(&str, &mut dyn FnMut(Edit)),
    /// Where the marks at an offset end.
    pub(super) end_of_marks: fn(&str, usize) -> Option<usize>,
}

pub(super) const LANGUAGES: [Language; 3] = [
    Language {
        each_edit: |text, visit| {
            let bytes = text.as_bytes();
            if memmem::find(bytes, b"[/").is_some() {
                markup::each_run(text, memchr_iter(b'[', bytes), tag, visit);
            }
        },
        end_of_marks: |text, at| markup::end_of_run(text, at, tag),
    },
    Language {
        each_edit: |text, visit| {
            let bytes = text.as_bytes();
            if memchr_iter(b'\\', bytes).any(|at| text.get(at..).and_then(command).is_some()) {
                markup::each_run(text, memchr2_iter(b'\\', b'}', bytes), brace, visit);
            }
        },
        end_of_marks: |text, at| markup::end_of_run(text, at, brace),
    },
    Language {
        each_edit: |text, visit| {
            markup::each_run(text, memchr_iter(b'`', text.as_bytes()), ticks, visit);
        },
        end_of_marks: |text, at| markup::end_of_run(text, at, ticks),
    },
];

/// The length of the tag that `text` begins with.
fn tag(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[')?.as_bytes();
    let end = memchr(b']', &inside[..inside.len().min(LONGEST_TAG)])?;
    let name = inside[..end].strip_prefix(b"/").unwrap_or(&inside[..end]);
    let name = name.split(|b| *b == b'=' || b.is_ascii_whitespace()).next()?.to_ascii_lowercase();
    TAGS.binary_search_by(|tag| tag.as_bytes().cmp(&name)).ok()?;
    Some(end + 2)
}

/// The length of what opens or closes the text of a command.
fn brace(text: &str) -> Option<usize> {
    if text.starts_with('}') { Some(1) } else { command(text) }
}

fn command(text: &str) -> Option<usize> {
    let name = text.strip_prefix('\\')?.as_bytes();
    let len = name.iter().take(LONGEST_COMMAND).take_while(|b| b.is_ascii_alphabetic()).count();
    (len > 0 && name.get(len) == Some(&b'{')).then_some(len + 2)
}

fn ticks(text: &str) -> Option<usize> {
    let len = text.bytes().take_while(|b| *b == b'`').count();
    (1..=MOST_TICKS).contains(&len).then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text without the marks of any language that are left out.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut plain = text.to_owned();
        for Language { each_edit, .. } in &LANGUAGES {
            let (before, mut done) = (std::mem::take(&mut plain), 0);
            each_edit(&before, &mut |edit| {
                plain += &before[done..edit.start];
                done = edit.end;
            });
            plain += &before[done..];
        }
        assert_eq!(plain, expected, "{text}");
    }

    #[test]
    fn marks_within_a_value_are_left_out() {
        check("an[b]n[/b]@a.org", "ann@a.org");
        check("[B]ann[/B][i]@a.org[/i]", "[B]ann@a.org[/i]");
        check("4111 [color=red]1111[/color] 1111", "4111 1111 1111");
        check("\\textbf{ann}@a.org", "\\textbf{ann@a.org");
        check("an\\textbf{\\emph{n}}@a.org", "ann@a.org");
        check("`ann`@a.org", "`ann@a.org");
    }

    #[test]
    fn what_is_no_mark_stays() {
        for text in [
            "a1[i]2, b1[b]3",
            "see [1]2 and [/x]4111[/x]1111",
            "{4111}1111",
            "C:\\4111{1111}2",
            "ann````@a.org",
        ] {
            check(text, text);
        }
    }
}
