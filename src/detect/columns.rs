//! Tables in text whose columns are set by spaces, as commands and people write them. What the header says of a column holds for
//! all of its cells, as in a [table](super::table).
//!
//! ```text
//! user      password       host
//! mbeckett  Tr0ub4dour&3   app01
//! ```

use super::{
    Candidate,
    cells::{Cells, is_name, is_telling},
};
use memchr::{memchr, memmem, memrchr};

/// Longer lines are no header, in bytes.
const LONGEST_HEADER: usize = 240;
/// Longer rows are not read.
const LONGEST_ROW: usize = 1024;
/// The most columns.
const MOST: usize = 16;

/// Appends what `search` finds in the cells of telling columns. Offsets are those of `text`.
pub(super) fn find(
    text: &str,
    mut search: impl FnMut(&str, &mut Vec<Candidate>),
    out: &mut Vec<Candidate>,
) {
    let bytes = text.as_bytes();
    let mut cells = Cells::default();
    let mut done = 0;
    for gap in memmem::find_iter(bytes, b"  ") {
        if gap < done {
            continue;
        }
        let start = memrchr(b'\n', &bytes[done..gap]).map_or(done, |at| done + at + 1);
        let Some(end) = memchr(b'\n', &bytes[gap..]).map(|at| gap + at) else { break };
        done = end + 1;
        // Most such lines are indented code.
        if gap == start || end - start > LONGEST_HEADER {
            continue;
        }
        let header = text.get(start..end).unwrap_or_default().trim_end();
        if let Some(columns) = columns(header) {
            done = take_rows(text, done, &columns, &mut cells);
        }
    }
    cells.find(&mut search, out);
}

/// A column: where it begins in its line, its name, and whether that tells what its values are.
struct Column<'t> {
    at: usize,
    name: &'t str,
    is_telling: bool,
}

/// The columns under `header`, if it is one that tells anything.
fn columns(header: &str) -> Option<Vec<Column<'_>>> {
    let columns: Vec<_> = cells(header)
        .take(MOST + 1)
        .map(|(at, name)| Column { at, name, is_telling: is_telling(name) })
        .collect();
    ((2..=MOST).contains(&columns.len())
        && columns.iter().all(|column| is_name(column.name) && !ends_sentence(column.name))
        && columns.iter().any(|column| column.is_telling))
    .then_some(columns)
}

/// `No.` may head a column.
fn ends_sentence(name: &str) -> bool {
    name.ends_with('.') && name.contains(' ')
}

/// What stands between gaps of two spaces and more, with its place.
fn cells(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    line.split("  ").filter_map(move |part| {
        let start = at + (part.len() - part.trim_start().len());
        at += part.len() + 2;
        let part = part.trim();
        (!part.is_empty()).then_some((start, part))
    })
}

/// Takes the cells of the lines from `at` on that have as many of them, or have them where the columns begin, and tells up to where.
fn take_rows<'t>(
    text: &'t str,
    mut at: usize,
    columns: &[Column<'t>],
    taken: &mut Cells<'t>,
) -> usize {
    for (nth, line) in text.get(at..).unwrap_or_default().split('\n').enumerate() {
        let row = line.trim_end();
        let is_rule = nth == 0 && !row.is_empty() && row.bytes().all(|b| b"-=+ ".contains(&b));
        if !is_rule {
            if row.len() > LONGEST_ROW {
                break;
            }
            let Some(row) = under(row, columns) else { break };
            for (column, (start, cell)) in columns.iter().zip(row) {
                if column.is_telling {
                    taken.take(column.name, at + start, cell);
                }
            }
        }
        at += line.len() + 1;
    }
    at.min(text.len())
}

/// The cells of a row, one for each column.
fn under<'t>(row: &'t str, columns: &[Column<'_>]) -> Option<Vec<(usize, &'t str)>> {
    let split: Vec<_> = cells(row).take(columns.len() + 1).collect();
    if split.len() == columns.len() {
        return Some(split);
    }
    // Long values leave one space only; the last ones may be missing.
    let mut placed = Vec::with_capacity(columns.len());
    for (nth, column) in columns.iter().enumerate() {
        let ends = columns.get(nth + 1).map_or(row.len(), |next| next.at).min(row.len());
        let cell = row.get(column.at.min(ends)..ends)?;
        let is_apart =
            column.at == 0 || column.at >= row.len() || row.get(column.at - 1..)?.starts_with(' ');
        if !is_apart || cell.starts_with(' ') && !cell.trim().is_empty() {
            return None;
        }
        placed.push((column.at.min(row.len()), cell.trim()));
    }
    // Two words of prose may stand under two names by chance.
    (split.len() > 1 || columns.len() > 2 && placed.iter().all(|(_, cell)| !cell.is_empty()))
        .then_some(placed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::cells::said_by;

    fn said(text: &str) -> Vec<String> {
        said_by(|search| find(text, search, &mut Vec::new()))
    }

    #[test]
    fn the_header_is_said_of_the_cells_below() {
        let text =
            "user      password\nmbeckett  Tr0ub4dour&3\nlindhe    purple-Kayak9\n\nend  of  it";
        assert_eq!(
            said(text),
            ["user: mbeckett", "password: Tr0ub4dour&3", "user: lindhe", "password: purple-Kayak9"]
        );
        assert_eq!(said("x:\nNo  SSN\n--  ----\n1   123\n"), ["SSN: 123"]);
    }

    #[test]
    fn long_values_and_missing_ones_are_told_by_their_places() {
        let text = "name   pwd       host\nzsofia Dobos!To1 app\nann    x9!tuliq";
        assert_eq!(said(text), ["pwd: Dobos!To1", "pwd: x9!tuliq"]);
    }

    #[test]
    fn indented_lines_and_prose_are_no_headers() {
        let texts = [
            "    password  user\n    a  b\n",
            "The password.  It is told.\nSee  it\n",
            "user  name\nthis is a line\n",
            "user  password",
        ];
        assert_eq!(texts.map(|text| said(text).len()), [0; 4]);
    }
}
