//! Learns the weights: stochastic gradients of the likelihood, with a step of its own for each weight.

use crate::random::Random;
use prompt_guard::detect::injection::{
    feature::{self, ROWS},
    model::norm,
    token::{self, Token},
    window::{self, SCALES, Window},
};
use std::ops::Range;

/// Step of the first update of a weight.
const STEP: f32 = 0.25;
/// Share of a weight that is lost at each update.
const DECAY: f32 = 3.0e-5;
/// Share of the features that are left out at each step, so that no single one is relied on.
const LEFT_OUT: f64 = 0.25;
/// Windows of a harmless text that are learned from: those that look worst.
const WORST: usize = 5;
/// What an error on a harmless text costs, against one on an attack.
const CAUTION: f32 = 2.0;

/// Weights under training.
pub(crate) struct Learner {
    pub(crate) weights: Vec<f32>,
    squares: Vec<f32>,
    pub(crate) bias: [f32; SCALES],
    bias_squares: [f32; SCALES],
    tokens: Vec<Token>,
    sentences: Vec<Range<usize>>,
    sums: Vec<f32>,
    windows: Vec<(f32, Window)>,
}

impl Learner {
    pub(crate) fn new() -> Self {
        Self {
            weights: vec![0.0; ROWS],
            squares: vec![0.0; ROWS],
            bias: [-1.0; SCALES],
            bias_squares: [0.0; SCALES],
            tokens: Vec::new(),
            sentences: Vec::new(),
            sums: Vec::new(),
            windows: Vec::new(),
        }
    }

    /// Adds the weights of another learner, times `share`.
    pub(crate) fn add(&mut self, other: &Self, share: f32) {
        self.weights
            .iter_mut()
            .zip(&other.weights)
            .for_each(|(mine, theirs)| *mine += theirs * share);
        self.bias.iter_mut().zip(other.bias).for_each(|(mine, theirs)| *mine += theirs * share);
    }

    /// Learns from one text, and returns its loss before. `whole`: the attack is looked for in the text as a whole, since the
    /// weights do not yet tell where it is.
    pub(crate) fn learn(
        &mut self,
        text: &str,
        attack: bool,
        whole: bool,
        rate: f32,
        random: &mut Random,
    ) -> f32 {
        self.read(text);
        let mut windows = std::mem::take(&mut self.windows);
        let mut loss = 0.0;
        if attack && whole {
            windows.sort_by(|a, b| {
                b.1.tokens.len().cmp(&a.1.tokens.len()).then(b.1.scale.cmp(&a.1.scale))
            });
        } else {
            windows.sort_by(|a, b| b.0.total_cmp(&a.0));
        }
        let n = if attack { 1 } else { WORST };
        for (logit, window) in windows.iter().take(n) {
            loss += self.update(*logit, window, attack, rate, random);
        }
        self.windows = windows;
        loss
    }

    fn read(&mut self, text: &str) {
        token::tokenize(text, &mut self.tokens);
        window::sentences(&self.tokens, &mut self.sentences);
        self.sums.clear();
        self.sums.push(0.0);
        let mut sum = 0.0;
        for at in 0..self.tokens.len() {
            feature::rows(&self.tokens, at, |row| sum += self.weights[row]);
            self.sums.push(sum);
        }
        self.windows.clear();
        let (sums, bias, windows) = (&self.sums, &self.bias, &mut self.windows);
        window::each(&self.sentences, |window| {
            let Range { start, end } = window.tokens;
            let logit = bias[window.scale] + (sums[end] - sums[start]) * norm(end - start);
            windows.push((logit, window));
        });
    }

    fn update(
        &mut self,
        logit: f32,
        window: &Window,
        attack: bool,
        rate: f32,
        random: &mut Random,
    ) -> f32 {
        let p = 1.0 / (1.0 + (-logit).exp());
        let (error, weight) = if attack { (p - 1.0, 1.0) } else { (p, CAUTION) };
        let loss = -(1.0 - error.abs()).max(1.0e-6).ln();
        if error.abs() < 0.02 {
            return loss;
        }
        let g = error * weight * norm(window.tokens.len());
        let (weights, squares) = (&mut self.weights, &mut self.squares);
        for at in window.tokens.clone() {
            feature::rows(&self.tokens, at, |row| {
                if random.chance(LEFT_OUT) {
                    return;
                }
                squares[row] += g * g;
                weights[row] -=
                    rate * STEP * g / (squares[row] + 1.0e-2).sqrt() + DECAY * weights[row];
            });
        }
        let g = error * weight;
        self.bias_squares[window.scale] += g * g;
        self.bias[window.scale] -= rate * STEP * g / (self.bias_squares[window.scale] + 1.0).sqrt();
        loss
    }
}
