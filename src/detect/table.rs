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
use memchr::{memchr, memchr_iter, memrchr};

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
    let has = |mark: u8| memchr(mark, text.as_bytes()).is_some();
    if !has(b'\n') {
        return;
    }
    for mark in MARKS.into_iter().filter(|&mark| has(mark)) {
        let mut table: Option<Table<'_>> = None;
        let mut above: Option<Line<'_>> = None;
        each_line(text, mark, |line| {
            let above = above.replace(line).filter(|above| above.end + 1 == line.start);
            if !table.as_mut().is_some_and(|table| above.is_some() && table.take(&line)) {
                if let Some(done) = &table {
                    done.cells.find(&mut search, out);
                    table = None;
                }
                if let Some(above) = above.filter(|above| above.may_head(&line)) {
                    table = Table::between(&above, &line);
                }
            }
        });
        if let Some(last) = table {
            last.cells.find(&mut search, out);
        }
    }
}

/// A line of a text.
#[derive(Clone, Copy)]
struct Line<'t> {
    all: &'t str,
    start: usize,
    end: usize,
    /// What may part its cells,
    mark: u8,
    /// how many of it there are, also in quotes,
    marks: usize,
    /// and how many bytes stand in front of the first.
    first: usize,
}

/// Calls `visit` with the lines of `text` that have a `mark`. All of every text is read so: nothing else of it is looked at.
fn each_line<'t>(text: &'t str, mark: u8, mut visit: impl FnMut(Line<'t>)) {
    let bytes = text.as_bytes();
    let mut line = Line { all: text, start: 0, end: 0, mark, marks: 0, first: 0 };
    for at in memchr_iter(mark, bytes) {
        if line.marks > 0 && at > line.end {
            visit(line);
            line.marks = 0;
        }
        if line.marks == 0 {
            let behind_last = bytes.get(line.end..at).unwrap_or_default();
            line.start = memrchr(b'\n', behind_last).map_or(line.start, |n| line.end + n + 1);
            line.first = at - line.start;
            let rest = bytes.get(at..).unwrap_or_default();
            line.end = memchr(b'\n', rest).map_or(bytes.len(), |n| at + n);
        }
        line.marks += 1;
    }
    if line.marks > 0 {
        visit(line);
    }
}

impl<'t> Line<'t> {
    fn text(&self) -> &'t str {
        self.all.get(self.start..self.end).unwrap_or_default()
    }

    /// It may be the header of `row`, by how many marks there are and by where the first one is. Every line of every text is
    /// asked, and this rules most of them out.
    fn may_head(&self, row: &Self) -> bool {
        self.marks > 0
            && self.marks <= row.marks
            && self.first <= LONGEST_NAME
            && self.end - self.start <= LONGEST_HEADER
    }

    /// It may be a header by how it begins, and by its marks: one in quotes would be in a name, where none can be.
    fn may_be_header(&self) -> bool {
        let begins_with_name =
            || self.cells().next().is_some_and(|(_, cell)| is_name(cell) || cell.is_empty());
        let most_telling = || {
            let more = MARKS.into_iter().take_while(|&mark| mark != self.mark);
            !more.into_iter().any(|mark| memchr(mark, self.text().as_bytes()).is_some())
        };
        begins_with_name() && is_plain(self.text()) && most_telling()
    }

    /// It has as many cells as a header with so many marks. A mark in quotes parts nothing.
    fn has_cells(&self, marks: usize) -> bool {
        let quoted = || self.mark != b'|' && memchr(b'"', self.text().as_bytes()).is_some();
        self.marks >= marks
            && if quoted() { self.cells().count() == marks + 1 } else { self.marks == marks }
    }

    /// The cells with their places in the text, without quotes and spaces around them.
    fn cells(&self) -> impl Iterator<Item = (usize, &'t str)> {
        let mark = self.mark;
        let mut quoted = false;
        let mut at = self.start;
        let parts = self.text().trim_end_matches('\r').split(move |c| {
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
}

/// A header, and the cells below it.
struct Table<'t> {
    /// How many marks part the cells of each line.
    marks: usize,
    /// The telling columns, each with its place.
    columns: Vec<(usize, &'t str)>,
    cells: Cells<'t>,
}

impl<'t> Table<'t> {
    /// The table that `header` opens, with its first row. `None` when it opens none.
    fn between(header: &Line<'t>, row: &Line<'t>) -> Option<Self> {
        if !row.has_cells(header.marks) || !header.may_be_header() {
            return None;
        }
        let mut table =
            Self { marks: header.marks, columns: columns(header)?, cells: Cells::default() };
        table.take(row);
        Some(table)
    }

    /// Takes `line` as a row. False when it is none.
    fn take(&mut self, line: &Line<'t>) -> bool {
        if !line.has_cells(self.marks) {
            return false;
        }
        let mut columns = self.columns.iter().peekable();
        for (place, (at, cell)) in line.cells().enumerate() {
            if let Some((_, name)) = columns.next_if(|(of, _)| *of == place) {
                self.cells.take(name, at, cell);
            }
        }
        true
    }
}

/// The telling columns under `header`; `None` when it is no header or none of them tells anything.
fn columns<'t>(header: &Line<'t>) -> Option<Vec<(usize, &'t str)>> {
    let is_outer = |name: &str| name.is_empty() && header.mark == b'|';
    if !header.cells().all(|(_, name)| is_name(name) || is_outer(name)) {
        return None;
    }
    let all = header.cells().enumerate();
    let telling = all.map(|(place, (_, name))| (place, name)).filter(|(_, name)| is_telling(name));
    let columns: Vec<_> = telling.take(MOST_COLUMNS).collect();
    (!columns.is_empty()).then_some(columns)
}

/// Tells whether the beginning of a line has nothing that code and prose have early on.
fn is_plain(line: &str) -> bool {
    !line.bytes().take(LONGEST_NAME).any(|b| IS_ODD[usize::from(b)])
}

static IS_ODD: [bool; 256] = {
    let mut table = [false; 256];
    let mut odd: &[u8] = b"={}:$<>&!?\\";
    while let [first, rest @ ..] = odd {
        table[*first as usize] = true;
        odd = rest;
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
