//! The features of a token: rows of the table of weights.

use super::token::Token;

/// Rows of the table.
pub const ROWS: usize = 1 << 18;
/// Features of each token at most.
pub const PER_TOKEN: usize = 10;

/// What a feature sees of a token.
#[derive(Clone, Copy)]
struct View {
    hash: u64,
    stem: u64,
    class: u64,
}

/// Stands for tokens before the first.
const NOTHING: View = View { hash: 1, stem: 1, class: 15 };

impl From<&Token> for View {
    fn from(token: &Token) -> Self {
        Self { hash: token.hash, stem: token.stem, class: token.class as u64 }
    }
}

/// Calls `visit` with the row of each feature of the token `at`: of itself and of what stands before it.
pub fn rows(tokens: &[Token], at: usize, visit: impl FnMut(usize)) {
    if let Some([third, second, last, token]) =
        at.checked_sub(3).and_then(|start| tokens.get(start..)).and_then(<[_]>::first_chunk)
    {
        return visit_rows([token, last, second, third].map(View::from), visit);
    }
    let before =
        |n: usize| at.checked_sub(n).and_then(|i| tokens.get(i)).map_or(NOTHING, View::from);
    if at < tokens.len() {
        visit_rows([before(0), before(1), before(2), before(3)], visit);
    }
}

/// `views` go back from the token that the features are of.
fn visit_rows([token, last, second, third]: [View; 4], mut visit: impl FnMut(usize)) {
    visit(row(1, token.hash, 0, 0));
    visit(row(2, token.hash, last.hash, 0));
    visit(row(3, token.hash, last.hash, second.hash));
    visit(row(4, token.hash, second.hash, 0));
    visit(row(5, token.stem, 0, 0));
    visit(row(6, token.stem, last.stem, 0));
    visit(row(7, token.stem, second.stem, third.hash));
    let classes = token.class | last.class << 4;
    visit(row(8, classes, 0, 0));
    visit(row(9, classes | second.class << 8, third.class, 0));
    visit(row(10, token.hash, last.class, token.class));
}

#[expect(clippy::cast_possible_truncation, reason = "the high 18 bits are kept")]
fn row(kind: u64, a: u64, b: u64, c: u64) -> usize {
    let mixed = (a ^ kind.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_mul(0xff51_afd7_ed55_8ccd)
        .wrapping_add(b.rotate_left(23))
        .wrapping_mul(0xc4ce_b9fe_1a85_ec53)
        .wrapping_add(c.rotate_left(41))
        .wrapping_mul(0x9fb2_1c65_1e98_df25);
    (mixed >> (64 - ROWS.trailing_zeros())) as usize
}
