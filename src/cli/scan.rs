//! `scan`: tells where private data is.

use super::{
    Failure, Io, Status,
    input::{InputArgs, Source},
    jsonl,
    place::Places,
    report::{rounded, verdict},
    scanner::Scanner,
    setup::{self, PolicyArgs, SelectionArgs},
};
use crate::{engine::Scanned, redact::Keys};
use serde::Serialize;

/// Arguments of `scan`.
#[derive(Clone, Debug, clap::Args)]
pub struct ScanArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Write JSON: one object for each input, with offsets in Unicode scalar values.
    #[arg(long)]
    json: bool,
    /// Read lines `{"id", "text"}` from standard input, write lines `{"id", "spans"}`.
    #[arg(long, conflicts_with_all = ["json", "show", "inputs", "text"])]
    jsonl: bool,
    /// Show the values that were found.
    #[arg(long)]
    show: bool,
    /// End with status 1 when one of these types is found; `all` for any.
    #[arg(long, value_name = "TYPE,…", value_delimiter = ',')]
    fail_on: Vec<String>,
}

pub(super) fn run(args: &ScanArgs, io: &mut Io<'_>) -> Result<Status, Failure> {
    // A scan replaces nothing, so no key is ever used.
    let (engine, policy) = args.policy.engine(Keys::derive(b""), &io.environment)?;
    let selection = args.selection.selection(&policy, args.policy.is_named())?;
    let fail_on = setup::expand(&args.fail_on, &policy)?;
    let scanner = Scanner { engine, policy, selection, fail_on };
    if args.jsonl { jsonl::run(&scanner, io) } else { scan_all(args, &scanner, io) }
}

fn scan_all(args: &ScanArgs, scanner: &Scanner, io: &mut Io<'_>) -> Result<Status, Failure> {
    let mut tally = Tally::default();
    for source in args.input.sources()? {
        let Some((text, _)) = source.read(&mut io.input)? else {
            tally.skipped += 1;
            continue;
        };
        let scanned = scanner.scan(&text)?;
        tally.add(&scanned, scanner.fails(&scanned));
        let report = Report::of(&source, &text, &scanned, args.show);
        if args.json { report.write_json(io)? } else { report.write_lines(io)? }
    }
    if !args.json {
        tally.write(io)?;
    }
    Ok(if tally.failed { Status::Refused } else { Status::Done })
}

#[derive(Default)]
struct Tally {
    findings: usize,
    texts: usize,
    skipped: usize,
    failed: bool,
}

impl Tally {
    fn add(&mut self, scanned: &Scanned, failed: bool) {
        self.findings += scanned.findings.len();
        self.texts += 1;
        self.failed |= failed;
    }

    fn write(&self, io: &mut Io<'_>) -> Result<(), Failure> {
        let Self { findings, texts, skipped, .. } = self;
        write!(io.err, "findings: {findings}, texts scanned: {texts}")?;
        if *skipped > 0 {
            write!(io.err, ", left out since they are no text: {skipped}")?;
        }
        Ok(writeln!(io.err)?)
    }
}

/// What is told of one input.
#[derive(Debug, Serialize)]
struct Report<'t> {
    input: String,
    verdict: &'static str,
    findings: Vec<Found<'t>>,
}

#[derive(Debug, Serialize)]
struct Found<'t> {
    entity_type: String,
    start: usize,
    end: usize,
    line: usize,
    column: usize,
    score: f32,
    recognizer: String,
    operator: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'t str>,
}

impl<'t> Report<'t> {
    fn of(source: &Source, text: &'t str, scanned: &Scanned, show: bool) -> Self {
        let mut places = Places::of(text);
        let found = scanned.findings.iter().map(|judged| {
            let span = judged.finding.span;
            let start = places.advance(span.start());
            Found {
                entity_type: judged.finding.entity_type.to_string(),
                start: start.offset,
                end: places.advance(span.end()).offset,
                line: start.line,
                column: start.column,
                score: rounded(judged.finding.score.get()),
                recognizer: judged.finding.recognizer.to_string(),
                operator: judged.operator,
                value: show.then(|| span.slice(text)),
            }
        });
        Self { input: source.label(), verdict: verdict(scanned.verdict), findings: found.collect() }
    }

    fn write_json(&self, io: &mut Io<'_>) -> Result<(), Failure> {
        let json = serde_json::to_string(self).map_err(std::io::Error::from)?;
        Ok(writeln!(io.out, "{json}")?)
    }

    fn write_lines(&self, io: &mut Io<'_>) -> Result<(), Failure> {
        for found in &self.findings {
            let Found { line, column, entity_type, score, .. } = found;
            write!(io.out, "{}:{line}:{column} {entity_type} {score:.2}", self.input)?;
            if let Some(value) = found.value {
                write!(io.out, " {}", value.escape_debug())?;
            }
            writeln!(io.out)?;
        }
        Ok(())
    }
}
