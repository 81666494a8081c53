//! `redact`: text with stand-ins, and the mapping to get the originals back.

use super::{
    Failure, Io, Status,
    input::{InputArgs, Source, read_all},
    mapping::{continued, save},
    output::write_text,
    place::Places,
    report::{rounded, verdict},
    setup::{self, PolicyArgs},
};
use crate::{
    encoding::Encoding,
    engine::{RedactedText, Verdict},
    policy::Policy,
};
use serde::Serialize;
use std::{io, path::PathBuf};

/// Arguments of `redact`.
#[derive(Clone, Debug, clap::Args)]
pub struct RedactArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Keep the mapping here, for `restore`; an existing one is continued. It holds the originals in clear.
    #[arg(short, long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The file of the service's `keys.secret_file`, for `hash`, `encrypt` and `surrogate`; without it they differ from
    /// run to run.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Write redacted copies of files into this folder.
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Write JSON: one object for each input, with offsets in Unicode scalar values.
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

pub(super) fn run(args: &RedactArgs, io: &mut Io<'_>) -> Result<Status, Failure> {
    let keys = setup::keys(args.key_file.as_deref())?;
    let (engine, policy) = args.policy.engine(keys, &io.environment)?;
    let sources = args.input.sources()?;
    if sources.len() > 1 && !args.json && args.output.is_none() {
        return Err(Failure::new("several inputs: give --output FOLDER for copies, or --json"));
    }
    let mut mapping = args.mapping.as_deref().map(continued).transpose()?.unwrap_or_default();
    let texts = read_all(&sources, io)?;
    // Together, so that a value has one stand-in in all of them and a look-alike in the last is known before the first.
    let seen: Vec<&str> = texts.iter().map(|(_, text, _)| text.as_str()).collect();
    // Who runs this is the one tenant there is.
    engine.number(&policy, "", &mut mapping);
    let results = engine.redact(&policy, &seen, &mut mapping).map_err(Failure::of)?;
    if report_blocked(&texts, &results, &policy, io)? {
        return Ok(Status::Refused);
    }
    // First: redacted text without its mapping would be lost text.
    if let Some(path) = &args.mapping {
        save(path, &mapping)?;
    }
    for ((source, text, encoding), result) in texts.iter().zip(&results) {
        write(args, source, (text, *encoding), result, io)?;
    }
    Ok(Status::Done)
}

/// Names the inputs that the policy forbids; true when there are some.
fn report_blocked(
    texts: &[(Source, String, Encoding)],
    results: &[RedactedText],
    policy: &Policy,
    io: &mut Io<'_>,
) -> Result<bool, Failure> {
    let blocked = texts.iter().zip(results).filter(|(_, r)| r.scanned.verdict == Verdict::Block);
    let mut any = false;
    for ((source, ..), _) in blocked {
        any = true;
        writeln!(
            io.err,
            "{}: blocked by policy {}, nothing is written",
            source.label(),
            policy.name()
        )?;
    }
    Ok(any)
}

fn write(
    args: &RedactArgs,
    source: &Source,
    (text, encoding): (&str, Encoding),
    result: &RedactedText,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    if args.json {
        let json = serde_json::to_string(&Report::of(source, text, result));
        return Ok(writeln!(io.out, "{}", json.map_err(io::Error::from)?)?);
    }
    write_text(args.output.as_deref(), source, (result.text.expose(), encoding), io)
}

/// What is told of one input.
#[derive(Debug, Serialize)]
struct Report<'r> {
    input: String,
    text: &'r str,
    verdict: &'static str,
    findings: Vec<Found>,
}

#[derive(Debug, Serialize)]
struct Found {
    entity_type: String,
    start: usize,
    end: usize,
    redacted_start: usize,
    redacted_end: usize,
    score: f32,
    recognizer: String,
    operator: &'static str,
}

impl<'r> Report<'r> {
    fn of(source: &Source, text: &str, result: &'r RedactedText) -> Self {
        let redacted = result.text.expose();
        let (mut before, mut after) = (Places::of(text), Places::of(redacted));
        let found = result.scanned.findings.iter().map(|judged| {
            let finding = &judged.finding;
            let place = judged.redacted.unwrap_or(finding.span);
            Found {
                entity_type: finding.entity_type.to_string(),
                start: before.advance(finding.span.start()).offset,
                end: before.advance(finding.span.end()).offset,
                redacted_start: after.advance(place.start()).offset,
                redacted_end: after.advance(place.end()).offset,
                score: rounded(finding.score.get()),
                recognizer: finding.recognizer.to_string(),
                operator: judged.operator,
            }
        });
        let findings = found.collect();
        Self {
            input: source.label(),
            text: redacted,
            verdict: verdict(result.scanned.verdict),
            findings,
        }
    }
}
