//! Names and values that only layout puts together: two cells of a row, two elements of a page, a bold name, a question and its
//! answer. Each pair is searched as `name: value`.

use super::{
    Candidate, Text,
    cells::{Cells, LONGEST_NAME, is_name, is_telling},
    seen::{prefix, suffix},
};
use memchr::{memchr, memchr_iter};
use std::ops::Range;

/// Rows with more cells are those of a table with a header.
const MOST_CELLS: usize = 6;
/// Longer questions are prose, and so are longer answers, in bytes.
const LONGEST_QUESTION: usize = 160;
const LONGEST_ANSWER: usize = 64;
/// Of what stands behind a name in bold or italics so much is read, in bytes.
const LONGEST_MARKED: usize = 96;
/// At most so many tags stand between a name and its value, of so many bytes.
const MOST_TAGS: usize = 4;
const LONGEST_TAG: usize = 160;
/// Tags that end what belongs together.
const ENDS: [&str; 10] = [
    "</tr",
    "</li",
    "</dl",
    "</table",
    "</p",
    "</div",
    "<input",
    "<select",
    "<textarea",
    "<button",
];

/// Appends what `search` finds in the values. Offsets are those of `text`.
pub(super) fn find(
    text: &str,
    mut search: impl FnMut(&str, &mut Vec<Candidate>),
    out: &mut Vec<Candidate>,
) {
    let mut cells = Cells::default();
    // Most texts have none of these marks, and a look for one byte is cheaper than one for two.
    let has = |mark: u8| memchr(mark, text.as_bytes()).is_some();
    if has(b'|') {
        take_rows(text, &mut cells);
    }
    take_tabbed(text, &mut cells);
    if has(b'<') {
        take_elements(text, &mut cells);
    }
    if has(b'*') {
        take_marked(text, &mut cells);
    }
    if has(b'?') {
        take_answers(text, &mut cells);
    }
    cells.find(&mut search, out);
}

/// `texts` with what the one before asks for as the label of those that are nothing but an answer.
pub(super) fn labelled<'t>(texts: &[Text<'t>]) -> Vec<Text<'t>> {
    let before = std::iter::once("").chain(texts.iter().map(|text| text.text));
    texts.iter().zip(before).map(|(text, before)| answering(*text, before)).collect()
}

fn answering<'t>(text: Text<'t>, before: &'t str) -> Text<'t> {
    let is_answer = text.label.is_none() && text.text.len() <= LONGEST_ANSWER;
    // A handle at the beginning answers somebody rather than something.
    if !is_answer || text.text.contains('\n') || text.text.starts_with('@') {
        return text;
    }
    let question = suffix(before.trim_end(), LONGEST_QUESTION);
    let question = question.rsplit('\n').next().unwrap_or_default();
    Text { label: question.strip_suffix(['?', ':', '？', '：']).and_then(asked), ..text }
}

/// Where the two marks stand behind each other. Most texts have none: to look for one of them takes less than to begin a search for
/// both.
fn pairs(text: &str, marks: &[u8; 2]) -> impl Iterator<Item = usize> {
    let (bytes, [first, second]) = (text.as_bytes(), *marks);
    memchr_iter(first, bytes).filter(move |at| bytes.get(at + 1) == Some(&second))
}

/// `| Password | … |`
fn take_rows<'t>(text: &'t str, cells: &mut Cells<'t>) {
    let first = text.starts_with('|').then_some(0);
    for start in first.into_iter().chain(pairs(text, b"\n|").map(|at| at + 1)) {
        let line = text.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        let Some(inner) = line.trim_end().get(1..).and_then(|l| l.strip_suffix('|')) else {
            continue;
        };
        let count = inner.split('|').count();
        if count % 2 == 1 || count > MOST_CELLS {
            continue;
        }
        let mut at = start + 1;
        let mut name = None;
        for (nth, part) in inner.split('|').enumerate() {
            let end = at + part.len();
            match name.take() {
                Some(name) => take(text, name, at..end, cells),
                None if nth % 2 == 0 => name = telling(part),
                None => {}
            }
            at = end + 1;
        }
    }
}

/// A name and a value in a line with one tab between.
fn take_tabbed<'t>(text: &'t str, cells: &mut Cells<'t>) {
    for at in memchr_iter(b'\t', text.as_bytes()) {
        let left = suffix(text.get(..at).unwrap_or_default(), LONGEST_NAME + 1);
        // Most tabs are passed over here: few stand behind a word that begins its line.
        if left.len() < at && !left.contains('\n') {
            continue;
        }
        let name = left.rsplit('\n').next().and_then(telling);
        let Some(name) = name else { continue };
        let rest = prefix(text.get(at + 1..).unwrap_or_default(), LONGEST_MARKED);
        let len = rest.find(['\n', '\t']).unwrap_or(rest.len());
        if !rest.get(len..).is_some_and(|rest| rest.starts_with('\t')) {
            take(text, name, at + 1..at + 1 + len, cells);
        }
    }
}

