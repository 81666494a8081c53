//! What the tagger looks at: for each token, the rows of the weight table that speak about it.
//!
//! A row's number is a hash of a template's number and of the values seen; rare clashes are learned around.

use super::{
    analysis::{Analysis, Word},
    lexicon::Entry,
    token::{self, Shape, Token},
};

/// Number of rows of the weight table: as many as keep the compiled-in tables under four megabytes.
pub const ROWS: usize = 3 << 17;

/// What a template sees of one token, computed once per token.
#[derive(Clone, Copy, Debug, Default)]
struct View {
    id: u64,
    shape: u64,
    flags: u64,
    cluster: u64,
    group: u64,
}

/// Stands for tokens before the first and after the last.
const NOTHING: View = View { id: 1, shape: 31, flags: 0, cluster: 0, group: 0 };

/// Reads the features of one token after another. Made once per thread; holds memory to use again.
#[derive(Debug, Default)]
pub struct Features {
    views: Vec<View>,
    runs: Vec<Run>,
}

/// Where a token stands in a row of capitalised words.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    first: usize,
    last: usize,
}

/// Longest row of capitals that is told from longer ones.
const LONGEST_RUN: usize = 8;

impl Features {
    /// Prepares for the tokens `window` of `analysis`.
    pub fn prepare(&mut self, analysis: &Analysis, window: &std::ops::Range<usize>) {
        self.views.clear();
        self.views.extend((0..window.len() + 4).map(|i| match (window.start + i).checked_sub(2) {
            Some(at) => view(analysis, at),
            None => NOTHING,
        }));
        self.mark_runs(analysis, window);
    }

    fn mark_runs(&mut self, analysis: &Analysis, window: &std::ops::Range<usize>) {
        self.runs.clear();
        self.runs.extend(window.clone().map(|i| Run { first: i, last: i }));
        for i in 1..window.len() {
            let at = window.start + i;
            if joins(analysis, at) && i + window.start - self.runs[i - 1].first < LONGEST_RUN {
                self.runs[i].first = self.runs[i - 1].first;
            }
        }
        for i in (1..window.len()).rev() {
            if self.runs[i].first < window.start + i {
                self.runs[i - 1].last = self.runs[i].last;
            }
        }
    }

    /// Where the row of capitals begins that the token `at` is in, or the token itself in none. It is one that was prepared for.
    pub fn run_of(&self, window_start: usize, at: usize) -> usize {
        at.checked_sub(window_start).and_then(|i| self.runs.get(i)).map_or(at, |run| run.first)
    }

    /// The rows that speak about the `i`-th token of the window.
    pub fn rows(&self, text: &str, analysis: &Analysis, window_start: usize, i: usize) -> Rows {
        let at = window_start + i;
        let v = |d: usize| self.views.get(i + d).copied().unwrap_or(NOTHING);
        let (b2, b1, w, a1, a2) = (v(0), v(1), v(2), v(3), v(4));
        let (token, word) = (&analysis.tokens[at], &analysis.words[at]);
        let place = place(word);
        let lang = analysis.language as u64;
        let affixes = Affixes::of(token, text);
        let run = self.runs[i];
        // The views of the row of capitals: its first and last token, and the tokens before and behind.
        let (head, tail) = (run.first - window_start, run.last - window_start);
        let [before, first, last, behind] = [head + 1, head + 2, tail + 2, tail + 3]
            .map(|i| self.views.get(i).copied().unwrap_or(NOTHING));
        let run_shape = ((at - run.first).min(3) * 8 + (run.last - at).min(3)) as u64;
        let phrase = u64::from(word.phrase.flags) * 2 + u64::from(word.phrase.inside);
        let glue = u64::from(token.glued) * 2
            + u64::from(analysis.tokens.get(at + 1).is_some_and(|t| t.glued));
        let mut rows = Rows::of([
            always(),
            row(2, w.id, w.shape),
            row(3, b1.id, 0),
            row(4, a1.id, 0),
            row(5, b2.id, 0),
            row(6, a2.id, 0),
            row(7, b1.id, w.id),
            row(8, w.id, a1.id),
            row(9, b1.id, a1.id),
            row(10, b2.id, b1.id),
            row(11, a1.id, a2.id),
            row(12, affixes.suffix2, w.shape),
            row(13, affixes.suffix3, w.shape),
            row(14, affixes.suffix4, 0),
            row(15, affixes.prefix3, 0),
            row(16, w.shape, place),
            row(17, b1.shape * 32 + w.shape, a1.shape),
            row(18, w.shape * 32 + a1.shape, a2.shape),
            row(19, b2.shape * 32 + b1.shape, w.shape),
            row(20, w.flags, w.shape),
            row(21, b1.flags, w.flags),
            row(22, w.flags, a1.flags),
            row(23, b1.flags, b1.shape),
            row(24, a1.flags, a1.shape),
            row(25, w.cluster, w.shape),
            row(26, w.group, w.shape),
            row(27, b1.cluster, w.shape),
            row(28, a1.cluster, w.shape),
            row(29, b2.cluster, w.shape),
            row(30, a2.cluster, w.shape),
            row(31, b1.group * 256 + w.group, w.shape),
            row(32, w.group * 256 + a1.group, w.shape),
            row(33, phrase, w.shape),
            row(34, b1.id, w.shape),
            row(35, a1.id, w.shape),
            row(36, w.shape + 32 * place, lang),
            row(37, run_shape, w.shape),
            row(38, last.id, (run.last - at).min(3) as u64),
            row(39, last.flags * 64 + run_shape, first.flags),
            row(40, last.group * 128 + first.group, run_shape),
            row(41, first.id, (at - run.first).min(3) as u64),
            row(42, w.flags + (lang << 32), place),
            row(43, w.shape * 4 + glue, b1.shape * 32 + a1.shape),
            row(44, w.id, glue),
        ]);
        if at != run.first {
            rows.push(row(45, before.id, run_shape));
        }
        if at != run.last {
            rows.push(row(46, behind.id, run_shape));
        }
        rows.push(row(47, before.group * 256 + behind.group, run_shape));
        rows
    }
}

