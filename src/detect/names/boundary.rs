//! Where no name goes on, whatever the words are: over the gap between two columns, and into the next row or field.

use super::token::{Shape, Token};
use crate::detect::seen::{prefix, suffix};

/// So much of a line is looked at on each side of a break, in bytes.
const NEAR: usize = 80;
/// Words of the longest label of a field that is told by its colon.
const LABEL: usize = 3;

/// True if the token at `at` belongs to no name that the token before it belongs to.
pub(super) fn parts(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    if token.shape == Shape::Break {
        return ends_row(text, token) || begins_field(text, tokens, at + 1);
    }
    match gap_before(text, tokens, at) {
        [b'\t', ..] => true,
        // Where all words stand so far apart, the gap tells nothing.
        [b' ', b' ' | b'\t', ..] => {
            let is_wide = |at: usize| gap_before(text, tokens, at).len() > 1;
            !is_wide(at - 1) && !is_wide(at + 1)
        }
        _ => false,
    }
}

/// What stands between the token at `at` and the one before it.
fn gap_before<'t>(text: &'t str, tokens: &[Token], at: usize) -> &'t [u8] {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before)).map(|token| token.end);
    let start = tokens.get(at).map(|token| token.start);
    before.zip(start).and_then(|(end, start)| text.as_bytes().get(end..start)).unwrap_or_default()
}

/// True for the break between two rows with tabs.
fn ends_row(text: &str, line_break: &Token) -> bool {
    let above = suffix(text.get(..line_break.start).unwrap_or_default(), NEAR);
    let below = prefix(text.get(line_break.end..).unwrap_or_default(), NEAR);
    let has_tab = |line: Option<&str>| line.is_some_and(|line| line.contains('\t'));
    has_tab(above.rsplit('\n').next()) && has_tab(below.split('\n').next())
}

/// True where a line begins with a label: `Hosp. No: 4417`.
fn begins_field(text: &str, tokens: &[Token], at: usize) -> bool {
    let rest = tokens.get(at..).unwrap_or_default();
    if !rest.first().is_some_and(Token::is_capitalised) {
        return false;
    }
    let mut words = 0;
    for token in rest.iter().take(2 * LABEL) {
        match token.slice(text) {
            ":" => return token.glued && words <= LABEL,
            "." | "-" | "/" if token.glued => {}
            _ if token.is_word() => words += 1,
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::names::token::Tokens;

    /// What no name goes over, by the words behind it.
    fn parted(text: &str) -> Vec<&str> {
        let tokens: Vec<Token> = Tokens::of(text).collect();
        let parted = (1..tokens.len()).filter(|&at| parts(text, &tokens, at));
        parted.map(|at| tokens[at].slice(text)).collect()
    }

    #[test]
    fn a_gap_between_columns_ends_a_name() {
        assert_eq!(parted("Ewan Baird  Ward 3\tOban"), ["Ward", "Oban"]);
        assert_eq!(parted("Ewan Baird"), [""; 0]);
        assert_eq!(parted("to 62  Canal  Street  now"), [""; 0]);
    }

    #[test]
    fn a_break_ends_a_name_where_a_row_or_a_field_begins() {
        assert_eq!(parted("1\tOban\n2\tLeith"), ["Oban", "\n", "Leith"]);
        assert_eq!(parted("Ewan Baird\nHosp. No: 4417"), ["\n"]);
        assert_eq!(parted("4 Quay Road\nOban"), [""; 0]);
        assert_eq!(parted("we met Ewan\nBaird and I wrote this: yes"), [""; 0]);
    }
}
