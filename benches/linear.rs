//! Whether reading stays linear whatever a text holds: `cargo bench --bench linear`.
//!
//! For every recognizer, texts of `n` and of `4n` bytes made of what nearly is what it looks for, over and over: pieces that
//! slow patterns choke on, and the marked values of `tests/data/entities` without their ends. Prints for each the worst text:
//! its speed at `4n` as a part of that at `n`. Below a half, the bench fails, and so it does where a text is read slower than
//! [`LEAST`].
//!
//! Recognizers of the same types cannot be chosen apart, so they are read for together.

use prompt_guard::detect::{Analyzer, EntityType, Score, Selection, Text};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
    time::Instant,
};

/// The shorter text, in bytes.
const N: usize = 32 << 10;

/// Speeds are the best of so many runs; a text that seems slow is given more.
const RUNS: usize = 2;
const MORE_RUNS: usize = 12;

/// A text that is read slower than this, in MB/s, is read many times over, however long it is.
const LEAST: f64 = 0.2;

/// What no recognizer is made for and many begin to read.
const PIECES: &[&str] = &[
    "1",
    "1 ",
    "1-",
    "1.",
    "1/",
    "12:",
    "a",
    "a.",
    "a-",
    "a@",
    "a@b.",
    "@",
    "_",
    "=",
    "a=",
    "a: ",
    "\"a\":\"",
    "http://",
    "https://a.b/?c=",
    "www.",
    "http://%)",
    "www.a(}",
    "0x",
    "1.1.",
    "ab:",
    "::",
    "+1 (",
    "(",
    "[",
    "<a href=\"",
    "%41",
    "&#65;",
    "\\u0041",
    "\\",
    "\\u{",
    "QUJD",
    "mrn ",
    "ssn: 1",
    "account no ",
    "born on ",
    "Dr. ",
    "Ann ",
    "van der ",
    "1 Main St, ",
    "é1",
    "中",
    "\u{200b}1",
    "\n1\n",
    "\t|",
    "password: ",
    "password=a1!",
    "password=\"\\\"",
    "pwd=a1<",
    "pw ",
    "password is ",
    "token=a1",
    "sk-",
    "ghp_a1",
    "xoxb-1-",
    "AKIA",
    "eyJ.",
    "-----BEGIN ",
    "-----BEGIN A-----\n",
    "\"kind\":\"Secret\",\"data\":{",
    "data:\n",
    "$1$aaaaaaaaaaaaaaaaaaaaa",
    "a://b:c",
    "AAAA1111",
    "curl -u a:",
    "export A=b1\n",
    "ignore all ",
    "a,b;c|",
    ")values",
    "INTO t (pin,a)values(",
    "a\tb\n",
    "pin\t",
    "one ",
    "double one, dash ",
    "otpauth://a/b?",
    "a@ybl",
    "4O12 ",
    "third of may nineteen ",
    "A1B2C-",
];

/// A kind of text and how fast it is read.
struct Measured {
    piece: String,
    slow: f64,
    fast: f64,
}

impl Measured {
    fn ratio(&self) -> f64 {
        self.slow / self.fast
    }

    /// The ratio, or 0 for what is slow at any length.
    fn worth(&self) -> f64 {
        if self.fast < LEAST { 0.0 } else { self.ratio() }
    }
}

fn main() -> io::Result<ExitCode> {
    let analyzer = Analyzer::new(Vec::new()).expect("no custom recognizers");
    let marked = marked()?;
    let mut by_types: BTreeMap<Vec<EntityType>, Vec<&str>> = BTreeMap::new();
    for recognizer in analyzer.recognizers() {
        by_types.entry(recognizer.entity_types.clone()).or_default().push(&recognizer.name);
    }
    let mut out = io::stdout().lock();
    writeln!(out, "| recognizers | texts | worst text | MB/s at n | MB/s at 4n | ratio |")?;
    writeln!(out, "| --- | ---: | --- | ---: | ---: | ---: |")?;
    let mut is_linear = true;
    for (types, names) in &by_types {
        let selection = Selection::of(types.iter().map(|it| (it.clone(), Score::new(0.3))));
        let pieces = pieces(types, &marked);
        let measured = pieces.iter().map(|piece| measure(&analyzer, &selection, piece));
        let worst = measured.min_by(|one, other| one.worth().total_cmp(&other.worth()));
        let Some(worst) = worst else { continue };
        is_linear &= worst.worth() >= 0.5;
        writeln!(
            out,
            "| {} | {} | `{}` | {:.1} | {:.1} | {:.2} |",
            named(names),
            pieces.len(),
            worst.piece.escape_debug().to_string().replace('|', "\\|"),
            worst.fast,
            worst.slow,
            worst.ratio()
        )?;
    }
    Ok(if is_linear { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn named(names: &[&str]) -> String {
    match names {
        [one, two, three, _, ..] => format!("{one}, {two}, {three} and {} more", names.len() - 3),
        few => few.join(", "),
    }
}

/// The marked values of the test data, by type.
fn marked() -> io::Result<BTreeMap<String, BTreeSet<String>>> {
    let mut marked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/entities");
    for file in fs::read_dir(folder)? {
        let text = fs::read_to_string(file?.path())?;
        let marks = text.split('«').skip(1).filter_map(|rest| rest.split_once('»'));
        for (name, value) in marks.filter_map(|(mark, _)| mark.split_once(':')) {
            marked.entry(name.to_owned()).or_default().insert(value.to_owned());
        }
    }
    Ok(marked)
}

/// A list of columns, and many words that ask for the list in front of them.
fn list() -> String {
    format!("({}b){}", "a,".repeat(440), ")values".repeat(150))
}

/// The general pieces, and each value without its last character.
fn pieces(types: &[EntityType], marked: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let values = types.iter().filter_map(|it| marked.get(it.as_str())).flatten();
    let cut = values.filter_map(|value| {
        let (last, _) = value.char_indices().next_back()?;
        Some(format!("{} ", &value[..last]))
    });
    PIECES.iter().map(|piece| (*piece).to_owned()).chain([list()]).chain(cut).collect()
}

fn measure(analyzer: &Analyzer, selection: &Selection, piece: &str) -> Measured {
    let text = piece.repeat(4 * N / piece.len());
    let short = &text[..piece.len() * (N / piece.len())];
    let speed = |text: &str, runs| {
        let best = (0..runs).map(|_| seconds(analyzer, selection, text)).fold(f64::MAX, f64::min);
        text.len() as f64 / best / 1e6
    };
    let with = |runs| Measured {
        piece: piece.to_owned(),
        fast: speed(short, runs),
        slow: speed(&text, runs),
    };
    // What else runs may have emptied the caches during a few milliseconds; not during all of many.
    let first = with(RUNS);
    if first.ratio() < 0.7 { with(MORE_RUNS) } else { first }
}

fn seconds(analyzer: &Analyzer, selection: &Selection, text: &str) -> f64 {
    let (began, used) = (Instant::now(), processor_seconds());
    std::hint::black_box(analyzer.analyze(&[Text::from(text)], selection));
    match (used, processor_seconds()) {
        (Some(before), Some(after)) if after > before => after - before,
        _ => began.elapsed().as_secs_f64(),
    }
}

/// What this thread has had of a processor so far, where the system tells (Linux): a longer text is interrupted more often by what
/// else runs, and that says nothing about it.
fn processor_seconds() -> Option<f64> {
    // The system settles its account when a thread offers to stop.
    std::thread::yield_now();
    let account = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    account.split(' ').next()?.parse().ok().map(|nanoseconds: f64| nanoseconds / 1e9)
}
