//! Trains the classifier of prompt injections: `cargo run --release --example train_injection`.
//!
//! Reads `training/injection`, writes `src/detect/injection/weights.bin`. The same input gives the same bytes.

mod augment;
mod corpus;
mod learner;
#[path = "../train_names/random.rs"]
mod random;

use corpus::{Item, Slots};
use learner::Learner;
use prompt_guard::detect::injection::{
    classifier::{Classifier, Scratch},
    model,
};
use random::Random;
use std::{fs, path::Path, process::ExitCode, time::Instant};

/// Runs that the weights are the mean of.
const RUNS: u64 = 3;
/// Passes over the lines in one run.
const PASSES: usize = 12;
/// Passes at the beginning in which an attack is looked for in its text as a whole.
const WHOLE: usize = 2;
/// A line with slots is filled so many times in one pass: of the harmless lines, and of the attacks.
const FILLINGS: [usize; 2] = [4, 8];
/// Slope and offset of the scores, so that they are probabilities on text of other origin, and 0.5 costs few false alarms.
const CALIBRATION: [f32; 2] = [1.0, -1.9];
/// One line in so many is kept apart to measure; the weights that are written have seen all.
const KEPT_APART: usize = 10;

fn main() -> ExitCode {
    match run(Path::new("training/injection"), Path::new("src/detect/injection")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            report(&message);
            ExitCode::FAILURE
        }
    }
}

fn report(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn run(from: &Path, to: &Path) -> Result<(), String> {
    let items = corpus::items(from)?;
    let slots = corpus::read(&from.join("slots"))?;
    let attacks = items.iter().filter(|i| i.attack).count();
    report(&format!("{attacks} lines of attacks, {} harmless ones", items.len() - attacks));
    let (kept, learned): (Vec<_>, Vec<_>) =
        items.iter().cloned().enumerate().partition(|(i, _)| i % KEPT_APART == 5);
    let [kept, learned]: [Vec<Item>; 2] =
        [kept, learned].map(|part| part.into_iter().map(|(_, item)| item).collect());
    measure(&train(&learned, &slots, 1)?, &kept, &slots)?;
    fs::write(to.join("weights.bin"), train(&items, &slots, RUNS)?).map_err(|e| e.to_string())
}

/// The packed weights learned from `items`: the mean of several runs, since one run's errors are partly chance.
fn train(items: &[Item], slots: &Slots, runs: u64) -> Result<Vec<u8>, String> {
    let mut mean = Learner::new();
    mean.bias = Default::default();
    for seed in 1..=runs {
        mean.add(&run_once(items, slots, seed)?, 1.0 / runs as f32);
    }
    Ok(model::pack(&mean.weights, mean.bias, CALIBRATION))
}

fn run_once(items: &[Item], slots: &Slots, seed: u64) -> Result<Learner, String> {
    let began = Instant::now();
    let mut learner = Learner::new();
    let mut random = Random::new(seed);
    let mut loss = 0.0;
    for pass in 0..PASSES {
        let rate = 1.0 - 0.9 * pass as f32 / PASSES as f32;
        let lessons = lessons(items, slots, &mut random)?;
        let losses = lessons
            .iter()
            .map(|(text, attack)| learner.learn(text, *attack, pass < WHOLE, rate, &mut random));
        loss = losses.sum::<f32>() / lessons.len() as f32;
    }
    report(&format!(
        "run {seed}: loss {loss:.4} per text in the last pass, {:.1} s",
        began.elapsed().as_secs_f32()
    ));
    Ok(learner)
}

/// What is learned from in one pass, in random order: each line with its slots filled anew, some of them changed.
fn lessons(
    items: &[Item],
    slots: &Slots,
    random: &mut Random,
) -> Result<Vec<(String, bool)>, String> {
    let mut lessons = Vec::new();
    for item in items {
        let with_slots = item.line.contains('⟨');
        let fillings = if with_slots { FILLINGS[usize::from(item.attack)] } else { 1 };
        for _ in 0..fillings {
            lessons.push((corpus::fill(&item.line, slots, random)?, item.attack));
        }
    }
    let harmless: Vec<String> =
        lessons.iter().filter(|(_, attack)| !attack).map(|(text, _)| text.clone()).collect();
    for (text, attack) in &mut lessons {
        *text = augment::varied(text, *attack, &harmless, random);
    }
    random.shuffle(&mut lessons);
    Ok(lessons)
}

/// Prints how many of the lines that were kept apart are taken for attacks, at several thresholds.
fn measure(weights: &[u8], kept: &[Item], slots: &Slots) -> Result<(), String> {
    let classifier = Classifier::new(weights);
    let mut scratch = Scratch::default();
    let mut random = Random::new(99);
    let mut logits: [Vec<f32>; 2] = Default::default();
    for item in kept {
        let text = corpus::fill(&item.line, slots, &mut random)?;
        logits[usize::from(item.attack)].extend(classifier.highest(&text, &mut scratch));
    }
    for threshold in [-1.0, 0.0, 0.5, 1.0, 1.5, 2.0] {
        let share = |of: &[f32]| {
            100.0 * of.iter().filter(|l| **l > threshold).count() as f64 / of.len().max(1) as f64
        };
        report(&format!(
            "logit above {threshold:4.1}: {:5.1} % of {} attacks, {:5.1} % of {} harmless texts",
            share(&logits[1]),
            logits[1].len(),
            share(&logits[0]),
            logits[0].len()
        ));
    }
    Ok(())
}
