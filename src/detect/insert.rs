//! Rows that SQL inserts: `INSERT INTO t (name, password) VALUES ('Ann', '…')`. What the list of columns says of a place holds for
//! that place in all rows, as in a [table](super::table).

use super::{
    Candidate,
    cells::{Cells, is_telling},
    seen::{prefix, suffix},
};
use memchr::memchr_iter;

/// Stands between the list of columns and the rows.
const VALUES: &str = "values";

/// Longer lists of columns are not read, in bytes.
const LONGEST_LIST: usize = 2048;
/// The longest name of a table with the word in front, in bytes.
const LONGEST_TABLE: usize = 160;
/// The most words of both.
const MOST_WORDS: usize = 6;
/// Longer rows are not read either.
const LONGEST_ROW: usize = 8192;

/// Appends what `search` finds in the cells of telling columns. Offsets are those of `text`.
pub(super) fn find(
    text: &str,
    mut search: impl FnMut(&str, &mut Vec<Candidate>),
    out: &mut Vec<Candidate>,
) {
    let mut from = 0;
    for close in memchr_iter(b')', text.as_bytes()) {
        let Some(at) = behind_values(text, close + 1).filter(|_| close >= from) else { continue };
        let Some((columns, width)) = columns(text.get(..close).unwrap_or_default()) else {
            continue;
        };
        let mut cells = Cells::default();
        from = take_rows(text, at, width, &columns, &mut cells);
        cells.find(&mut search, out);
    }
}

/// Where the text behind the word `VALUES` begins, if that is what follows `at`.
fn behind_values(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let word = rest.trim_start();
    let is_values = word.get(..VALUES.len()).is_some_and(|word| word.eq_ignore_ascii_case(VALUES));
    is_values.then_some(at + (rest.len() - word.len()) + VALUES.len())
}

/// The telling columns of the list that ends `left` but for its bracket, each with its place, and how many it names in all.
fn columns(left: &str) -> Option<(Vec<(usize, &str)>, usize)> {
    let near = suffix(left, LONGEST_LIST);
    // No bracket stands in a list: so each byte is read for one list, whatever the text holds.
    let open = near.rfind(['(', ')']).filter(|at| near[*at..].starts_with('('))?;
    let list = near.get(open + 1..)?;
    let inserts = is_insert(left.get(..left.len() - list.len() - 1)?);
    let name = |part| str::trim_matches(str::trim(part), ['"', '`', '\'', '[', ']', '\\']);
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_ .".contains(c))
    };
    if !inserts || !list.split(',').map(name).all(is_name) {
        return None;
    }
    let columns = list.split(',').map(name).enumerate().filter(|(_, name)| is_telling(name));
    let columns: Vec<_> = columns.collect();
    (!columns.is_empty()).then(|| (columns, list.split(',').count()))
}

/// `INTO` or `INSERT` stands near in front, with the name of a table, which may have spaces, and another one given to it.
fn is_insert(left: &str) -> bool {
    let words = suffix(left, LONGEST_TABLE).split_ascii_whitespace().rev();
    words
        .take(MOST_WORDS)
        .any(|word| ["INTO", "INSERT"].iter().any(|verb| word.eq_ignore_ascii_case(verb)))
}

/// Takes the cells of the `columns` of the rows from `at` on that have `width` of them, and tells up to where the text was read.
fn take_rows<'t>(
    text: &'t str,
    mut at: usize,
    width: usize,
    columns: &[(usize, &'t str)],
    taken: &mut Cells<'t>,
) -> usize {
    while let Some((cells, end)) = row(text, at) {
        for (place, name) in columns.iter().filter(|_| cells.len() == width) {
            if let Some((start, cell)) = cells.get(*place) {
                taken.take(name, *start, cell);
            }
        }
        at = end;
    }
    // A row that does not end is not read again, so that no text makes this slow.
    let is_open = text.get(at..).is_some_and(|rest| rest.trim_start().starts_with('('));
    if is_open { prefix(text, at + LONGEST_ROW).len() } else { at }
}

/// The cells of the row at `at`, without their quotes, and where the row ends, with the comma behind it.
fn row(text: &str, at: usize) -> Option<(Vec<(usize, &str)>, usize)> {
    let rest = prefix(text.get(at..)?, LONGEST_ROW);
    let open = rest.trim_start().strip_prefix('(')?;
    let from = at + (rest.len() - open.len());
    let mut start = from;
    let mut cells = Vec::new();
    let (mut quote, mut depth) = (None, 0_usize);
    for (place, c) in open.char_indices() {
        let place = from + place;
        match c {
            '\'' | '"' if quote.is_none() => quote = Some(c),
            // `''` closes and opens again.
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ',' | ')' if depth == 0 => {
                cells.push(cell(text, start, place));
                start = place + 1;
                if c == ')' {
                    let behind = text.get(start..)?;
                    let next = behind.trim_start();
                    let next = next.strip_prefix(',').unwrap_or(next);
                    return Some((cells, text.len() - next.len()));
                }
            }
            ';' => return None,
            _ => {}
        }
    }
    None
}

/// What stands in `start..end` without spaces and quotes around it, with its place.
fn cell(text: &str, start: usize, end: usize) -> (usize, &str) {
    let part = text.get(start..end).unwrap_or_default();
    let inner = part.trim_start_matches(|c: char| c.is_whitespace() || "'\"\\".contains(c));
    let at = end - inner.len();
    (at, inner.trim_end_matches(|c: char| c.is_whitespace() || "'\"\\".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::cells::said_by;

    fn said(text: &str) -> Vec<String> {
        said_by(|search| find(text, search, &mut Vec::new()))
    }

    #[test]
    fn the_name_of_a_column_is_said_of_its_cells_in_every_row() {
        let text = "INSERT INTO `users` (`id`, `password`) VALUES (1, 'a,b)c'), (2, 'it''s'),\n (3, NULL);";
        assert_eq!(said(text), ["password: a,b)c", "password: it''s", "password: NULL"]);
        let twice = "INSERT INTO t (pin) VALUES ('4821'); INSERT INTO t (pin) VALUES ('7733');";
        assert_eq!(said(twice), ["pin: 4821", "pin: 7733"]);
        let merged = "WHEN NOT MATCHED THEN INSERT (id, ssn) VALUES (1, '123')";
        assert_eq!(said(merged), ["ssn: 123"]);
        assert_eq!(said("INSERT INTO a.b(ssn) VALUES('123')"), ["ssn: 123"]);
        assert_eq!(said("INSERT INTO `my db`.`t` AS u (ssn) VALUES ('123')"), ["ssn: 123"]);
        assert_eq!(said("insert into t (note, ssn)\nvalues (upper('x, y'), '123')"), ["ssn: 123"]);
    }

    #[test]
    fn rows_of_another_width_and_other_words_are_passed_over() {
        for text in [
            "INSERT INTO t (a, ssn) VALUES ('123')",
            "f(ssn) values (123",
            "the values (ssn) are given",
            "INSERT INTO t VALUES (1, 'x')",
            "INSERT INTO t (ssn, a b?) values (1, 2)",
            "INSERT INTO t (ssn, lower(b)) values (1, 2)",
            "the columns (ssn, note) values (123, 'x')",
            "f(ssn, note) values (123, 'x')",
        ] {
            assert_eq!(said(text), [""; 0], "{text}");
        }
    }
}
