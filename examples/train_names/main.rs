//! Trains the tagger of names: `cargo run --release --example train_names`.
//!
//! Reads `training/names`, writes `src/detect/names/lexicon.bin` and `weights.bin`. The same input gives the same bytes.

mod augment;
mod corpus;
mod crf;
mod lexicons;
mod random;

use augment::{Casing, Pools};
use corpus::{Item, Mark};
use crf::{Learner, Lesson};
use lexicons::Sections;
use prompt_guard::detect::names::{
    Candidate, NameKind,
    analysis::Analysis,
    feature::{self, Features},
    lexicon::Lexicon,
    model,
    tagger::{Scratch, Tagger},
};
use random::Random;
use std::{fs, panic, path::Path, process::ExitCode, thread, time::Instant};

/// Runs that the weights are the mean of.
const RUNS: u64 = 8;
/// Passes over the text in one run.
const PASSES: usize = 10;
/// Share of the names that are replaced by others, in three of four passes.
const RENAMED: f64 = 0.6;
/// Share of the features that are left out at each step, so that no single one is relied on.
const LEFT_OUT: f64 = 0.35;
/// Share of the capitalised words that the lexicon is made not to know.
const FORGOTTEN: f64 = 0.2;

/// Slope and offset of the scores of people, places and organisations, so that they are probabilities on text of other
/// origin: there, the plain ones are too sure above and too shy below.
const CALIBRATION: [[f32; 2]; 3] = [[0.6, 0.85], [0.7, 1.0], [0.6, 0.8]];
/// What is added to the scores of all tags after training, first and further tokens of people, places and organisations: half
/// of the names in the text learned from are people, of those in other text a good third.
const SHIFT: [f32; model::TAGS - 1] = [0.2, 0.7, 1.0, 1.0, 0.6, 0.6];
/// One item in so many is kept apart to measure; the weights that are written have seen all.
const KEPT_APART: usize = 12;

fn main() -> ExitCode {
    match run(Path::new("training/names"), Path::new("src/detect/names")) {
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
    let items = corpus::read(from)?;
    let sections = lexicons::read(&from.join("lexicons"))?;
    let table = lexicons::pack(&sections);
    report(&format!("{} items, lexicon of {} KB", items.len(), table.len() / 1000));
    let (kept, learned): (Vec<_>, Vec<_>) =
        items.iter().cloned().enumerate().partition(|(i, _)| i % KEPT_APART == 5);
    let [kept, learned]: [Vec<Item>; 2] =
        [kept, learned].map(|part| part.into_iter().map(|(_, item)| item).collect());
    measure(&table, &train(&table, &sections, &learned), &kept);
    let weights = train(&table, &sections, &items);
    fs::write(to.join("lexicon.bin"), &table).map_err(|e| e.to_string())?;
    fs::write(to.join("weights.bin"), &weights).map_err(|e| e.to_string())
}

/// The packed weights learned from `items`: the mean of several runs, since one run's errors are partly chance.
fn train(table: &[u8], sections: &Sections, items: &[Item]) -> Vec<u8> {
    let pools = &Pools::new(sections, items);
    let mut mean = Learner::new();
    thread::scope(|scope| {
        let runs: Vec<_> = (1..=RUNS)
            .map(|seed| scope.spawn(move || run_once(table, pools, items.to_vec(), seed)))
            .collect();
        // Added up in the order of their seeds: the same bytes, whichever run ends first.
        for run in runs {
            let learned = run.join().unwrap_or_else(|cause| panic::resume_unwind(cause));
            mean.add(&learned, 1.0 / RUNS as f32);
        }
    });
    let always = &mut mean.weights[feature::always() as usize];
    always.iter_mut().zip(SHIFT).for_each(|(weight, shift)| *weight += shift);
    model::pack(&mean.weights, &mean.transitions, &CALIBRATION)
}

fn run_once(table: &[u8], pools: &Pools, mut items: Vec<Item>, seed: u64) -> Learner {
    let began = Instant::now();
    let mut trainer = Trainer::new(table);
    let mut random = Random::new(seed);
    let mut loss = 0.0;
    for pass in 0..PASSES {
        random.shuffle(&mut items);
        let rate = 1.0 - 0.9 * pass as f32 / PASSES as f32;
        let losses = items
            .iter()
            .map(|item| trainer.learn(&varied(item, pools, pass, &mut random), rate, &mut random));
        loss = losses.sum::<f32>() / items.len() as f32;
    }
    report(&format!(
        "run {seed}: loss {loss:.4} per item in the last pass, {:.1} s",
        began.elapsed().as_secs_f32()
    ));
    trainer.learner
}

/// The item itself or with other names, and now and then in other casing.
fn varied(item: &Item, pools: &Pools, pass: usize, random: &mut Random) -> Item {
    let item = if pass == 0 || random.chance(0.25) {
        item.clone()
    } else {
        augment::rename(item, pools, RENAMED, random)
    };
    let casing = match random.below(100) {
        0..12 => Casing::Lower,
        12..15 => Casing::Upper,
        15..18 => Casing::Title,
        _ => Casing::AsIs,
    };
    augment::recased(item, casing)
}

struct Trainer<'b> {
    lexicon: Lexicon<'b>,
    analysis: Analysis,
    features: Features,
    learner: Learner,
}

