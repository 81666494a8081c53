//! The features of a token: rows of the table of weights.

use super::token::Token;

/// Rows of the table.
pub const ROWS: usize = 1 << 18;
/// Features of each token at most.
pub const PER_TOKEN: usize = 10;

/// Calls `visit` with the row of each feature of the token `at`: of itself and of what stands before it.
pub fn rows(tokens: &[Token], at: usize, mut visit: impl FnMut(usize)) {
    let before = |n: usize| at.checked_sub(n).and_then(|i| tokens.get(i));
    let Some(token) = tokens.get(at) else { return };
    let (last, second) = (before(1), before(2));
    let hash = |t: Option<&Token>| t.map_or(1, |t| t.hash);
    let stem = |t: Option<&Token>| t.map_or(1, |t| t.stem);
    let class = |t: Option<&Token>| t.map_or(15, |t| t.class as u64);
    let (h0, h1, h2) = (token.hash, hash(last), hash(second));
    visit(row(1, h0, 0, 0));
    visit(row(2, h0, h1, 0));
    visit(row(3, h0, h1, h2));
    visit(row(4, h0, h2, 0));
    visit(row(5, token.stem, 0, 0));
    visit(row(6, token.stem, stem(last), 0));
    visit(row(7, token.stem, stem(second), hash(before(3))));
    let classes = class(Some(token)) | class(last) << 4;
    visit(row(8, classes, 0, 0));
    visit(row(9, classes | class(second) << 8, class(before(3)), 0));
    visit(row(10, h0, class(last), class(Some(token))));
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
