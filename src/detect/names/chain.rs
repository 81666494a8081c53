//! The linear chain: the best sequence of tags for a window, and how probable each tag is.
//!
//! Both are linear in the length of the window.

use super::model::TAGS;

/// Scores of the tags of one token.
pub type Scores = [f32; TAGS];
/// Scores of a tag after another.
pub type Transitions = [[f32; TAGS]; TAGS];

/// Memory for the passes, to be used again.
#[derive(Debug, Default)]
pub struct Chain {
    back: Vec<[u32; TAGS]>,
    forward: Vec<Scores>,
    backward: Vec<Scores>,
    emitted: Vec<Scores>,
}

/// What [`Chain::marginals`] wants of transitions: factors in place of terms.
pub fn factors(transitions: &Transitions) -> Transitions {
    transitions.map(|row| row.map(f32::exp))
}

/// "Further token of a kind" may only follow a token of that kind.
pub fn may_follow(from: usize, to: usize) -> bool {
    to == 0 || to % 2 == 1 || from == to || from + 1 == to
}

impl Chain {
    /// Fills `tags` with the best sequence, after taking `discount` from the score of "outside".
    pub fn best(
        &mut self,
        scores: &[Scores],
        transitions: &Transitions,
        discount: f32,
        tags: &mut Vec<usize>,
    ) {
        tags.clear();
        self.back.clear();
        let mut reach = [f32::NEG_INFINITY; TAGS];
        reach[0] = 0.0; // before the first token: outside
        for token in scores {
            // Of all tags at once, so that they fill registers. Where two ways are as good, the first one stays.
            let mut next = [f32::NEG_INFINITY; TAGS];
            let mut back = [0_u32; TAGS];
            for ((from, value), row) in (0_u32..).zip(reach).zip(transitions) {
                for to in 0..TAGS {
                    let way = value + row[to];
                    let is_better = way > next[to];
                    next[to] = if is_better { way } else { next[to] };
                    back[to] = if is_better { from } else { back[to] };
                }
            }
            for to in 0..TAGS {
                next[to] += token[to];
            }
            next[0] -= discount;
            reach = next;
            self.back.push(back);
        }
        let last = (0..TAGS).max_by(|&a, &b| reach[a].total_cmp(&reach[b])).unwrap_or_default();
        let mut tag = last;
        for back in self.back.iter().rev() {
            tags.push(tag);
            tag = back[tag] as usize;
        }
        tags.reverse();
    }

    /// Fills `marginals` with the probability of each tag of each token, and returns the logarithm of the partition sum. `factors`
    /// are the [`factors`] of the transitions.
    pub fn marginals(
        &mut self,
        scores: &[Scores],
        factors: &Transitions,
        marginals: &mut Vec<Scores>,
    ) -> f32 {
        self.forward.clear();
        self.emitted.clear();
        let mut log_sum = 0.0;
        let mut reach = [0.0; TAGS];
        reach[0] = 1.0;
        for token in scores {
            let top = token.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut next = [0.0; TAGS];
            for (from, row) in factors.iter().enumerate() {
                for to in 0..TAGS {
                    next[to] += reach[from] * row[to];
                }
            }
            let emitted = token.map(|score| (score - top).exp());
            self.emitted.push(emitted);
            for to in 0..TAGS {
                next[to] *= emitted[to];
            }
            let sum = next.iter().sum::<f32>().max(f32::MIN_POSITIVE);
            next.iter_mut().for_each(|n| *n /= sum);
            log_sum += sum.ln() + top;
            self.forward.push(next);
            reach = next;
        }
        self.pass_back(factors, marginals);
        log_sum
    }

    fn pass_back(&mut self, factors: &Transitions, marginals: &mut Vec<Scores>) {
        marginals.clear();
        marginals.resize(self.forward.len(), [0.0; TAGS]);
        self.backward.clear();
        self.backward.resize(self.forward.len(), [1.0; TAGS]);
        let mut beta = [1.0; TAGS];
        for (i, (forward, here_emitted)) in self.forward.iter().zip(&self.emitted).enumerate().rev()
        {
            self.backward[i] = beta;
            let mut here = [0.0; TAGS];
            for tag in 0..TAGS {
                here[tag] = forward[tag] * beta[tag];
            }
            let sum = here.iter().sum::<f32>().max(f32::MIN_POSITIVE);
            marginals[i] = here.map(|h| h / sum);
            let mut emitted = *here_emitted;
            for tag in 0..TAGS {
                emitted[tag] *= beta[tag];
            }
            let mut before = [0.0; TAGS];
            for (from, row) in factors.iter().enumerate() {
                before[from] = row.iter().zip(&emitted).map(|(w, e)| w * e).sum();
            }
            let sum = before.iter().sum::<f32>().max(f32::MIN_POSITIVE);
            beta = before.map(|b| b / sum);
        }
    }

    /// How probable each pair of tags is for the tokens `i - 1` and `i`, after [`Chain::marginals`] of the same scores. The trainer
    /// learns the transitions from it.
    pub fn pair(&self, i: usize, factors: &Transitions) -> Transitions {
        let mut start = [0.0; TAGS];
        start[0] = 1.0;
        let before = i.checked_sub(1).and_then(|b| self.forward.get(b)).unwrap_or(&start);
        let (Some(here), Some(after)) = (self.emitted.get(i), self.backward.get(i)) else {
            return [[0.0; TAGS]; TAGS];
        };
        let mut pair = *factors;
        for (row, from) in pair.iter_mut().zip(before) {
            for ((p, emitted), beta) in row.iter_mut().zip(here).zip(after) {
                *p *= from * emitted * beta;
            }
        }
        let sum = pair.iter().flatten().sum::<f32>().max(f32::MIN_POSITIVE);
        pair.map(|row| row.map(|p| p / sum))
    }
}
