//! Learns the weights of the chain: stochastic gradients of the likelihood, with a step of its own for each weight.

use prompt_guard::detect::names::{
    chain::{self, Chain, Scores, Transitions, may_follow},
    feature::ROWS,
    model::TAGS,
};

/// Step of the first update of a weight.
const STEP: f32 = 0.12;
/// Share of a weight that is lost at each update.
const DECAY: f32 = 2.0e-5;
/// Score of a tag that may not follow another.
const NEVER: f32 = -1.0e4;

/// One window to learn from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lesson {
    /// Rows of each token; empty where the tag is "outside" by rule.
    pub(crate) rows: Vec<Vec<u32>>,
    /// The right tags.
    pub(crate) tags: Vec<usize>,
}

/// Weights under training.
pub(crate) struct Learner {
    pub(crate) weights: Vec<[f32; TAGS - 1]>,
    squares: Vec<[f32; TAGS - 1]>,
    pub(crate) transitions: Transitions,
    transition_squares: Transitions,
    chain: Chain,
    scores: Vec<Scores>,
    marginals: Vec<Scores>,
}

impl Learner {
    pub(crate) fn new() -> Self {
        let mut transitions = [[0.0; TAGS]; TAGS];
        for (from, row) in transitions.iter_mut().enumerate() {
            row.iter_mut()
                .enumerate()
                .filter(|(to, _)| !may_follow(from, *to))
                .for_each(|(_, t)| *t = NEVER);
        }
        Self {
            weights: vec![[0.0; TAGS - 1]; ROWS],
            squares: vec![[0.0; TAGS - 1]; ROWS],
            transitions,
            transition_squares: [[0.0; TAGS]; TAGS],
            chain: Chain::default(),
            scores: Vec::new(),
            marginals: Vec::new(),
        }
    }

    /// Adds the weights of another learner, times `share`.
    pub(crate) fn add(&mut self, other: &Self, share: f32) {
        let weights = self.weights.iter_mut().flatten().zip(other.weights.iter().flatten());
        weights.for_each(|(mine, theirs)| *mine += theirs * share);
        let transitions =
            self.transitions.iter_mut().flatten().zip(other.transitions.iter().flatten());
        transitions
            .filter(|(mine, _)| **mine > NEVER)
            .for_each(|(mine, theirs)| *mine += theirs * share);
    }

    /// Learns from one window, and returns its loss before.
    pub(crate) fn learn(&mut self, lesson: &Lesson, rate: f32) -> f32 {
        self.score(lesson);
        let factors = chain::factors(&self.transitions);
        let log_sum = self.chain.marginals(&self.scores, &factors, &mut self.marginals);
        let mut gold = 0.0;
        let mut before = 0;
        for (i, &tag) in lesson.tags.iter().enumerate() {
            gold += self.scores[i][tag] + self.transitions[before][tag];
            before = tag;
        }
        self.update_transitions(lesson, &factors, rate);
        for i in 0..lesson.tags.len() {
            let mut gradient = [0.0; TAGS - 1];
            for tag in 1..TAGS {
                gradient[tag - 1] =
                    self.marginals[i][tag] - f32::from(u8::from(lesson.tags[i] == tag));
            }
            if gradient.iter().any(|g| g.abs() > 1.0e-3) {
                self.update_rows(&lesson.rows[i], &gradient, rate);
            }
        }
        log_sum - gold
    }

    fn score(&mut self, lesson: &Lesson) {
        self.scores.clear();
        for rows in &lesson.rows {
            let mut scores = [0.0; TAGS];
            if rows.is_empty() {
                scores = [NEVER; TAGS];
                scores[0] = 0.0;
            }
            for &row in rows {
                for (score, weight) in scores[1..].iter_mut().zip(&self.weights[row as usize]) {
                    *score += weight;
                }
            }
            self.scores.push(scores);
        }
    }

    fn update_rows(&mut self, rows: &[u32], gradient: &[f32; TAGS - 1], rate: f32) {
        for &row in rows {
            let (weights, squares) =
                (&mut self.weights[row as usize], &mut self.squares[row as usize]);
            for tag in 0..TAGS - 1 {
                let g = gradient[tag];
                squares[tag] += g * g;
                weights[tag] -=
                    rate * STEP * g / (squares[tag] + 1.0e-2).sqrt() + DECAY * weights[tag];
            }
        }
    }

    /// The expected transitions against those seen.
    fn update_transitions(&mut self, lesson: &Lesson, factors: &Transitions, rate: f32) {
        let mut gradient = [[0.0; TAGS]; TAGS];
        let mut before = 0;
        for (i, &tag) in lesson.tags.iter().enumerate() {
            let pair = self.chain.pair(i, factors);
            let sums = gradient.iter_mut().flatten().zip(pair.iter().flatten());
            sums.for_each(|(sum, probability)| *sum += probability);
            gradient[before][tag] -= 1.0;
            before = tag;
        }
        let squares = self.transition_squares.iter_mut().flatten();
        for ((weight, square), g) in
            self.transitions.iter_mut().flatten().zip(squares).zip(gradient.iter().flatten())
        {
            if *weight > NEVER {
                *square += g * g;
                *weight -= rate * STEP * g / (*square + 1.0e-2).sqrt();
            }
        }
    }
}