/// `<td>Password</td><td>…</td>`, `<b>Password:</b> …`
fn take_elements<'t>(text: &'t str, cells: &mut Cells<'t>) {
    for at in pairs(text, b"</") {
        let left = suffix(text.get(..at).unwrap_or_default(), LONGEST_NAME + 1);
        let Some((_, name)) = left.rsplit_once('>') else { continue };
        let Some(name) = telling(name) else { continue };
        if let Some(start) = behind_tags(text, at) {
            let rest = text.get(start..).unwrap_or_default();
            let len = rest.find(['<', '\n']).unwrap_or(rest.len());
            take(text, name, start..start + len, cells);
        }
    }
}

/// Where the text behind the tags at `at` begins; `None` when they end what belongs together.
fn behind_tags(text: &str, mut at: usize) -> Option<usize> {
    for _ in 0..=MOST_TAGS {
        let rest = text.get(at..)?;
        let next = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ':');
        at += rest.len() - next.len();
        if !next.starts_with('<') {
            return Some(at);
        }
        if ENDS.iter().any(|end| next.starts_with(end)) {
            return None;
        }
        at += prefix(next, LONGEST_TAG).find('>')? + 1;
    }
    None
}

/// `*PIN:* …`, `**Password**: …`
fn take_marked<'t>(text: &'t str, cells: &mut Cells<'t>) {
    for mark in [b":*", b"*:"] {
        for at in pairs(text, mark) {
            let left = suffix(text.get(..at).unwrap_or_default(), LONGEST_NAME + 2);
            let Some((_, name)) = left.trim_end_matches('*').rsplit_once('*') else { continue };
            let Some(name) = telling(name) else { continue };
            let start = at + 1;
            let rest = prefix(text.get(start..).unwrap_or_default(), LONGEST_MARKED);
            let value = rest.trim_start_matches([' ', '*', ':']);
            let len = value.find('\n').unwrap_or(value.len());
            let from = start + (rest.len() - value.len());
            take(text, name, from..from + len, cells);
        }
    }
}

/// `Agent: account number?` and on the next line `Caller: …`
fn take_answers<'t>(text: &'t str, cells: &mut Cells<'t>) {
    let bytes = text.as_bytes();
    for at in memchr_iter(b'?', bytes).filter(|at| bytes.get(at + 1) == Some(&b'\n')) {
        let question = suffix(text.get(..at).unwrap_or_default(), LONGEST_QUESTION);
        let Some(name) = question.rsplit('\n').next().and_then(asked) else { continue };
        let rest = text.get(at + 1..).unwrap_or_default();
        let line = rest.trim_start();
        let line = line.split('\n').next().unwrap_or_default();
        let answer = answer(line);
        if answer.len() <= LONGEST_ANSWER {
            let from =
                at + 1 + (rest.len() - rest.trim_start().len()) + (line.len() - answer.len());
            take(text, name, from..from + answer.len(), cells);
        }
    }
}

/// An answer without who gives it and the words that it begins with.
fn answer(line: &str) -> &str {
    const BEGINNINGS: [&str; 10] = [
        "it's ", "it is ", "It's ", "It is ", "yes, ", "Yes, ", "sure, ", "Sure, ", "that's ",
        "That's ",
    ];
    let said = line.split_once(": ").filter(|(who, _)| {
        who.len() <= 24 && who.chars().all(|c| c.is_alphabetic() || " .'-".contains(c))
    });
    let mut rest = said.map_or(line, |(_, said)| said).trim_start();
    while let Some(next) = BEGINNINGS.iter().find_map(|beginning| rest.strip_prefix(beginning)) {
        rest = next;
    }
    rest
}

