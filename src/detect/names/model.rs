//! The weights: how they are laid out in bytes, and the score of each tag for a token.

use super::{
    chain::{self, Transitions},
    feature::ROWS,
};
use std::fmt;

/// Tags of the chain: outside, and the first and further tokens of a person, a place, an organisation.
pub const TAGS: usize = 7;
/// Weights of one row: one for each tag but "outside", whose weight is always 0.
const STRIDE: usize = TAGS - 1;
/// Weights read at once: eight fill a register; the last two are the next row's and are not used.
const READ: usize = 8;
/// Bytes before the rows: scale, transitions (from, to), calibration.
const HEAD: usize = 4 * (1 + TAGS * TAGS + 2 * 3);

/// Trained weights, over borrowed bytes.
#[derive(Clone)]
pub struct Model<'b> {
    rows: &'b [u8],
    scale: f32,
    /// Score of a tag after another: `transitions[from][to]`.
    pub transitions: Transitions,
    /// The [`factors`](chain::factors) of the transitions.
    pub factors: Transitions,
    /// Slope and offset of the calibration, for person, place, organisation.
    pub calibration: [[f32; 2]; 3],
}

impl fmt::Debug for Model<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("bytes", &self.rows.len()).finish_non_exhaustive()
    }
}

impl<'b> Model<'b> {
    /// Reads what [`pack`] has written; missing bytes count as zero.
    pub fn new(bytes: &'b [u8]) -> Self {
        let mut floats = bytes.chunks_exact(4).map(|c| match *c {
            [a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
            _ => 0.0,
        });
        let mut next = || floats.next().unwrap_or_default();
        let scale = next();
        let mut transitions = [[0.0; TAGS]; TAGS];
        transitions.iter_mut().flatten().for_each(|t| *t = next());
        let mut calibration = [[0.0; 2]; 3];
        calibration.iter_mut().flatten().for_each(|t| *t = next());
        let factors = chain::factors(&transitions);
        Self {
            rows: bytes.get(HEAD..).unwrap_or_default(),
            scale,
            transitions,
            factors,
            calibration,
        }
    }

    /// Scores of all tags, "outside" first, for a token of which `rows` speak.
    pub fn scores(&self, rows: &[u32]) -> [f32; TAGS] {
        // A token has some 46 rows, and a weight is at most 127: the sums fit.
        let mut sums = [0_i16; READ];
        for &row in rows {
            let start = row as usize * STRIDE;
            if let Some(weights) = self.rows.get(start..).and_then(|w| w.first_chunk::<READ>()) {
                for at in 0..READ {
                    sums[at] += i16::from(weights[at].cast_signed());
                }
            }
        }
        let mut scores = [0.0; TAGS];
        for (score, sum) in scores.iter_mut().skip(1).zip(sums) {
            *score = f32::from(sum) * self.scale;
        }
        scores
    }
}

/// Lays weights out for [`Model::new`]: `weights` has [`ROWS`] rows of six.
pub fn pack(
    weights: &[[f32; TAGS - 1]],
    transitions: &Transitions,
    calibration: &[[f32; 2]; 3],
) -> Vec<u8> {
    let largest = weights.iter().flatten().fold(0.0_f32, |m, w| m.max(w.abs()));
    let scale = (largest / 127.0).max(f32::MIN_POSITIVE);
    let head = std::iter::once(scale)
        .chain(transitions.iter().flatten().copied())
        .chain(calibration.iter().flatten().copied());
    let mut out: Vec<u8> = head.flat_map(f32::to_le_bytes).collect();
    for row in weights.iter().take(ROWS) {
        out.extend(row.iter().map(|w| quantised(w / scale).cast_unsigned()));
    }
    out.extend([0; READ - STRIDE]); // so that the last row can be read like the others
    out
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i8 before")]
fn quantised(value: f32) -> i8 {
    value.round().clamp(-127.0, 127.0) as i8
}
