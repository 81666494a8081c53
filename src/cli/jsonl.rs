//! `scan --jsonl`: corpora through the recognizers, one record a line.

use super::{Failure, Io, Status, place::Places, report::rounded, scanner::Scanner};
use crate::engine::Scanned;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    io::{BufRead, Write},
};

/// One line of input. Other keys are left alone.
#[derive(Deserialize)]
struct Record<'l> {
    #[serde(borrow)]
    id: &'l RawValue,
    #[serde(borrow)]
    text: Cow<'l, str>,
}

pub(super) fn run(scanner: &Scanner, io: &mut Io<'_>) -> Result<Status, Failure> {
    let mut failed = false;
    let mut line = String::new();
    for number in 1_usize.. {
        line.clear();
        let read = io.input.read_line(&mut line);
        if read.map_err(|error| Failure::new(format!("line {number}: cannot read: {error}")))? == 0
        {
            break;
        }
        if line.trim().is_empty() {
            continue;
        }
        let record = parse(line.trim_end(), number)?;
        let scanned = scanner.scan(&record.text)?;
        failed |= scanner.fails(&scanned);
        write(io.out, &record, &scanned)?;
        // Who sends line by line and waits for each answer gets it at once; who sends a file does not pay for that.
        if memchr::memchr(b'\n', io.input.buffer()).is_none() {
            io.out.flush()?;
        }
    }
    Ok(if failed { Status::Refused } else { Status::Done })
}

/// The message of the parser tells the place and what it expected, and holds nothing of the line.
fn parse(line: &str, number: usize) -> Result<Record<'_>, Failure> {
    serde_json::from_str(line).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => "expected an object with `id` and a string `text`",
            serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof
            | serde_json::error::Category::Io => "not a JSON object on one line",
        };
        Failure::new(format!("line {number}, column {}: {what}", error.column()))
    })
}

fn write(out: &mut dyn Write, record: &Record<'_>, scanned: &Scanned) -> Result<(), Failure> {
    write!(out, r#"{{"id":{},"spans":["#, record.id)?;
    let mut places = Places::of(&record.text);
    for (i, judged) in scanned.findings.iter().enumerate() {
        let finding = &judged.finding;
        let comma = if i > 0 { "," } else { "" };
        let start = places.advance(finding.span.start()).offset;
        let end = places.advance(finding.span.end()).offset;
        let score = rounded(finding.score.get());
        // Names of types need no escapes.
        let entity_type = &finding.entity_type;
        write!(
            out,
            r#"{comma}{{"start":{start},"end":{end},"type":"{entity_type}","score":{score}}}"#
        )?;
    }
    Ok(writeln!(out, "]}}")?)
}
