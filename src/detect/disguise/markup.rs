//! Values with markup inside, as mail in HTML, scraped pages and answers of models hold them: `ann@<b>example.org</b>`,
//! `<span>536</span>-<span>90</span>-<span>4399</span>`, `4111 **1111** 1111 1111`, `ann<wbr>@example.org`.
//!
//! Only marks that a reader sees nothing of between two characters are left out: the tags of elements within a line, comments, and
//! Markdown's emphasis. Cells, paragraphs and line breaks part what stands around them.

use super::Edit;
use crate::detect::{
    Candidate, EntityType,
    recognizer::secrets,
    seen::{prefix, suffix},
};
use memchr::{memchr, memchr2, memchr3_iter, memmem};

/// The elements within a line: those of HTML's phrasing content that show their text as it stands, and their old names. In order.
const INLINE: [&str; 33] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "mark", "nobr", "q", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

/// A longer tag or comment is none, in bytes.
const LONGEST: usize = 240;
/// How far around marks the rest of a value is looked for, in bytes: an address, with some three more marks in it.
pub(super) const NEAR: usize = 96;
/// Marks of emphasis in a row.
const MOST: usize = 3;

/// The marks that stand between two characters of what may be one value.
pub(super) fn each_edit(text: &str, visit: &mut dyn FnMut(Edit)) {
    each_run(text, memchr3_iter(b'<', b'*', b'~', text.as_bytes()), mark, visit);
}

/// Where the marks at `at` end, which stand directly behind one another; `None` if there is none.
pub(super) fn end_of_marks(text: &str, at: usize) -> Option<usize> {
    end_of_run(text, at, mark)
}

/// The marks, each told by `mark` at one of `places`, that stand between two characters of what may be one value.
pub(super) fn each_run(
    text: &str,
    places: impl Iterator<Item = usize>,
    mark: fn(&str) -> Option<usize>,
    visit: &mut dyn FnMut(Edit),
) {
    let mut done = 0;
    for at in places {
        if at < done {
            continue;
        }
        let Some(end) = end_of_run(text, at, mark) else { continue };
        done = end;
        let (before, behind) =
            (text.get(..at).unwrap_or_default(), text.get(end..).unwrap_or_default());
        if parts_value(before, behind) && !is_operator(text.get(at..end), before, behind) {
            visit(Edit { start: at, end, with: None });
        }
    }
}

/// Where such marks end, as [`end_of_marks`].
pub(super) fn end_of_run(text: &str, at: usize, mark: fn(&str) -> Option<usize>) -> Option<usize> {
    let mut end = at;
    while let Some(next) = text.get(end..).and_then(mark) {
        end += next;
    }
    (end > at).then_some(end)
}

/// The length of the mark that `text` begins with.
fn mark(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'<', b'!', b'-', b'-', ..] => {
            Some(memmem::find(prefix(text, LONGEST).as_bytes(), b"-->")? + 3)
        }
        [b'<', rest @ ..] => {
            let name = rest.strip_prefix(b"/").unwrap_or(rest);
            let len = name.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            let name = name.get(..len)?.to_ascii_lowercase();
            INLINE.binary_search_by(|inline| inline.as_bytes().cmp(&name)).ok()?;
            let inside = prefix(text.get(1..)?, LONGEST).as_bytes();
            let end = memchr2(b'<', b'>', inside)?;
            let follows = *inside.get(len + usize::from(inside[0] == b'/'))?;
            (inside[end] == b'>' && (b"/>".contains(&follows) || follows.is_ascii_whitespace()))
                .then_some(end + 2)
        }
        [first @ (b'*' | b'~'), ..] => {
            let len = text.bytes().take_while(|b| b == first).count();
            (len <= MOST && (*first == b'*' || len == 2)).then_some(len)
        }
        _ => None,
    }
}

/// One star between two characters is a product or a pattern.
fn is_operator(marks: Option<&str>, before: &str, behind: &str) -> bool {
    marks == Some("*")
        && before.ends_with(|c: char| !c.is_whitespace())
        && behind.starts_with(|c: char| !c.is_whitespace())
}

/// True between characters of one word that has a digit or an `@`, and between groups of digits.
pub(super) fn parts_value(before: &str, behind: &str) -> bool {
    let (Some(left), Some(right)) = (before.chars().next_back(), behind.chars().next()) else {
        return false;
    };
    match (left.is_whitespace(), right.is_whitespace()) {
        (false, false) => is_of_value(left) && is_of_value(right) && tells(before, behind),
        (true, false) => is_of_group(right) && before.trim_end_matches(' ').ends_with(goes_on),
        (false, true) => is_of_group(left) && behind.trim_start_matches(' ').starts_with(goes_on),
        (true, true) => false,
    }
}