impl<'b> Trainer<'b> {
    fn new(table: &'b [u8]) -> Self {
        Self {
            lexicon: Lexicon::new(table),
            analysis: Analysis::default(),
            features: Features::default(),
            learner: Learner::new(),
        }
    }

    fn learn(&mut self, item: &Item, rate: f32, random: &mut Random) -> f32 {
        self.analysis.read(&item.text, &self.lexicon);
        let tags = tags(&self.analysis, &item.marks);
        self.forget_some(&tags, random);
        let windows = std::mem::take(&mut self.analysis.windows);
        let mut loss = 0.0;
        for window in &windows {
            self.features.prepare(&self.analysis, window);
            let mut lesson = Lesson { rows: Vec::new(), tags: tags[window.clone()].to_vec() };
            mend(&mut lesson.tags);
            for i in 0..window.len() {
                let rows = if self.analysis.may_be_named(window.start + i) {
                    let mut rows =
                        self.features.rows(&item.text, &self.analysis, window.start, i).to_vec();
                    rows.retain(|_| !random.chance(LEFT_OUT));
                    rows
                } else {
                    lesson.tags[i] = 0;
                    Vec::new()
                };
                lesson.rows.push(rows);
            }
            mend(&mut lesson.tags);
            loss += self.learner.learn(&lesson, rate);
        }
        self.analysis.windows = windows;
        loss
    }

    /// Some words are taken as unknown, since at run time many will be.
    fn forget_some(&mut self, tags: &[usize], random: &mut Random) {
        let words = self.analysis.tokens.iter().zip(tags).zip(&mut self.analysis.words);
        for ((token, tag), word) in words {
            if (token.is_capitalised() || *tag != 0) && random.chance(FORGOTTEN) {
                word.entry = Default::default();
            }
        }
    }
}

/// The tag of each token.
fn tags(analysis: &Analysis, marks: &[Mark]) -> Vec<usize> {
    let mut tags = vec![0; analysis.tokens.len()];
    for mark in marks.iter().filter(|m| m.kind != corpus::NO_NAME) {
        let mut first = true;
        for (token, tag) in analysis.tokens.iter().zip(&mut tags) {
            if token.start >= mark.start && token.end <= mark.end {
                *tag = mark.kind * 2 + if first { 1 } else { 2 };
                first = false;
            }
        }
    }
    tags
}

/// A name that was cut at its start begins where it goes on.
fn mend(tags: &mut [usize]) {
    let mut before = 0;
    for tag in tags {
        if *tag != 0 && *tag % 2 == 0 && before != *tag && before + 1 != *tag {
            *tag -= 1;
        }
        before = *tag;
    }
}

/// Prints precision and recall on what was kept apart.
fn measure(table: &[u8], weights: &[u8], kept: &[Item]) {
    let tagger = Tagger::new(Lexicon::new(table), weights);
    let mut scratch = Scratch::default();
    let mut counts = [[0_usize; 3]; 3];
    for item in kept {
        let mut found: Vec<Candidate> = Vec::new();
        tagger.find(&item.text, &mut scratch, &mut found);
        found.retain(|c| c.score >= 0.5);
        for (kind, [gold, said, right]) in counts.iter_mut().enumerate() {
            *gold += item.marks.iter().filter(|m| m.kind == kind).count();
            let of_kind: Vec<_> = found.iter().filter(|c| number(c.kind) == kind).collect();
            *said += of_kind.len();
            *right += of_kind
                .iter()
                .filter(|c| {
                    item.marks.iter().any(|m| (m.start, m.end, m.kind) == (c.start, c.end, kind))
                })
                .count();
        }
    }
    for (name, [gold, said, right]) in ["person", "place", "organisation"].iter().zip(counts) {
        let (p, r) = (right as f64 / said.max(1) as f64, right as f64 / gold.max(1) as f64);
        report(&format!(
            "{name:13} precision {:5.1} recall {:5.1} F1 {:5.1} of {gold}",
            100.0 * p,
            100.0 * r,
            200.0 * p * r / (p + r).max(1e-9)
        ));
    }
}

fn number(kind: NameKind) -> usize {
    match kind {
        NameKind::Person => 0,
        NameKind::Location => 1,
        NameKind::Organization => 2,
    }
}