/// What a question asks for: the last of its words between others that tells what a value is. `on the account` tells it only
/// where nothing else does.
fn asked(question: &str) -> Option<&str> {
    #[rustfmt::skip]
    const BETWEEN: &[&str] = &[
        "a", "again", "an", "and", "are", "at", "bitte", "can", "could", "cual", "cuál", "dein", "deine", "do", "el", "es", "est", "et",
        "give", "have", "i", "ihr", "ihre", "il", "is", "ist", "it", "la", "lautet", "le", "may", "me", "meine", "my", "need", "or", "please",
        "qual", "quel", "quelle", "su", "tell", "that", "the", "their", "there", "tu", "und", "votre", "we", "what", "what's", "whats", "which",
        "wie", "y", "you", "your", "è",
    ];
    const OF: [&str; 12] =
        ["on", "for", "of", "in", "to", "with", "from", "auf", "für", "de", "del", "pour"];
    let mut end = question.len();
    let mut run: Option<Range<usize>> = None;
    // The name at hand, behind words that only join it to what stands before.
    let mut told: Option<&str> = None;
    for word in question.rsplit(' ') {
        let start = end - word.len();
        let plain = word.trim_end_matches([':', '.', '!', '?', ',']);
        let lower = plain.to_lowercase();
        let is_between = BETWEEN.contains(&lower.as_str()) || OF.contains(&lower.as_str());
        if is_between || plain.len() < word.len() {
            told = run.take().and_then(|run| telling(question.get(run)?)).or(told);
        }
        if !is_between && !plain.is_empty() {
            // Nothing goes on from here to the name: it stands by itself.
            if run.is_none()
                && told.is_some()
                && !is_joined(question.get(start + plain.len()..)?, &OF)
            {
                return told;
            }
            run = Some(start..run.map_or(start + plain.len(), |run| run.end));
        }
        end = start.saturating_sub(1);
    }
    run.and_then(|run| telling(question.get(run)?)).or(told)
}

/// True if the first word of `text` is one of `words`.
fn is_joined(text: &str, words: &[&str]) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    words.iter().any(|word| word.eq_ignore_ascii_case(first))
}

/// `name` without marks around, if it is one that tells what a value is.
fn telling(name: &str) -> Option<&str> {
    let plain = name.trim_matches(|c: char| c.is_whitespace() || "*_`:".contains(c));
    (is_name(plain) && is_telling(plain)).then_some(plain)
}

/// Takes what stands in `range`, without marks around, as the value of `name`.
fn take<'t>(text: &'t str, name: &'t str, range: Range<usize>, cells: &mut Cells<'t>) {
    let is_mark = |c: char| c.is_whitespace() || "*`".contains(c);
    let part = text.get(range.clone()).unwrap_or_default();
    let value = part.trim_start_matches(is_mark);
    cells.take(name, range.end - value.len(), value.trim_end_matches(is_mark));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::cells::said_by;

    fn said(text: &str) -> Vec<String> {
        said_by(|search| find(text, search, &mut Vec::new()))
    }

    #[test]
    fn what_stands_beside_a_name_is_its_value() {
        for (text, value) in [
            ("| Password | `x1y2` |", "Password: x1y2"),
            ("a\nPIN\t4482\nb", "PIN: 4482"),
            ("a\n| **PIN** | 4482 |\n", "PIN: 4482"),
            ("<tr><td>Password</td>\n <td class=\"a\">x1y2</td></tr>", "Password: x1y2"),
            ("<dt>Account number</dt><dd>882</dd>", "Account number: 882"),
            ("<b>Password:</b> x1y2<br>", "Password: x1y2"),
            ("<th><b>PIN</b></th><td>4482</td>", "PIN: 4482"),
            ("*PIN:* 4482", "PIN: 4482"),
            ("**PIN**: 4482", "PIN: 4482"),
            ("Agent: account number?\nCaller: it's 882", "account number: 882"),
            ("What is the password on the account?\n\nx1y2", "password: x1y2"),
        ] {
            assert_eq!(said(text), [value], "{text}");
        }
    }

    #[test]
    fn prose_and_rows_of_tables_are_no_pairs() {
        for text in [
            "| Name | Count | PIN |\n|---|---|---|",
            "PIN\tcount\ttotal\n4482\t1\t2",
            "\t\tpassword\n\tother",
            "<label>First name</label><input><div>Valid first name is required.</div>",
            "<td>Password</td></tr><tr><td>other</td>",
            "I like it: *the pin* is here",
            "Do you know the time?\n4482",
            "Is the account closed?\nYes, since the customer asked for it in a long letter to the bank of his.",
        ] {
            assert_eq!(said(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_short_text_is_labelled_with_what_the_text_before_asks_for() {
        let label = |before, text| {
            labelled(&[Text::from(before), Text::from(text)]).pop().and_then(|text| text.label)
        };
        assert_eq!(label("Hello.\nWhat is your SSN?", "536904399"), Some("SSN"));
        assert_eq!(
            label("Could you give me your phone number, please?", "4155550132"),
            Some("phone number")
        );
        assert_eq!(label("password:", "x1y2"), Some("password"));
        assert_eq!(label("And the security code on the card?", "412"), Some("security code"));
        assert_eq!(
            label("Please confirm the order. What's your account number?", "8820114390"),
            Some("account number")
        );
        assert_eq!(label("Wie lautet Ihre Kontonummer?", "8820114390"), Some("Kontonummer"));
        assert_eq!(label("How are you?", "536904399"), None);
        assert_eq!(label("What is your SSN?", "536904399\nThanks"), None);
        assert_eq!(label("I know your SSN.", "536904399"), None);
    }
}
