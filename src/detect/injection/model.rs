//! The weights: how they are laid out in bytes, and what they say of a window.

use super::feature::ROWS;
use super::window::SCALES;
use std::fmt;

/// Bytes before the rows: scale, slope and offset of the calibration, a bias for each scale of windows.
const HEAD: usize = 4 * (3 + SCALES);
/// Added to the number of tokens of a window: a word alone says little.
const DAMPING: f32 = 6.0;

/// Trained weights, over borrowed bytes.
#[derive(Clone)]
pub struct Model<'b> {
    rows: &'b [u8],
    scale: f32,
    calibration: [f32; 2],
    bias: [f32; SCALES],
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
        let calibration = [next(), next()];
        let mut bias = [0.0; SCALES];
        bias.iter_mut().for_each(|b| *b = next());
        Self { rows: bytes.get(HEAD..).unwrap_or_default(), scale, calibration, bias }
    }

    /// The weight of one row, in units of the scale.
    pub fn weight(&self, row: usize) -> i32 {
        self.rows.get(row).map_or(0, |w| i32::from(w.cast_signed()))
    }

    /// How much a window of so many tokens, whose weights sum up to `sum`, looks like an attack; above 0 it does.
    pub fn logit(&self, nth_scale: usize, sum: i32, tokens: usize) -> f32 {
        let bias = self.bias.get(nth_scale).copied().unwrap_or_default();
        bias + self.scale * sum as f32 * norm(tokens)
    }

    /// The probability for a [`logit`](Self::logit).
    pub fn score(&self, logit: f32) -> f32 {
        let [slope, offset] = self.calibration;
        1.0 / (1.0 + (-(slope * logit + offset)).exp())
    }
}

/// What the sum over a window of so many tokens is multiplied by, so that windows of all lengths compare.
pub fn norm(tokens: usize) -> f32 {
    1.0 / (tokens as f32 + DAMPING).sqrt()
}

/// Lays weights out for [`Model::new`].
pub fn pack(weights: &[f32], bias: [f32; SCALES], calibration: [f32; 2]) -> Vec<u8> {
    let largest = weights.iter().fold(0.0_f32, |m, w| m.max(w.abs()));
    let scale = (largest / 127.0).max(f32::MIN_POSITIVE);
    let head = [scale].into_iter().chain(calibration).chain(bias);
    let mut out: Vec<u8> = head.flat_map(f32::to_le_bytes).collect();
    out.extend(weights.iter().take(ROWS).map(|w| quantised(w / scale).cast_unsigned()));
    out
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i8 before")]
fn quantised(value: f32) -> i8 {
    value.round().clamp(-127.0, 127.0) as i8
}
