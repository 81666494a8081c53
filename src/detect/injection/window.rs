//! The stretches of a text that are judged: each sentence, and runs of sentences of several lengths.
//!
//! An attack may be one sentence in a long document, or a page that is suspicious only as a whole.

use super::token::Token;
use std::ops::Range;

/// How many lengths of windows there are.
pub const SCALES: usize = 5;
/// A window of each scale begins at every sentence and has at least so many tokens, or reaches to the end of the text.
const LEAST: [usize; SCALES] = [1, 24, 64, 160, 400];

/// A window: its scale, and its range of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Which of the [`SCALES`].
    pub scale: usize,
    /// The tokens in it.
    pub tokens: Range<usize>,
}

/// The sentences of a text, as ranges of tokens, in place of what `out` held.
pub fn sentences(tokens: &[Token], out: &mut Vec<Range<usize>>) {
    out.clear();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        if token.ends_sentence || at + 1 == tokens.len() {
            out.push(start..at + 1);
            start = at + 1;
        }
    }
}

/// Calls `visit` with every window over `sentences`. Linear in their number. Windows that would be no longer than those of the
/// scale below are left out.
pub fn each(sentences: &[Range<usize>], mut visit: impl FnMut(Window)) {
    let all = sentences.last().map_or(0, |s| s.end);
    for (scale, least) in LEAST.into_iter().enumerate() {
        if scale > 0 && all <= LEAST[scale - 1] {
            break;
        }
        let mut last = 0;
        for (nth, first) in sentences.iter().enumerate() {
            last = last.max(nth);
            while last + 1 < sentences.len() && sentences[last].end - first.start < least {
                last += 1;
            }
            visit(Window { scale, tokens: first.start..sentences[last].end });
            if last + 1 == sentences.len() && scale > 0 {
                break;
            }
        }
    }
}
