//! Rows of a PostgreSQL dump: `COPY members (id, passport_no) FROM stdin;` and lines of cells parted by tabs, up to `\.`. What the list
//! of columns says of a place holds for that place in all rows, as in a [table](super::table).

use super::{
    Candidate,
    cells::{Cells, is_telling},
    seen::suffix,
};
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// What `pg_dump` writes behind the list.
static SOURCE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" FROM stdin;\n"));

/// Longer lists of columns are not read, in bytes.
const LONGEST_LIST: usize = 2048;

/// Appends what `search` finds in the cells of telling columns. Offsets are those of `text`.
pub(super) fn find(
    text: &str,
    mut search: impl FnMut(&str, &mut Vec<Candidate>),
    out: &mut Vec<Candidate>,
) {
    let mut cells = Cells::default();
    let mut done = 0;
    for at in SOURCE.find_iter(text.as_bytes()) {
        // What was a row is no list: so each line is read once, whatever the text holds.
        if at < done {
            continue;
        }
        if let Some(columns) = columns(text.get(..at).unwrap_or_default()) {
            done = take_rows(text, at + SOURCE.needle().len(), &columns, &mut cells);
        }
    }
    cells.find(&mut search, out);
}

/// The names of the columns in the list that ends `left`, if one of them tells anything.
fn columns(left: &str) -> Option<Vec<&str>> {
    let line = suffix(left, LONGEST_LIST).rsplit('\n').next()?;
    let (table, list) = line.strip_prefix("COPY ")?.strip_suffix(')')?.split_once('(')?;
    let names: Vec<&str> = list.split(',').map(|name| name.trim().trim_matches('"')).collect();
    (!table.is_empty() && names.iter().any(|name| is_telling(name))).then_some(names)
}

/// Takes the cells of telling columns of the lines from `at` on that have as many cells as there are columns, and tells up to where.
fn take_rows<'t>(
    text: &'t str,
    mut at: usize,
    columns: &[&'t str],
    taken: &mut Cells<'t>,
) -> usize {
    for line in text.get(at..).unwrap_or_default().split('\n') {
        let row = line.trim_end_matches('\r');
        if row == "\\." || row.split('\t').count() != columns.len() {
            break;
        }
        let mut start = at;
        for (name, cell) in columns.iter().zip(row.split('\t')) {
            if is_telling(name) {
                taken.take(name, start, cell);
            }
            start += cell.len() + 1;
        }
        at += line.len() + 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::cells::said_by;

    fn said(text: &str) -> Vec<String> {
        said_by(|search| find(text, search, &mut Vec::new()))
    }

    #[test]
    fn the_name_of_a_column_is_said_of_its_cells_up_to_the_end_of_the_rows() {
        let text = "x;\nCOPY public.members (id, \"passport_no\") FROM stdin;\n1\tLR4418823\n2\t\\N\n\\.\n3\tx12345\n";
        assert_eq!(said(text), ["passport_no: LR4418823"]);
        let twice =
            "COPY a (ssn) FROM stdin;\n123\n\\.\nCOPY b (id, pin) FROM stdin;\n1\t4821\n\\.\n";
        assert_eq!(said(twice), ["ssn: 123", "pin: 4821"]);
    }

    #[test]
    fn other_lists_and_rows_are_passed_over() {
        for text in [
            "COPY t (id, ssn) FROM stdin;\nno row 123\n",
            "COPY t (id, note) FROM stdin;\n1\t123456\n",
            "a copy (ssn) FROM stdin;\n123\n",
            "COPY t FROM stdin;\n1\t123\n",
        ] {
            assert_eq!(said(text), [""; 0], "{text}");
        }
    }
}
