//! Tables in text: CSV, tab- and semicolon-separated lines, Markdown. What the header says of a column holds for all of its cells,
//! however far below they stand.
//!
//! A line is a header if its cells are short words and one of them tells what a number is (`SSN`, `Account No.`); the lines
//! under it with as many cells are its rows. Each telling column is written out as `header: cell`, one cell a line, and searched
//! again. A text without such a header costs a look at its lines.

use super::{
    Candidate,
    cells::{Cells, LONGEST_NAME, is_name, is_telling},
};
use memchr::{memchr, memchr_iter};

/// Longer lines are no header.
const LONGEST_HEADER: usize = 512;
/// At most so many columns are looked at.
pub(super) const MOST_COLUMNS: usize = 64;
/// What parts cells, the most telling first.
const MARKS: [u8; 4] = *b"|\t;,";

/// Appends what `search` finds in the cells of telling columns. Offsets are those of `text`.
pub(super) fn find(
    text: &str,
    mut search: impl FnMut(&str, &mut Vec<Candidate>),
    out: &mut Vec<Candidate>,
) {
    let mut table: Option<Table<'_>> = None;
    let mut above = "";
    let mut start = 0;
    for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let line = text.get(start..end).unwrap_or_default().trim_end_matches('\r');
        if !table.as_mut().is_some_and(|table| table.take(line, start)) {
            let next = Table::between(above, line, start);
            if let Some(done) = std::mem::replace(&mut table, next) {
                done.cells.find(&mut search, out);
            }
        }
        above = line;
        start = end + 1;
    }
    if let Some(last) = table {
        last.cells.find(&mut search, out);
    }
}

/// A header, and the cells below it.
struct Table<'t> {
    mark: u8,
    width: usize,
    /// The telling columns, each with its place.
    columns: Vec<(usize, &'t str)>,
    cells: Cells<'t>,
}

impl<'t> Table<'t> {
    /// The table that `header` opens, with its first row, which begins at `start`. `None` when it opens none.
    ///
    /// Every line of every text is asked, so what rules most of them out comes first: how many cells both lines have.
    fn between(header: &'t str, row: &'t str, start: usize) -> Option<Self> {
        if header.len() > LONGEST_HEADER || !may_be_header(header) {
            return None;
        }
        let mark = MARKS.into_iter().find(|&mark| memchr(mark, header.as_bytes()).is_some())?;
        let cells = width(header, mark);
        if width(row, mark) != cells {
            return None;
        }
        let columns = columns(header, mark)?;
        let mut table = Self { mark, width: cells, columns, cells: Cells::default() };
        table.take(row, start);
        Some(table)
    }

    /// Takes `line`, which begins at `start`, as a row. False when it is none.
    fn take(&mut self, line: &'t str, start: usize) -> bool {
        if width(line, self.mark) != self.width {
            return false;
        }
        let mut columns = self.columns.iter().peekable();
        for (place, (at, cell)) in cells(line, self.mark).enumerate() {
            if let Some((_, name)) = columns.next_if(|(of, _)| *of == place) {
                self.cells.take(name, start + at, cell);
            }
        }
        true
    }
}

/// The telling columns under `header`; `None` when it is no header or none of them tells anything.
fn columns(header: &str, mark: u8) -> Option<Vec<(usize, &str)>> {
    let is_outer = |name: &str| name.is_empty() && mark == b'|';
    if !cells(header, mark).all(|(_, name)| is_name(name) || is_outer(name)) {
        return None;
    }
    let all = cells(header, mark).enumerate();
    let telling = all.map(|(place, (_, name))| (place, name)).filter(|(_, name)| is_telling(name));
    let columns: Vec<_> = telling.take(MOST_COLUMNS).collect();
    (!columns.is_empty()).then_some(columns)
}

/// How many cells a line has.
fn width(line: &str, mark: u8) -> usize {
    if has_quotes(line, mark) {
        cells(line, mark).count()
    } else {
        memchr_iter(mark, line.as_bytes()).count() + 1
    }
}

/// Tells whether a mark may stand in quotes.
fn has_quotes(line: &str, mark: u8) -> bool {
    mark != b'|' && memchr(b'"', line.as_bytes()).is_some()
}

/// The cells of a line with their places in it, without quotes and spaces around them. A mark in quotes parts nothing.
fn cells(line: &str, mark: u8) -> impl Iterator<Item = (usize, &str)> {
    let mut quoted = false;
    let mut at = 0;
    let parts = line.split(move |c| {
        quoted ^= c == '"' && mark != b'|';
        c == char::from(mark) && !quoted
    });
    parts.map(move |part| {
        let inner = part.trim_start_matches([' ', '"', '\'']);
        let start = at + (part.len() - inner.len());
        at += part.len() + 1;
        (start, inner.trim_end_matches([' ', '"', '\'']))
    })
}

/// Tells whether the beginning of a line has a mark behind its first cell, and nothing that code and prose have early on.
fn may_be_header(line: &str) -> bool {
    let early = line.as_bytes().iter().take(LONGEST_NAME);
    let seen = early.fold(0, |seen, b| seen | EARLY[usize::from(*b)]);
    seen == MARK
}

const MARK: u8 = 1;
const ODD: u8 = 2;

/// What a byte early in a line says.
static EARLY: [u8; 256] = {
    let mut table = [0; 256];
    let mut odd: &[u8] = b"={}:$<>&!?\\";
    while let [first, rest @ ..] = odd {
        table[*first as usize] = ODD;
        odd = rest;
    }
    let mut marks: &[u8] = &MARKS;
    while let [first, rest @ ..] = marks {
        table[*first as usize] = MARK;
        marks = rest;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{EntityType, Score, cells::said_by};

    fn said(text: &str) -> Vec<String> {
        said_by(|search| find(text, search, &mut Vec::new()))
    }

    #[test]
    fn the_header_is_said_of_every_cell_below() {
        assert_eq!(said("name,ssn\nAnn,123\n\"Lee, Joe\",456\n"), ["ssn: 123", "ssn: 456"]);
        assert_eq!(said("| Name | MRN |\n|---|---|\n| Ann | 123 |\n"), ["MRN: 123"]);
        assert_eq!(said("id\tcustomerPhone\r\n1\t222\r\n"), ["customerPhone: 222"]);
    }

    #[test]
    fn a_table_ends_where_a_line_has_other_cells() {
        assert_eq!(said("a,ssn\n1,222\nthe end\n3,444\n"), ["ssn: 222"]);
    }

    #[test]
    fn prose_and_code_are_no_headers() {
        let texts = [
            "Dear Ann, I sent the card to you,\nand, then, the account, too\n",
            "fn call(phone: &str, email: &str)\n(1, 2)\n",
            "a,b\n1,2\n",
        ];
        assert_eq!(texts.map(|text| said(text).len()), [0; 3]);
    }

    #[test]
    fn what_is_found_in_a_cell_is_placed_in_the_text() {
        let text = "ssn;é\n 123 ;x\n\"456\";y";
        let search = |part: &str, out: &mut Vec<Candidate>| {
            out.extend(part.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| Candidate {
                entity_type: EntityType::US_SSN,
                start: at,
                end: at + 1,
                score: Score::MAX,
                recognizer: "test".into(),
                of_model: false,
            }));
        };
        let mut out = Vec::new();
        find(text, search, &mut out);
        let found: String = out.iter().map(|c| &text[c.start..c.end]).collect();
        assert_eq!(found, "123456");
    }
}