fn is_of_value(c: char) -> bool {
    c.is_alphanumeric() || "@._-+()%=/".contains(c)
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || "-.()+".contains(c)
}

/// The groups of an IBAN have letters too.
fn is_of_group(c: char) -> bool {
    is_of_number(c) || c.is_ascii_uppercase()
}

/// What may stand on the other side of a space: more of the number, or other marks.
fn goes_on(c: char) -> bool {
    is_of_number(c) || "<>*~".contains(c)
}

fn tells(before: &str, behind: &str) -> bool {
    let telling = |near: &str| {
        memchr(b'@', near.as_bytes()).is_some() || near.bytes().any(|b| b.is_ascii_digit())
    };
    telling(suffix(before, NEAR)) || telling(prefix(behind, NEAR))
}

/// What has a form or a check digit of its own, so that two things beside one another are not taken for one.
pub(super) fn is_certain(candidate: &Candidate) -> bool {
    const KINDS: [EntityType; 7] = [
        EntityType::CREDIT_CARD,
        EntityType::CRYPTO,
        EntityType::EMAIL_ADDRESS,
        EntityType::IBAN_CODE,
        EntityType::NATIONAL_ID,
        EntityType::PHONE_NUMBER,
        EntityType::US_SSN,
    ];
    let score = candidate.score.get();
    KINDS.contains(&candidate.entity_type) && score >= 0.6
        || candidate.entity_type == secrets::SECRET && score >= 0.9
}

/// Drops of `found`, which was found without the marks, what runs over a part of something of its type that was found with them:
/// two addresses beside one another have a third between them. An address with a word behind it goes on in that as well.
/// `behind` tells for the end of one where what was left out there ends.
pub(super) fn drop_crossing(
    text: &str,
    known: &[Candidate],
    behind: impl Fn(usize) -> Option<usize>,
    found: &mut Vec<Candidate>,
) {
    if found.is_empty() {
        return;
    }
    // An address whose domain ends there, with a letter behind.
    let has_word_behind = |known: &Candidate| {
        known.entity_type == EntityType::EMAIL_ADDRESS
            && behind(known.end)
                .and_then(|end| text.get(end..)?.chars().next())
                .is_some_and(char::is_alphanumeric)
    };
    let mut by_start: Vec<&Candidate> = known.iter().collect();
    let mut by_end = by_start.clone();
    by_start.sort_unstable_by_key(|it| it.start);
    by_end.sort_unstable_by_key(|it| it.end);
    found.retain(|it| {
        let from = by_start.partition_point(|other| other.start <= it.start);
        let begins = by_start[from..].iter().take_while(|other| other.start < it.end);
        let from = by_end.partition_point(|other| other.end <= it.start);
        let ends = by_end[from..].iter().take_while(|other| other.end < it.end);
        let mut crossing = begins
            .filter(|other| other.end > it.end)
            .chain(ends.filter(|other| other.start < it.start || has_word_behind(other)));
        !crossing.any(|other| other.entity_type == it.entity_type)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text without the marks that are left out.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (mut plain, mut done) = (String::new(), 0);
        each_edit(text, &mut |edit| {
            plain += &text[done..edit.start];
            done = edit.end;
        });
        assert_eq!(plain + &text[done..], expected, "{text}");
    }

    #[test]
    fn marks_within_a_value_are_left_out() {
        check("ann@<b>a.org</b>", "ann@a.org</b>");
        check("ann<WBR/>@<!-- x --><b>a.org", "ann@a.org");
        check("<span class='x'>536</span>-<span>90</span>", "<span class='x'>536-90</span>");
        check("<b>4111</b> 1111 <i>1111</i> <i>1111</i>.", "<b>4111 1111 1111 1111.");
        check("GB82 <i>WEST</i> 1234", "GB82 WEST 1234");
        check("4111 **1111** 1111", "4111 1111 1111");
        check("4111 *1111* 1111, ~~4111~~1111", "4111 1111 1111, ~~41111111");
    }

    #[test]
    fn what_parts_two_things_stays() {
        for text in [
            "<td>4111</td><td>1111</td>",
            "4111<br>1111, 4111<p>1111, 4111</div><div>1111",
            "un<b>believ</b>able and a <b>word</b> more",
            "* 4111 1111\n* 1111 1111",
            "4111*1111*1111, 4111 * 1111, a ** b, 4111****1111, 4111~1111",
            "a < b, 4111<b, 1<<2, 4111<!-- 1111, 4111<b <i>1111",
            "Vec<u8>1, Map<a1, b2>3",
        ] {
            check(text, text);
        }
    }
}
