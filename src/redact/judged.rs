//! Writes what comes in the place of a value that the model wrote, in a text that may be JSON: JSON stays JSON.

use super::{
    Context,
    restore::{Nesting, encode},
};
use std::ops::Range;

/// Follows a text, and knows how to write what takes a place in it. Whether it is JSON is told by its beginning, as on
/// [restoring](Context), so that it is the same for a text that is still coming.
#[derive(Clone, Debug)]
pub struct Surroundings(Nesting);

/// What goes where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The place of the value, or of the whole number that it is in.
    pub range: Range<usize>,
    /// What is written there.
    pub written: String,
}

impl Surroundings {
    /// Those at the beginning of a text.
    pub fn of(context: Context) -> Self {
        Self(Nesting::told(context))
    }

    /// Goes on behind text that stays.
    pub fn pass_over(&mut self, text: &str) {
        self.0.read(text);
    }

    /// Whether the text is JSON, if what was passed over and what comes next tells.
    pub fn is_json(&self, next: &str) -> Option<bool> {
        self.0.is_json(next)
    }

    /// How `by` takes the place of `range`: in a string as the inside of one, in the place of a number as a whole one. What was
    /// passed over ends at `from`; the edit lies behind that. The place of the value is passed over too.
    pub fn edit(&mut self, text: &str, from: usize, range: Range<usize>, by: &str) -> Edit {
        let number = number_around(text, from, &range);
        self.pass_over(&text[from..number.start]);
        let (depth, is_number) = (self.0.depth(), is_number(&text[number.clone()]));
        let mut written = String::with_capacity(by.len() + 2);
        if self.0.is_bare(&text[number.clone()]) && is_number {
            let (before, after) = (&text[number.start..range.start], &text[range.end..number.end]);
            encode("\"", depth, &mut written);
            encode(&[before, by, after].concat(), depth + 1, &mut written);
            encode("\"", depth, &mut written);
            self.pass_over(&text[number.clone()]);
            return Edit { range: number, written };
        }
        self.pass_over(&text[number.start..range.start]);
        encode(by, self.0.depth(), &mut written);
        self.pass_over(&text[range.clone()]);
        Edit { range, written }
    }
}

/// What takes the places of values in a whole text, from the left.
pub(super) fn in_place(
    text: &str,
    changed: impl Iterator<Item = (Range<usize>, String)>,
) -> impl Iterator<Item = (Range<usize>, String)> {
    let (mut surroundings, mut done) = (Surroundings::of(Context::Prose), 0);
    changed.filter_map(move |(range, by)| {
        // Of two in one number the first has taken all of it.
        let edit =
            (range.start >= done).then(|| surroundings.edit(text, done, range.clone(), &by))?;
        done = edit.range.end;
        Some((edit.range, edit.written))
    })
}

/// `range` and what of a number lies around it, behind `from`.
fn number_around(text: &str, from: usize, range: &Range<usize>) -> Range<usize> {
    let before = text[from..range.start].bytes().rev().take_while(is_of_number).count();
    let after = text[range.end..].bytes().take_while(is_of_number).count();
    range.start - before..range.end + after
}

fn is_of_number(b: &u8) -> bool {
    matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && text.bytes().all(|b| is_of_number(&b))
        && text.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_a_place_is_written_as_the_text_needs_it() {
        for (context, text, expected) in [
            (Context::Prose, "call 4155550199", "call <\"x\">"),
            (Context::Prose, r#"{"n": 4155550199, "#, r#"{"n": "<\"x\">", "#),
            (Context::Prose, r#"{"n": -4155550199.50}"#, r#"{"n": "-<\"x\">.50"}"#),
            (Context::Prose, r#"{"n": "4155550199"}"#, r#"{"n": "<\"x\">"}"#),
            (
                Context::Prose,
                r#"{"n": "{\"m\": 4155550199}"}"#,
                r#"{"n": "{\"m\": \"<\\\"x\\\">\"}"}"#,
            ),
            (
                Context::Prose,
                "{\"n\": 1}\n{\"n\": 4155550199}",
                "{\"n\": 1}\n{\"n\": \"<\\\"x\\\">\"}",
            ),
            (Context::Prose, "[1] call 4155550199", "[1] call <\"x\">"),
            (Context::JsonText, "[4155550199", "[\"<\\\"x\\\">\""),
            (Context::JsonText, "ask 4155550199", "ask <\"x\">"),
            (Context::JsonText, "[PERSON_1] has 4155550199", "[PERSON_1] has <\"x\">"),
            (Context::JsonText, "{PERSON_1}: 4155550199", "{PERSON_1}: <\"x\">"),
            (Context::JsonText, " [ [4155550199", " [ [\"<\\\"x\\\">\""),
        ] {
            let at = text.find("4155550199").unwrap();
            let mut surroundings = Surroundings::of(context);
            let edit = surroundings.edit(text, 0, at..at + 10, "<\"x\">");
            let Range { start, end } = edit.range;
            let written = [&text[..start], &edit.written, &text[end..]].concat();
            assert_eq!(written, expected, "{context:?} {text}");
        }
    }
}
