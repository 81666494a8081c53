//! Rows of numbers that belong to nobody: dumps of memory and tables of figures.

use crate::detect::seen::Seen;

/// Tells whether the match stands in a dump of memory: in the same row are two groups of `width` hexadecimal digits with letters,
/// or the offset that begins its line. One such word alone may be anything: a room, the French `de`.
pub(super) fn is_in_dump(seen: &Seen<'_>, width: usize) -> bool {
    let (line, is_whole) = match seen.left().rsplit_once('\n') {
        Some((_, line)) => (line, true),
        None => (seen.left(), seen.left().len() == seen.start),
    };
    let left = words(line).rev().take_while(|word| is_hex(word, width));
    let right = behind(seen).take_while(|word| is_hex(word, width));
    let goes_on = behind(seen).next().is_some_and(|word| is_hex(word, width));
    let bytes = left.clone().count();
    let first =
        words(line).rev().nth(bytes).filter(|_| is_whole && words(line).count() == bytes + 1);
    left.chain(right).filter(|word| has_letter(word)).count() > 1
        || first.is_some_and(|word| is_offset(word, goes_on || bytes > 0))
            && (goes_on || bytes > 0 || !is_prose(seen.right()))
}

/// Tells whether more groups of `width` digits stand in the same row: two of them, in front or behind.
pub(super) fn is_in_table(seen: &Seen<'_>, width: usize) -> bool {
    let line = seen.left().rsplit('\n').next().unwrap_or_default();
    let is_figure = |word: &&str| word.len() == width && word.bytes().all(|b| b.is_ascii_digit());
    let left = words(line).rev().take(2).take_while(is_figure).count();
    left + behind(seen).take(2).take_while(is_figure).count() > 1
}

/// The words behind the match in its line.
fn behind<'t>(seen: &Seen<'t>) -> impl Iterator<Item = &'t str> {
    words(seen.right().split('\n').next().unwrap_or_default())
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    text.split([' ', '\t']).filter(|word| !word.is_empty())
}

fn is_hex(word: &str, width: usize) -> bool {
    word.len() == width && word.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A word right behind: the column of characters stands apart.
fn is_prose(right: &str) -> bool {
    right.strip_prefix(' ').is_some_and(|rest| {
        let len = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        len > 2
            && rest
                .get(len..)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',', '.', '\n']))
    })
}

/// Words such as `de`, `fade` and `beef` have no digits.
fn has_letter(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_alphabetic()) && word.bytes().any(|b| b.is_ascii_digit())
}

/// `000012a0:`, `0x40:`; without a colon only where the row `goes_on` behind the match.
fn is_offset(word: &str, goes_on: bool) -> bool {
    let digits = word.strip_suffix(':').unwrap_or(word);
    let hex = digits.strip_prefix("0x").unwrap_or(digits);
    let is_colon = digits.len() < word.len();
    // `401136:` as objdump prints addresses, beside more bytes.
    let of_code = is_colon && goes_on && hex.len() >= 4;
    let marked = hex.len() < digits.len() || hex.len() >= 6 && hex.starts_with('0') || of_code;
    let apart = is_colon || goes_on;
    marked && apart && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tells: impl Fn(&Seen<'_>) -> bool, marked: &str, expected: bool) {
        let start = marked.find('«').unwrap();
        let all = marked.replace('«', "");
        let end = all.find('»').unwrap();
        let all = all.replace('»', "");
        assert_eq!(tells(&Seen { all: &all, start, end }), expected, "{marked}");
    }

    #[test]
    fn dumps_are_told_by_their_bytes_and_offsets() {
        let pairs = |seen: &Seen<'_>| is_in_dump(seen, 2);
        check(pairs, "00000010  03 00 3e 00 01 00 00 00  «40 10 00 00 00 00 00 00»  |..|", true);
        check(pairs, "«00 10 00 31 46» d9 a1", true);
        check(pairs, "  401136:\t48 8d «05 54 39 00 00» \tlea", true);
        check(pairs, "un appel de «06 12 34 56 78» hier", false);
        check(pairs, "call «06 12 34 56 78» or", false);
        let quads = |seen: &Seen<'_>| is_in_dump(seen, 4);
        check(quads, "000012a0: «7902 0000 1200 0000» y...", true);
        check(quads, "0000020 «7902 0000 1200 0000» 0012", true);
        check(quads, "00001000: «4111 1111 1111 1111» card on file", false);
        check(quads, "00412345 «4111 1111 1111 1111»", false);
        check(quads, "card «4111 1111 1111 1111» beef", false);
        check(quads, "room ab12 «4111 1111 1111 1111» x", false);
        check(quads, "Customer no. 00481516: «4111 1111 1111 1111»", false);
    }

    #[test]
    fn tables_have_more_figures_of_the_same_width() {
        let quads = |seen: &Seen<'_>| is_in_table(seen, 4);
        check(quads, "1204 2043 «4111 1111 1111 1111» x", true);
        check(quads, "1204 «4111 1111 1111 1111» 2043", true);
        check(quads, "Paid in 2024 «4111 1111 1111 1111»", false);
        check(quads, "«4111 1111 1111 1111» 2043 1120", true);
        check(quads, "1204\n«4111 1111 1111 1111» 0927 123", false);
    }
}
