//! The form of a token, written down so that it can be read, matched, and made up for a test.
//!
//! `ghp_<w36>` is `ghp_` and 36 letters or digits, `key-<h32>-us<d1-2>` has a run of one or two digits at its end. Runs are
//! taken as long as they can be and never given back, so a form costs one look at each byte. `<uuid>` is what it says.
//!
//! Pure text: knows nothing of issuers, scores and surroundings.

use std::sync::LazyLock;

/// A set of ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class(u128);

/// A piece of a form.
#[derive(Clone, Copy, Debug)]
enum Part {
    Literal(&'static str),
    /// As many of the class as there are, from the least to the most.
    Run(Class, usize, usize),
}

/// True for a UUID and nothing else.
pub(super) fn is_uuid(text: &str) -> bool {
    static FORM: LazyLock<Layout> = LazyLock::new(|| Layout::read("<uuid>"));
    FORM.measure(text) == Some(text.len())
}

/// A form that is ready to match.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    parts: Vec<Part>,
}

const DIGITS: &str = "0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const UUID: &[Part] = &[
    Part::Run(Class::of('h'), 8, 8),
    Part::Literal("-"),
    Part::Run(Class::of('h'), 4, 4),
    Part::Literal("-"),
    Part::Run(Class::of('h'), 4, 4),
    Part::Literal("-"),
    Part::Run(Class::of('h'), 4, 4),
    Part::Literal("-"),
    Part::Run(Class::of('h'), 12, 12),
];

impl Class {
    /// The class with that letter.
    const fn of(letter: char) -> Self {
        let sets: [&str; 5] = match letter {
            'd' => [DIGITS, "", "", "", ""],
            // Hexadecimal digits, in either case.
            'h' => [DIGITS, "abcdef", "ABCDEF", "", ""],
            'a' => [LOWER, "", "", "", ""],
            'A' => [UPPER, "", "", "", ""],
            // Lower, upper and all letters, each with digits.
            'l' => [DIGITS, LOWER, "", "", ""],
            'u' => [DIGITS, UPPER, "", "", ""],
            'w' => [DIGITS, LOWER, UPPER, "", ""],
            // Base64url, the same with dots, and both alphabets of Base64.
            't' => [DIGITS, LOWER, UPPER, "_-", ""],
            'v' => [DIGITS, LOWER, UPPER, "_-", "."],
            'b' => [DIGITS, LOWER, UPPER, "+/", ""],
            'e' => [DIGITS, LOWER, UPPER, "_-", "+/="],
            // Base32.
            's' => ["234567", UPPER, "", "", ""],
            _ => panic!("no such class"),
        };
        let mut mask = 0;
        let mut nth = 0;
        while nth < sets.len() {
            mask |= bits(sets[nth]);
            nth += 1;
        }
        Self(mask)
    }

    pub(super) const fn holds(self, byte: u8) -> bool {
        byte < 128 && self.0 >> byte & 1 == 1
    }
}

const fn bits(chars: &str) -> u128 {
    let mut mask = 0;
    let mut at = 0;
    while at < chars.len() {
        mask |= 1 << chars.as_bytes()[at];
        at += 1;
    }
    mask
}

impl Layout {
    /// Reads a form.
    ///
    /// # Panics
    /// When it is not well formed. Forms are part of this crate, and a test reads them all.
    pub(super) fn read(form: &'static str) -> Self {
        let mut parts = Vec::new();
        let mut rest = form;
        while let Some((literal, behind)) = rest.split_once('<') {
            let (run, after) = behind.split_once('>').expect("a run is closed");
            parts.extend((!literal.is_empty()).then_some(Part::Literal(literal)));
            match run {
                "uuid" => parts.extend_from_slice(UUID),
                _ => parts.push(read_run(run)),
            }
            rest = after;
        }
        parts.extend((!rest.is_empty()).then_some(Part::Literal(rest)));
        Self { parts }
    }

    /// What all texts of this form begin with; empty when they begin with a run.
    pub(super) fn prefix(&self) -> &'static str {
        match self.parts.first() {
            Some(Part::Literal(literal)) => literal,
            Some(Part::Run(..)) | None => "",
        }
    }

    /// How many bytes at the beginning of `text` have this form. They are no part of a longer word.
    pub(super) fn measure(&self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut last = Class(0);
        for part in &self.parts {
            match *part {
                Part::Literal(literal) => {
                    at += bytes
                        .get(at..)?
                        .starts_with(literal.as_bytes())
                        .then_some(literal.len())?;
                }
                Part::Run(class, least, most) => {
                    let run = bytes.get(at..)?.iter().take(most);
                    let len = run.take_while(|b| class.holds(**b)).count();
                    at += (len >= least).then_some(len)?;
                    last = class;
                }
            }
        }
        let ends = bytes
            .get(at)
            .is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_' && !(last.holds(*b)));
        (ends && at > 0).then_some(at)
    }

    /// The parts of `text`, which has this form, that the form leaves open.
    pub(super) fn open<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let mut at = 0;
        self.parts.iter().filter_map(move |part| {
            let from = at;
            match *part {
                Part::Literal(literal) => {
                    at += literal.len();
                    None
                }
                Part::Run(class, _, most) => {
                    let run = text.as_bytes().get(at..).unwrap_or_default().iter().take(most);
                    at += run.take_while(|b| class.holds(**b)).count();
                    text.get(from..at)
                }
            }
        })
    }
}

fn read_run(run: &'static str) -> Part {
    let mut chars = run.chars();
    let class = Class::of(chars.next().expect("a run has a class"));
    let counts = chars.as_str();
    let (least, most) = counts.split_once('-').unwrap_or((counts, counts));
    let number = |text: &str| text.parse().expect("a run has counts");
    Part::Run(class, number(least), number(most))
}

#[cfg(test)]
impl Layout {
    /// A text of this form: the shortest one, or one that is longer where it may be.
    pub(super) fn sample(&self, long: bool, mut random: impl FnMut() -> usize) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match *part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Run(class, least, most) => {
                    let chars: Vec<char> = (0..128)
                        .filter(|b| class.holds(*b))
                        .map(char::from)
                        .filter(char::is_ascii_alphanumeric)
                        .collect();
                    let len = if long { most.min(least + 7) } else { least };
                    text.extend((0..len).map(|_| chars[random() % chars.len()]));
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: &'static str, text: &str, expected: Option<&str>) {
        assert_eq!(Layout::read(form).measure(text).map(|len| &text[..len]), expected);
    }

    #[test]
    fn a_form_is_matched_from_its_beginning_to_the_end_of_the_word() {
        check("ab_<w4>", "ab_c3D4 and more", Some("ab_c3D4"));
        check("ab_<w4>", "ab_c3D", None);
        check("ab_<w4>", "ab_c3D45", None);
        check("ab_<w4>", "ab_c3D4_", None);
        check("ab_<w4>", "ab_c3D4-x", Some("ab_c3D4"));
        check("ab_<t4>", "ab_c3D4-x", None);
        check("<h4>-us<d1-2>", "beef-us12.", Some("beef-us12"));
        check(
            "x<uuid>",
            "x0a1B2c3d-0000-1111-2222-333344445555",
            Some("x0a1B2c3d-0000-1111-2222-333344445555"),
        );
    }

    #[test]
    fn what_is_left_open_is_told_apart_from_the_rest() {
        let open: Vec<_> =
            Layout::read("ab_<w2>-<d1-3>x").open("ab_cD-12x").map(str::to_owned).collect();
        assert_eq!(open, ["cD", "12"]);
    }
}