/// The most rows that speak about one token: one for each template.
const MOST_ROWS: usize = 47;
/// The rows that speak about every token.
const FIXED_ROWS: usize = 44;

/// The rows that speak about one token.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    list: [u32; MOST_ROWS],
    count: usize,
}

impl Rows {
    fn of(fixed: [u32; FIXED_ROWS]) -> Self {
        let mut list = [0; MOST_ROWS];
        list[..FIXED_ROWS].copy_from_slice(&fixed);
        Self { list, count: FIXED_ROWS }
    }

    #[inline]
    fn push(&mut self, row: u32) {
        debug_assert!(self.count < MOST_ROWS, "a template without room");
        if let Some(free) = self.list.get_mut(self.count) {
            *free = row;
            self.count += 1;
        }
    }
}

impl std::ops::Deref for Rows {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        self.list.get(..self.count).unwrap_or_default()
    }
}

/// True when the token goes on with the capitalised words before it.
fn joins(analysis: &Analysis, at: usize) -> bool {
    let (token, before) = (&analysis.tokens[at], &analysis.tokens[at - 1]);
    token.is_capitalised() && before.is_capitalised() && !token.glued
}

fn place(word: &Word) -> u64 {
    word.line as u64 * 2 + u64::from(word.starts_sentence)
}

fn view(analysis: &Analysis, at: usize) -> View {
    let (Some(token), Some(word)) = (analysis.tokens.get(at), analysis.words.get(at)) else {
        return NOTHING;
    };
    let shape = if word.opaque {
        30
    } else if token.stretched {
        29
    } else {
        shape(token)
    };
    let flags = word.entry.flags & !(Entry::STARTS_PHRASE | Entry::LOWER_NAME)
        | u32::from(word.phrase.flags != 0) << 31;
    View {
        id: token.id,
        shape,
        flags: u64::from(flags),
        cluster: u64::from(word.entry.cluster),
        group: u64::from(word.entry.cluster.div_ceil(8)),
    }
}

fn shape(token: &Token) -> u64 {
    let length = token.end - token.start;
    match token.shape {
        Shape::Lower => u64::from(length > 3),
        Shape::Capital => 2 + u64::from(length > 3),
        Shape::Initial => 4,
        Shape::Upper => 5 + length.min(6) as u64,
        Shape::Mixed => 12,
        Shape::Digits => 13 + length.min(6) as u64,
        Shape::Code => 20,
        Shape::Break => 21,
        Shape::Mark => 22,
    }
}

/// Hashes of a word's first and last letters.
struct Affixes {
    suffix2: u64,
    suffix3: u64,
    suffix4: u64,
    prefix3: u64,
}

impl Affixes {
    fn of(token: &Token, text: &str) -> Self {
        let word = token.slice(text);
        let mut tail = [0_u64; 4];
        for (slot, c) in tail.iter_mut().zip(word.chars().rev()) {
            *slot = u64::from(u32::from(token::fold(c)));
        }
        let prefix3 =
            word.chars().take(3).fold(0, |h, c| h << 21 | u64::from(u32::from(token::fold(c))));
        let suffix2 = tail[1] << 21 | tail[0];
        let suffix3 = tail[2] << 42 | suffix2;
        Self { suffix2, suffix3, suffix4: suffix3 ^ (tail[3] << 7), prefix3 }
    }
}

/// The row that speaks about every token.
pub fn always() -> u32 {
    row(1, 0, 0)
}

fn row(template: u64, a: u64, b: u64) -> u32 {
    let mixed = (a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.rotate_left(31))
        .wrapping_add(template << 40 | template);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    // The upper half of the hash, scaled to the number of rows.
    u32::try_from(((mixed >> 32) * ROWS as u64) >> 32).unwrap_or_default()
}
