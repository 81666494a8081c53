//! The weights: how they are laid out in bytes, and the score of each tag for a token.

use super::{
    chain::{self, Transitions},
    feature::{ROWS, Rows},
};
use std::fmt;

/// Tags of the chain: outside, and the first and further tokens of a person, a place, an organisation.
pub const TAGS: usize = 7;
/// Weights of one row: one for each tag but "outside", whose weight is always 0.
const STRIDE: usize = TAGS - 1;
/// Weights read at once: eight fill a register; the last two are the next row's and are not used.
const READ: usize = 8;
/// What makes of eight weights as many numbers without a sign, each larger by [`BIAS`].
const SIGNS: u64 = 0x8080_8080_8080_8080;
const BIAS: u16 = 128;
/// Every second of eight weights, in lanes of 16 bits.
const LANES: u64 = 0x00ff_00ff_00ff_00ff;
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
    pub fn scores(&self, rows: &Rows) -> [f32; TAGS] {
        // Four sums at a time: the most rows that a token has, of at most 255 each, fit a lane.
        let (mut even, mut odd, mut bias) = (0_u64, 0_u64, 0_u16);
        for &row in rows.iter() {
            let start = row as usize * STRIDE;
            let weights = self.rows.get(start..start + READ).and_then(<[u8]>::first_chunk);
            let weights = weights.map_or(0, |weights| u64::from_le_bytes(*weights)) ^ SIGNS;
            even += weights & LANES;
            odd += weights >> 8 & LANES;
            bias += BIAS;
        }
        let sums = lanes(even).into_iter().zip(lanes(odd)).flat_map(|(even, odd)| [even, odd]);
        let mut scores = [0.0; TAGS];
        for (score, sum) in scores.iter_mut().skip(1).zip(sums) {
            *score = (f32::from(sum) - f32::from(bias)) * self.scale;
        }
        scores
    }
}

/// The sums of the four lanes of `sums`.
fn lanes(sums: u64) -> [u16; 4] {
    let [a, b, c, d, e, f, g, h] = sums.to_le_bytes();
    [[a, b], [c, d], [e, f], [g, h]].map(u16::from_le_bytes)
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
